"""What is sewn to a dress in the round: its seams, sleeves, straps, collar, buttons and belt."""
# ruff: noqa: RUF005  points are arrays: + moves them

import numpy as np

from store.demo.drawing.geometry import darker
from store.demo.drawing.spec import Spec
from store.demo.spin.figure import COLUMNS, NECK_Y, Figure
from store.demo.spin.footwear import bar
from store.demo.spin.mesh import Array, Model, Paint, along, rings, spline, swept
from store.demo.spin.paint import Art, Spot, cloth, ink, over, plain, raised


def flat_spot(f: Figure, sign: int) -> Spot:
    """Art as in the flat drawing, on the front (sign 1) or the back (-1)."""

    def spot(points: Array, normal: Array, lengths: Array) -> tuple[Array, Array, Array | None]:
        return 400 + sign * points[..., 0], f.hem - points[..., 1], None

    return spot


def front_art(spec: Spec, f: Figure, style: str) -> Art:
    """Seams, hem, placket and wrap edge of the front."""
    art = Art(0, 0, 800, 1220)
    base = spec.color
    joined = style in ("slip", "sheath", "knit")
    if not joined:
        art.line([(200, f.waist_y - 1), (400, f.waist_y), (600, f.waist_y - 1)], 5, ink(base), -3.0, 0.28)
    for y in f.tiers:
        art.line([(0, y), (800, y)], 4.5, ink(base), -3.0, 0.25)
    art.line([(0, f.hem - 20), (800, f.hem - 20)], 1.6, ink(base), -0.8, 0.3)
    if style == "shirt":
        for x in (384, 416):
            art.line([(x, 180), (x, f.hem)], 1.8, ink(base), -1.6, 0.45)
        art.fill(
            [
                [(385, 180), (415, 180)],
                [(415, 180), (415, f.hem)],
                [(415, f.hem), (385, f.hem)],
                [(385, f.hem), (385, 180)],
            ],
            base,
            1.8,
            0.0,
        )
    elif style == "wrap":
        run = [(400 - f.neck + 4, 160), (392, 282), (400 + 74, f.waist_y - 12)]
        art.line(run, 6, ink(base), -3.2, 0.4)
        art.line([(x + 7, y + 4) for x, y in run], 9, base, 2.0, 0.0)
        low = [(400 + 66, f.waist_y + 6), (400 + 76, f.waist_y + 160), (400 + 122, f.hem + 6)]
        art.line(low, 6, ink(base), -3.5, 0.4)
        art.line([(x - 8, y) for x, y in low], 10, base, 2.4, 0.0)
    elif spec.material not in ("knit",) and not spec.kids:
        for s in (-1, 1):
            art.line(
                [(400 + s * 58, f.waist_y - 4), (400 + s * 62, f.waist_y - 108)], 3.4, ink(base), -2.2, 0.3
            )
    return art


def back_art(spec: Spec, f: Figure) -> Art:
    """Seams, hem and zip of the back."""
    art = Art(0, 0, 800, 1220)
    base = spec.color
    if spec.get("dress") not in ("slip", "sheath", "knit"):
        art.line([(200, f.waist_y - 1), (400, f.waist_y), (600, f.waist_y - 1)], 5, ink(base), -3.0, 0.28)
    for y in f.tiers:
        art.line([(0, y), (800, y)], 4.5, ink(base), -3.0, 0.25)
    art.line([(0, f.hem - 20), (800, f.hem - 20)], 1.6, ink(base), -0.8, 0.3)
    if spec.get("dress") not in ("knit", "shirt", "wrap"):
        art.line([(400, 150), (400, f.waist_y + 120)], 3.0, ink(base), -2.0, 0.4)
        art.fill(
            [
                [(396, 170), (404, 170)],
                [(404, 170), (404, 186)],
                [(404, 186), (396, 186)],
                [(396, 186), (396, 170)],
            ],
            "#b9bbbe",
            1.5,
        )
    for s in (-1, 1):
        art.line(
            [(400 + s * 52, f.waist_y + 70), (400 + s * 56, f.waist_y - 110)], 3.0, ink(base), -2.0, 0.25
        )
    return art


