"""Where small stores keep their rows: an SQLite file of the data folder, or the tables of a PostgreSQL server.

A store writes its SQL once, as both know it: `?` and `:name`, `ON CONFLICT … DO`, no `INSERT OR`, no `datetime('now')`,
no PRAGMA, no word that either reserves as a name. Tables have names of their own in the whole shop: on a server they
share one schema.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from store.database import WAIT_S, Database

Values = Sequence[Any] | dict[str, Any]
SCHEMA = "daogou"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Server:
    """A database on a PostgreSQL server, and the schema in it. `url` may hold a password; it is never shown."""

    url: str = field(repr=False)
    schema: str = SCHEMA


Where = Path | Server


class Found(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Connection(Protocol):
    """What a change works on: one transaction."""

    def execute(self, sql: str, values: Any = ..., /) -> Found: ...
    def executemany(self, sql: str, rows: Any, /) -> Found: ...


class Tables(Protocol):
    """The tables of one store, safe from several threads and processes."""

    def read(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises NotKept when they cannot be had now."""

    def change(self, work: Callable[[Connection], _T], about: str = "", lasting: bool = True) -> _T:
        """Run `work` in one transaction, all of it or nothing, while nobody else changes what it is about. `work` may
        be run again, so it acts on nothing but the tables.

        Args:
            work: Gets the connection.
            about: What of the store it touches, where others may change the rest meanwhile: a conversation's id, say.
            lasting: False for what may be lost when the server's machine fails; it survives our own end all the same.

        Raises NotKept when it cannot be written; then nothing is.
        """

    def put(self, *statements: tuple[str, Values]) -> None:
        """Run statements that come to the same when they are run twice, all or none, as quickly as can be: what they
        wrote survives our end, and may be lost when the server's machine fails. Raises NotKept."""

    def raw(self, column: str) -> str:
        """SQL for the bytes of a text column: damaged ones must not stop the reading of the others."""

    def close(self) -> None: ...


def opened(
    where: Where | str,
    name: str,
    schema: str,
    version: int = 1,
    upgrade: Callable[[Any, int], None] | None = None,
    wait_s: float = WAIT_S,
    erasing: bool = False,
) -> Tables:
    """The tables of the store `name` in a data folder (`NAME.sqlite`) or on a server, made when there are none.

    Args:
        schema: `CREATE … IF NOT EXISTS` statements, as SQLite has them.
        version: Of that schema.
        upgrade: Called with a connection and the older version that was found.
        wait_s: For others who write.
        erasing: Nothing of what is deleted stays behind in the file, its log or a copy. A server overwrites it when
            it vacuums; see docs/production.md.
    """
    if isinstance(where, Server):
        from store.postgres import Postgres

        return Postgres(where, name, schema, version, upgrade, wait_s)
    folder = Path(where)
    folder.mkdir(parents=True, exist_ok=True)
    return Database(folder / f"{name}.sqlite", schema, version, upgrade, wait_s, erasing)


def ago(days: float) -> str:
    """The moment so many days before now, as `DEFAULT CURRENT_TIMESTAMP` writes moments."""
    return (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
