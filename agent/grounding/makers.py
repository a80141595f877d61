"""Brands and shops that a reply names: those of the products shown, or named by a text or the shopper."""

import re
from collections.abc import Iterator
from functools import cache

from agent.grounding.sentences import Sentence
from agent.grounding.words import pattern, read
from prompts import load

_BY = re.compile(r"\b(?:by|from|brand is|brand:) (?!the\b)((?:[A-Z][\w'’&-]+)(?: (?:[A-Z&][\w'’&-]*))*)")
_PINPAI = re.compile(r"品牌(?:是|为|[:：])\s*[“\"「]?([^\s，。,.;；”\"」、]{1,20})")
_LINE = re.compile(
    r"\bthe ((?:[A-Z][\w'’&-]+ )+)(?:line|collection|range|series|edition)\b|[“\"「]([^”\"」]{1,12})[”\"」]系列"
)
_CALENDAR = frozenset(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "january", "february", "march",
     "april", "may", "june", "july", "august", "september", "october", "november", "december", "christmas"]
)  # fmt: skip


def makers(sentence: Sentence) -> Iterator[tuple[str, str]]:
    """Brands that nothing of the shop has: said to be a product's, or to have the like."""
    for wording in (_BY, _PINPAI, _LINE, _listed(), pattern("other_maker")):
        for match in wording.finditer(sentence.raw):
            name = read(next((g for g in match.groups() if g), match.group())).strip(". ")
            if name and not _known(name, sentence) and not pattern("nobody").match(name):
                yield "brand", match.group()


@cache
def _listed() -> re.Pattern[str]:
    data = load("grounding")
    latin = "|".join(re.escape(str(name)) for name in sorted(data["makers"], key=len, reverse=True))
    han = "|".join(sorted(data["makers_zh"], key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{latin}|{latin.upper()})(?!\w)|{han}")


def _known(name: str, sentence: Sentence) -> bool:
    known = sentence.known
    brands = {read(r.brand) for r in known.records.values() if r.brand}
    if any(name.startswith(b) or b.startswith(name) for b in brands) or name in known.said:
        return True
    if any(name in r.text for r in known.records.values()) or any(name in p for p in known.policies):
        return True
    words = {part for w in sentence.words for part in w.text.split()}
    return name.split()[0] in _CALENDAR or set(name.split()) <= words
