"""Products for this shopper: from what they did here and, with consent, before; popular ones for a stranger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import load, say, taxonomy, tell
from store.reactions import Reaction, unpacked
from store.shoppers import Profile
from store.types import Filters, Money, PhotoVectors, PriceRange, Product, Query
from tools.cards import card, line, money
from tools.choosing import Chosen, because, choose, common
from tools.context import ToolContext
from tools.goods import Goods, about, goods, settings
from tools.reacting import known
from tools.results import Products, Used
from tools.search_catalog import filters
from tools.taste import Scores, Taste, taste
from tools.taste_words import told
from tools.usual import resolved

MOST = 12


@dataclass(frozen=True)
class Wanted:
    """What is asked of a recommendation. `where`: conditions that all must meet; `like`: the product to begin from;
    `exclude`: shown already; `aside`: what of the remembered is not to be used."""

    where: Filters = field(default_factory=Filters)
    like: Product | None = None
    k: int = 6
    exclude: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    explore: bool = True


@tool(parse_docstring=True, response_format="content_and_artifact")
def recommend(
    runtime: ToolRuntime[ToolContext],
    kind: str | None = None,
    where: dict[str, Any] | None = None,
    occasion: str | None = None,
    budget: float | None = None,
    like: str | None = None,
    limit: int = 6,
    exclude: list[str] | None = None,
    aside: list[str] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Recommend products to this shopper by their taste: what they looked at, liked, refused, put into the cart. For
    "what would you recommend", "what would suit me", "anything for me", without a wish that a search could find.

    Args:
        kind: A category, where one is named.
        where: Conditions every product must meet, as for search_catalog.
        occasion: What it is for.
        budget: What a piece may cost at most, in the shop's currency.
        like: Id of a product, for "more of this kind".
        limit: How many, 1 to 12.
        exclude: Ids that were shown already and should not come again.
        aside: What of the remembered of this shopper is not to be used now, e.g. ["all"] when it is for somebody else.
    """
    context = runtime.context
    given = filters(where)
    if kind and not given.category:
        given = filters({**given.to_json(), "category": [kind]})
    if occasion and not given.occasion:
        given = filters({**given.to_json(), "occasion": [occasion]})
    if budget is not None and budget > 0 and (given.price is None or given.price.max is None):
        low = given.price.min if given.price else None
        given = given.model_copy(update={"price": PriceRange(min=low, max=Decimal(str(budget)))})
    wanted = Wanted(
        where=given,
        like=context.product(like) if like else None,
        k=max(1, min(limit, MOST)),
        exclude=tuple(exclude or ()),
        aside=tuple(aside or ()),
    )
    shown = recommended(context, wanted)
    return _summary(shown), shown.model_dump(mode="json")


def recommended(context: ToolContext, wanted: Wanted) -> Products:
    """The list, as every door shows it. `query["ground"]`: "taste", "popular" where nothing is known of the shopper, or
    "shop" where it has no ratings either; `query["problem"]`: why there is nothing."""
    profile = context.profile().without(wanted.aside)
    done = known(context, profile, wanted.aside)
    where = _adults(context, resolved(wanted.where, profile), wanted.like)
    where = _for_them(context, where, wanted.like, done)
    allowed = _allowed(context, where, profile, done)
    query: dict[str, Any] = {"recommend": True, "where": wanted.where.to_json()}
    if wanted.like:
        query["like"] = wanted.like.id
    if not allowed:
        return Products(
            items=[], total=0, query={**query, "problem": _problem(context, where, profile, done)}
        )
    if wanted.like:
        done = [*done, Reaction(action="liked", product=wanted.like.id, times=8)]
        if not where.category:
            kind = taxonomy.ancestors(wanted.like.category)[0]
            allowed = [i for i in allowed if _is_a(context, i, kind)] or allowed
    mine = tasted(context, done, allowed)
    seed = f"{context.session} {sum(one.times for one in done if one.action != 'shown')}"
    bought = bought_with(context, done)
    chosen, scores = ranked(mine, allowed, wanted, seed, bought, profile)
    ground = "taste" if mine.known else "popular" if mine.goods.popular.any() else "shop"
    usual = common(mine.goods, [mine.goods.index[i] for i in allowed if i in mine.goods.index])
    items = []
    for one in chosen:
        beside = context.shop.get(bought[one.product.id][1]) if one.product.id in bought else None
        why = because(mine, scores, one, wanted.like, beside, usual)
        sentence = told(why, one.product, context.lang)
        size = profile.size_of(one.product)
        if size in one.product.sizes_in_stock():
            extra = say("recommend", "because.size", context.lang, size=size)
            sentence = say("tools", "why.join", context.lang).join([sentence, extra])
        items.append(card(one.product, context.lang, why=sentence).model_copy(update={"your_size": size}))
    sizes = list(dict.fromkeys(i.your_size for i in items if i.your_size))
    used = [Used(kind="size", text=sizes[0])] if len(sizes) == 1 else []
    return Products(items=items, total=len(allowed), query={**query, "ground": ground}, remembered=used)


