"""Dresses and jumpsuits: a bodice, then a skirt or legs."""

from dataclasses import replace

from store.demo.drawing import bottoms, necks, torso
from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, mirrored, whole
from store.demo.drawing.torso import TOP, Cut

LENGTHS = {"mini": 740.0, "knee": 850.0, "midi": 1000.0, "maxi": 1150.0}


def _cut(c: Canvas) -> Cut:
    cut = torso.cut_for(
        c, shoulder=136, chest=132, waist=104, hem=112, waist_y=470, hem_y=480, neck=66, sleeve_w=54
    )
    cut = replace(cut, curve=6)
    if c.spec.kids:
        cut = replace(cut, waist=126, waist_y=410, hem_y=410, hem=128, armpit=325, shoulder=128, chest=126)
    if c.spec.get("empire"):
        cut = replace(cut, waist_y=420, hem_y=420, waist=114)
    return replace(cut, hem=cut.waist, hem_y=cut.waist_y)


def _strap_bodice(c: Canvas, cut: Cut) -> None:
    """A bodice on thin straps, or one that leaves the shoulders free."""
    off = c.spec.neckline == "offshoulder"
    top = 262.0
    if not off:
        for side in (1, -1):
            c.part(
                band([(400 + side * 78, top + 20), (400 + side * 74, 200), (400 + side * 66, 150)], 7),
                darker(c.spec.color, 0.12),
                puff=0.8,
                drop=0.3,
            )
    rear = c.part(
        whole(
            [
                [(400, top + 36), (400 + cut.chest - 6, top + 44)],
                [(400 + cut.chest - 6, top + 44), (400 + cut.chest - 10, top + 100)],
                [(400 + cut.chest - 10, top + 100), (400, top + 110)],
            ]
        ),
        darker(c.spec.color, 0.3),
        puff=0.2,
        drop=0,
    )
    rear.line([(260, top + 44), (540, top + 44)], 2)
    dip = (26 if off else 46) if not c.back else 30
    half: Shape = [
        [(400, top + dip), (400 + 40, top + dip * 0.6), (400 + 82, top), (400 + 92, top + 2)],
        [(400 + 92, top + 2), (400 + 112, top + 40), (400 + cut.chest - 2, top + 62)],
        [(400 + cut.chest - 2, top + 62), (400 + cut.chest - 8, top + 110), (400 + cut.waist, cut.waist_y)],
        [(400 + cut.waist, cut.waist_y), (400, cut.waist_y + 8)],
    ]
    body = c.part(whole(half), at=(400, TOP))
    if not c.back and c.spec.material not in ("knit",):
        body.seam([(400 + 64, cut.waist_y), (400 + 66, top + 110)], both=True)
        body.fold([(400 + 110, top + 70), (400 + 70, top + 96), (400 + 30, top + 86)], 20, 0.5, both=True)
    if off:
        half_ruff: Shape = [
            [(400, top + 10), (400 + 90, top - 6), (400 + cut.chest + 44, top + 10)],
            [
                (400 + cut.chest + 44, top + 10),
                (400 + cut.chest + 62, top + 60),
                (400 + cut.chest + 58, top + 104),
            ],
            [(400 + cut.chest + 58, top + 104), (400 + 90, top + 104), (400, top + 112)],
        ]
        p = c.part(whole(half_ruff), at=(400, TOP), puff=0.9, drop=1.0)
        p.line(
            [(400 - cut.chest - 44, top + 18), (400, top + 18), (400 + cut.chest + 44, top + 18)],
            9,
            opacity=0.25,
            dash="3 6",
        )
        for k in range(17):
            x = 400 + (k - 8) * 22
            p.fold([(x, top + 20), (400 + (x - 400) * 1.06, top + 108)], 13, -0.8 if k % 2 else 0.75)
    else:
        run = [*mirrored([half[0]])[0], *half[0][1:]]
        c.part(band(run, 8), c.spec.get("trim") or darker(c.spec.color, 0.05), puff=0.5, drop=0.3)
        for side in (1, -1):
            c.part(
                band([(400 + side * 86, top + 4), (400 + side * 84, 206), (400 + side * 68, 148)], 9),
                c.spec.color,
                puff=0.9,
                drop=0.5,
            )


