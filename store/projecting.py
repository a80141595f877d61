"""A shop's pictures for its tuned space (store/tuned.py): what perception leaves of each, new ones as they come."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PIL import Image

from store.embedder import Embedder, details
from store.gallery import Gallery, shown
from store.products import Hashes, Products
from store.tuned import Details, Picture, Tunings
from store.types import Product

BATCH = 32  # products looked at together


class Projecting:
    """Keeps the tuned space of a shop, where one is in force, in step with its products."""

    def __init__(
        self, products: Products, gallery: Gallery, embedder: Embedder, tunings: Tunings | None
    ) -> None:
        self._products, self._gallery, self._embedder, self._tunings = products, gallery, embedder, tunings

    def take_in(
        self,
        pictures: Mapping[str, Image.Image],
        hashes: Mapping[str, Hashes],
        shared: Mapping[str, np.ndarray],
    ) -> None:
        """Project new pictures, by the ids of their products; that they were just looked at makes it cheap."""
        tuning, look = self._tunings.now() if self._tunings else None, details(self._embedder)
        if tuning and look:
            rows = look(list(pictures.values()))
            tuning.put(
                [Picture(i, hashes[i].image, row, shared[i]) for i, row in zip(pictures, rows, strict=True)]
            )

    def forget(self, ids: Sequence[str]) -> None:
        """These have no picture any more."""
        tuning = self._tunings.now() if self._tunings else None
        if tuning:
            tuning.delete(ids)

    def pictured(self, ids: Sequence[str], known: Details) -> Iterator[list[tuple[Product, Picture]]]:
        """Those of the products that have a picture which can be opened, in parts. What perception leaves of a picture
        is taken from `known`, and kept there once it was looked at."""
        look = details(self._embedder)
        for start in range(0, len(ids) if look else 0, BATCH):
            part = list(ids[start : start + BATCH])
            hashes, products = self._products.hashes(part), self._products.get_many(part)
            shared = self._products.vectors("shared", part)
            part = [i for i in part if i in products and i in shared and hashes[i].image]
            rows = known.of(hashes[i].image for i in part)
            opened = {i: shown(self._gallery.first(products[i])) for i in part if hashes[i].image not in rows}
            new = {hashes[i].image: picture for i, picture in opened.items() if picture is not None}
            if new and look:
                made = dict(zip(new, look(list(new.values())), strict=True))
                known.put(made)
                rows |= made
            yield [
                (products[i], Picture(i, hashes[i].image, rows[hashes[i].image], shared[i]))
                for i in part
                if hashes[i].image in rows
            ]
