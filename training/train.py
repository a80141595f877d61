"""Make the weights of perception/weights from a folder of labelled photos.

    python -m training.train --data ../shared/data/clothing

Nine tenths of `train` are trained on; the last tenth chooses temperatures, thresholds and how the opinions on a colour
are weighed; `validation` is only reported on. Two to three hours on two free cores, 9 GB of cache. Parts can be made
alone: `--only colors`. Marks of the garments' pixels, which the parts learn from, start from the weights that are
installed.
"""

import argparse
import json
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from perception.encoder import WEIGHTS, ImageEncoder, TextEncoder
from perception.eyes import Eyes
from perception.garments import Heads, softmax
from perception.parts import cloth
from perception.shared import SharedSpace
from perception.sight import Looker
from prompts import load
from store import demo
from training import colors, drawn, weights
from training.cache import FIXED, Cache, cached, photo_views, scene_views
from training.data import LABELS, Photos, load_photos
from training.heads import temperature, threshold
from training.marks import marked
from training.measure import measure
from training.scenes import Piece
from training.shared import train_shared
from training.tune import UNMARKED, Pool, Tuned, fresh, mixed, outputs, tune

Array = np.ndarray
TOLD_RIGHT = 0.9  # share of the told attributes that shall be right
RANDOM_VIEWS, DRAWN_VIEWS, SCENES = 8, 4, 4500
# Two rounds, the second from where the first ended; the weights kept lie between, where the held-out tenth is best.
STEPS, MORE_STEPS, SLOWER, SHARE_OF_SECOND = 1000, 1500, 0.6, 0.6
PARTS = ("tail", "colors", "shared", "figures")


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