def _bodice(c: Canvas) -> Cut:
    cut = _cut(c)
    if c.spec.neckline in ("straps", "offshoulder"):
        _strap_bodice(c, cut)
        return cut
    long_cut = replace(cut, hem_y=720 if not c.spec.kids else 600)  # sleeves end by the length of a top
    torso.inner_back(c, cut)
    cuff = "shirt" if c.spec.get("dress") == "shirt" else "hem"
    torso.sleeves(c, long_cut, c.spec.sleeve, cuff=cuff)
    body = torso.front(c, cut, armless=26 if c.spec.sleeve == "sleeveless" else 0)
    r = c.rnd
    for k in range(4):
        body.fold(
            [(400 + cut.chest - 6, cut.armpit + 10 + 22 * k), (400 + 70 - 12 * k, cut.armpit + 34 + 20 * k)],
            16,
            0.42 if k % 2 else -0.42,
            both=True,
        )
    for k in range(5):
        x = (k - 2) * 42
        body.fold(
            [(400 + x * 1.1, cut.armpit + 60), (400 + x + r.uniform(-6, 6), cut.waist_y + 6)],
            18,
            -0.4 if k % 2 else 0.36,
        )
    if c.spec.sleeve not in (None, "sleeveless"):
        for side in (1, -1):
            body.line([(400 + side * (x - 400), y) for x, y in torso.armhole(cut)], 2.2, opacity=0.5)
    if not c.back and c.spec.get("dress") not in ("wrap", "shirt"):
        body.seam([(400 + 62, cut.waist_y), (400 + 70, cut.waist_y - 110)], both=True)
    return cut


def dress(c: Canvas) -> None:
    """Dresses: fit-and-flare, slip, sheath, shirt, wrap, knit, tiered."""
    style = str(c.spec.get("dress", "flare"))
    cut = _bodice(c)
    hem_y = LENGTHS[c.spec.length or "knee"]
    if c.spec.kids:
        hem_y = cut.waist_y + (hem_y - 470) * 0.82
    span = (hem_y - cut.waist_y) / 300
    waist = cut.waist
    shapes = {
        "flare": (waist + 44, waist + 62 + 62 * span),
        "slip": (138.0, 138 + 22 * span),
        "sheath": (142.0, 134.0),
        "knit": (140.0, 142.0),
        "shirt": (waist + 44, waist + 44 + 40 * span),
        "wrap": (waist + 42, waist + 52 + 46 * span),
        "tiered": (waist + 40, waist + 66 + 66 * span),
        "pleated": (waist + 40, waist + 60 + 56 * span),
    }
    hip, hem = shapes[style]
    p = bottoms.skirt_panel(
        c,
        top=cut.waist_y - 4,
        waist=waist,
        hip=hip,
        hem=hem,
        hem_y=hem_y,
        pleats=20 if style == "pleated" else 0,
        layers=2 if style == "tiered" else 0,
    )
    joined = style in ("slip", "sheath", "knit")
    p.drop = 0.0 if joined else 0.5
    if joined:
        p.edge = 0.25
    if not joined and style != "knit":
        for k in range(11):
            x = (k - 5) / 5 * waist * 0.92
            p.fold([(400 + x, cut.waist_y), (400 + x * 1.16, cut.waist_y + 70)], 12, -0.55 if k % 2 else 0.5)
    if style == "shirt":
        necks.placket(c, cut, end=hem_y + 18, n=9, width=30, r=6.5)
        necks.shirt_collar(c, cut, open_=True)
    elif style == "wrap" and not c.back:
        run: Run = [(400 - cut.neck, TOP), (400 - 12, TOP + 130), (400 + waist - 14, cut.waist_y - 4)]
        bod = next(q for q in c.parts if q.puff == 1.0 and q.color == c.spec.color)
        bod.line(run, 2.4, opacity=0.6)
        bod.fold([(x + 4, y + 5) for x, y in run], 12, 0.7)
        p.line(
            [(400 + waist - 30, cut.waist_y), (400 + 70, cut.waist_y + 160), (400 + 96, hem_y + 20)],
            2.4,
            opacity=0.6,
        )
        p.fold(
            [(400 + waist - 34, cut.waist_y), (400 + 64, cut.waist_y + 160), (400 + 88, hem_y + 20)], 15, 0.9
        )
    elif c.spec.neckline in ("crew", "scoop", "vneck"):
        if style == "knit":
            necks.ribbed_neck(c, cut, 20)
        else:
            run2 = necks.full_neckline(c, cut)
            c.part(
                band([(x, y + 3) for x, y in run2], 9),
                darker(c.spec.color, 0.04)
                if c.spec.pattern == "plain"
                else c.spec.get("trim") or c.spec.color,
                patterned=False,
                puff=0.4,
                drop=0.4,
            )
    elif c.spec.neckline == "turtleneck":
        necks.turtleneck(c, cut, 66)
    elif c.spec.neckline == "collar":
        necks.shirt_collar(c, cut, size=0.8, color=c.spec.get("collar_color"))
    belt: Run = [
        (400 - waist - 2, cut.waist_y - 2),
        (400, cut.waist_y + 9),
        (400 + waist + 2, cut.waist_y - 2),
    ]
    if c.spec.get("belt") or style == "wrap":
        b = c.part(band(belt, 28), c.spec.get("belt_color"), at=(400, TOP), puff=0.7, drop=0.8)
        b.fold(
            [(400 - waist, cut.waist_y + 4), (400, cut.waist_y + 12), (400 + waist, cut.waist_y + 2)], 6, -0.5
        )
        if not c.back:
            x = 400 + (waist - 22 if style == "wrap" else 0)
            for dx, dy in ((26, 190), (-18, 170)):
                q = c.part(
                    band(
                        [
                            (x, cut.waist_y + 4),
                            (x + dx * 0.3, cut.waist_y + dy * 0.5),
                            (x + dx, cut.waist_y + dy),
                        ],
                        15,
                        24,
                    ),
                    c.spec.get("belt_color"),
                    at=(400, TOP),
                    puff=0.7,
                    drop=0.9,
                )
                q.fold([(x, cut.waist_y + 6), (x + dx * 0.9, cut.waist_y + dy)], 8, -0.6)
            c.part(
                box(x - 13, cut.waist_y - 12, x + 13, cut.waist_y + 20, 8),
                c.spec.get("belt_color"),
                at=(400, TOP),
                puff=0.9,
                drop=0.8,
            )
    elif not joined:
        c.parts[-1].marks.append("")
        c.part(band(belt, 7), darker(c.spec.color, 0.12), puff=0.3, drop=0.3, opacity=0.55)
    if c.spec.get("bow_back") and c.back:
        for side in (1, -1):
            c.part(
                [
                    [
                        (400, cut.waist_y),
                        (400 + side * 50, cut.waist_y - 34),
                        (400 + side * 84, cut.waist_y - 16),
                        (400 + side * 80, cut.waist_y + 26),
                        (400, cut.waist_y + 10),
                    ],
                    [(400, cut.waist_y + 10), (400, cut.waist_y)],
                ],
                puff=1.0,
            )
        c.part(ellipse(400, cut.waist_y + 5, 14, 14), puff=1.0)
    c.focus = (400, TOP + 160, 380)


