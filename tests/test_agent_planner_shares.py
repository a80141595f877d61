"""Whose a size or a number is, where one message points at several things; and what only puts the cart right."""

import pytest

from agent.planner import numbers
from agent.planner.counts import candidates, refused
from agent.planner.lexicon import Lexicon
from agent.planner.references import find
from agent.planner.shares import shared_out
from agent.planner.understand import read


@pytest.mark.parametrize(
    ("text", "sizes", "counts"),
    [
        ("M for the first and S for the third", [["M"], ["S"]], None),
        ("add the first one in M and the third one in S", [["M"], ["S"]], None),
        ("two of the first and one of the third in L please", None, [2, 1]),
        ("add the first one twice and the third once, all in L", None, [2, 1]),
        ("add the first one in M and two of the third one in L", [["M"], ["L"]], [1, 2]),
        ("第一件M码，第三件S码", [["M"], ["S"]], None),
        ("第一件要两件，L码，第三件也来一件L码", [["L"], ["L"]], [2, 1]),
        ("the first and the third in L", None, None),
        ("第一件和第三件各两件", None, None),
        ("add the first one in M", None, None),
    ],
)
def test_each_thing_has_its_own(text: str, sizes: list[list[str]] | None, counts: list[int] | None) -> None:
    tagged = read(text, Lexicon())
    shares = [own for _, own in sorted(shared_out(tagged, find(tagged), None).items())]
    assert ([own["size"] for own in shares if "size" in own] or None) == sizes
    assert ([own["quantity"] for own in shares if "quantity" in own] or None) == counts


@pytest.mark.parametrize(
    ("text", "not_wanted"),
    [("sorry, L, not M", {"M"}), ("是L码不是M码", {"M"}), ("in L instead of M", {"M"}), ("M or L?", set())],
)
def test_a_size_can_be_named_as_the_wrong_one(text: str, not_wanted: set[str]) -> None:
    tagged = read(text, Lexicon())
    assert {c.size for c in candidates(tagged) if refused(tagged, c)} == not_wanted


@pytest.mark.parametrize(
    ("text", "own", "other"),
    [
        ("under 500 rmb", "USD", "CNY"),
        ("500元人民币以内", "USD", "CNY"),
        ("under 50 dollars", "USD", ""),
        ("under 50 dollars", "CNY", "USD"),
        ("500块以内", "USD", ""),  # of whatever money the shop takes
        ("¥5000 or less", "JPY", ""),
        ("$50", "AUD", ""),
    ],
)
def test_another_money_is_told_from_the_shop_s(text: str, own: str, other: str) -> None:
    assert numbers.other_currency(text, own) == other


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("between forty and fifty", "between 40 and 50"),
        ("a hundred and fifty", "150"),
        ("twenty-five", "25"),
        ("四五十块", "40-50块"),
    ],
)
def test_numbers_in_words_are_told_apart(text: str, said: str) -> None:
    assert numbers.digits(text) == said
