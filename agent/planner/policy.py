"""Meaning and state → tool calls. `plan`: what a message asks for; `follow_up`: what a result calls for."""

import statistics
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel

from agent.planner import leftovers, patterns
from agent.planner.meaning import SEARCHES, Meaning, Part, Slots
from agent.planner.state import Item, Picture, State
from prompts import taxonomy

MAX_CALLS = 4
LIMIT = 6
_HARD = (
    "category",
    "color",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
    "gender",
    "age_group",
    "brand",
    "size",
)
_SOFT = ("season", "occasion", "style")
_ANCHORS = ("onepiece", "tops", "outwear")  # what an outfit for an occasion starts from
_YES_NO = ("occasion", "season", "style")  # answered yes or no where a value is named
_ASPECTS = {"colors": "color", "stock": "sizes", "size_chart": "sizes", "discount": "price"}
_COMPARABLE = frozenset(
    {"price", "rating", "sizes", "brand", "care", "color", "pattern", "material", "sleeve", "neckline", "length",
     "season", "occasion", "style", "gender"}
)  # fmt: skip


class Call(BaseModel):
    """One tool call to make."""

    tool: str
    args: dict[str, Any] = {}


class Done(BaseModel):
    """A call of this turn that came back; `artifact` is None when the tool failed."""

    tool: str
    args: dict[str, Any] = {}
    artifact: dict[str, Any] | None = None
    failed: bool = False

    @property
    def items(self) -> list[dict[str, Any]]:
        """The cards of a list of products."""
        return list((self.artifact or {}).get("items") or [])


def plan(meaning: Meaning, state: State) -> list[Call]:
    """The calls for all parts of the message, in its order, at most four; without any, the reply is words alone."""
    calls: list[Call] = []
    for part in meaning.parts:
        calls += [c for c in _PLANS.get(part.intent, _nothing)(part, meaning, state) if c not in calls]
    return calls[:MAX_CALLS]


def follow_up(meaning: Meaning, state: State, done: Sequence[Done]) -> list[Call]:
    """Calls that the results so far call for. `state` has them folded in."""
    last = done[-1]
    if last.failed or last.artifact is None or len(done) >= MAX_CALLS:
        return []
    if _bounded_out(meaning, state, last, done):
        return [_edge_of_seen(meaning, last)]
    for part in meaning.parts:
        if (
            part.intent == "outfit"
            and last.tool == "search_catalog"
            and last.items
            and not _went("match_outfit", done)
        ):
            return [_outfit_of(last.items[0]["id"], part)]
        if (
            part.intent in ("cart_remove", "cart_change")
            and last.tool == "cart"
            and last.args.get("action") == "view"
        ):
            target = _cart_target(part, state)
            if target:
                return [_cart_call(part, target, state)]
        if (
            part.intent == "compare"
            and last.tool == "search_catalog"
            and len(last.items) >= 2
            and not _went("compare", done)
        ):
            return [
                Call(
                    tool="compare",
                    args={"products": [i["id"] for i in last.items[:3]], "aspects": aspects(part)},
                )
            ]
    return []


def _bounded_out(meaning: Meaning, state: State, last: Done, done: Sequence[Done]) -> bool:
    """ "cheaper" found nothing that was not shown already."""
    return (
        last.tool == "search_catalog"
        and len(done) == 1
        and meaning.said.get("price_pref") in ("cheaper", "pricier")
        and any(_meets(i, last.args.get("where") or {}) for i in state.items())
        and bool(last.args.get("exclude"))
        and (not last.items or "price" in (last.artifact or {}).get("relaxed", []))
    )


def _meets(item: Item, where: dict[str, Any]) -> bool:
    """What was shown meets the conditions but for the price, as far as is known of it."""
    kind, color = where.get("category"), where.get("color")
    return (not kind or any(taxonomy.is_a(item.category, c) for c in kind)) and (
        not color or bool(set(color) & set(item.colors))
    )


def _edge_of_seen(meaning: Meaning, last: Done) -> Call:
    """The lowest (highest) priced of what was seen, again."""
    where = {k: v for k, v in (last.args.get("where") or {}).items() if k != "price"}
    kept = {k: v for k, v in last.args.items() if k in ("photo", "like", "query")}
    order = "price_asc" if meaning.said["price_pref"] == "cheaper" else "price_desc"
    return Call(tool="search_catalog", args={**kept, "where": where, "sort": order, "limit": 3})


def _went(tool: str, done: Sequence[Done]) -> bool:
    return any(d.tool == tool for d in done)


# -- searching ---------------------------------------------------------------------------------------------------------