def main() -> None:
    """Parse the command line and train."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("/tmp/daogou-training"), help="9 GB")
    parser.add_argument("--only", choices=PARTS, action="append", help="make these parts only")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    photos, parts = load_photos(options.data), options.only or PARTS
    held = np.sort(np.random.default_rng(1).permutation(photos.train)[::10])
    rest = np.setdiff1d(np.arange(photos.train), held)
    if "tail" in parts:
        pool, net = tuned(photos, rest, options.cache)
        weights.write_tail(net.tail, net.parts)
        weights.write_heads(net.heads, calibrated(net, photos, pool, held), profiles(photos, rest))
    if "colors" in parts:
        train_colors(photos, rest, held)
    file = WEIGHTS / "figures.json"
    figures = json.loads(file.read_text()) if file.exists() else {}
    if "shared" in parts:
        figures |= train_shared(options.data)
    figures |= measure(photos, options.data, Eyes.embedded(1), say)
    file.write_text(json.dumps(figures, indent=1) + "\n")
    say(json.dumps(figures, indent=1))


def tuned(photos: Photos, rest: Array, folder: Path) -> tuple[Cache, Tuned]:
    """Views of everything through the stem, then the fine-tuning. Returns the cache of the photos, too."""
    marks = marks_of(photos, folder)

    @lru_cache(maxsize=4000)
    def piece(i: int) -> Piece:
        pixels = np.asarray(photos.image(i))
        mask = cv2.resize(marks[i].astype(np.uint8), pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR) > 0
        return Piece(pixels, mask, photos.classes[photos.y[i]])

    pictures = list(drawn.rows(photos.classes))

    def drawn_view(i: int) -> tuple[list[Array], list[Array]]:
        pixels, mask = drawn.pictures(pictures[i][0])[i % drawn.PICTURES]
        views, where = photo_views(
            photos, len(photos.files) + i, Piece(pixels, mask, photos.classes[0]), DRAWN_VIEWS
        )
        return views, [np.full_like(w, UNMARKED) for w in where]

    pool = cached(
        folder / "photos", photos.train, FIXED + RANDOM_VIEWS,
        lambda i: photo_views(photos, i, piece(i), RANDOM_VIEWS), say,
    )  # fmt: skip
    drawings = cached(folder / "drawn", len(pictures), FIXED + DRAWN_VIEWS, drawn_view, say)
    scenes = cached(folder / "scenes", SCENES, 1, lambda i: scene_views(photos, piece, rest, i), say)
    shown = np.array([k for k, row in enumerate(pictures) if not drawn.kept_apart(row[0])])
    sketches = Pool(drawings, np.array([r[1] for r in pictures]), np.array([r[2] for r in pictures]), shown)
    pools = Pool(pool, photos.y, photos.labels, rest), sketches
    first = tune(fresh(photos), pools, scenes, STEPS, say)
    second = tune(first, pools, scenes, MORE_STEPS, say, pace=SLOWER, seed=7)
    net = mixed(first, second, SHARE_OF_SECOND)
    torch.save(net.state(), folder / "tuned.pt")
    return pool, net


def marks_of(photos: Photos, folder: Path) -> list[Array]:
    """(h, w) bool for every photo: the pixels of its garment, small."""
    file = folder / "marks.npz"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        encoder = ImageEncoder(1)
        found = []
        for i in range(len(photos.files)):
            image = photos.image(i)
            found.append(marked(image, cloth(encoder.encode(image).cells)))
            if i % 200 == 0:
                say(f"marks {i}/{len(photos.files)}")
        np.savez_compressed(file, *found)
    with np.load(file) as stored:
        return [stored[f"arr_{i}"] for i in range(len(photos.files))]


def profiles(photos: Photos, rest: Array) -> Array:
    """(1 + classes, 1000) what ImageNet's own head makes of photos of clothes: of all of them and of each class; each
    row is a distribution. A tenth is left to anything at all, for what was never seen; drawings have their share, and
    what people wear beyond the ten classes is not held against a photo."""
    encoder = ImageEncoder(1)
    picked = np.random.default_rng(2).permutation(rest)[::2]
    seen = np.array([softmax(encoder.encode(photos.image(int(i))).general) for i in picked])
    shown = [n for n in range(len(demo.products())) if not drawn.kept_apart(n)]
    sketched = np.array(
        [[softmax(encoder.encode(Image.fromarray(p)).general) for p, _ in drawn.pictures(n)] for n in shown]
    )
    sketched = sketched.mean(1)
    kinds = np.array([drawn.class_of(demo.products()[n], photos.classes) for n in shown])
    rows = [0.7 * seen.mean(0) + 0.3 * sketched.mean(0)]
    for k in range(len(photos.classes)):
        rows.append(0.7 * seen[photos.y[picked] == k].mean(0) + 0.3 * sketched[kinds == k].mean(0))
    floor = np.full(rows[0].size, 0.1 / rows[0].size)
    found = 0.9 * np.array(rows) + floor
    found[0, load("imagenet")["worn"]] = np.maximum(found[0, load("imagenet")["worn"]], 4 / rows[0].size)
    return found / found.sum(1, keepdims=True)


def calibrated(net: Tuned, photos: Photos, pool: Cache, held: Array) -> dict[str, dict]:
    """Classes, temperature and threshold of each head, from the photos held out: whole and garment, as looking does."""
    whole, garment = (outputs(net, pool, held, view)[0] for view in (0, 2))
    meta: dict[str, dict] = {}
    for j, name in enumerate(("category", *LABELS)):
        y = photos.y[held] if name == "category" else photos.labels[held, j - 1]
        known = y >= 0
        scores, y = ((whole[j] + garment[j]) / 2)[known], y[known]
        warmth = temperature(scores, y)
        p = np.exp((scores - scores.max(1, keepdims=True)) / warmth)
        p /= p.sum(1, keepdims=True)
        silent = name in ("category", "color")  # these are always told; the look hedges
        meta[name] = {
            "classes": list(photos.classes) if name == "category" else LABELS[name], "temperature": warmth,
            "threshold": 0.0 if silent else threshold(p, y, TOLD_RIGHT),
        }  # fmt: skip
        say(f"{name}: held out {np.mean(p.argmax(1) == y):.3f} of {len(y)}, {meta[name]['threshold']:.2f}")
    return meta


def train_colors(photos: Photos, rest: Array, held: Array) -> None:
    """The colour network on garments as the eyes cut them out, weighed against the tail's own opinion."""
    looker = Looker(
        ImageEncoder(1), Heads(), SharedSpace(TextEncoder(1), projected=False), lambda _, reading: reading
    )
    labelled = np.array([i for i in sorted(photos.colors) if i < photos.train])
    cut = []
    for n, i in enumerate(labelled):
        cut.append(looker.cut_out(photos.image(i)))
        if n % 200 == 0:
            say(f"colours {n}/{len(labelled)}")
    cloths, grounds = zip(*(colors.pixels_of(mask) for mask, _ in cut), strict=True)
    target, main = colors.targets([photos.colors[i] for i in labelled])
    first = np.array([photos.files[i] in photos.first for i in labelled])
    data = colors.Pixels(
        np.array(cloths), np.array(grounds), target, main, np.where(first, colors.FIRST_LABELLER, 1.0)
    )
    kept = np.isin(labelled, held)
    net = colors.fit(data, np.flatnonzero(~kept))
    shares, whole = colors.judge(net, data, np.flatnonzero(kept))
    seen = np.array([[s[n] for n in LABELS["color"]] for (_, s), k in zip(cut, kept, strict=True) if k])
    mix = colors.blend(shares, whole, seen, main[kept])
    say(f"colours weighed {mix}")
    colors.write(net, mix)


if __name__ == "__main__":
    main()
