"""A shopper's taste, from what they did: several vectors and the values that go with each, decaying, never one average.

What was chosen is put into clusters by Ward's method, each a taste of its own with its share of what was done (after
PinnerSage, Pal et al. 2020). Within a taste a product is the likelier the nearer it is to the middle, and the more its
values were chosen than the shop has them (naive Bayes, smoothed by the shop's average). The tastes together are a
mixture: a product that fits one of them well is wanted, one that lies between them all is not. What was not liked
lowers what is like it, and the values it has that the liked ones have not.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from store.reactions import Action, Reaction
from tools.goods import Goods, Value, settings

FOR: frozenset[Action] = frozenset({"viewed", "asked", "added", "bought", "liked", "picked", "photo"})


@dataclass(frozen=True)
class Signal:
    """What a product or a photo is worth to a taste: `weight` above 0 for, below 0 against; `action`: the one of most
    weight in it, for what is told."""

    name: str
    weight: float
    action: Action
    place: np.ndarray
    has: np.ndarray


@dataclass(frozen=True)
class Scores:
    """For each product of the goods: `total`; which `cluster` it is liked by; and what made it so, in the same unit and
    beyond the shop's average product: `by_value` (n, f), `near` (n,) by picture and words, `popular`, `together`;
    `against` is at most 0."""

    total: np.ndarray
    cluster: np.ndarray
    near: np.ndarray
    by_value: np.ndarray
    popular: np.ndarray
    together: np.ndarray
    against: np.ndarray


@dataclass(frozen=True)
class Taste:
    """`liked` in `clusters` (places in `liked`) with their `shares`; `never`: products not to be shown again; `values`:
    (weight, value) wished by itself, `unwanted`: in a search, not; `touched`: products that the shopper knows by now,
    `shown`: that were on lists, and how often."""

    goods: Goods
    liked: tuple[Signal, ...] = ()
    disliked: tuple[Signal, ...] = ()
    clusters: tuple[tuple[int, ...], ...] = ()
    shares: tuple[float, ...] = ()
    never: frozenset[str] = frozenset()
    values: tuple[tuple[float, Value], ...] = ()
    unwanted: tuple[tuple[float, Value], ...] = ()
    touched: frozenset[str] = frozenset()
    shown: dict[str, int] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Anything was chosen, or wished."""
        return bool(self.liked or self.values)

    @property
    def empty(self) -> bool:
        return not (self.known or self.disliked or self.never)

    def scores(self, together: np.ndarray | None = None) -> Scores:
        """Every product of the goods. `together` (n,): 0..1, how often it is bought with what was chosen."""
        goods, told = self.goods, settings()["score"]
        n, f = goods.has.shape
        weight = goods.weight() * told["attributes"]
        wished = np.zeros(f)
        for worth, value in self.values:
            wished += worth * goods.of_value(value)
        clusters = self.clusters or ((),)
        shares = np.array(self.shares or (1.0,))
        by_cluster = np.zeros((len(clusters), n))
        middles = np.zeros((len(clusters), goods.place.shape[1]))
        lifts = np.zeros((len(clusters), f))
        for c, members in enumerate(clusters):
            if members:
                middles[c] = told["near"] * self._middle(members)
            lifts[c] = weight * self._lift(members, wished)
            by_cluster[c] = goods.place @ middles[c] + goods.has @ lifts[c]
        joint = by_cluster + np.log(shares)[:, None]
        best = joint.argmax(axis=0)
        top = joint.max(axis=0)
        fit = top + np.log(np.exp(joint - top).sum(axis=0))
        popular = told["popular"] * (goods.popular - goods.popular.mean()) if n else np.zeros(0)
        bought = told["together"] * (together if together is not None else np.zeros(n))
        against = self._against(weight)
        worn = np.zeros(n)
        for product, times in self.shown.items():
            if product in goods.index:
                worn[goods.index[product]] -= told["shown"] * min(times, told["shown_most"])
        return Scores(
            total=fit + popular + bought + against + worn,
            cluster=best,
            near=_less_mean(_of_cluster(goods.place[:, f:], middles[:, f:], best)),
            by_value=_less_mean(goods.has * lifts[best] + goods.place[:, :f] * middles[best, :f]),
            popular=popular,
            together=bought,
            against=against,
        )

    def _middle(self, members: Sequence[int]) -> np.ndarray:
        middle = sum(self.liked[m].weight * self.liked[m].place for m in members)
        length = float(np.linalg.norm(middle))
        return np.asarray(middle / length if length > 0 else middle)

    def _lift(self, members: Sequence[int], wished: np.ndarray) -> np.ndarray:
        """(f,): the log of how much more often each value was chosen than the shop has it."""
        goods, lent = self.goods, settings()["clusters"]["lent"]
        own = set(members)
        kind = np.array([attribute == "kind" for attribute, _ in goods.names])
        chosen = wished.copy()
        for at, signal in enumerate(self.liked):
            if at in own:
                chosen += signal.weight * signal.has
            else:
                chosen += np.where(kind, 0.0, lent * signal.weight * signal.has)
        return _log_ratio(chosen, goods)

    def _against(self, weight: np.ndarray) -> np.ndarray:
        """(n,), at most 0: near to what was not liked, or with its values."""
        goods, told = self.goods, settings()["against"]
        if not (self.disliked or self.unwanted):
            return np.zeros(len(goods.products))
        alike = np.zeros(len(goods.products))
        refused = np.zeros(len(goods.names))
        for signal in self.disliked:
            share = min(1.0, -signal.weight / 3.0)
            near = np.maximum(goods.place @ signal.place - told["alike_from"], 0.0) / (1 - told["alike_from"])
            alike = np.maximum(alike, share * near)
            refused += -signal.weight * signal.has
        for worth, value in self.unwanted:
            refused += worth * goods.of_value(value)
        chosen = sum((s.weight * s.has for s in self.liked), np.zeros(len(goods.names)))
        usual = _log_ratio(chosen, goods)
        lift = np.maximum(_log_ratio(refused, goods) - np.maximum(usual, 0.0), 0.0)
        return -(told["alike"] * alike + told["attributes"] * (goods.has @ (weight * lift)))


