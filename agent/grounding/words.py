"""prompts/grounding.yaml, compiled once, and how a sentence is read: clean text, its vocabulary, its negations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from agent.planner.lexicon import Lexicon
from agent.planner.numbers import digits
from agent.planner.text import LIMIT, clean, tokens
from prompts import load

# What a fact may be called by: attributes that are checked against a record. Season, occasion and style are what a
# thing is good for: an opinion where the record is silent, an untruth where it says otherwise.
CHECKED = ("category", "color", "pattern", "material", "sleeve", "neckline", "length", "brand")
LOOSE = ("season", "occasion", "style", "gender", "age_group")


@dataclass(frozen=True)
class Word:
    """A word of the vocabulary in clean text [start, end): what it stands for, attribute by attribute."""

    start: int
    end: int
    text: str
    values: tuple[tuple[str, str], ...]


@lru_cache(maxsize=8192)
def read(text: str) -> str:
    """Clean text, numbers in digits. Works piece by piece, so that no part of a long text goes unread."""
    text = text.translate(_lookalikes())
    pieces = (clean(text[i : i + LIMIT]) for i in range(0, len(text), LIMIT))
    counted = " ".join(_SPAN.sub(_counted, digits(piece)) for piece in pieces)
    return _alike(counted.replace("3 quarter", "three quarter"))  # the sleeves, no number


_TENTHS = re.compile("([二三四五六七八九])([一二三四五六七八九]) ?折")  # "八五折" is 8.5 tenths of the price


@cache
def _lookalikes() -> dict[int, str]:
    pairs = load("grounding")["lookalikes"]
    small = dict(zip(pairs["from"], pairs["to"], strict=True))
    return {ord(c): one for a, one in small.items() for c in (a, a.upper()) if len(c) == 1}


@cache
def _written() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(words), one) for words, one in load("grounding")["written_as"].items())


def _alike(text: str) -> str:
    """One way of writing where there are several: "20 percent" → "20%", 您 → 你."""
    text = _TENTHS.sub(lambda m: f"{digits(m[1] + '件')[:-1]}.{digits(m[2] + '件')[:-1]} 折", text)
    for words, one in _written():
        text = words.sub(one, text)
    return text


# counted things that a shopper's wishes do not have, so that planner.numbers leaves them in words: "保修三年", "一天"
_SPAN = re.compile(
    r"(?<![第十百零〇点])[一二两三四五六七八九十]{1,3}(?=天|日内|小时|个月|周(?!末)|年(?![轻代龄会])|星(?!期)|个工作日|期免|人评|条评)"
)


def _counted(match: re.Match[str]) -> str:
    value = digits(f"{match.group()}件")[:-1]
    return "1" if value == "一" else value


def vocabulary(text: str, lexicon: Lexicon) -> list[Word]:
    """The words of the taxonomy and the shop's brands in clean `text`, left to right."""
    return list(_vocabulary(text, lexicon.brands))


@lru_cache(maxsize=8192)  # the texts of products come again with every reply
def _vocabulary(text: str, brands: tuple[str, ...]) -> tuple[Word, ...]:
    found = []
    for mention in Lexicon(brands).mentions(text, tokens(text)):
        slots = mention.meanings.slots
        values = tuple((a, v) for a, vs in slots.items() if a in CHECKED or a in LOOSE for v in vs)
        if values:
            found.append(Word(mention.start, mention.end, mention.text, values))
    return tuple(found)


@cache
def pattern(name: str) -> re.Pattern[str]:
    """The pattern, or the patterns as one, at dotted `name` of prompts/grounding.yaml."""
    node: Any = load("grounding")
    for part in name.split("."):
        node = node[part]
    return compiled("|".join(f"(?:{p})" for p in node) if isinstance(node, list) else str(node))


@cache
def compiled(text: str) -> re.Pattern[str]:
    """ "~" stands for some words of the same clause."""
    return re.compile(text.replace("~", "[^,.;!?]{0,40}?"))


@cache
def group(name: str) -> dict[str, re.Pattern[str]]:
    """A mapping of patterns, by name."""
    return {key: pattern(f"{name}.{key}") for key in load("grounding")[name]}


@cache
def rows(name: str, *keys: str) -> tuple[tuple[re.Pattern[str], ...], ...]:
    """A list of mappings of patterns: of each the ones under `keys`."""
    return tuple(tuple(compiled(str(row[key])) for key in keys) for row in load("grounding")[name])


@cache
def acts() -> tuple[tuple[dict[str, Any], re.Pattern[str]], ...]:
    """What may be claimed to have been done, with the tool that would have done it."""
    return tuple(
        (act, compiled("|".join(f"(?:{p})" for p in act["any"]))) for act in load("grounding")["acts"]
    )


def has(name: str, text: str) -> bool:
    """True when the pattern is in clean text."""
    return bool(pattern(name).search(text))


def refusal(text: str) -> bool:
    """ "I can't transfer you", 没法转接: no claim of having done it."""
    return has("refusal", text)


def denied(clause: str, start: int, end: int) -> bool:
    """The words [start, end) of a clause stand under a "no", "not" or 没 before them, or an English "not" close by."""
    before = clause[:start].rpartition(",")[2]
    english = list(pattern("negation.en").finditer(before))
    if english and len(before[english[-1].end() :].split()) <= 6:
        return True
    chinese = list(pattern("negation.zh").finditer(before))
    return bool(chinese) and len(re.sub(r"\W", "", before[chinese[-1].end() :])) <= 6


_CLAUSE = re.compile(
    r"(?<!\d),|,(?!\d)|;|[!?]+|\.(?=\s|$)|-{2,}|\s-\s|\b(?:but|though|although|while|whereas|because|since|so)\b|(?:但是?|不过|而且|因为|所以)"
)


def clauses(text: str) -> Iterator[tuple[int, int]]:
    """The parts of clean text between its commas and conjunctions, as [start, end)."""
    start = 0
    for match in [*_CLAUSE.finditer(text), None]:
        end = len(text) if match is None else match.start()
        comma = match is not None and match.group() == ","
        if (
            comma
            and match is not None
            and (_short(text[match.end() :], text[start:end]) or _opening(text[start:end]))
        ):
            continue
        if end > start:
            yield start, match.end() if match is not None and match.group()[0] in "?!" else end
        if match is not None:
            start = match.start() if match.group().isascii() and match.group()[0].isalpha() else match.end()


def _short(rest: str, before: str) -> bool:
    """What follows a comma is one more of a list ("S, M and L"), no clause of its own."""
    piece = re.split(r"[,.;!?]", rest, maxsplit=1)[0]
    if rest[len(piece) : len(piece) + 1] == "?":
        return False
    if all(has("sold_out", part) or has("in_stock", part) for part in (piece, before)):
        return False
    return len(re.findall(r"[a-z0-9']+", piece)) + len(
        re.findall(r"[㐀-鿿]", piece)
    ) / 2 <= 5 and not re.search(
        r"\b(?:its?|is|are|has|have|comes?|was|i|you|we|they)\b|'|的话|[是带它你我]|有(?!货)|没|找到", piece
    )


def _opening(piece: str) -> bool:
    """ "In M, …", "for work, …": goes with what follows."""
    return bool(re.fullmatch(r"\W*(?:in|for|at|on|as for|size) [\w.-]+(?: \w+)?\W*", piece))
