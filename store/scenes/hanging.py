"""What garments hang on: a rail, and the hanger or hook that goes with the garment. Straight alpha, linear light."""

import cv2
import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour

RAIL = 74.0  # height of the rail's middle
Layer = tuple[Array, Array]  # (h, w, 3) colours, (h, w) alpha
TONES = {"oak": "#b98a58", "branch": "#b59c7e", "iron": "#23262a", "brass": "#c79a4a"}


def rail(kind: str) -> Layer:
    """The rail across the picture, with what it hangs from."""
    x, y = paint.grid()
    rng = np.random.default_rng(7)
    tone = colour(TONES[kind])
    half = np.full(WIDTH, {"oak": 13.0, "branch": 14.0, "iron": 8.5, "brass": 8.0}[kind], np.float32)
    middle = np.full(WIDTH, RAIL, np.float32)
    grain = 1.0 + 0.0 * x
    if kind == "branch":
        wave = paint.clouds(rng, (2, WIDTH), (1, 260), 4, 0.55)
        middle = middle + 16 * (wave[0] - 0.5)
        half = half * (0.8 + 0.4 * wave[1])
    if kind in ("oak", "branch"):
        grain = 0.72 + 0.5 * paint.clouds(rng, (HEIGHT, WIDTH), (5, 240), 3)
    v = (y - middle[None]) / half[None]
    alpha = np.clip((1 - np.abs(v)) * half[None] + 0.5, 0, 1)
    round_ = np.sqrt(np.clip(1 - v * v, 0, 1))
    shade = 0.32 + 0.62 * np.clip(0.75 * round_ - 0.55 * v, 0, 1.2)
    if kind in ("iron", "brass"):
        shade = shade + 0.9 * np.exp(-(((v + 0.45) / 0.16) ** 2)) + 0.25 * np.exp(-(((v - 0.62) / 0.12) ** 2))
    picture = np.asarray(shade * grain)[..., None] * tone
    for at in (64.0, WIDTH - 64.0):  # ropes or rods from above
        wide = 5.0 if kind in ("branch", "oak") else 3.4
        u = (x - at) / wide
        rod = np.clip((1 - np.abs(u)) * wide + 0.5, 0, 1) * (y < RAIL + 2)
        twist = np.asarray(
            0.78 + 0.3 * np.sin((y + x * 1.3) / 2.6) if kind in ("branch", "oak") else 1 + 0 * x
        )
        cord = colour("#c9b48e" if kind in ("branch", "oak") else TONES[kind])
        body = ((0.4 + 0.6 * np.sqrt(np.clip(1 - u * u, 0, 1))) * twist)[..., None] * cord
        ring = np.exp(-((u / 1.9) ** 4)) * (np.abs(v) < 1.12) if kind in ("branch", "oak") else 0.0 * x
        picture = paint.mixed(picture, body, rod * (alpha < 0.5))
        alpha = np.maximum(alpha, rod)
        picture = paint.mixed(
            picture, (0.8 * twist)[..., None] * cord if kind in ("branch", "oak") else picture, ring
        )
        alpha = np.maximum(alpha, np.clip(ring, 0, 1))
    return np.asarray(picture, np.float32), np.asarray(alpha, np.float32)


def _stroke(points: list[tuple[float, float]], width: float) -> Array:
    """(h, w) 0..1: a line through the points with round ends."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    ring = [np.round(np.array(points, np.float32) * 16).astype(np.int32)]
    cv2.polylines(mask, ring, False, 255, max(round(width), 1), cv2.LINE_AA, 4)
    return mask.astype(np.float32) / 255


def _rounded(mask: Array, width: float, tone: Array, gloss: float) -> Layer:
    """A stroke, shaded as a rod."""
    far = cv2.distanceTransform((mask > 0.5).astype(np.uint8), cv2.DIST_L2, 3)
    up = cv2.Sobel(paint.blurred(mask, width / 3), cv2.CV_32F, 0, 1)
    shade = 0.5 + 0.42 * np.clip(far / max(width / 2, 1), 0, 1) + gloss * np.clip(up, -0.6, 0.9)
    return np.asarray(shade[..., None] * tone, np.float32), mask


def hook(x0: float, foot: float) -> Layer:
    """A wire hook over the rail, down to `foot`."""
    arc = [(x0 + 19 * np.sin(a), RAIL - 4 - 19 * np.cos(a)) for a in np.linspace(-1.9, 2.2, 26)]
    tail = [(x0 + 12, RAIL + 16), (x0 + 2, RAIL + 30), (x0, RAIL + 42), (x0, max(foot, RAIL + 44))]
    return _rounded(_stroke(arc + tail, 4.2), 4.2, colour("#8c8d90"), 0.5)


def shoulders(x0: float, neck: float, left: tuple[float, float], right: tuple[float, float]) -> Layer:
    """A wooden hanger's arms, from below the neck out to both shoulders."""
    points = []
    for (px, py), side in ((left, -1), (right, 1)):
        arm = [
            (x0, neck - 4),
            (x0 + 0.3 * (px - x0), neck + 0.16 * (py - neck) + 4),
            (px - side * 6, py + 16),
        ]
        points.append(arm)
    run = [*reversed(points[0]), *points[1][1:]]
    xs, ys = [p[0] for p in run], [p[1] for p in run]
    t = np.linspace(xs[0], xs[-1], 40)
    smooth = list(zip(t.tolist(), np.interp(t, xs, ys).tolist(), strict=True))
    mask = paint.blurred(_stroke(smooth, 17), 0.6)
    return _rounded(mask, 17, colour("#b58a5c"), 0.3)


def clips(left: float, right: float, top: float) -> tuple[Layer, Layer]:
    """(The bar behind, the two clips in front) that hold a waistband which runs from left to right at `top`."""
    bar = _rounded(_stroke([(left - 14, top - 22), (right + 14, top - 22)], 6), 6, colour("#8c8d90"), 0.5)
    front = np.zeros((HEIGHT, WIDTH), np.float32)
    for at in (left + 0.14 * (right - left), right - 0.14 * (right - left)):
        front = np.maximum(
            front,
            paint.polygon([(at - 8, top - 30), (at + 8, top - 30), (at + 11, top + 16), (at - 11, top + 16)]),
        )
    front = paint.blurred(front, 0.7)
    return bar, _rounded(front, 18, colour("#2c2e31"), 0.35)
