"""How search behaves as a shop grows: `make bench-store`.

    python -m tests.bench.store DEMO_SHOP [--sizes 1000 10000 100000] [--keep DIR]

Makes shops of each size out of a demo shop's records (other titles, colours, prices, brands, stock) whose vectors are
the real encoder's plus noise, and prints a line of JSON a size: milliseconds per search (median and 95th percentile,
the query's own vector known), milliseconds until the first search after opening, recall@10 of the vector index against
exact search, bytes of memory and of disk a product. `--keep` leaves the shops there and takes those that are there.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

os.environ.update({"OMP_NUM_THREADS": "2", "ANONYMIZED_TELEMETRY": "False"})

import numpy as np
import psutil

from perception.eyes import Eyes
from prompts import taxonomy
from store.products import Entry, Hashes
from store.search import DEEP
from store.shop import Shop
from store.types import Filters, Money, PhotoVectors, PriceRange, Product, Query, Size, Text

NOISE = 0.5  # length of the noise beside a vector of length 1: the variants of a design lie apart, near to one another
BATCH = 2000
WORDS = (
    "white shirt for work",
    "红色连衣裙",
    "trench coat",
    "保暖的外套",
    "floral midi dress",
    "牛仔裤",
    "running shoes",
    "帆布包",
)
K = 10
GRADED = Path(__file__).parents[1] / "data" / "search_graded.jsonl"  # sentences to look up vectors by
ASKED = 200


def made(base: Sequence[Product], count: int) -> Iterator[tuple[int, Product]]:
    """`count` products, each with the place of the one it was made from."""
    rnd = random.Random(7)
    colors = [c for c in taxonomy.values("color") if c != "multicolour"]
    brands = [f"{a} {b}" for a in ("Alder", "Brook", "Cove", "Dune", "Ember", "Fjord", "Grove", "Heath", "Isle", "June")
              for b in ("Works", "Studio", "Goods", "& Sons", "House", "Label")]  # fmt: skip
    for number in range(count):
        place = rnd.randrange(len(base))
        one = base[place]
        color = rnd.choice(colors)
        zh, en = taxonomy.word("color", color, "zh"), taxonomy.word("color", color, "en")
        price = Decimal(rnd.randrange(900, 30000)) / 100
        yield (
            place,
            one.model_copy(
                update={
                    "id": f"S{number:07}",
                    "title": Text(zh=f"{zh}{one.title.zh} {number}", en=f"{one.title.en} in {en} {number}"),
                    "colors": [color, *[c for c in one.colors if c != color]][:3],
                    "brand": rnd.choice(brands),
                    "price": Money(amount=price),
                    "sale_price": Money(amount=price * Decimal("0.8")) if rnd.random() < 0.2 else None,
                    "sizes": [Size(size=s.size, quantity=rnd.choice((0, 2, 5, 9))) for s in one.sizes],
                    "rating": round(rnd.uniform(3, 5), 1),
                    "rating_count": rnd.randrange(200),
                    "images": [],
                }
            ),
        )


def shaken(vector: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The vector with noise, of length 1 again."""
    noise = rng.normal(0, NOISE / np.sqrt(vector.size), vector.size)
    moved = (vector + noise).astype(np.float32)
    return moved / np.linalg.norm(moved)


def fill(folder: Path, base: Shop, eyes: Eyes, count: int) -> None:
    """Write a shop of `count` products, past the encoders."""
    rng = np.random.default_rng(7)
    records = list(base.all())
    spaces = {s: base._products.vectors(s, [p.id for p in records]) for s in ("text", "image", "shared")}
    shop = Shop.open(folder, eyes)
    with shop._change():
        entries: list[Entry] = []
        for place, product in made(records, count):
            own = {s: shaken(spaces[s][records[place].id], rng) for s in spaces}
            entries.append(
                Entry(
                    product, own["text"], own["image"], own["shared"], Hashes("x", "x", product.fingerprint)
                )
            )
            if len(entries) == BATCH:
                _write(shop, entries)
                entries = []
        _write(shop, entries)
    shop.close()


def _write(shop: Shop, entries: Sequence[Entry]) -> None:
    shop._products.put(entries)
    shop._lexicon.put([e.product for e in entries])


