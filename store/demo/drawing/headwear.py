"""Hats: caps, beanies, sun hats, bucket hats and fedoras."""

from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import Run, Shape, band, darker, ellipse, lighter, luminance, whole


def cap(c: Canvas) -> None:
    """Baseball caps, seen from the front, a little from above."""
    c.margin = 0.84
    second = c.spec.second if c.spec.get("two_tone") or c.spec.pattern == "colourblock" else None
    half: Shape = [
        [(400, 250), (470, 256), (560, 300), (604, 400), (612, 520)],
        [(612, 520), (520, 548), (400, 556)],
    ]
    p = c.part(whole(half), at=(400, 260), puff=1.8)
    for run in (
        [(400, 252), (400, 556)],
        [(404, 254), (500, 330), (520, 548)],
        [(396, 254), (300, 330), (280, 548)],
    ):
        p.seam(run, stitched=True)
    p.fold([(300, 520), (400, 500), (500, 520)], 24, -0.35)
    if c.back:
        p.mark('<path d="M330 556V520Q330 470 400 470Q470 470 470 520V556Z" fill="#2b2826"/>')
        c.part(band([(326, 546), (400, 556), (474, 546)], 24), None, patterned=False, puff=0.5, drop=0.8)
        c.part(
            band([(380, 540), (420, 540)], 30),
            "#b9bbbe",
            patterned=False,
            puff=0.4,
            drop=0.8,
            gloss=0.9,
            wrinkle=0,
        )
    else:
        for side in (1, -1):
            c.part(
                ellipse(400 + side * 60, 350, 6, 6),
                darker(c.spec.color, 0.3),
                patterned=False,
                puff=0.3,
                drop=0.2,
                wrinkle=0,
            )
        if c.spec.pattern == "graphic":
            from store.demo.drawing import motifs

            motifs.draw(c, p, 400, 430, 74)
        brim: Shape = [
            [(196, 540), (280, 506), (400, 496), (520, 506), (604, 540)],
            [(604, 540), (640, 600), (560, 650), (400, 668), (240, 650), (160, 600), (196, 540)],
        ]
        b = c.part(brim, second, at=(400, 500), puff=1.2, drop=1.2)
        for k in range(4):
            y = 14 * k
            b.stitch(
                [
                    (206 - 6 * k, 552 + y),
                    (280, 522 + y),
                    (400, 512 + y),
                    (520, 522 + y),
                    (594 + 6 * k, 552 + y),
                ]
            )
    c.part(ellipse(400, 250, 15, 9), second or c.spec.color, patterned=False, puff=1.0, drop=0.8, wrinkle=0)
    c.focus = (400, 480, 330)


def beanie(c: Canvas) -> None:
    """Knitted hats with a turned-up edge, some with a pompom."""
    c.margin = 0.84
    half: Shape = [
        [(400, 236), (480, 244), (570, 310), (604, 440), (606, 600)],
        [(606, 600), (500, 612), (400, 616)],
    ]
    if c.spec.get("slouchy"):
        half = [
            [(400, 220), (500, 226), (590, 296), (616, 440), (600, 600)],
            [(600, 600), (500, 612), (400, 616)],
        ]
    p = c.part(whole(half), at=(400, 240), puff=1.7)
    if c.spec.pattern != "textured":
        for k in range(-9, 10):
            x = 400.0 + k * 22
            run: Run = [(400 + k * 3, 240), (400 + k * 17, 360), (x, 600)]
            p.line(run, 3, opacity=0.28)
            p.fold(run, 9, -0.7)
    cuff: Shape = [
        [(186, 560), (300, 590), (400, 594), (500, 590), (614, 560)],
        [(614, 560), (622, 640), (618, 700)],
        [(618, 700), (500, 730), (400, 734), (300, 730), (182, 700)],
        [(182, 700), (178, 640), (186, 560)],
    ]
    q = c.part(
        cuff,
        c.spec.get("trim"),
        at=(400, 560),
        patterned=c.spec.pattern in ("plain", "textured"),
        puff=1.1,
        drop=1.1,
    )
    ink = darker(q.color, 0.4) if luminance(q.color) > 0.12 else lighter(q.color, 0.16)
    for k in range(-13, 14):
        x = 400 + k * 16.5
        lift = 34 * (k / 13) ** 2
        q.line([(x, 596 - lift), (x * 1.01 - 4, 736 - lift)], 4, ink, 0.34)
        q.fold([(x, 596 - lift), (x * 1.01 - 4, 736 - lift)], 8, -0.7)
    if c.spec.get("pompom"):
        tone = str(c.spec.get("pompom"))
        for _ in range(130):
            import math

            a, d = c.rnd.uniform(0, 6.283), 74 * math.sqrt(c.rnd.uniform(0, 1))
            shade = (
                darker(tone, c.rnd.uniform(0, 0.25))
                if c.rnd.random() < 0.5
                else lighter(tone, c.rnd.uniform(0, 0.2))
            )
            c.part(
                ellipse(
                    400 + d * math.cos(a),
                    196 + d * math.sin(a),
                    c.rnd.uniform(9, 18),
                    c.rnd.uniform(3, 6),
                    math.degrees(a) + c.rnd.uniform(-30, 30),
                ),
                shade,
                patterned=False,
                puff=0.35,
                drop=0.3,
                wrinkle=0,
                edge=0,
            )
    elif not c.back and c.spec.get("label", True):
        t = c.part(
            [
                [(452, 640), (510, 636)],
                [(510, 636), (511, 676)],
                [(511, 676), (453, 680)],
                [(453, 680), (452, 640)],
            ],
            "#efe9de",
            patterned=False,
            puff=0.2,
            drop=0.6,
            wrinkle=0,
        )
        t.line([(462, 652), (502, 650)], 2.4, "#4a4642")
        t.line([(468, 664), (496, 662)], 2, "#4a4642")
    c.focus = (420, 640, 340)


