"""What an import costs beside the bare models: `make bench-store`.

    python -m tests.bench.imports DEMO_SHOP [--products 200] [--rounds 3]

Writes a feed of the demo shop's products and pictures, each picture a little changed so that none has been seen, and
takes turns between the bare encoder (every picture and every text of the feed, nothing else) and `daogou import` of the
same feed into an empty shop, with what perception proposes and without it. Prints products a second, medians, the
median of the ratios (by the clock, and by CPU time, which others at work beside do not lengthen), and what memory the
import had added at its most.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from PIL import Image

from agent.assistant import Assistant
from agent.importing import Wish
from agent.settings import Settings
from perception.eyes import Eyes
from store.entries import embedded_text
from store.types import Product

BATCH = 64  # pictures that the bare encoder is given at a time, as an import gives them


class Took(NamedTuple):
    """Seconds by the clock, and of work of all cores."""

    clock: float
    cpu: float


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", type=Path)
    parser.add_argument("--products", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    demo = Assistant.open(Settings(data=options.demo, model="offline"))
    base = [p for p in demo.products() if p.images]
    demo.close()
    rates: dict[str, list[Took]] = {"bare": [], "import": [], "import_without_proposals": []}
    memory = 0.0
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            feed, products = written(Path(folder), options.demo, base, options.products, number)
            rates["bare"].append(bare(Path(folder), products))
            took, added = imported(feed, Path(folder) / "a", look=True)
            memory = max(memory, added)
            rates["import"].append(took)
            took, _ = imported(feed, Path(folder) / "b", look=False)
            rates["import_without_proposals"].append(took)
    figures = told(rates, options.products)
    print(json.dumps(figures | {"products": options.products, "import_added_mb": round(memory)}), flush=True)


def told(took: dict[str, list[Took]], products: int) -> dict[str, Any]:
    """Products a second by the clock and by CPU time, and ratios to the bare encoder of the same round."""
    out: dict[str, Any] = {}
    for name, times in took.items():
        out[f"{name}_per_s"] = round(statistics.median(products / t.clock for t in times), 2)
        out[f"{name}_per_cpu_s"] = round(statistics.median(products / t.cpu for t in times), 2)
    for name in ("import", "import_without_proposals"):
        pairs = list(zip(took[name], took["bare"], strict=True))
        out[f"{name}_over_bare"] = round(statistics.median(bare.clock / own.clock for own, bare in pairs), 3)
        out[f"{name}_over_bare_cpu"] = round(statistics.median(bare.cpu / own.cpu for own, bare in pairs), 3)
    return out


def written(
    folder: Path, demo: Path, base: list[Product], count: int, seed: int
) -> tuple[Path, list[Product]]:
    """A feed in JSON Lines, with its pictures beside it."""
    products = []
    with (folder / "feed.jsonl").open("w", encoding="utf-8") as out:
        for number in range(count):
            one = base[number % len(base)]
            name = f"{number}.webp"
            with Image.open(demo / one.images[0]) as picture:
                changed = picture.convert("RGB")
                changed.putpixel((0, 0), (number % 256, number // 256, seed))
                changed.save(folder / name, lossless=False, quality=90)
            made = one.model_copy(update={"id": f"X{number}", "images": [name], "pattern": None, "seen": {}})
            out.write(made.model_dump_json(exclude_computed_fields=True, exclude_none=True) + "\n")
            products.append(made)
    return folder / "feed.jsonl", products


def bare(folder: Path, products: list[Product]) -> Took:
    """The models alone; reading the pictures is part of both, since it cannot be left out."""
    eyes = Eyes.embedded()
    eyes.warm()
    start, worked = time.perf_counter(), time.process_time()
    for first in range(0, len(products), BATCH):
        part = products[first : first + BATCH]
        eyes.texts([embedded_text(p) for p in part])
        pictures = []
        for p in part:
            with Image.open(folder / p.images[0]) as picture:
                pictures.append(picture.convert("RGB"))
        eyes.images(pictures)
    return Took(time.perf_counter() - start, time.process_time() - worked)


def imported(feed: Path, data: Path, look: bool) -> tuple[Took, float]:
    """How long the import took, and the megabytes that it added at its most."""
    assistant = Assistant.open(Settings(data=data, model="offline"))
    assistant.eyes.warm()
    assistant.shop.count()
    own, most, over = psutil.Process(), 0, threading.Event()
    before = own.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not over.wait(0.05):
            most = max(most, own.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    start, worked = time.perf_counter(), time.process_time()
    result = assistant.import_feeds([feed], Wish(images=feed.parent, look=look))[0]
    took = Took(time.perf_counter() - start, time.process_time() - worked)
    over.set()
    watcher.join()
    assert result["refused"] == 0, result["errors"][:3]
    assistant.close()
    shutil.rmtree(data, ignore_errors=True)
    return took, max(0, most - before) / 1e6


if __name__ == "__main__":
    main()
