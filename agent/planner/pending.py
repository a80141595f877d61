"""An open question of the assistant's, answered by the next message: in a word, in half, or beside another wish."""

import re

from agent.planner import measures, memory_talk, patterns, worn
from agent.planner.counts import candidates
from agent.planner.meaning import Meaning, Part, Reference
from agent.planner.state import Pending, State
from agent.planner.tagging import Tagged
from agent.planner.text import clean
from prompts import taxonomy

_QUESTION = re.compile(
    r"[?吗么呢哪]|多少|什么|^\W*(?:and |but |so )?(?:what|which|how|is|are|does|do|can|could|will|would|has|any)\b"
)
# how a question opens that is written without its mark
_OPENS_QUESTION = re.compile(r"^\W*(?:(?:and|so|but|ok(?:ay)?|then) )*(?:do|does|is|are|has|have|got|any)\b")
_WHETHER = re.compile(r"([㐀-鿿])[不没]\1|是否|偏[大小]")
SAID_OUTRIGHT = 9.0  # weight of a rule that needs no context
SHORT = 12  # words from which a message is no mere answer
# what an answer may look like to who does not know the question
_ASKS_SIZE = re.compile(r"[?吗呢]|哪|几码|多大|什么码|啥码|size (?:up|down)|\bwhich\b|\bshould\b|\bwhat\b")
_ANSWERS = frozenset({"find", "refine", "ask_product", "smalltalk", "out_of_scope"})
_DECLINES = _ANSWERS | {"cart_remove"}
_TO_REMEMBERING = frozenset({"smalltalk", "out_of_scope", "memory", "cart_remove", ""})
_SIZED = _ANSWERS | {"cart_add", "cart_change", "size_advice"}
_CHOSEN = _ANSWERS | {"cart_add", "others", "more_like"}
# a question beside it leaves an open question open
_ASIDE = frozenset({"ask_product", "policy", "size_advice", "smalltalk"})
KEPT_OPEN = 2  # turns
LEAST = 6.0  # below this a bare number is a place in a list and no budget


