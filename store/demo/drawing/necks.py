"""What closes a garment at the neck and down the front: ribbed necks, shirt collars, hoods, lapels, plackets."""

from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import Run, Shape, darker, flip, lighter, mirrored, whole
from store.demo.drawing.torso import TOP, Cut, neck_depth, neckline, trim


def full_neckline(c: Canvas, cut: Cut) -> Run:
    """The whole front neckline from the left neck point to the right one."""
    half = neckline(c, cut)
    return [*flip(half), *half[1:]]


def ribbed_neck(c: Canvas, cut: Cut, width: float = 20, color: str | None = None, ribs: bool = True) -> None:
    """A knitted band round a crew, scoop or v neck."""
    half = neckline(c, cut)
    if c.spec.neckline == "vneck" and not c.back:
        run = [(x, y + 5) for x, y in half]
        for r in (flip(run), run):
            trim(c, r, width, color=color, ribs=ribs)
        return
    run = [*flip(half), *half[1:]]
    trim(c, [(x, y + 4) for x, y in run], width, color=color, ribs=ribs)


def turtleneck(c: Canvas, cut: Cut, height: float = 78) -> None:
    """A folded roll neck."""
    n = cut.neck
    half: Shape = [
        [(400, TOP - height + 16), (400 + n * 0.7, TOP - height + 8), (400 + n * 0.98, TOP - height - 2)],
        [
            (400 + n * 0.98, TOP - height - 2),
            (400 + n * 1.04, TOP - height * 0.4),
            (400 + n * 1.12, TOP + 12),
        ],
        [(400 + n * 1.12, TOP + 12), (400 + n * 0.6, TOP + 40), (400, TOP + 46)],
    ]
    if not c.back:
        c.part(
            [
                [
                    (400 - n, TOP - height),
                    (400, TOP - height - 16),
                    (400 + n, TOP - height),
                    (400, TOP - height + 24),
                    (400 - n, TOP - height),
                ]
            ],
            darker(c.spec.color, 0.4),
            puff=0.1,
            drop=0,
        )
    p = c.part(whole(half), patterned=c.spec.pattern in ("plain", "textured"), puff=0.9, drop=1.0)
    for k in range(-8, 9):
        x = 400 + k * n * 0.13
        p.line([(x, TOP - height), (400 + (x - 400) * 1.1, TOP + 46)], 2, opacity=0.3)
    p.fold([(400 - n, TOP - 8), (400, TOP + 14), (400 + n, TOP - 8)], 16, -0.5)


def shirt_collar(
    c: Canvas,
    cut: Cut,
    *,
    size: float = 1.0,
    open_: bool = False,
    color: str | None = None,
    camp: bool = False,
) -> None:
    """A turned-down collar with two points; the stand shows at the back of the neck."""
    n = cut.neck
    if c.back:
        half: Shape = [
            [(400, TOP - 34), (400 + n * 0.7, TOP - 30), (400 + n + 2, TOP - 12)],
            [(400 + n + 2, TOP - 12), (400 + n + 20, TOP + 20)],
            [(400 + n + 20, TOP + 20), (400 + n * 0.6, TOP + 32), (400, TOP + 34)],
        ]
        p = c.part(whole(half), color, puff=0.6, at=(400, TOP), drop=0.9)
        p.stitch([(400 - n - 16, TOP + 14), (400, TOP + 27), (400 + n + 16, TOP + 14)])
        return
    stand: Shape = [
        [(400 - n - 4, TOP - 10), (400, TOP - 38), (400 + n + 4, TOP - 10)],
        [(400 + n + 4, TOP - 10), (400 + n - 6, TOP + 18)],
        [(400 + n - 6, TOP + 18), (400, TOP + 2), (400 - n + 6, TOP + 18)],
        [(400 - n + 6, TOP + 18), (400 - n - 4, TOP - 10)],
    ]
    inside = c.part(stand, darker(color or c.spec.color, 0.22), puff=0.25, drop=0.2)
    inside.mark(
        '<rect x="380" y="121" width="40" height="17" rx="2" fill="#f4f1ea" opacity=".9"/>'
        '<path d="M387 129h26" stroke="#4a4642" stroke-width="1.6" opacity=".7"/>'
    )
    tip = 92 * size
    spread = 30 if not camp else 58
    meet = (400 + (16 if open_ or camp else 2), TOP + neck_depth(c) - (18 if not camp else -26))
    leaf: Shape = [
        [(400 + n * 0.42, TOP - 27), (400 + n * 0.9, TOP - 20), (400 + n + 14, TOP + 8)],
        [
            (400 + n + 14, TOP + 8),
            (400 + n * 0.9 + spread * 0.4, TOP + tip * 0.7),
            (400 + n * 0.34 + spread, TOP + tip),
        ],
        [(400 + n * 0.34 + spread, TOP + tip), meet],
        [meet, (400 + n * 0.62, TOP + 22), (400 + n * 0.42, TOP - 27)],
    ]
    for side in (1, -1):
        piece = leaf if side == 1 else mirrored(leaf)
        p = c.part(piece, color, angle=34 * side, at=(400 + side * n, TOP), puff=0.5, drop=1.0)
        a, b = leaf[1][-1], leaf[1][1]
        run = [(a[0] - 5, a[1] - 9), (b[0] - 7, b[1] - 3), (leaf[1][0][0] - 5, leaf[1][0][1] + 3)]
        edge = [(meet[0] + 2, meet[1] - 7), (a[0] - 5, a[1] - 9)]
        for r in (run, edge):
            p.stitch(r if side == 1 else flip(r))
        if c.spec.get("button_down"):
            x = leaf[2][0]
            c.button(400 + side * (x[0] - 400 - 7), x[1] - 14, r=4.5)


