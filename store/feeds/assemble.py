"""The rows of one group → one product, its variants, sizes and colours."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from store.conditions import size_name
from store.feeds.filing import UNFILED
from store.feeds.record import Refused
from store.feeds.values import digits
from store.types import Money, Product, Size, Text, Variant

_ONE = (
    "brand",
    "pattern",
    "material",
    "sleeve",
    "neckline",
    "length",
    "gender",
    "age_group",
    "url",
    "rating",
)
_STOCK = (
    "in_stock",
    "backorder",
    "preorder",
    "out_of_stock",
)  # the first one that a variant has is the product's
MOST_VARIANTS = 2_000


def product(product_id: str, rows: Sequence[dict[str, Any]], currency: str) -> Product:
    """The product of these rows, in the order of the feed. The first one that has a title speaks for all; a variant
    keeps the price that is its own. `currency`: of amounts that stand alone.

    Raises Refused where the rows do not make one.
    """
    base = next((r for r in rows if r.get("title")), None)
    if base is None:
        raise Refused("no_title", "title")
    offers = [r for r in rows if r.get("price")][:MOST_VARIANTS]
    if not offers:
        raise Refused("no_price", "price")
    prices = [_paid(o, currency) for o in offers]
    cheapest = min(range(len(offers)), key=lambda i: (prices[i][1] or prices[i][0]).amount)
    several = len(offers) > 1
    variants = [_variant(o, p, prices[cheapest]) for o, p in zip(offers, prices, strict=True)]
    images = dict.fromkeys(i for r in rows for i in r.get("images", []))
    images |= dict.fromkeys(r["variant_image"] for r in rows if r.get("variant_image"))
    try:
        return Product(
            id=product_id,
            title=Text(**base["title"]),
            description=Text(**_first(rows, base, "description", {})),
            care=Text(**_first(rows, base, "care", {})),
            category=_first(rows, base, "category", UNFILED),
            path=_first(rows, base, "path", []),
            colors=list(dict.fromkeys(c for r in (base, *offers) for c in r.get("colors", [])))[:12],
            season=_first(rows, base, "season", []),
            occasion=_first(rows, base, "occasion", []),
            style=_first(rows, base, "style", []),
            price=prices[cheapest][0],
            sale_price=prices[cheapest][1],
            availability=_availability(offers),
            sizes=_first(rows, base, "sizes", None) or _sizes(offers),
            size_chart=_first(rows, base, "size_chart", {}),
            variants=variants if several else [],
            rating_count=_first(rows, base, "rating_count", 0),
            gtin=base.get("gtin") if not several else None,
            images=list(images),
            spin=_first(rows, base, "spin", []),
            **{name: _first(rows, base, name, None) for name in _ONE},
        )
    except ValidationError as error:
        raise invalid(error) from error


def invalid(error: ValidationError) -> Refused:
    """The first thing that is wrong with a product, as a refusal."""
    first = error.errors()[0]
    said = str(first["msg"]).removeprefix("Value error, ")
    return Refused("bad_value", ".".join(map(str, first["loc"])) or None, message=said)


def _first(rows: Sequence[dict[str, Any]], base: dict[str, Any], name: str, otherwise: Any) -> Any:
    return base.get(name) or next((r[name] for r in rows if r.get(name)), otherwise)


def _paid(offer: dict[str, Any], currency: str) -> tuple[Money, Money | None]:
    of = offer.get("currency") or currency
    sale = offer.get("sale_price")
    if (places := digits(of)) < max(_places(offer["price"]), _places(sale or "0")):
        raise Refused("too_precise", "price", value=offer["price"], places=places)
    return (
        Money(amount=Decimal(offer["price"]), currency=of),
        Money(amount=Decimal(sale), currency=of) if sale else None,
    )


def _places(amount: str) -> int:
    """Decimals that are not nought."""
    return max(0, -int(Decimal(amount).normalize().as_tuple().exponent))


def _variant(
    offer: dict[str, Any], paid: tuple[Money, Money | None], usual: tuple[Money, Money | None]
) -> Variant:
    return Variant(
        id=offer["id"],
        color=next(iter(offer.get("colors", [])), None),
        size=offer.get("size"),
        options=offer.get("options", {}),
        quantity=_left(offer),
        price=paid[0] if paid != usual else None,
        sale_price=paid[1] if paid != usual else None,
        gtin=offer.get("gtin"),
        image=offer.get("variant_image") or next(iter(offer.get("images", [])), None),
    )


def _left(offer: dict[str, Any]) -> int | None:
    """How many there are of one variant; None where it can be bought and nobody has counted."""
    if offer.get("availability") == "out_of_stock":
        return 0
    return offer.get("quantity")


def _availability(offers: Sequence[dict[str, Any]]) -> str:
    said = {o.get("availability") or "in_stock" for o in offers}
    return next(word for word in _STOCK if word in said)


def _sizes(offers: Sequence[dict[str, Any]]) -> list[Size]:
    """Each size once, in the feed's order, with what there is of it in all colours."""
    found: dict[str, Size] = {}
    for offer in offers:
        if not (name := offer.get("size")):
            continue
        left, known = _left(offer), found.get(size_name(name))
        if known is None:
            found[size_name(name)] = Size(size=name, quantity=left)
        else:
            total = None if left is None or known.quantity is None else known.quantity + left
            if left == 0 or known.quantity == 0:  # sold out in one colour, uncounted in the other
                total = known.quantity if left == 0 else left
            known.quantity = total
    return list(found.values())
