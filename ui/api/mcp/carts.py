"""The cart tools. Reading one is free; a change is told first and done once a person agreed (`confirming`).

A cart is that of a conversation, and its id the conversation's: what an assistant puts into it, the shop's own page at
`/api/v1` shows.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from mcp.server.elicitation import ElicitationResult
from mcp.server.mcpserver import Context as Call
from mcp.server.mcpserver.resolve import Elicit, Resolve
from mcp_types import CallToolResult, ToolAnnotations
from pydantic import Field

from agent.session import Session
from prompts import say
from store.types import Product
from tools.results import Cart
from ui.api.mcp import confirming, goods
from ui.api.mcp.confirming import Agreed, Deed
from ui.api.mcp.desk import Desk, Refused, of_cart
from ui.api.mcp.server import ShopServer, desk, reply
from ui.api.mcp.shapes import (
    CART,
    CartShape,
    Confirmation,
    Context,
    Envelope,
    Item,
    LineItem,
    Message,
    WishedCart,
    WishedLine,
)
from ui.api.mcp.tools import Meta, resolved

Want = tuple[str, str | None, int]  # product, size, how many
Action = Literal["begin", "update", "cancel"]
CartId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$", description="as create_cart gave it")]
Token = Annotated[
    str | None,
    Field(max_length=100, description="the token of `confirmation`, once a person agreed to its change"),
]


@dataclass(frozen=True)
class Plan:
    """A change of a cart: from `before` to `wanted`. `stop`: (code, words) why it cannot be done."""

    at: Desk
    action: Action
    session: Session
    before: Cart
    wanted: tuple[Want, ...]
    products: dict[str, Product]
    lang: str
    stop: tuple[str, str] | None = None

    @property
    def idle(self) -> bool:
        """True where it would change nothing."""
        return sorted(map(str, self.wanted)) == sorted(
            str((x.id, x.size, x.quantity)) for x in self.before.lines
        )

    @property
    def total(self) -> int:
        """Of the cart as it would be."""
        return sum(self.price(name, size) * many for name, size, many in self.wanted)

    def price(self, name: str, size: str | None) -> int:
        return goods.price(self.products[name].price_of(size)).amount

    def deed(self) -> Deed | None:
        """What a person has to agree to; None where there is nothing."""
        if self.stop or self.idle:
            return None
        shop, money = self.at.assistant.shop_name, self.money
        joined = say("mcp", "cart.and", self.lang).join(self._changes())
        before = goods.lines(self.before, {}, self.at.address)[1][-1].amount
        told = say("mcp", f"cart.{self.action}", self.lang, shop=shop, change=joined, total=money(self.total),
                   before=money(before))  # fmt: skip
        lines = tuple((x.id, x.size, x.quantity) for x in self.before.lines)
        whose = (self.at.key, self.at.shopper, self.at.assistant.data.name, self.action)
        where = self.session.id if self.action != "begin" else ""
        return Deed(told, (*whose, where, lines, self.wanted), self.at.seal)

    def preview(self) -> list[LineItem]:
        """The lines as they would be."""
        return [
            LineItem(
                id=f"li_{nth}",
                item=Item(
                    id=goods.variant_id(self.products[name], size),
                    title=self._name(name, size),
                    price=self.price(name, size),
                ),
                quantity=many,
                totals=goods.totals(self.price(name, size) * many),
            )
            for nth, (name, size, many) in enumerate(self.wanted, 1)
        ]

    def _changes(self) -> list[str]:
        """Each change in words."""
        held = {(line.id, line.size): line for line in self.before.lines}
        if self.action == "cancel":
            return [f"{line.quantity} × {goods.titled(line)}" for line in held.values()]
        found = []
        for name, size, many in self.wanted:
            old = held.pop((name, size), None)
            if old and old.quantity == many:
                continue
            words = {"name": self._name(name, size), "price": self.money(self.price(name, size))}
            if old:
                words["old"] = str(old.quantity)
            kind = "change" if old else "add"
            found.append(say("mcp", f"cart.{kind}", self.lang, quantity=many, **words))
        for line in held.values():
            words = {"name": goods.titled(line)}
            found.append(say("mcp", "cart.remove", self.lang, quantity=line.quantity, **words))
        return found

    def _name(self, name: str, size: str | None) -> str:
        product = self.products[name]
        taken = product.taken_in(size)
        form = ", ".join(filter(None, (size, taken.color if taken else None)))
        title = product.title.get(self.lang)
        return f"{title} ({form})" if form else title

    def money(self, amount: int) -> str:
        currency = self.at.assistant.currency
        return f"{goods.major(amount, currency)} {currency}"


def _ask_begin(call: Call, cart: WishedCart, confirmation: str | None, meta: Meta) -> Elicit[Agreed] | None:
    plan = _begin(call, cart, meta, confirmation)
    return confirming.question(call, plan.deed(), confirmation, plan.lang)


def _ask_update(call: Call, id: str, cart: WishedCart, confirmation: str | None) -> Elicit[Agreed] | None:
    plan = _update(call, id, cart)
    return confirming.question(call, plan.deed(), confirmation, plan.lang)


def _ask_cancel(
    call: Call, id: str, confirmation: str | None, context: Context | None
) -> Elicit[Agreed] | None:
    plan = _cancel(call, id, context)
    return confirming.question(call, plan.deed(), confirmation, plan.lang)


def create_cart(
    call: Call,
    cart: WishedCart,
    answer: Annotated[ElicitationResult[Agreed], Resolve(_ask_begin)],
    confirmation: Token = None,
    meta: Meta = None,
) -> Annotated[CallToolResult, CartShape]:
    """Begin a cart with products a person wants. They have to agree before anything is put into it."""
    at = desk(call)
    plan = _begin(call, cart, meta, confirmation)
    if _there(plan):  # begun by this very call, which was sent again
        return _shown(plan, _cart(plan))
    stopped = _stopped(plan, answer, confirmation)
    if stopped is not None:
        return stopped
    at.count()
    at.assistant.owners.add(plan.session.id, at.shopper, at.key)
    return _done(plan)


def get_cart(
    call: Call, id: CartId, context: Context | None = None, meta: Meta = None
) -> Annotated[CallToolResult, CartShape]:
    """Read a cart, with today's names and prices."""
    plan = _cancel(call, id, context)
    return _shown(plan, plan.before)


