"""Dresses in the round, on an invisible figure: front and back cut as a tailor cuts them, joined at the sides.

A panel's columns run from side to side and its rows from the hem up: to the waist, to the armpit, then to the shoulder
and neck line. `y` is the flat drawing's, from the top; the floor lies at `hem`.
"""

from dataclasses import dataclass

import numpy as np

from store.demo.drawing.dresses import LENGTHS
from store.demo.drawing.spec import Spec
from store.demo.spin.mesh import Array, along

COLUMNS = 91
NECK_Y = 150.0
DEPTHS = {
    "crew": (46.0, 12.0),
    "vneck": (128.0, 14.0),
    "scoop": (112.0, 26.0),
    "collar": (52.0, 8.0),
    "turtleneck": (20.0, 6.0),
}
"""How far the front and the back neckline fall below the neck points."""


@dataclass
class Figure:
    """Half widths, half depths and heights of a dress on its figure."""

    hem: float
    waist_y: float
    armpit: float
    neck: float
    shoulder: float
    slope: float
    wide: list[tuple[float, float]]  # half widths over y, hem and shoulders included
    deep: list[tuple[float, float]]  # half depths over y
    folds: float  # how far the folds stand out at the hem, as a share of the radius
    count: float
    gathers: float
    tiers: tuple[float, ...] = ()

    def high(self, y: Array | float) -> Array:
        """Height above the hem's floor."""
        return np.asarray(self.hem - np.asarray(y, np.float64))


def figure(spec: Spec) -> Figure:
    """The measures of a dress: as the flat drawing has them."""
    style = str(spec.get("dress", "flare"))
    kids = spec.kids
    waist_y = 400.0 if kids else 418.0 if spec.get("empire") else 462.0
    armpit = 300.0 if kids else 312.0
    hem = LENGTHS[spec.length or "knee"]
    if kids:
        hem = waist_y + (hem - 470) * 0.82
    span = (hem - waist_y) / 300
    waist = 112.0 if kids else 100.0
    chest = 116.0 if kids else 124.0
    hip, low = {
        "flare": (waist + 40, waist + 58 + 58 * span),
        "slip": (130.0, 128 + 24 * span),
        "sheath": (132.0, 126.0),
        "knit": (130.0, 130.0),
        "shirt": (waist + 36, waist + 40 + 36 * span),
        "wrap": (waist + 36, waist + 48 + 42 * span),
        "tiered": (waist + 38, waist + 60 + 60 * span),
        "pleated": (waist + 36, waist + 56 + 52 * span),
    }[style]
    close = style in ("slip", "sheath", "knit")
    hip_y = waist_y + min(150.0, (hem - waist_y) * 0.5)
    wide = [
        (NECK_Y - 20, chest - 4),
        (armpit, chest),
        (waist_y - 60, (chest + waist * 1.6) / 2.6),
        (waist_y, waist),
        (hip_y, hip),
        (hem, low),
    ]
    bust = 84.0 if not kids else 80.0
    deep = [
        (NECK_Y - 20, 66.0),
        (armpit - 10, bust),
        (armpit + 54, bust + 8 - 6 * kids),
        (waist_y, 72.0 if not kids else 82.0),
        (hip_y, (92 if close else hip * 0.76)),
        (hem, low * (0.7 if close else 0.86)),
    ]
    folds = {
        "flare": 0.1,
        "slip": 0.035,
        "sheath": 0.0,
        "knit": 0.008,
        "shirt": 0.06,
        "wrap": 0.095,
        "tiered": 0.075,
        "pleated": 0.055,
    }[style]
    count = {"pleated": 34, "slip": 7, "tiered": 15, "shirt": 9}.get(style, 10)
    tiers = (waist_y + (hem - waist_y) * 0.36, waist_y + (hem - waist_y) * 0.68) if style == "tiered" else ()
    return Figure(
        hem,
        waist_y,
        armpit,
        60.0 if not kids else 52.0,
        128.0 if not kids else 118.0,
        34.0,
        wide,
        deep,
        folds,
        float(count),
        0.0 if close else 0.03,
        tiers,
    )


def _top(f: Figure, spec: Spec, x: Array, back: bool) -> Array:
    """The y of a panel's upper edge over x."""
    d = DEPTHS.get(spec.neckline or "crew", (50.0, 12.0))[1 if back else 0]
    q = np.clip(np.abs(x) / f.neck, 0, 1)
    pointed = spec.neckline == "vneck" and not back
    dip = d * ((1 - q) ** 0.92 if pointed else np.sqrt(np.clip(1 - q**2.3, 0, 1)))
    slope = np.clip((np.abs(x) - f.neck) / (f.shoulder - f.neck), 0, 1.2) * f.slope
    return np.where(q < 1, NECK_Y + dip, NECK_Y + slope)


