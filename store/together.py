"""What is bought together, as a shop's own orders tell: for each product the others, with how often, and its orders.

Made by `daogou tune --orders` (agent/orders.py) and kept in the data folder as one SQLite file that is replaced as a
whole: who reads it has the old one or the new one.
"""

import logging
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from store.errors import NotKept

log = logging.getLogger(__name__)
NAME = "together.sqlite"
_SCHEMA = """
CREATE TABLE near (product TEXT NOT NULL, other TEXT NOT NULL, often REAL NOT NULL, PRIMARY KEY (product, other));
CREATE TABLE sold (product TEXT PRIMARY KEY, orders INTEGER NOT NULL);
CREATE TABLE notes (name TEXT PRIMARY KEY, value TEXT NOT NULL)
"""


class Together:
    """The table of a data folder; where there is none, or one that cannot be read, everything is empty."""

    def __init__(self, data_dir: Path | str) -> None:
        self._path = Path(data_dir) / NAME

    def of(self, products: Iterable[str]) -> dict[str, dict[str, float]]:
        """For each of `products` that was bought with others: those with how often, 0..1, the most often 1."""
        found: dict[str, dict[str, float]] = {}
        for product in dict.fromkeys(products):
            rows = self._read(
                "SELECT other, often FROM near WHERE product = ? ORDER BY often DESC", (product,)
            )
            if rows:
                found[product] = {str(other): float(often) for other, often in rows}
        return found

    def sold(self) -> dict[str, int]:
        """In how many orders each product is."""
        return {str(p): int(n) for p, n in self._read("SELECT product, orders FROM sold")}

    def note(self, name: str) -> str | None:
        """Something kept with the table: "made", "orders"."""
        rows = self._read("SELECT value FROM notes WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else None

    @property
    def version(self) -> float:
        """Changes when the table does; 0 where there is none."""
        try:
            return self._path.stat().st_mtime
        except OSError:
            return 0.0

    def keep(
        self,
        near: Iterable[tuple[str, str, float]],
        sold: Mapping[str, int],
        notes: Mapping[str, str],
    ) -> None:
        """Put a new table in the place of the old one. Raises NotKept."""
        try:
            with TemporaryDirectory(dir=self._path.parent) as folder:
                made = Path(folder) / NAME
                with closing(sqlite3.connect(made)) as db, db:
                    db.executescript(_SCHEMA)
                    db.executemany("INSERT INTO near VALUES (?, ?, ?)", near)
                    db.executemany("INSERT INTO sold VALUES (?, ?)", sold.items())
                    db.executemany("INSERT INTO notes VALUES (?, ?)", notes.items())
                made.replace(self._path)
        except (OSError, sqlite3.Error) as error:
            raise NotKept(f"{self._path} cannot be written: {error}") from error

    def drop(self) -> bool:
        """Go back to recommending without orders; False where there was no table."""
        there = self._path.exists()
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise NotKept(f"{self._path} cannot be removed: {error}") from error
        return there

    def _read(self, sql: str, values: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
        if not self._path.is_file():
            return []
        try:
            with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True)) as db:
                return list(db.execute(sql, values))
        except sqlite3.Error as error:
            log.warning("what is bought together cannot be read: %s", error)
            return []
