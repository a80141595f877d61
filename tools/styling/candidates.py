"""What could fill each slot of a look: what may be worn at all, decided on the record, from a pool chosen by masks."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, lru_cache
from threading import Lock
from typing import NamedTuple

from prompts import taxonomy
from store.conditions import canonical, held, size_name
from store.evidence import meets
from store.pool import Demand
from store.shop import Shop
from store.types import Filters, PriceRange, Product
from store.words import concepts
from tools.styling.level import level
from tools.styling.piece import Piece, table
from tools.styling.wish import Need, Wish

PREPARED = 20_000  # pieces kept ready
OF_A_PIECE = ("color", "pattern", "material", "sleeve", "neckline", "length", "brand")
_LETTERS = re.compile(r"x*[sl]|m|\d?xl", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
ONE_SIZE = "one size"


@dataclass(frozen=True, eq=False)
class Candidate:
    """A piece that may fill a slot. `cents`: what it costs, 0 for the shopper's own. `met`: how well it is what the
    occasion, the weather and the styles ask for, 0..1."""

    piece: Piece
    slot: str
    cents: int
    level: float | None
    covers: frozenset[str]
    met: float = 0.5

    @cached_property
    def id(self) -> str:
        """The product's; of the shopper's own, of the photo and the place in it."""
        return self.piece.product.id if self.piece.product else f"@{self.piece.photo}/{self.piece.garment}"

    @property
    def own(self) -> bool:
        """The shopper has it."""
        return self.piece.product is None


class Shelf(NamedTuple):
    """What may fill one slot, and which wishes had to be given up to find it: names of attributes, or "occasion"."""

    candidates: tuple[Candidate, ...]
    given_up: tuple[str, ...] = ()


class _Prepared:
    """Pieces of records, made once: a record of the store is the same object until it changes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[int, tuple[Product, Piece]] = OrderedDict()

    def __call__(self, record: Product) -> Piece:
        with self._lock:
            kept = self._kept.get(id(record))
            if kept is not None and kept[0] is record:
                return kept[1]
        piece = Piece.of(record)
        seen = record.seen.get("category")
        if piece.slot is None and isinstance(seen, str) and Piece(seen).slot:
            piece = replace(piece, category=seen)
        with self._lock:
            self._kept[id(record)] = (record, piece)
            while len(self._kept) > PREPARED:
                self._kept.popitem(last=False)
        return piece


prepared = _Prepared()


def candidate(piece: Piece, met: float = 0.5) -> Candidate | None:
    """The piece as a candidate for its own slot; None for what has none."""
    slot = piece.slot
    if slot is None:
        return None
    cents = int(piece.product.current_price.amount * 100) if piece.product else 0
    return Candidate(piece, slot, cents, level(piece), covers(piece.category, slot), met)


@lru_cache(maxsize=1024)
def covers(category: str, slot: str) -> frozenset[str]:
    """The slots beside its own that a piece leaves no room for."""
    rules: Mapping[str, list[str]] = table("looks")["covers"]
    named = (slot, *taxonomy.ancestors(category))
    return frozenset(s for name in named for s in rules.get(name, []))


# ---- what may be worn


def fits(piece: Piece, slot: str, need: Need, where: Filters, strict: bool = True) -> bool:
    """Whether a product may be in a look: stock, size, person, season, what was refused, what was asked for (`where`),
    and, where `strict`, what the occasion rules out."""
    record = piece.product
    if record is None or not record.in_stock or not in_size(record, need):
        return False
    if need.gender and piece.gender in ("women", "men") and piece.gender != need.gender:
        return False
    if (record.age_group or str(record.seen.get("age_group") or "adult")) != need.age:
        return False
    if need.seasons and piece.season and not piece.season & need.seasons:
        return False
    if refused(piece, need.refused):
        return False
    stated = bool(piece.season & need.seasons)
    if not stated and _any(piece, need.off_weather):
        return False
    if strict and _elsewhere(piece, need):
        return False
    if strict and piece.colors[:1] and piece.colors[0] in need.shun.get(slot, ()):
        return False
    return _as_asked(record, where)


def off(piece: Piece, need: Need) -> bool:
    """Whether a piece is out of place for the weather or the occasion."""
    if need.seasons and piece.season and not piece.season & need.seasons:
        return True
    stated = bool(piece.season & need.seasons)
    return (not stated and _any(piece, need.off_weather)) or _elsewhere(piece, need)


def _elsewhere(piece: Piece, need: Need) -> bool:
    """Whether a piece belongs to other occasions than those asked for: by its record, else by its kind."""
    if not need.occasions or piece.occasion & set(need.occasions):
        return False
    return (bool(piece.occasion) and not piece.occasion & need.near) or _any(piece, need.off_occasion)


