"""Drawn garments of our own shop, as product pictures and as snapshots: the network must read these too."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from PIL import Image

from perception.photo import load_photo
from prompts import taxonomy
from store import demo
from store.types import Product
from training.data import LABELS
from training.marks import unlike_border

Array = np.ndarray
# How the makers of the photo set sort what it has no class for. Others (jumpsuits, bags) have no class.
_SORTED = {"sweater": "longsleeve", "hoodie": "longsleeve", "sweatshirt": "longsleeve", "cardigan": "longsleeve",
           "blouse": "shirt"}  # fmt: skip
PICTURES = 3  # a product picture and two snapshots of each


def class_of(product: Product, classes: list[str]) -> int:
    """The class index, -1 where there is none."""
    leaf = _SORTED.get(product.category, product.category)
    name = next((a for a in reversed(taxonomy.ancestors(leaf)) if a in classes), leaf)
    return classes.index(name) if name in classes else -1


def labels_of(product: Product) -> list[int]:
    """Value indices in the order of LABELS, -1 where unknown."""
    found = []
    for attribute, values in LABELS.items():
        said = product.category if attribute == "kind" else getattr(product, attribute, None)
        if attribute == "color":
            said = product.colors[0] if product.colors else None
        if attribute == "material" and said not in values:
            said = "unknown" if said else None
        found.append(values.index(said) if said in values else -1)
    return found


def kept_apart(n: int) -> bool:
    """Whether the n-th design is only to be tested on."""
    return n % 3 == 0


@lru_cache(maxsize=8)
def pictures(n: int) -> tuple[tuple[Array, Array], ...]:
    """PICTURES of the n-th product, (h, w, 3), each with where the garment is, (h, w) bool."""
    product = demo.products()[n]
    found = []
    for image in (load_photo(demo.render(product)).image, *(demo.snapshot(product, seed=s) for s in (1, 2))):
        small = image.convert("RGB")
        small.thumbnail((533, 533), Image.Resampling.BOX)
        pixels = np.asarray(small)
        found.append((pixels, _drawn_on(pixels)))
    return tuple(found)


def _drawn_on(pixels: Array) -> Array:
    """Roughly where the garment is: what differs from the rim, or the middle of the picture."""
    mask = unlike_border(pixels) > 0.5
    h, w = mask.shape
    if not 0.04 < mask.mean() < 0.9:
        mask[:] = False
        mask[h // 8 : -h // 8, w // 8 : -w // 8] = True
    return mask


def rows(classes: list[str]) -> Iterator[tuple[int, int, list[int]]]:
    """Per picture: number of the product, class index, labels."""
    for n, product in enumerate(demo.products()):
        for _ in range(PICTURES):
            yield n, class_of(product, classes), labels_of(product)
