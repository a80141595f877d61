"""Hats in the round: caps, beanies, sun hats, bucket hats and fedoras. They stand on the floor, front to the viewer."""
# ruff: noqa: RUF005  points are arrays: + moves them

from collections.abc import Callable

import numpy as np

from store.demo.drawing import motifs
from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import box, darker, luminance
from store.demo.drawing.spec import Spec
from store.demo.spin.footwear import bar
from store.demo.spin.mesh import Array, Coat, Model, Paint, lid, rings, spline, swept
from store.demo.spin.paint import Art, cloth, over, plain, raised

AROUND = 120


def ring(y: float | Array, rx: float, rz: float, *, z0: float = 0.0, square: float = 2.0) -> Array:
    """(AROUND + 1, 3): a level oval from the back (-z) round to the back, so that its seam lies behind."""
    a = np.linspace(-np.pi / 2, 1.5 * np.pi, AROUND + 1)
    c, s = np.cos(a), np.sin(a)
    c, s = np.sign(c) * np.abs(c) ** (2 / square), np.sign(s) * np.abs(s) ** (2 / square)
    out: Array = np.stack([rx * c, np.broadcast_to(y, c.shape), z0 + rz * s], -1)
    out[-1] = out[0]
    return out


def _angle(points: Array) -> Array:
    """How far round a point lies: 0 in front, pi behind."""
    return np.abs(np.arctan2(points[..., 0], points[..., 2]))


def _dome(
    rx: float, rz: float, low: float, high: float, n: int, power: float = 2.3, low_in: float = 1.0
) -> list[Array]:
    """Rings of a crown from its edge up to its top."""
    out = []
    for t in np.sin(np.linspace(0, np.pi / 2, n)):
        shrink = np.clip(1 - t**power, 0.0, 1) ** (1 / power)
        k = low_in + (1 - low_in) * min(t * 3, 1)
        out.append(ring(low + (high - low) * t, max(rx * shrink * k, 0.5), max(rz * shrink * k, 0.5)))
    return out


def _seams(count: int, color: str, start: float = 0.0) -> Callable[[Paint], Paint]:
    """Seams from the edge up to the top, `count` round the crown, with stitches on both sides."""

    def dressed(paint: Paint) -> Paint:
        def painted(points: Array, normal: Array, lengths: Array) -> Coat:
            coat = paint(points, normal, lengths)
            a = np.arctan2(points[..., 0], points[..., 2]) - start
            r = np.hypot(points[..., 0], points[..., 2])
            step = 2 * np.pi / count
            off = ((a + step / 2) % step - step / 2) * r
            groove = np.exp(-((off / 1.7) ** 2))
            tall = points[..., 1] + r
            for side in (-6.0, 6.0):
                sewn = np.exp(-(((off - side) / 1.1) ** 2)) * (np.sin(tall * 0.62) > -0.3) * (r > 14)
                coat.color = (
                    coat.color * (1 - 0.28 * sewn[..., None])
                    if luminance(color) > 0.3
                    else coat.color + 34 * sewn[..., None]
                )
            coat.color = coat.color * (1 - 0.3 * groove[..., None])
            relief = -2.4 * groove + 1.3 * np.exp(-((np.abs(off) - 5) ** 2) / 14)
            coat.relief = relief if coat.relief is None else coat.relief + relief
            return coat

        return painted

    return dressed


