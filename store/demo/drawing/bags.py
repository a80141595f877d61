"""Bags: backpacks, totes and shoulder bags."""

from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, lighter

GOLD = "#c9a24b"


def _hardware(c: Canvas) -> str:
    return str(c.spec.get("hardware", GOLD))


def _ring(c: Canvas, x: float, y: float, r: float = 15) -> None:
    c.part(
        band(ellipse(x, y, r, r)[0], r * 0.42),
        _hardware(c),
        patterned=False,
        puff=0.9,
        drop=0.8,
        gloss=1,
        wrinkle=0,
    )


def backpack(c: Canvas) -> None:
    """Backpacks with a front pocket; roll-tops; children's school bags."""
    roll = bool(c.spec.get("roll"))
    second = c.spec.second if c.spec.get("two_tone") or c.spec.pattern == "colourblock" else None
    for side in (1, -1):
        c.part(
            band(
                [
                    (400 + side * 90, 214),
                    (400 + side * 210, 330),
                    (400 + side * 232, 560),
                    (400 + side * 150, 790),
                ],
                42,
                26,
            ),
            darker(second or c.spec.color, 0.22),
            patterned=False,
            puff=0.8,
            drop=0.3,
        )
    c.part(
        band([(356, 214), (362, 150), (400, 134), (438, 150), (444, 214)], 20),
        darker(second or c.spec.color, 0.15),
        patterned=False,
        puff=0.9,
        drop=0.5,
        wrinkle=0,
    )
    body: Shape = [
        [(210, 330), (226, 240), (300, 200), (400, 192), (500, 200), (574, 240), (590, 330)]
        if not roll
        else [(212, 330), (222, 226), (400, 214), (578, 226), (588, 330)],
        [(590, 330), (612, 560), (604, 760)],
        [(604, 760), (592, 806), (540, 818), (400, 824), (260, 818), (208, 806), (196, 760)],
        [(196, 760), (188, 560), (210, 330)],
    ]
    b = c.part(body, at=(400, 300), puff=1.7)
    b.fold([(230, 480), (330, 500), (420, 486)], 22, -0.35)
    b.fold([(580, 440), (500, 470), (420, 466)], 22, 0.35)
    if roll:
        r = c.part(box(212, 176, 588, 258, 26), second, at=(400, 300), puff=1.3, drop=1.0)
        r.fold([(220, 236), (400, 246), (580, 236)], 12, -0.5)
        s = c.part(
            band([(400, 180), (404, 330), (402, 420)], 32),
            darker(second or c.spec.color, 0.3),
            patterned=False,
            puff=0.5,
            drop=1.0,
        )
        s.stitch([(390, 190), (392, 420)])
        c.part(
            box(376, 380, 428, 420, 6), _hardware(c), patterned=False, puff=0.4, drop=0.9, gloss=1, wrinkle=0
        )
    else:
        c.zip(
            [
                (196, 400),
                (214, 312),
                (252, 256),
                (330, 226),
                (400, 220),
                (470, 226),
                (548, 256),
                (586, 312),
                (604, 400),
            ],
            darker(c.spec.color, 0.1) if c.spec.get("dark_zip") else "#b9bbbe",
            pull=False,
        )
        c.part(ellipse(212, 414, 6, 17), "#b9bbbe", patterned=False, puff=0.6, drop=0.8, gloss=0.8, wrinkle=0)
    if c.back:
        pad = c.part(
            box(250, 300, 550, 780, 40), darker(c.spec.color, 0.2), patterned=False, puff=1.0, drop=0.7
        )
        for y in range(350, 760, 40):
            pad.line([(250, y), (550, y)], 3, opacity=0.35)
            pad.fold([(260, y), (540, y)], 10, -0.6)
        for side in (1, -1):
            st = c.part(
                band(
                    [
                        (400 + side * 60, 230),
                        (400 + side * 128, 330),
                        (400 + side * 138, 560),
                        (400 + side * 120, 700),
                        (400 + side * 168, 790),
                    ],
                    62,
                    30,
                ),
                darker(second or c.spec.color, 0.1),
                patterned=False,
                puff=0.9,
                drop=1.0,
            )
            st.stitch([(400 + side * 78, 260), (400 + side * 108, 340), (400 + side * 114, 560)])
        return
    py = 500.0
    pocket: Shape = [
        [(250, py + 30), (262, py), (400, py - 8), (538, py), (550, py + 30)],
        [(550, py + 30), (558, 690), (548, 770)],
        [(548, 770), (400, 784), (252, 770)],
        [(252, 770), (242, 690), (250, py + 30)],
    ]
    p = c.part(pocket, second, at=(400, 300), puff=1.2, drop=1.0)
    p.fold([(270, 700), (400, 720), (530, 696)], 24, -0.3)
    c.zip(
        [(256, py + 60), (300, py + 30), (400, py + 22), (500, py + 30), (544, py + 60)],
        "#b9bbbe",
        pull=False,
        width=7,
    )
    c.part(ellipse(256, py + 72, 5, 15), "#b9bbbe", patterned=False, puff=0.6, drop=0.8, gloss=0.8, wrinkle=0)
    for side in (1, -1):
        pk: Shape = [
            [(400 + side * 176, 640), (400 + side * 214, 630)],
            [(400 + side * 214, 630), (400 + side * 206, 800)],
            [(400 + side * 206, 800), (400 + side * 168, 800)],
            [(400 + side * 168, 800), (400 + side * 176, 640)],
        ]
        c.part(pk, darker(c.spec.color, 0.15), patterned=False, puff=0.5, drop=0.5)
    tag = c.part(
        box(362, 380, 438, 424, 6),
        "#a0764a" if not c.spec.kids else lighter(c.spec.color, 0.7),
        patterned=False,
        puff=0.3,
        drop=0.7,
        wrinkle=0,
    )
    tag.line([(376, 396), (424, 396)], 3)
    tag.line([(384, 408), (416, 408)], 2)
    if c.spec.pattern == "graphic":
        from store.demo.drawing import motifs

        motifs.draw(c, p, 400, 660, 92)
    c.focus = (400, 560, 420)


