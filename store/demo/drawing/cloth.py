"""Cloth: plain colour, woven and printed patterns, and surface texture, as SVG pattern tiles."""
# ruff: noqa: E501  path data reads better unbroken

import math
import random
from collections.abc import Callable

from store.demo.drawing.geometry import darker, ellipse, lighter, luminance, mix, path_data
from store.demo.drawing.spec import Spec

Tile = tuple[float, float, str]  # width, height, svg inside


def _stripes(s: Spec, rnd: random.Random) -> Tile:
    style = s.get("stripes", "breton")
    if style == "pin":
        return 26, 26, f'<rect x="0" width="2" height="26" fill="{s.second}" opacity=".75"/>'
    if style == "vertical":
        return 34, 34, f'<rect x="0" width="13" height="34" fill="{s.second}"/>'
    if style == "wide":
        return 96, 96, f'<rect width="96" height="48" fill="{s.second}"/>'
    if style == "multi":
        return (
            120,
            120,
            f'<rect width="120" height="26" fill="{s.second}"/><rect y="52" width="120" height="14" fill="{s.third}"/>'
            f'<rect y="84" width="120" height="8" fill="{s.second}"/>',
        )
    return 40, 40, f'<rect width="40" height="15" fill="{s.second}"/>'


def _checks(s: Spec, rnd: random.Random) -> Tile:
    style = s.get("checks", "tartan")
    if style == "gingham":
        half = mix(s.color, s.second, 0.5)
        return (
            36,
            36,
            f'<rect width="36" height="18" fill="{half}"/><rect width="18" height="36" fill="{half}"/>'
            f'<rect width="18" height="18" fill="{s.second}"/>',
        )
    if style == "window":
        return (
            84,
            84,
            f'<path d="M0 6H84M6 0V84" stroke="{s.second}" stroke-width="3" opacity=".85"/>'
            f'<path d="M0 14H84M14 0V84" stroke="{s.third}" stroke-width="1.4" opacity=".6"/>',
        )
    if style == "houndstooth":
        return (
            28,
            28,
            f'<path d="M0 0H14V14H0Z M14 14L28 0V7L21 14Z M14 0L21 0L14 7Z M0 14V21L7 14Z M14 14V28L7 28L14 21Z" '
            f'fill="{s.second}"/>',
        )
    return (
        110,
        110,
        f'<g opacity=".82"><rect x="0" width="34" height="110" fill="{s.second}"/>'
        f'<rect y="0" width="110" height="34" fill="{s.second}" opacity=".72"/></g>'
        f'<path d="M0 70H110M70 0V110" stroke="{s.third}" stroke-width="6" opacity=".75"/>'
        f'<path d="M0 17H110M17 0V110" stroke="{lighter(s.color, 0.5)}" stroke-width="2" opacity=".7"/>'
        f'<path d="M0 88H110M88 0V110" stroke="{darker(s.second, 0.35)}" stroke-width="9" opacity=".45"/>',
    )


def _around(x: float, y: float, r: float, w: float, h: float) -> list[tuple[float, float]]:
    """Where a motif must be repeated so that the tile has no seam."""
    xs = [x] + ([x + w] if x < r else []) + ([x - w] if x > w - r else [])
    ys = [y] + ([y + h] if y < r else []) + ([y - h] if y > h - r else [])
    return [(a, b) for a in xs for b in ys]


def _scatter(rnd: random.Random, n: int, w: float, h: float, gap: float) -> list[tuple[float, float]]:
    """Points that keep their distance, over a tile that wraps round."""
    points: list[tuple[float, float]] = []
    for _ in range(n * 30):
        x, y = rnd.uniform(0, w), rnd.uniform(0, h)
        if all(
            math.hypot(min(abs(x - a), w - abs(x - a)), min(abs(y - b), h - abs(y - b))) > gap
            for a, b in points
        ):
            points.append((x, y))
        if len(points) == n:
            break
    return points


