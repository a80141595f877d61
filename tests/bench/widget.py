"""The widget in headless Chromium, from loopback: how much it weighs, how soon it can be used, how soon it answers.

    python -m tests.bench.widget DEMO_SHOP [--visits 10]

Prints a line of JSON. `gzip_bytes`: of the script as it is sent. Medians of milliseconds from the request of a shop's
page: `ready_cold` and `ready_warm` until the button can be pressed (a browser without a cache, and with one), and
`bare_…` until the page itself is there; `open` from the press until something can be typed; `starters` until the first
questions are there; `first_word` from sending a message until its first word. `main_thread`: how long the script keeps
the page busy. `range`: the least and the most.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "browser"))
SHADOW = "document.querySelector('daogou-chat').shadowRoot"


def until(page: Any, condition: str, act: str = "") -> float:
    """Milliseconds from an act until a condition holds, by the page's own clock, looked at in every frame."""
    return float(
        page.evaluate(
            f"new Promise(done => {{ const began = performance.now(); {act}; const look = () => ({condition}) ? "
            "done(performance.now() - began) : requestAnimationFrame(look); look(); })"
        )
    )


def visit(browser: Any, url: str, figures: dict[str, list[float]], talk: bool) -> None:
    """One shopper's: a first page, a second, and what the window does there."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.add_init_script("addEventListener('daogou:ready', () => performance.mark('daogou'), true)")
    for name in ("cold", "warm"):
        page.goto(f"{url}store?kind=bag" if name == "cold" else f"{url}store/p/D0001")
        page.wait_for_function("() => performance.getEntriesByName('daogou').length > 0")
        figures[f"ready_{name}"].append(page.evaluate("performance.getEntriesByName('daogou')[0].startTime"))
        page.wait_for_load_state("load")
        figures[f"bare_{name}"].append(
            page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
        )
    press = f"{SHADOW}.querySelector('.launcher').click()"
    figures["open"].append(until(page, f"{SHADOW}.activeElement?.tagName === 'TEXTAREA'", press))
    figures["starters"].append(until(page, f"{SHADOW}.querySelector('.chip')"))
    if talk:
        page.locator("daogou-chat textarea").fill("show me white shirts")
        send = f"{SHADOW}.querySelector('.send').click()"
        figures["first_word"].append(until(page, f"{SHADOW}.querySelector('.turn .guide p')", send))
        page.wait_for_function(f"() => !{SHADOW}.querySelector('.send').disabled")
    context.close()


def busy(browser: Any, url: str) -> float:
    """Milliseconds of the main thread that the script itself takes, as the browser's profiler counts them."""
    page = browser.new_page()
    page.goto(f"{url}store/p/D0001")
    page.wait_for_function("() => window.daogou?.open")
    code = page.evaluate("fetch('/widget.js').then(answer => answer.text())")
    client = page.context.new_cdp_session(page)
    client.send("Profiler.enable")
    client.send("Profiler.start")
    page.evaluate("delete window.daogouIsHere")
    client.send("Runtime.evaluate", {"expression": code})
    profile = client.send("Profiler.stop")["profile"]
    page.close()
    idle = {n["id"] for n in profile["nodes"] if n["callFrame"]["functionName"] in ("(idle)", "(program)")}
    pairs = zip(profile["samples"], profile["timeDeltas"], strict=True)
    return sum(delta for node, delta in pairs if node not in idle) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shop", type=Path)
    parser.add_argument("--visits", type=int, default=10)
    asked = parser.parse_args()
    from conftest import FLAGS, free_port, running

    from ui import widget

    names = ("ready_cold", "ready_warm", "bare_cold", "bare_warm", "open", "starters", "first_word")
    figures: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(shutil.copytree(asked.shop, Path(place) / "shop"))
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        port = free_port()
        daogou = str(Path(sys.executable).parent / "daogou")
        command = [daogou, "serve", "--port", str(port), "--data", str(folder)]
        found = shutil.which("chromium") or shutil.which("google-chrome")
        with running(command, port, Path(place)) as url:
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            visit(browser, url, {name: [] for name in names}, talk=True)  # the models are loaded by then
            time.sleep(1)
            for _ in range(asked.visits):
                visit(browser, url, figures, talk=True)
            main_thread = [busy(browser, url) for _ in range(min(asked.visits, 5))]
            browser.close()
    told = {name: round(statistics.median(values), 1) for name, values in figures.items()}
    spread = {name: [round(min(v), 1), round(max(v), 1)] for name, v in figures.items()}
    print(
        json.dumps(
            {
                "visits": asked.visits,
                "gzip_bytes": len(widget.packed()),
                **told,
                "main_thread": round(statistics.median(main_thread), 1),
                "range": spread,
            }
        )
    )


if __name__ == "__main__":
    main()
