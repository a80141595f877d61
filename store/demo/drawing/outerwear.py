"""Outerwear: coats, jackets, puffers, blazers and suits."""
# ruff: noqa: E501  path data reads better unbroken

from dataclasses import replace

from store.demo.drawing import bottoms, necks, torso
from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, lighter, mirrored, whole
from store.demo.drawing.torso import TOP, Cut

COAT = {"mini": 760.0, "knee": 920.0, "midi": 1030.0, "maxi": 1060.0}


def flap_pocket(c: Canvas, x: float, y: float, w: float = 96, tilt: float = 0, patch: bool = False) -> None:
    """A pocket with a flap at the hip."""
    if c.back:
        return
    side = 1 if x > 400 else -1
    if patch:
        q = c.part(box(x - w / 2, y, x + w / 2, y + w * 1.12, 10), at=(400, TOP), puff=0.4, drop=0.7)
        q.stitch([(x - w / 2 + 5, y), (x - w / 2 + 5, y + w * 1.05)])
        q.stitch([(x + w / 2 - 5, y), (x + w / 2 - 5, y + w * 1.05)])
    dy = tilt * side
    shape: Shape = [
        [(x - w / 2, y - dy), (x + w / 2, y + dy)],
        [(x + w / 2, y + dy), (x + w / 2 - 2, y + 34 + dy)],
        [(x + w / 2 - 2, y + 34 + dy), (x - w / 2 + 2, y + 34 - dy)],
        [(x - w / 2 + 2, y + 34 - dy), (x - w / 2, y - dy)],
    ]
    p = c.part(shape, at=(400, TOP), puff=0.4, drop=0.9)
    p.line([(x - w / 2, y + 29 - dy), (x + w / 2, y + 29 + dy)], 1.2, opacity=0.4)


def _overlap(c: Canvas, body: Part, cut: Cut, low: float, double: bool, n: int, button: str | None) -> None:
    """The edge where one front lies over the other, and its buttons."""
    if c.back:
        body.seam([(400, TOP + 40), (400, cut.hem_y + 30)])
        if c.spec.kind in ("coat", "blazer", "suit"):
            body.line([(400, cut.hem_y - 130), (400, cut.hem_y + 30)], 3, opacity=0.8)
        return
    edge = 400 + (62 if double else 12)
    run: Run = [(398, low), (edge, low + 34), (edge + 2, cut.hem_y + 30)]
    body.line(run, 2.4, opacity=0.65)
    body.fold([(x - 4, y) for x, y in run], 9, 0.8)
    body.fold([(x + 4, y) for x, y in run], 8, -0.9)
    step = (100 if double else 88) if n > 1 else 0
    for k in range(n):
        for x in (edge - 22, edge - 108) if double else (400,):
            c.button(x, low + 30 + step * k, 10 if c.spec.kind == "coat" else 8.5, button)


