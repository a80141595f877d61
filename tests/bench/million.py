"""The two indexes of a shop of a million, each by itself: what a search looks up in them, and what they take.

    python -m tests.bench.million DEMO_SHOP [--count 1000000] [--keep DIR] [--only vectors words]

A whole shop of a million takes hours to fill (tests/bench/store.py); these two take minutes. The index of vectors is
the product store's own, of `--space`: the demo's vectors plus noise, put in by the thousand. The index of words is the
store's own as well, over the records that tests/bench/store.py makes. Prints a line of JSON each: how long it took to
fill, milliseconds a look-up (CPU and waiting), recall@10 against exact search, bytes of memory and of disk a product.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from perception.eyes import Eyes
from store.chroma import Collections
from store.lexical import Lexicon
from store.part import Whole
from store.products import Products
from store.reading import Reading, Speller
from store.search import DEEP
from store.shop import Shop
from store.types import Query
from tests.bench.store import ASKED, NOISE, WORDS, K, _spread, made, sentences

AT_ONCE = 5000  # of the 5461 that Chroma takes
SPACES = ("text", "image", "shared")
BOUND = 8000  # hundredths: what a third of the made products costs less than


def vectors(base: np.ndarray, count: int, seed: int = 7) -> Iterator[np.ndarray]:
    """`count` vectors of length 1 in parts, each one of `base` (n, d) plus noise; the same for the same seed."""
    rng = np.random.default_rng(seed)
    for start in range(0, count, AT_ONCE):
        size = (min(AT_ONCE, count - start), base.shape[1])
        part = base[rng.integers(0, len(base), size[0])]
        part = part + rng.standard_normal(size, np.float32) * np.float32(NOISE / np.sqrt(size[1]))
        yield part / np.linalg.norm(part, axis=1, keepdims=True)


def name(place: int) -> str:
    return f"S{place:07}"


def fill_vectors(folder: Path, base: np.ndarray, count: int, space: str) -> None:
    index = Collections(folder, [space])
    done = 0
    for part in vectors(base, count):
        ids = [name(done + i) for i in range(len(part))]
        index.ask(space, "upsert", ids=ids, embeddings=list(part))
        done += len(part)
        if done % 100_000 == 0:
            print(f"{done} vectors", file=sys.stderr, flush=True)


def fill_words(folder: Path, demo: Shop, count: int) -> None:
    lexicon = Lexicon(folder / "lexical.sqlite")
    lexicon.begin()
    products = (product for _, product in made(list(demo.all()), count))
    while part := list(islice(products, AT_ONCE)):
        lexicon.put(part)
    lexicon.finish()
    lexicon.close()


def timed(work: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of CPU, of all cores, and of waiting."""
    start, worked = time.perf_counter(), time.process_time()
    work()
    return (time.process_time() - worked) * 1000, (time.perf_counter() - start) * 1000


