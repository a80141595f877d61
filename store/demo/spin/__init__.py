"""Products in the round: `frames` turns a spec of shoes, a bag, a hat or a dress once about itself."""

from collections.abc import Callable

from PIL import Image

from store.demo.drawing.spec import Spec
from store.demo.spin import bags, boots, dresses, flats, footwear, hats, heels
from store.demo.spin.mesh import Model
from store.demo.spin.render import drawn

__all__ = ["SHAPES", "frames"]

SHAPES: dict[str, Callable[[Spec], Model]] = {
    "sneakers": footwear.sneakers,
    "boots": boots.boots,
    "heels": heels.heels,
    "loafers": flats.loafers,
    "shoes": flats.loafers,
    "sandals": flats.sandals,
    "backpack": bags.backpack,
    "tote": bags.tote,
    "crossbody": bags.crossbody,
    "bag": bags.crossbody,
    "hat": hats.fedora,
    "cap": hats.cap,
    "beanie": hats.beanie,
    "sunhat": hats.sunhat,
    "dress": dresses.dress,
}


class NoSpin(ValueError):
    """This kind of product is not drawn in the round."""


def frames(
    spec: Spec, count: int = 24, width: int = 480, height: int = 600, backdrop: str = "linen"
) -> list[Image.Image]:
    """A full turn in `count` pictures of width x height, front first, turning to the product's left."""
    try:
        shape = SHAPES[spec.kind]
    except KeyError:
        raise NoSpin(f"{spec.kind!r} is not drawn in the round; known: {', '.join(SHAPES)}") from None
    return list(drawn(shape(spec), count, width, height, backdrop))
