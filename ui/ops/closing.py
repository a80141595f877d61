"""An orderly end: readiness goes first, then no new turns, then the running ones finish, then the connections.

    SIGTERM ──lead──▶ no new turns ──until none runs, at most `finish`──▶ connections are closed ──▶ gone
       └ /readyz says "closing": whatever stands before several processes sends shoppers elsewhere

A turn that is not over by then is cut off; whoever reads it again, at another process, is told its end. A second signal
ends at once.
"""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import uvicorn

from ui.api.problems import Problem

log = logging.getLogger(__name__)
AT_ONCE = 1  # exit status after a second signal
WAIT_S = 1.0  # after which a caller may ask again, of another process


class Closing:
    """Where an end stands. Read by any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self.lead_s, self.finish_s = 0.0, 0.0

    @property
    def begun(self) -> bool:
        """True from the first signal on."""
        return self._since is not None

    @property
    def refusing(self) -> bool:
        """True once no new turn is begun."""
        return self._since is not None and self._clock() - self._since >= self.lead_s

    def begin(self) -> None:
        """The end begins."""
        self._since = self._clock()

    def over(self, running: int) -> bool:
        """Whether nothing is waited for any more; `running`: turns."""
        if self._since is None or not self.refusing:
            return False
        return not running or self._clock() - self._since >= self.lead_s + self.finish_s

    def reset(self) -> None:
        """As if nobody had asked for an end."""
        self._since = None


CLOSING = Closing()


def admit() -> None:
    """Let a new turn begin. Raises Problem (503) where the process is about to end."""
    if CLOSING.refusing:
        raise Problem(503, "closing", wait_s=WAIT_S)


class Server(uvicorn.Server):
    """Ends as the module says. `running`: how many turns there are; `last`: what is done when all is closed."""

    def __init__(
        self,
        config: uvicorn.Config,
        running: Callable[[], int],
        closing: Closing = CLOSING,
        last: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(config)
        self._running, self._closing, self._last = running, closing, last
        self._told = False

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end, or end."""
        if self._closing.begun:
            os._exit(AT_ONCE)  # whatever still runs in threads would be waited for else
        self._captured_signals.append(sig)
        self._closing.begin()  # and no more: a signal comes in the middle of anything, locks held

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second; True ends the server."""
        if self._closing.begun and not self._told:
            self._told = True
            name = signal.Signals(self._captured_signals[-1]).name
            log.info("%s: closing, %d turns are running", name, self._running())
        return await super().on_tick(counter) or self._closing.over(self._running())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the connections."""
        if left := self._running():
            log.warning("%d turns are cut off; they can be read to their end elsewhere", left)
        await super().shutdown(sockets)
        if self._last:
            self._last()
        log.info("closed")
