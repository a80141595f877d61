"""One space for photos and sentences: a photo becomes a text vector through the words for what was seen in it.

ConSE (Norouzi et al. 2013): class and attribute probabilities times the text vectors of their names, here in both
languages.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from perception.encoder import TextEncoder
from prompts import taxonomy

Array = np.ndarray
# How much each part says about which sentence goes with a photo.
WEIGHTS = {
    "category": 1.0,
    "color": 0.8,
    "pattern": 0.5,
    "sleeve": 0.2,
    "material": 0.3,
    "length": 0.1,
    "neckline": 0.1,
}
_SILENT = {("pattern", "plain"), ("material", "unknown")}  # nobody writes these in a title
_KEPT = 3  # likeliest values of an attribute that take part


class SharedSpace:
    """Text-space vectors for photos."""

    def __init__(self, texts: TextEncoder) -> None:
        self._texts = texts

    @cached_property
    def _names(self) -> dict[tuple[str, str], Array]:
        keys = [(a, v) for a in WEIGHTS for v in taxonomy.values(a) if (a, v) not in _SILENT]
        zh = self._texts.encode([taxonomy.word(a, v, "zh") for a, v in keys])
        en = self._texts.encode([taxonomy.word(a, v, "en") for a, v in keys])
        return dict(zip(keys, (zh + en) / 2, strict=True))

    def vector(self, scores: Mapping[str, Mapping[str, float]], colors: Sequence[tuple[str, float]]) -> Array:
        """(512,) of length 1. `scores`: attribute → value → probability; `colors`: (name, share)."""
        total = np.zeros(512, np.float32)
        said: dict[str, Mapping[str, float]] = {**scores, "color": dict(colors)}
        for attribute, weight in WEIGHTS.items():
            values = sorted(said.get(attribute, {}).items(), key=lambda kv: -kv[1])[:_KEPT]
            for value, p in values:
                name = self._names.get((attribute, value))
                if name is not None:
                    total += weight * p * name
        return total / max(float(np.linalg.norm(total)), 1e-9)
