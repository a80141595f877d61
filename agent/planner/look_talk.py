"""What is said of the looks just put together: "add the whole look", "what does the second one cost?", "why these
shoes?", and what is to change of them (look_change). They are the last thing shown; the shop is not searched. Words:
prompts/understanding/looks.yaml."""

import re
from collections.abc import Sequence

from agent.planner import look_change, look_words
from agent.planner.look_change import kinds_of_look, pieces
from agent.planner.meaning import Meaning, Part, Reference, Slots
from agent.planner.memory_talk import Spoken
from agent.planner.patterns import has_cue, turn_says
from agent.planner.state import State
from agent.planner.tagging import Tagged, size_name

# what a part may have been taken for that is in truth about the looks
_ABOUT_LOOKS = frozenset(
    {"", "find", "refine", "recommend", "others", "outfit", "ask_product", "color", "more_like", "compare", "describe",
     "smalltalk", "out_of_scope", "cart_remove", "cart_change", "cart_view", "cart_add", "memory", "ask_photo",
     "size_advice", "try_on"}
)  # fmt: skip
_OUTSIDE = 12.0  # weight from which a rule is sure that it is no matter for the shop
_ONE = ("ordinal", "final")
_SHORT = 4
_SHOE_SIZE = re.compile(r"(?<![\d.])(?:3[3-9]|4[0-8])(?:\.5)?(?![\d.])")
# what one of several looks may be more than the others: names of patterns
_MORE = ("cheapest", "dearest", "dressiest", "easiest")


def built_on(state: State) -> Reference:
    """What the newest looks were built on: a product, or a garment of a photo."""
    product = state.outfit.get("product")
    ids = [product] if product else []
    return Reference(
        kind="it", text="", ids=ids, photo=state.outfit.get("photo"), garment=state.outfit.get("garment")
    )


def still_wanted(state: State) -> Slots:
    """What the newest look was asked to be, for a piece that takes another's place."""
    occasion = {"occasion": [state.outfit["occasion"]]} if state.outfit.get("occasion") else {}
    return {**state.outfit.get("where", {}), **occasion}


