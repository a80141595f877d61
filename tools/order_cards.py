"""Orders as a shopper sees them: cards, steps, days; and in a line for the model."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from prompts import load, say
from store.conditions import size_name
from store.orders import Line, Order
from store.orders.types import STEPS
from store.types import Money, Product
from tools.cards import money
from tools.results import OrderCard, OrderLine, OrderStep, Price

Find = Callable[[str], Product | None]


def card(order: Order, find: Find, returned: dict[int, str], lang: str) -> OrderCard:
    """An order. `find`: a product of the catalogue by id; `returned`: line → return number."""
    return OrderCard(
        number=order.number,
        placed=order.placed.isoformat(),
        placed_text=day(order.placed, lang),
        status=order.status,
        status_text=order.words or say("orders", f"status.{order.status}", lang),
        steps=_steps(order, lang),
        lines=[_line(line, find, returned.get(line.place, ""), lang) for line in order.lines],
        total=_total(order),
        carrier=order.carrier,
        tracking=order.tracking,
        expected=day(order.expected, lang) if order.expected and order.status != "delivered" else "",
        delivered=day(order.delivered, lang) if order.delivered else "",
    )


def day(value: date, lang: str) -> str:
    """ "5 November 2026", 2026 年 11 月 5 日."""
    name = load("orders")["months"][value.month - 1]
    return say("orders", "day", lang, year=value.year, month=value.month, day=value.day, name=name)


def line(shown: OrderLine) -> str:
    """A line as the model reads it."""
    return str(load("orders")["model"]["line"]).format(
        place=shown.place,
        quantity=shown.quantity,
        name=shown.name,
        product=shown.product or "-",
        size=shown.size or "-",
        price=shown.price.text if shown.price else "-",
    )


def _steps(order: Order, lang: str) -> list[OrderStep]:
    """The way of an order to its end; none of one that was cancelled or returned, or is nobody knows where."""
    at = "placed" if order.status == "paid" else order.status
    if at not in STEPS:
        return []
    place = STEPS.index(at)
    words = {
        code: say("orders", f"status.{'paid' if code == order.status == 'paid' else code}", lang)
        for code in STEPS
    }
    return [OrderStep(code=code, text=words[code], done=n <= place) for n, code in enumerate(STEPS)]


def _line(bought: Line, find: Find, returning: str, lang: str) -> OrderLine:
    product = find(bought.product) if bought.product else None
    named = product is not None and bought.name in (product.title.zh, product.title.en)
    return OrderLine(
        place=bought.place,
        name=product.title.get(lang) if product is not None and named else bought.name,
        product=product.id if product else None,
        size=None if size_name(bought.size or "") == size_name("one size") else bought.size,
        quantity=bought.quantity,
        price=money(bought.price) if bought.price else None,
        image=product.images[0] if product and product.images else None,
        category=product.category if product else "",
        colors=list(product.colors) if product else [],
        returning=returning,
    )


def _total(order: Order) -> Price | None:
    """Of all lines, where each has its price, in one currency."""
    prices = [line.price for line in order.lines]
    known = [price for price in prices if price]
    if len(known) < len(prices) or len({price.currency for price in known}) != 1:
        return None
    total = sum((p.amount * line.quantity for p, line in zip(known, order.lines, strict=True)), Decimal(0))
    return money(Money(amount=total, currency=known[0].currency))