def cap(spec: Spec) -> Model:
    """Baseball caps."""
    m = Model(tilt=13.0)
    second = spec.second if spec.get("two_tone") or spec.pattern == "colourblock" else spec.color
    twill = cloth(spec, patterned=spec.pattern != "graphic", wrinkle=0.5)
    crown = rings(np.stack(_dome(205, 232, 26, 292, 16, 2.25, 0.965)), 60).astype(np.float64)
    # the opening behind, over the strap
    a = _angle(crown)
    notch = np.clip(1 - ((np.pi - a) / 0.42) ** 2, 0, 1) ** 0.5
    rows = np.linspace(0, 1, len(crown))[:, None]
    crown[..., 1] += 84 * notch * np.clip(1 - rows / 0.6, 0, 1) ** 1.2
    # a structured front stands up straighter
    front = np.exp(-((a / 0.7) ** 2))
    crown[..., 2] += 12 * front * np.clip(rows * 1.6, 0, 1) * np.clip(1.15 - rows, 0, 1)
    coat = _seams(6, spec.color)(twill)
    if spec.pattern == "graphic":
        coat = over(coat, _motif(spec, 120), _front_of(150.0))
    eyelets = Art(0, 0, 800, 1000)
    for at in (-96, 96):
        ringed = [[(400 + at + 7 * np.cos(t), 430 + 7 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 13)]]
        eyelets.fill(ringed, darker(spec.color, 0.45), 2.5)
        inner = [[(400 + at + 3 * np.cos(t), 430 + 3 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 13)]]
        eyelets.fill(inner, "#0c0b0b", -3)
    coat = over(coat, eyelets, lambda p, n, s: (p[..., 0] + 400, 640 - p[..., 1], None))
    m.add(crown, coat, away=(0, 60, 0), closed=True, lining=plain(darker(spec.color, 0.35), 0.0, high=0.2))
    tape = plain(darker(spec.color, 0.2), 0.0, high=0.1)
    bar(m, np.concatenate([crown[0], crown[0, 1:3]]), tape, 6, 6, n=160)
    # strap and buckle behind
    b = np.linspace(np.pi - 0.46, np.pi + 0.46, 30)
    strap = np.stack([198 * np.sin(b), np.full(30, 40.0), 226 * np.cos(b)], -1)
    up = np.stack([np.sin(b), np.zeros(30), np.cos(b)], -1)
    m.add(
        swept(strap, 24, 5, up=up, square=3.5), cloth(spec, second, wrinkle=0.1), away=(0, 40, 0), closed=True
    )
    m.add(
        swept([(-16, 40, -230), (0, 40, -231), (16, 40, -230)], 30, 5, n=6, up=(0, 0, -1), square=5),
        plain("#b9bbbe", 0.9),
        away=(0, 40, -229),
        closed=True,
    )
    # the peak: curved down at its sides
    across = np.linspace(-1, 1, 61)
    t = np.linspace(0, 1, 20)[:, None]
    w = across * 1.06
    x0, z0 = 196 * np.sin(w), 224 * np.cos(w)
    reach = 176 * np.clip(1 - np.abs(across) ** 2.6, 0, 1) ** 0.62
    x = x0 * (1 + 0.06 * t)
    z = z0 + reach * t
    y = 34 - 14 * t * (1 - np.abs(across) ** 2) - 34 * across**2 * (0.2 + 0.8 * t) * reach / 176 + 6 * (1 - t)
    top = np.stack(np.broadcast_arrays(x, y, z), -1)

    def rows_of_stitches(points: Array, normal: Array, lengths: Array) -> Array:
        return np.where((lengths[..., 1] % 21) < 2.6, -1.7, 0.0)

    m.add(top, raised(cloth(spec, second, wrinkle=0.2), rows_of_stitches), toward=(0, 1, 0))
    m.add(
        top - np.array([0, 6.0, 0]),
        cloth(spec, darker(second, 0.25), wrinkle=0.2),
        toward=(0, -1, 0),
        density=0.5,
    )
    edge = top[-1] - np.array([0, 3.0, 0])
    bar(m, edge, cloth(spec, darker(second, 0.05), wrinkle=0), 8, 8, n=90)
    button = lid(ring(0, 15, 15) + np.array([0.0, crown[-1, 0, 1] - 3, 0.0]), 10, n=8)
    m.add(button, cloth(spec, second, wrinkle=0), toward=(0, 1, 0), closed=True)
    return m


def _front_of(y: float) -> Callable[[Array, Array, Array], tuple[Array, Array, Array | None]]:
    def spot(points: Array, normal: Array, lengths: Array) -> tuple[Array, Array, Array | None]:
        return points[..., 0] + 400, y - points[..., 1] + 400, (points[..., 2] > 0).astype(np.float32)

    return spot


def _motif(spec: Spec, size: float) -> Art:
    """The print of a graphic design, about (400, 400)."""
    canvas = Canvas(spec, "front")
    part = canvas.part(box(0, 0, 800, 1000), patterned=False)
    motifs.draw(canvas, part, 400, 400, size)
    art = Art()
    for mark in part.marks:
        art.add(mark)
    return art


def _knit(spec: Spec, color: str | None, count: int) -> Paint:
    """Ribbed knitting: columns of stitches, darker between the ribs."""
    base = cloth(spec, color, material="knit", wrinkle=0.4, patterned=spec.pattern != "plain")

    def painted(points: Array, normal: Array, lengths: Array) -> Coat:
        coat = base(points, normal, lengths)
        a = np.arctan2(points[..., 0], points[..., 2])
        rib = np.abs(np.sin(a * count / 2)) ** 0.7
        rows = np.sin(lengths[..., 1] * 0.8 + 1.6 * np.abs(np.sin(a * count)))
        coat.color = coat.color * (0.72 + 0.3 * rib + 0.035 * rows)[..., None]
        relief = 3.2 * rib + 0.5 * rows
        coat.relief = relief if coat.relief is None else coat.relief + relief
        return coat

    return painted


