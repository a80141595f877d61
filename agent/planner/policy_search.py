"""Meaning and state → searches."""

import statistics
from collections.abc import Sequence
from typing import Any

from agent.planner import colour_talk, leftovers, policy_recommend
from agent.planner.calls import LIMIT, SOFT, Call, Done, conditions, ids_of
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.state import Item, State
from prompts import taxonomy
from store.words import finer_names, parted

_MOST_MODELS = 3
# what is not let go of by itself when all that fits was seen
_KEPT = ("category", "gender", "age_group", "size", "price", "not")


def bounded_out(meaning: Meaning, state: State, last: Done, done: Sequence[Done]) -> bool:
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


def _priced(item: Item, last: Done) -> bool:
    bound = last.args["where"].get("price") or {}
    return bound.get("min", 0) <= item.price <= bound.get("max", item.price)


def edge_of_seen(meaning: Meaning, last: Done, seen: Sequence[Item]) -> Call:
    """The lowest (highest) priced of what was seen, again: what lies within the bound, which is in the middle of what
    was shown, and of what none does only the edge itself."""
    within = any(_meets(i, last.args.get("where") or {}) and _priced(i, last) for i in seen)
    given_up = () if within else ("price",)
    where = {k: v for k, v in (last.args.get("where") or {}).items() if k not in given_up}
    kept = {k: v for k, v in last.args.items() if k in ("photo", "garment", "like", "query")}
    order = "price_asc" if meaning.said["price_pref"] == "cheaper" else "price_desc"
    return Call(
        tool="search_catalog", args={**kept, "where": where, "sort": order, "limit": 3 if within else 1}
    )


def alone_of_its_kind(meaning: Meaning, last: Done) -> bool:
    """What a shopper wants more of is the only thing of its kind here, and the kind was not of their choosing."""
    kinds = (last.args.get("where") or {}).get("category") or []
    return (
        last.tool == "search_catalog"
        and bool(last.args.get("like"))
        and not last.items
        and not last.args.get("keep")
        and any(p.intent == "more_like" for p in meaning.parts)
        and not meaning.slots.get("category")
        and any(len(taxonomy.ancestors(k)) > 1 for k in kinds)
    )


def all_seen(meaning: Meaning, last: Done) -> bool:
    """Others are wanted, all that fits was shown, and there is something near it."""
    return (
        last.tool == "search_catalog"
        and bool(last.args.get("exclude"))
        and not last.items
        and any(p.intent == "others" for p in meaning.parts)
        and beyond(last) is not None
        # "any other sweaters?" wants sweaters
        and not (meaning.said.get("category") and set(last.args["where"]) <= set(_KEPT))
    )


def seen_before(last: Done) -> bool:
    """There is nothing in the shop but what was just shown."""
    sought = (
        last.args.get("where") or last.args.get("query") or last.args.get("like") or last.args.get("photo")
    )
    return last.tool == "search_catalog" and bool(last.args.get("exclude")) and not last.items and not sought


def beyond(last: Done) -> Call | None:
    """The nearest to what was all seen: the same kind in other colours, fabrics and the like, else the kind above."""
    where = last.args.get("where") or {}
    if loose := {k: v for k, v in where.items() if k not in _KEPT}:
        color = {"color": loose["color"]} if loose.get("color") else {}
        args = {**last.args, "where": {k: v for k, v in where.items() if k in _KEPT}}
        return Call(tool="search_catalog", args={**args, "prefer": {**(args.get("prefer") or {}), **color}})
    if any(len(taxonomy.ancestors(k)) > 1 for k in where.get("category") or []):
        return wider(last)
    return None


def wider(last: Done) -> Call:
    """The same search among all of the kind above: trousers where there are no other joggers."""
    where = dict(last.args["where"])
    where["category"] = [taxonomy.ancestors(k)[-2:][0] for k in where["category"]]
    return Call(tool="search_catalog", args={**last.args, "where": where})


def beside_preview(meaning: Meaning, state: State, last: Done, done: Sequence[Done]) -> Call | None:
    """What is like it and sold in that colour, where only a preview of that, or nothing, could be shown."""
    part = next((p for p in meaning.parts if p.intent == "color"), None)
    if last.tool != "choose_color" or len(done) > 1 or part is None or meaning.previewing:
        return None
    only_seen = last.failed or (last.artifact or {}).get("type") == "image"
    return search(part, meaning, state) if only_seen and part.slots.get("color") else None


