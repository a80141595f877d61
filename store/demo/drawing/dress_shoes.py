"""Heels, loafers, flats and sandals in profile, toe to the left."""

from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse
from store.demo.drawing.shoes import GROUND, finish, sole_under


def heels(c: Canvas) -> None:
    """Pumps and heeled sandals."""
    style = str(c.spec.get("heel", "pump"))
    block = bool(c.spec.get("block"))
    high = 178.0 if c.spec.get("high", True) else 110.0
    hy = GROUND - high
    inside: Shape = [
        [(262, 560 - high * 0.12), (420, 520 - high * 0.3), (640, hy - 62)],
        [(640, hy - 62), (668, hy - 60)],
        [(668, hy - 60), (560, hy + 10), (400, 590 - high * 0.3), (262, 560 - high * 0.12)],
    ]
    c.part(inside, "#d8bfa2", patterned=False, puff=0.3, drop=0, wrinkle=0, gloss=0.1)
    strappy = style in ("sandal", "ankle")
    insole: Run = [
        (128, 612),
        (240, 612),
        (340, 600 - high * 0.1),
        (470, 590 - high * 0.5),
        (580, hy + 10),
        (676, hy - 8),
    ]
    if block:
        heel: Shape = [
            [(574, hy - 4), (690, hy - 20)],
            [(690, hy - 20), (680, 560), (684, 640)],
            [(684, 640), (604, 640)],
            [(604, 640), (600, 560), (574, hy - 4)],
        ]
    else:
        heel = [
            [(560, hy + 4), (694, hy - 22)],
            [(694, hy - 22), (682, hy + 60), (668, 640)],
            [(668, 640), (646, 640)],
            [(646, 640), (640, hy + 90), (560, hy + 4)],
        ]
    c.part(heel, None, patterned=False, puff=0.9, drop=0.3, wrinkle=0)
    c.part(
        band([(x, y + 10) for x, y in insole], 15, 11),
        str(c.spec.get("sole", "#3a2a22")),
        patterned=False,
        puff=0.6,
        drop=0.3,
        wrinkle=0,
        gloss=0.2,
    )
    if strappy:
        c.part(
            band([(x, y + 1) for x, y in insole], 9, 9),
            "#d8bfa2",
            patterned=False,
            puff=0.4,
            drop=0.2,
            wrinkle=0,
        )
        for a, b, m in (((150, 606), (258, 602), (206, 540)), ((214, 604), (330, 590), (280, 520))):
            c.part(
                band([a, (m[0] - 20, m[1] + 8), (m[0] + 26, m[1] + 6), b], 30),
                puff=0.9,
                drop=0.9,
                wrinkle=0.2,
            )
        cup: Shape = [
            [(560, hy + 6), (620, hy - 40), (640, hy - 116)],
            [(640, hy - 116), (674, hy - 124)],
            [(674, hy - 124), (690, hy - 60), (690, hy - 14)],
            [(690, hy - 14), (560, hy + 6)],
        ]
        c.part(cup, puff=0.8, drop=0.8, wrinkle=0.2)
        strap = c.part(
            band(
                [
                    (664, hy - 112),
                    (560, hy - 150),
                    (470, hy - 150),
                    (456, hy - 120),
                    (540, hy - 96),
                    (650, hy - 92),
                ],
                17,
            ),
            puff=0.9,
            drop=0.9,
            wrinkle=0,
        )
        strap.stitch([(664, hy - 112), (560, hy - 150)])
        c.part(
            box(536, hy - 112, 562, hy - 82, 4),
            "#c9a24b",
            patterned=False,
            puff=0.4,
            drop=0.8,
            gloss=1,
            wrinkle=0,
        )
    else:
        upper: Shape = [
            [(104, 614), (112, 590), (160, 566), (226, 548), (276, 545)],
            [
                (276, 545),
                (330, 580 - high * 0.06),
                (420, 572 - high * 0.34),
                (520, hy + 2),
                (600, hy - 44),
                (652, hy - 76),
            ],
            [(652, hy - 76), (680, hy - 70), (696, hy - 30), (692, hy - 8)],
            [
                (692, hy - 8),
                (580, hy + 16),
                (470, 600 - high * 0.5),
                (340, 612 - high * 0.1),
                (240, 620),
                (104, 614),
            ],
        ]
        if c.spec.get("round_toe"):
            upper[0] = [(120, 616), (112, 584), (150, 554), (210, 540), (276, 545)]
        u = c.part(upper, puff=1.1, drop=0.4, wrinkle=0.2)
        u.fold([(180, 566), (236, 580), (250, 612)], 14, -0.4)
        u.line(
            [(282, 549), (334, 586 - high * 0.06), (424, 578 - high * 0.34), (522, hy + 8), (602, hy - 38)],
            1.6,
            opacity=0.45,
        )
        if c.spec.get("bow"):
            for s in (1, -1):
                c.part(
                    [
                        [
                            (236, 552),
                            (236 + s * 22, 528),
                            (236 + s * 44, 536),
                            (236 + s * 42, 566),
                            (236, 558),
                        ],
                        [(236, 558), (236, 552)],
                    ],
                    puff=0.9,
                    drop=0.9,
                )
            c.part(ellipse(236, 554, 8, 9), puff=0.8, drop=0.7)
        if style == "mary":
            s2 = c.part(
                band([(470, hy + 30), (440, hy - 16), (500, hy - 60), (590, hy - 44)], 17),
                puff=0.8,
                drop=0.9,
                wrinkle=0,
            )
            s2.line([(470, hy + 30), (590, hy - 44)], 1, opacity=0.3)
            c.part(
                box(446, hy - 34, 470, hy - 6, 4),
                "#c9a24b",
                patterned=False,
                puff=0.4,
                drop=0.8,
                gloss=1,
                wrinkle=0,
            )
    finish(c, 84, -78)
    c.focus = (300, 560, 420)