def placket(
    c: Canvas,
    cut: Cut,
    *,
    end: float,
    start: float | None = None,
    n: int = 6,
    width: float = 34,
    buttons: bool = True,
    color: str | None = None,
    button: str | None = None,
    r: float = 7.5,
) -> Part | None:
    """A buttoned band down the centre front."""
    if c.back:
        return None
    y0 = start if start is not None else TOP + neck_depth(c) - 4
    p = c.part(
        [
            [(400 - width / 2, y0), (400 + width / 2, y0)],
            [(400 + width / 2, y0), (400 + width / 2, end)],
            [(400 + width / 2, end), (400 - width / 2, end + 1)],
            [(400 - width / 2, end + 1), (400 - width / 2, y0)],
        ],
        color,
        puff=0.25,
        drop=0.5,
        at=(400, TOP),
        wrinkle=0.5,
    )
    p.stitch([(400 - width / 2 + 5, y0), (400 - width / 2 + 5, end)])
    p.stitch([(400 + width / 2 - 5, y0), (400 + width / 2 - 5, end)])
    if buttons:
        for k in range(n):
            c.button(400, y0 + 22 + (end - y0 - 50) * k / max(n - 1, 1), r=r, color=button)
    return p


def hood(c: Canvas, cut: Cut, color: str | None = None, lined: str | None = None) -> None:
    """A hood lying behind the neck (front) or hanging on the back."""
    n = cut.neck
    if c.back:
        half: Shape = [
            [(400, TOP - 62), (400 + n * 0.9, TOP - 50), (400 + n + 34, TOP + 10)],
            [(400 + n + 34, TOP + 10), (400 + n * 1.1, TOP + 100), (400 + 34, TOP + 172), (400, TOP + 182)],
        ]
        p = c.part(whole(half), color, puff=1.0, at=(400, TOP), drop=1.2)
        p.seam([(400, TOP - 60), (400, TOP + 180)], stitched=True)
        p.fold([(400 - n, TOP + 30), (400 - 20, TOP + 120)], 24, -0.4, both=True)
        return
    outer: Shape = [
        [(400, TOP - 96), (400 + n * 0.95, TOP - 78), (400 + n + 48, TOP - 4), (400 + n + 22, TOP + 44)],
        [(400 + n + 22, TOP + 44), (400 + n * 0.5, TOP + 82), (400, TOP + 104)],
    ]
    p = c.part(whole(outer), color, puff=1.0, at=(400, TOP), drop=0.6)
    p.fold([(400 - n - 26, TOP + 10), (400 - n * 0.7, TOP - 60), (400, TOP - 84)], 18, 0.4, both=True)
    opening: Shape = [
        [
            (400, TOP - 62),
            (400 + n * 0.72, TOP - 46),
            (400 + n * 0.94, TOP + 4),
            (400 + n * 0.5, TOP + 62),
            (400 + 6, TOP + 90),
        ],
        [(400 + 6, TOP + 90), (400, TOP + 92)],
    ]
    inside = c.part(
        whole(opening), lined or darker(c.spec.color, 0.34), puff=-0.4, drop=0, wrinkle=0.8, gloss=0
    )
    inside.mark('<rect x="379" y="106" width="42" height="20" rx="2" fill="#f4f1ea" opacity=".9"/>')
    for side in (1, -1):
        lip: Run = [
            (400 + side * 4, TOP + 96),
            (400 + side * n * 0.56, TOP + 66),
            (400 + side * (n + 4), TOP + 4),
            (400 + side * n * 0.8, TOP - 56),
        ]
        from store.demo.drawing.geometry import band

        q = c.part(band(lip, 22, 12), color, puff=0.7, drop=0.9, at=(400, TOP))
        q.stitch([(x + side * 5, y + 5) for x, y in lip[:3]])


