"""Light on cloth: a height map from the parts of a garment, lit from the upper left."""

import io
import math
from functools import lru_cache

import numpy as np
import resvg_py
from PIL import Image, ImageDraw, ImageFilter

from store.demo.drawing.canvas import Canvas, Fold
from store.demo.drawing.geometry import Point, flatten, outline

HALF = 2  # the light is worked out at 1 / HALF of the picture's size


@lru_cache(maxsize=8)
def _noise(kind: str) -> np.ndarray:
    """A field (700, 700) of soft undulation, standard deviation 1, the same in every run."""
    rnd = np.random.default_rng({"soft": 1, "fur": 3}[kind])
    spectrum = np.fft.rfft2(rnd.normal(0, 1, (700, 700)))
    fy, fx = np.fft.fftfreq(700)[:, None], np.fft.rfftfreq(700)[None, :]

    def blurred(rx: float, ry: float) -> np.ndarray:
        field = np.fft.irfft2(
            spectrum * np.exp(-2 * (math.pi**2) * ((fx * rx) ** 2 + (fy * ry) ** 2)), (700, 700)
        )
        return (field / field.std()).astype(np.float32)

    if kind == "fur":
        return blurred(1.6, 2.4) + 0.8 * blurred(5, 7)
    return blurred(9, 17) + 1.5 * blurred(22, 40)


@lru_cache(maxsize=24)
def grain(material: str) -> np.ndarray:
    """Surface grain (1000, 800) around 0 for a material, to multiply colours by 1 + grain."""
    rnd = np.random.default_rng(len(material) * 7 + ord(material[0]))
    n = rnd.normal(0, 1, (1000, 800)).astype(np.float32)
    if material == "linen":
        n = (n + np.roll(n, 1, 1) + np.roll(n, 2, 1) + np.roll(n, 3, 1)) * 0.5 + (
            n + np.roll(n, 1, 0) + np.roll(n, 2, 0)
        ) * 0.4
        return n * 0.03
    if material in ("wool", "cashmere", "fur"):
        n = n + np.roll(n, 1, 0) + np.roll(n, 1, 1)
        return n * (0.016 if material != "fur" else 0.03)
    strength = {
        "denim": 0.05,
        "canvas": 0.035,
        "knit": 0.03,
        "leather": 0.014,
        "suede": 0.04,
        "satin": 0.008,
        "silk": 0.008,
        "metal": 0.006,
        "rubber": 0.008,
        "nylon": 0.012,
        "down": 0.012,
        "velvet": 0.035,
    }.get(material, 0.02)
    return n * strength


def _folds(folds: list[Fold], size: tuple[int, int], s: float, dx: float, dy: float) -> np.ndarray:
    """Height (h, w) of the folds, widths grouped so that each group is blurred once."""
    total = np.zeros((size[1], size[0]), np.float32)
    groups: dict[int, list[Fold]] = {}
    for f in folds:
        w = f.width * s
        groups.setdefault(2 if w < 5 else 5 if w < 12 else 12 if w < 26 else 26, []).append(f)
    for step, members in groups.items():
        for sign in (1, -1):
            chosen = [f for f in members if f.depth * sign > 0]
            if not chosen:
                continue
            image = Image.new("L", size, 0)
            draw = ImageDraw.Draw(image)
            for f in chosen:
                points = [(x * s + dx, y * s + dy) for x, y in flatten(f.run, 6)]
                value = int(min(abs(f.depth), 1.6) / 1.6 * 255)
                draw.polygon(_lens(points, max(f.width * s, 1.2)), fill=value)
            blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(max(step * 0.45, 0.8))), np.float32)
            total += sign * blurred * (1.6 / 255 * 0.5 * step)
    return total


def _lens(points: list[Point], width: float) -> list[Point]:
    """A stroke that swells to `width` in its middle and runs out at both ends."""
    n = len(points)
    if n == 2:
        (ax, ay), (bx, by) = points
        points = [(ax + (bx - ax) * k / 6, ay + (by - ay) * k / 6) for k in range(7)]
        n = 7
    left, right = [], []
    for i, (x, y) in enumerate(points):
        ax, ay = points[max(i - 1, 0)]
        bx, by = points[min(i + 1, n - 1)]
        d = math.hypot(bx - ax, by - ay) or 1.0
        w = width * (0.25 + 0.75 * math.sin(math.pi * i / (n - 1))) / 2
        left.append((x - (by - ay) / d * w, y + (bx - ax) / d * w))
        right.append((x + (by - ay) / d * w, y - (bx - ax) / d * w))
    return left + right[::-1]


def _blur(mask: Image.Image, radius: float) -> np.ndarray:
    return np.asarray(mask.filter(ImageFilter.GaussianBlur(radius)), np.float32) * (1 / 255)


