"""What the finished eyes do on photos that nothing was chosen on, counted as `daogou eval look` counts."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from perception.encoder import ImageEncoder
from perception.eyes import Eyes
from perception.parts import cloth
from perception.photo import Photo
from prompts import taxonomy
from store import demo
from training.data import LABELS, Photos
from training.drawn import class_of, kept_apart, pictures
from training.marks import marked
from training.scenes import Piece, compose
from ui.evals import look
from ui.evals.labels import Boxed, Label
from ui.evals.look import Judged
from ui.evals.statistics import share

Array = np.ndarray
SCENES = 300


def measure(photos: Photos, root: Path, eyes: Eyes, say: Callable[[str], None]) -> dict[str, Any]:
    """Looks at `validation`, scenes composed of it, drawings kept apart, and photo → same category in the feed."""
    rows = range(photos.train, len(photos.files))
    judged = []
    for i in rows:
        photo = Photo.of(photos.image(i))
        judged.append(Judged(label_of(photos, i), eyes.look(photo), eyes.look(photo, forced=True)))
    say("validation looked at")
    figures: dict[str, Any] = {
        "validation": look.figures(judged),
        "validation.several_garments_told": share(sum(len(j.told.garments) > 1 for j in judged), len(judged)),
    }
    for kind in ("collage", "laid", "worn"):
        figures[f"scenes.{kind}"] = look.garments(scenes(photos, rows, eyes, kind))
        say(f"scenes {kind} looked at")
    figures["drawn.category"] = drawings(photos, eyes)
    figures["photo_to_feed"] = to_feed(photos, root, eyes, rows)
    return figures


def label_of(photos: Photos, i: int) -> Label:
    """The label of one photo."""
    said = {
        a: LABELS[a][photos.labels[i, j]] if photos.labels[i, j] >= 0 else None
        for j, a in enumerate(LABELS)
        if a not in ("kind", "color")
    }
    return Label(
        file=photos.files[i], category=photos.classes[photos.y[i]], colors=photos.colors.get(i, []),
        sure=i in photos.sure, **said,
    )  # fmt: skip


def scenes(photos: Photos, rows: Sequence[int], eyes: Eyes, kind: str) -> list[Judged]:
    """Scenes with at least two garments, composed of the photos `rows`."""
    encoder, rng = ImageEncoder(1), np.random.default_rng(5)
    by_class = {c: [i for i in rows if photos.classes[photos.y[i]] == c] for c in photos.classes}
    known: dict[int, Piece] = {}

    def piece(categories: Sequence[str] | None) -> Piece:
        name = str(rng.choice(list(categories or photos.classes)))
        i = int(rng.choice(by_class[name]))
        if i not in known:
            image = photos.image(i)
            mask = marked(image, cloth(encoder.encode(image).cells)).astype(np.uint8)
            pixels = np.asarray(image)
            known[i] = Piece(pixels, cv2.resize(mask, pixels.shape[1::-1]) > 0, name)
        return known[i]

    judged = []
    while len(judged) < SCENES // 3:
        scene = compose(piece, rng, kind)
        if len(scene.categories) != 2:
            continue
        boxed = [Boxed(category=c, box=b) for c, b in zip(scene.categories, scene.boxes(), strict=True)]
        photo = Photo.of(Image.fromarray(scene.pixels))
        judged.append(
            Judged(Label(file=kind, garments=boxed), eyes.look(photo), eyes.look(photo, forced=True))
        )
    return judged


def drawings(photos: Photos, eyes: Eyes) -> dict[str, Any]:
    """Drawn designs that were kept apart: product pictures, and snapshots of them."""
    right: dict[str, list[bool]] = {"product_pictures": [], "snapshots": []}
    for n, product in enumerate(demo.products()):
        truth = class_of(product, photos.classes)
        if not kept_apart(n) or truth < 0:
            continue
        for k, (pixels, _) in enumerate(pictures(n)):
            garments = eyes.look(Photo.of(Image.fromarray(pixels))).garments
            hit = bool(garments) and taxonomy.is_a(garments[0].category, photos.classes[truth])
            right["snapshots" if k else "product_pictures"].append(hit)
    return {name: share(sum(hits), len(hits)) for name, hits in right.items()}


def to_feed(photos: Photos, root: Path, eyes: Eyes, rows: Sequence[int]) -> dict[str, Any]:
    """Nearest photos of the feed for each of `rows`."""
    feed = [json.loads(line) for line in (root / "feed.jsonl").read_text().splitlines()]
    position = {f: i for i, f in enumerate(photos.files)}
    shelf, _ = eyes.images([Photo.of(photos.image(position[r["image"]])) for r in feed])
    kinds = np.array([r["category"] for r in feed])
    asked, _ = eyes.images([Photo.of(photos.image(i)) for i in rows])
    nearest = np.argsort(-(asked @ shelf.T), axis=1)[:, :5]
    hits = kinds[nearest] == np.array([photos.classes[photos.y[i]] for i in rows])[:, None]
    return {
        "first_same_category": round(float(hits[:, 0].mean()), 3),
        "same_category_among_first_5": round(float(hits.any(1).mean()), 3),
        "share_of_first_5": round(float(hits.mean()), 3),
    }
