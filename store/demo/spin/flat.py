"""The flat drawing of a bag as a skin for its body in the round: outline, colours, how high parts stand."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from store.demo import drawing
from store.demo.drawing.canvas import Canvas, Part
from store.demo.drawing.geometry import outline
from store.demo.drawing.light import _folds
from store.demo.drawing.spec import Spec
from store.demo.spin.mesh import Array, Coat, Paint
from store.demo.spin.paint import _read, raster

WIDTH, HEIGHT = 800, 1000
OVERHANG = 48.0  # parts may reach this far beyond the body, in units; straps and handles reach further


@dataclass
class Skin:
    """One side of a bag: `tint` (h, w, 4) with colours multiplied by alpha, `relief` (h, w) in units; a drawing's
    point (x, y) lies at (x * scale + dx, y * scale + dy). `ring` is the body's outline in the drawing's units."""

    tint: Array
    relief: Array
    volume: Array
    scale: float
    dx: float
    dy: float
    ring: Array

    def spot(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Where a point of the drawing lies on the skin."""
        return x * self.scale + self.dx, y * self.scale + self.dy

    def extent(self, y: Array) -> tuple[Array, Array]:
        """The body's middle and half width at heights of the drawing."""
        ring = np.concatenate([self.ring, self.ring[:1]])
        left, right = np.empty(len(y)), np.empty(len(y))
        for i, at in enumerate(y):
            a, b = ring[:-1], ring[1:]
            cross = (a[:, 1] <= at) != (b[:, 1] <= at)
            t = (at - a[cross, 1]) / (b[cross, 1] - a[cross, 1])
            x = a[cross, 0] + t * (b[cross, 0] - a[cross, 0])
            left[i], right[i] = (x.min(), x.max()) if len(x) else (math.nan, math.nan)
        return (left + right) / 2, (right - left) / 2

    @property
    def top(self) -> float:
        """The body's upper edge, in the drawing's units."""
        return float(self.ring[:, 1].min())

    @property
    def low(self) -> float:
        """The body's lower edge, in the drawing's units."""
        return float(self.ring[:, 1].max())


def _area(ring: Array) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def skin(spec: Spec, view: str = "front") -> Skin:
    """The body of a bag and what lies on it, without straps and handles."""
    canvas = drawing.draw(spec, view)
    rings = [np.array(outline(p.shape, 8)) for p in canvas.parts]
    body = max(range(len(rings)), key=lambda i: _area(rings[i]))
    low, high = rings[body].min(0), rings[body].max(0)
    kept = [
        i
        for i in range(body, len(rings))
        if (rings[i].min(0) > low - (14, OVERHANG)).all() and (rings[i].max(0) < high + 14).all()
    ]
    parts = canvas.parts
    canvas.parts = [parts[i] for i in kept]
    scale, dx, dy = canvas.frame(WIDTH, HEIGHT)
    flat = raster(canvas.svg(WIDTH, HEIGHT)).astype(np.float32)
    alpha = flat[..., 3:] / 255
    tint = np.concatenate([flat[..., :3] * alpha, alpha], -1)
    relief, volume = _tall(canvas, scale, dx, dy, _area(rings[body]))
    return Skin(tint, relief, volume, scale, dx, dy, rings[body])


def _tall(canvas: Canvas, scale: float, dx: float, dy: float, whole: float) -> tuple[Array, Array]:
    """Relief (h, w) of the parts on the body, and the volume (h, w) 0..1 of its big ones, as pockets."""
    relief = np.zeros((HEIGHT, WIDTH), np.float32)
    volume = np.zeros((HEIGHT, WIDTH), np.float32)
    for i, part in enumerate(canvas.parts):
        points = [(x * scale + dx, y * scale + dy) for x, y in outline(part.shape, 6)]
        image = Image.new("L", (WIDTH, HEIGHT), 0)
        ImageDraw.Draw(image).polygon(points, fill=255)
        mask = np.asarray(image, np.float32) / 255
        if i:
            relief += (
                part.puff
                * scale
                * (1.3 * cv2.GaussianBlur(mask, (0, 0), 1.6) + 1.6 * cv2.GaussianBlur(mask, (0, 0), 5))
            )
            if _big(part, whole):
                volume = np.maximum(volume, cv2.GaussianBlur(mask, (0, 0), 13 * scale))
        if part.folds:
            fold = _folds(part.folds, (WIDTH, HEIGHT), scale, dx, dy)
            relief += fold * mask * (1.0 if i else 0.6)
    return relief / scale, volume


def _big(part: Part, whole: float) -> bool:
    share = _area(np.array(outline(part.shape, 4))) / whole
    return 0.12 < share < 0.8 and part.puff >= 0.9


def wearing(paint: Paint, front: Skin, back: Skin | None, floor: float) -> Paint:
    """`paint` with the drawing on its front (and back, seen from behind); `floor` is the drawing's y of the floor."""

    def painted(points: Array, normal: Array, lengths: Array) -> Coat:
        coat = paint(points, normal, lengths)
        color = coat.color
        relief = np.zeros(points.shape[:2], np.float32) if coat.relief is None else coat.relief
        for skin_, sign in ((front, 1), (back, -1)):
            if skin_ is None:
                continue
            x, y = skin_.spot(400 + sign * points[..., 0], floor - points[..., 1])
            show = np.clip(sign * normal[..., 2] * 3 - 0.5, 0, 1)
            t = _read(skin_.tint, x, y) * show[..., None]
            color = color * (1 - t[..., 3:]) + t[..., :3]
            relief = relief + _read(skin_.relief, x, y) * show
        return Coat(color, relief, coat.gloss)

    return painted