def update_cart(
    call: Call,
    id: CartId,
    cart: WishedCart,
    answer: Annotated[ElicitationResult[Agreed], Resolve(_ask_update)],
    confirmation: Token = None,
    meta: Meta = None,
) -> Annotated[CallToolResult, CartShape]:
    """Have a cart hold exactly these lines: what is not named is taken out. A person has to agree before it is done."""
    plan = _update(call, id, cart)
    stopped = _stopped(plan, answer, confirmation)
    return _done(plan) if stopped is None else stopped


def cancel_cart(
    call: Call,
    id: CartId,
    answer: Annotated[ElicitationResult[Agreed], Resolve(_ask_cancel)],
    confirmation: Token = None,
    context: Context | None = None,
    meta: Meta = None,
) -> Annotated[CallToolResult, CartShape]:
    """Give a cart up. A person has to agree, unless it is empty."""
    plan = _cancel(call, id, context)
    stopped = _stopped(plan, answer, confirmation) if not plan.idle else None
    if stopped is not None:
        return stopped
    plan.session.change_cart("clear")
    if not plan.at.assistant.turns_of(
        plan.session.id
    ):  # else it is a conversation's, and stays as an empty one
        plan.at.assistant.erase_session(plan.session.id)
    return _shown(plan, plan.before, say("mcp", "cart.cancelled", plan.lang))


def install(server: ShopServer) -> None:
    """Give the server the cart tools."""
    for tool, hints in (
        (create_cart, {"read_only_hint": False, "destructive_hint": False, "idempotent_hint": False}),
        (get_cart, {"read_only_hint": True, "idempotent_hint": True}),
        (update_cart, {"read_only_hint": False, "destructive_hint": True, "idempotent_hint": True}),
        (cancel_cart, {"read_only_hint": False, "destructive_hint": True, "idempotent_hint": True}),
    ):
        server.add_tool(tool, annotations=ToolAnnotations(**hints, open_world_hint=False))


# -- what is planned


def _begin(call: Call, cart: WishedCart, meta: dict[str, Any] | None, token: str | None) -> Plan:
    """A cart that is not there yet. Sent again with the same token or idempotency key it is the same one."""
    at = desk(call)
    lang = at.spoken(context=cart.context)
    again = token or str((meta or {}).get("idempotency-key") or "")[:100] or secrets.token_hex(16)
    name = f"cart {at.key} {at.shopper or ''} {again}".encode("utf-8", "surrogatepass")
    made = hmac.new(at.seal.encode(), name, hashlib.sha256).hexdigest()[:24]
    return _planned(at, "begin", _session(at, made, lang), cart.line_items, lang)


def _update(call: Call, name: str, cart: WishedCart) -> Plan:
    at = desk(call)
    lang = at.spoken(context=cart.context)
    return _planned(at, "update", _opened(at, name, lang), cart.line_items, lang)


def _cancel(call: Call, name: str, context: Context | None) -> Plan:
    at = desk(call)
    lang = at.spoken(context=context)
    session = _opened(at, name, lang)
    before = session.cart()
    products = {p.id: p for p in at.assistant.products([line.id for line in before.lines])}
    return Plan(at, "cancel", session, before, (), products, lang)


def _opened(at: Desk, name: str, lang: str) -> Session:
    """The cart's conversation. Raises Refused where it is none of this caller's."""
    if not at.assistant.owners.owned(name, at.shopper):
        raise Refused("no_cart")
    return _session(at, name, lang)


def _session(at: Desk, name: str, lang: str) -> Session:
    session = at.assistant.session(name, lang=lang, shopper=at.shopper)
    session.by = f"mcp:{at.key}"
    return session


