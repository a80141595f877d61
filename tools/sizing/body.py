"""What is known of a body, and the girths that height and weight alone let one guess."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from tools.sizing import data


@dataclass(frozen=True)
class Known:
    """A measure in centimetres (kilograms, years) and how far off it may be (one standard deviation)."""

    value: float
    off: float
    guessed: bool = False


def known(measures: Mapping[str, float], garment: bool = False) -> dict[str, Known]:
    """What was told, as it was measured at home; `garment`: held against a chart of garments."""
    error = data()["error"]
    extra = data()["error_garment"] if garment else 0.0
    return {
        name: Known(value, math.hypot(error[name], extra))
        for name, value in measures.items()
        if name in error
    }


def guessed(measures: Mapping[str, float], gender: str | None) -> dict[str, Known]:
    """Chest, waist and hip of a grown-up from height and weight; nothing where either is missing, is no grown-up's, or
    the proportion is beyond what the figures were taken from. Without a gender, between the two, and less sure."""
    height, weight = measures.get("height"), measures.get("weight")
    if height is None or weight is None:
        return {}
    figures = data()["estimate"]
    low, high = figures["heights"]
    least, most = figures["bmi"]
    if not (low <= height <= high and least <= weight / (height / 100) ** 2 <= most):
        return {}
    root = math.sqrt(weight / height)
    both = [figures[g] for g in ("women", "men") if gender not in ("women", "men") or g == gender]
    out = {}
    for name, off in figures["spread"].items():
        values = [k[name] * root for k in both]
        apart = (max(values) - min(values)) / 2
        out[name] = Known(round(sum(values) / len(values), 1), math.hypot(off, apart), guessed=True)
    return out