def jumpsuit(c: Canvas) -> None:
    """Jumpsuits, and dungarees with a bib."""
    if c.spec.get("dungarees"):
        _dungarees(c)
        return
    cut = _bodice(c)
    fit = str(c.spec.get("leg", "wide"))
    top = cut.waist_y - 8
    hem_y = top + (600 if not c.spec.kids else 430)
    shape, _, crotch = bottoms.leg_shapes(fit, top, hem_y, c.spec.kids, waist=cut.waist)
    for side in (-1, 1):
        p = c.part(
            shape if side == 1 else mirrored(shape),
            at=(400 + side * 80, top),
            puff=1.1,
            drop=0.4,
            angle=-2 * side,
        )
        bottoms._leg_folds(c, p, side, top, crotch, hem_y, fit)
        p.seam([(400 + side * 60, top + 30), (400 + side * 78, top + 80), (400 + side * 130, top + 116)])
    belt: Run = [(400 - cut.waist - 2, top + 4), (400, top + 14), (400 + cut.waist + 2, top + 4)]
    b = c.part(band(belt, 26), at=(400, TOP), puff=0.6, drop=0.8)
    b.fold([belt[0], belt[1], belt[2]], 5, -0.4)
    if c.spec.neckline == "collar":
        necks.placket(c, cut, end=top - 2, n=5, width=28, r=6)
        necks.shirt_collar(c, cut, open_=True)
    elif c.spec.neckline in ("crew", "scoop", "vneck"):
        run2 = necks.full_neckline(c, cut)
        c.part(band([(x, y + 3) for x, y in run2], 9), c.spec.color, patterned=False, puff=0.4, drop=0.4)
    if not c.back:
        c.part(box(384, top, 416, top + 30, 4), "#b9975b", puff=0.5, drop=0.8, gloss=0.9, wrinkle=0)
        c.part(box(391, top + 6, 409, top + 24, 3), darker(c.spec.color, 0.1), puff=0.2, drop=0.2)
    c.focus = (400, TOP + 180, 400)


