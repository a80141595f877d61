"""What stands before every network door: how much and how slowly a body may come, and which pages may read an answer.

A body is counted as it arrives, whatever its header announces, and has to arrive within a time of its own: a client
that sends a byte a second would else hold a place for hours.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api import problems
from ui.api.problems import Problem

BODY_S = 30.0  # that a body may take to arrive
MAX_AGE = 600  # seconds for which a browser remembers what it may ask
ALLOWED = (
    "authorization, content-type, accept, accept-language, idempotency-key, last-event-id, "
    "daogou-shopper, daogou-proof, x-request-id"
)
EXPOSED = "retry-after, content-language, location, x-request-id"
METHODS = "GET, POST, PUT, PATCH, DELETE"


class Guard:
    """ASGI middleware for the paths under `prefixes`; all others pass untouched."""

    def __init__(
        self,
        app: ASGIApp,
        prefixes: Sequence[str],
        most_bytes: int,
        origins: Callable[[], frozenset[str]],
    ) -> None:
        """`most_bytes`: of a body; `origins`: the pages that any key names."""
        self.app, self._prefixes, self._most = app, tuple(prefixes), most_bytes
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        page = headers.get("origin")
        if scope["method"] == "OPTIONS" and page and "access-control-request-method" in headers:
            await (await self._preflight(page))(scope, receive, send)
            return
        if any(char < " " or char == "\x7f" for char in scope["path"]):  # no route of ours means such a one
            await self._refuse(scope, receive, send, Problem(404, "not_found"))
            return
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self._most:
            await self._refuse(scope, receive, send, self._too_large())
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                _readable(message, scope)
            await send(message)

        await self.app(scope, self._counted(receive), sent)

    def _counted(self, receive: Receive) -> Receive:
        """`receive` that stops where a body is too long or takes too long."""
        until, size, whole = time.monotonic() + BODY_S, 0, False

        async def counted() -> Message:
            nonlocal size, whole
            if whole:
                return await receive()  # nothing but the news that the reader has gone
            try:
                message = await asyncio.wait_for(receive(), max(0.0, until - time.monotonic()))
            except TimeoutError as error:
                raise Problem(408, "too_slow", most=f"{BODY_S:g}") from error
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                whole = not message.get("more_body", False)
                if size > self._most:
                    raise self._too_large()
            return message

        return counted

    def _too_large(self) -> Problem:
        return Problem(413, "too_large", most=self._most // 1_000_000)

    async def _preflight(self, page: str) -> Response:
        known = await run_in_threadpool(self._origins)
        if page not in known:
            return Response(status_code=403, headers={"Vary": "Origin"})
        return Response(
            status_code=204,
            headers={
                "Access-Control-Allow-Origin": page,
                "Access-Control-Allow-Methods": METHODS,
                "Access-Control-Allow-Headers": ALLOWED,
                "Access-Control-Max-Age": str(MAX_AGE),
                "Vary": "Origin",
            },
        )

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, problem: Problem) -> None:
        response = problems.answer(Request(scope), problem)
        response.headers["Connection"] = "close"
        await response(scope, receive, send)


def _readable(message: Message, scope: Scope) -> None:
    """Let the page read the answer, where its key was found to name it; else the browser keeps it from the page."""
    headers = MutableHeaders(scope=message)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Cache-Control", "no-store")
    headers.add_vary_header("Origin")
    page = scope.get("state", {}).get("page")
    if page:
        headers["Access-Control-Allow-Origin"] = page
        headers["Access-Control-Expose-Headers"] = EXPOSED