def figures(works: list[Callable[[], Any]]) -> dict[str, Any]:
    for work in works:
        work()
    pairs = [timed(work) for _ in range(max(2, 100 // len(works))) for work in works]
    return {"cpu_ms": _spread([cpu for cpu, _ in pairs]), "ms": _spread([ms for _, ms in pairs])}


def measure_vectors(folder: Path, base: np.ndarray, count: int, space: str) -> dict[str, Any]:
    """What looking up the DEEP nearest costs, and how many of the exact K nearest are the first K found."""
    asked = next(vectors(base, ASKED, seed=11))  # none of those in the index
    process = psutil.Process()
    before = process.memory_info().rss
    products = Products(folder)
    if space == "text":
        asked = np.concatenate([asked, Eyes.embedded().texts(sentences())])
        before = process.memory_info().rss
    _, first = timed(lambda: products.nearest(space, asked[0], DEEP))
    found = [list(products.nearest(space, vector, DEEP))[:K] for vector in asked]
    took = figures([lambda v=v: products.nearest(space, v, DEEP) for v in asked[-100:]])  # type: ignore[misc]
    memory = process.memory_info().rss - before
    best = np.full((len(asked), K), -1.0, np.float32)
    place = np.zeros((len(asked), K), np.int64)
    done = 0
    for part in vectors(base, count):
        cosines = np.concatenate([best, asked @ part.T], axis=1)
        places = np.concatenate([place, np.tile(np.arange(done, done + len(part)), (len(asked), 1))], axis=1)
        top = np.argpartition(-cosines, K, axis=1)[:, :K]
        best, place = np.take_along_axis(cosines, top, 1), np.take_along_axis(places, top, 1)
        done += len(part)
    shares = [len({name(i) for i in row} & set(near)) / K for row, near in zip(place, found, strict=True)]
    return {
        "index": "vectors",
        "space": space,
        "vectors": count,
        "first_ms": round(first),
        **took,
        "recall_at_10": round(float(np.mean(shares[:ASKED])), 4),
        **(
            {"recall_at_10_of_sentences": round(float(np.mean(shares[ASKED:])), 4)} if space == "text" else {}
        ),
        "memory_per_vector": round(memory / count),
        "disk_per_vector": round(disk(folder) / count),
    }


def measure_words(folder: Path) -> dict[str, Any]:
    """What it costs to find the products that match a query's words, all and among those under a price."""
    process = psutil.Process()
    before = process.memory_info().rss
    lexicon = Lexicon(folder / "lexical.sqlite")
    speller = Speller(lexicon)
    _, first = timed(lambda: speller(WORDS[0]))
    readings = [Reading.of(Query(text=text), speller(text)) for text in WORDS]
    ids, rows = lexicon.numbers()
    whole = Whole(ids, lexicon.row_numbers)
    cold = [timed(lambda r=r: lexicon.match(r.words, whole.every, r.same))[0] for r in readings]  # type: ignore[misc]
    took = figures([lambda r=r: lexicon.match(r.words, whole.every, r.same) for r in readings])  # type: ignore[misc]
    spelt = figures([lambda t=t: speller(t) for t in WORDS])  # type: ignore[misc]
    cheap = whole.part(rows[:, 0] <= BOUND)
    under = figures([lambda r=r: lexicon.match(r.words, cheap, r.same) for r in readings])  # type: ignore[misc]
    count = lexicon.products()
    return {
        "index": "words",
        "products": count,
        "first_ms": round(first),
        "all": took,
        "words_never_asked_for_ms": _spread(cold[1:]),  # the first one also makes the lists
        "spelling": spelt,
        "under_a_price": {**under, "products": len(cheap)},
        "memory_per_product": round((process.memory_info().rss - before) / count),
        "disk_per_product": round(disk(folder) / count),
    }


def disk(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", type=Path)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--space", choices=SPACES, default="text")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only", nargs="+", choices=("vectors", "words"), default=("vectors", "words"))
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    demo = Shop.open(args.demo, Eyes.embedded())
    base = np.stack(list(demo._products.vectors(args.space, demo.ids()).values()))
    if args.measure:
        index = args.only[0]
        print(
            json.dumps(
                measure_vectors(args.measure, base, args.count, args.space)
                if index == "vectors"
                else measure_words(args.measure)
            )
        )
        return
    with tempfile.TemporaryDirectory() as scratch:
        for index in args.only:
            folder = (args.keep or Path(scratch)) / f"{args.count}-{index}"
            if not folder.exists():
                start, worked = time.perf_counter(), time.process_time()
                if index == "vectors":
                    fill_vectors(folder, base, args.count, args.space)
                else:
                    fill_words(folder, demo, args.count)
                took, work = time.perf_counter() - start, time.process_time() - worked
                print(f"made {folder} in {took:.0f} s, {work:.0f} s of CPU", file=sys.stderr, flush=True)
            # in a process of its own, so that memory is this index's alone
            command = [sys.executable, "-m", "tests.bench.million", str(args.demo), "--measure", str(folder)]
            command += ["--only", index, "--count", str(args.count), "--space", args.space]
            print(
                subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip(), flush=True
            )


if __name__ == "__main__":
    main()
