"""Mountains in the morning: ridge behind ridge in the haze, pines, a slab of rock in front."""

import cv2
import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting


def _line(rng: np.random.Generator, top: float, rough: float) -> Array:
    """(WIDTH,) the height of a ridge, by midpoints moved (Fournier, Fussell, Carpenter 1982)."""
    points = np.array([rng.uniform(0, 1), rng.uniform(0, 1)])
    spread = 1.0
    while len(points) < WIDTH + 1:
        middle = (points[1:] + points[:-1]) / 2 + rng.normal(0, 0.32 * spread, len(points) - 1)
        out = np.empty(2 * len(points) - 1)
        out[::2], out[1::2] = points, middle
        points, spread = out, spread * 0.47
    line = np.interp(np.linspace(0, 1, WIDTH), np.linspace(0, 1, len(points)), points)
    line = (line - line.min()) / (line.max() - line.min())
    return np.asarray(top + rough * (1 - line), np.float32)


def _ridges(rng: np.random.Generator) -> Array:
    _, y = paint.grid()
    picture = paint.vertical(
        [(0, "#86aed6", 0.9), (210, "#bcd2e3", 1.0), (400, "#f1e2cd", 1.06), (700, "#e6dccf", 1.0)]
    )
    drift = paint.clouds(rng, (HEIGHT, WIDTH), (90, 400), 5, 0.55)
    picture = paint.mixed(
        picture, colour("#fff6ea", 1.05), 0.75 * np.clip((drift - 0.52) * 4, 0, 1) * (y < 420)
    )
    picture = picture + paint.glow(150, 300, 420, 1.4)[..., None] * colour("#ffdca6", 0.34)
    layers = [
        (150, 240, "#8ea3bd", 0.92, True),
        (300, 150, "#8396ab", 0.72, False),
        (400, 120, "#647a84", 0.56, False),
        (480, 110, "#465f5c", 0.48, False),
    ]
    for top, rough, tone, light, snow in layers:
        line = _line(rng, top, rough)
        below = y - line[None]
        mask = np.clip(below + 0.5, 0, 1)
        relief = paint.clouds(rng, (HEIGHT, WIDTH), (90, 80), 6, 0.68)
        # faces turned to the sun on the left are bright, those turned away lie in shade
        slope = cv2.Sobel(paint.blurred(relief, 2.5), cv2.CV_32F, 1, 0, ksize=5) * 0.9
        shade = 1 + np.clip(slope, -0.5, 0.42) + 0.3 * (relief - 0.5)
        rock = colour(tone, light) * np.clip(shade, 0.35, 1.9)[..., None]
        if snow:
            cover = paint.step(relief * 170 - below * 0.7, 30, 22)
            white = colour("#f6f4f2", 1.0) * np.clip(0.8 + 0.75 * (shade - 1), 0.42, 1.1)[..., None]
            rock = paint.mixed(rock, white, cover)
        mist = np.clip(below / 190, 0, 1) ** 1.2
        rock = paint.mixed(rock, colour("#dfe3e2", 0.92), 0.72 * mist)
        picture = paint.mixed(picture, rock, mask)
    return picture


def _pines(picture: Array, rng: np.random.Generator, foot: float, many: int, tall: float, tone: str) -> Array:
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(many):
        side = rng.random() < 0.5
        x0 = rng.uniform(-20, 270) if side else rng.uniform(560, WIDTH + 20)
        high = tall * rng.uniform(0.6, 1.15) * (0.6 + 0.5 * abs(x0 - 400) / 400)
        tree = [(x0, foot - high)]
        rows = 11
        for k in range(1, rows + 1):
            out = high * 0.17 * k / rows * rng.uniform(0.8, 1.15)
            yk = foot - high + high * k / rows
            tree += [(x0 + out, yk + 4), (x0 + out * 0.5, yk - 3)]
        left = [(2 * x0 - px, py) for px, py in reversed(tree[1:])]
        mask = np.maximum(mask, paint.polygon(tree + left))
    return paint.mixed(picture, colour(tone), mask)


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(67)
    _, y = paint.grid()
    edge = 700.0 if standing else 890.0
    far = _pines(_ridges(rng), rng, 660, 44, 190, "#4f6a63")
    far = paint.blurred(far, 3.4)
    meadow = paint.clouds(rng, (HEIGHT, WIDTH), (26, 120), 4)
    grass = colour("#66744a") + (colour("#a8a56c") - colour("#66744a")) * meadow[..., None]
    far = paint.mixed(
        far,
        grass * 0.9,
        paint.step(y + 26 * (paint.clouds(rng, (HEIGHT, WIDTH), (900, 200), 3) - 0.5), 640, 26),
    )
    far = _pines(far, rng, 720, 16, 430, "#24382f")
    far = paint.blurred(far, 5.5 if standing else 7.0)
    far = far + paint.glow(110, 330, 620, 1.4)[..., None] * colour("#ffe2b4", 0.1)
    size = (1400, 1400)
    big, small = paint.clouds(rng, size, (230, 260), 6, 0.62), paint.clouds(rng, size, (22, 26), 4, 0.7)
    crack = np.exp(-((np.abs(paint.clouds(rng, size, (300, 420), 5, 0.6) - 0.5) / 0.006) ** 2))
    lichen = np.clip((paint.clouds(rng, size, (90, 90), 5, 0.6) - 0.56) * 8, 0, 1)
    rock = (
        colour("#6b665f") + (colour("#b5aea2") - colour("#6b665f")) * (0.55 * big + 0.45 * small)[..., None]
    )
    rock = paint.mixed(rock, colour("#9a9468"), 0.34 * lichen)
    rock = paint.lit(rock * (1 - 0.5 * crack)[..., None], 5 * big + 1.1 * small - 0.5 * crack, -1, 1.5)
    slab = paint.ground(rock, 330, 0.95, 700)
    away = np.clip((y - edge) / (HEIGHT - edge), 0, 1)
    slab = slab * (0.9 + 0.2 * paint.glow(220, edge + 100, 480, 1.6))[..., None] * colour("#fff0dc")
    slab = paint.focused(slab, np.clip(7 * (1 - away * 2.3), 0, 7) + (0 if standing else 4))
    rim = 26 * (paint.clouds(rng, (1, WIDTH), (1, 170), 4)[0] - 0.5)[None]
    picture = paint.mixed(far, slab, paint.step(y + rim, edge, 7))
    return Setting(
        picture,
        862,
        colour("#fff1d8", 1.08),
        colour("#dfe9f3", 0.92),
        -0.8,
        low=0.65,
        ahead=0.14,
        shadow=0.75,
        rail="branch",
        air=colour("#eef0ea", 0.014),
    )
