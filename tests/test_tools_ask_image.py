"""Questions on products and photos: the record first, both where they disagree, and whether two pieces go together."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from perception.look import Garment, Look
from perception.photo import Photo
from store.types import Money, Product, Text
from tools.ask_image import about_photo, about_product
from tools.context import ToolContext

TOP = Garment(
    box=(0.2, 0.0, 0.8, 0.5), category="longsleeve", colors=["navy", "white"], pattern="striped", sleeve="long",
    confidence={"category": 0.98, "color": 0.8, "pattern": 0.96, "sleeve": 0.97},
)  # fmt: skip
JEANS = Garment(
    box=(0.2, 0.5, 0.8, 1.0), category="pants", kind="jeans", colors=["blue"],
    confidence={"category": 0.9, "color": 0.8},
)  # fmt: skip


def context(tmp_path: Path, *garments: Garment, lang: str = "en") -> ToolContext:
    """A shop with a picture for every product; eyes that see `garments` in every photo."""
    path = tmp_path / "p.png"
    Image.new("RGB", (80, 80), "white").save(path)
    eyes = SimpleNamespace(look=lambda photo, lang="en": Look(photo=photo.id, garments=list(garments)))
    shop = SimpleNamespace(picture=lambda name: path)
    return cast(ToolContext, SimpleNamespace(shop=shop, eyes=eyes, lang=lang))


def product(**fields: Any) -> Product:
    base: dict[str, Any] = {
        "id": "P1", "title": Text(zh="长袖上衣", en="Long-sleeved top"), "category": "longsleeve",
        "colors": ["navy"], "pattern": "striped", "sleeve": "long", "price": Money(amount=30),  # type: ignore[arg-type]
        "images": ["p.png"],
    }  # fmt: skip
    return Product(**(base | fields))


@pytest.mark.parametrize(
    ("fields", "question", "says", "beside"),
    [
        ({}, "what colour is it?", "navy", None),
        ({"colors": ["blue"]}, "what colour is it?", "blue", None),  # a neighbour is no disagreement
        ({"colors": ["red"]}, "what colour is it?", "red", "navy"),
        ({"colors": ["red"]}, "is it red?", "red", "navy"),
        ({"pattern": "floral"}, "what pattern is it?", "floral", "striped"),
        ({"sleeve": "short"}, "is it short sleeved?", "short", "long-sleeved"),
        ({"category": "shoes", "sleeve": None}, "what is this?", "shoes", "top"),
    ],
)
def test_tells_where_record_and_picture_disagree(
    tmp_path: Path, fields: dict[str, Any], question: str, says: str, beside: str | None
) -> None:
    answer = about_product(context(tmp_path, TOP), product(**fields), question)
    assert answer.source == "catalog" and says in answer.answer
    assert ("In the picture" in answer.answer) is (beside is not None)
    assert beside is None or beside in answer.answer
    assert (answer.confidence < 1) is (beside is not None)


def test_a_picture_that_is_not_sure_says_nothing(tmp_path: Path) -> None:
    doubtful = TOP.model_copy(update={"confidence": {"category": 0.9, "color": 0.3, "pattern": 0.7}})
    for question in ("what colour is it?", "what pattern is it?"):
        answer = about_product(
            context(tmp_path, doubtful), product(colors=["red"], pattern="floral"), question
        )
        assert "picture" not in answer.answer and answer.confidence == 1


@pytest.mark.parametrize(
    ("question", "lang", "value", "source"),
    [
        ("does the top go with the jeans?", "en", True, "image"),
        ("这两件搭吗", "zh", True, "image"),
        ("does it go with black trousers?", "en", True, "image"),
        ("does it go with a skirt?", "en", None, "unknown"),
        ("does it match?", "en", None, "unknown"),
        ("do the jeans go with blue trousers?", "en", False, "image"),
    ],
)
def test_says_whether_two_go_together(
    tmp_path: Path, question: str, lang: str, value: bool | None, source: str
) -> None:
    answer = about_photo(
        context(tmp_path, TOP, JEANS, lang=lang), Photo.of(Image.new("RGB", (80, 80))), question
    )
    assert (answer.value, answer.source) == (value, source), answer


def test_a_garment_of_the_photo_and_a_product(tmp_path: Path) -> None:
    skirt = product(
        id="P2", title=Text(zh="半身裙", en="Skirt"), category="skirt", colors=["orange"], pattern="floral"
    )
    clash = TOP.model_copy(update={"colors": ["green"], "pattern": "checked"})
    photo = Photo.of(Image.new("RGB", (80, 80)))
    fits = about_photo(
        context(tmp_path, TOP),
        photo,
        "does it go with this?",
        product(id="P3", category="pants", colors=["beige"], pattern="plain"),
    )
    not_at_all = about_photo(context(tmp_path, clash), photo, "does it go with this?", skirt)
    assert fits.value is True and not_at_all.value is False


def test_a_size_chart_of_the_record(tmp_path: Path) -> None:
    charted = product(size_chart={"M": {"chest": 92.0}, "L": {"chest": 96.0}})
    answer = about_product(context(tmp_path, TOP, lang="zh"), charted, "M码胸围多少")
    assert (answer.value, answer.source) == (92.0, "catalog") and "92" in answer.answer
