"""What the shop's staff has put right: an attribute of a product, kept over every import until it is taken back.

A correction stands beside what the feed says and wins over it and over what was seen. `Corrections.applied` is asked
wherever products come in, so that an import ends the same with corrections as without, but for them; the feed's own
value is kept with each correction, as of the last import, and is what comes back when it is taken back.

CorrectionError
├── NoSuchAttribute   nothing that staff may correct
└── NoSuchValue       not one of the vocabulary's values, or more than one where a product has one
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prompts import taxonomy
from store.database import Database
from store.errors import StoreError
from store.types import Product

FILE = "corrections.sqlite"
SEVERAL = frozenset({"color", "season", "occasion", "style"})  # attributes of which a product may have some
DENIED = "denied"  # in `Product.seen`: what was seen of an attribute that staff says the product has not
_SCHEMA = """
CREATE TABLE IF NOT EXISTS corrections (product TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL,
                                        feed TEXT NOT NULL, at TEXT NOT NULL,
                                        PRIMARY KEY (product, attribute)) WITHOUT ROWID;
"""
_AT_ONCE = 500  # parameters of one statement


class CorrectionError(StoreError):
    code = "bad_correction"


class NoSuchAttribute(CorrectionError):
    code = "unknown_attribute"


class NoSuchValue(CorrectionError):
    code = "unknown_value"


@dataclass(frozen=True)
class Correction:
    """`values`: what holds (none: the product has nothing of the kind); `feed`: what the feed says; `at`: when, UTC."""

    attribute: str
    values: tuple[str, ...]
    feed: tuple[str, ...]
    at: str


Made = Mapping[str, Correction]  # of one product, by attribute


class Corrections:
    """The corrections of a shop. Safe from several threads and processes. Raises NotKept."""

    def __init__(self, data: Path) -> None:
        self._file = Database(data / FILE, _SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def of(self, ids: Sequence[str]) -> dict[str, dict[str, Correction]]:
        """Those of the products that have any."""
        found: dict[str, dict[str, Correction]] = {}
        for start in range(0, len(ids), _AT_ONCE):
            part = list(ids[start : start + _AT_ONCE])
            rows = self._file.read(
                "SELECT product, attribute, value, feed, at FROM corrections"
                f" WHERE product IN ({','.join('?' * len(part))}) ORDER BY product, at",
                part,
            )
            for product, attribute, value, feed, at in rows:
                made = Correction(attribute, tuple(json.loads(value)), tuple(json.loads(feed)), at)
                found.setdefault(product, {})[attribute] = made
        return found

    def ids(self) -> list[str]:
        """Products that have been corrected, the last one first; some may no longer be in the shop."""
        sql = "SELECT product FROM corrections GROUP BY product ORDER BY max(at) DESC, product"
        return [row[0] for row in self._file.read(sql)]

    def keep(self, product: Product, attribute: str, values: Sequence[str]) -> Product:
        """Keep a correction; the product as it now is. Raises NoSuchAttribute, NoSuchValue."""
        chosen = _checked(attribute, values)
        before = self.of([product.id]).get(product.id, {}).get(attribute)
        feed = before.feed if before else said(product, attribute)
        made = Correction(attribute, chosen, feed, datetime.now(UTC).isoformat(timespec="microseconds"))
        row = (product.id, attribute, json.dumps(chosen), json.dumps(feed), made.at)
        self._file.change(
            lambda db: db.execute("INSERT OR REPLACE INTO corrections VALUES (?, ?, ?, ?, ?)", row)
        )
        return corrected(product, {attribute: made})

    def without(self, product: Product, attribute: str) -> Product:
        """The product with what the feed says of an attribute; one that is not corrected as it is."""
        made = self.of([product.id]).get(product.id, {}).get(attribute)
        return _seen_again(_with(product, attribute, made.feed), attribute) if made else product

    def forget(self, product_id: str, attribute: str) -> None:
        """Take a correction back; to be done once the product is stored without it, so that a kill leaves it whole."""
        key = (product_id, attribute)
        self._file.change(
            lambda db: db.execute("DELETE FROM corrections WHERE product = ? AND attribute = ?", key)
        )

    def applied(self, products: Sequence[Product], noted: bool = True) -> list[Product]:
        """The products as they are to be in the shop; `noted`: what the feed says of what was corrected is kept."""
        made = self.of([p.id for p in products])
        if noted:
            self._note([(p, made[p.id]) for p in products if p.id in made])
        return [corrected(p, made[p.id]) if p.id in made else p for p in products]

    def _note(self, fresh: Sequence[tuple[Product, Made]]) -> None:
        """Keep what the feed says now, where it says something else than before."""
        rows = [
            (json.dumps(said(product, attribute)), product.id, attribute)
            for product, made in fresh
            for attribute, correction in made.items()
            if said(product, attribute) != correction.feed
        ]

        def work(db: sqlite3.Connection) -> None:
            db.executemany("UPDATE corrections SET feed = ? WHERE product = ? AND attribute = ?", rows)

        if rows:
            self._file.change(work)


def said(product: Product, attribute: str) -> tuple[str, ...]:
    """What the record itself says of an attribute."""
    value = getattr(product, _field(attribute))
    return tuple(value) if isinstance(value, list) else (value,) if value else ()


def corrected(product: Product, made: Made) -> Product:
    """The product with these corrections; doing it again changes nothing."""
    for attribute, correction in made.items():
        product = _with(product, attribute, correction.values)
        product = _seen_again(product, attribute) if correction.values else _unseen(product, attribute)
    return product


def uncorrected(product: Product, made: Made, kind: bool = True) -> Product:
    """The product as the feed has it; with `kind` off as perception is asked about it: still of the kind that it is."""
    for attribute, correction in made.items():
        if kind or attribute != "category":
            product = _with(product, attribute, correction.feed)
    return product


def _field(attribute: str) -> str:
    return "colors" if attribute == "color" else attribute


def _with(product: Product, attribute: str, values: Sequence[str]) -> Product:
    several = isinstance(getattr(product, _field(attribute)), list)
    value: Any = list(values) if several else values[0] if values else None
    return product.model_copy(update={_field(attribute): value})


def _unseen(product: Product, attribute: str) -> Product:
    """What was seen of something that the product has not no longer counts, but is still told."""
    field = _field(attribute)
    if field not in product.seen:
        return product
    left = {name: value for name, value in product.seen.items() if name != field}
    left[DENIED] = {**product.seen.get(DENIED, {}), field: product.seen[field]}
    return product.model_copy(update={"seen": left})


def _seen_again(product: Product, attribute: str) -> Product:
    """What was seen counts again where the record says nothing."""
    field, denied = _field(attribute), product.seen.get(DENIED, {})
    if field not in denied:
        return product
    rest = {name: value for name, value in denied.items() if name != field}
    back = {name: value for name, value in product.seen.items() if name != DENIED} | {field: denied[field]}
    return product.model_copy(update={"seen": back | ({DENIED: rest} if rest else {})})


def _checked(attribute: str, values: Sequence[str]) -> tuple[str, ...]:
    if attribute not in taxonomy.ATTRIBUTES:
        raise NoSuchAttribute(f"{attribute!r} is none of {', '.join(taxonomy.ATTRIBUTES)}")
    chosen, known = tuple(dict.fromkeys(values)), taxonomy.values(attribute)
    unknown = [value for value in chosen if value not in known]
    if unknown:
        raise NoSuchValue(f"{attribute}: {unknown[0]!r} is not in the vocabulary")
    if len(chosen) > 1 and attribute not in SEVERAL:
        raise NoSuchValue(f"{attribute}: a product has one, not {len(chosen)}")
    if attribute == "category" and not chosen:
        raise NoSuchValue("category: every product has one")
    return chosen
