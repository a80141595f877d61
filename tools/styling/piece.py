"""A garment as the stylist sees it: of the catalogue, of a photo, or only described."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from perception.look import Garment
from prompts import taxonomy
from store.types import Product


@cache
def table(name: str) -> dict[str, Any]:
    """A data file of this package (`rules`, `looks`), read once."""
    path = Path(__file__).parent / f"{name}.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def worn_by(category: str) -> str | None:
    """The gender that a kind of garment tells by itself; None for most."""
    words: dict[str, str] = table("looks")["worn_by"]
    return next((words[c] for c in taxonomy.ancestors(category) if c in words), None)


@dataclass(frozen=True)
class Piece:
    """A garment of a look. An attribute that is not known is absent and counts as indifferent, never as bad.

    `colors`: canonical names, main first; `shares`: of the garment, 0..1, one for each, where they were measured.
    `product` is None for what was seen in a photo or only described; `photo` and `garment`: where it was seen.
    `image`: the name of its picture.
    """

    category: str
    colors: tuple[str, ...] = ()
    pattern: str | None = None
    material: str | None = None
    sleeve: str | None = None
    length: str | None = None
    season: frozenset[str] = frozenset()
    occasion: frozenset[str] = frozenset()
    style: frozenset[str] = frozenset()
    gender: str | None = None
    age_group: str | None = None
    shares: tuple[float, ...] = ()
    title: str = ""
    product: Product | None = field(default=None, hash=False)
    photo: str | None = None
    garment: int | None = None
    image: str | None = None

    @classmethod
    def of(cls, record: Product) -> "Piece":
        """The piece a product is; what its record does not say is taken from what was seen of it."""
        seen = record.seen
        return cls(
            category=record.category,
            colors=_pictured(record) or tuple(seen.get("colors") or ()),
            pattern=record.pattern or seen.get("pattern"),
            material=record.material or seen.get("material"),
            sleeve=record.sleeve or seen.get("sleeve"),
            length=record.length or seen.get("length"),
            season=frozenset(record.season),
            occasion=frozenset(record.occasion),
            style=frozenset(record.style),
            gender=record.gender,
            age_group=record.age_group,
            title=f"{record.title.en}\n{record.title.zh}".strip(),
            product=record,
            image=record.images[0] if record.images else None,
        )

    @classmethod
    def seen(cls, garment: Garment, photo: str | None = None, index: int | None = None) -> "Piece":
        """The piece that a garment of a photo is."""
        category = garment.kind or garment.category
        return cls(
            category=category,
            colors=tuple(garment.colors),
            pattern=garment.pattern,
            material=garment.material,
            sleeve=garment.sleeve,
            length=garment.length,
            gender=worn_by(category),
            shares=tuple(garment.shares),
            photo=photo,
            garment=index,
        )

    @property
    def slot(self) -> str | None:
        """Its place in a look; None for what has none (swimwear)."""
        return _slot(self.category)


def _pictured(record: Product) -> tuple[str, ...]:
    """The garment's own colours: of one that comes in several, a record lists them all; the first is pictured."""
    several = len({v.color for v in record.variants if v.color}) > 1
    return tuple(record.colors[:1] if several else record.colors)


@cache
def _slot(category: str) -> str | None:
    for slot, categories in table("looks")["slots"].items():
        if any(taxonomy.is_a(category, c) for c in categories):
            return str(slot)
    return None
