"""Simulated shoppers with stated tastes, to measure recommendations where a shop has no histories of its own.

What a shopper likes is drawn here, from the records' words alone and with rules that no recommender of ours uses:
tastes that want two values together, neighbouring colours, a hidden quality of every product, a price of their own,
values they cannot stand, clicks that mean nothing, a taste that fades while another grows. docs/recommendation.md
says every assumption and what follows from it. The same seed gives the same shoppers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from prompts import taxonomy
from store.types import Product
from ui.evals.histories import Action, Event, History
from ui.evals.labels import neighbours

NOISE = 0.15  # events that mean nothing
DEAR = 0.97  # what is worth as much as this share of the shop is liked half the time it is chosen
SEEN = 0.4  # of the shop, that a shopper comes upon each time
OF_ANOTHER = -4.0  # what is made for somebody else
OTHER_KIND = -3.0  # what is of no kind they look for
HATED = -2.5
NEAR_COLOUR = 0.6  # of what the colour itself is worth
GIFTS = 0.1  # shoppers who do not mind whom a thing is made for
_COMBINED = (
    "color",
    "material",
    "pattern",
    "style",
    "brand",
    "season",
    "occasion",
    "sleeve",
    "neckline",
    "length",
)
_HATABLE = ("pattern", "color", "material", "style")
_START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Wanted:
    """One taste, as it is stated: kinds, two values with what each is worth, and what both together are worth more."""

    kinds: frozenset[str]
    values: tuple[tuple[str, str, float], ...]
    both: float


@dataclass(frozen=True)
class Stated:
    """A shopper: their tastes with shares before and after, whom things must be for, a price (0..1 within a kind) and
    how much it matters, a brand, what they cannot stand."""

    tastes: tuple[Wanted, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]
    gender: str | None
    price: float
    thrift: float
    brand: str | None
    hated: tuple[tuple[str, str], ...]


class World:
    """The shop as its shoppers know it."""

    def __init__(self, products: Sequence[Product], seed: int) -> None:
        self.products = list(products)
        self.rng = np.random.default_rng(seed)
        self.values = [_values(p) for p in self.products]
        self.kinds = [p.category for p in self.products]
        self.price = _quantiles(self.products)
        rated = np.array([p.rating if p.rating is not None else np.nan for p in self.products])
        known = ~np.isnan(rated)
        stars = np.zeros(len(rated))
        if known.sum() > 1 and np.nanstd(rated) > 0:
            stars[known] = (rated[known] - np.nanmean(rated)) / np.nanstd(rated)
        self.quality = 0.6 * stars + 0.8 * self.rng.normal(size=len(rated))
        votes = np.array([1.0 + p.rating_count for p in self.products])
        self.exposure = np.sqrt(votes) / np.sqrt(votes).sum()

    def shopper(self) -> Stated:
        """One more, drawn."""
        rng = self.rng
        genders = [p.gender for p in self.products if p.gender in ("women", "men")]
        gender = str(rng.choice(genders)) if genders and rng.random() > GIFTS else None
        own = [
            i for i, p in enumerate(self.products) if gender is None or p.gender in (gender, "unisex", None)
        ]
        count = int(rng.choice([1, 2, 3], p=[0.2, 0.7, 0.1]))
        tastes = tuple(self._taste(own) for _ in range(count))
        shares = rng.dirichlet(np.full(count, 3.0))
        later = rng.permutation(shares) if rng.random() < 0.2 else shares
        loved = {(a, v) for taste in tastes for a, v, _ in taste.values}
        hated = []
        for attribute in rng.permutation(_HATABLE)[: int(rng.integers(0, 3))]:
            choices = sorted({v for one in self.values for v in one.get(attribute, ())} - {"plain"})
            choices = [v for v in choices if (attribute, v) not in loved]
            if choices:
                hated.append((str(attribute), str(rng.choice(choices))))
        brands = sorted({p.brand for p in self.products if p.brand})
        brand = str(rng.choice(brands)) if brands and rng.random() < 0.3 else None
        return Stated(tastes, tuple(shares), tuple(later), gender, float(rng.uniform(0.1, 0.9)),
                      float(rng.uniform(0.0, 1.5)), brand, tuple(hated))  # fmt: skip

    def _taste(self, own: Sequence[int]) -> Wanted:
        rng = self.rng
        anchor = int(rng.choice(own))
        kinds = {self.kinds[anchor]}
        if rng.random() < 0.5:
            kinds.add(self.kinds[int(rng.choice(own))])
        having = [a for a in _COMBINED if self.values[anchor].get(a)]
        chosen: list[str] = [str(a) for a in rng.permutation(having)[:2]] if having else []
        values = tuple(
            (a, str(rng.choice(sorted(self.values[anchor][a]))), float(rng.uniform(0.5, 1.5))) for a in chosen
        )
        return Wanted(frozenset(kinds), values, float(rng.uniform(0.5, 2.0)))

    def worth(self, shopper: Stated) -> np.ndarray:
        """(tastes, n): what each product is worth to the shopper by each taste."""
        common = 0.4 * self.quality - np.minimum(
            shopper.thrift * ((self.price - shopper.price) / 0.25) ** 2, 4.0
        )
        for i, p in enumerate(self.products):
            if shopper.gender and p.gender not in (shopper.gender, "unisex", None):
                common[i] += OF_ANOTHER
            if shopper.brand and p.brand == shopper.brand:
                common[i] += 1.0
            common[i] += HATED * sum(v in self.values[i].get(a, ()) for a, v in shopper.hated)
        found = np.tile(common, (len(shopper.tastes), 1))
        for row, taste in zip(found, shopper.tastes, strict=True):
            for i, held in enumerate(self.values):
                met = [_met(held, a, v) for a, v, _ in taste.values]
                row[i] += sum(w * m for (_, _, w), m in zip(taste.values, met, strict=True))
                row[i] += taste.both * (len(met) > 1 and all(m == 1.0 for m in met))
                row[i] += 0.0 if self.kinds[i] in taste.kinds else OTHER_KIND
        return found

    def history(self, name: str, shopper: Stated) -> tuple[History, np.ndarray]:
        """What the shopper does, the last of it chosen in earnest; and the products' worth to them at that time (n,),
        for the best that anybody could recommend."""
        rng, worth = self.rng, self.worth(shopper)
        count = int(rng.integers(4, 15))
        days = np.sort(rng.uniform(0, 60, count + 1))
        events: list[Event] = []
        used: set[int] = set()
        for step in range(count + 1):
            last = step == count
            at = _START + timedelta(days=float(days[step]))
            shares = shopper.before if step < count / 2 else shopper.after
            taste = int(rng.choice(len(shares), p=np.array(shares)))
            if not last and rng.random() < NOISE:
                chosen = self._among(used, np.log(self.exposure))
                if chosen is not None:
                    events.append(Event(product=self.products[chosen].id, action="viewed", at=at))
                    used.add(chosen)
                continue
            chosen = self._among(used, worth[taste])
            while last and chosen is not None and not self._in_earnest(worth, chosen):
                used.add(chosen)  # looked at in passing, and not worth telling
                chosen = self._among(used, worth[taste])
            if chosen is None:
                break
            used.add(chosen)
            for action in self._actions(last, last or self._in_earnest(worth, chosen)):
                events.append(Event(product=self.products[chosen].id, action=action, at=at))
            if not last and rng.random() < 0.15:
                self._refuses(events, used, worth.max(axis=0), at)
        by_now = np.log(np.maximum(np.array(shopper.after), 1e-9))[:, None] + worth
        return History(shopper=name, events=events), np.logaddexp.reduce(by_now, axis=0)

    def _among(self, used: set[int], worth: np.ndarray) -> int | None:
        """A choice (multinomial logit) among those that the shopper comes upon this time."""
        n = len(self.products)
        most = max(2, round(SEEN * n))
        met = self.rng.choice(n, size=min(most, n), replace=False, p=self.exposure)
        left = [int(i) for i in met if int(i) not in used]
        if not left:
            return None
        return left[int((worth[left] + self.rng.gumbel(size=len(left))).argmax())]

    def _in_earnest(self, worth: np.ndarray, at: int) -> bool:
        """Whether what was chosen is liked as well: the likelier, the nearer it is to the best there is for them."""
        best = worth.max(axis=0)
        return bool(self.rng.random() < 1 / (1 + np.exp(float(np.quantile(best, DEAR)) - float(best[at]))))

    def _actions(self, last: bool, earnest: bool) -> list[Action]:
        strong: Action = self.rng.choice(["liked", "added", "bought"], p=[0.5, 0.3, 0.2])
        if last:
            return [strong]
        asked: list[Action] = ["asked"] if self.rng.random() < 0.15 else []
        return ["viewed", *([strong] if earnest and self.rng.random() < 0.7 else asked)]

    def _refuses(self, events: list[Event], used: set[int], worth: np.ndarray, at: datetime) -> None:
        """The worst of a few that they come upon is disliked, where it is bad enough."""
        met = self.rng.choice(len(self.products), size=min(6, len(self.products)), replace=False)
        worst = min((int(i) for i in met if int(i) not in used), key=lambda i: worth[i], default=None)
        if worst is not None and worth[worst] < float(np.median(worth)):
            events.append(Event(product=self.products[worst].id, action="disliked", at=at))
            used.add(worst)


def simulated(products: Sequence[Product], count: int, seed: int) -> list[tuple[History, np.ndarray]]:
    """`count` shoppers of this shop, each with the products' worth to them (n,) in the order given."""
    world = World(products, seed)
    return [world.history(f"s{i}", world.shopper()) for i in range(count)]


def _met(held: Mapping[str, frozenset[str]], attribute: str, value: str) -> float:
    if value in held.get(attribute, ()):
        return 1.0
    near = attribute == "color" and any(c in neighbours(value) for c in held.get(attribute, ()))
    return NEAR_COLOUR if near else 0.0


def _values(product: Product) -> dict[str, frozenset[str]]:
    found = {"color": frozenset(product.colors[:1])}
    for name in _COMBINED[1:]:
        held = getattr(product, name)
        found[name] = frozenset(held if isinstance(held, list) else [held] if held else [])
    return found


def _quantiles(products: Sequence[Product]) -> np.ndarray:
    """(n,): where each price lies among those of its kind, 0..1."""
    groups: dict[str, list[float]] = {}
    for p in products:
        groups.setdefault(taxonomy.ancestors(p.category)[0], []).append(float(p.current_price.amount))
    sorted_groups = {kind: np.sort(prices) for kind, prices in groups.items()}
    return np.array([
        np.searchsorted(group, float(p.current_price.amount), side="right") / len(group)
        for p in products
        for group in (sorted_groups[taxonomy.ancestors(p.category)[0]],)
    ])  # fmt: skip
