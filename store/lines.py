"""Connections to a PostgreSQL server: kept, handed out, and given up as soon as they are of no use.

A server that is away is found out at once and tried again within a second, so that nobody waits in vain and nothing
has to be restarted when it is back. One that takes a connection and says nothing is given up after a while.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakValueDictionary

import psycopg
from psycopg import conninfo, errors, pq
from psycopg.abc import PQGen

MOST = 16  # connections of a process to one database
CONNECT_S = 2  # until a server that does not answer is away
STATEMENT_S = 5  # until the server gives a statement up
SILENCE_S = 6.0  # until we give up a server that says nothing at all
WAIT_S = 5.0  # for a connection, while others use them all
REST_S = 1.0  # after a connection could not be made, until it is tried again
_OPTIONS = {
    "statement_timeout": f"{STATEMENT_S}s",
    "idle_in_transaction_session_timeout": "30s",  # of a worker that hangs
    "client_min_messages": "warning",
    "tcp_keepalives_idle": "15",  # what a machine that died held is free again after half a minute
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_GONE = (
    errors.AdminShutdown,
    errors.CrashShutdown,
    errors.CannotConnectNow,
    errors.IdleInTransactionSessionTimeout,
)


class Away(psycopg.OperationalError):
    """No connection can be had now."""


class Line(psycopg.Connection[Any]):
    """A connection that does not wait for ever. `schema`: the one that it looks into."""

    schema = ""

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, SILENCE_S if timeout is None else timeout)
        except errors._WaitTimeout as error:
            if timeout is not None:
                raise
            self.pgconn.finish()  # closed without a word: nobody listens there
            raise psycopg.OperationalError(f"the server said nothing for {SILENCE_S:.0f} s") from error


class _Numeric(psycopg.adapt.Loader):
    """A sum is a whole number or a fraction, as in SQLite."""

    def load(self, data: Any) -> int | float:
        text = bytes(data).decode()
        return int(text) if text.lstrip("-").isdigit() else float(text)


def connect(url: str) -> Line:
    """A connection in autocommit. Raises psycopg.Error."""
    given = conninfo.conninfo_to_dict(url)
    options = " ".join(f"-c {name}={value}" for name, value in _OPTIONS.items())
    given["options"] = f"{options} {given.get('options') or ''}".strip()
    usual: dict[str, Any] = {"connect_timeout": CONNECT_S, "application_name": "daogou"}
    line: Line = Line.connect(**(usual | given), autocommit=True)
    line.adapters.register_loader("numeric", _Numeric)
    return line


class Pool:
    """The connections of this process to one database, made when they are needed."""

    def __init__(self, url: str, most: int = MOST) -> None:
        self._url = url
        self._idle: list[Line] = []
        self._places = threading.BoundedSemaphore(most)
        self._lock = threading.Lock()
        self._rests_until, self._why = 0.0, ""

    @contextmanager
    def line(self, schema: str) -> Iterator[Line]:
        """A connection that looks into `schema`. Raises Away."""
        if not self._places.acquire(timeout=WAIT_S):
            raise Away(f"every connection was in use for {WAIT_S:.0f} s")
        try:
            line = self._taken(schema)
            try:
                yield line
            finally:
                self._back(line)
        finally:
            self._places.release()

    def drop(self) -> None:
        """Close what is idle: connections to a server that was restarted are all of no use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for line in idle:
            line.close()

    def made(self) -> Line:
        """A connection of the caller's own. Raises Away."""
        if time.monotonic() < self._rests_until:
            raise Away(self._why)
        try:
            return connect(self._url)
        except psycopg.Error as error:
            why = " ".join(str(error).split())[:300]
            self._rests_until, self._why = time.monotonic() + REST_S, why
            raise Away(why) from None  # its context could show what the address holds

    def _taken(self, schema: str) -> Line:
        with self._lock:
            same = next((line for line in reversed(self._idle) if line.schema == schema), None)
            line = same or (self._idle[-1] if self._idle else None)
            if line:
                self._idle.remove(line)
        line = line or self.made()
        if line.schema != schema:
            try:
                line.execute("SELECT set_config('search_path', %s, false)", (f'"{schema}"',))
            except psycopg.Error:
                line.close()
                raise
            line.schema = schema
        return line

    def _back(self, line: Line) -> None:
        if line.closed or line.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            with suppress(psycopg.Error):
                line.close()
            return
        with self._lock:
            self._idle.append(line)

    def __del__(self) -> None:
        self.drop()


_POOLS: WeakValueDictionary[str, Pool] = WeakValueDictionary()
_LOCK = threading.Lock()


def pool(url: str) -> Pool:
    """The one pool of this process for that address."""
    with _LOCK:
        found = _POOLS.get(url)
        if found is None:
            found = _POOLS[url] = Pool(url)
        return found


def lost(error: BaseException) -> bool:
    """True for an error after which the connection is of no use: the server went away, was restarted, or hangs."""
    if isinstance(error, Away):
        return False
    if isinstance(error, _GONE):
        return True
    return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) and error.sqlstate is None