def beanie(spec: Spec) -> Model:
    """Knitted hats with a turned-up edge, some with a pompom."""
    m = Model(tilt=9.0)
    tall = 470.0 if spec.get("slouchy") else 440.0
    count = 46
    crown = rings(
        np.stack([ring(40, 198, 214), ring(120, 206, 222), *_dome(208, 222, 170, tall, 14, 2.1)[0:]]), 84
    ).astype(np.float64)
    # ribs run together at the top
    a = np.arctan2(crown[..., 0], crown[..., 2])
    r = np.hypot(crown[..., 0], crown[..., 2])
    gather = np.clip((crown[..., 1] - 300) / 140, 0, 1)
    crown[..., 1] += 5 * np.cos(a * 8) * gather * np.clip(r / 60, 0, 1)
    m.add(
        crown,
        _knit(spec, None, count),
        away=(0, 150, 0),
        closed=True,
        lining=plain(darker(spec.color, 0.4), 0.0, high=0.3),
    )
    trim = spec.get("trim")
    rnd = np.random.default_rng(spec.seed)
    sway = spline(rnd.normal(0, 3.0, 9), AROUND + 1, closed=True)
    rows = []
    for y, grow in ((6, 2), (0, 8), (2, 16), (40, 19), (96, 20), (140, 18), (150, 12), (148, 3)):
        row = ring(y, 200 + grow, 216 + grow)
        row[:, 1] += sway * (y / 150)
        rows.append(row)
    rows[0][:, 1] += 6
    m.add(
        rings(np.stack(rows), 44),
        _knit(spec, str(trim) if trim else None, count),
        away=(0, 70, 0),
        closed=True,
    )
    if spec.get("pompom"):
        _pompom(m, np.array([0.0, tall + 62, 0.0]), 76, str(spec.get("pompom")), spec.seed)
    elif spec.get("label", True):
        x = np.linspace(52, 112, 14)
        z = 237 * np.sqrt(1 - (x / 222) ** 2) + 2.5
        label = np.stack([np.stack([x, np.full(14, y), z], -1) for y in np.linspace(50, 92, 6)])
        art = (
            Art().line([(462, 562), (500, 562)], 3, "#4a4642").line([(468, 576), (496, 576)], 2.4, "#4a4642")
        )
        m.add(
            label,
            over(plain("#efe9de", 0.05), art, lambda p, n, s: (p[..., 0] + 400, 640 - p[..., 1], None)),
            toward=(0, 0, 1),
            density=2.0,
        )
    return m


def _pompom(m: Model, at: Array, radius: float, tone: str, seed: int) -> None:
    """A ball of cut yarn."""
    rnd = np.random.default_rng(seed + 5)
    n, k = 40, 64
    v, u = np.meshgrid(np.linspace(0, np.pi, n), np.linspace(0, 2 * np.pi, k + 1), indexing="ij")
    lump = rnd.normal(0, 4.5, (n, k + 1))
    lump[:, -1] = lump[:, 0]
    lump[0], lump[-1] = 0, 0
    r = radius + lump
    ball = at + np.stack([r * np.sin(v) * np.sin(u), r * np.cos(v), r * np.sin(v) * np.cos(u)], -1)
    fuzz = rnd.normal(0, 1, (256, 256)).astype(np.float32)

    def pile(points: Array, normal: Array, lengths: Array) -> Array:
        iu, iv = (
            (points[..., 0] * 0.55).astype(int),
            (points[..., 1] * 0.55 + points[..., 2] * 0.31).astype(int),
        )
        return 4.0 * fuzz[iu % 256, iv % 256]

    m.add(ball, raised(plain(tone, 0.0, tint=0.08, high=1.6), pile), away=at, closed=True)
    # loose ends that break its outline
    for _ in range(130):
        d = rnd.normal(0, 1, 3)
        d /= np.linalg.norm(d)
        end = at + d * (radius + rnd.uniform(6, 15)) + rnd.normal(0, 4, 3)
        m.add(
            swept(
                [at + d * (radius - 8), (at + d * radius + end) / 2, end],
                [7, 5, 2],
                n=4,
                sides=5,
                up=np.roll(d, 1),
            ),
            plain(darker(tone, rnd.uniform(0, 0.12)), 0.0),
            away=at,
            closed=True,
            density=0.4,
        )


