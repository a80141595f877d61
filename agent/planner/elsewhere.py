"""A thing that is asked about by its kind, and is of no kind that was shown: it is looked for, and nothing else is
passed off as it."""

from collections.abc import Sequence

from agent.planner import slots
from agent.planner.intents import Sentence
from agent.planner.meaning import Part, Slots
from agent.planner.state import State
from agent.planner.tagging import Tagged
from prompts import taxonomy

_OF_ONE = frozenset({"ask_product", "describe", "color", "refine", "size_advice"})


def looked_for(part: Part, said: Sequence[Sentence], tagged: Tagged, state: State) -> None:
    """ "Is the blue dress in stock in M?" after a list of sneakers: a search for blue dresses in M."""
    pointing = any(r.photo or (r.ids and r.kind != "described") or r.kind == "photo" for r in part.references)
    if part.intent not in _OF_ONE or pointing or any(s.refuses or "<CART>" in s.text for s in said):
        return
    named: Slots = {}
    for sentence in said:
        named = {**named, **slots.read(tagged, sentence.start, sentence.end)}
    kinds, shown = named.get("category", []), state.items()
    if part.intent == "refine" and part.slots.get("category"):
        return
    known = any(taxonomy.is_a(i.category, k) or taxonomy.is_a(k, i.category) for i in shown for k in kinds)
    if not kinds or not shown or known:
        return
    part.intent, part.references = "find", []
    part.slots = {k: v for k, v in named.items() if k not in ("asks", "quantity")}