def tote(c: Canvas) -> None:
    """Totes: canvas shoppers, leather totes, woven beach bags."""
    leather = c.spec.material == "leather"
    handle = str(c.spec.get("handle") or (c.spec.color if not c.spec.get("two_tone") else c.spec.second))
    top, low, w = 400.0, 800.0, 224.0
    rear: Run = [
        (400 - 100, top + 10),
        (400 - 92, 220),
        (400 - 20, 150),
        (400 + 60, 172),
        (400 + 104, 260),
        (400 + 108, top + 10),
    ]
    c.part(band(rear, 20), darker(handle, 0.25), patterned=False, puff=0.9, drop=0.2, wrinkle=0.2)
    c.part(
        [
            [(400 - w + 6, top - 4), (400, top - 16), (400 + w - 6, top - 4)],
            [(400 + w - 6, top - 4), (400, top + 20), (400 - w + 6, top - 4)],
        ],
        darker(c.spec.color, 0.45),
        patterned=False,
        puff=0.1,
        drop=0,
    )
    body: Shape = [
        [(400 - w, top), (400, top + 12), (400 + w, top)],
        [(400 + w, top), (400 + w - 4, 600), (400 + w - (26 if leather else 12), low)],
        [(400 + w - (26 if leather else 12), low), (400, low + 12), (400 - w + (26 if leather else 12), low)],
        [(400 - w + (26 if leather else 12), low), (400 - w + 4, 600), (400 - w, top)],
    ]
    b = c.part(body, at=(400, top), puff=1.2)
    r = c.rnd
    for k in range(6):
        x = 400 + (k - 2.5) * 70 + r.uniform(-16, 16)
        b.fold(
            [(x, top + 30), (x + r.uniform(-20, 20), 600), (x + r.uniform(-26, 26), low - 20)],
            r.uniform(22, 40),
            r.choice((-0.35, 0.35)),
        )
    b.fold([(400 - w + 10, low - 20), (330, low - 90), (300, low - 180)], 24, -0.4, both=True)
    b.stitch([(400 - w, top + 22), (400, top + 34), (400 + w, top + 22)])
    if c.spec.pattern == "graphic" and not c.back:
        from store.demo.drawing import motifs

        motifs.draw(c, b, 400, 610, 112)
    if c.spec.get("two_tone"):
        b.mark(f'<path d="M{400 - w} 690Q400 704 {400 + w} 690V840H{400 - w}Z" fill="{c.spec.second}"/>')
        b.stitch([(400 - w, 698), (400, 711), (400 + w, 698)])
    for side in (1, -1):
        x = 400 + side * 104
        patch = c.part(
            box(x - 15, top + 6, x + 15, top + 74, 4),
            handle,
            patterned=False,
            puff=0.4,
            drop=0.6,
            wrinkle=0.1,
        )
        patch.stitch([(x - 10, top + 40), (x + 10, top + 68)])
        patch.stitch([(x + 10, top + 40), (x - 10, top + 68)])
    front: Run = [
        (400 - 104, top + 40),
        (400 - 108, 270),
        (400 - 70, 166),
        (400 + 4, 140),
        (400 + 74, 170),
        (400 + 108, 270),
        (400 + 104, top + 40),
    ]
    h = c.part(band(front, 23), handle, patterned=False, puff=0.9, drop=1.0, wrinkle=0.2)
    h.stitch([(x, y + 6) for x, y in front])
    if leather and not c.back:
        tag = c.part(
            box(376, 470, 424, 512, 4), darker(c.spec.color, 0.08), patterned=False, puff=0.3, drop=0.6
        )
        tag.line([(386, 490), (414, 490)], 2.4, GOLD, 0.9)
    c.focus = (400, 470, 400)


