"""What a look leaves for a shop's own tuning (perception/joint.py): what was seen of the whole garment, and where.

One row of half precision a garment: first `seen`, the square roots of the heads' probabilities and of the colours'
shares (square roots, so that lengths are 1 per attribute), then CELLS rows of what the heads make of each part of the
closer look alone (class activation maps, Zhou et al. 2016).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from perception.color import Named
from prompts import taxonomy

Array = np.ndarray
SIDE = 3  # the deep map's 9 x 9 cells, three by three put together
CELLS = SIDE * SIDE


def row(scores: Mapping[str, Mapping[str, float]], classes: Mapping[str, Sequence[str]], colors: Sequence[Named],
        cells: Array) -> Array:  # fmt: skip
    """(seen + CELLS * classes,) float16. `classes`: the heads' own, in their order; `cells`: (CELLS, classes)."""
    chances = [scores[head].get(value, 0.0) for head, values in classes.items() for value in values]
    names = taxonomy.values("color")
    shares = np.zeros(len(names), np.float32)
    for colour in colors:
        shares[names.index(colour.name)] = colour.share
    seen = np.sqrt(np.maximum(np.concatenate([np.asarray(chances, np.float32), shares]), 0))
    return np.concatenate([seen, cells.reshape(-1)]).astype(np.float16)


def width(cells: int, length: int) -> int:
    """How long `seen` is in rows of `length`, where each of CELLS parts has `cells` values."""
    return length - CELLS * cells


def pooled(deep: Array) -> Array:
    """(channels, 81) cells → (CELLS, channels), the means of three by three."""
    side = round(deep.shape[1] ** 0.5)
    step = side // SIDE
    blocks = deep.reshape(len(deep), SIDE, step, SIDE, step).mean((2, 4))
    return np.asarray(blocks.reshape(len(deep), CELLS).T)
