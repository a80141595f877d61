"""The garment on a figure: a matte shop mannequin, faceless, drawn in the garment's own measures and light.

FigureError
└── NoFigure   this kind of product is not shown on a figure
"""

import io
from dataclasses import dataclass, replace

import cv2
import numpy as np
import resvg_py
from PIL import Image

from store.demo.drawing import SILHOUETTES, Spec
from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import Point, Run, Shape, mirrored, outline, rgb, whole
from store.demo.drawing.light import cutout
from store.demo.drawing.studio import studio
from store.demo.gallery import BOTTOMS, FULL, WORN, worn

WIDTH, HEIGHT = 800, 1000
ABOVE = 60  # pixels over the frame
SKIN = "#d9d0c4"
KINDS = WORN
# How much longer a neck is shown that a collar hides.
LIFT = {"turtleneck": 44.0, "hooded": 26.0, "collar": 18.0}
LONG = ("pants", "jeans", "leggings", "joggers")
LOWERED = 340.0  # how far bottoms lie below where they are drawn, on a figure


class FigureError(Exception):
    """A picture of a garment on a figure that cannot be made."""


class NoFigure(FigureError):
    """This kind of product is not shown on a figure."""


@dataclass(frozen=True)
class Body:
    """Heights and half widths of a figure, in drawing units; neck points at 150, centre line at 400."""

    head: float = 158  # height of the head
    shoulder: float = 140
    chest: float = 122
    waist: float = 100
    hip: float = 132
    crotch: float = 716
    knee: float = 960
    ankle: float = 1212
    sole: float = 1268


WOMAN = Body()
MAN = Body(head=160, shoulder=162, chest=146, waist=126, hip=134)
CHILD = Body(
    head=186, shoulder=138, chest=124, waist=116, hip=126, crotch=618, knee=800, ankle=980, sole=1030
)


class FigureCanvas(Canvas):
    """A canvas that shows a window of the drawing: left to right the middle, `top` to `low` in drawing units."""

    window = (0.0, 1000.0)

    def frame(self, width: int, height: int) -> tuple[float, float, float]:
        """Scale and shift that put the window into the picture."""
        top, low = self.window
        s = height / (low - top)
        return s, width / 2 - 400 * s, -top * s


def shown(spec: Spec) -> bool:
    """Whether there is a picture of it on a figure."""
    return worn(spec.kind, spec.kids)


def picture(spec: Spec, backdrop: str = "linen") -> Image.Image:
    """The garment on a figure, RGB, 800 x 1000. Raises NoFigure."""
    if not shown(spec):
        whose = " for children" if spec.kids else ""
        raise NoFigure(f"a {spec.kind}{whose} is not shown on a figure; these are: {', '.join(KINDS)}")
    body = CHILD if spec.kids else MAN if spec.men else WOMAN
    canvas = FigureCanvas(spec, "front")
    if spec.kind in BOTTOMS:
        _worn_low(canvas, body)
    else:
        _worn_high(canvas, body)
    # drawn higher than it is shown, so that shadows come in from above the frame as well
    top, low = canvas.window
    canvas.window = (top - (low - top) * ABOVE / HEIGHT, low)
    picture = studio(_rendered(canvas), backdrop, standing=spec.kind in FULL)
    return picture.crop((0, ABOVE, WIDTH, HEIGHT + ABOVE))


def _rendered(canvas: Canvas) -> Image.Image:
    """The lit drawing, RGBA; the figure is smooth whatever the cloth is."""
    size = WIDTH, HEIGHT + ABOVE
    dressed = np.asarray(cutout(canvas, *size))
    spec, canvas.spec = canvas.spec, replace(canvas.spec, material="rubber")
    smooth = np.asarray(cutout(canvas, *size))
    svg = canvas.svg(*size)
    canvas.spec = spec
    flat = np.asarray(
        Image.open(io.BytesIO(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True))).convert("RGB")
    )
    away = np.abs(flat.astype(np.float32) - np.array(rgb(SKIN), np.float32)).max(-1)
    figure = cv2.blur(np.clip(1 - away / 10, 0, 1), (3, 3))[..., None]
    mixed = smooth * figure + dressed * (1 - figure)
    return Image.fromarray(mixed.round().astype(np.uint8), "RGBA")


