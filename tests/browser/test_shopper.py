"""The main job in a real browser: a photo and words, a question on the second one, the cart, and all after a reload."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from shopper import PHONE, Shopper

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


@dataclass(frozen=True)
class Words:
    """The same visit in one language."""

    locale: str
    similar: str
    has_size: str
    add: str
    seen: str
    cart: str
    similar_button: str


ZH = Words(
    "zh-CN",
    "有没有类似的，但是便宜一点的？",
    "第二件有 {size} 码吗？",
    "把它加到购物车，{size} 码",
    "我看到的",
    "购物车",
    "相似",
)
EN = Words(
    "en-US",
    "Do you have something similar but cheaper?",
    "Does the second one come in {size}?",
    "Add it to my cart in size {size}",
    "What I see",
    "Your cart",
    "Similar",
)


def no_sideways_scroll(page: "Page") -> bool:
    """True when nothing makes the page wider than its window."""
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"))


def pictures_are_there(where: "Locator") -> None:
    """Every picture in sight has loaded, and says in words what it shows."""
    for image in where.locator("img:visible").all():
        image.scroll_into_view_if_needed()
        image.evaluate("i => i.decode()")
        assert image.evaluate("i => i.naturalWidth") > 50
        decorates = "i => i.matches('.dg-second, button img, [class*=st-key-example-] img')"  # said beside it
        assert image.get_attribute("alt") or image.evaluate(decorates)


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_photo_then_question_then_cart_then_reload(
    address: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    photo: Path,
    words: Words,
) -> None:
    page = open_page(address, locale=words.locale)
    shopper = Shopper(page)
    page.locator(".st-key-examples img").first.wait_for()
    keep(page, "1-welcome")

    shopper.attach(photo)
    turn = shopper.say(words.similar)
    assert words.seen in turn.locator("[class*='st-key-looked-']").inner_text()
    cards = turn.locator(".dg-card")
    assert cards.count() >= 2
    keep(page, "2-similar")
    pictures_are_there(turn)
    sizes = shopper.sizes_of(cards.nth(1))
    name = cards.nth(1).locator("h3").inner_text()

    asked = "M" if "M" in sizes or not sizes else sizes[0]
    turn = shopper.say(words.has_size.format(size=asked))
    assert not turn.locator(".dg-error").count()
    assert asked in turn.locator(".dg-reply").inner_text()
    keep(page, "3-size")

    turn = shopper.say(words.add.format(size=asked))
    side = page.get_by_test_id("stSidebar")
    side.locator(".dg-cartline").wait_for()
    assert name in side.inner_text() and words.cart in side.inner_text()
    keep(page, "4-cart")
    before = shopper.turns.count()
    side.get_by_role("button", name="+", exact=True).click()
    shopper.answered(before)
    side.locator(".dg-quantity", has_text="2").wait_for()

    page.reload()
    Shopper(page)
    shopper.turns.nth(3).wait_for()
    assert shopper.turns.count() == 4 and words.similar in shopper.turns.nth(0).inner_text()
    assert page.locator("[class*='st-key-looked-']").count() == 1 and page.locator(".dg-card").count() >= 2
    side.locator(".dg-cartline").wait_for()
    assert name in side.inner_text() and side.locator(".dg-quantity").inner_text() == "2"
    pictures_are_there(page.locator("[data-testid=stMain]"))
    keep(page, "5-reloaded")


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_phone(
    address: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    photo: Path,
    words: Words,
) -> None:
    page = open_page(address, locale=words.locale, **PHONE)
    shopper = Shopper(page)
    keep(page, "1-welcome")
    assert no_sideways_scroll(page)

    shopper.attach(photo)
    turn = shopper.say(words.similar)
    keep(page, "2-similar")
    assert no_sideways_scroll(page)
    assert turn.locator(".dg-reply").bounding_box(), "the reply is in sight"

    before = shopper.turns.count()
    turn.get_by_role("button", name=words.similar_button).first.tap()
    turn = shopper.answered(before)
    assert turn.locator(".dg-about").inner_text()
    keep(page, "3-similar-button")

    offered = turn.locator("[class*='st-key-card-']")
    assert offered.count() >= 2, "nothing similar is shown"
    card = offered.first  # what can be bought comes first
    sizes = shopper.sizes_of(card)
    card.locator("button[data-testid*='primary'], [data-testid=stMenuButton] button").last.tap()
    if len(sizes) > 1:
        keep(page, "4-sizes")
        before = shopper.turns.count()
        page.get_by_text(sizes[0], exact=True).last.tap()
    shopper.answered(before)
    page.get_by_test_id("stExpandSidebarButton").tap()
    page.get_by_test_id("stSidebar").locator(".dg-cartline").wait_for()
    keep(page, "5-cart")


def test_everything_by_keyboard(address: str, open_page: Callable[..., "Page"]) -> None:
    page = open_page(address)
    shopper = Shopper(page)
    first = page.locator("[class*='st-key-chips-first'] button").first
    for _ in range(40):
        page.keyboard.press("Tab")
        if first.evaluate("b => b === document.activeElement"):
            break
    else:
        raise AssertionError("the first question cannot be reached with the Tab key")
    page.keyboard.press("Enter")
    assert shopper.answered(0).locator(".dg-reply").inner_text()


def test_pictures_are_served_and_nothing_else(address: str, browser: object, folder: Path) -> None:
    import urllib.error
    import urllib.request

    name = next((folder / "images").iterdir()).name
    with urllib.request.urlopen(f"{address}pictures/{name}") as answer:
        assert (
            re.match(r"image/", answer.headers["content-type"])
            and answer.headers["x-content-type-options"] == "nosniff"
        )
    for bad in (
        "..%2fcarts.sqlite",
        "%2fetc%2fpasswd",
        "0123456789abcdef",
        "images%2f..%2f..%2fconversations.sqlite",
    ):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}pictures/{bad}")
        assert caught.value.code in (400, 404)
