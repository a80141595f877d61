"""Surfaces of products in the round: grids of points that are lofted, swept along paths and painted.

Units are those of the flat drawings (a frame of about 800 x 1000); x goes to the viewer's right, y up from the
floor and z to the viewer. A grid is (rows, columns, 3) float32; its texture has rows and columns the same way round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

Array = np.ndarray


@dataclass
class Coat:
    """What covers a surface, at texture size: colour (h, w, 3) 0..255, relief (h, w) in units and gloss (h, w) 0..1."""

    color: Array
    relief: Array | None = None
    gloss: Array | float = 0.0


Paint = Callable[[Array, Array, Array], Coat]
"""From points (h, w, 3), normals (h, w, 3) and lengths along the surface (h, w, 2: along the columns' direction, then
the rows') to the coat."""


@dataclass
class Patch:
    """One painted surface; `closed` says that its last column is its first."""

    grid: Array
    paint: Paint
    closed: bool = False
    density: float = 1.0


@dataclass
class Model:
    """A product in the round. `pair`: the other shoe, mirrored at z = 0, stands at this offset; `tilt` is how far the
    camera looks down, in degrees; `lift` is the height above the floor."""

    patches: list[Patch] = field(default_factory=list)
    pair: tuple[float, float, float] | None = None
    tilt: float = 9.0
    lift: float = 0.0

    def add(
        self,
        grid: ArrayLike,
        paint: Paint,
        *,
        away: ArrayLike | None = None,
        toward: ArrayLike | None = None,
        closed: bool = False,
        density: float = 1.0,
        lining: Paint | None = None,
    ) -> None:
        """Put a surface on, its outer side away from a point or toward a direction; `lining` paints its inner side."""
        points = np.asarray(grid, np.float32)
        if away is not None or toward is not None:
            n = facets(points)
            mid = (points[1:, 1:] + points[:-1, :-1]) / 2
            aim = mid - np.asarray(away, np.float32) if away is not None else np.asarray(toward, np.float32)
            if float((n * aim).sum()) < 0:
                points = points[:, ::-1]
        points = np.ascontiguousarray(points)
        self.patches.append(Patch(points, paint, closed, density))
        if lining is not None:
            self.patches.append(Patch(np.ascontiguousarray(points[::-1]), lining, closed, density * 0.5))


def facets(grid: Array) -> Array:
    """(rows - 1, columns - 1, 3): each facet's normal, as long as its area."""
    a = grid[1:, 1:] - grid[:-1, :-1]
    b = grid[1:, :-1] - grid[:-1, 1:]
    return np.cross(a, b)


def normals(grid: Array, closed: bool) -> Array:
    """Unit normals (rows, columns, 3) at the points of a grid."""
    f = facets(grid)
    f = np.concatenate([f[:1], f, f[-1:]], 0)
    f = np.concatenate([f[:, -1:], f, f[:, :1]], 1) if closed else np.concatenate([f[:, :1], f, f[:, -1:]], 1)
    n = f[1:, 1:] + f[:-1, 1:] + f[1:, :-1] + f[:-1, :-1]
    return (n / np.maximum(np.linalg.norm(n, axis=-1, keepdims=True), 1e-9)).astype(np.float32)


def spline(points: ArrayLike, n: int, closed: bool = False) -> Array:
    """(n, k): a Catmull-Rom curve through points (m, k), evenly spaced in its parameter; (n, ...) for (m, ...)."""
    p = np.asarray(points, np.float64)
    m = len(p)
    if m == 2 and not closed:
        t = np.linspace(0, 1, n).reshape((-1,) + (1,) * (p.ndim - 1))
        return p[0] + (p[1] - p[0]) * t
    t = np.linspace(0, m if closed else m - 1, n)
    i = np.minimum(t.astype(int), (m if closed else m - 1) - 1)
    f = (t - i).reshape((-1,) + (1,) * (p.ndim - 1))

    def at(k: Array) -> Array:
        return p[k % m] if closed else p[np.clip(k, 0, m - 1)]

    a, b, c, d = at(i - 1), at(i), at(i + 1), at(i + 2)
    out: Array = b + 0.5 * f * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))
    return out


