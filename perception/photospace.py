"""The photo space: vectors in which photos of alike garments lie close, in kind, look and colour."""

from collections.abc import Mapping, Sequence

import numpy as np

from perception.color import Named
from prompts import taxonomy

Array = np.ndarray
# Chosen on the feed of real photos: more colour and kind find the same garment, less find the same print.
COLOR_WEIGHT, KIND_WEIGHT = 0.4, 0.45


def photo_vector(mean: Array, kinds: Mapping[str, float], colors: Sequence[Named]) -> Array:
    """Float32 of length 1: the mean of the deep map (1280,), the category's probabilities, the colours' shares."""
    names = taxonomy.values("color")
    histogram = np.zeros(len(names), np.float32)
    for colour in colors:
        histogram[names.index(colour.name)] = np.sqrt(colour.share)
    rest = np.sqrt(1 - COLOR_WEIGHT**2 - KIND_WEIGHT**2)
    kind = np.sqrt(np.array([kinds[k] for k in sorted(kinds)], np.float32))
    parts = [unit(mean) * rest, unit(histogram) * COLOR_WEIGHT, unit(kind) * KIND_WEIGHT]
    return unit(np.concatenate(parts)).astype(np.float32)


def unit(x: Array) -> Array:
    """`x` scaled to length 1."""
    return x / max(float(np.linalg.norm(x)), 1e-9)
