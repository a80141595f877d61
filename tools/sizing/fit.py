"""How likely each size of a chart is the right one for what is known of a body.

A size of a chart is named by one figure: the body that it is made for. It fits bodies up to half the way to the next,
as in GB/T 1335 and EN 13402, where 88 is for 86 to 90. A measure is known but for an error, so it lies in each size
with some probability; a body needs the largest of the sizes that its measures ask for.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tools.sizing.body import Known
from tools.sizing.chart import Column

REACH = 0.5  # of the way to the next size up to which a size still fits
_ALONE = 0.05  # of its figure: what counts as the way to the next where there is only one


@dataclass(frozen=True)
class Fit:
    """`size`: the likeliest; `chance`: of it; `second`: the next likely beside it and `chance_second`; `asks`: the size
    that each measure alone asks for. `over`, `under`: measures beyond the largest or below the smallest size."""

    size: str
    chance: float
    second: str = ""
    chance_second: float = 0.0
    asks: tuple[tuple[str, str], ...] = ()
    over: tuple[str, ...] = ()
    under: tuple[str, ...] = ()


def weigh(columns: Sequence[Column], body: Mapping[str, Known], order: Sequence[str]) -> Fit | None:
    """The sizes of `order` (rising) held against what is known; None where no column has a measure that is."""
    used = [c for c in columns if c.name in body and len(c.rows) > 0]
    if not used:
        return None
    up_to = [1.0] * len(order)
    asks, over, under = [], [], []
    for column in used:
        told = body[column.name]
        tops = dict(zip(column.sizes, _tops(column), strict=True))
        below = 0.0
        for at, size in enumerate(order):
            if size in tops:
                below = max(below, _phi((tops[size] - told.value) / told.off))
            up_to[at] *= below
        name = next((s for s in column.sizes if told.value <= tops[s]), "")
        asks.append((column.name, name or column.sizes[-1]))
        if not name:
            over.append(column.name)
        elif told.value < column.rows[0][1] - _gap(column, 0):
            under.append(column.name)
    chances = [high - low for low, high in zip([0.0, *up_to], up_to, strict=False)]
    total = sum(chances)
    if total < 1e-9 or over:
        largest = max(range(len(order)), key=lambda i: (order[i] in {s for _, s in asks}, i))
        return Fit(order[largest], 0.0, asks=tuple(asks), over=tuple(over) or (used[0].name,))
    ranked = sorted(range(len(order)), key=lambda i: -chances[i])
    best = ranked[0]
    beside = [i for i in (best - 1, best + 1) if 0 <= i < len(order)]
    second = max(beside, key=lambda i: chances[i]) if beside else None
    return Fit(
        order[best],
        chances[best],
        order[second] if second is not None else "",
        chances[second] if second is not None else 0.0,
        tuple(asks),
        (),
        tuple(under),
    )


def _tops(column: Column) -> list[float]:
    """The largest body that each size still fits."""
    return [value + REACH * _gap(column, at) for at, (_, value) in enumerate(column.rows)]


def _gap(column: Column, at: int) -> float:
    values = [value for _, value in column.rows]
    after = [v for v in values[at + 1 :] if v > values[at]]
    before = [v for v in values[:at] if v < values[at]]
    if after:
        return after[0] - values[at]
    return values[at] - before[-1] if before else _ALONE * values[at]


def _phi(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))
