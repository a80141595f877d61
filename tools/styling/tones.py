"""Colours as they are worn, and what two of them say to each other.

Measured in CIELAB (D65); angles on Itten's wheel (Itten 1961, "Kunst der Farbe"), to which CIELAB hues are mapped. In
harmony are the same, light and dark of one hue, neighbours, and contrasts far enough apart; what lies between these
intervals is ambiguous and reads as a mistake (Moon & Spencer 1944, "Geometric formulation of classical color harmony").
The sectors are those of the templates of Cohen-Or et al. 2006 ("Color harmonization"): i and V for one hue and its
neighbours, I for complements, Y for thirds. Templates alone predict taste weakly; lightness and chroma weigh as much
(O'Donovan et al. 2011, "Color compatibility from large datasets"), so how vivid, pale or dark both are decides how much
a relation of hues counts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from perception.difference import ciede2000
from perception.shades import lab_of
from tools.styling.piece import table


@dataclass(frozen=True, eq=False)
class Tone:
    """A colour as worn: its canonical name, and its words in zh and en. `light` L*, `chroma`, `hue` of CIELAB; `wheel`:
    degrees on Itten's wheel; `neutral` 0..1: how far it goes with everything; `vivid` 0..1; `share` of the garment."""

    name: str
    words: tuple[str, str]
    srgb: str
    light: float
    chroma: float
    hue: float
    wheel: float
    neutral: float
    vivid: float
    share: float

    @property
    def goes_with_all(self) -> bool:
        """A neutral by name, or by cloth as denim is; not just a muted colour."""
        rules = _rules()
        return bool(rules["neutral"].get(self.name, 0.0) >= 0.5 or self.neutral == rules["denim"])

    @property
    def pale(self) -> bool:
        """Light and soft: blush, lemon, powder blue."""
        limits = _rules()["pale"]
        return self.light >= limits["light"] and self.chroma <= limits["chroma"]


class Relation(NamedTuple):
    """What two colours say: -1 (against) .. 1 (for), and the ground of it."""

    value: float
    ground: str


def _rules() -> Mapping[str, Any]:
    rules: Mapping[str, Any] = table("rules")["color"]
    return rules


@lru_cache(20_000)  # equal tones are one object, by which their relations are remembered
def tone(name: str, words: tuple[str, str], srgb: str, share: float, material: str | None) -> Tone:
    """A colour of a garment of that cloth: "#rrggbb" with its canonical name and its words (zh, en)."""
    rules = _rules()
    light, a, b = lab_of(srgb)
    chroma, hue = math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360
    low, high = rules["grey_chroma"]
    neutral = max(rules["neutral"].get(name, 0.0), _ramp(high, low, chroma))
    dark = rules["dark"]
    if light < dark["light"] and chroma < dark["chroma"]:
        neutral = max(neutral, dark["neutral"])
    if (material == "denim" and name in ("blue", "navy", "lightblue")) or (
        material in rules["leather"]["materials"] and name in ("brown", "beige")
    ):
        neutral = rules["denim"]
    return Tone(
        name,
        words,
        srgb,
        light,
        chroma,
        hue,
        _wheel(hue),
        min(neutral, 1.0),
        _ramp(float(rules["vivid"][0]), float(rules["vivid"][1]), chroma),
        share,
    )


def _ramp(start: float, end: float, value: float) -> float:
    return min(max((value - start) / (end - start), 0.0), 1.0)


@cache
def _points() -> tuple[list[float], list[float]]:
    points = _rules()["wheel"]
    return [float(p[0]) for p in points], [float(p[1]) for p in points]


def _wheel(hue: float) -> float:
    hues, angles = _points()
    return float(np.interp(hue, hues, angles)) % 360


def apart(x: float, y: float) -> float:
    """Degrees between two angles, 0..180."""
    difference = abs(x - y) % 360
    return min(difference, 360 - difference)


