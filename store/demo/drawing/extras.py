"""Scarves, belts, jewellery and swimwear."""
# ruff: noqa: E501  path data reads better unbroken

import math

from store.demo.drawing.canvas import Canvas
from store.demo.drawing.geometry import (
    Run,
    Shape,
    band,
    box,
    darker,
    ellipse,
    flatten,
    lighter,
    whole,
)


def scarf(c: Canvas) -> None:
    """Long scarves looped once, with fringes; folded silk squares."""
    if c.spec.get("square"):
        _square(c)
        return
    fringe = bool(c.spec.get("fringe", True))
    for x0, x1, end, lean in ((440.0, 500.0, 800.0, 10.0), (330.0, 300.0, 860.0, -12.0)):
        tail: Shape = [
            [(x0 - 60, 330), (x0 + 60, 330)],
            [(x0 + 60, 330), (x1 + 78 + lean, 560), (x1 + 76 + lean, end)],
            [(x1 + 76 + lean, end), (x1 - 66 + lean, end + 4)],
            [(x1 - 66 + lean, end + 4), (x1 - 70, 560), (x0 - 60, 330)],
        ]
        t = c.part(tail, at=(x0, 330), angle=2 if x0 > 400 else -3, puff=1.1, drop=0.9)
        for k in range(4):
            x = x1 - 44 + 32 * k
            t.fold(
                [(x0 - 36 + 24 * k, 340), (x + c.rnd.uniform(-8, 8), 560), (x + lean, end)],
                c.rnd.uniform(16, 26),
                -0.55 if k % 2 else 0.5,
            )
        if fringe:
            for k in range(19):
                x, y = x1 - 62 + lean + 7.6 * k, end - 2.0
                tip = (x + c.rnd.uniform(-7, 7), y + c.rnd.uniform(44, 60))
                shade = (
                    c.spec.color,
                    c.spec.second if c.spec.pattern in ("checked", "striped") else c.spec.color,
                )[k % 3 == 1]
                c.part(
                    band([(x, y), ((x + tip[0]) / 2 + c.rnd.uniform(-3, 3), y + 26), tip], 5, 2.6),
                    darker(shade, 0.08 * (k % 3)),
                    patterned=False,
                    puff=0.7,
                    drop=0.3,
                    wrinkle=0,
                    edge=0.3,
                )
    loop: Shape = [
        [(400, 160), (520, 170), (600, 232), (596, 320), (520, 392), (400, 414)],
        [(400, 414), (280, 392), (204, 320), (200, 232), (280, 170), (400, 160)],
    ]
    p = c.part(loop, at=(400, 200), angle=8, puff=1.5, drop=1.1)
    for k in range(5):
        d = 24 * k
        p.fold(
            [
                (216 + d * 0.4, 260 + d * 0.5),
                (300, 330 + d * 0.7),
                (400, 350 + d * 0.55),
                (500, 334 + d * 0.6),
                (586 - d * 0.4, 262 + d * 0.5),
            ],
            22,
            -0.75 if k % 2 else 0.65,
        )
    inner: Shape = [
        [
            (282, 232),
            (340, 196),
            (400, 190),
            (460, 196),
            (518, 232),
            (470, 276),
            (400, 288),
            (330, 276),
            (282, 232),
        ]
    ]
    c.part(inner, darker(c.spec.color, 0.42), patterned=False, puff=-0.5, drop=0.0, wrinkle=0.5)
    c.focus = (400, 330, 400)


def _square(c: Canvas) -> None:
    """A silk square laid flat, one corner folded over."""
    shape: Shape = [
        [(170, 270), (300, 256), (520, 262), (640, 250)],
        [(640, 250), (648, 420), (640, 640), (646, 730)],
        [(646, 730), (470, 740), (300, 728), (164, 736)],
        [(164, 736), (158, 560), (166, 400), (170, 270)],
    ]
    p = c.part(shape, at=(400, 300), puff=0.5)
    p.mark(
        f'<path d="M170 270H646V734H164Z" fill="none" stroke="{c.spec.third}" stroke-width="44"/><path d="M206 304L612 290L616 700L198 702Z" fill="none" stroke="{darker(c.spec.third, 0.3)}" stroke-width="3"/>'
    )
    for k in range(7):
        x = 200 + 64 * k
        p.fold(
            [(x, 270), (x + c.rnd.uniform(-40, 40), 480), (x + c.rnd.uniform(-50, 50), 730)],
            c.rnd.uniform(26, 48),
            -0.5 if k % 2 else 0.45,
        )
    corner: Shape = [[(648, 560), (560, 600), (470, 740)], [(470, 740), (560, 690), (648, 560)]]
    q = c.part(corner, lighter(c.spec.color, 0.25), patterned=False, puff=0.7, drop=1.0)
    q.fold([(630, 590), (560, 640), (490, 726)], 18, 0.5)
    c.focus = (420, 480, 360)


