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
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route
from streamlit.web import bootstrap

from prompts import say
from ui import pictures, shop, shopper
from ui.first_paint import FirstPaint
from ui.staff import absent, door

APP = Path(__file__).parent / "app.py"
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


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    """Warm the models while the server already answers: an early shopper waits on the page, not at a closed door."""
    threading.Thread(target=shop.warm, name="warm", daemon=True).start()
    yield {}


def application(routes: Sequence[BaseRoute] = ()) -> st.App:
    """The chat as an ASGI app. `routes`: what else is served beside it, under paths of its own."""
    bootstrap.load_config_options(OPTIONS)
    picture = Route("/pictures/{name:path}", pictures.send)
    no_staff = [] if door.password() else absent.ROUTES
    return st.App(
        APP,
        lifespan=lifespan,
        routes=[picture, *shopper.ROUTES, *no_staff, *routes],
        middleware=[Middleware(shopper.Shoppers), Middleware(FirstPaint)],
    )


def listen(host: str, port: int) -> socket.socket:
    """A bound socket; port 0 takes a free one. Raises PortTaken, NoSuchHost."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
    logging.getLogger("streamlit").setLevel(logging.WARNING)
    sock = listen(host, port)
    config = uvicorn.Config(
        application(routes),
        log_level="warning",
        access_log=False,
        ws="websockets-sansio",
        ws_max_size=MESSAGE_BYTES,
        timeout_graceful_shutdown=2,
    )
    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else host
    say_url(f"http://{shown}:{sock.getsockname()[1]}")
    uvicorn.Server(config).run(sockets=[sock])