def _of_cluster(rows: np.ndarray, middles: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """(n,): each row times the middle of its cluster."""
    found = np.zeros(len(rows))
    for c, middle in enumerate(middles):
        found[cluster == c] = rows[cluster == c] @ middle
    return found


def _less_mean(parts: np.ndarray) -> np.ndarray:
    """What each has beyond the shop's average product."""
    return np.asarray(parts - parts.mean(axis=0) if len(parts) else parts)


def _log_ratio(chosen: np.ndarray, goods: Goods) -> np.ndarray:
    """log of (share of a value among the chosen ÷ its share in the shop), smoothed by the shop."""
    smooth = settings()["smoothing"]
    total = np.zeros(int(goods.owner.max(initial=-1)) + 1)
    np.add.at(total, goods.owner, chosen)
    believed = (chosen + smooth * goods.base) / (total[goods.owner] + smooth)
    return np.asarray(np.log(believed / np.maximum(goods.base, 1e-6)))


def taste(
    goods: Goods, reactions: Iterable[Reaction], now: datetime | None = None, most: int | None = None
) -> Taste:
    """What `reactions` tell of a taste, at `now`, as `most` tastes at most (None: as the settings say). Products that
    the goods do not have are passed over, but stay refused."""
    known = settings()
    moment = now or datetime.now(UTC)
    worth: dict[str, dict[Action, float]] = {}
    photos: dict[str, Reaction] = {}
    values: list[tuple[float, Value]] = []
    unwanted: list[tuple[float, Value]] = []
    never: set[str] = set()
    touched: set[str] = set()
    shown: dict[str, int] = {}
    for one in reactions:
        weight = _weight(one, moment)
        if one.action == "disliked":
            never.add(one.product)
        elif one.action == "shown":
            shown[one.product] = one.times
        elif one.action in FOR or one.action in ("passed", "removed"):
            touched.add(one.product)
        if one.attribute and one.value:
            value = ("kind" if one.attribute == "category" else one.attribute, one.value)
            (values if one.action == "wished" else unwanted).append((weight, value))
        if one.photo:
            photos[one.name] = one
        if weight and (one.product or one.photo):
            found = worth.setdefault(one.name, {})
            found[one.action] = found.get(one.action, 0.0) + weight
    signals = []
    for name, by_action in worth.items():
        weight = sum(by_action.values())
        main = max(by_action, key=lambda a: abs(by_action[a]))
        if name in goods.index:
            at = goods.index[name]
            signals.append(Signal(name, weight, main, goods.place[at], goods.has[at]))
        elif name in photos and (photo := photos[name].photo):
            place, has = goods.photo(photo)
            if place.any() or has.any():
                signals.append(Signal(name, weight, main, place, has))
    liked = tuple(s for s in signals if s.weight > 0 and s.name not in never)
    clusters = _clusters(liked, known["clusters"]["far"], most or known["clusters"]["most"])
    whole = sum(s.weight for s in liked)
    return Taste(
        goods=goods,
        liked=liked,
        disliked=tuple(s for s in signals if s.weight < 0),
        clusters=clusters,
        shares=tuple(sum(liked[m].weight for m in members) / whole for members in clusters),
        never=frozenset(never),
        values=tuple(values),
        unwanted=tuple(unwanted),
        touched=frozenset(touched - {""}),
        shown=shown,
    )


def _weight(one: Reaction, moment: datetime) -> float:
    known = settings()
    half = known["half_life"].get(one.action, known["half_life"]["default"])
    days = max((moment - one.at).total_seconds() / 86400.0, 0.0)
    weight: float = known["actions"].get(one.action, 0.0)
    return weight * math.log2(1 + min(one.times, 16)) * 0.5 ** (days / half)


def _clusters(liked: Sequence[Signal], far: float, most: int) -> tuple[tuple[int, ...], ...]:
    """Ward's clusters, the one of most weight first."""
    if not liked:
        return ()
    if len(liked) == 1 or most == 1:
        return (tuple(range(len(liked))),)
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(np.stack([s.place for s in liked]).astype(float), "ward")
    labels = fcluster(tree, far, "distance")
    if len(set(labels)) > most:
        labels = fcluster(tree, most, "maxclust")
    groups: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        groups.setdefault(int(label), []).append(at)
    found = sorted(groups.values(), key=lambda g: (-sum(liked[m].weight for m in g), g[0]))
    return tuple(tuple(group) for group in found)
