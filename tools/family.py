"""Whether the shop has a product in another colour: as a variant of it, or as a product of the same design."""

import re
from collections.abc import Iterator

import numpy as np

from perception import shades
from perception.difference import ciede2000
from perception.shades import Shade
from prompts import taxonomy
from store.shop import Shop
from store.types import Filters, Product, Variant

SAME_SHADE = (
    22.0  # CIEDE2000 up to which two named colours are what a shopper calls the same: 墨绿 is no mint
)
MOST = 400  # products of a brand's kind that are compared by their titles
_SPACE = re.compile(r"[\W_]+")


def in_color(shop: Shop, product: Product, wanted: Shade) -> list[tuple[Product, Variant | None]]:
    """The product itself with the variant, and others of its design, that are to be had in that colour; what can be
    bought now first."""
    variants = [(product, v) for v in product.variants if v.color and is_shade(v.color, None, wanted)]
    own = [(product, None)] if not variants and _has(product, wanted) else []
    siblings: list[tuple[Product, Variant | None]] = [
        (other, None) for other in _design(shop, product) if _has(other, wanted)
    ]
    found = [*_one_each(variants), *own, *siblings]
    return sorted(found, key=lambda one: (not _buyable(*one), called(one[0], one[1], wanted) is not None))


def called(product: Product, variant: Variant | None, wanted: Shade) -> Shade | None:
    """What the shop itself calls that colour, where that is another word than a finer shade that was asked for: of wine
    red, a plain red. None for its own name, and of a wide colour ("red"), which all its shades are."""
    if wanted.names["en"] == taxonomy.word("color", wanted.kind, "en"):
        return None
    words = [variant.color] if variant and variant.color else [_named(text) for text in _titles(product)]
    told = [shade for text in words if text and (shade := shades.heard(text).shade)]
    return told[0] if told and all(shade.srgb != wanted.srgb for shade in told) else None


def is_shade(words: str, kind: str | None, wanted: Shade) -> bool:
    """Whether what a shop calls a colour ("forest green"; `kind`: where only that is known) is the shade wanted."""
    told = shades.heard(words).shade if words else None
    if told is None or (told.srgb == wanted.srgb):
        return kind == wanted.kind if told is None else True
    if told.kind != wanted.kind:
        return False
    return float(ciede2000(np.array(told.lab), np.array(wanted.lab))) < SAME_SHADE


def _has(product: Product, wanted: Shade) -> bool:
    """By the colour that its title names, else by the first colour of its record."""
    if not product.colors or product.colors[0] != wanted.kind:
        return False
    return any(is_shade(_named(text), product.colors[0], wanted) for text in _titles(product))


def _titles(product: Product) -> list[str]:
    return [text for text in (product.title.en, product.title.zh) if text]


def _named(title: str) -> str:
    """The colour that a title names, "" where it names none or several of one weight."""
    found = shades.within(title)
    return title[found[0][0] : found[0][1]] if found else ""


def _design(shop: Shop, product: Product) -> Iterator[Product]:
    """Other products whose titles are this one's but for the colours."""
    if not product.brand:
        return
    where = Filters(brand=[product.brand], category=[product.category])
    ids = [i for i in shop.ids(where) if i != product.id][:MOST]
    mine = {_bare(text) for text in _titles(product)} - {""}
    for other in shop.get_many(ids):
        if mine & {_bare(text) for text in _titles(other)}:
            yield other


def _bare(title: str) -> str:
    """A title without the colours it names."""
    text = title.casefold()
    for start, end in reversed(shades.within(text)):
        text = f"{text[:start]} {text[end:]}"
    return _SPACE.sub(" ", text).strip()


def _one_each(variants: list[tuple[Product, Variant]]) -> list[tuple[Product, Variant | None]]:
    """One of the variants that differ only in size; one that is in stock where there is one."""
    ordered = sorted(variants, key=lambda one: one[1].quantity == 0)
    return [*ordered[:1]]


def _buyable(product: Product, variant: Variant | None) -> bool:
    return product.in_stock and (variant is None or variant.quantity != 0)
