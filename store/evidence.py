"""How well one product meets one wish: exactly, nearly, or not at all."""

from functools import cache
from math import dist

from prompts import taxonomy
from store.conditions import canonical, held
from store.types import Filters, Product

# what a wish weighs when it only moves products up
WEIGHT = {
    "category": 3.0,
    "color": 2.0,
    "pattern": 1.5,
    "material": 1.5,
    "brand": 2.0,
    "gender": 1.5,
    "size": 1.0,
}
OTHER = 1.0
UNSPECIFIC = 0.6
SECONDARY = 0.6  # a dress with red flowers, asked for a red dress
Wish = tuple[str, tuple[str, ...]]  # (attribute, values any of which will do)


def wishes(filters: Filters) -> list[Wish]:
    """The attribute conditions of `filters` as wishes, canonical."""
    names = (*taxonomy.ATTRIBUTES, "brand", "size")
    return [(a, tuple(canonical(a, v) for v in values)) for a in names if (values := getattr(filters, a))]


def weight(attribute: str) -> float:
    return WEIGHT.get(attribute, OTHER)


def meets(product: Product, attribute: str, values: tuple[str, ...]) -> str | None:
    """The value of `product` that meets the wish, None when none does."""
    have = [v.casefold() for v in held(product, attribute)]
    return next((v for v in values if v in have), None)


def degree(product: Product, attribute: str, values: tuple[str, ...]) -> float:
    """0 when the wish is not met; 1 when it is; less for a colour that is not the main one, and for a product that the
    shop files no deeper than a category above the one wished for (a jacket among "outerwear")."""
    if attribute == "category" and not meets(product, attribute, values):
        return UNSPECIFIC if any(product.category in taxonomy.ancestors(v) for v in values) else 0.0
    if attribute != "color":
        return 1.0 if meets(product, attribute, values) else 0.0
    have = [c.casefold() for c in held(product, "color")]
    return max((1.0 if place == 0 else SECONDARY for place, c in enumerate(have) if c in values), default=0.0)


def nearness(product: Product, attribute: str, values: tuple[str, ...]) -> float:
    """1.0 when the wish is met, else how near the product comes, 0..0.7: navy to blue, ankle boots to shoes."""
    if meets(product, attribute, values):
        return 1.0
    if attribute == "color":
        return max((_color_nearness(v, c) for v in values for c in held(product, "color")), default=0.0)
    if attribute == "category":
        return max((_category_nearness(v, product.category) for v in values), default=0.0)
    return 0.0


@cache
def _color_nearness(a: str, b: str) -> float:
    lab_a, lab_b = _lab(a), _lab(b)
    if lab_a is None or lab_b is None:
        return 0.0
    return max(0.0, 0.7 * (1 - dist(lab_a, lab_b) / 60))


@cache
def _category_nearness(wanted: str, has: str) -> float:
    a, b = taxonomy.ancestors(wanted), taxonomy.ancestors(has)
    shared = sum(1 for x, y in zip(a, b, strict=False) if x == y)
    return 0.6 * shared / len(a)


@cache
def _lab(color: str) -> tuple[float, float, float] | None:
    """CIELAB of a colour's swatch, where it has one."""
    try:
        swatch = taxonomy.swatch(color)
    except KeyError:
        return None
    if not swatch:
        return None
    rgb = [int(swatch[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)
