"""Gates on what is shown: cards, looks, tables and what was seen in photos, held against the shop's records."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from prompts import taxonomy
from store.types import Product
from ui.dialogs import grounding
from ui.dialogs import script as form
from ui.dialogs.observed import Conversation, Event, Failure, Observed

_LISTS = {"color": "colors", "season": "season", "occasion": "occasion", "style": "style"}


def facts(turn: Observed, talk: Conversation) -> Iterator[Failure]:
    """Every fact on a card, in a look, in a table and in the cart is that of the shop's record."""
    cards = turn.cards()
    records = {record.id: record for record in talk.products([c["id"] for c in cards])}
    for card in cards:
        if card["id"] in records:
            yield from _card(card, records[card["id"]], turn)
        else:
            yield Failure("facts", f"{card['id']} is no product of this shop")
    for event in turn.of("outfit"):
        for look in event["looks"]:
            yield from _total(look["total"], [(item["id"], 1) for item in look["items"]], talk)
    for event in turn.of("comparison"):
        yield from _table(event, records)
    for cart in [turn.cart, *turn.of("cart")]:
        yield from _cart(cart, talk)


def _card(card: Event, record: Product, turn: Observed) -> Iterator[Failure]:
    sale = record.sale_price.amount if record.sale_price else None
    shown = card["sale_price"]["amount"] if card.get("sale_price") else None
    pairs: list[tuple[str, Any, Any]] = [
        ("price", Decimal(card["price"]["amount"]), record.price.amount),
        ("sale_price", None if shown is None else Decimal(shown), sale),
        ("currency", card["price"]["currency"], record.price.currency),
        ("in_stock", card["in_stock"], record.in_stock),
        (
            "sizes",
            {s["size"]: s.get("quantity") for s in card["sizes"]},
            {s.size: s.quantity for s in record.sizes},
        ),
        ("name", card["name"], record.title.get(turn.language)),
    ]
    for name in ("brand", "category", "colors", "rating", "rating_count"):
        if name in card:
            pairs.append((name, card[name], getattr(record, name)))
    for what, stated, true in pairs:
        if stated != true:
            yield Failure("facts", f"{card['id']}: the card's {what} is {stated}, the record's {true}")


def _total(total: Event | None, lines: list[tuple[str, int]], talk: Conversation) -> Iterator[Failure]:
    records = {record.id: record for record in talk.products([pid for pid, _ in lines])}
    true = sum((records[pid].current_price.amount * n for pid, n in lines if pid in records), Decimal(0))
    stated = Decimal(total["amount"]) if total else Decimal(0)
    if stated != true:
        yield Failure("facts", f"a total is {stated}, its pieces cost {true}")


def _table(event: Event, records: dict[str, Product]) -> Iterator[Failure]:
    """An amount in a column is a price of that product."""
    for row in event["rows"]:
        for item, value in zip(event["items"], row["values"], strict=False):
            record = records.get(item["id"])
            prices = {p.amount for p in (record.price, record.sale_price) if p} if record else set()
            if wrong := grounding.amounts(str(value)) - prices:
                yield Failure("facts", f"{row['label']} of {item['id']} says {sorted(map(str, wrong))}")


def _cart(cart: Event, talk: Conversation) -> Iterator[Failure]:
    records = {record.id: record for record in talk.products([line["id"] for line in cart["lines"]])}
    for line in cart["lines"]:
        record = records.get(line["id"])
        if record is None or (
            "price" in line and Decimal(line["price"]["amount"]) != record.current_price.amount
        ):
            yield Failure("facts", f"the cart's line {line['id']} is not as the record has it")
    if cart.get("total") or not cart["lines"]:
        yield from _total(cart.get("total"), [(x["id"], x["quantity"]) for x in cart["lines"]], talk)


