"""What is kept of a shopper: with consent only, counted, corrected, erased down to the bytes."""

import json
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_places import in_files
from pydantic import ValidationError

from store.errors import NoConsent, NotKept
from store.shoppers import (
    NOTES,
    VIEWED,
    BudgetNote,
    Profile,
    Scope,
    Shopper,
    Shoppers,
    SizeNote,
    Taste,
    Viewed,
)
from store.tables import Where
from store.types import Money, Product, Size, Text

DOTS = Taste(attribute="pattern", value="dotted", liked=False, words="I never wear dots")


@pytest.fixture
def shoppers(where: Where) -> Shoppers:
    return Shoppers(where)


@pytest.fixture
def anna(shoppers: Shoppers) -> Shopper:
    found = shoppers.of("anna-0123456789abcdef")
    found.allow()
    return found


def product(category: str, *sizes: str) -> Product:
    return Product(
        id="p",
        title=Text(en="P"),
        category=category,
        price=Money(amount=Decimal(10)),
        sizes=[Size(size=s, quantity=1) for s in sizes],
    )


@pytest.mark.parametrize("answer", [None, "refuse", "forget"])
def test_nothing_is_kept_without_consent(shoppers: Shoppers, answer: str | None) -> None:
    ben = shoppers.of("ben")
    if answer:
        ben.allow()
        getattr(ben, answer)()
    with pytest.raises(NoConsent):
        ben.keep([SizeNote(size="M")])
    assert ben.profile().empty
    assert ben.consent == ("no" if answer == "refuse" else "unasked")


def test_consent_and_notes_outlive_the_process(shoppers: Shoppers, anna: Shopper, where: Where) -> None:
    anna.keep([SizeNote(kind="tops", size="M", words="I wear M"), DOTS, Viewed(product="p1", how="asked")])
    shoppers.close()
    again = Shoppers(where).of("anna-0123456789abcdef").profile()
    assert again.consent == "yes"
    assert again.consent_at is not None
    assert [(s.kind, s.size, s.words) for s in again.sizes] == [("tops", "M", "I wear M")]
    assert [t.value for t in again.refused] == ["dotted"]
    assert [v.product for v in again.viewed] == ["p1"]


def test_the_last_word_counts_and_the_same_again_is_counted(where: Where) -> None:
    days = iter(datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 28))
    anna = Shoppers(where, clock=lambda: next(days)).of("anna")
    anna.allow()
    anna.keep([SizeNote(kind="tops", size="M")])
    anna.keep([SizeNote(kind="tops", size="L")])
    navy = Taste(attribute="color", value="navy", liked=True, stated=False)
    for _ in range(3):
        anna.keep([navy])
    found = anna.profile()
    assert [(s.size, s.times) for s in found.sizes] == [("L", 1)]
    assert [(t.value, t.times, t.holds) for t in found.liked] == [("navy", 3, True)]
    assert found.liked[0].at > found.sizes[0].at


def test_a_wish_of_one_search_does_not_unsay_what_was_stated(anna: Shopper) -> None:
    anna.keep([DOTS])
    anna.keep([Taste(attribute="pattern", value="dotted", liked=True, stated=False)])
    assert [t.value for t in anna.profile().refused] == ["dotted"]
    anna.keep([Taste(attribute="pattern", value="dotted", liked=True, words="I like dots now")])
    assert ([t.value for t in anna.profile().liked], anna.profile().refused) == (["dotted"], [])


@pytest.mark.parametrize(("liked", "times", "holds"), [(False, 1, False), (False, 2, True), (True, 2, False)])
def test_a_wish_becomes_a_habit(anna: Shopper, liked: bool, times: int, holds: bool) -> None:
    for _ in range(times):
        anna.keep([Taste(attribute="material", value="wool", liked=liked, stated=False)])
    tastes = anna.profile().liked if liked else anna.profile().refused
    assert tastes[0].holds is holds