def _dungarees(c: Canvas) -> None:
    top = 420.0
    hem_y = top + (560 if not c.spec.kids else 400)
    brass = "#b08a55"
    thread = "#c98f45" if c.spec.material == "denim" else None
    w = 118.0
    for side in (1, -1):
        c.part(
            band(
                [(400 + side * 108, top + 4), (400 + side * 96, 260), (400 + side * 62, 152)]
                if c.back
                else [(400 + side * 64, 152), (400 + side * 100, 240), (400 + side * 112, top)],
                30,
            ),
            darker(c.spec.color, 0.15) if not c.back else c.spec.color,
            puff=0.5,
            drop=0.4,
        )
    shape, _, crotch = bottoms.leg_shapes(
        "straight" if not c.spec.get("leg") else str(c.spec.get("leg")), top, hem_y, c.spec.kids, waist=w
    )
    for side in (-1, 1):
        p = c.part(
            shape if side == 1 else mirrored(shape),
            at=(400 + side * 80, top),
            puff=1.1,
            drop=0.4,
            angle=-2 * side,
        )
        bottoms._leg_folds(c, p, side, top, crotch, hem_y, "straight")
        run: Run = [(400 + side * 62, top + 24), (400 + side * 74, top + 84), (400 + side * 140, top + 108)]
        p.seam(run)
        p.stitch([(x + side * 4, y - 5) for x, y in run], thread)
        low = [(400 + side * (x - 400), y - 30) for x, y in shape[2]]
        q = c.part(band(low, 40), at=(400, TOP), puff=0.5, drop=0.7)
        q.stitch([(x, y - 12) for x, y in low], thread)
    bib_top = 268 if not c.back else 330
    bib: Shape = [
        [(400 - 84, bib_top), (400 + 84, bib_top)],
        [(400 + 84, bib_top), (400 + 98, top - 30), (400 + 116, top + 10)],
        [(400 + 116, top + 10), (400 - 116, top + 10)],
        [(400 - 116, top + 10), (400 - 98, top - 30), (400 - 84, bib_top)],
    ]
    b = c.part(bib, at=(400, TOP), puff=0.9, drop=0.8)
    b.stitch([(400 - 84, bib_top + 12), (400 + 84, bib_top + 12)], thread)
    b.fold([(400 - 80, top - 20), (400, top - 34), (400 + 80, top - 16)], 18, -0.35)
    if not c.back:
        pk = c.part(box(340, bib_top + 44, 460, bib_top + 128, 10), at=(400, TOP), puff=0.4, drop=0.7)
        pk.stitch([(340, bib_top + 56), (460, bib_top + 56)], thread)
        pk.stitch([(400, bib_top + 56), (400, bib_top + 128)], thread)
    belt = c.part(
        band([(400 - w - 2, top + 8), (400, top + 16), (400 + w + 2, top + 8)], 34),
        at=(400, TOP),
        puff=0.5,
        drop=0.7,
    )
    belt.stitch([(400 - w, top - 4), (400, top + 4), (400 + w, top - 4)], thread)
    if not c.back:
        for side in (1, -1):
            x = 400 + side * 66
            strap = c.part(
                band([(400 + side * 62, 150), (x, 220), (x, bib_top + 40)], 30),
                at=(400, TOP),
                puff=0.6,
                drop=0.9,
            )
            strap.stitch([(400 + side * 54, 150), (x - side * 9, 220), (x - side * 9, bib_top + 30)], thread)
            c.part(
                box(x - 19, bib_top - 2, x + 19, bib_top + 34, 6),
                brass,
                puff=0.4,
                drop=0.9,
                gloss=0.9,
                wrinkle=0,
            ).mark(
                f'<rect x="{x - 12}" y="{bib_top + 5}" width="24" height="13" rx="3" fill="{c.spec.color}"/>'
            )
            c.part(ellipse(x, bib_top + 25, 8, 8), brass, puff=0.6, drop=0.6, gloss=0.9, wrinkle=0)
            c.part(
                ellipse(400 + side * (w - 6), top + 30, 6, 6), brass, puff=0.6, drop=0.6, gloss=0.9, wrinkle=0
            )
    c.focus = (400, 360, 360)
