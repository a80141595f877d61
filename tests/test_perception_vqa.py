"""Answers rest on what was recognised, in the asked language; what is not sure is not told."""

from typing import Any

import pytest

from perception import captioner
from perception.labels import Lettering, Line
from perception.look import Garment, Look
from perception.vqa import Evidence, Judged, Seen, answer


def lettering(*texts: str, p: float = 0.93) -> Lettering:
    """Lines below one another."""
    return Lettering(tuple(Line(t, p, (0.1, 0.1 * i, 0.9, 0.1 * i + 0.08)) for i, t in enumerate(texts)))


def evidence(read: Lettering | None = None, **changes: Any) -> Evidence:
    """A navy and white striped long-sleeved top; the fabric is not sure."""
    garment = Garment(
        box=(0.1, 0.1, 0.9, 0.9), category="longsleeve", colors=["navy", "white"], pattern="striped", sleeve="long",
        confidence={"category": 0.95, "color": 0.7, "pattern": 0.9, "sleeve": 0.97},
    ).model_copy(update=changes)  # fmt: skip
    scores = {
        "category": {"longsleeve": 0.95, "shirt": 0.05},
        "pattern": {"striped": 0.9, "plain": 0.06, "checked": 0.04},
        "sleeve": {"long": 0.97, "short": 0.03},
        "neckline": {"crew": 0.55, "vneck": 0.4, "hooded": 0.05},
        "material": {"unknown": 0.7, "knit": 0.28, "denim": 0.02},
        "setting": {"flat": 0.9, "hanger": 0.1},
    }
    told = {"pattern": 0.5, "sleeve": 0.5, "neckline": 0.7, "material": 0.5, "length": 0.7}
    look = Look(photo="0" * 16, garments=[garment], setting="flat")
    return Evidence(
        look, [Judged(scores, [("navy", 0.6), ("white", 0.3)])], told, lambda: read or Lettering()
    )


@pytest.mark.parametrize(
    ("question", "lang", "value", "source", "words"),
    [
        ("what colour is it?", "en", ["navy", "white"], "image", "navy"),
        ("什么颜色?", "zh", ["navy", "white"], "image", "藏青色"),
        ("is it blue?", "en", True, "image", "navy"),
        ("is it red?", "en", False, "image", "No"),
        ("是红色吗", "zh", False, "image", "藏青色"),
        ("is it striped?", "en", True, "image", "striped"),
        ("是格子的吗", "zh", False, "image", "条纹"),
        ("does it have long sleeves?", "en", True, "image", "long"),
        ("what neckline is it?", "en", None, "unknown", "neckline"),
        ("什么领型", "zh", None, "unknown", "领型"),
        ("does it have a hood?", "en", False, "image", "hood"),
        ("什么材质?", "zh", None, "unknown", "材质"),
        ("is it denim?", "en", None, "unknown", "fabric"),
        ("what is this?", "en", "longsleeve", "image", "top"),
        ("is it a dress?", "en", False, "image", "top"),
        ("is it a sweater?", "en", None, "unknown", ""),
        ("how much is it?", "en", None, "unknown", "price"),
        ("多少钱", "zh", None, "unknown", "价格"),
        ("does it have pockets?", "en", None, "unknown", ""),
        ("how many items?", "en", 1, "image", "one"),
        ("what does it say?", "en", None, "unknown", "lettering"),
        ("how is the weather", "en", None, "unknown", ""),
        ("is it black or navy?", "en", "navy", "image", "navy"),
    ],
)
def test_answers(question: str, lang: str, value: object, source: str, words: str) -> None:
    seen = answer(evidence(), question, lang)
    assert (seen.value, seen.source) == (value, source), seen
    assert words in seen.answer and 0 <= seen.confidence <= 1


def test_reads_lettering_only_when_asked() -> None:
    seen = answer(evidence(read=lettering("COLUMBIA")), "上面写的什么", "zh")
    assert seen == Seen("上面写着“COLUMBIA”。", "COLUMBIA", "text_in_image", 0.93)
    assert answer(evidence(read=lettering("COLUMBIA")), "what brand is it?", "en").source == "text_in_image"


def test_an_attribute_that_cannot_apply() -> None:
    seen = answer(evidence(category="shoes"), "what is the sleeve length?", "en")
    assert seen.value is None and "shoes" in seen.answer


def test_nothing_to_wear() -> None:
    empty = Evidence(Look(photo="0" * 16), [], {}, Lettering)
    for lang in ("zh", "en"):
        assert answer(empty, "what colour is it?", lang).source == "unknown"
        assert captioner.caption(empty.look, lang)


@pytest.mark.parametrize(
    ("garment", "en", "zh"),
    [
        ({"category": "pants", "colors": ["black"]}, "A pair of black trousers.", "一条黑色长裤。"),
        (
            {"category": "t-shirt", "colors": ["red", "white"], "pattern": "striped", "sleeve": "short"},
            "A red and white striped T-shirt.",
            "一件红色配白色的条纹T恤。",
        ),
        (
            {
                "category": "dress",
                "colors": ["orange"],
                "pattern": "plain",
                "length": "maxi",
                "sleeve": "sleeveless",
            },
            "An orange maxi sleeveless dress.",
            "一条橙色长款无袖连衣裙。",
        ),
    ],
)
def test_captions(garment: dict[str, Any], en: str, zh: str) -> None:
    look = Look(photo="0" * 16, garments=[Garment(box=(0, 0, 1, 1), **garment)])
    assert captioner.caption(look, "en") == en
    assert captioner.caption(look, "zh") == zh


def test_a_doubtful_category_is_hedged() -> None:
    garment = Garment(box=(0, 0, 1, 1), category="skirt", colors=["grey"], confidence={"category": 0.4})
    look = Look(photo="0" * 16, garments=[garment])
    assert captioner.caption(look, "en") == "This looks like a grey skirt."
    assert captioner.caption(look, "zh") == "看起来像是一条灰色半身裙。"
