"""What of the cart is meant. Is it the cart that something is to be taken out of? "Remove it from the list", "empty the
search" and "not this one, get rid of it" after a search are about what was found; the cart keeps what it holds. What
only puts a line right adds nothing."""

from collections.abc import Sequence
from typing import Any

from agent.planner import patterns
from agent.planner.counts import candidates, refused
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.policy_cart import cart_target, has_size
from agent.planner.state import State
from agent.planner.tagging import Tagged, size_name
from agent.planner.text import clean, singular

_VAGUE = ("it", "them", "all")
_BY_NUMBER = ("cart_add", "cart_change")
# what a correction of the cart may be taken for by who does not know what is in it
_CORRECTING = frozenset(
    {
        "ask_product",
        "refine",
        "find",
        "smalltalk",
        "size_advice",
        "cart_add",
        "cart_change",
        "out_of_scope",
        "color",
    }
)


def not_of_the_cart(parts: Sequence[Part], meaning: Meaning, state: State) -> None:
    """Parts that would take something out of the cart and do not mean the cart are taken for what they are."""
    if meaning.answers_pending:
        return
    for part in parts:
        if part.intent in ("cart_remove", "cart_change") and _put_back(part, state):
            part.intent = "cart_add"
        if part.intent == "cart_remove" and not _cart_meant(part, meaning, state):
            part.intent, part.slots, part.references = _meant(meaning), {}, []


def not_to_be_had(parts: Sequence[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """ "Add a lamp" adds nothing of a shop for clothes, whatever was talked about; nor does a number of none."""
    goods = [t.mention.text for t in tagged.tags if t.name == "goods"]
    for part in parts:
        if part.intent == "cart_add" and "<GOODS>" in part.text and _only_guessed(part, state, goods):
            part.intent, part.slots, part.references = "out_of_scope", {}, []
        none = part.intent == "cart_add" and part.slots.get("quantity") == 0
        if none or (part.intent in _BY_NUMBER and patterns.turn_says("counts_none", tagged.clean)):
            part.intent, part.slots, part.references = "smalltalk", {}, []
            meaning.declined = True


def _only_guessed(part: Part, state: State, goods: Sequence[str]) -> bool:
    """No product is pointed at in words, and none that may be meant has one of `goods` in its name."""
    items = [i for r in part.references for p in r.ids if (i := state.item(p))]
    names = [clean(n) for i in items for n in (i.name, *i.names.values())]
    named = any(singular(word) in name for word in goods for name in names)
    return not named and all(r.kind == "described" and not r.where for r in part.references)


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


def corrected(parts: Sequence[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """ "Sorry, L, not M" and "only one of those after all" change the line that is in the cart, and add none."""
    if len(parts) != 1 or not state.cart or meaning.answers_pending or parts[0].intent not in _CORRECTING:
        return
    part = parts[0]
    change = _other_size(part, state, tagged) or _other_number(part, state, tagged)
    if change is not None:
        line, slots = change
        part.intent, part.slots = "cart_change", slots
        part.references = [Reference(kind="it", text="", ids=[line["id"]])]
        meaning.unclear, meaning.unknown = False, ""


Change = tuple[dict[str, Any], Slots]


def _other_size(part: Part, state: State, tagged: Tagged) -> Change | None:
    sizes = [c for c in candidates(tagged) if c.kind in ("letter", "name", "han") or c.tag == "size"]
    wanted = {c.size for c in sizes if not refused(tagged, c)}
    wrong = {c.size for c in sizes if refused(tagged, c)}
    if not wrong:
        return _instead(part, state, tagged)
    if len(wanted) != 1:
        return None
    lines = [line for line in state.cart if has_size(line, sorted(wrong)) and _may_be(line, part)]
    lines = [line for line in lines if line["id"] in state.focus] or lines
    return (lines[0], {"size": sorted(wanted)}) if len(lines) == 1 else None


def _instead(part: Part, state: State, tagged: Tagged) -> Change | None:
    """ "No, make it 37", of what was just put into the cart."""
    lines = [line for line in state.cart if line["id"] in state.focus and _may_be(line, part)]
    if len(lines) != 1 or not patterns.turn_says("instead", tagged.clean):
        return None
    item = state.item(lines[0]["id"])
    sizes = {size_name(s.casefold()) for s in item.sizes} if item else set()
    wanted = {c.size for c in candidates(tagged) if c.size in sizes and not refused(tagged, c)}
    changed = len(wanted) == 1 and not has_size(lines[0], sorted(wanted))
    return (lines[0], {"size": sorted(wanted)}) if changed else None


def _other_number(part: Part, state: State, tagged: Tagged) -> Change | None:
    number = patterns.turn_match("only_so_many", tagged.clean)
    if not number:
        return None
    count = int(number) if number.isdigit() else 1
    lines = [line for line in state.cart if _may_be(line, part)]
    if not any(r.ids for r in part.references):
        lines = [line for line in lines if line["id"] in state.focus]
    return (lines[0], {"quantity": count}) if len(lines) == 1 and lines[0].get("quantity") != count else None


def _may_be(line: dict[str, Any], part: Part) -> bool:
    """The line is pointed at, or nothing is."""
    ids = {i for r in part.references for i in r.ids}
    return not ids or line["id"] in ids
