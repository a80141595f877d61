"""The upper body of a garment, as on an invisible mannequin: back of the neck, sleeves, front, ribbing and folds."""

from dataclasses import dataclass, replace

from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import (
    Point,
    Run,
    Shape,
    band,
    darker,
    flip,
    lighter,
    luminance,
    mirrored,
    whole,
)

TOP = 150.0  # height of the neck points


@dataclass(frozen=True)
class Cut:
    """Half widths and heights of a torso, in drawing units from the centre line and the top of the frame."""

    neck: float = 64
    shoulder: float = 152
    slope: float = 40
    chest: float = 148
    waist: float = 142
    hem: float = 148
    armpit: float = 352
    waist_y: float = 520
    hem_y: float = 700
    curve: float = 10  # how far the hem dips at the centre (negative: a shirt tail that rises there)
    sleeve_w: float = 58  # width of the sleeve at its end
    flare: float = 88  # how far the sleeve's end stands off the shoulder

    def x(self, half: float) -> float:
        """Right-hand x of a half width."""
        return 400 + half


FITS: dict[str, dict[str, float]] = {
    "regular": {},
    "slim": {"chest": 142, "waist": 124, "hem": 140, "shoulder": 146},
    "boxy": {
        "chest": 168,
        "waist": 168,
        "hem": 168,
        "shoulder": 172,
        "hem_y": 690,
        "slope": 48,
        "armpit": 372,
    },
    "oversized": {
        "chest": 182,
        "waist": 182,
        "hem": 178,
        "shoulder": 192,
        "hem_y": 725,
        "slope": 58,
        "armpit": 395,
        "sleeve_w": 70,
    },
    "cropped": {"hem_y": 560, "waist_y": 450, "chest": 146, "waist": 140, "hem": 142},
    "long": {"hem_y": 790},
}


def cut_for(c: Canvas, **changes: float) -> Cut:
    """The torso's measures for this garment: fit, men's or children's proportions, then `changes`."""
    cut = Cut()
    if c.spec.men:
        cut = replace(cut, shoulder=176, chest=172, waist=166, hem=166, neck=68, hem_y=740)
    elif not c.spec.kids:
        cut = replace(cut, shoulder=156, chest=154, waist=140, hem=154, waist_y=500)
    cut = replace(cut, **changes)
    fit = dict(FITS[str(c.spec.get("fit", "regular"))])
    if c.spec.men and c.spec.get("fit") == "slim":
        fit = {"waist": 150, "hem": 154}
    cut = replace(cut, **fit)
    if c.spec.kids:
        cut = replace(
            cut,
            neck=60,
            hem_y=TOP + (cut.hem_y - TOP) * 0.82,
            waist_y=TOP + (cut.waist_y - TOP) * 0.84,
            waist=cut.chest - 2,
            hem=cut.chest + 6,
            armpit=332,
            sleeve_w=cut.sleeve_w + 4,
        )
    return cut


def neck_depth(c: Canvas, default: float = 50) -> float:
    """How far the front neckline falls below the neck points."""
    if c.back:
        return 14
    return {
        "crew": 52,
        "vneck": 128,
        "scoop": 118,
        "collar": 58,
        "hooded": 62,
        "turtleneck": 40,
        "straps": 100,
    }.get(c.spec.neckline or "", default)


def neckline(c: Canvas, cut: Cut) -> Run:
    """Half of the neckline, from the centre front to the neck point on the right."""
    d, x = neck_depth(c), cut.x(cut.neck)
    if c.spec.neckline == "vneck" and not c.back:
        return [(400, TOP + d), (400 + cut.neck * 0.62, TOP + d * 0.47), (x, TOP)]
    return [
        (400, TOP + d),
        (400 + cut.neck * 0.52, TOP + d * 0.87),
        (400 + cut.neck * 0.9, TOP + d * 0.42),
        (x, TOP),
    ]


def armhole(cut: Cut) -> Run:
    """From the shoulder point to the armpit on the right."""
    sx, sy = cut.x(cut.shoulder), TOP + cut.slope
    return [(sx - 12, sy - 3), (sx - 14, sy + (cut.armpit - sy) * 0.5), (cut.x(cut.chest), cut.armpit)]


