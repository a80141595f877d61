"""Sneakers and boots in profile, toe to the left. The ground is at y = 640."""
# ruff: noqa: E501  path data reads better unbroken

from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import Run, Shape, band, box, darker, ellipse, lighter, luminance, mix

GROUND = 640.0


def finish(c: Canvas, dx: float = 96, dy: float = -92) -> None:
    """Put the other shoe behind this one, in the front view."""
    if c.view == "front":
        c.pair(0, dx, dy)
    c.margin = 0.98 if c.view == "front" else 0.9


def sole_under(
    c: Canvas, top: Run, *, color: str, thick: float, toe: float = 0.0, heel: float = 0.0, tread: bool = True
) -> None:
    """A sole along `top` (from toe to heel) down to the ground."""
    x0, x1 = top[0][0], top[-1][0]
    shape: Shape = [
        top,
        [top[-1], (x1 + 2 + heel, top[-1][1] + thick * 0.45), (x1 - 6 + heel, GROUND - 4), (x1 - 22, GROUND)],
        [(x1 - 22, GROUND), ((x0 + x1) / 2 + 40, GROUND - 2), (x0 + 120, GROUND), (x0 + 56, GROUND - 3)],
        [(x0 + 56, GROUND - 3), (x0 + 12, GROUND - 14 - toe), top[0]],
    ]
    p = c.part(shape, color, patterned=False, puff=0.8, drop=0.4, gloss=0.12, wrinkle=0)
    if tread:
        mid = [(x, y + (GROUND - y) * 0.62) for x, y in top]
        p.line(mid, 2, opacity=0.4)
        p.line([(x, GROUND - 6) for x, y in top], 9, darker(color, 0.45), 0.5, "6 5")


