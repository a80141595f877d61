"""Bottoms: trousers, jeans, joggers, leggings, shorts and skirts."""

from store.demo.drawing import torso
from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, lighter, mirrored, whole

TOP = 120.0

# half waist, half hip, half width of the leg at the knee and at the hem, hem height
LEGS: dict[str, tuple[float, float, float, float]] = {
    "straight": (112, 150, 64, 62),
    "slim": (108, 144, 54, 44),
    "tapered": (112, 154, 64, 46),
    "wide": (108, 152, 86, 96),
    "flared": (106, 144, 56, 84),
    "leggings": (100, 132, 48, 30),
    "jogger": (114, 156, 68, 44),
    "barrel": (110, 158, 92, 58),
}


def leg_shapes(
    fit: str, top: float, hem_y: float, kids: bool, waist: float | None = None
) -> tuple[Shape, float, float]:
    """The right leg from waist to hem; also the hip's height and half width."""
    w, hip, knee, hem = LEGS[fit]
    w = waist or w
    if kids:
        w, hip = w * 1.04, hip * 1.0
    hip_y = top + 190 if not kids else top + 165
    crotch = top + 262 if not kids else top + 225
    knee_y = (crotch + hem_y) / 2
    centre = 400 + hip * 0.56 + 14  # middle of the leg at the knee
    low = centre + (10 if fit in ("wide", "flared") else 2)
    shape: Shape = [
        [(398, top + 10), (400 + w * 0.5, top + 6), (400 + w, top - 2)],
        [
            (400 + w, top - 2),
            (400 + (w + hip) / 2 + 8, top + 90),
            (400 + hip, hip_y),
            (centre + knee + 3, (hip_y + knee_y) / 2 + 60),
            (centre + knee, knee_y),
            (low + hem, hem_y),
        ],
        [(low + hem, hem_y), (low, hem_y + 9), (low - hem, hem_y + 4)],
        [(low - hem, hem_y + 4), (centre - knee, knee_y), (400 + 20, crotch + 70), (400 + 2, crotch)],
        [(400 + 2, crotch), (398, top + 10)],
    ]
    return shape, hip_y, crotch


def _leg_folds(c: Canvas, p: Part, side: int, top: float, crotch: float, hem_y: float, fit: str) -> None:
    _w, hip, knee, hem = LEGS[fit]
    r = c.rnd
    centre = hip * 0.56 + 14

    def at(x: float, y: float) -> tuple[float, float]:
        return (400 + side * x, y)

    for k in range(3):
        y = crotch - 34 + 26 * k
        p.fold(
            [at(4, y + 6), at(46 + 16 * k, y - 12), at(92 + 12 * k, y - 40)], 15, -0.5 if k % 2 == 0 else 0.46
        )
    knee_y = (crotch + hem_y) / 2
    for k in range(4):
        y = knee_y - 46 + 30 * k + r.uniform(-10, 10)
        a, b = centre - knee, centre + knee
        run = [
            at(a, y + r.uniform(-8, 8)),
            at((a + b) / 2, y + r.uniform(4, 18)),
            at(b, y + r.uniform(-14, 4)),
        ]
        p.fold(
            run if k % 2 else run[::-1],
            r.uniform(12, 18),
            r.choice((-0.26, 0.24)) * (0.5 if fit in ("wide", "flared", "barrel") else 1),
        )
    for k in range(3 if fit not in ("wide", "flared") else 1):
        y = hem_y - 26 - 30 * k
        p.fold(
            [at(centre - hem, y + 8), at(centre, y - 4), at(centre + hem, y + 10)],
            13,
            -0.45 if k % 2 else 0.42,
        )
    if fit in ("wide", "flared", "barrel"):
        for dx in (-0.5, 0.1, 0.55):
            x = centre + dx * knee
            p.fold(
                [at(x * 0.86, crotch + 30), at(x, knee_y), at(centre + dx * hem * 1.2, hem_y)],
                26,
                r.choice((-0.5, 0.45)),
            )


def pants(c: Canvas) -> None:
    """Trousers of all kinds, jeans, joggers and leggings included."""
    kind = c.spec.kind
    fit = str(c.spec.get("leg", {"leggings": "leggings", "joggers": "jogger"}.get(kind, "straight")))
    hem_y = {"cropped": 800.0, "capri": 700.0}.get(str(c.spec.get("cropped", "")), 900.0)
    if c.spec.kids:
        hem_y -= 150
    _legs(c, fit, hem_y)
    c.focus = (400, TOP + 130, 360)


