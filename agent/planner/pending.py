"""An open question of the assistant's, answered by the next message."""

from agent.planner import patterns
from agent.planner.meaning import Meaning, Part, Reference
from agent.planner.state import Pending, State
from agent.planner.tagging import Tagged
from agent.planner.text import clean

_ANSWERS = frozenset(
    {"find", "refine", "ask_product", "smalltalk", "out_of_scope"}
)  # what an answer may look like
_DECLINES = _ANSWERS | {"cart_remove"}


def answer_pending(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """An open question answered: "M", "the second one", "yes" — in few words, and with nothing else in mind."""
    pending = state.pending
    if pending is None or len(tagged.words) > 12 or len(parts) != 1:
        return
    part = parts[0]
    if (
        pending.intent == "cart_add"
        and pending.slot in ("size", "product")
        and part.intent in _DECLINES
        and not any(r.ids and r.kind != "it" for r in part.references)
        and patterns.has_cue("decline", tagged.text)
    ):
        part.intent, part.references, part.slots = "smalltalk", [], {}
        meaning.declined, meaning.unclear = True, False
        return
    if pending.slot == "yes":
        if patterns.has_cue("agree", tagged.clean):
            part.intent, part.slots = pending.intent, dict(pending.slots)
            part.references = (
                [Reference(kind="it", text="", ids=[pending.product])] if pending.product else []
            )
            meaning.answers_pending, meaning.unclear = True, False
        return
    size = part.slots.get("size") or _choice(tagged.clean, pending)
    if (
        pending.slot == "size"
        and size
        and part.intent
        in (
            "find",
            "refine",
            "ask_product",
            "cart_add",
            "cart_change",
            "smalltalk",
            "out_of_scope",
            "size_advice",
        )
    ):
        asked = part.intent == "ask_product" and any(mark in tagged.clean for mark in ("?", "吗"))
        if asked:
            return
        part.intent, part.slots["size"] = pending.intent, size[:1]
        part.slots.setdefault("quantity", pending.quantity)
        part.slots.pop("asks", None)
        if pending.product:
            part.references = [Reference(kind="it", text="", ids=[pending.product])]
        meaning.answers_pending, meaning.unclear = True, False
    elif pending.slot == "product" and part.weight < 6 and any(r.ids for r in part.references):
        if part.intent not in _ANSWERS:
            return
        part.intent = pending.intent
        part.slots = pending.slots | {k: v for k, v in part.slots.items() if k != "asks"}
        meaning.answers_pending, meaning.unclear = True, False


def _choice(text: str, pending: Pending) -> list[str]:
    """One of the offered choices, written out."""
    folded = text.strip(" .!,吧的码号")
    return [c for c in pending.choices if clean(c) == folded]
