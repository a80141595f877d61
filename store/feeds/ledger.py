"""What the last imports knew of each product, so that the next one need not look again at what did not change."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from store.database import Database

FILE = "imports.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS products (id TEXT PRIMARY KEY, digest TEXT NOT NULL, record TEXT NOT NULL,
                                     pending INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pictures (product TEXT NOT NULL, name TEXT NOT NULL, stamp TEXT NOT NULL, kept TEXT NOT NULL,
                                     PRIMARY KEY (product, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Known:
    """Of one product: `digest` of what the feed said, `record` of what the shop then had, `pending`: a picture could
    not be had and may be next time."""

    digest: str
    record: str
    pending: bool = False


class Ledger:
    """The file of a shop's imports. Losing it costs work, never products. Raises NotKept."""

    def __init__(self, data: Path) -> None:
        self._file = Database(data / FILE, _SCHEMA)

    def close(self) -> None:
        self._file.close()

    def known(self, ids: Sequence[str]) -> dict[str, Known]:
        """What is known of those `ids` that were imported before."""
        marks = ",".join("?" * len(ids))
        rows = self._file.read(
            f"SELECT id, digest, record, pending FROM products WHERE id IN ({marks})", list(ids)
        )
        return {row[0]: Known(row[1], row[2], bool(row[3])) for row in rows}

    def pictures(self, ids: Sequence[str]) -> dict[tuple[str, str], tuple[str, str]]:
        """(product, name in the feed) → (stamp, name in the shop)."""
        marks = ",".join("?" * len(ids))
        rows = self._file.read(
            f"SELECT product, name, stamp, kept FROM pictures WHERE product IN ({marks})", list(ids)
        )
        return {(product, name): (stamp, kept) for product, name, stamp, kept in rows}

    def keep(
        self, products: Iterable[tuple[str, Known]], pictures: Iterable[tuple[str, str, str, str]]
    ) -> None:
        """Keep what a batch has come to: products, and (product, name, stamp, kept) of their pictures."""
        held, shown = [(i, k.digest, k.record, int(k.pending)) for i, k in products], list(pictures)

        def work(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM pictures WHERE product = ?", [(row[0],) for row in held])
            db.executemany("INSERT OR REPLACE INTO products VALUES (?, ?, ?, ?)", held)
            db.executemany("INSERT OR REPLACE INTO pictures VALUES (?, ?, ?, ?)", shown)

        if held:
            self._file.change(work)

    def forget(self, ids: Sequence[str]) -> None:
        """Those products are gone."""

        def work(db: sqlite3.Connection) -> None:
            for table, column in (("products", "id"), ("pictures", "product")):
                db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(i,) for i in ids])

        self._file.change(work)

    def begin(self, feeds: str) -> bool:
        """Note that an import of `feeds` begins; True where the last one of the same was cut off."""
        cut_off = self._file.read("SELECT value FROM state WHERE key = 'open'") == [(feeds,)]
        self._file.change(lambda db: db.execute("INSERT OR REPLACE INTO state VALUES ('open', ?)", (feeds,)))
        return cut_off

    def finish(self) -> None:
        """Note that it has come to its end."""
        self._file.change(lambda db: db.execute("DELETE FROM state WHERE key = 'open'"))
