"""Random requests for looks, and what a look may never do: break the budget, show what is sold out or not in the
shopper's size, wear what was refused, mix seasons, or dress two people at once."""

import random
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from prompts import taxonomy
from store.conditions import held, size_name
from store.types import Filters, Product
from tools.match_outfit import Asked
from tools.results import Outfit
from tools.styling.piece import Piece, table

LETTERS = ("XS", "S", "M", "L", "XL")


def request(rnd: random.Random, catalogue: Sequence[Product]) -> Asked:
    """One request: around one product, several or none, with some of all the wishes there are."""

    def some(share: float, make: Any) -> Any:
        return make() if rnd.random() < share else None

    given: dict[str, Any] = {}
    kind = rnd.random()
    worn = [p for p in catalogue if Piece(p.category).slot]
    if kind < 0.4:
        given["product"] = rnd.choice(worn).id
    elif kind < 0.5:
        given["products"] = tuple(p.id for p in rnd.sample(worn, rnd.randint(2, 4)))
    if kind >= 0.5 or rnd.random() < 0.3:
        given["occasions"] = (rnd.choice(taxonomy.values("occasion")),)
    where: dict[str, Any] = {}
    refused: dict[str, list[str]] = {}
    for attribute, values, share in (
        ("color", taxonomy.values("color"), 0.4),
        ("pattern", taxonomy.values("pattern"), 0.2),
        ("material", taxonomy.values("material"), 0.2),
        ("category", ["dress", "skirt", "jeans", "sneakers", "heels", "bag", "hat", "coat"], 0.2),
    ):
        if rnd.random() < share:
            refused[attribute] = rnd.sample(values, rnd.randint(1, 2))
    if refused:
        where["not"] = refused
    if size := some(0.35, lambda: rnd.choice(LETTERS)):
        where["size"] = [size]
    if gender := some(0.4, lambda: rnd.choice(["women", "men"])):
        where["gender"] = [gender]
    if rnd.random() < 0.08:
        where["age_group"] = ["kids"]
    if color := some(0.1, lambda: rnd.choice(taxonomy.values("color"))):
        where["color"] = [color]
    sizes = some(0.3, lambda: {"shoes": str(rnd.randint(36, 44))})
    return Asked(
        **given,
        where=Filters.model_validate(where),
        sizes=sizes,
        season=some(0.3, lambda: rnd.choice(taxonomy.values("season"))),
        weather=some(0.2, lambda: (rnd.choice(list(table("looks")["weather"])),)) or (),
        formality=some(0.15, lambda: rnd.choice([-1, 1, "casual", "smart_casual", "formal"])),
        budget=some(0.6, lambda: round(rnd.choice([rnd.uniform(5, 80), rnd.uniform(60, 600)]), 2)),
        without=some(0.15, lambda: (rnd.choice(["bag", "accessory", "outer"]),)) or (),
        count=rnd.randint(2, 4),
    )


def violations(asked: Asked, outfit: Outfit, by_id: dict[str, Product]) -> list[str]:
    """What an answer does that it may not; empty where all is well. Pieces that were given are the shopper's choice."""
    found: list[str] = []
    given = {asked.product, *asked.products}
    shared: set[str] = set()
    if not outfit.looks and not outfit.problem:
        found.append("silence: neither a look nor a word on why there is none")
    for look in outfit.looks:
        pieces = [by_id[item.id] for item in look.items]
        added = [p for p in pieces if p.id not in given]
        total = sum((p.current_price.amount for p in pieces), Decimal(0))
        if f"{total:.2f}" != look.total.amount:
            found.append(f"total: {look.total.amount} for {total}")
        if asked.budget is not None and total > Decimal(str(asked.budget)):
            found.append(f"budget: {total} of {asked.budget}")
        if repeated := shared & {p.id for p in added}:
            found.append(f"shared: {repeated}")
        shared |= {p.id for p in added}
        slots = [item.slot for item in look.items]
        if len(set(slots)) < len(slots):
            found.append(f"slots: {slots}")
        found += [f"{p.id}: {why}" for p in added for why in _wrong(asked, p)]
        found += _together(pieces, added)
    return found


def _wrong(asked: Asked, p: Product) -> list[str]:
    """What is wrong with one added piece."""
    wrong = []
    if not p.in_stock:
        wrong.append("sold out")
    if any(size_out(p, size) for size in asked.where.size):
        wrong.append(f"not in {asked.where.size}")
    for kind, size in (asked.sizes or {}).items():
        if taxonomy.is_a(p.category, kind) and size_out(p, size):
            wrong.append(f"not in {size}")
    for attribute, values in asked.where.not_.items():
        if set(values) & set(held(p, attribute)):
            wrong.append(f"refused {attribute} {values}")
    if asked.season and p.season and asked.season not in p.season:
        wrong.append(f"for {p.season}, not {asked.season}")
    if "hot" in asked.weather and not asked.season and p.season and "summer" not in p.season:
        wrong.append(f"for {p.season} on a hot day")
    if {"cold", "snow"} & set(asked.weather) and not asked.season and p.season and "winter" not in p.season:
        wrong.append(f"for {p.season} on a cold day")
    if asked.where.gender and p.gender in ("women", "men") and p.gender not in asked.where.gender:
        wrong.append(f"for {p.gender}")
    if asked.where.age_group and (p.age_group or "adult") not in asked.where.age_group:
        wrong.append(f"for {p.age_group}")
    if Piece(p.category).slot in asked.without:
        wrong.append("left out")
    return wrong


def size_out(p: Product, size: str) -> bool:
    """The product lists the size and cannot be had in it, or lists others of the same sort alone."""
    listed = {size_name(s.size) for s in p.sizes}
    free = {size_name(s) for s in p.sizes_in_stock()}
    wanted = size_name(size)
    if len(listed) < 2 or "one size" in listed:
        return False
    if wanted in listed:
        return wanted not in free
    letters = {size_name(s) for s in (*LETTERS, "XXS", "XXL", "XXXL")}
    return bool(wanted in letters and listed & letters) or (
        wanted.isdigit() and taxonomy.is_a(p.category, "shoes") and all(s.isdigit() for s in listed)
    )


def _together(pieces: Sequence[Product], added: Sequence[Product]) -> list[str]:
    wrong = []
    if (
        len({p.gender for p in pieces} - {None, "unisex"}) > 1
        and len({p.gender for p in added} - {None, "unisex"}) > 1
    ):
        wrong.append("two people in one look")
    if len({p.age_group or "adult" for p in added}) > 1:
        wrong.append("a child's and a grown-up's in one look")
    seasons = [set(p.season) for p in added if p.season]
    if seasons and not set.intersection(*seasons):
        wrong.append("no season for all of it")
    if len({p.price.currency for p in pieces}) > 1:
        wrong.append("two currencies")
    return wrong
