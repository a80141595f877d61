"""The shopper's cart: look into it, put in, take out, change. Only ever on the shopper's own words."""

from typing import Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from store.types import Money, Product
from tools.cards import money
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Cart, CartLine

Action = Literal["view", "add", "remove", "change", "clear"]
MAX_QUANTITY = 20


@tool(parse_docstring=True, response_format="content_and_artifact")
def cart(
    runtime: ToolRuntime[ToolContext],
    action: Action,
    product: str | None = None,
    size: str | None = None,
    quantity: int = 1,
) -> tuple[str, dict[str, Any]]:
    """View or change the shopper's cart. Change it only when the shopper asked for it in this message.

    Args:
        action: view, add, remove, change (sets the quantity, or the size) or clear.
        product: Id of the product, for add, remove and change.
        size: Size, where the product has several.
        quantity: How many to add; for change, how many there should be.
    """
    context = runtime.context
    problem: str | None = None
    choices: list[str] = []
    if action == "clear":
        context.carts.clear(context.session)
    elif action != "view":
        if product is None:
            raise ToolInputError(f"the cart action {action} needs a product id")
        record = context.product(product)
        choices = record.sizes_in_stock()
        problem = _change(context, action, record, size, quantity)
    event = contents(context, problem=problem, product=product, choices=choices if problem else [])
    return _summary(event), event.model_dump(mode="json")


def contents(
    context: ToolContext,
    *,
    problem: str | None = None,
    product: str | None = None,
    choices: list[str] | None = None,
) -> Cart:
    """The cart with today's names and prices; a product that left the catalogue is left out."""
    lines, total, currency = [], Money(amount=0).amount, None  # type: ignore[arg-type]
    for entry in context.carts.lines(context.session):
        record = context.shop.get(entry.product_id)
        if record is None:
            continue
        price = record.current_price
        total, currency = total + price.amount * entry.quantity, price.currency
        lines.append(
            CartLine(
                id=record.id,
                name=record.title.get(context.lang),
                size=entry.size,
                quantity=entry.quantity,
                price=money(price),
                image=record.images[0] if record.images else None,
            )
        )
    sum_of_all = money(Money(amount=total, currency=currency)) if currency else None
    return Cart(lines=lines, total=sum_of_all, problem=problem, product=product, choices=choices or [])


def _change(
    context: ToolContext, action: Action, record: Product, size: str | None, quantity: int
) -> str | None:
    """Carry out the change, or name the problem that stands in its way."""
    held = [e for e in context.carts.lines(context.session) if e.product_id == record.id]
    if action == "remove":
        gone = [e for e in held if size is None or e.size == size]
        for entry in gone:
            context.carts.remove(context.session, record.id, entry.size)
        return None if gone else "not_in_cart"
    if action == "change":
        return _change_line(context, record, held, size, quantity)
    chosen, problem = _choose_size(record, size)
    if problem:
        return problem
    already = sum(e.quantity for e in held if e.size == chosen)
    if not 1 <= already + quantity <= _available(record, chosen):
        return "too_many"
    context.carts.add(context.session, record.id, chosen, quantity)
    return None


def _change_line(
    context: ToolContext, record: Product, held: list[Any], size: str | None, quantity: int
) -> str | None:
    """Set the quantity of the product's line; a new size moves the line to that size."""
    if not held:
        return "not_in_cart"
    same = next((e for e in held if e.size == size), None)
    entry = same or held[-1]
    if quantity <= 0:
        context.carts.remove(context.session, record.id, entry.size)
        return None
    chosen, problem = (entry.size, None) if size is None or same else _choose_size(record, size)
    if problem:
        return problem
    if quantity > _available(record, chosen):
        return "too_many"
    context.carts.remove(context.session, record.id, entry.size)
    context.carts.add(context.session, record.id, chosen, quantity)
    return None


def _choose_size(record: Product, size: str | None) -> tuple[str | None, str | None]:
    """(size, problem). A product with a single size needs no question."""
    if not record.in_stock:
        return None, "out_of_stock"
    if not record.sizes:
        return None, None
    if size is None:
        return (record.sizes[0].size, None) if len(record.sizes) == 1 else (None, "need_size")
    known = {s.size.casefold(): s.size for s in record.sizes}
    if size.casefold() not in known:
        return None, "size_unknown"
    chosen = known[size.casefold()]
    return (chosen, None) if chosen in record.sizes_in_stock() else (None, "out_of_stock")


def _available(record: Product, size: str | None) -> int:
    stock = next((s.quantity for s in record.sizes if s.size == size), MAX_QUANTITY)
    return min(stock, MAX_QUANTITY)


def _summary(event: Cart) -> str:
    if event.problem:
        return tell("problem", problem=event.problem, choices=", ".join(event.choices) or "none")
    if not event.lines or event.total is None:
        return tell("cart_empty")
    lines = "; ".join(f"{x.quantity} x {x.name} ({x.size or 'no size'}) {x.price.text}" for x in event.lines)
    return tell("cart", lines=lines, total=event.total.text)
