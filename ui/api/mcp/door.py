"""The two ways in: `/mcp` in `daogou serve`, with a secret key, and `daogou mcp` for a program on the same machine."""

import logging
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from agent.access.keys import AccessError
from agent.access.shops import Shops
from agent.assistant import Assistant
from ui.api import limits, markdown, problems
from ui.api.caller import Caller, admitted, own_origin
from ui.api.mcp import carts, pictures, tools
from ui.api.mcp.desk import SCOPE, Desk
from ui.api.mcp.server import ShopServer
from ui.api.problems import Problem

log = logging.getLogger(__name__)
PATH = "/mcp"
STDIO = "stdio"  # stands for a key where there is none
NAME = "Daogou"  # of what several shops are served by


def server(shop: str, lang: str, seal: str, alone: Desk | None = None) -> ShopServer:
    """A server with all its tools."""
    made = ShopServer(shop, lang, seal, alone)
    tools.install(made)
    carts.install(made)
    pictures.install(made)
    return made


class Door:
    """The ASGI app at PATH. It keeps no session, so any of several processes may answer the next request. The key is
    the API's; a publishable one is refused."""

    def __init__(self, shops: Shops, most_bytes: int) -> None:
        self._shops, self._seal = shops, shops.keys.sealing()
        names = shops.names()
        only = shops.settings(names[0]).shop_name if len(names) == 1 else NAME
        self._server = server(only, "en", self._seal)
        self._server.streamable_http_app(
            stateless_http=True,
            json_response=True,
            max_request_body_size=most_bytes,
            # Keys let nobody in by a name that was bent, and pages are turned away whatever they are called.
            transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Answer as long as this lasts."""
        async with self._server.session_manager.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, begun = Request(scope, receive), False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            scope[SCOPE] = await self._desk(request)
            await self._server.session_manager.handle_request(scope, receive, sent)
        except Exception as error:
            refused = _refused(request, error)
            if refused is None or begun:
                raise
            await refused(scope, receive, send)

    async def _desk(self, request: Request) -> Desk:
        """Who is served. Raises AccessError, Problem."""
        headers = request.headers
        asking = await admitted(
            request,
            self._shops,
            headers.get("authorization", ""),
            headers.get("daogou-shopper", ""),
            headers.get("daogou-proof", ""),
        )
        if asking.key.kind != "secret":
            raise Problem(403, "secret_needed")
        if request.method != "POST":  # nothing is ever told unasked
            raise Problem(405, "method_not_allowed")
        return Desk(
            assistant=asking.assistant,
            key=asking.key.id,
            shopper=asking.shopper,
            lang=asking.lang,
            address=markdown.pictures(own_origin(request), asking.key.shop),
            seal=self._seal,
            count=partial(_count, asking),
        )


def _count(asking: Caller) -> None:
    most = asking.assistant.settings.sessions_per_minute
    limits.share(asking.counts, "sessions", most, asking.key.id, asking.address)


def _refused(request: Request, error: Exception) -> Response | None:
    """What a caller is told that is not let in; None for a fault of ours."""
    if isinstance(error, Problem):
        response: Response = problems.answer(request, error)
        if error.status == 405:
            response.headers["Allow"] = "POST"
        return response
    if isinstance(error, AccessError) or isinstance(getattr(error, "code", None), str):
        return problems.told(request, error)
    return None


async def speak(
    assistant: Assistant, lang: str, folders: tuple[Path, ...] = (), shopper: str | None = None
) -> None:
    """Serve the program at the other end of stdin and stdout until it hangs up. `folders`: where it may read photos."""
    desk = Desk(
        assistant=assistant,
        key=STDIO,
        shopper=shopper,
        lang=lang,
        address=pictures.address,
        seal=secrets.token_hex(32),
        folders=tuple(folder.expanduser().resolve() for folder in folders),
    )
    await server(assistant.shop_name, lang, desk.seal, desk).run_stdio_async()
