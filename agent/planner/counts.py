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


def candidates(tagged: Tagged) -> list[Candidate]:
    """In their order. A size or quantity that the patterns tagged is a candidate too."""
    found = []
    for tag in tagged.tags:
        sizes = tag.mention.meanings.slots.get("size", [])
        count = tag.mention.meanings.effects.get("quantity")
        if sizes:
            kind = "number" if sizes[0][0].isdigit() else "letter"
            found.append(Candidate(tag.start, tag.end, sizes[0].casefold(), kind, "size"))
        elif count is not None:
            found.append(Candidate(tag.start, tag.end, str(count), "number", "qty"))
    for match in _CANDIDATE.finditer(tagged.text):
        kind = match.lastgroup or ""
        if not any(t.start < match.end() and match.start() < t.end for t in tagged.tags):
            found.append(Candidate(match.start(), match.end(), match.group(kind), kind))
    return sorted(found, key=lambda c: c.start)
