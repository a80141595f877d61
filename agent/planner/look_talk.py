"""What is said of the look just put together: "not white", "could you get it under 150?", "make the top blue", "add the
whole look". It is the look that is built again or bought, not the shop that is searched."""

from typing import Any

from agent.planner.calls import Call, conditions
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.patterns import has_cue, turn_says
from agent.planner.state import Item, State
from prompts import taxonomy

# what can be wished of a whole look
_OF_A_LOOK = frozenset(
    {"price", "price_pref", "not", "color", "pattern", "material", "style", "season", "occasion"}
)
_WISHING = frozenset({"", "find", "refine", "recommend", "outfit", "cart_view", "smalltalk"})
_OF_A_PIECE = ("color", "pattern", "material", "sleeve", "neckline", "length", "brand")
_VAGUE = frozenset({"it", "them", "all"})
MOST_OF_ONE = 0.6  # of what a look may cost, its first piece at the most
LITTLE_LESS = 0.01


def built_on(state: State) -> Reference:
    """What the newest looks were built on: a product, or a garment of a photo."""
    product = state.outfit.get("product")
    ids = [product] if product else []
    return Reference(
        kind="it", text="", ids=ids, photo=state.outfit.get("photo"), garment=state.outfit.get("garment")
    )


def reshaped(part: Part, intent: str, meaning: Meaning, state: State) -> bool:
    """Settle a wish about the newest look as a whole; False where it is none."""
    wishes = {k: v for k, v in part.slots.items() if k not in ("asks", "quantity")}
    anchor = state.outfit.get("product")
    elsewhere = state.focus and state.focus != [anchor]
    if (
        intent not in _WISHING
        or not (state.look and (anchor or state.outfit.get("photo")))
        or meaning.photo
        or not wishes
        or not set(wishes) <= _OF_A_LOOK
        or set(wishes.get("not", {})) - set(_OF_A_PIECE)
        or wishes.get("price_pref") not in (None, "cheap", "cheaper")
        or elsewhere
        or any(_outright(r, state) for r in part.references)
    ):
        return False
    before = state.outfit
    slots: Slots = {**before.get("where", {}), **wishes}
    refused = {**before.get("where", {}).get("not", {}), **wishes.get("not", {})}
    slots["not"] = refused
    if before.get("occasion"):
        slots.setdefault("occasion", [before["occasion"]])
    if wishes.get("price_pref") and "price" not in wishes:
        slots["price"] = {"max": round(state.look["amount"] - LITTLE_LESS, 2)}
    elif before.get("total") and "price" not in wishes:
        slots["price"] = {"max": before["total"]}
    part.slots = {k: v for k, v in slots.items() if v and k != "price_pref"}
    part.references = [built_on(state)]
    meaning.reshaping = True
    return True


def _outright(reference: Reference, state: State) -> bool:
    """Something is pointed at in words of its own, and it is not just what the look was built on."""
    vague = reference.kind in _VAGUE or (reference.kind == "described" and not reference.where)
    return bool(reference.ids) and not (vague and set(reference.ids) <= {*state.look["ids"]})


def still_wanted(state: State) -> Slots:
    """What the newest look was asked to be, for a piece that takes another's place."""
    occasion = {"occasion": [state.outfit["occasion"]]} if state.outfit.get("occasion") else {}
    return {**state.outfit.get("where", {}), **occasion}


def piece_meant(part: Part, state: State) -> list[str]:
    """The kind of a piece of the newest look that is to be otherwise: "make the top blue"; [] where none is meant."""
    if not state.look or not {k for k in part.slots if k in _OF_A_PIECE}:
        return []
    said = [c for r in part.references if r.kind in ("it", "described") for c in r.where.get("category", [])]
    worn = [i.category for p in state.look["ids"] if (i := state.item(p))]
    return [c for c in said if any(taxonomy.is_a(w, c) for w in worn)]


def wanted_of_it(part: Part) -> dict[str, Any]:
    """What every piece is to be, as `match_outfit` takes it."""
    return conditions({k: part.slots[k] for k in (*_OF_A_PIECE, "not") if part.slots.get(k)})


def start(part: Part, state: State) -> Call | None:
    """The search for another piece to build on, where the one before is not as wished, or costs too much of what the
    whole may cost; None where it can stay."""
    product = state.outfit.get("product")
    item = state.item(product) if product else None
    most = part.slots.get("price", {}).get("max")
    if item is None or (
        _may_stay(item, wanted_of_it(part)) and not (most and item.price > most * MOST_OF_ONE)
    ):
        return None
    where: dict[str, Any] = {"category": [taxonomy.ancestors(item.category)[0]], **wanted_of_it(part)}
    if most:
        where["price"] = {"max": round(most * MOST_OF_ONE, 2)}
    if people := _worn_by(state):
        where["gender"] = people
    prefer = {"occasion": part.slots["occasion"][-1:]} if part.slots.get("occasion") else {}
    args = {"query": "", "where": where, "prefer": prefer, "limit": 1, "exclude": [item.id]}
    return Call(tool="search_catalog", args=args)


def _worn_by(state: State) -> list[str]:
    """Whose pieces the look is made of, by what their cards tell."""
    items = [i for p in state.look["ids"] if (i := state.item(p))]
    return [
        g
        for g in ("women", "men")
        if any(taxonomy.word("gender", g, lang).casefold() in i.words for i in items for lang in ("zh", "en"))
    ]


def _may_stay(item: Item, where: dict[str, Any]) -> bool:
    refused = where.get("not", {})
    return (
        not set(refused.get("color", [])) & set(item.colors)
        and not any(taxonomy.is_a(item.category, c) for c in refused.get("category", []))
        and not (where.get("color") and not set(where["color"]) & set(item.colors))
    )


def bought(part: Part, state: State, text: str) -> bool:
    """ "add the whole look": each of its pieces is meant; False where the look is not."""
    if not state.look or not turn_says("the_look", text):
        return False
    if any(_outright(r, state) for r in part.references):
        return False
    part.references = [Reference(kind="named", text="", ids=[i]) for i in state.look["ids"]]
    return True


def asked_for_total(text: str, state: State) -> bool:
    """What the whole look comes to."""
    return bool(state.look and state.outfit and not has_cue("cart_named", text) and turn_says("whole", text))
