"""A real server on the demo shop and a real browser in front of it.

SCREENSHOTS=DIR keeps the pictures of every step there; without it they go to pytest's own folder.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

KEEP = os.environ.get("SCREENSHOTS")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
START_S = 120.0


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo shop of this module's own: its conversations are kept in it."""
    return Path(shutil.copytree(pristine, tmp_path_factory.mktemp("browser") / "shop"))


@pytest.fixture(scope="module")
def address(folder: Path, browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `daogou serve`, started from a folder that has nothing to do with it."""
    port = free_port()
    daogou = str(Path(sys.executable).parent / "daogou")
    command = [daogou, "serve", "--host", "127.0.0.1", "--port", str(port), "--data", str(folder)]
    with running(command, port, tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(command: list[str], port: int, place: Path) -> Iterator[str]:
    """The address of a server while it runs in the folder `place`."""
    log = place / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=place, stdout=out, stderr=subprocess.STDOUT)
    try:
        url = f"http://127.0.0.1:{port}/"
        wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the server answers; its own words when it does not."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.2)
    raise AssertionError(f"no answer after {START_S} s: {log.read_text(errors='replace')}")


@pytest.fixture
def open_page(browser: "Browser") -> Iterator[Callable[..., "Page"]]:
    """Open a page as a shopper with this language and window; whatever it logs as an error fails the test."""
    contexts, errors = [], list[str]()

    def opened(
        url: str, *, locale: str = "en-US", width: int = 1280, height: int = 900, **more: Any
    ) -> "Page":
        context = browser.new_context(viewport={"width": width, "height": height}, locale=locale, **more)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not errors, errors


@pytest.fixture
def keep(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[["Page", str], None]:
    """Keep a screenshot under the name of the test and the step."""
    place = Path(KEEP) if KEEP else tmp_path
    place.mkdir(parents=True, exist_ok=True)
    test = request.node.name.removeprefix("test_").translate(str.maketrans("[]/ ", "----"))

    def screenshot(page: "Page", step: str) -> None:
        page.wait_for_timeout(700)
        page.screenshot(path=place / f"{test}-{step}.png")

    return screenshot


@pytest.fixture(scope="session")
def photo(demo_data: Path) -> Path:
    """A shopper's photo: a real one where there are any, else a picture of our own."""
    real = Path(__file__).parents[3] / "shared" / "data" / "clothing" / "validation" / "shirt"
    return min(real.glob("*.jpg"), default=None) or min((demo_data / "images").glob("*.webp"))
