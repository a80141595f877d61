"""The staff's page in a real browser: the door, a correction by keyboard alone, the language, nothing for shoppers."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WAIT_MS = 60_000
PASSWORD = "for staff only"


@pytest.fixture(scope="module")
def guarded(folder: Path, browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that has a staff's password."""
    port, daogou = free_port(), str(Path(sys.executable).parent / "daogou")
    command = ["env", f"DAOGOU_STAFF_PASSWORD={PASSWORD}", daogou, "serve", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--data", str(folder)]
    with running(command, port, tmp_path_factory.mktemp("staff")) as url:
        yield url


def top_of(page: "Page", part: str) -> float:
    """Where a part of the page begins, in pixels from the beginning of the page, however far it was scrolled."""
    top: float = page.locator(part).first.evaluate(
        "part => part.getBoundingClientRect().top + document.querySelector('[data-testid=stMain]').scrollTop"
    )
    return top


def settle(page: "Page") -> None:
    """Until the server has drawn all of it."""
    page.locator("[data-test-script-state=notRunning]").wait_for(timeout=WAIT_MS)


def come_in(page: "Page") -> None:
    """Through the door, by keyboard, to the catalogue's first page."""
    page.locator("input[type=password]").wait_for(timeout=WAIT_MS)
    assert not page.locator(".dg-card").count()
    page.keyboard.press("Tab")
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".st-key-shelf-browse .dg-card").nth(23).wait_for(timeout=WAIT_MS)
    page.locator(".st-key-shelf_category_en input").wait_for(timeout=WAIT_MS)
    settle(page)


def open_nth(page: "Page", place: int) -> None:
    """A product of the list, by keyboard."""
    page.locator(f".st-key-open-browse-{place} button").focus()
    page.keyboard.press("Enter")
    page.locator(".st-key-shelf-near-words .dg-card").last.wait_for(timeout=WAIT_MS)
    settle(page)


