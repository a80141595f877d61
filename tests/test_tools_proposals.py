"""What perception proposes: only what the record lacks, only of the garment it names, never of what is not worn."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image

from perception.look import Garment, Look
from store.types import Money, Product, Text
from tools.proposals import proposals

BOX = (0.0, 0.0, 1.0, 1.0)
SURE = {"category": 0.97, "color": 0.8, "pattern": 0.7}
SHOES = Garment(box=BOX, category="shoes", kind="sneakers", colors=["white"], confidence=SURE)
JEANS = Garment(box=BOX, category="jeans", colors=["navy"], pattern="plain", length="maxi", confidence=SURE)


class Eyes:
    def __init__(self, *garments: Garment) -> None:
        self.garments = list(garments)

    def shown(self, images: Sequence[Image.Image]) -> list[Look]:
        return [Look(photo="", garments=self.garments) for _ in images]


def proposed(category: str, *garments: Garment, **more: Any) -> dict[str, Any]:
    product = Product(
        id="p", title=Text(en="Thing"), category=category, price=Money(amount=Decimal(5)), **more
    )
    return proposals(Eyes(*garments), [product], [Image.new("RGB", (20, 20))])[0]


def test_only_what_the_record_lacks() -> None:
    assert proposed("pants", JEANS, colors=["black"]) == {
        "pattern": "plain",
        "length": "maxi",
        "confidence": {"pattern": 0.7},
    }


def test_only_the_garment_that_the_record_names() -> None:
    assert proposed("sneakers", JEANS, SHOES)["colors"] == ["white"]
    assert proposed("jeans", SHOES) == {}


@pytest.mark.parametrize(
    ("category", "path"), [("sofas", ["Furniture", "Sofas"]), ("uncategorised", ["New in"])]
)
def test_nothing_of_what_the_shop_files_elsewhere(category: str, path: list[str]) -> None:
    assert proposed(category, JEANS, path=path) == {}


def test_a_kind_where_the_shop_has_none_and_the_picture_is_sure() -> None:
    assert proposed("uncategorised", SHOES)["category"] == "sneakers"
    unsure = SHOES.model_copy(update={"confidence": {"category": 0.6}})
    assert proposed("uncategorised", unsure) == {}
