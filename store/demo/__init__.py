"""The demo shop: our own products, drawn by our own code, the same at every run.

`products()` is the catalogue, `build(folder)` also renders its pictures and writes its policies;
`render` draws one picture, `snapshot` a shopper's photo of a product for tests and training.
"""

from store.demo.builder import DemoError, UnknownProduct, build, products, render, spec_of
from store.demo.photos import PLACES, cutout, snapshot

__all__ = [
    "PLACES",
    "DemoError",
    "UnknownProduct",
    "build",
    "cutout",
    "products",
    "render",
    "snapshot",
    "spec_of",
]
