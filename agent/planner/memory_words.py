"""prompts/understanding/memory.yaml, compiled: the words in which a message speaks of the memory or of the shopper."""

import re
from collections.abc import Iterator
from functools import cache

from agent.planner.patterns import compiled
from prompts import load


def clauses(clean: str) -> Iterator[tuple[int, int]]:
    """The clauses of clean text; a decimal point or a thousands' comma ends none."""
    start = 0
    for cut in _compiled("clause")[0].finditer(clean):
        inside = clean[max(cut.start() - 1, 0) : cut.end() + 1]
        if re.fullmatch(r"\d[.,]\d", inside):
            continue
        if cut.start() > start:
            yield start, cut.start()
        start = cut.end() if not cut.group().strip().isalpha() else cut.start()
    if start < len(clean):
        yield start, len(clean)


def has(name: str, text: str) -> bool:
    """True when a pattern of memory.yaml is in the text."""
    return any(p.search(text) for p in _compiled(name))


def has_act(act: str, text: str) -> bool:
    """True when tagged text speaks of this act on the memory."""
    return any(p.search(text) for p in _acts()[act])


@cache
def _compiled(name: str) -> tuple[re.Pattern[str], ...]:
    raw = load("understanding/memory")[name]
    return tuple(map(compiled, [raw] if isinstance(raw, str) else raw))


@cache
def _acts() -> dict[str, tuple[re.Pattern[str], ...]]:
    return {name: tuple(map(compiled, ps)) for name, ps in load("understanding/memory")["acts"].items()}


@cache
def portions() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The words for each portion of the memory."""
    return {name: tuple(map(compiled, ps)) for name, ps in load("understanding/memory")["portions"].items()}


@cache
def kinds() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The words for kinds of garment that are no categories."""
    return {name: tuple(map(re.compile, ps)) for name, ps in load("understanding/memory")["kinds"].items()}


@cache
def size_patterns(name: str) -> tuple[re.Pattern[str], ...]:
    """`own_size` or `told_size`, with the sizes filled in; group s is the size."""
    data = load("understanding/memory")
    return tuple(re.compile(p.replace("{size}", data["size"])) for p in data[name])
