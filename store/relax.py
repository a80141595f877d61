"""Which products meet all conditions; and when none does, which conditions to give up."""

import heapq
import json
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prompts import taxonomy
from store.conditions import Condition, condition
from store.lexical import NUMBERS, Lexicon
from store.part import Part, Whole
from store.products import Products

# what it costs the shopper to give a condition up: tastes first, then what must fit, the kind of thing last of what
# was asked for, and what was refused last of all
COST = {
    "style": 1.0, "occasion": 1.1, "season": 1.2, "neckline": 1.3, "sleeve": 1.4, "length": 1.5, "material": 1.7,
    "pattern": 1.8, "color": 2.0, "rating_min": 2.1, "on_sale": 2.2, "brand": 2.6, "size": 3.5, "in_stock": 3.8,
    "price": 5.0, "gender": 8.0, "age_group": 8.5, "category": 12.0, "not": 30.0,
}  # fmt: skip

COMPARED: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "$gte": np.greater_equal,
    "$lte": np.less_equal,
}


@dataclass
class Allowed:
    """What may be shown (None: all of the shop), and the conditions that were given up to find any."""

    part: Part | None
    given_up: list[Condition] = field(default_factory=list)
    wider: bool = False  # they go on from those that meet every condition


class Gate:
    """Asks the product store for each condition alone, remembers the answers, combines them. Of the shop at one moment:
    when it has changed there is a new one, and a search that has begun keeps to its own."""

    def __init__(self, products: Products, lexicon: Lexicon) -> None:
        self._products = products
        self._lexicon = lexicon
        self._lock = threading.RLock()
        self._whole: Whole | None = None
        self._masks: dict[str, np.ndarray] = {}
        self._numbers: dict[str, np.ndarray] = {}

    def whole(self) -> Whole:
        """All of the shop."""
        with self._lock:
            if self._whole is None:
                self._whole = Whole(self._products.ids(), self._lexicon.row_numbers)
            return self._whole

    def ids(self) -> Sequence[str]:
        """Every id of the shop."""
        return self.whole().ids

    def number(self, name: str) -> np.ndarray:
        """One of store.lexical.NUMBERS per id: NaN where a product has none. Read at once, remembered."""
        with self._lock:
            size, place = len(self.whole()), self.whole().place
            if not self._numbers:
                ids, rows = self._lexicon.numbers()
                known = [(place[i], row) for row, i in enumerate(ids) if i in place]
                places, found = np.array(known, dtype=int).reshape(-1, 2).T
                self._numbers = {n: np.full(size, np.nan) for n in NUMBERS}
                for column, values in enumerate(self._numbers.values()):
                    values[places] = rows[found, column]
            return self._numbers[name]

    def places(self, part: Part | None) -> np.ndarray:
        """Where the products of a part (None: all) stand in what `ids`, `mask` and `number` return."""
        return np.arange(len(self.whole())) if part is None else part.places

    def _bounded(self, where: Mapping[str, Any]) -> np.ndarray | None:
        """The mask of a condition on numbers alone; None for any other. Every price is another bound: none is asked for
        in the store, where it would be looked for among all records."""
        if "$and" in where:
            parts = [self._bounded(part) for part in where["$and"]]
            known = [part for part in parts if part is not None]
            return np.logical_and.reduce(known) if len(known) == len(parts) else None
        (name, test), *more = where.items()
        if more or name not in NUMBERS:
            return None
        values = self.number(name)
        if isinstance(test, Mapping):
            (sign, bound), *more = test.items()
            how = COMPARED.get(sign)
            return how(values, bound) if how and not more else None  # NaN meets no bound
        return values == float(test)

    def mask(self, condition: Condition) -> np.ndarray:
        """One boolean per id: does it meet the condition?"""
        with self._lock:
            bounded = self._bounded(condition.where)
            if bounded is not None:
                return ~bounded if condition.negated else bounded
            key = f"{condition.negated}{json.dumps(condition.where, sort_keys=True)}"
            if key not in self._masks:
                mask = self.whole().named(self._products.matching(condition.where)).mask
                if len(self._masks) > 500:
                    self._masks.clear()
                self._masks[key] = ~mask if condition.negated else mask
            return self._masks[key]

    def exactly(self, conditions: Sequence[Condition]) -> list[str]:
        """The ids that meet every condition."""
        mask = np.ones(len(self.whole()), dtype=bool)
        for c in conditions:
            mask &= self.mask(c)
        return self.whole().part(mask).ids

    def widened(self, conditions: Sequence[Condition], names: Collection[str]) -> Allowed:
        """What misses some condition of those names and meets all others; a category is widened to its relatives.
        None where there is no such condition."""
        loose = [c for c in conditions if c.name in names and not c.negated]
        if not loose:
            return Allowed(self.whole().named([]))
        every = np.ones(len(self.whole()), dtype=bool)
        exact, mask = every.copy(), every
        for c in conditions:
            met = self.mask(c)
            exact &= met
            if c not in loose:
                mask &= met
            elif c.name == "category":
                mask &= self.mask(_relatives(c))
        mask &= ~exact
        return Allowed(self.whole().part(mask), loose, wider=True)

    def allow(self, conditions: Sequence[Condition]) -> Allowed:
        """What meets every condition; when nothing does, those that meet the most that can be kept.

        What is given up costs the least in sum (COST). A category is given up for its relatives only: who asked
        for sandals and cannot have any is shown other shoes, never hats; where there are none, nothing is.
        """
        if not conditions:
            return Allowed(None)
        masks = [self.mask(c) for c in conditions]
        for given_up in _cheapest_first([COST.get(c.name, 2.0) for c in conditions]):
            mask = np.ones(len(self.whole()), dtype=bool)
            for i, c in enumerate(conditions):
                if i not in given_up:
                    mask &= masks[i]
                elif c.name == "category" and not c.negated:
                    mask &= self.mask(_relatives(c))
            if mask.any():
                return Allowed(self.whole().part(mask), [conditions[i] for i in given_up])
        return Allowed(self.whole().named([]))


def _relatives(category: Condition) -> Condition:
    """Everything under the same roots."""
    return condition("category", [taxonomy.ancestors(v)[0] for v in category.values])


def _cheapest_first(costs: Sequence[float]) -> Iterator[tuple[int, ...]]:
    """Every subset of 0..n-1 as a sorted tuple, by ascending sum of costs, the empty one first."""
    order = sorted(range(len(costs)), key=lambda i: costs[i])
    yield ()
    if not order:
        return
    heap: list[tuple[float, tuple[int, ...]]] = [(costs[order[0]], (0,))]
    while heap:
        total, places = heapq.heappop(heap)
        yield tuple(sorted(order[p] for p in places))
        last = places[-1]
        if last + 1 < len(order):
            step = costs[order[last + 1]]
            heapq.heappush(heap, (total + step, (*places, last + 1)))
            heapq.heappush(heap, (total - costs[order[last]] + step, (*places[:-1], last + 1)))