def inner_back(c: Canvas, cut: Cut, label: bool = True) -> None:
    """The inside of the back, seen through the neckline."""
    if c.back:
        return
    d = neck_depth(c)
    n = cut.neck
    half: Shape = [
        [(400, TOP + 12), (400 + n * 0.6, TOP + 8), (400 + n, TOP - 4)],
        [(400 + n, TOP - 4), (400 + n + 12, TOP + 20)],
        [(400 + n + 12, TOP + 20), (400 + n * 0.8, TOP + d + 20), (400, TOP + d + 30)],
    ]
    inside = c.part(whole(half), darker(c.spec.color, 0.3), puff=0.15, drop=0, wrinkle=0.3, gloss=0)
    inside.line([(400 - n, TOP + 4), (400, TOP + 26), (400 + n, TOP + 4)], 2, opacity=0.5)
    if label:
        inside.mark(
            '<rect x="378" y="170" width="44" height="20" rx="2" fill="#f4f1ea" opacity=".92"/>'
            '<path d="M386 178h28M391 183h18" stroke="#4a4642" stroke-width="1.6" opacity=".75"/>'
        )


def front(c: Canvas, cut: Cut, *, color: str | None = None, puff: float = 1.0, armless: float = 0.0) -> Part:
    """The body of the garment. `armless` moves the armhole in, for sleeveless cuts."""
    hole = armhole(cut)
    if armless:
        sx, sy = cut.x(cut.shoulder - armless), TOP + cut.slope * (1 - armless / cut.shoulder)
        hole = [
            (sx, sy),
            (sx - 8, sy + (cut.armpit - sy) * 0.45),
            (cut.x(cut.chest - 26), cut.armpit - 32),
            (cut.x(cut.chest), cut.armpit),
        ]
    side: Run = [
        (cut.x(cut.chest), cut.armpit),
        (cut.x((cut.chest + cut.waist) / 2 - 1), (cut.armpit + cut.waist_y) / 2),
        (cut.x(cut.waist), cut.waist_y),
        (cut.x((cut.waist + cut.hem) / 2 + 1), (cut.waist_y + cut.hem_y) / 2),
        (cut.x(cut.hem), cut.hem_y),
    ]
    bottom: Run = [
        (cut.x(cut.hem), cut.hem_y),
        (cut.x(cut.hem * 0.5), cut.hem_y + cut.curve * 0.8),
        (400, cut.hem_y + cut.curve),
    ]
    if c.spec.get("hem") == "tail":
        side[-1] = (cut.x(cut.hem), cut.hem_y - 52)
        bottom = [
            side[-1],
            (cut.x(cut.hem * 0.86), cut.hem_y - 14),
            (cut.x(cut.hem * 0.4), cut.hem_y + 6),
            (400, cut.hem_y + 8),
        ]
    body = c.part(
        whole([neckline(c, cut), [(cut.x(cut.neck), TOP), hole[0]], hole, side, bottom]),
        color,
        puff=puff,
        at=(400, TOP),
    )
    return body


def drape(c: Canvas, body: Part, cut: Cut, amount: float = 1.0) -> None:
    """Folds a hanging body shows: drag lines from the armpits, soft verticals from chest to hem."""
    r = c.rnd
    a = amount
    px, py = cut.x(cut.chest), cut.armpit
    for k in range(3):
        for side in (1, -1):
            x = 400 + side * (px - 400 - 6)
            end = 400 + side * (60 - 26 * k + r.uniform(-14, 14))
            run = [
                (x, py - 16 + 26 * k),
                ((x + end) / 2, py + 18 + 52 * k + r.uniform(-10, 10)),
                (end, py + 10 + 70 * k),
            ]
            body.fold(run, 20 - 3 * k, (-0.42 if k % 2 == 0 else 0.4) * a)
    span = cut.hem_y - cut.armpit
    for k in range(7):
        x = 400 + (k - 3) * cut.hem * 0.29 + r.uniform(-16, 16)
        top = cut.armpit + span * r.uniform(0.22, 0.5)
        run = [
            (400 + (x - 400) * 0.86, top),
            (x + r.uniform(-10, 10), (top + cut.hem_y) / 2),
            (x, cut.hem_y + 6),
        ]
        body.fold(run, r.uniform(16, 34), r.choice((-0.36, 0.34, 0.3)) * a)
    for _ in range(3):
        y = cut.waist_y + r.uniform(-50, 70)
        side = r.choice((1, -1))
        x = 400 + side * (cut.waist - 4)
        body.fold(
            [(x, y), (x - side * 46, y + 12), (x - side * 110, y + 4 + r.uniform(-12, 16))],
            15,
            r.choice((-0.42, 0.36)) * a,
        )


