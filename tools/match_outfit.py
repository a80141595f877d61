"""Build complete looks around a product or a garment in a photo, or find what of one kind goes with it."""

from decimal import Decimal
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from perception.photo import Photo
from prompts import say, tell
from store.types import Filters, Money, Product, Query
from tools import outfits, pairing
from tools.cards import card, line, money, phrase
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.outfits import Piece
from tools.results import LookOutfit, Outfit, ProductCard, Products
from tools.search_catalog import filters, in_look


@tool(parse_docstring=True, response_format="content_and_artifact")
def match_outfit(
    runtime: ToolRuntime[ToolContext],
    product: str | None = None,
    photo: str | None = None,
    garment: int | None = None,
    want: list[str] | None = None,
    occasion: str | None = None,
    budget: float | None = None,
    where: dict[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Match an outfit to a product or to the garment in a photo. With `want`, only products of those categories.

    Args:
        product: Id of the product to build on.
        photo: Id of a photo of the shopper's to build on.
        garment: Which garment of the photo, by its place in what was seen of it: 0 is the main one.
        want: Categories asked for, e.g. ["shoes"]; without it, complete looks are built.
        occasion: Occasion the look is for, e.g. work, wedding, beach.
        budget: Most that everything added may cost together, in the shop's currency.
        where: What every piece added must be, e.g. {"color": ["blue"], "not": {"color": ["white"]}}.
    """
    context = runtime.context
    if product:
        anchor = Piece.of(context.product(product))
    elif photo:
        anchor = _in_photo(context, context.photo(photo), garment or 0)
    else:
        raise ToolInputError("match_outfit needs the id of a product or of a photo")
    if want:
        shown = _partners(context, anchor, want, occasion, budget, where)
        return "\n".join(map(line, shown.items)) or tell("nothing"), shown.model_dump(mode="json")
    looks = Outfit(looks=_looks(context, anchor, occasion, budget, where))
    lines = "\n".join(f"{' + '.join(i.name for i in look.items)} = {look.total.text}" for look in looks.looks)
    text = tell("looks", count=len(looks.looks), lines=lines) if looks.looks else tell("no_looks")
    return text, looks.model_dump(mode="json")


def looks_for(
    context: ToolContext, anchor: Product | Photo, occasion: str | None = None, budget: float | None = None
) -> list[LookOutfit]:
    """Looks around a product or a photo, best first. Raises ToolInputError when the photo shows nothing wearable."""
    piece = Piece.of(anchor) if isinstance(anchor, Product) else _in_photo(context, anchor)
    return _looks(context, piece, occasion, budget)


def _in_photo(context: ToolContext, photo: Photo, index: int = 0) -> Piece:
    garments = context.eyes.look(photo, context.lang).garments
    if not garments:
        raise ToolInputError("no garment was recognised in the photo; ask for another photo")
    return pairing.seen(garments[in_look(context, photo, index)])


def _candidates(
    context: ToolContext,
    anchor: Piece,
    categories: list[str],
    occasion: str | None,
    budget: float | None,
    wanted: dict[str, Any] | None = None,
) -> list[Product]:
    """Products in stock of `categories` for the same person as the anchor, all as `wanted`, those for its season and
    occasion first."""
    record = anchor.product
    gender = record.gender if record else outfits.worn_by(anchor.category)
    where = filters(
        {
            **(wanted or {}),
            "category": categories,
            "gender": [gender] if gender in ("women", "men") else [],
            "age_group": [record.age_group or "adult"] if record else ["adult"],
            "in_stock": True,
        }
        | ({"price": {"max": budget}} if budget is not None else {})
    )
    prefer = Filters(
        season=sorted(anchor.season),
        occasion=[occasion] if occasion else sorted(anchor.occasion),
        style=sorted(anchor.style),
    )
    found = context.shop.search(Query(where=where, prefer=prefer, k=40))
    # The nearest to an unmet condition is no match: an outfit needs what really fits.
    return (
        []
        if found.relaxed
        else [h.product for h in found.hits if record is None or h.product.id != record.id]
    )


def _partners(
    context: ToolContext,
    anchor: Piece,
    want: list[str],
    occasion: str | None,
    budget: float | None,
    where: dict[str, Any] | None = None,
) -> Products:
    """Products of the wanted categories, best match first, each with the ground of its score as `why`."""
    found = _candidates(context, anchor, want, occasion, budget, where)
    rated = sorted(
        ((outfits.pair(anchor, Piece.of(p)), p) for p in found), key=lambda r: r[0].score, reverse=True
    )
    items = [
        card(p, context.lang, why=pairing.reason(context.lang, nth))
        for nth, (pairing, p) in enumerate(rated[:4])
    ]
    return Products(items=items, total=len(found), query={"want": want, "occasion": occasion})


def _looks(
    context: ToolContext,
    anchor: Piece,
    occasion: str | None,
    budget: float | None,
    where: dict[str, Any] | None = None,
) -> list[LookOutfit]:
    """Up to three looks that differ in idea (other slots) and share no added product."""
    rules = outfits.rules()
    recipes: list[list[str]] = rules["complete"].get(anchor.slot, [])
    wanted = {slot for recipe in recipes for slot in recipe}
    candidates = {
        slot: _candidates(context, anchor, rules["slots"][slot], occasion, budget, where) for slot in wanted
    }
    if occasion:
        candidates = {s: _for_occasion(found, occasion) for s, found in candidates.items()}
    looks: list[LookOutfit] = []
    taken: set[str] = set()
    for recipe in recipes[: rules["looks"]]:
        look = outfits.build(anchor, candidates, recipe, budget, taken)
        if look is not None and look.items:
            taken |= {p.id for p in look.items.values()}
            looks.append(_shown(look, anchor, context.lang, occasion))
    return sorted(looks, key=lambda look: look.score, reverse=True)


def _for_occasion(found: list[Product], occasion: str) -> list[Product]:
    """Those made for the occasion, where there are any."""
    fitting = [p for p in found if occasion in p.occasion]
    return fitting or found


def _shown(look: outfits.Outfit, anchor: Piece, lang: str, occasion: str | None) -> LookOutfit:
    items: list[ProductCard] = []
    bought = list(look.items.values())
    if anchor.product is not None:
        items.append(card(anchor.product, lang, slot=anchor.slot))
        bought.append(anchor.product)
    items += [
        card(p, lang, slot=slot, why=outfits.pair(anchor, Piece.of(p)).reason(lang, nth))
        for nth, (slot, p) in enumerate(look.items.items())
    ]
    total = Money(
        amount=sum((p.current_price.amount for p in bought), Decimal(0)), currency=bought[0].price.currency
    )
    asked = occasion and all(occasion in p.occasion for p in bought)
    told = (
        [say("tools", "outfit.all_for", lang, occasion=phrase("occasion", str(occasion), lang))]
        if asked
        else []
    )
    reasons = told + [
        reason for nth, pairing in enumerate(look.pairings) if (reason := pairing.reason(lang, nth))
    ]
    return LookOutfit(
        items=items, total=money(total), score=round(look.score, 3), reasons=list(dict.fromkeys(reasons))[:3]
    )
