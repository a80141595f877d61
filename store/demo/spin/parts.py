"""What shoes are made of besides their uppers: heels, welts, stitches, laces, straps, buckles and bows."""
# ruff: noqa: RUF005  points are arrays: + moves them

from collections.abc import Sequence

import numpy as np

from store.demo.drawing.geometry import darker
from store.demo.drawing.spec import Spec
from store.demo.spin.footwear import _all_sides, bar
from store.demo.spin.mesh import Array, Model, Paint, lid, rings, spline, swept
from store.demo.spin.paint import Art, metal, over, plain, rope

GOLD = "#c9a24b"
SKIN = "#d8bfa2"  # the lining of pumps


def block(m: Model, top: Array, bottom: Array, paint: Paint) -> None:
    """A heel between two rings."""
    body = rings(np.stack([top, (top * 0.6 + bottom * 0.4), bottom]), 10)
    m.add(body, paint, away=body.mean((0, 1)), closed=True)
    m.add(lid(bottom), plain("#26221f", 0.05), toward=(0, -1, 0), closed=True, density=0.4)


def welt_paint(spec: Spec, base: str, tread: bool) -> Paint:
    """A sole's side: stitches on the welt, a line where the layers meet, grooves of the tread."""
    art = Art()
    if tread:
        for k in range(46):
            x = 90 + k * 13.5
            art.line([(x, 630), (x + 2, 642)], 6, darker(base, 0.6), -3, 0.7)
    return over(plain(base, 0.2, high=0.03), art, _all_sides)


def stitches(m: Model, ring: Array, color: str) -> None:
    """A row of stitches on top of the welt."""
    p = spline(ring[:-1], 132, closed=True)
    for k in range(0, 130, 2):
        seg = np.stack([p[k], (p[k] + p[k + 1]) / 2, p[k + 1]])
        m.add(swept(seg, 2.6, sides=4, up=(0, 1, 0)), plain(color), away=seg[1], closed=True, density=0.3)


def front_laces(m: Model, spec: Spec, upper: Array, rows: Sequence[int], lace: str, eye: str) -> None:
    """Laces that cross over the instep and up the shaft, from eyelet to eyelet, with a bow on top."""
    paint = rope(lace)
    spots = []
    for r in rows:
        mid = upper[r, 0].astype(np.float64)
        d = (upper[min(r + 2, len(upper) - 1), 0] - upper[r - 2, 0]).astype(np.float64)
        d /= np.linalg.norm(d)
        out = np.array([-d[1], d[0], 0.0])
        if out[0] > 0 and out[1] < 0:
            out = -out
        line = upper[r]
        reach = 40.0
        k = next((j for j in range(1, 20) if abs(line[j, 2]) > reach), 12)
        side = line[k].astype(np.float64)
        spots.append((mid, out, np.array([side[0], side[1], reach])))
    for i, (mid, out, e) in enumerate(spots):
        for s in (1, -1):
            at = e * (1, 1, s) + out * 4
            a = np.linspace(0, 2 * np.pi, 11)
            t = np.array([-out[1], out[0], 0.0])
            tilt = np.array([0.5, 0.3, 0.8 * s])
            tilt -= tilt @ out * out
            ring = at + np.cos(a)[:, None] * t * 5 + np.sin(a)[:, None] * np.cross(out, t) * 5
            m.add(swept(ring, 3.4, sides=6, up=out), metal(eye), away=at, closed=True, density=0.6)
            if i + 1 < len(spots):
                mid2, out2, e2 = spots[i + 1]
                lift = 3.0 if s > 0 else 0.0
                path = [
                    at,
                    mid * 0.7 + mid2 * 0.3 + out * (8 + lift) + (0, 0, s * 18),
                    mid * 0.3 + mid2 * 0.7 + out2 * (8 + lift) + (0, 0, -s * 18),
                    e2 * (1, 1, -s) + out2 * 4,
                ]
                bar(m, path, paint, 8, 5, up=tuple(out), n=12)
    mid, out, _ = spots[-1]
    at = mid + out * 10
    for s in (-1, 1):
        bow = [
            at,
            at + (-16, 10, s * 34),
            at + (-26, -14, s * 66),
            at + (-24, -30, s * 56),
            at + (-12, -12, s * 22),
            at,
        ]
        bar(m, bow, paint, 7, 4, up=(-1, 0.2, 0), n=24)
        bar(
            m,
            [at, at + (-18, -20, s * 18), at + (-26, -60, s * 34), at + (-24, -96, s * 36)],
            paint,
            7,
            4,
            up=(-1, 0.2, 0),
            n=16,
        )
    bar(m, [at + (0, 0, -9), at + (-5, 0, 0), at + (0, 0, 9)], paint, 11, 9, n=8)