def settle(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """Settle a message about the looks last shown; False where it is none."""
    if not state.looks or meaning.photos or meaning.reset or not parts:
        return False
    if meaning.memory.act and not (state.shows_looks and look_words.kinds("keep", tagged)):
        return False
    if any(p.intent not in _ABOUT_LOOKS or p.weight >= _OUTSIDE for p in parts):
        return False
    nth = _place(parts, state, tagged)
    if nth is None:
        return _no_such(parts, meaning, state, tagged)
    if _bought(parts, state, tagged, nth):
        return True
    if not state.shows_looks:  # of a list that came since nothing is said by naming a look
        meaning.look_at = nth
        return bool(look_words.number(tagged)) and _told(parts, meaning, state, tagged, nth)
    if not nth and look_words.says("fresh", tagged.text):
        return False
    meaning.look_at = nth or state.at
    if not _told(parts, meaning, state, tagged, nth) and not look_change.settle(
        parts, meaning, state, tagged
    ):
        meaning.look_at = 0
        return False
    meaning.unknown, meaning.unclear, meaning.declined = "", False, False
    meaning.memory = Spoken()  # "keep the jacket" asks for nothing to be remembered
    return True


def _place(parts: Sequence[Part], state: State, tagged: Tagged) -> int | None:
    """Which look is named, from 1; 0 for none, None for one that there is not."""
    nth = look_words.number(tagged)
    if not nth and state.shows_looks and not state.pending and look_words.says("place", tagged.text):
        counted = {r.n for p in parts for r in p.references if r.kind in _ONE and not r.of}
        nth = (counted.pop() or 0) if len(counted) == 1 else 0
    if nth < 0:
        nth += len(state.looks) + 1
    return nth if 0 <= nth <= len(state.looks) else None


def _no_such(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> bool:
    """ "The third look", of two: there is none."""
    if not (state.shows_looks and look_words.number(tagged)):
        return False
    _settled(parts, "outfit", {})
    meaning.telling = "no_such"
    return True


def _settled(parts: list[Part], intent: str, slots: Slots, ids: Sequence[str] = ()) -> None:
    part = parts[0]
    part.intent, part.slots = intent, slots
    part.references = [Reference(kind="named", text="", ids=[i]) for i in ids]
    parts[:] = [part]


def _bought(parts: list[Part], state: State, tagged: Tagged, nth: int) -> bool:
    """ "add the whole look", 第2套都要: each of its pieces is meant."""
    carted = any(p.intent == "cart_add" for p in parts)
    whole = bool(nth) or turn_says("the_look", tagged.text)
    asks = tagged.clean.rstrip(" .").endswith(("?", "吗", "呢")) and not carted
    numbers = _SHOE_SIZE.findall(tagged.clean)
    sizes = [*(s for p in parts for s in p.slots.get("size", [])), *numbers]
    if not whole or asks or look_words.says("costs", tagged.clean):
        return False
    if not sizes and kinds_of_look(tagged, state):
        return False
    named = {"category"} if sizes else set()  # "all in M, shoes 38": whose size it is
    wishes = {k for p in parts for k in p.slots} - {"asks", "quantity", "size"} - named
    adds = carted or (nth and look_words.says("buys", tagged.clean))
    if not adds or wishes:
        return False
    if not nth and any(look_change.outright(r, state) for p in parts for r in p.references):
        return False
    quantity = {k: v for p in parts for k, v in p.slots.items()
                if k == "quantity" and v != nth and str(v) not in numbers}  # fmt: skip
    held, ids = {line["id"] for line in state.cart}, state.look_at(nth)["ids"]
    _settled(parts, "cart_add", quantity, [i for i in ids if i not in held] or ids)
    for reference in parts[0].references:
        item = state.item(reference.ids[0])
        offered = {size_name(size.casefold()) for size in (item.sizes if item else [])}
        reference.own = {"size": [s for s in sizes if s in offered][:1]}  # "all in M" is for what has an M
    return True


def _told(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged, nth: int) -> bool:
    """A question about a look, or one's liking for it: answered from what was put together."""
    kinds = kinds_of_look(tagged, state, nth)
    if not kinds and (asked := _weighed(parts, state, tagged)):
        meaning.telling = asked
        _settled(parts, "outfit", {k: v for p in parts for k, v in p.slots.items() if k == "occasion"})
        return True
    why = look_words.says("why", tagged.clean)
    held = pieces(state, nth or state.at, kinds)
    if why and held:
        _settled(parts, "ask_product", {"asks": ["why"]}, held[:1])
        meaning.telling = "piece"
        return True
    wishes = look_change.wishes(tagged)
    if held and not set(wishes) - {"category"} and look_words.says("together", tagged.clean):
        _settled(parts, "outfit", {"category": kinds})
        meaning.telling = "together"
        return True
    asks = {a for p in parts for a in p.slots.get("asks", [])} - {"description", "price", "why"}
    if kinds or wishes or asks or look_change.signs(tagged):
        return False
    if not (telling := _telling(why, tagged, nth)):
        return False
    _settled(parts, "outfit", {})
    meaning.telling = telling
    return True


def _weighed(parts: Sequence[Part], state: State, tagged: Tagged) -> str:
    """What is asked of the looks that are there, where none is to be put together anew: which is the cheapest, or
    whether one is right for an occasion."""
    more = [name for name in _MORE if look_words.says(name, tagged.clean)]
    occasion = any(p.slots.get("occasion") for p in parts)
    if len(state.looks) > 1 and look_words.says("which", tagged.clean) and (more or occasion):
        return more[0] if more else "fittest"
    return "fits" if occasion and look_words.says("fits", tagged.clean) else ""


def _telling(why: bool, tagged: Tagged, nth: int) -> str:
    """What of a look is to be told."""
    whole = turn_says("whole", tagged.text) and not has_cue("cart_named", tagged.text)
    if why:
        return "why"
    if whole or (nth and look_words.says("costs", tagged.clean)):
        return "total"
    if nth and look_words.says("likes", tagged.clean):
        return "liked"
    return "look" if nth and (look_words.says("tells", tagged.clean) or len(tagged.words) <= _SHORT) else ""
