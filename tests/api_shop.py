"""The HTTP API around the demo shop, as its tests ask it: no socket, the same middleware as `daogou serve`."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient
from streamlit.runtime import Runtime

from agent.access.counts import Counts
from agent.access.shops import Shops
from agent.assistant import Assistant
from agent.settings import Settings
from ui import server
from ui.api import limits, openai
from ui.api.app import PATH, api
from ui.api.guard import Guard

PAGE = "https://shop.example"


@dataclass
class Door:
    """A client of the API. `secret` and `public`: headers with a key of either kind."""

    shops: Shops
    client: TestClient
    secret: dict[str, str]
    public: dict[str, str]
    folder: Path

    def fresh(self) -> None:
        """As if nobody had asked anything yet: of limits nothing is used up."""
        limits.reset()
        self.shops.counts.close()
        self.shops.counts = Counts(Path(mkdtemp(dir=self.folder)))

    def begin(self, headers: dict[str, str] | None = None) -> str:
        """The id of a new conversation."""
        answer = self.client.post(f"{PATH}/sessions", headers=headers or self.secret)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def say(self, session: str, text: str, **headers: str) -> list[tuple[str, dict[str, Any]]]:
        """(id, event) of what answers a message."""
        answer = self.client.post(
            f"{PATH}/sessions/{session}/messages", json={"text": text}, headers=self.secret | headers
        )
        assert answer.status_code == 200, answer.text
        return told(answer.text)


@contextmanager
def served() -> Iterator[TestClient]:
    """The app of `daogou serve` as a whole. Streamlit has one runtime in a process: it is let go of afterwards."""
    Runtime._instance = None
    try:
        yield TestClient(server.application())
    finally:
        Runtime._instance = None


def door(assistant: Assistant, folder: Path, most_bytes: int = 2_000_000) -> Door:
    """The API on an open assistant; its keys lie in `folder`."""
    limits.reset()
    shops = Shops(Settings(data=folder))
    shops.use("", assistant)
    guard = Middleware(
        Guard, prefixes=[f"{PATH}/", f"{openai.PATH}/"], most_bytes=most_bytes, origins=shops.keys.origins
    )
    routes = [Mount(PATH, api(shops)), Mount(openai.PATH, openai.openai(shops))]
    app = Starlette(routes=routes, middleware=[guard])
    secret, public = shops.keys.make("secret"), shops.keys.make("publishable", origins=[PAGE])
    return Door(
        shops,
        TestClient(app, raise_server_exceptions=False),
        {"Authorization": f"Bearer {secret.token}"},
        {"Authorization": f"Bearer {public.token}", "Origin": PAGE},
        folder,
    )


@contextmanager
def listening(api: Door | Starlette) -> Iterator[int]:
    """The same, or another app, on a port of this machine, as `daogou serve` listens."""
    # Without the lifespan: the browser chat's runtime is one of a kind in a process, and no door needs it.
    config = uvicorn.Config(
        api.client.app if isinstance(api, Door) else api,
        port=0,
        lifespan="off" if isinstance(api, Door) else "on",
        log_level="error",
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield int(server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(10)


def told(stream: str) -> list[tuple[str, dict[str, Any]]]:
    """(id, event) of a stream of Server-Sent Events."""
    found = []
    for block in filter(None, stream.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            found.append((fields["id"], json.loads(fields["data"])))
    return found
