"""What a message asks of a list as a whole: its cheapest, dearest or best rated, or those of it that are on sale or
under a price. The first names one of them, which is talked about next; the second narrows the list."""

from collections.abc import Sequence
from typing import Any

from agent.planner.meaning import Meaning, Part
from agent.planner.patterns import turn_says
from agent.planner.state import Item, State
from agent.planner.tagging import Tagged

_BY_PREFERENCE = {
    "cheap": "price_asc",
    "cheaper": "price_asc",
    "expensive": "price_desc",
    "pricier": "price_desc",
}
_NARROWS = frozenset({"on_sale", "in_stock", "price", "rating_min"})
_WHOLE = frozenset({"them", "all"})
_ASKING = frozenset({"compare", "ask_product", "refine", "find", "more_like", ""})
_SEVERAL = 4  # products side by side


def settle(part: Part, meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """Settle a part that asks for the first or last of a list by some order, or which of it meet a condition; True
    where the intent is settled with it."""
    order = _order(tagged)
    if (
        len(state.newest) > 1
        and part.intent in _ASKING | {"recommend"}
        and turn_says("best_sold", tagged.text)
    ):
        part.intent, part.slots, meaning.order = "compare", {"asks": ["rating"]}, "rating"
        return True  # how much is sold no record tells; what its buyers say, many do
    if part.intent not in _ASKING or not state.newest:
        return False
    if order and _other_end(order, part, state, tagged):
        effects = [t.mention.meanings.effects for t in tagged.tags if "sort" in t.mention.meanings.effects]
        part.intent, part.references, part.slots = "refine", [], dict(effects[0])
        return True
    if _narrows(part, state, tagged):
        part.intent, part.references, part.slots = "refine", [], _conditions(tagged)
        return True
    if part.intent == "compare" and order:
        meaning.order = order
    return False


def side_by_side(ids: Sequence[str], state: State) -> list[str]:
    """At most four of several products, in their order: what is said of the cheapest, the dearest and the best rated
    of these is true of all."""
    if len(ids) <= _SEVERAL:
        return list(ids)
    items = [i for i in map(state.item, ids) if i is not None]
    if not items:
        return list(ids[:_SEVERAL])
    telling = {
        first(items, "price_asc").id,
        first(items, "price_desc").id,
        first(items, "rating").id,
    }
    rest = [i for i in ids if i not in telling][: _SEVERAL - len(telling)]
    return [i for i in ids if i in telling or i in rest]


def first(items: Sequence[Item], order: str) -> Item:
    """The first of some by an order."""
    if order == "rating":
        return max(items, key=lambda i: i.rating or 0)
    pick = min if order == "price_asc" else max
    return pick(items, key=lambda i: i.price)


def _order(tagged: Tagged) -> str:
    for tag in tagged.tags:
        effects = tag.mention.meanings.effects
        order = effects.get("sort") or _BY_PREFERENCE.get(str(effects.get("price_pref")))
        if order in ("price_asc", "price_desc", "rating"):
            return str(order)
        if effects.get("rated"):
            return "rating"
    return ""


def _other_end(order: str, part: Part, state: State, tagged: Tagged) -> bool:
    """ "and the most expensive one?" after the cheapest of all that there is: of all, too."""
    before = state.slots.get("sort")
    return (
        before in ("price_asc", "price_desc")
        and order not in (before, "rating")
        and any("sort" in t.mention.meanings.effects for t in tagged.tags)
        and not _points_at_some(part, tagged)
        and not any(r.kind in _WHOLE and r.text != tagged.clean for r in part.references)
    )


def _narrows(part: Part, state: State, tagged: Tagged) -> bool:
    return (
        part.intent in ("ask_product", "compare")
        and state.seeking
        and state.latest == "list"
        and turn_says("any_of", tagged.text)
        and not _points_at_some(part, tagged)
        and bool(_conditions(tagged))
    )


def _points_at_some(part: Part, tagged: Tagged) -> bool:
    """Some of the list are pointed at in words of their own."""
    return any(
        r.kind not in (*_WHOLE, "best", "it") and r.ids and r.text != tagged.clean for r in part.references
    )


def _conditions(tagged: Tagged) -> dict[str, Any]:
    effects = [t.mention.meanings.effects for t in tagged.tags]
    return {name: value for e in effects for name, value in e.items() if name in _NARROWS}
