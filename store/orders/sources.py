"""Where orders come from. `Orders` is all that a shop's order system has to answer: write those two methods for your
own, and identity, limits and returns are done before it. A CSV and an SQLite file are read as they are."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from store.orders import numbers
from store.orders.errors import OrdersAway, OrdersUnreadable
from store.orders.reading import day, read, status_of
from store.orders.types import Line, Order
from store.types import Money

log = logging.getLogger(__name__)
FILE = "orders.sqlite"  # of a data folder, as `daogou orders import` writes it
TABLES = (".csv", ".tsv", ".txt")
MOST_OWN = 10
_ORDER = (
    "number",
    "date",
    "status",
    "carrier",
    "tracking",
    "expected",
    "delivered",
    "email",
    "phone",
    "customer",
)
_LINE = ("line", "product", "name", "size", "quantity", "price", "currency", "returnable")
_SCHEMA = """
CREATE TABLE orders (key TEXT PRIMARY KEY, number TEXT NOT NULL, date TEXT NOT NULL, status TEXT NOT NULL, carrier TEXT,
    tracking TEXT, expected TEXT, delivered TEXT, email TEXT, phone TEXT, customer TEXT);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE order_lines (number TEXT NOT NULL, line INTEGER NOT NULL, product TEXT, name TEXT NOT NULL, size TEXT,
    quantity INTEGER NOT NULL, price TEXT, currency TEXT, returnable INTEGER, PRIMARY KEY (number, line));
"""


class Orders(Protocol):
    """A shop's order system. It is asked by keys (`numbers.key`: the letters and digits of a number, in capitals) and
    tells everything it knows: who may hear it is decided by `Desk`. Raises OrdersAway where it cannot be asked."""

    def find(self, key: str) -> Order | None:
        """The order of that key."""
        ...

    def of(self, customer: str) -> Sequence[Order]:
        """The newest orders of a customer who is signed in at the shop, by the shop's own id."""
        ...


