"""The gates: does what a door received, and the state it leaves, meet what the script expects? Never by wording."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from prompts import language, taxonomy
from store.types import Product
from ui.dialogs import grounding
from ui.dialogs import script as form
from ui.dialogs.observed import Conversation, Event, Failure, Observed, at, cards_of, matches

_LISTS = {"color": "colors", "season": "season", "occasion": "occasion", "style": "style"}


def check(expect: form.Expect, talk: Conversation) -> list[Failure]:
    """Every gate of the newest turn that does not hold; captures what the turn is told to capture."""
    turn = talk.turns[-1]
    failures = list(invariants(expect, turn, talk))
    failures += [f for gate in GATES for f in gate(expect, turn, talk)]
    if expect.any_of:
        branches = [check_branch(branch, talk) for branch in expect.any_of]
        if all(branches):
            tried = " | ".join("; ".join(f.message for f in branch) for branch in branches)
            failures.append(Failure("any_of", f"no branch holds: {tried}"))
    for name, path in expect.capture.items():
        try:
            talk.captured[name] = at(path, turn)
        except (KeyError, IndexError, TypeError, form.ScriptError) as exc:
            failures.append(Failure("capture", f"{path} is not in this turn ({exc})"))
    return failures


def check_branch(expect: form.Expect, talk: Conversation) -> list[Failure]:
    """One branch of `any_of`; the invariants were checked already."""
    turn = talk.turns[-1]
    return [f for gate in GATES for f in gate(expect, turn, talk)]


# -- always --


def invariants(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    """What holds for every turn of every script: its frame, no unexpected error, cards that are the record."""
    types = [e["type"] for e in turn.events]
    if types[:1] != ["turn_started"] or types[-1:] != ["done"] or types.count("done") != 1:
        yield Failure("frame", f"a turn is turn_started … done, this one is {' '.join(types) or 'empty'}")
    expected = [expect.error] if isinstance(expect.error, str) else expect.error or []
    for error in turn.of("error"):
        if error["code"] not in expected:
            yield Failure("error", f"{error['code']}: {error['message']}")
    if expected and not any(e["code"] in expected for e in turn.of("error")):
        yield Failure("error", f"no error {' or '.join(expected)}")
    spoken = "".join(e["text"] for e in turn.of("token"))
    if not turn.reply.strip():
        yield Failure("frame", "no reply")
    elif spoken.strip() != turn.reply.strip() and not (not spoken and turn.of("error")):
        yield Failure("frame", "the tokens, joined, are not the text of `done`")
    for card in turn.cards():
        yield from facts(card, talk)


def facts(card: Event, talk: Conversation) -> Iterator[Failure]:
    """A card's facts are those of the shop's record."""
    found = talk.products([card["id"]])
    if not found:
        yield Failure("facts", f"{card['id']} is no product of this shop")
        return
    record = found[0]
    sale = record.sale_price.amount if record.sale_price else None
    shown = card["sale_price"]["amount"] if card.get("sale_price") else None
    pairs = [
        ("price", Decimal(card["price"]["amount"]), record.price.amount),
        ("sale_price", None if shown is None else Decimal(shown), sale),
        ("in_stock", card["in_stock"], record.in_stock),
        (
            "sizes",
            {s["size"]: s["quantity"] for s in card["sizes"]},
            {s.size: s.quantity for s in record.sizes},
        ),
        ("name", card["name"] in (record.title.zh, record.title.en), True),
    ]
    for what, stated, true in pairs:
        if stated != true:
            yield Failure("facts", f"{card['id']}: the card's {what} is {stated}, the record's {true}")


# -- the gates of `expect` --


def tools(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not expect.tools:
        return
    calls = turn.of("thinking")
    names = ", ".join(f"{c['tool']}" for c in calls) or "nothing"
    for use in expect.tools.called:
        if not _used(use, calls, talk):
            yield Failure("tools", f"{_tool(use, talk)} was not called ({names} was)")
    for use in expect.tools.not_called:
        if _used(use, calls, talk):
            yield Failure("tools", f"{_tool(use, talk)} was called")
    if expect.tools.any and not any(_used(use, calls, talk) for use in expect.tools.any):
        yield Failure(
            "tools", f"none of {[_tool(u, talk) for u in expect.tools.any]} was called ({names} was)"
        )


def _tool(use: str | form.ToolUse, talk: Conversation) -> tuple[str, dict[str, Any]]:
    """The (tool, arguments) meant. `cart.add` and `add_to_cart` are the tool `cart` with that action."""
    name, args = (use, {}) if isinstance(use, str) else (use.name, talk.resolve(use.args))
    named = re.fullmatch(r"(\w+)\.(\w+)", name)
    spoken = re.fullmatch(r"(add|remove|change|view|clear)_(?:to_|from_)?cart", name)
    if named:
        name, args = named[1], {**args, "action": named[2]}
    elif spoken and name not in talk.tools:
        name, args = "cart", {**args, "action": spoken[1]}
    if name not in talk.tools:
        raise form.ScriptError(f"there is no tool {name}; there are {', '.join(talk.tools)}")
    return name, args


def _used(use: str | form.ToolUse, calls: list[Event], talk: Conversation) -> bool:
    name, args = _tool(use, talk)
    return any(c["tool"] == name and matches(args, c["args"]) for c in calls)


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


def answer(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.answer):
        return
    answers = turn.of("answer")
    if not answers:
        yield Failure("answer", "no answer event")
        return
    got = answers[-1]
    pattern = talk.resolve(wanted.model_dump(include={"about", "value"}, exclude_none=True))
    if not matches(pattern, got):
        yield Failure("answer", f"{ {key: got.get(key) for key in pattern} }, not {pattern}")
    sources = [wanted.source] if isinstance(wanted.source, str) else wanted.source
    if sources and got["source"] not in sources:
        yield Failure("answer", f"source is {got['source']}, not {' or '.join(sources)}")
    low, high = wanted.min_confidence, wanted.max_confidence
    if (low is not None and got["confidence"] < low) or (high is not None and got["confidence"] > high):
        yield Failure("answer", f"confidence is {got['confidence']}")


def policy(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if expect.policy:
        topics = [e["topic"] for e in turn.of("policy")]
        wanted = [expect.policy] if isinstance(expect.policy, str) else expect.policy
        if not set(wanted) & set(topics):
            yield Failure("policy", f"topics are {topics}, not {' or '.join(wanted)}")


def state(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not expect.state:
        return
    before, after, wanted = lines(turn.cart_before), lines(turn.cart), expect.state.cart
    if isinstance(wanted, list):
        asked = [talk.resolve(line.model_dump(exclude_none=True)) for line in wanted]
        left = list(after)
        for line in asked:
            found = next((have for have in left if matches(line, have)), None)
            if found is None:
                break
            left.remove(found)
        else:
            if not left:
                return
        yield Failure("state.cart", f"the cart is {after}, not {asked}")
    elif wanted == "empty" and after:
        yield Failure("state.cart", f"the cart is {after}, not empty")
    elif wanted == "unchanged" and before != after:
        yield Failure("state.cart", f"the cart was {before} and is {after}")
    elif wanted == "changed" and before == after:
        yield Failure("state.cart", f"the cart is still {after}")


def lines(cart: Event) -> list[dict[str, Any]]:
    """A cart's lines as scripts write them."""
    return [{"id": line["id"], "qty": line["quantity"], "size": line.get("size")} for line in cart["lines"]]


