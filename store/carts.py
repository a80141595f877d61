"""Carts: what each session wants to buy. Nothing about a person is kept."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from store.conditions import size_name
from store.errors import (
    CartChanged,
    CartError,
    KeyReused,
    NeedSize,
    NotInCart,
    OutOfStock,
    ProductNotFound,
    SizeUnknown,
    StoreError,
    TooMany,
)
from store.tables import Connection, Where, opened
from store.types import Product

MOST = 20  # of one line, where the stock is not counted by size
_SCHEMA = """
CREATE TABLE IF NOT EXISTS lines (
    place INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, product TEXT NOT NULL,
    size TEXT NOT NULL DEFAULT '',
    quantity INTEGER NOT NULL CHECK (quantity > 0), UNIQUE (session, product, size));
CREATE TABLE IF NOT EXISTS added (
    session TEXT NOT NULL, key TEXT NOT NULL, what TEXT NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (session, key))
"""

_DONE = "SELECT what FROM added WHERE session = ? AND key = ?"


@dataclass(frozen=True)
class Line:
    """One line of a cart. `size` is None for what has no sizes."""

    product_id: str
    size: str | None
    quantity: int


class Carts:
    """The carts of a shop, in its data folder or on a server. A change that cannot be done raises a CartError, or
    NotKept where nothing can be written, and changes nothing. Safe from several threads and processes.

    `product` looks a product up (`Shop.get`); with it, sizes and quantities are held against the stock.
    """

    def __init__(self, where: Where | str, product: Callable[[str], Product | None] | None = None) -> None:
        self._product = product
        self._file = opened(where, "carts", _SCHEMA)

    def lines(self, session: str) -> list[Line]:
        """The cart, first added first."""
        rows = self._file.read(
            "SELECT product, size, quantity FROM lines WHERE session = ? ORDER BY place", (session,)
        )
        return [Line(product, size or None, quantity) for product, size, quantity in rows]

    def add(
        self,
        session: str,
        product_id: str,
        size: str | None = None,
        quantity: int = 1,
        key: str | None = None,
    ) -> Line:
        """Put `quantity` more into the cart. `key`: the caller's name for this wish, which is done once: a second time
        the line comes back as it is.

        Raises ProductNotFound, NeedSize, SizeUnknown, OutOfStock, TooMany; KeyReused for another wish under that name;
        ValueError for a quantity below 1.
        """
        if quantity < 1:
            raise ValueError("quantity must be at least 1")
        what = json.dumps([product_id, size, quantity])
        if key and self._file.read(f"{_DONE} AND what = ?", (session, key, what)):
            return Line(product_id, size, quantity)  # also where it has been sold out since
        size, left = self._available(product_id, size)

        def put(db: Connection) -> Line:
            if key and (done := db.execute(_DONE, (session, key)).fetchone()):
                if done[0] != what:
                    raise KeyReused(f"{key!r} was sent with another wish", product_id)
                return Line(product_id, size, quantity)
            if key:
                db.execute("INSERT INTO added (session, key, what) VALUES (?, ?, ?)", (session, key, what))
            total = _held(db, session, product_id, size) + quantity
            if total > left:
                raise TooMany(f"only {left} left", product_id, left=left)
            _write(db, session, product_id, size, total)
            return Line(product_id, size, total)

        return self._file.change(put, about=session)

    def take_over(self, session: str, wanted: Sequence[Line]) -> list[tuple[Line, StoreError]]:
        """Make the cart hold these lines and no others, as far as they can be had: a line that cannot is left out, or
        held at what is left. Returns each of those with the reason (ProductNotFound or a CartError)."""
        held: dict[tuple[str, str | None], int] = {}
        missed: list[tuple[Line, StoreError]] = []
        for line in wanted:
            try:
                size, left = self._available(line.product_id, line.size)
            except (ProductNotFound, CartError) as error:
                missed.append((line, error))
                continue
            total = held.get((line.product_id, size), 0) + line.quantity
            if total > left:
                missed.append((line, TooMany(f"only {left} left", line.product_id, left=left)))
            held[line.product_id, size] = min(total, left)

        def put(db: Connection) -> None:
            db.execute("DELETE FROM lines WHERE session = ?", (session,))
            for (product, size), quantity in held.items():
                _write(db, session, product, size, quantity)

        self._file.change(put, about=session)
        return missed

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
        self._file.change(lambda db: _write(db, session, product_id, size, quantity), about=session)
        return Line(product_id, size, quantity) if quantity >= 1 else None

    def resize(self, session: str, product_id: str, old: str | None, new: str) -> Line:
        """Exchange the size of a line, its quantity kept. Raises NotInCart, and as `add` does; then nothing changed."""
        old = self._line(session, product_id, old)
        size, left = self._available(product_id, new)

        def exchange(db: Connection) -> Line:
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

        return self._file.change(exchange, about=session)

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

    def checked(self, session: str, wanted: Sequence[Line]) -> list[Line]:
        """The lines as the shop writes them, one for each product in a size. What lies in the cart already, and is not
        to be more, is not held against the stock. Raises as `add` does."""
        held = {(line.product_id, line.size): line.quantity for line in self.lines(session)}
        found: dict[tuple[str, str | None], int] = {}
        for line in wanted:
            if line.quantity < 1:
                raise ValueError("quantity must be at least 1")
            place = (line.product_id, line.size)
            if line.quantity > held.get(place, 0) - found.get(place, 0):
                size, left = self._available(line.product_id, line.size)
                place = (line.product_id, size)
                if found.get(place, 0) + line.quantity > max(left, held.get(place, 0)):
                    raise TooMany(f"only {left} left", line.product_id, left=left)
            found[place] = found.get(place, 0) + line.quantity
        return [Line(product, size, quantity) for (product, size), quantity in found.items()]

    def replace(self, session: str, wanted: Sequence[Line], before: Sequence[Line]) -> list[Line]:
        """Have the cart hold these lines and no other, all or nothing. `before`: what it holds, as whoever decided
        knew it. Raises CartChanged where it holds something else by now, and as `add` does."""
        lines = self.checked(session, wanted)

        def put(db: Connection) -> list[Line]:
            rows = db.execute(
                "SELECT product, size, quantity FROM lines WHERE session = ?", (session,)
            ).fetchall()
            if {(p, s or None, q) for p, s, q in rows} != {
                (x.product_id, x.size, x.quantity) for x in before
            }:
                raise CartChanged("the cart has changed since", "")
            kept = {(line.product_id, line.size) for line in lines}
            for product, size, _ in rows:
                if (product, size or None) not in kept:
                    _write(db, session, product, size or None, 0)
            for line in lines:
                _write(db, session, line.product_id, line.size, line.quantity)
            return lines

        return self._file.change(put, about=session)

    def copy(self, old: str, new: str) -> None:
        """Put into the cart of session `new` what lies in that of `old`."""
        self._file.change(
            lambda db: db.execute(
                "INSERT INTO lines (session, product, size, quantity) "
                "SELECT ?, product, size, quantity FROM lines WHERE session = ? ORDER BY place",
                (new, old),
            )
        )

    def drop(self, session: str) -> None:
        """Forget the cart, and what was ever put into it."""

        def gone(db: Connection) -> None:
            for table in ("lines", "added"):
                db.execute(f"DELETE FROM {table} WHERE session = ?", (session,))

        self._file.change(gone)

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


def _held(db: Connection, session: str, product_id: str, size: str | None) -> int:
    row = db.execute(
        "SELECT quantity FROM lines WHERE session = ? AND product = ? AND size = ?",
        (session, product_id, size or ""),
    ).fetchone()
    return int(row[0]) if row else 0


def _write(db: Connection, session: str, product_id: str, size: str | None, quantity: int) -> None:
    key = (session, product_id, size or "")
    if quantity < 1:
        db.execute("DELETE FROM lines WHERE session = ? AND product = ? AND size = ?", key)
    else:
        db.execute(
            "INSERT INTO lines (session, product, size, quantity) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (session, product, size) DO UPDATE SET quantity = excluded.quantity",
            (*key, quantity),
        )
