"""Names that one process at a time holds, among all that use a PostgreSQL server: whose turn it is to speak.

They hang on one connection of the process, outside the pool, so that the server lets go of them the moment the process
dies; of a machine that vanished, after half a minute. Where the connection breaks, they are taken again on the next.
"""

import logging
import threading
import time
from contextlib import suppress

import psycopg

from store.errors import NotKept
from store.lines import Line, lost, pool
from store.postgres import key_of
from store.tables import Server

log = logging.getLogger(__name__)
POLL_S = (0.02, 0.25)  # between two tries, at first and at most


class Claims:
    """What this process holds. Safe from several threads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = pool(server.url)
        self._held: dict[str, int] = {}
        self._line: Line | None = None
        self._lock = threading.Lock()

    def take(self, name: str) -> bool:
        """Hold a name; False where somebody does already. Raises NotKept."""
        with self._lock:
            if name in self._held:
                return False
            key = key_of(self._server.schema, "claim", name)
            if not self._asked("SELECT pg_try_advisory_lock(%s)", key):
                return False
            self._held[name] = key
            return True

    def release(self, name: str) -> None:
        """Let go of a name."""
        with self._lock:
            key = self._held.pop(name, None)
            if key is None or self._line is None or self._line.closed:
                return
            try:
                self._line.execute("SELECT pg_advisory_unlock(%s)", (key,))
            except psycopg.Error as error:
                log.warning("a lock goes with its connection: %s", error)
                self._line.close()

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._held.clear()
            if self._line:
                self._line.close()

    def _asked(self, sql: str, key: int) -> bool:
        for again in (True, False):
            try:
                return _true(self._ready(), sql, key)
            except psycopg.Error as error:
                if self._line and lost(error):
                    with suppress(psycopg.Error):
                        self._line.close()
                    if again:
                        continue
                raise NotKept(f"locks: {' '.join(str(error).split())[:300]}") from error
        raise AssertionError  # the second round returns or raises

    def _ready(self) -> Line:
        if self._line is None or self._line.closed:
            self._line = self._pool.made()
            for name, key in self._held.items():
                if not _true(self._line, "SELECT pg_try_advisory_lock(%s)", key):
                    log.error("the lock %s was lost with its connection", name)
        return self._line


class Claim:
    """One name, as agent.floor holds it."""

    def __init__(self, claims: Claims, name: str) -> None:
        self._claims, self._name = claims, name

    def acquire(self, wait_s: float) -> bool:
        """Hold it; False where another still does after `wait_s`. Raises NotKept."""
        until, pause = time.monotonic() + wait_s, POLL_S[0]
        while not self._claims.take(self._name):
            left = until - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(pause, left))
            pause = min(pause * 1.5, POLL_S[1])
        return True

    def release(self) -> None:
        """Let go of it."""
        self._claims.release(self._name)

    def leave(self) -> None:
        """Nothing lies about."""


def _true(line: Line, sql: str, key: int) -> bool:
    row = line.execute(sql, (key,)).fetchone()
    return bool(row and row[0])