def refused(piece: Piece, rule: Mapping[str, frozenset[str]]) -> bool:
    """Whether a piece has what was refused: by its record, else by what was seen of it, else by its own title."""
    record = piece.product
    if record is None or not rule:
        return _any(piece, rule) if rule else False
    for attribute, values in rule.items():
        have = {v.casefold() for v in held(record, attribute)}
        if have & values:
            return True
        if attribute == "material" and values & _made_of(piece.category):
            return True
        if not have and values & _titled(piece.title, attribute):
            return True
    return False


@lru_cache(maxsize=4096)
def _titled(title: str, attribute: str) -> frozenset[str]:
    """The values of an attribute that a title names."""
    return frozenset(v for c in concepts(title) for a, v in c.meanings if a == attribute)


def _made_of(category: str) -> frozenset[str]:
    return frozenset({"denim"}) if taxonomy.is_a(category, "jeans") else frozenset()


def _any(piece: Piece, rule: Mapping[str, Iterable[str]]) -> bool:
    """Whether a piece has any value of a rule."""
    for attribute, values in rule.items():
        if attribute == "category":
            if any(taxonomy.is_a(piece.category, v) for v in values):
                return True
        elif attribute == "color":
            if set(piece.colors) & set(values):
                return True
        elif attribute == "style":
            if piece.style and piece.style <= set(values):  # nothing but
                return True
        elif attribute in ("season", "occasion"):
            if getattr(piece, attribute) & set(values):
                return True
        elif getattr(piece, attribute, None) in tuple(values):
            return True
    return False


def _as_asked(record: Product, where: Filters) -> bool:
    for attribute in OF_A_PIECE:
        values = tuple(canonical(attribute, v) for v in getattr(where, attribute))
        if values and not meets(record, attribute, values):
            return False
    price = record.current_price.amount
    if where.price and where.price.max is not None and price > where.price.max:
        return False
    if where.price and where.price.min is not None and price < where.price.min:
        return False
    if where.rating_min is not None and (record.rating or 0.0) < where.rating_min:
        return False
    if where.on_sale and record.sale_price is None:
        return False
    kinds = [c for c in where.category if Piece(c).slot == Piece(record.category).slot]
    return not kinds or any(c in held(record, "category") for c in kinds)


def in_size(record: Product, need: Need) -> bool:
    """Whether it can be bought in the shopper's size; where that is not known, or it comes in sizes of another sort, in
    any."""
    free = {size_name(s) for s in record.sizes_in_stock()}
    if not record.sizes or ONE_SIZE in free:
        return record.in_stock
    listed = [size_name(s.size) for s in record.sizes]
    named = need.size_for(record.category)
    if named is not None:
        return _has(named, listed, free, sure=True)
    return all(_has(size, listed, free, sure=False) for size in need.any_size)


def _has(size: str, listed: list[str], free: set[str], sure: bool) -> bool:
    """`sure`: the size was said of this kind of garment, and is no shoe's number tried on trousers."""
    if size in listed:
        return size in free
    same = [s for s in listed if _number(s) == _number(size) is not None]
    if same:
        return bool(free.intersection(same))  # "32" of 32/30 and 32/32
    letters = [s for s in listed if _LETTERS.fullmatch(s)]
    numbers = [n for s in listed if (n := _number(s)) is not None]
    if _LETTERS.fullmatch(size):
        return not letters and bool(free)
    wanted = _number(size)
    if wanted is None or not numbers:
        return bool(free)
    return not sure and not min(numbers) - 1 <= wanted <= max(numbers) + 1 and bool(free)


def _number(size: str) -> float | None:
    found = _NUMBER.match(size.removeprefix("eu").removeprefix("uk").removeprefix("us").strip())
    return float(found.group()) if found and not _LETTERS.fullmatch(size) else None


# ---- the pools


def shelf(shop: Shop, slot: str, wish: Wish, need: Need) -> Shelf:
    """What may fill a slot: all that is wished, else without what the occasion rules out, else without the colour (or
    pattern, material, ...) that was asked for. Budget, stock, size, person, season and refusals are never given up."""
    where = _merged(wish.where, wish.per_slot.get(slot))
    plain = where.model_copy(update={name: [] for name in OF_A_PIECE})
    named = tuple(name for name in OF_A_PIECE if getattr(where, name))
    occasion = ("occasion",) if need.occasions else ()
    tries: list[tuple[Filters, bool, tuple[str, ...]]] = [(where, True, ())]
    if occasion:
        tries.append((where, False, occasion))
    if named:
        tries.append((plain, True, named))
    if named and occasion:
        tries.append((plain, False, (*named, *occasion)))
    for one, strict, given_up in tries:
        found = _found(shop, slot, wish, need, one, strict)
        if found:
            return Shelf(found, given_up)
    return Shelf(())