def _worn_high(c: FigureCanvas, body: Body) -> None:
    """A top, a dress, a coat: the inside of its back, then the figure's neck, then its front."""
    SILHOUETTES[c.spec.kind](c)
    garment = c.parts
    front = _front(garment)
    # a collar's or a hood's own inside is laid after the front: the neck comes out of it
    inside = max((k + 1 for k, part in enumerate(garment) if _labelled(part)), default=0)
    lift = LIFT.get(c.spec.neckline or "", 12.0)
    cuff = _cuff(garment)
    c.parts = []
    _legs(c, body)
    _arms(c, body, cuff)
    under = c.parts
    c.parts = []
    _bust(c, body)
    bust = c.parts
    c.parts = []
    _head(c, body, lift)
    head = c.parts
    out = max(front, inside)
    c.parts = [*under, *garment[:front], *bust, *garment[front:out], *head, *garment[out:]]
    low = max(p[1] for part in garment for p in outline(part.shape, 4))
    top = 128.0 - body.head - lift
    c.window = (top - 40, body.sole + 50) if c.spec.kind in FULL else (top - 30, max(low + 110, top + 960))


def _worn_low(c: FigureCanvas, body: Body) -> None:
    """Trousers, shorts, a skirt: over the figure, whose chest is bare."""
    SILHOUETTES[c.spec.kind](c)
    garment = [_moved(part, LOWERED) for part in c.parts]
    c.parts = []
    _legs(c, body, hidden=c.spec.kind in LONG)
    _arms(c, body, None)
    _torso(c, body)
    # what lies inside the waistband at the back is hidden by the figure
    c.parts = [*garment[:1], *c.parts, *garment[1:]]
    c.window = (300.0, body.sole + 40)


def _moved(part: Part, dy: float) -> Part:
    def run(points: Run) -> Run:
        return [(x, y + dy) for x, y in points]

    part.shape = [run(r) for r in part.shape]
    part.marks = [f'<g transform="translate(0 {dy})">{mark}</g>' for mark in part.marks]
    for fold in part.folds:
        fold.run = run(fold.run)
    return part


def _front(parts: list[Part]) -> int:
    """Which part is the garment's front: the first that covers the breast beside its middle."""
    for k, part in enumerate(parts):
        points = np.array(outline(part.shape, 4), np.float32)
        if all(cv2.pointPolygonTest(points, (x, 345.0), False) >= 0 for x in (372.0, 340.0)):
            return k
    return 0


def _labelled(part: Part) -> bool:
    """Whether it is the inside of a back: where the label is sewn in."""
    return any("#f4f1ea" in mark for mark in part.marks)


def _area(part: Part) -> float:
    points = outline(part.shape, 4)
    pairs = zip(points, points[1:] + points[:1], strict=True)
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs)) / 2


def _cuff(parts: list[Part]) -> Point | None:
    """The middle of the right sleeve's end; None where there is no sleeve."""
    best: tuple[float, Point] | None = None
    for part in parts:
        points = outline(part.shape, 6)
        left, top, low = min(p[0] for p in points), min(p[1] for p in points), max(p[1] for p in points)
        if left > 470 and top < 290 and low - top > 110:
            end = [p[0] for p in points if p[1] > low - 26]
            if best is None or _area(part) > best[0]:
                best = (_area(part), (sum(end) / len(end), low))
    return best[1] if best else None


def _limb(c: Canvas, shape: Shape) -> None:
    for one in (shape, mirrored(shape)):
        _skin(c, one)


def _skin(c: Canvas, shape: Shape, puff: float = 1.5, drop: float = 0.25) -> Part:
    return c.part(shape, SKIN, puff=puff, drop=drop, gloss=0.05, wrinkle=0.0, edge=0.12)


def _arms(c: Canvas, body: Body, cuff: Point | None) -> None:
    """Both arms, through the sleeves where there are any."""
    x0, y0 = 400 + body.shoulder - 22, 214.0
    long = 470.0 if not c.spec.kids else 360.0
    if cuff and cuff[1] > y0 + 300:
        wrist = (cuff[0], max(cuff[1] - 6, y0 + long * 0.86))
    elif cuff:
        t = (cuff[1] - y0) / (cuff[1] - y0 + 120)
        wrist = (cuff[0] + (cuff[0] - x0) * 0.45 * (1 - t) + 8, y0 + long)
    else:
        wrist = (x0 + 66, y0 + long)
    elbow = ((x0 + wrist[0]) / 2 + 13, (y0 + wrist[1]) / 2)
    if cuff and cuff[1] <= y0 + 300:
        elbow = (cuff[0] + 6, max(elbow[1], cuff[1] + 30))
    _limb(
        c,
        _tapered([(x0, y0), ((x0 + elbow[0]) / 2 + 6, (y0 + elbow[1]) / 2), elbow, wrist], [33, 30, 24, 15]),
    )
    hand_x, hand_y = wrist[0] + 2, wrist[1]
    hand: Shape = [
        [
            (hand_x - 13, hand_y - 14), (hand_x - 19, hand_y + 34), (hand_x - 15, hand_y + 74),
            (hand_x - 4, hand_y + 104),
            (hand_x + 8, hand_y + 100), (hand_x + 17, hand_y + 58), (hand_x + 14, hand_y - 14),
            (hand_x - 13, hand_y - 14),
        ]
    ]  # fmt: skip
    _limb(c, hand)


