"""Misspelt vocabulary: one slip in five letters and more, two in nine and more; real words are never touched."""

import re
from functools import cache, lru_cache

from prompts import load

_WORD = re.compile(r"(?<![\w'])[a-z]{3,20}(?![\w'])")


def correct(text: str, known: frozenset[str], targets: frozenset[str]) -> str:
    """`text` (clean) with typos of `targets` and of the cue words put right; `known` words stay."""
    return _WORD.sub(lambda m: fix(m.group(), known, targets), text)


@lru_cache(maxsize=4096)
def fix(word: str, known: frozenset[str], targets: frozenset[str]) -> str:
    """The word meant. Needs the same first letter (or the first two swapped) and a single best candidate."""
    listed = _data()["typos"].get(word)
    if listed:
        return str(listed)
    if word in known or word in _real():
        return word
    stem = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    if stem in known or stem in _real() or len(stem) < 5:
        return word
    allowed = 2 if len(stem) >= 9 else 1
    best = sorted(
        (distance(stem, meant, allowed), meant)
        for meant in _candidates(targets)
        if abs(len(meant) - len(stem)) <= allowed and len(meant) >= 4 and _alike(stem, meant)
    )
    best = [b for b in best if b[0] <= allowed]
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return word
    return best[0][1]


def distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (insert, delete, replace, swap neighbours); stops counting above `limit`."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, previous = previous, row
    return previous[-1]


def _alike(a: str, b: str) -> bool:
    return a[0] == b[0] or (a[0] == b[1] and a[1] == b[0])


@lru_cache(maxsize=8)
def _candidates(targets: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(targets | set(_data()["cue_words"])))


@cache
def _data() -> dict[str, dict[str, str]]:
    data: dict[str, dict[str, str]] = load("understanding/words")
    return data


@cache
def _real() -> frozenset[str]:
    return frozenset(_data()["not_typos"]) | frozenset(_data()["cue_words"])