def test_viewed_products_are_the_newest_and_few(anna: Shopper) -> None:
    anna.keep([Viewed(product=f"p{i}") for i in range(VIEWED + 5)])
    anna.keep([Viewed(product="p20", how="added"), Viewed(product="p20", how="shown")])
    viewed = anna.profile().viewed
    assert len(viewed) == VIEWED
    assert (viewed[0].product, viewed[0].how, viewed[0].times) == ("p20", "added", 3)
    assert viewed[1].product == f"p{VIEWED + 4}"


def test_a_profile_cannot_grow_without_bound(anna: Shopper) -> None:
    anna.keep([SizeNote(kind=f"kind {i}", size="M") for i in range(NOTES + 30)])
    assert len(anna.profile().sizes) == NOTES


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        (Scope(portion="sizes"), {"bag", "pattern=dotted", "color=navy", "", "p1"}),
        (Scope(portion="sizes", kind="tops"), {"bag", "shoes", "pattern=dotted", "color=navy", "", "p1"}),
        (Scope(portion="refused"), {"bag", "tops", "shoes", "color=navy", "", "p1"}),
        (
            Scope(portion="refused", attribute="pattern", value="striped"),
            {"tops", "shoes", "pattern=dotted", "color=navy", "bag", "", "p1"},
        ),
        (Scope(portion="liked", attribute="color"), {"bag", "tops", "shoes", "pattern=dotted", "", "p1"}),
        (Scope(portion="budget"), {"tops", "shoes", "pattern=dotted", "color=navy", "p1"}),
        (Scope(portion="viewed", product="p1"), {"bag", "tops", "shoes", "pattern=dotted", "color=navy", ""}),
        (
            Scope(portion="budget", kind="general"),
            {"tops", "shoes", "pattern=dotted", "color=navy", "bag", "p1"},
        ),
        (Scope(portion="budget", kind="bag"), {"tops", "shoes", "pattern=dotted", "color=navy", "", "p1"}),
        (Scope(), set()),
    ],
)
def test_forgetting_a_part(anna: Shopper, scope: Scope, left: set[str]) -> None:
    anna.keep(
        [
            SizeNote(kind="tops", size="M"),
            SizeNote(kind="shoes", size="42"),
            DOTS,
            Taste(attribute="color", value="navy", liked=True),
            BudgetNote(max=Decimal(80), currency="USD"),
            BudgetNote(category="bag", max=Decimal(90), currency="USD"),
            Viewed(product="p1"),
        ]
    )
    gone = anna.forget(scope)
    kept = anna.profile()
    names = {n.name for n in (*kept.sizes, *kept.liked, *kept.refused, *kept.budgets, *kept.viewed)}
    assert names == left
    assert gone == 7 - len(left)
    assert kept.consent == ("unasked" if scope == Scope() else "yes")


@in_files
def test_forgotten_leaves_no_byte_behind(anna: Shopper, shoppers: Shoppers, tmp_path: Path) -> None:
    marks = [f"needle-{i}" for i in range(60)]
    anna.keep([Taste(attribute="brand", value=mark, liked=True, words=f"I love {mark}") for mark in marks])
    shoppers.of("ben").allow()
    shoppers.of("ben").keep([SizeNote(size="XL")])
    files = [*tmp_path.iterdir()]
    assert any(b"needle-3" in f.read_bytes() for f in files)  # it is found while it is there
    assert anna.forget() == 60
    assert not any(b"needle" in f.read_bytes() for f in tmp_path.iterdir())
    with sqlite3.connect(tmp_path / "shoppers.sqlite") as db:
        assert db.execute("SELECT count(*) FROM shoppers").fetchone() == (1,)
    assert shoppers.of("ben").profile().sizes[0].size == "XL"


@in_files
def test_the_file_does_not_know_the_id(anna: Shopper, tmp_path: Path) -> None:
    anna.keep([DOTS])
    assert b"anna-0123456789abcdef" not in (tmp_path / "shoppers.sqlite").read_bytes()


