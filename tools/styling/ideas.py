"""Ideas of looks: how dressed, of which family, in what colours, of which slots; whether a look is what it is called.

Two looks are two ideas when they differ in at least two of: the slots they fill, how dressed they are, what their
colours do, their family of style. Another shade of the same is none.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import fmean
from typing import Any, Literal

from prompts import taxonomy
from tools.styling.candidates import Candidate
from tools.styling.piece import Piece, table
from tools.styling.wish import Need

Palette = Literal["quiet", "tonal", "accent", "colour", "any"]
_BESIDE = ("shoes", "bag", "accessory")  # may be of a neutral outside the family in a look tone on tone
_CALM = (None, "plain", "textured")
UNKNOWN = 0.5


@dataclass(frozen=True)
class Idea:
    """One idea; the fields as in looks.yaml. `strict`: its kinds, palette and pattern have to hold."""

    name: str
    level: float | None
    styles: frozenset[str]
    palette: Palette
    slots: tuple[tuple[str, ...], ...]
    extras: tuple[str, ...]
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pattern: str = "any"
    family: str | None = None
    only_for: frozenset[str] = frozenset()
    who: str | None = None
    not_weather: frozenset[str] = frozenset()

    def takes(self, candidate: Candidate) -> bool:
        """Whether a piece is of the kinds that the idea has in its slot. What a shop files no deeper than the root of
        the slot ("shoes") may be."""
        kinds = dict(self.kinds).get(candidate.slot)
        if kinds is None or candidate.own:
            return True
        category = candidate.piece.category
        return any(taxonomy.is_a(category, k) for k in kinds) or len(taxonomy.ancestors(category)) == 1

    def fit(self, candidate: Candidate, need: Need) -> float:
        """How well a piece is what the idea and the wish ask for, 0..1."""
        aim = need.aim if need.aim is not None else self.level
        parts = [(1.0, candidate.met)]
        if self.styles:
            own = candidate.piece.style
            parts.append((1.0, UNKNOWN if not own else 1.0 if own & self.styles else 0.1))
        if aim is not None and candidate.level is not None:
            aim = min(max(aim, need.low), need.high)
            parts.append((1.0, max(0.0, 1 - abs(candidate.level - aim) / 2)))
        elif candidate.level is not None:
            off = max(need.low - candidate.level, candidate.level - need.high, 0.0)
            parts.append((1.0, max(0.0, 1 - off / 1.5)))
        return sum(w * v for w, v in parts) / sum(w for w, _ in parts)


@cache
def ideas() -> tuple[Idea, ...]:
    """All of looks.yaml, in its order."""
    return tuple(_read(name, one) for name, one in table("looks")["ideas"].items())


def _read(name: str, one: dict[str, Any]) -> Idea:
    return Idea(
        name=name,
        level=one["level"],
        styles=frozenset(one["styles"]),
        palette=one["palette"],
        slots=tuple(tuple(s) for s in one["slots"]),
        extras=tuple(one["extras"]),
        kinds=tuple((slot, tuple(kinds)) for slot, kinds in one.get("kinds", {}).items()),
        pattern=one.get("pattern", "any"),
        family=one.get("family"),
        only_for=frozenset(one.get("for", ())),
        who=one.get("who"),
        not_weather=frozenset(one.get("not_weather", ())),
    )


def plain(name: str, slots: Sequence[Sequence[str]], extras: Sequence[str] = ()) -> Idea:
    """An idea that asks for nothing but its slots."""
    return Idea(name, None, frozenset(), "any", tuple(tuple(s) for s in slots), tuple(extras))


def suitable(need: Need, anchors: Sequence[Piece]) -> list[Idea]:
    """The ideas that are right for a wish, the most fitting first."""
    scored: list[tuple[float, Idea]] = []
    own = frozenset(s for p in anchors for s in p.style)
    middle = need.aim if need.aim is not None else (need.low + need.high) / 2
    for idea in ideas():
        if idea.only_for and not idea.only_for & set(need.occasions):
            continue
        if (idea.who and need.gender not in (idea.who, None)) or idea.not_weather & set(need.weather):
            continue
        if idea.level is not None and not need.low - 0.4 <= idea.level <= need.high + 0.4:
            continue
        score = 0.6 * bool(idea.only_for) - 0.25 * abs(
            (idea.level if idea.level is not None else middle) - middle
        )
        if idea.styles:
            score += 0.4 * bool(idea.styles & need.styles) + 0.4 * bool(idea.styles & own) - 0.1
        scored.append((score, idea))
    return [idea for _, idea in sorted(scored, key=lambda one: -one[0])]


# ---- colours


@cache
def families(color: str) -> frozenset[str]:
    """The families of colour that one belongs to."""
    return frozenset(name for name, colors in table("looks")["families"].items() if color in colors)


def neutral(color: str) -> bool:
    return color in table("looks")["neutral"]


def main_color(piece: Piece) -> str | None:
    """The first colour; None where it is not known or is many."""
    return piece.colors[0] if piece.colors and piece.colors[0] != "multicolour" else None


def palette(pieces: Iterable[Piece]) -> Palette:
    """What the colours of a look do."""
    pieces = list(pieces)
    known = [(p, c) for p in pieces if (c := main_color(p))]
    loud = [c for _, c in known if not neutral(c)]
    body = [c for p, c in known if p.slot not in _BESIDE]
    shared = frozenset.intersection(*(families(c) for c in body)) if body else frozenset()
    beside = all(neutral(c) or families(c) & shared for p, c in known if p.slot in _BESIDE)
    in_one = sum(bool(families(c) & shared) for _, c in known)
    if shared and beside and len(body) > 1 and in_one >= 3:
        return "tonal"
    if not loud:
        return "quiet"
    hues = {min(families(c), default=c) for c in loud}
    return "accent" if len(hues) == 1 and len(loud) <= max(2, len(known) // 2) else "colour"


def keeps(idea: Idea, pieces: Sequence[Piece], added: Sequence[Piece]) -> bool:
    """Whether a look is in the colours and patterns that its idea names."""
    if idea.pattern != "any":
        loud = sum(p.pattern not in _CALM for p in pieces)
        if loud != (1 if idea.pattern == "one" else 0):
            return False
    if idea.palette == "any":
        return True
    if idea.palette == "quiet":
        return all((c := main_color(p)) is None or neutral(c) for p in added)
    return palette(pieces) == idea.palette


def clashes(idea: Idea, piece: Piece, loud: frozenset[str], shared: frozenset[str] | None) -> bool:
    """Whether a piece would lead away from the idea's colours, beside families that are there: `loud` ones, and those
    `shared` by the clothes so far (None: no clothes yet)."""
    color = main_color(piece)
    if color is None or idea.palette == "any":
        return False
    if idea.palette == "quiet":
        return not neutral(color)
    if idea.palette == "tonal":
        if piece.slot in _BESIDE:
            return not neutral(color) and bool(shared) and not families(color) & (shared or frozenset())
        return shared is not None and not families(color) & shared
    if idea.palette == "accent":
        return not neutral(color) and bool(loud) and not families(color) & loud
    return False


# ---- how looks differ


def aspects(pieces: Sequence[Candidate], idea: Idea) -> tuple[object, ...]:
    """Slots, level (in steps of 0.8), palette and family of style of a look."""
    levels = [c.level for c in pieces if c.level is not None]
    styles = Counter(s for c in pieces for s in c.piece.style)
    most = max(styles.values(), default=0)
    family = idea.family or min((s for s, n in styles.items() if n == most), default=None)
    dressed = round(fmean(levels) / 0.8) if levels else None
    return (frozenset(c.slot for c in pieces), dressed, palette(c.piece for c in pieces), family)


def differ(a: tuple[object, ...], b: tuple[object, ...]) -> int:
    """In how many aspects two looks differ, 0..4."""
    return sum(x != y for x, y in zip(a, b, strict=True))
