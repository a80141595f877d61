"""Several kinds of things in one wish, each with its own conditions: "a blue shirt and black shoes".

The wish is cut at what joins one kind to the next. What follows the last kind is meant of all ("… in linen, under 50")
unless a kind has its own, and so is for whom and for what it is; a colour before the first of two bare kinds, too
("black shirts and shoes"). Alternatives ("shirts or blouses") and kinds of one family, asked for alike, are one
search."""

import re
from collections.abc import Sequence
from itertools import combinations, pairwise

from agent.planner import slots
from agent.planner.intents import Sentence
from agent.planner.meaning import Part, Slots
from agent.planner.tagging import Tag, Tagged
from prompts import taxonomy

MOST = 3  # kinds that are searched apart
_JOINS = re.compile(r"\band\b|\bplus\b|\balso\b|\bwith\b|[,;&+\n]|[和跟与及]|还有|以及|再|另外|外加")
_EITHER = re.compile(r"\bor\b|或|还是")
_ONE_OF = re.compile(r"\b(?:an?|one|some|the|my)\b|[一两几1-9][件条双个顶套只款]")
_OF_ALL = frozenset(
    {"gender", "age_group", "occasion", "season", "style", "price", "price_pref", "not", "sort"}
)
_OF_ONE = frozenset({"category", "size", "quantity", "asks"})


def apart(part: Part, said: Sequence[Sentence], tagged: Tagged, by: slots.Listener | None) -> list[Slots]:
    """What is wanted of each kind, in their order; [] where it is one search."""
    wanted = part.slots.get("category", [])
    if len(wanted) < 2 or not said:
        return []
    start, end = min(s.start for s in said), max(s.end for s in said)
    heads = _heads(tagged, start, end, wanted)
    bounds = _bounds(tagged.text, heads, start, end)
    if not 2 <= len(bounds) <= MOST:
        return []
    kinds = [slots.read(tagged, a, b, by=by) for a, b in bounds]
    if any(not set(k.get("category", [])) & set(wanted) for k in kinds):
        return []
    if any(_related(a["category"], b["category"]) for a, b in combinations(kinds, 2)):
        return []  # "a skirt or dress, a dress": the same thing said again
    for kind, head, (a, _) in zip(kinds, heads, bounds, strict=True):
        for name, values in _before(tagged, head, a, refused=slots.refused(tagged)).items():
            kind.setdefault(name, values)
    _share(kinds, tagged, heads, bounds)
    kinds = [
        slots.ordered({k: v for k, v in kind.items() if k not in ("quantity", "asks")}) for kind in kinds
    ]
    bare = [{k: v for k, v in kind.items() if k != "category"} for kind in kinds]
    families = {taxonomy.ancestors(kind["category"][0])[0] for kind in kinds}
    return kinds if len(families) == len(kinds) or any(b != bare[0] for b in bare[1:]) else []


def _related(some: Sequence[str], others: Sequence[str]) -> bool:
    return any(taxonomy.is_a(a, b) or taxonomy.is_a(b, a) for a in some for b in others)


def _heads(tagged: Tagged, start: int, end: int, wanted: Sequence[str]) -> list[Tag]:
    """The tags that name a kind that is wanted."""
    refused = slots.refused(tagged)
    return [
        tag
        for tag in tagged.within(start, end)
        if set(tag.mention.meanings.slots.get("category", [])) & set(wanted) and tag not in refused
    ]


def _bounds(text: str, heads: Sequence[Tag], start: int, end: int) -> list[tuple[int, int]]:
    """The stretch of each kind; [] where kinds are alternatives or not joined."""
    bounds, begun = [], start
    for one, other in pairwise(heads):
        gap = text[one.end : other.start]
        join = _JOINS.search(gap)
        if _EITHER.search(gap) or join is None:
            return []
        bounds.append((begun, one.end + join.start()))
        begun = one.end + join.end()
    return [*bounds, (begun, end)]


def _before(tagged: Tagged, head: Tag, start: int, refused: Sequence[Tag]) -> Slots:
    """What stands right before a kind is wanted of it: "blue shirt"."""
    found: Slots = {}
    for tag in reversed([t for t in tagged.within(start, head.start) if t not in refused]):
        if not re.fullmatch(r"[ 的色]*(?:<\w+>[ 的色]*)*", tagged.text[tag.end : head.start]):
            break
        found = {k: list(v) for k, v in tag.mention.meanings.slots.items() if k not in _OF_ONE} | found
    return found


def _share(
    kinds: list[Slots], tagged: Tagged, heads: Sequence[Tag], bounds: Sequence[tuple[int, int]]
) -> None:
    """Give every kind what is meant of all, where it has nothing of that sort of its own."""
    common = {k: v for kind in kinds for k, v in kind.items() if k in _OF_ALL}
    after = {
        name
        for tag in tagged.within(heads[-1].end, bounds[-1][1])
        for name in (*tag.mention.meanings.slots, *tag.mention.meanings.effects)
    }
    common |= {k: v for k, v in kinds[-1].items() if k in after - _OF_ONE}
    first = tagged.text[bounds[0][0] : heads[0].start]
    bare = all(set(kind) == {"category"} for kind in kinds[1:])
    if bare and not _ONE_OF.search(first) and not any(map(_ONE_OF.search, _openings(tagged, heads, bounds))):
        common |= {k: v for k, v in kinds[0].items() if k not in _OF_ONE}
    for kind in kinds:
        for name, value in common.items():
            kind.setdefault(name, value)


def _openings(tagged: Tagged, heads: Sequence[Tag], bounds: Sequence[tuple[int, int]]) -> list[str]:
    """What stands before each further kind."""
    return [tagged.text[a : head.start] for head, (a, _) in zip(heads[1:], bounds[1:], strict=True)]


def narrowed(kinds: Sequence[Slots], category: Sequence[str]) -> list[Slots]:
    """Those of the kinds sought before that a later message names: "the shoes in 42"."""
    return [kind for kind in kinds if _related(category, kind.get("category", []))]
