"""Which garments go together: pair scores from colour, pattern, season, occasion and style, and looks built on them.

The rules live in outfit_rules.yaml. Colour harmony after Itten's hue relations, measured as CIELAB hue angles.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from pathlib import Path
from typing import Any

import yaml

from prompts import load, taxonomy
from store.types import Product
from tools.cards import phrase


@cache
def rules() -> dict[str, Any]:
    """The rules, read once."""
    return yaml.safe_load((Path(__file__).parent / "outfit_rules.yaml").read_text(encoding="utf-8"))


def worn_by(category: str) -> str | None:
    """The gender that a kind of garment tells by itself; None for most."""
    table: dict[str, str] = rules()["worn_by"]
    return next((table[c] for c in taxonomy.ancestors(category) if c in table), None)


@dataclass(frozen=True)
class Piece:
    """A garment as the rules see it: a product, or something seen in a photo (then `product` is None)."""

    category: str
    colors: tuple[str, ...]
    pattern: str | None
    season: frozenset[str] = frozenset()
    occasion: frozenset[str] = frozenset()
    style: frozenset[str] = frozenset()
    product: Product | None = None

    @classmethod
    def of(cls, record: Product) -> "Piece":
        """The piece a product is."""
        return cls(
            category=record.category,
            colors=tuple(record.colors),
            pattern=record.pattern,
            season=frozenset(record.season),
            occasion=frozenset(record.occasion),
            style=frozenset(record.style),
            product=record,
        )

    @property
    def slot(self) -> str | None:
        """Its place in a look; None for what has none (swimwear)."""
        for slot, categories in rules()["slots"].items():
            if any(taxonomy.is_a(self.category, c) for c in categories):
                return str(slot)
        return None


@dataclass(frozen=True)
class Pairing:
    """How well two pieces go together (0..1) and the strongest ground: a key of `outfit` in prompts/tools.yaml."""

    score: float
    ground: str
    values: tuple[tuple[str, str], ...] = ()

    def reason(self, lang: str, nth: int = 0) -> str:
        """The ground as a sentence in `lang`, in the `nth` of its wordings; empty when there is none worth saying."""
        if not self.ground:
            return ""
        words = {k: _value_word(k, v, lang) for k, v in self.values}
        wordings = load("tools")["outfit"][self.ground][lang]
        text = str(wordings[nth % len(wordings)]).format(**words)
        return text[:1].upper() + text[1:]


def _value_word(kind: str, value: str, lang: str) -> str:
    attribute = {"item": "category", "pattern": "pattern", "season": "season", "occasion": "occasion"}.get(
        kind, "color"
    )
    return phrase(attribute, value, lang)


def pair(a: Piece, b: Piece) -> Pairing:
    """Score two pieces; an attribute that either lacks counts as indifferent (0.5)."""
    weights = rules()["weights"]
    color, color_ground, color_values = _color(a, b)
    parts = {
        "color": (color, color_ground, color_values),
        "pattern": _pattern(a, b),
        **{
            name: _overlap(name, getattr(a, name), getattr(b, name))
            for name in ("season", "occasion", "style")
        },
    }
    total = sum(weights[name] * score for name, (score, _, _) in parts.items())
    telling = [
        (weights[n] * s, ground, values) for n, (s, ground, values) in parts.items() if ground and s >= 0.6
    ]
    _, ground, values = max(telling, default=(0.0, "", ()), key=lambda part: part[0])
    return Pairing(total, ground, values)


def _color(a: Piece, b: Piece) -> tuple[float, str, tuple[tuple[str, str], ...]]:
    scores, neutrals = rules()["color_scores"], rules()["neutrals"]
    if not a.colors or not b.colors or "multicolour" in (a.colors[0], b.colors[0]):
        return 0.5, "", ()
    x, y = a.colors[0], b.colors[0]
    if x == y:
        return scores["same"], "same", (("color", x),)
    if x in neutrals and y in neutrals:
        return scores["neutral_pair"], "", ()
    if x in neutrals or y in neutrals:
        neutral, other = (x, y) if x in neutrals else (y, x)
        return scores["neutral"], "neutral", (("neutral", neutral), ("other", other))
    angle = _hue_difference(x, y)
    if angle <= rules()["near_hue"]:
        return scores["near"], "near", (("a", x), ("b", y))
    if angle >= rules()["contrast_hue"]:
        return scores["contrast"], "contrast", (("a", x), ("b", y))
    return scores["clash"], "", ()


def _pattern(a: Piece, b: Piece) -> tuple[float, str, tuple[tuple[str, str], ...]]:
    scores = rules()["pattern_scores"]
    if a.pattern is None or b.pattern is None:
        return 0.5, "", ()
    calm = ("plain", "textured")
    if a.pattern in calm and b.pattern in calm:
        return scores["none"], "", ()
    if a.pattern not in calm and b.pattern not in calm:
        return scores["both"], "", ()
    plain, loud = (a, b) if a.pattern in calm else (b, a)
    return scores["one"], "calm", (("item", plain.category), ("pattern", str(loud.pattern)))


def _overlap(
    name: str, a: frozenset[str], b: frozenset[str]
) -> tuple[float, str, tuple[tuple[str, str], ...]]:
    if not a or not b:
        return 0.5, "", ()
    shared = sorted(a & b)
    score = len(shared) / min(len(a), len(b))
    # Being worn every day in any season says nothing worth saying.
    telling = [v for v in shared if v != "everyday"] if len(shared) < 4 else []
    if name == "style" or not telling:
        return score, "", ()
    return score, name, ((name, telling[0]),)


def _hue_difference(x: str, y: str) -> float:
    """Degrees between the hues of two colour names in CIELAB, 0..180."""
    difference = abs(_hue(x) - _hue(y)) % 360
    return min(difference, 360 - difference)


@cache
def _hue(color: str) -> float:
    """CIELAB hue angle (degrees) of a colour's swatch, sRGB under D65."""
    swatch = taxonomy.swatch(color) or "#808080"
    r, g, b = (_linear(int(swatch[i : i + 2], 16) / 255) for i in (1, 3, 5))
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return math.degrees(math.atan2(200 * (fy - fz), 500 * (fx - fy))) % 360


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


