"""A search with what is remembered of the shopper: their size first, what they avoid left out, their budget as a soft
bound, what they like a little higher. What the shopper says now always wins, and every use is named.

Nothing remembered may empty a list: a refusal or a budget that would leave too few only lowers what it is about.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from prompts import say, taxonomy
from store.conditions import canonical, held
from store.shoppers import Profile, Taste
from store.types import Filters, Hit, Money, PriceRange, Product, Query, Results
from store.words import concepts
from tools.cards import money
from tools.leaning import Leaning
from tools.results import Used

USUAL = "usual"  # where a size is asked for: the remembered one
ENOUGH = 3  # what a remembered wish has to leave, where there is so much
POOL, MOST = 3, 60  # times what is shown, and at most, is weighed again
# beside scores of 0..1: a nudge among equals, but for what the shopper avoids
IN_SIZE, SIZE_GONE, LIKED, MOST_LIKED, AVOIDED, DEAR = 0.04, -0.05, 0.03, 0.06, -0.3, -0.15


@dataclass(frozen=True)
class Found:
    """Results, with the remembered reasons of each product (in words, by id), and what was used for the list."""

    results: Results
    why: dict[str, list[str]] = field(default_factory=dict)
    used: list[Used] = field(default_factory=list)


def resolved(where: Filters, profile: Profile) -> Filters:
    """`where` with "usual" for a size replaced by the remembered one of what is sought, or let go."""
    if USUAL not in where.size:
        return where
    notes = [profile.size_for(c) for c in where.category or ["tops"]]
    known = [note.size for note in notes if note]
    others = [s for s in where.size if s != USUAL]
    return where.model_copy(update={"size": list(dict.fromkeys([*others, *known]))})


def search(
    wanted: Query,
    profile: Profile,
    lang: str,
    find: Callable[[Query], Results],
    lean: Leaning | None = None,
) -> Found:
    """The search `wanted`, by `find`, as this shopper would have it. `lean`: how their likes and dislikes nudge it. An
    empty profile without any changes nothing."""
    if profile.empty and lean is None:
        return Found(find(wanted))
    by_fit = wanted.sort == "relevance"
    pool = wanted.model_copy(update={"k": min(POOL * wanted.k, MOST)}) if by_fit else wanted
    results = find(pool)
    if not results.hits:
        return Found(results)
    avoided = _avoided(profile, wanted)
    limit = _limit(profile, wanted, results.hits[0].product)
    used: list[Used] = []
    if results.relaxed:
        still, bound = avoided, limit  # nothing more is given up for a memory
    else:
        still, bound = [], None
        if avoided:
            without = find(_without(pool, avoided))
            if _enough(without, results):
                if left := results.total - without.total:
                    used.append(Used(kind="refused", text=_values(avoided, lang), left_out=left))
                results, pool = without, _without(pool, avoided)
            else:
                still = avoided
        if limit is not None:
            within = find(_within(pool, limit.amount))
            if _enough(within, results):
                if left := results.total - within.total:
                    used.append(Used(kind="budget", text=money(limit).text, left_out=left))
                results = _unsaid(within)
            else:
                bound = limit
    marks = {hit.product.id: _marks(hit.product, profile, wanted, still, bound) for hit in results.hits}
    hits = results.hits
    if by_fit and lean is not None:
        for product_id, leaned in lean([hit.product for hit in hits]).items():
            marks[product_id].lean, marks[product_id].because = leaned.weight, leaned.why
    if by_fit:
        hits = sorted(hits, key=lambda hit: -(hit.score + marks[hit.product.id].weight))
        hits.sort(key=lambda hit: not hit.product.in_stock)
    hits = hits[: wanted.k]
    used = [*_helped(hits, marks, lang), *used]
    return Found(
        results.model_copy(update={"hits": hits}),
        {hit.product.id: marks[hit.product.id].words(lang) for hit in hits},
        used,
    )


def asked_for(sizes: list[str]) -> list[Used]:
    """The remembered size that was asked for as "my usual size"."""
    return [Used(kind="size", text=size) for size in sizes[:1]]


@dataclass
class Marks:
    """What of the memory one product meets."""

    size: str | None = None
    in_stock: bool = False
    liked: list[Taste] = field(default_factory=list)
    avoided: list[Taste] = field(default_factory=list)
    over: Money | None = None
    lean: float = 0.0
    because: str = ""

    @property
    def weight(self) -> float:
        """What it adds to the product's score."""
        size = 0.0 if self.size is None else IN_SIZE if self.in_stock else SIZE_GONE
        liked = min(LIKED * len(self.liked), MOST_LIKED)
        against = AVOIDED * bool(self.avoided) + DEAR * (self.over is not None)
        return size + liked + self.lean + against

    def words(self, lang: str) -> list[str]:
        """The reasons, at most two, what speaks against it first."""
        told = []
        if self.avoided:
            told.append(say("tools", "remembered.why.refused", lang, value=_values(self.avoided, lang)))
        if self.over is not None:
            told.append(say("tools", "remembered.why.over", lang, value=money(self.over).text))
        if self.size is not None:
            key = "size" if self.in_stock else "size_out"
            told.append(say("tools", f"remembered.why.{key}", lang, size=self.size))
        if self.liked:
            told.append(say("tools", "remembered.why.liked", lang, value=_values(self.liked, lang)))
        if self.because:
            told.append(self.because)
        return told[:2]


