"""Scenes of several garments, or of none, composed from cut-outs: where is what, known to the pixel.

Snapshots with labelled boxes of every garment are rare; a garment cut out of its photo and laid beside another, or over
trousers as one would wear it, teaches the same (cut-and-paste learning, Dwibedi et al. 2017).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

Array = np.ndarray
LONG = 400  # pixels of a scene's longer side
KINDS = ("collage", "laid", "worn", "empty")
SHARES = (0.33, 0.33, 0.2, 0.14)
UPPER = ("t-shirt", "longsleeve", "shirt", "outwear")
LOWER = ("pants", "shorts", "skirt")
_SKIN = ((241, 205, 178), (224, 172, 125), (198, 134, 92), (141, 85, 54), (94, 58, 40))


@dataclass(frozen=True)
class Piece:
    """A photo with its garment marked. `pixels`: (h, w, 3) uint8; `mask`: (h, w) bool; `category`: a class name."""

    pixels: Array
    mask: Array
    category: str


@dataclass(frozen=True)
class Scene:
    """`pixels`: (h, w, 3) uint8; `where`: (h, w) uint8, 0 for no garment, else 1 + the number of the garment;
    `categories`: one per garment; `kind`: one of KINDS."""

    pixels: Array
    where: Array
    categories: tuple[str, ...]
    kind: str

    def boxes(self) -> list[tuple[float, float, float, float]]:
        """Left, top, right, bottom of each garment as fractions."""
        h, w = self.where.shape
        found = []
        for k in range(len(self.categories)):
            rows, columns = np.nonzero(self.where == k + 1)
            found.append((columns.min() / w, rows.min() / h, (columns.max() + 1) / w, (rows.max() + 1) / h))
        return found


def compose(
    piece: Callable[[Sequence[str] | None], Piece], rng: np.random.Generator, kind: str | None = None
) -> Scene:
    """A random scene. `piece` draws a random photo, of one of the given categories where some are given."""
    kind = kind or str(rng.choice(KINDS, p=SHARES))
    maker = {"collage": _collage, "laid": _laid, "worn": _worn, "empty": _empty}[kind]
    for _ in range(20):
        scene = maker(piece, rng)
        seen = [int((scene.where == k + 1).sum()) for k in range(len(scene.categories))]
        if min(seen, default=1000) > 0.015 * scene.where.size:  # nothing wholly covered
            return scene
    return _empty(piece, rng)


def _canvas(rng: np.random.Generator) -> tuple[int, int]:
    """Height and width."""
    aspect = np.exp(rng.uniform(-0.45, 0.3))  # snapshots are taller than wide more often than not
    return (LONG, max(int(LONG * aspect), 160)) if aspect < 1 else (int(LONG / aspect), LONG)


def _collage(piece: Callable[[Sequence[str] | None], Piece], rng: np.random.Generator) -> Scene:
    """Two to four whole photos side by side, one above the other or in a grid, each with its own floor."""
    n = int(rng.choice([2, 3, 4], p=[0.75, 0.12, 0.13]))
    rows, columns = {2: (1, 2), 3: (1, 3), 4: (2, 2)}[n]
    if n < 4 and rng.random() < 0.4:
        rows, columns = columns, rows
    side = int(rng.uniform(150, 240))
    cell = (int(side * rng.uniform(0.8, 1.4)), side)
    pixels = np.full((cell[0] * rows, cell[1] * columns, 3), rng.integers(0, 256), np.uint8)
    where = np.zeros(pixels.shape[:2], np.uint8)
    names = []
    for k in range(n):
        p = piece(None)
        y, x = k // columns * cell[0], k % columns * cell[1]
        h, w = p.mask.shape
        scale = min(cell[0] / h, cell[1] / w) if rng.random() < 0.5 else max(cell[0] / h, cell[1] / w)
        size = (max(int(w * scale), 1), max(int(h * scale), 1))
        image = cv2.resize(p.pixels, size, interpolation=cv2.INTER_AREA)[: cell[0], : cell[1]]
        mask = cv2.resize(p.mask.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)[
            : cell[0], : cell[1]
        ]
        dy, dx = (cell[0] - image.shape[0]) // 2, (cell[1] - image.shape[1]) // 2
        pixels[y + dy : y + dy + image.shape[0], x + dx : x + dx + image.shape[1]] = image
        where[y + dy : y + dy + mask.shape[0], x + dx : x + dx + mask.shape[1]][mask > 0] = k + 1
        names.append(p.category)
    return Scene(pixels, where, tuple(names), "collage")


def _laid(piece: Callable[[Sequence[str] | None], Piece], rng: np.random.Generator) -> Scene:
    """One to four cut-outs on the same floor, hardly covering each other."""
    h, w = _canvas(rng)
    pixels, where, names = ground(piece(None), (h, w), rng), np.zeros((h, w), np.uint8), []
    n = int(rng.choice([1, 2, 3, 4], p=[0.15, 0.55, 0.2, 0.1]))
    upright = h >= w
    for k in range(n):
        p = piece(None)
        room = 1.15 / n if n < 4 else 0.55
        size = (
            (h * room, w * 0.9)
            if (upright and n < 4)
            else (h * 0.9, w * room)
            if n < 4
            else (h * 0.55, w * 0.55)
        )
        middle = (
            ((k + 0.5) / n, rng.uniform(0.4, 0.6)) if upright and n < 4
            else (rng.uniform(0.4, 0.6), (k + 0.5) / n) if n < 4
            else ((k // 2 + 0.5) / 2, (k % 2 + 0.5) / 2)
        )  # fmt: skip
        turn = float(rng.normal(0, 12))
        _paste(pixels, where, k + 1, p, (middle[0] * h, middle[1] * w), size, turn, rng)
        names.append(p.category)
    return Scene(pixels, where, tuple(names), "laid")


def _worn(piece: Callable[[Sequence[str] | None], Piece], rng: np.random.Generator) -> Scene:
    """A top above trousers or a skirt, as on a person: skin where head, arms and legs would be, perhaps shoes and a
    hat."""
    h = LONG
    w = int(LONG * rng.uniform(0.5, 0.9))
    pixels, where = ground(piece(None), (h, w), rng), np.zeros((h, w), np.uint8)
    top, middle, bottom = rng.uniform(0.1, 0.2), rng.uniform(0.44, 0.56), rng.uniform(0.82, 0.98)
    centre = w * rng.uniform(0.4, 0.6)
    if rng.random() < 0.7:
        _person(pixels, centre, (top * h, middle * h, bottom * h), rng)
    names: list[str] = []

    def wear(categories: Sequence[str], y0: float, y1: float, wide: float) -> None:
        p = piece(categories)
        names.append(p.category)
        size = ((y1 - y0) * h, w * wide)
        _paste(pixels, where, len(names), p, ((y0 + y1) / 2 * h, centre), size, float(rng.normal(0, 3)), rng)

    if rng.random() < 0.15:
        wear(("dress",), top, rng.uniform(0.62, 0.85), 0.8)
    else:
        lower = ("pants",) if rng.random() < 0.6 else LOWER
        wear(lower, middle - 0.05, bottom if lower == ("pants",) else rng.uniform(0.66, 0.8), 0.6)
        wear(UPPER, top, middle + rng.uniform(0, 0.06), 0.95)
    if rng.random() < 0.35:
        wear(("shoes",), bottom - 0.04, min(bottom + 0.1, 1.0), 0.5)
    if rng.random() < 0.2:
        wear(("hat",), 0.0, top - 0.02, 0.3)
    return Scene(pixels, where, tuple(names), "worn")


def _empty(piece: Callable[[Sequence[str] | None], Piece], rng: np.random.Generator) -> Scene:
    """Nothing to wear: a bare floor, a page of text, a screen, coloured shapes."""
    size = _canvas(rng)
    makers = (lambda: ground(piece(None), size, rng), lambda: _page(size, rng), lambda: _shapes(size, rng))
    pixels = makers[rng.choice(3, p=(0.5, 0.25, 0.25))]()
    return Scene(pixels, np.zeros(size, np.uint8), (), "empty")


def ground(p: Piece, size: tuple[int, int], rng: np.random.Generator) -> Array:
    """(h, w, 3) uint8: the floor or wall of a photo, with the garment painted over."""
    if rng.random() < 0.15:
        plain = np.full((*size, 3), rng.integers(0, 256, 3), np.float32)
        return np.clip(plain + rng.normal(0, 3, plain.shape), 0, 255).astype(np.uint8)
    small = cv2.resize(p.pixels, (96, 128), interpolation=cv2.INTER_AREA)
    hole = cv2.resize(p.mask.astype(np.uint8), (96, 128), interpolation=cv2.INTER_NEAREST)
    hole = cv2.dilate(hole, np.ones((13, 13), np.uint8))
    if hole.mean() > 0.9:
        hole[:] = 0
        small[:] = small[:4].mean((0, 1))
    bare = cv2.inpaint(small, hole, 4, cv2.INPAINT_TELEA)
    if rng.random() < 0.5:
        bare = bare[:, ::-1]
    big = cv2.resize(bare, size[::-1], interpolation=cv2.INTER_CUBIC).astype(np.float32)
    return np.clip(big + rng.normal(0, rng.uniform(1, 8), big.shape), 0, 255).astype(np.uint8)


def _paste(
    pixels: Array, where: Array, number: int, p: Piece, middle: tuple[float, float], size: tuple[float, float],
    turn: float, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Lay the garment of `p` on the scene, in place: at most `size` (h, w) large, turned by `turn` degrees."""
    rows, columns = np.flatnonzero(p.mask.any(1)), np.flatnonzero(p.mask.any(0))
    y0, y1, x0, x1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    scale = min(size[0] / (y1 - y0), size[1] / (x1 - x0)) * rng.uniform(0.75, 1.0)
    mirror = -1 if rng.random() < 0.5 else 1
    c, s = np.cos(np.deg2rad(turn)) * scale, np.sin(np.deg2rad(turn)) * scale
    matrix = np.array([[c * mirror, -s, 0], [s * mirror, c, 0]])
    matrix[:, 2] = np.array(middle[::-1]) - matrix[:, :2] @ np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    h, w = where.shape
    cut = cv2.warpAffine(p.pixels, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = np.clip(cut * rng.uniform(0.75, 1.2), 0, 255)
    alpha = cv2.warpAffine(p.mask.astype(np.float32), matrix, (w, h), flags=cv2.INTER_LINEAR)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.8)
    shade = cv2.GaussianBlur(np.roll(alpha, (3, 2), (0, 1)), (0, 0), 4) * rng.uniform(0, 0.4)
    shaded = pixels * (1 - shade[..., None])
    pixels[:] = (shaded * (1 - alpha[..., None]) + light * alpha[..., None]).astype(np.uint8)
    where[alpha > 0.5] = number


