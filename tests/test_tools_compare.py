"""The table of a comparison and its verdict: what differs, what was asked, and a ground that the records give."""

from decimal import Decimal
from typing import Any

import pytest

from store.types import Money, Product, Size, Text
from tools import purposes
from tools.compare import compared
from tools.verdict import Wanted


def product(name: str, price: str, rating: float | None = 4.5, **more: Any) -> Product:
    count = more.pop("count", 20)
    told = more.pop("told", "")
    currency = more.pop("currency", "USD")
    quantity = more.pop("quantity", 5)
    return Product(
        id=name,
        title=Text(en=name, zh=name),
        description=Text(en=told, zh=more.pop("told_zh", "")),
        category=more.pop("category", "jacket"),
        price=Money(amount=Decimal(price), currency=currency),
        rating=rating,
        rating_count=count,
        sizes=[Size(size="M", quantity=quantity)],
        **more,
    )


A = product("Alder", "80.00", material="cotton", season=["spring"], occasion=["travel"])
B = product(
    "Birch", "95.00", material="nylon", season=["spring"], occasion=["work"], told="A waterproof shell."
)
C = product(
    "Cedar", "120.00", 4.9, material="cotton", season=["spring"], occasion=["work"], told="Not waterproof."
)


@pytest.mark.parametrize(
    ("lang", "why"), [("en", "only it is said to keep water out"), ("zh", "只有它写明防水")]
)
def test_for_the_rain_it_is_the_one_whose_record_says_so(lang: str, why: str) -> None:
    made = compared([A, B, C], Wanted(purposes=purposes.asked("which for the rain?")), lang)
    assert made.pick == "Birch" and "“Birch”" in made.verdict and why in made.verdict
    assert made.rows[0].asked and made.rows[0].best == [1]


def test_where_no_record_says_it_nothing_is_chosen() -> None:
    made = compared([A, C], Wanted(purposes=["rain"]), "en")
    assert made.pick is None and "can't choose by that" in made.verdict


def test_a_wish_that_several_meet_goes_on_by_price_and_reviews() -> None:
    made = compared([A, B, C], Wanted(values={"occasion": ["work"]}), "en")
    assert "Birch" in made.verdict and "Cedar" in made.verdict and "“Alder”" not in made.verdict


@pytest.mark.parametrize(
    ("records", "pick", "said"),
    [
        ([A, C], None, "“Alder” for the price, $80.00; “Cedar” for its reviews, 4.9 of 5 from 20 reviews."),
        ([A, B], "Alder", "costs the least, and it is rated no lower"),
        ([product("X", "80", 4.9), C], "X", "costs the least"),
        ([product("X", "80", 5.0), C, B], "X", "costs the least"),
        (
            [product("X", "80", 5.0), product("Y", "90", 4.2)],
            "X",
            "both the cheapest, at $80.00, and the best rated",
        ),
        (
            [product("X", "80", 5.0, count=1), product("Y", "90", 2.0)],
            "X",
            "On price, “X”",
        ),  # one review is none
        ([product("X", "80"), product("Y", "80", 3.0)], "X", "They cost the same; “X” is rated higher"),
        (
            [product("X", "80"), product("Y", "80"), product("Z", "99")],
            None,
            "“X” and “Y”: they cost the least, $80",
        ),
        (
            [product("X", "80"), product("Y", "80")],
            None,
            "no difference between them that the records know of",
        ),
        (
            [product("X", "80", pattern="plain"), product("Y", "80", pattern="striped")],
            None,
            "they differ in pattern",
        ),
        ([product("X", "80", currency="EUR"), product("Y", "90", None)], None, "no difference"),
    ],
)
def test_the_verdict_names_a_ground_that_is_true(records: list[Product], pick: str | None, said: str) -> None:
    made = compared(records, Wanted(), "en")
    assert made.pick == pick and said in made.verdict


def test_what_is_sold_out_is_not_advised_and_is_said() -> None:
    gone = product("Gone", "10.00", 5.0, quantity=0)
    made = compared([gone, A, B], Wanted(aspects=["price"]), "en")
    assert made.pick == "Alder" and made.verdict.startswith("Of those in stock: ")
    assert made.verdict.endswith("“Gone” is sold out right now.") or "Gone is sold out" in made.verdict
    alone = compared([gone, A], Wanted(), "zh")
    assert alone.pick == "Alder" and "只有它有货" in alone.verdict


def test_the_shoppers_size_decides_where_one_alone_has_it() -> None:
    without = product("Out", "10.00")
    without.sizes = [Size(size="M", quantity=0), Size(size="L", quantity=3)]
    both = [without, product("Has", "90.00")]
    made = compared(both, Wanted(sizes={"Out": "M", "Has": "M"}), "en")
    assert made.pick == "Has" and "your size, M" in made.verdict


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_rows_tell_what_differs_and_the_rest_goes_in_a_line(lang: str) -> None:
    made = compared([A, B], Wanted(aspects=["season"]), lang)
    keys = [row.key for row in made.rows]
    assert keys[0] == "season" and made.rows[0].asked  # asked, though it is alike
    assert {"price", "material", "occasion"} <= set(keys) and "rating" not in keys
    assert all(len(row.values) == 2 for row in made.rows)
    assert made.rows[keys.index("price")].best == [0]
    alike = compared([A, A.model_copy(update={"id": "A2"})], Wanted(), lang)
    assert alike.rows == [] and "$80.00" in alike.same and alike.pick is None


def test_a_price_row_of_two_currencies_speaks_for_none() -> None:
    made = compared(
        [product("X", "80", currency="EUR"), product("Y", "600", currency="CNY")], Wanted(["price"]), "en"
    )
    assert "different currencies" in made.verdict and made.rows[0].best == []


def test_words_of_a_record_count_but_for_those_denied() -> None:
    assert purposes.met("rain", product("X", "1", told_zh="面料防水，雨天也能穿。"))
    assert not purposes.met("rain", product("X", "1", told_zh="注意：不防水。"))
    assert not purposes.met("wash", product("X", "1", told="Do not machine wash."))
    assert purposes.met("wash", product("X", "1", told="Do not bleach. Machine wash at 30."))
    assert purposes.met("cold", product("X", "1", material="down"))
    assert not purposes.met("rain", product("X", "1", told_zh="麂皮绒面，出门前喷一次防水喷雾。"))
    assert not purposes.met("grip", product("X", "1", category="dress", told="A grip band inside."))
    assert purposes.met("grip", product("X", "1", category="boots", told="A sole that grips."))
    assert purposes.asked("light blue please") == []