def arms(
    m: Model,
    spec: Spec,
    f: Figure,
    front: Array,
    back: Array,
    first: int,
    main: Paint,
    inside: Paint,
    trim: Paint,
) -> None:
    """Sleeves set into the armholes, or the armholes bound."""
    sleeve = spec.sleeve or "sleeveless"
    for s, e in ((-1, 0), (1, -1)):
        hole = np.concatenate([front[first - 1 :, e], back[first - 1 :, e][::-1][1:]]).astype(np.float64)
        if sleeve == "sleeveless":
            bar(m, np.concatenate([hole, hole[1:3]]), trim, 6, 6, up=(s, 0.1, 0), n=70)
            continue
        n = 49
        loop_ = spline(hole, n - 1)
        loop_ = np.concatenate([loop_, loop_[:1]])
        length, end = {"short": (128.0, 62.0), "threequarter": (330.0, 50.0), "long": (478.0, 38.0)}[sleeve]
        if spec.kids:
            length *= 0.8
        puffed = spec.kids and sleeve == "short"
        tip = np.array([s * f.shoulder, float(f.high(NECK_Y + f.slope)), -8.0])
        # round each ring: from below over the front, the top, the back
        a = np.linspace(-np.pi / 2, 1.5 * np.pi, n)
        out = np.array([s * 0.30, -1.0, 0.02])
        out /= np.linalg.norm(out)
        across = np.array([s * 1.0, 0.30, 0.0])
        across /= np.linalg.norm(across)
        rows = [loop_]
        heights = [0.16, 0.34, 0.56, 0.8, 1.0]
        widths = along([(0, 66), (0.2, 64), (0.5, (64 + end) / 2 + 2), (1, end)], heights)
        if puffed:
            widths = np.array([76.0, 86.0, 86.0, 74.0, 52.0])
        for t, w in zip(heights, widths, strict=True):
            bend = np.array([0, 0, 1.0]) * 34 * max(t - 0.45, 0) ** 1.4 * (length > 250)
            c = tip + out * (length * t + 16) - across * (w * 0.86 if not puffed else w * 0.66) + bend
            if t < 0.2:
                c = c + across * 6
            ring = (
                c
                + across * (np.sin(a) * w)[:, None]
                + np.array([0, 0, 1.0]) * (np.cos(a) * w * (0.86 if t > 0.3 else 0.92))[:, None]
            )
            rows.append(ring)
        tube = rings(np.stack(rows), 60).astype(np.float64)
        share = np.linspace(0, 1, len(tube))[:, None]
        centre = tube[:, :-1].mean(1, keepdims=True)
        d = tube - centre
        d /= np.maximum(np.linalg.norm(d, axis=-1, keepdims=True), 1e-6)
        ang = a[None, :]
        if length > 250:
            crush = (
                np.sin(share * 46 + 1.2 * np.sin(ang)) * np.exp(-(((share - 0.52) / 0.15) ** 2)) * 2.6
                + np.sin(share * 60 + np.cos(ang) * 1.5) * np.exp(-(((share - 0.93) / 0.07) ** 2)) * 2.0
            )
        else:
            crush = np.cos(ang * 3 + 1) * 2.4 * share
        if puffed:
            crush = crush + 3.2 * np.cos(ang * 16) * (
                np.exp(-(((share - 0.12) / 0.1) ** 2)) + np.exp(-(((share - 0.95) / 0.1) ** 2))
            )
        tube = tube + d * crush[..., None]
        tube[:, -1] = tube[:, 0]
        m.add(tube, main, away=centre.mean(0)[0], closed=True, lining=inside)
        cuff = tube[-1]
        if spec.get("dress") == "shirt" or puffed:
            low = cuff + out * (30 if not puffed else 14)
            mid = cuff.mean(0)
            band = np.stack(
                [
                    mid + (cuff - mid) * 1.04 - out * 2,
                    mid + (cuff - mid) * 1.04 + out * 12,
                    low + (low - low.mean(0)) * 0.02,
                ]
            )
            m.add(rings(band, 8), cloth(spec, wrinkle=0.1), away=mid, closed=True, lining=inside)
            cuff = band[-1]
        bar(m, np.concatenate([cuff, cuff[1:3]]), trim, 5, 5, up=tuple(out), n=70)
        bar(m, hole[2:-2], plain(ink(spec.color), 0.0), 2.4, 2.4, up=(s, 0, 0), n=60)


