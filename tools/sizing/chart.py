"""A size chart as columns of one measure each, in centimetres, kilograms or years, whatever it calls them.

A shop's chart may be in inches, of the body or of the garment, around it or flat: what its words and its figures say
decides. A column that cannot be told is left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prompts import taxonomy
from tools.sizing import data

INCH, POUND, JIN = 2.54, 0.4536, 0.5
_WORD = re.compile(r"[a-z\"]+|[㐀-鿿]+")

Chart = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Column:
    """One measure of a chart: `rows` (size, value) from the smallest; `garment`: the values are the garment's own.
    `key` is what the chart calls it."""

    name: str
    key: str
    garment: bool
    rows: tuple[tuple[str, float], ...]

    @property
    def sizes(self) -> list[str]:
        return [size for size, _ in self.rows]

    def body(self, room: float) -> "Column":
        """The same as the body that each size is for, where the garment leaves `room` (cm) around it."""
        if not self.garment:
            return self
        return Column(self.name, self.key, True, tuple((size, value - room) for size, value in self.rows))


def columns(chart: Chart) -> dict[str, Column]:
    """The measures that a chart goes by, in its order, by canonical name."""
    keys = list(dict.fromkeys(key for row in chart.values() for key in row))
    garments = any(_plain(key)[0] in data()["of_garments"] for key in keys)
    read = {key: found for key in keys if (found := _named(key))}
    values = {key: [float(row[key]) for row in chart.values() if key in row] for key in read}
    metric = any(
        read[key][0] == "age" or (read[key][0] == "height" and max(values[key]) >= 84) for key in read
    )
    inches = not metric and any(
        _small(name, max(values[key]) * (2 if flat else 1))
        for key, (name, unit, _, flat) in read.items()
        if not unit
    )
    out: dict[str, Column] = {}
    for key, (name, unit, garment, flat) in read.items():
        scale = _scale(name, unit or ("inch" if inches and name not in ("weight", "age") else ""))
        rows = [
            (size, round(float(row[key]) * scale * (2 if flat else 1), 2))
            for size, row in chart.items()
            if key in row and float(row[key]) > 0
        ]
        own = garment or flat or (garments and name in ("chest", "waist", "hip", "shoulder"))
        if rows and (name not in out or out[name].garment):  # the body's own where both are told
            out[name] = Column(name, key, own, tuple(sorted(rows, key=lambda row: row[1])))
    return out


def room(name: str, category: str) -> float:
    """How much wider than the body a garment of `category` is made, in cm."""
    known: dict[str, float] = data()["ease"].get(name, {"other": 0})
    kinds = reversed(taxonomy.ancestors(category)) if category in taxonomy.values("category") else ()
    return next((known[kind] for kind in kinds if kind in known), known["other"])


def decisive(category: str, there: Mapping[str, Any], child: bool) -> list[str]:
    """The measures of a chart that decide the size of such a thing, the first before the others."""
    known = data()["decides"]
    kinds = reversed(taxonomy.ancestors(category)) if category in taxonomy.values("category") else ()
    own = list(next((known[kind] for kind in kinds if kind in known), known["other"]))
    first = data()["children"] if child else []
    named = [name for name in dict.fromkeys([*first, *own]) if name in there]
    return named or [name for name in data()["people"] if name in there]


def _plain(key: str) -> tuple[str, str]:
    """What a chart calls a measure, without its unit, and the unit."""
    text = re.sub(r"[_\-/()（）:：,.]+", " ", key.casefold()).strip()
    words = text.split()
    for unit, names in data()["units"].items():
        for name in names:
            if name.isascii() and re.search(rf"[㐀-鿿]{re.escape(name)}$", text):
                return text.removesuffix(name), unit
            if len(words) > 1 and words[-1] == name:
                return " ".join(words[:-1]), unit
            if not name.isascii() and text.endswith(name) and len(text) > len(name):
                return text.removesuffix(name).strip(), unit
    return " ".join(words), ""


def _named(key: str) -> tuple[str, str, bool, bool] | None:
    """(measure, unit, of the garment, flat) of what a chart calls something; None for what is no body measure."""
    plain, unit = _plain(key)
    for name, words in data()["flat_columns"].items():
        if plain in words:
            return name, unit, True, True
    known = {word: name for name, words in data()["columns"].items() for word in words}
    if plain in known:
        return known[plain], unit, False, False
    flat = _without(plain, data()["flat"])
    if flat is not None and flat in known:
        return known[flat], unit, True, True
    garment = _without(plain, data()["garment"])
    if garment is not None and garment in known:
        return known[garment], unit, True, False
    body = _without(plain, ["body", "your", "to fit", "净", "人体"])
    return (known[body], unit, False, False) if body is not None and body in known else None


def _without(text: str, words: list[str]) -> str | None:
    """`text` without the first of `words` that stands in it; None where none does."""
    for word in sorted(words, key=len, reverse=True):
        pattern = rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
        if re.search(pattern, text):
            return " ".join(re.sub(pattern, " ", text, count=1).split())
    return None


def _small(name: str, largest: float) -> bool:
    least = data()["least_cm"].get(name)
    return least is not None and 4 < largest < least


def _scale(name: str, unit: str) -> float:
    return {"inch": INCH, "mm": 0.1, "lb": POUND, "jin": JIN}.get(unit, 1.0)