def _flower(rnd: random.Random, r: float, petal: str, heart: str, leaf: str) -> str:
    turn = rnd.uniform(0, 72)
    n = rnd.choice((5, 5, 6))
    out = []
    for k in range(rnd.choice((1, 2))):
        a = turn + 150 * k + rnd.uniform(-20, 20)
        out.append(
            f'<g transform="rotate({a:.0f})"><path d="M0 0C{r * 0.4:.1f} {r * 0.9:.1f} {r * 0.5:.1f} {r * 1.5:.1f} 0 '
            f'{r * 1.9:.1f}C{-r * 0.5:.1f} {r * 1.5:.1f} {-r * 0.3:.1f} {r * 0.8:.1f} 0 0Z" fill="{leaf}"/></g>'
        )
    for k in range(n):
        shade = mix(petal, "#ffffff", rnd.uniform(0, 0.16))
        out.append(
            f'<ellipse cx="0" cy="{-r * 0.58:.1f}" rx="{r * 0.36:.1f}" ry="{r * 0.52:.1f}" fill="{shade}" '
            f'transform="rotate({turn + 360 / n * k:.0f})"/>'
        )
    out.append(
        f'<circle r="{r * 0.27:.1f}" fill="{heart}"/><circle r="{r * 0.13:.1f}" fill="{darker(heart, 0.3)}"/>'
    )
    return "".join(out)


def _floral(s: Spec, rnd: random.Random) -> Tile:
    big = s.get("floral") == "bold"
    w = h = 230.0 if big else 170.0
    leaf = s.get("leaf") or ("#5d7a4f" if luminance(s.color) > 0.35 else "#8aa678")
    out: list[str] = []
    points = _scatter(rnd, 9 if big else 15, w, h, 62 if big else 36)
    for i, (x, y) in enumerate(points):
        r = rnd.uniform(24, 34) if big else rnd.uniform(10, 15)
        petal = (s.second, s.third, s.second)[i % 3]
        flower = _flower(rnd, r, petal, "#e8b84a" if petal != "#e8b84a" else "#7a4a22", leaf)
        out.extend(
            f'<g transform="translate({a:.1f} {b:.1f})">{flower}</g>' for a, b in _around(x, y, r * 2, w, h)
        )
    for x, y in _scatter(rnd, 26, w, h, 24):
        if all(math.hypot(x - a, y - b) > (34 if big else 20) for a, b in points):
            dot = rnd.choice((s.second, s.third, leaf))
            out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{rnd.uniform(1.8, 3.4):.1f}" fill="{dot}"/>')
    return w, h, "".join(out)


def _dots(s: Spec, rnd: random.Random) -> Tile:
    step = {"pin": 22.0, "large": 70.0}.get(s.get("dots", ""), 42.0)
    r = step * (0.15 if s.get("dots") == "pin" else 0.215)
    spots = [(step / 4, step / 4), (step * 3 / 4, step * 3 / 4)]
    return step, step, "".join(f'<circle cx="{x}" cy="{y}" r="{r:.1f}" fill="{s.second}"/>' for x, y in spots)


def _blob(rnd: random.Random, r: float, uneven: float = 0.35) -> str:
    n = 9
    ring = []
    for k in range(n):
        a = 2 * math.pi * k / n
        d = r * rnd.uniform(1 - uneven, 1 + uneven)
        ring.append((1.35 * d * math.cos(a), 0.8 * d * math.sin(a)))
    ring.append(ring[0])
    return path_data([ring])


def _camouflage(s: Spec, rnd: random.Random) -> Tile:
    w = h = 260.0
    out: list[str] = []
    for color, n, r in ((s.second, 7, 42.0), (s.third, 7, 34.0), (darker(s.color, 0.55), 6, 22.0)):
        for x, y in _scatter(rnd, n, w, h, r * 1.25):
            d = _blob(rnd, r, 0.45)
            tilt = rnd.uniform(-35, 35)
            out.extend(
                f'<path d="{d}" transform="translate({a:.1f} {b:.1f}) rotate({tilt:.0f})" fill="{color}"/>'
                for a, b in _around(x, y, r * 2, w, h)
            )
    return w, h, "".join(out)