def reply(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.reply):
        return
    topics = [wanted.asks] if isinstance(wanted.asks, str) else wanted.asks or []
    if topics and not any(grounding.asks(turn.reply, turn.events, topic) for topic in topics):
        yield Failure("reply.asks", f"asks for no {' or '.join(topics)}: {turn.reply!r}")
    if lang := form.localised(wanted.language, turn.lang):
        spoken = language.detect(turn.reply, default=lang)
        if spoken != lang:
            yield Failure("reply.language", f"the reply is {spoken}: {turn.reply!r}")
    if wanted.max_chars and len(turn.reply) > wanted.max_chars:
        yield Failure("reply.max_chars", f"the reply has {len(turn.reply)} characters")


def events(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    for pattern in expect.events:
        if not any(matches(_event(pattern, talk), event) for event in turn.events):
            yield Failure("events", f"no event {pattern}")
    for pattern in expect.no_events:
        if any(matches(_event(pattern, talk), event) for event in turn.events):
            yield Failure("no_events", f"there is an event {pattern}")


def _event(pattern: str | dict[str, Any], talk: Conversation) -> Any:
    return {"type": pattern} if isinstance(pattern, str) else talk.resolve(pattern)


def grounded(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    for name in expect.grounding:
        if name == "no_unbacked_price":
            if wrong := grounding.unbacked_prices(turn.reply, talk.events(), talk.messages()):
                yield Failure(name, f"nobody named the amounts {wrong}: {turn.reply!r}")
        elif name == "no_invented_product":
            if wrong := grounding.invented(turn.reply, talk.titles, talk.shown(), talk.ids, talk.messages()):
                yield Failure(name, f"never shown: {wrong}: {turn.reply!r}")
        else:
            yield from cards_equal_prose(turn, talk)


def cards_equal_prose(turn: Observed, talk: Conversation) -> Iterator[Failure]:
    """A count in the reply is that of what is shown; a product named has a card; cards are counted or named."""
    cards = turn.cards()
    backed = {len(cards), len(turn.of("looked")), len(turn.cart["lines"])}
    backed |= {sum(line["quantity"] for line in turn.cart["lines"])}
    for event in turn.events:
        backed |= {
            len(event[key])
            for key in ("items", "looks", "lines", "choices")
            if isinstance(event.get(key), list)
        }
        backed |= {len(look["items"]) for look in event.get("looks", [])}
        backed |= {event["total"]} if isinstance(event.get("total"), int) else set()
    counts = grounding.counted(turn.reply)
    if wrong := counts - backed:
        yield Failure(
            "cards_equal_prose", f"says {sorted(wrong)}, shown are {len(cards)} cards: {turn.reply!r}"
        )
    named = grounding.named_products(turn.reply, talk.titles)
    shown = talk.shown()
    for title, owners in named.items():
        if not owners & shown and title.casefold() not in " ".join(talk.messages()).casefold():
            yield Failure("cards_equal_prose", f"{title} has no card: {turn.reply!r}")
    spoken_of = {owner for owners in named.values() for owner in owners}
    listed = [
        c for event in turn.of("products", "outfit") for c in cards_of(event)
    ]  # a comparison's table names its own
    if len(listed) > 1 and not counts and not {c["id"] for c in listed} <= spoken_of:
        yield Failure(
            "cards_equal_prose", f"{len(cards)} cards are neither counted nor all named: {turn.reply!r}"
        )


GATES: tuple[Callable[[form.Expect, Observed, Conversation], Iterator[Failure]], ...] = (
    tools, products, looked, outfit, comparison, answer, policy, state, reply, events, grounded,
)  # fmt: skip
