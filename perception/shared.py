"""One space for photos and sentences: a photo becomes a text vector through the words for what was seen in it.

ConSE (Norouzi et al. 2013): class and attribute probabilities times the text vectors of their names, here in both
languages; mixed with a linear projection of the same probabilities that was trained on (photo, title) pairs.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from safetensors import safe_open

from perception.encoder import TEXT_DIM, TextEncoder, own_weights
from perception.garments import Reading
from prompts import taxonomy

Array = np.ndarray
Scores = Mapping[str, Mapping[str, float]]
PROJECTION = "shared.safetensors"
# How much each part says about which sentence goes with a photo.
WORDS = {
    "category": 0.7,
    "kind": 0.6,
    "color": 0.8,
    "pattern": 0.3,
    "sleeve": 0.2,
    "material": 0.3,
    "length": 0.1,
    "neckline": 0.1,
}
PROJECTED = 0.6  # share of the projection in the mixture
_SILENT = {("pattern", "plain"), ("material", "unknown")}  # nobody writes these in a title
_KEPT = 3  # likeliest values of an attribute that take part


class SharedSpace:
    """Text-space vectors for photos. Safe to share between threads."""

    def __init__(self, texts: TextEncoder, projected: bool = True) -> None:
        """`projected` False: by names alone, as the projection is trained."""
        self._texts, self._projected = texts, projected

    @cached_property
    def _projection(self) -> tuple[list[list[str]], Array]:
        """(attribute, value) of each input but the last, and the matrix (inputs, 512). Raises WeightsChanged."""
        with safe_open(own_weights(PROJECTION), "numpy") as f:
            return json.loads(f.metadata()["rows"]), f.get_tensor("matrix").astype(np.float32)

    @cached_property
    def _names(self) -> dict[tuple[str, str], Array]:
        keys = [(a, v) for a in WORDS if a != "kind" for v in taxonomy.values(a) if (a, v) not in _SILENT]
        zh = self._texts.encode([taxonomy.word(a, v, "zh") for a, v in keys])
        en = self._texts.encode([taxonomy.word(a, v, "en") for a, v in keys])
        return dict(zip(keys, (zh + en) / 2, strict=True))

    def vector(self, reading: Reading, colors: Sequence[tuple[str, float]]) -> Array:
        """(512,) of length 1. `colors`: (name, share). Raises WeightsChanged."""
        category, p = reading.category
        scores: dict[str, Mapping[str, float]] = {**reading.scores, "color": dict(colors)}
        known = category in scores["category"]
        if not known:  # a bag, a swimsuit: the attribute heads and the projection know nothing of these
            scores = {"category": {category: p}, "color": scores["color"]}
        words = unit(self.by_names(scores))
        if not known or not self._projected:
            return words
        rows, matrix = self._projection
        projected = unit(probabilities(scores, rows) @ matrix)
        return unit(PROJECTED * projected + (1 - PROJECTED) * words)

    def by_names(self, scores: Scores) -> Array:
        """ConSE alone, not scaled."""
        total = np.zeros(TEXT_DIM, np.float32)
        for attribute, weight in WORDS.items():
            for value, p in sorted(scores.get(attribute, {}).items(), key=lambda kv: -kv[1])[:_KEPT]:
                name = self._names.get(("category" if attribute == "kind" else attribute, value))
                if name is not None:
                    total += weight * p * name
        return total


def probabilities(scores: Scores, rows: Sequence[Sequence[str]]) -> Array:
    """The inputs of the projection: a probability per (attribute, value), then a constant 1."""
    return np.array([*(scores.get(a, {}).get(v, 0.0) for a, v in rows), 1.0], np.float32)


def unit(x: Array) -> Array:
    """`x` scaled to length 1."""
    return np.asarray(x / max(float(np.linalg.norm(x)), 1e-9), dtype=np.float32)
