"""Products and carts of the shop in the shapes of the protocol."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from prompts import say
from store.types import Money, Product, Size
from tools.results import Cart, CartLine
from ui.api.mcp.shapes import (
    Availability,
    Barcode,
    Category,
    Description,
    Input,
    Item,
    LineItem,
    Media,
    Option,
    OptionValue,
    Price,
    PriceRange,
    ProductShape,
    Rating,
    Selected,
    Total,
    Variant,
)

Address = Callable[[str], str]  # picture name → where it can be had
MARK = "#"  # between the id of a product and the size, in the id of a variant
MOST_MEDIA = 6
_WITHOUT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"  # currencies without minor units
_THREE = "BHD IQD JOD KWD LYD OMR TND"  # and with a thousand of them
_DIGITS = {name: digits for digits, names in ((0, _WITHOUT), (3, _THREE)) for name in names.split()}
_TOLD = ("colors", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group", "season", "occasion",
         "style")  # fmt: skip


def minor(amount: Any, currency: str) -> int:
    """An amount in major units → minor ones (ISO 4217)."""
    return int(
        (Money(amount=amount, currency=currency).amount.scaleb(_DIGITS.get(currency, 2))).to_integral_value()
    )


def major(amount: int, currency: str) -> str:
    """The other way, as a decimal string."""
    digits = _DIGITS.get(currency, 2)
    return str(Money(amount=amount, currency=currency).amount.scaleb(-digits))  # type: ignore[arg-type]


def price(money: Money) -> Price:
    return Price(amount=minor(money.amount, money.currency), currency=money.currency)


def variant_id(product: Product, size: str | None) -> str:
    """Of a product in a size: its own id where there is no choice."""
    return f"{product.id}{MARK}{size}" if size and len(product.sizes) > 1 else product.id


def parted(item: str) -> list[tuple[str, str | None]]:
    """What an id may mean: (product, size), the likelier first. An id of a shop's own may hold the mark, too."""
    product, mark, size = item.rpartition(MARK)
    return [(item, None), (product, size)] if mark and product and size else [(item, None)]


def size_of(product: Product, size: str | None) -> str | None:
    """The size as the shop writes it; None where the product does not come in it."""
    return next((s.size for s in product.sizes if size and s.size.casefold() == size.casefold()), None)


def variants(product: Product, lang: str, sizes: Sequence[str] | None = None) -> list[Variant]:
    """The product in each size (of `sizes`, where given), what can be bought first. A cart knows no colours: of several
    the one that is taken is named."""
    name = say("mcp", "options.size", lang)
    made = []
    held: list[Size | None] = [*product.sizes] or [None]
    for one in held:
        size = one.size if one else None
        if sizes is not None and size not in sizes:
            continue
        can = product.in_stock and (one is None or one.available)
        gone = product.availability if product.availability != "in_stock" else "out_of_stock"
        paid, taken = product.price_of(size), product.taken_in(size)
        options = [Selected(name=name, label=size)] if size else []
        if taken and taken.color:
            options.append(Selected(name=say("mcp", "options.color", lang), label=taken.color))
        own = taken or next((v for v in product.variants if size and v.size == size), None)
        gtin = own.gtin if own else product.gtin if len(product.sizes) < 2 else None
        label = " · ".join(o.label for o in options)
        before = product.price if product.sale_price and paid == product.current_price else None
        made.append(
            Variant(
                id=variant_id(product, size),
                title=label or product.title.get(lang),
                description=Description(plain=label or product.title.get(lang)),
                price=price(paid),
                list_price=price(before) if before else None,
                availability=Availability(
                    available=can,
                    status="in_stock" if can else gone,
                    quantity=one.quantity if one and can else None,
                ),
                selected_options=options,
                sku=own.id if own else None,
                barcodes=[Barcode(value=gtin)] if gtin else None,
            )
        )
    return sorted(made, key=lambda v: not v.availability.available)


def shaped(product: Product, lang: str, address: Address, told: dict[str, Any] | None = None) -> ProductShape:
    """A product. `told`: what else its metadata says."""
    made = variants(product, lang)
    record, size = {name: getattr(product, name) for name in _TOLD}, say("mcp", "options.size", lang)
    return ProductShape(
        id=product.id,
        title=product.title.get(lang),
        brand=product.brand,
        description=Description(plain=product.description.get(lang) or product.title.get(lang)),
        url=product.url if product.url and product.url.startswith(("https://", "http://")) else None,
        categories=[Category(value=value) for value in product.categories],
        price_range=_range([v.price for v in made]),
        list_price_range=_range([v.list_price for v in made if v.list_price])
        if any(v.list_price for v in made)
        else None,
        media=[
            Media(url=address(name), alt_text=product.title.get(lang)) for name in product.images[:MOST_MEDIA]
        ],
        options=[Option(name=size, values=[OptionValue(label=s.size) for s in product.sizes])]
        if product.sizes
        else [],
        variants=made,
        rating=Rating(value=product.rating, count=product.rating_count)
        if product.rating is not None
        else None,
        metadata={**{name: value for name, value in record.items() if value}, **(told or {})},
    )