def sneakers(c: Canvas) -> None:
    """Sneakers: low court shoes, runners, canvas plimsolls and high-tops."""
    style = str(c.spec.get("shoe", "court"))
    sole = str(c.spec.get("sole", "#f4f2ec"))
    high = style == "high"
    runner = style == "runner"
    top_y = 300.0 if high else 398.0
    low = 590.0 if not runner else 574.0
    inside = c.part(
        [
            [(486, top_y + 14), (560, top_y - 6), (640, top_y - 2), (668, top_y + 6)],
            [(668, top_y + 6), (620, top_y + 46), (540, top_y + 50), (486, top_y + 14)],
        ],
        darker(str(c.spec.get("lining", c.spec.color)), 0.45),
        puff=0.2,
        drop=0,
        wrinkle=0,
    )
    inside.line([(500, top_y + 20), (640, top_y + 16)], 2)
    upper: Shape = [
        [
            (112, low),
            (104, 556),
            (122, 520),
            (176, 496),
            (248, 482),
            (330, 452),
            (400, 410 if not high else 372),
            (452, 384 if not high else 318),
            (482, top_y + 10),
        ],
        [(482, top_y + 10), (520, top_y + 40), (580, top_y + 42), (640, top_y + 20), (672, top_y - 6)],
        [(672, top_y - 6), (690, top_y + 14), (684, 470), (694, 540), (692, low)],
        [(692, low), (400, low + 6), (112, low)],
    ]
    u = c.part(upper, at=(300, 500), puff=1.2, drop=0.3, gloss=0.18 if c.spec.material == "leather" else 0.0)
    u.fold([(214, 500), (246, 540), (240, 586)], 17, -0.5)
    u.fold([(262, 482), (290, 530), (288, 584)], 15, 0.4)
    u.fold([(640, 460), (600, 500), (560, 586)], 22, -0.3)
    u.fold([(690, 430), (668, 470), (664, 530)], 16, 0.4)
    accent = c.spec.second
    if runner:
        wave: Shape = [
            [(300, 584), (380, 500), (470, 452), (560, 440)],
            [(560, 440), (590, 462)],
            [(590, 462), (500, 492), (430, 540), (392, 586)],
            [(392, 586), (300, 584)],
        ]
        c.part(wave, accent, puff=0.4, drop=0.6, wrinkle=0).stitch([(320, 570), (390, 508), (480, 462)])
        mud = c.part(
            [
                [(106, 594), (104, 556), (126, 524), (190, 530), (236, 556), (262, 592)],
                [(262, 592), (106, 594)],
            ],
            darker(c.spec.color, 0.22) if luminance(c.spec.color) > 0.2 else lighter(c.spec.color, 0.15),
            puff=0.4,
            drop=0.5,
            wrinkle=0,
        )
        mud.stitch([(120, 536), (188, 538), (232, 562), (254, 592)])
    elif style == "canvas" or high:
        cap: Shape = [
            [(108, 594), (102, 560), (120, 528), (172, 506)],
            [(172, 506), (206, 540), (212, 596)],
            [(212, 596), (108, 594)],
        ]
        c.part(
            cap,
            sole if style == "canvas" or high else c.spec.color,
            patterned=False,
            puff=0.9,
            drop=0.5,
            gloss=0.3,
            wrinkle=0,
        )
        u.stitch([(486, top_y + 60), (440, 470), (420, 590)])
        u.stitch([(494, top_y + 62), (448, 472), (428, 590)])
    else:
        u.stitch([(118, 540), (190, 520), (262, 546), (290, 590)])
        for k in range(4):
            for j in range(3):
                u.mark(
                    f'<circle cx="{196 + 17 * k}" cy="{520 + 13 * j - 5 * k}" r="2.6" fill="{darker(c.spec.color, 0.5)}"/>'
                )
        if c.spec.get("stripe", True):
            u.mark(
                f'<path d="M404 588C440 540 490 500 560 470L586 484C520 512 470 550 440 590Z" fill="{accent}" opacity=".95"/>'
            )
    tab: Shape = [
        [(648, top_y + 4), (676, top_y - 8), (690, top_y + 14), (686, 470)],
        [(686, 470), (652, 476)],
        [(652, 476), (644, 430), (648, top_y + 4)],
    ]
    heel = c.part(tab, accent if style != "canvas" else c.spec.color, puff=0.5, drop=0.6, wrinkle=0)
    heel.stitch([(656, top_y + 10), (654, 430), (660, 470)])
    tongue: Shape = [
        [(420, 398 if not high else 352), (438, top_y - 20), (470, top_y - 34), (500, top_y - 10)],
        [(500, top_y - 10), (486, top_y + 40), (452, 410 if not high else 360)],
        [(452, 410 if not high else 360), (420, 398 if not high else 352)],
    ]
    c.part(
        tongue,
        darker(c.spec.color, 0.06) if style != "canvas" else c.spec.color,
        patterned=False,
        puff=0.8,
        drop=0.4,
    )
    eyelet: Shape = [
        [(300, 474), (356, 440), (410, 400 if not high else 366), (464, top_y - 2)],
        [(464, top_y - 2), (500, top_y + 34)],
        [(500, top_y + 34), (450, 430 if not high else 400), (396, 472), (330, 504)],
        [(330, 504), (300, 474)],
    ]
    e = c.part(
        eyelet,
        None if style == "canvas" or high else lighter(c.spec.color, 0.05),
        at=(300, 500),
        puff=0.4,
        drop=0.7,
        wrinkle=0,
    )
    e.stitch([(336, 496), (396, 464), (446, 424 if not high else 396), (490, top_y + 30)])
    lace = str(c.spec.get("laces", "#f6f5f1"))
    n = 7 if high else 5
    for k in range(n):
        t = (k + 0.35) / n
        x = 318 + (474 - 318) * t
        y = 470 + ((top_y + 4) - 470) * t**1.06
        c.part(
            band([(x - 12, y - 15), (x + 14, y - 4), (x + 30, y + 17)], 11),
            lace,
            patterned=False,
            puff=0.9,
            drop=0.9,
            wrinkle=0,
            gloss=0,
        )
        c.part(
            ellipse(x + 31, y + 19, 4.4, 4.4),
            "#8d8d90" if luminance(c.spec.color) > 0.3 else "#cfcfd2",
            puff=0.3,
            drop=0.4,
            wrinkle=0,
            gloss=0.8,
        )
    bx, by = 452, top_y + 2
    for dx, dy, ex, ey in ((-44, -8, -66, 30), (30, 20, 60, 66)):
        c.part(
            band(
                [
                    (bx, by),
                    (bx + dx, by + dy),
                    (bx + ex, by + ey),
                    (bx + ex * 0.4, by + ey * 0.66),
                    (bx + 4, by + 4),
                ],
                8,
            ),
            lace,
            patterned=False,
            puff=0.9,
            drop=0.8,
            wrinkle=0,
            gloss=0,
        )
    sole_top: Run = (
        [(98, 590), (180, 596), (330, 592), (480, 590), (620, 584), (702, 572)]
        if not runner
        else [(94, 586), (180, 590), (330, 578), (480, 568), (620, 556), (712, 536)]
    )
    sole_under(c, sole_top, color=sole, thick=50, toe=8 if runner else 0, heel=10 if runner else 0)
    if style in ("canvas",) or high:
        last = c.parts[-1]
        last.line([(x, y + 14) for x, y in sole_top], 4, accent, 0.9)
    if runner:
        c.parts[-1].line([(96, 604), (330, 606), (560, 590), (712, 566)], 6, accent, 0.85)
    finish(c)
    c.focus = (430, 470, 420)


