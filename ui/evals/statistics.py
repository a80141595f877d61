"""Figures for what was told against what is true. Plain functions of plain values, no photos in sight."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

Box = Sequence[float]  # left, top, right, bottom
Z95 = 1.959963984540054  # of a normal distribution, 95 % within


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927). (0, 1) for n = 0: nothing is known."""
    if not n:
        return 0.0, 1.0
    p, z2 = right / n, Z95 * Z95
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def share(right: int, n: int) -> dict[str, Any]:
    """{"value", "interval", "n"}: a share with its 95 % interval; a value of None where nothing was counted."""
    low, high = wilson(right, n)
    return {"value": rounded(right / n if n else None), "interval": [rounded(low), rounded(high)], "n": n}


def counted(outcomes: Iterable[bool]) -> dict[str, Any]:
    """`share` of the true ones."""
    every = list(outcomes)
    return share(sum(every), len(every))


def rounded(value: float | None) -> float | None:
    """Four digits."""
    return None if value is None else round(value, 4)


def macro_f1(pairs: Iterable[tuple[Hashable, Hashable]]) -> float | None:
    """Mean F1 over the values that occur among the truths, of (truth, told) pairs; None without pairs.

    A value told that is never true has no F1 of its own: it costs the recall of the value that was true."""
    matched: Counter[Hashable] = Counter()
    truths: Counter[Hashable] = Counter()
    tolds: Counter[Hashable] = Counter()
    for truth, told in pairs:
        truths[truth] += 1
        tolds[told] += 1
        matched[truth] += truth == told
    if not truths:
        return None
    return statistics.mean(2 * matched[v] / (truths[v] + tolds[v]) for v in truths)


def confusion(pairs: Iterable[tuple[str, str]], order: Sequence[str] = ()) -> dict[str, Any]:
    """{"values", "rows"}: rows[i][j] = how often values[i] was told as values[j]. `order` sorts what it names."""
    counts = Counter(pairs)
    place = {value: i for i, value in enumerate(order)}
    values = sorted({v for pair in counts for v in pair}, key=lambda v: (place.get(v, len(place)), v))
    return {"values": values, "rows": [[counts[a, b] for b in values] for a in values]}


def calibration(told: Iterable[tuple[float, bool]], bins: int = 10) -> dict[str, Any]:
    """{"ece", "n", "bins"} of (confidence 0..1, right): the expected calibration error over bins of equal width
    (Guo et al. 2017, "On calibration of modern neural networks"), and the bins that hold something."""
    held: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in told:
        held[min(max(int(confidence * bins), 0), bins - 1)].append((confidence, right))
    n = sum(map(len, held.values()))
    rows, error = [], 0.0
    for i in sorted(held):
        confidence = statistics.mean(c for c, _ in held[i])
        accuracy = statistics.mean(float(r) for _, r in held[i])
        error += len(held[i]) / n * abs(confidence - accuracy)
        rows.append({
            "from": round(i / bins, 4), "to": round((i + 1) / bins, 4), "n": len(held[i]),
            "confidence": rounded(confidence), "accuracy": rounded(accuracy),
        })  # fmt: skip
    return {"ece": rounded(error) if n else None, "n": n, "bins": rows}


def yes_no(answers: Iterable[tuple[bool, bool | None]]) -> dict[str, Any]:
    """Figures of (truth, said) for yes/no questions, None standing for "I cannot tell".

    Accuracy, precision, recall, F1 and yes-ratio as POPE gives them (Li et al. 2023, "Evaluating object hallucination
    in large vision-language models"), "cannot tell" counted as no; `answered` is the same over the answers given."""
    every = list(answers)
    given = [(truth, said) for truth, said in every if said is not None]
    return {
        **_yes_no([(truth, bool(said)) for truth, said in every]),
        "unknown": share(len(every) - len(given), len(every)),
        "answered": _yes_no(given),
    }


def _yes_no(answers: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    counts = Counter(answers)
    hit, miss, false_yes = counts[True, True], counts[True, False], counts[False, True]
    precision = hit / (hit + false_yes) if hit + false_yes else None
    recall = hit / (hit + miss) if hit + miss else None
    return {
        "n": len(answers),
        "accuracy": rounded((hit + counts[False, False]) / len(answers)) if answers else None,
        "precision": rounded(precision),
        "recall": rounded(recall),
        "f1": rounded(2 * hit / (2 * hit + miss + false_yes)) if hit + miss + false_yes else None,
        "yes_ratio": rounded((hit + false_yes) / len(answers)) if answers else None,
    }


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes [left, top, right, bottom]."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    area = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - width * height
    return width * height / area


def matched(overlaps: Mapping[tuple[int, int], float], least: float) -> dict[int, int]:
    """Truth → found, one to one, the greatest overlap first; pairs under `least` are no match."""
    pairs: dict[int, int] = {}
    for (truth, found), overlap in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if overlap >= least and truth not in pairs and found not in pairs.values():
            pairs[truth] = found
    return pairs


def spread(times: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile in milliseconds; of at least one time."""
    ordered = sorted(times)
    return {
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
    }
