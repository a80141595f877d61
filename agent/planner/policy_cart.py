"""Meaning and state → calls that see or change the cart."""

from typing import Any

from agent.planner import patterns
from agent.planner.calls import LIMIT, MAX_CALLS, Call, described_in, ids_of
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.state import State
from agent.planner.tagging import size_name
from agent.planner.text import clean
from prompts import taxonomy


def cart_add(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = ids_of(part)
    if any(r.kind == "ordinal" and not r.ids for r in part.references):
        return []  # there is no such place in the list: asked which
    many = (
        any(r.kind in ("all", "them", "first", "final") for r in part.references) or len(part.references) > 1
    )
    if not ids and all(set(r.where) == {"size"} for r in part.references):  # "add it", "add the M one"
        ids = list(state.focus) if state.latest in ("product", "cart") else []
        if not ids and len(state.newest) == 1:
            ids = [state.newest[0].id]
    outright = any(r.kind in ("ordinal", "first", "final", "best") for r in part.references)
    if (
        not outright
        and not meaning.answers_pending
        and any(not _is_what_is_named(i, part, state) for i in ids)
    ):
        ids = []  # "add a white t-shirt", after talk of a bag
    if meaning.answers_pending and state.pending and state.pending.rest and len(ids) == 1:
        return [_add(ids[0], part, state, meaning), _bare_add(state.pending.rest[0])]
    if len(ids) > 1 and not many:
        return []  # several fit the description: asked which
    if len(ids) > 2 and all(r.kind == "them" for r in part.references) and len(state.focus) < 2:
        return []  # a whole list: asked which
    if ids:
        if part.slots.get("quantity") == len(ids) > 1 and not patterns.turn_says("of_each", meaning.tagged):
            part = part.model_copy(update={"slots": {**part.slots, "quantity": 1}})  # "两件都要": one of each
        return [_add(i, part, state, meaning) for i in ids[:MAX_CALLS]]
    where = described_in(part)
    if where.get("category") and not (
        state.newest and part.references and part.references[0].kind == "ordinal"
    ):
        return [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
    return []


def _is_what_is_named(product: str, part: Part, state: State) -> bool:
    """False for another kind of thing, or one of another colour, than the words name."""
    item = state.item(product)
    named = [part.slots, *(r.where for r in part.references if product in r.ids)]
    kinds, colors = ([v for one in named for v in one.get(a, [])] for a in ("category", "color"))
    if item is None:
        return not kinds and not colors
    return not (kinds and not any(taxonomy.is_a(item.category, k) for k in kinds)) and not (
        colors and not set(colors) & set(item.colors)
    )


def _bare_add(product: str) -> Call:
    return Call(tool="cart", args={"action": "add", "product": product, "quantity": 1})


def _add(product: str, part: Part, state: State, meaning: Meaning) -> Call:
    args: dict[str, Any] = {"action": "add", "product": product}
    held = next((line.get("size") for line in state.cart if line["id"] == product), None)
    own: Slots = next((r.own for r in part.references if product in r.ids), {})
    if sizes := own.get("size", sizes_said(part)):
        args["size"] = sizes[0]
    elif held and patterns.has_cue("again", meaning.tagged):
        args["size"] = held
    elif meaning.memory.usual and state.recall.consent == "yes":
        args["size"] = "usual"
    args["quantity"] = own.get("quantity", part.slots.get("quantity", 1))
    return Call(tool="cart", args=args)


def sizes_said(part: Part) -> list[str]:
    """Sizes that the part names, also to point with: "the M one"."""
    return [*part.slots.get("size", []), *(s for r in part.references for s in r.where.get("size", []))]


def cart_edit(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if part.intent == "cart_remove" and patterns.has_cue("rest_of_cart", meaning.tagged):
        return _remove_others(meaning, state)
    if part.intent == "cart_remove" and _whole_cart(meaning):
        return [Call(tool="cart", args={"action": "clear"})]
    target = cart_target(part, state)
    if target and changes(part):
        return [cart_call(part, target, state)]
    return [Call(tool="cart", args={"action": "view"})]


def changes(part: Part) -> bool:
    """What is to become of the line is said: it goes, or gets another size or number."""
    said = part.more or part.slots.get("size") or part.slots.get("quantity") is not None
    return part.intent == "cart_remove" or bool(said)


def _remove_others(meaning: Meaning, state: State) -> list[Call]:
    """ "remove everything else": the lines that hold none of the products pointed at, nor what was talked about."""
    kept = {i for p in meaning.parts for r in p.references if r.kind != "all" for i in r.ids}
    kept = kept or set(state.focus)
    gone = [line for line in state.cart if line["id"] not in kept] if kept else []
    calls = [
        Call(
            tool="cart",
            args={"action": "remove", "product": line["id"]}
            | ({"size": line["size"]} if line.get("size") else {}),
        )
        for line in gone
    ]
    return calls[:MAX_CALLS] or [Call(tool="cart", args={"action": "view"})]


def _whole_cart(meaning: Meaning) -> bool:
    return patterns.has_cue("clear_cart", meaning.tagged)


def cart_target(part: Part, state: State) -> str | None:
    """The line of the cart that is meant: pointed at, described, or the only one."""
    lines = state.cart
    held = [line["id"] for line in lines]
    if part.intent == "cart_remove" and (sizes := sizes_said(part)):
        sized = {str(line["id"]) for line in lines if has_size(line, sizes)}
        meant = {i for r in part.references if r.kind not in ("it", "them", "all") for i in r.ids}
        if len(sized) == 1 and not meant & set(held):
            return sized.pop()  # "the L one", whatever was talked about last
    for reference in part.references:
        if reference.kind == "ordinal" and lines and _of_the_cart(reference, part, state):
            n = reference.n or 0
            index = n - 1 if n > 0 else len(lines) + n
            return str(held[index]) if 0 <= index < len(lines) else None
        inside = [
            i
            for i in reference.ids
            if any(x["id"] == i and _line_fits(x, reference.where, state) for x in lines)
        ]
        if inside:
            return inside[0]
        if reference.ids and not held:
            return reference.ids[0]
        if reference.where:
            return fitting(reference.where, state)
        if reference.ids and reference.kind not in ("it", "them", "all"):
            return None  # something else than what is in the cart
    category = part.slots.get("category")
    if category:
        return fitting({"category": category}, state)
    if len(held) == 1:
        return str(held[0])
    it = any(r.kind == "it" for r in part.references) or not part.references
    if it and held and (state.latest == "cart" or any(f in held for f in state.focus)):
        return next((f for f in state.focus if f in held), str(held[-1]))
    return None


def _of_the_cart(reference: Reference, part: Part, state: State) -> bool:
    """ "The first one" counts the cart's lines where the cart was shown last, or is named, or where what is to be taken
    out can be no other: the first of the list is not in it."""
    held = {line["id"] for line in state.cart}
    elsewhere = part.intent == "cart_remove" and not held & set(reference.ids)
    return state.latest == "cart" or "<CART>" in part.text or elsewhere


def fitting(where: dict[str, list[str]], state: State) -> str | None:
    """The newest line of the cart that fits; None where none does: another one is never taken for it."""
    return next((str(line["id"]) for line in reversed(state.cart) if _line_fits(line, where, state)), None)


def has_size(line: dict[str, Any], sizes: list[str]) -> bool:
    """True for a line of the cart in one of `sizes`, as shops write them."""
    return bool(line.get("size")) and size_name(str(line["size"]).casefold()) in sizes


def _line_fits(line: dict[str, Any], where: dict[str, list[str]], state: State) -> bool:
    if where.get("size") and not has_size(line, where["size"]):
        return False
    item = state.item(line["id"])
    if item is None:  # put there in an earlier conversation: its name is all that is known
        name = clean(str(line.get("name", "")))
        return all(
            any(clean(word) in name for value in values for word in _words(attribute, value))
            for attribute, values in where.items()
            if attribute in ("category", "color") and values
        )
    if where.get("category") and not any(taxonomy.is_a(item.category, c) for c in where["category"]):
        return False
    return not where.get("color") or bool(set(where["color"]) & set(item.colors))


def _words(attribute: str, value: str) -> list[str]:
    below = [
        v for v in taxonomy.values(attribute) if attribute == "category" and taxonomy.is_a(v, value)
    ] or [value]
    return [word for v in below for words in taxonomy.words(attribute, v).values() for word in words]


def cart_call(part: Part, product: str, state: State) -> Call:
    line = _line(part, product, state)
    if part.intent == "cart_remove":
        args: dict[str, Any] = {"action": "remove", "product": product}
        if part.slots.get("size"):
            args["size"] = part.slots["size"][0]
        elif line and line.get("size") and _one_of_several(part, product, state):
            args["size"] = line["size"]
        return Call(tool="cart", args=args)
    line = line or {}
    have = int(line.get("quantity", 1))
    quantity = have + part.more if part.more else part.slots.get("quantity", have)
    if quantity < 1:
        return Call(tool="cart", args={"action": "remove", "product": product})
    args = {"action": "change", "product": product, "quantity": quantity}
    if part.slots.get("size"):
        args["size"] = part.slots["size"][-1]
    elif line.get("size"):
        args["size"] = line["size"]
    return Call(tool="cart", args=args)


def _line(part: Part, product: str, state: State) -> dict[str, Any] | None:
    """Which line of the product is meant: by its size, or by its place in the cart; else the first one."""
    lines = [line for line in state.cart if line["id"] == product]
    named = [s for r in part.references for s in r.where.get("size", [])] or part.slots.get("size", [])
    by_size = [line for line in lines if has_size(line, named)]
    if by_size:
        return by_size[0]
    for reference in part.references:
        if reference.kind == "ordinal" and _of_the_cart(reference, part, state):
            n = reference.n or 0
            index = n - 1 if n > 0 else len(state.cart) + n
            if 0 <= index < len(state.cart) and state.cart[index] in lines:
                return state.cart[index]
    return lines[0] if lines else None


def _one_of_several(part: Part, product: str, state: State) -> bool:
    """Of a product that the cart holds in several sizes, one is pointed at."""
    points = any(
        r.where.get("size") or (r.kind == "ordinal" and state.latest == "cart") for r in part.references
    )
    return points and sum(line["id"] == product for line in state.cart) > 1


def cart_view(part: Part, meaning: Meaning, state: State) -> list[Call]:
    return [Call(tool="cart", args={"action": "view"})]
