"""Shoppers' photos that we make ourselves: a drawn garment in a room, askew, in uneven light."""

import math
import random

import numpy as np
from PIL import Image, ImageFilter

from store.demo import drawing
from store.demo.builder import spec_of
from store.demo.drawing.light import shifted
from store.types import Product

PLACES = ("wood", "bed", "wall", "carpet", "tiles", "table")


def cutout(product: Product, view: str = "front", width: int = 800, height: int = 1000) -> Image.Image:
    """The product alone on a transparent ground: RGBA."""
    return drawing.cutout(spec_of(product), view, width, height)


def snapshot(
    product: Product, background: str | None = None, seed: int = 0, size: tuple[int, int] = (768, 1024)
) -> Image.Image:
    """A photo of a product as a shopper would take it: RGB of `size`, the same for the same arguments.

    `background` is one of PLACES (chosen by seed when None). Raises ValueError for another one.
    """
    rnd = random.Random(f"{product.id}:{background}:{seed}")
    place = background or rnd.choice(PLACES)
    if place not in PLACES:
        raise ValueError(f"unknown background {place!r}; known: {', '.join(PLACES)}")
    room = _room(place, size, rnd)
    cut = cutout(product)
    box = cut.getchannel("A").getbbox() or (0, 0, *cut.size)
    cut = cut.crop(box)
    width, height = size
    scale = min(width * 0.86 / cut.width, height * 0.86 / cut.height) * rnd.uniform(0.78, 1.0)
    cut = cut.resize(
        (max(int(cut.width * scale), 8), max(int(cut.height * scale), 8)), Image.Resampling.LANCZOS
    )
    lean = rnd.uniform(-5, 5) if place == "wall" else rnd.uniform(-16, 16)
    cut = cut.rotate(lean, Image.Resampling.BICUBIC, expand=True)
    cut = _skew(cut, rnd)
    x = (width - cut.width) // 2 + int(rnd.uniform(-0.05, 0.05) * width)
    y = (height - cut.height) // 2 + int(rnd.uniform(-0.05, 0.05) * height)
    layer = Image.new("L", size, 0)
    layer.paste(cut.getchannel("A"), (x, y))
    shadow: np.ndarray = np.zeros((height, width), np.float32)
    for radius, dx, dy, strength in ((22, 12, 16, 0.34), (5, 3, 4, 0.4)):
        soft = np.asarray(layer.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255
        shadow = 1 - (1 - shadow) * (1 - strength * shifted(soft, dy, dx))
    scene = Image.fromarray(np.clip(room * (1 - shadow[..., None]), 0, 255).astype(np.uint8))
    scene.paste(cut, (x, y), cut)
    return _camera(scene, rnd)


def _skew(cut: Image.Image, rnd: random.Random) -> Image.Image:
    """A little perspective: the camera is never quite square to the cloth."""
    w, h = cut.size
    d = [rnd.uniform(0, 0.06) for _ in range(4)]
    corners = (
        [(d[0] * w, 0), (w - d[1] * w, 0), (w, h), (0, h)]
        if rnd.random() < 0.5
        else [(0, 0), (w, 0), (w - d[2] * w, h), (d[3] * w, h)]
    )
    rows, right = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (w, 0), (w, h), (0, h)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    data = np.linalg.solve(np.array(rows), np.array(right))
    return cut.transform((w, h), Image.Transform.PERSPECTIVE, tuple(data), Image.Resampling.BICUBIC)


def _field(
    rng: np.random.Generator, size: tuple[int, int], radius: float, stretch: float = 1.0
) -> np.ndarray:
    """Smooth noise (h, w), standard deviation about 1."""
    w, h = size
    small = (max(int(w / radius), 2) + 2, max(int(h / (radius * stretch)), 2) + 2)
    noise = Image.fromarray(rng.normal(0, 1, (small[1], small[0])).astype(np.float32))
    return np.asarray(noise.resize(size, Image.Resampling.BICUBIC), np.float32)


def _room(place: str, size: tuple[int, int], rnd: random.Random) -> np.ndarray:
    """A place to lay or hang clothes: (h, w, 3) float32, 0..255."""
    w, h = size
    rng = np.random.default_rng(rnd.randrange(1 << 30))
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    if place in ("wood", "table"):
        tone = np.array(
            rnd.choice([(176, 132, 92), (142, 101, 68), (201, 166, 124), (112, 82, 60)]), np.float32
        )
        plank = rnd.uniform(90, 150) if place == "wood" else w * 4.0
        k = np.floor(x / plank + rnd.random())
        shift = (k * 0.618) % 1
        grain = _field(rng, size, 7, 24) * 0.035 + _field(rng, size, 2.2, 30) * 0.03
        base = 1 + grain + (shift - 0.5) * 0.16
        gap = np.abs((x / plank + 0.5) % 1 - 0.5) * plank if place == "wood" else np.full_like(x, 9)
        base *= np.where(gap < 1.6, 0.62, 1.0)
        ground = tone * base[..., None]
    elif place == "bed":
        tone = np.array(
            rnd.choice([(232, 228, 221), (206, 212, 219), (222, 209, 196), (188, 198, 186)]), np.float32
        )
        tall = _field(rng, size, 90, 0.5) * 6 + _field(rng, size, 34, 0.7) * 3
        gy, gx = np.gradient(tall)
        ground = tone * (1 + 0.16 * np.clip(gx + gy, -1.6, 1.6))[..., None]
    elif place == "carpet":
        tone = np.array(rnd.choice([(150, 142, 132), (118, 124, 132), (168, 150, 128)]), np.float32)
        ground = (
            tone
            * (1 + 0.10 * rng.normal(0, 1, (h, w)).astype(np.float32) + 0.05 * _field(rng, size, 26))[
                ..., None
            ]
        )
    elif place == "tiles":
        tone = np.array(rnd.choice([(214, 211, 205), (186, 186, 184), (200, 190, 176)]), np.float32)
        side = rnd.uniform(170, 260)
        seam = np.minimum(np.abs((x / side + 0.3) % 1 - 0.5), np.abs((y / side + 0.2) % 1 - 0.5)) * side
        ground = tone * (np.where(seam < 2.2, 0.78, 1.0) * (1 + 0.02 * _field(rng, size, 60)))[..., None]
    else:
        tone = np.array(
            rnd.choice([(226, 221, 212), (207, 213, 214), (224, 208, 198), (196, 206, 192)]), np.float32
        )
        ground = tone * (1 + 0.012 * rng.normal(0, 1, (h, w)).astype(np.float32))[..., None]
    # light from one side, as from a window
    angle = rnd.uniform(0, 2 * math.pi)
    slope = ((x / w - 0.5) * math.cos(angle) + (y / h - 0.5) * math.sin(angle)) * rnd.uniform(0.12, 0.36)
    return ground * (1 + slope)[..., None]


def _camera(scene: Image.Image, rnd: random.Random) -> Image.Image:
    """A phone's colour cast, exposure, softness and noise."""
    rng = np.random.default_rng(rnd.randrange(1 << 30))
    if rnd.random() < 0.5:
        scene = scene.filter(ImageFilter.GaussianBlur(rnd.uniform(0.3, 0.9)))
    a = np.asarray(scene, np.float32)
    warm = rnd.uniform(-0.035, 0.05)
    a = a * np.array([1 + warm, 1.0, 1 - warm], np.float32) * rnd.uniform(0.86, 1.08)
    a += rng.normal(0, rnd.uniform(1.5, 4.5), a.shape).astype(np.float32)
    return Image.fromarray(np.clip(a, 0, 255).astype(np.uint8))