def shade(canvas: Canvas, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Light (h, w), 1 where cloth lies flat to it, and shine (h, w), 0..1, at half the picture's size."""
    s, tx, ty = (v / HALF for v in canvas.frame(width, height))
    w, h = width // HALF, height // HALF
    light = np.ones((h, w), np.float32)
    shine = np.zeros((h, w), np.float32)
    unit = s * HALF * 0.9  # domes grow with the garment, so that a close-up is lit as the whole is
    soft, fur = _noise("soft"), _noise("fur")
    for i, part in enumerate(canvas.parts):
        points = [(x * s + tx, y * s + ty) for x, y in outline(part.shape, 5)]
        pad = 16
        x0 = max(int(min(p[0] for p in points)) - pad, 0)
        y0 = max(int(min(p[1] for p in points)) - pad, 0)
        x1 = min(int(max(p[0] for p in points)) + pad, w)
        y1 = min(int(max(p[1] for p in points)) + pad, h)
        if x1 - x0 < 2 or y1 - y0 < 2:
            continue
        size = (x1 - x0, y1 - y0)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in points], fill=255)
        cover = _blur(mask, 0.6)
        span = min(size) - 2 * pad
        near, mid = _blur(mask, 2.2 * unit), _blur(mask, min(8 * unit, max(span * 0.2, 1)))
        wide = _blur(mask, min(24 * unit, max(span * 0.3, 1)))
        tall = part.puff * (
            near * 1.0 * unit + mid * min(3.2 * unit, span * 0.09) + wide * min(9 * unit, span * 0.16)
        )
        if part.folds:
            tall = tall + _folds(part.folds, size, s, tx - x0, ty - y0)
        if part.wrinkle:
            ox, oy = (i * 97 + canvas.spec.seed * 13) % 150, (i * 61 + canvas.spec.seed * 29) % 150
            source = fur if canvas.spec.material == "fur" else soft
            amount = part.wrinkle * (0.5 if source is fur else 0.62 * unit)
            tall = tall + amount * source[oy : oy + size[1], ox : ox + size[0]]
        gy, gx = np.gradient(tall)
        gx = np.clip(gx, -1.1, 1.1)
        gy = np.clip(gy, -1.1, 1.1)
        norm = np.sqrt(1 + gx * gx + gy * gy)
        lit = (0.66 + 0.42 * gx + 0.6 * gy) / (0.66 * norm)
        lit = 1 + 0.78 * (lit - 1)
        lit *= 0.86 + 0.14 * np.clip(mid * 2 - 1, 0, 1)
        if part.gloss:
            half = np.clip((0.92 + 0.24 * gx + 0.32 * gy) / (0.93 * norm), 0, None)
            spark = np.clip((half - 0.985) * 9, 0, 1) ** 2 * part.gloss
        else:
            spark = np.zeros_like(lit)
        region = (slice(y0, y1), slice(x0, x1))
        if part.drop:
            cast = shifted(_blur(mask, 6 * unit**0.5), int(4 * unit) + 1, int(2 * unit) + 1)
            light[region] *= 1 - 0.42 * part.drop * cast * (1 - cover)
        m = cover * (part.opacity if part.opacity < 1 else 1.0)
        light[region] += (lit - light[region]) * m
        shine[region] += (spark - shine[region]) * m
    return light, shine


def shifted(field: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """`field` moved down and right (dy, dx >= 0); nothing wraps round."""
    out = np.zeros_like(field)
    high, wide = field.shape
    if dy < high and dx < wide:  # else it is moved out of its field whole
        out[dy:, dx:] = field[: high - dy, : wide - dx]
    return out


def _upsample(field: np.ndarray, width: int, height: int) -> np.ndarray:
    return np.asarray(Image.fromarray(field).resize((width, height), Image.Resampling.BILINEAR), np.float32)


def cutout(canvas: Canvas, width: int = 800, height: int = 1000) -> Image.Image:
    """The lit garment on a transparent ground, RGBA of width x height."""
    png = resvg_py.svg_to_bytes(svg_string=canvas.svg(width, height), skip_system_fonts=True)
    flat = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA"))
    light, shine = shade(canvas, width, height)
    big = _upsample(light, width, height)[..., None]
    g = grain(canvas.spec.material)
    if g.shape != (height, width):
        g = np.tile(g, (height // g.shape[0] + 1, width // g.shape[1] + 1))[:height, :width]
    color = flat[..., :3].astype(np.float32) * (1 / 255)
    low = np.minimum(big, 1.0)
    out = color * low + (1 - color) * (np.maximum(big - 1, 0) * 0.42)
    out *= 1 + g[..., None]
    if shine.any():
        out += (1 - out) * _upsample(shine, width, height)[..., None] * 0.75
    result = np.empty((height, width, 4), np.uint8)
    result[..., :3] = np.clip(out * 255, 0, 255)
    result[..., 3] = flat[..., 3]
    return Image.fromarray(result, "RGBA")
