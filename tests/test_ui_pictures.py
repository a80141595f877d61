"""Pictures in the size they are shown in."""

import asyncio
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from fake_shop import FakeAssistant
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, Response

import agent.assistant
from ui import pictures


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: FakeAssistant(tmp_path))
    st.cache_resource.clear()
    (tmp_path / "images").mkdir()
    yield tmp_path
    st.cache_resource.clear()


def get(name: str, query: str) -> Response:
    scope = {"type": "http", "method": "GET", "headers": [], "path_params": {"name": name}}
    request = Request(scope | {"query_string": query.encode()})
    with ThreadPoolExecutor(
        1
    ) as pool:  # the browser tests of the same run keep an event loop running in this one
        return pool.submit(asyncio.run, pictures.send(request)).result()


@pytest.mark.parametrize("name", ["images/p1.png", "0123456789abcdef"])
def test_a_picture_comes_no_wider_than_it_is_shown(folder: Path, name: str) -> None:
    Image.new("RGB", (800, 1000), "teal").save(folder / name, "PNG")
    answer = get(name, "w=230")
    assert answer.media_type == "image/webp" and answer.headers["x-content-type-options"] == "nosniff"
    assert Image.open(io.BytesIO(bytes(answer.body))).size == (240, 300)


def test_a_picture_that_is_changed_is_scaled_anew(folder: Path) -> None:
    def color() -> tuple[int, ...]:
        with Image.open(io.BytesIO(bytes(get("images/p.png", "w=120").body))) as image:
            pixel = image.convert("RGB").getpixel((5, 5))
        assert isinstance(pixel, tuple)
        return pixel

    Image.new("RGB", (400, 400), (0, 0, 0)).save(folder / "images/p.png")
    assert max(color()) < 10
    Image.new("RGB", (400, 401), (255, 255, 255)).save(folder / "images/p.png")
    assert min(color()) > 245


def test_see_through_stays_so_and_a_turned_photo_is_upright(folder: Path) -> None:
    Image.new("RGBA", (500, 500), (0, 0, 0, 0)).save(folder / "images/clear.png")
    assert Image.open(io.BytesIO(bytes(get("images/clear.png", "w=120").body))).mode == "RGBA"
    turned = Image.new("RGB", (600, 400))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(folder / "images/turned.jpg", exif=exif)
    assert Image.open(io.BytesIO(bytes(get("images/turned.jpg", "w=120").body))).size == (120, 180)


@pytest.mark.parametrize(
    ("content", "query"),
    [
        (b"no picture at all", "w=120"),
        (None, "w=120"),  # smaller than asked for
        (None, ""),
        (None, "w=99999"),
        (None, "w=-1"),
        (None, "w=\u0663"),
        (None, "w=1e9"),
    ],
)
def test_what_need_not_or_cannot_be_scaled_is_sent_as_it_is(
    folder: Path, content: bytes | None, query: str
) -> None:
    path = folder / "images/one.webp"
    if content is None:
        Image.new("RGB", (90, 1)).save(path)
    else:
        path.write_bytes(content)
    assert isinstance(get("images/one.webp", query), FileResponse)


def test_a_board_is_kept_as_png_and_not_believed_for_long(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = folder / "board.jpg"
    Image.new("RGB", (540, 675), "red").save(made)
    monkeypatch.setattr(pictures.shop, "has_to_draw", lambda name, of=None: False)
    monkeypatch.setattr(pictures.shop, "picture", lambda name, of=None: made)
    whole = get("board-1", "as=png")
    assert whole.media_type == "image/png" and Image.open(io.BytesIO(bytes(whole.body))).size == (540, 675)
    assert whole.headers["cache-control"] == f"private, max-age={pictures.A_WHILE}"
    assert isinstance(get("images/one.webp", "as=png"), FileResponse), "only boards are worth the work"
    made.write_bytes(b"broken")
    assert isinstance(get("board-1", "as=png"), FileResponse)


def test_what_is_not_there_is_not_found_in_any_width(folder: Path) -> None:
    assert get("images/none.webp", "w=120").status_code == 404


def test_pictures_that_have_to_be_drawn_hold_up_no_other(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Image.new("RGB", (90, 90)).save(folder / "images/there.webp")
    go = threading.Event()

    def drawn(name: str, of: object = None) -> Path:
        if "slow" in name:
            assert go.wait(60)
        return folder / "images/there.webp"

    monkeypatch.setattr(pictures.shop, "has_to_draw", lambda name, of=None: "slow" in name)
    monkeypatch.setattr(pictures.shop, "picture", drawn)

    def request(name: str) -> Request:
        scope = {"type": "http", "method": "GET", "headers": [], "path_params": {"name": name}}
        return Request(scope | {"query_string": b""})

    async def crowd() -> bool:
        slow = [asyncio.create_task(pictures.send(request(f"images/slow{n}.webp"))) for n in range(60)]
        await asyncio.sleep(0.05)
        fast = asyncio.create_task(pictures.send(request("images/there.webp")))
        done, _ = await asyncio.wait([fast], timeout=30)
        go.set()
        await asyncio.gather(fast, *slow)
        return fast in done

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, crowd()).result()


@given(some.text(max_size=8))
def test_any_width_is_one_of_ours_or_none(wanted: str) -> None:
    width = pictures.at_least(wanted)
    assert width is None or width in pictures.WIDTHS