def _person(
    pixels: Array, centre: float, heights: tuple[float, float, float], rng: np.random.Generator
) -> None:
    """Skin and hair where a body shows beside its clothes, in place."""
    h, w = pixels.shape[:2]
    top, middle, bottom = heights
    skin = tuple(
        int(v) for v in np.clip(np.array(_SKIN[rng.integers(0, len(_SKIN))]) * rng.uniform(0.8, 1.1), 0, 255)
    )
    hair = tuple(int(v) for v in rng.integers(10, 110, 3))
    head = int(w * rng.uniform(0.07, 0.11))
    layer = pixels.copy()
    cv2.ellipse(
        layer, (int(centre), int(top - head * 1.2)), (int(head * 1.15), int(head * 1.5)), 0, 0, 360, hair, -1
    )
    cv2.ellipse(layer, (int(centre), int(top - head)), (head, int(head * 1.25)), 0, 0, 360, skin, -1)
    cv2.rectangle(
        layer, (int(centre - head / 2), int(top - head)), (int(centre + head / 2), int(top + 20)), skin, -1
    )
    for side in (-1, 1):
        reach = side * w * rng.uniform(0.2, 0.34)
        arm = (int(centre + reach), int(middle + rng.uniform(-40, 30)))
        cv2.line(layer, (int(centre + side * w * 0.14), int(top + 20)), arm, skin, int(w * 0.07))
        foot = (int(centre + side * w * 0.09), int(min(bottom + 10, h - 1)))
        cv2.line(layer, (int(centre + side * w * 0.07), int(middle)), foot, skin, int(w * 0.08))
    pixels[:] = cv2.GaussianBlur(layer, (0, 0), 1.2)


