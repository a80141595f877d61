"""Find products by words, by photo, by another product, with conditions."""

from typing import Any, Literal

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import ValidationError

from perception.photo import Photo
from prompts import say, tell
from store.search import TOPICAL
from store.shop import Shop
from store.shoppers import Profile
from store.types import Filters, PhotoVectors, Product, Query, Results, Sort
from tools import usual as remembered
from tools.cards import card, line, why
from tools.context import ToolContext
from tools.errors import BadFilters, ToolInputError
from tools.leaning import leaning
from tools.reacting import never
from tools.results import ProductCard, Products

# conditions that are a matter of taste: what misses one of them may still please
TASTES = TOPICAL
ALIKE = 0.75  # of the best score: from here on it is really like what was shown


@tool(parse_docstring=True, response_format="content_and_artifact")
def search_catalog(
    runtime: ToolRuntime[ToolContext],
    query: str = "",
    where: dict[str, Any] | None = None,
    prefer: dict[str, Any] | None = None,
    photo: str | None = None,
    garment: int | None = None,
    like: str | None = None,
    sort: Sort = "relevance",
    limit: int = 6,
    exclude: list[str] | None = None,
    keep: list[str] | None = None,
    ids: list[str] | None = None,
    aside: list[Literal["all", "size", "tastes", "budget"]] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Search the shop's catalogue. Use words, a photo, a product to resemble, conditions, or any mix of these.

    Args:
        query: What is wanted, in the shopper's words, without prices and sizes.
        where: Conditions every product must meet. Keys: category, color, pattern, material, sleeve, neckline, length,
            gender, age_group, season, occasion, style, brand, size (lists of values), price {"min","max"},
            not {"color": [...]}, rating_min, in_stock, on_sale.
        prefer: Like `where`, but only moves products up.
        photo: Id of a photo of the shopper's to resemble.
        garment: Which garment of the photo, by its place in what was seen of it: 0 is the main one.
        like: Id of a product to resemble.
        sort: relevance, price_asc, price_desc, rating or discount.
        limit: How many to show, 1 to 12.
        exclude: Ids that were shown already and should not come again.
        keep: Names of conditions that must not be given up, e.g. ["price"]; rather nothing is found.
        ids: Products to show again, in this order; then nothing is searched.
        aside: What of the remembered of this shopper is not to be used now: ["all"] when it is for somebody else. A
            size "usual" in `where` means the remembered one, and no other.
    """
    context = runtime.context
    gone = never(context)
    if ids:
        return _again(context, [i for i in ids if i not in gone] if len(ids) > 1 else ids)
    profile = context.profile().without(aside or [])
    hard, soft = remembered.resolved(filters(where), profile), filters(prefer)
    liked = context.product(like) if like else None
    wanted = Query(
        text=query,
        photo=_vectors(context, photo, garment, liked),
        where=hard,
        prefer=soft,
        exclude_ids=[*(exclude or []), *([liked.id] if liked else []), *sorted(gone)],
        sort=sort,
        k=max(1, min(limit, 12)),
    )
    usual = hard.size if remembered.USUAL in (where or {}).get("size", []) else []
    found = remembered.search(
        wanted,
        profile,
        context.lang,
        lambda query: find(context.shop, query, liked),
        leaning(context, aside or []),
    )
    results = found.results
    if set(keep or []) & set(results.relaxed):
        results = Results(hits=[], total=0)
    shown = Products(
        items=_cards(results, context.lang, liked, found.why, profile),
        total=results.total,
        query={
            "text": query,
            "where": hard.to_json(),
            "prefer": soft.to_json(),
            "photo": photo,
            **({"garment": garment} if garment else {}),
            "like": like,
            "sort": sort,
        },
        relaxed=results.relaxed,
        remembered=[*remembered.asked_for(usual), *found.used] if results.hits else [],
    )
    return _summary(shown), shown.model_dump(mode="json")


def _again(context: ToolContext, ids: list[str]) -> tuple[str, dict[str, Any]]:
    """The same products once more, as they are now; those that left the catalogue are left out."""
    records = context.shop.get_many(list(dict.fromkeys(ids))[:12])
    items = [card(record, context.lang) for record in records]
    shown = Products(items=items, total=len(items), query={"ids": ids})
    return _summary(shown), shown.model_dump(mode="json")


def filters(raw: dict[str, Any] | None) -> Filters:
    """Conditions as a model writes them, checked. Raises BadFilters."""
    try:
        return Filters.model_validate(raw or {})
    except ValidationError as error:
        raise BadFilters(error) from error


def find(shop: Shop, wanted: Query, liked: Product | None = None) -> Results:
    """The search of every door. "Similar but cheaper" orders by price only what is similar: the best looking matches,
    three times as many as are shown."""
    if wanted.sort == "relevance":
        found = _for_adults(shop, wanted, liked)
        # What fits as well and can be bought comes first.
        return found.model_copy(
            update={"hits": sorted(found.hits, key=lambda hit: (bool(hit.missed), not hit.product.in_stock))}
        )
    if wanted.photo is None or wanted.sort not in ("price_asc", "price_desc"):
        return _for_adults(shop, wanted, liked)
    alike = _for_adults(shop, wanted.model_copy(update={"sort": "relevance", "k": 3 * wanted.k}), liked)
    best = max((hit.score for hit in alike.hits), default=0.0)
    dearest = -1 if wanted.sort == "price_desc" else 1
    hits = sorted(
        alike.hits,
        # what is hardly like it is not first for being cheap
        key=lambda hit: (hit.score < ALIKE * best, dearest * hit.product.current_price.amount),
    )
    hits.sort(key=lambda hit: not hit.product.in_stock)  # the cheapest that nobody can buy does not lead
    return alike.model_copy(update={"hits": hits[: wanted.k]})


def _for_adults(shop: Shop, wanted: Query, liked: Product | None) -> Results:
    """Whoever does not speak of children is shown adults' clothes, in a shop that has them."""
    ages = (*wanted.where.age_group, *wanted.prefer.age_group, *wanted.where.not_.get("age_group", []))
    if ages or (liked is not None and liked.age_group not in (None, "adult")):
        return shop.search(wanted)
    adults = wanted.where.model_copy(update={"age_group": ["adult"]})
    results = shop.search(wanted.model_copy(update={"where": adults}))
    if "age_group" in results.relaxed or results.total == 0:
        return shop.search(wanted)
    return results


def _vectors(
    context: ToolContext, photo: str | None, garment: int | None, liked: Product | None
) -> PhotoVectors | None:
    """Of one garment of the photo, where another than the main one is meant."""
    if photo:
        picture = context.photo(photo)
        one = {"garment": in_look(context, picture, garment)} if garment else {}
        seen = context.eyes.vectors(picture, **one)
        return PhotoVectors(image=seen.image, text=seen.text, seen=seen.seen)
    return context.shop.vectors_of(liked.id) if liked else None


def in_look(context: ToolContext, photo: Photo, garment: int) -> int:
    """The place of a garment, checked. Raises ToolInputError for one that the photo does not have."""
    count = len(context.eyes.look(photo, context.lang).garments)
    if not 0 <= garment < count:
        raise ToolInputError(f"the photo has {count} garments, counted from 0; there is no garment {garment}")
    return garment


def _cards(
    results: Results, lang: str, liked: Product | None, known: dict[str, list[str]], profile: Profile
) -> list[ProductCard]:
    """The cards, each with why it was found and then what is remembered of the shopper that speaks for it."""
    nearest = bool(results.relaxed)
    items = []
    for hit in results.hits:
        said = [why(hit, lang, liked, results.relaxed), *known.get(hit.product.id, [])]
        reason = say("tools", "why.join", lang).join(filter(None, said))
        shown = card(hit.product, lang, why=reason, nearest=nearest)
        items.append(shown.model_copy(update={"your_size": profile.size_of(hit.product)}))
    return items


def _summary(shown: Products) -> str:
    if not shown.items:
        return tell("nothing")
    lines = "\n".join(line(item) for item in shown.items)
    if shown.remembered:
        lines += "\n" + tell("memory_used", used="; ".join(f"{u.kind} {u.text}" for u in shown.remembered))
    if shown.relaxed:
        return tell("nearest", relaxed=", ".join(shown.relaxed), lines=lines)
    return tell("found", count=len(shown.items), total=shown.total, lines=lines)
