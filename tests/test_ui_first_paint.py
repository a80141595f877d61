"""What stands in Streamlit's shell: the page's style and a skeleton, in HTML pages alone."""

from pathlib import Path

import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from ui.first_paint import ROOT, FirstPaint, dressed

SHELL = b"<html><body>" + ROOT + b"</body></html>"


@pytest.fixture
def client() -> TestClient:
    async def page(_: object) -> HTMLResponse:
        return HTMLResponse(SHELL, headers={"etag": "x", "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT"})

    async def parts(_: object) -> StreamingResponse:
        return StreamingResponse(iter([SHELL[:20], SHELL[20:]]), media_type="text/html")

    async def other(_: object) -> PlainTextResponse:
        return PlainTextResponse(SHELL)

    async def own(_: object) -> HTMLResponse:
        return HTMLResponse("<body>ours</body>", headers={"etag": "y"})

    routes = [Route("/", page), Route("/parts", parts), Route("/other", other), Route("/own", own)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(FirstPaint)]))


@pytest.mark.parametrize("path", ["/", "/parts"])
def test_the_shell_has_style_and_skeleton_at_once(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.text.count("dg-skeleton") > 2 and "--paper" in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert "etag" not in answer.headers and "last-modified" not in answer.headers


def test_the_style_comes_before_what_a_card_brings_along(client: TestClient) -> None:
    text = client.get("/").text
    assert text.index("--paper") < text.index('<div id="root">')


def test_what_is_no_shell_stays_as_it_is(client: TestClient) -> None:
    assert client.get("/other").content == SHELL
    own = client.get("/own")
    assert own.text == "<body>ours</body>" and own.headers["etag"] == "y"


def test_streamlits_shell_of_today_is_one() -> None:
    shell = (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()
    assert b"dg-skeleton" in dressed(shell)


@pytest.mark.parametrize("path", ["/", "/staff"])
def test_no_page_is_packed_before_it_is_dressed(path: str) -> None:
    shell = SHELL + b" " * 2000

    async def page(_: object) -> HTMLResponse:
        return HTMLResponse(shell)

    inner = Starlette(routes=[Route(path, page)], middleware=[Middleware(GZipMiddleware)])
    answer = TestClient(FirstPaint(inner)).get(path, headers={"accept-encoding": "gzip"})
    assert "dg-skeleton" in answer.text and "<style>" in answer.text
