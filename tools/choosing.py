"""From a taste to a list: the best that may be shown, unlike each other, one place for something else, each with what
weighed most for it.

Unlike each other by maximal marginal relevance (Carbonell & Goldstein 1998). The one place is drawn, from a seed, among
what fits but is far from all that was chosen: the same shopper who did the same gets the same list.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from store.types import Product
from tools.goods import Goods, Value, settings
from tools.taste import FOR, Scores, Signal, Taste
from tools.taste_words import Because, Ground

_LEAST = 0.12  # of the score: less is no reason
_TWO = 0.35  # of the strongest value's part: then a second one is told with it
_UNTOLD = frozenset({"other", "multicolour"})
_COMMON = 0.9
_SELLS = 0.9  # share of the shop that is ordered less often than what sells well
_WELL = 4.0  # stars that are called good
_LOOKS_ALIKE = 0.7  # cosine, each less the shop's mean: nearer than most of a kind are to each other


@dataclass(frozen=True)
class Chosen:
    """A product, its score, and whether it stands in the place for something else."""

    product: Product
    at: int
    score: float
    explored: bool = False


def choose(
    taste: Taste, scores: Scores, allowed: np.ndarray, k: int, seed: str, explore: bool = True
) -> list[Chosen]:
    """At most `k` of the goods that are `allowed` (n,) bool, in the order of the list."""
    told, goods = settings()["list"], taste.goods
    ranked = np.flatnonzero(allowed)
    ranked = ranked[np.argsort(-scores.total[ranked], kind="stable")]
    if not len(ranked):
        return []
    places = 1 if explore and taste.known and k >= told["explore_from"] and len(ranked) > k else 0
    head = ranked[: max(told["head"], 3 * k)] if taste.known else ranked[: max(len(ranked) // 2, 3 * k)]
    relevance = told["relevance" if taste.known else "stranger"]
    chosen = _unlike(goods.place[head], scores.total[head], k - places, relevance)
    found = [int(head[c]) for c in chosen]
    listed = [Chosen(goods.products[at], at, float(scores.total[at])) for at in found]
    if places and (other := _other(taste, scores, [int(r) for r in ranked if int(r) not in found], seed)):
        listed.append(Chosen(goods.products[other], other, float(scores.total[other]), explored=True))
    return listed


def _unlike(place: np.ndarray, score: np.ndarray, k: int, relevance: float) -> list[int]:
    """MMR: rows of `place` (m, d), best first by `score` (m,), each traded against the nearest chosen before it."""
    low, high = float(score.min()), float(score.max())
    worth = (score - low) / (high - low) if high > low else np.ones(len(score))
    nearest = np.full(len(score), -1.0)  # all alike: the first is the best
    chosen: list[int] = []
    left = np.ones(len(score), bool)
    while len(chosen) < min(k, len(score)):
        gain = relevance * worth - (1 - relevance) * nearest
        at = int(np.where(left, gain, -np.inf).argmax())
        chosen.append(at)
        left[at] = False
        nearest = np.maximum(nearest, place @ place[at])
    return chosen


def _other(taste: Taste, scores: Scores, rest: Sequence[int], seed: str) -> int | None:
    """One of the better half of the others, likelier the farther it is from what was chosen and the better liked by
    all."""
    goods = taste.goods
    among = [at for at in rest[: max(10, len(rest) // 2)] if scores.against[at] > -0.25]
    if not among or not taste.liked:
        return None
    known = np.stack([s.place for s in taste.liked])
    far = 1.0 - (goods.place[among] @ known.T).max(axis=1)
    weight = np.maximum(far, 0.01) ** 2 * (0.3 + goods.popular[among])
    return random.Random(f"explore {seed}").choices(among, weights=weight.tolist())[0]


def because(
    taste: Taste,
    scores: Scores,
    one: Chosen,
    anchor: Product | None = None,
    bought_with: Product | None = None,
    common: frozenset[Value] = frozenset(),
) -> Because:
    """What weighed most for it. `bought_with`: of what it is bought together with, the product that weighed most;
    `common`: values that tell nothing, as nearly all that could be chosen have them."""
    goods, at = taste.goods, one.at
    if one.explored:
        return Because("explore")
    own = _members(taste, int(scores.cluster[at]))
    by_attribute = _by_attribute(taste, scores, at, common)
    near = float(scores.near[at])
    parts = [("values", sum(part for part, _ in by_attribute)), ("near", near),
             ("together", float(scores.together[at]) if bought_with else 0.0),
             ("popular", float(scores.popular[at]))]  # fmt: skip
    for ground, part in sorted(parts, key=lambda p: -p[1]):
        if part < _LEAST:
            break
        if ground == "values" and (told := _values(taste, own, at, by_attribute, anchor)):
            return told
        if ground == "near" and (told := _near(taste, own, at, anchor)):
            return told
        if ground == "together" and bought_with:
            return Because("together", products=(bought_with,))
        if ground == "popular":
            break
    return Because(_liked_by_all(goods, at))


def _liked_by_all(goods: Goods, at: int) -> Ground:
    """What can be said of a product that nothing of the shopper's own speaks for, and hold."""
    product = goods.products[at]
    if goods.sold[at] and goods.sold[at] >= np.quantile(goods.sold, _SELLS):
        return "ordered"
    rated = product.rating is not None and product.rating >= _WELL and product.rating_count
    return "popular" if rated else "shop"