def cords(c: Canvas, color: str | None = None, length: float = 120) -> None:
    """The two ends of a drawstring, from eyelets below the neck."""
    from store.demo.drawing.geometry import band, ellipse

    if c.back:
        return
    tone = color or lighter(c.spec.color, 0.55)
    for side in (1, -1):
        x, y = 400 + side * 30, TOP + 88
        c.part(ellipse(x, y, 6, 6), "#9a9a9c", puff=0.4, drop=0.3, gloss=0.8, wrinkle=0)
        sway = c.rnd.uniform(-6, 10)
        run: Run = [
            (x, y + 2),
            (x + side * 4, y + length * 0.4),
            (x + side * sway, y + length * (1 if side > 0 else 0.93)),
        ]
        c.part(band(run, 7), tone, puff=1.2, drop=0.9, wrinkle=0, gloss=0)
        ex, ey = run[-1]
        c.part(
            band([(ex, ey - 4), (ex + side, ey + 20)], 8.5), darker(tone, 0.25), puff=1.0, drop=0.7, wrinkle=0
        )


def lapels(
    c: Canvas,
    cut: Cut,
    *,
    low: float,
    width: float = 62,
    collar: str | None = None,
    notch: bool = True,
    shawl: bool = False,
) -> None:
    """The turned-back fronts of a blazer or coat, meeting at height `low`, with the collar above them."""
    n = cut.neck
    if c.back:
        half: Shape = [
            [(400, TOP - 26), (400 + n * 0.7, TOP - 24), (400 + n + 4, TOP - 6)],
            [(400 + n + 4, TOP - 6), (400 + n + 20, TOP + 26)],
            [(400 + n + 20, TOP + 26), (400 + n * 0.6, TOP + 42), (400, TOP + 44)],
        ]
        c.part(whole(half), collar, puff=0.6, drop=0.9, at=(400, TOP))
        return
    stand: Shape = [
        [(400 - n * 0.9, TOP - 22), (400, TOP - 44), (400 + n * 0.9, TOP - 22)],
        [(400 + n * 0.9, TOP - 22), (400 + n * 0.86, TOP + 16)],
        [(400 + n * 0.86, TOP + 16), (400, TOP), (400 - n * 0.86, TOP + 16)],
        [(400 - n * 0.86, TOP + 16), (400 - n * 0.9, TOP - 22)],
    ]
    c.part(stand, darker(collar or c.spec.color, 0.16), puff=0.5, drop=0.9)
    inner = (400 + n * 0.66, TOP - 6)
    tip = (400 + n * 0.7 + width * 1.15, TOP + (low - TOP) * 0.40)
    leaf: Shape
    if shawl:
        leaf = [
            [
                inner,
                (400 + n + 20, TOP + 16),
                (400 + n * 0.8 + width, TOP + (low - TOP) * 0.42),
                (400 + width * 0.66, TOP + (low - TOP) * 0.78),
                (400 - 6, low),
            ],
            [(400 - 6, low), (400 + n * 0.36, TOP + (low - TOP) * 0.5), inner],
        ]
    else:
        gorge = (400 + n * 0.72 + 36, TOP + 78)
        leaf = [
            [inner, (400 + n * 0.98, TOP + 40), gorge],
            [gorge, tip],
            [tip, (400 + width * 0.9, TOP + (low - TOP) * 0.68), (394, low)],
            [(394, low), (400 + n * 0.4, TOP + (low - TOP) * 0.46), inner],
        ]
    for side in (-1, 1):
        piece = leaf if side == 1 else mirrored(leaf)
        p = c.part(piece, angle=26 * side, puff=0.5, drop=1.1, at=(400 + side * n, TOP))
        if not shawl:
            run = [
                (tip[0] - 6, tip[1] + 2),
                (400 + width * 0.82, TOP + (low - TOP) * 0.66),
                (400 + 6, low - 14),
            ]
            p.line(run if side == 1 else flip(run), 1.2, opacity=0.4)
    if shawl or not notch:
        return
    wing: Shape = [
        [(400 + n * 0.5, TOP - 34), (400 + n * 0.94, TOP - 24), (400 + n + 20, TOP + 10)],
        [(400 + n + 20, TOP + 10), (400 + n * 0.74 + 58, TOP + 62)],
        [(400 + n * 0.74 + 58, TOP + 62), (400 + n * 0.72 + 34, TOP + 80)],
        [(400 + n * 0.72 + 34, TOP + 80), (400 + n * 0.7, TOP + 28), (400 + n * 0.5, TOP - 34)],
    ]
    for side in (-1, 1):
        c.part(
            wing if side == 1 else mirrored(wing),
            collar,
            angle=20 * side,
            puff=0.5,
            drop=1.0,
            at=(400 + side * n, TOP),
        )