def coat(c: Canvas) -> None:
    """Coats: wool overcoats, trench coats, duffels and parkas."""
    style = str(c.spec.get("coat", "wool"))
    hem_y = COAT[c.spec.length or "knee"]
    cut = torso.cut_for(
        c,
        neck=66,
        shoulder=164 if not c.spec.men else 178,
        chest=162 if not c.spec.men else 176,
        waist=150 if not c.spec.men else 170,
        hem=186,
        hem_y=hem_y,
        waist_y=520,
        curve=8,
        sleeve_w=72,
        armpit=368,
    )
    if c.spec.men:
        cut = replace(cut, waist=172, hem=186, chest=178, shoulder=182, hem_y=hem_y)
    elif not c.spec.kids:
        cut = replace(cut, waist=152, hem=190, chest=162, shoulder=166, hem_y=hem_y)
    hooded = c.spec.neckline == "hooded"
    torso.inner_back(c, cut, label=not hooded)
    torso.sleeves(c, replace(cut, hem_y=735 if not c.spec.kids else 610), "long", cuff="none", puff=1.3)
    body = torso.front(c, cut, puff=1.25)
    torso.drape(c, body, cut, 0.9)
    for side in (1, -1):
        body.line([(400 + side * (x - 400), y) for x, y in torso.armhole(cut)], 2.4, opacity=0.55)
    body.stitch([(400 - cut.hem, cut.hem_y - 16), (400, cut.hem_y - 6), (400 + cut.hem, cut.hem_y - 16)])
    low = TOP + 250
    if style == "trench":
        _overlap(c, body, cut, low - 20, True, 4, "#5a4632")
        if c.back:
            body.seam(
                [(400 - cut.shoulder, TOP + 150), (400, TOP + 190), (400 + cut.shoulder, TOP + 150)],
                stitched=True,
            )
        else:
            flap: Shape = [
                [(400 - cut.shoulder + 12, TOP + 66), (400 - 40, TOP + 60)],
                [(400 - 40, TOP + 60), (400 - 40, TOP + 190), (400 - 70, TOP + 206)],
                [
                    (400 - 70, TOP + 206),
                    (400 - cut.chest + 20, TOP + 186),
                    (400 - cut.shoulder + 12, TOP + 66),
                ],
            ]
            c.part(flap, at=(400, TOP), puff=0.4, drop=0.8)
        necks.lapels(c, cut, low=low - 10, width=74)
        wy = cut.waist_y + 10
        belt: Run = [(400 - cut.waist - 3, wy - 6), (400, wy + 6), (400 + cut.waist + 3, wy - 6)]
        c.part(band(belt, 36), at=(400, TOP), puff=0.6, drop=1.0).stitch([(x, y + 12) for x, y in belt])
        if not c.back:
            c.part(box(372, wy - 20, 428, wy + 32, 8), "#5a4632", puff=0.5, drop=0.9, gloss=0.6, wrinkle=0)
            c.part(box(384, wy - 9, 416, wy + 21, 4), c.spec.color, puff=0.2, drop=0.2)
            c.part(
                band([(426, wy + 6), (470, wy + 60), (482, wy + 150)], 34, 36),
                at=(400, TOP),
                puff=0.6,
                drop=1.0,
            )
        for side in (1, -1):
            x = 400 + side * 118
            if not c.back:
                q = c.part(
                    band([(x - side * 14, wy + 60), (x + side * 16, wy + 150)], 26),
                    at=(400, TOP),
                    puff=0.4,
                    drop=0.8,
                )
                q.line([(x - side * 14, wy + 60), (x + side * 16, wy + 150)], 1, opacity=0.3)
    elif hooded:
        if not c.back:
            c.zip([(400, TOP + 96), (400, cut.hem_y - 30)], pull=True)
            p = c.part(box(376, TOP + 92, 424, cut.hem_y + 4, 4), at=(400, TOP), puff=0.4, drop=0.9)
            p.stitch([(382, TOP + 92), (382, cut.hem_y)])
            p.stitch([(418, TOP + 92), (418, cut.hem_y)])
            if style == "duffel":
                for k in range(4):
                    y = TOP + 160 + 105 * k
                    c.part(band([(330, y), (400, y + 3), (470, y)], 6), "#4a3524", puff=1, drop=0.8)
                    c.part(ellipse(400, y + 2, 32, 7), "#a97c4d", puff=1.2, drop=1.0, gloss=0.4, wrinkle=0)
            else:
                for k in range(5):
                    c.part(
                        ellipse(400, TOP + 130 + (cut.hem_y - TOP - 170) * k / 4, 8, 8),
                        "#6f6a60",
                        puff=0.5,
                        drop=0.8,
                        gloss=0.8,
                        wrinkle=0,
                    )
        for side in (1, -1):
            flap_pocket(c, 400 + side * 106, cut.waist_y + 90, 110, patch=True)
        if style == "parka":
            wy = cut.waist_y + 10
            body.line([(400 - cut.waist, wy), (400, wy + 8), (400 + cut.waist, wy)], 10, opacity=0.25)
            for k in range(11):
                x = (k - 5) * 28
                body.fold([(400 + x, wy - 34), (400 + x, wy + 44)], 11, -0.7 if k % 2 else 0.6)
        necks.hood(c, cut, lined=c.spec.get("lining"))
        if c.spec.get("fur"):
            _fur_edge(c, cut)
    else:
        double = bool(c.spec.get("double"))
        _overlap(c, body, cut, low + (0 if not double else -30), double, 3, c.spec.get("buttons"))
        for side in (1, -1):
            flap_pocket(c, 400 + side * 104, cut.waist_y + 76, 104, tilt=4)
        necks.lapels(c, cut, low=low + (6 if not double else -24), width=70, shawl=bool(c.spec.get("shawl")))
        if c.spec.get("belt"):
            wy = cut.waist_y + 6
            belt2: Run = [(400 - cut.waist - 3, wy - 6), (400, wy + 8), (400 + cut.waist + 3, wy - 6)]
            c.part(band(belt2, 42), at=(400, TOP), puff=0.8, drop=1.0).fold(belt2, 7, -0.5)
            if not c.back:
                for dx, dy in ((40, 230), (-6, 200)):
                    q = c.part(
                        band([(404, wy + 8), (404 + dx * 0.3, wy + dy * 0.5), (404 + dx, wy + dy)], 34, 42),
                        at=(400, TOP),
                        puff=0.8,
                        drop=1.0,
                    )
                    q.fold([(404, wy + 10), (404 + dx * 0.9, wy + dy)], 9, -0.6)
                c.part(box(384, wy - 16, 426, wy + 34, 12), at=(400, TOP), puff=1.0, drop=1.0)
    c.focus = (400, TOP + 150, 430)


