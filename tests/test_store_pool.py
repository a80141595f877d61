"""A pool of products: what is demanded holds of all, what is wished comes first, and every colour is there."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prompts import taxonomy
from store.conditions import held
from store.pool import Demand
from store.shop import Shop
from store.types import Filters, Money, PriceRange, Product, Size, Text
from tests.fakes import FakeEmbedder

COLOURS = ("white", "black", "red", "navy", "green")
KINDS = ("t-shirt", "shirt", "sweater", "jeans", "skirt")


def _product(number: int) -> Product:
    return Product(
        id=f"P{number:03}",
        title=Text(en=f"thing {number}"),
        category=KINDS[number % 5],
        colors=[COLOURS[number % 7 % 5]],
        gender=("women", "men", "unisex", None)[number % 4],
        season=[["summer"], ["winter"], ["spring", "summer"], []][number // 2 % 4],
        price=Money(amount=Decimal(10 + number % 37)),
        sizes=[Size(size="M", quantity=number % 3)],
    )


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop.open(Path(tmp_path_factory.mktemp("pool")), FakeEmbedder())
    made.upsert([_product(n) for n in range(160)])
    return made


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["tops", "bottoms", "shirt"]),
    st.sampled_from(["women", "men", ""]),
    st.sampled_from(["summer", "winter", ""]),
    st.sampled_from([Decimal(15), Decimal(40)]),
    st.sampled_from([6, 200]),
)
def test_everything_in_a_pool_meets_what_is_demanded(
    shop: Shop, category: str, gender: str, season: str, most: Decimal, k: int
) -> None:
    where = Filters(category=[category], price=PriceRange(max=most), in_stock=True)
    people, seasons = ([gender, "unisex"] if gender else []), ([season] if season else [])
    found = shop.pool(Demand(where, {"gender": people, "season": seasons}, k=k))
    every = [p for p in shop.all() if p.in_stock and taxonomy.is_a(p.category, category)]
    every = [p for p in every if p.price.amount <= most and (not season or season in (p.season or [season]))]
    every = [p for p in every if not gender or p.gender in (gender, "unisex", None)]
    assert set(found.ids) <= {p.id for p in every}
    assert found.total == len(every)
    assert found.cheapest == min((int(p.price.amount * 100) for p in every), default=None)
    if k == 200:
        assert len(found.ids) == len(every)
    elif every:
        assert min(p.price.amount for p in every) == min(p.price.amount for p in shop.get_many(found.ids))


def test_the_wished_comes_first_and_every_colour_is_there(shop: Shop) -> None:
    wish = [("category", ("shirt",), 1.0)]
    found = shop.pool(Demand(Filters(category=["tops"]), wish=wish, spread={"color": COLOURS}, k=20))
    products = shop.get_many(found.ids)
    assert products[0].category == "shirt"
    kinds = [p.category for p in products]
    assert kinds == sorted(kinds, key=lambda kind: kind != "shirt")
    assert {c for p in products for c in held(p, "color")} == set(COLOURS)


def test_nothing_is_no_error(shop: Shop) -> None:
    assert shop.pool(Demand(Filters(category=["lamp"]))).ids == []
