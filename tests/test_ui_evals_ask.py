"""The questions made from labels, and how their answers are counted."""

import random
from typing import Any

import pytest

from prompts import load
from ui.evals.ask import Answered, figures
from ui.evals.labels import Label
from ui.evals.questions import ASKED, NEGATIVES, Corpus, Question, questions, true_of, worded


def label(file: str, category: str, *colors: str, **values: str) -> Label:
    return Label.model_validate({"file": file, "class": category, "colors": list(colors), **values})


# Three striped T-shirts, a floral dress and two plain ones, hats of one colour.
LABELS = [
    label("1", "t-shirt", "navy", "white", pattern="striped", sleeve="short"),
    label("2", "t-shirt", "navy", "white", pattern="striped", sleeve="short"),
    label("3", "t-shirt", "red", pattern="striped", sleeve="short"),
    label("4", "dress", "yellow", pattern="floral", sleeve="sleeveless"),
    label("5", "dress", "black", pattern="plain", sleeve="sleeveless"),
    label("6", "dress", "black", pattern="plain", sleeve="long"),
    label("7", "hat", "black", pattern="plain", sleeve="na"),
]
CORPUS = Corpus(LABELS)


def asked(of: Label, seed: int = 0) -> list[Question]:
    return list(questions(of, CORPUS, seed, ("zh", "en")))


def test_the_same_seed_gives_the_same_questions() -> None:
    assert asked(LABELS[0]) == asked(LABELS[0])
    assert any(asked(one, 0) != asked(one, 1) for one in LABELS)


@pytest.mark.parametrize("kind", NEGATIVES)
def test_yes_and_no_are_balanced_for_each_kind_of_negative(kind: str) -> None:
    every = [q for one in LABELS for q in asked(one) if kind in q.against]
    assert sum(q.truth is True for q in every) == sum(q.truth is False for q in every) > 10


def test_what_is_asked_to_be_denied_is_never_true() -> None:
    rng = random.Random(0)
    for one in LABELS:
        for attribute in ASKED:
            for value in CORPUS.negatives(one, attribute, rng).values():
                assert value not in true_of(one, attribute)


def test_popular_and_adversarial_negatives() -> None:
    sleeveless = CORPUS.negatives(LABELS[3], "pattern", random.Random(0))
    assert sleeveless["popular"] == "striped"  # three, as plain ones; the later of equals
    # floral dress, sleeveless, yellow: plain goes with 2 of 3 dresses and 1 of 2 sleeveless ones, striped with none
    assert sleeveless["adversarial"] == "plain"


def test_a_neighbouring_colour_and_a_parent_are_not_denied() -> None:
    assert {"navy", "blue", "black", "white", "grey"} <= true_of(LABELS[0], "color")
    assert {"boots", "shoes"} <= true_of(label("8", "boots"), "category")
    assert "sneakers" in true_of(label("8", "shoes"), "category")


def test_where_there_is_nothing_wrong_to_name_no_yes_no_question_is_asked() -> None:
    alone = LABELS[6]
    kinds = {(q.kind, q.about) for q in questions(alone, Corpus([alone]), 0, ("en",))}
    assert ("what", "color") in kinds and not [k for k in kinds if k[0] == "is"]


def test_who_made_it_is_not_asked_where_it_may_be_printed() -> None:
    printed = label("9", "hat", text="reebok")
    for seed in range(30):
        assert "maker" not in {q.about for q in asked(printed, seed)}


def test_every_value_and_every_template_can_be_asked() -> None:
    from prompts import taxonomy

    for attribute in ASKED:
        for lang in ("zh", "en"):
            for value in taxonomy.values(attribute):
                text = worded(attribute, value, lang, random.Random(value))
                assert "{" not in text and text.strip()
            assert len(set(load("evaluation")["what"][attribute][lang])) >= 3
            assert len(set(load("evaluation")["is"][attribute][lang])) >= 3


def answered(kind: str, about: str, truth: Any, value: Any, confidence: float = 0.9, **more: Any) -> Answered:
    question = Question(more.pop("lang", "en"), kind, about, "?", truth, more.pop("against", ()))  # type: ignore[arg-type]
    source = "unknown" if value is None else "image"
    return Answered("p", question, value, more.pop("source", source), confidence, "…")


def test_answers_are_judged() -> None:
    assert answered("what", "category", ("shoes",), "boots").right
    assert not answered("what", "category", ("boots",), "shoes").right
    assert answered("what", "color", ("navy", "white"), ["white", "red"]).right
    near = answered("what", "color", ("navy",), ["blue"])
    assert near.nearly_right and not near.right
    assert not answered("what", "pattern", ("plain",), None).right
    assert not answered("what", "pattern", ("plain",), True).right
    assert answered("is", "pattern", False, False).right and not answered("is", "pattern", False, None).right
    assert not answered("is", "pattern", True, "plain").right  # neither yes nor no


def test_figures() -> None:
    every = [
        answered("what", "category", ("dress",), "dress"),
        answered("what", "pattern", ("plain",), None),
        answered("is", "pattern", True, True, against=NEGATIVES, lang="zh"),
        answered("is", "pattern", False, True, against=("random",), lang="zh"),
        answered("is", "pattern", False, None, against=("popular", "adversarial"), lang="zh"),
        answered("unanswerable", "weight", None, None),
        answered("unanswerable", "age", None, "old", 0.3),
        answered("unanswerable", "age", None, "old", 0.9),
    ]
    found = figures(every)
    answerable = found["answerable"]  # the popular negative is counted in POPE alone
    assert (answerable["right"]["value"], answerable["right"]["n"]) == (0.5, 4)
    assert answerable["unknown"]["value"] == 0.25
    assert answerable["right_when_answered"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert answerable["by_language"]["zh"]["right"]["n"] == 2
    assert answerable["by_attribute"]["category"]["right"]["value"] == 1.0
    unanswerable = found["unanswerable"]
    assert (unanswerable["answered"]["value"], unanswerable["confident"]["value"]) == (0.6667, 0.3333)
    assert unanswerable["by_topic"]["weight"]["answered"]["value"] == 0.0
    assert found["pope"]["random"]["accuracy"] == 0.5 and found["pope"]["random"]["yes_ratio"] == 1.0
    assert found["pope"]["popular"]["accuracy"] == 1.0 and found["pope"]["popular"]["unknown"]["value"] == 0.5
    assert found["pope"]["popular"]["category"]["n"] == 0 and found["pope"]["popular"]["attributes"]["n"] == 2
