"""Drawing garments: `draw` lays out a spec on a canvas, `cutout` lights it, `studio` photographs it."""

from collections.abc import Callable

from PIL import Image

from store.demo.drawing import (
    bags,
    bottoms,
    dress_shoes,
    dresses,
    extras,
    headwear,
    light,
    outerwear,
    shoes,
    tops,
)
from store.demo.drawing.canvas import Canvas
from store.demo.drawing.spec import Spec
from store.demo.drawing.studio import studio, webp

__all__ = ["SILHOUETTES", "Spec", "cutout", "draw", "picture", "webp"]

WIDTH, HEIGHT = 800, 1000

SILHOUETTES: dict[str, Callable[[Canvas], None]] = {
    "t-shirt": tops.tee,
    "longsleeve": tops.tee,
    "tank": tops.tank,
    "shirt": tops.shirt,
    "blouse": tops.shirt,
    "polo": tops.polo,
    "sweater": tops.sweater,
    "cardigan": tops.cardigan,
    "hoodie": tops.hoodie,
    "sweatshirt": tops.hoodie,
    "pants": bottoms.pants,
    "jeans": bottoms.pants,
    "leggings": bottoms.pants,
    "joggers": bottoms.pants,
    "shorts": bottoms.shorts,
    "skirt": bottoms.skirt,
    "dress": dresses.dress,
    "jumpsuit": dresses.jumpsuit,
    "coat": outerwear.coat,
    "jacket": outerwear.jacket,
    "puffer": outerwear.puffer,
    "blazer": outerwear.blazer,
    "suit": outerwear.suit,
    "shoes": dress_shoes.loafers,
    "boots": shoes.boots,
    "sneakers": shoes.sneakers,
    "sandals": dress_shoes.sandals,
    "heels": dress_shoes.heels,
    "loafers": dress_shoes.loafers,
    "bag": bags.crossbody,
    "backpack": bags.backpack,
    "tote": bags.tote,
    "crossbody": bags.crossbody,
    "hat": headwear.fedora,
    "cap": headwear.cap,
    "beanie": headwear.beanie,
    "sunhat": headwear.sunhat,
    "scarf": extras.scarf,
    "belt": extras.belt,
    "jewellery": extras.jewellery,
    "swimwear": extras.swimwear,
}
STANDING = frozenset(
    {
        "shoes",
        "boots",
        "sneakers",
        "sandals",
        "heels",
        "loafers",
        "bag",
        "backpack",
        "tote",
        "crossbody",
        "belt",
        "hat",
        "cap",
        "sunhat",
    }
)


class UnknownSilhouette(ValueError):
    """No drawing for this kind of product."""


def draw(spec: Spec, view: str = "front") -> Canvas:
    """Lay out one view ("front", "back" or "detail"). Raises UnknownSilhouette."""
    try:
        make = SILHOUETTES[spec.kind]
    except KeyError:
        raise UnknownSilhouette(f"no drawing for {spec.kind!r}; known: {', '.join(SILHOUETTES)}") from None
    canvas = Canvas(spec, view)
    make(canvas)
    return canvas


def cutout(spec: Spec, view: str = "front", width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """The garment alone, lit, on a transparent ground: RGBA."""
    return light.cutout(draw(spec, view), width, height)


def picture(spec: Spec, view: str = "front", backdrop: str = "linen") -> Image.Image:
    """The finished shop picture: RGB, 800 x 1000."""
    return studio(cutout(spec, view), backdrop, standing=spec.kind in STANDING and view != "detail")
