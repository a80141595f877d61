"""Shoes in the round, toe to the left as in the flat drawings: x = drawing's x - 400, y = 640 - drawing's y."""
# ruff: noqa: RUF005  points are arrays: + moves them

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from store.demo.drawing.geometry import Shape, darker, lighter, luminance
from store.demo.drawing.spec import Spec
from store.demo.spin.mesh import Array, Model, Paint, along, lid, rings, spline, swept
from store.demo.spin.paint import Art, cloth, metal, over, plain, rope

Table = Sequence[Sequence[float]]
ROUND = 72  # points round a shoe
SOLE = [(0, 62), (0.08, 78), (0.2, 100), (0.32, 108), (0.45, 102), (0.6, 84), (0.75, 76), (0.9, 78), (1, 70)]
"""Half the width of a last's sole from toe to heel, before its ends are rounded."""


def _side(points: Array, normal: Array, lengths: Array) -> tuple[Array, Array, Array | None]:
    """Art as in the flat drawing, seen from the side, on both sides."""
    show = np.clip((np.abs(normal[..., 2]) + np.clip(normal[..., 0], 0, None)) * 4 - 0.4, 0, 1)
    return points[..., 0] + 400, 640 - points[..., 1], show


def _all_sides(points: Array, normal: Array, lengths: Array) -> tuple[Array, Array, Array | None]:
    return points[..., 0] + 400, 640 - points[..., 1], None


def loop(
    x0: float,
    x1: float,
    half: Table,
    height: Table,
    *,
    scale: float = 1.0,
    ends: tuple[float, float] = (2.7, 2.8),
    skew: float = 0.0,
) -> Array:
    """(ROUND + 1, 3): a closed ring from the toe (x0) round to the heel (x1) and back. `half` is its half width and
    `height` its y, both over 0..1 of its length; `ends` how blunt toe and heel are; `skew` bends the toe inwards."""
    a = np.linspace(0, 2 * np.pi, ROUND + 1)
    # more points to toe and heel, where the ring turns
    q = (1 - np.cos(a)) / 2
    p = np.where(q < 0.5, ends[0], ends[1])
    round_ = np.clip(1 - np.abs(2 * q - 1) ** p, 0, None) ** (1 / p)
    z = np.sign(np.sin(a)) * along(half, q) * round_ * scale
    z = z + skew * np.clip(0.45 - q, 0, None) ** 1.3
    x = x0 + (x1 - x0) * q
    return np.stack([x, along(height, q), z], -1)


def flat(y: float) -> Table:
    """A level height."""
    return [(0, y), (1, y)]


def grown(ring: Array, by: float, y: float | None = None, dy: float = 0.0) -> Array:
    """A ring moved outwards by `by` in plan, at another height."""
    d = np.gradient(ring, axis=0)
    d[0] = d[-1] = ring[1] - ring[-2]
    out = np.stack([-d[:, 2], np.zeros(len(d)), d[:, 0]], -1)
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    mid = ring[:-1].mean(0)
    if float((out * (ring - mid)).sum()) < 0:
        out = -out
    new = ring + out * by
    new[:, 1] = ring[:, 1] + dy if y is None else y
    return new


def sole(
    m: Model,
    top: Array,
    thick: Paint,
    *,
    welt: float = 7.0,
    bottom: Array | None = None,
    belly: float = 4.0,
    tread: str = "#3a3632",
) -> None:
    """A sole from under the ring `top` down to `bottom` (the floor where None), with a welt that stands out."""
    low = bottom if bottom is not None else grown(top, 0, y=0.0)
    a = grown(top, welt * 0.2, dy=2)
    b = grown(top, welt, dy=0)
    mid = (grown(top, welt + belly) + grown(low, welt + belly)) / 2
    c = grown(low, welt, dy=3.5)
    d = grown(low, welt - 4, dy=0)
    m.add(
        np.concatenate([rings(np.stack([a, b]), 3), rings(np.stack([b, mid, c]), 8)[1:], d[None]]),
        thick,
        away=(top[:-1].mean(0) * (1, 0, 0) + low[:-1].mean(0) * (0, 1, 0)),
        closed=True,
    )
    m.add(lid(d), plain(tread, 0.05), toward=(0, -1, 0), closed=True, density=0.3)


def bar(
    m: Model,
    path: ArrayLike,
    paint: Paint,
    width: float,
    thick: float,
    up: ArrayLike = (0, 1, 0),
    n: int = 14,
) -> None:
    """A lace, strap or cord along a path."""
    m.add(
        swept(path, width, thick, up=up, n=n, sides=10, square=3.0),
        paint,
        away=np.asarray(path, np.float64).mean(0),
        closed=True,
    )


