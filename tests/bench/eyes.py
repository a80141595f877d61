"""What looking costs: against the bare network in the same breath, one photo and a hundred; memory over a thousand.

    python tests/bench/eyes.py [FOLDER] [--photos 100] [--memory 1000]

The bare network is EfficientNet-Lite2 as its package brings it, run by torch on as many threads as the eyes use.
"""

import argparse
import itertools
import json
import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from PIL import Image

from perception.encoder import SIDE
from perception.eyes import Eyes
from perception.network import pretrained
from perception.photo import Photo

ROOT = Path(__file__).parent.parent.parent
PHOTOS, SHARED = (
    ROOT / "tests" / "dialogs" / "photos",
    ROOT.parent / "shared" / "data" / "clothing" / "validation",
)
ROUNDS = 5


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED if SHARED.exists() else PHOTOS)
    parser.add_argument("--photos", type=int, default=100)
    parser.add_argument("--memory", type=int, default=1000)
    options = parser.parse_args()
    files = sorted(
        p for p in options.folder.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")
    )
    print(json.dumps({"resident_mb": memory(files, options.memory)}), flush=True)
    photos = [Photo.of(Image.open(p).convert("RGB")) for p in files[: options.photos]]
    pixels = np.stack([np.asarray(p.image.resize((SIDE, SIDE)), np.float32) for p in photos])
    batch = torch.from_numpy((pixels - 127) / 128).permute(0, 3, 1, 2).contiguous()
    net, eyes = pretrained(), Eyes.embedded()
    eyes.warm()
    print(json.dumps({"one": one(net, batch, photos)}), flush=True)
    print(json.dumps({"batch": many(net, batch, photos)}), flush=True)


def one(net: torch.nn.Module, batch: torch.Tensor, photos: list[Photo]) -> dict[str, float]:
    """Milliseconds for one photo, taken in turns: median of each, and the median of their ratios."""
    torch.set_num_threads(1)
    eyes = Eyes.embedded()
    eyes.warm()
    own = eyes._looker._encoder
    bare, fast, look = [], [], []
    for i, photo in enumerate(photos):
        bare.append(timed(lambda i=i: forward(net, batch[i : i + 1])))
        fast.append(timed(lambda photo=photo: own.encode(photo.image)))
        look.append(timed(lambda photo=photo: eyes.look(photo)))
    return {
        "bare_ms": median(bare), "own_pass_ms": median(fast), "look_ms": median(look),
        "look_over_bare": _ratio(look, bare), "look_over_own_pass": _ratio(look, fast),
        "garments": sum(len(eyes.look(p).garments) for p in photos) / len(photos),
    }  # fmt: skip


def many(net: torch.nn.Module, batch: torch.Tensor, photos: list[Photo]) -> dict[str, Any]:
    """Milliseconds a photo, on all cores: the bare network on one batch and in smaller ones, the eyes."""
    torch.set_num_threads(os.cpu_count() or 2)
    bare: dict[int, list[float]] = {size: [] for size in (len(photos), 8, 1)}
    looks = []
    for _ in range(ROUNDS):
        for size, times in bare.items():
            chunks = batch.split(size)
            times.append(timed(lambda chunks=chunks: [forward(net, c) for c in chunks]) / len(photos))
        eyes = Eyes.embedded()
        eyes.warm()
        looks.append(timed(lambda eyes=eyes: eyes.looks(photos)) / len(photos))
    return {
        "bare_ms": {f"batch of {size}": median(times) for size, times in bare.items()},
        "look_ms": median(looks),
        "look_over_bare": {f"batch of {size}": _ratio(looks, times) for size, times in bare.items()},
    }  # fmt: skip


def _ratio(these: list[float], those: list[float]) -> float:
    return median([a / b for a, b in zip(these, those, strict=True)])


def memory(files: list[Path], count: int) -> dict[str, int]:
    """Resident megabytes after a tenth of the looks, half and all of them, each at a photo not seen before."""
    eyes, marks, own = Eyes.embedded(), {}, psutil.Process()
    for i, file in zip(range(1, count + 1), itertools.cycle(files)):
        image = Image.open(file).convert("RGB")
        eyes.look(Photo.of(image.crop((0, 0, image.width - i // len(files), image.height))))
        if i in (count // 10, count // 2, count):
            marks[f"after_{i}"] = round(own.memory_info().rss / 2**20)
    return marks


@torch.inference_mode()
def forward(net: torch.nn.Module, batch: torch.Tensor) -> None:
    """The bare pass."""
    net(batch)


def timed(job) -> float:  # type: ignore[no-untyped-def]
    """Milliseconds."""
    start = time.perf_counter()
    job()
    return (time.perf_counter() - start) * 1000


def median(values: list[float]) -> float:
    """Three digits."""
    return round(statistics.median(values), 3)


if __name__ == "__main__":
    main()
