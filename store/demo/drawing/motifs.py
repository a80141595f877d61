"""Printed motifs for graphic garments, drawn in a square of about 200 units around the origin."""
# ruff: noqa: E501  path data reads better unbroken

import math
import random

from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import darker, lighter


def draw(c: Canvas, body: Part, x: float, y: float, half: float) -> None:
    """Print the design's motif on a part, centred at (x, y), `half` units to each side."""
    make = MOTIFS[str(c.spec.get("motif", "peaks"))]
    inside = make(c.spec.second, c.spec.third, c.spec.color)
    body.mark(f'<g transform="translate({x:.0f} {y:.0f}) scale({half / 100:.3f})" opacity=".95">{inside}</g>')


def _peaks(a: str, b: str, ground: str) -> str:
    return (
        f'<circle cx="18" cy="-28" r="38" fill="{b}"/><path d="M-100 62L-38 -42L-8 6L18 -24L84 62Z" fill="{a}"/>'
        f'<path d="M-38 -42L-56 -12L-44 -18L-36 -6L-24 -18Z M18 -24L4 -2L16 -6L24 4L34 -4Z" fill="{ground}"/>'
        f'<path d="M-100 74H84M-78 86H60M-50 98H34" stroke="{a}" stroke-width="5"/>'
    )


def _wave(a: str, b: str, ground: str) -> str:
    arcs = "".join(
        f'<path d="M{-96 + 48 * k} {y}c12 -30 36 -30 40 -4c-14 -8 -22 6 -12 12h20" fill="none" stroke="{a}" stroke-width="8" '
        'stroke-linecap="round"/>'
        for y, n in ((40, 4), (72, 4))
        for k in range(n)
    )
    rays = "".join(
        f'<path d="M0 -64v-22" transform="translate(0 -14) rotate({t} 0 0)" stroke="{b}" stroke-width="6" stroke-linecap="round"/>'
        for t in range(-80, 81, 20)
    )
    return f'<path d="M-48 4A48 48 0 0 1 48 4Z" fill="{b}"/>{rays}{arcs}'


def _cat(a: str, b: str, ground: str) -> str:
    return (
        f'<path d="M-62 -20L-66 -88L-26 -58Q0 -66 26 -58L66 -88L62 -20Q78 60 0 66Q-78 60 -62 -20Z" fill="{a}"/>'
        f'<path d="M-56 -62L-54 -74L-38 -58ZM56 -62L54 -74L38 -58Z" fill="{b}"/>'
        f'<circle cx="-26" cy="-6" r="10" fill="{ground}"/><circle cx="26" cy="-6" r="10" fill="{ground}"/>'
        f'<circle cx="-24" cy="-8" r="3.4" fill="{a}"/><circle cx="28" cy="-8" r="3.4" fill="{a}"/>'
        f'<path d="M-7 16H7L0 24Z" fill="{b}"/><path d="M0 24Q-8 38 -20 32M0 24Q8 38 20 32" stroke="{ground}" stroke-width="4" '
        f'fill="none" stroke-linecap="round"/><path d="M-40 20L-78 14M-40 28L-76 34M40 20L78 14M40 28L76 34" stroke="{ground}" '
        'stroke-width="3" stroke-linecap="round"/>'
    )


def _dino(a: str, b: str, ground: str) -> str:
    spikes = "".join(
        f'<path d="M{x} {y}l10 -22l12 20Z" fill="{b}"/>'
        for x, y in ((-8, -56), (-26, -34), (-40, -10), (-54, 16), (-74, 34))
    )
    return (
        f'{spikes}<path d="M6 -70Q40 -86 64 -62Q78 -44 60 -34L28 -28Q34 0 30 20Q54 22 52 34L28 36Q24 52 22 72H2L0 50H-24L-28 72H-48L-46 46'
        f'Q-74 54 -100 50Q-60 38 -46 6Q-30 -24 -12 -44Q-8 -62 6 -70Z" fill="{a}"/>'
        f'<circle cx="36" cy="-58" r="7" fill="{ground}"/><path d="M38 -42Q52 -38 62 -44" stroke="{ground}" stroke-width="4" fill="none"/>'
    )


def _rocket(a: str, b: str, ground: str) -> str:
    stars = "".join(
        _star(x, y, r, b)
        for x, y, r in ((-72, -50, 12), (70, -20, 10), (-60, 50, 9), (74, 54, 13), (56, -76, 8))
    )
    return (
        f'{stars}<g transform="rotate(18)"><path d="M0 -96Q38 -54 32 30H-32Q-38 -54 0 -96Z" fill="{a}"/>'
        f'<path d="M-32 0L-62 46L-30 36ZM32 0L62 46L30 36Z" fill="{b}"/><circle cy="-30" r="16" fill="{ground}"/>'
        f'<circle cy="-30" r="9" fill="{b}"/><path d="M-18 36Q-12 84 0 96Q12 84 18 36Z" fill="{b}"/></g>'
    )


