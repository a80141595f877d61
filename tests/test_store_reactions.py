"""What was done in a conversation: counted, taken back, forgotten, nobody else's; damaged rows are passed over."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from postgres_places import in_files

from store import reactions as module
from store.reactions import Reaction, Reactions, as_note, of_note, packed, unpacked
from store.shoppers import Reacted, Scope, SeenPhoto, Taste, Viewed
from store.tables import Where

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PHOTO = SeenPhoto(photo="0123456789abcdef", image=packed([0.5, -0.25]), made_by="eyes", category="dress")


@pytest.fixture
def kept(where: Where) -> Reactions:
    return Reactions(where, clock=lambda: NOW)


def done(kept: Reactions, session: str = "s", who: str = "") -> list[tuple[str, str, int]]:
    return [(one.action, one.name, one.times) for one in kept.of(session, who)]


def test_the_same_again_is_counted_and_is_the_newest(kept: Reactions) -> None:
    kept.add("s", [Reaction(action="viewed", product="a"), Reaction(action="liked", product="b")])
    kept.add("s", [Reaction(action="viewed", product="a")])
    assert done(kept) == [("liked", "b", 1), ("viewed", "a", 2)]
    assert kept.of("s")[1].at == NOW


def test_when_it_was_done_is_kept_also_of_this_very_second(where: Where) -> None:
    Reactions(where).add("s", [Reaction(action="liked", product="a")])
    (raw,) = Reactions(where)._file.read("SELECT reaction FROM reactions")[0]
    assert '"at"' in raw


@pytest.mark.parametrize(
    ("first", "then"), [("liked", "disliked"), ("disliked", "liked"), ("picked", "passed")]
)
def test_the_opposite_takes_its_place(kept: Reactions, first: str, then: str) -> None:
    for action in (first, then):
        kept.add("s", [Reaction.model_validate({"action": action, "product": "a"})])
    assert done(kept) == [(then, "a", 1)]


def test_of_one_shopper_in_one_conversation_alone(kept: Reactions) -> None:
    kept.add("s", [Reaction(action="liked", product="a")], "anna")
    kept.add("s", [Reaction(action="disliked", product="a")], "ben")
    kept.add("t", [Reaction(action="liked", product="b")], "anna")
    assert done(kept, "s", "anna") == [("liked", "a", 1)]
    assert done(kept, "s", "ben") == [("disliked", "a", 1)]
    assert done(kept) == []


def test_it_is_there_after_a_restart_and_gone_when_cleared(kept: Reactions, where: Where) -> None:
    kept.add("s", [Reaction(action="photo", photo=PHOTO)])
    kept.close()
    again = Reactions(where)
    assert again.of("s")[0].photo == PHOTO
    again.clear("s")
    assert again.of("s") == []


def test_forgetting_reaches_every_conversation_of_the_shopper(kept: Reactions) -> None:
    for session in ("s", "t"):
        kept.add(session, [Reaction(action="liked", product="a"), Reaction(action="viewed", product="b"),
                           Reaction(action="shown", product="c")], "anna")  # fmt: skip
    kept.add("s", [Reaction(action="liked", product="a")], "ben")
    assert kept.forget(Scope(portion="liked"), "anna") == 2
    assert done(kept, "t", "anna") == [("viewed", "b", 1), ("shown", "c", 1)]
    assert kept.forget(Scope(), "anna") == 4
    assert done(kept, "s", "ben") == [("liked", "a", 1)]


def test_somebody_unknown_is_forgotten_in_their_conversation_only(kept: Reactions) -> None:
    kept.add("s", [Reaction(action="liked", product="a")])
    kept.add("t", [Reaction(action="liked", product="a")])
    assert kept.forget(Scope(), "", "s") == 1
    assert done(kept, "t") == [("liked", "a", 1)]
    with pytest.raises(ValueError, match="whom"):
        kept.forget(Scope(), "")


def test_one_product_of_what_was_liked(kept: Reactions) -> None:
    kept.add("s", [Reaction(action="liked", product=i) for i in "ab"], "anna")
    assert kept.forget(Scope(portion="liked", product="a"), "anna") == 1
    assert done(kept, "s", "anna") == [("liked", "b", 1)]


def test_the_newest_are_kept(kept: Reactions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    kept.add("s", [Reaction(action="shown", product=str(i)) for i in range(9)])
    assert [name for _, name, _ in done(kept)] == ["6", "7", "8"]


@in_files
def test_what_cannot_be_read_is_passed_over_and_erased_with_the_rest(kept: Reactions, tmp_path: Path) -> None:
    kept.add("s", [Reaction(action="liked", product="a")], "anna")
    with sqlite3.connect(tmp_path / "reactions.sqlite") as db:
        db.execute(
            "INSERT INTO reactions (session, who, action, name, reaction) VALUES ('s', 'anna', 'x', 'y', '{')"
        )
    assert done(kept, "s", "anna") == [("liked", "a", 1)]
    assert kept.forget(Scope(portion="viewed"), "anna") == 1


@in_files
def test_what_is_erased_leaves_no_byte(kept: Reactions, tmp_path: Path) -> None:
    kept.add("s", [Reaction(action="liked", product="a-very-private-slip")], "anna")
    kept.forget(Scope(), "anna")
    kept.close()
    assert not [p for p in tmp_path.iterdir() if p.is_file() and b"a-very-private-slip" in p.read_bytes()]


@pytest.mark.parametrize(
    "note",
    [
        Viewed(product="a", how="bought", at=NOW, times=2, stated=False),
        Reacted(product="a", liked=True, at=NOW),
        Reacted(product="a", liked=True, stated=False, at=NOW),
        Reacted(product="a", liked=False, at=NOW),
        Taste(attribute="pattern", value="dotted", liked=False, at=NOW),
        PHOTO.model_copy(update={"at": NOW}),
    ],
)
def test_a_note_becomes_what_was_done_and_a_note_again(note: object) -> None:
    one = of_note(note)  # type: ignore[arg-type]
    assert one is not None
    assert as_note(one) == note


def test_a_search_wished_once_is_no_refusal_that_was_said() -> None:
    once = Taste(attribute="color", value="red", liked=False, stated=False, at=NOW - timedelta(days=1))
    often = once.model_copy(update={"times": 2})
    assert [of_note(n).stated for n in (once, often)] == [False, True]  # type: ignore[union-attr]


@given(st.lists(st.floats(-1, 1, width=16), min_size=1, max_size=40))
def test_vectors_survive_the_packing(numbers: list[float]) -> None:
    assert unpacked(packed(numbers)) == pytest.approx(np.array(numbers, np.float32), abs=1e-3)


@given(st.text(max_size=60))
def test_no_text_is_taken_for_a_vector_by_force(text: str) -> None:
    assert unpacked(text).ndim == 1
