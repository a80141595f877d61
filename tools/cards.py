"""Facts as a shopper reads them: product cards, prices, and why a product is shown."""

from collections.abc import Sequence
from functools import cache

from perception import shades
from prompts import load, say, taxonomy
from store.types import Hit, Money, Product, Reason
from tools.results import Price, ProductCard, SizeOption, Swatch

_SYMBOLS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$"}
_WITHOUT_MINOR = {"JPY", "KRW"}
# Matches that nobody needs to be told: the kind asked for, and that it is for grown-ups.
_UNTOLD = ("category", "age_group", None)
MOST_SWATCHES = 6  # colours of one product on its card; of more it is told how many
SHOWN = tuple(
    a for a in taxonomy.ATTRIBUTES if a not in ("category", "age_group")
)  # on cards and in comparisons


def money(value: Money) -> Price:
    """A price with its text: "$39.99", "¥4980"; a currency without a symbol of its own is written out."""
    amount = f"{value.amount:.0f}" if value.currency in _WITHOUT_MINOR else f"{value.amount:.2f}"
    symbol = _SYMBOLS.get(value.currency)
    text = f"{symbol}{amount}" if symbol else f"{amount} {value.currency}"
    return Price(amount=f"{value.amount:.2f}", currency=value.currency, text=text)


def swatches(product: Product, lang: str) -> tuple[list[Swatch], int]:
    """The first colours of its variants, in the shop's order and words, as far as their look is known, and how many
    more it comes in; none where it is one."""
    names = list(dict.fromkeys(v.color for v in product.variants if v.color))
    if len(names) < 2:
        return [], 0
    shown: list[Swatch] = []
    for name in names:
        if len(shown) == MOST_SWATCHES:
            break
        heard = shades.heard(name[:80])
        if shade := heard.shade:
            asked = shade.names[lang] if heard.strange or len(name) > 80 else name
            shown.append(Swatch(name=name, srgb=shade.srgb, asked=asked))
    return shown, len(names) - len(shown)


def attribute_words(product: Product, lang: str) -> dict[str, str]:
    """What the record says, label → words, both in `lang`. Absent attributes are absent."""
    found: dict[str, str] = {}
    for attribute in SHOWN:
        raw = getattr(product, "colors" if attribute == "color" else attribute)
        values: Sequence[str] = raw if isinstance(raw, list) else [raw] if raw else []
        if values:
            joined = say("tools", "why.and", lang).join(taxonomy.word(attribute, v, lang) for v in values)
            found[say("tools", f"labels.{attribute}", lang)] = joined
    return found


def card(
    product: Product,
    lang: str,
    *,
    why: str = "",
    nearest: bool = False,
    slot: str | None = None,
    with_details: bool = False,
) -> ProductCard:
    """The card of a product in `lang`, from the record alone. `with_details` adds description, care, size chart."""
    buyable = set(product.sizes_in_stock())
    shown, more = swatches(product, lang)
    details = None
    if with_details:
        details = {
            "description": product.description.get(lang),
            "care": product.care.get(lang),
            "size_chart": product.size_chart,
            "material": product.material,
            "url": product.url,
        }
    return ProductCard(
        id=product.id,
        name=product.title.get(lang),
        brand=product.brand,
        category=product.category,
        colors=product.colors,
        swatches=shown,
        more_colors=more,
        price=money(product.price),
        sale_price=money(product.sale_price) if product.sale_price else None,
        image=product.images[0] if product.images else None,
        images=product.images,
        views=dict(product.views) if with_details else {},
        spin=product.spin if with_details else [],
        in_stock=product.in_stock,
        sizes=[
            SizeOption(size=s.size, in_stock=s.size in buyable, quantity=s.quantity) for s in product.sizes
        ],
        rating=product.rating,
        rating_count=product.rating_count,
        why=why,
        details=details,
        slot=slot,
        nearest=nearest,
        attributes=attribute_words(product, lang),
        names={"zh": product.title.zh, "en": product.title.en}
        if product.title.zh and product.title.en
        else {},
    )


def why(hit: Hit, lang: str, like: Product | None = None, relaxed: Sequence[str] = ()) -> str:
    """One short line from the evidence that ranked `hit`, the strongest first, at most three pieces.

    `like`: the product whose look was searched for, when it was not a photo; `relaxed`: conditions that were given up:
    what misses one is told by what it is instead, and is not called what was asked for."""
    if relaxed:
        return _nearest(hit, lang, relaxed)
    matched = [
        _matched(r, hit.product, lang)
        for r in hit.reasons
        if r.kind == "match" and r.attribute not in _UNTOLD
    ]
    pieces = [say("tools", "why.and", lang).join(dict.fromkeys(matched[:3]))] if matched else []
    pieces += [text for r in hit.reasons if (text := _piece(r, hit.product, lang, like))]
    if not pieces and any(r.kind in ("words", "match") for r in hit.reasons):
        pieces = [
            say("tools", "why.asked", lang, value=taxonomy.word("category", hit.product.category, lang))
        ]
    return say("tools", "why.join", lang).join(dict.fromkeys(pieces[:3]))


