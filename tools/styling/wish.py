"""What is wished of looks, and what follows from it for every piece."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import fmean
from typing import Any, Literal, get_args

from prompts import taxonomy
from store.conditions import canonical, size_name
from store.shoppers import CLOTHES
from store.types import Filters
from tools.styling.level import level
from tools.styling.piece import Piece, table

Weather = Literal["hot", "warm", "mild", "cool", "cold", "snow", "rain", "wind"]
WEATHERS: tuple[str, ...] = get_args(Weather)
Level = Literal["sporty", "casual", "smart_casual", "business", "smart", "formal"]
LEVELS: tuple[str, ...] = get_args(Level)
_NOT_CLOTHES = ("shoes", "bag", "accessories")
WIDE = 1.3  # how far a look may be from the level of what it is built on
NEAR = 0.7  # and from one that was asked for


@dataclass(frozen=True)
class Wish:
    """What looks are to be.

    `must`: pieces that every look is built on; `have`: pieces to use where they fit, at least one in each look. Those
    with a `product` are to be bought and count towards `budget`; those of a photo are the shopper's own. `weather`:
    any of WEATHERS. `formality`: a level, 0 to 4; `shift`: steps from where the look before was (-1: more casual).
    `where`: what every added piece must be; `per_slot`: what that of one slot must be. `without`: slots or categories
    that are to be left out. `sizes`: kind of garment (a category, or "clothes") -> size; sizes in `where` are of
    whatever comes in such sizes. `not_ids`: what must not come. `before`: the look that is to be changed; with `swap`
    (a slot) all of it stays but that slot. `count`: looks.
    """

    must: tuple[Piece, ...] = ()
    have: tuple[Piece, ...] = ()
    occasions: tuple[str, ...] = ()
    season: str | None = None
    weather: tuple[str, ...] = ()
    formality: float | None = None
    shift: int = 0
    budget: Decimal | None = None
    where: Filters = field(default_factory=Filters)
    per_slot: Mapping[str, Filters] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)
    not_ids: frozenset[str] = frozenset()
    before: tuple[Piece, ...] = ()
    swap: str | None = None
    count: int = 3


Rule = Mapping[str, frozenset[str]]  # attribute -> values


@dataclass(frozen=True)
class Need:
    """What follows from a wish for every added piece and every look.

    `seasons`: a piece that says its seasons must have one of them, all pieces of a look a common one. `near`: occasions
    near enough to those asked for. `low`, `high`: levels between which a look is; `aim`: the one it is to have, None
    where none is better than another. `off_weather` and `off_occasion`: what is out of place, unless its own record
    names the season or the occasion. `room`: what is left of the budget for added pieces, in hundredths. `left_out` and
    `needed`: slots.
    """

    gender: str | None
    age: str
    seasons: frozenset[str]
    occasions: tuple[str, ...]
    near: frozenset[str]
    weather: tuple[str, ...]
    low: float
    high: float
    aim: float | None
    styles: frozenset[str]
    off_weather: Rule
    off_occasion: Rule
    shun: Rule
    prefer: Rule
    refused: Rule
    room: int | None
    left_out: frozenset[str]
    needed: frozenset[str]
    sizes: Mapping[str, str]
    any_size: tuple[str, ...]

    def size_for(self, category: str) -> str | None:
        """The size of that kind of garment, as it was said; None where none was."""
        lineage = taxonomy.ancestors(category)
        kinds = (*reversed(lineage), *(() if lineage[0] in _NOT_CLOTHES else (CLOTHES,)))
        return next((self.sizes[kind] for kind in kinds if kind in self.sizes), None)


def need_of(wish: Wish) -> Need:
    """What follows from `wish`."""
    rules = table("looks")
    anchors = (*wish.must, *wish.have)
    occasions = tuple(o for o in (*wish.occasions, *wish.where.occasion) if o in rules["occasions"])
    known = [rules["occasions"][o] for o in dict.fromkeys(occasions)]
    seasons, weather = _seasons(wish, known)
    low, high, aim = _levels(wish, known, anchors)
    in_force = [rules["weather"][w] for w in weather]
    left_out = {s for w in in_force for s in w.get("without", [])}
    left_out |= set.intersection(*(set(o.get("without", [])) for o in known)) if known else set()
    unwanted = {s for s in wish.without if s in rules["slots"]}
    needed = {s for w in in_force for s in w.get("need", [])} | set(_slots_of(wish.where.category))
    needed |= set(wish.per_slot)
    refused = {a: list(values) for a, values in wish.where.not_.items()}
    refused.setdefault("category", []).extend(w for w in wish.without if w not in rules["slots"])
    return Need(
        gender=_gender(wish, anchors),
        age=_age(wish, anchors),
        seasons=seasons,
        occasions=occasions,
        near=frozenset((*occasions, *(n for o in known for n in o["near"]))),
        weather=weather,
        low=low,
        high=high,
        aim=aim,
        styles=frozenset((*wish.where.style, *(s for o in known for s in o.get("styles", [])))),
        off_weather=_merged(w.get("avoid", {}) for w in in_force),
        off_occasion=_merged(o.get("avoid", {}) for o in known),
        shun=_merged(o.get("shun", {}) for o in known),
        prefer=_merged(w.get("prefer", {}) for w in in_force),
        refused={a: frozenset(canonical(a, v) for v in values) for a, values in refused.items() if values},
        room=None if wish.budget is None else int(wish.budget * 100) - cost(anchors_bought(wish)),
        left_out=frozenset((left_out - needed) | unwanted),
        needed=frozenset(needed - unwanted),
        sizes={kind: size_name(size) for kind, size in wish.sizes.items()},
        any_size=tuple(size_name(s) for s in wish.where.size),
    )


def anchors_bought(wish: Wish) -> list[Piece]:
    """The pieces that are to be bought whatever is added."""
    return [p for p in wish.must if p.product is not None]


def cost(pieces: Iterable[Piece]) -> int:
    """What pieces cost together, in hundredths; what is the shopper's own costs nothing."""
    return sum(int(p.product.current_price.amount * 100) for p in pieces if p.product is not None)


