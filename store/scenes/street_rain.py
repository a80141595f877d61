"""A street in the rain after dusk: lamps and windows out of focus, the pavement wet."""

import cv2
import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting

CURB = 640.0
LAMPS = (
    "#ffb65c",
    "#ffd08a",
    "#ff9f5a",
    "#ffe2b0",
    "#ffc27a",
    "#ff6a50",
    "#ffd9a8",
    "#9fc4ff",
    "#ffb070",
    "#c8dcff",
)


def _street(rng: np.random.Generator, soft: float) -> Array:
    picture = paint.vertical(
        [(0, "#28384f", 0.5), (260, "#3b4a63", 0.55), (520, "#4a4f63", 0.6), (660, "#262a36", 0.5)]
    )
    for side in (-1, 1):  # house fronts run towards the end of the street
        for k in range(5):
            near, far = 400 + side * (430 - 76 * k), 400 + side * (430 - 76 * (k + 1))
            top_near, top_far = -60 + 62 * k, -60 + 62 * (k + 1)
            front = paint.polygon([(near, top_near), (far, top_far), (far, 640), (near, 640)])
            picture = paint.mixed(picture, colour("#1c222e" if k % 2 else "#242b38", 0.75 + 0.16 * k), front)
            for _ in range(9):
                t, v = rng.uniform(0.1, 0.9), rng.uniform(0.2, 0.94)
                px = near + (far - near) * t
                py = top_near + (640 - top_near) * v
                w, h = 15 - 2 * k, 22 - 3 * k
                tone = colour("#ffcf8f" if rng.random() < 0.75 else "#cfe2ff", rng.uniform(0.1, 0.75))
                left, top, right, low = (max(round(v), 0) for v in (px - w, py - h, px + w, py + h))
                picture[top:low, left:right] += tone
    picture = picture + paint.glow(400, 520, 260, 1.6)[..., None] * colour("#ffc07a", 0.42)
    picture = paint.blurred(picture, soft)
    for _ in range(80):
        out = float(rng.random())
        px = 400 + (rng.random() - 0.5) * (160 + 760 * out)
        py = 600 - rng.gamma(2.0, 62) * (0.4 + out)
        radius = (7 + 22 * out) * rng.uniform(0.75, 1.15)
        paint.disc(
            picture, px, py, radius, colour(str(rng.choice(LAMPS)), rng.uniform(0.1, 0.5)), rim=0.16, cat=0.94
        )
    return picture


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(31)
    x, y = paint.grid()
    picture = _street(rng, 9.0)
    size = (1400, 1400)
    bumps = paint.clouds(rng, size, (5, 5), 3, 0.7)
    pools = paint.clouds(rng, size, (260, 330), 4, 0.5)
    stone = (
        colour("#20242c") + (colour("#4b515c") - colour("#20242c")) * (0.5 * bumps + 0.5 * pools)[..., None]
    )
    stone = paint.lit(stone, bumps, -0.3, 1.6)
    road = paint.ground(stone, 470, 0.9, 620)
    wet = paint.ground(np.repeat(pools[..., None], 3, 2).copy(), 470, 0.9, 620)[..., 0]
    rough = paint.ground(np.repeat(bumps[..., None], 3, 2).copy(), 470, 0.9, 620)[..., 0]
    # the street stands on its head in the wet, drawn out downwards and broken by the stone's grain
    shift = (rough - 0.5) * 60 * (0.4 + 1.2 * (1 - wet))
    mirror = cv2.remap(
        paint.blurred(picture, 2),
        np.clip(x + 0.5 * shift, 0, WIDTH - 1).astype(np.float32),
        np.clip(2 * CURB - y - 8 + shift, 0, HEIGHT - 1).astype(np.float32),
        cv2.INTER_LINEAR,
    )
    mirror = cv2.blur(mirror, (3, 61), borderType=cv2.BORDER_REPLICATE)
    gleam = np.clip((wet - 0.36) * 2.6, 0.16, 1) * (0.85 - 0.35 * np.clip((y - CURB) / 360, 0, 1))
    floor = road * 0.62 + mirror * (gleam * (0.75 + 0.5 * rough))[..., None]
    away = np.clip((y - CURB) / (HEIGHT - CURB), 0, 1)
    floor = paint.focused(floor, np.clip(7 * (1 - away * 2.0), 0, 7) + (0 if standing else 4))
    picture = paint.mixed(picture, floor, paint.step(y, CURB, 16))
    rain = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(420):
        px, py, reach = rng.uniform(-40, WIDTH), rng.uniform(-60, HEIGHT * 0.94), rng.uniform(14, 58)
        end, bright = (int(px + reach * 0.12), int(py + reach)), float(rng.uniform(0.15, 0.8))
        cv2.line(rain, (int(px), int(py)), end, bright, 1, cv2.LINE_AA)
    picture = picture + cv2.GaussianBlur(rain, (0, 0), 0.7)[..., None] * colour("#dfe9ff", 0.12)
    picture *= (1.04 - 0.4 * paint.step(np.hypot((x - 400) / 560, (y - 520) / 700), 0.85, 0.9))[..., None]
    return Setting(
        picture * 1.08,
        858,
        colour("#ffdcb4", 0.86),
        colour("#a9bcdc", 0.8),
        -0.5,
        low=0.25,
        shadow=0.75,
        mirror=0.34,
        rail="iron",
        air=colour("#54607a", 0.012),
    )