def _page(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """A page or screen of text."""
    h, w = size
    dark = rng.random() < 0.3
    paper, ink = ((25, 28, 34), (225, 225, 225)) if dark else ((250, 249, 246), (30, 30, 34))
    image = Image.new("RGB", (w, h), paper)
    draw = ImageDraw.Draw(image)
    y = float(rng.uniform(4, 40))
    while y < h:
        tall = float(rng.uniform(9, 22))
        letters = "".join(chr(rng.integers(97, 123)) if rng.random() > 0.17 else " " for _ in range(60))
        if rng.random() < 0.85:
            draw.text((rng.uniform(6, 40), y), letters, fill=ink, font=ImageFont.load_default(tall))
        else:
            shade = tuple(int(v) for v in rng.integers(40, 255, 3))
            draw.rectangle((10, y, int(rng.uniform(0.3, 0.95) * w), y + tall * 2), fill=shade)
            y += tall
        y += tall * rng.uniform(1.1, 2)
    return np.asarray(image)


def _shapes(size: tuple[int, int], rng: np.random.Generator) -> Array:
    """Coloured boxes and discs over a gradient: furniture, signs, skies, toys."""
    h, w = size
    a, b = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
    slope = np.linspace(0, 1, h)[:, None, None]
    pixels = np.ascontiguousarray(np.broadcast_to(a * (1 - slope) + b * slope, (h, w, 3)).astype(np.uint8))
    for _ in range(rng.integers(2, 14)):
        shade = tuple(int(v) for v in rng.integers(0, 256, 3))
        x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
        p, q = int(rng.uniform(0.05, 0.4) * w), int(rng.uniform(0.05, 0.4) * h)
        if rng.random() < 0.6:
            cv2.rectangle(pixels, (x, y), (x + p, y + q), shade, -1)
        else:
            cv2.ellipse(pixels, (x, y), (p // 2, q // 2), float(rng.uniform(0, 180)), 0, 360, shade, -1)
    noise = rng.normal(0, rng.uniform(0, 10), pixels.shape)
    return np.asarray(np.clip(cv2.GaussianBlur(pixels, (0, 0), 1.0) + noise, 0, 255).astype(np.uint8))
