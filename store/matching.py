"""Which products match the words of a query, and how well: exactly in a small shop, the best of them in a large one.

The cost of BM25 grows with the products that have a word, and half of a shop has "white". Where the words have more
products than can be looked at, each product gets what the words it has are worth by their rarity, more where they name
it than where they only speak of it: a bit a product and a word, so that a hundred thousand cost a fraction of a
millisecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Protocol

import numpy as np

from store.part import Part

CALLED = "title brand"  # the columns that a product is called by
NAMES = "title brand words"  # the columns that say what it is
BROAD = 1200  # more matches than this are not all scored by BM25
BEST = 300  # as many of the best are taken on then
FILED = 0.8  # of a word's worth, where neither title nor brand has it
SPOKEN_OF = 0.4  # and where only the description has it


@dataclass(frozen=True)
class Having:
    """The rows of an index that match something: how many, and a bit a row."""

    count: int
    bits: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> "Having":
        """`rows`: (count,) int64."""
        mask = np.zeros(int(rows.max(initial=0)) + 1, dtype=bool)
        mask[rows] = True
        return cls(len(rows), np.packbits(mask))

    def among(self, rows: np.ndarray) -> np.ndarray:
        """Which of `rows`, (n,) int64, match: (n,) bool."""
        mask = np.unpackbits(self.bits).view(bool)
        if len(rows) and rows.max() >= len(mask):
            mask = np.concatenate([mask, np.zeros(int(rows.max()) + 1 - len(mask), dtype=bool)])
        return mask[rows]


class Index(Protocol):
    """What is asked of a full-text index. Expressions are FTS5's."""

    def products(self) -> int: ...
    def rows(self, expression: str, most: int) -> list[tuple[str, float]]: ...
    def named_so(self, expression: str) -> set[str]: ...
    def having(self, expression: str) -> Having: ...


def quoted(word: str) -> str:
    """A word as FTS5 takes it literally, whatever is in it."""
    return '"' + word.replace('"', '""').replace("\0", " ") + '"'


@dataclass
class Term:
    """A word of the query, or (without one) the names of a thing; as FTS5 asks for it; how many products have it."""

    word: str
    expression: str
    count: int = 0


@dataclass
class Match:
    """How well a product's words match: `score` 0..1 (1: every word, where it counts most), and which words did.

    `named`: one of them is in the title, the brand or the attribute words, not only in the running text.
    """

    score: float = 0.0
    named: bool = False
    words: list[str] = field(default_factory=list)


def match(index: Index, words: Sequence[str], among: Part, same: Sequence[Sequence[str]]) -> dict[str, Match]:
    """See `Lexicon.match`."""
    asked = [Term(word, quoted(word)) for word in words]
    covered = {part for names in same for name in names for part in name.split()}
    asked += [Term("", " OR ".join(map(quoted, names))) for names in same]
    for term in asked:
        term.count = index.having(term.expression).count
    known = [term for term in asked if term.count]
    unknown = sum(1 for term in asked if not term.count and term.word and term.word not in covered)
    if not known:
        return {}
    if sum(term.count for term in known) <= BROAD:
        return one_by_one(index, known, unknown, among)
    size = index.products()
    weights = [log((size - t.count + 0.5) / (t.count + 0.5) + 1) for t in known]
    whole = sum(weights) + unknown * max(weights)
    return within(index, known, [weight / whole for weight in weights], among)


def one_by_one(index: Index, terms: Sequence[Term], unknown: int, among: Part) -> dict[str, Match]:
    """Every product of `among` that has any of the terms."""
    found: dict[str, Match] = {}
    bests: list[float] = []
    for term in terms:
        rows = index.rows(term.expression, -1)
        bests.append(max((score for _, score in rows), default=0.0))
        named = index.named_so(term.expression)
        for product_id, score in rows:
            if product_id in among:
                match = found.setdefault(product_id, Match())
                match.score += score
                match.named |= product_id in named
                match.words += [term.word] if term.word else []
    whole = sum(bests) + unknown * max(bests)
    for match in found.values():
        match.score = min(1.0, match.score / whole) if whole > 0 else 0.0
    return found


def within(index: Index, terms: Sequence[Term], weights: Sequence[float], among: Part) -> dict[str, Match]:
    """The best of `among`, in a large shop: which of the terms they have, each worth as much as it is rare (idf)."""
    score, named = np.zeros(len(among)), np.zeros(len(among), dtype=bool)
    had: list[np.ndarray] = []
    for term, weight in zip(terms, weights, strict=True):
        has = index.having(term.expression).among(among.rows)
        names = index.having(f"{{{NAMES}}} : ({term.expression})").among(among.rows)
        called = index.having(f"{{{CALLED}}} : ({term.expression})").among(among.rows)
        score += weight * np.where(called, 1.0, np.where(names, FILED, SPOKEN_OF * has))
        named |= names
        had.append(has)
    return {
        among.id(i): Match(
            float(score[i]),
            bool(named[i]),
            [t.word for t, has in zip(terms, had, strict=True) if t.word and has[i]],
        )
        for i in highest(score, BEST)
    }


def highest(score: np.ndarray, most: int) -> np.ndarray:
    """Where the highest scores above 0 stand, best first, the earlier of equal ones first: (at most `most`,) int64."""
    some = np.flatnonzero(score)
    if len(some) > most:
        least = np.partition(score[some], len(some) - most)[len(some) - most]
        above = some[score[some] > least]
        some = np.concatenate([above, some[score[some] == least][: most - len(above)]])
    return some[np.argsort(-score[some], kind="stable")]