def sleeves(
    c: Canvas, cut: Cut, kind: str | None, *, cuff: str = "hem", color: str | None = None, puff: float = 1.0
) -> None:
    """Both sleeves: `kind` short, threequarter or long; `cuff` hem, rib, shirt or none."""
    if kind in (None, "sleeveless"):
        return
    sx, sy = cut.x(cut.shoulder), TOP + cut.slope
    ax, ay = cut.x(cut.chest), cut.armpit
    w = cut.sleeve_w
    if kind == "short":
        wide = 1.35 if c.spec.get("fit") in ("boxy", "oversized") else 1.18
        end_y = sy + (152 if not c.spec.get("cap") else 84)
        ex = sx + cut.flare * 0.66
        out: Run = [(sx - 26, sy - 9), (sx + 6, sy + 6), (sx + 30, sy + 36), (ex - 12, sy + 84), (ex, end_y)]
        close: Run = [(ex, end_y), (ex - w * 0.6 * wide, end_y + 18), (ex - w * 1.16 * wide, end_y + 26)]
        inner: Run = [close[-1], (ax - 4, ay + 3), (ax - 30, ay - 20)]
    else:
        long = kind == "long"
        end_y = (cut.hem_y - 22 if long else 545) if not c.spec.kids else (cut.hem_y - 14 if long else 480)
        if c.spec.get("fit") == "cropped" and long:
            end_y = 735
        end_y = (
            max(end_y, sy + 280)
            if not long
            else min(max(end_y, sy + 440 if not c.spec.kids else sy + 360), sy + 590)
        )
        ex = sx + cut.flare * (1.0 if long else 0.9)
        lean = (end_y - sy) / 590
        out = [
            (sx - 26, sy - 9),
            (sx + 6, sy + 8),
            (sx + 26, sy + 44),
            (sx + 46, ay - 10),
            (ex - 18, (ay + end_y) / 2),
            (ex, end_y),
        ]
        close = [(ex, end_y), (ex - w, end_y + 12)]
        bell = 34 if c.spec.get("sleeve_shape") == "bell" else 0
        if bell:
            out[-1] = (ex + bell, end_y)
            close = [
                (ex + bell, end_y),
                (ex + bell / 2 - w / 2, end_y + 18),
                (ex - w - bell * 0.6, end_y + 12),
            ]
        if c.spec.get("sleeve_shape") == "balloon":
            out = [
                (sx - 26, sy - 9),
                (sx + 40, sy + 34),
                (sx + 76, ay + 10),
                (ex + 44, (ay + end_y) / 2 + 60),
                (ex + 28, end_y - 40),
                (ex, end_y),
            ]
        inner = [
            close[-1],
            (ex - w - 16 - 14 * lean, (ay + end_y) / 2 + 20),
            (ax + 8, ay + 60),
            (ax - 8, ay + 6),
            (ax - 34, ay - 26),
        ]
        if c.spec.get("sleeve_shape") == "balloon":
            inner[0:2] = [close[-1], (ex - w - 34, end_y - 60), (ex - w - 30, (ay + end_y) / 2 + 30)]
    seam: Run = [(ax - 34, ay - 26), (sx - 34, sy + 40), (sx - 26, sy - 9)]
    shape = [out, close, inner, seam]
    tilt = 12 if kind != "short" else 24
    for side in (1, -1):
        piece = shape if side == 1 else mirrored(shape)
        part = c.part(piece, color, angle=-tilt * side, at=(400 + side * (sx - 400), sy), puff=puff, drop=0.3)

        def at(x: float, y: float, side: int = side) -> Point:
            return (400 + side * (x - 400), y)

        r = c.rnd
        if kind == "short":
            part.fold(
                [at(ax + 2, ay - 6), at((ax + ex) / 2, (ay + end_y) / 2 - 6), at(ex - 20, end_y - 34)],
                20,
                -0.4,
            )
            part.fold([at(ax - 6, ay - 40), at(sx + 16, sy + 84), at(ex - 30, sy + 74)], 18, 0.36)
        else:
            for k in range(6):
                y = ay - 20 + (end_y - ay) * (0.08 + 0.15 * k) + r.uniform(-12, 12)
                f = (y - ay) / max(end_y - ay, 1)
                xi, xo = ax + 10 + (ex - w - ax) * f, sx + 44 + (ex - sx - 44) * f
                run = [at(xi, y), at((xi + xo) / 2, y + r.uniform(2, 26)), at(xo, y - r.uniform(0, 26))]
                part.fold(run if k % 2 else run[::-1], r.uniform(12, 19), r.choice((-0.5, 0.42, -0.4)))
            part.fold(
                [
                    at(sx, sy + 40),
                    at(sx + 20, ay + 30),
                    at((ex + sx) / 2 + 4, (ay + end_y) / 2),
                    at(ex - w * 0.5, end_y),
                ],
                26,
                0.4,
            )
        if cuff == "rib":
            trim(c, [at(*p) for p in close], 30, up=True)
        elif cuff == "shirt":
            a, b = close[0], close[-1]
            cuff_shape: Shape = [
                [at(a[0] + 1, a[1] + 2), at(b[0] - 3, b[1] + 2)],
                [at(b[0] - 3, b[1] + 2), at(b[0] - 4, b[1] - 44)],
                [at(b[0] - 4, b[1] - 44), at(a[0] - 1, a[1] - 46)],
                [at(a[0] - 1, a[1] - 46), at(a[0] + 1, a[1] + 2)],
            ]
            p = c.part(cuff_shape, color, angle=-tilt * side + 90, at=at(sx, sy), puff=0.5, drop=0.5)
            p.stitch([at(a[0] - 2, a[1] - 38), at(b[0] + 1, b[1] - 36)])
            c.button(*at(b[0] + 12, b[1] - 20), r=5.5)
        elif cuff == "hem":
            moved = [at(x, y - 11) for x, y in close]
            part.stitch(moved)
            part.stitch([(x, y - 5) for x, y in moved])