class Remembering:
    """The eyes, with every sentence encoded once: what is measured is the search."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._texts: dict[str, np.ndarray] = {}
        self.signature = eyes.signature

    def texts(self, texts: list[str]) -> np.ndarray:
        for text in texts:
            if text not in self._texts:
                self._texts[text] = self._eyes.texts([text])[0]
        return np.stack([self._texts[text] for text in texts])

    def images(self, images: list[Any]) -> tuple[np.ndarray, np.ndarray]:
        return self._eyes.images(images)


def queries(shop: Shop, rnd: random.Random) -> dict[str, list[Query]]:
    """What is asked, by kind: words, words under conditions that many meet or few, words that speak of something else
    than the conditions, a photo, conditions alone, an order alone."""
    some = rnd.sample(shop.ids(), 20)
    photos = [shop.vectors_of(i) or PhotoVectors(image=[], text=[]) for i in some]
    under = [Filters(price=PriceRange(max=Decimal(m))) for m in (60, 80, 120)]
    hers = Filters(in_stock=True, gender=["women"])
    dresses = Filters(category=["dress"], color=["red", "navy"])
    few = Filters(category=["shoes"], color=["white"], size=["38"], price=PriceRange(max=Decimal(90)))
    return {
        "words": [Query(text=t, k=K) for t in WORDS],
        "words_where": [Query(text=t, k=K, where=w) for t in WORDS for w in (*under, hers)],
        "words_among_few": [
            *(Query(text=t, k=K, where=dresses) for t in ("红色连衣裙", "floral midi dress", "silk dress")),
            *(Query(text=t, k=K, where=few) for t in ("running shoes", "白色运动鞋", "comfortable flats")),
        ],
        "words_against": [Query(text=t, k=K, where=dresses) for t in ("牛仔裤", "running shoes", "帆布包")],
        "photo": [Query(photo=p, k=K) for p in photos],
        "photo_where": [Query(photo=p, k=K, where=under[1]) for p in photos],
        "where": [Query(where=w, k=K) for w in (*under, dresses, Filters(category=["shoes"], size=["42"]))],
        "order": [Query(k=K, sort=s) for s in ("price_asc", "rating", "discount", "relevance")],
    }  # fmt: skip


def measure(folder: Path) -> dict[str, Any]:
    """The figures of one shop; in a process of its own, so that memory is this shop's alone."""
    eyes = Eyes.embedded()
    seen = Remembering(eyes)
    seen.texts(list(WORDS))
    process = psutil.Process()
    before = process.memory_info().rss
    start = time.perf_counter()
    shop = Shop.open(folder, seen)  # type: ignore[arg-type]
    opened = time.perf_counter() - start
    start = time.perf_counter()
    shop.search(Query(text=WORDS[0], where=Filters(in_stock=True), k=K))
    first = time.perf_counter() - start
    times: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    rnd = random.Random(3)
    asked = queries(shop, rnd)
    for kind, every in asked.items():
        for query in every:
            shop.search(query)
        rounds = max(2, 60 // len(every))
        took, work = times.setdefault(kind, []), cpu.setdefault(kind, [])
        for _ in range(rounds):
            for query in every:
                start, worked = time.perf_counter(), time.process_time()
                shop.search(query)
                took.append((time.perf_counter() - start) * 1000)
                work.append((time.process_time() - worked) * 1000)
    count = shop.count()
    disk = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
    found = {
        "products": count,
        "open_ms": round(opened * 1000),
        "first_search_ms": round(first * 1000),
        "ms": {kind: _spread(took) for kind, took in times.items()},
        "all": _spread([t for took in times.values() for t in took]),
        "cpu_ms": {
            kind: _spread(work) for kind, work in cpu.items()
        },  # where others work beside: all cores together
        "all_cpu": _spread([t for work in cpu.values() for t in work]),
        "memory_per_product": round((process.memory_info().rss - before) / count),
        "disk_per_product": round(disk / count),
        "recall_at_10": recall(shop, seen),
    }
    shop.close()
    return found


def _spread(took: list[float]) -> dict[str, float]:
    took = sorted(took)
    return {"median": round(statistics.median(took), 1), "p95": round(took[int(0.95 * (len(took) - 1))], 1)}


def sentences() -> list[str]:
    """ASKED queries that people might write."""
    said = dict.fromkeys(
        json.loads(line)["query"] for line in GRADED.read_text(encoding="utf-8").splitlines()
    )
    return random.Random(5).sample([text for text in said if text.strip()], ASKED)


def recall(shop: Shop, eyes: Remembering) -> dict[str, float]:
    """The share of the exact ten nearest that the index finds, by space: of queries that people might write, and of
    products' pictures."""
    ids = shop.ids()
    out = {}
    for space in ("text", "image"):
        rows = shop._products.vectors(space, ids)
        names, matrix = list(rows), np.stack(list(rows.values()))
        asked = (
            [eyes.texts([t])[0] for t in sentences()]
            if space == "text"
            else [rows[i] for i in random.Random(5).sample(names, ASKED)]
        )
        shares = []
        for vector in asked:
            cosines = matrix @ vector
            exact = {names[i] for i in np.argsort(-cosines)[:K]}
            near = list(shop._products.nearest(space, vector, DEEP))[:K]  # as deep as search asks
            shares.append(len(exact & set(near)) / K)
        out[space] = round(statistics.fmean(shares), 3)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.demo)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        place = args.keep or Path(scratch)
        for size in args.sizes:
            folder = place / str(size)
            if not folder.exists():
                eyes = Eyes.embedded()
                start = time.perf_counter()
                fill(folder, Shop.open(args.demo, eyes), eyes, size)
                print(f"made {folder} in {time.perf_counter() - start:.0f} s", file=sys.stderr)
            command = [sys.executable, "-m", "tests.bench.store", str(folder), "--measure"]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True
            )


if __name__ == "__main__":
    main()