class CsvOrders:
    """The orders of a table (docs/orders.md). Read again when the file has changed; while it cannot be read, the orders
    read before are told. Raises OrdersUnreadable where it cannot be read at first."""

    def __init__(self, path: Path, currency: str = "USD") -> None:
        self._path, self._currency = path, currency
        self._lock = threading.Lock()
        self._stamp = self._now()
        self._orders = self._read()

    def find(self, key: str) -> Order | None:
        return self._fresh().get(key)

    def of(self, customer: str) -> Sequence[Order]:
        own = [order for order in self._fresh().values() if order.customer == customer]
        return sorted(own, key=lambda order: order.placed, reverse=True)[:MOST_OWN]

    def _now(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
            return found.st_mtime_ns, found.st_size
        except OSError:
            return 0, 0

    def _read(self) -> dict[str, Order]:
        return {numbers.key(order.number): order for order in read(self._path, self._currency).orders}

    def _fresh(self) -> dict[str, Order]:
        with self._lock:
            if (stamp := self._now()) != self._stamp:
                try:
                    self._orders, self._stamp = self._read(), stamp
                except OrdersUnreadable:
                    log.exception("the orders read before stay in force")
            return self._orders


class SqliteOrders:
    """The orders of an SQLite file with the tables `orders` and `order_lines` (docs/orders.md), only ever read. A
    column `key` of `orders`, indexed, finds a number at once; without one all of them are looked through."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with closing(self._open()) as db:
                self._keyed = "key" in _columns(db, "orders")
                for table, needed in (("orders", _ORDER[:3]), ("order_lines", ("number", "line", "name"))):
                    if missing := set(needed) - _columns(db, table):
                        raise OrdersUnreadable(f"{path}: table {table} has no {', '.join(sorted(missing))}")
        except sqlite3.Error as error:
            raise OrdersUnreadable(f"{path}: {error}") from error

    def find(self, key: str) -> Order | None:
        where = "key = ?" if self._keyed else "daogou_key(number) = ?"
        return next(iter(self._asked(f"{where} LIMIT 1", key)), None)

    def of(self, customer: str) -> Sequence[Order]:
        return self._asked(f"customer = ? ORDER BY date DESC LIMIT {MOST_OWN}", customer)

    def _asked(self, where: str, value: str) -> list[Order]:
        try:
            with closing(self._open()) as db:
                heads = db.execute(f"SELECT * FROM orders WHERE {where}", (value,)).fetchall()
                lines = "SELECT * FROM order_lines WHERE number = ? ORDER BY line"
                return [_order(dict(h), map(dict, db.execute(lines, (h["number"],)))) for h in heads]
        except (sqlite3.Error, ValueError, TypeError) as error:
            raise OrdersAway(f"{self._path}: {error}") from error

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(f"{self._path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        db.row_factory = sqlite3.Row
        db.create_function("daogou_key", 1, lambda number: numbers.key(str(number)), deterministic=True)
        return db


class Closed:
    """Orders that cannot be asked for, and `why`."""

    def __init__(self, why: str) -> None:
        self._why = why

    def find(self, key: str) -> Order | None:
        raise OrdersAway(self._why)

    def of(self, customer: str) -> Sequence[Order]:
        raise OrdersAway(self._why)


def write(orders: Iterable[Order], path: Path) -> int:
    """Write orders to an SQLite file in the place of those it had, whole or not at all; how many. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part-{os.getpid()}")
    part.unlink(missing_ok=True)
    count = 0
    try:
        with closing(sqlite3.connect(part)) as db:
            db.executescript(_SCHEMA)
            for order in orders:
                count += 1
                _put(db, order)
            db.commit()
        part.chmod(0o600)  # who bought what is nobody else's business
        part.replace(path)
    except sqlite3.Error as error:
        raise OSError(str(error)) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def opened(setting: Path | None, data: Path, currency: Callable[[], str] = lambda: "USD") -> Orders | None:
    """The orders that the setting names, else those that were imported into the data folder; None where there are none.
    `currency`: of amounts of a table that name none. Raises OrdersUnreadable."""
    if setting is not None:
        return CsvOrders(setting, currency()) if setting.suffix.lower() in TABLES else SqliteOrders(setting)
    return SqliteOrders(data / FILE) if (data / FILE).is_file() else None


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {str(row[1]) for row in db.execute(f"PRAGMA table_info({table})")}


def _put(db: sqlite3.Connection, order: Order) -> None:
    days = [d.isoformat() if d else None for d in (order.expected, order.delivered)]
    head = (
        numbers.key(order.number), order.number, order.placed.isoformat(), order.words or order.status, order.carrier,
        order.tracking, *days, order.email, order.phone, order.customer,
    )  # fmt: skip
    db.execute(f"INSERT INTO orders VALUES ({', '.join('?' * len(head))})", head)
    for line in order.lines:
        price = (str(line.price.amount), line.price.currency) if line.price else (None, None)
        told = (
            order.number,
            line.place,
            line.product,
            line.name,
            line.size,
            line.quantity,
            *price,
            line.returnable,
        )
        db.execute(f"INSERT INTO order_lines VALUES ({', '.join('?' * len(told))})", told)


def _order(head: dict[str, Any], rows: Iterable[dict[str, Any]]) -> Order:
    words = _said(head, "status")
    status = status_of(words.replace("_", " "))
    return Order(
        number=_said(head, "number"),
        placed=day(_said(head, "date")) or date.min,
        status=status,
        words=words if status == "other" else "",
        lines=tuple(_line(place, row) for place, row in enumerate(rows, 1)),
        carrier=_said(head, "carrier"),
        tracking=_said(head, "tracking"),
        expected=day(_said(head, "expected")),
        delivered=day(_said(head, "delivered")),
        email=numbers.email(_said(head, "email")),
        phone=numbers.phone(_said(head, "phone")),
        customer=_said(head, "customer"),
    )


def _line(place: int, row: dict[str, Any]) -> Line:
    price = row.get("price")
    returnable = row.get("returnable")
    return Line(
        place=place,
        name=_said(row, "name"),
        product=_said(row, "product") or None,
        size=_said(row, "size") or None,
        quantity=max(1, int(row.get("quantity") or 1)),
        price=None
        if price in (None, "")
        else Money(amount=str(price), currency=_said(row, "currency") or "USD"),  # type: ignore[arg-type]
        returnable=None if returnable is None else bool(returnable),
    )


def _said(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return "" if value is None else numbers.plain_cell(str(value))