def sunhat(c: Canvas) -> None:
    """Straw hats and bucket hats."""
    c.margin = 0.95
    if c.spec.get("bucket"):
        crown: Shape = [
            [(400, 300), (470, 304), (520, 318), (548, 470)],
            [(548, 470), (480, 486), (400, 490)],
        ]
        p = c.part(whole(crown), at=(400, 300), puff=1.6)
        p.seam([(270, 336), (400, 352), (530, 336)], stitched=True)
        brim: Shape = [
            [(252, 462), (320, 484), (400, 490), (480, 484), (548, 462)],
            [(548, 462), (600, 540), (640, 610)],
            [(640, 610), (540, 650), (400, 662), (260, 650), (160, 610)],
            [(160, 610), (200, 540), (252, 462)],
        ]
        b = c.part(brim, at=(400, 460), puff=1.2, drop=0.9)
        for k in range(5):
            t = (k + 1) / 6
            b.stitch([(252 - 92 * t, 462 + 148 * t), (400, 490 + 172 * t), (548 + 92 * t, 462 + 148 * t)])
        b.fold([(240, 520), (300, 590), (300, 650)], 26, -0.5)
        b.fold([(560, 520), (500, 600), (500, 656)], 26, 0.45)
        for side in (1, -1):
            c.part(
                ellipse(400 + side * 100, 410, 6, 6),
                "#b9bbbe",
                patterned=False,
                puff=0.3,
                drop=0.3,
                gloss=0.9,
                wrinkle=0,
            )
        c.focus = (400, 500, 330)
        return
    brim2: Shape = [
        [(110, 600), (180, 540), (290, 512), (400, 504), (510, 512), (620, 540), (690, 600)],
        [(690, 600), (640, 660), (520, 690), (400, 696), (280, 690), (160, 660), (110, 600)],
    ]
    b = c.part(brim2, at=(400, 500), puff=1.3)
    for k in range(5):
        t = 0.16 * k
        b.line(
            [
                (110 + 60 * t, 600),
                (200 + 20 * t, 672 - 44 * t),
                (400, 694 - 40 * t),
                (600 - 20 * t, 672 - 44 * t),
                (690 - 60 * t, 600),
            ],
            2,
            opacity=0.35,
        )
    b.fold([(150, 620), (250, 660), (400, 664)], 30, 0.45)
    b.fold([(520, 560), (600, 590), (660, 600)], 26, -0.4)
    crown2: Shape = [
        [(400, 318), (460, 316), (516, 340), (546, 440), (556, 590)],
        [(556, 590), (500, 614), (400, 622)],
    ]
    p = c.part(whole(crown2), at=(400, 330), puff=1.6, drop=1.1)
    for k in range(6):
        y = 370 + 38 * k
        p.line([(240, y), (400, y + 22), (560, y)], 2, opacity=0.25)
    r = c.part(
        band([(243, 560), (300, 590), (400, 602), (500, 590), (557, 560)], 52),
        str(c.spec.second),
        patterned=False,
        puff=0.7,
        drop=0.7,
        gloss=0.2,
    )
    r.fold([(243, 566), (400, 606), (557, 566)], 8, -0.4)
    if not c.back:
        for s in (1, -1):
            c.part(
                [
                    [(520, 580), (520 + s * 34, 548), (520 + s * 70, 556), (520 + s * 66, 604), (520, 592)],
                    [(520, 592), (520, 580)],
                ],
                str(c.spec.second),
                patterned=False,
                puff=0.9,
                drop=0.9,
            )
        c.part(ellipse(520, 585, 12, 15), str(c.spec.second), patterned=False, puff=0.8, drop=0.8)
    c.focus = (440, 560, 380)


def fedora(c: Canvas) -> None:
    """Felt hats with a pinched crown."""
    c.margin = 0.95
    brim: Shape = [
        [(120, 590), (190, 556), (300, 540), (400, 536), (500, 540), (610, 556), (680, 590)],
        [(680, 590), (620, 634), (510, 654), (400, 660), (290, 654), (180, 634), (120, 590)],
    ]
    b = c.part(brim, at=(400, 500), puff=1.3)
    b.fold([(150, 604), (280, 636), (400, 640)], 26, 0.4)
    b.stitch([(132, 598), (190, 628), (290, 646), (400, 652), (510, 646), (610, 628), (668, 598)])
    crown: Shape = [
        [(400, 352), (430, 330), (480, 326), (520, 350), (544, 440), (556, 570)],
        [(556, 570), (500, 594), (400, 600)],
    ]
    p = c.part(whole(crown), at=(400, 330), puff=1.7, drop=1.0)
    p.fold([(400, 350), (396, 400), (400, 440)], 40, -0.9)
    p.fold([(330, 350), (310, 420), (320, 470)], 34, -0.6)
    p.fold([(470, 350), (490, 420), (480, 470)], 34, -0.6)
    r = c.part(
        band([(244, 540), (300, 568), (400, 580), (500, 568), (556, 540)], 50),
        str(c.spec.second),
        patterned=False,
        puff=0.6,
        drop=0.6,
        gloss=0.25,
    )
    r.line([(244, 540), (400, 580), (556, 540)], 1, opacity=0.1)
    if not c.back:
        c.part(
            [
                [(500, 540), (534, 530)],
                [(534, 530), (540, 580)],
                [(540, 580), (506, 592)],
                [(506, 592), (500, 540)],
            ],
            str(c.spec.second),
            patterned=False,
            puff=0.6,
            drop=0.9,
        )
    c.focus = (430, 540, 360)
