"""The server around the page: pictures by name and nothing else, a taken port told as such, no telemetry."""

import asyncio
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from fake_shop import FakeAssistant
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import config

import agent.assistant
from ui import pictures, server
from ui.commands import door


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAssistant]:
    fake = FakeAssistant(tmp_path)
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: fake)
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()


def get(name: str, query: bytes = b"") -> Response:
    scope = {"type": "http", "method": "GET", "headers": [], "path_params": {"name": name}}
    request = Request(scope | {"query_string": query})
    # In a thread of its own: the browser tests of the same run keep an event loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, pictures.send(request)).result()


def test_a_picture_is_sent_with_headers_that_keep_it_a_picture(shop: FakeAssistant, tmp_path: Path) -> None:
    (tmp_path / "p1.webp").write_bytes(b"RIFF....WEBP")
    answer = get("p1.webp")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/webp"
    assert (
        answer.headers["x-content-type-options"] == "nosniff" and "private" in answer.headers["cache-control"]
    )


@pytest.mark.parametrize("name", ["missing.webp", "", "../secret", "0" * 16, "a\0b"])
def test_what_is_not_a_picture_is_not_found(shop: FakeAssistant, name: str) -> None:
    assert get(name).status_code == 404


def test_a_taken_port_is_told() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(server.PortTaken, match=r"taken.*--port"):
            server.listen("127.0.0.1", other.getsockname()[1])


def test_who_cannot_be_served_is_told_in_a_sentence() -> None:
    assert door.named(server.PortTaken(8501)) == (
        "port_taken",
        "port 8501 is taken; choose another one: --port 8502",
    )
    code, told = door.named(server.NoSuchHost("192.0.2.1", 1, "no"))
    assert code == "no_such_host" and "192.0.2.1" in told and "--host" in told


def test_an_address_of_another_machine_is_no_taken_port() -> None:
    with pytest.raises(server.NoSuchHost, match=r"192\.0\.2\.1.*--host"):
        server.listen("192.0.2.1", 0)


def test_port_zero_takes_a_free_one() -> None:
    with server.listen("127.0.0.1", 0) as sock:
        assert sock.getsockname()[1] > 0


def test_nothing_is_reported_and_other_routes_find_their_place() -> None:
    async def ping(_: Request) -> Response:
        return PlainTextResponse("pong")

    app = server.application([Route("/ping", ping)])
    assert app.script_path == server.APP and server.APP.is_file()
    assert config.get_option("browser.gatherUsageStats") is False
    assert config.get_option("client.showErrorDetails") == "none"
    assert config.get_option("theme.dark.backgroundColor") == "#1a1715"