def _waved(f: Figure, spec: Spec, grid: Array, y: Array, angle: Array) -> Array:
    """A skirt's folds: shallow at the waist, deep at the hem, never quite regular."""
    rnd = np.random.default_rng(spec.seed + 3)
    t = np.clip((y - f.waist_y) / (f.hem - f.waist_y), 0, 1)
    p = rnd.uniform(0, 6.28, 4)
    n = round(f.count)
    bent = angle + 0.16 * np.sin(2 * angle + p[0]) + 0.09 * np.sin(3 * angle + p[1])
    if spec.get("dress") == "pleated":
        saw = (bent * n / (2 * np.pi)) % 1.0
        wave = (saw - 0.5) * 1.3
        strength = f.folds * (0.25 + 0.75 * t)
    else:
        wave = 0.72 * np.cos(n * bent + p[2]) + 0.34 * np.cos((n + 3) * bent + p[3] + 1.4 * t)
        strength = f.folds * t**1.25
    share = strength * wave
    # gathers right below the seam, and below each tier's
    for start in (f.waist_y, *f.tiers):
        below = y - start
        fine = np.cos(34 * bent + p[1]) * 0.6 + np.cos(51 * bent + p[2]) * 0.4
        share = share + f.gathers * 0.5 * fine * np.where(below > 0, np.exp(-below / 46), 0.0) * np.clip(
            below / 8, 0, 1
        )
    out = grid.copy()
    for start in f.tiers:
        share = share + 0.05 * np.clip((y - start) / 7, 0, 1) * np.exp(-np.clip(y - start, 0, None) / 220)
    out[..., 0] *= 1 + share
    out[..., 2] *= 1 + share
    dip = t * (0.012 * f.hem * 0.5) * np.cos(n * bent + p[2]) * (f.folds > 0.02)
    out[..., 1] = out[..., 1] + dip * 0.6
    return out


def _bodice_y(f: Figure, spec: Spec, x: Array, back: bool) -> Array:
    """The upper edge of a bodice on straps, or one that leaves the shoulders free."""
    q = np.clip(np.abs(x) / 120, 0, 1)
    if spec.neckline == "offshoulder":
        return 262 + 10 * (1 - q) + 0 * x
    if back:
        return 300 - 10 * q
    return along([(0, 300), (0.3, 290), (0.56, 262), (0.7, 262), (1, 306)], q)


def panel(f: Figure, spec: Spec, back: bool) -> tuple[Array, int]:
    """(rows, COLUMNS, 3): one half of the dress; and its first row above the armpit (or the last of all)."""
    s = np.linspace(-1, 1, COLUMNS)
    phi = s * np.pi / 2
    sign = -1.0 if back else 1.0
    bare = spec.neckline in ("straps", "offshoulder")
    rows: list[Array] = []
    cuts = np.concatenate(
        [
            np.linspace(f.hem, f.waist_y + 8, 66),
            np.linspace(f.waist_y + 4, f.waist_y - 4, 4),
            np.linspace(f.waist_y - 10, f.armpit, 24),
        ]
    )

    def ring(y: Array) -> Array:
        a, b = along(f.wide, y), along(f.deep, y)
        if back:
            b = b * along(
                [(NECK_Y, 0.8), (f.armpit, 0.84), (f.waist_y, 0.92), (f.waist_y + 120, 1.06), (f.hem, 1.0)], y
            )
        elif not spec.kids:  # the bust
            swell = (
                10
                * np.exp(-(((y - f.armpit - 44) / 46) ** 2))
                * np.exp(-(((np.abs(phi) - 0.52) / 0.36) ** 2))
            )
            b = b + swell
        x = a * np.sin(phi)
        z = sign * b * np.abs(np.cos(phi)) ** 0.9
        return np.stack([x, f.high(y) + 0 * x, z], -1)

    for y in cuts:
        rows.append(ring(np.full(COLUMNS, y)))
    grid = np.array(rows)
    ys = np.repeat(cuts[:, None], COLUMNS, 1)
    angle = np.arctan2(grid[..., 0], grid[..., 2])
    grid = _waved(f, spec, grid, ys, angle)
    first = len(cuts)
    if bare:
        upper = []
        x_edge = along(f.wide, np.full(COLUMNS, f.armpit)) * np.sin(phi)
        edge = _bodice_y(f, spec, x_edge, back)
        for t in np.linspace(0, 1, 14)[1:]:
            upper.append(ring(f.armpit + (edge - f.armpit) * t))
        return np.concatenate([grid, np.array(upper)]).astype(np.float32), first
    # above the armpit: in towards the shoulder, over to the shoulder seam
    start = grid[-1]
    upper = []
    tip = f.shoulder - 10
    x_top = tip * np.sin(phi * 0.94) / np.sin(np.pi / 2 * 0.94)
    y_top = _top(f, spec, x_top, back)
    y_seam = NECK_Y + np.clip((np.abs(x_top) - f.neck) / (f.shoulder - f.neck), -0.6, 1.2) * f.slope
    for t in np.linspace(0, 1, 30)[1:]:
        y = f.armpit + (y_top - f.armpit) * t
        w = np.clip((f.armpit - y) / np.maximum(f.armpit - y_seam, 1), 0, 1)
        ease = w * w * (3 - 2 * w)
        hollow = 1 - 0.10 * np.sin(np.pi * np.clip(w, 0, 1)) * np.clip((np.abs(s) - 0.6) / 0.4, 0, 1)
        x = (start[:, 0] * (1 - ease) + x_top * ease) * hollow
        fall = np.clip(1 - w**2.6, 0, 1) ** (1 / 1.7)
        reach = start[:, 2]
        side = np.clip((np.abs(s) - 0.72) / 0.28, 0, 1)
        base = np.where(
            np.abs(reach) < 40,
            sign * 40 * np.clip(w * 3, 0, 1) * (1 - side * 0.25) * np.clip(np.abs(reach) / 40 + w * 2, 0, 1),
            reach,
        )
        z = base * fall - 14 * w
        upper.append(np.stack([x, f.high(y), z], -1))
    return np.concatenate([grid, np.array(upper)]).astype(np.float32), first