def _tapered(run: Run, halves: list[float]) -> Shape:
    """A limb along the run with half widths at its points."""
    left, right = [], []
    for i, (x, y) in enumerate(run):
        a, b = run[max(i - 1, 0)], run[min(i + 1, len(run) - 1)]
        dx, dy = b[0] - a[0], b[1] - a[1]
        d = (dx * dx + dy * dy) ** 0.5 or 1.0
        left.append((x - dy / d * halves[i], y + dx / d * halves[i]))
        right.append((x + dy / d * halves[i], y - dx / d * halves[i]))
    cap = (run[0][0], run[0][1] - halves[0])
    return [[right[0], cap, left[0]], left, [left[-1], right[-1]], right[::-1]]


def _legs(c: Canvas, body: Body, hidden: bool = False) -> None:
    """Both legs; `hidden`: the feet alone, where trousers stand wider than the legs in them."""
    hip, crotch, knee, ankle, sole = body.hip, body.crotch, body.knee, body.ankle, body.sole
    out = 400 + hip
    calf = (ankle - knee) / 252  # of a grown-up's
    leg: Shape = [
        [(400, 480), (out - 16, 500)],
        [
            (out - 16, 500), (out, crotch - 70), (out - 4, crotch + 40), (400 + hip * 0.78, knee - 20),
            (400 + hip * 0.8, knee + 80 * calf), (400 + hip * 0.62, ankle - 30 * calf), (400 + hip * 0.58, ankle + 10),
        ],
        [(400 + hip * 0.58, ankle + 10), (400 + hip * 0.32, ankle + 10)],
        [
            (400 + hip * 0.32, ankle + 10), (400 + hip * 0.3, ankle - 60 * calf), (400 + hip * 0.2, knee + 100 * calf),
            (400 + hip * 0.24, knee), (400 + hip * 0.1, crotch + 110), (401, crotch),
        ],
        [(401, crotch), (400, 480)],
    ]  # fmt: skip
    foot: Shape = [
        [
            (400 + hip * 0.3, ankle - 6), (400 + hip * 0.24, sole - 22), (400 + hip * 0.3, sole),
            (400 + hip * 0.66, sole),
            (400 + hip * 0.76, sole - 16), (400 + hip * 0.6, ankle - 6), (400 + hip * 0.3, ankle - 6),
        ]
    ]  # fmt: skip
    _limb(c, foot)
    if not hidden:
        _limb(c, leg)


def _bust(c: Canvas, body: Body) -> None:
    """Shoulders and breast, as far as a neckline shows them."""
    wide = body.shoulder
    bust: Shape = whole(
        [
            [(400, 128), (436, 132)],
            [(436, 132), (446, 152), (400 + wide * 0.62, 172), (400 + wide * 0.86, 196)],
            [(400 + wide * 0.86, 196), (400 + body.chest * 0.86, 270), (400 + body.chest * 0.8, 330)],
            [(400 + body.chest * 0.8, 330), (400, 350)],
        ]
    )
    chest = _skin(c, bust, puff=0.9)
    chest.fold([(412, 178), (450, 172), (400 + wide * 0.7, 184)], 9, 0.35, both=True)


def _head(c: Canvas, body: Body, lift: float) -> None:
    """Neck and head; `lift`: how much longer than usual the neck is."""
    low = 128.0 - lift
    throat = 0.25 * body.head
    neck: Shape = whole(
        [
            [(400, low - throat - 18), (432, low - throat - 18)],
            [(432, low - throat - 18), (431, low), (437, 154), (450, 168)],
            [(450, 168), (424, 180), (400, 184)],
        ]
    )
    _skin(c, neck, puff=1.2, drop=0.3)
    h = body.head
    top = low - h
    mid = top + 0.42 * h
    half = 0.37 * h
    head: Shape = whole(
        [
            [(400, top), (400 + half * 0.62, top + 0.05 * h), (400 + half * 0.97, mid - 0.1 * h),
             (400 + half, mid + 0.04 * h),
             (400 + half * 0.86, top + 0.68 * h), (400 + half * 0.5, top + 0.9 * h), (400, top + 0.965 * h)],
        ]
    )  # fmt: skip
    _skin(c, head, puff=2.2, drop=0.5)


def _torso(c: Canvas, body: Body) -> None:
    """The bare trunk, down to the hips."""
    low = body.crotch - 16
    trunk: Shape = whole(
        [
            [(400, 180), (400 + body.shoulder * 0.8, 196)],
            [
                (400 + body.shoulder * 0.8, 196), (400 + body.chest, 330), (400 + body.waist, 480),
                (400 + body.hip - 8, low - 80),
            ],
            [(400 + body.hip - 8, low - 80), (400, 700)],
        ]
    )  # fmt: skip
    _skin(c, trunk, puff=1.6)