def tasted(context: ToolContext, done: Sequence[Reaction], allowed: Sequence[str]) -> Taste:
    """Their taste, held against the whole shop, or in a large one against what is near to it."""
    if context.shop.count() <= settings()["whole"]:
        return taste(goods(context.shop, context.together), done)
    return taste(_near(context, done, allowed), done)


def _near(context: ToolContext, done: Sequence[Reaction], allowed: Sequence[str]) -> Goods:
    """Of a large shop: what was touched, what is near to each taste of it, what is popular, and a sample."""
    shop, pool = context.shop, settings()["pool"]
    touched = shop.get_many(list(dict.fromkeys(one.product for one in done if one.product)))
    rough = taste(about(shop, touched, context.session, context.together), done)
    near = {p.id: p for p in touched}
    where = Filters(in_stock=True)
    inside = set(allowed)
    for members in rough.clusters:
        middle = max((rough.liked[m] for m in members), key=lambda s: s.weight)
        if middle.name not in rough.goods.index:
            photo = next((one.photo for one in done if one.name == middle.name and one.photo), None)
            vectors = PhotoVectors(image=unpacked(photo.image).tolist(), text=[]) if photo else None
        else:
            vectors = shop.vectors_of(middle.name)
        if vectors is not None:
            hits = shop.search(Query(photo=vectors, where=where, k=pool)).hits
            near |= {hit.product.id: hit.product for hit in hits}
    near |= {p.id: p for p in shop.get_many(list(bought_with(context, done))[:pool])}
    best = shop.search(Query(where=where, sort="rating", k=pool)).hits
    near |= {hit.product.id: hit.product for hit in best}
    if not inside & near.keys() or len(inside & near.keys()) < pool:
        near |= {p.id: p for p in shop.get_many(list(allowed)[:pool])}
    return about(shop, list(near.values()), context.session, context.together)


def bought_with(context: ToolContext, done: Sequence[Reaction]) -> dict[str, tuple[float, str]]:
    """What others bought together with what this shopper chose: product → how often (0..1), and with which of those it
    is bought the most."""
    if context.together is None:
        return {}
    worth = settings()["actions"]
    chosen = {one.product: max(worth[one.action], 0.0) / worth["bought"] for one in done
              if one.product and worth[one.action] > 0}  # fmt: skip
    found: dict[str, tuple[float, str]] = {}
    for product, others in context.together.of(chosen).items():
        for other, often in others.items():
            share = often * min(chosen[product], 1.0)
            if other not in chosen and share > found.get(other, (0.0, ""))[0]:
                found[other] = share, product
    return dict(sorted(found.items(), key=lambda item: -item[1][0]))


def ranked(
    mine: Taste,
    allowed: Sequence[str],
    wanted: Wanted,
    seed: str,
    together: Mapping[str, tuple[float, str]] | None = None,
    profile: Profile | None = None,
) -> tuple[list[Chosen], Scores]:
    """The list of a taste among the ids `allowed`, with the scores of all goods. Pure: no shop is asked."""
    held = mine.goods
    with_them = np.zeros(len(held.products))
    for product, (often, _) in (together or {}).items():
        if product in held.index:
            with_them[held.index[product]] = often
    scores = mine.scores(with_them)
    gone = {*wanted.exclude, *mine.never, *([wanted.like.id] if wanted.like else [])}
    places = [held.index[i] for i in allowed if i in held.index and i not in gone]
    fresh = [at for at in places if held.products[at].id not in mine.touched]
    places = fresh if len(fresh) >= min(wanted.k, len(places)) else places
    open_to = np.zeros(len(held.products), bool)
    open_to[places] = True
    if profile and profile.sizes:
        up = settings()["score"]["size"]
        for at in places:
            size = profile.size_of(held.products[at])
            if size is not None:
                scores.total[at] += up if size in held.products[at].sizes_in_stock() else -up
    return choose(mine, scores, open_to, wanted.k, seed, wanted.explore), scores


