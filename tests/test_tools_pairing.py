"""Whether two things go together: yes, no and why, or what would have to be known first."""

from typing import Any

import pytest

from perception.look import Garment, Look
from perception.pointing import Pointing
from perception.questions import Asked
from store.types import Money, Product, Text
from tools import pairing


def product(title: str, zh: str, category: str, *colors: str) -> Product:
    return Product(
        id="P1",
        title=Text(en=title, zh=zh),
        category=category,
        colors=list(colors),
        price=Money(amount="20"),  # type: ignore[arg-type]
    )


SUIT = product("Navy wool suit", "藏青色羊毛西装", "suit", "navy")


def asked(*categories: str, colors: tuple[str, ...] = (), at: Pointing | None = None) -> Asked:
    return Asked("match", None, "match", at=at, partner=Pointing(categories=categories, colors=colors))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "Navy wool suit and sandals are a hard match: the suit would be too formal for the sandals."),
        ("zh", "藏青色羊毛西装和凉鞋不太搭：西装配凉鞋太正式了。"),
    ],
)
def test_no_colour_mends_a_suit_with_sandals(lang: str, said: str) -> None:
    answer = pairing.of_product(SUIT, asked("sandals"), lang)
    assert (answer.answer, answer.value, answer.source) == (said, False, "catalog")


def test_what_depends_on_the_colour_asks_for_it() -> None:
    answer = pairing.of_product(SUIT, asked("loafers"), "en")
    assert (answer.value, answer.source) == (None, "unknown")
    told = pairing.of_product(SUIT, asked("loafers", colors=("brown",)), "en")
    assert told.value is True and "navy" in told.answer.lower() and "brown" in told.answer


def test_colours_that_do_not_go_are_named() -> None:
    dress = product("Burgundy dress", "酒红色连衣裙", "dress", "red")
    answer = pairing.of_product(dress, asked("coat", colors=("orange",)), "en")
    assert answer.value is False and "burgundy" in answer.answer and "orange" in answer.answer


def test_a_photo_is_judged_by_what_is_seen_of_it() -> None:
    def garment(category: str, color: str, **more: Any) -> Garment:
        sure = {"category": 0.9, "color": 0.9}
        return Garment(box=(0, 0, 1, 1), category=category, colors=[color], confidence=sure, **more)

    look = Look(photo="p", garments=[garment("shirt", "red", pattern="checked")])
    skirt = product("Floral skirt", "碎花半身裙", "skirt", "green").model_copy(update={"pattern": "floral"})
    answer = pairing.in_photo(look, Asked("match", None, "match"), skirt, "en")
    assert answer.value is False and "checked" in answer.answer and "floral" in answer.answer
    assert pairing.in_photo(look, Asked("match", None, "match"), None, "en").source == "unknown"
