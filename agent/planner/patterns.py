"""The rules of prompts/understanding/*.yaml, compiled once."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from prompts import load

_SOME_WORDS = "(?:[^.!?;]{0,40}?)"
# tags are in capitals in the tagged text, so that no pattern for the word "size" takes the tag for it
_TAGS = re.compile(r"(?<!\?P)(<(?:\((?:\?:|\?P<\w+>)?)?)([a-z_|]+)(\)?>)")


def compiled(pattern: str, described: bool = True) -> re.Pattern[str]:
    """A pattern of the data files: "~" stands for some words of the same sentence; with `described`, <ref> also stands
    for a description ("the red dress"), which in a search is what is sought, not something pointed at."""
    pattern = pattern.replace("~", _SOME_WORDS)
    if described:
        pattern = pattern.replace("<ref>", "<(?:ref|desc)>")
    return re.compile(_TAGS.sub(lambda m: m.group(1) + m.group(2).upper() + m.group(3), pattern))


@dataclass(frozen=True)
class Rule:
    intent: str
    weight: float
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...] = ()

    def matches(self, text: str) -> bool:
        """True when a pattern matches and nothing speaks against it."""
        return self.named(text) and not any(p.search(text) for p in self.unless)

    def named(self, text: str) -> bool:
        """True when a pattern matches, whatever speaks against it."""
        return any(p.search(text) for p in self.patterns)


@cache
def intents() -> tuple[Rule, ...]:
    """Intent rules, in the order of the file."""
    return tuple(
        Rule(
            rule["intent"],
            float(rule["weight"]),
            tuple(compiled(p, rule["weight"] > 6) for p in rule["any"]),
            tuple(map(compiled, rule.get("unless", []))),
        )
        for rule in load("understanding/intents")["rules"]
    )


@cache
def asks() -> dict[str, tuple[re.Pattern[str], ...]]:
    """What a question can ask about, by the name product_details knows."""
    return {
        name: tuple(map(compiled, patterns))
        for name, patterns in load("understanding/intents")["asks"].items()
    }


@cache
def cue(name: str) -> tuple[re.Pattern[str], ...]:
    """The patterns of `reset`, `correct`, `also`, `carry` or `clear_cart`."""
    return tuple(map(compiled, load("understanding/intents")[name]))


def has_cue(name: str, text: str) -> bool:
    """True when any pattern of the cue is in the tagged text."""
    return any(p.search(text) for p in cue(name))


@cache
def drops() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Per slot: patterns that let it go."""
    data: dict[str, Any] = load("understanding/intents")
    names = load("understanding/words")["slot_names"]
    found = {}
    for slot, words in names.items():
        either = "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"
        found[slot] = tuple(compiled(p.replace("{name}", either)) for p in data["drop"])
    return found


@dataclass(frozen=True)
class Pointer:
    kind: str
    patterns: tuple[re.Pattern[str], ...]


@cache
def pointers() -> tuple[Pointer, ...]:
    """Reference patterns, in the order in which they may claim a span."""
    return tuple(
        Pointer(p["kind"], tuple(map(compiled, p["any"])))
        for p in load("understanding/references")["patterns"]
    )


@cache
def small_kinds() -> dict[str, tuple[re.Pattern[str], ...]]:
    """Kinds of small talk, the most telling first."""
    return {
        kind: tuple(map(compiled, patterns))
        for kind, patterns in load("understanding/intents")["small"].items()
    }


def is_small(kind: str, text: str) -> bool:
    """True when the tagged text is small talk of this kind."""
    return any(p.search(text) for p in small_kinds()[kind])


@cache
def _turns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(compiled, load("understanding/turns")[name]))


def turn_says(name: str, text: str) -> bool:
    """True when any pattern of understanding/turns.yaml under `name` is in the tagged text."""
    return any(p.search(text) for p in _turns(name))


def turn_match(name: str, text: str) -> str:
    """What the first pattern under `name` that is in the text captures; "" without one."""
    for pattern in _turns(name):
        if match := pattern.search(text):
            return next((g for g in match.groups() if g), "")
    return ""
