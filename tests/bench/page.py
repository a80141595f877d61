"""The chat in a browser, from loopback: how soon the page can be used, how soon a picture is there, what jumps.

    python -m tests.bench.page DEMO_SHOP [--visits 10]

Prints a line of JSON: milliseconds from the request of a page to its message box (a warm server, a browser without
a cache), milliseconds of a card's picture at its first fetch, the worst
cumulative layout shift (https://web.dev/articles/cls) of a page's arrival and of a turn, and by how much pictures are
larger than they are shown. Medians, with the 95th percentile where it says p95.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
MESSAGES = ("white shirt for work", "compare the first two", "what goes with the first one?")
WINDOWS = ({"width": 1280, "height": 900}, {"width": 390, "height": 844})


def p95(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[min(len(values) - 1, round(0.95 * (len(values) - 1)))]


def arrival(browser: Any, url: str, window: dict[str, int]) -> tuple[float, float]:
    """Milliseconds until the page can be used, and how much it moved meanwhile."""
    from test_page import WATCH, shift

    context = browser.new_context(viewport=window, locale="en-US")
    page = context.new_page()
    page.add_init_script(WATCH)
    began = time.perf_counter()
    page.goto(url)
    page.locator(".st-key-examples img").first.wait_for(timeout=60_000)
    page.wait_for_function("!document.querySelector('[data-testid=stChatInputTextArea]')?.disabled")
    took = (time.perf_counter() - began) * 1000
    page.wait_for_timeout(800)
    moved = shift(page)
    context.close()
    return took, moved


def turns(browser: Any, url: str, window: dict[str, int]) -> tuple[float, list[float]]:
    """How much moved while answers came, and how much larger than shown each picture was."""
    from shopper import Shopper
    from test_page import LARGER, WATCH, shift

    context = browser.new_context(viewport=window, locale="en-US")
    page: Page = context.new_page()
    page.goto(url)
    shopper = Shopper(page)
    page.wait_for_timeout(800)
    page.evaluate(WATCH.replace("buffered: true", "buffered: false"))
    for message in MESSAGES:
        shopper.say(message)
    page.wait_for_timeout(500)
    moved = shift(page)
    larger = [p["has"] / p["shown"] for p in page.evaluate(LARGER) if p["shown"]]
    context.close()
    return moved, larger


def fetched(url: str, names: list[str]) -> list[float]:
    """Milliseconds of each picture in the size of a card, at its first fetch."""
    out = []
    for name in names:
        began = time.perf_counter()
        with urllib.request.urlopen(f"{url}pictures/{name}?w=360") as answer:
            answer.read()
        out.append((time.perf_counter() - began) * 1000)
    return out


def main() -> None:
    """Measure and print."""
    from conftest import FLAGS, free_port, running
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--visits", type=int, default=10)
    wish = parser.parse_args()
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(shutil.copytree(wish.shop, Path(place) / "shop"))
        port = free_port()
        command = [sys.executable, "-m", "ui.cli", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with running([*command, "--data", str(folder)], port, Path(place)) as url:
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            arrival(browser, url, WINDOWS[0])  # the models are loaded by the first
            pages = [arrival(browser, url, window) for _ in range(wish.visits) for window in WINDOWS]
            talks = [turns(browser, url, window) for window in WINDOWS for _ in range(2)]
            names = sorted(f"images/{p.name}" for p in (folder / "images").glob("*-1.webp"))[:60]
            pictures = fetched(url, names)
            browser.close()
    usable = [took for took, _ in pages]
    figures = {
        "visits": len(pages),
        "usable_ms": round(statistics.median(usable)),
        "usable_p95_ms": round(p95(usable)),
        "picture_ms": round(statistics.median(pictures), 1),
        "picture_p95_ms": round(p95(pictures), 1),
        "shift_arriving": round(max(moved for _, moved in pages), 3),
        "shift_answering": round(max(moved for moved, _ in talks), 3),
        "larger_than_shown": round(statistics.median(x for _, many in talks for x in many), 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
