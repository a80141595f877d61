"""Taking what belongs to people out of a shop's files into PostgreSQL, once, when a shop outgrows its folder.

It can be broken off and done again: a store is moved as a whole or not at all, rows that are there stay as they are,
and one that was moved is not touched any more, so that nothing comes back that was erased since. What the agent
remembers is not moved: it is made again from the conversations.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.access.keys import Keys
from agent.access.owners import Owners
from agent.access.shops import Shops
from agent.access.threads import Threads
from agent.errors import BadDatabase
from agent.people import where
from agent.settings import Settings
from agent.transcripts import Transcripts
from prompts import say
from store.audit import Audit
from store.carts import Carts
from store.handoffs import Handoffs
from store.orders.ledger import Ledger
from store.outbox import Outbox
from store.reactions import Reactions
from store.shoppers import Shoppers
from store.tables import Connection, Server, Tables, opened

STORES: dict[str, Callable[[Any], Any]] = {
    "conversations": Transcripts,
    "carts": Carts,
    "reactions": Reactions,
    "shoppers": Shoppers,
    "owners": Owners,
    "threads": Threads,
    "handoffs": Handoffs,
    "outbox": Outbox,
    "audit": Audit,
    "order_desk": Ledger,
}
BATCH = 500
_NOTE = "INSERT INTO moved (store) VALUES (?) ON CONFLICT DO NOTHING"
_SCHEMA = "CREATE TABLE IF NOT EXISTS moved (store TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP)"
Report = Callable[[int, int, str], None]


@dataclass
class Moved:
    """Of one store of one shop: rows that were found in the file, and those of them that the server did not have."""

    shop: str
    store: str
    found: int = 0
    fresh: int = 0


def move(settings: Settings, report: Report) -> list[Moved]:
    """Bring every shop's rows to the server. Raises BadDatabase without one, NotKept where it cannot be written."""
    if settings.database is None:
        raise BadDatabase(reason=say("terminal", "database.unset", "en"))
    with closing(Shops(settings)) as shops:
        done = [_moved("", "keys", Keys, settings.shops or settings.data, where(settings), report)]
        for name in shops.names():
            own = shops.settings(name)
            done += [
                _moved(name, store, kind, own.data, where(own), report) for store, kind in STORES.items()
            ]
    return [one for one in done if one]


def _moved(
    shop: str, store: str, kind: Callable[[Any], Any], folder: Path, there: Any, report: Report
) -> Moved | None:
    """None where there is no such file."""
    told, file = Moved(shop, store), folder / f"{store}.sqlite"
    if not file.exists() or not isinstance(there, Server):
        return None
    kind(folder).close()  # brings a file of an earlier release up to date
    with (
        closing(opened(there, "moved", _SCHEMA)) as notes,
        closing(kind(there)) as new,
        closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as old,
    ):
        _tables(new).read("SELECT 1")  # makes them
        columns = _columns(old)
        counts = {name: int(old.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in columns}
        told.found = sum(counts.values())

        def whole(db: Connection) -> int:
            if not db.execute(_NOTE, (store,)).rowcount:
                return 0
            fresh = done = 0
            for table, names in columns.items():
                for rows in _batches(old, table, names):
                    fresh += insert(db, table, names, rows)
                    done += len(rows)
                    report(done, told.found, f"{shop} {store}".strip())
            return fresh

        told.fresh = notes.change(whole)
    return told


def insert(db: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> int:
    """Put rows into a table, but for those that are there; how many were not."""
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING"
    return db.executemany(sql, rows).rowcount


def _tables(store: Any) -> Tables:
    """What a store stands on."""
    from store.postgres import Postgres  # which an installation without PostgreSQL cannot import

    return next(part for part in vars(store).values() if isinstance(part, Postgres))


def _columns(old: sqlite3.Connection) -> dict[str, list[str]]:
    """Table → its columns, but for numbers that a table gives its rows by itself: a server gives its own."""
    tables = "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    found = {}
    for table, made in old.execute(tables).fetchall():
        about = old.execute(f"PRAGMA table_info({table})").fetchall()
        numbered = "AUTOINCREMENT" in made
        found[str(table)] = [str(name) for _, name, _, _, _, primary in about if not (numbered and primary)]
    return found


def _batches(old: sqlite3.Connection, table: str, names: Sequence[str]) -> Iterator[list[tuple[Any, ...]]]:
    """All rows, in the order in which they came."""
    rows = old.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY rowid")
    while batch := rows.fetchmany(BATCH):
        yield batch
