"""What there is to choose from in a shop."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from store.types import Product


@dataclass(frozen=True)
class Facets:
    """What is in the shop: values with how many products have them, most frequent first."""

    count: int
    brands: dict[str, int]
    categories: dict[str, int]
    colors: dict[str, int]
    sizes: dict[str, int]
    price_min: Decimal | None
    price_max: Decimal | None
    currency: str


def facets_of(products: Iterable[Product]) -> Facets:
    """Counted in one pass."""
    brands: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    colors: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    currencies: Counter[str] = Counter()
    prices: list[Decimal] = []
    for p in products:
        brands.update([p.brand] if p.brand else [])
        categories.update(p.categories)
        colors.update(p.colors)
        sizes.update(s.size for s in p.sizes)
        prices.append(p.current_price.amount)
        currencies.update([p.price.currency])
    return Facets(
        count=len(prices),
        brands=dict(brands.most_common()),
        categories=dict(categories.most_common()),
        colors=dict(colors.most_common()),
        sizes=dict(sizes.most_common()),
        price_min=min(prices, default=None),
        price_max=max(prices, default=None),
        currency=currencies.most_common(1)[0][0] if currencies else "USD",
    )