def _fur_edge(c: Canvas, cut: Cut) -> None:
    tone = str(c.spec.get("fur"))
    n = cut.neck
    if c.back:
        run: Run = [
            (400 - n - 34, TOP + 6),
            (400 - n * 0.9, TOP - 52),
            (400, TOP - 66),
            (400 + n * 0.9, TOP - 52),
            (400 + n + 34, TOP + 6),
        ]
    else:
        run = [
            (400 - 8, TOP + 92),
            (400 - n * 0.8, TOP + 52),
            (400 - n - 14, TOP - 10),
            (400 - n * 0.7, TOP - 66),
            (400, TOP - 88),
            (400 + n * 0.7, TOP - 66),
            (400 + n + 14, TOP - 10),
            (400 + n * 0.8, TOP + 52),
            (400 + 8, TOP + 92),
        ]
    from store.demo.drawing.geometry import flatten

    for x, y in flatten(run, 5):
        for _ in range(3):
            dx, dy = c.rnd.uniform(-15, 15), c.rnd.uniform(-15, 15)
            t = c.rnd.uniform(0.05, 0.4)
            tone2 = darker(tone, t) if c.rnd.random() < 0.5 else lighter(tone, t * 0.8)
            c.part(
                ellipse(x + dx, y + dy, c.rnd.uniform(9, 17), c.rnd.uniform(4, 7), c.rnd.uniform(0, 180)),
                tone2,
                puff=0.3,
                drop=0.25,
                wrinkle=0,
                edge=0,
                gloss=0,
            )