def says_nothing_of_it(last: Done, meaning: Meaning) -> bool:
    """Nothing speaks of the words that were said beside conditions: the conditions alone are looked at."""
    where = last.args.get("where") or {}
    return (
        last.tool == "search_catalog"
        and not last.items
        and bool(meaning.words)
        and bool(last.args.get("query"))
        and bool(set(where) - {"price"})
        and not last.args.get("exclude")
    )


def refuses_alone(meaning: Meaning, last: Done) -> bool:
    """The message says what is not liked, and nothing is sought: "I never wear wool", before anything else."""
    return (
        bool(meaning.said.get("not"))
        and set(meaning.slots) <= {"not"}
        and not (meaning.words or meaning.unknown or meaning.photos)
        and not any(last.args.get(key) for key in ("like", "photo", "ids", "query", "exclude"))
    )


def without_words(last: Done) -> Call:
    """The same search by its conditions alone."""
    return Call(tool="search_catalog", args={**last.args, "query": ""})


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


def garment_meant(part: Part, state: State, photo: str | None) -> int | None:
    """Which garment of the photo a search is to resemble: the one pointed at, else the one of the search before."""
    if photo is None:
        return None
    pointed = [r.garment for r in part.references if r.photo == photo and r.garment is not None]
    return pointed[0] if pointed else state.garment if photo == state.photo else None


def search(part: Part, meaning: Meaning, state: State) -> Call:
    """The search for what is sought now."""
    slots = meaning.slots
    photo, like = anchors(part, meaning, state)
    garment = garment_meant(part, state, photo)
    where = conditions(slots)
    item, picture = state.item(like) if like else None, state.picture(photo) if photo else None
    if "category" not in where:
        where |= _category_of(item, picture.at(garment or 0) if picture else None, slots)
    elif part.intent == "color" and item and "category" not in part.slots:
        its = [c for c in where["category"] if taxonomy.is_a(item.category, c)]
        of_another = not its and any(item.id in r.ids and r.where for r in part.references)
        where["category"] = (
            [item.category] if of_another else its or where["category"]
        )  # of sweaters or coats, the kind that it is
    if part.intent == "color" and item and not slots.get("color"):
        where["not"] = {**where.get("not", {}), "color": item.colors}
    limit = bound(part, meaning, state, item)
    if limit:
        where["price"] = {**where.get("price", {}), **limit}
    args: dict[str, Any] = {"query": wording(meaning, state, like=bool(like or photo)), "where": where}
    prefer = {a: slots[a] for a in SOFT if slots.get(a)}
    kind = (picture.at(garment or 0) or {}).get("kind") if picture else None
    if kind and where.get("category") and kind not in where["category"]:
        prefer["category"] = [kind]  # of trousers the jeans first, where jeans were seen
    own = (picture.at(garment or 0) or {}).get("colors") if picture else None
    refused = slots.get("not", {}).get("color", [])
    if own and not slots.get("color") and own[0] not in refused and own[0] != "multicolour":
        prefer["color"] = own[:1]  # of what looks alike, what has its colour first
    if prefer:
        args["prefer"] = prefer
    if photo:
        args["photo"] = photo
        if garment is not None:
            args["garment"] = garment
    if like:
        args["like"] = like
    order = sort(part, slots, bool(limit), bool(where or args["query"] or photo or like))
    if order != "relevance":
        args["sort"] = order
    count = part.slots.get("quantity")
    args["limit"] = count if isinstance(count, int) and 2 <= count <= 12 else LIMIT
    if (
        part.intent == "recommend"
        and state.newest
        and not (where or args["query"] or prefer or photo or like)
    ):
        args["exclude"] = [i.id for i in state.newest]  # "surprise me" after a list: something else
    if (
        (
            part.intent == "others"
            or (slots.get("price_pref") in ("cheaper", "pricier") and "price_pref" in part.slots)
        )
        and state.shown
        and not meaning.fresh
    ):
        args["exclude"] = list(state.shown)
    unwanted = [*meaning.refusing, *state.refused]
    if unwanted:
        args["exclude"] = list(dict.fromkeys([*args.get("exclude", []), *unwanted]))
    if aside := state.recall.left_aside(meaning.memory, meaning.dropped, meaning.fresh):
        args["aside"] = aside
    elif meaning.memory.usual and state.recall.consent == "yes" and not where.get("size"):
        where["size"] = ["usual"]
    if limit:
        args["keep"] = ["price"]  # "cheaper" is never answered with something dearer
    return Call(tool="search_catalog", args=args)


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
        spoken += finer_names(parted(meaning.spelt or meaning.text)[0])  # of boots, the chelsea ones
    left = [*("" if meaning.fresh or meaning.reset else state.words).split(), *meaning.words.split()]
    spoken = " ".join(spoken).split()  # a name of several words says none of them twice
    return " ".join(dict.fromkeys([*spoken, *leftovers.fitting(left, slots.get("category", []))]))[:200]