def _animal(s: Spec, rnd: random.Random) -> Tile:
    if s.get("animal") == "zebra":
        out: list[str] = []
        w, h = 150.0, 120.0
        for k in range(4):
            y = 30.0 * k
            a, b = rnd.uniform(7, 12), rnd.uniform(7, 13)
            out.append(
                f'<path d="M0 {y + 6}C40 {y + 6 - a:.1f} 60 {y + 20:.1f} 90 {y + 10}S135 {y + 6 - a / 2:.1f} 150 {y + 6}'
                f"V{y + 6 + a:.1f}C130 {y + 16} 110 {y + 14 + b:.1f} 84 {y + 12 + b:.1f}S35 {y + 14:.1f} 0 {y + 6 + a:.1f}Z"
                f'" fill="{s.second}"/>'
            )
        return w, h, "".join(out)
    w = h = 150.0
    out = []
    for x, y in _scatter(rnd, 22, w, h, 22):
        r = rnd.uniform(9, 13)
        tilt = rnd.uniform(0, 360)
        heart = f'<path d="{_blob(rnd, r * 0.62, 0.25)}" fill="{s.third}"/>'
        ring = ""
        pieces = rnd.choice((2, 2, 3, 4))
        for k in range(pieces):
            a = 320 / pieces * k + rnd.uniform(-24, 24)
            ring += (
                f'<path d="M{-r * 0.75:.1f} {-r * 0.62:.1f}Q0 {-r * 1.35:.1f} {r * 0.75:.1f} {-r * 0.62:.1f}Q0 '
                f'{-r * 0.72:.1f} {-r * 0.75:.1f} {-r * 0.62:.1f}Z" transform="rotate({a:.0f})" fill="{s.second}"/>'
            )
        motif = heart + ring
        out.extend(
            f'<g transform="translate({a:.1f} {b:.1f}) rotate({tilt:.0f})">{motif}</g>'
            for a, b in _around(x, y, r * 1.7, w, h)
        )
    return w, h, "".join(out)


def _textured(s: Spec, rnd: random.Random) -> Tile:
    dark, light = darker(s.color, 0.34), lighter(s.color, 0.22)
    style = s.get("texture", "cable")
    if style == "rib":
        return (
            14,
            14,
            f'<rect width="4" height="14" fill="{dark}" opacity=".42"/>'
            f'<rect x="7" width="4" height="14" fill="{light}" opacity=".5"/>',
        )
    if style == "waffle":
        return (
            20,
            20,
            f'<rect x="4" y="4" width="13" height="13" rx="3" fill="{dark}" opacity=".36"/>'
            f'<path d="M0 1.5H20M1.5 0V20" stroke="{light}" stroke-width="3" opacity=".5"/>',
        )
    if style == "tweed":
        out = []
        for x, y in _scatter(rnd, 90, 90, 90, 5):
            c = rnd.choice((s.second, dark, light, s.third))
            out.append(
                f'<path d="M{x:.1f} {y:.1f}l{rnd.uniform(-5, 5):.1f} {rnd.uniform(-4, 4):.1f}" stroke="{c}" '
                f'stroke-width="2.2" opacity=".6"/>'
            )
        return 90, 90, "".join(out)
    # cables: two strands that cross, between ribs
    strand = (
        '<path d="M{a} -2C{a} 16 {b} 20 {b} 38" stroke="{c}" stroke-width="{w}" fill="none" stroke-linecap="round" '
        'opacity="{o}"/>'
    )
    out = [
        f'<rect width="8" height="36" fill="{dark}" opacity=".4"/>',
        f'<rect x="56" width="8" height="36" fill="{dark}" opacity=".4"/>',
    ]
    for a, b in ((20, 44), (44, 20)):
        out.append(strand.format(a=a, b=b, c=dark, w=19, o=0.55))
        out.append(strand.format(a=a, b=b, c=s.color, w=14, o=1))
        out.append(strand.format(a=a - 2, b=b - 2, c=light, w=5, o=0.6))
    out += [
        f'<path d="M{x} 0v36" stroke="{light if i % 2 else dark}" stroke-width="3.4" opacity=".5"/>'
        for i, x in enumerate(range(70, 100, 5))
    ]
    return 100, 36, "".join(out)


