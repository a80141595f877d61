"""The server around the page: pictures by name and nothing else, a taken port told as such, no telemetry."""

import asyncio
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import uvicorn
from fake_shop import FakeAssistant
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
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


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="an option of Linux")
def test_a_reader_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "UNREAD_S", 1.0)
    listening = server.listen("127.0.0.1", 0)
    listening.listen()
    with listening, socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(listening.getsockname())
        sender, _ = listening.accept()
        with sender, pytest.raises(OSError):
            sender.settimeout(30)  # raises TimeoutError, which is one too: so the time tells
            began = time.monotonic()
            while True:
                sender.sendall(b"x" * 1_000_000)
        assert time.monotonic() - began < 20


@pytest.mark.parametrize(("named", "believed"), [("", None), ("127.0.0.1, 172.28.0.0/24", "203.0.113.9")])
def test_a_proxy_is_believed_only_once_it_is_named(
    named: str, believed: str | None, monkeypatch: pytest.MonkeyPatch, shop: FakeAssistant
) -> None:
    """Whoever connects from this very machine is no proxy by that alone."""
    configs: list[uvicorn.Config] = []

    class Caught:
        def __init__(self, config: uvicorn.Config, **_: object) -> None:
            configs.append(config)

        def run(self, sockets: list[socket.socket]) -> None:
            for one in sockets:
                one.close()

    async def tells(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse(scope["client"][0])(scope, receive, send)

    monkeypatch.setenv("DAOGOU_TRUSTED_PROXIES", named)
    monkeypatch.setattr(server, "Server", Caught)
    monkeypatch.setattr(server, "application", lambda *_: tells)
    server.serve(port=0, say_url=lambda _: None)
    (config,) = configs
    config.load()
    client = TestClient(config.loaded_app, client=("127.0.0.1", 5000))
    claimed = {"X-Forwarded-For": "203.0.113.9"}
    assert client.get("/", headers=claimed).text == (believed or "127.0.0.1")