def bare_shoulders(
    m: Model, spec: Spec, f: Figure, front: Array, back: Array, main: Paint, trim: Paint
) -> None:
    """Thin straps, or a frill round the shoulders."""
    if spec.neckline == "straps":
        for s in (-1, 1):
            k = int(np.argmin(np.abs(front[-1, :, 0] - s * 74)))
            j = int(np.argmin(np.abs(back[-1, :, 0] - s * 58)))
            a, b = front[-1, k].astype(np.float64), back[-1, j].astype(np.float64)
            over_ = np.array([s * 64.0, float(f.high(NECK_Y - 2)), -6.0])
            path = [
                a + (0, -6, 1),
                a * (1, 0, 0.92) + (0, float(f.high(228)), -3),
                over_ + (s * 2, -18, 32),
                over_,
                over_ + (0, -24, -34),
                b * (1, 0, 0.95) + (0, float(f.high(230)), 0),
                b + (0, -4, -1),
            ]
            run = spline(np.array(path), 70)
            up = run - np.array([s * 62.0, float(f.high(270)), 0])
            up[:, 0] = s * 6
            m.add(
                swept(run, 10, 3, up=up, sides=8, square=3),
                trim,
                away=(s * 60, float(f.high(260)), 0),
                closed=True,
            )
            ring = a + np.array(
                [(7 * np.cos(t), 22 + 8 * np.sin(t), 3) for t in np.linspace(0, 2 * np.pi, 15)]
            )
            m.add(
                swept(ring, 2.6, sides=6, up=(0, 0, 1)), plain("#c9a24b", 0.9), away=ring.mean(0), closed=True
            )
        return
    a = np.linspace(-np.pi / 2, 1.5 * np.pi, 181)
    rows = []
    for y, rx, rz, frill in (
        (262, 146, 82, 0.0),
        (266, 152, 88, 0.4),
        (300, 172, 104, 0.8),
        (346, 184, 116, 1.0),
        (370, 186, 118, 1.1),
    ):
        r = 1 + 0.035 * frill * (0.7 * np.cos(22 * a + 1) + 0.4 * np.cos(29 * a))
        rows.append(
            np.stack(
                [
                    rx * r * np.cos(a),
                    f.high(y) - 10 * np.abs(np.cos(a)) ** 4 + 3 * frill * np.cos(22 * a + 1),
                    rz * r * np.sin(a),
                ],
                -1,
            )
        )
    frill_ = rings(np.stack(rows), 40)
    m.add(
        frill_,
        main,
        away=(0, float(f.high(320)), 0),
        closed=True,
        lining=cloth(spec, darker(spec.color, 0.3), wrinkle=0.3),
    )
    bar(m, np.concatenate([frill_[0], frill_[0, 1:3]]), main, 8, 8, n=160)
    bar(m, np.concatenate([frill_[-1], frill_[-1, 1:3]]), main, 3, 3, n=360)


def collar(m: Model, spec: Spec, f: Figure, paint: Paint) -> None:
    """A shirt's collar: a stand round the neck and two points that fold over it."""
    a = np.linspace(-np.pi * 0.46, np.pi * 1.46, 71)  # open in front
    front = np.clip(np.sin(a), 0, 1)
    stand, fold, edge = [], [], []
    for ang in a:
        # a runs from the front's right over the back to its left: shift so that pi/2 lies behind
        x, z = np.cos(ang), -np.sin(ang)
        rise = 8 * z
        stand.append((66 * x, float(f.high(NECK_Y + 8)) - 22 * max(z, 0) ** 2 - 0, 54 * z - 12))
        fold.append((62 * x, float(f.high(NECK_Y - 30)) - 20 * max(z, 0) ** 2 - rise, 50 * z - 12))
        point = max(z, 0) ** 3
        edge.append(
            (
                74 * x + 14 * np.sign(x) * point,
                float(f.high(NECK_Y + 14)) - 54 * point - 8 * max(z, 0),
                62 * z - 12 + 14 * point,
            )
        )
    del front
    s, q, e = np.array(stand), np.array(fold), np.array(edge)
    m.add(
        rings(np.stack([s, q]), 5),
        paint,
        away=(0, float(f.high(NECK_Y - 10)), -12),
        lining=cloth(spec, darker(spec.color, 0.2), wrinkle=0),
    )
    mid = (q + e) / 2 + (e - np.array([0, float(f.high(NECK_Y)), -12])) * (0.06, 0, 0.06)
    m.add(
        rings(np.stack([q, mid, e]), 14),
        paint,
        away=(0, float(f.high(NECK_Y)), -12),
        lining=cloth(spec, darker(spec.color, 0.2), wrinkle=0),
    )
    bar(m, e, paint, 3.4, 3.4, n=120)


