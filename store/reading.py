"""What a query asks for, as search reads it: its words put right, what they wish for, what they refuse."""

from dataclasses import dataclass, field

from store import evidence
from store.conditions import size_name
from store.evidence import Wish
from store.lexical import Lexicon
from store.spelling import Spelling
from store.types import Query
from store.words import (
    LONGEST,
    called_for,
    concepts,
    content,
    parted,
    plain,
    put_right,
    same,
    segment,
    trade_words,
)


@dataclass
class Reading:
    """Words to match, wishes to weigh, words that speak against a product, and the text as it was understood: empty
    where nothing but filters was said."""

    words: list[str]
    wishes: list[Wish]  # one entry per wish; a word with two meanings is one wish in `either`
    either: list[list[Wish]]
    text: str
    refused: list[str] = field(default_factory=list)
    same: list[tuple[str, ...]] = field(default_factory=list)  # things named, each with all its names
    hints: list[Wish] = field(default_factory=list)  # what the occasion calls for
    explained: bool = True  # every word is one of the vocabulary

    @classmethod
    def of(cls, query: Query, text: str) -> "Reading":
        """`text`: the query's, plain and put right."""
        wanted, unwanted = parted(text)
        refused = {(a, v) for a, values in query.where.not_.items() for v in values}
        found = concepts(wanted)
        refused_words = {c.word for c in found if set(c.meanings) & refused}
        # "not black": a word that is refused is no evidence for black products
        dropped = {w for word in refused_words for w in content(word)}
        # a size is asked for as a filter, and "l" is in no title
        sizes = {size_name(size) for size in [*query.where.size, *query.prefer.size]}
        words = [w for w in content(wanted) if w not in dropped and size_name(w) not in sizes]
        either: list[list[Wish]] = [
            [(a, (v,)) for a, v in c.meanings] for c in found if c.word not in refused_words
        ]
        known = {part for c in found for part in segment(c.word)}
        return cls(
            words,
            evidence.wishes(query.prefer),
            either,
            wanted.strip() if words else "",
            refused=[w for w in content(unwanted) if w not in words],
            same=same(wanted),
            hints=called_for(wanted),
            explained=all(w in known or w.rstrip("s") in known for w in words),
        )


class Speller:
    """Puts a query's words right towards what this shop names and what the trade calls it. Made once a shop's state."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._spelling = Spelling([*lexicon.names(), *trade_words()])

    def __call__(self, text: str) -> str:
        """`text`, plain, at most LONGEST characters, with what nobody knows put right."""
        text = put_right(plain(text[:LONGEST]), self._spelling)
        for word in dict.fromkeys(segment(text)):
            if word.isascii() and not self._lexicon.has(word) and (meant := self._spelling.latin(word)):
                text = text.replace(word, meant)
        return text