def test_a_correction_by_keyboard_stays_and_is_told_in_either_language(
    guarded: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    page = open_page(f"{guarded}staff")
    come_in(page)
    keep(page, "catalogue")
    open_nth(page, 3)
    scrolled = page.locator("[data-testid=stMain]").evaluate("main => main.scrollTop")
    assert not scrolled and top_of(page, ".st-key-back") < 200  # read from its beginning
    name = page.locator(".dg-detail h3").inner_text()

    before = top_of(page, ".st-key-shelf-near-look")
    page.locator(".st-key-fix [data-testid=stMultiSelect] input").focus()
    page.keyboard.type("purple")
    page.keyboard.press("Enter")
    page.get_by_test_id("stMultiSelect").get_by_text("purple").first.wait_for()
    page.keyboard.press("Escape")
    page.locator(".st-key-fix-save button").focus()
    page.keyboard.press("Enter")
    page.locator(".dg-told").get_by_text("Saved: Colour").wait_for(timeout=WAIT_MS)
    page.locator(".dg-facts").get_by_text("corrected by staff").wait_for(timeout=WAIT_MS)
    settle(page)
    keep(page, "corrected")
    moved = top_of(page, ".st-key-shelf-near-look") - before
    assert 0 < moved < 100, moved  # one line more with its button, and nothing else has moved

    shopper = open_page(guarded)
    box = shopper.get_by_test_id("stChatInputTextArea")
    box.wait_for(timeout=WAIT_MS)
    assert not shopper.get_by_text("staff").count() and not shopper.locator("[href*=staff]").count()
    shopper.wait_for_timeout(600)
    box.fill("purple T-shirts")
    box.press("Enter")
    # At once, in the chat of the same server.
    shopper.locator(".dg-card").get_by_text(name).first.wait_for(timeout=WAIT_MS)

    page.get_by_text("中文", exact=True).click()
    page.locator(".dg-facts").get_by_text("店员改正").wait_for(timeout=WAIT_MS)
    page.get_by_test_id("stMultiSelect").get_by_text("紫色").wait_for(timeout=WAIT_MS)
    keep(page, "corrected-zh")
    page.locator(".st-key-take-back-color button").click()
    page.locator(".dg-told").get_by_text("已撤回：颜色").wait_for(timeout=WAIT_MS)
    settle(page)
    assert not page.locator(".dg-facts").get_by_text("店员改正").count()


def test_the_list_is_gone_when_a_product_of_it_is_opened(
    guarded: str, open_page: Callable[..., "Page"]
) -> None:
    page = open_page(f"{guarded}staff")
    come_in(page)
    page.evaluate(  # how tall the page is, whenever anything of it changes
        """() => { window.tallest = 0; new MutationObserver(() => { if (document.querySelector(".dg-detail"))
        window.tallest = Math.max(window.tallest, document.querySelector(".stMainBlockContainer").scrollHeight);
        }).observe(document.body, {childList: true, subtree: true}) }"""
    )
    open_nth(page, 17)
    height = page.locator(".stMainBlockContainer").evaluate("all => all.scrollHeight")
    assert 0 < page.evaluate("tallest") <= height + 100


def test_a_picture_that_is_gone_or_broken_is_a_quiet_frame(
    guarded: str, folder: Path, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    names = sorted(path.name for path in (folder / "images").iterdir())
    for name in names[::2]:
        (folder / "images" / name).unlink()
    for name in names[1::2]:
        (folder / "images" / name).write_bytes(b"no picture")
    page = open_page(f"{guarded}staff")
    page.locator("input[type=password]").wait_for(timeout=WAIT_MS)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator(".st-key-shelf-browse .dg-card").nth(23).wait_for(timeout=WAIT_MS)
    frames = page.locator(".dg-pic .dg-nopic:visible")
    frames.nth(3).wait_for()
    page.wait_for_function("![...document.images].some(i => i.complete && !i.naturalWidth)")
    keep(page, "frames")
    assert all("Picture of" in (f.get_attribute("aria-label") or "") for f in frames.all())
    box = frames.first.bounding_box()
    assert box and box["width"] > 100 and box["height"] > 100
    shopper = open_page(guarded)
    shopper.locator(".dg-welcome").wait_for(timeout=WAIT_MS)
    shopper.wait_for_function("![...document.images].some(i => i.complete && !i.naturalWidth)")


def test_without_a_password_there_is_no_such_page(address: str, browser: "Browser") -> None:
    page = browser.new_page(locale="zh-CN")
    answer = page.goto(f"{address}staff")
    assert answer is not None and answer.status == 404
    assert "DAOGOU_STAFF_PASSWORD" in page.locator("pre").inner_text()
    assert page.locator("html").get_attribute("lang") == "zh-CN" and not page.locator("input").count()
    page.get_by_role("link").click()
    page.get_by_test_id("stChatInputTextArea").wait_for(timeout=WAIT_MS)
    page.close()


def test_a_person_takes_over_and_nothing_that_anybody_wrote_is_run(
    guarded: str, open_page: Callable[..., "Page"], keep: Callable[["Page", str], None]
) -> None:
    evil, ran = "<img src=x onerror=alert(1)> **b** [a](javascript:alert(2)) <script>alert(3)</script>", []
    page, desk = open_page(guarded), open_page(f"{guarded}staff?view=people")
    for one in (page, desk):
        one.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    box = page.get_by_test_id("stChatInputTextArea")
    box.wait_for(timeout=WAIT_MS)
    box.fill(f"can I talk to a human? {evil}")
    box.press("Enter")
    page.locator(".st-key-takeover").get_by_text("first in the queue").wait_for(timeout=WAIT_MS)

    desk.locator("input[type=password]").fill(PASSWORD)
    desk.keyboard.press("Enter")
    desk.get_by_label("Your name").fill("Lin <b>x</b>")
    desk.keyboard.press("Enter")
    take = desk.get_by_role("button", name="Take over")
    take.wait_for(timeout=WAIT_MS)
    keep(desk, "queue")
    take.focus()
    desk.keyboard.press("Enter")  # by keyboard alone
    desk.locator(".dg-by-shopper").get_by_text(evil).wait_for(timeout=WAIT_MS)
    answer = desk.get_by_test_id("stChatInputTextArea")
    answer.fill(f"Hello there {evil}")
    answer.press("Enter")
    keep(desk, "taken")

    told = page.locator(".dg-person")
    told.wait_for(timeout=WAIT_MS)
    assert f"Hello there {evil}" in told.inner_text() and "Lin <b>x</b>" in told.inner_text()
    box.fill("and is it warm?")
    box.press("Enter")
    page.get_by_text("has been passed on to Lin").wait_for(timeout=WAIT_MS)
    assert page.locator(".dg-reply").count() == 1  # the assistant says nothing to it
    desk.locator(".dg-by-shopper").get_by_text("and is it warm?").wait_for(timeout=WAIT_MS)
    keep(page, "a person")

    desk.get_by_role("button", name="Give back to the assistant").click()
    desk.get_by_text("Nobody waits").wait_for(timeout=WAIT_MS)
    page.get_by_text("has given the conversation back").wait_for(timeout=WAIT_MS)
    page.locator(".st-key-takeover").wait_for(state="detached", timeout=WAIT_MS)
    assert ran == [] and not page.locator(".dg-person img, .dg-person script, .dg-person b").count()
    assert not desk.locator(".dg-uttered script, .dg-uttered img").count()
