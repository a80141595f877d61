"""Painting settings: light, noise, cloudy grounds in perspective, glows and depth of field.

Pictures are (h, w, 3) float32 in linear light, about 0..1 with highlights above; `colour` brings a "#rrggbb" there and
`finished` brings a picture back to what a screen shows.
"""

from functools import lru_cache

import cv2
import numpy as np

Array = np.ndarray
WIDTH, HEIGHT = 800, 1000
cv2.setNumThreads(1)


def colour(value: str, light: float = 1.0) -> Array:
    """(3,) linear light of "#rrggbb", times `light`."""
    rgb = np.array([int(value[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    return linear(rgb) * light


def linear(srgb: Array) -> Array:
    """sRGB 0..1 → linear light."""
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4), np.float32)


def finished(picture: Array, grain: float = 0.006, seed: int = 3) -> Array:
    """(h, w, 3) uint8 sRGB: highlights rolled off as film does, a little grain."""
    x = np.maximum(picture, 0)
    x = np.where(x > 0.7, 0.7 + 0.3 * (1 - np.exp(-(x - 0.7) / 0.3)), x)
    srgb = np.where(x <= 0.0031308, x * 12.92, 1.055 * np.power(np.maximum(x, 1e-6), 1 / 2.4) - 0.055)
    srgb = srgb + np.random.default_rng(seed).normal(0, grain, (*x.shape[:2], 1)).astype(np.float32)
    return np.asarray(np.clip(srgb * 255 + 0.5, 0, 255), np.uint8)


@lru_cache(maxsize=1)
def grid() -> tuple[Array, Array]:
    """x and y of each pixel, each (HEIGHT, WIDTH)."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return x, y


def vertical(stops: list[tuple[float, str, float]]) -> Array:
    """A picture that changes from top to bottom: (y in pixels, colour, light) each."""
    y = np.arange(HEIGHT, dtype=np.float32)
    ys = [s[0] for s in stops]
    values = np.stack([colour(c, k) for _, c, k in stops])
    column = np.stack([np.interp(y, ys, values[:, i]) for i in range(3)], -1).astype(np.float32)
    return np.repeat(column[:, None], WIDTH, 1)


def clouds(
    rng: np.random.Generator,
    size: tuple[int, int],
    scale: tuple[float, float],
    octaves: int = 4,
    fade: float = 0.5,
) -> Array:
    """(h, w) noise 0..1 of several sizes at once. `scale`: how high and wide the largest spots are, in pixels."""
    h, w = size
    out, total, weight = np.zeros((h, w), np.float32), 0.0, 1.0
    sy, sx = scale
    for _ in range(octaves):
        small = rng.random((max(int(h / sy), 1) + 3, max(int(w / sx), 1) + 3), np.float32)
        out += weight * cv2.resize(small, (w, h), interpolation=cv2.INTER_CUBIC)
        total, weight, sy, sx = total + weight, weight * fade, max(sy / 2, 1), max(sx / 2, 1)
    return np.clip(out / total, 0, 1)


def blurred(picture: Array, sigma: float) -> Array:
    """Gaussian; large ones at a smaller size."""
    if sigma < 0.4:
        return picture
    k = int(max(1, sigma // 5))
    if k == 1:
        return cv2.GaussianBlur(picture, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    h, w = picture.shape[:2]
    small = cv2.resize(picture, (max(w // k, 1), max(h // k, 1)), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / k, borderType=cv2.BORDER_REPLICATE)
    return cv2.resize(soft, (w, h), interpolation=cv2.INTER_CUBIC)


def focused(picture: Array, amount: Array) -> Array:
    """Depth of field: (h, w) `amount`, the sigma of the blur at each pixel, up to 16."""
    levels = [0.0, 2.0, 5.0, 10.0, 16.0]
    stack = [blurred(picture, s) for s in levels]
    out = stack[0].copy()
    for low, high, a, b in zip(levels, levels[1:], stack, stack[1:], strict=False):
        t = np.clip((amount - low) / (high - low), 0, 1)[..., None]
        out = np.where(amount[..., None] > low, a * (1 - t) + b * t, out)
    return out


def ground(
    texture: Array, horizon: float, scale: float = 1.0, depth: float = 900.0, slide: float = 0.0
) -> Array:
    """A picture of a plane that reaches to the horizon, covered with (h, w, 3) `texture`, which is mirrored at its
    rims. `scale`: pixels of texture to a pixel at the bottom; `depth`: how steeply it runs away."""
    x, y = grid()
    z = (HEIGHT - horizon) / np.maximum(y - horizon, 1.0)
    h, w = texture.shape[:2]
    u = (x - WIDTH / 2) * z * scale + w / 2 + slide
    v = (z - 1) * depth * scale
    return cv2.remap(texture, _mirrored(u, w), _mirrored(v, h), cv2.INTER_LINEAR)


def _mirrored(u: Array, n: int) -> Array:
    u = np.abs(np.mod(u + (n - 1), 2 * (n - 1)) - (n - 1))
    return u.astype(np.float32)


def mixed(under: Array, over: Array, alpha: Array) -> Array:
    """`over` laid on `under`; alpha (h, w), 0..1. `over` may be one colour."""
    a = alpha[..., None]
    return np.asarray(under * (1 - a) + over * a)


def step(value: Array, edge: float, width: float) -> Array:
    """0 below the edge, 1 above, smooth over `width`."""
    t = np.clip((value - edge) / width + 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def polygon(
    points: list[tuple[float, float]], soft: float = 0.0, size: tuple[int, int] = (HEIGHT, WIDTH)
) -> Array:
    """(h, w) 0..1: inside of the outline, its edge blurred by `soft`."""
    mask = np.zeros(size, np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(points) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return blurred(mask.astype(np.float32) / 255, soft)


def disc(
    picture: Array, x: float, y: float, radius: float, light: Array, rim: float = 0.35, cat: float = 1.0
) -> None:
    """Adds the round spot that a point of light out of focus makes, brighter at its rim, in place."""
    x0, x1 = int(max(x - radius - 2, 0)), int(min(x + radius + 3, WIDTH))
    y0, y1 = int(max(y - radius - 2, 0)), int(min(y + radius + 3, HEIGHT))
    if x0 >= x1 or y0 >= y1:
        return
    yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    r = np.hypot((xx - x) / cat, yy - y)
    inside = np.clip(radius - r + 0.5, 0, 1)
    edge = np.exp(-(((r - radius * 0.93) / max(radius * 0.09, 1.0)) ** 2))
    picture[y0:y1, x0:x1] += (inside * (1 - rim + 0.5 * rim * (r / radius) ** 2 + rim * edge))[
        ..., None
    ] * light


def glow(x0: float, y0: float, radius: float, power: float = 2.0, stretch: float = 1.0) -> Array:
    """(h, w) 0..1: a soft light about a point."""
    x, y = grid()
    r = np.hypot((x - x0) / stretch, y - y0) / radius
    return np.asarray(np.exp(-(r**power)))


def wood(
    rng: np.random.Generator, dark: str, light: str, planks: int = 5, size: tuple[int, int] = (1400, 1400)
) -> Array:
    """A boarded surface, boards running away from the eye."""
    h, w = size
    a, b = colour(dark), colour(light)
    out = np.zeros((h, w, 3), np.float32)
    each = w // planks
    for k in range(planks):
        x0, x1 = k * each, w if k == planks - 1 else (k + 1) * each
        n = x1 - x0
        yy, xx = np.mgrid[0:h, 0:n].astype(np.float32)
        bend = clouds(rng, (h, n), (760, 210), 3) * 110 + 10 * np.sin(
            yy / rng.uniform(200, 420) + rng.uniform(0, 6)
        )
        rings = 0.5 + 0.5 * np.sin((xx + bend) / rng.uniform(7, 12) + 1.4 * clouds(rng, (h, n), (300, 30), 2))
        pores = clouds(rng, (h, n), (90, 2.2), 2)
        tone = (
            0.28 * rings + 0.34 * clouds(rng, (h, n), (700, 60), 3) + 0.38 * pores + rng.uniform(-0.12, 0.12)
        )
        board = a + (b - a) * np.clip(tone, 0, 1)[..., None]
        seam = np.minimum(xx, n - 1 - xx)
        board *= (1 - 0.62 * np.exp(-((seam / 2.2) ** 2)))[..., None]
        out[:, x0:x1] = board
    return out


def lit(surface: Array, normal_noise: Array, side: float, strength: float) -> Array:
    """A surface with the relief (h, w), lit from the side (-1 left, 1 right) and above."""
    gx = cv2.Sobel(normal_noise, cv2.CV_32F, 1, 0, ksize=3)
    gy = cv2.Sobel(normal_noise, cv2.CV_32F, 0, 1, ksize=3)
    shade = 1 + strength * (-side * gx + 0.7 * gy)
    return np.asarray(surface * np.clip(shade, 0.25, 2.0)[..., None])
