"""How well garments on photos are recoloured: colour reached, background left alone, folds kept, time taken.

    python tests/bench/recolor.py [FOLDER] [--photos 66] [--targets 3] [--seed 1] [--masks FOLDER]

Each photo is cut out and recoloured to several colours of the palette, drawn by the seed. Told, with 95 % intervals:

reached      share with CIEDE2000 of the garment's median to the target below 8, of the whole garment, pattern included
background   share of pixels outside the garment that changed by more than CIEDE2000 3. Without masks "outside" is what
             the cut-out itself leaves out; `--masks` (PNGs named as the photos, white: garment) judge it too
structure    SSIM of L over the garment without its level term: the level has to change where black becomes yellow
ssim         SSIM of L with it, over the garment and over the whole photo; `alike`: only where target and garment differ
             by less than 10 in L, so that nothing asks for another level
megapixel_ms CPU time for a photo scaled to one megapixel, recolouring alone and with its cut-out
"""

import argparse
import json
import random
import statistics
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from perception.cutout import cutout
from perception.difference import ciede2000, similarity
from perception.eyes import Eyes
from perception.ground import to_lab
from perception.recolor import Target, recolor
from prompts import taxonomy

SHARED = Path(__file__).parent.parent.parent.parent / "shared" / "data" / "clothing" / "validation"
REACHED, CHANGED, ALIKE = 8.0, 3.0, 10.0


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED)
    parser.add_argument("--photos", type=int, default=66)
    parser.add_argument("--targets", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--masks", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    files = sorted(p for p in options.folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    draw = random.Random(options.seed)
    chosen = draw.sample(files, min(options.photos, len(files)))
    codes = [str(code) for name in taxonomy.values("color") if (code := taxonomy.swatch(name))]
    eyes, rows = Eyes.embedded(), []
    eyes.warm()
    for file in chosen:
        with Image.open(file) as opened:
            photo = opened.convert("RGB")
        cut = cutout(photo, eyes)
        mask = options.masks / f"{file.stem}.png" if options.masks else None
        drawn = np.asarray(Image.open(mask).convert("L")) > 127 if mask and mask.is_file() else None
        for code in draw.sample(codes, options.targets):
            rows.append({"photo": file.name, "target": code, **one(photo, cut.alpha, code, drawn)})
    times = [timed(file, eyes) for file in chosen[:12]]
    print(json.dumps(summary(rows, times), indent=1))


def one(photo: Image.Image, alpha: np.ndarray, code: str, drawn: np.ndarray | None) -> dict[str, float]:
    """The figures of one photo in one colour."""
    before, after = (to_lab(np.asarray(p)) for p in (photo, recolor(photo, alpha, code)))
    on, off = alpha > 0.5, alpha < 0.02
    target = np.array(Target.of(code).lab)
    whole, structure = similarity(before[..., 0], after[..., 0])
    row = {
        "apart": float(ciede2000(np.median(after[on], 0), target)),
        "background": _changed(before, after, off),
        "structure": float(structure[on].mean()),
        "ssim_garment": float(whole[on].mean()),
        "ssim_photo": float(whole.mean()),
        "step": abs(float(np.median(before[on][:, 0]) - target[0])),
    }
    return row | ({"drawn": _changed(before, after, ~drawn)} if drawn is not None else {})


def _changed(before: np.ndarray, after: np.ndarray, off: np.ndarray) -> float:
    return float((ciede2000(before[off], after[off]) > CHANGED).mean()) if off.any() else 0.0


def timed(file: Path, eyes: Eyes) -> tuple[float, float]:
    """CPU milliseconds at one megapixel: recolouring, cutting out."""
    with Image.open(file) as opened:
        photo = opened.convert("RGB")
    scale = (1e6 / (photo.width * photo.height)) ** 0.5
    photo = photo.resize((round(photo.width * scale), round(photo.height * scale)))
    start = time.process_time()
    cut = cutout(photo, eyes)
    middle = time.process_time()
    recolor(photo, cut.alpha, "#1d4435")
    return (time.process_time() - middle) * 1000, (middle - start) * 1000


def summary(rows: list[dict[str, Any]], times: list[tuple[float, float]]) -> dict[str, Any]:
    """Shares and means with 95 % intervals (Wilson's for shares, two standard errors over photos for means)."""
    alike = [r for r in rows if r["step"] < ALIKE]
    return {
        "photos": len({r["photo"] for r in rows}),
        "pictures": len(rows),
        "reached": share([r["apart"] < REACHED for r in rows]),
        "apart_median": round(statistics.median(r["apart"] for r in rows), 2),
        "background": mean(rows, "background"),
        "background_drawn": mean([r for r in rows if "drawn" in r], "drawn"),
        "structure": mean(rows, "structure"),
        "structure_at_least_0.9": share([r["structure"] >= 0.9 for r in rows]),
        "ssim_garment": mean(rows, "ssim_garment"),
        "ssim_photo": mean(rows, "ssim_photo"),
        "ssim_garment_alike": mean(alike, "ssim_garment"),
        "megapixel_ms": {
            "recolor": round(statistics.median(t[0] for t in times)),
            "with_cutout": round(statistics.median(sum(t) for t in times)),
        },
        "worst": [
            {k: round(v, 3) if isinstance(v, float) else v for k, v in r.items()}
            for r in sorted(rows, key=lambda r: -r["apart"])[:6]
        ],
    }


def share(hits: list[bool]) -> dict[str, float]:
    """The share with Wilson's interval."""
    n, p, z = len(hits), sum(hits) / max(len(hits), 1), 1.96
    middle, half = p + z * z / (2 * n), z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    return {
        "share": round(p, 3),
        "low": round((middle - half) / (1 + z * z / n), 3),
        "high": round((middle + half) / (1 + z * z / n), 3),
        "n": n,
    }


def mean(rows: list[dict[str, Any]], name: str) -> dict[str, float] | None:
    """The mean with two standard errors, photos as the units."""
    photos: dict[str, list[float]] = {}
    for row in rows:
        photos.setdefault(row["photo"], []).append(row[name])
    each = [statistics.fmean(values) for values in photos.values()]
    if len(each) < 2:
        return None
    error = 2 * statistics.stdev(each) / len(each) ** 0.5
    return {"mean": round(statistics.fmean(each), 4), "error": round(error, 4), "n": len(each)}


if __name__ == "__main__":
    main()
