"""Several things in one message, each with a size and a number of its own: "two of the first and one of the third",
第一件M码，第三件S码. Which size and which number is whose is told by where they stand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.planner.counts import Candidate, candidates, refused
from agent.planner.meaning import Slots
from agent.planner.references import Found
from agent.planner.slots import Listener
from agent.planner.tagging import Tagged

_ONE_THING = frozenset({"ordinal", "described", "named", "best", "it"})
_TIMES = re.compile(r"\b(?P<word>once|twice|thrice)\b")
_TIMES_OVER = {"once": 1, "twice": 2, "thrice": 3}
_EACH = re.compile(r"\b(?:each|both|all)\b|各|都|每|全")
_OF_THE_NEXT = re.compile(r"\W*(?:of|for|x|×|in)?\W*(?:the )?$")


@dataclass(frozen=True)
class Value:
    """A size ("size") or a number of pieces ("quantity") that stands at [start, end) of the tagged text."""

    start: int
    end: int
    name: str
    value: Any


def shared_out(tagged: Tagged, found: Sequence[Found], by: Listener | None) -> dict[int, Slots]:
    """What is said of each of several things alone, by where it is pointed at (`Found.start`); nothing for what holds
    of all of them, and where only one thing is pointed at."""
    places = sorted(
        {f.start: f for f in found if f.reference.kind in _ONE_THING}.values(), key=lambda f: f.start
    )
    if len(places) < 2 or len({f.end for f in places}) < 2:
        return {}
    told = _values(tagged, found, by)
    shares: dict[int, Slots] = {f.start: {} for f in places}
    for name in ("size", "quantity"):
        for value, place in _whose([v for v in told if v.name == name], places, tagged.text):
            shares[place.start][name] = [value] if name == "size" else value
        if any(name in own for own in shares.values()):  # the others have none, rather than this one
            for own in shares.values():
                own.setdefault(name, [] if name == "size" else 1)
    return shares


def _values(tagged: Tagged, found: Sequence[Found], by: Listener | None) -> list[Value]:
    told = [
        Value(m.start(), m.end(), "quantity", _TIMES_OVER[m["word"]]) for m in _TIMES.finditer(tagged.text)
    ]
    for one in candidates(tagged):
        if any(f.start < one.end and one.start < f.end for f in found) or refused(tagged, one):
            continue
        what = _what(one, by)
        if what == "size":
            told.append(Value(one.start, one.end, what, one.size))
        elif what == "quantity" and one.quantity:
            told.append(Value(one.start, one.end, what, one.quantity))
    return sorted(told, key=lambda v: v.start)


def _what(one: Candidate, by: Listener | None) -> str:
    if one.kind == "one":
        return "quantity"
    if one.tag or by is None:
        known = "size" if one.kind in ("letter", "name") else "neither"
        return {"size": "size", "qty": "quantity"}.get(one.tag, known)
    return by.count(one)


def _whose(values: Sequence[Value], places: Sequence[Found], text: str) -> list[tuple[Any, Found]]:
    """Each value with the place that it belongs to; none where it holds of all."""
    if len(values) == 1:
        return _of_one(values[0], places, text)
    ahead = bool(values) and values[0].start < places[0].start
    given = []
    for value in values:
        near = (
            [f for f in places if f.start >= value.end]
            if ahead
            else [f for f in places if f.end <= value.start]
        )
        if near:
            given.append((value.value, near[0] if ahead else near[-1]))
    return given


def _of_one(value: Value, places: Sequence[Found], text: str) -> list[tuple[Any, Found]]:
    following = [f for f in places if f.start >= value.end]
    before = [f for f in places if f.end <= value.start]
    beside = bool(following) and _OF_THE_NEXT.fullmatch(text[value.end : following[0].start]) is not None
    if _EACH.search(text) or not following or (not before and (value.name == "size" or not beside)):
        return []
    return [(value.value, following[0] if beside else before[-1])]