def _star(x: float, y: float, r: float, color: str) -> str:
    points = " ".join(
        f"{x + (r if k % 2 == 0 else r * 0.42) * math.sin(math.pi * k / 5):.1f},{y - (r if k % 2 == 0 else r * 0.42) * math.cos(math.pi * k / 5):.1f}"
        for k in range(10)
    )
    return f'<polygon points="{points}" fill="{color}"/>'


def _stars(a: str, b: str, ground: str) -> str:
    rnd = random.Random(4)
    return _star(0, -6, 62, a) + "".join(
        _star(90 * math.cos(t) + rnd.uniform(-6, 6), 84 * math.sin(t), rnd.uniform(9, 18), b)
        for t in [k * 0.9 for k in range(7)]
    )


def _number(a: str, b: str, ground: str) -> str:
    return (
        f'<g fill="none" stroke="{a}" stroke-width="26" stroke-linejoin="round"><path d="M-70 -46V-60H-22V-4L-70 20V60H-18"/>'
        f'<path d="M18 -60H70L36 60" /></g><path d="M-92 84H92" stroke="{b}" stroke-width="7"/>'
        f'<path d="M-60 98H60" stroke="{b}" stroke-width="4"/>'
    )


def _citrus(a: str, b: str, ground: str) -> str:
    def slice_(x: float, y: float, r: float) -> str:
        wedges = "".join(
            f'<path d="M0 {-r * 0.1:.1f}L{r * 0.24:.1f} {-r * 0.66:.1f}Q0 {-r * 0.84:.1f} {-r * 0.24:.1f} {-r * 0.66:.1f}Z" fill="{a}" transform="rotate({45 * k})"/>'
            for k in range(8)
        )
        return f'<g transform="translate({x} {y})"><circle r="{r}" fill="{a}"/><circle r="{r * 0.86:.1f}" fill="{lighter(a, 0.75)}"/>{wedges}</g>'

    leaf = f'<path d="M0 0C20 -26 52 -26 66 -8C48 14 18 16 0 0Z" fill="{b}"/>'
    return (
        slice_(-36, 14, 52) + slice_(48, 34, 36) + f'<g transform="translate(-6 -44) rotate(-18)">{leaf}</g>'
        f'<g transform="translate(-10 -44) rotate(-150) scale(.8)">{leaf}</g>'
    )


def _lines(a: str, b: str, ground: str) -> str:
    """A face of a few lines, as a continuous drawing."""
    return (
        f'<g fill="none" stroke="{a}" stroke-width="4.6" stroke-linecap="round"><path d="M-50 88C-46 60 -20 58 -18 40C-16 26 -40 30 -46 10'
        'C-58 -34 -34 -84 16 -82C58 -78 70 -36 58 -4C52 14 36 16 34 34C32 58 62 60 66 88"/><path d="M-30 -14Q-18 -24 -6 -14Q-18 -6 -30 -14Z"/>'
        '<path d="M22 -14Q34 -24 46 -14Q34 -6 22 -14Z"/><path d="M8 -20Q16 6 6 8M-6 24Q10 16 24 24Q8 36 -6 24Z"/>'
        f'<path d="M-36 -28Q-20 -38 -4 -28M18 -28Q34 -38 48 -28"/></g><circle cx="-62" cy="-52" r="14" fill="{b}"/>'
        f'<circle cx="-62" cy="-52" r="5" fill="{darker(b, 0.4)}"/>'
    )


def _badge(a: str, b: str, ground: str) -> str:
    return (
        f'<circle r="84" fill="none" stroke="{a}" stroke-width="6"/><circle r="72" fill="none" stroke="{a}" stroke-width="2.4"/>'
        f'<path d="M0 -58L14 -14H-14Z M-26 14L0 -32L26 14Z M-38 44L0 -12L38 44Z" fill="{a}"/><rect x="-6" y="42" width="12" height="18" fill="{b}"/>'
        f"{_star(-52, 0, 9, b)}{_star(52, 0, 9, b)}"
    )


MOTIFS = {
    "peaks": _peaks,
    "wave": _wave,
    "cat": _cat,
    "dino": _dino,
    "rocket": _rocket,
    "stars": _stars,
    "number": _number,
    "citrus": _citrus,
    "lines": _lines,
    "badge": _badge,
}
