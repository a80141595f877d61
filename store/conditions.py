"""Filters as conditions on stored fields: how a product is filed, and how each condition is asked for.

`fields` writes the metadata of a product, `conditions` turns `Filters` into Chroma filters over those fields. Each
condition is asked for alone and the answers are combined by the caller, so that "not" and "give up one" stay exact.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from prompts import load, taxonomy
from store.types import Filters, Product

LISTS = ("category", "color", "season", "occasion", "style", "size")
SCALARS = ("pattern", "material", "sleeve", "neckline", "length", "gender", "age_group", "brand")


@dataclass(frozen=True)
class Condition:
    """One condition: `name` as in Filters (the name under which it is given up), `values` canonical,
    `where` for Chroma; with `negated`, what `where` finds is what must not be."""

    name: str
    values: tuple[str, ...]
    where: Mapping[str, Any]
    negated: bool = False

    @property
    def key(self) -> str:
        return f"{self.name}:{self.where!r}"


def fields(product: Product) -> dict[str, Any]:
    """The filter fields of `product` as Chroma metadata. None removes a field: Chroma merges on upsert."""
    out: dict[str, Any] = {name: [v.casefold() for v in held(product, name)] or None for name in LISTS}
    for name in SCALARS:
        value = getattr(product, name) or product.seen.get(name)
        out[name] = value.strip().casefold() if value else None
    out["age_group"] = out["age_group"] or "adult"  # product feeds mean adults when they say nothing
    out["cents"] = cents(product)
    out["rating"] = product.rating
    out["in_stock"] = product.in_stock
    out["on_sale"] = on_sale(product)
    return out


def held(product: Product, attribute: str) -> list[str]:
    """The values `product` has for `attribute`: a category with its ancestors, the sizes that can be bought; where the
    record has none, what was seen in its picture."""
    own = recorded(product, attribute)
    return [*own, *seen(product, attribute)] if attribute == "category" else own or seen(product, attribute)


def seen(product: Product, attribute: str) -> list[str]:
    """The values that perception proposed, for what the record does not say."""
    value = product.seen.get("colors" if attribute == "color" else attribute)
    if attribute == "category" and isinstance(value, str):
        return list(taxonomy.ancestors(value))
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str) and v]


def recorded(product: Product, attribute: str) -> list[str]:
    """The values that the record itself has."""
    if attribute == "category":
        return product.categories
    if attribute == "color":
        return product.colors
    if attribute == "size":
        return [size_name(s) for s in product.sizes_in_stock()]
    value = getattr(product, attribute, None)
    if attribute == "gender" and value == "unisex":
        return ["unisex", "women", "men"]
    return value if isinstance(value, list) else [value] if value else []


def cents(product: Product) -> int:
    """The current price in hundredths, so that bounds compare exactly."""
    return int(product.current_price.amount * 100)


def on_sale(product: Product) -> bool:
    return product.sale_price is not None and product.sale_price.amount < product.price.amount


def discount(product: Product) -> float:
    """The share of the price that is taken off, 0 where there is no sale."""
    if not on_sale(product) or product.sale_price is None or not product.price.amount:
        return 0.0
    return float(1 - product.sale_price.amount / product.price.amount)


def trusted_rating(product: Product) -> float:
    """The rating drawn towards 3.5 while few people have rated; 0 without one."""
    if product.rating is None:
        return 0.0
    return (product.rating * product.rating_count + 3.5 * 5) / (product.rating_count + 5)


def size_name(size: str) -> str:
    """One spelling per size: "m" is "M", "2XL" is "XXL", "均码" is "one size"."""
    plain = size.strip().casefold()
    return _size_aliases().get(plain, plain)


@cache
def _size_aliases() -> dict[str, str]:
    aliases = load("search")["sizes"]
    return {str(word).casefold(): str(name).casefold() for name, words in aliases.items() for word in words}


@cache
def _canonical(attribute: str) -> dict[str, str]:
    if attribute not in taxonomy.ATTRIBUTES:
        return {}
    out: dict[str, str] = {}
    for value in taxonomy.values(attribute):
        for word in (w for words in taxonomy.words(attribute, value).values() for w in words):
            out.setdefault(word.casefold(), value)
    return out | {value.casefold(): value for value in taxonomy.values(attribute)}


def canonical(attribute: str, value: str) -> str:
    """The shop's value for a value or a word for it ("burgundy" → "red"); an unknown one is only put in lower case."""
    plain = value.strip().casefold()
    return size_name(plain) if attribute == "size" else _canonical(attribute).get(plain, plain)


def condition(attribute: str, values: Iterable[str], negated: bool = False) -> Condition:
    """ "any of `values`" (or, negated, "none of them") as a condition."""
    wanted = tuple(dict.fromkeys(canonical(attribute, v) for v in values))
    if attribute in LISTS:
        tests: list[dict[str, Any]] = [{attribute: {"$contains": v}} for v in wanted]
        where = tests[0] if len(tests) == 1 else {"$or": tests}
    else:
        asked = list(wanted)
        if attribute == "gender" and not negated and {"women", "men"} & set(asked) and "unisex" not in asked:
            asked.append("unisex")
        where = {attribute: {"$in": asked}}
    return Condition("not" if negated else attribute, wanted, where, negated)


def conditions(filters: Filters) -> list[Condition]:
    """One condition per attribute that is set; each attribute under `not` is a condition of its own.

    Prices are compared as the shop's own currency, whatever currency the shopper named.
    """
    out = [condition(a, values) for a in (*LISTS, *SCALARS) if (values := getattr(filters, a))]
    out += [
        condition(a, values, negated=True)
        for a, values in filters.not_.items()
        if values and a in (*LISTS, *SCALARS)
    ]
    if filters.price and (filters.price.min is not None or filters.price.max is not None):
        bounds = []
        if filters.price.min is not None:
            bounds.append({"cents": {"$gte": int(filters.price.min * 100)}})
        if filters.price.max is not None:
            bounds.append({"cents": {"$lte": int(filters.price.max * 100)}})
        out.append(Condition("price", (), bounds[0] if len(bounds) == 1 else {"$and": bounds}))
    if filters.rating_min is not None:
        out.append(Condition("rating_min", (), {"rating": {"$gte": float(filters.rating_min)}}))
    out += [Condition(flag, (), {flag: True}) for flag in ("in_stock", "on_sale") if getattr(filters, flag)]
    return out
