"""How well looks that people put together are told from others: fill in the blank and AUC, for several ways of scoring,
and how far they agree with a judge. Plain functions of plain values.

`fitb`  the share of blanks filled with the piece that was there, of those offered (a tie counts its share); the
        interval is a percentile bootstrap over the sets that the questions are of
`auc`   the chance that a look scores above one by chance (ties half), with DeLong's interval (DeLong et al. 1988)
`gain`  how much more than the rules alone, on the same questions; beyond chance where the interval leaves out 0
"""

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from ui.evals.polyvore import Blank, Look
from ui.evals.ranking import aligned
from ui.evals.statistics import Z95, counted, rounded

Array = np.ndarray
Judge = Callable[[Sequence[str]], float]
DRAWS = 2000
SAME = 1e-9  # scores nearer than this are the same
AGAINST = "rules"


def figures(
    judges: Mapping[str, Judge], blanks: Sequence[Blank], looks: Sequence[tuple[Look, bool]]
) -> dict[str, Any]:
    """{"methods": name → {"fitb", "auc"}, "gain": name → the same over AGAINST}."""
    sets = [blank.set_id for blank in blanks]
    filled = {name: np.array([_credit(judge, b) for b in blanks]) for name, judge in judges.items()}
    scores = {name: np.array([judge(look) for look, _ in looks]) for name, judge in judges.items()}
    good = np.array([label for _, label in looks], bool)
    methods = {
        name: {"fitb": resampled(filled[name], sets), "auc": auc(scores[name], good)} for name in judges
    }
    gain = {
        name: {
            "fitb": resampled(filled[name] - filled[AGAINST], sets),
            "auc": auc_gain(scores[AGAINST], scores[name], good),
        }
        for name in judges
        if name not in (AGAINST, "random")
    }
    return {
        "questions": len(blanks),
        "looks": len(looks),
        "methods": methods,
        **({"gain": gain} if gain else {}),
    }


def _credit(judge: Judge, blank: Blank) -> float:
    """1 where the right option scores highest, a share where others do as well."""
    right, *others = (judge(look) for look in blank.options)
    best = max(others)
    if right < best - SAME:
        return 0.0
    return 1 / (1 + sum(abs(other - right) <= SAME for other in others))


def resampled(values: Array, groups: Sequence[str]) -> dict[str, Any]:
    """{"value", "interval", "n"}: the mean, and the 95 % interval over groups that are drawn together."""
    if not len(values):
        return {"value": None, "interval": [None, None], "n": 0}
    _, place = np.unique(np.array(groups), return_inverse=True)
    sums, sizes = np.bincount(place, values), np.bincount(place)
    drawn = np.random.default_rng(0).multinomial(len(sums), np.full(len(sums), 1 / len(sums)), DRAWS)
    low, high = np.percentile((drawn @ sums) / (drawn @ sizes), [2.5, 97.5])
    return {
        "value": rounded(float(values.mean())),
        "interval": [rounded(float(low)), rounded(float(high))],
        "n": len(values),
    }


def auc(scores: Array, good: Array) -> dict[str, Any]:
    """{"value", "interval", "n"}; no value where there are not both kinds."""
    if not good.any() or good.all():
        return {"value": None, "interval": [None, None], "n": len(scores)}
    value, of_good, of_bad = _components(scores, good)
    deviation = math.sqrt(_variance(of_good) + _variance(of_bad))
    return _interval(value, deviation, len(scores), 0.0, 1.0)


def auc_gain(before: Array, after: Array, good: Array) -> dict[str, Any]:
    """How much more `after` has, on the same looks."""
    if not good.any() or good.all():
        return {"value": None, "interval": [None, None], "n": len(good)}
    (a, good_a, bad_a), (b, good_b, bad_b) = _components(before, good), _components(after, good)
    deviation = math.sqrt(_variance(good_b - good_a) + _variance(bad_b - bad_a))
    return _interval(b - a, deviation, len(good), -1.0, 1.0)


def _components(scores: Array, good: Array) -> tuple[float, Array, Array]:
    """The AUC; of each good look the share of bad ones below it, of each bad one the share of good ones above it."""
    high, low = np.sort(scores[good]), np.sort(scores[~good])

    def below(values: Array, among: Array) -> Array:
        found = np.searchsorted(among, values - SAME), np.searchsorted(among, values + SAME, "right")
        return (found[0] + found[1]) / 2 / len(among)

    of_good, of_bad = below(scores[good], low), 1 - below(scores[~good], high)
    return float(of_good.mean()), of_good, of_bad


def _variance(parts: Array) -> float:
    return float(parts.var(ddof=1) / len(parts)) if len(parts) > 1 else 0.0


def _interval(value: float, deviation: float, n: int, least: float, most: float) -> dict[str, Any]:
    low, high = max(least, value - Z95 * deviation), min(most, value + Z95 * deviation)
    return {"value": rounded(value), "interval": [rounded(low), rounded(high)], "n": n}


def agreement(
    judge: Judge, rows: Sequence[Mapping[str, Any]], told: tuple[float, float] | None = None
) -> dict[str, Any]:
    """How far a score agrees with who labelled rows {"items", "label": good | bad, "split": seen | held, "why"}.

    The line between good and bad is drawn on the seen rows, where most of them are right; `held` are those that nothing
    was chosen on. `told`: from which score a shopper hears that it goes, and below which that it does not."""
    scores = {id(row): judge(row["items"]) for row in rows}
    seen = [row for row in rows if row["split"] == "seen"]
    line = _line([(scores[id(row)], row["label"] == "good") for row in seen])
    found: dict[str, Any] = {"line": rounded(line)}
    for split in ("seen", "held"):
        part = [row for row in rows if row["split"] == split]
        good = np.array([row["label"] == "good" for row in part], bool)
        values = np.array([scores[id(row)] for row in part])
        found[split] = {
            "agreement": counted((values >= line) == good),
            "auc": auc(values, good),
        }
        if told:
            goes, clashes = told
            clear = (values >= goes) | (values < clashes)
            found[split]["told"] = counted(((values >= goes) == good)[clear])
    found["misses"] = [row["id"] for row in seen if (scores[id(row)] >= line) != (row["label"] == "good")]
    return found


def _line(rows: Sequence[tuple[float, bool]]) -> float:
    """The score from which on rows count as good so that most are right; the middle of the widest such stretch."""
    values = sorted({score for score, _ in rows})
    edges = [values[0] - 1, *((a + b) / 2 for a, b in pairwise(values)), values[-1] + 1]
    right = [sum((score >= edge) == good for score, good in rows) for edge in edges]
    best = [edge for edge, n in zip(edges, right, strict=True) if n == max(right)]
    return float(np.median(best))


def table(found: Mapping[str, Any]) -> str:
    """A row a method: the figures with their 95 % intervals."""
    rows: list[tuple[str, ...]] = [("", "fitb", "auc", "fitb over rules", "auc over rules")]
    for name, method in found["methods"].items():
        gain = found.get("gain", {}).get(name, {})
        rows.append(
            (
                name,
                *(told(method[k]) for k in ("fitb", "auc")),
                *(told(gain.get(k)) for k in ("fitb", "auc")),
            )
        )
    rows.append(("n", str(found["questions"]), str(found["looks"]), "", ""))
    return aligned(rows)


def told(figure: Mapping[str, Any] | None) -> str:
    """A figure with its interval; nothing where there is none."""
    if not figure or figure["value"] is None:
        return ""
    low, high = figure["interval"]
    return f"{figure['value']:.3f} ({low:.3f}–{high:.3f})"
