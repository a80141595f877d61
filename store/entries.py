"""Products → what the product store keeps of them: a vector of their words, two of their first picture."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image

from store.embedder import Embedder, signature
from store.gallery import Gallery, shown
from store.lexical import vocabulary
from store.products import Entry, Hashes, Products
from store.projecting import Projecting
from store.types import Product, fingerprint


class Maker:
    """Makes entries, with as little work for the models as there can be."""

    def __init__(
        self, products: Products, gallery: Gallery, embedder: Embedder, projecting: Projecting
    ) -> None:
        self._products, self._gallery, self._embedder = products, gallery, embedder
        self._projecting = projecting

    def entries(self, products: Sequence[Product], known: Mapping[str, Hashes]) -> tuple[list[Entry], int]:
        """Those of the products that changed, with their vectors: stored ones where they still hold, else new ones."""
        model = signature(self._embedder).encode()
        texts = {p.id: embedded_text(p) for p in products}
        pictures = {p.id: self._gallery.first(p) for p in products}
        hashes = {
            p.id: Hashes(
                fingerprint(model, texts[p.id].encode()),
                fingerprint(model, pictures[p.id]) if pictures[p.id] else "",
                p.fingerprint,
            )
            for p in products
        }
        old = {p.id: known.get(p.id, Hashes()) for p in products}
        part = [p for p in products if old[p.id] != hashes[p.id]]
        vectors = self._products.vectors("text", [p.id for p in part if old[p.id].text == hashes[p.id].text])
        changed = [p.id for p in part if p.id not in vectors]
        if changed:
            vectors |= dict(zip(changed, self._embedder.texts([texts[i] for i in changed]), strict=True))
        repaint: dict[str, Image.Image] = {}
        for p in part:
            if pictures[p.id] and old[p.id].image != hashes[p.id].image:
                picture = shown(pictures[p.id])
                if picture is None:
                    hashes[p.id] = hashes[p.id]._replace(
                        image=""
                    )  # unreadable: tried again at the next import
                else:
                    repaint[p.id] = picture
        photo_space: dict[str, np.ndarray] = {}
        text_space: dict[str, np.ndarray] = {}
        if repaint:
            made = self._embedder.images(list(repaint.values()))
            photo_space, text_space = (dict(zip(repaint, rows, strict=True)) for rows in made)
            self._projecting.take_in(repaint, hashes, text_space)
        entries = [
            Entry(
                product=p,
                text=vectors[p.id],
                image=photo_space.get(p.id),
                shared=text_space.get(p.id),
                hashes=hashes[p.id],
                picture_kept=bool(hashes[p.id].image) and p.id not in repaint,
            )
            for p in part
        ]
        return entries, len(set(changed) | set(repaint))


def embedded_text(product: Product) -> str:
    """The words whose vector stands for the product: its titles, every word for its category, the usual word for its
    attributes, in both languages in one text. Of the forms tried on graded queries this one found best."""

    def words(lang: str) -> list[str]:
        out = vocabulary("category", product.category, lang)
        out += [vocabulary("category", c, lang)[0] for c in product.categories[:-1]]
        for name in ("pattern", "material", "sleeve", "neckline", "length", "gender", "age_group"):
            value = getattr(product, name)
            if value and value != "plain":
                out.append(vocabulary(name, value, lang)[0])
        for name, held in (
            ("color", product.colors),
            ("season", product.season),
            ("occasion", product.occasion),
            ("style", product.style),
        ):
            out += [vocabulary(name, v, lang)[0] for v in held]
        return out

    texts = (product.title.zh, product.title.en, "、".join(words("zh")), ", ".join(words("en")))
    return "。".join(t for t in texts if t)
