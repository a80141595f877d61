"""A shop's pictures for its tuned space (store/tuned.py): what perception leaves of each, new ones as they come."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PIL import Image

from store.embedder import Embedder, details, signature
from store.gallery import Gallery, shown
from store.products import Hashes, Products
from store.tuned import Details, Picture, Tuning, Tunings
from store.types import Product, fingerprint

BATCH = 32  # products looked at together


class Projecting:
    """Keeps the tuned space of a shop, where one is in force, in step with its products."""

    def __init__(
        self, products: Products, gallery: Gallery, embedder: Embedder, tunings: Tunings | None
    ) -> None:
        self._products, self._gallery, self._embedder, self._tunings = products, gallery, embedder, tunings

    def now(self) -> Tuning | None:
        """The tuning in force."""
        return self._tunings.now() if self._tunings else None

    def take_in(
        self,
        pictures: Mapping[str, Image.Image],
        hashes: Mapping[str, Hashes],
        shared: Mapping[str, np.ndarray],
    ) -> None:
        """Project new pictures, by the ids of their products; that they were just looked at makes it cheap."""
        tuning, look = self.now(), details(self._embedder)
        if tuning and look:
            rows = look(list(pictures.values()))
            tuning.put(
                [Picture(i, hashes[i].image, row, shared[i]) for i, row in zip(pictures, rows, strict=True)]
            )

    def forget(self, ids: Sequence[str]) -> None:
        """These have no picture any more."""
        if tuning := self.now():
            tuning.delete(ids)

    def catch_up(self, ids: Sequence[str]) -> None:
        """Take in those of the products, stored already, that the tuning in force does not have as they are."""
        if tuning := self.now():
            for part in self.pictured(ids, tuning.details):
                tuning.catch_up([seen for _, seen in part])

    def agree(self) -> None:
        """Have in the tuned space who has a picture, and nobody else: after a kill, or where the file was lost."""
        if tuning := self.now():
            pictured, known = self._products.having("shared"), tuning.ids()
            tuning.delete(sorted(known - pictured))
            self.catch_up(sorted(pictured - known))

    def pictured(self, ids: Sequence[str], known: Details) -> Iterator[list[tuple[Product, Picture]]]:
        """Those of the products that have a picture which can be opened, in parts. What perception leaves of a picture
        is taken from `known`, and kept there once it was looked at."""
        look, model = details(self._embedder), signature(self._embedder).encode()
        for start in range(0, len(ids) if look else 0, BATCH):
            part = list(ids[start : start + BATCH])
            hashes, products = self._products.hashes(part), self._products.get_many(part)
            shared = self._products.vectors("shared", part)
            # one that another process deletes meanwhile may be in some of them only
            part = [i for i in part if i in products and i in shared and i in hashes and hashes[i].image]
            rows = known.of(hashes[i].image for i in part)
            files = {i: self._gallery.first(products[i]) for i in part if hashes[i].image not in rows}
            new = {
                hashes[i].image: picture
                for i, data in files.items()
                # an import that is at work may have brought another picture already, and not yet its record
                if fingerprint(model, data) == hashes[i].image and (picture := shown(data)) is not None
            }
            if new and look:
                made = dict(zip(new, look(list(new.values())), strict=True))
                known.put(made)
                rows |= made
            yield [
                (products[i], Picture(i, hashes[i].image, rows[hashes[i].image], shared[i]))
                for i in part
                if hashes[i].image in rows
            ]