def _planned(at: Desk, action: Action, session: Session, wished: Sequence[WishedLine], lang: str) -> Plan:
    before = session.cart()
    found = resolved(at.assistant, [line.item.id for line in wished])
    for line in wished:
        if line.item.id not in found:
            raise Refused("no_product", id=line.item.id[:100])
    products = {product.id: product for product, _ in found.values()}
    counted: dict[tuple[str, str | None], int] = {}
    for line in wished:
        product, size = found[line.item.id]
        place = (product.id, size or (product.sizes[0].size if len(product.sizes) == 1 else None))
        counted[place] = counted.get(place, 0) + line.quantity
    wanted = tuple((name, size, many) for (name, size), many in counted.items())
    checked = session.replace_cart(wanted, before, only_check=True)
    stop = None
    if checked.problem:
        product = products[str(checked.product)]
        ids = [goods.variant_id(product, size) for size in checked.choices]
        stop = of_cart(checked.model_copy(update={"choices": ids}), product.title.get(lang), lang)
    known = {p.id: p for p in at.assistant.products([line.id for line in before.lines])}
    return Plan(at, action, session, before, wanted, {**known, **products}, lang, stop)


# -- what is answered


def _stopped(plan: Plan, answer: ElicitationResult[Agreed], token: str | None) -> CallToolResult | None:
    """The answer where nothing is done, or not yet; None where the person agreed, or need not."""
    if plan.stop:
        code, told = plan.stop
        message = Message(type="error", code=code, content=told, severity="recoverable")
        shape = _shape(plan, plan.before, [message], "error")
        return reply(shape, told, error=True)
    deed = plan.deed()
    if deed is None:
        return None
    agreed = confirming.agreed(deed, answer, token)
    if agreed:
        return None
    if agreed is False:
        told = say("mcp", "cart.declined", plan.lang)
        return reply(
            _shape(plan, plan.before, [Message(type="warning", code="declined", content=told)]), told
        )
    fresh, until = deed.token(time.time())
    messages = [
        Message(
            type="error",
            code="confirmation_required",
            content=say("mcp", "cart.confirm", plan.lang, change=deed.told),
            severity="requires_buyer_review",
        )
    ]
    said = say("mcp", "cart.to_confirm", plan.lang, change=deed.told, token=fresh)
    if token:
        stale = say("mcp", "cart.stale", plan.lang)
        messages.insert(0, Message(type="warning", code="confirmation_stale", content=stale))
        said = f"{stale}\n{said}"
    asked = Confirmation(
        token=fresh,
        expires_at=until,
        change=deed.told,
        line_items=plan.preview(),
        totals=goods.totals(plan.total),
    )
    shape = _shape(plan, plan.before, messages).model_copy(update={"confirmation": asked})
    return reply(shape, said)


def _done(plan: Plan) -> CallToolResult:
    """Carry it out, all or nothing."""
    cart = plan.session.replace_cart(plan.wanted, plan.before) if not plan.idle else plan.before
    if cart.problem:
        product = plan.products.get(str(cart.product))
        code, told = of_cart(cart, product.title.get(plan.lang) if product else "", plan.lang)
        message = Message(type="error", code=code, content=told, severity="recoverable")
        return reply(_shape(plan, cart, [message], "error"), told, error=True)
    return _shown(plan, cart)


def _shown(plan: Plan, cart: Cart, first: str = "") -> CallToolResult:
    """The cart as it is."""
    gone = [
        Message(type="warning", code="gone", content=say("mcp", "cart.gone", plan.lang, id=one))
        for one in cart.gone
    ]
    shape = _shape(plan, cart, gone)
    said = [first] if first else []
    said += [
        f"{x.quantity} × {x.item.title} | {x.item.id} | {plan.money(x.item.price)}"
        for x in shape.line_items or []
    ]
    if shape.line_items and shape.totals:
        said.append(say("mcp", "cart.total", plan.lang, total=plan.money(shape.totals[-1].amount)))
    else:
        said.append(say("mcp", "cart.empty", plan.lang))
    return reply(shape, "\n".join([f"id: {shape.id}", *said, *(m.content for m in gone)]))


def _shape(
    plan: Plan, cart: Cart, messages: list[Message], status: Literal["success", "error"] = "success"
) -> CartShape:
    """A cart; one that was not begun has no id."""
    envelope = Envelope.of(CART, status=status)
    if plan.action == "begin" and not _there(plan):
        return CartShape(ucp=envelope, messages=messages or None)
    lines, totals = goods.lines(cart, plan.products, plan.at.address)
    return CartShape(
        ucp=envelope,
        id=plan.session.id,
        line_items=lines,
        currency=plan.at.assistant.currency,
        totals=totals,
        messages=messages or None,
    )


def _there(plan: Plan) -> bool:
    return plan.at.assistant.owners.owned(plan.session.id, plan.at.shopper)


def _cart(plan: Plan) -> Cart:
    return plan.session.cart()