def belt(c: Canvas) -> None:
    """A belt rolled up, its buckle in front."""
    metal = str(c.spec.get("hardware", "#c4c8cc"))
    wide = 74.0 if not c.spec.get("slim") else 44.0
    cx, cy = 400.0, 470.0
    edge, deep = darker(c.spec.color, 0.22), darker(c.spec.color, 0.66)
    turns = ((238, 92), (221, 83), (204, 74), (187, 65))
    for (
        rx,
        ry,
    ) in turns:  # a tight roll from above: the cut edge of each turn, and the dark between two of them
        c.part(ellipse(cx, cy, rx, ry), edge, patterned=False, puff=0.25, drop=0.3, wrinkle=0.2)
        c.part(ellipse(cx, cy + 1, rx - 8, ry - 5), deep, patterned=False, puff=0.1, drop=0.0, wrinkle=0)
    rx, ry = turns[-1]
    back = sorted(p for p in ellipse(cx, cy + 1, rx - 8, ry - 5)[0] if p[1] <= cy + 2)
    inside = _wall(back, min(wide, ry))
    c.part(inside, darker(c.spec.color, 0.4), patterned=False, puff=0.5, drop=0.0, gloss=0.15, wrinkle=0.3)
    rx, ry = turns[0]
    front = sorted(p for p in ellipse(cx, cy, rx, ry)[0] if p[1] >= cy - 1)
    w = c.part(_wall(front, wide), at=(400, 470), puff=0.9, drop=1.0, gloss=0.45, wrinkle=0.4)
    if c.spec.material != "canvas":
        w.stitch([(x, y + 7) for x, y in front])
        w.stitch([(x, y + wide - 7) for x, y in front])
    if c.spec.get("braided"):
        for j in range(30):
            x = cx - rx + 2 * rx * j / 29
            y = cy + ry * math.sqrt(max(0, 1 - ((x - cx) / rx) ** 2))
            for s in (1, -1):
                w.line([(x - 12 * s, y), (x + 12 * s, y + wide)], 4, darker(c.spec.color, 0.5), 0.5)
    x0, y0 = 470.0, 540.0
    c.part(
        band([(x0 + 96, y0 - 4), (x0 + 140, y0 - 18)], wide + 12),
        darker(c.spec.color, 0.12),
        patterned=False,
        puff=0.5,
        drop=0.7,
    )
    frame = box(x0 - 40, y0 - 14, x0 + 62, y0 + wide + 22, 14)
    c.part(frame, metal, patterned=False, puff=0.9, drop=1.2, gloss=1, wrinkle=0)
    c.part(box(x0 - 24, y0 + 2, x0 + 46, y0 + wide + 6, 8), c.spec.color, patterned=False, puff=0.2, drop=0.0)
    c.part(
        band([(x0 + 60, y0 + wide / 2 + 4), (x0 - 38, y0 + wide / 2 + 4)], 9),
        metal,
        patterned=False,
        puff=1.0,
        drop=0.9,
        gloss=1,
        wrinkle=0,
    )
    c.focus = (480, 580, 330)


def _wall(run: Run, height: float) -> Shape:
    """The face of a band standing on edge: a run and the same run `height` lower."""
    return [
        run,
        [run[-1], (run[-1][0], run[-1][1] + height)],
        [(x, y + height) for x, y in reversed(run)],
        [(run[0][0], run[0][1] + height), run[0]],
    ]