def loafers(c: Canvas) -> None:
    """Loafers, oxfords and ballet flats."""
    style = str(c.spec.get("loafer", "penny"))
    sole_c = str(c.spec.get("sole", "#33261e"))
    low = 600.0
    flat = style in ("ballet", "mary")
    if flat:
        c.part(
            [
                [(250, 540), (420, 560), (640, 500)],
                [(640, 500), (660, 506)],
                [(660, 506), (560, 590), (300, 590), (250, 540)],
            ],
            "#d8bfa2",
            patterned=False,
            puff=0.2,
            drop=0,
            wrinkle=0,
        )
        upper: Shape = [
            [(110, 606), (108, 576), (140, 546), (200, 532), (262, 534)],
            [(262, 534), (320, 572), (430, 586), (550, 560), (640, 492)],
            [(640, 492), (672, 494), (690, 540), (690, 606)],
            [(690, 606), (400, 614), (110, 606)],
        ]
        u = c.part(upper, puff=1.1, drop=0.3, wrinkle=0.4)
        edge: Run = [(258, 538), (320, 577), (430, 592), (552, 566), (644, 498)]
        c.part(band(edge, 9), darker(c.spec.color, 0.15), patterned=False, puff=0.6, drop=0.3, wrinkle=0)
        u.fold([(170, 540), (210, 570), (206, 604)], 14, -0.4)
        if style == "mary":
            strap = c.part(
                band([(352, 588), (388, 546), (452, 526), (520, 536), (552, 568)], 22),
                puff=0.8,
                drop=0.9,
                wrinkle=0,
            )
            strap.line([(388, 546), (452, 526), (520, 536)], 1, opacity=0.3)
            c.part(ellipse(368, 572, 11, 12), "#c9a24b", patterned=False, puff=0.8, drop=0.8, gloss=1)
        elif c.spec.get("bow", True):
            for s in (1, -1):
                c.part(
                    [
                        [
                            (238, 540),
                            (238 + s * 18, 518),
                            (238 + s * 40, 522),
                            (238 + s * 38, 552),
                            (238, 548),
                        ],
                        [(238, 548), (238, 540)],
                    ],
                    patterned=False,
                    puff=0.9,
                    drop=0.9,
                )
            c.part(ellipse(238, 543, 7, 8), patterned=False, puff=0.8, drop=0.7)
    else:
        top_y = 436.0
        c.part(
            [
                [(470, top_y + 16), (560, top_y - 2), (664, top_y + 6)],
                [(664, top_y + 6), (560, top_y + 50), (470, top_y + 16)],
            ],
            darker(str(c.spec.get("lining", "#b48a5c")), 0.2),
            patterned=False,
            puff=0.1,
            drop=0,
            wrinkle=0,
        )
        upper = [
            [
                (110, low),
                (104, 566),
                (130, 534),
                (196, 512),
                (280, 498),
                (360, 478),
                (420, 444),
                (452, top_y - 10),
            ],
            [(452, top_y - 10), (500, top_y + 36), (580, top_y + 44), (640, top_y + 26), (674, top_y - 4)],
            [(674, top_y - 4), (692, top_y + 20), (688, 520), (694, low)],
            [(694, low), (400, low + 6), (110, low)],
        ]
        u = c.part(upper, puff=1.2, drop=0.3)
        u.fold([(250, 508), (284, 548), (280, 596)], 17, -0.45)
        u.fold([(210, 514), (244, 556), (240, 598)], 15, 0.4)
        u.seam([(640, top_y + 28), (630, 520), (650, 598)], stitched=True)
        if style in ("penny", "tassel", "horsebit"):
            apron: Run = [(130, 560), (160, 540), (236, 528), (330, 520), (400, 500)]
            a = c.part(band(apron, 8), patterned=False, puff=0.9, drop=0.5, wrinkle=0)
            a.line(apron, 8, opacity=0.35, dash="3 5")
            strip: Shape = [
                [(330, 488), (420, 440)],
                [(420, 440), (470, 490), (520, 590)],
                [(520, 590), (420, 596)],
                [(420, 596), (390, 530), (330, 488)],
            ]
            q = c.part(strip, None, patterned=False, puff=0.5, drop=0.9)
            q.stitch([(338, 492), (396, 530), (426, 592)])
            q.stitch([(418, 448), (462, 494), (510, 588)])
            if style == "penny":
                q.mark(
                    f'<path d="M396 492Q424 506 446 490L452 506Q426 520 402 510Z" fill="{darker(c.spec.color, 0.65)}"/>'
                )
            elif style == "horsebit":
                c.part(
                    band([(372, 498), (410, 500), (450, 478)], 9),
                    "#c9a24b",
                    patterned=False,
                    puff=1,
                    drop=0.9,
                    gloss=1,
                    wrinkle=0,
                )
                for x, y in ((370, 496), (452, 478)):
                    c.part(
                        band(ellipse(x, y, 17, 17)[0], 7),
                        "#c9a24b",
                        patterned=False,
                        puff=0.9,
                        drop=0.8,
                        gloss=1,
                        wrinkle=0,
                    )
            else:
                for k in (0, 1):
                    x = 372 + 26 * k
                    t = c.part(
                        [
                            [(x, 496), (x + 16, 496)],
                            [(x + 16, 496), (x + 22, 548)],
                            [(x + 22, 548), (x - 8, 552)],
                            [(x - 8, 552), (x, 496)],
                        ],
                        patterned=False,
                        puff=0.6,
                        drop=0.9,
                    )
                    for j in range(5):
                        t.line([(x + 3 * j, 506), (x - 5 + 6 * j, 552)], 1.4, opacity=0.6)
        else:
            u.seam([(180, 516), (220, 546), (232, 600)], stitched=True)
            facing: Shape = [
                [(300, 494), (370, 474), (430, 440), (458, top_y - 4)],
                [(458, top_y - 4), (496, top_y + 34)],
                [(496, top_y + 34), (450, 500), (380, 540), (316, 540)],
                [(316, 540), (300, 494)],
            ]
            f = c.part(facing, None, patterned=False, puff=0.4, drop=0.7)
            f.stitch([(322, 534), (380, 533), (446, 494), (488, top_y + 34)])
            for k in range(4):
                x, y = 340 + 34 * k, 490 - 14 * k - 2 * k * k
                c.part(
                    band([(x - 8, y - 10), (x + 12, y), (x + 22, y + 20)], 7),
                    darker(c.spec.color, 0.55),
                    patterned=False,
                    puff=0.8,
                    drop=0.7,
                    wrinkle=0,
                )
    top: Run = [(100, 604), (240, 608), (400, 606), (560, 604), (702, 598)]
    sole_under(c, top, color=sole_c, thick=22, tread=False)
    if not flat:
        c.part(
            [
                [(560, 618), (700, 612)],
                [(700, 612), (696, 641)],
                [(696, 641), (572, 641)],
                [(572, 641), (560, 618)],
            ],
            darker(sole_c, 0.3),
            patterned=False,
            puff=0.5,
            drop=0.2,
            wrinkle=0,
        )
    finish(c, 92, -84)
    c.focus = (380, 520, 420)