def looked_up(
    product: Product, asked: Iterable[tuple[str, str | None]], lang: str, address: Address
) -> ProductShape:
    """A product with the variants that ids stand for: (id, size; None for the product itself)."""
    whole = shaped(product, lang, address)
    found: dict[str, Variant] = {}
    for item, size in asked:
        wanted = variant_id(product, size) if size else whole.variants[0].id
        match = "exact" if item == wanted else "featured"
        one = found.setdefault(wanted, next(v for v in whole.variants if v.id == wanted))
        one.inputs = [*(one.inputs or []), Input(id=item, match=match)]  # type: ignore[arg-type]
    return whole.model_copy(update={"variants": list(found.values())})


def detailed(
    product: Product, size: str | None, selected: Sequence[Selected], lang: str, address: Address
) -> ProductShape:
    """A product with what is left of its variants once a size was chosen, and how its sizes stand."""
    whole = shaped(product, lang, address, {"care": product.care.get(lang), "size_chart": product.size_chart})
    names = {say("mcp", "options.size", spoken).casefold() for spoken in ("zh", "en")}
    wished = size or next((s.label for s in selected if s.name.strip().casefold() in names), None)
    chosen = size_of(product, wished)
    shown = variants(product, lang, [chosen]) if chosen else whole.variants
    stock = {s.label: v.availability.available for v in whole.variants for s in v.selected_options[:1]}
    options = [
        Option(
            name=option.name,
            values=[OptionValue(label=v.label, available=stock[v.label], exists=True) for v in option.values],
        )
        for option in whole.options
    ]
    update = {
        "variants": shown,
        "options": options,
        "selected": shown[0].selected_options if whole.options else None,
    }
    return whole.model_copy(update=update)


def lines(cart: Cart, products: dict[str, Product], address: Address) -> tuple[list[LineItem], list[Total]]:
    """The lines of a cart and what they come to."""
    found, total = [], 0
    for nth, line in enumerate(cart.lines, 1):
        each = minor(line.price.amount, line.price.currency)
        total += each * line.quantity
        found.append(
            LineItem(
                id=f"li_{nth}",
                item=Item(
                    id=item_id(line, products.get(line.id)),
                    title=titled(line),
                    price=each,
                    image_url=address(line.image) if line.image else None,
                ),
                quantity=line.quantity,
                totals=totals(each * line.quantity),
            )
        )
    return found, totals(total)


def totals(amount: int) -> list[Total]:
    return [Total(type="subtotal", amount=amount), Total(type="total", amount=amount)]


def item_id(line: CartLine, product: Product | None) -> str:
    return variant_id(product, line.size) if product else line.id


def titled(line: CartLine) -> str:
    """The name of a line with its size and colour."""
    form = ", ".join(filter(None, (line.size, line.color)))
    return f"{line.name} ({form})" if form else line.name


def told(product: ProductShape) -> str:
    """A product on one line, for a model to read: id, name, brand, price, what there is of it, why it is shown."""
    low, high = product.price_range.min, product.price_range.max
    cost = _money(low) if low == high else f"{_money(low)}–{_money(high)}"
    if product.list_price_range:
        cost += f" (was {_money(product.list_price_range.max)})"
    there = [v for v in product.variants if v.availability.available]
    sizes = ", ".join(v.selected_options[0].label for v in there if v.selected_options)
    stock = (
        f"in stock: {sizes}" if sizes else "in stock" if there else product.variants[0].availability.status
    )
    parts = [
        product.id,
        product.title,
        product.brand or "",
        cost,
        stock,
        str(product.metadata.get("why") or ""),
    ]
    return " | ".join(filter(None, parts))


def _money(amount: Price) -> str:
    return f"{major(amount.amount, amount.currency)} {amount.currency}"


def _range(prices: Sequence[Price]) -> PriceRange:
    ordered = sorted(prices, key=lambda p: p.amount)
    return PriceRange(min=ordered[0], max=ordered[-1])
