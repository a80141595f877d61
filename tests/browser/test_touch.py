"""A photo of two garments in a real browser: its boxes are touched, clicked and reached by keyboard."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import free_port, running
from garment_photos import lying
from shopper import PHONE, Shopper
from test_shopper import no_sideways_scroll

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PAIR = (("D0024", "top"), ("D0054", "bottom"))  # a light blue shirt above navy trousers


@dataclass(frozen=True)
class Words:
    """The same visit in one language."""

    locale: str
    hello: str
    shirt: str
    trousers: str
    wish: str
    kinds: str


ZH = Words("zh-CN", "看看这张照片", "浅蓝色衬衫", "藏青色长裤", "找和图里这条藏青色长裤差不多的", "裤")
EN = Words(
    "en-US",
    "Have a look at my photo",
    "Light blue shirt",
    "Navy trousers",
    "Find something like the navy trousers in my photo",
    "jeans|trousers|chinos|leggings|joggers",
)


@pytest.fixture(scope="module")
def told(pristine: Path, browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a shop whose eyes are told where the two garments lie."""
    place = tmp_path_factory.mktemp("told")
    folder = shutil.copytree(pristine, place / "shop")
    port, boxes = free_port(), json.dumps(lying(*PAIR)[1])
    server = Path(__file__).parent / "told_server.py"
    with running([sys.executable, str(server), str(folder), str(port), boxes], port, place) as url:
        yield url


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The photo."""
    file = tmp_path_factory.mktemp("photos") / "two.png"
    file.write_bytes(lying(*PAIR)[0])
    return file


def boxes(page: "Page") -> "Locator":
    """The boxes on the photos, in order."""
    return page.locator("[class*='st-key-box-'] button:visible")


def chips(page: "Page") -> "Locator":
    """What stands beside the photos, in order."""
    return page.locator("[class*='st-key-chip-seen-'] button:visible")


def covers(box: "Locator", photo: "Locator", share: tuple[float, ...]) -> bool:
    """True when a box lies where it should, to 2 % of the photo."""
    inner, outer = box.bounding_box(), photo.bounding_box()
    assert inner and outer
    left, top = (inner["x"] - outer["x"]) / outer["width"], (inner["y"] - outer["y"]) / outer["height"]
    found = (left, top, left + inner["width"] / outer["width"], top + inner["height"] / outer["height"])
    return all(abs(a - b) < 0.02 for a, b in zip(found, share, strict=True))


@pytest.mark.parametrize(("words", "phone"), [(ZH, False), (EN, True)], ids=["zh-desktop", "en-phone"])
def test_touching_the_second_garment_brings_its_kind(
    told: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    two: Path,
    words: Words,
    phone: bool,
) -> None:
    page = open_page(told, locale=words.locale, **(PHONE if phone else {}))
    shopper = Shopper(page)
    shopper.attach(two)
    turn = shopper.say(words.hello)
    assert boxes(page).count() == chips(page).count() == 2
    photo = turn.locator(".dg-seen-photo")
    for nth, share in enumerate(lying(*PAIR)[1]):
        assert covers(boxes(page).nth(nth), photo, share)
    assert (
        words.shirt in boxes(page).nth(0).inner_text() and words.trousers in chips(page).nth(1).inner_text()
    )
    if phone:
        assert no_sideways_scroll(page)
    keep(page, "1-looked")

    before = shopper.turns.count()
    target = boxes(page).nth(1)
    target.tap() if phone else target.click()
    turn = shopper.answered(before)
    assert words.wish in turn.locator(".dg-said").inner_text()
    names = turn.locator(".dg-card h3").all_inner_texts()
    assert len(names) >= 2 and all(re.search(words.kinds, name, re.IGNORECASE) for name in names), names
    keep(page, "2-touched")

    page.reload()
    Shopper(page)
    boxes(page).nth(1).wait_for()
    shopper.turns.nth(1).wait_for()
    assert boxes(page).count() == 2 and words.wish in shopper.turns.nth(1).inner_text()


def test_names_stay_in_their_boxes_and_the_whole_photo_is_in_the_message(
    told: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None], two: Path
) -> None:
    page = open_page(told, **PHONE)
    shopper = Shopper(page)
    shopper.attach(two)
    turn = shopper.say(EN.hello)
    for nth in range(2):
        box, name = boxes(page).nth(nth), boxes(page).nth(nth).locator("p")
        box.focus()
        outer, inner = box.bounding_box(), name.bounding_box()
        assert outer and inner
        assert inner["x"] >= outer["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
    keep(page, "1-names")
    thumb = turn.locator(".dg-photo")
    shape = thumb.evaluate(
        "i => i.decode().then(() => [i.naturalWidth / i.naturalHeight, i.width / i.height])"
    )
    assert abs(shape[0] - shape[1]) < 0.05


def test_two_products_side_by_side_fit_a_phone(
    told: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(told, **PHONE)
    shopper = Shopper(page)
    shopper.say("Show me dresses")
    turn = shopper.say("Compare the first two")
    table = turn.locator(".dg-scroll").first
    keep(page, "1-compared")
    assert table.evaluate("t => t.scrollWidth <= t.clientWidth")


def test_a_question_of_size_offers_each_size_once(
    told: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(told, **PHONE)
    shopper = Shopper(page)
    shopper.say("Show me sneakers")
    turn = shopper.say("Add the first one to my cart")
    keep(page, "1-sizes")
    offered = turn.locator("[class*='st-key-chips-'] button").all_inner_texts()
    assert len(offered) >= 2 and len(offered) == len(set(offered))


def test_boxes_and_chips_by_keyboard_and_a_chip_lights_its_box(
    told: str, open_page: Callable[..., "Page"], two: Path
) -> None:
    page = open_page(told)
    shopper = Shopper(page)
    shopper.attach(two)
    shopper.say(EN.hello)
    border = "b => getComputedStyle(b).borderTopColor"
    plain = boxes(page).nth(1).evaluate(border)
    assert boxes(page).nth(1).evaluate("b => b.textContent").endswith("find something like it")

    boxes(page).nth(0).focus()
    reached = []
    for _ in range(3):  # the other box, then the two chips
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText.split('\\n')[0]"))
    page.wait_for_timeout(300)
    assert "2" in reached[0] and "1" in reached[1] and "2" in reached[2]
    assert chips(page).nth(1).evaluate("b => b === document.activeElement")
    assert boxes(page).nth(1).evaluate(border) != plain == boxes(page).nth(0).evaluate(border)

    before = shopper.turns.count()
    page.keyboard.press("Enter")
    turn = shopper.answered(before)
    assert EN.wish in turn.locator(".dg-said").inner_text() and turn.locator(".dg-card").count() >= 2