def jacket(c: Canvas) -> None:
    """Jackets: bomber, denim, biker, wind and fleece jackets."""
    style = str(c.spec.get("jacket", "bomber"))
    cut = torso.cut_for(c, neck=66, hem_y=690, curve=4, sleeve_w=70, chest=160, shoulder=164)
    if c.spec.get("fit") is None and not c.spec.men and not c.spec.kids:
        cut = replace(cut, hem_y=650, waist=150, hem=150)
    hooded = c.spec.neckline == "hooded"
    rib = style == "bomber"
    second = c.spec.second if c.spec.get("sleeve_second") else None
    torso.inner_back(c, cut, label=not hooded)
    torso.sleeves(
        c, cut, "long", cuff="rib" if rib else "shirt" if style == "denim" else "none", color=second, puff=1.3
    )
    body = torso.front(c, cut, puff=1.25)
    torso.drape(c, body, cut, 1.0)
    if c.spec.pattern == "colourblock":
        from store.demo.drawing.tops import colour_blocks

        colour_blocks(c, body, cut)
    for side in (1, -1):
        body.line([(400 + side * (x - 400), y) for x, y in torso.armhole(cut)], 2.4, opacity=0.55)
    if style == "denim":
        thread = "#c98f45" if c.spec.material == "denim" else None
        yoke: Run = [
            (400 - cut.shoulder + 4, TOP + 120),
            (400, TOP + 128),
            (400 + cut.shoulder - 4, TOP + 120),
        ]
        body.seam(yoke)
        body.stitch([(x, y + 6) for x, y in yoke], thread)
        for side in (1, -1):
            for x0, x1 in ((52, 34), (112, 84)):
                run: Run = [(400 + side * x0, TOP + 128), (400 + side * x1, cut.hem_y)]
                body.seam(run)
                body.stitch([(x + side * 5, y) for x, y in run], thread)
            if not c.back:
                from store.demo.drawing.tops import chest_pocket

                chest_pocket(c, 400 + side * 82, TOP + 142, 72, flap=True)
        torso.trim(
            c,
            [(400 - cut.hem + 2, cut.hem_y - 12), (400, cut.hem_y - 8), (400 + cut.hem - 2, cut.hem_y - 12)],
            38,
            ribs=False,
        ).stitch(
            [(400 - cut.hem, cut.hem_y - 24), (400, cut.hem_y - 20), (400 + cut.hem, cut.hem_y - 24)], thread
        )
        necks.placket(c, cut, end=cut.hem_y + 8, n=6, width=34, r=7.5, button="#b08a55")
        necks.shirt_collar(c, cut, size=1.05, open_=True)
    elif style == "biker":
        if c.back:
            body.seam([(400 - cut.shoulder, TOP + 120), (400, TOP + 132), (400 + cut.shoulder, TOP + 120)])
        else:
            c.zip([(366, TOP + 200), (372, 520), (384, cut.hem_y)], "#c4c8cc")
            for x, y, dx, dy in ((480, 560, 50, -50), (300, 560, -46, -50), (474, 330, 66, -10)):
                c.zip([(x + dx, y + dy), (x, y)], "#c4c8cc", pull=False, width=7)
        necks.lapels(c, cut, low=TOP + 210, width=78)
        p = c.part(
            band(
                [
                    (400 - cut.hem + 2, cut.hem_y - 16),
                    (400, cut.hem_y - 10),
                    (400 + cut.hem - 2, cut.hem_y - 16),
                ],
                34,
            ),
            at=(400, TOP),
            puff=0.5,
            drop=0.7,
        )
        p.stitch([(400 - cut.hem, cut.hem_y - 30), (400, cut.hem_y - 24), (400 + cut.hem, cut.hem_y - 30)])
        if not c.back:
            c.part(
                box(416, cut.hem_y - 32, 452, cut.hem_y + 8, 4),
                "#b9bbbe",
                puff=0.4,
                drop=0.8,
                gloss=1,
                wrinkle=0,
            )
        for side in (1, -1):
            sh = c.part(
                band(
                    [(400 + side * 84, TOP + 8), (400 + side * (cut.shoulder - 16), TOP + cut.slope - 4)], 28
                ),
                at=(400, TOP),
                puff=0.4,
                drop=0.7,
            )
            sh.stitch([(400 + side * 84, TOP + 16), (400 + side * (cut.shoulder - 16), TOP + cut.slope + 4)])
    else:
        if rib:
            torso.trim(
                c,
                [
                    (400 - cut.hem + 8, cut.hem_y - 2),
                    (400, cut.hem_y + 2),
                    (400 + cut.hem - 8, cut.hem_y - 2),
                ],
                50,
            )
        else:
            torso.hem_stitch(c, body, cut)
        if not c.back:
            if c.spec.get("snaps"):
                for k in range(6):
                    c.part(
                        ellipse(400, TOP + 84 + (cut.hem_y - TOP - 96) * k / 5, 9, 9),
                        c.spec.get("buttons") or "#e9e6df",
                        puff=0.5,
                        drop=0.8,
                        gloss=0.5,
                        wrinkle=0,
                    )
                body.line([(412, TOP + 40), (412, cut.hem_y)], 2)
            else:
                c.zip([(400, TOP + torso.neck_depth(c) + (20 if hooded else -6)), (400, cut.hem_y + 16)])
            for side in (1, -1):
                q = c.part(
                    band([(400 + side * 84, cut.hem_y - 190), (400 + side * 112, cut.hem_y - 92)], 20),
                    at=(400, TOP),
                    puff=0.3,
                    drop=0.7,
                )
                q.stitch([(400 + side * 84, cut.hem_y - 190), (400 + side * 112, cut.hem_y - 92)])
        if hooded:
            necks.hood(c, cut, lined=c.spec.get("lining"))
        elif c.spec.neckline == "collar":
            necks.shirt_collar(c, cut, size=0.95, open_=True)
        elif c.spec.neckline == "turtleneck":
            necks.turtleneck(c, cut, 54)
        else:
            necks.ribbed_neck(c, cut, 30, color=c.spec.get("trim"))
    c.focus = (400, TOP + 150, 420)


