"""Outlines as runs of points, and colours as hex strings: the small geometry under every drawing.

A run is a list of (x, y) points joined by a smooth curve; a shape is a list of runs that meet in corners.
Garments are drawn in a frame of about 800 x 1000 units, centre line at x = 400.
"""

import itertools
import math
from collections.abc import Iterable, Sequence

Point = tuple[float, float]
Run = list[Point]
Shape = list[Run]
CENTRE = 400.0


def flip(run: Sequence[Point]) -> Run:
    """A run mirrored at the centre line, in the opposite direction."""
    return [(2 * CENTRE - x, y) for x, y in reversed(run)]


def mirrored(shape: Shape) -> Shape:
    """The same shape on the other side of the centre line."""
    return [flip(run) for run in reversed(shape)]


def whole(half: Shape) -> Shape:
    """Close a half outline (from the centre line at the top, round the right side, to the centre line below)."""
    return [*half, *mirrored(half)]


def poly(*points: Point) -> Shape:
    """A shape of straight edges."""
    ring = [*points, points[0]]
    return [[a, b] for a, b in itertools.pairwise(ring)]


def ellipse(x: float, y: float, rx: float, ry: float, tilt: float = 0.0) -> Shape:
    """An ellipse about (x, y), turned by `tilt` degrees."""
    c, s = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    ring = []
    for i in range(17):
        a = 2 * math.pi * i / 16
        u, v = rx * math.cos(a), ry * math.sin(a)
        ring.append((x + u * c - v * s, y + u * s + v * c))
    return [ring]


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0.0) -> Shape:
    """A rectangle with corners rounded by `r`."""
    if r <= 0:
        return poly((x0, y0), (x1, y0), (x1, y1), (x0, y1))
    k = r * 0.3
    return [
        [(x0 + r, y0), (x1 - r, y0)],
        [(x1 - r, y0), (x1 - k, y0 + k), (x1, y0 + r)],
        [(x1, y0 + r), (x1, y1 - r)],
        [(x1, y1 - r), (x1 - k, y1 - k), (x1 - r, y1)],
        [(x1 - r, y1), (x0 + r, y1)],
        [(x0 + r, y1), (x0 + k, y1 - k), (x0, y1 - r)],
        [(x0, y1 - r), (x0, y0 + r)],
        [(x0, y0 + r), (x0 + k, y0 + k), (x0 + r, y0)],
    ]


def band(run: Sequence[Point], width: float, end: float | None = None) -> Shape:
    """A strap of `width` along a run, tapering to `end` where given."""
    points = flatten(run, 6)
    left: Run = []
    right: Run = []
    for i, (x, y) in enumerate(points):
        ax, ay = points[max(i - 1, 0)]
        bx, by = points[min(i + 1, len(points) - 1)]
        d = math.hypot(bx - ax, by - ay) or 1.0
        nx, ny = -(by - ay) / d, (bx - ax) / d
        w = width + ((end if end is not None else width) - width) * i / max(len(points) - 1, 1)
        left.append((x + nx * w / 2, y + ny * w / 2))
        right.append((x - nx * w / 2, y - ny * w / 2))
    right.reverse()
    return [left, [left[-1], right[0]], right, [right[-1], left[0]]]


def beziers(run: Sequence[Point]) -> list[tuple[Point, Point, Point]]:
    """Catmull-Rom through the run's points as cubic segments (control, control, end)."""
    out = []
    n = len(run)
    closed = n > 3 and run[0] == run[-1]
    for i in range(n - 1):
        p1, p2 = run[i], run[i + 1]
        p0 = run[i - 1] if i else (run[-2] if closed else p1)
        p3 = run[i + 2] if i + 2 < n else (run[1] if closed else p2)
        c1 = (p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        c2 = (p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        out.append((c1, c2, p2))
    return out


def flatten(run: Sequence[Point], steps: int = 8) -> Run:
    """The run as a polyline."""
    if len(run) < 3:
        return list(run)
    points = [run[0]]
    at = run[0]
    for c1, c2, end in beziers(run):
        for k in range(1, steps + 1):
            t = k / steps
            u = 1 - t
            a, b, c, d = u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t
            points.append(
                (
                    a * at[0] + b * c1[0] + c * c2[0] + d * end[0],
                    a * at[1] + b * c1[1] + c * c2[1] + d * end[1],
                )
            )
        at = end
    return points


def outline(shape: Shape, steps: int = 8) -> Run:
    """The whole shape as one polygon."""
    points: Run = []
    for run in shape:
        points.extend(flatten(run, steps))
    return points


def path_data(shape: Iterable[Sequence[Point]], close: bool = True) -> str:
    """The `d` of an SVG path."""
    out: list[str] = []
    last: Point | None = None
    for run in shape:
        if last is None:
            out.append(f"M{run[0][0]:.1f} {run[0][1]:.1f}")
        elif math.dist(last, run[0]) > 0.05:
            out.append(f"L{run[0][0]:.1f} {run[0][1]:.1f}")
        if len(run) == 2:
            out.append(f"L{run[1][0]:.1f} {run[1][1]:.1f}")
        else:
            out.extend(
                f"C{a[0]:.1f} {a[1]:.1f} {b[0]:.1f} {b[1]:.1f} {e[0]:.1f} {e[1]:.1f}"
                for a, b, e in beziers(run)
            )
        last = run[-1]
    return "".join(out) + ("Z" if close else "")


def rgb(color: str) -> tuple[int, int, int]:
    """(r, g, b), 0..255, of "#rrggbb"."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(a: str, b: str, t: float) -> str:
    """`a` with a share `t` (0..1) of `b`."""
    return "#" + "".join(f"{round(p + (q - p) * t):02x}" for p, q in zip(rgb(a), rgb(b), strict=True))


def darker(color: str, t: float = 0.3) -> str:
    """Towards a warm black."""
    return mix(color, "#120d0c", t)


def lighter(color: str, t: float = 0.3) -> str:
    """Towards white."""
    return mix(color, "#ffffff", t)


def luminance(color: str) -> float:
    """Perceived lightness, 0..1."""
    r, g, b = rgb(color)
    return (0.299 * r + 0.587 * g + 0.114 * b) / 255
