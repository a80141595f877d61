"""One process that serves the browser chat and the pictures; `daogou serve` calls `serve`.

`application` is an ASGI app: anything else that is to live beside the chat is mounted as one more route.

ServeError
├── PortTaken   another program listens on the port
└── NoSuchHost  the address is none of this machine, or may not be listened on
"""

import errno
import logging
import os
import socket
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import streamlit.logger
import uvicorn
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from streamlit.web import bootstrap

from agent import readiness
from agent.settings import Settings, traced
from agent.telemetry import logs, queues, traces
from prompts import say
from ui import pictures, reactions, shopper, storefront, viewer, widget
from ui.api import openai
from ui.api.app import PATH, api
from ui.api.guard import Guard
from ui.api.mcp.door import PATH as TOOLS
from ui.api.mcp.door import Door
from ui.api.shops import deployment, warm
from ui.first_paint import FirstPaint
from ui.ops import metrics
from ui.ops.closing import CLOSING, Server
from ui.ops.health import PATHS, Health
from ui.ops.requests import Requests, Templates
from ui.staff import absent, door
from ui.turns import FLOOR
from ui.which import CURRENT, Which

APP = Path(__file__).parent / "app.py"
UNREAD_S = 60.0  # for which a reader may take nothing of what is sent; then the connection is given up
MESSAGE_BYTES = 64 * 1024 * 1024  # of one websocket message; photos travel by HTTP, not by websocket

# Given in code and not in a config file, so that the chat is the same from any working folder.
OPTIONS: dict[str, Any] = {
    "server.headless": True,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": 64,
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "none",
    "client.showSidebarNavigation": False,
    # The page follows the shopper's system, as style.css does: the same colours stand there.
    "theme.light.primaryColor": "#9c3a2b",
    "theme.light.backgroundColor": "#fbf9f5",
    "theme.light.secondaryBackgroundColor": "#f3efe8",
    "theme.light.textColor": "#25211d",
    "theme.light.borderColor": "#e4ddd2",
    "theme.dark.primaryColor": "#b8503d",
    "theme.dark.backgroundColor": "#1a1715",
    "theme.dark.secondaryBackgroundColor": "#24201d",
    "theme.dark.textColor": "#f1ebe2",
    "theme.dark.borderColor": "#3a342f",
    "theme.baseRadius": "0.8rem",
    "theme.buttonRadius": "full",
    "theme.showWidgetBorder": True,
}


class ServeError(RuntimeError):
    """The server could not be started: `code` is stable, the message says what to do."""

    code = "serve_error"


class PortTaken(ServeError):
    code = "port_taken"

    def __init__(self, port: int) -> None:
        super().__init__(say("terminal", "errors.port_taken", "en", port=port, other=min(port + 1, 65535)))


class NoSuchHost(ServeError):
    code = "no_such_host"

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(say("terminal", "errors.cannot_listen", "en", host=host, port=port, reason=reason))


def lasting(tools: Door) -> Callable[[st.App], AbstractAsyncContextManager[dict[str, Any]]]:
    """What is there as long as the server is."""

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
        """Warm the models while the server answers: an early shopper waits on the page, not at a closed door."""
        threading.Thread(target=warm, name="warm", daemon=True).start()
        threading.Thread(target=couriers, name="couriers", daemon=True).start()
        async with tools.running():
            yield {}

    return lifespan


def couriers() -> None:
    """Go on delivering what an earlier process left undone."""
    shops = deployment()
    for name in shops.names():
        if shops.settings(name).handoff_webhook or shops.settings(name).chatwoot_url:
            shops.open(name).courier.wake()


def application(routes: Sequence[BaseRoute] = ()) -> st.App:
    """The chat as an ASGI app. `routes`: what else is served beside it, under paths of its own."""
    bootstrap.load_config_options(OPTIONS)
    picture = Route("/pictures/{name:path}", pictures.send)
    no_staff = [] if door.anywhere() else absent.ROUTES
    shops = deployment()
    health = Health(
        lambda: readiness.of_all(shops.opened()),
        lambda: readiness.own(shops.opened()),
        lambda: CLOSING.begun,
    )

    def look() -> None:
        health.look()
        queues.look(shops.opened())

    settings = Settings()
    limit = settings.body_mb * 1_000_000
    tools = Door(shops, limit)
    told = [
        *health.routes,
        metrics.route(settings.metrics_token, look),
        picture,
        *shopper.ROUTES,
        *viewer.ROUTES,
        *reactions.ROUTES,
        *no_staff,
        *widget.ROUTES,
        *storefront.routes(shops),
        Mount(PATH, api(shops)),
        Mount(openai.PATH, openai.openai(shops)),
        Route(TOOLS, tools),
        *routes,
    ]
    requests = Middleware(Requests, templates=Templates(told), traced=traced())
    guarded = [f"{PATH}/", f"{openai.PATH}/", TOOLS]
    guard = Middleware(
        Guard, prefixes=guarded, most_bytes=limit, origins=lambda: shops.keys.origins(CURRENT.get())
    )
    free = [
        *guarded,
        *PATHS,
        metrics.PATH,
        widget.PATH,
        storefront.PATH,
        *(r.path for r in routes if isinstance(r, Route | Mount)),
    ]
    which = [Middleware(Which, has=shops.has, free=free)] if settings.shops else []
    return st.App(
        APP,
        lifespan=lasting(tools),
        routes=told,
        middleware=[*which, requests, guard, Middleware(shopper.Shoppers), Middleware(FirstPaint)],
    )


def speak(settings: Settings) -> None:
    """Log as the settings say; `daogou -v` asks for more. Streamlit's loggers, which each bring a form of their own,
    are made to speak as all others do, also those that it makes later."""
    asked = "info" if logging.root.level <= logging.INFO and settings.log_level is None else settings.log_from
    streamlit.logger.setup_formatter = logs.adopt
    logs.begin(settings.log, asked)


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises PortTaken, NoSuchHost."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux; every connection has it from the listening one
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_S * 1000))
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port) from error
        raise NoSuchHost(host, port, error.strerror or str(error)) from error
    return sock


def serve(
    host: str = "127.0.0.1",
    port: int = 8501,
    data: Path | None = None,
    *,
    routes: Sequence[BaseRoute] = (),
    say_url: Callable[[str], None] = print,
) -> None:
    """Serve until interrupted. `data`: the shop's folder, else the settings'. Raises ServeError."""
    if data is not None:
        os.environ["DAOGOU_DATA"] = str(
            data.resolve()
        )  # read by agent.settings, here and in any child process
    sock, settings = listen(host, port), Settings()
    speak(settings)
    spans = traces.begin(traced())
    CLOSING.lead_s, CLOSING.finish_s = settings.shutdown_lead_s, settings.shutdown_s
    config = uvicorn.Config(
        application(routes),
        log_config=None,
        server_header=False,
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        # Else whoever reaches us could say who they are. Never uvicorn's default: all of this machine.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=[one.strip() for one in settings.trusted_proxies.split(",")],
        timeout_graceful_shutdown=2,
    )
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host
    say_url(f"http://{shown}:{sock.getsockname()[1]}")
    Server(config, running=FLOOR.count, last=spans.shutdown if spans else None).run(sockets=[sock])
