"""What goes together, and why."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import taxonomy
from store.types import Money, Product, Text
from tools import outfits
from tools.outfits import Piece, pair

WHITE_SHIRT = Piece("shirt", ("white",), "plain")


def product(number: int, category: str, color: str, price: str, pattern: str = "plain") -> Product:
    return Product(
        id=f"P{number}",
        title=Text(en=f"{color} {category}"),
        category=category,
        colors=[color],
        pattern=pattern,
        price=Money(amount=price),  # type: ignore[arg-type]
    )


pieces = st.builds(
    Piece,
    category=st.sampled_from(taxonomy.values("category")),
    colors=st.lists(st.sampled_from(taxonomy.values("color")), max_size=2).map(tuple),
    pattern=st.sampled_from([None, *taxonomy.values("pattern")]),
    season=st.frozensets(st.sampled_from(taxonomy.values("season"))),
    occasion=st.frozensets(st.sampled_from(taxonomy.values("occasion"))),
)


@given(pieces, pieces)
def test_a_pair_scores_between_0_and_1_whichever_comes_first(a: Piece, b: Piece) -> None:
    assert 0 <= pair(a, b).score <= 1
    assert pair(a, b).score == pytest.approx(pair(b, a).score)


@given(pieces, pieces, st.sampled_from(["zh", "en"]))
def test_every_reason_can_be_said(a: Piece, b: Piece, lang: str) -> None:
    assert "{" not in pair(a, b).reason(lang)


def test_a_neutral_goes_with_a_colour_better_than_two_colours_that_clash() -> None:
    red = Piece("skirt", ("red",), "plain")
    assert (
        pair(WHITE_SHIRT, red).score
        > pair(Piece("shirt", ("green",), "plain"), Piece("skirt", ("pink",), "plain")).score
    )


def test_two_patterns_fight() -> None:
    striped, checked = Piece("shirt", ("white",), "striped"), Piece("skirt", ("red",), "checked")
    assert pair(striped, checked).score < pair(striped, dataclasses.replace(checked, pattern="plain")).score


def test_a_reason_names_what_it_is_about() -> None:
    reason = pair(WHITE_SHIRT, Piece("skirt", ("red",), "plain")).reason("en")
    assert "white" in reason.lower()
    assert "red" in reason


def test_a_look_fills_every_slot_within_the_budget_and_takes_nothing_twice() -> None:
    anchor = Piece.of(product(0, "shirt", "white", "20"))
    candidates = {
        "bottom": [product(1, "jeans", "blue", "60"), product(2, "pants", "black", "30")],
        "shoes": [product(3, "sneakers", "white", "50"), product(4, "loafers", "brown", "40")],
    }
    look = outfits.build(anchor, candidates, ["bottom", "shoes"], budget=75, taken=set())
    assert look is not None
    assert {p.id for p in look.items.values()} == {"P2", "P4"}
    assert outfits.build(anchor, candidates, ["bottom", "shoes"], budget=75, taken={"P4"}) is None
    assert outfits.build(anchor, {"bottom": []}, ["bottom"], budget=None, taken=set()) is None


@pytest.mark.parametrize(
    ("category", "slot"), [("polo", "top"), ("boots", "shoes"), ("swimwear", None), ("sofa", None)]
)
def test_slots_follow_the_category_tree(category: str, slot: str | None) -> None:
    assert Piece(category, (), None).slot == slot