def _straw(spec: Spec) -> Paint:
    """Straw plaited in rounds."""
    base = cloth(spec, wrinkle=0.3, gloss=0.12)

    def painted(points: Array, normal: Array, lengths: Array) -> Coat:
        coat = base(points, normal, lengths)
        t = lengths[..., 1]
        line = np.exp(-((((t % 13) - 6.5) / 1.6) ** 2))
        coat.color = coat.color * (1 - 0.16 * line[..., None])
        relief = 1.4 * np.abs(np.sin(t * np.pi / 13)) + 0.5 * np.sin(
            lengths[..., 0] * 0.7 + np.sin(t * np.pi / 13) * 3
        )
        coat.relief = relief if coat.relief is None else coat.relief + relief
        return coat

    return painted


def _band(m: Model, spec: Spec, rows: list[tuple[float, float, float]], z0: float = 0.0) -> None:
    """A ribbon round the crown through (y, rx, rz) from below up."""
    body = rings(np.stack([ring(y, rx, rz, z0=z0) for y, rx, rz in rows]), 14)

    def reps(points: Array, normal: Array, lengths: Array) -> Array:
        return 0.35 * np.sin(lengths[..., 0] * 1.9)

    m.add(body, raised(plain(spec.second, 0.3), reps), away=(0, rows[0][0], z0), closed=True)


def sunhat(spec: Spec) -> Model:
    """Straw hats and bucket hats."""
    m = Model(tilt=15.0)
    if spec.get("bucket"):
        twill = cloth(spec, wrinkle=0.7)
        rows = [ring(96, 176, 196), ring(180, 168, 188), ring(270, 152, 170), ring(284, 146, 164)]
        crown = rings(np.stack(rows), 30)
        m.add(
            crown,
            _seams(2, spec.color, np.pi / 2)(twill),
            away=(0, 150, 0),
            closed=True,
            lining=plain(darker(spec.color, 0.3), 0.0),
        )
        m.add(lid(crown[-1], 10, n=14), twill, toward=(0, 1, 0), closed=True)
        bar(
            m,
            np.concatenate([crown[-1], crown[-1, 1:3]]),
            cloth(spec, darker(spec.color, 0.06), wrinkle=0),
            6,
            5,
            n=160,
        )
        brim = rings(np.stack([ring(98, 177, 197), ring(66, 214, 236), ring(20, 260, 284)]), 26).astype(
            np.float64
        )
        a = np.arctan2(brim[..., 0], brim[..., 2])
        t = np.linspace(0, 1, len(brim))[:, None]
        brim[..., 1] += t**2 * (7 * np.cos(2 * a) + 4 * np.sin(3 * a + 1))

        def stitches(points: Array, normal: Array, lengths: Array) -> Array:
            return np.where((lengths[..., 1] % 15) < 2.2, -1.8, 0.0)

        coat = raised(twill, stitches)
        m.add(
            brim,
            coat,
            toward=(0, 1, 0),
            closed=True,
            lining=cloth(spec, darker(spec.color, 0.18), wrinkle=0.5),
        )
        bar(m, np.concatenate([brim[-1], brim[-1, 1:3]]), twill, 6, 6, n=180)
        for s in (-1, 1):
            for z in (-34, 34):
                c = np.array([s * 170.0, 196.0, z])
                c[0] = s * 167 * np.sqrt(1 - (z / 187) ** 2)
                b = np.linspace(0, 2 * np.pi, 15)
                m.add(
                    swept(
                        c + np.stack([np.full(15, s * 1.5), 6 * np.sin(b), 6 * np.cos(b)], -1),
                        3.6,
                        sides=6,
                        up=(1, 0, 0),
                    ),
                    plain("#b9bbbe", 0.9),
                    away=c,
                    closed=True,
                )
        return m
    straw = _straw(spec)
    crown = rings(
        np.stack(
            [
                ring(64, 160, 180),
                ring(130, 157, 176),
                ring(220, 146, 164),
                ring(276, 124, 140),
                ring(296, 90, 102),
                ring(300, 40, 44),
                ring(300, 0.5, 0.5),
            ]
        ),
        60,
    )
    m.add(crown, straw, away=(0, 150, 0), closed=True, lining=plain(darker(spec.color, 0.35)))
    brim = rings(
        np.stack([ring(66, 160, 180), ring(52, 182, 202), ring(38, 240, 262), ring(34, 300, 322)]), 34
    ).astype(np.float64)
    a = np.arctan2(brim[..., 0], brim[..., 2])
    t = np.linspace(0, 1, len(brim))[:, None]
    brim[..., 1] += t**1.8 * (11 * np.cos(2 * a) + 6 * np.sin(3 * a + 0.7) - 6)
    m.add(brim, straw, toward=(0, 1, 0), closed=True, lining=straw)
    bar(
        m,
        np.concatenate([brim[-1], brim[-1, 1:3]]),
        plain(darker(spec.color, 0.12), 0.1, high=0.3),
        8,
        7,
        n=220,
    )
    _band(m, spec, [(62, 162, 182), (68, 164, 184), (112, 162, 182), (118, 159, 178)])
    ribbon = plain(spec.second, 0.3)
    side = np.array([148.0, 90.0, 92.0])
    out = np.array([0.85, 0.0, 0.53])
    across = np.array([0.53, 0.0, -0.85])
    for s in (-1, 1):
        b = np.linspace(0, 2 * np.pi, 40)
        lobe = (
            side
            + out * 8
            + across * (s * 34 * (1 - np.cos(b)))[:, None]
            + out * (9 * np.sin(b))[:, None]
            + np.array([0, 1.0, 0]) * (s * 0 + 5 * np.sin(b * 0.5))[:, None]
        )
        m.add(swept(lobe, 44, 4, up=out, sides=12, square=4), ribbon, away=lobe.mean(0), closed=True)
    m.add(
        swept(
            [side + out * 12 + (0, -24, 0), side + out * 20, side + out * 12 + (0, 24, 0)],
            24,
            14,
            n=12,
            up=out,
        ),
        ribbon,
        away=side,
        closed=True,
    )
    return m


