"""The order of what the tool finds."""

from typing import Any

import pytest

from store.types import Hit, PhotoVectors, Product, Query, Results
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
