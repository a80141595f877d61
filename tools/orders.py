"""An order looked up for whoever asks, and what is told of it or keeps it from being told."""

from typing import Any

from prompts import load
from store.orders import NeedNumber, OrderError, OrdersAway, TooManyTries
from store.orders import Order as Kept
from tools import order_cards
from tools.context import ToolContext
from tools.results import Order, OrderCard


def status(context: ToolContext, number: str) -> Order:
    """The order as an event, or what keeps it from being told."""
    found = found_in(context, number, "status")
    return found if isinstance(found, Order) else shown(context, found)


def shown(context: ToolContext, order: Kept) -> Order:
    """An order that may be told."""
    return Order(asked="status", outcome="shown", number=order.number, orders=[card(context, order)])


def found_in(context: ToolContext, number: str, asked: Any) -> Kept | Order:
    """The order, once it is shown to be theirs; else an event that says what keeps it from being told."""
    if context.order_desk is None:
        return Order(asked=asked, outcome=OrdersAway.code, number=number)
    try:
        return context.order_desk.find(number, context.asker)
    except NeedNumber as error:
        own = [o for o in context.order_desk.own(context.asker) if o.number in error.numbers]
        return Order(asked=asked, outcome=error.code, choices=[card(context, order) for order in own])
    except TooManyTries as error:
        return Order(asked=asked, outcome=error.code, number=number, minutes=error.minutes)
    except OrderError as error:
        return Order(asked=asked, outcome=error.code, number=number)


def card(context: ToolContext, order: Kept) -> OrderCard:
    """An order as it is shown now."""
    returned = context.order_desk.returned(order) if context.order_desk else {}
    return order_cards.card(order, context.shop.get, returned, context.lang)


def words(event: Order) -> str:
    """What the model reads."""
    texts = load("orders")["model"]
    if event.outcome != "shown":
        key = "need_number_of" if event.choices else event.outcome
        numbers = ", ".join(f"{c.number} ({c.placed}, {c.status})" for c in event.choices)
        return str(texts[key]).format(minutes=event.minutes, numbers=numbers)
    one = event.orders[0]
    facts = {
        name: getattr(one, name) or "not known" for name in ("carrier", "tracking", "expected", "delivered")
    }
    lines = "; ".join(map(order_cards.line, one.lines))
    return str(texts["order"]).format(
        number=one.number, placed=one.placed_text, status=one.status_text, lines=lines, **facts
    )
