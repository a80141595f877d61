"""A product, or what a photo shows, in a drawn place: cut out and composed, or framed where the cut-out is not good."""

import io
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from perception.cutout import Cutout, cutout
from perception.photo import PhotoError, load_photo
from store import scenes
from store.errors import PictureNotFound
from store.types import Product
from tools.context import ToolContext
from tools.errors import NoPicture

SIDE = 1600  # pixels, the most of a side of a picture with transparency


@dataclass(frozen=True)
class InScene:
    """`picture`: RGB, 800 x 1000. `composed`: whether the product was cut out; False: its photo is shown as it is.
    `quality`: of the cut-out, 0..1."""

    picture: Image.Image
    composed: bool
    quality: float


def of_product(context: ToolContext, record: Product, scene: str) -> InScene:
    """A product of the shop, from the picture that stands for it. Raises NoPicture, scenes.UnknownScene."""
    try:
        data = context.shop.picture(record.plain_image or "").read_bytes()
        return _made(context, data, scene, record.category, record.age_group == "kids")
    except (PictureNotFound, OSError, PhotoError) as error:  # missing, damaged, or a pixel to hold a place
        raise NoPicture from error


def of_photo(context: ToolContext, data: bytes, scene: str) -> InScene:
    """What a photo shows. Raises PhotoError, scenes.UnknownScene."""
    return _made(context, data, scene, None, False)


def _made(context: ToolContext, data: bytes, scene: str, category: str | None, kids: bool) -> InScene:
    if scene not in scenes.SCENES:
        raise scenes.UnknownScene(scene)
    photo = load_photo(data)
    picture = _see_through(data) or photo.image
    box = None
    if category is None:
        seen = context.eyes.look(photo, context.lang).garments
        category, box = (seen[0].kind or seen[0].category, seen[0].box) if seen else (None, None)
    cut = cutout(picture, context.eyes, box)
    if category is None or not cut.good:
        return InScene(scenes.framed(photo.image, scene), False, cut.quality)
    # a picture that was cut by its own transparency has clean colours to its rim
    lifted = picture if cut.own else _lifted(picture, cut)
    return InScene(scenes.compose(lifted, category, scene, kids), True, cut.quality)


def _lifted(picture: Image.Image, cut: Cutout) -> Image.Image:
    """The picture with the cut-out's matte as its alpha. Along the seam, where the old ground's colour mixes in, it
    takes the colours that lie just inside."""
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    reach = 2 * max(round(max(picture.size) * 0.0035), 1) + 1
    inside = cv2.erode((cut.alpha > 0.95).astype(np.float32), np.ones((reach, reach)))
    size = (4 * reach + 1, 4 * reach + 1)
    weight = cv2.blur(inside, size)[..., None]
    spread = cv2.blur(pixels * inside[..., None], size) / np.maximum(weight, 1e-4)
    keep = np.maximum(inside[..., None], (weight < 1e-3).astype(np.float32))  # a thread has no inside
    rgba = np.dstack([pixels * keep + spread * (1 - keep), cut.alpha * 255])
    return Image.fromarray(np.clip(rgba.round(), 0, 255).astype(np.uint8), "RGBA")


def _see_through(data: bytes) -> Image.Image | None:
    """A picture that brings transparency, as RGBA; None for others. `data` has been through load_photo."""
    with Image.open(io.BytesIO(data)) as image:
        if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
            return None
        clear = image.convert("RGBA")
    clear.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return clear