def products(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    wanted = expect.products
    if not wanted:
        return
    cards = turn.cards()
    if wanted.min is not None and len(cards) < wanted.min:
        yield Failure("products.min", f"{len(cards)} products, at least {wanted.min} were to be shown")
    if wanted.max is not None and len(cards) > wanted.max:
        yield Failure("products.max", f"{len(cards)} products, at most {wanted.max} were to be shown")
    records = {record.id: record for record in talk.products([c["id"] for c in cards])}
    checked = [(card, records[card["id"]]) for card in cards if card["id"] in records]
    for card, record in checked:
        if wanted.every and (why := misses(wanted.every, card, record, talk)):
            yield Failure("products.every", f"{card['id']} {card['name']}: {why}")
        if wanted.none and not misses(wanted.none, card, record, talk):
            yield Failure("products.none", f"{card['id']} {card['name']} should not be there")
    if wanted.some and all(misses(wanted.some, card, record, talk) for card, record in checked):
        yield Failure(
            "products.some",
            f"none of {len(cards)} products meets {wanted.some.model_dump(exclude_none=True)}",
        )
    if wanted.first and (why := misses(wanted.first, *checked[0], talk) if checked else "there is none"):
        yield Failure("products.first", f"the card on top: {why}")
    if wanted.new is not None:
        repeated = [c["id"] for c in cards if c["id"] in talk.shown(len(talk.turns) - 1)]
        if bool(repeated) == wanted.new:
            yield Failure("products.new", f"shown before: {', '.join(repeated) or 'none'}")
    if wanted.sorted:
        keys: list[float] = [
            -(r.rating or 0) if wanted.sorted == "rating" else float(r.current_price.amount)
            for _, r in checked
        ]
        if keys != sorted(keys):
            yield Failure("products.sorted", f"not in order of {wanted.sorted}: {[abs(k) for k in keys]}")
    if wanted.relaxed is not None:
        given_up = [name for event in turn.of("products") for name in event["relaxed"]]
        if bool(given_up) != wanted.relaxed:
            yield Failure("products.relaxed", f"conditions given up: {', '.join(given_up) or 'none'}")


def misses(criteria: form.Criteria, card: Event, record: Product, talk: Conversation) -> str:
    """Why a product is not what the criteria say; empty when it is."""
    for name, wanted in criteria.model_dump(exclude_none=True).items():
        wanted = talk.resolve(wanted)
        options = wanted if isinstance(wanted, list) else [wanted]
        if name == "category":
            has: Any = record.category
            good = any(taxonomy.is_a(has, option) for option in options)
        elif name == "size":
            has = record.sizes_in_stock()
            good = any(option in has for option in options)
        elif name in ("price", "rating"):
            has = record.current_price.amount if name == "price" else record.rating
            good = has is not None and inside(wanted, has)
        elif name in ("in_stock", "on_sale", "nearest"):
            has = {"in_stock": record.in_stock, "on_sale": record.sale_price is not None}.get(
                name, card.get(name)
            )
            good = has == wanted
        elif name == "slot":
            has = card.get("slot")
            good = has in options
        elif name in _LISTS:
            has = getattr(record, _LISTS[name])
            good = any(option in has for option in options)
        else:
            has = getattr(record, name)
            good = has in options
        if not good:
            return f"{name} is {has}, not {wanted}"
    return ""


def inside(bounds: dict[str, Any], value: Any) -> bool:
    """Is a number within bounds whose values are already resolved?"""
    number = decimal(value)
    limits = {key: decimal(limit) for key, limit in bounds.items()}
    return (
        number >= limits.get("min", number)
        and number <= limits.get("max", number)
        and ("below" not in limits or number < limits["below"])
        and ("above" not in limits or number > limits["above"])
    )


def decimal(value: Any) -> Decimal:
    """A number, or the amount of a captured price. Raises ScriptError."""
    try:
        return Decimal(str(value["amount"] if isinstance(value, dict) else value))
    except (InvalidOperation, KeyError) as exc:
        raise form.ScriptError(f"{value!r} is no number") from exc


def looked(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.looked):
        return
    seen = [e["look"].get("garments", []) for e in turn.of("looked")]
    if not seen:
        yield Failure("looked", "no photo was looked at")
    elif not any(_look_meets(wanted, garments) for garments in seen):
        yield Failure(
            "looked", f"seen was {[[(g['category'], g['colors']) for g in garments] for garments in seen]}"
        )


def _look_meets(wanted: form.ExpectLook, garments: list[dict[str, Any]]) -> bool:
    def one_of(value: str | list[str]) -> list[str]:
        return value if isinstance(value, list) else [value]

    if wanted.garments is not None and len(garments) != wanted.garments:
        return False
    main: dict[str, Any] = garments[0] if garments else {}
    return (
        (
            not wanted.category
            or any(main and taxonomy.is_a(main["category"], c) for c in one_of(wanted.category))
        )
        and (not wanted.color or any(c in main.get("colors", []) for c in one_of(wanted.color)))
        and (not wanted.pattern or main.get("pattern") in one_of(wanted.pattern))
    )


def outfit(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.outfit):
        return
    looks = [look for event in turn.of("outfit") for look in event["looks"]]
    if len(looks) < (wanted.min if wanted.min is not None else 1):
        yield Failure("outfit", f"{len(looks)} looks")
    if wanted.max is not None and len(looks) > wanted.max:
        yield Failure("outfit", f"{len(looks)} looks, at most {wanted.max} were to be shown")
    for number, look in enumerate(looks, 1):
        if wanted.items_min and len(look["items"]) < wanted.items_min:
            yield Failure("outfit", f"look {number} has {len(look['items'])} pieces")
        if missing := set(wanted.slots) - {item.get("slot") for item in look["items"]}:
            yield Failure("outfit", f"look {number} has no {', '.join(sorted(missing))}")
        if wanted.max_total is not None and decimal(look["total"]) > decimal(talk.resolve(wanted.max_total)):
            yield Failure("outfit", f"look {number} costs {look['total']['amount']}")


def comparison(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.comparison):
        return
    tables = turn.of("comparison")
    if not tables:
        yield Failure("comparison", "nothing was compared")
        return
    have = [item["id"] for item in tables[-1]["items"]]
    if wanted.items and set(talk.resolve(list(wanted.items))) != set(have):
        yield Failure("comparison", f"compared were {have}, not {talk.resolve(list(wanted.items))}")
    if wanted.rows_min and len(tables[-1]["rows"]) < wanted.rows_min:
        yield Failure("comparison", f"{len(tables[-1]['rows'])} rows")
    for row in tables[-1]["rows"]:
        if len(row["values"]) != len(have):
            yield Failure(
                "comparison", f"row {row['label']} has {len(row['values'])} values for {len(have)} products"
            )
