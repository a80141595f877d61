"""The page itself, whatever is said on it: nothing serious for axe, nothing wider than the window, nothing that jumps
while an answer comes, no picture larger than it is shown."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from shopper import TURN_MS, Shopper

if TYPE_CHECKING:
    from playwright.sync_api import Page

TALKS = {
    "en-US": ("white shirt for work", "compare the first two", "what goes with the first one?", "can I return it?"),
    "zh-CN": ("想要一条碎花连衣裙", "第一件和第二件比一比", "第一件配什么好看？", "可以退货吗？"),
}  # fmt: skip
WATCH = """window.shifts = [];
new PerformanceObserver(list => { for (const e of list.getEntries())
  if (!e.hadRecentInput) window.shifts.push([e.startTime, e.value]) })
  .observe({type: 'layout-shift', buffered: true});"""
LARGER = """() => [...document.querySelectorAll('img[srcset]')].filter(i => i.complete && i.naturalWidth).map(i => ({
  src: i.currentSrc, shown: i.clientWidth * devicePixelRatio, has: i.naturalWidth}))"""


def talk(page: "Page", messages: tuple[str, ...]) -> None:
    """Send messages, each after the reply to the one before."""
    shopper = Shopper(page)
    page.wait_for_timeout(600)  # a page that is still being drawn drops what is typed
    for text in messages:
        shopper.say(text)


def serious(page: "Page") -> list[tuple[str, Any]]:
    """What axe holds to be serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["target"]) for v in found if v["impact"] in ("serious", "critical")]


def shift(page: "Page") -> float:
    """Cumulative layout shift: the worst run of shifts less than a second apart, of five seconds at most
    (https://web.dev/articles/cls)."""
    worst = run = began = last = 0.0
    for at, value in page.evaluate("window.shifts"):
        if at - last > 1000 or at - began > 5000:
            run, began = 0.0, at
        run, last = run + value, at
        worst = max(worst, run)
    return worst


@pytest.mark.parametrize(
    ("locale", "scheme", "width"),
    [("en-US", "light", 1280), ("en-US", "dark", 390), ("zh-CN", "dark", 2560), ("zh-CN", "light", 360)],
)
def test_all_can_use_it_at_any_width(
    address: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    locale: str,
    scheme: str,
    width: int,
) -> None:
    page = open_page(address, locale=locale, width=width, color_scheme=scheme)
    page.evaluate(WATCH)
    page.locator("[class*=st-key-chip-first-] button").last.wait_for(timeout=TURN_MS)
    page.wait_for_timeout(500)
    assert serious(page) == []
    talk(page, TALKS[locale])
    keep(page, "talk")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert shift(page) <= 0.1
    shown = page.evaluate(LARGER)
    assert shown
    for picture in shown:  # the next of the widths that are served, or a picture that is smaller
        assert picture["has"] <= max(240, picture["shown"] * 2), picture


def test_news_are_read_aloud_once(address: str, open_page: Callable[..., "Page"]) -> None:
    page = open_page(address)
    talk(page, TALKS["en-US"][:1])
    assert page.locator(".st-key-talk[role=log]").count() == 1
    assert page.locator(".dg-reply[aria-busy]").count() == 0
