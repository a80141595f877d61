"""Carts: what each session wants to buy, in SQLite. Nothing about a person is kept."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from store.conditions import size_name
from store.database import Database
from store.errors import NeedSize, NotInCart, OutOfStock, ProductNotFound, SizeUnknown, TooMany
from store.types import Product

MOST = 20  # of one line, where the stock is not counted by size
_SCHEMA = """
CREATE TABLE IF NOT EXISTS lines (
    place INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, product TEXT NOT NULL,
    size TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity > 0), UNIQUE (session, product, size))
"""


@dataclass(frozen=True)
class Line:
    """One line of a cart. `size` is None for what has no sizes."""

    product_id: str
    size: str | None
    quantity: int


class Carts:
    """The carts of a data folder. A change that cannot be done raises a CartError, or NotKept where nothing can be
    written, and changes nothing. Safe from several threads and processes.

    `product` looks a product up (`Shop.get`); with it, sizes and quantities are held against the stock.
    """

    def __init__(self, data_dir: Path | str, product: Callable[[str], Product | None] | None = None) -> None:
        folder = Path(data_dir)
        folder.mkdir(parents=True, exist_ok=True)
        self._product = product
        self._file = Database(folder / "carts.sqlite", _SCHEMA)

    def lines(self, session: str) -> list[Line]:
        """The cart, first added first."""
        rows = self._file.read(
            "SELECT product, size, quantity FROM lines WHERE session = ? ORDER BY place", (session,)
        )
        return [Line(product, size or None, quantity) for product, size, quantity in rows]

    def add(self, session: str, product_id: str, size: str | None = None, quantity: int = 1) -> Line:
        """Put `quantity` more into the cart.

        Raises ProductNotFound, NeedSize, SizeUnknown, OutOfStock, TooMany; ValueError for a quantity below 1.
        """
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        size, left = self._available(product_id, size)

        def put(db: sqlite3.Connection) -> Line:
            total = _held(db, session, product_id, size) + quantity
            if total > left:
                raise TooMany(f"only {left} left", product_id, left=left)
            _write(db, session, product_id, size, total)
            return Line(product_id, size, total)

        return self._file.change(put)

    def change(
        self, session: str, product_id: str, size: str | None = None, quantity: int = 1
    ) -> Line | None:
        """Set the quantity of a line; 0 removes it. Raises NotInCart, and as `add` does.

        Without a size, the product's only line is meant; NeedSize when it has several.
        """
        size = self._line(session, product_id, size)
        left = self._available(product_id, size)[1] if quantity >= 1 else 0
        if quantity > left:
            raise TooMany(f"only {left} left", product_id, left=left)
        self._file.change(lambda db: _write(db, session, product_id, size, quantity))
        return Line(product_id, size, quantity) if quantity >= 1 else None

    def resize(self, session: str, product_id: str, old: str | None, new: str) -> Line:
        """Exchange the size of a line, its quantity kept. Raises NotInCart, and as `add` does; then nothing changed."""
        old = self._line(session, product_id, old)
        size, left = self._available(product_id, new)

        def exchange(db: sqlite3.Connection) -> Line:
            total = _held(db, session, product_id, old)
            if not total:  # taken out in the meantime
                raise NotInCart(f"{product_id} is not in the cart", product_id)
            if size != old:
                total += _held(db, session, product_id, size)
            if total > left:
                raise TooMany(f"only {left} left", product_id, left=left)
            _write(db, session, product_id, old, 0)
            _write(db, session, product_id, size, total)
            return Line(product_id, size, total)

        return self._file.change(exchange)

    def remove(self, session: str, product_id: str, size: str | None = None) -> None:
        """Take a line out; without a size, every line of the product. Raises NotInCart."""
        if size is not None:
            held = self._line(session, product_id, size)
            self._file.change(lambda db: _write(db, session, product_id, held, 0))
            return
        sql = "DELETE FROM lines WHERE session = ? AND product = ?"
        if not self._file.change(lambda db: db.execute(sql, (session, product_id)).rowcount):
            raise NotInCart(f"{product_id} is not in the cart", product_id)

    def clear(self, session: str) -> None:
        """Empty the cart."""
        self._file.change(lambda db: db.execute("DELETE FROM lines WHERE session = ?", (session,)))

    def close(self) -> None:
        self._file.close()

    # ---- inside

    def _available(self, product_id: str, size: str | None) -> tuple[str | None, int]:
        """The size as the shop writes it, and how many can be had."""
        if self._product is None:
            return size or None, MOST
        product = self._product(product_id)
        if product is None:
            raise ProductNotFound(product_id)
        choices = product.sizes_in_stock()
        if not product.in_stock:
            raise OutOfStock(f"{product_id} is sold out", product_id)
        if not product.sizes:
            return None, MOST
        if not size:
            if len(product.sizes) > 1:
                raise NeedSize(f"{product_id} comes in sizes", product_id, choices)
            size = product.sizes[0].size
        held = next((s for s in product.sizes if size_name(s.size) == size_name(size)), None)
        if held is None:
            raise SizeUnknown(f"{product_id} does not come in {size}", product_id, choices)
        if not held.available:
            raise OutOfStock(f"{product_id} is sold out in {held.size}", product_id, choices)
        return held.size, MOST if held.quantity is None else min(held.quantity, MOST)

    def _line(self, session: str, product_id: str, size: str | None) -> str | None:
        """The size of the line that is meant."""
        sizes = [line.size for line in self.lines(session) if line.product_id == product_id]
        if not sizes:
            raise NotInCart(f"{product_id} is not in the cart", product_id)
        if size:
            for held in sizes:
                if held and size_name(held) == size_name(size):
                    return held
            raise NotInCart(f"{product_id} is not in the cart in {size}", product_id, [s for s in sizes if s])
        if len(sizes) > 1:
            raise NeedSize(
                f"{product_id} is in the cart in several sizes", product_id, [s for s in sizes if s]
            )
        return sizes[0]


def _held(db: sqlite3.Connection, session: str, product_id: str, size: str | None) -> int:
    row = db.execute(
        "SELECT quantity FROM lines WHERE session = ? AND product = ? AND size = ?",
        (session, product_id, size or ""),
    ).fetchone()
    return int(row[0]) if row else 0


def _write(db: sqlite3.Connection, session: str, product_id: str, size: str | None, quantity: int) -> None:
    key = (session, product_id, size or "")
    if quantity < 1:
        db.execute("DELETE FROM lines WHERE session = ? AND product = ? AND size = ?", key)
    else:
        db.execute(
            "INSERT INTO lines (session, product, size, quantity) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (session, product, size) DO UPDATE SET quantity = excluded.quantity",
            (*key, quantity),
        )