@lru_cache(20_000)
def relation(x: Tone, y: Tone) -> Relation:
    """What two colours say to each other, whichever comes first."""
    rules = _rules()
    scores = rules["scores"]
    named = rules["pairs"].get(f"{x.name} {y.name}", rules["pairs"].get(f"{y.name} {x.name}"))
    wheel, eye = apart(x.wheel, y.wheel), apart(x.hue, y.hue)
    quiet = [t for t in (x, y) if t.neutral >= 0.5]
    true = [t for t in quiet if t.goes_with_all]
    if len(true) == 2:
        if x.name == y.name and abs(x.light - y.light) < 12:
            return Relation(scores["same"], "same")
        return Relation(scores["neutrals"] if named is None else named, "neutrals")
    if true:
        return Relation(scores["neutral"] if named is None else named, "neutral")
    if quiet and _difference(x.srgb, y.srgb) <= rules["same"]:
        return Relation(scores["same"], "same")
    if quiet and min(wheel, eye) > rules["family"]:  # dark like a forest, or dusty: no neutral, but as easy
        return Relation(scores["quiet"] if named is None else named, "muted" if len(quiet) == 2 else "soft")
    gap = abs(x.light - y.light)
    difference = _difference(x.srgb, y.srgb)
    colored = (1 - x.neutral) * (1 - y.neutral)
    if difference <= rules["same"]:
        return Relation(scores["same"], "same")
    if _undertones(x, y):
        return Relation(-0.6 * max(x.vivid, y.vivid), "undertone")
    if wheel <= rules["family"] or eye <= rules["undertone"]:
        if gap >= rules["tonal"] or x.pale != y.pale:
            return Relation(scores["tonal"], "tonal")
        return Relation(-(0.3 + 0.55 * max(x.vivid, y.vivid)) * colored, "near_miss")
    heat = math.sqrt((0.25 + 0.75 * x.vivid) * (0.25 + 0.75 * y.vivid))
    calm = (1.0, 0.75, 0.6)[_cool(x) + _cool(y)]
    pale = 0.5 if x.pale or y.pale or min(x.vivid, y.vivid) < 0.1 else 1.0  # or dusty, like sage
    if wheel <= rules["near"] or eye <= rules["near_hue"]:
        value = 0.35 - 0.8 * heat * calm * pale + 0.35 * _natural(x, y)
        return Relation(max(value, -0.6) if value < 0 else min(value, 0.6), "near" if value > 0 else "hot")
    if wheel < rules["triad"]:
        value = 0.25 - 1.15 * heat * calm * pale + 0.2 * _natural(x, y)
        return Relation(max(value, -0.75), "near" if value > 0 else "clash")
    if wheel < rules["complement"]:
        return Relation(scores["triad"] if heat < 0.9 else scores["triad"] / 2, "contrast")
    return Relation(scores["contrast"], "contrast")


def alike(x: Tone, y: Tone) -> bool:
    """Near enough to be heard as the same colour said twice."""
    return _difference(x.srgb, y.srgb) <= float(_rules()["alike"])


@lru_cache(20_000)
def _difference(x: str, y: str) -> float:
    return float(ciede2000(np.array(lab_of(x)), np.array(lab_of(y))))


def _undertones(x: Tone, y: Tone) -> bool:
    """A blue-based red beside a yellow-based one (burgundy and coral), one of them vivid and neither pale."""
    limits = _rules()["reds"]
    near = [(t.wheel + 180) % 360 - 180 for t in (x, y)]
    if max(abs(n) for n in near) > limits["reach"] or x.pale or y.pale:
        return False
    return (
        min(near) < limits["cool"] and max(near) > limits["warm"] and max(x.vivid, y.vivid) >= limits["vivid"]
    )


def _cool(x: Tone) -> bool:
    low, high = _rules()["cool"]
    return bool(low <= x.wheel <= high)


def _natural(x: Tone, y: Tone) -> float:
    """How far, 0..1, the one of two neighbours that is nearer to yellow is the lighter, as in daylight (Rood 1879)."""
    yellow = 118.0
    near, far = (x, y) if apart(x.wheel, yellow) < apart(y.wheel, yellow) else (y, x)
    return _ramp(0.0, 25.0, near.light - far.light)
