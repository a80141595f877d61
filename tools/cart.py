"""The shopper's cart: look into it, put in, take out, change. Only ever on the shopper's own words."""

from typing import Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import taxonomy, tell
from store.conditions import size_name
from store.errors import CartError
from store.types import Money, Product, Variant
from tools.cards import money
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Cart, CartLine
from tools.usual import USUAL

Action = Literal["view", "add", "remove", "change", "clear"]


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
        size: Size, where the product has several; "usual" for the shopper's remembered one.
        quantity: How many to add; for change, how many there should be.
    """
    context = runtime.context
    problem: CartError | None = None
    if size and size.strip().casefold() == USUAL:
        size = _usual(context, product)
    if action != "view":
        try:
            change(context, action, product, size, quantity)
        except CartError as error:
            problem = error
    event = contents(context, problem)
    for product_id in dict.fromkeys(event.gone):  # told with this event, once
        context.carts.remove(context.session, product_id)
    return _summary(event), event.model_dump(mode="json")


def change(
    context: ToolContext,
    action: Action,
    product_id: str | None,
    size: str | None,
    quantity: int,
    key: str | None = None,
) -> None:
    """Carry out a change. `key`: see Carts.add. Raises CartError when the shop cannot, ToolInputError when the call
    is not complete."""
    carts, session = context.carts, context.session
    if action == "clear":
        carts.clear(session)
        context.noted("cart.clear")
        return
    if product_id is None:
        raise ToolInputError(f"the cart action {action} needs a product id")
    context.product(product_id)  # raises UnknownProduct with advice for the model
    if action == "add":
        carts.add(session, product_id, size, max(1, quantity), key)
    elif action == "remove":
        carts.remove(session, product_id, size)
    else:
        held = [line.size for line in carts.lines(session) if line.product_id == product_id]
        if size and len(held) == 1 and held[0] and size_name(held[0]) != size_name(size):
            carts.resize(session, product_id, held[0], size)
        else:
            carts.change(session, product_id, size, quantity)
    context.noted(f"cart.{action}", product_id, f"{quantity} {size or ''}".strip())


def _usual(context: ToolContext, product_id: str | None) -> str | None:
    """The remembered size of the shopper in this product; None where there is none, and it has to be asked for."""
    record = context.shop.get(product_id) if product_id else None
    return context.profile().size_of(record) if record else None


def contents(context: ToolContext, problem: CartError | None = None) -> Cart:
    """The cart with today's names and prices; a product that left the catalogue is no line any more, but `gone`."""
    lines, total, currency = [], Money(amount=0).amount, None  # type: ignore[arg-type]
    gone: list[str] = []
    for entry in context.carts.lines(context.session):
        record = context.shop.get(entry.product_id)
        if record is None:
            gone.append(entry.product_id)
            continue
        price = record.price_of(entry.size)
        taken = record.taken_in(entry.size)
        total, currency = total + price.amount * entry.quantity, price.currency
        lines.append(
            CartLine(
                id=record.id,
                name=record.title.get(context.lang),
                size=entry.size,
                **_colors(record, taken, context.lang),
                quantity=entry.quantity,
                price=money(price),
                image=(taken and taken.image) or next(iter(record.images), None),
            )
        )
    sum_of_all = money(Money(amount=total, currency=currency)) if currency else None
    if problem is None:
        return Cart(lines=lines, total=sum_of_all, gone=gone)
    return Cart(
        lines=lines,
        total=sum_of_all,
        gone=gone,
        problem=problem.code,
        product=problem.product_id,
        choices=problem.choices,
        left=problem.left or None,
        your_size=_usual(context, problem.product_id) if problem.code == "need_size" else None,
    )


def _colors(record: Product, taken: Variant | None, lang: str) -> dict[str, Any]:
    """Which of its colours a line is in, and which others there are."""
    if taken is None or taken.color is None:
        return {}
    others = dict.fromkeys(v.color for v in record.variants if v.color and v.color != taken.color)
    return {
        "color": taxonomy.word("color", taken.color, lang),
        "other_colors": [taxonomy.word("color", color, lang) for color in others],
    }


def _summary(event: Cart) -> str:
    if event.problem:
        choices = ", ".join(event.choices) or "none"
        if event.your_size:
            choices += f" (remembered as the shopper's: {event.your_size}; ask)"
        return tell("problem", problem=event.problem, choices=choices)
    gone = tell("cart_gone", products=", ".join(event.gone)) if event.gone else ""
    if not event.lines or event.total is None:
        return tell("cart_empty") + gone
    lines = "; ".join(f"{x.quantity} x {x.name} ({_form(x)}) {x.price.text}" for x in event.lines)
    return tell("cart", lines=lines, total=event.total.text) + gone


def _form(line: CartLine) -> str:
    size = line.size or "no size"
    if not line.color:
        return size
    return f"{size}, {line.color}; other colours, say so: {', '.join(line.other_colors)}"
