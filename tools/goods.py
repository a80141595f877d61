"""The shop's products as arrays: where each lies in the space of tastes, what values it has, how popular it is.

One space for all evidence: a product's place is its picture's vector, its words' vector and its attributes, each less
the shop's mean and of length 1, side by side. What a product does not have (a picture, an attribute) is absent: it
makes nothing near and nothing far.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import yaml

from prompts import taxonomy
from store.facets import Facets
from store.reactions import unpacked
from store.shop import Shop
from store.shoppers import SeenPhoto
from store.together import Together
from store.types import Product

Value = tuple[str, str]  # ("color", "navy")
BANDS = 4  # of prices
_SINGLE = ("pattern", "material", "sleeve", "neckline", "length", "gender", "age_group", "brand")
_SEVERAL = ("season", "occasion", "style")


@cache
def settings() -> dict[str, Any]:
    """tools/taste.yaml."""
    return dict(yaml.safe_load((Path(__file__).parent / "taste.yaml").read_text(encoding="utf-8")))


def values(product: Product, band: int | None) -> dict[str, dict[str, float]]:
    """Attribute → its values with how much of the product each is, which is 1 in sum; of a product without the
    attribute, nothing. What only its picture tells counts where the record says nothing."""
    seen = product.seen
    found: dict[str, dict[str, float]] = {"kind": {product.category: 1.0}}
    colors = product.colors or [c for c in seen.get("colors") or [] if isinstance(c, str)]
    if colors:
        shares = [1.0, *[0.5] * (len(colors) - 1)]
        found["color"] = {c: s / sum(shares) for c, s in zip(colors, shares, strict=True)}
    for name in _SINGLE:
        one = getattr(product, name) or seen.get(name)
        if isinstance(one, str) and one:
            found[name] = {one: 1.0}
    for name in _SEVERAL:
        several = list(dict.fromkeys(getattr(product, name)))
        if several:
            found[name] = dict.fromkeys(several, 1.0 / len(several))
    if band is not None:
        found["price"] = {str(band): 1.0}
    return found


@dataclass(frozen=True)
class Goods:
    """`n` products. `place` (n, d): unit rows, zeros where nothing is known, the first f of them for `names`; `has`
    (n, f): how much of each of `names`; `base` (f,): the share of a value among the products that have its attribute;
    `owner` (f,): which attribute a value is of; `popular` (n,): 0..1; `sold` (n,): orders."""

    products: tuple[Product, ...]
    index: dict[str, int]
    place: np.ndarray
    has: np.ndarray
    names: tuple[Value, ...]
    base: np.ndarray
    owner: np.ndarray
    popular: np.ndarray
    sold: np.ndarray
    means: dict[str, np.ndarray]
    bands: dict[str, np.ndarray]
    signature: str

    def photo(self, seen: SeenPhoto) -> tuple[np.ndarray, np.ndarray]:
        """A photo of the shopper's as a product would be: (d,), (f,)."""
        row = np.zeros(len(self.names), np.float32)
        column = {name: at for at, name in enumerate(self.names)}
        told: list[Value] = [("kind", seen.category)] if seen.category else []
        told += [("color", c) for c in seen.colors[:1]] + (
            [("pattern", seen.pattern)] if seen.pattern else []
        )
        for value in told:
            if value in column:
                row[column[value]] = 1.0
        vector = unpacked(seen.image)
        image = self.means["image"]
        if seen.made_by != self.signature or vector.shape != image.shape or not len(vector):
            vector = image  # other eyes': nothing is known of its look
        return self._placed({"image": vector[None] - image}, row[None])[0], row

    def of_value(self, value: Value) -> np.ndarray:
        """(f,): a thing with this value and nothing else; a kind stands for all kinds below it."""
        row = np.zeros(len(self.names), np.float32)
        for at, (attribute, known) in enumerate(self.names):
            below = attribute == "kind" and taxonomy.is_a(known, value[1])
            if attribute == value[0] and (known == value[1] or below):
                row[at] = 1.0
        return row / max(float(row.sum()), 1.0)

    def weight(self) -> np.ndarray:
        """(f,): how much each value's attribute says of a taste."""
        known = settings()["attributes"]
        return np.array([known[attribute] for attribute, _ in self.names], np.float32)

    def _placed(self, vectors: Mapping[str, np.ndarray], has: np.ndarray) -> np.ndarray:
        return _placed(
            {name: vectors.get(name, np.zeros((len(has), len(m)))) for name, m in self.means.items()},
            has,
            self.weight(),
            self.base,
        )


def goods(shop: Shop, together: Together | None = None) -> Goods:
    """All products of a shop that is not large, kept until it changes, or what is known of its orders does."""
    facets = shop.facets()  # the same object until the shop changes
    orders = together.version if together else 0.0
    held = _KEPT.get(shop)
    if held is None or held[0] is not facets or held[1] != orders:
        sold = together.sold() if together else {}
        held = _KEPT[shop] = facets, orders, made(shop, list(shop.all()), sold=sold)
    return held[2]


def about(shop: Shop, near: Sequence[Product], seed: str, together: Together | None = None) -> Goods:
    """The products `near`, held against a sample of a large shop."""
    ids = shop.ids()
    drawn = random.Random(seed).sample(ids, min(settings()["sample"], len(ids)))
    sample = shop.get_many(drawn)
    both = {p.id: p for p in (*near, *sample)}
    return made(shop, list(both.values()), {p.id for p in sample}, together.sold() if together else {})


