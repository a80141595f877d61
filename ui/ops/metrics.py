"""`/metrics`: the figures for Prometheus, for whoever has the token; without one in the settings there is no such page.

A worker tells its own figures at its own port: Prometheus asks each and adds up.
"""

import hmac
from collections.abc import Callable

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from pydantic import SecretStr
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from agent.telemetry.figures import REGISTRY

PATH = "/metrics"


def route(token: SecretStr | None, look: Callable[[], None] = lambda: None) -> Route:
    """The route; `token`: what has to come as `Authorization: Bearer …`; `look`: sets the figures that are not counted
    along; it may block."""

    def told(encode: Callable[[CollectorRegistry], bytes]) -> bytes:
        look()
        return encode(REGISTRY)

    async def send(request: Request) -> Response:
        if token is None:
            return PlainTextResponse("Not Found", 404)
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        expected = token.get_secret_value()
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.strip().encode(), expected.encode()):
            return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": 'Bearer realm="metrics"'})
        encode, kind = choose_encoder(request.headers.get("accept", ""))
        body = await run_in_threadpool(told, encode)
        return Response(body, headers={"Content-Type": kind, "Cache-Control": "no-store"})

    return Route(PATH, send)
