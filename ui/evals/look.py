"""Figures for looks: what was told of each photo against its label. Values in, values out; `training` uses it too.

A look is judged twice: *forced*, the likeliest value of every attribute, and *told*, what a shopper is shown, where an
attribute that is not sure enough is absent.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from perception.look import Garment, Look
from prompts import taxonomy
from ui.evals import labels
from ui.evals.labels import Label
from ui.evals.statistics import (
    calibration,
    confusion,
    counted,
    iou,
    macro_f1,
    matched,
    rounded,
    share,
)

NOTHING = "nothing"  # told of a photo in which no garment was seen, or of an attribute that cannot be there
OVERLAP = 0.5  # intersection over union from which a box is the labelled one
CONFUSED = 10  # commonest mistakes that are listed


@dataclass(frozen=True)
class Judged:
    """A labelled photo, as a shopper is told of it and with every attribute forced."""

    label: Label
    told: Look
    forced: Look


@dataclass(frozen=True)
class Statement:
    """Something a look states. `near`: wrong by the label, yet a colour next to a labelled one."""

    attribute: str
    right: bool
    near: bool = False


def figures(rows: Sequence[Judged]) -> dict[str, Any]:
    """Everything there is to say of these looks: a JSON object."""
    refused = sum(not row.told.garments for row in rows)
    found: dict[str, Any] = {
        "photos": len(rows),
        "refused": share(refused, len(rows)),
        "category": category(rows),
        "colors": colors(rows),
        "attributes": {
            name: values
            for name in labels.ATTRIBUTES
            if (values := attribute([row for row in rows if row.label.value(name)], name))["n"]
        },
        "statements": stated(rows),
    }
    several = [row for row in rows if len(row.label.garments) > 1]
    if several:
        found["garments"] = garments(several)
    return found


def main(look: Look) -> Garment | None:
    """The main garment."""
    return look.garments[0] if look.garments else None


def kinds(garment: Garment | None) -> list[str | None]:
    """What a garment was told to be, the finer kind last."""
    return [garment.category, garment.kind] if garment else []


def category(rows: Sequence[Judged]) -> dict[str, Any]:
    """Is the main garment what the label says? A kind counts as its parent; a refused photo is wrong."""
    rows = [row for row in rows if row.label.value("category")]
    pairs: list[tuple[str, str]] = []
    by_class: dict[str, list[bool]] = defaultdict(list)
    sure = []
    for row in rows:
        truth = row.label.value("category") or ""
        garment = main(row.forced)
        right = labels.is_category(kinds(garment), truth)
        pairs.append((truth, truth if right else garment.category if garment else NOTHING))
        by_class[truth].append(right)
        if garment and "category" in garment.confidence:
            sure.append((garment.confidence["category"], right))
    wrong = Counter(pair for pair in pairs if pair[0] != pair[1])
    return {
        **_forced(pairs, taxonomy.values("category")),
        "per_class": {truth: rounded(sum(right) / len(right)) for truth, right in sorted(by_class.items())},
        "confused": [{"is": a, "seen": b, "count": n} for (a, b), n in wrong.most_common(CONFUSED)],
        "calibration": calibration(sure),
    }


def colors(rows: Sequence[Judged]) -> dict[str, Any]:
    """Is the first colour told the first one labelled, or next to it, or any of those labelled?"""
    rows = [row for row in rows if row.label.values("color")]
    pairs, near, among, sure = [], [], [], []
    for row in rows:
        truth = row.label.values("color")
        garment = main(row.told)
        first = garment.colors[0] if garment and garment.colors else NOTHING
        pairs.append((truth[0], first))
        near.append(first == truth[0] or first in labels.neighbours(truth[0]))
        among.append(first in truth)
        if garment and "color" in garment.confidence:
            sure.append((garment.confidence["color"], first == truth[0]))
    return {
        **_forced(pairs, taxonomy.values("color")),
        "exact_or_neighbour": counted(near),
        "any_labelled": counted(among),
        "calibration": calibration(sure),
    }


def attribute(rows: Sequence[Judged], name: str) -> dict[str, Any]:
    """One attribute of the main garment (or "setting", of the photo), over rows that have it labelled."""
    pairs, told, sure = [], [], []
    for row in rows:
        truth = row.label.value(name) or ""
        value, confidence = _value(row.forced, name)
        pairs.append((truth, value or NOTHING))
        if value and confidence is not None:
            sure.append((confidence, value == truth))
        shown, _ = _value(row.told, name)
        if shown:
            told.append(shown == truth)
    return {
        **_forced(pairs, (*taxonomy.values(name), NOTHING) if name != "setting" else ()),
        "told": counted(told),
        "share_told": rounded(len(told) / len(rows) if rows else None),
        "calibration": calibration(sure),
    }


def _forced(pairs: Sequence[tuple[str, str]], order: Sequence[str]) -> dict[str, Any]:
    right = share(sum(a == b for a, b in pairs), len(pairs))
    macro = macro_f1(pairs)
    return {
        "n": len(pairs),
        "accuracy": right["value"],
        "interval": right["interval"],
        "macro_f1": rounded(macro),
        "confusion": confusion(pairs, order),
    }


def _value(look: Look, name: str) -> tuple[str | None, float | None]:
    if name == "setting":
        return look.setting, None
    garment = main(look)
    return (getattr(garment, name), garment.confidence.get(name)) if garment else (None, None)


def statements(row: Judged) -> Iterator[Statement]:
    """What a look states of the main garment and its label can judge: its kind, each of its colours, its cut."""
    garment = main(row.told)
    truth = row.label.value("category")
    if garment and truth:
        above = taxonomy.is_a(truth, garment.category)  # "shoes", of boots: less than could be said, yet true
        yield Statement("category", labels.is_category(kinds(garment), truth) or above)
    known = row.label.values("color")
    if garment and known and "multicolour" not in known:  # of these any colour may be there
        for color in garment.colors:
            near = any(color in labels.neighbours(other) for other in known)
            yield Statement("color", color in known, color not in known and near)
    for name in labels.ATTRIBUTES:
        shown, _ = _value(row.told, name)
        value = row.label.value(name)
        if shown and value:
            yield Statement(name, shown == value)


def stated(rows: Sequence[Judged]) -> dict[str, Any]:
    """The share of stated attributes that are wrong, in all and of each attribute; and not counting a colour next to a
    labelled one as wrong."""
    every = [statement for row in rows for statement in statements(row)]
    by: dict[str, list[bool]] = defaultdict(list)
    for one in every:
        by[one.attribute].append(not one.right)
    return {
        "n": len(every),
        "wrong": counted(not one.right for one in every),
        "wrong_beyond_neighbours": counted(not one.right and not one.near for one in every),
        "by_attribute": {name: counted(wrong) for name, wrong in by.items()},
        "per_photo": rounded(len(every) / len(rows) if rows else None),
    }


def garments(rows: Sequence[Judged]) -> dict[str, Any]:
    """Photos with several labelled garments: how many are found, in the right place and of the right category."""
    recalled, complete, boxes = [], [], []
    for row in rows:
        truths, found = row.label.garments, row.told.garments
        overlaps = {
            (i, j): iou(truth.box, garment.box)
            for i, truth in enumerate(truths)
            for j, garment in enumerate(found)
        }
        right = {
            pair: overlap
            for pair, overlap in overlaps.items()
            if labels.is_category(kinds(found[pair[1]]), truths[pair[0]].category)
        }
        hits = matched(right, OVERLAP)
        recalled += [i in hits for i in range(len(truths))]
        complete.append(len(hits) == len(truths))
        boxes += [i in matched(overlaps, OVERLAP) for i in range(len(truths))]
    return {
        "photos": len(rows),
        "recall": counted(recalled),
        "all_found": counted(complete),
        "box_recall": counted(boxes),
        "least_overlap": OVERLAP,
    }
