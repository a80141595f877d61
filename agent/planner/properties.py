"""What a message asks of a garment that records rarely tell: how thick, how soft, how high a heel."""

import re
from dataclasses import dataclass
from functools import cache

from agent.planner.patterns import compiled
from prompts import load


@dataclass(frozen=True)
class Property:
    """Something that is asked about, by its names, and how it is said."""

    names: dict[str, str]
    patterns: tuple[re.Pattern[str], ...]


@cache
def _known() -> tuple[Property, ...]:
    return tuple(
        Property(dict(one["name"]), tuple(map(compiled, one["any"])))
        for one in load("understanding/properties")["properties"]
    )


def asked(text: str, lang: str, told: str = "") -> list[str]:
    """Names in `lang` of what a tagged `text` asks for, less what the records in `told` say the same words of."""
    found = []
    for one in _known():
        matches = [m for p in one.patterns for m in p.finditer(text)]
        if matches and not any(m.group().strip() in told for m in matches):
            found.append(one.names[lang])
    return found
