"""What a turn shows beside its words, as Markdown: for clients that draw text and nothing else."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from agent.events import Event, Person, Speaker
from prompts import say
from tools.results import Cart, Comparison, Order, OrderCard, Outfit, Policy, Preview, ProductCard, Products

Address = Callable[[str], str]  # picture name → where it can be fetched
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~$&])")


def escaped(text: str) -> str:
    """Text of a record on one line, in which nothing is Markdown or HTML."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def told(event: Event, lang: str, address: Address) -> str:
    """The event as Markdown; "" for one that has nothing to show."""
    match event:
        case Products():
            return "\n\n".join(card(item, lang, address, n) for n, item in enumerate(event.items, 1))
        case Outfit():
            return "\n\n".join(_look(look, lang, address, n) for n, look in enumerate(event.looks, 1))
        case Comparison():
            return _table(event)
        case Cart():
            return _cart(event, lang)
        case Preview():
            return f"![{escaped(event.label)}]({address(event.picture)})\n{escaped(event.label)}"
        case Order():
            return "\n\n".join(_order(one, lang, event.returning is not None) for one in event.orders)
        case Policy() if event.passage:
            return "> " + escaped(f"{event.title}: {event.passage}")
        case Person():
            by = escaped(say("ui", "takeover.by", lang, name=event.name))
            return f"**{by}:** " + "  \n".join(escaped(line) for line in event.text.split("\n"))
        case Speaker():
            return f"*{escaped(event.text)}*"
    return ""


def card(item: ProductCard, lang: str, address: Address, number: int | None = None) -> str:
    """A product: picture, name, price, sizes in stock, why it is shown."""
    price = f"**{escaped(item.price.text)}**"
    if item.sale_price:
        price = f"**{escaped(item.sale_price.text)}** ~~{escaped(item.price.text)}~~"
    sizes = [s.size for s in item.sizes if s.in_stock]
    facts = [price]
    if not item.in_stock:
        facts.append(say("ui", "card.sold_out", lang))
    elif len(sizes) > 1:
        facts.append(f"{say('ui', 'card.sizes', lang)} {escaped(', '.join(sizes))}")
    head = f"{number}. " if number else ""
    lines = [f"{head}**{escaped(item.name)}** · {' · '.join(facts)}"]
    if item.why:
        lines.append(f"*{escaped(item.why)}*")
    if item.image:
        lines.insert(0, f"![{escaped(item.name)}]({address(item.image)})")
    return "  \n".join(lines)


def pictures(origin: str, shop: str = "") -> Address:
    """Addresses of pictures under `origin`; `shop`: of several, which."""
    of = f"&shop={quote(shop)}" if shop else ""
    return lambda name: f"{origin}/api/v1/pictures/{quote(name, safe='/')}?w=480{of}"


def _look(look: Any, lang: str, address: Address, number: int) -> str:
    pieces = "\n".join(f"- {escaped(i.name)} · {escaped((i.sale_price or i.price).text)}" for i in look.items)
    head = f"**{number}. {escaped(look.idea)}** · {escaped(look.total.text)}"
    board = f"![{escaped(look.idea)}]({address(look.board)})\n" if look.board else ""
    reasons = "\n".join(f"*{escaped(reason)}*" for reason in look.reasons)
    return "\n".join(filter(None, [board + head, pieces, reasons]))


def _table(event: Comparison) -> str:
    def row(cells: Iterable[str]) -> str:
        return "| " + " | ".join(map(escaped, cells)) + " |"

    heads = ["", *(item.name for item in event.items)]
    return "\n".join(
        [row(heads), "|" + "---|" * len(heads), *(row([r.label, *r.values]) for r in event.rows)]
    )


def _order(shown: OrderCard, lang: str, short: bool) -> str:
    """An order: how far it is, where it travels, what is in it."""
    head = f"**{escaped(say('orders', 'card.heading', lang, number=shown.number))}** · {escaped(shown.status_text)}"
    known = [(key, getattr(shown, key)) for key in ("carrier", "tracking", "expected", "delivered")]
    facts = " · ".join(
        f"{escaped(say('orders', f'card.{key}', lang))}: {escaped(value)}" for key, value in known if value
    )
    lines = [
        f"{x.place}. {x.quantity} × {escaped(x.name)}{f' ({escaped(x.size)})' if x.size else ''}"
        + (f" · {escaped(x.price.text)}" if x.price else "")
        + (f" · {escaped(say('orders', 'card.returning', lang, id=x.returning))}" if x.returning else "")
        for x in shown.lines
    ]
    return "\n".join(filter(None, [head, "" if short else facts, "", *lines]))


def _cart(event: Cart, lang: str) -> str:
    lines = [
        f"- {x.quantity} × {escaped(x.name)}{f' ({escaped(x.size)})' if x.size else ''} · {escaped(x.price.text)}"
        for x in event.lines
    ]
    total = f"**{escaped(event.total.text)}**" if event.total else ""
    return "\n".join([*lines, total]) if lines else ""