def _adults(context: ToolContext, where: Filters, like: Product | None) -> Filters:
    """Whoever does not speak of children is shown adults' clothes, in a shop that has them."""
    if where.age_group or where.not_.get("age_group") or (like and like.age_group not in (None, "adult")):
        return where
    adults = where.model_copy(update={"age_group": ["adult"]})
    return adults if context.shop.ids(adults) else where


def _for_them(
    context: ToolContext, where: Filters, like: Product | None, done: Sequence[Reaction]
) -> Filters:
    """Who chose women's clothes and no men's is not shown men's, nor the other way round, unless they ask."""
    if where.gender or where.not_.get("gender") or (like and like.gender):
        return where
    worth, least = settings()["actions"], settings()["person"]
    chosen = {one.product: worth[one.action] for one in done if one.product and worth[one.action] > 0}
    weight = {"women": 0.0, "men": 0.0}
    for record in context.shop.get_many(list(chosen)):
        if record.gender in weight:
            weight[record.gender] += chosen[record.id]
    person, most = max(weight.items(), key=lambda found: found[1])
    if most < least["weight"] or most < least["share"] * sum(weight.values()):
        return where
    other = "men" if person == "women" else "women"
    theirs = where.model_copy(update={"not_": {**where.not_, "gender": [other]}})  # what says no gender stays
    return theirs if context.shop.ids(theirs) else where


def _allowed(context: ToolContext, where: Filters, profile: Profile, done: Sequence[Reaction]) -> list[str]:
    """Ids of what can be bought, meets the conditions and is nothing that was refused, is in the cart or was bought;
    less, where that leaves some, what is not to be had in the shopper's size."""
    gone = _gone(context, done)
    said = _refused(done)
    refused = {a: [v for v in values if v not in getattr(where, a, [])] for a, values in said.items()}
    both = {a: [*where.not_.get(a, []), *refused.get(a, [])] for a in (*where.not_, *refused)}
    strict = where.model_copy(update={"in_stock": True, "not_": {a: v for a, v in both.items() if v}})
    found = [i for i in context.shop.ids(strict) if i not in gone]
    if not profile.sizes or where.size:
        return found
    records = context.shop.get_many(found) if len(found) <= settings()["whole"] else []
    fitting = [p.id for p in records if (s := profile.size_of(p)) is None or s in p.sizes_in_stock()]
    return fitting or found


def _refused(done: Sequence[Reaction]) -> dict[str, list[str]]:
    """What the shopper said they do not want, attribute → values."""
    found: dict[str, list[str]] = {}
    for one in done:
        if one.action == "refused" and one.stated and one.attribute and one.value:
            found.setdefault(one.attribute, []).append(one.value)
    return found


def _gone(context: ToolContext, done: Sequence[Reaction]) -> set[str]:
    """What was bought, is in the cart or was disliked."""
    gone = {one.product for one in done if one.action in ("bought", "disliked")}
    return gone | {held.product_id for held in context.carts.lines(context.session)}


def _problem(context: ToolContext, where: Filters, profile: Profile, done: Sequence[Reaction]) -> str:
    lang = context.lang
    if not context.shop.ids(Filters(in_stock=True)):
        return say("recommend", "nothing.all", lang)
    if where.price and where.price.max is not None:
        free = where.model_copy(update={"price": None})
        if open_to := context.shop.get_many(_allowed(context, free, profile, done)):
            least: Money = min((p.current_price for p in open_to), key=lambda m: m.amount)
            return say("recommend", "nothing.budget", lang, price=money(least).text)
    stocked = where.model_copy(update={"in_stock": True})
    if context.shop.ids(stocked):
        return say("recommend", "nothing.refused", lang)
    return say("recommend", "nothing.where", lang)


def _is_a(context: ToolContext, product_id: str, kind: str) -> bool:
    found = context.shop.get(product_id)
    return found is not None and kind in found.categories


def _summary(shown: Products) -> str:
    words = load("recommend")["model"]
    if not shown.items:
        return str(words["nothing"]).format(problem=shown.query.get("problem", ""))
    lines = "\n".join(line(item) for item in shown.items)
    if shown.remembered:
        lines += "\n" + tell("memory_used", used="; ".join(f"{u.kind} {u.text}" for u in shown.remembered))
    lines += "\n" + words["ground"][shown.query["ground"]]
    return str(words["found"]).format(count=len(shown.items), lines=lines)
