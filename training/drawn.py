"""Drawn garments of our own shop, as product pictures and as snapshots: the category head must read these too.

The tail is trained on photos only; its category head is then moved, as little as it takes, to read drawings as well.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from perception.encoder import ImageEncoder
from perception.photo import load_photo
from prompts import taxonomy
from store import demo
from training.heads import Head

Array = np.ndarray
PULL, SHARE = 1e-4, 0.2  # chosen on photos held out and drawings held out
# How the makers of the photo set sort what it has no class for. Others (jumpsuits, cardigans, bags) are left out.
_SORTED = {"sweater": "longsleeve", "hoodie": "longsleeve", "sweatshirt": "longsleeve", "blouse": "shirt"}


@dataclass(frozen=True)
class Drawn:
    """`x`: (n, 1280) tuned features; `y`: (n,) class index; `test`: (n,) bool, products kept apart."""

    x: Array
    y: Array
    test: Array


def drawn_features(classes: list[str], say: Callable[[str], None]) -> Drawn:
    """Two pictures a product: as the shop shows it and as a shopper would photograph it."""
    encoder = ImageEncoder(torch.get_num_threads())
    x, y, test = [], [], []
    for n, product in enumerate(demo.products()):
        leaf = product.category
        name = next((a for a in reversed(taxonomy.ancestors(leaf)) if a in classes), None) or _SORTED.get(
            leaf
        )
        name = _SORTED.get(leaf, name)
        if name not in classes:
            continue
        for image in (load_photo(demo.render(product)).image, demo.snapshot(product, seed=1)):
            x.append(encoder.encode([image])[0].tuned)
            y.append(classes.index(name))
            test.append(n % 3 == 0)
        if n % 20 == 0:
            say(f"drawn {n}")
    return Drawn(np.array(x), np.array(y), np.array(test))


def adapted(head: Head, photos_x: Array, photos_y: Array, drawn: Drawn) -> Head:
    """`head` moved so that it also reads the drawings that are not kept apart."""
    start_w, start_b = torch.tensor(head.weight), torch.tensor(head.bias)
    w, b = start_w.clone().requires_grad_(True), start_b.clone().requires_grad_(True)
    px, py = torch.tensor(photos_x).float(), torch.tensor(photos_y)
    dx, dy = torch.tensor(drawn.x[~drawn.test]).float(), torch.tensor(drawn.y[~drawn.test])
    scale = px.std()
    optimizer = torch.optim.LBFGS([w, b], max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        entropy = torch.nn.functional.cross_entropy
        loss = (1 - SHARE) * entropy(px @ w + b, py, label_smoothing=0.1)
        loss = loss + SHARE * entropy(dx @ w + b, dy, label_smoothing=0.1)
        loss = loss + PULL * (((w - start_w) / scale) ** 2).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return Head(head.classes, w.detach().numpy(), b.detach().numpy(), head.temperature, head.threshold)


def accuracy(head: Head, drawn: Drawn) -> dict[str, float]:
    """On the products kept apart: product pictures and snapshots."""
    right = head.logits(drawn.x).argmax(1) == drawn.y
    studio = np.arange(len(right)) % 2 == 0
    return {
        "n": int(drawn.test.sum()), "product_pictures": round(float(right[drawn.test & studio].mean()), 3),
        "snapshots": round(float(right[drawn.test & ~studio].mean()), 3),
    }  # fmt: skip
