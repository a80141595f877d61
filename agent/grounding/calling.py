"""Which products a reply calls by words of their names: "the ivory turtleneck", 驼色那件.

A phrase calls a product when it stands where a product is pointed at and when each of its words is the product's: of
its name, its brand or its record. It has to tell some of the products from the others; what fits all of them, or
none, calls nobody.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agent.grounding.words import Word, pattern
from agent.planner.text import is_han

_WORD = re.compile(r"[a-z][a-z'’]*|&|\d+")
_STEP = re.compile(r"[ -]?(?=[a-z&\d])")
_LONGEST = 8  # words of a phrase
_HAN = re.compile(r"[㐀-鿿]+")


@dataclass(frozen=True)
class Called:
    """[start, end) of clean text calls the products `ids`."""

    start: int
    end: int
    ids: tuple[str, ...]


def called(
    text: str,
    names: dict[str, set[str]],
    words: Sequence[Word],
    bears: Callable[[str, Word], bool],
    pool: Sequence[str],
) -> list[Called]:
    """Phrases of clean `text` that call some of the products `pool`. `names`: each name → whose it is; `words`: the
    vocabulary's words in the text; `bears`: is a word true of a product?"""
    spelled = {i: [n for n, ids in names.items() if i in ids] for i in pool}
    found = [*_english(text, spelled, words, bears), *_chinese(text, spelled)]
    return [c for c in found if 0 < len(c.ids) < max(2, len(pool))]


# -- English: an article, then words of the name in any order ----------------------------------------------------------


def _english(
    text: str, spelled: dict[str, list[str]], words: Sequence[Word], bears: Callable[[str, Word], bool]
) -> Iterator[Called]:
    own = {i: {p for n in known for w in _WORD.findall(n) for p in _forms(w)} for i, known in spelled.items()}
    starts = {w.start: w for w in words}
    for article in pattern("article").finditer(text):
        at, end, said, heads = article.end(), article.end(), 0, 0
        fitting = set(own)
        for _ in range(_LONGEST):
            if word := starts.get(at):
                spelled_so = {i for i in fitting if _forms(word.text) & own[i]}
                left = spelled_so or {i for i in fitting if bears(i, word)}
                if not left:
                    break
                fitting, end, said = left, word.end, said + 1
                heads += any(a == "category" for a, _ in word.values)
            elif token := _WORD.match(text, at):
                if pattern("stands_for").fullmatch(token.group()):
                    heads, end = heads + 1, token.end()
                elif left := {i for i in fitting if _forms(token.group()) & own[i]}:
                    fitting, end, said = left, token.end(), said + 1
                elif not (token.group() == "with" and heads):
                    break
                else:
                    at = token.end() + 1
                    continue
            else:
                break
            step = _STEP.match(text, end)
            if step is None:
                break
            at = step.end()
        alone = article.group().startswith("the ") and re.match(r"\W*(?:[.,;:)]|$)", text[end:])
        if said >= 2 or (said and (heads or alone)):
            yield Called(article.end(), end, tuple(i for i in own if i in fitting))


def _forms(word: str) -> set[str]:
    """A word with and without its plural ending."""
    plain = word.removesuffix("'s").removesuffix("’s")
    return {plain, plain.removesuffix("s"), plain.removesuffix("es")} - {""}


# -- Chinese: pieces of the name, where a product stands ---------------------------------------------------------------


def _chinese(text: str, spelled: dict[str, list[str]]) -> Iterator[Called]:
    for run in _HAN.finditer(text):
        place = run.start()
        while place < run.end() - 1:
            ends = {
                i: max((_tiled(text, place, run.end(), n) for n in own), default=place)
                for i, own in spelled.items()
            }
            end = max(ends.values(), default=place)
            if end - place < 2:
                place += 1
                continue
            if _pointed(text, place, end):
                yield Called(place, end, tuple(i for i, e in ends.items() if e == end))
            place = end


def _tiled(text: str, start: int, stop: int, name: str) -> int:
    """How far text from `start` on is made of pieces of the name, of two letters or more."""
    place = start
    while place < stop:
        length = 0
        while place + length < stop and text[place : place + length + 1] in name:
            length += 1
        if length < 2 or not is_han(text[place]):
            break
        place += length
    return place


def _pointed(text: str, start: int, end: int) -> bool:
    after = text[end:]
    if pattern("called_strongly").match(after):
        return True
    return bool(pattern("called_before").search(text[:start]) and pattern("called_after").match(after))
