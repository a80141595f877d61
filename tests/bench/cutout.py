"""How well garments are cut out, against outlines drawn by hand.

    python tests/bench/cutout.py FOLDER POLYGONS

POLYGONS is a text file, a line a photo: its path in FOLDER, a colon, then the outline as x,y pairs in pixels of the
photo scaled to 500 on its longer side; several outlines are parted by "|":

    shirts/a.jpg: 24,92 58,85 300,101 ... | 310,20 330,40 300,44
"""

import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from perception.cutout import GOOD, cutout
from perception.eyes import Eyes

UNITS = 500


def outlines(file: Path) -> dict[str, list[list[tuple[float, float]]]]:
    """Photo → its outlines."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, rest = line.partition(":")
        if rest.strip():
            polygons = [[(float(x), float(y)) for x, y in (p.split(",") for p in part.split())]
                        for part in rest.split("|")]  # fmt: skip
            found[name.strip()] = polygons
    return found


def filled(size: tuple[int, int], polygons: list[list[tuple[float, float]]]) -> np.ndarray:
    """(h, w) bool: inside of the outlines."""
    mask, scale = Image.new("1", size), max(size) / UNITS
    for polygon in polygons:
        ImageDraw.Draw(mask).polygon([(x * scale, y * scale) for x, y in polygon], fill=1)
    return np.asarray(mask)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("polygons", type=Path)
    args = parser.parse_args()
    eyes = Eyes.embedded()
    eyes.warm()
    rows = []
    for name, polygons in outlines(args.polygons).items():
        image = Image.open(args.folder / name).convert("RGB")
        began = time.process_time()
        cut = cutout(image, eyes)
        spent = time.process_time() - began
        truth, mask = filled(image.size, polygons), cut.alpha > 0.5
        iou = float((truth & mask).sum() / max((truth | mask).sum(), 1))
        rows.append((iou, cut.quality, spent))
        print(f"{name}: IoU {iou:.3f}, quality {cut.quality:.2f}, {spent * 1000:.0f} ms")
    iou, quality, spent = (np.array(column) for column in zip(*rows, strict=True))
    rng = np.random.default_rng(0)
    means = [rng.choice(iou, len(iou)).mean() for _ in range(4000)]
    low, high = np.quantile(means, (0.025, 0.975))
    print(
        f"IoU {iou.mean():.3f} ({low:.3f}-{high:.3f}), n = {len(iou)}, {(iou >= 0.9).mean():.0%} at least 0.9"
    )
    print(
        f"quality off by {np.abs(quality - iou).mean():.3f} on average; {(quality < GOOD).sum()} told to be bad"
    )
    print(f"CPU: median {np.median(spent) * 1000:.0f} ms, most {spent.max() * 1000:.0f} ms")


if __name__ == "__main__":
    main()