_KEPT: WeakKeyDictionary[Shop, tuple[Facets, float, Goods]] = WeakKeyDictionary()


def made(
    shop: Shop,
    products: Sequence[Product],
    usual: set[str] | None = None,
    sold: Mapping[str, int] | None = None,
) -> Goods:
    """Arrays of these products; `usual`: those of them that say what is usual in the shop, else all do; `sold`: in how
    many orders each is, where that is known."""
    ids = [p.id for p in products]
    common = np.array([usual is None or i in usual for i in ids], bool)
    bands = _bands([p for p, c in zip(products, common, strict=True) if c])
    told = [values(p, band(p, bands)) for p in products]
    names = tuple(dict.fromkeys((a, v) for one in told for a, shares in one.items() for v in shares))
    column = {name: at for at, name in enumerate(names)}
    has = np.zeros((len(products), len(names)), np.float32)
    for row, one in zip(has, told, strict=True):
        for attribute, shares in one.items():
            for value, share in shares.items():
                row[column[attribute, value]] = share
    owner = np.array([list(settings()["attributes"]).index(a) for a, _ in names], int)
    base = _base(has[common], owner)
    vectors, means = {}, {}
    for space in ("image", "text"):
        stored = shop.vectors(space, ids)  # type: ignore[arg-type]
        vectors[space], means[space] = _centred(stored, ids, common)
    weight = np.array([settings()["attributes"][a] for a, _ in names], np.float32)
    return Goods(
        products=tuple(products),
        index={i: at for at, i in enumerate(ids)},
        place=_placed(vectors, has, weight, base),
        has=has,
        names=names,
        base=base,
        owner=owner,
        popular=_popular(products, sold or {}),
        sold=np.array([(sold or {}).get(i, 0) for i in ids]),
        means=means,
        bands=bands,
        signature=shop.signature,
    )


def band(product: Product, bands: Mapping[str, np.ndarray]) -> int | None:
    """In which quarter of its kind's prices it is; None where the shop has too few of the kind to say."""
    edges = bands.get(taxonomy.ancestors(product.category)[0])
    if edges is None:
        return None
    return int(np.searchsorted(edges, float(product.current_price.amount), side="right"))


def _bands(products: Iterable[Product]) -> dict[str, np.ndarray]:
    prices: dict[str, list[float]] = {}
    for p in products:
        prices.setdefault(taxonomy.ancestors(p.category)[0], []).append(float(p.current_price.amount))
    cuts = [i / BANDS for i in range(1, BANDS)]
    return {kind: np.quantile(found, cuts) for kind, found in prices.items() if len(set(found)) >= BANDS}


def _base(has: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """(f,): smoothed a little, so that a value that only the near ones have is rare and not unheard of."""
    count = has.sum(axis=0)
    total = np.zeros(int(owner.max(initial=-1)) + 1)
    np.add.at(total, owner, count)
    kinds = np.bincount(owner, minlength=len(total))
    smooth = 0.5
    base: np.ndarray = ((count + smooth) / (total + smooth * kinds)[owner]).astype(np.float32)
    return base


def _centred(
    stored: Mapping[str, np.ndarray], ids: Sequence[str], common: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(n, d) less the mean, zeros for what has no vector; and the mean (d,)."""
    size = len(next(iter(stored.values()), np.zeros(0)))
    rows = np.zeros((len(ids), size), np.float32)
    known = np.array([i in stored for i in ids], bool)
    for at, product_id in enumerate(ids):
        if known[at]:
            rows[at] = stored[product_id]
    usual = known & common
    mean = rows[usual].mean(axis=0) if usual.sum() > 1 else np.zeros(size, np.float32)
    rows[known] -= mean
    return rows, mean


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def _placed(
    vectors: Mapping[str, np.ndarray], has: np.ndarray, weight: np.ndarray, base: np.ndarray
) -> np.ndarray:
    """(n, d): the parts side by side; a rare value says more than one that nearly everything has."""
    shares = settings()["space"]
    rare = weight * np.sqrt(np.maximum(-np.log(np.clip(base, 1e-6, 1.0)), 0.0))
    parts = [np.sqrt(shares["attributes"]) * _unit(has * rare)]
    parts += [np.sqrt(shares[name]) * _unit(rows) for name, rows in vectors.items()]
    return _unit(np.concatenate(parts, axis=1)).astype(np.float32)


def _popular(products: Sequence[Product], sold: Mapping[str, int]) -> np.ndarray:
    """0..1: the rating as it is believed after so many votes, and how many there were; with orders, the mean of that
    and of how often each was ordered."""
    rated = _rated(products)
    if not sold:
        return rated
    often = np.log1p([sold.get(p.id, 0) for p in products])
    often = often / max(float(often.max(initial=0.0)), 1e-9)
    return ((rated + often) / (1.0 + rated.any())).astype(np.float32)


def _rated(products: Sequence[Product]) -> np.ndarray:
    rated = [p for p in products if p.rating is not None and p.rating_count]
    if not rated:
        return np.zeros(len(products), np.float32)
    mean = float(np.mean([p.rating for p in rated]))
    prior = settings()["popular"]["prior"]
    found = np.zeros(len(products))
    for at, p in enumerate(products):
        votes = p.rating_count if p.rating is not None else 0
        believed = ((p.rating or 0.0) * votes + mean * prior) / (votes + prior)
        found[at] = believed / 5 * np.log1p(votes)
    top = float(found.max(initial=0.0))
    return (found / top if top > 0 else found).astype(np.float32)
