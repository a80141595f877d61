"""`/healthz`: this process lives. `/readyz`: it can answer shoppers now, or which part keeps it from that.
`/readyz/here`: shoppers should come to this process, whatever all processes lack.

A proxy asks the third: what PostgreSQL's being away means to a shopper, a worker says in words, and no worker says it
worse than another. None wants a key, and none tells more than names of parts.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from agent.telemetry import figures

log = logging.getLogger(__name__)
PATHS = ("/healthz", "/readyz", "/readyz/here")
FRESH_S = 0.5  # for which an answer is given again, however many ask
PATIENCE_S = 3.0  # for one look at all parts
Parts = Callable[[], Mapping[str, str]]  # see agent.readiness
_ASIDE = {"Cache-Control": "no-store"}


class Health:
    """The three routes. `parts` may block; it is called by one thread of its own, so that a busy server still answers.
    `own`: those of them that are this process's alone; it never blocks."""

    def __init__(self, parts: Parts, own: Parts, closing: Callable[[], bool]) -> None:
        self._parts, self._own, self._closing = parts, own, closing
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="health")
        self._looking: Future[Mapping[str, str]] | None = None
        self._known: tuple[float, Mapping[str, str]] | None = None
        self.routes = [
            Route(PATHS[0], self.alive),
            Route(PATHS[1], self.ready),
            Route(PATHS[2], self.here),
        ]

    async def alive(self, _: Request) -> Response:
        """200 as long as the server's loop turns."""
        return JSONResponse({"alive": True}, headers=_ASIDE)

    async def ready(self, _: Request) -> Response:
        """200 when every part is "ok", else 503; `parts` says of each why not."""
        return self._told(await self._looked())

    async def here(self, _: Request) -> Response:
        """The same of what is this process's own."""
        return self._told(self._own())

    def look(self) -> Mapping[str, str]:
        """Look at every part now; the figures tell it, too."""
        found = self._parts()
        for part, state in found.items():
            figures.READY.labels(part).set(state == "ok")
        return found

    def _told(self, found: Mapping[str, str]) -> Response:
        parts = {"serving": "closing" if self._closing() else "ok", **found}
        ready = all(state == "ok" for state in parts.values())
        return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503, _ASIDE)

    async def _looked(self) -> Mapping[str, str]:
        if self._known and time.monotonic() - self._known[0] < FRESH_S:
            return self._known[1]
        if self._looking is None or self._looking.done():
            self._looking = self._thread.submit(self.look)
        try:
            found = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(self._looking)), PATIENCE_S)
        except TimeoutError:
            return {"parts": "slow"}
        except Exception:
            log.exception("nobody knows whether the shop can answer")
            return {"parts": "failed"}
        self._known = time.monotonic(), found
        return found
