"""A finer kind than the vocabulary has, refused of what is sought: "no bikinis", of swimwear.

The kind itself cannot be meant, for it is what is sought; so what was shown under that name is not wanted."""

from agent.planner import slots
from agent.planner.lexicon import key
from agent.planner.meaning import SEARCHES, Meaning, Part
from agent.planner.state import State
from agent.planner.tagging import Tag, Tagged
from agent.planner.text import clean, singular
from prompts import taxonomy


def refused(parts: list[Part], meaning: Meaning, state: State, tagged: Tagged) -> None:
    """Let the search go on without the products shown that bear the name which is refused."""
    sought = state.slots.get("category", [])
    if len(parts) != 1 or not sought or parts[0].intent not in SEARCHES | {"smalltalk", "out_of_scope"}:
        return
    names = {tag.mention.text for tag in slots.refused(tagged) if _finer(tag, sought)}
    named = [i.id for i in state.items() if any(singular(n) in clean(i.name) for n in names)]
    if not named:
        return
    part = parts[0]
    part.intent, part.references = "refine", []
    part.slots = _without(part.slots, sought)
    meaning.refusing = [*meaning.refusing, *(i for i in named if i not in meaning.refusing)]
    meaning.unknown, meaning.unclear, meaning.declined = "", False, False


def _finer(tag: Tag, sought: list[str]) -> bool:
    """It names the kind that is sought, by another word than the kind's own."""
    kinds = tag.mention.meanings.slots.get("category", [])
    own = {key(taxonomy.word("category", kind, lang)) for kind in kinds for lang in ("zh", "en")}
    return bool(kinds) and set(kinds) <= set(sought) and key(tag.mention.text) not in own


def _without(wanted: slots.Slots, sought: list[str]) -> slots.Slots:
    refused = {a: v for a, v in wanted.get("not", {}).items() if a != "category" or not set(v) <= set(sought)}
    kept = {k: v for k, v in wanted.items() if k != "not" and (k != "category" or not set(v) <= set(sought))}
    return slots.ordered({**kept, "not": refused})
