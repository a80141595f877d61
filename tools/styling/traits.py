"""What the score reads of a piece, prepared once: its colours as measured, its cloth and weather, how formal it is, its
cut, its manner. Equal traits are one object, so that what was found of two of them is found again by identity."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from prompts import taxonomy
from tools.styling.piece import Piece, table
from tools.styling.titles import REMEMBERED, Named, completed, heard_in, named_shades, read
from tools.styling.tones import Tone, tone


@dataclass(frozen=True, eq=False)
class Palette:
    """The colours of a piece, main first, in the place where they are worn. `leather`: it is of leather or suede."""

    tones: tuple[Tone, ...]
    category: str
    slot: str | None
    area: float
    leather: bool
    loud: bool
    tailored: bool
    material: str | None


@dataclass(frozen=True, eq=False)
class Print:
    """The pattern of a piece. `loud` 0..1, 0 for a plain one, None where it is not known; `colors`: those that tell."""

    pattern: str | None
    loud: float | None
    colors: frozenset[str]
    category: str
    small: bool
    tailored: bool


@dataclass(frozen=True, eq=False)
class Cloth:
    """Cloth and weather. `warmth`: 0 for high summer, 1 for deep winter, None where nothing tells."""

    material: str | None
    category: str
    slot: str | None
    season: frozenset[str]
    warmth: float | None
    bare: bool
    slip: bool


@dataclass(frozen=True, eq=False)
class Fabric:
    """What a piece is of. `sweats`: a kind made for sport, whatever its cloth; `large`: no shoes, bag or accessory;
    `color`: its main one."""

    material: str | None
    category: str
    sweats: bool
    large: bool
    color: str | None


@dataclass(frozen=True, eq=False)
class Rank:
    """How formal: `level` 0..10, None for a kind that is not known; `reach`: how far from it the piece is worn."""

    level: float | None
    reach: float
    category: str
    sporting: bool
    slot: str | None = None
    small: bool = False
    days: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Cut:
    """Marks of the cut (loose, wide, slim, cropped …, a length) and the kind that bears them."""

    marks: frozenset[str]
    kinds: frozenset[str]
    category: str
    street: bool


@dataclass(frozen=True, eq=False)
class Manner:
    """Styles and occasions."""

    style: frozenset[str]
    occasion: frozenset[str]
    category: str


@dataclass(frozen=True, eq=False)
class Wearer:
    """Whom a piece is for; None where that is not known."""

    gender: str | None
    age: str | None
    place: str
    slot: str | None
    kinds: frozenset[str]


@dataclass(frozen=True, eq=False)
class Traits:
    """All of a piece that the score reads. `order` puts two pieces in one order, whoever is asked about first."""

    order: tuple[int, str]
    palette: Palette
    print: Print
    cloth: Cloth
    fabric: Fabric
    rank: Rank
    cut: Cut
    manner: Manner
    wearer: Wearer


_SLOTS = ("outer", "top", "onepiece", "swim", "bottom", "shoes", "bag", "accessory")


def traits(piece: Piece) -> Traits:
    """The traits of a piece; made once, then kept with it."""
    made = piece.__dict__.get("_traits")
    if made is None:
        made = _made(piece)
        piece.__dict__["_traits"] = (
            made  # frozen for whoever reads it; what is derived is no part of its value
        )
    return made


def _made(piece: Piece) -> Traits:
    piece = completed(piece)
    slot, title = piece.slot, read(piece.title)
    marks = heard_in(title)
    material = piece.material or _of_kind(piece.category)
    rank = _rank(
        piece.category, material, piece.style, piece.occasion, piece.pattern, marks, piece.age_group == "kids"
    )
    tailored = bool({"business", "formal"} & piece.style) or piece.category in ("blazer", "suit")
    pattern = table("rules")["pattern"]
    loud = None if piece.pattern is None else pattern["loud"].get(piece.pattern, 0.0)
    small = slot in table("rules")["small"]
    named = named_shades(title, piece.colors)
    tones = _tones(piece.colors, piece.shares, named, material)
    return Traits(
        order=(
            _SLOTS.index(slot) if slot in _SLOTS else len(_SLOTS),
            "|".join(
                (
                    piece.category, *piece.colors, str(piece.pattern), str(material), str(piece.length), title,
                    *sorted(piece.season | piece.style | piece.occasion),
                )
            ),
        ),
        palette=_palette(
            tones, piece.category, slot, bool(loud), tailored, material,
        ),
        print=_print(
            piece.pattern, loud, frozenset(t.name for t in tones if t.name != "white"), piece.category, small, tailored
        ),
        cloth=_cloth(
            material, piece.category, slot, piece.season,
            piece.sleeve, marks & _WARMTH_MARKS, marks & {"bare", "slip"},
        ),
        fabric=_fabric(material, piece.category, slot, piece.colors[0] if piece.colors else None),
        rank=rank,
        cut=_cut(piece.category, piece.length, marks, "street" in piece.style),
        manner=_manner(piece.style, piece.occasion, piece.category),
        wearer=_wearer(piece.gender, piece.age_group, piece.category),
    )  # fmt: skip


_WARMTH_MARKS = frozenset({"warm+", "warm-"})


def _tones(
    colors: tuple[str, ...], shares: tuple[float, ...], named: Mapping[str, Named], material: str | None
) -> tuple[Tone, ...]:
    usual = (0.7, 0.2, 0.1)
    made = []
    for place, name in enumerate(colors[:3]):
        srgb = taxonomy.swatch(name)
        if srgb is None:  # multicolour, or a word of the shop's own
            continue
        words = (taxonomy.word("color", name, "zh"), taxonomy.word("color", name, "en"))
        if material == "denim":
            zh, en = table("rules")["color"]["denim_words"].get(name, words)
            words = (zh, en)
        own = named.get(name) or Named(srgb, words)
        if material == "denim" and name in table("rules")["color"]["denim_words"]:
            own = own._replace(words=words)
        share = shares[place] if place < len(shares) else usual[place]
        made.append(tone(name, own.words, own.srgb, round(share, 1), material))
    return tuple(made)


@cache
def _of_kind(category: str) -> str | None:
    """The cloth that a kind tells by itself."""
    return {"jeans": "denim", "puffer": "down"}.get(category)


def kinds(category: str, values: Mapping[str, Any]) -> Any:
    """The value for a kind, else for the nearest kind above it; None where none of them has one."""
    return next((values[c] for c in reversed(taxonomy.ancestors(category)) if c in values), None)


@lru_cache(REMEMBERED)
def _palette(
    tones: tuple[Tone, ...], category: str, slot: str | None, loud: bool, tailored: bool, material: str | None
) -> Palette:
    area = table("rules")["area"].get(slot, 0.3)
    leather = material in table("rules")["color"]["leather"]["materials"]
    return Palette(tones, category, slot, area, leather, loud, tailored, material)


@lru_cache(REMEMBERED)
def _print(
    pattern: str | None,
    loud: float | None,
    colors: frozenset[str],
    category: str,
    small: bool,
    tailored: bool,
) -> Print:
    return Print(pattern, loud, colors, category, small, tailored)


@lru_cache(REMEMBERED)
def _cloth(
    material: str | None, category: str, slot: str | None, season: frozenset[str],
    sleeve: str | None, told: frozenset[str], marks: frozenset[str],
) -> Cloth:  # fmt: skip
    rules = table("rules")["season"]
    warmth = rules["warmth"]
    weatherless = any(taxonomy.is_a(category, c) for c in rules["weatherless"])
    by_season = (
        _mean(warmth["season"][s] for s in season if s in warmth["season"]) if len(season) < 4 else None
    )
    by_kind = None if weatherless and material == "silk" else kinds(category, warmth["category"])
    by_cloth = warmth["material"].get(material)
    if weatherless and material != "straw":  # a leather bag is carried all year, whatever its season's colour
        by_season = by_cloth = None
    known = [
        (warmth["shares"][name], value)
        for name, value in (("season", by_season), ("material", by_cloth), ("category", by_kind))
        if value is not None
    ]
    warm = None
    if known:
        told_by = sum(w for w, _ in known)
        warm = sum(w * v for w, v in known) / told_by
        # What little is known pulls little from the middle: a boot by name alone is no winter boot.
        warm = warmth["middle"] + (warm - warmth["middle"]) * min(told_by / warmth["enough"], 1.0)
    if warm is not None:
        for entry in warmth["words"]:
            if ("warm+" if entry["by"] > 0 else "warm-") in told:
                warm = min(max(warm + entry["by"], 0.0), 1.0)
    bare = "bare" in marks or sleeve == "sleeveless"
    return Cloth(material, category, slot, season, warm, bare, "slip" in marks)


@lru_cache(REMEMBERED)
def _fabric(material: str | None, category: str, slot: str | None, color: str | None) -> Fabric:
    sweats = table("rules")["material"]["sweats"]["kinds"]
    return Fabric(
        material,
        category,
        any(taxonomy.is_a(category, kind) for kind in sweats),
        slot in ("outer", "top", "bottom", "onepiece"),
        color,
    )


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return sum(listed) / len(listed) if listed else None


def _rank(
    category: str, material: str | None, style: frozenset[str], occasion: frozenset[str],
    pattern: str | None, marks: frozenset[str], kids: bool,
) -> Rank:  # fmt: skip
    told = frozenset(m for m in marks if m.startswith(("level", "reach"))) | (marks & {"sporting"})
    return _ranked(category, material, style, occasion, pattern, told, kids)


@lru_cache(REMEMBERED)
def _ranked(
    category: str, material: str | None, style: frozenset[str], occasion: frozenset[str],
    pattern: str | None, told: frozenset[str], kids: bool,
) -> Rank:  # fmt: skip
    rules = table("rules")["formality"]
    base = kinds(category, rules["category"])
    if base is None:
        return Rank(None, 0.0, category, False)
    level = base + rules["material"].get(material, 0.0) + rules["pattern"].get(pattern, 0.0)
    level += _mean(rules["style"][s] for s in style if s in rules["style"]) or 0.0
    level += _mean(rules["occasion"][o] for o in occasion if o in rules["occasion"]) or 0.0
    level += sum(entry["by"] for n, entry in enumerate(rules["words"]) if f"level {n}" in told)
    # Made for sport, whatever it looks like: nothing of it is dressed up.
    sporting = "sporting" in told or (bool(style) and style <= {"sporty"})
    reach = kinds(category, rules["reach"]) or 0.0
    if material == "denim":
        reach = max(reach, rules["denim_reach"])
    if not style and not occasion:
        reach += rules["reach_unknown"]
    reach += sum(entry["by"] for n, entry in enumerate(rules["reach_words"]) if f"reach {n}" in told)
    reach += rules["reach_kids"] if kids else 0.0
    festive = any(f"level {n}" in told for n, entry in enumerate(rules["words"]) if entry.get("festive"))
    if sporting or festive:
        reach = min(reach, rules["reach_fixed"])
    days = occasion & frozenset(rules["days"]["of"])
    level = min(max(level, 0.0 if sporting else rules["lowest"]), 10.0)
    slot = Piece(category).slot
    return Rank(level, reach, category, sporting, slot, slot in table("rules")["small"], days)


def _cut(category: str, length: str | None, words: frozenset[str], street: bool) -> Cut:
    told = words & frozenset(table("rules")["silhouette"]["words"])
    return _cut_of(category, length, told, street)


@lru_cache(REMEMBERED)
def _cut_of(category: str, length: str | None, told: frozenset[str], street: bool) -> Cut:
    rules = table("rules")["silhouette"]
    slot = Piece(category).slot
    marks = set(told) | set(kinds(category, rules["kinds"]) or ())
    if slot in ("bottom", "onepiece") and "long" in marks:
        marks.discard("long")  # long trousers are trousers
    if slot not in ("top", "outer"):
        marks.discard("bulky")
    if slot == "outer":
        marks -= {"cropped"} if "bulky" in marks else set()  # 短款羽绒服 is an ordinary puffer
    if not taxonomy.is_a(category, "boots"):
        marks -= {"tall", "heavy"}
    if length:
        marks.add(length)
    above = frozenset({*taxonomy.ancestors(category), *([slot] if slot else [])})
    return Cut(frozenset(marks), above, category, street)


@lru_cache(REMEMBERED)
def _manner(style: frozenset[str], occasion: frozenset[str], category: str) -> Manner:
    return Manner(style, occasion, category)


@lru_cache(REMEMBERED)
def _wearer(gender: str | None, age: str | None, category: str) -> Wearer:
    slot = Piece(category).slot
    place = category if slot == "accessory" else str(slot)
    if slot == "accessory":
        place = next((c for c in taxonomy.ancestors(category) if c != "accessories"), category)
    above = frozenset({*taxonomy.ancestors(category), *([slot] if slot else [])})
    return Wearer(gender, age, place, slot, above)