def crossbody(c: Canvas) -> None:
    """Shoulder bags: flap bags on a chain or strap, camera bags, saddle bags, top-handle bags."""
    style = str(c.spec.get("bag", "flap"))
    metal = _hardware(c)
    top, low, w = 470.0, 770.0, 236.0
    chain = bool(c.spec.get("chain"))
    strap: Run = [
        (400 - w + 14, top + 12),
        (236, 320),
        (290, 170),
        (400, 120),
        (510, 170),
        (564, 320),
        (400 + w - 14, top + 12),
    ]
    if chain:
        from store.demo.drawing.geometry import flatten

        points = flatten(strap, 8)
        for i, (x, y) in enumerate(points[:-1]):
            nx, ny = points[i + 1]
            for t in (0.0, 0.5):
                px, py = x + (nx - x) * t, y + (ny - y) * t
                import math

                tilt = math.degrees(math.atan2(ny - y, nx - x))
                c.part(
                    band(ellipse(px, py, 9.5, 5.5, tilt)[0], 3.6),
                    metal,
                    patterned=False,
                    puff=0.9,
                    drop=0.5,
                    gloss=1,
                    wrinkle=0,
                )
    else:
        s = c.part(
            band(strap, 24), darker(c.spec.color, 0.08), patterned=False, puff=0.8, drop=0.5, wrinkle=0.2
        )
        s.stitch([(x, y + 7) for x, y in strap])
    round_ = 60 if style in ("saddle", "camera") else 26
    body = box(400 - w, top, 400 + w, low, round_)
    if style == "saddle":
        body = [
            [(400 - w + 10, top), (400 + w - 10, top)],
            [
                (400 + w - 10, top),
                (400 + w + 4, 620),
                (560, 770),
                (400, 800),
                (240, 770),
                (400 - w - 4, 620),
                (400 - w + 10, top),
            ],
        ]
    if style == "handle":
        body = [
            [(400 - w + 40, top), (400 + w - 40, top)],
            [(400 + w - 40, top), (400 + w, low - 10)],
            [
                (400 + w, low - 10),
                (400 + w - 14, low + 6),
                (400, low + 12),
                (400 - w + 14, low + 6),
                (400 - w, low - 10),
            ],
            [(400 - w, low - 10), (400 - w + 40, top)],
        ]
        hr: Run = [(310, top + 10), (316, 380), (400, 330), (484, 380), (490, top + 10)]
        c.part(band(hr, 24), darker(c.spec.color, 0.1), patterned=False, puff=1.0, drop=0.6, wrinkle=0.1)
    b = c.part(body, at=(400, top), puff=1.7)
    b.fold([(400 - w + 20, low - 60), (400, low - 40), (400 + w - 20, low - 60)], 26, -0.25)
    if c.spec.get("quilted"):
        for k in range(-8, 14):
            for d in (1, -1):
                x = 400 + (k - 3) * 64
                run = [(x, top - 10), (x + d * 330, low + 40)]
                b.line(run, 1.6, opacity=0.45)
                b.fold(run, 12, -0.9)
    if style in ("flap", "saddle"):
        fy = top + 190 if style == "flap" else top + 170
        flap: Shape = [
            [(400 - w - 3, top - 4), (400 + w + 3, top - 4)],
            [(400 + w + 3, top - 4), (400 + w + 2, fy - 60), (400 + w - 30, fy - 8)],
            [(400 + w - 30, fy - 8), (400, fy + 22), (400 - w + 30, fy - 8)],
            [(400 - w + 30, fy - 8), (400 - w - 2, fy - 60), (400 - w - 3, top - 4)],
        ]
        if c.back:
            flap = [
                [(400 - w - 3, top - 4), (400 + w + 3, top - 4)],
                [(400 + w + 3, top - 4), (400 + w, top + 40)],
                [(400 + w, top + 40), (400 - w, top + 40)],
                [(400 - w, top + 40), (400 - w - 3, top - 4)],
            ]
        f = c.part(flap, at=(400, top), puff=1.0, drop=1.1)
        if c.spec.get("quilted") and not c.back:
            for k in range(-8, 14):
                for d in (1, -1):
                    x = 400 + (k - 3) * 64
                    run = [(x, top - 10), (x + d * 330, low + 40)]
                    f.line(run, 1.6, opacity=0.45)
                    f.fold(run, 12, -0.9)
        elif not c.back:
            f.stitch(
                [
                    (400 - w + 8, top),
                    (400 - w + 8, fy - 64),
                    (400 - w + 38, fy - 20),
                    (400, fy + 10),
                    (400 + w - 38, fy - 20),
                    (400 + w - 8, fy - 64),
                    (400 + w - 8, top),
                ]
            )
        if not c.back:
            c.part(
                box(372, fy - 12, 428, fy + 38, 8),
                metal,
                patterned=False,
                puff=0.5,
                drop=1.0,
                gloss=1,
                wrinkle=0,
            )
            c.part(
                box(390, fy + 4, 410, fy + 22, 4),
                darker(metal, 0.3),
                patterned=False,
                puff=0.5,
                drop=0.6,
                gloss=1,
                wrinkle=0,
            )
    else:
        c.zip(
            [
                (400 - w + 30, top + (40 if style == "camera" else 26)),
                (400, top + (34 if style == "camera" else 24)),
                (400 + w - 30, top + (40 if style == "camera" else 26)),
            ],
            metal,
            pull=False,
        )
        c.part(
            ellipse(400 - w + 40, top + 56, 6, 18),
            metal,
            patterned=False,
            puff=0.6,
            drop=0.8,
            gloss=1,
            wrinkle=0,
        )
        if not c.back and style == "camera":
            p = c.part(
                box(400 - w + 46, top + 100, 400 + w - 46, low - 30, 26), at=(400, top), puff=1.0, drop=0.9
            )
            p.stitch([(400 - w + 54, top + 118), (400 + w - 54, top + 118)])
    for side in (1, -1):
        _ring(
            c, 400 + side * (w - 14 if style != "handle" else w - 46), top + (6 if style != "handle" else 40)
        )
    c.focus = (400, 600, 380)