def sneakers(spec: Spec) -> Model:
    """Low court shoes, runners, canvas plimsolls and high-tops."""
    style = str(spec.get("shoe", "court"))
    high, runner = style == "high", style == "runner"
    rubber = style == "canvas" or high
    base = str(spec.get("sole", "#f4f2ec"))
    m = Model(tilt=13.0)
    lowest = 46.0 if not runner else 52.0
    lift: Table = (
        [(0, lowest + 2), (0.35, lowest - 2), (0.7, lowest + 6), (1, lowest + 14)]
        if not runner
        else [(0, lowest), (0.3, lowest + 2), (0.7, lowest + 24), (1, lowest + 46)]
    )
    r0 = loop(-296, 292, SOLE, lift, skew=-40)
    r1 = loop(-298, 295, SOLE, [(y[0], y[1] + 26) for y in lift], scale=1.035, skew=-40)
    toe = 92.0 if not rubber else 84.0
    r2 = loop(
        -252,
        293,
        [(0, 66), (0.3, 92), (0.5, 92), (0.75, 74), (1, 64)],
        [(0, toe + 22), (0.25, 128), (0.5, 136), (1, 142)],
        skew=-30,
    )
    r3 = loop(
        -186,
        286,
        [(0, 56), (0.3, 70), (0.5, 72), (0.75, 68), (1, 58)],
        [(0, toe + 52), (0.25, 168), (0.5, 192), (0.75, 184), (1, 196)],
        skew=-20,
    )
    collar = [(0, 160), (0.2, 184), (0.42, 226), (0.56, 224), (0.72, 206), (0.86, 222), (1, 246)]
    r4 = loop(
        -112, 284, [(0, 22), (0.2, 26), (0.42, 30), (0.56, 52), (0.72, 60), (1, 46)], collar, ends=(2.6, 2.2)
    )
    controls = [r0, r1, r2, r3, r4]
    if high:
        controls[4] = loop(
            -112,
            285,
            [(0, 30), (0.25, 38), (0.45, 50), (0.7, 62), (1, 48)],
            [(0, 160), (0.3, 206), (0.5, 244), (1, 244)],
            ends=(2.6, 2.2),
        )
        controls.append(
            loop(
                -40,
                272,
                [(0, 26), (0.3, 44), (0.6, 60), (1, 48)],
                [(0, 236), (0.3, 284), (0.6, 300), (1, 300)],
                ends=(2.4, 2.2),
            )
        )
        controls.append(
            loop(
                28,
                276,
                [(0, 24), (0.3, 42), (0.6, 60), (1, 48)],
                [(0, 322), (0.3, 338), (0.6, 340), (1, 352)],
                ends=(2.4, 2.2),
            )
        )
    upper = rings(np.stack(controls), 44 if not high else 56)
    art = _sneaker_art(spec, style)
    paint = over(cloth(spec, wrinkle=0.7), art, _side)
    lining = plain(darker(str(spec.get("lining", spec.color)), 0.3), 0.0, high=0.2)
    m.add(upper, paint, away=(0, 100, 0), closed=True, lining=lining)
    top = upper[-1]
    # a padded collar
    rim = top[np.r_[22:51]] if not high else top[np.r_[16:57]]
    bar(m, rim, cloth(spec, darker(spec.color, 0.1), wrinkle=0.4), 13, 13, n=40)
    if rubber:
        cap = _bumper(upper, -192.0)
        m.add(cap, plain(base, 0.35), away=(-150, 40, 0), density=1.0)
    _tongue_and_laces(m, spec, upper, high)
    m.add(
        lid(grown(r0, -8, dy=6)), plain(darker(base, 0.35), 0.0), toward=(0, 1, 0), closed=True, density=0.4
    )
    wall = _sole_paint(spec, base, runner, rubber)
    sole(m, r0, wall, welt=9 if not runner else 12, belly=5 if runner else 1.5)
    m.pair = (40.0, 0.0, -272.0)
    return m