def test_shoppers_do_not_meet(shoppers: Shoppers, anna: Shopper) -> None:
    anna.keep([DOTS])
    for other in ("anna", "anna-0123456789abcdee", "anna-0123456789abcdef ", "' OR 1=1 --", "%", "\ud800"):
        assert shoppers.of(other).profile() == Profile()
    assert shoppers.of("' OR 1=1 --").forget() == 0
    assert anna.profile().refused


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_an_id_has_bounds(shoppers: Shoppers, name: str) -> None:
    with pytest.raises(ValueError, match="200 characters"):
        shoppers.of(name)


@pytest.mark.parametrize("value", ["", "M" * 61, "M\x00", "M\n", "\u202eM", " M"])
def test_hostile_values_are_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        SizeNote(size=value)


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_words_are_kept_in_one_printable_line(words: str) -> None:
    kept = SizeNote(size="M", words=words).words
    assert len(kept) <= 160
    assert kept == " ".join(kept.split())
    assert all(c.isprintable() or c.isspace() for c in kept)


def test_many_conversations_at_once_lose_nothing(where: Where) -> None:
    Shoppers(where).of("anna").allow()

    def talk(nth: int) -> None:
        own = Shoppers(where)
        for i in range(5):
            own.of("anna").keep(
                [Viewed(product=f"p{nth}-{i}"), Taste(attribute="color", value="red", liked=True)]
            )
        own.close()

    threads = [threading.Thread(target=talk, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Shoppers(where).of("anna").profile()
    assert len(found.viewed) == 20
    assert found.liked[0].times == 20


@pytest.mark.parametrize(
    ("category", "sizes", "mine"),
    [
        ("shirt", ("S", "M", "L"), "M"),
        ("shirt", ("small", "medium"), "medium"),
        ("jeans", ("30", "31"), "31"),
        ("pants", ("S", "M"), "M"),
        ("sneakers", ("41", "42"), "42"),
        ("sneakers", ("S", "M"), None),
        ("tote", ("S", "M"), None),
        ("shirt", ("M",), None),
        ("coat", ("38", "40"), None),
    ],
)
def test_the_size_of_a_product(category: str, sizes: tuple[str, ...], mine: str | None) -> None:
    held = Profile(
        sizes=[
            SizeNote(size="M"),
            SizeNote(kind="jeans", size="31"),
            SizeNote(kind="shoes", size="42"),
        ]
    )
    assert held.size_of(product(category, *sizes)) == mine


def test_the_nearest_budget_counts() -> None:
    held = Profile(
        budgets=[
            BudgetNote(max=Decimal(100)),
            BudgetNote(category="shoes", max=Decimal(60)),
            BudgetNote(category="dress", max=Decimal(5), stated=False),
        ]
    )
    for categories, most in ([["boots"], 60], [["dress"], 100], [["boots", "shirt"], 100], [[], 100]):
        found = held.budget_for(categories)
        assert found is not None
        assert found.max == most


def test_a_profile_is_json(anna: Shopper) -> None:
    anna.keep([DOTS, BudgetNote(max=Decimal("79.9"), currency="USD")])
    told = json.loads(anna.profile().model_dump_json())
    assert told["budgets"][0]["max"] == "79.90"
    assert Profile.model_validate(told) == anna.profile()


def test_one_search_does_not_unsay_a_size(anna: Shopper) -> None:
    anna.keep([SizeNote(kind="tops", size="M")])
    anna.keep([SizeNote(kind="tops", size="L", stated=False)])
    assert [s.size for s in anna.profile().sizes] == ["M"]


def test_a_size_said_of_all_clothes_replaces_those_of_single_kinds(anna: Shopper) -> None:
    anna.keep([SizeNote(kind=k, size=s) for k, s in [("tops", "M"), ("jeans", "31"), ("shoes", "42")]])
    anna.keep([SizeNote(size="L")])
    assert {s.kind: s.size for s in anna.profile().sizes} == {"clothes": "L", "jeans": "31", "shoes": "42"}


@pytest.mark.parametrize(
    "scope",
    [
        {"kind": "shoes"},
        {"portion": "all", "value": "dotted"},
        {"attribute": "pattern"},
        {"product": "p1"},
        {"portion": "sizes", "value": "M"},
        {"portion": "liked", "kind": "shoes"},
        {"portion": "budget", "product": "p1"},
        {"portion": "viewed", "kind": "shoes"},
    ],
)
def test_what_narrows_nothing_is_refused(scope: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="cannot narrow"):
        Scope.model_validate(scope)


# -- a file that cannot be read, or not now


def raw(folder: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / "shoppers.sqlite")) as db, db:
        db.execute(sql, values)


def traces(folder: Path, word: bytes) -> list[str]:
    return [f.name for f in folder.iterdir() if f.is_file() and word in f.read_bytes()]


def test_a_file_that_is_none_gives_way_to_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "shoppers.sqlite").write_bytes(b"SQLite format 3\x00" + b"needle" * 400)
    anna = Shoppers(tmp_path).of("anna")
    anna.allow()
    anna.keep([SizeNote(size="M")])
    assert anna.profile().sizes[0].size == "M"
    assert traces(tmp_path, b"needle") == []


