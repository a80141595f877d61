"""The photo space: vectors in which photos of alike garments lie close, in kind, look and colour."""

from collections.abc import Sequence

import numpy as np

from perception.color import Named
from perception.encoder import Features
from prompts import taxonomy

Array = np.ndarray
COLOR_WEIGHT = 0.35


def photo_vector(features: Features, colors: Sequence[Named]) -> Array:
    """Float32 of length 1: the tuned features and the shares of the named colours."""
    names = taxonomy.values("color")
    histogram = np.zeros(len(names), np.float32)
    for colour in colors:
        histogram[names.index(colour.name)] = np.sqrt(colour.share)
    look = features.tuned / max(float(np.linalg.norm(features.tuned)), 1e-9)
    whole = np.concatenate([look * np.sqrt(1 - COLOR_WEIGHT**2), unit(histogram) * COLOR_WEIGHT])
    return unit(whole).astype(np.float32)


def unit(x: Array) -> Array:
    """`x` scaled to length 1."""
    return x / max(float(np.linalg.norm(x)), 1e-9)