def _bumper(upper: Array, limit: float) -> Array:
    """A rubber cap over the toe up to x = limit: the upper's own surface, a little larger."""
    rows = upper[1 : max(int(np.searchsorted(upper[:, 0, 0], limit)), 3)].astype(np.float64)
    out = []
    for row in rows:
        end = int(np.argmax(row[:, 0] > limit))
        end = end - 1 + (limit - row[end - 1, 0]) / (row[end, 0] - row[end - 1, 0])
        at = np.linspace(-end, end, 31) % ROUND
        out.append(np.stack([np.interp(at, np.arange(ROUND + 1), row[:, k]) for k in range(3)], -1))
    part = np.array(out)
    d = part - np.array([-150.0, 40.0, 0.0])
    return (part + d / np.linalg.norm(d, axis=-1, keepdims=True) * 3.2).astype(np.float32)


def _sneaker_art(spec: Spec, style: str) -> Art:
    """Panels, stitches and stripes as on the flat drawing."""
    art = Art()
    base, accent = spec.color, spec.second
    top_y = 300.0 if style == "high" else 398.0
    if style == "runner":
        wave: Shape = [
            [(300, 600), (380, 500), (470, 452), (560, 440)],
            [(560, 440), (590, 462)],
            [(590, 462), (500, 492), (430, 540), (392, 600)],
            [(392, 600), (300, 600)],
        ]
        mud = darker(base, 0.22) if luminance(base) > 0.2 else lighter(base, 0.15)
        art.fill(
            [[(90, 620), (80, 540), (126, 514), (190, 524), (236, 550), (268, 620)], [(268, 620), (90, 620)]],
            mud,
            2.5,
        )
        art.sewn([(100, 530), (188, 534), (230, 558), (256, 610)], mud)
        art.fill(wave, accent, 2.5)
        art.sewn([(322, 590), (390, 510), (480, 464), (560, 450)], accent)
        art.fill(
            [
                [(600, 470), (650, 430), (720, 420)],
                [(720, 420), (720, 610)],
                [(720, 610), (640, 610), (612, 540), (600, 470)],
            ],
            mud,
            2.5,
        )
        art.sewn([(610, 470), (624, 540), (650, 600)], mud)
    elif style in ("canvas", "high"):
        art.sewn([(486, top_y + 60), (440, 470), (416, 610)], base)
        art.sewn([(496, top_y + 60), (450, 470), (426, 610)], base)
    else:
        art.sewn([(100, 548), (190, 520), (262, 546), (300, 620)], base)
        for k in range(4):
            for j in range(3):
                x, y = 196 + 17 * k, 524 + 13 * j - 5 * k
                art.fill(
                    [[(x + 2.8, y), (x, y + 2.8), (x - 2.8, y), (x, y - 2.8), (x + 2.8, y)]],
                    darker(base, 0.5),
                    -3,
                )
        if spec.get("stripe", True):
            stripe: Shape = [
                [(396, 610), (440, 540), (490, 500), (560, 466)],
                [(560, 466), (588, 482)],
                [(588, 482), (520, 512), (474, 550), (436, 610)],
                [(436, 610), (396, 610)],
            ]
            art.fill(stripe, accent, 2.2)
        art.sewn([(600, 440), (616, 520), (606, 610)], base)
    # heel counter
    if style != "runner":
        tab = accent if style != "canvas" else base
        tall = top_y - 20
        art.fill(
            [
                [(646, tall), (640, 460), (652, 500)],
                [(652, 500), (720, 500)],
                [(720, 500), (720, tall)],
                [(720, tall), (646, tall)],
            ],
            tab,
            2.4,
        )
        art.sewn([(653, tall), (647, 456), (658, 492), (720, 492)], tab)
    # eyestay
    stay: Shape = [
        [(262, 492), (300, 470), (390, 426), (444, top_y + 6), (462, top_y - 24)],
        [(462, top_y - 24), (520, top_y + 26)],
        [(520, top_y + 26), (470, 440), (410, 476), (330, 510), (280, 516)],
        [(280, 516), (262, 492)],
    ]
    tone = base if style in ("canvas", "high") else lighter(base, 0.06)
    art.fill(stay, tone, 2.2)
    art.sewn([(278, 508), (330, 502), (406, 468), (464, 434), (510, top_y + 30)], tone)
    return art


def _sole_paint(spec: Spec, base: str, runner: bool, rubber: bool) -> Paint:
    """The sole's side: a foxing line, a coloured stripe, and grooves of the tread near the floor."""
    art = Art()
    if rubber:
        art.line([(0, 612), (800, 602)], 5, spec.second, 0.4)
    elif runner:
        art.line([(60, 606), (330, 604), (560, 584), (760, 556)], 9, spec.second, -1.5)
    else:
        art.line([(0, 606), (800, 600)], 2.2, darker(base, 0.35), -1.5, 0.6)
    for k in range(60):
        x = 90 + k * 10.5
        art.line([(x, 632), (x + 2, 642)], 4.5, darker(base, 0.5), -3, 0.6)
    return over(plain(base, 0.14, high=0.04), art, _all_sides)


