"""From what was found to an order: each candidate's attributes weighed, its parts fused, the list sorted and spread.

Fusion is a weighted mean of normalised parts rather than reciprocal ranks: the parts are shown with each hit and have
to mean something by themselves ("0.9 like the photo"), a floor can be put under them, and an exact match on what was
asked for is worth more than a rank says.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from store import evidence
from store.conditions import Condition, cents, discount, on_sale, recorded, trusted_rating
from store.evidence import Wish
from store.reading import Reading
from store.types import Filters, Product, Query, Reason
from store.words import concepts, content

# weight of each part, where the query gives it something to say: chosen on graded queries by training/fusion.py
WEIGHTS: dict[str, float] = json.loads(Path(__file__).with_name("fusion.json").read_text(encoding="utf-8"))
SOLD_OUT = 0.9  # a sold-out product steps back behind an equal one that can be bought
HINTED = 0.5  # what the occasion calls for, beside what was said
REFUSED = 0.4  # and what has in its name a word that was refused
SAME_DESIGN = 0.95  # and so do, twice at most, further colours of a design already listed


@dataclass
class Candidate:
    product: Product
    parts: dict[str, float] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    named: bool = False
    cosine: float = 0.0  # of its text to the query's
    met: list[Wish] = field(default_factory=list)
    refused: bool = False
    score: float = 0.0


def weigh(candidate: Candidate, reading: Reading, given_up: Iterable[Condition], query: Query) -> None:
    """Fill in the attribute part and the fused score."""
    got = whole = 0.0
    for wish in reading.wishes:
        whole += evidence.weight(wish[0])
        if degree := evidence.degree(candidate.product, *wish):
            got += evidence.weight(wish[0]) * degree
            candidate.met.append(wish)
    for hint in reading.hints:
        whole += HINTED * evidence.weight(hint[0])
        if degree := evidence.degree(candidate.product, *hint):
            got += HINTED * evidence.weight(hint[0]) * degree
            candidate.met.append(hint)
    for meanings in reading.either:
        heaviest = max(evidence.weight(a) for a, _ in meanings)
        whole += heaviest
        degree, met = max((evidence.degree(candidate.product, *w), w) for w in meanings)
        if degree:
            got += heaviest * degree
            if met not in candidate.met:
                candidate.met.append(met)
    for lost in given_up:
        near = 3 * evidence.weight(lost.name)
        whole += near
        if lost.name == "price":
            got += near * price_nearness(candidate.product, query.where)
        elif not lost.negated:
            got += near * evidence.nearness(candidate.product, lost.name, lost.values)
    if whole:
        candidate.parts["attributes"] = got / whole
    candidate.score = fused(candidate)


def fused(candidate: Candidate) -> float:
    """The weighted mean of a candidate's parts, less what speaks against it: 0..1."""
    total = sum(WEIGHTS[part] for part in candidate.parts)
    score = sum(WEIGHTS[part] * value for part, value in candidate.parts.items()) / total if total else 0.0
    if not candidate.product.in_stock:
        score *= SOLD_OUT
    return score * REFUSED if candidate.refused else score


def missed(product: Product, given_up: Sequence[Condition]) -> list[str]:
    return [c.name for c in given_up if not evidence.meets(product, c.name, c.values)]


def price_nearness(product: Product, where: Filters) -> float:
    """1 at the asked-for bound, 0 at twice as far."""
    price, bounds = float(product.current_price.amount), where.price
    if bounds is None:
        return 0.0
    if bounds.max is not None and price > bounds.max:
        return max(0.0, 1 - (price - float(bounds.max)) / max(float(bounds.max), 1.0))
    if bounds.min is not None and price < bounds.min:
        return max(0.0, 1 - (float(bounds.min) - price) / max(float(bounds.min), 1.0))
    return 1.0


def order(found: list[Candidate], query: Query, listing: bool) -> list[Candidate]:
    def rank(c: Candidate) -> tuple[float, ...]:
        rating = -trusted_rating(c.product)
        if query.sort == "price_asc":
            return (cents(c.product), -c.score, rating)
        if query.sort == "price_desc":
            return (-cents(c.product), -c.score, rating)
        if query.sort == "discount":
            return (-discount(c.product), -c.score, rating)
        if query.sort == "rating":
            return (rating, -c.score)
        if listing:
            return (-c.score, not c.product.in_stock, rating)
        return (-c.score, rating)

    return sorted(found, key=lambda c: (*rank(c), c.product.id))


def design(product: Product) -> tuple[str, ...]:
    """What the colours of one design share: brand, category, and the title without its colour words."""
    return (product.brand or "", product.category, *_uncoloured(product.title.en or product.title.zh))


@lru_cache(maxsize=20_000)
def _uncoloured(title: str) -> tuple[str, ...]:
    colours = {
        w for c in concepts(title) if any(a == "color" for a, _ in c.meanings) for w in content(c.word)
    }
    return tuple(sorted(set(content(title)) - colours))


def spread(ordered: list[Candidate], k: int) -> list[Candidate]:
    """Let further colours of a design already listed step back behind what is nearly as good."""
    seen: Counter[tuple[str, ...]] = Counter()
    head: list[tuple[float, int, Candidate]] = []
    for place, candidate in enumerate(ordered[: 5 * k]):
        key = design(candidate.product)
        head.append((-candidate.score * SAME_DESIGN ** min(seen[key], 2), place, candidate))
        seen[key] += 1
    return [c for *_, c in sorted(head, key=lambda t: t[:2])] + ordered[5 * k :]


def reasons(
    candidate: Candidate, query: Query, asked: Sequence[Condition], given_up: Sequence[Condition]
) -> list[Reason]:
    """The evidence that was used for this hit, strongest first."""
    product = candidate.product
    reasons: list[Reason] = []
    if max(candidate.parts.get("image", 0.0), candidate.parts.get("shared", 0.0)) >= 0.5:
        reasons.append(Reason(kind="look"))
    lost = {(c.name, c.where.__repr__()) for c in given_up}
    filters: list[Wish] = [
        (c.name, c.values)
        for c in asked
        if c.values and not c.negated and (c.name, c.where.__repr__()) not in lost
    ]
    seen: set[tuple[str, str]] = set()
    for attribute, values in [*filters, *candidate.met]:
        value = evidence.meets(product, attribute, values)
        if value and (attribute, value) not in seen:
            seen.add((attribute, value))
            said = value in {v.casefold() for v in recorded(product, attribute)}
            reasons.append(Reason(kind="match" if said else "seen", attribute=attribute, value=value))
    if candidate.words:
        whole = [w for w in candidate.words if not any(w != o and w in o for o in candidate.words)]
        reasons.append(Reason(kind="words", value=" ".join(whole)))
    kept = {c.name for c in asked} - {c.name for c in given_up}
    if "price" in kept and query.where.price and query.where.price.max is not None:
        reasons.append(Reason(kind="price", value=f"{query.where.price.max:.2f}"))
    if on_sale(product) and ("on_sale" in kept or "price" in kept or query.sort in ("discount", "price_asc")):
        reasons.append(Reason(kind="sale"))
    listing = not candidate.parts and query.sort == "relevance"
    if product.rating is not None and ("rating_min" in kept or query.sort == "rating" or listing):
        reasons.append(Reason(kind="rating", value=f"{product.rating:.1f}"))
    return reasons
