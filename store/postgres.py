"""The tables of a store on a PostgreSQL server.

Changes of one store (or of one conversation in it, where the store says so) happen one after another, as in an SQLite
file: what a change reads is so until it has written. A connection that breaks in the middle of one is made anew and the
change done again; where it breaks at the very end, the server is asked whether it was done, so that nothing is done
twice. What cannot be read or written is told as `NotKept`, and the next call finds the server when it is back.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from store import dialect
from store.errors import NotKept
from store.lines import Line, lost, pool
from store.tables import Connection, Server, Values

log = logging.getLogger(__name__)
_T = TypeVar("_T")
_DOUBT_S = 10.0  # for the server to come back and say whether a change was done
_VERSIONS = (
    "CREATE TABLE IF NOT EXISTS versions (name TEXT PRIMARY KEY, version BIGINT NOT NULL, made TEXT NOT NULL)"
)
# Faults of the server or of how it is set up, not of what was asked.
_NOT_NOW = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.InsufficientPrivilege,
    errors.InvalidSchemaName,
    errors.UndefinedTable,
)


class _InDoubt(Exception):
    """The connection broke while a change was being ended. `number`: of the transaction."""

    def __init__(self, number: str, done: Any) -> None:
        self.number, self.done = number, done


class Postgres:
    """A store's tables. Made when they are first asked for: a server that is away when we begin is no matter."""

    def __init__(
        self,
        server: Server,
        name: str,
        schema: str,
        version: int = 1,
        upgrade: Callable[[Any, int], None] | None = None,
        wait_s: float = 10.0,
    ) -> None:
        self._server, self._name, self._schema = server, name, schema
        self._version, self._upgrade, self._wait_s = version, upgrade, wait_s
        self._pool = pool(server.url)
        self._made = False

    def read(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises NotKept when they cannot be had now."""
        return self._asked(lambda line: _Change(line).execute(sql, values).fetchall())

    def put(self, *statements: tuple[str, Values]) -> None:
        """Run statements in one message to the server, which makes one transaction of it; see store.tables."""

        def send(line: Line) -> None:
            cursor = psycopg.ClientCursor(line)
            whole = [cursor.mogrify(dialect.query(sql), dialect.values(values)) for sql, values in statements]
            cursor.execute("; ".join(["SET LOCAL synchronous_commit = off", *whole]).encode())

        self._asked(send)

    def change(self, work: Callable[[Connection], _T], about: str = "", lasting: bool = True) -> _T:
        """Run `work` in one transaction; see store.tables. Raises NotKept."""
        begin = self._beginning(about, lasting)
        return self._asked(lambda line: self._whole(line, begin, work))

    def raw(self, column: str) -> str:
        """A server's text is never damaged."""
        return column

    def close(self) -> None:
        """Let go of connections that nobody uses now."""
        self._pool.drop()

    # ---- inside

    def _asked(self, work: Callable[[Line], _T]) -> _T:
        again = True
        while True:
            try:
                with self._pool.line(self._server.schema) as line:
                    if not self._made:
                        self._make(line)
                    return work(line)
            except _InDoubt as doubt:
                if self._was_done(doubt.number):
                    return doubt.done  # type: ignore[no-any-return]
                reason: Exception = doubt
            except _NOT_NOW as error:
                reason = error
                if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
                    self._made = False  # the database was put back as it was before us
                elif lost(error):
                    self._pool.drop()
                else:
                    again = False
            if not again:
                raise NotKept(f"{self._name}: {' '.join(str(reason).split())[:300]}") from reason
            again = False

    def _whole(self, line: Line, begin: str, work: Callable[[Connection], _T]) -> _T:
        number = str(_last(_Change(line).cursor.execute(begin.encode())))
        try:
            done = work(_Change(line))
        except BaseException:
            with suppress(psycopg.Error):
                line.execute("ROLLBACK")
            raise
        try:
            line.execute("COMMIT")
        except psycopg.Error as error:
            if lost(error):
                raise _InDoubt(number, done) from error
            raise
        return done

    def _was_done(self, number: str) -> bool:
        """Whether the transaction was committed. Raises NotKept where that cannot be found out."""
        self._pool.drop()
        until = time.monotonic() + _DOUBT_S
        while time.monotonic() < until:
            with suppress(psycopg.Error), self._pool.line(self._server.schema) as line:
                row = line.execute("SELECT pg_xact_status(%s::xid8)", (number,)).fetchone()
                if row and row[0] != "in progress":
                    return bool(row[0] == "committed")
            time.sleep(0.2)
        raise NotKept(f"{self._name}: the server went away before it said whether a change was kept")

    def _beginning(self, about: str, lasting: bool) -> str:
        """The statements that open a change; the last one gives the transaction's number."""
        store = f"{self._server.schema}.{self._name}"
        held = f"pg_advisory_xact_lock({key_of(store)})"
        if about:
            held = f"pg_advisory_xact_lock_shared({key_of(store)}), pg_advisory_xact_lock({key_of(store, about)})"
        return (
            f"BEGIN; SET LOCAL lock_timeout = {int(self._wait_s * 1000)}; "
            + ("" if lasting else "SET LOCAL synchronous_commit = off; ")
            + f"SELECT {held}; SELECT pg_current_xact_id()::text"
        )

    def _make(self, line: Line) -> None:
        """Make the tables, or bring them up to date; one process at a time."""

        def made(db: Connection) -> None:
            # Looked up first: what this connection knew of the schema before it waited for the lock may be old.
            if not db.execute(
                "SELECT 1 FROM pg_namespace WHERE nspname = ?", (self._server.schema,)
            ).fetchall():
                db.execute(f'CREATE SCHEMA "{self._server.schema}"')
            db.execute(_VERSIONS)
            rows = db.execute("SELECT version, made FROM versions WHERE name = ?", (self._name,)).fetchall()
            held = int(rows[0][0]) if rows else self._version
            if held > self._version:
                raise NotKept(f"{self._name}: its tables are of a newer version ({held})")
            if held < self._version and self._upgrade:
                self._upgrade(db, held)
            digest = hashlib.sha256(self._schema.encode()).hexdigest()
            if rows == [(self._version, digest)]:
                return
            for statement in dialect.statements(self._schema):
                db.execute(statement)
            db.execute(
                "INSERT INTO versions (name, version, made) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET version = excluded.version, made = excluded.made",
                (self._name, self._version, digest),
            )

        lock = key_of(self._server.schema)
        self._whole(
            line,
            f"BEGIN; SELECT pg_advisory_xact_lock({lock}); SELECT pg_current_xact_id()::text",
            made,
        )
        self._made = True


class _Change:
    """A transaction as the stores see it."""

    def __init__(self, line: Line) -> None:
        self._line = line

    @property
    def cursor(self) -> Any:
        # Values are put into the statement here: the server then needs no hint of what a bare `? IS NULL` is.
        return psycopg.ClientCursor(self._line)

    def execute(self, sql: str, values: Values = (), /) -> Any:
        if not values:
            return self.cursor.execute(sql.encode())
        return self.cursor.execute(dialect.query(sql).encode(), dialect.values(values))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any:
        found = self.cursor
        found.executemany(dialect.query(sql).encode(), [dialect.values(row) for row in rows])
        return found


def key_of(*names: str) -> int:
    """The number of an advisory lock."""
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _last(cursor: Any) -> Any:
    """The value that the last of several statements gave."""
    while cursor.nextset():
        pass
    return cursor.fetchone()[0]
