"""Questions on products and photos: the record first, both where they disagree, and whether two pieces go together."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PIL import Image

from perception.labels import Lettering
from perception.look import Garment, Look
from perception.photo import Photo
from perception.vqa import Asked, Evidence, Judged, Seen, answer_asked
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

    def look(photo: Photo, lang: str = "en") -> Look:
        return Look(photo=photo.id, garments=list(garments))

    def ask(photo: Photo, asked: Asked, lang: str) -> Seen:
        lengths = Judged({"length": {"maxi": 0.9, "midi": 0.1}, "pattern": {"striped": 0.9, "plain": 0.1}})
        return answer_asked(Evidence(look(photo), [lengths] * len(garments), {}, Lettering), asked, lang)

    eyes = SimpleNamespace(look=look, ask=ask)
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


@pytest.mark.parametrize(
    ("fields", "question", "value", "source", "words"),
    [
        (
            {"category": "jeans"},
            "how long is it?",
            "maxi",
            "image",
            "The record doesn't say; from the picture, it's",
        ),
        (
            {"category": "jeans", "sleeve": None},
            "how long are the sleeves?",
            None,
            "catalog",
            "a pair of jeans",
        ),
        (
            {"category": "scarf"},
            "how long is it?",
            None,
            "unknown",
            "the length",
        ),  # trousers are seen, no scarf
        ({"category": "jeans"}, "is there anything written on it?", None, "unknown", "written"),
        ({"category": "jeans"}, "does it come in red?", False, "catalog", "navy and white"),
        ({"category": "jeans"}, "is it a dress or a skirt?", "jeans", "catalog", "a pair of jeans"),
        ({"neckline": "vneck"}, "what neckline is it?", "vneck", "catalog", "It has a V-neck."),
    ],
)
def test_the_picture_of_a_product_tells_what_its_record_does_not(
    tmp_path: Path, fields: dict[str, Any], question: str, value: Any, source: str, words: str
) -> None:
    shown = product(colors=["navy", "white"], **fields)
    answer = about_product(context(tmp_path, JEANS), shown, question)
    assert (answer.value, answer.source) == (value, source) and words in answer.answer, answer


def test_a_neighbour_or_a_colour_that_is_not_sure_is_no_disagreement(tmp_path: Path) -> None:
    for sure, beside in ((0.85, True), (0.79, False)):
        garment = TOP.model_copy(update={"confidence": {**TOP.confidence, "color": sure}})
        answer = about_product(context(tmp_path, garment), product(colors=["red"]), "what colour is it?")
        assert ("picture" in answer.answer) is beside


def test_trousers_that_the_photo_does_not_show_are_not_judged(tmp_path: Path) -> None:
    shirt = TOP.model_copy(update={"category": "shirt", "box": (0.0, 0.0, 0.5, 1.0)})
    photo = Photo.of(Image.new("RGB", (80, 80)))
    answer = about_photo(context(tmp_path, shirt, shirt), photo, "does it go with these trousers?")
    assert answer.source == "unknown" and "colour" in answer.answer
