"""Recommendations by the shopper's own taste: "recommend me something", 猜我喜欢, "what's new for me?"; and what goes
on from one: "something different", "under 50", "only shoes"."""

import statistics
from typing import Any

from agent.planner import look_words
from agent.planner.calls import LIMIT, Call, Done, conditions, ids_of
from agent.planner.meaning import Meaning, Part
from agent.planner.state import State

_MOST_SEEN = 60
_LITTLE_LESS = 0.01
_GOING_ON = frozenset({"refine", "others", "recommend"})
_NEVER = frozenset(
    {"size_advice", "policy", "order", "handoff", "memory", "cart_add", "cart_remove", "cart_change"}
)


def hear(part: Part, meaning: Meaning, text: str) -> None:
    """Make a part that asks for something to the shopper's own taste a recommendation, whatever it was heard as."""
    if meaning.photo or meaning.reset or part.intent in _NEVER or part.weight >= 30:
        return
    if part.intent != "outfit" and look_words.says("taste", text) and not _points(part):
        part.intent, part.references = "recommend", []
        part.slots = {k: v for k, v in part.slots.items() if k != "asks"}
        meaning.unknown, meaning.unclear, meaning.declined = "", False, False


def _points(part: Part) -> bool:
    return bool(ids_of(part)) or any(r.photo for r in part.references)


def call(part: Part, meaning: Meaning, state: State) -> Call | None:
    """The recommendation that is asked for, or goes on; None for a search."""
    if meaning.kinds or meaning.photo or meaning.back or meaning.unknown:
        return None
    taste = look_words.says("taste", meaning.tagged)
    going_on = bool(state.recommended) and part.intent in _GOING_ON and not meaning.fresh
    if not (going_on or (part.intent == "recommend" and (taste or not meaning.words))):
        return None
    if meaning.words and not taste and part.intent != "others":
        return None  # said of what is sought: a search finds it
    slots = meaning.slots
    if set(slots) & {"sort", "rating_min", "on_sale"} or slots.get("price_pref") in ("pricier", "expensive"):
        return None
    kinds = slots.get("category", [])
    where = conditions({k: v for k, v in slots.items() if k != "category" or len(kinds) > 1})
    price = where.pop("price", {})
    args: dict[str, Any] = {"limit": _count(part)}
    if len(kinds) == 1:
        args["kind"] = kinds[0]
    for name in ("season", "style"):
        if slots.get(name):
            where[name] = list(slots[name])
    if slots.get("occasion"):
        args["occasion"] = slots["occasion"][-1]
    if price.get("min"):
        where["price"] = {"min": price["min"]}
    bounds = [price["max"]] if price.get("max") else []
    if slots.get("price_pref") in ("cheap", "cheaper") and state.recommended and state.newest:
        middle = statistics.median(i.price for i in state.newest)
        bounds.append(max(round(middle - _LITTLE_LESS, 2), _LITTLE_LESS))
    if bounds:
        args["budget"] = min(bounds)
    if where:
        args["where"] = where
    # what was seen need not come again, but where a condition is added to it
    narrowed = part.intent == "refine" and "price_pref" not in part.slots
    seen = [] if narrowed else [i.id for i in state.items()][:_MOST_SEEN]
    if unwanted := list(dict.fromkeys([*seen, *meaning.refusing, *state.refused])):
        args["exclude"] = unwanted
    if aside := state.recall.left_aside(meaning.memory, meaning.dropped, meaning.fresh):
        args["aside"] = aside
    return Call(tool="recommend", args=args)


def instead(last: Done, meaning: Meaning) -> Call | None:
    """The search for what comes nearest, where nothing that can be recommended meets every condition."""
    sought = last.args.get("kind") or last.args.get("where")
    if (
        last.tool != "recommend"
        or last.items
        or not sought
        or any(p.intent == "others" for p in meaning.parts)
    ):
        return None
    where = dict(last.args.get("where") or {})
    if last.args.get("kind"):
        where["category"] = [last.args["kind"]]
    if last.args.get("budget"):
        where["price"] = {**where.get("price", {}), "max": last.args["budget"]}
    prefer = {"occasion": [last.args["occasion"]]} if last.args.get("occasion") else {}
    args = {"query": "", "where": where, "prefer": prefer, "limit": last.args["limit"]}
    kept = {k: last.args[k] for k in ("aside",) if last.args.get(k)}
    return Call(tool="search_catalog", args={**args, **kept})


def _count(part: Part) -> int:
    count = part.slots.get("quantity")
    return count if isinstance(count, int) and 2 <= count <= 12 else LIMIT