def shorts(c: Canvas) -> None:
    """Shorts."""
    long = c.spec.length == "knee" or c.spec.men
    _shorts(c, TOP + ((400 if long else 320) if not c.spec.kids else 325))
    c.focus = (400, TOP + 110, 380)


def _shorts(c: Canvas, hem_y: float) -> None:
    w, hip = 116.0, 158.0
    crotch = TOP + 238
    flare = 12 if c.spec.get("leg") == "wide" else 0
    leg: Shape = [
        [(398, TOP + 10), (400 + w * 0.5, TOP + 6), (400 + w, TOP - 2)],
        [
            (400 + w, TOP - 2),
            (400 + (w + hip) / 2 + 8, TOP + 80),
            (400 + hip, TOP + 170),
            (400 + hip + 12 + flare, hem_y),
        ],
        [(400 + hip + 12 + flare, hem_y), (400 + 96, hem_y + 16), (400 + 18 - flare, hem_y + 12)],
        [(400 + 18 - flare, hem_y + 12), (402, crotch)],
        [(402, crotch), (398, TOP + 10)],
    ]
    _waist_inside(c, w)
    for side in (-1, 1):
        p = c.part(leg if side == 1 else mirrored(leg), at=(400, TOP), puff=1.1, drop=0.5, angle=-3 * side)
        for k in range(4):
            y = crotch - 40 + 26 * k
            p.fold(
                [
                    (400 + side * 4, y),
                    (400 + side * (54 + 20 * k), y - 8),
                    (400 + side * (110 + 10 * k), y - 34 + 16 * k),
                ],
                17,
                (-0.3, 0.27)[k % 2],
            )
        for k in range(3):
            x = 60 + 44 * k
            p.fold(
                [(400 + side * x, crotch - 20), (400 + side * (x + 12), hem_y + 10)], 22, (-0.2, 0.2)[k % 2]
            )
        run: Run = [
            (400 + side * (hip + 10 + flare), hem_y - 18),
            (400 + side * 96, hem_y - 3),
            (400 + side * (20 - flare), hem_y - 8),
        ]
        p.stitch(run)
        if c.spec.get("turnup"):
            q = c.part(band([(x, y + 10) for x, y in run], 30), at=(400, TOP), puff=0.5, drop=0.8)
            q.line(run, 1.2, opacity=0.5)
    _front_details(c, w, hip)


def _waist_inside(c: Canvas, w: float) -> None:
    if c.back:
        return
    c.part(
        [
            [(400 - w, TOP - 4), (400, TOP - 18), (400 + w, TOP - 4)],
            [(400 + w, TOP - 4), (400, TOP + 26), (400 - w, TOP - 4)],
        ],
        darker(c.spec.color, 0.4),
        puff=0.1,
        drop=0,
        wrinkle=0.2,
    )


def _legs(c: Canvas, fit: str, hem_y: float) -> None:
    w, hip, knee, _hem = LEGS[fit]
    shape, _hip_y, crotch = leg_shapes(fit, TOP, hem_y, c.spec.kids)
    _waist_inside(c, w)
    for side in (-1, 1):
        p = c.part(
            shape if side == 1 else mirrored(shape),
            at=(400 + side * 80, TOP),
            puff=1.1,
            drop=0.5,
            angle=-2 * side,
        )
        _leg_folds(c, p, side, TOP, crotch, hem_y, fit)
        if c.spec.material == "denim" and c.spec.get("wash"):
            cx = 400 + side * (hip * 0.56 + 12)
            tone = lighter(c.spec.color, 0.4)
            glow = "".join(
                f'<ellipse cx="{cx:.0f}" cy="{y:.0f}" rx="{rx:.0f}" ry="{ry:.0f}" fill="{tone}" opacity=".07"/>'
                for y, a, b in ((crotch + 70, 50, 150), ((crotch + hem_y) / 2 + 10, 40, 90))
                for rx, ry in [(a * k / 4, b * k / 4) for k in range(1, 5)]
            )
            p.mark(glow)
        low = shape[2]
        run = [(400 + side * (x - 400), y - 14) for x, y in low]
        if fit == "jogger":
            torso.trim(c, [(x, y + 6) for x, y in run], 38)
        else:
            p.stitch(run)
            if c.spec.get("turnup"):
                q = c.part(
                    band([(x, y + 2) for x, y in run], 34),
                    lighter(c.spec.color, 0.25) if c.spec.material == "denim" else None,
                    at=(400, TOP),
                    puff=0.5,
                    drop=0.8,
                )
                q.line(run, 1.2, opacity=0.4)
        side_run = [(400 + side * (x - 400 - 5), y) for x, y in shape[1][1:]]
        if c.spec.get("side_stripe"):
            p.line([(x - side * 9, y) for x, y in side_run], 15, c.spec.second, 1.0)
        elif fit != "leggings":
            p.line(side_run, 1.5, opacity=0.4)
        if c.spec.get("crease"):
            cx = 400 + side * (hip * 0.56 + 14)
            p.fold([(cx - side * 26, TOP + 60), (cx, (crotch + hem_y) / 2), (cx + side * 2, hem_y)], 9, 0.9)
        if c.spec.get("cargo"):
            x = 400 + side * (hip * 0.56 + 14 + knee * 0.62)
            y = crotch + 70
            q = c.part(box(x - 44, y, x + 44, y + 124, 8), at=(400, TOP), puff=0.5, drop=0.9, angle=-2 * side)
            q.stitch([(x - 38, y + 4), (x - 38, y + 118), (x + 38, y + 118), (x + 38, y + 4)][0:2])
            q.fold([(x, y + 30), (x, y + 120)], 14, -0.5)
            f = c.part(box(x - 48, y - 8, x + 48, y + 34, 5), at=(400, TOP), puff=0.5, drop=0.9)
            f.stitch([(x - 44, y + 28), (x + 44, y + 28)])
            c.button(x, y + 18, 6)
    _front_details(c, w, hip)


