"""The tour: one visit that shows what a shopper can do, in either language, on a desktop or a phone, by day or night.

    python tests/browser/tour.py DEMO_SHOP     draws docs/tour/*.webp anew and writes docs/tour.md

`walk` is the visit; tests/browser/test_screens.py walks it and compares what it sees with those pictures.
"""

import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from conftest import FLAGS, free_port, running
from PIL import Image
from shopper import PHONE, TURN_MS, Shopper

if TYPE_CHECKING:
    from playwright.sync_api import Page

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = DOCS / "tour"
PHOTO = DOCS.parent / "tests" / "dialogs" / "photos" / "red_top_and_jeans.webp"
LOCALES = {"zh": "zh-CN", "en": "en-US"}
DEVICES: dict[str, dict[str, Any]] = {
    "desktop": {"width": 1280, "height": 900},
    "phone": PHONE | {"device_scale_factor": 1},
}
VISITS = (("zh", "desktop", "light"), ("en", "phone", "dark"))
STILL = (
    "*, *::before, *::after { animation: none !important; transition: none !important;"
    " caret-color: transparent !important; }"
)


# Until every picture in sight is there; one that is not in sight may never be fetched.
SEEN = """() => Promise.race([new Promise(done => setTimeout(done, 8000)),
 Promise.all([...document.images].filter(i => {
  const box = i.getBoundingClientRect();
  return box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0;
}).map(i => i.decode().catch(() => 0)))])"""


@dataclass(frozen=True)
class Stop:
    """A step of the visit: its name, what is said there, what else is done after the reply."""

    name: str
    say: dict[str, str] | None = None
    photo: bool = False
    then: Callable[[Shopper], None] | None = None


def _open_side(shopper: Shopper) -> None:
    button = shopper.page.get_by_test_id("stExpandSidebarButton")
    if button.is_visible():
        button.click()
        shopper.page.wait_for_timeout(500)


def _turn(shopper: Shopper) -> None:
    shopper.last.locator(".dg-turn").click()
    slider = shopper.last.locator(".dg-angle")
    slider.wait_for()
    for _ in range(4):
        slider.press("ArrowRight")
    shopper.page.wait_for_timeout(300)
    # The frames of the demo are drawn when they are asked for.
    shopper.last.locator(".dg-waiting").wait_for(state="detached", timeout=TURN_MS)


WISH = {
    "zh": "有没有适合海边婚礼的碎花连衣裙，120以内",
    "en": "a floral dress for a wedding by the sea, under 120",
}
STOPS = (
    Stop("welcome"),
    Stop("photo", {"zh": "有没有和照片里差不多的？", "en": "Do you have something like this?"}, photo=True),
    Stop("search", WISH),
    Stop("detail", {"zh": "介绍一下第一件", "en": "tell me about the first one"}),
    Stop("turn", then=_turn),
    Stop("color", {"zh": "它换成墨绿色会怎样？", "en": "how would it look in dark green?"}),
    Stop("compare", {"zh": "第一件和第二件比一比", "en": "compare the first two"}),
    Stop("outfit", {"zh": "第一件配什么好看？", "en": "what should I wear with the first one?"}),
    Stop("policy", {"zh": "不合适可以退吗？", "en": "Can I return it if it does not fit?"}),
    Stop("cart", {"zh": "把第一件加到购物车，M码", "en": "add the first one in M"}, then=_open_side),
)


def walk(page: "Page", lang: str) -> Iterator[str]:
    """Make the visit; yields the name of each stop when the page shows it and stands still."""
    shopper = Shopper(page)
    page.locator(".st-key-examples img").first.wait_for(timeout=TURN_MS)
    page.wait_for_timeout(600)  # a page that is still being drawn drops what is typed
    page.add_style_tag(content=STILL)
    for stop in STOPS:
        if stop.photo:
            shopper.attach(PHOTO)
        if stop.say:
            shopper.say(stop.say[lang])
        if stop.then:
            stop.then(shopper)
        page.mouse.move(0, 0)
        page.evaluate(SEEN)
        page.wait_for_timeout(2600)  # the scroll to a new turn goes on while its pictures come
        yield stop.name


def name(stop: str, lang: str, device: str, scheme: str) -> str:
    """The file of a picture of the tour."""
    return f"{stop}-{lang}-{device}-{scheme}.webp"


@contextlib.contextmanager
def opened(url: str, lang: str, device: str, scheme: str, browser: Any) -> Iterator["Page"]:
    """The page of one visit."""
    wish = dict(DEVICES[device])
    viewport = {"width": wish.pop("width"), "height": wish.pop("height")}
    context = browser.new_context(
        viewport=viewport, locale=LOCALES[lang], color_scheme=scheme, reduced_motion="reduce", **wish
    )
    page = context.new_page()
    page.goto(url)
    yield page
    context.close()


def shot(page: "Page") -> Image.Image:
    """What the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def main(shop: Path) -> None:
    """Draw every picture of the tour anew, and its page."""
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        folder = Path(shutil.copytree(shop, Path(place) / "shop"))
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        port = free_port()
        daogou = [sys.executable, "-m", "ui.cli", "serve", "--host", "127.0.0.1"]
        with running([*daogou, "--port", str(port), "--data", str(folder)], port, Path(place)) as url:
            for visit in VISITS:
                with opened(url, *visit, browser) as page:
                    for stop in walk(page, visit[0]):
                        shot(page).save(PICTURES / name(stop, *visit), "WEBP", quality=80, method=6)
                        print(name(stop, *visit), flush=True)
        browser.close()
    write()


def write() -> None:
    """docs/tour.md from tour.yaml: each stop with its words and its pictures."""
    told = yaml.safe_load((Path(__file__).parent / "tour.yaml").read_text(encoding="utf-8"))
    lines = ["# " + told["title"], "", told["intro"].strip(), ""]
    for stop in STOPS:
        words = told["stops"][stop.name]
        lines += [f"## {words['title']}", "", words["text"].strip(), ""]
        said = f" — {stop.say['zh']}" if stop.say else ""
        for lang, device, scheme in VISITS:
            alt = f"{words['title']}: {lang}, {device}, {scheme}"
            width = 640 if device == "desktop" else 220
            lines.append(
                f'<img src="tour/{name(stop.name, lang, device, scheme)}" width="{width}" alt="{alt}">'
            )
        lines += ["", f"*{stop.say['en']}*{said}" if stop.say else "", ""]
    text = "\n".join(lines).rstrip() + "\n"
    (DOCS / "tour.md").write_text(text.replace("\n\n\n", "\n\n"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