def hoop(
    m: Model,
    x: float,
    y: float,
    half: float,
    tall: float,
    paint: Paint,
    width: float,
    *,
    dx: float = 0.0,
    thick: float = 6.0,
    z0: float = 0.0,
    cross: float = 0.0,
) -> Array:
    """A strap over the foot, from one edge of the sole to the other; leans back by dx, across by `cross`."""
    a = np.linspace(-0.06 * np.pi, 1.06 * np.pi, 40)
    c, s = np.cos(a), np.sin(a)
    rise = np.sign(s) * np.abs(s) ** 0.72
    path = np.stack(
        [x + dx * np.clip(s, 0, 1) + cross * c, y + tall * rise, z0 + half * np.sign(c) * np.abs(c) ** 0.8],
        -1,
    )
    up = np.stack([np.zeros_like(c), s * half / max(tall, 1) + 0.15, c], -1)
    up = np.concatenate([up])
    grid = swept(path, width, thick, up=up, sides=12, square=3.2)
    m.add(grid, paint, away=(x, y + tall * 0.4, z0), closed=True)
    return path


def buckle(
    m: Model,
    at: Array,
    size: float,
    out: Sequence[float],
    color: str = GOLD,
    along: Sequence[float] = (1, 0, 0),
) -> None:
    """A square buckle with its pin."""
    n = np.asarray(out, float)
    n /= np.linalg.norm(n)
    u = np.asarray(along, float)
    u = u - u @ n * n
    u /= np.linalg.norm(u)
    v = np.cross(n, u)
    q = (
        np.array(
            [
                (-1, -1.2),
                (0, -1.25),
                (1, -1.2),
                (1.08, 0),
                (1, 1.2),
                (0, 1.25),
                (-1, 1.2),
                (-1.08, 0),
                (-1, -1.2),
                (0, -1.25),
            ]
        )
        * size
    )
    ring = at + q[:, :1] * u + q[:, 1:] * v + n * 3
    m.add(swept(ring, size * 0.36, sides=8, n=48, up=n), metal(color), away=at, closed=True)
    pin = np.stack([at - u * size + n * 4, at + n * 6, at + u * size + n * 5])
    m.add(swept(pin, size * 0.28, sides=6, n=6, up=n), metal(color), away=pin.mean(0), closed=True)


def bow(m: Model, at: Array, paint: Paint, size: float) -> None:
    for s in (-1, 1):
        a = np.linspace(0, 2 * np.pi, 40)
        lobe = at + np.stack(
            [
                -size * 0.18 * np.sin(a) * (1 - np.cos(a)),
                size * 0.42 * np.sin(a),
                s * size * 0.62 * (1 - np.cos(a)),
            ],
            -1,
        )
        m.add(
            swept(lobe, size * 0.5, 5, up=(0, 1, 0.01), sides=10, square=3),
            paint,
            away=lobe.mean(0),
            closed=True,
        )
    knot = at + np.array([(0, -size * 0.3, 0), (-size * 0.25, 0, 0), (0, size * 0.3, 0)])
    m.add(swept(knot, size * 0.5, size * 0.4, n=10, up=(1, 0, 0)), paint, away=at, closed=True)