def _front_details(c: Canvas, w: float, hip: float) -> None:
    kind = c.spec.kind
    elastic = kind in ("joggers", "leggings") or c.spec.get("elastic")
    jeans = c.spec.material == "denim"
    thread = "#c98f45" if jeans else None
    belt: Run = [(400 - w - 1, TOP + 14), (400, TOP + 26), (400 + w + 1, TOP + 14)]
    wide = 60 if kind == "leggings" else 34
    pocket: Run = [(400 + w * 0.56, TOP + 30), (400 + w * 0.62, TOP + 84), (400 + w + 26, TOP + 108)]
    for p in c.parts:
        if kind == "leggings":
            continue
        if not c.back and p.puff > 1 and not c.spec.get("no_pockets"):
            p.seam(pocket, both=True)
            if jeans:
                p.stitch([(x + 4, y - 5) for x, y in pocket], thread, both=True)
        if c.back and p.puff > 1 and jeans:
            p.seam([(400 - hip, TOP + 92), (400, TOP + 122), (400 + hip, TOP + 92)])
    if not c.back and not elastic:
        fly: Run = [(424, TOP + 30), (424, TOP + 130), (404, TOP + 184)]
        for p in c.parts:
            if p.puff > 1:
                p.line([(400, TOP + 20), (400, TOP + 250)], 2.2, opacity=0.6)
                p.stitch(fly, thread)
    if c.back and kind not in ("leggings", "joggers") and not c.spec.get("no_pockets"):
        for side in (1, -1):
            x, y = 400 + side * 76, TOP + 128
            if jeans:
                shape: Shape = [
                    [(x - 44, y), (x + 44, y)],
                    [(x + 44, y), (x + 40, y + 74)],
                    [(x + 40, y + 74), (x, y + 96)],
                    [(x, y + 96), (x - 40, y + 74)],
                    [(x - 40, y + 74), (x - 44, y)],
                ]
                q = c.part(shape, at=(400, TOP), puff=0.4, drop=0.7)
                q.stitch(
                    [(x - 40, y + 6), (x - 36, y + 72), (x, y + 90), (x + 36, y + 72), (x + 40, y + 6)],
                    thread,
                )
                q.stitch(
                    [(x - 40, y + 40), (x - 10, y + 54), (x, y + 36), (x + 10, y + 54), (x + 40, y + 40)],
                    thread,
                )
            else:
                q = c.part(band([(x - 46, y + 10), (x + 46, y + 10)], 13), at=(400, TOP), puff=0.2, drop=0.4)
                c.button(x, y + 10, 5)
    band_part = c.part(
        band(belt, wide),
        None if not elastic or kind == "leggings" else c.spec.color,
        at=(400, TOP),
        puff=0.45,
        drop=0.7,
    )
    if elastic and kind != "leggings":
        band_part.line(belt, wide, opacity=0.3, dash="2.4 6")
        if not c.back and not c.spec.kids:
            for side in (1, -1):
                run: Run = [
                    (400 + side * 10, TOP + 26),
                    (400 + side * 16, TOP + 70),
                    (400 + side * (22 + 4 * side), TOP + 128),
                ]
                c.part(band(run, 6.5), lighter(c.spec.color, 0.6), puff=1, drop=0.8, wrinkle=0)
    elif kind != "leggings":
        band_part.stitch([(x, y - 12) for x, y in belt], thread)
        band_part.stitch([(x, y + 12) for x, y in belt], thread)
        for u in (-0.86, -0.46, 0.46, 0.86) if not c.back else (-0.8, -0.4, 0.0, 0.4, 0.8):
            xx, yy = 400 + u * w, TOP + 25 - 11 * u * u
            loop = c.part(box(xx - 6, yy - 22, xx + 6, yy + 21, 2), at=(400, TOP), puff=0.5, drop=0.8)
            loop.stitch([(xx - 3, yy - 22), (xx - 3, yy + 22)], thread)
        if not c.back:
            if jeans:
                b = c.part(ellipse(402, TOP + 25, 8, 8), "#b08a55", puff=0.6, drop=0.7, gloss=0.9, wrinkle=0)
                b.mark(f'<circle cx="402" cy="{TOP + 25}" r="3" fill="#6d5230"/>')
            else:
                c.button(402, TOP + 25, 7)


