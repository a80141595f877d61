"""The sentence encoder fine-tuned to hear shoppers: the vectors of a message's pieces → two vectors of what is meant.

The network of USE-multilingual v3 (a CNN over n-grams, then a deep averaging network: Yang et al. 2019, "Multilingual
Universal Sentence Encoder for Semantic Retrieval") with its own table of pieces and our weights for all that follows.
In NumPy, a message at a time. Trained by training/sentence_net.py.
"""

from collections.abc import Mapping

import numpy as np

Array = np.ndarray
ORDERS = ((2, 0), (3, 1), (5, 2))  # (pieces in a window, how many of them before the piece itself)
EPSILON = 1e-12
MEANT, HEARD = 512, 512  # lengths of the two vectors


def forward(weights: Mapping[str, Array], pieces: Array) -> tuple[Array, Array]:
    """(n, 512) vectors of the pieces → (512,) what the sentence means and (512,) what is heard in it, not squashed."""
    features = [pieces]
    for size, before in ORDERS:
        x = pieces @ weights[f"proj{size}"] + weights[f"proj_b{size}"]
        x = _normal(x, weights[f"ln_g{size}"], weights[f"ln_b{size}"])
        for layer in ("1", "2"):
            x = x + _relu(
                _windows(x, size, before) @ weights[f"w{layer}_{size}"] + weights[f"b{layer}_{size}"]
            )
        features.append(x)
    joined = _normal(np.concatenate(features, 1), weights["ln_g"], weights["ln_b"])
    mean = (joined @ weights["cnn_W"] + weights["cnn_b"]).sum(0) / np.sqrt(len(pieces))
    first = _relu(mean @ weights["d0"])
    second = _relu(mean @ weights["p1"] + first @ weights["d1"])
    third = _relu(second @ weights["d2"])
    meant = np.tanh(second @ weights["p3"] + third @ weights["d3"])
    return meant, (mean - mean.mean()) / np.sqrt(mean.var() + 1e-5)


def _windows(x: Array, size: int, before: int) -> Array:
    """(n, d) → (n, size * d): each row with its neighbours, zeros beyond the ends."""
    padded = np.pad(x, ((before, size - 1 - before), (0, 0)))
    return np.concatenate([padded[i : i + len(x)] for i in range(size)], 1)


def _normal(x: Array, gain: Array, bias: Array) -> Array:
    centred = x - x.mean(1, keepdims=True)
    return np.asarray(centred / np.sqrt((centred**2).mean(1, keepdims=True) + EPSILON) * gain + bias)


def _relu(x: Array) -> Array:
    return np.asarray(np.maximum(x, 0))