TILES: dict[str, Callable[[Spec, random.Random], Tile]] = {
    "striped": _stripes,
    "checked": _checks,
    "floral": _floral,
    "dotted": _dots,
    "camouflage": _camouflage,
    "animal": _animal,
    "textured": _textured,
}


def _weave(material: str, color: str) -> Tile | None:
    """The surface of the cloth itself, drawn faintly over every colour."""
    dark, light = darker(color, 0.4), lighter(color, 0.35)
    if material == "denim":
        return (
            5,
            5,
            f'<path d="M-1 6L6 -1M-1 1L1 -1M4 6L6 4" stroke="{light}" stroke-width="1" opacity=".34"/>',
        )
    if material in ("knit", "cashmere") or material == "wool-knit":
        return (
            9,
            8,
            f'<path d="M0 0L4.5 5L9 0" stroke="{dark}" stroke-width="1.4" fill="none" opacity=".3"/>'
            f'<path d="M0 4L4.5 9L9 4" stroke="{light}" stroke-width="1.2" fill="none" opacity=".3"/>',
        )
    if material == "corduroy":
        return (
            9,
            9,
            f'<rect width="3" height="9" fill="{dark}" opacity=".42"/>'
            f'<rect x="4.5" width="2.6" height="9" fill="{light}" opacity=".22"/>',
        )
    if material == "canvas":
        return 5, 5, f'<path d="M0 0H5M0 0V5" stroke="{dark}" stroke-width="1" opacity=".16"/>'
    if material == "straw":
        return (
            16,
            10,
            f'<path d="M0 0L8 5L16 0M0 5L8 10L16 5" stroke="{dark}" stroke-width="2" fill="none" opacity=".5"/>'
            f'<path d="M0 2.5L8 7.5L16 2.5" stroke="{light}" stroke-width="1.6" fill="none" opacity=".5"/>',
        )
    if material == "lace":
        flower = path_data(ellipse(13, 13, 8, 8))
        return (
            26,
            26,
            f'<path d="{flower}" fill="none" stroke="{dark}" stroke-width="1.6" opacity=".4"/>'
            f'<circle cx="13" cy="13" r="3.4" fill="{dark}" opacity=".34"/>'
            f'<circle cx="0" cy="0" r="4" fill="{dark}" opacity=".28"/><circle cx="26" cy="26" r="4" fill="{dark}" '
            f'opacity=".28"/><circle cx="26" cy="0" r="4" fill="{dark}" opacity=".28"/><circle cx="0" cy="26" r="4" '
            f'fill="{dark}" opacity=".28"/>',
        )
    return None


class Cloth:
    """Fills for the parts of one garment; `defs` collects what the SVG needs."""

    def __init__(self, spec: Spec) -> None:
        """Prepare the tiles of a garment's pattern and weave."""
        self.spec = spec
        self.defs: dict[str, str] = {}
        maker = TILES.get(spec.pattern)
        self._tile = maker(spec, random.Random(spec.seed * 7 + 3)) if maker else None

    def overlays(
        self, color: str, patterned: bool, angle: float, scale: float, at: tuple[float, float]
    ) -> list[str]:
        """Fills ("url(#...)") to lay over a part of `color`, its pattern turned by `angle` degrees."""
        out = []
        if patterned and self._tile:
            out.append(self._define("p", self._tile, angle, scale * float(self.spec.get("scale", 1.0)), at))
        weave = _weave(self.spec.material, color)
        if weave and patterned and self.spec.pattern != "textured":
            out.append(self._define(f"w{color[1:]}", weave, angle, 1.0, at))
        return out

    def _define(self, kind: str, tile: Tile, angle: float, scale: float, at: tuple[float, float]) -> str:
        name = f"{kind}{round(angle * 10)}_{round(scale * 100)}_{round(at[0])}_{round(at[1])}".replace(
            "-", "m"
        )
        w, h, inside = tile
        self.defs[name] = (
            f'<pattern id="{name}" patternUnits="userSpaceOnUse" width="{w}" height="{h}" patternTransform='
            f'"translate({at[0]:.1f} {at[1]:.1f}) rotate({angle:.1f}) scale({scale:.3f})">{inside}</pattern>'
        )
        return f"url(#{name})"