def fedora(spec: Spec) -> Model:
    """Felt hats with a pinched crown."""
    m = Model(tilt=13.0)
    felt = cloth(spec, wrinkle=0.15)
    rows = [
        ring(58, 154, 186),
        ring(130, 152, 182),
        ring(220, 138, 166),
        ring(268, 120, 148),
        ring(288, 92, 118),
        ring(290, 50, 74),
        ring(286, 1, 30),
    ]
    crown = rings(np.stack(rows), 84).astype(np.float64)
    x, y, z = crown[..., 0].copy(), crown[..., 1].copy(), crown[..., 2].copy()
    high = np.clip((y - 150) / 110, 0, 1)
    # the crease along the top, and a pinch on both sides of the front
    crown[..., 1] -= 46 * high**2 * np.exp(-((x / 40) ** 2)) * np.clip(1 - (z / 170) ** 4, 0, 1)
    pinch = np.exp(-(((z - 92) / 44) ** 2)) * np.exp(-(((y - 236) / 50) ** 2))
    crown[..., 0] -= np.sign(x) * np.minimum(38 * pinch, np.abs(x) * 0.5)
    crown[..., 1] += 14 * np.clip(z / 180, 0, 1) * high
    m.add(crown, felt, away=(0, 120, 0), closed=True, lining=plain(darker(spec.color, 0.45)))
    brim = rings(
        np.stack([ring(58, 154, 186), ring(50, 172, 204), ring(44, 222, 252), ring(48, 268, 290)]), 30
    ).astype(np.float64)
    a = np.arctan2(brim[..., 0], brim[..., 2])
    t = np.linspace(0, 1, len(brim))[:, None]
    brim[..., 1] += t**1.7 * (-22 * np.cos(a) - 26 * np.cos(2 * a) + 10)
    m.add(brim, felt, toward=(0, 1, 0), closed=True, lining=felt)
    bar(
        m,
        np.concatenate([brim[-1], brim[-1, 1:3]]),
        cloth(spec, darker(spec.color, 0.12), wrinkle=0),
        6,
        6,
        n=200,
    )
    _band(m, spec, [(56, 156, 188), (62, 158.5, 190.5), (106, 157, 189), (112, 154, 184)])
    ribbon = plain(spec.second, 0.3)
    side = np.array([157.0, 84.0, 18.0])
    for dz, tall in ((-16, 26), (14, 30)):
        b = np.linspace(0, 2 * np.pi, 30)
        lobe = side + np.stack([4 + 6 * np.sin(b), tall * 0.0 + 0 * b, dz * (1 - np.cos(b))], -1)
        m.add(swept(lobe, 46, 4, up=(1, 0, 0), sides=10, square=4), ribbon, away=lobe.mean(0), closed=True)
    m.add(
        swept([side + (8, -26, 0), side + (13, 0, 0), side + (8, 26, 0)], 16, 8, n=10, up=(1, 0, 0)),
        ribbon,
        away=side,
        closed=True,
    )
    return m