def _slots_of(categories: Iterable[str]) -> list[str]:
    return [slot for c in categories if (slot := Piece(c).slot)]


def _merged(rules: Iterable[Mapping[str, Any]]) -> Rule:
    out: dict[str, frozenset[str]] = {}
    for rule in rules:
        for attribute, values in rule.items():
            out[attribute] = out.get(attribute, frozenset()) | frozenset(values)
    return out


def _seasons(wish: Wish, known: list[dict[str, Any]]) -> tuple[frozenset[str], tuple[str, ...]]:
    """The seasons that a piece may be for, and the weather whose rules hold."""
    rules = table("looks")
    weather = tuple(w for w in dict.fromkeys(wish.weather) if w in rules["weather"])
    said = [s for s in (wish.season or "", *wish.where.season) if s in rules["seasons"]]
    by_weather = [s for w in weather for s in rules["weather"][w]["seasons"]]
    if said:
        seasons = frozenset(said)
        if not by_weather:
            weather = (*weather, *dict.fromkeys(rules["seasons"][s] for s in said))
        return seasons, weather
    if by_weather:
        return frozenset(by_weather), weather
    stated = [p.season for p in (*wish.must, *wish.before) if p.season]
    own = frozenset.intersection(*stated) if stated else frozenset()
    if own or stated:
        return own, weather
    usual = next((o["weather"] for o in known if "weather" in o), None)
    if usual and not weather:
        return frozenset(rules["weather"][usual]["seasons"]), (usual,)
    return frozenset(), weather


def _levels(
    wish: Wish, known: list[dict[str, Any]], anchors: tuple[Piece, ...]
) -> tuple[float, float, float | None]:
    """Between which levels a look is, and which it is to have."""
    rules = table("looks")["levels"]
    low, high = 0.0, 4.0
    if known:  # a beach wedding is a wedding
        low, high = max((o["levels"] for o in known), key=lambda band: float(band[0]))
    aim: float | None = None
    own = [x for p in wish.must if (x := level(p)) is not None]
    if wish.formality is not None:
        aim = wish.formality
    elif wish.shift:
        held = [x for p in (wish.before or anchors) if (x := level(p)) is not None]
        start = fmean(held) if held else (low + high) / 2
        aim = start + wish.shift * float(rules["step"])
    if aim is not None:
        aim = min(max(aim, 0.0), 4.0)
        return max(aim - NEAR, 0.0), min(aim + NEAR, 4.0), aim
    if own and not known:
        return max(fmean(own) - WIDE, 0.0), min(fmean(own) + WIDE, 4.0), None
    return low, high, None


def _gender(wish: Wish, anchors: tuple[Piece, ...]) -> str | None:
    said = {g for g in wish.where.gender if g in ("women", "men")}
    if len(said) == 1:
        return said.pop()
    told = {p.gender for p in (*wish.must, *wish.before) if p.gender in ("women", "men")}
    if not told:
        told = {p.gender for p in anchors if p.gender in ("women", "men")}
    return told.pop() if len(told) == 1 else None


def _age(wish: Wish, anchors: tuple[Piece, ...]) -> str:
    if wish.where.age_group:
        return wish.where.age_group[0]
    told = {p.age_group for p in (*anchors, *wish.before) if p.age_group}
    return told.pop() if len(told) == 1 else "adult"
