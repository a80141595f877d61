"""What the finished eyes do on photos they were not made from."""

import json
from pathlib import Path

import numpy as np

from perception.eyes import Eyes
from perception.photo import Photo
from training.data import Photos
from training.heads import interval


def measure(photos: Photos, root: Path, eyes: Eyes, figures: dict[str, object]) -> None:
    """Category as a look tells it, refusals, and photo → same category in the feed, for `validation`."""
    feed = [json.loads(line) for line in (root / "feed.jsonl").read_text().splitlines()]
    position = {f: i for i, f in enumerate(photos.files)}
    shelf, _ = eyes.images([Photo.of(photos.image(position[r["image"]])) for r in feed])
    kinds = np.array([r["category"] for r in feed])
    right, refused, elsewhere, hits = 0, 0, 0, []
    rows = range(photos.train, len(photos.files))
    for i in rows:
        photo, truth = Photo.of(photos.image(i)), photos.classes[photos.y[i]]
        garments = eyes.look(photo).garments
        refused += not garments
        if garments:
            right += garments[0].category == truth
            elsewhere += garments[0].category not in photos.classes
        nearest = np.argsort(-(shelf @ np.array(eyes.vectors(photo).image)))[:5]
        hits.append(kinds[nearest] == truth)
    found = np.array(hits)
    low, high = interval(right, len(rows))
    figures["validation.look"] = {
        "n": len(rows), "category": round(right / len(rows), 4), "interval": [round(low, 3), round(high, 3)],
        "refused_as_nothing_to_wear": refused, "told_outside_the_ten": elsewhere,
    }  # fmt: skip
    figures["validation.photo_to_feed"] = {
        "first_same_category": round(float(found[:, 0].mean()), 3),
        "same_category_among_first_5": round(float(found.any(1).mean()), 3),
        "share_of_first_5": round(float(found.mean()), 3),
    }  # fmt: skip