def along(table: Sequence[Sequence[float]], x: ArrayLike) -> Array:
    """A smooth function given by a table of (x, value), read at `x`: monotone cubic between its entries."""
    t = np.asarray(table, np.float64)
    xs, ys = t[:, 0], t[:, 1]
    q = np.clip(np.asarray(x, np.float64), xs[0], xs[-1])
    d = np.diff(ys) / np.diff(xs)
    m = np.zeros(len(xs))
    for k in range(1, len(xs) - 1):
        m[k] = 0.0 if d[k - 1] * d[k] <= 0 else 2 * d[k - 1] * d[k] / (d[k - 1] + d[k])
    m[0], m[-1] = d[0], d[-1]
    i = np.clip(np.searchsorted(xs, q, side="right") - 1, 0, len(xs) - 2)
    h = xs[i + 1] - xs[i]
    f = (q - xs[i]) / h
    out: Array = (
        ys[i] * (1 + 2 * f) * (1 - f) ** 2
        + m[i] * h * f * (1 - f) ** 2
        + ys[i + 1] * f * f * (3 - 2 * f)
        + m[i + 1] * h * f * f * (f - 1)
    )
    return out


def swept(
    path: ArrayLike,
    width: ArrayLike,
    thick: ArrayLike | None = None,
    *,
    up: ArrayLike = (0.0, 0.0, 1.0),
    n: int | None = None,
    sides: int = 12,
    square: float = 2.0,
) -> Array:
    """(n, sides + 1, 3): a closed tube or strap along a path (m, 3). `width` lies across the path and across `up`,
    `thick` (the width where None) along `up`; `square` is the section's exponent: 2 round, 4 a strap."""
    p = np.asarray(path, np.float64)
    if n is not None:
        p = spline(p, n)
    k = len(p)
    w = np.broadcast_to(np.asarray(width, np.float64), (k,)) if np.ndim(width) == 0 else _fit(width, k)
    t = (
        w
        if thick is None
        else (np.broadcast_to(np.asarray(thick, np.float64), (k,)) if np.ndim(thick) == 0 else _fit(thick, k))
    )
    tangent = np.gradient(p, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    u = np.broadcast_to(np.asarray(up, np.float64), p.shape)
    u = u - (u * tangent).sum(1, keepdims=True) * tangent
    u /= np.maximum(np.linalg.norm(u, axis=1, keepdims=True), 1e-6)
    side = np.cross(tangent, u)
    a = np.linspace(0, 2 * np.pi, sides + 1)
    c, s = np.cos(a), np.sin(a)
    c, s = np.sign(c) * np.abs(c) ** (2 / square), np.sign(s) * np.abs(s) ** (2 / square)
    grid = (
        p[:, None]
        + side[:, None] * (c[None, :, None] * w[:, None, None] / 2)
        + u[:, None] * (s[None, :, None] * t[:, None, None] / 2)
    )
    grid[:, -1] = grid[:, 0]
    return np.concatenate([_point(grid[0]), grid, _point(grid[-1])]).astype(np.float32)


def _fit(values: ArrayLike, n: int) -> Array:
    v = np.asarray(values, np.float64)
    return np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(v)), v)


def _point(ring: Array) -> Array:
    """A ring shrunk to its middle: closes a tube."""
    return np.broadcast_to(ring[:-1].mean(0), ring.shape)[None]


def lid(ring: ArrayLike, height: float = 0.0, n: int = 6, power: float = 2.0) -> Array:
    """(n, columns, 3): a ring's surface closed to its middle, bulging up by `height`."""
    r = np.asarray(ring, np.float64)
    mid = r[:-1].mean(0)
    t = np.linspace(1, 0, n)[:, None, None]
    out: Array = mid + (r - mid) * t
    out[..., 1] += height * (1 - t[..., 0] ** power)
    return out.astype(np.float32)


def rings(controls: ArrayLike, n: int) -> Array:
    """(n, columns, 3): a surface through control rings (m, columns, 3), smooth from one to the next."""
    return spline(controls, n).astype(np.float32)


def panel(shape: ArrayLike, n: int = 24) -> Array:
    """(2, n, 3)-like strip between two runs of points (2, m, 3), resampled to n columns."""
    s = np.asarray(shape, np.float64)
    return np.stack([spline(run, n) for run in s]).astype(np.float32)


def turned(points: ArrayLike, degrees: float, axis: str = "y") -> Array:
    """Points (..., 3) turned about an axis through the origin."""
    a = np.radians(degrees)
    c, s = np.cos(a), np.sin(a)
    m = {
        "y": [[c, 0, s], [0, 1, 0], [-s, 0, c]],
        "x": [[1, 0, 0], [0, c, -s], [0, s, c]],
        "z": [[c, -s, 0], [s, c, 0], [0, 0, 1]],
    }[axis]
    return np.asarray(points, np.float64) @ np.asarray(m).T