def puffer(c: Canvas) -> None:
    """Down jackets and waistcoats, quilted in rows."""
    long = c.spec.length in ("knee", "midi")
    vest = c.spec.sleeve == "sleeveless"
    cut = torso.cut_for(
        c,
        neck=70,
        hem_y=(880 if not c.spec.kids else 960) if long else 690,
        curve=4,
        sleeve_w=84,
        chest=176,
        shoulder=178,
        waist=172,
        hem=174,
    )
    cut = replace(cut, waist=cut.chest - 2, hem=cut.chest, curve=4)
    hooded = c.spec.neckline == "hooded"
    torso.inner_back(c, cut, label=not hooded)
    if not vest:
        first = len(c.parts)
        torso.sleeves(c, replace(cut, hem_y=720 if not c.spec.kids else 650), "long", cuff="none", puff=1.6)
        for part in c.parts[first:]:
            part.folds.clear()
            side = 1 if max(x for run in part.shape for x, _ in run) > 540 else -1
            for k in range(9):
                y = TOP + 110 + 62 * k
                x0, x1 = 400 + side * (cut.chest - 70 + 9 * k), 400 + side * (cut.chest + 150)
                run: Run = [(x0, y + 14), ((x0 + x1) / 2, y + 8), (x1, y - 18)]
                _quilt(part, run)
    body = torso.front(c, cut, puff=1.6, armless=22 if vest else 0)
    if c.spec.pattern == "colourblock":
        from store.demo.drawing.tops import colour_blocks

        colour_blocks(c, body, cut)
    rows = int((cut.hem_y - TOP) / 62)
    for k in range(1, rows + 1):
        y = TOP + 26 + 62 * k
        _quilt(body, [(400 - cut.chest - 20, y - 6), (400, y + 6), (400 + cut.chest + 20, y - 6)])
    r = c.rnd
    for k in range(rows):
        for j in range(9):
            x = 400 + (j - 4) * cut.chest * 0.24 + r.uniform(-14, 14)
            y = TOP + 32 + 62 * k
            body.fold([(x, y + 2), (x + r.uniform(-8, 8), y + r.uniform(16, 30))], 9, r.choice((-0.6, 0.4)))
    if not c.back:
        c.zip([(400, TOP + 30), (400, cut.hem_y + 6)], "#cfd1d4")
        for side in (1, -1):
            c.zip(
                [(400 + side * 112, cut.hem_y - 190), (400 + side * 124, cut.hem_y - 90)],
                "#cfd1d4",
                pull=False,
                width=6,
            )
    if hooded:
        necks.hood(c, cut, lined=c.spec.get("lining"))
        if c.spec.get("fur"):
            _fur_edge(c, cut)
    else:
        necks.turtleneck(c, replace(cut, neck=74), 60)
    c.focus = (400, TOP + 150, 420)


