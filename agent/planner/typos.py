"""Misspelt vocabulary: two letters swapped, one slip in five letters and more, two in nine and more; real words are
never touched. Chinese slips of the input method, where a word is written with another of the same sound, are listed."""

import re
from functools import cache, lru_cache

from prompts import load
from store.spelling import slips

_WORD = re.compile(r"(?<![\w'])[a-z]{3,20}(?![\w'])")


def correct(text: str, known: frozenset[str], targets: frozenset[str]) -> str:
    """`text` (clean) with typos of `targets` and of the cue words put right; `known` words stay."""
    return _WORD.sub(lambda m: fix(m.group(), known, targets), text)


def listed(text: str) -> str:
    """`text` (clean) with the slips put right that are listed as they are written."""
    for pattern, meant in _slips():
        text = pattern.sub(meant, text)
    return text


@lru_cache(maxsize=4096)
def fix(word: str, known: frozenset[str], targets: frozenset[str]) -> str:
    """The word meant. Needs the same first letter (or the first two swapped) and a single best candidate."""
    listed = _data()["typos"].get(word)
    if listed:
        return str(listed)
    if word in known or word in _real():
        return word
    if swapped := _swapped(word, known):
        return swapped
    if doubled := _doubled(word, targets):
        return doubled
    stem = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    if stem in known or stem in _real() or len(stem) < 5:
        return word
    allowed = 2 if len(stem) >= 9 else 1
    best = sorted(
        (slips(stem, meant, allowed), meant)
        for meant in _candidates(targets)
        if abs(len(meant) - len(stem)) <= allowed and len(meant) >= 4 and _alike(stem, meant)
    )
    best = [b for b in best if b[0] <= allowed]
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return word
    return best[0][1]


def _swapped(word: str, known: frozenset[str]) -> str:
    """The one common or known word that `word` is with two neighbouring letters swapped ("teh", "crat"); "" for a word
    of its own."""
    if word in _common() or word.removesuffix("s") in _common():
        return ""
    pairs = range(len(word) - 1)
    made = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in pairs if word[i] != word[i + 1]}
    meant = {w for w in made if w in _common() or w in known}
    return meant.pop() if len(meant) == 1 else ""


def _doubled(word: str, targets: frozenset[str]) -> str:
    """The one word that `word` is but for which letters are double ("dres", "drees", "jewelery")."""
    if len(word) < 4 or word in _common():
        return ""
    meant = {w for w in _candidates(targets) if len(w) > 4 and _single(w) == _single(word)}
    return meant.pop() if len(meant) == 1 else ""


def _single(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", word)


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
def _common() -> frozenset[str]:
    """Words that say nothing of the thing wanted, and those that the rules stand on."""
    fillers = load("understanding/fillers")["en"]
    return frozenset(
        w for w in (*fillers, *_data()["cue_words"], *_data()["swap_words"]) if isinstance(w, str)
    )


@cache
def _slips() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(p), meant) for p, meant in _data()["slips"].items())


@cache
def _real() -> frozenset[str]:
    return frozenset(_data()["not_typos"]) | frozenset(_data()["cue_words"])