def jewellery(c: Canvas) -> None:
    """Necklaces, earrings and bracelets."""
    style = str(c.spec.get("jewel", "pendant"))
    metal = c.spec.color
    stone = str(c.spec.second)
    if style == "pendant" or style == "pearls":
        chain: Run = [(236, 170), (226, 330), (280, 520), (400, 640), (520, 520), (574, 330), (564, 170)]
        points = flatten(chain, 14 if style == "pendant" else 5)
        if style == "pearls":
            for x, y in points:
                p = c.part(
                    ellipse(x, y, 21, 21),
                    stone,
                    patterned=False,
                    puff=1.6,
                    drop=0.9,
                    gloss=0.8,
                    wrinkle=0,
                    edge=0.25,
                )
                p.mark(f'<circle cx="{x - 6:.0f}" cy="{y - 7:.0f}" r="5" fill="#fff" opacity=".8"/>')
            c.part(ellipse(400, 640, 13, 13), metal, patterned=False, puff=1.0, drop=0.6, gloss=1, wrinkle=0)
        else:
            for i, (x, y) in enumerate(points[:-1]):
                nx, ny = points[i + 1]
                c.part(
                    band(ellipse(x, y, 7, 4.4, math.degrees(math.atan2(ny - y, nx - x)))[0], 2.9),
                    metal,
                    patterned=False,
                    puff=0.8,
                    drop=0.5,
                    gloss=1,
                    wrinkle=0,
                )
            c.part(
                band(ellipse(400, 654, 9, 12)[0], 4.5),
                metal,
                patterned=False,
                puff=0.8,
                drop=0.8,
                gloss=1,
                wrinkle=0,
            )
            c.part(ellipse(400, 706, 40, 44), metal, patterned=False, puff=1.0, drop=1.0, gloss=1, wrinkle=0)
            g = c.part(
                ellipse(400, 706, 29, 33), stone, patterned=False, puff=1.4, drop=0.4, gloss=0.9, wrinkle=0
            )
            g.mark(
                '<path d="M380 690L400 680L420 690L412 716L388 716Z" fill="#fff" opacity=".22"/><path d="M386 688l10 -5" stroke="#fff" stroke-width="4" opacity=".8"/>'
            )
    elif style == "hoops":
        for x, y in ((300, 440), (510, 470)):
            ring = ellipse(x, y, 96, 104)[0]
            c.part(band(ring, 23), metal, patterned=False, puff=1.2, drop=1.0, gloss=1, wrinkle=0)
            c.part(
                band([(x - 8, y - 100), (x + 4, y - 122), (x + 16, y - 98)], 5),
                darker(metal, 0.15),
                patterned=False,
                puff=0.8,
                drop=0.6,
                gloss=1,
                wrinkle=0,
            )
    elif style == "studs":
        for x, y in ((310, 420), (490, 450)):
            for k in range(8):
                a = math.tau * k / 8
                c.part(
                    ellipse(x + 46 * math.cos(a), y + 46 * math.sin(a), 24, 15, math.degrees(a)),
                    metal,
                    patterned=False,
                    puff=1.0,
                    drop=0.8,
                    gloss=1,
                    wrinkle=0,
                )
            p = c.part(
                ellipse(x, y, 33, 33), stone, patterned=False, puff=1.6, drop=0.9, gloss=0.9, wrinkle=0
            )
            p.mark(f'<circle cx="{x - 9}" cy="{y - 11}" r="7" fill="#fff" opacity=".75"/>')
            if c.spec.get("drop"):
                c.part(
                    band([(x, y + 60), (x, y + 110)], 4),
                    metal,
                    patterned=False,
                    puff=0.7,
                    drop=0.7,
                    gloss=1,
                    wrinkle=0,
                )
                c.part(
                    ellipse(x, y + 142, 22, 32),
                    stone,
                    patterned=False,
                    puff=1.6,
                    drop=0.9,
                    gloss=0.9,
                    wrinkle=0,
                )
    else:
        ring = ellipse(400, 480, 216, 140)[0]
        for i, (x, y) in enumerate(flatten(ring, 2)[:-1]):
            q = c.part(
                ellipse(x, y, 25, 25),
                stone if i % 4 else metal,
                patterned=False,
                puff=1.6,
                drop=0.9,
                gloss=0.8,
                wrinkle=0,
            )
            q.mark(f'<circle cx="{x - 7:.0f}" cy="{y - 8:.0f}" r="5" fill="#fff" opacity=".6"/>')
    c.margin = 0.8
    c.focus = {
        "pendant": (400, 680, 260),
        "pearls": (400, 600, 300),
        "hoops": (300, 420, 300),
        "studs": (310, 430, 260),
    }.get(style, (400, 600, 300))


