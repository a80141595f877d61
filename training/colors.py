"""Trains the head that names colours: labelled photos, and the swatches of prompts/colours.yaml as a prior."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from perception.color import CLUSTERS, ColorHead, cluster_features, clusters, garment_pixels, scene, to_lab
from perception.mask import Mask
from prompts import load, taxonomy

Array = np.ndarray
HIDDEN, STEPS, DECAY, PRIOR = 24, 400, 4e-3, 0.8


@dataclass(frozen=True)
class Labelled:
    """Clusters of n photos: `features` (n, k, f), `shares` (n, k), `target` (n, names) with the main colour first in
    weight."""

    features: Array
    shares: Array
    target: Array

    def take(self, rows: Array) -> "Labelled":
        """Some of the photos."""
        return Labelled(self.features[rows], self.shares[rows], self.target[rows])


def labelled(masks: Sequence[Mask], colors: Sequence[Sequence[str]]) -> Labelled:
    """From masks and labelled colours, main first."""
    names = taxonomy.values("color")
    features, shares, target = [], [], np.zeros((len(masks), len(names)), np.float32)
    for i, (mask, said) in enumerate(zip(masks, colors, strict=True)):
        centres, share = clusters(garment_pixels(mask))
        rows = cluster_features(centres, share, scene(mask))
        missing = CLUSTERS - len(rows)
        features.append(np.pad(rows, ((0, missing), (0, 0)), mode="edge"))
        shares.append(np.pad(share, (0, missing)))
        for name, weight in zip(said, (0.7, 0.3, 0.2) if len(said) > 1 else (1.0,), strict=False):
            target[i, names.index(name)] += weight
    return Labelled(np.array(features), np.array(shares), target / target.sum(1, keepdims=True))


def swatches() -> tuple[Array, Array]:
    """Features and name indices of the swatches, each before a white, a warm and a grey surrounding."""
    names = taxonomy.values("color")
    rows, labels = [], []
    for name, codes in load("colours")["prototypes"].items():
        rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in codes], np.uint8)
        for point in to_lab(rgb):
            for around in ((97, 0, 0), (80, 2, 6), (55, 4, 10)):
                light = np.array([min(8.0, point[0]), (point[0] + around[0]) / 2, 97.0, *around])
                rows.append(cluster_features(point[None], np.array([0.6]), light)[0])
                labels.append(names.index(name))
    return np.array(rows), np.array(labels)


def fit_colors(data: Labelled, seed: int = 0) -> ColorHead:
    """A photo's colours are the mixture of its clusters' colours, weighed by area; fitted by likelihood."""
    torch.manual_seed(seed)
    flat = data.features.reshape(-1, data.features.shape[-1])
    mean, std = flat.mean(0), flat.std(0) + 1e-3

    def tensor(x: Array) -> torch.Tensor:
        return torch.tensor((x - mean) / std, dtype=torch.float32).clamp(-4, 4)

    names = taxonomy.values("color")
    first, second = torch.nn.Linear(flat.shape[1], HIDDEN), torch.nn.Linear(HIDDEN, len(names))
    net = torch.nn.Sequential(first, torch.nn.Tanh(), second)
    prior, prior_labels = swatches()
    x, shares, target = tensor(data.features), torch.tensor(data.shares).float(), torch.tensor(data.target)
    px, py = tensor(prior), torch.tensor(prior_labels)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for _ in range(STEPS):
        mixed = (shares[:, :, None] * torch.softmax(net(x), -1)).sum(1)
        loss = -(target * torch.log(mixed + 1e-6)).sum(1).mean()
        loss = loss + PRIOR * torch.nn.functional.cross_entropy(net(px), py)
        loss = loss + DECAY * sum((p**2).sum() for p in (first.weight, second.weight))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    weights = [
        p.detach().numpy().astype(np.float32)
        for p in (first.weight.T, first.bias, second.weight.T, second.bias)
    ]
    return ColorHead(names, mean.astype(np.float32), std.astype(np.float32), *weights)


def mixture(head: ColorHead, data: Labelled) -> Array:
    """(n, names): the share of each colour in each photo."""
    return np.asarray((data.shares[:, :, None] * head.probabilities(data.features)).sum(1))
