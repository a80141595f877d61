"""Dinner by candlelight: a dark wooden table, glasses and strings of lights behind."""

import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting


def _candle(picture: Array, x0: float, y0: float, tall: float) -> Array:
    x, y = paint.grid()
    body = paint.polygon([(x0 - 15, y0 - tall), (x0 + 15, y0 - tall), (x0 + 15, y0), (x0 - 15, y0)])
    warm = np.exp(-np.clip(y - (y0 - tall), 0, None) / 55)[..., None]
    picture = paint.mixed(picture, colour("#c79a66", 0.25) + warm * colour("#ffc98a", 0.8), body)
    flame = np.exp(-(((x - x0) / 8) ** 2) - ((y - (y0 - tall - 26)) / 22) ** 2)
    picture = picture + flame[..., None] * colour("#fff0c8", 2.6)
    return picture + paint.glow(x0, y0 - tall - 22, 190, 1.1)[..., None] * colour("#ff9a45", 0.42)


def _glass(picture: Array, x0: float, y0: float, scale: float, wine: bool) -> Array:
    """A wine glass as its lights show it: rims bright, the rest clear."""
    x, y = paint.grid()
    u, v = (x - x0) / scale, (y0 - y) / scale
    bowl = np.where(
        (v > 84) & (v < 196),
        44 * np.clip((v - 84) / 34, 0, 1) ** 0.5 * (1 - 0.24 * np.clip((v - 120) / 76, 0, 1)),
        0,
    )
    half = np.where(v < 84, 4.0, bowl)
    half = np.where(v < 5, 34.0, half)
    inside = ((np.abs(u) < half) & (v > 0)).astype(np.float32)
    rim = inside * np.exp(-(((np.abs(u) - half) / 4.0) ** 2))
    if wine:
        red = inside * ((v > 60) & (v < 134) & (half > 5)).astype(np.float32)
        picture = paint.mixed(picture, colour("#5a0f1c", 0.55), 0.9 * red)
    picture = paint.mixed(picture, colour("#ffd9ae", 0.4), 0.07 * inside)
    shine = inside * np.exp(-(((u + 0.55 * half) / 4.5) ** 2)) * (v > 92)
    return picture + (0.16 * rim + 0.4 * shine)[..., None] * colour("#ffdcae", 0.9)


def _room(rng: np.random.Generator) -> Array:
    picture = paint.vertical([(0, "#2a1a18", 0.55), (330, "#4a2a20", 0.62), (640, "#2c1915", 0.5)])
    picture = picture * (0.85 + 0.35 * paint.clouds(rng, (HEIGHT, WIDTH), (420, 300), 3))[..., None]
    picture = picture + paint.glow(180, 300, 380, 1.6)[..., None] * colour("#c8702f", 0.16)
    chairs = np.zeros((HEIGHT, WIDTH), np.float32)
    for at in (70, 620):
        back = paint.polygon([(at, 400), (at + 150, 392), (at + 160, 680), (at - 10, 680)])
        chairs = np.maximum(chairs, back)
    picture = paint.mixed(picture, colour("#1d100e", 0.6), 0.75 * chairs)
    picture = paint.blurred(picture, 12)
    for row, sag, top in ((0, 70, 70), (1, 95, 165)):
        for k in range(15):
            px = -30 + 62 * k + rng.normal(0, 7)
            py = top + sag * (1 - ((px - 400) / 430) ** 2) + rng.normal(0, 7)
            paint.disc(picture, px, py, 15 + 7 * row, colour("#ffb866", rng.uniform(0.4, 0.75)), cat=0.96)
    for _ in range(26):
        px, py = rng.uniform(0, WIDTH), rng.uniform(300, 600)
        paint.disc(picture, px, py, rng.uniform(6, 20), colour("#ff9d4a", rng.uniform(0.05, 0.26)))
    return picture


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(41)
    x, y = paint.grid()
    edge = 664.0 if standing else 852.0
    picture = _room(rng)
    near = picture.copy()
    near = _glass(near, 690, edge + 26, 1.32, True)
    near = _glass(near, 596, edge + 12, 1.16, False)
    near = _candle(near, 112, edge + 24, 150)
    near = _candle(near, 52, edge + 14, 96)
    picture = paint.blurred(near, 5.2 if standing else 7)
    texture = paint.wood(rng, "#22140f", "#5f3e2a", 3)
    table = paint.ground(texture, 250, 0.8, 900, 60)
    away = np.clip((y - edge) / (HEIGHT - edge), 0, 1)
    lamp = paint.glow(110, edge + 40, 560, 1.3, 1.25)
    table = table * (0.5 + 1.15 * lamp)[..., None] * colour("#ffe6cc", 1.0)
    # the lights lie in the varnish
    lying = np.exp(-(((x - 112) / (34 + 60 * away)) ** 2)) * np.exp(-away * 2.6)
    table = table + lying[..., None] * colour("#ffb060", 0.55)
    table = table + (np.exp(-away * 3.2) * 0.06)[..., None] * colour("#ffb878")
    table = paint.focused(table, np.clip(8 * (1 - away * 2.2), 0, 8) + (0 if standing else 5))
    picture = paint.mixed(picture, table, paint.blurred((y > edge).astype(np.float32), 2.4))
    picture *= (1.06 - 0.42 * paint.step(np.hypot((x - 330) / 560, (y - 560) / 680), 0.85, 0.9))[..., None]
    return Setting(
        picture * 1.1,
        852,
        colour("#ffdcb6", 0.95),
        colour("#ecc9ae", 0.74),
        -0.8,
        low=0.55,
        ahead=0.13,
        shadow=0.85,
        mirror=0.16,
        rail="brass",
        air=colour("#6a3a20", 0.012),
    )
