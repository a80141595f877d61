"""The photo studio: a seamless backdrop, soft shadows, and the finished picture."""

import io
from functools import lru_cache

import numpy as np
from PIL import Image, ImageFilter

from store.demo.drawing.geometry import rgb
from store.demo.drawing.light import shifted

BACKDROPS = {
    "linen": ("#f3f0ea", "#d9d4cb"),
    "mist": ("#f0f1f2", "#d3d6d9"),
    "shell": ("#f5eeea", "#dccfc8"),
    "sage": ("#eef0ea", "#cfd5c9"),
    "sand": ("#f4eee2", "#dbcfba"),
    "heather": ("#f1eeec", "#d3cdca"),
    "dusk": ("#ecebef", "#c9c8d2"),
}


@lru_cache(maxsize=16)
def _backdrop(name: str, width: int, height: int, floor: bool) -> np.ndarray:
    """(h, w, 3) float32, 0..255."""
    top, low = (np.array(rgb(c), np.float32) for c in BACKDROPS[name])
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = x / width, y / height
    glow = np.exp(-(((x - 0.46) / 0.62) ** 2) - ((y - 0.42) / 0.58) ** 2)
    t = np.clip(glow, 0, 1)[..., None]
    ground = low + (top - low) * t
    if floor:
        bend = 1 / (1 + np.exp(-(y - 0.7) * 26))
        ground = ground * (1 - 0.055 * bend[..., None] * (1.3 - y[..., None]))
    noise = np.random.default_rng(5).normal(0, 0.9, (height, width, 1)).astype(np.float32)
    return ground + noise


def studio(cut: Image.Image, backdrop: str = "linen", standing: bool = False) -> Image.Image:
    """Put a cut-out into the studio: hanging before the backdrop, or `standing` on its floor. RGB, same size."""
    width, height = cut.size
    ground = _backdrop(backdrop, width, height, standing)
    alpha = cut.getchannel("A")
    small = alpha.resize((width // 4, height // 4), Image.Resampling.BOX)
    shadow = np.zeros((height // 4, width // 4), np.float32)

    def cast(radius: float, dx: int, dy: int, strength: float, source: Image.Image = small) -> None:
        soft = np.asarray(source.filter(ImageFilter.GaussianBlur(radius)), np.float32) / 255
        shadow[:] = 1 - (1 - shadow) * (1 - strength * shifted(soft, dy, dx))

    if standing:
        box = small.getbbox() or (0, 0, 1, 1)
        squash = Image.new("L", small.size, 0)
        flat = small.crop(box).resize((box[2] - box[0], max((box[3] - box[1]) // 9, 6)), Image.Resampling.BOX)
        squash.paste(flat, (box[0], box[3] - int(flat.height * 0.75)))
        cast(9, 3, 2, 0.42, squash)
        cast(3, 1, 0, 0.5, squash)
    else:
        cast(11, 5, 7, 0.26)
        cast(3, 1, 2, 0.22)
    dark = Image.fromarray(shadow).resize((width, height), Image.Resampling.BICUBIC)
    scene = ground * (
        1 - 0.85 * np.asarray(dark, np.float32)[..., None] * np.array([0.95, 0.97, 1.0], np.float32)
    )
    picture = Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8))
    picture.paste(cut, (0, 0), alpha)
    return picture


def webp(picture: Image.Image, quality: int = 82) -> bytes:
    """The picture as WebP."""
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=quality, method=2)
    return out.getvalue()
