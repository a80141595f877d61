"""A beach in the late afternoon: the sun low on the right over the sea, pale sand in front."""

import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting

HORIZON = 408.0


def _sea(rng: np.random.Generator) -> Array:
    x, y = paint.grid()
    picture = paint.vertical(
        [
            (0, "#7fb2dc", 0.85),
            (220, "#a9d0e6", 0.92),
            (360, "#e3e6dc", 0.98),
            (405, "#f6e2c4", 1.0),
            (409, "#5fa3b4", 0.85),
            (480, "#4f9fae", 0.8),
            (560, "#79bdbd", 0.85),
            (620, "#b8d6c8", 0.9),
        ]
    )
    haze = paint.clouds(rng, (HEIGHT, WIDTH), (70, 420), 4, 0.55)
    streak = np.clip((haze - 0.5) * 3.4, 0, 1) * paint.step(y, 330, 260) * paint.step(-y, -HORIZON, 60)
    picture = paint.mixed(picture, colour("#fff4e4"), 0.55 * streak)
    picture = picture + paint.glow(680, 330, 330, 1.4)[..., None] * colour("#ffd9a0", 0.55)
    waves = paint.clouds(rng, (HEIGHT, WIDTH), (16, 190), 3, 0.6) - 0.5
    sea = (y > HORIZON).astype(np.float32)
    picture *= (1 + 0.55 * waves * sea)[..., None]
    away = np.clip((y - HORIZON) / 180, 0, 1)
    path = np.exp(-(((x - 665) / (60 + 150 * away)) ** 2)) * sea * (y < 640)
    glint = np.clip((paint.clouds(rng, (HEIGHT, WIDTH), (7, 46), 2) - 0.56) * 7, 0, 1)
    picture += (path * (0.25 + 1.6 * glint))[..., None] * colour("#ffe3b8", 0.9)
    surf = paint.clouds(rng, (HEIGHT, WIDTH), (600, 240), 3)
    for at, wide, strong in ((540, 9, 0.5), (588, 13, 0.85), (622, 8, 0.7)):
        line = np.exp(-(((y - at - 46 * (surf - 0.5)) / wide) ** 2))
        foam = 0.55 + 0.75 * paint.clouds(rng, (HEIGHT, WIDTH), (9, 40), 3)
        picture = paint.mixed(picture, colour("#fffaf0"), np.clip(line * foam * strong, 0, 0.95))
    return picture


def _sand(rng: np.random.Generator) -> Array:
    size = (1500, 1500)
    dunes = paint.clouds(rng, size, (90, 210), 4, 0.6)
    ripple = paint.clouds(rng, size, (20, 46), 3, 0.7)
    fine = paint.clouds(rng, size, (4, 4), 2)
    speck = rng.random(size).astype(np.float32)
    tone = np.clip(0.45 * dunes + 0.3 * ripple + 0.3 * fine, 0, 1)
    texture = colour("#b98f62") + (colour("#f2d9b0") - colour("#b98f62")) * tone[..., None]
    texture *= (0.94 + 0.12 * speck)[..., None]
    texture[speck > 0.9965] *= 0.55
    return paint.lit(texture, 0.9 * ripple + 2.4 * dunes + 0.25 * fine, 1, 2.6)


def _palm(picture: Array, rng: np.random.Generator) -> Array:
    """Leaves of a palm, out of focus, from the upper left."""
    leaves = np.zeros((HEIGHT, WIDTH), np.float32)
    for angle, length, x0, y0 in (
        (22, 560, -90, -40),
        (48, 470, -80, -70),
        (3, 430, -120, 20),
        (70, 400, -30, -110),
    ):
        a = np.radians(angle)
        for t in np.linspace(0.15, 1, 24):
            x, y = x0 + length * t * np.cos(a), y0 + length * t * np.sin(a) + 130 * t * t
            for turn in (-0.95, 0.95):
                b = a + turn + 0.5 * t
                reach = 115 * (1 - 0.65 * t) * rng.uniform(0.85, 1.1)
                tip = (x + reach * np.cos(b), y + reach * np.sin(b) + 26)
                side = (-np.sin(b) * 5.5, np.cos(b) * 5.5)
                leaves = np.maximum(
                    leaves, paint.polygon([(x - side[0], y - side[1]), (x + side[0], y + side[1]), tip])
                )
    soft = paint.blurred(leaves, 9)
    return paint.mixed(picture, colour("#2f5238", 0.75), 0.86 * np.clip(soft * 1.25, 0, 1))


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(11)
    _, y = paint.grid()
    shore = 640.0
    far = paint.focused(_sea(rng), np.full((HEIGHT, WIDTH), 5.5 if standing else 8.0, np.float32))
    sand = paint.ground(_sand(rng), HORIZON - 40, 0.85, 520)
    depth = np.clip((y - shore) / (HEIGHT - shore), 0, 1)
    wet = np.exp(-(((y - shore) / 46) ** 2))[..., None]
    sand = sand * (1 - 0.42 * wet) + wet * colour("#c9d3c6", 0.12)
    sand *= (0.93 + 0.17 * paint.glow(640, 640, 620, 2))[..., None]
    focus = np.clip(9 * (1 - depth * 1.75), 0, 9) + (0 if standing else 4.5)
    sand = paint.focused(sand, focus)
    bend = 18 * np.sin(np.linspace(0, 3.1, WIDTH, dtype=np.float32))[None]
    picture = paint.mixed(far, sand, paint.step(y + bend, shore + 6, 30))
    picture = _palm(picture, rng)
    picture += paint.glow(760, 250, 640, 1.5)[..., None] * colour("#ffdcae", 0.16)
    return Setting(
        picture,
        842,
        colour("#ffe9cb", 1.1),
        colour("#dcecf7", 0.95),
        0.85,
        low=0.75,
        ahead=0.18,
        shadow=0.8,
        rail="branch",
        air=colour("#ffe6c4", 0.018),
    )
