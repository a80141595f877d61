"""What the finished eyes do on photos they were not made from, counted as `daogou eval look` counts."""

import json
from pathlib import Path

import numpy as np

from perception.eyes import Eyes
from perception.photo import Photo
from training.data import Photos
from ui.evals.labels import Label
from ui.evals.look import Judged, category


def measure(photos: Photos, root: Path, eyes: Eyes, figures: dict[str, object]) -> None:
    """Category as a look tells it, refusals, and photo → same category in the feed, for `validation`."""
    feed = [json.loads(line) for line in (root / "feed.jsonl").read_text().splitlines()]
    position = {f: i for i, f in enumerate(photos.files)}
    shelf, _ = eyes.images([Photo.of(photos.image(position[r["image"]])) for r in feed])
    kinds = np.array([r["category"] for r in feed])
    judged, hits = [], []
    for i in range(photos.train, len(photos.files)):
        photo, truth = Photo.of(photos.image(i)), photos.classes[photos.y[i]]
        label = Label(file=photos.files[i], category=truth)
        judged.append(Judged(label, eyes.look(photo), eyes.look(photo, forced=True)))
        nearest = np.argsort(-(shelf @ np.array(eyes.vectors(photo).image)))[:5]
        hits.append(kinds[nearest] == truth)
    told = [row.told.garments[0].category for row in judged if row.told.garments]
    found = category(judged)
    figures["validation.look"] = {
        "n": found["n"], "category": found["accuracy"], "interval": found["interval"],
        "macro_f1": found["macro_f1"], "ece": found["calibration"]["ece"],
        "refused_as_nothing_to_wear": len(judged) - len(told),
        "told_outside_the_ten": sum(name not in photos.classes for name in told),
    }  # fmt: skip
    first = np.array(hits)
    figures["validation.photo_to_feed"] = {
        "first_same_category": round(float(first[:, 0].mean()), 3),
        "same_category_among_first_5": round(float(first.any(1).mean()), 3),
        "share_of_first_5": round(float(first.mean()), 3),
    }  # fmt: skip
