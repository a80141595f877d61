"""What the words of a message say of looks: which one, what stays and what changes, how formal, what weather. Patterns
and words: prompts/understanding/looks.yaml."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from agent.planner.patterns import compiled
from agent.planner.tagging import Tagged
from prompts import load


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(compiled, load("understanding/looks")[name]))


@cache
def _weather() -> Mapping[str, tuple[re.Pattern[str], ...]]:
    return {w: tuple(map(compiled, ps)) for w, ps in load("understanding/looks")["weather"].items()}


@cache
def _scenes() -> tuple[tuple[tuple[re.Pattern[str], ...], dict[str, Any]], ...]:
    rows = load("understanding/looks")["scenes"]
    return tuple((tuple(map(compiled, row["any"])), row["is"]) for row in rows)


def says(name: str, text: str) -> bool:
    """True when any pattern of looks.yaml under `name` is in the tagged text."""
    return any(p.search(text) for p in _patterns(name))


def kinds(name: str, tagged: Tagged) -> list[str]:
    """The kinds of things of which the patterns under `name` speak: "keep the jacket" → ["jacket"]."""
    found: list[str] = []
    for pattern in _patterns(name):
        for match in pattern.finditer(tagged.text):
            for one in tagged.within(*match.span("k")):
                found += one.mention.meanings.slots.get("category", [])
    if name == "swap":  # 包换 is a word of its own, 把包换一下 has none of it
        for kind, patterns in load("understanding/looks")["swap_run_in"].items():
            found += [kind] if any(re.search(p, tagged.clean) for p in patterns) else []
    return list(dict.fromkeys(found))


def spans(name: str, tagged: Tagged) -> list[tuple[int, int]]:
    """Where the patterns under `name` name a kind."""
    return [m.span("k") for p in _patterns(name) for m in p.finditer(tagged.text)]


def after(name: str, tagged: Tagged) -> dict[str, list[str]]:
    """The values that are said after the kind of which the patterns under `name` speak: what it is to become."""
    end = max(
        (m.end("k") for p in _patterns(name) for m in p.finditer(tagged.text)), default=len(tagged.text)
    )
    said: dict[str, list[str]] = {}
    for one in tagged.within(end, len(tagged.text)):
        for attribute, values in one.mention.meanings.slots.items():
            said.setdefault(attribute, []).extend(values)
    return said


def number(tagged: Tagged) -> int:
    """Which look is named, from the end where negative; 0 where none is."""
    names = load("understanding/looks")["ordinals"]
    for pattern in _patterns("nth"):
        if match := pattern.search(tagged.text):
            word = match.group("n")
            return int(word) if word.isdigit() else int(names[word])
    return 0


def level(text: str) -> int:
    """1 for smarter than before, -1 for less formal; 0 where nothing is said of it."""
    return int(says("smarter", text)) - int(says("looser", text))


def weather(clean: str) -> list[str]:
    """What weather the message speaks of: hot, cold, rain, snow, wind."""
    return [name for name, patterns in _weather().items() if any(p.search(clean) for p in patterns)]


def scene(clean: str) -> dict[str, Any]:
    """What an event that no occasion of the vocabulary is called by asks of a look: {} where none is named."""
    return next((dict(node) for patterns, node in _scenes() if any(p.search(clean) for p in patterns)), {})