def swimwear(c: Canvas) -> None:
    """Swimsuits, bikinis and swim shorts."""
    style = str(c.spec.get("swim", "onepiece"))
    if style == "trunks":
        from store.demo.drawing import bottoms

        bottoms._shorts(c, 120 + 270)
        c.focus = (400, 240, 340)
        return
    w = 112.0
    if style == "bikini":
        for side in (1, -1):
            c.part(
                band([(400 + side * 70, 300), (400 + side * 60, 200), (400 + side * 40, 120)], 9),
                darker(c.spec.color, 0.08),
                patterned=False,
                puff=0.8,
                drop=0.4,
            )
        c.part(
            band([(270, 392), (400, 410), (530, 392)], 15), c.spec.color, patterned=False, puff=0.7, drop=0.4
        )
        for side in (1, -1):
            cup: Shape = [
                [(400 + side * 8, 402), (400 + side * 40, 310), (400 + side * 70, 286)],
                [(400 + side * 70, 286), (400 + side * 118, 330), (400 + side * 132, 396)],
                [(400 + side * 132, 396), (400 + side * 70, 414), (400 + side * 8, 402)],
            ]
            q = c.part(cup, at=(400, 300), puff=1.4, drop=0.9)
            q.stitch([(400 + side * 14, 396), (400 + side * 70, 405), (400 + side * 126, 390)])
        top = 560.0
        half: Shape = [
            [(400, top + 10), (400 + w + 18, top - 4)],
            [(400 + w + 18, top - 4), (400 + w + 32, top + 56)],
            [(400 + w + 32, top + 56), (400 + 80, top + 130), (400 + 34, top + 214)],
            [(400 + 34, top + 214), (400, top + 220)],
        ]
        c.part(
            whole(
                [
                    [(400, top - 8), (400 + w + 10, top - 10)],
                    [(400 + w + 10, top - 10), (400 + w, top + 30)],
                    [(400 + w, top + 30), (400, top + 30)],
                ]
            ),
            darker(c.spec.color, 0.4),
            patterned=False,
            puff=0.1,
            drop=0,
        )
        b = c.part(whole(half), at=(400, top), puff=1.3)
        b.fold([(400 + 110, top + 40), (400 + 40, top + 90), (400, top + 100)], 20, -0.35, both=True)
        c.focus = (400, 350, 340)
        return
    for side in (1, -1):
        c.part(
            band([(400 + side * 84, 276), (400 + side * 80, 190), (400 + side * 62, 130)], 22, 17),
            darker(c.spec.color, 0.2),
            patterned=False,
            puff=0.5,
            drop=0.3,
        )
    c.part(
        whole(
            [
                [(400, 300), (400 + 100, 300)],
                [(400 + 100, 300), (400 + 100, 380)],
                [(400 + 100, 380), (400, 400)],
            ]
        ),
        darker(c.spec.color, 0.4),
        patterned=False,
        puff=0.1,
        drop=0,
    )
    dip = 330.0 if not c.back else 430.0
    half2: Shape = [
        [(400, dip), (400 + 44, dip - 18), (400 + 72, 262)],
        [(400 + 72, 262), (400 + 100, 262)],
        [(400 + 100, 262), (400 + 106, 320), (400 + 128, 372)],
        [(400 + 128, 372), (400 + 108, 520), (400 + 132, 660)],
        [(400 + 132, 660), (400 + 84, 740), (400 + 34, 836)],
        [(400 + 34, 836), (400, 842)],
    ]
    b = c.part(whole(half2), at=(400, 300), puff=1.4)
    for k in range(4):
        y = 470 + 46 * k
        b.fold([(400 - 104, y), (400, y + 16), (400 + 104, y - 4)], 18, -0.3 if k % 2 else 0.28)
    b.fold([(400 + 30, 420), (400 + 70, 440), (400 + 110, 410)], 22, -0.4, both=True)
    for side in (1, -1):
        c.part(
            band([(400 + side * 86, 270), (400 + side * 84, 200), (400 + side * 66, 128)], 25, 19),
            None,
            at=(400, 300),
            puff=0.7,
            drop=0.6,
        )
        edge: Run = [(400 + side * 132, 660), (400 + side * 84, 740), (400 + side * 34, 836)]
        c.part(band(edge, 7), darker(c.spec.color, 0.1), patterned=False, puff=0.4, drop=0.2)
    if c.spec.get("ruffle"):
        fr: Shape = [
            [(400 - 126, 560), (400, 576), (400 + 126, 560)],
            [(400 + 126, 560), (400 + 168, 650)],
            [(400 + 168, 650), (400, 676), (400 - 168, 650)],
            [(400 - 168, 650), (400 - 126, 560)],
        ]
        f = c.part(fr, at=(400, 560), puff=0.9, drop=1.0)
        for k in range(15):
            x = 400 + (k - 7) * 18
            f.fold([(x, 566), (400 + (x - 400) * 1.3, 672)], 13, -0.8 if k % 2 else 0.7)
    c.focus = (400, 360, 360)
