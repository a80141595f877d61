"""A product, or what a photo shows, in a drawn place: cut out and composed, or framed where the cut-out is not good."""

from dataclasses import dataclass

from PIL import Image

from perception import mattes
from perception.cutout import cutout
from perception.mattes import see_through
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
    picture = see_through(data, SIDE) or photo.image
    box = None
    if category is None:
        seen = context.eyes.look(photo, context.lang).garments
        category, box = (seen[0].kind or seen[0].category, seen[0].box) if seen else (None, None)
    cut = cutout(picture, context.eyes, box)
    if category is None or not cut.good:
        return InScene(scenes.framed(photo.image, scene), False, cut.quality)
    # a picture that was cut by its own transparency has clean colours to its rim
    free = picture if cut.own else mattes.lifted(picture, cut)
    return InScene(scenes.compose(free, category, scene, kids), True, cut.quality)
