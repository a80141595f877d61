"""Letters, words and numbers of a message that may be a size or a quantity: which of them are is learned (ears.py)."""

import re
from dataclasses import dataclass

from agent.planner.tagging import Tagged, size_name

_LETTERS = r"xxs|xs|x{1,6}l|[2-6]xl|[sml]"
_CANDIDATE = re.compile(
    rf"(?<![a-z0-9'$<])(?:(?P<letter>{_LETTERS})(?!['a-z0-9>])|(?P<name>extra (?:large|small)|small|medium|large)s?\b"
    r"|(?P<number>\d{1,3}(?:\.5)?)(?!\d|\.\d|\w*>))"
    r"|(?P<han>(?:加|特)?[大中小])(?=[码号]|的?$)|(?P<one>\bone\b|一(?=[件条双个顶套只]))"
)


@dataclass(frozen=True)
class Candidate:
    """Characters [start, end) of the tagged text: what they say, of which kind (letter, name, number, han, one), and
    the tag that the patterns gave them ("" where none)."""

    start: int
    end: int
    text: str
    kind: str
    tag: str = ""
    unit: bool = False  # said to be a size: "41码"

    @property
    def size(self) -> str:
        """As shops write it, if it is a size."""
        return size_name(self.text)

    @property
    def quantity(self) -> int | None:
        """The number, if it is a quantity."""
        if self.kind == "one":
            return 1
        return int(self.text) if self.text.isdigit() else None


# "L, not M", "L instead of M", 不要M码, M码不要
_NOT_BEFORE = re.compile(
    r"(?:\bnot|\binstead of|\brather than|\bno longer|不是|不要|别拿|不想要)\s*"
    r"(?:the |an? |in |size |in an? |穿|拿|选)*$"
)
_NOT_AFTER = re.compile(r"\s*的?(?:就|我)?不(?:要|对|行)|\s*(?:is|was) (?:wrong|not right)")


def refused(tagged: Tagged, candidate: Candidate) -> bool:
    """True for a size that is named as the one that is not wanted."""
    before, after = tagged.text[: candidate.start], tagged.text[candidate.end :]
    return bool(_NOT_BEFORE.search(before) or _NOT_AFTER.match(after))


def candidates(tagged: Tagged) -> list[Candidate]:
    """In their order. A size or quantity that the patterns tagged is a candidate too."""
    found = []
    for tag in tagged.tags:
        sizes = tag.mention.meanings.slots.get("size", [])
        count = tag.mention.meanings.effects.get("quantity")
        if sizes:
            kind = "number" if sizes[0][0].isdigit() else "letter"
            unit = tag.mention.text[-1] in "码号"
            found.append(Candidate(tag.start, tag.end, sizes[0].casefold(), kind, "size", unit))
        elif count is not None:
            found.append(Candidate(tag.start, tag.end, str(count), "number", "qty"))
    for match in _CANDIDATE.finditer(tagged.text):
        kind = match.lastgroup or ""
        if not any(t.start < match.end() and match.start() < t.end for t in tagged.tags):
            found.append(Candidate(match.start(), match.end(), match.group(kind), kind))
    return sorted(found, key=lambda c: c.start)
