"""What a cosine means in this shop: each model has its own idea of "near", so the ranges are measured, not fixed.

The low end is what unrelated things reach, the high end what things that belong together reach. Measured when
vectors are written, kept with the index, used to turn a cosine into 0..1 and to put a floor under relevance.
"""

import random
from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel

from prompts import load
from store.embedder import Embedder, shared_texts
from store.products import Products

SAMPLE = 48
MARGIN = 0.04  # above the best that nonsense reaches

Range = tuple[float, float]


class Calibration(BaseModel):
    """Cosine ranges per kind of evidence, and the cosine from which words alone make a product relevant."""

    text: Range = (0.05, 0.60)
    text_floor: float = 0.25
    image: Range = (0.30, 0.95)
    shared: Range = (0.20, 0.90)
    pictured: Range = (0.15, 0.35)  # words to pictures, where a model has one space for both
    tuned: Range = (0.0, 1.0)  # the same in a space that was tuned on the shop, which brings its own

    def scaled(self, part: str, cosine: float) -> float:
        """`cosine` as 0..1 of the part's range."""
        low, high = getattr(self, part)
        return min(1.0, max(0.0, (cosine - low) / (high - low)))


def measure(products: Products, embedder: Embedder) -> Calibration:
    """Measure the ranges on a sample of the shop and on sentences about anything but clothes."""
    ids = products.ids()
    chosen = random.Random(7).sample(ids, min(SAMPLE, len(ids)))
    found = Calibration()
    records = products.get_many(chosen)
    own = products.vectors("text", chosen)
    if len(own) >= 4:
        unrelated = embedder.texts([str(t) for t in load("search")["unrelated"]])
        tops = [max(products.nearest("text", v, 1).values(), default=0.0) for v in unrelated]
        titles = [i for i in chosen if i in own][: SAMPLE // 2]
        asked = embedder.texts([records[i].title.get("en" if n % 2 else "zh") for n, i in enumerate(titles)])
        met = [float(v @ own[i]) for v, i in zip(asked, titles, strict=True)]
        found.text = spread(float(np.mean(tops)), float(np.mean(met)))
        found.text_floor = max(tops) + MARGIN
    for space in ("image", "shared"):
        vectors = list(products.vectors(space, chosen).values())
        if len(vectors) >= 4:
            setattr(found, space, spread(typical(vectors), 0.97))
    found.pictured = _pictured(products, embedder, chosen) or found.pictured
    return found


def _pictured(products: Products, embedder: Embedder, chosen: Sequence[str]) -> Range | None:
    """How near sentences about anything come to some picture, and titles to their own."""
    to_shared, records = shared_texts(embedder), products.get_many(chosen)
    own = products.vectors("shared", chosen)
    if to_shared is None or len(own) < 4:
        return None
    unrelated = [v for v in to_shared([str(t) for t in load("search")["unrelated"]]) if np.any(v)]
    titles = [
        (i, v)
        for i, v in zip(own, to_shared([records[i].title.get("en") for i in own]), strict=True)
        if np.any(v)
    ]
    if not unrelated or not titles:
        return None
    tops = [max(products.nearest("shared", v, 1).values(), default=0.0) for v in unrelated]
    return spread(float(np.mean(tops)), float(np.mean([float(v @ own[i]) for i, v in titles])))


def typical(vectors: Sequence[np.ndarray]) -> float:
    """The mean cosine of two different members."""
    rows = np.stack(vectors)
    cosines = rows @ rows.T
    return float((cosines.sum() - np.trace(cosines)) / (len(rows) * (len(rows) - 1)))


def spread(low: float, high: float) -> Range:
    """The range between the two, at least 0.1 wide, so that noise is not blown up to certainty."""
    low = min(low, 0.85)
    return (round(low, 4), round(max(high, low + 0.1), 4))
