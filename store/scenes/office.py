"""An office by day: tall windows on a city, a pale oak desk."""

import numpy as np

from store.scenes import paint
from store.scenes.paint import HEIGHT, WIDTH, Array, colour
from store.scenes.setting import Setting


def _city(rng: np.random.Generator) -> Array:
    """Towers in haze, seen through the windows."""
    picture = paint.vertical([(0, "#cfe0ee", 1.05), (420, "#eef3f5", 1.1), (760, "#dfe6ea", 1.0)])
    for far, tone, count in ((0.0, "#bccbd8", 9), (0.5, "#a3b6c6", 7), (1.0, "#8a9fb2", 5)):
        for _ in range(count):
            wide, x0 = rng.uniform(60, 130), rng.uniform(-60, WIDTH)
            top = rng.uniform(110, 420) + 60 * far
            tower = paint.polygon([(x0, top), (x0 + wide, top), (x0 + wide, 800), (x0, 800)])
            x, y = paint.grid()
            panes = 0.9 + 0.1 * np.sign(np.sin((y - top) / 4.2)) * np.sign(np.sin((x - x0) / 3.1))
            light = 1.02 - 0.12 * np.clip((x - x0) / wide, 0, 1)
            picture = paint.mixed(
                picture, (panes * light)[..., None] * colour(tone, 1.05), tower * (0.7 + 0.25 * far)
            )
    return picture


def _room(rng: np.random.Generator) -> Array:
    x, y = paint.grid()
    picture = paint.blurred(_city(rng), 6)
    frame = np.zeros((HEIGHT, WIDTH), np.float32)
    for at in (-8, 262, 534, 806):
        frame = np.maximum(frame, (np.abs(x - at) < 9).astype(np.float32))
    frame = np.maximum(frame, (np.abs(y - 150) < 6).astype(np.float32))
    frame = np.maximum(frame, (y > 640).astype(np.float32))
    picture = paint.mixed(picture, colour("#39424a", 0.85), frame)
    sill = ((y > 640) & (y < 662)).astype(np.float32)
    picture = paint.mixed(picture, colour("#cfd3d4", 0.8), sill)
    plant = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(34):
        a, reach = rng.uniform(-2.7, -0.45), rng.uniform(110, 250)
        x0, y0 = 712 + rng.normal(0, 14), 618.0
        tip = (x0 + reach * np.cos(a), y0 + reach * np.sin(a))
        mid = (x0 + 0.55 * reach * np.cos(a - 0.2), y0 + 0.55 * reach * np.sin(a - 0.2))
        mid2 = (x0 + 0.55 * reach * np.cos(a + 0.2), y0 + 0.55 * reach * np.sin(a + 0.2))
        plant = np.maximum(plant, paint.polygon([(x0, y0), mid, tip, mid2]) * rng.uniform(0.6, 1))
    leaf = colour("#3c6444") + (colour("#8fb27c") - colour("#3c6444")) * (1 - plant)[..., None] * 1.4
    picture = paint.mixed(picture, leaf, np.clip(plant * 1.5, 0, 1))
    pot = paint.polygon([(664, 612), (760, 612), (748, 720), (676, 720)])
    return paint.mixed(
        picture, (1.05 - 0.5 * np.clip((x - 664) / 96, 0, 1))[..., None] * colour("#d9d6d0"), pot
    )


def paint_setting(standing: bool) -> Setting:
    """The place for things that stand, or for things that hang."""
    rng = np.random.default_rng(23)
    x, y = paint.grid()
    picture = paint.focused(_room(rng), np.full((HEIGHT, WIDTH), 8.0, np.float32))
    edge = 676.0 if standing else 880.0
    texture = paint.wood(rng, "#a5835c", "#d8bd96", 3)
    desk = paint.ground(texture, 250, 0.8, 900, 90)
    away = np.clip((y - edge) / (HEIGHT - edge), 0, 1)
    # the windows' light lies on the desk, strongest where it leaves at a low angle
    panes = np.ones_like(x)
    for at in (262, 534):
        panes -= 0.34 * np.exp(-(((x - 400 - (at - 400) * (0.9 + 0.5 * away)) / (16 + 14 * away)) ** 2))
    shine = np.exp(-away * 2.1)
    desk = desk * 0.8 + (0.36 * shine * panes)[..., None] * colour("#eef4f8")
    desk = paint.focused(desk, np.clip(8 * (1 - away * 2.3), 0, 8) + (0 if standing else 5))
    top = paint.blurred((y > edge).astype(np.float32), 2.2)
    picture = paint.mixed(picture, desk, top)
    picture *= (1.0 - 0.16 * paint.step(np.hypot((x - 400) / 520, (y - 470) / 660), 0.95, 0.8))[..., None]
    return Setting(
        picture,
        856,
        colour("#f6faff", 1.03),
        colour("#eef2f6", 0.98),
        -0.35,
        low=0.35,
        ahead=0.2,
        shadow=0.65,
        mirror=0.1,
        rail="iron",
        air=colour("#e8f0f6", 0.014),
    )