def anchors(part: Part, meaning: Meaning, state: State) -> tuple[str | None, str | None]:
    """(photo id, product id) that a search is to resemble, if any."""
    if part.intent in ("more_like", "color"):
        for reference in part.references:
            if reference.photo:
                return reference.photo, None
            if reference.ids:
                return None, reference.ids[0]
        if meaning.photo:
            return meaning.photo, None
        if state.latest == "product" and state.focus:
            return None, state.focus[0]
        if state.photo or state.like:
            return state.photo, state.like
        picture = state.picture()
        return (
            (picture.id, None) if picture else (None, state.newest[0].id if len(state.newest) == 1 else None)
        )
    if part.intent in ("refine", "others") and not meaning.fresh and not meaning.reset:
        return state.photo, state.like
    return None, None


def search(part: Part, meaning: Meaning, state: State) -> Call:
    """The search for what is sought now."""
    slots = meaning.slots
    photo, like = anchors(part, meaning, state)
    where = conditions(slots)
    item, picture = state.item(like) if like else None, state.picture(photo) if photo else None
    if "category" not in where:
        where |= _category_of(item, picture, slots)
    if part.intent == "color" and item and not slots.get("color"):
        where["not"] = {**where.get("not", {}), "color": item.colors}
    limit = bound(part, meaning, state, item)
    if limit:
        where["price"] = {**where.get("price", {}), **limit}
    args: dict[str, Any] = {"query": wording(meaning, state, like=bool(like or photo)), "where": where}
    prefer = {a: slots[a] for a in _SOFT if slots.get(a)}
    if prefer:
        args["prefer"] = prefer
    if photo:
        args["photo"] = photo
    if like:
        args["like"] = like
    order = sort(part, slots, bool(limit), bool(where or args["query"] or photo or like))
    if order != "relevance":
        args["sort"] = order
    count = part.slots.get("quantity")
    args["limit"] = count if isinstance(count, int) and 2 <= count <= 12 else LIMIT
    if (
        (
            part.intent == "others"
            or (slots.get("price_pref") in ("cheaper", "pricier") and "price_pref" in part.slots)
        )
        and state.shown
        and not meaning.fresh
    ):
        args["exclude"] = list(state.shown)
    return Call(tool="search_catalog", args=args)


def conditions(slots: Slots) -> dict[str, Any]:
    """The hard conditions among slots, in the shape of store.types.Filters."""
    where: dict[str, Any] = {a: list(slots[a]) for a in _HARD if slots.get(a)}
    if slots.get("not"):
        where["not"] = {a: list(v) for a, v in slots["not"].items()}
    for name in ("price", "rating_min", "on_sale", "in_stock"):
        if slots.get(name):
            where[name] = slots[name]
    return where


def bound(part: Part, meaning: Meaning, state: State, item: Item | None) -> dict[str, float]:
    """What "cheaper" and "pricier" mean here: below or above the product meant, else the middle of what was shown."""
    pref = meaning.slots.get("price_pref")
    if pref not in ("cheaper", "pricier"):
        return {}
    if "price_pref" not in part.slots and part.intent != "others":
        return dict(state.limit)
    meant = [state.item(i) for r in part.references for i in r.ids]
    known = [i.price for i in meant if i] or ([item.price] if item else [])
    if not known and state.focus and state.latest == "product":
        known = [i.price for f in state.focus if (i := state.item(f))]
    if not known and (not meaning.fresh):
        known = [i.price for i in state.newest]
    if not known:
        return {}
    reference = known[0] if len(known) == 1 else statistics.median(known)
    if part.intent == "others" and "price_pref" not in part.slots:
        return dict(state.limit)
    return (
        {"max": round(max(reference - 0.01, 0.01), 2)}
        if pref == "cheaper"
        else {"min": round(reference + 0.01, 2)}
    )


def sort(part: Part, slots: Slots, bounded: bool, about_something: bool) -> str:
    """The order: as said, by price for "cheap", by rating where nothing else is known."""
    if slots.get("sort"):
        return str(slots["sort"])
    match slots.get("price_pref"):
        case "cheap":
            return "price_asc"
        case "cheaper":
            return "relevance" if bounded else "price_asc"
        case "expensive":
            return "price_desc"
    return "relevance" if about_something else "rating"


def wording(meaning: Meaning, state: State, like: bool) -> str:
    """The words to search by: leftovers, and for a search without an anchor the slots in words."""
    slots, lang = meaning.slots, meaning.language
    spoken: list[str] = []
    if not like:
        for attribute in (
            "style",
            "season",
            "occasion",
            "color",
            "pattern",
            "material",
            "sleeve",
            "category",
        ):
            spoken += [taxonomy.word(attribute, v, lang) for v in slots.get(attribute, [])[:2]]
    return " ".join(
        dict.fromkeys(
            [
                *spoken,
                *("" if meaning.fresh or meaning.reset else state.words).split(),
                *meaning.words.split(),
            ]
        )
    )[:200]