def boots(c: Canvas) -> None:
    """Boots: chelsea, lace-up, rain and tall ones."""
    style = str(c.spec.get("boot", "chelsea"))
    top_y = {"chelsea": 250.0, "lace": 200.0, "tall": 30.0, "rain": 150.0, "snow": 210.0, "heeled": 240.0}[
        style
    ]
    sole_c = str(c.spec.get("sole", "#2b2522"))
    heel_h = 70.0 if style == "heeled" else 34.0
    lift = 0.0 if style != "heeled" else 30.0
    low = 596.0
    wide = 22 if style in ("rain", "snow") else 0
    c.part(
        [
            [(430 - wide, top_y + 4), (550, top_y - 14), (672 + wide, top_y)],
            [(672 + wide, top_y), (550, top_y + 26), (430 - wide, top_y + 4)],
        ],
        darker(c.spec.color, 0.5),
        puff=0.1,
        drop=0,
        wrinkle=0,
    )
    upper: Shape = [
        [
            (112, low),
            (106, 560),
            (130, 524),
            (192, 502),
            (280, 486),
            (360, 452),
            (408, 400),
            (424 - wide * 0.5, (top_y + 400) / 2),
            (430 - wide, top_y),
        ],
        [(430 - wide, top_y), (550, top_y + 22), (672 + wide, top_y - 2)],
        [
            (672 + wide, top_y - 2),
            (668 + wide * 0.6, (top_y + 420) / 2),
            (664, 440),
            (684, 510),
            (690, low - lift),
        ],
        [(690, low - lift), (440, low - lift * 0.5), (112, low)],
    ]
    u = c.part(upper, at=(400, 400), puff=1.3, drop=0.3)
    u.fold([(404, 420), (470, 470), (560, 480), (650, 452)], 24, -0.6)
    u.fold([(390, 448), (460, 500), (560, 510), (660, 490)], 20, 0.45)
    u.fold([(200, 506), (232, 550), (226, 594)], 18, -0.45)
    u.fold([(248, 494), (282, 540), (280, 594)], 15, 0.4)
    if style == "tall":
        for k in range(4):
            y = 380 + 34 * k
            u.fold([(420, y), (520, y + 18), (660, y - 8)], 15, -0.5 if k % 2 else 0.42)
    if style == "chelsea":
        gore: Shape = [
            [(500, top_y + 22), (584, top_y + 18)],
            [(584, top_y + 18), (592, 380), (560, 470)],
            [(560, 470), (520, 400), (500, top_y + 22)],
        ]
        g = c.part(
            gore,
            darker(c.spec.color, 0.4) if luminance(c.spec.color) > 0.12 else "#2c2c30",
            puff=0.2,
            drop=0.3,
            gloss=0,
            wrinkle=0,
        )
        for k in range(12):
            x = 500.0 + 8 * k
            g.line([(x, top_y), (x, 480)], 2.4, lighter(g.color, 0.2), 0.4)
        c.part(
            band([(654, top_y + 26), (668, top_y - 26), (682, top_y + 26)], 12),
            darker(c.spec.color, 0.3),
            puff=0.6,
            drop=0.6,
            wrinkle=0,
        )
        u.seam([(488, top_y + 14), (496, 400), (470, 520), (440, 592)], stitched=True)
    if style in ("lace", "snow"):
        u.seam([(190, 504), (260, 540), (300, 594)], stitched=True)
        u.seam([(470, top_y + 20), (500, 420), (450, 592)], stitched=True)
        eye: Shape = [
            [(292, 482), (366, 446), (410, 396), (434, top_y + 6)],
            [(434, top_y + 6), (474, top_y + 14)],
            [(474, top_y + 14), (456, 410), (400, 478), (330, 512)],
            [(330, 512), (292, 482)],
        ]
        c.part(eye, None, at=(400, 400), puff=0.4, drop=0.6, wrinkle=0)
        lace = str(c.spec.get("laces", "#cfae7a"))
        n = 8
        for k in range(n):
            t = (k + 0.4) / n
            x = 318 + (450 - 318) * min(1.0, t * 1.35)
            y = 474 if t < 0.05 else 474 - (474 - top_y - 10) * t**1.15
            c.part(
                band([(x - 14, y - 12), (x + 12, y), (x + 26, y + 14)], 10),
                lace,
                patterned=False,
                puff=0.9,
                drop=0.9,
                wrinkle=0,
                gloss=0,
            )
            c.part(ellipse(x + 27, y + 15, 4.6, 4.6), "#b79a5a", puff=0.4, drop=0.4, gloss=0.9, wrinkle=0)
        if style == "snow" or c.spec.get("fur"):
            tone = str(c.spec.get("fur", "#e9dfcd"))
            for _ in range(70):
                fx, fy = c.rnd.uniform(418, 684), top_y + c.rnd.uniform(-26, 16)
                c.part(
                    ellipse(fx, fy, c.rnd.uniform(8, 16), c.rnd.uniform(5, 9), c.rnd.uniform(0, 180)),
                    mix(tone, "#8a7a62", c.rnd.uniform(0, 0.35)),
                    patterned=False,
                    puff=0.3,
                    drop=0.2,
                    wrinkle=0,
                    edge=0,
                    gloss=0,
                )
    if style == "rain":
        band_ = c.part(
            band([(426 - wide, top_y + 14), (550, top_y + 36), (674 + wide, top_y + 12)], 26),
            str(c.spec.second),
            patterned=False,
            puff=0.5,
            drop=0.4,
            gloss=0.4,
            wrinkle=0,
        )
        band_.line([(426, top_y + 14), (674, top_y + 12)], 1)
        u.seam([(120, 560), (240, 548), (440, 566), (690, 556)])
    if style in ("tall", "heeled"):
        c.zip(
            [(610, top_y + 30), (606, 300 if style == "tall" else 360), (590, 540)],
            "#b9bbbe",
            pull=True,
            width=6,
        )
    if style == "heeled":
        h: Shape = [
            [(590, low - 14), (700, low - lift - 6)],
            [(700, low - lift - 6), (690, 640)],
            [(690, 640), (622, 640)],
            [(622, 640), (606, low + 4), (590, low - 14)],
        ]
        c.part(h, sole_c, patterned=False, puff=0.8, drop=0.5, gloss=0.4, wrinkle=0)
        s: Run = [(104, 590), (240, 592), (400, 585), (560, 575), (700, 560)]
        c.part(
            band([(x, y + 8) for x, y in s], 22, 14),
            sole_c,
            patterned=False,
            puff=0.7,
            drop=0.4,
            gloss=0.4,
            wrinkle=0,
        )
    else:
        top: Run = [(108, 590), (220, 598), (400, 596), (560, 592), (692, 584)]
        sole_under(c, top, color=sole_c, thick=44, heel=2, tread=style != "chelsea")
        if style != "rain":
            c.parts[-1].stitch([(x, y + 8) for x, y in top], "#d8b46a" if style == "lace" else None)
            h2 = c.part(
                box(566, GROUND - heel_h, 702, GROUND, 5),
                darker(sole_c, 0.25),
                patterned=False,
                puff=0.6,
                drop=0.3,
                wrinkle=0,
            )
            h2.line([(566, GROUND - 14), (702, GROUND - 14)], 2, opacity=0.5)
    finish(c, 70 if style != "tall" else 110, -64 if style != "tall" else -40)
    c.focus = (400, 470, 440)