def buttons(m: Model, spec: Spec, f: Figure, front: Array) -> None:
    """Buttons down the placket."""
    line = front[:, COLUMNS // 2]
    tone = plain("#f2efe6", 0.5) if darker(spec.color, 0) != "#f2efe6" else plain("#cfc8b8", 0.5)
    for y in np.arange(216, f.hem - 70, 62):
        if abs(y - f.waist_y) < 24:
            continue
        k = int(np.argmin(np.abs(line[:, 1] - f.high(y))))
        c = line[k].astype(np.float64)
        b = np.linspace(0, 2 * np.pi, 17)
        ring = np.stack([c[0] + 7.5 * np.cos(b), c[1] + 7.5 * np.sin(b), np.full(17, c[2] + 4.5)], -1)
        rim = np.stack([ring - (0, 0, 4.5), ring])
        m.add(rings(rim, 2), tone, away=c, closed=True, density=2.0)
        face = c + (0, 0, 4.5) + (ring - c - (0, 0, 4.5)) * np.linspace(1, 0.02, 5)[:, None, None]
        holes = Art(0, 0, 800, 1220)
        for dx, dy in ((-2, -2), (2, -2), (-2, 2), (2, 2)):
            holes.fill(
                [
                    [
                        (400 + dx + 1.1 * np.cos(t), f.hem - c[1] + dy + 1.1 * np.sin(t))
                        for t in np.linspace(0, 6.283, 9)
                    ]
                ],
                "#5a544c",
                -1,
            )
        m.add(face, over(tone, holes, flat_spot(f, 1)), toward=(0, 0, 1), closed=True, density=2.0)


def belt(m: Model, spec: Spec, f: Figure, style: str) -> None:
    """A tie belt with its knot and ends."""
    color = spec.get("belt_color")
    paint = cloth(spec, str(color) if color else None, wrinkle=0.6)
    a = np.linspace(-np.pi / 2, 1.5 * np.pi, 121)
    rx = float(along(f.wide, f.waist_y)) + 5
    rz = float(along(f.deep, f.waist_y)) + 6
    rows = []
    for y, grow in (
        (f.waist_y + 15, -1),
        (f.waist_y + 13, 3),
        (f.waist_y, 4),
        (f.waist_y - 13, 3),
        (f.waist_y - 15, -1),
    ):
        sine = np.sin(a)
        rows.append(
            np.stack(
                [
                    (rx + grow) * np.cos(a),
                    f.high(y) + 0 * a,
                    (rz + grow) * np.where(sine > 0, sine, sine * 0.92),
                ],
                -1,
            )
        )
    band = raised(paint, lambda p, n, s: 1.6 * np.sin(s[..., 1] * 0.5) * np.sin(s[..., 0] * 0.02))
    m.add(rings(np.stack(rows), 14), band, away=(0, float(f.high(f.waist_y)), 0), closed=True)
    x = rx * 0.72 if style == "wrap" else 0.0
    z = rz * np.sqrt(max(1 - (x / rx) ** 2, 0)) + 10
    y = float(f.high(f.waist_y))
    out = np.array([x / rx * 0.9, 0.0, 1.0])
    for dx, fall, spread in ((20, 196, 26.0), (-14, 172, 24.0)):
        path = np.array(
            [
                (x, y, z),
                (x + dx * 0.5, y - fall * 0.28, z + 10),
                (x + dx, y - fall * 0.6, z + 22),
                (x + dx * 1.5, y - fall, z + 34),
            ]
        )
        m.add(
            swept(path, [14, 20, 24, spread], 4, n=40, up=out, sides=10, square=3),
            paint,
            away=path.mean(0),
            closed=True,
        )
    for s in (-1, 1):
        b = np.linspace(0, 2 * np.pi, 30)
        lobe = np.array([x, y, z + 4]) + np.stack(
            [s * 24 * (1 - np.cos(b)), -6 * (1 - np.cos(b)) + 0 * b, 7 * np.sin(b)], -1
        )
        m.add(swept(lobe, 22, 4, up=(0, 0, 1), sides=10, square=3), paint, away=lobe.mean(0), closed=True)
    m.add(
        swept([(x - 13, y, z + 2), (x, y, z + 10), (x + 13, y, z + 2)], 28, 16, n=12, up=(0, 0, 1)),
        paint,
        away=(x, y, z),
        closed=True,
    )


def back_bow(m: Model, f: Figure, paint: Paint) -> None:
    """A bow tied behind."""
    y = float(f.high(f.waist_y))
    z = -float(along(f.deep, f.waist_y)) * 0.94 - 10
    for s in (-1, 1):
        b = np.linspace(0, 2 * np.pi, 40)
        lobe = np.array([0, y, z]) + np.stack(
            [s * 44 * (1 - np.cos(b)), 6 * np.sin(b / 2) * 2, -14 * np.sin(b)], -1
        )
        m.add(
            swept(
                lobe,
                np.interp(np.linspace(0, 1, 40), [0, 0.5, 1], [26, 62, 26]),
                5,
                up=(0, 0, -1),
                sides=10,
                square=3,
            ),
            paint,
            away=lobe.mean(0),
            closed=True,
        )
        tail = [(0, y, z), (s * 22, y - 70, z - 14), (s * 46, y - 170, z - 40)]
        m.add(
            swept(tail, [18, 34, 44], 4, n=30, up=(0, 0, -1), sides=10, square=3),
            paint,
            away=np.mean(tail, 0),
            closed=True,
        )
    m.add(
        swept([(-14, y, z - 4), (0, y, z - 14), (14, y, z - 4)], 34, 20, n=12, up=(0, 0, -1)),
        paint,
        away=(0, y, z),
        closed=True,
    )


def neck_edge(panel: Array, f: Figure) -> Array:
    """The points of a panel's upper edge that are its neckline."""
    top = panel[-1]
    keep = np.flatnonzero(np.abs(top[:, 0]) <= f.neck + 2)
    return top[keep]
