"""Where a feed's rows wait until all of it has been read: on disk, grouped, in the order of the feed.

Rows of one product may stand anywhere in a feed, so no product is whole before its end; memory must not grow with it.
One file for one import, thrown away at its end: what a killed import left is of no use to the next.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from store.feeds.record import Problem, Refused

COMMIT = 2_000  # rows
_SCHEMA = """
CREATE TABLE rows (place INTEGER PRIMARY KEY, product TEXT NOT NULL, line INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX of_product ON rows (product, place);
CREATE TABLE products (place INTEGER PRIMARY KEY, product TEXT NOT NULL UNIQUE, line INTEGER NOT NULL);
CREATE TABLE keys (key TEXT PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE mentioned (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE problems (place INTEGER PRIMARY KEY, feed INTEGER NOT NULL, refused INTEGER NOT NULL, code TEXT NOT NULL,
                       body TEXT NOT NULL);
CREATE TABLE currencies (code TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE unsaid (sign TEXT PRIMARY KEY, count INTEGER NOT NULL, line INTEGER NOT NULL, id TEXT) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Unsaid:
    """Prices that do not say their currency, or only by a `sign` of several: how many, and where the first one is."""

    sign: str
    count: int
    line: int
    id: str


class Staging:
    """The rows of one feed after the other. One thread, one process. Close it: the file goes."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file
        file.unlink(missing_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -8000", "temp_store = FILE"):
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)
        self._feed = 0
        self._open = 0

    def close(self) -> None:
        """Throw it away."""
        self._db.close()
        self._file.unlink(missing_ok=True)

    def next_feed(self) -> None:
        """Make room for the next feed. What was mentioned and what was refused is kept."""
        self._settle()
        for table in ("rows", "products", "keys", "currencies", "unsaid"):
            self._db.execute(f"DELETE FROM {table}")
        self._feed += 1

    # ---- putting in

    def put(
        self,
        product: str,
        key: str,
        line: int,
        body: dict[str, Any],
        currency: str | None = None,
        sign: str = "",
    ) -> None:
        """A row of `product`. `key` names the row among all of the feed; `currency` of its price, None where it has no
        price, "" where that does not say; `sign`: all that it says. Raises Refused for one that is there."""
        self._begin()
        try:
            self._db.execute("INSERT INTO keys VALUES (?, ?)", (key, line))
        except sqlite3.IntegrityError:
            (first,) = self._db.execute("SELECT line FROM keys WHERE key = ?", (key,)).fetchone()
            raise Refused("duplicate_id", "id", value=key.rsplit("\0", 1)[-1], first=first) from None
        self._db.execute(
            "INSERT INTO rows (product, line, body) VALUES (?, ?, ?)",
            (product, line, json.dumps(body, ensure_ascii=False)),
        )
        self._db.execute("INSERT OR IGNORE INTO products (product, line) VALUES (?, ?)", (product, line))
        if currency and not sign:
            self._db.execute(
                "INSERT INTO currencies VALUES (?, 1) ON CONFLICT (code) DO UPDATE SET count = count + 1",
                (currency,),
            )
        elif currency is not None:
            self._db.execute(
                "INSERT INTO unsaid VALUES (?, 1, ?, ?) ON CONFLICT (sign) DO UPDATE SET count = count + 1",
                (sign, line, product),
            )
        self.mention(product)

    def mention(self, product: str) -> None:
        """Note that the feed has this product, whether it can be read or not."""
        self._begin()
        self._db.execute("INSERT OR IGNORE INTO mentioned VALUES (?)", (product,))

    def report(self, problem: Problem) -> None:
        """Keep a problem for the report."""
        self._begin()
        self._db.execute(
            "INSERT INTO problems (feed, refused, code, body) VALUES (?, ?, ?, ?)",
            (self._feed, problem.refused, problem.code, json.dumps(asdict(problem), ensure_ascii=False)),
        )

    # ---- taking out

    @property
    def count(self) -> int:
        """Products of this feed."""
        return int(self._db.execute("SELECT count(*) FROM products").fetchone()[0])

    def currency(self) -> str | None:
        """The one that most rows of this feed name."""
        row = self._db.execute("SELECT code FROM currencies ORDER BY count DESC, code LIMIT 1").fetchone()
        return str(row[0]) if row else None

    def unsaid(self) -> list[Unsaid]:
        """The prices of this feed that do not say their currency, by all that they say: the most frequent first."""
        rows = self._db.execute("SELECT sign, count, line, id FROM unsaid ORDER BY count DESC, sign")
        return [Unsaid(*row) for row in rows]

    def sample(self, most: int) -> list[dict[str, Any]]:
        """The first rows of this feed."""
        rows = self._db.execute("SELECT body FROM rows ORDER BY place LIMIT ?", (most,))
        return [json.loads(body) for (body,) in rows]

    def products(self) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
        """(id, first line, rows) of each product, in the order in which they were first named."""
        self._settle()
        at = 0
        while part := self._db.execute(
            "SELECT place, product, line FROM products WHERE place > ? ORDER BY place LIMIT 500", (at,)
        ).fetchall():
            at = part[-1][0]
            for _, product, line in part:
                rows = self._db.execute("SELECT body FROM rows WHERE product = ? ORDER BY place", (product,))
                yield product, line, [json.loads(body) for (body,) in rows]

    def has(self, product: str) -> bool:
        """Whether any feed of this import names the product."""
        return self._db.execute("SELECT 1 FROM mentioned WHERE id = ?", (product,)).fetchone() is not None

    def problems(self, refused: bool, feed: int | None = None, most: int = -1) -> Iterator[Problem]:
        """Those that kept a row out (or not), of the feed at work or of another, in order."""
        of = self._feed if feed is None else feed
        for (body,) in self._db.execute(
            "SELECT body FROM problems WHERE refused = ? AND feed = ? ORDER BY place LIMIT ?",
            (refused, of, most),
        ):
            yield Problem(**json.loads(body))

    def tally(self, refused: bool) -> Counter[str]:
        """Code → how many, of the feed at work."""
        rows = self._db.execute(
            "SELECT code, count(*) FROM problems WHERE refused = ? AND feed = ? GROUP BY code",
            (refused, self._feed),
        )
        return Counter(dict(rows.fetchall()))

    def unidentified(self) -> int:
        """Refused rows of all feeds of which nobody can say which product they are."""
        return int(
            self._db.execute(
                "SELECT count(*) FROM problems WHERE refused = 1 AND code != 'no_product'"
                " AND json_extract(body, '$.id') IS NULL"
            ).fetchone()[0]
        )

    # ---- inside

    def _begin(self) -> None:
        if self._open == 0:
            self._db.execute("BEGIN")
        self._open += 1
        if self._open >= COMMIT:
            self._settle()
            self._db.execute("BEGIN")
            self._open = 1

    def _settle(self) -> None:
        if self._open:
            self._db.execute("COMMIT")
            self._open = 0
