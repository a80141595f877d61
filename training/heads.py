"""Makes the heads' probabilities honest, and chooses from which probability they may speak, on photos kept apart."""

import numpy as np

Array = np.ndarray


def temperature(logits: Array, y: Array) -> float:
    """The temperature that makes held-out probabilities honest (least negative log-likelihood; Guo et al. 2017)."""
    grid = np.exp(np.linspace(np.log(0.2), np.log(5), 80))
    return float(min(grid, key=lambda t: nll(logits / t, y)))


def nll(logits: Array, y: Array) -> float:
    """Mean negative log-likelihood."""
    shifted = logits - logits.max(-1, keepdims=True)
    return float(-(shifted[np.arange(len(y)), y] - np.log(np.exp(shifted).sum(-1))).mean())


def threshold(p: Array, y: Array, precision: float) -> float:
    """The least probability from which the told values are right at least `precision` of the time (held-out)."""
    top, right = p.max(-1), p.argmax(-1) == y
    order = np.argsort(-top)
    running = np.cumsum(right[order]) / np.arange(1, len(y) + 1)
    good = np.flatnonzero((running >= precision) & (np.arange(len(y)) >= 9))
    return float(top[order][good[-1]]) if len(good) else 0.95