def _marks(
    product: Product, profile: Profile, wanted: Query, avoided: list[Taste], limit: Money | None
) -> Marks:
    marks = Marks()
    if not wanted.where.size and not wanted.prefer.size:
        marks.size = profile.size_of(product)
        marks.in_stock = marks.size in product.sizes_in_stock()
    asked = _asked(wanted)
    marks.liked = [
        t for t in profile.liked if t.holds and t.attribute not in asked and t.value in _held(product, t)
    ]
    marks.avoided = [t for t in avoided if t.value in _held(product, t)]
    if limit is not None and product.current_price.amount > limit.amount:
        marks.over = limit
    return marks


def _held(product: Product, taste: Taste) -> list[str]:
    """The product's values of the taste's attribute, spelled as the taste's."""
    folded = {v.casefold() for v in held(product, taste.attribute)}
    return [taste.value] if canonical(taste.attribute, taste.value) in folded else []


def _asked(wanted: Query) -> dict[str, set[str]]:
    """Attribute → values that this very search speaks of, in conditions or in words."""
    asked: dict[str, set[str]] = {}
    for filters in (wanted.where, wanted.prefer):
        for attribute in (*taxonomy.ATTRIBUTES, "brand"):
            asked.setdefault(attribute, set()).update(getattr(filters, attribute))
    for concept in concepts(wanted.text):
        for attribute, value in concept.meanings:
            asked.setdefault(attribute, set()).add(value)
    return {attribute: values for attribute, values in asked.items() if values}


def _avoided(profile: Profile, wanted: Query) -> list[Taste]:
    """The refusals that this search does not contradict. One that resembles a photo or a product contradicts them all:
    who shows dots wants dots."""
    if wanted.photo is not None:
        return []
    asked = _asked(wanted)
    return [t for t in profile.refused if t.holds and not _contradicts(t, asked.get(t.attribute, set()))]


def _contradicts(taste: Taste, asked: set[str]) -> bool:
    if taste.attribute == "category":
        return any(taxonomy.is_a(a, taste.value) for a in asked)
    return taste.value in asked


def _limit(profile: Profile, wanted: Query, product: Product) -> Money | None:
    """The usual budget, where the search says nothing of prices and the shop prices in its currency."""
    if wanted.where.price is not None or wanted.sort in ("price_asc", "price_desc", "discount"):
        return None
    note = profile.budget_for(wanted.where.category)
    currency = product.price.currency
    if note is None or note.max is None or note.currency not in (None, currency):
        return None
    return Money(amount=note.max, currency=currency)


def _without(wanted: Query, avoided: list[Taste]) -> Query:
    refused = {a: list(values) for a, values in wanted.where.not_.items()}
    for taste in avoided:
        refused.setdefault(taste.attribute, []).append(taste.value)
    return wanted.model_copy(update={"where": wanted.where.model_copy(update={"not_": refused})})


def _within(wanted: Query, most: Decimal) -> Query:
    bounded = wanted.where.model_copy(update={"price": PriceRange(max=most)})
    return wanted.model_copy(update={"where": bounded})


def _unsaid(results: Results) -> Results:
    """The bound was not said in this search: it is told once for the list, not as what each product was found by."""
    hits = [
        h.model_copy(update={"reasons": [r for r in h.reasons if r.kind not in ("price", "sale")]})
        for h in results.hits
    ]
    return results.model_copy(update={"hits": hits})


def _enough(narrowed: Results, before: Results) -> bool:
    return not narrowed.relaxed and len(narrowed.hits) > 0 and narrowed.total >= min(ENOUGH, before.total)


def _helped(hits: list[Hit], marks: dict[str, Marks], lang: str) -> list[Used]:
    """What moved products up, as far as any of it is on the list."""
    shown = [marks[hit.product.id] for hit in hits]
    sizes = list(dict.fromkeys(m.size for m in shown if m.size and m.in_stock))
    liked = list(dict.fromkeys(_values([t], lang) for m in shown for t in m.liked))
    comma = say("tools", "why.and", lang)
    used = [Used(kind="size", text=comma.join(sizes[:3]))] if sizes else []
    return [*used, *([Used(kind="liked", text=comma.join(liked[:3]))] if liked else [])]


def _values(tastes: list[Taste], lang: str) -> str:
    words = [taxonomy.word(t.attribute, t.value, lang) for t in tastes]
    return say("tools", "why.and", lang).join(dict.fromkeys(words))
