"""The viewer of a product's pictures, on the page: its turn, its zoom, and what it says, by hand and by keys."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from shopper import PHONE, Shopper
from test_page import serious

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

TALKS = {
    "en-US": (("show me sneakers", "tell me about the first one"), "Front, picture 1 of", "360° view", "View 2 of 24"),
    "zh-CN": (("有运动鞋吗", "介绍一下第一件"), "正面，第 1 张", "360° 旋转", "第 2 个角度，共 24 个"),
}  # fmt: skip
SHOWN = "img => img.complete && img.naturalWidth > 0 && getComputedStyle(img).opacity === '1'"


def opened(page: "Page", messages: tuple[str, ...]) -> "Locator":
    """The viewer of the product that was asked about."""
    shopper = Shopper(page)
    page.wait_for_timeout(600)  # a page that is still being drawn drops what is typed
    for text in messages:
        turn = shopper.say(text)
    return turn.locator(".dg-gallery")


def wait_shown(viewer: "Locator", part: str = "") -> None:
    """Until the large picture is there; with `part`, one whose address has that in it."""
    stage = viewer.locator(f".dg-stage img[src*='{part}']" if part else ".dg-stage img")
    stage.wait_for()
    viewer.page.wait_for_function(SHOWN, arg=stage.element_handle())


def scale(viewer: "Locator") -> float:
    """How many times as large as the frame the picture is."""
    return float(
        viewer.locator(".dg-stage").evaluate(
            "s => s.querySelector('img').getBoundingClientRect().width / s.clientWidth"
        )
    )


@pytest.mark.parametrize(
    ("locale", "scheme", "form"), [("en-US", "light", {}), ("zh-CN", "dark", PHONE)], ids=["en", "zh"]
)
def test_a_product_is_turned_and_looked_at_closely_by_keys(
    address: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    locale: str,
    scheme: str,
    form: dict[str, object],
) -> None:
    messages, first, name, angle = TALKS[locale]
    page = open_page(address, locale=locale, color_scheme=scheme, reduced_motion="reduce", **form)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    viewer = opened(page, messages)
    stage, told = viewer.locator(".dg-stage"), viewer.locator(".dg-view-told")
    wait_shown(viewer)
    assert told.inner_text().startswith(first)
    assert not [url for url in fetched if "-spin-" in url], "a turn is fetched when it is wanted"

    stage.focus()
    page.keyboard.press("Enter")
    assert scale(viewer) == pytest.approx(2.5, abs=0.01)
    page.keyboard.press("Escape")
    assert scale(viewer) == pytest.approx(1, abs=0.01)

    before = stage.bounding_box(), viewer.locator(".dg-views").bounding_box()
    viewer.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")
    wait_shown(viewer, "-spin-00")
    assert (stage.bounding_box(), viewer.locator(".dg-views").bounding_box()) == before, "nothing jumps"
    stage.focus()
    page.keyboard.press("ArrowRight")
    wait_shown(viewer, "-spin-01")
    assert viewer.locator(".dg-angle").get_attribute("aria-valuetext") == angle == told.inner_text()
    viewer.locator(".dg-angle").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft" if locale == "en-US" else "End")
    wait_shown(viewer, "-spin-00" if locale == "en-US" else "-spin-23")
    keep(page, "turn")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


def test_fingers_turn_it_and_pull_it_apart(address: str, open_page: Callable[..., "Page"]) -> None:
    page = open_page(address, reduced_motion="reduce", **PHONE)
    viewer = opened(page, TALKS["en-US"][0])
    stage = viewer.locator(".dg-stage")
    wait_shown(viewer)

    def middle() -> tuple[float, float, float]:
        """Of the large picture, in the window, and how wide it is."""
        stage.evaluate("s => s.scrollIntoView({block: 'center'})")
        box = stage.bounding_box()
        assert box
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]

    x, y, _ = middle()
    touch = page.context.new_cdp_session(page)

    def fingers(kind: str, *points: tuple[float, float]) -> None:
        at = [{"x": px, "y": py, "id": n} for n, (px, py) in enumerate(points)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

    fingers("touchStart", (x - 30, y), (x + 30, y))
    fingers("touchMove", (x - 60, y), (x + 60, y))
    fingers("touchEnd")
    assert scale(viewer) == pytest.approx(2, abs=0.05)
    stage.tap(position={"x": 100, "y": 150})
    assert scale(viewer) == pytest.approx(1, abs=0.01)

    viewer.locator(".dg-turn").tap()
    wait_shown(viewer, "-spin-00")
    x, y, wide = middle()
    fingers("touchStart", (x - 80, y))
    for step in range(1, 9):
        fingers("touchMove", (x - 80 + step * wide / 32, y))
    fingers("touchEnd")
    wait_shown(viewer, "-spin-06")  # a quarter of the width is a quarter turn