def skirt_panel(
    c: Canvas,
    *,
    top: float,
    waist: float,
    hip: float,
    hem: float,
    hem_y: float,
    pleats: int = 0,
    curve: float = 22,
    layers: int = 0,
) -> Part:
    """A skirt from a waist to a hem, hanging in soft flutes or pressed pleats."""
    hip_y = top + (170 if hem_y - top > 260 else (hem_y - top) * 0.55)
    half: Shape = [
        [(400, top + 8), (400 + waist * 0.6, top + 5), (400 + waist, top)],
        [
            (400 + waist, top),
            (400 + (waist + hip) / 2 + 6, (top + hip_y) / 2),
            (400 + hip, hip_y),
            (400 + hem, hem_y),
        ]
        if hip > waist + 24
        else [(400 + waist, top), (400 + hem, hem_y)],
        [
            (400 + hem, hem_y),
            (400 + hem * 0.72, hem_y + curve * 0.72),
            (400 + hem * 0.36, hem_y + curve * 0.95),
            (400, hem_y + curve),
        ],
    ]
    p = c.part(whole(half), at=(400, top), puff=1.1, drop=0.6)
    r = c.rnd
    if pleats:
        for k in range(pleats + 1):
            u = -1 + 2 * k / pleats
            x0, x1 = 400 + u * waist, 400 + u * hem
            mid = 400 + u * (hip if hip > waist + 24 else (waist + hem) / 2)
            run = [(x0, top + 6), (mid, hip_y), (x1, hem_y + curve * (1 - u * u))]
            p.line(run, 2.2, opacity=0.5)
            p.fold([(x - 5, y) for x, y in run], 11, 0.9)
            p.fold([(x + 4, y) for x, y in run], 9, -1.1)
    else:
        n = max(int((hem - waist) / 16) + 4, 5)
        for k in range(n):
            u = -0.9 + 1.8 * (k + r.uniform(-0.25, 0.25)) / (n - 1)
            start = top + (hem_y - top) * r.uniform(0.08, 0.4)
            f = (start - top) / (hem_y - top)
            run = [
                (400 + u * (waist + (hem - waist) * f), start),
                (400 + u * (waist + (hem - waist) * 0.6) + r.uniform(-6, 6), (start + hem_y) / 2 + 20),
                (400 + u * hem, hem_y + curve),
            ]
            p.fold(
                run,
                r.uniform(18, 34) * (1 if hem > waist + 40 else 0.7),
                (0.62 if k % 2 else -0.62) * (1 if hem > hip + 20 else 0.6),
            )
    p.stitch(
        [
            (400 - hem, hem_y - 12),
            (400 - hem * 0.36, hem_y + curve * 0.95 - 13),
            (400, hem_y + curve - 13),
            (400 + hem * 0.36, hem_y + curve * 0.95 - 13),
            (400 + hem, hem_y - 12),
        ]
    )
    for k in range(layers):
        y = top + (hem_y - top) * (k + 1) / (layers + 1)
        f = (k + 1) / (layers + 1)
        w = waist + (hem - waist) * f**0.9
        run = [(400 - w - 4, y), (400, y + curve * f), (400 + w + 4, y)]
        p.seam(run)
        for j in range(15):
            u = -0.95 + 1.9 * j / 14
            yy = y + curve * f * (1 - u * u)
            p.fold(
                [(400 + u * w, yy + 2), (400 + u * (w + 8) + r.uniform(-4, 4), yy + 60)],
                12,
                -0.8 if j % 2 else 0.7,
            )
    return p