def _nearest(hit: Hit, lang: str, relaxed: Sequence[str]) -> str:
    """Of what misses a condition: its own colour where another was asked for, what it meets, that it is on sale."""
    met = [
        _matched(r, hit.product, lang)
        for r in hit.reasons
        if r.kind == "match" and r.attribute not in (*_UNTOLD, *relaxed)
    ]
    pieces = [say("tools", "why.and", lang).join(dict.fromkeys(met[:3]))] if met else []
    wanted = {r.value for r in hit.reasons if r.attribute == "color"}
    if "color" in relaxed and hit.product.colors and hit.product.colors[0] not in wanted:
        own = taxonomy.word("color", hit.product.colors[0], lang)
        pieces.insert(0, say("tools", "why.instead", lang, value=own))
    kinds = ("sale", "rating") if "price" in relaxed else ("sale", "rating", "price")
    pieces += [t for r in hit.reasons if r.kind in kinds and (t := _piece(r, hit.product, lang, None))]
    return say("tools", "why.join", lang).join(dict.fromkeys(pieces[:3]))


def phrase(attribute: str, value: str, lang: str) -> str:
    """A value as it stands in a sentence: "a job interview", where its word alone is "interview"."""
    if attribute == "occasion" and value in load("tools")["occasions"]:
        return say("tools", f"occasions.{value}", lang)
    return taxonomy.word(attribute, value, lang)


def _matched(reason: Reason, product: Product, lang: str) -> str:
    """A met condition in words; some need more than the bare value ("made for summer")."""
    attribute, value = str(reason.attribute), str(reason.value)
    if attribute == "size":  # as the shop writes it
        value = next((s.size for s in product.sizes if s.size.casefold() == value.casefold()), value)
    word = value if attribute in ("size", "brand") else phrase(attribute, value, lang)
    if attribute in load("tools")["why"]["attribute"]:
        return say("tools", f"why.attribute.{attribute}", lang, value=word)
    return word


def _piece(reason: Reason, product: Product, lang: str, like: Product | None) -> str:
    match reason.kind:
        case "look" if like is not None:
            return say("tools", "why.like", lang, name=like.title.get(lang))
        case "sale" if product.sale_price:
            saved = Money(
                amount=product.price.amount - product.sale_price.amount, currency=product.price.currency
            )
            return say("tools", "why.sale", lang, value=money(saved).text)
        case "price" if reason.value and float(reason.value).is_integer():  # a bound that somebody would say
            limit = Money(amount=reason.value, currency=product.price.currency)  # type: ignore[arg-type]
            return say("tools", "why.under", lang, value=money(limit).text)
        case "rating" if product.rating is not None:
            return say("tools", "why.rating", lang, value=product.rating)
        case "seen" if reason.attribute not in _UNTOLD:
            return say(
                "tools", "why.seen", lang, value=phrase(str(reason.attribute), str(reason.value), lang)
            )
        case "look" | "meaning" | "lowest":
            return say("tools", f"why.{reason.kind}", lang)
        case "words" if reason.value and (own := _own_words(reason.value)):
            return say("tools", "why.words", lang, value=own)
        case _:
            return ""


def _own_words(text: str) -> str:
    """The matched words that are no words of the vocabulary: those are told as attributes, or go without saying."""
    return " ".join(w for w in text.split() if w.casefold() not in _vocabulary())


@cache
def _vocabulary() -> frozenset[str]:
    entries = [taxonomy.words(a, v) for a in taxonomy.ATTRIBUTES for v in taxonomy.values(a)]
    phrases = [phrase for entry in entries for words in entry.values() for phrase in words]
    return frozenset(
        form for p in phrases for word in (p, *p.split()) for form in (word.casefold(), f"{word.casefold()}s")
    )


def line(shown: ProductCard) -> str:
    """A card as the model reads it: id, name, price, stock."""
    price = f"{shown.sale_price.text} (was {shown.price.text})" if shown.sale_price else shown.price.text
    sizes = ",".join(s.size for s in shown.sizes if s.in_stock)
    stock = f"in stock: {sizes}" if sizes else "in stock" if shown.in_stock else "sold out"
    return f"{shown.id} | {shown.name} | {shown.brand or ''} | {price} | {stock}" + (
        f" | {shown.why}" if shown.why else ""
    )
