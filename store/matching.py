"""Which products match the words of a query, and how well: exactly in a small shop, the best of them in a large one.

The cost of BM25 grows with the products that have a word, and half of a shop has "white". Where the words have more
products than can be looked at, those that have all of them are asked for first; where filters leave few products, the
words are looked up for these alone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from math import log
from typing import Protocol

import numpy as np

NAMES = "title brand words"  # the columns that say what a product is
BROAD = 1200  # more matches than this are not all looked at
BEST = 150  # as many of the best are
SPOKEN_OF = 0.4  # of a word's worth, where only the description has it


class Index(Protocol):
    """What is asked of a full-text index. Expressions are FTS5's."""

    def products(self) -> int: ...
    def count(self, expression: str) -> int: ...
    def rows(self, expression: str, most: int) -> list[tuple[str, float]]: ...
    def named_so(self, expression: str) -> set[str]: ...
    def having(self, expression: str) -> np.ndarray: ...
    def rows_of(self, ids: Collection[str]) -> tuple[list[str], np.ndarray]: ...


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


def match(
    index: Index, words: Sequence[str], among: Collection[str] | None, same: Sequence[Sequence[str]]
) -> dict[str, Match]:
    """See `Lexicon.match`."""
    asked = [Term(word, quoted(word)) for word in words]
    covered = {part for names in same for name in names for part in name.split()}
    asked += [Term("", " OR ".join(map(quoted, names))) for names in same]
    for term in asked:
        term.count = index.count(term.expression)
    known = [term for term in asked if term.count]
    unknown = sum(1 for term in asked if not term.count and term.word and term.word not in covered)
    if not known:
        return {}
    if sum(term.count for term in known) <= BROAD:
        return one_by_one(index, known, unknown, among)
    size = index.products()
    weights = [log((size - t.count + 0.5) / (t.count + 0.5) + 1) for t in known]
    whole = sum(weights) + unknown * max(weights)
    if among is not None:
        return within(index, known, [weight / whole for weight in weights], among)
    return together(index, known, [weight / whole for weight in weights])


def one_by_one(
    index: Index, terms: Sequence[Term], unknown: int, among: Collection[str] | None
) -> dict[str, Match]:
    """Every product that has any of the terms."""
    found: dict[str, Match] = {}
    bests: list[float] = []
    for term in terms:
        rows = index.rows(term.expression, -1)
        bests.append(max(score for _, score in rows))
        named = index.named_so(term.expression)
        for product_id, score in rows:
            if among is None or product_id in among:
                match = found.setdefault(product_id, Match())
                match.score += score
                match.named |= product_id in named
                match.words += [term.word] if term.word else []
    whole = sum(bests) + unknown * max(bests)
    for match in found.values():
        match.score = min(1.0, match.score / whole) if whole > 0 else 0.0
    return found


def within(
    index: Index, terms: Sequence[Term], weights: Sequence[float], among: Collection[str]
) -> dict[str, Match]:
    """The best of `among`, in a large shop: which of the terms they have, each worth as much as it is rare (idf)."""
    ids, rows = index.rows_of(among)
    score, named = np.zeros(len(ids)), np.zeros(len(ids), dtype=bool)
    had: list[np.ndarray] = []
    for term, weight in zip(terms, weights, strict=True):
        has = np.isin(rows, index.having(term.expression))
        names = np.isin(rows, index.having(f"{{{NAMES}}} : ({term.expression})"))
        score += weight * np.where(names, 1.0, SPOKEN_OF * has)
        named |= names
        had.append(has)
    best = np.argsort(-score, kind="stable")[: 2 * BEST]
    best = best[score[best] > 0]
    return {
        ids[i]: Match(
            float(score[i]),
            bool(named[i]),
            [t.word for t, has in zip(terms, had, strict=True) if t.word and has[i]],
        )
        for i in best
    }


def together(index: Index, terms: Sequence[Term], weights: Sequence[float]) -> dict[str, Match]:
    """The best of a large shop: first those that have all terms, then, while they are few, those that have all but
    the commonest ones. A term counts as much as it is rare (its idf)."""
    rarest = sorted(range(len(terms)), key=lambda i: terms[i].count)
    found: dict[str, Match] = {}
    for kept in range(len(terms), 0, -1):
        level = [terms[i] for i in rarest[:kept]]
        words = [t.word for t in level if t.word]
        part = sum(weights[i] for i in rarest[:kept])
        every = " AND ".join(f"({t.expression})" for t in level)
        # what is named so stands before what only speaks of it
        for named, expression in (
            (True, f"{every} AND {{{NAMES}}} : ({level[0].expression})"),
            (False, every),
        ):
            rows = index.rows(expression, BEST)
            best = max((score for _, score in rows), default=1.0)
            for product_id, score in rows:
                if product_id not in found:
                    found[product_id] = Match(part * min(1.0, score / best), named, list(words))
            if len(found) >= BEST:
                return found
    return found
