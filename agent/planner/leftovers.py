"""Words of a message that are neither vocabulary nor filler ("waterproof", 口袋): words to search by."""

import re
from functools import cache

import rjieba

from agent.planner.lexicon import Lexicon
from agent.planner.tagging import Tagged
from prompts import load

_TAG = re.compile(r"<\w+>")
_WORD = re.compile(r"[a-z][a-z']{2,}|[㐀-鿿]+")


def words(tagged: Tagged) -> str:
    """The words left over, in order, at most eight."""
    return " ".join(_content(tagged.text)[:8])


def content(text: str) -> bool:
    """True when a tagged sentence still says something: two content words, or one in Chinese of two characters."""
    found = _content(text)
    return len(found) >= 2 or any(not w.isascii() for w in found)


def foreign(text: str, lexicon: Lexicon) -> str:
    """The content words of a tagged text, where not one of them is a word about clothes or of this shop's; else ""."""
    found = _content(text)
    if any(w in _features() or _compares(w) or lexicon.sells(w) for w in found):
        return ""
    joined = ("" if any(not w.isascii() for w in found) else " ").join(found)
    return joined[:60]


def _compares(word: str) -> bool:
    """ "fancier", 亮一点: a wish about what is sought, whatever the adjective."""
    return word.endswith("ier") or "一点" in word or "一些" in word


@cache
def _features() -> frozenset[str]:
    return frozenset(w for words in load("understanding/features").values() for w in words)


def _content(text: str) -> list[str]:
    kept: list[str] = []
    for match in _WORD.finditer(_TAG.sub(" ", text)):
        word = match.group()
        if word.isascii():
            if word not in _fillers() and word.rstrip("s") not in _fillers():
                kept.append(word)
        else:
            kept += [w for w in rjieba.cut(word) if len(w) > 1 and w not in _fillers()]
    return list(dict.fromkeys(kept))


@cache
def _fillers() -> frozenset[str]:
    data = load("understanding/fillers")
    return frozenset(w for language in data.values() for w in language)
