"""Some of a shop's products, as a mask over all of them: nothing is done for each of a hundred thousand in Python."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


class Whole:
    """Every product of a shop at one moment. `rows`: gives the row of each id in the index of words, when it is asked
    for."""

    def __init__(self, ids: Sequence[str], rows: Callable[[], Mapping[str, int]]) -> None:
        self.ids = ids
        self.place = {product_id: place for place, product_id in enumerate(ids)}
        self._rows = rows

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def rows(self) -> np.ndarray:
        """(n,) int64: the row of each product in the index of words, 0 (which no product has) where it has none."""
        known = self._rows()
        return np.array([known.get(product_id, 0) for product_id in self.ids], dtype=np.int64)

    @cached_property
    def every(self) -> "Part":
        """All of them as a part."""
        return Part(self, np.ones(len(self), dtype=bool))

    def part(self, mask: np.ndarray) -> "Part":
        """Those of which `mask`, (n,) bool, is true."""
        return Part(self, mask)

    def named(self, ids: Sequence[str]) -> "Part":
        """Those of these ids that there are."""
        mask = np.zeros(len(self), dtype=bool)
        mask[[self.place[i] for i in ids if i in self.place]] = True
        return Part(self, mask)


@dataclass(eq=False)
class Part:
    """Some of the products, in the order of the whole."""

    whole: Whole
    mask: np.ndarray

    def __len__(self) -> int:
        return len(self.places)

    def __contains__(self, product_id: object) -> bool:
        place = self.whole.place.get(product_id)  # type: ignore[call-overload]
        return place is not None and bool(self.mask[place])

    @cached_property
    def places(self) -> np.ndarray:
        """Where they stand in the whole, ascending."""
        return np.flatnonzero(self.mask)

    @cached_property
    def rows(self) -> np.ndarray:
        """Their rows in the index of words, in the order of `places`."""
        return self.whole.rows[self.places]

    @cached_property
    def ids(self) -> list[str]:
        """Their ids: not for a large part."""
        return [self.whole.ids[place] for place in self.places]

    def id(self, number: int) -> str:
        """The id of one, by its number in `places`."""
        return self.whole.ids[self.places[number]]
