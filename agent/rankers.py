"""The ways of finding products that `daogou eval search|photos` hold against each other, each behind the same call.

`daogou`        the search of every door: the words are read as a shopper's, evidence of all kinds is fused
`bm25`          our full-text index alone
`text_vectors`  the nearest product texts alone
`photo_vectors` the nearest product pictures alone
`langchain`     the plain LangChain + Chroma recipe: a document a product, embedded by this shop's own sentence encoder,
                and `similarity_search`
`raw_pixels`    the common recipe for pictures: each shrunk to a square, its pixels as they are a vector, the nearest by
                Euclidean distance (what scikit-learn's NearestNeighbors does where nothing is said)
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from PIL import Image

from store.types import PhotoVectors, Product, Query

if TYPE_CHECKING:
    from agent.assistant import Assistant

PIXELS = 64  # of a side of the square
Ranker = Callable[[str, bytes | None, int], list[str]]  # (words, photo, k) → ids, best first


def rankers(assistant: "Assistant", photos: bool) -> dict[str, Ranker]:
    """By name; `photo_vectors` where there are photos. Raises ImportError without the package langchain-chroma."""

    def fused(words: str, photo: bytes | None, k: int) -> list[str]:
        return [found["id"] for found in assistant.search(words, photo, k=k)]

    def bm25(words: str, photo: bytes | None, k: int) -> list[str]:
        return assistant.shop.ranked_by("words", Query(text=words, k=k))

    def text_vectors(words: str, photo: bytes | None, k: int) -> list[str]:
        return assistant.shop.ranked_by("text", Query(text=words, k=k))

    found: dict[str, Ranker] = {"daogou": fused, "bm25": bm25, "text_vectors": text_vectors}
    if photos:
        found["photo_vectors"] = by_picture(assistant)
    return {**found, "langchain": recipe(assistant, assistant.products())}


def photo_rankers(assistant: "Assistant") -> dict[str, Ranker]:
    """The ways of finding products by a photo alone, by name."""

    def fused(words: str, photo: bytes | None, k: int) -> list[str]:
        return [found["id"] for found in assistant.search(words, photo, k=k)]

    return {"daogou": fused, "photo_vectors": by_picture(assistant), "raw_pixels": by_pixels(assistant)}


def by_picture(assistant: "Assistant") -> Ranker:
    """The nearest product pictures by the eyes' vectors alone."""

    def near(words: str, photo: bytes | None, k: int) -> list[str]:
        from perception.photo import load_photo

        if photo is None:
            return []
        seen = assistant.eyes.vectors(load_photo(photo).image)
        return assistant.shop.ranked_by(
            "photo", Query(photo=PhotoVectors(image=seen.image, text=seen.text), k=k)
        )

    return near


def by_pixels(assistant: "Assistant") -> Ranker:
    """The nearest product pictures by their pixels."""
    pictures = ((p.id, assistant.shop.look_at(p.images[0])) for p in assistant.products() if p.images)
    rows = {product_id: pixels(picture) for product_id, picture in pictures if picture}
    ids = list(rows)
    matrix = np.stack([rows[i] for i in ids]) if ids else np.zeros((0, 3 * PIXELS**2), np.float32)

    def near(words: str, photo: bytes | None, k: int) -> list[str]:
        from perception.photo import load_photo

        if photo is None:
            return []
        distances = np.linalg.norm(matrix - pixels(load_photo(photo).image), axis=1)
        return [ids[i] for i in np.argsort(distances, kind="stable")[:k]]

    return near


def pixels(picture: Image.Image) -> np.ndarray:
    """A picture as the recipe has it: (3 · PIXELS²,) float32, 0 to 255."""
    small = picture.convert("RGB").resize((PIXELS, PIXELS), Image.Resampling.BILINEAR)
    return np.asarray(small, np.float32).reshape(-1)


def document(product: Product) -> str:
    """A product as LangChain's CSV loader writes a row: a line a field."""
    fields = {
        "title": " / ".join(filter(None, (product.title.zh, product.title.en))),
        "description": " ".join(filter(None, (product.description.zh, product.description.en))),
        "brand": product.brand,
        "category": product.category,
        "color": ", ".join(product.colors),
        "price": f"{product.current_price.amount:.2f} {product.current_price.currency}",
    }
    return "\n".join(f"{name}: {value}" for name, value in fields.items() if value)


def recipe(assistant: "Assistant", products: Iterable[Product]) -> Ranker:
    """LangChain's own tutorial on a shop: Chroma.from_texts, then similarity_search, nothing else."""
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    from store.chroma import in_memory

    class Sentences(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            vectors: list[list[float]] = assistant.eyes.sentences(texts).tolist()
            return vectors

        def embed_query(self, text: str) -> list[float]:
            return self.embed_documents([text])[0]

    every = list(products)
    store = Chroma.from_texts(
        [document(p) for p in every],
        embedding=Sentences(),
        ids=[p.id for p in every],
        collection_name=f"recipe-{uuid4().hex}",  # clients in memory share their collections
        client=in_memory(),
    )

    def similar(words: str, photo: bytes | None, k: int) -> list[str]:
        return [str(found.id) for found in store.similarity_search(words, k=k)] if words.strip() else []

    return similar