def _category_of(item: Item | None, garment: dict[str, Any] | None, slots: Slots) -> dict[str, Any]:
    if item:
        return {"category": [item.category]}
    refused = slots.get("not", {}).get("category", [])
    return {"category": [garment["category"]]} if garment and garment["category"] not in refused else {}


def unseen(call: Call, state: State) -> bool:
    """A search for the like of a photo that shows nothing to wear, with no word of what it is: whatever it found would
    be a guess."""
    picture = state.picture(call.args.get("photo")) if call.args.get("photo") else None
    sought = {**call.args["where"], **call.args.get("prefer", {})}
    return (
        picture is not None
        and not picture.garments
        and not (set(sought) - {"price"})
        and not call.args["query"]
    )


def _preferred(state: State) -> str:
    """Of what is shown the one to recommend: liked, else the best by its reviews."""
    among = [i for i in state.newest if i.id in state.focus] if len(state.focus) > 1 else state.newest
    liked = next((i.id for i in among if i.id in state.liked), None)
    fair = [i for i in among if i.id not in state.refused] or among
    return liked or max(fair, key=_trusted).id


def _trusted(item: Item) -> float:
    """The rating drawn towards 3.5 while few people have rated."""
    return ((item.rating or 0) * item.rating_count + 3.5 * 5) / (item.rating_count + 5)


def _of_kind(kind: Slots, part: Part, meaning: Meaning, state: State) -> Call:
    """The search for one of several kinds, as it was shown before where it was: a share of the list each."""
    shown = [i for i in state.newest if any(taxonomy.is_a(i.category, c) for c in kind["category"])]
    before = state.model_copy(update={"lists": [*state.lists[:-1], shown]})
    call = search(part, meaning.model_copy(update={"slots": kind, "words": ""}), before)
    call.args["limit"] = LIMIT // len(meaning.kinds)
    return call


def _models(part: Part) -> list[str]:
    """The products that others are to be like, where several are pointed at: "more like these two"."""
    if part.intent != "more_like" or any(r.photo for r in part.references):
        return []
    ids = list(dict.fromkeys(i for r in part.references for i in r.ids))
    return ids if len(ids) <= _MOST_MODELS else []


def _like_one(product: str, of: int, part: Part, meaning: Meaning, state: State) -> Call:
    """The search for what is like one of several, with its share of the list."""
    named = [Reference(kind="named", text="", ids=[product])]
    call = search(part.model_copy(update={"references": named}), meaning, state)
    call.args["exclude"] = list(dict.fromkeys([*call.args.get("exclude", []), *state.shown]))
    call.args["limit"] = LIMIT // of
    return call


def plan_search(part: Part, meaning: Meaning, state: State) -> list[Call]:
    if meaning.back:
        return [Call(tool="search_catalog", args={"ids": [i.id for i in state.newest]})]
    if meaning.choosing:
        return [Call(tool="product_details", args={"product": _preferred(state), "asks": ["description"]})]
    if meaning.reset and not meaning.said:
        return []
    if meaning.abroad:
        return []  # asked how much that is
    if part.intent == "more_like" and anchors(part, meaning, state) == (None, None) and not meaning.said:
        return []
    if part.intent == "others" and not (state.seeking or state.newest or meaning.said):
        return [
            Call(tool="search_catalog", args={"query": "", "where": {}, "sort": "rating", "limit": LIMIT})
        ]
    if part.intent == "color":
        if shown := colour_talk.call(part, meaning, state):
            return [shown]
        ids = ids_of(part) or state.focus[:1]
        if not part.slots.get("color") and ids:
            return [
                Call(tool="product_details", args={"product": ids[0], "asks": ["colors"]}),
                search(part, meaning, state),
            ]
        if not part.slots.get("color"):
            return []
    if meaning.kinds:
        return [_of_kind(kind, part, meaning, state) for kind in meaning.kinds]
    if len(several := _models(part)) > 1:
        return [_like_one(i, len(several), part, meaning, state) for i in several]
    if mine := policy_recommend.call(part, meaning, state):
        return [mine]
    call = search(part, meaning, state)
    if unseen(call, state):
        return []
    if part.intent == "others" and not state.seeking and state.newest and not call.args["where"]:
        call.args["where"] = {"category": [state.newest[0].category]}
        call.args["exclude"] = list(state.shown)
    return [call]