def _quilt(p: Part, run: Run) -> None:
    p.line(run, 2, opacity=0.5)
    p.fold(run, 10, -0.85)
    p.fold([(x, y - 20) for x, y in run], 24, 0.6)
    p.fold([(x, y + 18) for x, y in run], 20, 0.25)


def blazer(c: Canvas) -> None:
    """Blazers, single or double-breasted."""
    _blazer(c)
    c.focus = (400, TOP + 170, 400)


def _blazer(c: Canvas) -> Cut:
    cut = torso.cut_for(c, neck=64, hem_y=735, curve=16, sleeve_w=62, armpit=360)
    if c.spec.men:
        cut = replace(cut, waist=156, hem=170, shoulder=180)
    elif not c.spec.kids:
        cut = replace(cut, waist=136, hem=158, shoulder=160)
    double = bool(c.spec.get("double"))
    low = TOP + (250 if not double else 220)
    torso.inner_back(c, cut)
    torso.sleeves(c, replace(cut, hem_y=cut.hem_y + 6), "long", cuff="none", puff=1.15)
    if not c.back:
        white = c.spec.get("inner")
        if white:
            half: Shape = [
                [(400, TOP + 40), (400 + 60, TOP + 10)],
                [(400 + 60, TOP + 10), (400 + 70, low)],
                [(400 + 70, low), (400, low + 20)],
            ]
            c.part(whole(half), white, puff=0.3, drop=0.3)
    body = torso.front(c, cut, puff=1.1)
    if not c.back and not double:
        # the fronts fall away from each other below the last button
        y0 = low + 118
        body.mark(
            f'<path d="M{400 + 10} {y0}Q{400 + 6} {cut.hem_y - 60} {400 - 46} {cut.hem_y + 40}H{400 + 70}Q{400 + 40} {cut.hem_y - 40} {400 + 10} {y0}Z" fill="{darker(c.spec.color, 0.62)}"/>'
        )
    torso.drape(c, body, cut, 0.6)
    for side in (1, -1):
        body.line([(400 + side * (x - 400), y) for x, y in torso.armhole(cut)], 2.4, opacity=0.55)
    if not c.back:
        body.seam([(400 + 86, TOP + 250), (400 + 92, cut.waist_y), (400 + 100, cut.waist_y + 100)], both=True)
    _overlap(c, body, cut, low, double, 2 if not double else 3, c.spec.get("buttons"))
    for side in (1, -1):
        flap_pocket(c, 400 + side * 98, cut.waist_y + 96, 92, tilt=4)
    if not c.back:
        q = c.part(band([(452, TOP + 196), (520, TOP + 186)], 18), at=(400, TOP), puff=0.3, drop=0.6)
        q.line([(452, TOP + 196), (520, TOP + 186)], 1, opacity=0.2)
    necks.lapels(c, cut, low=low, width=64 if not double else 74)
    if not c.back:
        for side in (1, -1):
            for k in range(3):
                x, y = cut.x(cut.shoulder) + cut.flare - 44, cut.hem_y - 20 - 20 * k
                c.button(400 + side * (x - 400 - 2 * k), y, 5, c.spec.get("buttons"))
    return cut


def suit(c: Canvas) -> None:
    """A two-piece suit: the jacket over its trousers."""
    from store.demo.drawing.bottoms import leg_shapes

    top = 505.0
    hem_y = 1325.0  # the jacket's 74 cm are 585 units: trousers of 104 cm
    fit = "straight" if c.spec.men else str(c.spec.get("leg", "straight"))
    shape, _, crotch = leg_shapes(fit, top, hem_y, False)
    for side in (-1, 1):
        p = c.part(shape if side == 1 else mirrored(shape), at=(400 + side * 80, top), puff=1.1, drop=0.5)
        bottoms._leg_folds(c, p, side, top, crotch, hem_y, fit)
        cx = 400 + side * (bottoms.LEGS[fit][1] * 0.56 + 14)
        p.fold([(cx - side * 22, top + 80), (cx, (crotch + hem_y) / 2), (cx + side * 2, hem_y)], 9, 0.9)
    _blazer(c)
    c.focus = (400, TOP + 170, 400)