@pytest.mark.parametrize("opened", [False, True])
def test_what_can_be_read_of_a_damaged_file_is_taken_over_and_can_be_erased(
    tmp_path: Path, opened: bool
) -> None:
    shoppers = Shoppers(tmp_path)
    for name in ("anna", "ben"):
        shoppers.of(name).allow()
        brands = [
            Taste(attribute="brand", value=f"needle-{i}", liked=True, words="x" * 150) for i in range(90)
        ]
        shoppers.of(name).keep(brands)
    path = tmp_path / "shoppers.sqlite"
    (tmp_path / "shoppers.sqlite.damaged").write_bytes(b"needle of an older one")
    if not opened:
        shoppers.close()
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size // 2)
    again = shoppers if opened else Shoppers(tmp_path)
    assert again.of("anna").consent == "yes"
    assert again.of("anna").profile().liked
    again.of("anna").forget()
    again.of("ben").forget()
    assert traces(tmp_path, b"needle") == []
    assert not list(tmp_path.glob("*.damaged*"))


@in_files
@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("note", '{"kind": "tops", "size": "M", "fit": "slim"}'),
        ("note", "no json"),
        ("note", b"\xff\xfe"),
        ("kind", "shoe laces"),
    ],
)
def test_a_note_that_cannot_be_read_is_passed_over_and_erased(
    anna: Shopper, tmp_path: Path, column: str, value: object
) -> None:
    anna.keep([SizeNote(kind="tops", size="M"), DOTS])
    raw(tmp_path, f"UPDATE notes SET {column} = ? WHERE kind = 'size'", value)
    assert (anna.profile().sizes, len(anna.profile().refused)) == ([], 1)
    anna.keep([SizeNote(size="L"), Viewed(product="p1")])
    assert anna.forget(Scope(portion="viewed")) >= 1
    assert anna.profile().refused
    anna.forget()
    assert anna.profile() == Profile()
    with closing(sqlite3.connect(tmp_path / "shoppers.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM notes").fetchone() == (0,)


@in_files
def test_an_answer_that_cannot_be_read_is_none(anna: Shopper, tmp_path: Path) -> None:
    anna.keep([DOTS])
    raw(tmp_path, "UPDATE shoppers SET consent = 'perhaps'")
    assert anna.consent == "unasked"


@in_files
def test_a_locked_file_is_told_and_read_again(
    anna: Shopper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.keep([DOTS])
    monkeypatch.setattr("store.shoppers.WAIT_S", 0.05)
    other = sqlite3.connect(tmp_path / "shoppers.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    late = Shoppers(tmp_path).of("anna-0123456789abcdef")
    with pytest.raises(NotKept):
        late.keep([SizeNote(size="M")])
    other.execute("DELETE FROM notes")
    other.execute("COMMIT")
    other.close()
    assert (late.consent, late.profile().empty) == ("yes", True)