def trim(
    c: Canvas,
    run: Run,
    width: float,
    *,
    up: bool = False,
    color: str | None = None,
    ribs: bool = True,
    drop: float = 0.5,
) -> Part:
    """A knitted band along a run (neck, cuff, hem), its ribs across it; `up` lays it above the run."""
    c0 = color or c.spec.get("trim") or c.spec.color
    if up:
        run = [(x, y - width / 2 + 2) for x, y in run]
    p = c.part(band(run, width), c0, patterned=False, puff=0.55, drop=drop, wrinkle=0.1)
    if ribs:
        ink = darker(c0, 0.35) if luminance(c0) > 0.12 else lighter(c0, 0.16)
        p.line(run, width, ink, 0.42, "2 4")
    return p


def hem_stitch(c: Canvas, body: Part, cut: Cut, up: float = 15) -> None:
    """The double row of stitches above a hem."""
    y = cut.hem_y + cut.curve
    if c.spec.get("hem") == "tail":
        run: Run = [
            (cut.x(cut.hem) - 2, cut.hem_y - 64),
            (cut.x(cut.hem * 0.84), cut.hem_y - 26),
            (cut.x(cut.hem * 0.4), cut.hem_y - 6),
            (400, cut.hem_y - 4),
        ]
        body.stitch([*run, *flip(run)[1:]])
        return
    for d in (up, up - 6):
        run = [
            (cut.x(-cut.hem) - 4, cut.hem_y - d),
            (400 - cut.hem * 0.5, y - d - 2),
            (400, y - d),
            (400 + cut.hem * 0.5, y - d - 2),
            (cut.x(cut.hem) + 4, cut.hem_y - d),
        ]
        body.stitch(run)
