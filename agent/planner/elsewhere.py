"""A thing that is asked about by its kind, and is none of what was shown: it is looked for, and nothing else is passed
off as it."""

from collections.abc import Sequence

from agent.planner import slots
from agent.planner.intents import Sentence
from agent.planner.meaning import Part, Slots
from agent.planner.references import contradicts
from agent.planner.state import State
from agent.planner.tagging import Tagged
from prompts import taxonomy

_ABOUT = frozenset({"ask_product", "describe", "size_advice", "ask_photo"})
_OF_ONE = _ABOUT | {"color", "refine"}


def looked_for(part: Part, said: Sequence[Sentence], tagged: Tagged, state: State) -> None:
    """ "Is the blue dress in stock in M?" after a list of sneakers: a search for blue dresses in M."""
    pointing = any(r.photo or (r.ids and r.kind != "described") or r.kind == "photo" for r in part.references)
    if part.intent == "ask_photo" and state.pictures:
        return
    if part.intent not in _OF_ONE or pointing or any(s.refuses or "<CART>" in s.text for s in said):
        return
    named: Slots = {}
    for sentence in said:
        named = {**named, **slots.read(tagged, sentence.start, sentence.end)}
    kinds, shown = named.get("category", []), state.items()
    if not shown or (part.intent == "refine" and part.slots.get("category")):
        return
    told = _described(part)
    if told.get("category") and all(contradicts(item, told) for item in shown):
        named = {**named, **told}
    elif not kinds or any(
        taxonomy.is_a(i.category, k) or taxonomy.is_a(k, i.category) for i in shown for k in kinds
    ):
        return
    within = bool(kinds) and set(kinds) < set(state.slots.get("category", []))
    # of sweaters and coats, "other colours of the sweaters?" goes on with what is sought
    part.intent, part.references, part.apart = "refine" if within else "find", [], not within
    part.slots = {k: v for k, v in named.items() if k not in ("asks", "quantity")}


def _described(part: Part) -> Slots:
    """What a description that fits nothing shown names, where the part asks about the thing described."""
    if part.intent not in _ABOUT or any(r.ids for r in part.references):
        return {}
    where: Slots = {}
    for reference in part.references:
        if reference.kind == "described":
            where = {**where, **reference.where}
    return where
