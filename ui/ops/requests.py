"""Around every request: its id, one line in the log, its figures, and its span where traces are sent.

`X-Request-Id` is taken from whoever asks, where it is a plain one, and given back; every line of the log that belongs
to the request has it. The line has the route and never the address, which holds ids, nor the query.
"""

import logging
import re
import secrets
import time
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.telemetry import about, figures

log = logging.getLogger(__name__)
HEADER = "x-request-id"
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset(
    {"/healthz", "/readyz", "/readyz/here", "/metrics"}
)  # asked every second: no line in the log
_CHAT = {
    "": "/",
    "staff": "/staff",
    **{part: f"/{part}/…" for part in ("_stcore", "static", "media", "component")},
}  # Streamlit's own, by the first part of the path
_REAL = "daogou.scope"
# What FastAPI would tell of its own accord has whole addresses in it, and what was sent where it was wrong.
NOT_FASTAPIS: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}


class Templates:
    """Path → the route that answers it, with names in the place of ids. Few, whatever is asked."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self._known = [(_pattern(template), template) for template in dict.fromkeys(_templates(routes))]

    def of(self, path: str) -> str:
        """ "other" for what there is not."""
        for pattern, template in self._known:
            if pattern.fullmatch(path):
                return template
        return _CHAT.get(path.split("/", 2)[1] if "/" in path else "", figures.OTHER)


def _templates(routes: Iterable[Any], above: str = "") -> Iterable[str]:
    for route in routes:
        own = getattr(route, "path_format", None) or getattr(route, "path", "") or ""
        below: Sequence[Any] = getattr(getattr(route, "original_router", route), "routes", None) or ()
        if below:
            yield from _templates(below, above + own.replace("/{path}", ""))
        elif own or above:
            yield above + own


def _pattern(template: str) -> re.Pattern[str]:
    # what a route takes as a `path` may have slashes in it: pictures, and apps that are mounted whole
    last = ".*" if template.endswith(("{path}", "{name}")) else "[^/]+"
    parts = re.split(r"\{[^}]*\}", template)
    return re.compile(
        "[^/]+".join(map(re.escape, parts[:-1])) + (last if len(parts) > 1 else "") + re.escape(parts[-1])
    )


class Requests:
    """ASGI middleware, the outermost. `traced`: whether spans are made."""

    def __init__(self, app: ASGIApp, templates: Templates, traced: bool = False) -> None:
        self.app, self._templates = app, templates
        self._traced = traced
        self._answer: ASGIApp = app
        if traced:
            self._answer = OpenTelemetryMiddleware(
                _unveiled(app), default_span_details=_named, exclude_spans=["receive", "send"]
            )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with figures.PAGES_OPEN.track_inprogress():
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id = given if _PLAIN.fullmatch(given) else secrets.token_hex(10)
        known = about.begin(request_id=request_id)
        one = _One(self._templates.of(scope["path"]), scope["method"])

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = request_id
                one.started(message)
            await send(message)

        try:
            if self._traced and one.route not in _QUIET:
                await self._answer(_veiled(scope, one.route), receive, sent)
            else:
                await self.app(scope, receive, sent)
        finally:
            one.over(known)


class _One:
    """One request that is being answered."""

    def __init__(self, route: str, method: str) -> None:
        self.route, self._method = route, method if method in _METHODS else figures.OTHER
        self._began, self._status, self._stream = time.perf_counter(), 0, False

    def started(self, message: Message) -> None:
        self._status = message["status"]
        self._stream = MutableHeaders(scope=message).get("content-type", "").startswith("text/event-stream")
        if self._stream:
            figures.STREAMS_OPEN.inc()

    def over(self, known: dict[str, str]) -> None:
        took = time.perf_counter() - self._began
        if self._stream:
            figures.STREAMS_OPEN.dec()
        figures.HTTP_REQUESTS.labels(self._method, self.route, str(self._status or 499)).inc()
        figures.HTTP_S.labels(self.route).observe(took)
        if self.route in _QUIET:
            return
        told = {"method": self._method, "route": self.route, "status": self._status or 499}
        log.info("request", extra={**told, "ms": round(took * 1000, 1), **known})


def _veiled(scope: Scope, route: str) -> Scope:
    """The request as its span may know it: without ids, a query, an address or what the browser says of itself."""
    kept = [(k, v) for k, v in scope["headers"] if k in (b"traceparent", b"tracestate")]
    return {
        **{"type": "http", "method": scope["method"], "path": route, "raw_path": route.encode()},
        **{"root_path": "", "query_string": b"", "headers": kept, "client": None},
        **{"scheme": scope.get("scheme", "http"), "server": scope.get("server")},
        **{"http_version": scope.get("http_version", "1.1"), "asgi": scope.get("asgi", {}), _REAL: scope},
    }


def _named(scope: Scope) -> tuple[str, dict[str, str]]:
    """A span's name and what it says beside."""
    return f"{scope['method']} {scope['path']}", {"http.route": scope["path"]}


def _unveiled(app: ASGIApp) -> ASGIApp:
    async def real(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope[_REAL], receive, send)

    return real
