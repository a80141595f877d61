"""A product of the demo shop in a drawn place, from its drawing: no photo to cut out, its matte is exact."""

from PIL import Image

from store import scenes
from store.demo import drawing
from store.demo.drawing.spec import Spec


def picture(spec: Spec, scene: str) -> Image.Image:
    """RGB, 800 x 1000. Raises scenes.UnknownScene, drawing.UnknownSilhouette."""
    return scenes.compose(drawing.cutout(spec), spec.kind, scene, spec.kids)
