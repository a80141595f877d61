"""What the shopper thinks of what was shown: liked ("I like the second"), refused ("not that one, too flashy").
Patterns are in prompts/understanding/opinions.yaml."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from agent.planner import references
from agent.planner.intents import Sentence, sentences
from agent.planner.patterns import compiled
from agent.planner.state import State
from agent.planner.tagging import Tagged
from prompts import load


@dataclass(frozen=True)
class Opinion:
    """Of these products, liked or not, and what is too much or wrong about them ("pricey"), if said."""

    ids: tuple[str, ...]
    liked: bool
    because: str = ""


def find(tagged: Tagged, state: State) -> list[Opinion]:
    """The opinions on products shown that a message states, in its order."""
    found: list[Opinion] = []
    for sentence in sentences(tagged, references.find(tagged)):
        stated = told(sentence)
        if stated is None:
            continue
        ids = _look(sentence, stated, state)
        if ids is None:
            ids = _meant(sentence, state) or (_all(sentence, state) if stated == "refused" else [])
        if ids:
            found.append(Opinion(tuple(ids), stated == "liked", _because(tagged.text)))
    return found


def note(tagged: Tagged, state: State) -> list[Opinion]:
    """Remember them in `state`."""
    found = find(tagged, state)
    for opinion in found:
        state.take_to(opinion.ids, opinion.liked)
    return found


def told(sentence: Sentence) -> str | None:
    """ "liked" or "refused"; what is asked, or said of a kind and not of a thing shown, is neither."""
    if any(p.search(sentence.text) for p in _patterns("asked")):
        return None
    if any(p.search(sentence.text) for p in _patterns("refused_all")):
        return "refused"
    refused, liked = (any(p.search(sentence.text) for p in _patterns(n)) for n in ("refused", "liked"))
    if refused and liked and _because(sentence.text) == "pricey":
        return "liked"  # "I like it, but it's too expensive"
    return "refused" if refused else "liked" if liked else None  # "I don't like" has a "like" in it


def _meant(sentence: Sentence, state: State) -> list[str]:
    """The products of the sentence's references; without any, the one that was talked about."""
    ids: list[str] = []
    vague: list[str] = []  # "it", which a thing pointed at in the same breath explains
    for one in sentence.found:
        if one.reference.kind == "photo":
            return []
        found = references.resolve(one.reference, state, [], state.language or "en").ids
        if one.reference.kind in ("it", "them"):
            vague += found or _just_named(state)
        else:
            ids += found
    ids = ids or vague
    if not sentence.found and state.latest == "product" and len(state.focus) == 1:
        ids = list(state.focus)
    return list(dict.fromkeys(ids))


def _look(sentence: Sentence, told: str, state: State) -> list[str] | None:
    """ "I like the second one", after looks: what that look holds; of one that is not liked no piece need be to blame.
    None where no look is meant."""
    if not state.shows_looks:
        return None
    placed = [
        f.reference.n or 0 for f in sentence.found if f.reference.kind == "ordinal" and not f.reference.of
    ]
    looks = [state.look_at(n) for n in placed if 0 < n <= len(state.looks)]
    if not looks:
        return None
    return [i for look in looks for i in look["ids"]] if told == "liked" else []


def _all(sentence: Sentence, state: State) -> list[str]:
    """ "Not my style", 都不喜欢: the whole list that was just shown."""
    of_all = any(p.search(sentence.text) for p in _patterns("refused_all"))
    return [i.id for i in state.newest] if of_all and state.latest == "list" else []


def _just_named(state: State) -> list[str]:
    """ "that one" after a list: the one that the last reply singled out."""
    said = " ".join(state.said)
    named = [i.id for i in state.newest if f"“{i.name}”" in said]
    return named if len(named) == 1 else []


def _because(text: str) -> str:
    return next((name for name, ps in _reasons().items() if any(p.search(text) for p in ps)), "")


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(compiled, load("understanding/opinions")[name]))


@cache
def _reasons() -> dict[str, Sequence[re.Pattern[str]]]:
    return {name: tuple(map(compiled, ps)) for name, ps in load("understanding/opinions")["because"].items()}
