"""Is it the cart that something is to be taken out of? "Remove it from the list", "empty the search" and "not this one,
get rid of it" after a search are about what was found; the cart keeps what it holds."""

from collections.abc import Sequence

from agent.planner import patterns
from agent.planner.meaning import Meaning, Part
from agent.planner.policy_cart import cart_target
from agent.planner.state import State

_VAGUE = ("it", "them", "all")


def not_of_the_cart(parts: Sequence[Part], meaning: Meaning, state: State) -> None:
    """Parts that would take something out of the cart and do not mean the cart are taken for what they are."""
    if meaning.answers_pending:
        return
    for part in parts:
        if part.intent in ("cart_remove", "cart_change") and _put_back(part, state):
            part.intent = "cart_add"
        if part.intent == "cart_remove" and not _cart_meant(part, meaning, state):
            part.intent, part.slots, part.references = _meant(meaning), {}, []


def _put_back(part: Part, state: State) -> bool:
    """ "put it back" takes what lies in the cart back to the shelf, and what was taken out back into the cart."""
    held = {line["id"] for line in state.cart}
    ids = [i for r in part.references for i in r.ids] or state.focus[:1]
    said = " ".join(part.said)
    return patterns.turn_says("put_back", said) and bool(ids) and not held & set(ids)


def _cart_meant(part: Part, meaning: Meaning, state: State) -> bool:
    """The cart is named, or was shown last, or what is to go is named and lies in it."""
    if "<CART>" in meaning.tagged:
        return True
    if patterns.has_cue("of_search", meaning.tagged):
        return False
    if not state.cart:
        return True  # nothing can be lost, and the reply says that there is nothing
    handled = state.latest == "product" and set(state.focus) & {line["id"] for line in state.cart}
    if state.latest in ("cart", "") or (handled and not patterns.has_cue("of_list", meaning.tagged)):
        return True
    if patterns.has_cue("of_list", meaning.tagged) or _whole(meaning):
        return False
    named = [r for r in part.references if r.kind not in _VAGUE] or part.slots.get("category")
    return bool(named) and cart_target(part, state) is not None


def _meant(meaning: Meaning) -> str:
    if meaning.reset or patterns.has_cue("of_search", meaning.tagged):
        meaning.reset = True
        return "smalltalk"
    return "cart_view" if _whole(meaning) else "others"


def _whole(meaning: Meaning) -> bool:
    """Everything is to go: of the cart only where the cart is meant for sure."""
    others = patterns.has_cue("rest_of_cart", meaning.tagged)
    return patterns.has_cue("clear_cart", meaning.tagged) and not others