@dataclass(frozen=True)
class Outfit:
    """A look: the pieces added to the anchor (slot → product), its mean pair score, and its pairings, best first."""

    items: dict[str, Product]
    score: float
    pairings: list[Pairing]


def _for_one_person(pieces: Sequence[Piece]) -> bool:
    """Nobody wears a women's skirt with men's shoes and a child's coat."""
    records = [piece.product for piece in pieces if piece.product]
    genders = {p.gender for p in records} - {None, "unisex"}
    return len(genders) <= 1 and len({p.age_group or "adult" for p in records}) <= 1


def build(
    anchor: Piece,
    candidates: dict[str, list[Product]],
    slots: list[str],
    budget: float | None,
    taken: set[str],
) -> Outfit | None:
    """The best complete look of `slots` around `anchor`, within `budget` for all added, without `taken` ids."""
    pools = []
    for slot in slots:
        pieces = [Piece.of(p) for p in candidates.get(slot, []) if p.id not in taken]
        pieces.sort(key=lambda piece: pair(anchor, piece).score, reverse=True)
        pools.append(pieces[: rules()["candidates_per_slot"]])
    best: Outfit | None = None
    for chosen in product(*pools):
        if not _for_one_person((anchor, *chosen)):
            continue
        total = sum(float(piece.product.current_price.amount) for piece in chosen if piece.product)
        if budget is not None and total > budget:
            continue
        pairings = [pair(a, b) for a, b in combinations((anchor, *chosen), 2)]
        score = sum(p.score for p in pairings) / len(pairings)
        if best is None or score > best.score:
            items = {slot: piece.product for slot, piece in zip(slots, chosen, strict=True) if piece.product}
            best = Outfit(items, score, sorted(pairings, key=lambda p: p.score, reverse=True))
    return best
