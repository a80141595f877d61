"""Trains the projection of the shared text-photo space on (photo, title) pairs, and measures text → photo retrieval."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from perception.encoder import WEIGHTS, ImageEncoder, TextEncoder
from perception.garments import Heads
from perception.photo import load_photo
from perception.shared import PROJECTED, SharedSpace, probabilities, unit
from perception.sight import Looker
from training.data import LABELS
from training.weights import write_sums

Array = np.ndarray
RIDGE = 1.0


def train_shared(root: Path) -> dict[str, object]:
    """Fit on the even rows of feed.jsonl, report on the odd ones, ship a fit on all. Returns the figures."""
    feed = [json.loads(line) for line in (root / "feed.jsonl").read_text().splitlines()]
    encoder = TextEncoder(1)
    space = SharedSpace(encoder, projected=False)
    looker = Looker(ImageEncoder(1), Heads(), space, lambda _, reading: reading)
    scores, words, figures = [], [], {}
    rows = [["category", c] for c in Heads().categories] + [
        [a, v] for a, values in LABELS.items() for v in values
    ]
    for row in feed:
        garment = looker.look(load_photo((root / row["image"]).read_bytes()).image).garments[0]
        said = {**garment.reading.scores, "color": {c.name: c.share for c in garment.colors.named}}
        scores.append(probabilities(said, rows))
        words.append(unit(space.by_names(said)))
    titles = {"en": [r["title"] for r in feed], "zh": [r["title_zh"] for r in feed]}
    texts = {lang: encoder.encode(t) for lang, t in titles.items()}
    x, goal = np.stack(scores), np.stack([unit(v) for v in texts["en"] + texts["zh"]])
    test = np.arange(len(feed)) % 2 == 1
    for name, share in (("conse", 0.0), ("conse_and_projection", PROJECTED)):
        projected = x[test] @ fit(x[~test], goal[~test])
        photos = np.stack(
            [
                unit(share * unit(p) + (1 - share) * w)
                for p, w in zip(projected, np.stack(words)[test], strict=True)
            ]
        )
        for lang in ("en", "zh"):
            kept = [t for t, k in zip(titles[lang], test, strict=True) if k]
            figures[f"text_to_photo.{name}.{lang}"] = retrieval(texts[lang][test], photos, kept)
    matrix = fit(x, goal).astype(np.float16)
    save_file({"matrix": matrix}, WEIGHTS / "shared.safetensors", metadata={"rows": json.dumps(rows)})
    write_sums()
    return figures


def fit(x: Array, y: Array) -> Array:
    """Ridge regression, (f, 512)."""
    return np.asarray(np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ y))


def retrieval(texts: Array, photos: Array, titles: Sequence[str]) -> dict[str, float]:
    """Mean reciprocal rank and recall at 10 of the first photo with the very title."""
    order = np.argsort(-(texts @ photos.T), axis=1)
    ranks = [next(k for k, j in enumerate(row) if titles[j] == titles[i]) + 1 for i, row in enumerate(order)]
    return {
        "n": len(titles), "mrr": round(float(np.mean([1 / r for r in ranks])), 3),
        "recall_at_10": round(float(np.mean([r <= 10 for r in ranks])), 3),
    }  # fmt: skip
