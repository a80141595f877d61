"""How long looks take in a shop, and how near they come to trying every combination: part of `make bench`.

    python -m tests.bench.looks DEMO_SHOP [--products 100000] [--keep DIR] [--count 200]

Makes a shop of that size as tests/bench/store.py does (with `--products 0` the demo shop itself is measured) and prints
a line of JSON: milliseconds of the first look after opening, of looks warm (around products, for occasions, with
budgets, sizes, colours refused; all of it, cards included), in the same breath of the usual recipe's retrieval alone
(one filtered vector query of Chroma a slot, no look built), and what a beam search gives of what trying all
combinations of the same pieces gives: the share of the best score, and how much longer all combinations take.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from itertools import product
from pathlib import Path
from typing import Any

os.environ.update({"OMP_NUM_THREADS": "2", "ANONYMIZED_TELEMETRY": "False"})

from agent.assistant import Assistant
from agent.settings import Settings
from perception.eyes import Eyes
from prompts import taxonomy
from store.embedder import signature
from store.shop import MODEL, Shop
from store.types import Filters, Product
from tests.bench.store import fill
from tools.match_outfit import Asked, styled
from tools.styling.candidates import Candidate, candidate, prepared
from tools.styling.compose import BODY, Composer
from tools.styling.ideas import plain
from tools.styling.looks import _Stylist
from tools.styling.piece import Piece, table
from tools.styling.wish import Wish

OCCASIONS = ("work", "interview", "wedding", "party", "date", "everyday", "travel", "beach", "sport")
FEW = 7  # candidates a slot of which all combinations are tried


def requests(shop: Shop, count: int, seed: int = 3) -> list[Asked]:
    rnd = random.Random(seed)
    some = shop.get_many(rnd.sample(shop.ids(), 4 * count))
    worn = iter([p for p in some if Piece(p.category).slot and p.in_stock])
    out = []
    for number in range(count):
        where: dict[str, Any] = {"gender": [rnd.choice(["women", "men"])]} if number % 2 else {}
        if rnd.random() < 0.4:
            where["not"] = {"color": rnd.sample(taxonomy.values("color"), 2)}
        if rnd.random() < 0.3:
            where["size"] = [rnd.choice("SML")]
        out.append(
            Asked(
                product=None if number % 2 else next(worn).id,
                occasions=(rnd.choice(OCCASIONS),) if number % 2 else (),
                where=Filters.model_validate(where),
                budget=rnd.choice([None, 150, 300, 600]) if number % 2 else None,
                season=rnd.choice([None, None, "summer", "winter"]) if number % 2 else None,
            )
        )
    return out


def timed(work: Any) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def spread(took: list[float]) -> dict[str, float]:
    took = sorted(took)
    return {"median": round(statistics.median(took), 1), "p95": round(took[int(0.95 * (len(took) - 1))], 1)}


def usual_recipe(shop: Shop, vector: Any, person: str) -> None:
    """What is nearest to a text, of each slot: a filtered query of the vector store each."""
    for kinds in table("looks")["slots"].values():
        tests = [
            {"category": {"$contains": kinds[0]}},
            {"in_stock": True},
            {"gender": {"$in": [person, "unisex"]}},
        ]
        shop._products._collections.ask(
            "text",
            "query",
            query_embeddings=[vector],
            n_results=10,
            where={"$and": tests},
            include=["documents"],
        )


def exhaustive(shop: Shop, anchor: Product) -> tuple[float, float, float] | None:
    """(share of the best score, ms of the beam, ms of all combinations) of one look around a product."""
    stylist = _Stylist(shop, Wish(must=(prepared(anchor),)))
    own = candidate(prepared(anchor))
    if own is None or own.slot not in BODY | {"shoes", "outer"}:
        return None
    slots = [s for s in ("top", "bottom", "outer", "shoes") if s != own.slot]
    stylist._fill(set(slots))
    full = stylist._composer()
    idea = plain("separates", [[own.slot, *slots]])
    few: dict[str, tuple[Candidate, ...]] = {
        s: tuple(c for c, _ in full._seen(idea, s, (), False, ())[:FEW]) for s in slots
    }
    composer = Composer(few, [own], stylist.need, stylist.pairs, stylist.judged)
    found = []
    beam = timed(lambda: found.append(composer.best(idea, strict=False)))
    best = [0.0]

    def every() -> None:
        for chosen in product(*few.values()):
            pieces = (own, *chosen)
            if len({p.piece.gender for p in pieces} - {None, "unisex"}) > 1:
                continue
            seasons = [p.piece.season for p in pieces if p.piece.season]
            if any(p.covers & {q.slot for q in pieces} for p in pieces):
                continue
            if seasons and not frozenset.intersection(*seasons):
                continue
            fit = statistics.fmean(idea.fit(c, stylist.need) for c in chosen)
            share = float(table("looks")["search"]["fit_share"])
            best[0] = max(best[0], (1 - share) * stylist.judged(pieces) + share * fit)

    all_of_it = timed(every)
    if not found or found[0] is None or not best[0]:
        return None
    return found[0].quality / best[0], beam, all_of_it


def measure(folder: Path, count: int) -> dict[str, Any]:
    assistant = Assistant.open(Settings(data=folder, model="offline"))
    shop = assistant.shop
    asked = requests(shop, count)
    context = assistant.tool_context("bench", "en")
    first = timed(lambda: styled(context, asked[1]))
    assistant.warm()  # as a served shop is
    looked: list[int] = []
    for one in requests(shop, max(20, count // 4), seed=5):  # others than those measured
        looked.append(len(styled(context, one).looks))
    vectors = list(shop._products.vectors("text", shop.ids()[:50]).values())
    ours, usual = [], []
    for number, one in enumerate(asked):
        ours.append(timed(lambda one=one: looked.append(len(styled(context, one).looks))))  # type: ignore[misc]
        if number % 10 == 0:
            vector = vectors[number // 10 % len(vectors)]
            usual.append(timed(lambda v=vector: usual_recipe(shop, v, "women")))  # type: ignore[misc]
    rnd = random.Random(9)
    anchors = [p for p in shop.get_many(rnd.sample(shop.ids(), 120)) if Piece(p.category).slot and p.in_stock]
    tried = [t for p in anchors[:40] if (t := exhaustive(shop, p)) is not None]
    number_of = shop.count()
    assistant.close()
    return {
        "products": number_of,
        "first_ms": round(first),
        "ms": spread(ours),
        "looks": round(statistics.fmean(looked), 2),
        "usual_retrieval_ms": spread(usual),
        "over_usual_retrieval": round(statistics.median(ours) / statistics.median(usual), 2),
        "beam": {
            "n": len(tried),
            "share_of_best": {
                "mean": round(statistics.fmean(t[0] for t in tried), 4),
                "least": round(min(t[0] for t in tried), 4),
            },
            "all_combinations_take": round(statistics.median(t[2] / t[1] for t in tried), 1),
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("demo", type=Path)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.demo
        if args.products:
            folder = (args.keep or Path(scratch)) / str(args.products)
            if not folder.exists():
                eyes = Eyes.embedded()
                start = time.perf_counter()
                fill(folder, Shop.open(args.demo, eyes), eyes, args.products)
                made = Shop.open(folder, eyes)
                made._notes.keep(
                    MODEL, signature(eyes)
                )  # or every picture, of which there is none, is looked at again
                made.close()
                print(f"made {folder} in {time.perf_counter() - start:.0f} s", file=sys.stderr)
        print(json.dumps({"looks": measure(folder, args.count)}), flush=True)


if __name__ == "__main__":
    main()
