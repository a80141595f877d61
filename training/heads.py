"""Linear heads: fitted by L2-regularised logistic regression, calibrated by temperature on photos kept apart."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

Array = np.ndarray


@dataclass
class Head:
    """Weights in feature units: (d, c) and (c,)."""

    classes: list[str]
    weight: Array
    bias: Array
    temperature: float = 1.0
    threshold: float = 0.0

    def logits(self, x: Array) -> Array:
        """(..., d) → (..., c), before the temperature."""
        return x @ self.weight + self.bias


def fit(x: Array, y: Array, classes: list[str], l2: float, weight: Array | None = None) -> Head:
    """`x`: (n, d); `y`: (n,) class indices; `weight`: (n,) sample weights. Features are standardised inside."""
    mean, std = x.mean(0), x.std(0) + 1e-3
    xs = torch.tensor((x - mean) / std, dtype=torch.float32)
    target = torch.tensor(y, dtype=torch.long)
    sample = torch.ones(len(y)) if weight is None else torch.tensor(weight, dtype=torch.float32)
    w = torch.zeros(xs.shape[1], len(classes), requires_grad=True)
    b = torch.zeros(len(classes), requires_grad=True)
    optimizer = torch.optim.LBFGS([w, b], max_iter=80, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        losses = torch.nn.functional.cross_entropy(xs @ w + b, target, reduction="none")
        loss = (losses * sample).sum() / sample.sum() + l2 * (w**2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    weights = w.detach().numpy() / std[:, None]
    return Head(classes, weights.astype(np.float32), (b.detach().numpy() - mean @ weights).astype(np.float32))


def temperature(logits: Array, y: Array) -> float:
    """The temperature that makes held-out probabilities honest (least negative log-likelihood)."""
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


def save(heads: dict[str, Head], path: Path) -> None:
    """Write the heads as half-precision safetensors, with their classes and temperatures as metadata."""
    tensors, meta = {}, {}
    for name, head in heads.items():
        tensors[f"{name}.weight"] = head.weight.astype(np.float16)
        tensors[f"{name}.bias"] = head.bias.astype(np.float16)
        meta[name] = {"classes": head.classes, "temperature": head.temperature, "threshold": head.threshold}
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata={"heads": json.dumps(meta)})
