"""How like a photo the products found by it are: precision at 5 by category, by main colour and by both, for several
ways of finding them. Plain functions of plain values.

A photo counts for a figure where the shop has a product that it could be right with: what a shop does not sell no
search finds. Intervals are percentile bootstraps over the photos, as in ui/evals/ranking.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.evals import ranking
from ui.evals.labels import Label, is_category, neighbours

K = 5


@dataclass(frozen=True)
class Thing:
    """What a product is, by its record: the main colour is None where the feed names none."""

    category: str
    color: str | None


def _category(label: Label, thing: Thing) -> bool:
    return is_category([thing.category], label.category or "")


def _color(label: Label, thing: Thing) -> bool:
    return thing.color is not None and thing.color in label.values("color")[:1]


def _near(label: Label, thing: Thing) -> bool:
    return _color(label, thing) or thing.color in neighbours((label.values("color") or [""])[0])


MEASURED = {
    "category_and_color": lambda label, thing: _category(label, thing) and _color(label, thing),
    "category_and_near_color": lambda label, thing: _category(label, thing) and _near(label, thing),
    "category": _category,
    "color": _color,
}


def figures(
    labels: Sequence[Label],
    found: Mapping[str, Sequence[Sequence[str]]],
    things: Mapping[str, Thing],
    ours: str,
    k: int = K,
) -> dict[str, Any]:
    """P@k of each method's rankings, one a photo and in order (ids, best first), over `things`, the whole shop by id;
    `possible`: what the best ranking there can be would have; `ratio`: `ours` over each other method, for category and
    colour together. A photo's own product (`Label.product`) is nothing that could be found, and must not be in its
    ranking."""
    measured: dict[str, Any] = {}
    ratio: dict[str, Any] = {}
    for name, meets in MEASURED.items():
        fit = {place: sum(meets(label, t) for i, t in things.items() if i != label.product)
               for place, label in enumerate(labels)}  # fmt: skip
        asked = [place for place, fits in fit.items() if fits]
        draws = ranking.resampled([[i] for i in range(len(asked))]) if asked else []
        shares: dict[str, list[float]] = {
            method: [sum(meets(labels[p], things[i]) for i in rankings[p][:k]) / k for p in asked]
            for method, rankings in found.items()
        }
        shares["possible"] = [min(k, fit[p]) / k for p in asked]
        measured[name] = {method: ranking.averaged(values, draws) for method, values in shares.items()}
        if name == "category_and_color" and asked:
            ratio = {
                method: ranking.compared(shares[ours], values, draws)
                for method, values in shares.items()
                if method not in (ours, "possible") and any(values)
            }
    return {
        "photos": len(labels),
        "k": k,
        "methods": {
            method: {name: values[method] for name, values in measured.items()}
            for method in (*found, "possible")
        },
        "ratio": ratio,
    }


def table(found: Mapping[str, Any]) -> str:
    """A row a method, a column a figure with its 95 % interval."""
    rows = [("P@" + str(found["k"]), *MEASURED, "ratio", "median_ms")]
    for name, method in found["methods"].items():
        told = [ranking.written(method[column]) for column in MEASURED]
        ratio = found["ratio"].get(name)
        rows.append((name, *told, ranking.written(ratio) if ratio else "", str(method.get("median_ms", ""))))
    counted = found["methods"]["possible"]
    rows.append(("photos", *(str(counted[column]["n"]) for column in MEASURED), "", ""))
    return ranking.aligned(rows)
