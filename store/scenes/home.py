"""At home in the morning: a plastered wall, the window's light across it, an oak bench."""

import cv2
import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting


def _wall(rng: np.random.Generator) -> Array:
    x, y = paint.grid()
    plaster = paint.clouds(rng, (HEIGHT, WIDTH), (240, 240), 6, 0.6)
    wall = paint.vertical([(0, "#d9cfc0", 0.82), (500, "#e4dbcd", 0.86), (1000, "#d6cbbb", 0.8)])
    wall = wall * (0.955 + 0.09 * plaster)[..., None]
    # four panes of the window, thrown askew by the low sun, and the shadow of a branch before it
    light = np.zeros((HEIGHT, WIDTH), np.float32)
    for column in range(2):
        for row in range(3):
            x0, y0 = 190 + 245 * column, 30 + 228 * row
            corners = [(0, 0), (220, 0), (220, 204), (0, 204)]
            pane = [(x0 + px + 0.16 * (y0 + py) - 60, y0 + py + 0.34 * (x0 + px) - 110) for px, py in corners]
            light = np.maximum(light, paint.polygon(pane))
    leaves = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(60):
        t = rng.random()
        px, py = 720 - 420 * t + rng.normal(0, 46), 150 + 250 * t + rng.normal(0, 60)
        a, r = rng.uniform(0, 6.3), rng.uniform(26, 48)
        side = (-np.sin(a) * r * 0.3, np.cos(a) * r * 0.3)
        tip, back = (px + r * np.cos(a), py + r * np.sin(a)), (px - r * np.cos(a), py - r * np.sin(a))
        leaf = paint.polygon([back, (px + side[0], py + side[1]), tip, (px - side[0], py - side[1])])
        leaves = np.maximum(leaves, leaf)
    beam = paint.blurred(light, 7) * (1 - 0.6 * paint.blurred(leaves, 8))
    wall = wall * 0.78 + beam[..., None] * colour("#fff0d4", 0.34)
    return wall * (1.03 - 0.15 * (1 - x / WIDTH) - 0.1 * y / HEIGHT)[..., None]


def _vase(picture: Array, rng: np.random.Generator, x0: float, y0: float) -> Array:
    """A stoneware jar with dry grass."""
    x, y = paint.grid()
    stems = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(26):
        a, reach = rng.normal(-1.57, 0.3), rng.uniform(170, 300)
        for t in np.linspace(0.1, 1, 30):
            wide = 1.6 + 6.0 * np.clip((t - 0.55) * 2.2, 0, 1) * (1.08 - t) * 4
            px, py = x0 + reach * t * np.cos(a) * (0.6 + 0.5 * t), y0 - 130 + reach * t * np.sin(a)
            cv2.ellipse(stems, (int(px), int(py)), (int(wide + 1), 7), 0, 0, 360, 0.8, -1, cv2.LINE_AA)
    picture = paint.mixed(picture, colour("#a8845a", 0.9), np.clip(stems * 0.95, 0, 0.9))
    v = np.clip((y0 - y) / 140, 0, 1)
    half = 30 + 34 * np.clip(np.sin(np.clip(v * 0.98, 0, 1) * np.pi), 0, 1) ** 0.8 - 8 * v
    body = ((np.abs(x - x0) < half) & (y < y0) & (y > y0 - 140)).astype(np.float32)
    u = np.clip((x - x0) / half, -1, 1)
    shade = 0.34 + 0.72 * np.clip(np.sqrt(np.clip(1 - u * u, 0, 1)) * 0.55 + 0.5 * u + 0.25, 0, 1)
    return paint.mixed(picture, shade[..., None] * colour("#b9a48c"), paint.blurred(body, 0.8))


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(53)
    _, y = paint.grid()
    picture = paint.focused(_wall(rng), np.full((HEIGHT, WIDTH), 2.6 if standing else 1.0, np.float32))
    edge = 690.0 if standing else 905.0
    jar = _vase(picture, rng, 118 if standing else 92, edge + 26)
    picture = (
        paint.focused(jar, np.full((HEIGHT, WIDTH), 4.2 if standing else 3.0, np.float32))
        if standing
        else paint.blurred(jar, 1.8)
    )
    texture = paint.wood(rng, "#8a6038", "#cfa470", 3)
    bench = paint.ground(texture, 250, 0.8, 900, 40)
    away = np.clip((y - edge) / (HEIGHT - edge), 0, 1)
    beam = np.clip(
        paint.blurred(paint.polygon([(430, edge), (760, edge), (690, 1000), (250, 1000)]), 16), 0, 1
    )
    bench = bench * (0.62 + 0.55 * beam)[..., None] + (0.05 * np.exp(-away * 3))[..., None] * colour(
        "#fff3e0"
    )
    contact = 1 - 0.35 * np.exp(-((y - edge) / 20).clip(0)) * (y >= edge)
    bench = paint.focused(bench * contact[..., None], np.clip(5 * (1 - away * 2.4), 0, 5))
    wall_foot = 1 - 0.22 * np.exp(-((edge - y) / 46).clip(0)) * (y < edge)
    picture = paint.mixed(
        picture * wall_foot[..., None], bench, paint.blurred((y > edge).astype(np.float32), 1.6)
    )
    return Setting(
        picture,
        866,
        colour("#fff3df", 1.05),
        colour("#f2ebe2", 0.93),
        0.7,
        low=0.6,
        ahead=0.13,
        shadow=0.75,
        mirror=0.05,
        wall=0.0 if standing else 1.0,
        rail="oak",
    )
