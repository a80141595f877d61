"""The order of what the tool finds."""

from typing import Any

import pytest

from store.types import Hit, PhotoVectors, Product, Query, Reason, Results
from tools.cards import why
from tools.search_catalog import find


def product(number: int, price: int, in_stock: bool = True) -> Product:
    return Product.model_validate(
        {
            "id": f"P{number}",
            "title": {"zh": "裤子", "en": "trousers"},
            "category": "pants",
            "price": {"amount": f"{price}.00", "currency": "USD"},
            "sizes": [{"size": "M", "quantity": 3 if in_stock else 0}],
        }
    )


class Shop:
    """Finds the same three whatever is wanted, the best match first."""

    def search(self, wanted: Query) -> Results:
        found = [product(1, 50), product(2, 20, in_stock=False), product(3, 30)]
        return Results(hits=[Hit(product=p, score=1.0, parts={}) for p in found], total=3)


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("relevance", ["P1", "P3", "P2"]),
        ("price_asc", ["P3", "P1", "P2"]),
        ("price_desc", ["P1", "P3", "P2"]),
    ],
)
def test_what_is_sold_out_never_leads_what_looks_alike(sort: Any, ids: list[str]) -> None:
    wanted = Query(photo=PhotoVectors(image=[1.0], text=[1.0]), sort=sort)
    shop: Any = Shop()
    assert [hit.product.id for hit in find(shop, wanted).hits] == ids


def test_what_is_hardly_alike_does_not_lead_for_being_cheap() -> None:
    class Mixed:
        def search(self, wanted: Query) -> Results:
            scores = [(product(1, 50), 1.0), (product(2, 40), 0.9), (product(3, 5), 0.3)]
            return Results(hits=[Hit(product=p, score=s, parts={}) for p, s in scores], total=3)

    shop: Any = Mixed()
    wanted = Query(photo=PhotoVectors(image=[1.0], text=[1.0]), sort="price_asc")
    assert [hit.product.id for hit in find(shop, wanted).hits] == ["P2", "P1", "P3"]


@pytest.mark.parametrize(("lang", "told"), [("en", "black instead"), ("zh", "这款是黑色")])
def test_what_misses_the_colour_is_not_called_what_was_asked_for(lang: str, told: str) -> None:
    cap = product(1, 20).model_copy(update={"category": "hat", "colors": ["black"]})
    reasons = [Reason(kind="look"), Reason(kind="match", attribute="category", value="hat")]
    said = why(Hit(product=cap, score=1.0, parts={}, reasons=reasons), lang, relaxed=["color"])
    assert said == told
