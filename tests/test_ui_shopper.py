"""The browser's shopper: an id in a cookie that only the server reads, and the right to see and erase one's own."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

import agent.assistant
from agent.assistant import Assistant
from agent.settings import Settings
from ui import shopper


def page(_: Any) -> HTMLResponse:
    return HTMLResponse("<p>chat</p>")


def picture(_: Any) -> PlainTextResponse:
    return PlainTextResponse("a picture")


@pytest.fixture
def assistant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    opened = Assistant.open(Settings(data=tmp_path / "shop", model="offline"))
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: opened)
    st.cache_resource.clear()
    yield opened
    st.cache_resource.clear()
    opened.close()


@pytest.fixture
def browser(assistant: Assistant) -> TestClient:
    routes = [Route("/", page), Route("/pictures/{name}", picture), *shopper.ROUTES]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(shopper.Shoppers)]))


def test_a_page_gives_an_id_that_goes_with_the_window(browser: TestClient) -> None:
    answer = browser.get("/")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie
    assert "max-age" not in cookie and "expires" not in cookie
    assert len(browser.cookies[shopper.COOKIE]) == 32
    assert browser.cookies[shopper.COOKIE] not in answer.text
    first = browser.cookies[shopper.COOKIE]
    browser.get("/")
    assert browser.cookies[shopper.COOKIE] == first


def test_every_browser_gets_its_own(assistant: Assistant) -> None:
    ids = {assistant.new_shopper() for _ in range(200)}
    assert len(ids) == 200
    assert all(shopper.named({shopper.COOKIE: name}) == name for name in ids)


def test_with_consent_it_stays_and_after_forgetting_it_does_not(
    browser: TestClient, assistant: Assistant
) -> None:
    browser.get("/")
    mine = browser.cookies[shopper.COOKIE]
    assistant.remember(mine, {"sizes": {"tops": "M"}})
    assert "max-age=31536000" in browser.get("/pictures/x.webp").headers["set-cookie"].lower()
    browser.delete("/shopper")
    assert "max-age" not in browser.get("/").headers["set-cookie"].lower()


def test_one_sees_and_erases_ones_own(browser: TestClient, assistant: Assistant) -> None:
    browser.get("/")
    mine = browser.cookies[shopper.COOKIE]
    assistant.remember(mine, {"sizes": {"tops": "M", "shoes": "42"}})
    assert {s["size"] for s in browser.get("/shopper").json()["sizes"]} == {"M", "42"}
    gone = browser.delete("/shopper", params={"portion": "sizes", "kind": "shoes"})
    assert gone.json() == {"forgotten": 1}
    assert assistant.profile(mine).to_json()["sizes"] == {"tops": "M"}
    assert browser.delete("/shopper").json() == {"forgotten": 1}
    assert assistant.profile(mine).consent == "unasked"
    assert browser.get("/shopper").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "cookie", ["", "anna", "x" * 31, "x" * 33, "' OR 1=1 --xxxxxxxxxxxxxxxxxxxxx", "é" * 32]
)
def test_a_made_up_id_is_nobody(assistant: Assistant, cookie: str) -> None:
    assistant.remember("anna", {"sizes": {"tops": "M"}})
    assert shopper.named({shopper.COOKIE: cookie}) is None


def test_without_a_cookie_there_is_nothing_to_see(browser: TestClient) -> None:
    for answer in (browser.get("/shopper"), browser.delete("/shopper")):
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "no_shopper"


def test_anothers_id_gives_nothing_away(browser: TestClient, assistant: Assistant) -> None:
    """An id in the address, a header or the body is no cookie; an unknown cookie is an empty profile."""
    theirs = assistant.new_shopper()
    assistant.remember(theirs, {"sizes": {"tops": "M"}})
    browser.get("/")
    assert browser.get("/shopper", params={"shopper": theirs}).json()["sizes"] == []
    assert browser.delete("/shopper", params={"shopper": theirs}).status_code == 400
    assert assistant.profile(theirs).sizes


@pytest.mark.parametrize(
    "part", [{"portion": "everything else"}, {"kind": "shoes"}, {"portion": "liked", "kind": "shoes"}]
)
def test_an_unknown_part_is_refused(browser: TestClient, assistant: Assistant, part: dict[str, str]) -> None:
    browser.get("/")
    assistant.remember(browser.cookies[shopper.COOKIE], {"sizes": {"tops": "M"}})
    answer = browser.delete("/shopper", params=part)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_scope")
    assert assistant.profile(browser.cookies[shopper.COOKIE]).sizes


def test_a_locked_memory_is_told_and_not_called_erased(browser: TestClient, assistant: Assistant) -> None:
    browser.get("/")
    mine = browser.cookies[shopper.COOKIE]
    assistant.remember(mine, {"sizes": {"tops": "M"}})
    assistant.shoppers._file._db.execute("PRAGMA busy_timeout = 20")
    other = sqlite3.connect(assistant.data / "shoppers.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        answers = [browser.get("/shopper"), browser.delete("/shopper")]
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert [(a.status_code, a.json()["error"]["code"]) for a in answers] == [(503, "not_kept")] * 2
    assert assistant.profile(mine).sizes


def test_the_served_application_has_the_way_in() -> None:
    from ui import server

    app = server.application()
    assert shopper.Shoppers in [m.cls for m in app._user_middleware]
    assert "/shopper" in [route.path for route in app._user_routes]
