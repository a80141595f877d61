"""An order as the shop has it. Pure values."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from store.types import Money

Status = Literal[
    "placed", "paid", "packed", "shipped", "out_for_delivery", "delivered", "cancelled", "returned", "other"
]
STEPS: tuple[Status, ...] = ("placed", "packed", "shipped", "out_for_delivery", "delivered")
"""How an order goes on; "paid" is where "placed" is."""


@dataclass(frozen=True)
class Line:
    """What was bought: `place` from 1 within its order; `product`: its id in the catalogue, where it is known.
    `price`: of one. `returnable`: what the shop says of this very line, None where it says nothing."""

    place: int
    name: str
    product: str | None = None
    size: str | None = None
    quantity: int = 1
    price: Money | None = None
    returnable: bool | None = None


@dataclass(frozen=True)
class Order:
    """An order, placed on a day. `words`: its status in the shop's own words; `email`, `phone` and `customer` (the
    shop's own id) say whose it is, and are shown to nobody."""

    number: str
    placed: date
    status: Status
    lines: tuple[Line, ...]
    words: str = ""
    carrier: str = ""
    tracking: str = ""
    expected: date | None = None
    delivered: date | None = None
    email: str = ""
    phone: str = ""
    customer: str = ""


@dataclass(frozen=True)
class Return:
    """Lines of an order that are to come back. `id`: the return number, `at`: ISO time."""

    id: str
    order: str
    lines: tuple[int, ...]
    reason: str
    words: str
    at: str
