"""Which of several shops is meant: the one that an address begins with, `/shop/NAME/…`.

All that is served at `/…` for a single shop is served at `/shop/NAME/…` for each of several, the chat, its pictures and
the API alike. An address that names no shop that there is, and one that would have to name one and does not, are both
just not there. A shop's chat is open to whoever knows its name; a list of the names is nowhere.
"""

import re
from collections.abc import Callable, Sequence
from contextvars import ContextVar

from starlette.datastructures import URL
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

PREFIX = "/shop/"
HEADER = (
    "x-daogou-shop"  # by which a page's own connection says of which shop it is; nobody sends it from outside
)
CURRENT: ContextVar[str] = ContextVar("shop", default="")
_NAMED = re.compile(r"/shop/([a-z0-9][a-z0-9_-]{0,39})(/.*)?", re.DOTALL)


def base(shop: str) -> str:
    """What the addresses of a shop begin with; "" for the only one."""
    return f"{PREFIX}{shop}" if shop else ""


class Which:
    """ASGI middleware, the outermost. `has`: whether there is a shop of that name; `free`: what else there is, of which
    a key says whose it is, or which is nobody's."""

    def __init__(self, app: ASGIApp, has: Callable[[str], bool], free: Sequence[str] = ()) -> None:
        self.app, self._has, self._free = app, has, tuple(free)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        named = _NAMED.fullmatch(scope["path"])
        shop = named[1] if named and self._has(named[1]) else ""
        plain = [(name, value) for name, value in scope["headers"] if name.lower() != HEADER.encode()]
        if not shop:
            if scope["path"].startswith(PREFIX) or not scope["path"].startswith(self._free):
                await _nothing(scope, receive, send)
                return
            await self.app({**scope, "headers": plain}, receive, send)
            return
        path = named[2] if named else None
        if path is None:
            if scope["type"] == "http":
                there = URL(scope=scope)
                await RedirectResponse(there.replace(path=f"{there.path}/"), 308)(scope, receive, send)
            else:
                await _nothing(scope, receive, send)
            return
        within = {
            **scope,
            "path": path,
            "raw_path": scope.get("raw_path", b"").removeprefix(base(shop).encode()),
            "headers": [*plain, (HEADER.encode(), shop.encode())],
        }
        token = CURRENT.set(shop)
        try:
            await self.app(within, receive, send)
        finally:
            CURRENT.reset(token)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("Not Found", 404)(scope, receive, send)
