"""The lexical side of search: SQLite FTS5 over titles, brands, attribute words and descriptions, in zh and en.

Chinese is segmented before it is indexed, English is stemmed by FTS5's porter tokenizer. The index is derived data:
it can always be rebuilt from the product store, and is when the two do not agree.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import numpy as np

from prompts import taxonomy
from store import matching
from store.conditions import cents, discount, on_sale, trusted_rating
from store.matching import NAMES, Having, Match, quoted
from store.part import Part, Whole
from store.types import Product
from store.words import segment

# bm25 weights of the columns: what a product is called counts most, running text least
WEIGHTS = {"title": 6.0, "brand": 5.0, "words": 3.0, "description": 1.0}
# what is kept beside the words, so that an order or a bound needs no record
NUMBERS: dict[str, Callable[[Product], float | None]] = {
    "cents": cents,
    "rating": lambda p: p.rating,
    "trusted": trusted_rating,
    "discount": discount,
    "in_stock": lambda p: p.in_stock,
    "on_sale": on_sale,
}
SCHEMA = 4
MOST_NAMES = 200_000  # words that misspelt ones are put right towards
PER_WORD = 5000  # rows looked at per word of a query
REMEMBERED = 1000  # words whose products are remembered, a bit a product each


def attribute_words(product: Product, lang: str) -> list[str]:
    """Every vocabulary word for what `product` is: its category and the ones above it, colours, pattern, ..."""
    values: list[tuple[str, str]] = [("category", c) for c in product.categories]
    for attribute in ("pattern", "material", "sleeve", "neckline", "length", "gender", "age_group"):
        if value := getattr(product, attribute):
            values.append((attribute, value))
    for attribute, held in (
        ("color", product.colors),
        ("season", product.season),
        ("occasion", product.occasion),
        ("style", product.style),
    ):
        values += [(attribute, v) for v in held]
    out: list[str] = []
    for attribute, value in values:
        words = vocabulary(attribute, value, lang)
        # "powder blue" must not be found by "washing powder": phrases are the vocabulary's business (`concepts`)
        out += [w for i, w in enumerate(words) if i == 0 or " " not in w]
    return out


def vocabulary(attribute: str, value: str, lang: str) -> list[str]:
    """The vocabulary's words for a value; a shop's own value stands for itself."""
    known = value in taxonomy.values(attribute)
    return taxonomy.words(attribute, value)[lang] if known else [value]


@lru_cache(maxsize=20_000)
def _recurring(text: str) -> str:
    """The words of a text that many products share: a brand, a word of the vocabulary."""
    return " ".join(segment(text))


class Lexicon:
    """The full-text index in one SQLite file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._having: dict[str, Having] = {}
        self._whole: Whole | None = None
        try:
            self._db = self._connect(path)
        except sqlite3.DatabaseError:
            # derived data: a broken index is thrown away and made again from the product store
            for suffix in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    Path(f"{path}{suffix}").unlink()
            self._db = self._connect(path)

    def _connect(self, path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, check_same_thread=False, timeout=10, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT)")
        row = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
        if row != (str(SCHEMA),):
            db.execute("BEGIN IMMEDIATE")
            db.execute("DROP TABLE IF EXISTS docs")
            db.execute("DROP TABLE IF EXISTS rows")
            db.execute("DROP TABLE IF EXISTS words")
            db.execute("DROP TABLE IF EXISTS numbers")
            db.execute(f"CREATE TABLE numbers (id TEXT PRIMARY KEY, {', '.join(NUMBERS)}) WITHOUT ROWID")
            db.execute("CREATE TABLE words (word TEXT PRIMARY KEY) WITHOUT ROWID")
            db.execute(
                "CREATE TABLE rows (id TEXT PRIMARY KEY, row INTEGER NOT NULL, fingerprint TEXT NOT NULL)"
            )
            db.execute(
                f"CREATE VIRTUAL TABLE docs USING fts5({', '.join(WEIGHTS)}, id UNINDEXED,"
                " tokenize='porter unicode61 remove_diacritics 2')"
            )
            db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
            db.execute("INSERT OR REPLACE INTO meta VALUES ('writing', '1')")  # empty: to be filled
            db.execute("COMMIT")
        return db

    # ---- state

    @property
    def writing(self) -> bool:
        """True when a write was begun and not finished: the index has to be rebuilt."""
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key = 'writing'").fetchone()
        return row is not None and row[0] == "1"

    def begin(self) -> None:
        """Note that product store and index are about to change, so that a kill in between is noticed."""
        self._set("writing", "1")

    def finish(self, agreed: bool = True) -> None:
        """Note that something was written, and that both agree again: not where they did not before (`agreed`)."""
        with self._lock:
            self._set("revision", str(self.revision + 1))
            if agreed:
                self._set("writing", "0")

    @property
    def revision(self) -> int:
        """Grows with every write, also of other processes."""
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
        return int(row[0]) if row else 0

    def note(self, key: str) -> str | None:
        """Something kept beside the index, see `keep`."""
        with self._lock:
            row = self._db.execute("SELECT value FROM meta WHERE key = ?", (f"note:{key}",)).fetchone()
        return str(row[0]) if row else None

    def keep(self, key: str, value: str) -> None:
        """Keep a note beside the index."""
        self._set(f"note:{key}", value)

    def _set(self, key: str, value: str) -> None:
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def fingerprints(self) -> dict[str, str]:
        """`Product.fingerprint` of every record that is indexed, by id."""
        with self._lock:
            return dict(self._db.execute("SELECT id, fingerprint FROM rows").fetchall())

    # ---- writing

    def put(self, products: Iterable[Product]) -> None:
        """Insert or replace."""
        every = list(products)
        rows = [(p.id, p.fingerprint, *self._columns(p)) for p in every]
        numbers = [(p.id, *(how(p) for how in NUMBERS.values())) for p in every]
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for product_id, fingerprint, *columns in rows:
                    self._remove(product_id)
                    cursor = self._db.execute(
                        f"INSERT INTO docs ({', '.join(WEIGHTS)}, id) VALUES (?, ?, ?, ?, ?)",
                        (*columns, product_id),
                    )
                    self._db.execute(
                        "INSERT INTO rows VALUES (?, ?, ?)", (product_id, cursor.lastrowid, fingerprint)
                    )
                marks = ", ".join("?" * (1 + len(NUMBERS)))
                self._db.executemany(f"INSERT OR REPLACE INTO numbers VALUES ({marks})", numbers)
                names = {
                    word
                    for _, _, title, brand, *_ in rows
                    for word in f"{title} {brand}".split()
                    if not word.isdigit()
                }
                self._db.executemany("INSERT OR IGNORE INTO words VALUES (?)", [(word,) for word in names])
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise

    @staticmethod
    def _columns(p: Product) -> tuple[str, ...]:
        def joined(*texts: str) -> str:
            return " ".join(word for text in texts for word in segment(text))

        named = (*attribute_words(p, "zh"), *attribute_words(p, "en"), *p.path)
        return (
            joined(p.title.zh, p.title.en),
            _recurring(p.brand or ""),
            " ".join(filter(None, (*map(_recurring, named), *segment(p.gtin or "")))),
            joined(p.description.zh, p.description.en),
        )

    def _remove(self, product_id: str) -> None:
        row = self._db.execute("SELECT row FROM rows WHERE id = ?", (product_id,)).fetchone()
        if row:
            self._db.execute("DELETE FROM docs WHERE rowid = ?", row)
            self._db.execute("DELETE FROM rows WHERE id = ?", (product_id,))
            self._db.execute("DELETE FROM numbers WHERE id = ?", (product_id,))

    def delete(self, ids: Iterable[str]) -> None:
        """Remove; unknown ids are ignored."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            for product_id in ids:
                self._remove(product_id)
            self._db.execute("COMMIT")

    # ---- reading

    def match(
        self,
        words: Sequence[str],
        among: Part | None = None,
        same: Sequence[Sequence[str]] = (),
    ) -> dict[str, Match]:
        """Products that match any of `words` (as `store.words.content` gives them) or any name of the things in `same`.

        The score is the bm25 sum over the words, as a share of what the best product gets for each word; a word the
        shop does not know counts as a rare one that nobody matched.
        """
        return matching.match(self, words, self._every() if among is None else among, same)

    def _every(self) -> Part:
        """All that is indexed, remembered until the shop changes."""
        with self._lock:
            if self._whole is None:
                rows = self.row_numbers()
                self._whole = Whole(list(rows), lambda: rows)
            return self._whole.every

    def row_numbers(self) -> dict[str, int]:
        """The row of every product."""
        with self._lock:
            return dict(self._db.execute("SELECT id, row FROM rows").fetchall())

    def having(self, expression: str) -> Having:
        """Which rows match, remembered until the shop changes."""
        with self._lock:
            if expression not in self._having:
                rows = self._db.execute("SELECT rowid FROM docs WHERE docs MATCH ?", (expression,)).fetchall()
                if len(self._having) >= REMEMBERED:
                    self._having.clear()
                self._having[expression] = Having.of(np.array(rows, dtype=np.int64).reshape(-1))
            return self._having[expression]

    def forget(self) -> None:
        """The shop has changed."""
        with self._lock:
            self._having, self._whole = {}, None

    def numbers(self) -> tuple[list[str], np.ndarray]:
        """What products are ordered and bounded by: ids, and (n, len(NUMBERS)) float64, NaN where there is none."""
        with self._lock:
            rows = self._db.execute("SELECT * FROM numbers").fetchall()
        return [row[0] for row in rows], np.array([row[1:] for row in rows], np.float64).reshape(
            -1, len(NUMBERS)
        )

    def names(self) -> list[str]:
        """Every word that some product's title or brand has had."""
        with self._lock:
            return [row[0] for row in self._db.execute("SELECT word FROM words LIMIT ?", (MOST_NAMES,))]

    def has(self, word: str) -> bool:
        """True when some product has `word` anywhere."""
        with self._lock:
            row = self._db.execute(
                "SELECT 1 FROM docs WHERE docs MATCH ? LIMIT 1", (quoted(word),)
            ).fetchone()
        return row is not None

    def bm25(self, words: Sequence[str], k: int) -> list[str]:
        """Ids of the `k` products with the highest BM25 for any of `words`, best first, ties by id."""
        if not words:
            return []
        weights = ", ".join(str(w) for w in WEIGHTS.values())
        with self._lock:
            rows = self._db.execute(
                f"SELECT id FROM docs WHERE docs MATCH ? ORDER BY bm25(docs, {weights}), id LIMIT ?",
                (" OR ".join(map(quoted, words)), k),
            )
            return [row[0] for row in rows]

    def named(self, words: Sequence[str]) -> set[str]:
        """Ids of the products that have any of `words` anywhere but in the description."""
        return {product_id for word in words for product_id in self.named_so(quoted(word))}

    def products(self) -> int:
        """How many are indexed."""
        with self._lock:
            (count,) = self._db.execute("SELECT count(*) FROM rows").fetchone()
        return int(count)

    def named_so(self, expression: str) -> set[str]:
        """Ids of the products that match anywhere but in the description."""
        with self._lock:
            rows = self._db.execute(
                "SELECT id FROM docs WHERE docs MATCH ? LIMIT ?", (f"{{{NAMES}}} : ({expression})", PER_WORD)
            )
            return {row[0] for row in rows}

    def rows(self, expression: str, most: int) -> list[tuple[str, float]]:
        """(id, bm25 turned positive) of the best `most` that match, of all where it is negative."""
        weights = ", ".join(str(w) for w in WEIGHTS.values())
        with self._lock:
            rows = self._db.execute(
                f"SELECT id, bm25(docs, {weights}) FROM docs WHERE docs MATCH ?"
                f" ORDER BY bm25(docs, {weights}) LIMIT ?",
                (expression, most),
            ).fetchall()
        # bm25 is negative for a match and can reach 0 for a word that half of the shop has
        return [(product_id, max(-score, 1e-3)) for product_id, score in rows]

    def close(self) -> None:
        with self._lock:
            self._db.close()
