"""Looks, hearts and what is for you, on the page: by keys and fingers, in both languages, by day and night."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from shopper import PHONE, TURN_MS, Shopper
from test_page import WATCH, serious, shift

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

ASKED, SOUGHT = "an outfit for the office", "有什么连衣裙"
SMALL = PHONE | {"width": 360, "height": 740}


def begun(page: "Page") -> Shopper:
    """Whoever can type on the page."""
    shopper = Shopper(page)
    page.locator(".st-key-pick-offer").wait_for(timeout=TURN_MS)  # the last thing that the welcome draws
    page.wait_for_timeout(600)  # a page that is still being drawn drops what is typed
    return shopper


def fits(page: "Page") -> bool:
    """True when nothing makes the page wider than its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def ids(cards: "Locator") -> list[str]:
    """The products of cards, in order."""
    return [str(one.get_attribute("data-product")) for one in cards.locator(".dg-react").all()]


def test_looks_stand_beside_each_other_with_what_can_be_done(
    address: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(address)
    shopper = begun(page)
    page.evaluate(WATCH)
    turn = shopper.say(ASKED)
    looks = turn.locator("[class*='st-key-looks-']")
    tabs = looks.get_by_role("tab")
    assert tabs.count() >= 2
    tabs.nth(1).click()
    panel = looks.get_by_role("tabpanel").filter(visible=True)
    panel.locator(".dg-piece").first.wait_for()
    pieces = panel.locator(".dg-piece")
    assert pieces.count() >= 2 and panel.locator(".dg-piece .dg-react").count() == pieces.count()
    assert re.search(r"\d", panel.locator(".dg-sums b").first.inner_text())
    assert panel.locator("[class*='st-key-whole-'] button").count() == 3
    assert panel.locator("[class*='st-key-swap-'] button").count() == pieces.count()
    keep(page, "looks")
    assert serious(page) == [] and fits(page) and shift(page) <= 0.1

    before = shopper.turns.count()
    page.locator("[class*='st-key-swap-'] button").filter(visible=True).last.click()
    turn = shopper.answered(before)
    assert turn.locator(".dg-piece").count() >= 2 and not turn.locator(".dg-error").count()
    older = page.locator("[class*='st-key-turn-']").first
    assert not older.locator("[class*='st-key-whole-']").count(), "only the newest looks can be changed"


def test_a_thumb_down_is_seen_at_once_felt_in_the_next_reply_and_taken_back(
    address: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(address, locale="zh-CN", color_scheme="dark", **SMALL)
    shopper = begun(page)
    first = shopper.say(SOUGHT).locator(".dg-card")
    refused, liked = ids(first)[:2]
    page.evaluate(WATCH)
    page.evaluate("shifts = []")  # those of before are told by test_page
    for nth, kind in enumerate(("dislike", "like")):
        with page.expect_response("**/reactions") as kept:
            first.nth(nth).locator(f".dg-{kind}").press("Enter")
            assert first.nth(nth).locator(f".dg-{kind}").get_attribute("aria-pressed") == "true"
        assert kept.value.ok
    assert first.nth(0).locator(".dg-refused").is_visible() and shift(page) == 0
    keep(page, "refused")
    assert serious(page) == [] and fits(page)

    again = ids(shopper.say(SOUGHT).locator(".dg-card"))
    assert refused not in again and len(again) > 1
    page.reload()
    begun_again = page.locator(f".dg-react[data-product='{refused}']").first
    begun_again.wait_for(timeout=TURN_MS)
    assert begun_again.get_attribute("data-said") == "dislike"
    assert page.locator(f".dg-react[data-product='{liked}'] .dg-like[aria-pressed=true]").count()
    with page.expect_response("**/reactions") as kept:
        begun_again.locator(".dg-refused button").press("Enter")
    assert kept.value.ok and begun_again.get_attribute("data-said") == "none"
    assert page.evaluate("document.activeElement.matches('.dg-dislike')"), (
        "the focus is not lost with the button"
    )

    page.route("**/reactions", lambda route: route.abort())
    begun_again.locator(".dg-like").click()
    page.locator(".dg-toast").filter(has_text="没记下来").wait_for()
    assert begun_again.locator(".dg-like").get_attribute("aria-pressed") == "false"


def test_a_picture_opens_large_and_closes_where_it_was(
    address: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(address, locale="zh-CN")
    opener = begun(page).say(SOUGHT).locator(".dg-open").first
    opener.focus()
    page.keyboard.press("Enter")
    page.locator(".dg-window .dg-stage img").wait_for()
    keep(page, "window")
    assert serious(page) == [] and page.evaluate("document.activeElement.matches('.dg-shut')")
    page.locator(".dg-window .dg-view").nth(1).click()
    page.keyboard.press("Escape")
    page.locator(".dg-window").wait_for(state="detached")
    assert opener.evaluate("o => o === document.activeElement")


def test_a_stranger_chooses_and_is_shown_what_is_for_them(
    address: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(address, locale="zh-CN", **SMALL)
    begun(page)
    page.locator(".st-key-pick-offer button").click()
    for nth in (1, 2, 3):
        page.locator(".st-key-picking h2").filter(has_text=f"第 {nth} 次").wait_for()
        page.locator(".st-key-pair img").nth(1).wait_for()
        if nth == 1:
            keep(page, "pair")
            assert serious(page) == [] and fits(page)
        page.wait_for_timeout(500)  # a page that is still being drawn drops what is touched
        page.locator(".st-key-pair button").first.click()
    page.locator(".dg-for-you").wait_for()
    tiles = page.locator(".st-key-examples .dg-tile")
    assert tiles.count() >= 2 and tiles.first.locator(".dg-why").inner_text().strip()
    keep(page, "for-you")
    assert serious(page) == [] and fits(page)
    with page.expect_response("**/reactions") as kept:
        page.locator(".st-key-examples .dg-dislike").first.click()
    assert kept.value.ok