HEMS = {"mini": 300.0, "knee": 430.0, "midi": 590.0, "maxi": 740.0}


def skirt(c: Canvas) -> None:
    """Skirts: a-line, pleated, pencil, tiered, slip, denim."""
    style = str(c.spec.get("skirt", "aline"))
    top = 150.0
    hem_y = top + HEMS[c.spec.length or "knee"] * (0.8 if c.spec.kids else 1)
    waist = 98.0
    grow = (hem_y - top) / 430
    shapes = {
        "aline": (waist + 50, waist + 60 + 70 * grow),
        "pleated": (waist + 34, waist + 70 + 78 * grow),
        "pencil": (138.0, 124.0),
        "slip": (142.0, 150 + 34 * grow),
        "tiered": (waist + 40, waist + 66 + 92 * grow),
        "circle": (waist + 60, waist + 110 + 96 * grow),
        "denim": (148.0, 156 + 24 * grow),
    }
    hip, hem = shapes[style]
    if not c.back:
        c.part(
            [
                [(400 - waist, top - 24), (400, top - 36), (400 + waist, top - 24)],
                [(400 + waist, top - 24), (400, top), (400 - waist, top - 24)],
            ],
            darker(c.spec.color, 0.4),
            puff=0.1,
            drop=0,
        )
    p = skirt_panel(
        c,
        top=top,
        waist=waist,
        hip=hip,
        hem=hem,
        hem_y=hem_y,
        pleats=18 if style == "pleated" else 0,
        layers=2 if style == "tiered" else 0,
    )
    if style == "pencil":
        p.fold([(400 - 130, top + 190), (400, top + 205), (400 + 130, top + 188)], 16, -0.4)
        if c.back:
            p.line([(400, hem_y - 90), (400, hem_y + 30)], 2.6, opacity=0.8)
        p.seam([(400 - 46, top), (400 - 50, top + 110)], both=True)
    if style == "slip":
        p.seam([(400 + 60, top), (400 + 40, top + 200)])
    thread = "#c98f45" if style == "denim" else None
    if style == "denim" and not c.back:
        p.seam([(400 + 52, top + 10), (400 + 60, top + 64), (400 + 140, top + 86)], both=True)
        p.stitch([(400 + 57, top + 8), (400 + 65, top + 58), (400 + 140, top + 79)], thread, both=True)
        p.line([(400, top), (400, hem_y + 40)], 2.2)
        p.stitch([(408, top), (408, hem_y + 40)], thread)
        if c.spec.get("button_front"):
            for k in range(6):
                c.part(
                    ellipse(400, top + 60 + (hem_y - top - 90) * k / 5, 7, 7),
                    "#b08a55",
                    puff=0.5,
                    drop=0.7,
                    gloss=0.9,
                    wrinkle=0,
                )
    run: Run = [(400 - waist - 1, top - 8), (400, top + 4), (400 + waist + 1, top - 8)]
    b = c.part(band(run, 32), at=(400, top), puff=0.45, drop=0.7)
    if style in ("tiered", "circle") or c.spec.get("elastic"):
        b.line(run, 32, opacity=0.3, dash="2.4 6")
    else:
        b.stitch([(x, y + 11) for x, y in run], thread)
        b.stitch([(x, y - 11) for x, y in run], thread)
    if style == "denim" and not c.back:
        c.part(ellipse(401, top + 3, 8, 8), "#b08a55", puff=0.5, drop=0.7, gloss=0.9, wrinkle=0)
    if c.spec.get("tie") and not c.back:
        for dx, dy in ((34, 150), (-4, 130)):
            q = c.part(
                band([(352, top + 2), (352 + dx * 0.4, top + dy * 0.5), (352 + dx, top + dy)], 16, 22),
                at=(400, top),
                puff=0.7,
                drop=0.9,
            )
            q.fold([(352, top + 6), (352 + dx * 0.8, top + dy)], 7, -0.6)
        c.part(box(340, top - 12, 364, top + 16, 8), at=(400, top), puff=0.9, drop=0.8)
    c.focus = (400, top + 60, 340)