def sandals(c: Canvas) -> None:
    """Sandals: slides, strappy flats and walking sandals."""
    style = str(c.spec.get("sandal", "slide"))
    sole_c = str(c.spec.get("sole", "#b08d62"))
    foot: Run = [(104, 590), (190, 588), (320, 582), (450, 570), (580, 562), (700, 566)]
    p = c.part(
        [
            foot,
            [(700, 566), (716, 590), (706, 616)],
            [(706, 616), (400, 626), (100, 622)],
            [(100, 622), (92, 606), (104, 590)],
        ],
        sole_c,
        patterned=False,
        puff=0.7,
        drop=0.3,
        wrinkle=0.1,
        gloss=0,
    )
    p.line([(100, 610), (400, 606), (706, 600)], 1.6, opacity=0.4)
    sole_under(
        c,
        [(98, 614), (240, 618), (400, 617), (560, 615), (706, 608)],
        color=darker(sole_c, 0.4) if style != "sport" else "#2b2b2e",
        thick=20,
        tread=True,
    )
    if style == "slide":
        for k, (x0, x1) in enumerate(((170, 330), (300, 470)) if c.spec.get("two", True) else ((180, 440),)):
            h = 470 - 18 * k
            s: Shape = [
                [(x0, 606), (x0 + 26, h + 30), (x0 + 90, h)],
                [(x0 + 90, h), (x1 - 20, h + 8)],
                [(x1 - 20, h + 8), (x1 + 14, h + 60), (x1, 606)],
                [(x1, 606), (x0, 606)],
            ]
            q = c.part(s, puff=1.0, drop=1.0, at=(300, 500), wrinkle=0.3)
            q.stitch([(x0 + 10, 600), (x0 + 34, h + 38), (x0 + 92, h + 9)])
            q.stitch([(x1 - 24, h + 14), (x1 + 2, h + 64), (x1 - 10, 600)])
            if c.spec.get("two", True):
                c.part(
                    box(x1 - 58, h + 40, x1 - 20, h + 84, 5),
                    "#b9975b",
                    patterned=False,
                    puff=0.4,
                    drop=0.9,
                    gloss=1,
                    wrinkle=0,
                )
                c.part(
                    box(x1 - 49, h + 50, x1 - 29, h + 74, 3),
                    c.spec.color,
                    patterned=False,
                    puff=0.3,
                    drop=0.2,
                )
    elif style == "sport":
        for a, m, b in (
            ((160, 604), (220, 480), (330, 600)),
            ((330, 602), (420, 440), (500, 596)),
            ((560, 600), (620, 470), (690, 592)),
        ):
            s3: Run = [a, ((a[0] + m[0]) / 2, m[1] + 40), m, ((b[0] + m[0]) / 2 + 12, m[1] + 46), b]
            q = c.part(band(s3, 40), puff=0.8, drop=1.0, wrinkle=0.2)
            q.line(s3, 24, c.spec.second, 0.9)
            q.line(s3, 1.5, opacity=0.4)
        c.part(band([(430, 450), (540, 420), (640, 470)], 34), puff=0.8, drop=1.0, wrinkle=0.2).line(
            [(430, 450), (540, 420), (640, 470)], 18, c.spec.second, 0.9
        )
        c.part(
            box(500, 412, 560, 450, 6), "#2b2b2e", patterned=False, puff=0.5, drop=0.8, gloss=0.3, wrinkle=0
        )
    else:
        for run in (
            [(150, 602), (196, 530), (262, 520), (300, 600)],
            [(240, 600), (330, 500), (420, 470), (440, 596)],
            [(262, 524), (340, 480), (450, 400), (520, 372)],
        ):
            c.part(band(run, 19), puff=0.9, drop=1.0, wrinkle=0.1)
        cup: Shape = [
            [(590, 590), (640, 520), (650, 440)],
            [(650, 440), (686, 434)],
            [(686, 434), (704, 520), (704, 584)],
            [(704, 584), (590, 590)],
        ]
        c.part(cup, puff=0.7, drop=0.8, wrinkle=0.1)
        c.part(
            band([(672, 450), (580, 392), (500, 366), (470, 384), (560, 440), (660, 470)], 18),
            puff=0.9,
            drop=1.0,
            wrinkle=0,
        )
        c.part(box(540, 408, 568, 440, 4), "#c9a24b", patterned=False, puff=0.4, drop=0.8, gloss=1, wrinkle=0)
    finish(c, 96, -100)
    c.focus = (340, 520, 440)