def _category_of(item: Item | None, picture: Picture | None, slots: Slots) -> dict[str, Any]:
    if item:
        return {"category": [item.category]}
    garment = picture.garment() if picture else None
    refused = slots.get("not", {}).get("category", [])
    return {"category": [garment["category"]]} if garment and garment["category"] not in refused else {}


def _search(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if meaning.reset and not meaning.said:
        return []
    if part.intent == "more_like" and anchors(part, meaning, state) == (None, None) and not meaning.said:
        return []
    if part.intent == "others" and not (state.seeking or state.newest) and not meaning.said:
        return [
            Call(tool="search_catalog", args={"query": "", "where": {}, "sort": "rating", "limit": LIMIT})
        ]
    if part.intent == "color":
        ids = _ids(part) or state.focus[:1]
        if not part.slots.get("color") and ids:
            return [
                Call(tool="product_details", args={"product": ids[0], "asks": ["colors"]}),
                search(part, meaning, state),
            ]
        if not part.slots.get("color"):
            return []
    call = search(part, meaning, state)
    if part.intent == "others" and not state.seeking and state.newest and not call.args["where"]:
        call.args["where"] = {"category": [state.newest[0].category]}
        call.args["exclude"] = list(state.shown)
    return [call]


# -- about products ----------------------------------------------------------------------------------------------------


def _ids(part: Part) -> list[str]:
    return list(dict.fromkeys(i for r in part.references for i in r.ids))


def aspects(part: Part) -> list[str]:
    """What a comparison is about, by the names of its rows."""
    named = [_ASPECTS.get(a, a) for a in part.slots.get("asks", [])]
    return [a for a in dict.fromkeys(named) if a in _COMPARABLE]


def _ask_product(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = _ids(part) or (state.focus if not part.references and state.latest == "product" else [])
    if not ids and state.at_hand and meaning.photos:
        return []
    singular = all(r.kind in ("described", "it", "ordinal", "named", "best") for r in part.references)
    if len(ids) > 1 and part.references and singular and len(part.references) == 1:
        ids = ids[:1]
    asked = part.slots.get("asks") or ["description"]
    if len(ids) > 1:
        return [Call(tool="compare", args={"products": ids[:4], "aspects": aspects(part)})]
    if ids:
        if _yes_or_no(asked, part):
            # "is it ok for the office", "is it waterproof": the record says yes, no, or nothing
            return [Call(tool="ask_image", args={"question": meaning.text[:300], "product": ids[0]})]
        return [Call(tool="product_details", args={"product": ids[0], "asks": asked})]
    where = _described(part)
    if where and not state.newest:
        return [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
    return []


def _yes_or_no(asked: list[str], part: Part) -> bool:
    if asked == ["description"]:
        return bool(leftovers.spoken_features(part.text)) and patterns.has_cue("yes_no", part.text)
    return len(asked) == 1 and asked[0] in _YES_NO and bool(part.slots.get(asked[0]))


def _described(part: Part) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for reference in part.references:
        for attribute, values in reference.where.items():
            where.setdefault(attribute, []).extend(v for v in values if v not in where.get(attribute, []))
    return where or conditions({k: v for k, v in part.slots.items() if k not in ("size", "quantity")})


def _ask_photo(part: Part, meaning: Meaning, state: State) -> list[Call]:
    photo = _photo(part, meaning, state)
    return [Call(tool="ask_image", args={"question": meaning.text[:300], "photo": photo})] if photo else []


def _describe(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if len(meaning.photos) > 1 and not any(r.kind == "photo" and r.n for r in part.references):
        return _each_photo(meaning)
    photo = _photo(part, meaning, state)
    return [Call(tool="describe_scene", args={"photo": photo})] if photo else []


def _each_photo(meaning: Meaning) -> list[Call]:
    return [Call(tool="describe_scene", args={"photo": p}) for p in meaning.photos[:MAX_CALLS]]


def _photo(part: Part, meaning: Meaning, state: State) -> str | None:
    named = next((r.photo for r in part.references if r.photo), None)
    picture = state.picture()
    return named or meaning.photo or state.at_hand or (picture.id if picture else None)


def _compare(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = _ids(part)
    if len(meaning.photos) > 1 and not ids:
        return _each_photo(meaning)  # what each shows is told; products are what is compared in a table
    if len(ids) == 1 and state.focus and state.focus[0] not in ids:
        ids = [state.focus[0], *ids]  # "compare it with the third"
    if len(ids) < 2 and len(state.focus) > 1:
        ids = state.focus
    if len(ids) < 2 and len(state.newest) >= 2 and not any(r.kind == "ordinal" for r in part.references):
        ids = [i.id for i in state.newest]
    if len(ids) < 2 and len(state.newest) == 1 and part.slots.get("asks"):
        return [
            Call(tool="product_details", args={"product": state.newest[0].id, "asks": part.slots["asks"]})
        ]
    if len(ids) >= 2:
        return [Call(tool="compare", args={"products": ids[:4], "aspects": aspects(part)})]
    where = _described(part)
    return (
        [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
        if where.get("category")
        else []
    )


def _outfit_of(product: str, part: Part, want: Sequence[str] | None = None) -> Call:
    args: dict[str, Any] = {"product": product}
    wanted = list(want if want is not None else part.slots.get("category", []))
    if wanted:
        args["want"] = wanted
    return Call(tool="match_outfit", args=args | _outfit_wishes(part))


def _outfit_wishes(part: Part) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    if part.slots.get("occasion"):
        wishes["occasion"] = part.slots["occasion"][-1]  # "a beach wedding" is a wedding
    if part.slots.get("price", {}).get("max"):
        wishes["budget"] = part.slots["price"]["max"]
    return wishes


def _outfit(part: Part, meaning: Meaning, state: State) -> list[Call]:
    photo = next((r.photo for r in part.references if r.photo), None) or meaning.photo
    ids = _ids(part)
    if not ids and not photo and not part.slots.get("occasion"):
        if state.latest == "product" and state.focus:
            ids = state.focus
        elif state.latest == "photo" and state.pictures:
            photo = state.pictures[-1].id
    if ids:
        return [_outfit_of(ids[0], part)]
    wanted = part.slots.get("category", [])
    if photo:
        want = {"want": wanted} if wanted else {}
        return [Call(tool="match_outfit", args={"photo": photo, **want, **_outfit_wishes(part)})]
    if state.newest and not part.slots.get("occasion"):
        return []  # which of them? asked in words
    where = _described(part)
    if len(wanted) > 1 and not part.references:
        part.slots["category"] = wanted[
            :1
        ]  # "what shoes go with a navy suit": the suit is found, then its shoes
        where["category"] = wanted[-1:]
    prefer = {a: part.slots[a] for a in _SOFT if part.slots.get(a)}
    if not where and not prefer:
        return []
    where = {k: v for k, v in where.items() if k in (*_HARD, "not")}
    where.setdefault("category", list(_ANCHORS))
    if prefer.get("occasion"):
        prefer["occasion"] = prefer["occasion"][-1:]  # as the looks are built for
    # one piece to build on: the looks are the answer, not a list beside them
    return [Call(tool="search_catalog", args={"query": "", "where": where, "prefer": prefer, "limit": 1})]


def _size_advice(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = _ids(part) or state.focus[:1] or ([state.newest[0].id] if len(state.newest) == 1 else [])
    if ids:
        return [Call(tool="product_details", args={"product": ids[0], "asks": ["size_chart", "sizes"]})]
    if state.newest:
        return []
    return [Call(tool="shop_policy", args={"question": meaning.text[:300]})]


# -- cart --------------------------------------------------------------------------------------------------------------


def _cart_add(part: Part, meaning: Meaning, state: State) -> list[Call]:
    ids = _ids(part)
    many = (
        any(r.kind in ("all", "them", "first", "final") for r in part.references) or len(part.references) > 1
    )
    if not ids and not part.references:
        ids = state.focus[:1] if state.latest in ("product", "cart") else []
        if not ids and len(state.newest) == 1:
            ids = [state.newest[0].id]
    if meaning.answers_pending and state.pending and state.pending.rest and len(ids) == 1:
        return [_add(ids[0], part, state, meaning), _bare_add(state.pending.rest[0])]
    if len(ids) > 1 and not many:
        return []  # several fit the description: asked which
    if len(ids) > 2 and all(r.kind == "them" for r in part.references) and len(state.focus) < 2:
        return []  # a whole list: asked which
    if ids:
        return [_add(i, part, state, meaning) for i in ids[:MAX_CALLS]]
    where = _described(part)
    if where.get("category") and not (
        state.newest and part.references and part.references[0].kind == "ordinal"
    ):
        return [Call(tool="search_catalog", args={"query": "", "where": where, "limit": LIMIT})]
    return []


def _bare_add(product: str) -> Call:
    return Call(tool="cart", args={"action": "add", "product": product, "quantity": 1})


def _add(product: str, part: Part, state: State, meaning: Meaning) -> Call:
    args: dict[str, Any] = {"action": "add", "product": product}
    held = next((line.get("size") for line in state.cart if line["id"] == product), None)
    if part.slots.get("size"):
        args["size"] = part.slots["size"][0]
    elif held and patterns.has_cue("again", meaning.tagged):
        args["size"] = held
    args["quantity"] = part.slots.get("quantity", 1)
    return Call(tool="cart", args=args)


def _cart_edit(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if part.intent == "cart_remove" and _whole_cart(meaning):
        return [Call(tool="cart", args={"action": "clear"})]
    target = _cart_target(part, state)
    if target and (part.intent == "cart_remove" or part.slots.get("size") or part.slots.get("quantity")):
        return [_cart_call(part, target, state)]
    return [Call(tool="cart", args={"action": "view"})]


def _whole_cart(meaning: Meaning) -> bool:
    return patterns.has_cue("clear_cart", meaning.tagged)


def _cart_target(part: Part, state: State) -> str | None:
    """The line of the cart that is meant: pointed at, described, or the only one."""
    lines = state.cart
    held = [line["id"] for line in lines]
    for reference in part.references:
        if reference.kind == "ordinal" and state.latest == "cart" and lines:
            n = reference.n or 0
            index = n - 1 if n > 0 else len(lines) + n
            return str(held[index]) if 0 <= index < len(lines) else None
        inside = [i for i in reference.ids if i in held]
        if inside:
            return inside[0]
        if reference.ids and not held:
            return reference.ids[0]
        if reference.where:
            fitting = [h for h in held if _line_fits(h, reference.where, state)]
            if fitting:
                return str(fitting[-1])
    category = part.slots.get("category")
    if category:
        fitting = [h for h in held if _line_fits(h, {"category": category}, state)]
        if fitting:
            return str(fitting[-1])
    if len(held) == 1:
        return str(held[0])
    it = any(r.kind == "it" for r in part.references) or not part.references
    if it and held and (state.latest == "cart" or any(f in held for f in state.focus)):
        return next((f for f in state.focus if f in held), str(held[-1]))
    return None


def _line_fits(product: str, where: dict[str, list[str]], state: State) -> bool:
    item = state.item(product)
    if item is None:
        return False
    if where.get("category") and not any(taxonomy.is_a(item.category, c) for c in where["category"]):
        return False
    return not where.get("color") or bool(set(where["color"]) & set(item.colors))


def _cart_call(part: Part, product: str, state: State) -> Call:
    if part.intent == "cart_remove":
        args: dict[str, Any] = {"action": "remove", "product": product}
        if part.slots.get("size"):
            args["size"] = part.slots["size"][0]
        return Call(tool="cart", args=args)
    line: dict[str, Any] = next((x for x in state.cart if x["id"] == product), {})
    have = int(line.get("quantity", 1))
    more = part.slots.get("more")
    quantity = have + int(more) if isinstance(more, int) else part.slots.get("quantity", have)
    args = {"action": "change", "product": product, "quantity": quantity}
    if part.slots.get("size"):
        args["size"] = part.slots["size"][-1]
    elif line.get("size"):
        args["size"] = line["size"]
    return Call(tool="cart", args=args)


def _cart_view(part: Part, meaning: Meaning, state: State) -> list[Call]:
    return [Call(tool="cart", args={"action": "view"})]


# -- the shop ----------------------------------------------------------------------------------------------------------


def _policy(part: Part, meaning: Meaning, state: State) -> list[Call]:
    return [Call(tool="shop_policy", args={"question": meaning.text[:300]})]


def _contact(part: Part, meaning: Meaning, state: State) -> list[Call]:
    question = "怎么联系客服" if meaning.language == "zh" else "how do I contact customer service"
    return [Call(tool="shop_policy", args={"question": question})]


def _nothing(part: Part, meaning: Meaning, state: State) -> list[Call]:
    return []


_PLANS: dict[str, Callable[[Part, Meaning, State], list[Call]]] = {
    **dict.fromkeys(SEARCHES, _search),
    "ask_product": _ask_product,
    "ask_photo": _ask_photo,
    "describe": _describe,
    "compare": _compare,
    "outfit": _outfit,
    "size_advice": _size_advice,
    "cart_add": _cart_add,
    "cart_remove": _cart_edit,
    "cart_change": _cart_edit,
    "cart_view": _cart_view,
    "policy": _policy,
    "order": _contact,
    "handoff": _contact,
}
