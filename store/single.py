"""One kind of evidence at a time, as plainly as it comes: what the fused search is measured against.

Nothing here is calibrated, filtered, relaxed or spread. Each returns product ids, best first.
"""

from collections.abc import Sequence

import numpy as np

from store.embedder import Embedder
from store.lexical import Lexicon
from store.products import Products
from store.words import content


def by_words(lexicon: Lexicon, text: str, k: int) -> list[str]:
    """BM25 over titles, brands, attribute words and descriptions: any word of the query counts, as it is written."""
    return lexicon.bm25(content(text), k)


def by_text(products: Products, embedder: Embedder, text: str, k: int) -> list[str]:
    """The nearest product texts to the query, by cosine."""
    return list(products.nearest("text", embedder.texts([text])[0], k)) if text.strip() else []


def by_photo(products: Products, image: Sequence[float] | np.ndarray, k: int) -> list[str]:
    """The nearest product pictures to the photo, by cosine."""
    return list(products.nearest("image", image, k))
