"""Orders of the demo shop, made of its catalogue: the same at every run for a day, and bought by nobody.

Every buyer's address ends in example.com, and every phone number is one that is kept free for stories.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from store.demo import catalog
from store.orders import numbers
from store.orders.sources import write
from store.orders.types import Line, Order, Status
from store.types import Product


class _Plan(NamedTuple):
    number: str
    status: Status
    placed: int  # days ago
    kinds: Sequence[str]
    email: str
    phone: str
    customer: str = ""
    delivered: int | None = None  # days ago
    expected: int | None = None  # days from now


DEMO, WANG = "demo@example.com", "wang@example.com"
_PLANS = (
    _Plan(
        "A1001",
        "delivered",
        9,
        ("dress", "sneakers", "scarf"),
        DEMO,
        "+1 555 0100 001",
        "demo-customer",
        delivered=5,
    ),
    _Plan("A1002", "shipped", 3, ("coat",), DEMO, "+1 555 0100 001", "demo-customer", expected=2),
    _Plan("A1003", "placed", 0, ("t-shirt", "jeans"), DEMO, "+1 555 0100 001", "demo-customer"),
    _Plan("A1004", "delivered", 60, ("sweater",), DEMO, "+1 555 0100 001", "demo-customer", delivered=55),
    _Plan("A1005", "out_for_delivery", 4, ("boots",), WANG, "+86 138 0013 8000", "wang", expected=0),
    _Plan("A1006", "delivered", 12, ("swimwear", "shorts"), WANG, "+86 138 0013 8000", "wang", delivered=8),
    _Plan("A1007", "cancelled", 20, ("backpack",), "lee@example.com", "+44 1632 960007"),
    _Plan("A1008", "packed", 1, ("shirt", "suit"), "lee@example.com", "+44 1632 960007", expected=4),
)


def orders(today: date) -> list[Order]:
    """The orders as they stand on a day."""
    products = [entry.product for entry in catalog.entries().values()]
    return [_order(plan, nth, products, today) for nth, plan in enumerate(_PLANS)]


def build(path: Path, today: date) -> int:
    """Write them to an SQLite file, as `daogou orders import` does; how many. Raises OSError."""
    return write(orders(today), path)


def _order(plan: _Plan, nth: int, products: Sequence[Product], today: date) -> Order:
    on_its_way = plan.status in ("shipped", "out_for_delivery", "delivered")
    return Order(
        number=plan.number,
        placed=today - timedelta(days=plan.placed),
        status=plan.status,
        lines=tuple(_line(place, kind, nth, products) for place, kind in enumerate(plan.kinds, 1)),
        carrier="Demo Parcel" if on_its_way else "",
        tracking=f"DP{plan.number[1:]}2026" if on_its_way else "",
        expected=None if plan.expected is None else today + timedelta(days=plan.expected),
        delivered=None if plan.delivered is None else today - timedelta(days=plan.delivered),
        email=plan.email,
        phone=numbers.phone(plan.phone),
        customer=plan.customer,
    )


def _line(place: int, kind: str, nth: int, products: Sequence[Product]) -> Line:
    sold = [product for product in products if product.category == kind and product.in_stock]
    product = sold[nth % len(sold)]
    sizes = product.sizes_in_stock()
    return Line(
        place=place,
        name=product.title.en or product.title.zh,
        product=product.id,
        size=sizes[len(sizes) // 2] if sizes else None,
        quantity=1,
        price=product.sale_price or product.price,
    )
