"""How well titles find their photos and photos their titles, and whether one space does it better than another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

Array = np.ndarray
RESAMPLES = 2000
DEPTHS = (1, 5, 10)


@dataclass(frozen=True)
class Interval:
    """A mean and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float

    def to_json(self) -> dict[str, float]:
        return {"mean": round(self.mean, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def ranks(scores: Array, own: Array) -> Array:
    """(q,) rank, from 1, of the one right answer of each query: `scores` (q, g), `own` (q,) its place among the g. Of
    answers with the very same score it stands in the middle, as if they were shuffled."""
    right = scores[np.arange(len(scores)), own][:, None]
    better = (scores > right + 1e-6).sum(1)
    alike = (np.abs(scores - right) <= 1e-6).sum(1) - 1
    return np.asarray(1 + better + alike / 2)


def figures(found: Mapping[str, Array]) -> dict[str, dict[str, float]]:
    """Direction → recall at 1, 5, 10 and mean reciprocal rank; `mean`: over the directions. A rank of NaN is none."""
    each = {
        name: {
            **{f"recall_at_{k}": float((rank[~np.isnan(rank)] <= k).mean()) for k in DEPTHS},
            "mrr": float(np.nanmean(1 / rank)),
        }
        for name, rank in found.items()
    }
    measures = next(iter(each.values()), {})
    mean = {m: float(np.mean([values[m] for values in each.values()])) for m in measures}
    return {
        name: {m: round(v, 4) for m, v in values.items()} for name, values in {**each, "mean": mean}.items()
    }


def gains(before: Mapping[str, Array], after: Mapping[str, Array], seed: int = 0) -> dict[str, Interval]:
    """`recall_at_10` and `mrr`: how much more `after` has, over all directions, and the interval over products (paired
    bootstrap: the products are drawn again, each with its ranks in both)."""
    draws = np.random.default_rng(seed)
    measures = {"recall_at_10": lambda r: np.where(np.isnan(r), np.nan, r <= 10), "mrr": lambda r: 1 / r}
    out = {}
    for name, measure in measures.items():
        each = np.nanmean([measure(after[d]) - measure(before[d]) for d in before], 0)
        picks = draws.integers(0, len(each), (RESAMPLES, len(each)))
        low, high = np.percentile(each[picks].mean(1), [2.5, 97.5])
        out[name] = Interval(float(each.mean()), float(low), float(high))
    return out


def better(gain: Mapping[str, Interval]) -> bool:
    """Whether it is, beyond what chance gives: one of the two surely more, neither less. Each is taken for more than
    it is once in forty times, so both together once in twenty at most."""
    return any(g.low > 0 for g in gain.values()) and all(g.mean >= 0 for g in gain.values())
