"""What may stand in a log line, which routes are told apart, and that figures stay few."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from agent.access.shops import Shops
from agent.settings import Settings
from agent.telemetry import about, figures, logs, queues
from store.errors import NotKept
from ui.api.app import PATH, api
from ui.ops import metrics
from ui.ops.requests import Requests, Templates

log = logging.getLogger("agent.tests")


@pytest.fixture
def lines() -> Iterator[Any]:
    """A function that gives what was logged since, as objects."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.formatter("json"))
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    log.removeHandler(handler)


@pytest.mark.parametrize(
    ("said", "gone"),
    [
        ("write to anna.li+x@mail.example.co", "anna"),
        ("call +44 7700 900123 now", "7700"),
        ("电话13800138000", "13800138000"),
        ("发到王.小明@邮件.中国吧", "小明"),
        ("session 0123456789abcdef01234567", "0123456789abcdef01234567"),
        ("photo 0123456789abcdef", "0123456789abcdef"),
        ("anon_Wr8ZrJZUuE8Xr0cVgqCzQ2xYzAbCdEfG", "anon_"),
        ("Bearer sk_abcdefghij", "sk_abcdefghij"),
        ("data:image/png;base64,AAAABBBB==", "AAAABBBB"),
        ("GET /x?session=anna&b=li", "anna"),
    ],
)
def test_what_names_a_person_or_opens_something_is_taken_out(said: str, gone: str) -> None:
    assert gone not in logs.scrubbed(said)


@pytest.mark.parametrize(
    "said",
    [
        "ready after 4.1 s",
        "12 conversations were older than 30 days",
        "2026-11-24T03:39:00.538505",
        "http://10.0.0.2:8000: refused",
        "conversations.sqlite.damaged-20261124-033900-123456",
    ],
)
def test_what_an_operator_needs_stays(said: str) -> None:
    assert logs.scrubbed(said) == said


def test_an_error_tells_its_kind_and_place_and_only_harmless_words(lines: Any) -> None:
    try:
        try:
            raise ValueError("Wilhelmina wants a coat")
        except ValueError as error:
            raise NotKept("carts.sqlite: disk I/O error") from error
    except NotKept as error:
        log.exception("a turn failed: %s", error)
        log.warning("what she said: %s", ValueError("Wilhelmina"))
    first, second = lines()
    assert first["event"] == "a turn failed: NotKept: carts.sqlite: disk I/O error"
    outer, inner = first["error"]
    assert outer["error"].startswith("NotKept") and inner["error"] == "ValueError"
    assert outer["at"][-1].startswith("tests/test_agent_telemetry.py:")
    assert second["event"] == "what she said: ValueError" and "Wilhelmina" not in json.dumps([first, second])


def test_lines_of_a_request_say_which(lines: Any) -> None:
    about.begin(request_id="r1")
    about.note(session=about.mark("0123456789abcdef01234567"), shop="")
    log.info("hello %s", "there")
    (line,) = lines()
    assert line["request_id"] == "r1" and line["session"] and "shop" not in line
    assert line["event"] == "hello there" and line["level"] == "info" and line["logger"] == "agent.tests"


async def hello(request: Request) -> Response:
    return PlainTextResponse(about.now()["request_id"])


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/hello/{name}", hello), metrics.route(None)]
    app = Starlette(routes=routes, middleware=[Middleware(Requests, templates=Templates(routes))])
    return TestClient(app)


def test_a_request_has_an_id_of_its_own_or_the_callers(client: TestClient) -> None:
    assert client.get("/hello/x", headers={"X-Request-Id": "abc-1"}).text == "abc-1"
    for bad in ("a b", "x" * 65, "anna@mail.example", "ä"):
        answer = client.get("/hello/x", headers={"X-Request-Id": bad.encode()})
        assert answer.headers["x-request-id"] == answer.text != bad
    ids = {client.get("/hello/x").text for _ in range(5)}
    assert len(ids) == 5


def test_figures_stay_few_whatever_is_asked(client: TestClient) -> None:
    def series() -> int:
        return len(generate_latest(figures.REGISTRY).splitlines())

    client.get("/hello/a")
    client.request("BREW", "/nowhere")
    before = series()
    for n in range(50):
        client.get(f"/hello/{n}")
        client.request(f"METHOD{n}", f"/{n}/nowhere?{n}")
    assert series() <= before + 2


def test_without_a_token_there_is_no_page_of_figures(client: TestClient) -> None:
    assert client.get("/metrics").status_code == 404


def test_every_route_of_the_api_has_a_name(tmp_path: Any) -> None:
    app: FastAPI = api(Shops(Settings(data=tmp_path)))
    names = Templates([Mount(PATH, app)])
    for path in app.openapi()["paths"]:
        asked = path.replace("{", "").replace("}", "")
        assert names.of(f"{PATH}{asked}") == f"{PATH}{path}"
    assert names.of(f"{PATH}/sessions/0123/nothing") == names.of("/x/y") == "other"
    assert names.of("/_stcore/upload_file/a/b") == "/_stcore/…"


def test_who_waits_for_a_person_is_a_figure(assistant: Any) -> None:
    def waiting() -> float:
        queues.look([assistant])
        told = generate_latest(figures.REGISTRY).decode()
        return float(re.findall(r'^daogou_handoffs\{state="waiting"\} (.+)$', told, re.M)[0])

    before, session = waiting(), assistant.session()
    assistant.desk.ask(session.id, "en", "wants a person")
    try:
        assert waiting() == before + 1
        assert "daogou_handoff_oldest_seconds" in generate_latest(figures.REGISTRY).decode()
    finally:
        assistant.desk.leave(session.id, "en")
    assert waiting() == before