def _members(taste: Taste, cluster: int) -> list[Signal]:
    return [taste.liked[m] for m in taste.clusters[cluster]] if taste.clusters else []


def common(goods: Goods, places: Sequence[int]) -> frozenset[Value]:
    """The values that nearly all of these products have."""
    if len(places) < 2:
        return frozenset()
    shares = (goods.has[places] > 0).mean(axis=0)
    return frozenset(goods.names[column] for column in np.flatnonzero(shares >= _COMMON))


def _by_attribute(
    taste: Taste, scores: Scores, at: int, common: frozenset[Value]
) -> list[tuple[float, Value]]:
    """(part of the score, value) of the attributes that can be told, the strongest first; of one with several values
    (two colours) the one that weighed most."""
    goods, known = taste.goods, settings()["told"]
    found: dict[str, tuple[float, Value]] = {}
    for column in np.flatnonzero(goods.has[at]):
        attribute, value = goods.names[column]
        if (attribute, value) in common:
            continue
        part = float(scores.by_value[at, column])
        if attribute in known and value not in _UNTOLD and part > found.get(attribute, (0.0, None))[0]:
            found[attribute] = (part, (attribute, value))
    return sorted(found.values(), reverse=True)


def _values(
    taste: Taste, own: Sequence[Signal], at: int, by_attribute: Sequence[tuple[float, Value]], anchor: Product | None
) -> Because | None:  # fmt: skip
    """The strongest value, with the next where the same products have both and it weighed nearly as much."""
    itself = taste.goods.products[at].id
    for place, (part, value) in enumerate(by_attribute):
        if part < _LEAST:
            return None
        for second_part, second in by_attribute[place + 1 :]:
            if second_part < _TWO * part or "price" in (value[0], second[0]):
                continue
            if told := _rests_on(taste, own, (value, second), itself, anchor):
                return told
        told = _rests_on(taste, own, (value,), itself, anchor)
        if told := told or _rests_on(taste, taste.liked, (value,), itself, anchor):
            return told
        if any(w > 0 and taste.goods.of_value(v)[_column(taste, value)] > 0 for w, v in taste.values):
            return Because("wished", (value,))
    return None


def _column(taste: Taste, value: Value) -> int:
    return taste.goods.names.index(value)


def _rests_on(
    taste: Taste, signals: Sequence[Signal], values: tuple[Value, ...], itself: str, anchor: Product | None
) -> Because | None:
    """The products among `signals` that have all of the values and to which the same was done: what weighs most of
    what was done to any."""
    columns = [_column(taste, value) for value in values]
    having = [s for s in signals if _said(s, itself) and all(s.has[c] > 0 for c in columns)]
    if not having:
        return None
    weights: dict[str, float] = {}
    for signal in having:
        weights[signal.action] = weights.get(signal.action, 0.0) + signal.weight
    action = max(weights, key=lambda a: weights[a])
    group = sorted((s for s in having if s.action == action), key=lambda s: -s.weight)
    if action == "photo":
        return Because("values", values, photo=True)
    goods = taste.goods
    products = tuple(goods.products[goods.index[s.name]] for s in group if s.name in goods.index)
    if anchor is not None and any(p.id == anchor.id for p in products):
        return Because("anchor", products=(anchor,))
    return Because("values", values, products, group[0].action) if products else None


def _said(signal: Signal, itself: str) -> bool:
    """Something that can be told of a choice, and of another product: nothing is like itself."""
    return signal.action in FOR and signal.name != itself


def _look(one: np.ndarray, other: np.ndarray, attributes: int) -> float:
    """Cosine of two places without their attributes, by what `other` has of picture and words."""
    a, b = one[attributes:], other[attributes:]
    a = np.where(b != 0, a, 0.0)
    lengths = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / lengths if lengths > 0 else 0.0


def _near(taste: Taste, own: Sequence[Signal], at: int, anchor: Product | None) -> Because | None:
    """The nearest of what was chosen, where it is near at all."""
    goods = taste.goods
    others = [s for s in own if _said(s, goods.products[at].id)]
    cosines = [_look(goods.place[at], s.place, len(goods.names)) for s in others]
    if not cosines or max(cosines) < _LOOKS_ALIKE:
        return None
    nearest = others[int(np.argmax(cosines))]
    if nearest.action == "photo":
        return Because("near", photo=True)
    product = goods.products[goods.index[nearest.name]]
    if anchor is not None and product.id == anchor.id:
        return Because("anchor", products=(anchor,))
    return Because("near", products=(product,), action=nearest.action)