def _merged(where: Filters, more: Filters | None) -> Filters:
    if more is None:
        return where
    said = {name: getattr(more, name) for name in more.model_fields_set if name != "not_"}
    return where.model_copy(update=said)


def _found(
    shop: Shop, slot: str, wish: Wish, need: Need, where: Filters, strict: bool
) -> tuple[Candidate, ...]:
    rules = table("looks")
    kinds = [c for c in where.category if Piece(c).slot == slot] or rules["slots"][slot]
    most = where.price.max if where.price else None
    if need.room is not None:
        room = Decimal(need.room) / 100
        most = room if most is None else min(most, room)
    if most is not None and most < 0:
        return ()
    demand = Demand(
        where=Filters(
            category=kinds,
            in_stock=True,
            age_group=[need.age],
            price=PriceRange(min=where.price.min if where.price else None, max=most)
            if most is not None or (where.price and where.price.min is not None)
            else None,
            not_={a: sorted(v) for a, v in need.refused.items()},
            on_sale=where.on_sale,
            rating_min=where.rating_min,
            **{name: getattr(where, name) for name in OF_A_PIECE},
        ),
        open={
            "gender": (need.gender, "unisex") if need.gender else (),
            "season": tuple(sorted(need.seasons)),
        },
        wish=_wishes(need),
        spread={
            "color": taxonomy.values("color"),
            "category": [
                k for kind in kinds for k in sorted(taxonomy.descendants(kind)) if k not in rules["slots"]
            ],
            "style": taxonomy.values("style"),
        },
        k=rules["search"]["pool"],
    )
    demands = [demand]
    sizes = _sizes(kinds, need)
    if sizes:
        in_it = demand.where.model_copy(update={"size": [*sizes, ONE_SIZE]})
        # What is not listed in such sizes may fit as well: of it some are enough.
        demands = [replace(demand, where=in_it), replace(demand, spread={}, k=demand.k // 3)]
    ids = dict.fromkeys(i for one in demands for i in shop.pool(one).ids if i not in wish.not_ids)
    taken = {p.product.id for p in (*wish.must, *wish.have) if p.product}
    out: list[Candidate] = []
    for record in shop.get_many([i for i in ids if i not in taken]):
        piece = prepared(record)
        if piece.slot == slot and fits(piece, slot, need, where, strict):
            made = candidate(piece, _met(piece, need))
            if made is not None:
                out.append(made)
    return tuple(out)


def _sizes(kinds: Iterable[str], need: Need) -> list[str]:
    """The sizes by which a pool of these kinds can be narrowed."""
    leaves = [leaf for kind in kinds for leaf in taxonomy.descendants(kind)]
    named = {size for leaf in leaves if (size := need.size_for(leaf))}
    return sorted(named) or list(need.any_size)


def _wishes(need: Need) -> list[tuple[str, tuple[str, ...], float]]:
    wishes: list[tuple[str, tuple[str, ...], float]] = [("occasion", (o,), 1.0) for o in need.occasions]
    if need.styles:
        wishes.append(("style", tuple(sorted(need.styles)), 0.4))
    if need.seasons:
        wishes.append(("season", tuple(sorted(need.seasons)), 0.3))
    return wishes + [(a, tuple(sorted(values)), 0.3) for a, values in need.prefer.items()]


def _met(piece: Piece, need: Need) -> float:
    """How well a piece is what occasion, weather and styles ask for, 0..1; what its record does not say is 0.5."""
    parts: list[tuple[float, float]] = []
    if need.occasions:
        shared = len(piece.occasion & set(need.occasions)) / len(set(need.occasions))
        near = 0.5 if piece.occasion & need.near else 0.0
        parts.append((2.0, 0.5 if not piece.occasion else max(shared, near)))
    if need.styles:
        parts.append((1.0, 0.5 if not piece.style else float(bool(piece.style & need.styles))))
    for attribute, values in need.prefer.items():
        if attribute == "category":
            parts.append((0.5, 1.0 if any(taxonomy.is_a(piece.category, v) for v in values) else 0.4))
        elif have := getattr(piece, attribute, None):
            parts.append((0.7, 1.0 if have in values else 0.3))
    total = sum(w for w, _ in parts)
    return sum(w * v for w, v in parts) / total if total else 0.5
