"""What was learned from labelled utterances, measured on others that nothing was trained on, and its limits."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pytest

from agent.planner.counts import candidates
from agent.planner.ears import ANSWER, ASKS, COUNTS, INTENTS, ROLES, Ears, Message
from agent.planner.meaning import Meaning
from agent.planner.references import find
from agent.planner.state import State
from agent.planner.understand import read, understand
from perception.encoder import TextEncoder
from prompts import language
from training.utterances import HELD, TRAINED, context, lexicon, load


@cache
def ears() -> Ears:
    return Ears(TextEncoder().encode, TextEncoder().pieces)


def heard(row: dict[str, Any], by: Ears | None) -> Meaning:
    state, photos = context(row["context"])
    return understand(row["text"], photos, state, lexicon(), language=language.detect(row["text"]), ears=by)


def ids(meaning: Meaning) -> set[str]:
    return {i for r in meaning.references for i in r.ids}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_held_out_utterances_are_heard_better_than_by_the_rules_alone(lang: str) -> None:
    # no wording of failures here on purpose: nobody should tune on them
    rows = [r for r in load(HELD) if r["lang"] == lang and r["intent"] in INTENTS][::3]
    pointing = [r for r in rows if r.get("refs")]

    def right(by: Ears | None) -> tuple[float, float]:
        told = [heard(r, by) for r in rows]
        intents = [m.to_json()["intent"] == r["intent"] for m, r in zip(told, rows, strict=True)]
        meant = [ids(m) == set(r["refs"]) for m, r in zip(told, rows, strict=True) if r.get("refs")]
        assert len(meant) == len(pointing) > 50
        return float(np.mean(intents)), float(np.mean(meant))

    ruled, learned = right(None), right(ears())
    assert learned[0] > max(0.8, ruled[0] + 0.25)
    assert learned[1] > max(0.72, ruled[1] + 0.2)


def test_no_held_out_utterance_was_trained_on() -> None:
    trained = {"".join(r["text"].casefold().split()) for r in load(TRAINED)}
    assert len(trained) > 5000
    assert not [r["text"] for r in load(HELD) if "".join(r["text"].casefold().split()) in trained]


@pytest.mark.parametrize(
    "text", ["", "?", "红色", "add the first one", "a" * 3000, "\u202e\x00", "<COLOR> <REF>"]
)
def test_chances_are_chances_whatever_is_said(text: str) -> None:
    tagged = read(text, lexicon())
    message = Message(tagged, find(tagged), [], State(), [])
    heard = ears().hear(message)
    assert tuple(heard.intents) == INTENTS and sum(heard.intents.values()) == pytest.approx(1, abs=1e-4)
    assert heard.intents[ANSWER] == 0  # nothing was asked
    assert tuple(heard.asks) == ASKS and all(0 <= p <= 1 for p in (*heard.asks.values(), heard.several))
    for one in candidates(tagged):
        counts = ears().count(message, one, "find")
        assert tuple(counts) == COUNTS and sum(counts.values()) == pytest.approx(1, abs=1e-4)
    for tag in tagged.tags:
        roles = ears().role(message, tag, "find", False)
        assert tuple(roles) == ROLES and sum(roles.values()) == pytest.approx(1, abs=1e-4)
    assert ears().meant(message, [], "compare") == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("don't add the first one", "list"),
        ("I'm not going to buy it yet", "focus"),
        ("别把第一条加到购物车", "list"),
        ("先不要加购", "focus"),
        ("is it worth buying?", "focus"),
        ("这件值得买吗", "focus"),
        ("how do I add things to the cart?", "list"),
    ],
)
def test_what_is_not_asked_for_changes_no_cart(text: str, where: str) -> None:
    assert heard({"text": text, "context": where}, ears()).intent not in (
        "cart_add",
        "cart_remove",
        "cart_change",
    )


@pytest.mark.parametrize(
    ("text", "where", "meant"),
    [
        ("the white one looks nice, what is it made of?", "mixed", ["P3"]),
        ("那双棕色的靴子还有货吗", "mixed", ["P4"]),
    ],
)
def test_products_meant(text: str, where: str, meant: Sequence[str]) -> None:
    assert ids(heard({"text": text, "context": where}, ears())) == set(meant)


def test_a_wish_is_told_from_what_only_points() -> None:
    meaning = heard({"text": "is the red one available in blue?", "context": "list"}, ears())
    assert "red" not in meaning.said.get("color", [])
