"""Photos of several of our own drawn garments, and eyes that are told where each one lies.

What a box holds is still seen by the real eyes: only the finding of several garments is scripted.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from perception import captioner
from perception.eyes import Eyes, Vectors
from perception.look import Look
from perception.photo import Photo
from store import demo

Box = tuple[float, float, float, float]
SIZE = (900, 1200)
PLACES: dict[str, Box] = {
    "top": (0.16, 0.04, 0.84, 0.46),
    "bottom": (0.27, 0.48, 0.73, 0.97),
    "left": (0.03, 0.2, 0.48, 0.8),
    "right": (0.52, 0.2, 0.97, 0.8),
}


@cache
def lying(*pieces: tuple[str, str]) -> tuple[bytes, tuple[Box, ...]]:
    """(PNG of the products laid on a bed sheet, their boxes as fractions). `pieces`: (product id, place of PLACES)."""
    width, height = SIZE
    rng = np.random.default_rng(7)
    sheet = np.full((height, width, 3), (221, 216, 207), np.float32) + rng.normal(0, 2, (height, width, 1))
    scene = Image.fromarray(np.clip(sheet, 0, 255).astype(np.uint8))
    catalogue = {p.id: p for p in demo.products()}
    boxes = []
    for product, place in pieces:
        cut = demo.cutout(catalogue[product])
        cut = cut.crop(cut.getchannel("A").getbbox())
        left, top, right, bottom = (
            round(v * s) for v, s in zip(PLACES[place], (width, height) * 2, strict=True)
        )
        scale = min((right - left) / cut.width, (bottom - top) / cut.height)
        cut = cut.resize((round(cut.width * scale), round(cut.height * scale)), Image.Resampling.LANCZOS)
        x, y = (left + right - cut.width) // 2, (top + bottom - cut.height) // 2
        shade = Image.new("L", SIZE, 0)
        shade.paste(cut.getchannel("A").point(lambda a: a * 2 // 5), (x + 8, y + 12))
        scene.paste((90, 80, 70), (0, 0), shade.filter(ImageFilter.GaussianBlur(9)))
        scene.paste(cut, (x, y), cut)
        boxes.append((x / width, y / height, (x + cut.width) / width, (y + cut.height) / height))
    file = io.BytesIO()
    scene.save(file, "PNG")
    return file.getvalue(), tuple(boxes)


class ToldEyes:
    """Eyes that are told the boxes of photos of SIZE; of anything else they are the eyes given."""

    def __init__(self, eyes: Eyes, boxes: Sequence[Box]) -> None:
        self._eyes, self._boxes = eyes, boxes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._eyes, name)

    def _part(self, photo: Photo, nth: int) -> Photo:
        left, top, right, bottom = self._boxes[nth]
        w, h = photo.image.size
        margin = 0.04
        area = (
            round(max(0, left - margin) * w),
            round(max(0, top - margin) * h),
            round(min(1, right + margin) * w),
            round(min(1, bottom + margin) * h),
        )
        return Photo.of(photo.image.crop(area))

    def look(self, photo: Photo, lang: str = "en", **more: Any) -> Look:
        """Each box as the real eyes see it alone."""
        if photo.image.size != SIZE:
            return self._eyes.look(photo, lang, **more)
        garments = []
        for nth, box in enumerate(self._boxes):
            seen = self._eyes.look(self._part(photo, nth), lang, **more).garments
            garments += [g.model_copy(update={"box": box}) for g in seen[:1]]
        look = Look(photo=photo.id, garments=garments)
        look.caption = captioner.caption(look, lang)
        return look

    def vectors(self, image: Any, garment: int | None = None) -> Vectors:
        """Of one garment, or of the whole photo."""
        if garment is None or not isinstance(image, Photo) or image.image.size != SIZE:
            return self._eyes.vectors(image)
        return self._eyes.vectors(self._part(image, garment))