def _tongue_and_laces(m: Model, spec: Spec, upper: Array, high: bool) -> None:
    """The tongue in the slit, flat laces from eyelet to eyelet and the bow on top."""
    if high:
        line = np.array([[-120, 156], [-60, 206], [0, 270], [34, 330], [30, 372]], float)
    else:
        line = np.array([[-128, 148], [-60, 178], [0, 206], [48, 236], [78, 286]], float)
    n = 16
    mid = spline(line, n)
    across = np.linspace(-1, 1, 13)
    half = np.interp(np.linspace(0, 1, n), [0, 0.5, 0.85, 1], [34, 42, 46, 30])
    x = mid[:, :1] + 10 * across**2
    y = mid[:, 1:] - 13 * across**2
    z = across * half[:, None]
    tongue = np.stack([x, y, z], -1)
    tone = cloth(spec, darker(spec.color, 0.08), wrinkle=0.8)
    m.add(tongue, tone, toward=(-0.6, 1, 0), lining=tone)
    edge = np.concatenate([tongue[:, 0], tongue[-1], tongue[::-1, -1]])
    bar(m, edge, tone, 7, 9, n=44)
    lace = rope(str(spec.get("laces", "#f6f5f1")))
    count = 7 if high else 6
    d = np.gradient(mid, axis=0)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    up = np.stack([-d[:, 1], d[:, 0]], 1)
    up *= np.sign(up[:, 1:])
    eye = metal("#8d8d90" if luminance(spec.color) > 0.3 else "#cfcfd2")
    places = np.linspace(0.8, (n - 1) * (0.84 if high else 0.78), count)
    spots = []
    for p in places:
        k = int(p)
        c = mid[k] + (mid[min(k + 1, n - 1)] - mid[k]) * (p - k)
        spots.append((c, up[k]))
    for k, (c, u) in enumerate(spots):
        reach = 44 + 5 * (k / count)
        for s in (-1, 1):
            e = np.array([c[0] + 10, c[1] - 6 + u[1] * 5, s * reach])
            ring = np.stack(
                [
                    e[0] + 5.2 * np.cos(np.linspace(0, 2 * np.pi, 13)) * 0.9,
                    e[1] + 5.2 * np.cos(np.linspace(0, 2 * np.pi, 13)) * 0.5,
                    e[2] + 5.2 * np.sin(np.linspace(0, 2 * np.pi, 13)),
                ],
                -1,
            )
            m.add(swept(ring, 3.6, sides=6, up=(0, 1, 0.01)), eye, away=e, closed=True, density=0.6)
            if k + 1 < count:
                c2, u2 = spots[k + 1]
                path = [
                    (e[0] - 2, e[1] + 3, e[2]),
                    (
                        c[0] + u[0] * 13 + (c2[0] - c[0]) * 0.25,
                        c[1] + u[1] * 12 + (c2[1] - c[1]) * 0.25,
                        s * reach * 0.5,
                    ),
                    (
                        c2[0] + u2[0] * 14 - (c2[0] - c[0]) * 0.25,
                        c2[1] + u2[1] * 13 - (c2[1] - c[1]) * 0.25 + (2.5 if s > 0 else 0),
                        -s * reach * 0.5,
                    ),
                    (c2[0] + 8, c2[1] - 2, -s * (reach + 1)),
                ]
                bar(m, path, lace, 10, 4, up=(u[0], u[1], 0), n=14)
    # the bow
    c, u = spots[-1]
    at = np.array([c[0] + u[0] * 12, c[1] + u[1] * 12, 0.0])
    for s in (-1, 1):
        loop_ = [
            at,
            at + (-6, 14, s * 34),
            at + (-24, 6, s * 66),
            at + (-34, -16, s * 62),
            at + (-16, -2, s * 26),
            at,
        ]
        bar(m, loop_, lace, 8, 4, up=(0.3, 1, 0), n=24)
        bar(
            m,
            [at, at + (-16, 6, s * 18), at + (-46, -16, s * 40), at + (-62, -44, s * 58)],
            lace,
            8,
            4,
            up=(0.5, 1, 0),
            n=16,
        )
    knot = [at + (0, -3, -8), at + (-3, 4, 0), at + (0, -3, 8)]
    bar(m, knot, lace, 12, 10, n=8)