def answer_pending(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Settle the part that answers the open question: "M", "the second one", "yes", "98", "make it two"."""
    pending = state.pending
    if pending is None:
        return
    if pending.intent == "memory" and pending.slot == "facts":
        _what_to_remember(parts, meaning, tagged)
        return
    if pending.intent == "memory":
        if len(parts) == 1 and len(tagged.words) <= SHORT:
            _whether_to_remember(parts[0], meaning, state, tagged)
        return
    if pending.slot == "size" and meaning.memory.usual and pending.slots.get("size") and len(parts) == 1:
        parts[0].slots.setdefault("size", list(pending.slots["size"]))  # "the usual"
    if len(parts) == 1 and len(tagged.words) <= SHORT and _declines(parts[0], pending, tagged):
        parts[0].intent, parts[0].references, parts[0].slots = "smalltalk", [], {}
        meaning.declined, meaning.unclear = True, False
        return
    alone = len(parts) == 1 and len(tagged.words) <= SHORT
    for part in parts:
        text = part.said[0] if part.said and not alone else tagged.clean
        if _answered(part, pending, text, alone, tagged, state):
            meaning.answers_pending, meaning.unclear, meaning.unknown = True, False, ""
            return
        if pending.slot == "size" and {"gender", "age_group"} & set(part.slots):
            return  # "a pair for my husband, size 43": the size is his


def _what_to_remember(parts: list[Part], meaning: Meaning, tagged: Tagged) -> None:
    """ "M for tops, and 39 for shoes", after "remember my size"."""
    if meaning.memory.act not in ("", "tell") or len(tagged.words) > SHORT:
        return
    if (told := memory_talk.supplied(tagged)) is not None:
        parts[:] = [Part(intent="memory", text=tagged.clean)]
        meaning.memory = told
        meaning.answers_pending, meaning.unclear, meaning.unknown = True, False, ""


def _whether_to_remember(part: Part, meaning: Meaning, state: State, tagged: Tagged) -> None:
    """ "yes" and "no" to the question whether what was said may be remembered; anything else leaves it at that."""
    if part.intent == "cart_remove" and part.weight >= SAID_OUTRIGHT and state.cart:
        return  # "take it out again" is said of what was just put into the cart
    if part.intent not in _TO_REMEMBERING and meaning.memory.act not in ("stop", "remember"):
        return
    agreed = patterns.has_cue("agree", tagged.clean)
    declined = patterns.is_small("no", tagged.text) or patterns.has_cue("decline", tagged.text)
    if not agreed and patterns.turn_says("instead", tagged.clean) and _names_size(tagged):
        return  # "no, make it L" is said of what was just put into the cart
    answer = memory_talk.answered(meaning.memory, agreed, declined)
    if answer is not None:
        part.intent, part.slots, part.references, meaning.memory = "memory", {}, [], answer
        meaning.answers_pending, meaning.unclear, meaning.declined = True, False, False


def _names_size(tagged: Tagged) -> bool:
    return any(one.kind == "letter" or one.tag == "size" for one in candidates(tagged))


def still_open(before: Pending | None, intents: list[str], product: str | None) -> Pending | None:
    """The size that was asked for, after a message that only asked something beside it, about nothing else."""
    if before is None or before.slot != "size" or before.age >= KEPT_OPEN or not set(intents) <= _ASIDE:
        return None
    if product is not None and product != before.product:
        return None
    return before.model_copy(update={"age": before.age + 1})


def _declines(part: Part, pending: Pending, tagged: Tagged) -> bool:
    return (
        pending.intent == "cart_add"
        and pending.slot in ("size", "product")
        and part.intent in _DECLINES
        and not any(r.ids and r.kind != "it" for r in part.references)
        and patterns.has_cue("decline", tagged.text)
    )


def _answered(part: Part, pending: Pending, text: str, alone: bool, tagged: Tagged, state: State) -> bool:
    if pending.slot == "size" and _of_another(part, pending, state):
        return False
    match pending.slot:
        case "yes":
            return _agreed(part, pending, text)
        case "size" if worn.read(tagged.clean) and _ASKS_SIZE.search(tagged.clean):
            return False  # "usually M, should I size up?" chooses none yet
        case "size":
            return _sized(part, pending, text, alone) or (alone and _counted(part, pending, tagged))
        case "product":
            return _chosen(part, pending, tagged) if alone else False
        case "price":
            return alone and _budgeted(part, pending, tagged)
        case "measure":
            return alone and _measured(part, pending, tagged)
    return False


def _agreed(part: Part, pending: Pending, text: str) -> bool:
    if pending.intent == "cart_add" and _taken(part, pending, text):
        return True
    if not patterns.has_cue("agree", clean(text)):
        return False
    part.intent, part.slots = pending.intent, dict(pending.slots)
    part.references = [_it(pending)] if pending.product else []
    return True


def _taken(part: Part, pending: Pending, text: str) -> bool:
    """ "OK, add it" and "I'll take M", after "M is in stock, shall I add it?": the size that is said, else the one that
    was spoken of."""
    ids = {i for r in part.references for i in r.ids}
    said = part.slots.get("size") or []
    if set(part.slots) - {"size", "quantity", "asks"} or len(said) > 1 or ids - {pending.product}:
        return False
    takes = part.intent in _ANSWERS and bool(said) and patterns.turn_says("takes", text)
    if part.intent != "cart_add" and not takes:
        return False
    part.slots = {**pending.slots, **{k: v for k, v in part.slots.items() if k != "asks"}}
    part.intent, part.references = "cart_add", [_it(pending)]
    return True


def _sized(part: Part, pending: Pending, text: str, alone: bool) -> bool:
    size = _choice(text, pending) or part.slots.get("size") or []
    if not size and _agreed(part, pending, text):
        return True  # "yes" to "which size?" is to be asked for it by name
    if part.intent not in _SIZED or len(size) != 1 or _asking(part, text):
        return False
    beside = set(part.slots) - {"size", "quantity", "asks"}
    if beside & {"gender", "age_group"} or (not alone and beside):
        return (
            False  # "and a skirt in M" beside something else, "one for my husband, in 43": a wish of its own
        )
    part.intent, part.slots["size"] = pending.intent, size[:1]
    part.slots.setdefault("quantity", pending.quantity)
    part.slots.pop("asks", None)
    if pending.product:
        part.references = [_it(pending)]
    return True


def _of_another(part: Part, pending: Pending, state: State) -> bool:
    """ "a sweater maybe, he wears L", while the size of a shirt is asked for."""
    item = state.item(pending.product) if pending.product else None
    kinds, colors = part.slots.get("category", []), part.slots.get("color", [])
    return item is not None and (
        bool(kinds and not any(taxonomy.is_a(item.category, k) for k in kinds))
        or bool(colors and not set(colors) & set(item.colors))
    )


def _asking(part: Part, text: str) -> bool:
    """ "do you have M?", "M or L, which one?" ask; "M?" alone answers."""
    marked = any(mark in text for mark in ("?", "吗", "哪", "呢", "which", "should", "what"))
    marked = marked or _OPENS_QUESTION.match(text) is not None or _WHETHER.search(text) is not None
    return part.intent in ("ask_product", "size_advice") and marked and len(text) > 4


def _counted(part: Part, pending: Pending, tagged: Tagged) -> bool:
    """ "make it two" while a size is asked for: that many, and the size is still open."""
    said = part.slots.get("quantity") if part.intent in ("cart_change", "cart_add") else None
    number = patterns.turn_match("quantity", tagged.clean)
    count = said if isinstance(said, int) else int(number) if number else None
    if (
        count is None
        or count < 1
        or pending.intent != "cart_add"
        or any(r.ids and r.kind != "it" for r in part.references)
    ):
        return False
    part.intent, part.slots = "cart_add", {"quantity": count}
    part.references = [_it(pending)]
    return True


def _chosen(part: Part, pending: Pending, tagged: Tagged) -> bool:
    if part.intent not in _CHOSEN or not any(r.ids for r in part.references):
        return False
    if part.intent == "cart_add" != pending.intent and part.weight >= SAID_OUTRIGHT:
        return False  # "the first one in M to my cart" is more than an answer
    about = set(part.slots.get("asks", [])) - {"description", *pending.slots.get("asks", [])}
    if part.intent == "ask_product" and about and _QUESTION.search(tagged.clean):
        return False  # something else is asked of it
    part.intent = pending.intent
    part.slots = pending.slots | {k: v for k, v in part.slots.items() if k in ("size", "quantity")}
    return True


def _measured(part: Part, pending: Pending, tagged: Tagged) -> bool:
    bare = any(measures.number(tagged.clean, name) is not None for name in pending.choices)
    # "under 80" is a wish, "the second one" another subject
    wishes = set(part.slots) - {"size", "quantity", "asks"}
    pointed = any(r.ids and r.kind != "it" for r in part.references)
    if not measures.read(tagged.clean) and (not bare or wishes or pointed):
        return False
    part.intent, part.slots, part.references = "size_advice", {}, [_it(pending)]
    return True


def _budgeted(part: Part, pending: Pending, tagged: Tagged) -> bool:
    """ "500" to "what would you like to spend?": no more than that."""
    amount = patterns.turn_match("amount", tagged.clean)
    if not amount or float(amount) < LEAST:
        return False
    most = float(amount)
    part.intent, part.references = pending.intent, []
    currency = {k: v for k, v in part.slots.get("price", {}).items() if k == "currency"}
    part.slots = {"price": {"max": int(most) if most.is_integer() else most, **currency}}
    return True


def _it(pending: Pending) -> Reference:
    return Reference(kind="it", text="", ids=[pending.product] if pending.product else [])


def _choice(text: str, pending: Pending) -> list[str]:
    """One of the offered choices, written out."""
    folded = clean(text).strip(" .!,吧的码号")
    return [c for c in pending.choices if clean(c) == folded]
