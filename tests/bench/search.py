"""Search quality and speed on a shop that is there already.

    python -m tests.bench.search DATA [--photos DIR]      DIR holds a folder of photos per category

Prints JSON: nDCG@6 of the graded queries per language, the share of nonsense that finds nothing, the share of photos
with a product of their category among the first five, and milliseconds per search without the models' work.
"""

import argparse
import json
import statistics
import time
from math import log2
from pathlib import Path
from typing import Any

import yaml

from perception.eyes import Eyes
from perception.photo import load_photo
from prompts import language, taxonomy
from store import evidence
from store.shop import Shop
from store.types import PhotoVectors, Product, Query

K = 6
QUERIES = Path(__file__).with_name("search_queries.yaml")


def grade(product: Product, query: dict[str, Any]) -> int:
    """2: what was asked for; 1: near to it."""
    for points, name in ((2, "want"), (1, "near")):
        wish = query.get(name)
        if wish and all(evidence.meets(product, a, tuple(values)) for a, values in wish.items()):
            return points
    return 0


def gain(grades: list[int]) -> float:
    return sum((2**g - 1) / log2(place + 2) for place, g in enumerate(grades))


def words(shop: Shop) -> dict[str, Any]:
    """nDCG@6 over the queries for which the shop has something, and how often nonsense found nothing."""
    products = list(shop.all())
    scores: dict[str, list[float]] = {"zh": [], "en": []}
    silent: list[bool] = []
    for query in yaml.safe_load(QUERIES.read_text(encoding="utf-8")):
        hits = shop.search(Query(text=query["q"], k=K)).hits
        if query.get("nothing"):
            silent.append(not hits)
            continue
        ideal = sorted((grade(p, query) for p in products), reverse=True)[:K]
        if ideal and ideal[0] == 2:
            scores[language.detect(query["q"])].append(
                gain([grade(h.product, query) for h in hits]) / gain(ideal)
            )
    return {
        "ndcg_at_6": {lang: round(statistics.fmean(s), 3) for lang, s in scores.items() if s},
        "queries": {lang: len(s) for lang, s in scores.items()},
        "nonsense_finds_nothing": round(statistics.fmean(silent), 3),
    }


def photos(shop: Shop, eyes: Eyes, folder: Path, most: int) -> dict[str, Any]:
    """The share of photos, `most` per category, with a product of that category among the first five."""
    first: list[bool] = []
    share: list[float] = []
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        for file in sorted(place.iterdir())[:most]:
            seen = eyes.vectors(load_photo(file.read_bytes()))
            hits = shop.search(Query(photo=PhotoVectors(image=seen.image, text=seen.text), k=5)).hits
            same = [taxonomy.is_a(h.product.category, place.name) for h in hits]
            first.append(any(same))
            share.append(sum(same) / max(1, len(same)))
    return {
        "in_first_5": round(statistics.fmean(first), 3),
        "of_first_5": round(statistics.fmean(share), 3),
        "photos": len(first),
    }


def speed(shop: Shop) -> dict[str, float]:
    """Milliseconds per search, the query's vector known already."""
    took = []
    for text in ("white shirt for work", "红色连衣裙"):
        for _ in range(20):
            start = time.perf_counter()
            shop.search(Query(text=text, where={"price": {"max": 100}}))
            took.append((time.perf_counter() - start) * 1000)
    took.sort()
    return {"median_ms": round(took[len(took) // 2], 1), "p95_ms": round(took[int(len(took) * 0.95)], 1)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--most", type=int, default=20, help="photos per category")
    args = parser.parse_args()
    eyes = Eyes.embedded()
    shop = Shop.open(args.data, eyes)
    figures: dict[str, Any] = {"products": shop.count(), **words(shop), "speed": speed(shop)}
    if args.photos:
        figures["photos"] = photos(shop, eyes, args.photos, args.most)
    print(json.dumps(figures, ensure_ascii=False))


if __name__ == "__main__":
    main()
