"""A shopper who comes back: the browser's cookie knows them in a new conversation, the panel shows and erases."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

TURN_MS = 60_000


def say(page: "Page", text: str, reply: str) -> None:
    """Send a message and wait for words of the reply, or of its cards."""
    box = page.get_by_test_id("stChatInputTextArea")
    box.wait_for(timeout=TURN_MS)
    page.wait_for_timeout(600)  # a page that is still being drawn drops what is typed
    box.fill(text)
    box.press("Enter")
    page.locator(".dg-said").get_by_text(text).wait_for(timeout=TURN_MS)
    page.locator(".dg-reply, [class*=st-key-card]").get_by_text(reply).first.wait_for(timeout=TURN_MS)


@pytest.mark.parametrize(
    ("locale", "told", "kept", "heading", "ask", "named", "new", "gone"),
    [
        ("en-US", "remember that I wear M", "I'll remember", "What I remember about you", "dresses", "your size M",
         "New conversation", "Nothing. Say"),
        ("zh-CN", "记住我穿M码", "M。", "我记得你的事", "连衣裙", "你的 M 码", "新的对话", "什么都没有记"),
    ],
)  # fmt: skip
def test_known_again_and_forgotten(
    address: str,
    open_page: Callable[..., "Page"],
    keep: Callable[["Page", str], None],
    locale: str,
    told: str,
    kept: str,
    heading: str,
    ask: str,
    named: str,
    new: str,
    gone: str,
) -> None:
    page = open_page(address, locale=locale)
    say(page, told, kept)
    page.get_by_role("button", name=new).click()
    page.locator(".dg-welcome").wait_for(timeout=TURN_MS)
    say(page, ask, named)
    keep(page, "used")
    assert all(c["httpOnly"] for c in page.context.cookies() if c["name"] == "daogou_shopper")
    assert "daogou_shopper" not in page.evaluate("document.cookie")

    stranger = open_page(address, locale=locale)
    stranger.get_by_text(heading).first.click(timeout=TURN_MS)
    stranger.get_by_text(gone).wait_for()

    page.get_by_text(heading).first.click()
    page.get_by_test_id("stSidebar").get_by_text("M", exact=True).wait_for()
    keep(page, "panel")
    page.locator(".st-key-erase-all button").click()
    page.locator(".st-key-erase-all").wait_for(state="detached")
    assert page.request.get(f"{address}shopper").json()["consent"] == "unasked"
