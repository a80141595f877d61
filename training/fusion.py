"""Make store/fusion.json: what each kind of evidence weighs in search, chosen on the tuned half of the graded queries.

    python -m training.fusion DEMO_SHOP [--write]

Every tuned query is searched once and what was weighed is kept; the order is then made again under other weights, one
weight moved at a time as long as the mean NDCG@10 grows. The held-out half is never read. The photo's weights are left
as they are: these queries have none.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.assistant import Assistant
from agent.settings import Settings
from store import ranking as fusing
from store.ranking import Candidate
from store.reading import Reading
from store.relax import Allowed
from store.search import Search
from store.types import Query
from tests.graded import GRADED
from ui.evals import ranking

FREE = ("lexical", "text", "attributes", "pictured")
STEPS = (0.5, 0.7, 0.85, 1.18, 1.4, 2.0)
WORTH = 0.0005  # a smaller gain is no reason to move


@dataclass
class Weighed:
    """One list that a search weighed: everything that its order is made of."""

    query: Query
    reading: Reading
    allowed: Allowed
    candidates: list[Candidate]


@dataclass
class Kept:
    """A graded query and the lists of the search that answered it: those that meet everything, then the nearest."""

    graded: ranking.Graded
    lists: list[Weighed] = field(default_factory=list)


def keep(assistant: Assistant, queries: Sequence[ranking.Graded]) -> list[Kept]:
    """Search every query once."""
    engine: Search = assistant.shop._search
    weighed: list[Weighed] = []
    candidates, call = engine._candidates, type(engine).__call__

    def keeping(query: Query, reading: Reading, allowed: Allowed) -> list[Candidate]:
        found = candidates(query, reading, allowed)
        weighed.append(Weighed(query, reading, allowed, found))
        return found

    def calling(self: Search, query: Query) -> Any:
        weighed.clear()  # a second search is made where the first, among adults' clothes, found nothing
        return call(self, query)

    engine._candidates = keeping  # type: ignore[method-assign]
    type(engine).__call__ = calling  # type: ignore[method-assign]
    out = []
    for graded in queries:
        weighed.clear()
        assistant.search(graded.query, k=ranking.K)
        out.append(Kept(graded, list(weighed)))
    engine._candidates, type(engine).__call__ = candidates, call  # type: ignore[method-assign]
    return out


def order(engine: Search, kept: Kept) -> list[str]:
    """The products found, under the weights of the moment."""
    found: list[Candidate] = []
    for weighed in kept.lists:
        for candidate in weighed.candidates:
            candidate.score = fusing.fused(candidate)
        relevant = engine._relevant(weighed.candidates, weighed.query, weighed.reading)
        listing = not weighed.reading.text
        ordered = fusing.order(relevant, weighed.query, listing)
        if weighed.query.sort == "relevance":
            ordered = fusing.spread(ordered, ranking.K)[: ranking.K]
            ordered.sort(key=lambda c: not c.product.in_stock)
        found += ordered[: ranking.K - len(found)]
    return [c.product.id for c in found]


def quality(engine: Search, every: Sequence[Kept]) -> float:
    """Mean NDCG@10."""
    return statistics.fmean(ranking.ndcg(order(engine, kept), kept.graded.grades) for kept in every)


def choose(engine: Search, every: Sequence[Kept]) -> tuple[dict[str, float], float, float]:
    """The weights, and the quality before and after."""
    weights = fusing.WEIGHTS
    before = best = quality(engine, every)
    moved = True
    while moved:
        moved = False
        for name in FREE:
            held = weights[name]
            tried = []
            for step in STEPS:
                weights[name] = held * step
                tried.append((quality(engine, every), weights[name]))
            top, value = max(tried)
            moved |= top > best + WORTH
            weights[name] = value if top > best + WORTH else held
            best = max(best, top) if top > best + WORTH else best
    whole = sum(weights[name] for name in FREE)
    return weights | {name: round(1.3 * weights[name] / whole, 3) for name in FREE}, before, best


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    assistant = Assistant.open(Settings(data=args.data))
    queries = [query for query in ranking.read(GRADED, "tuned") if query.grades]
    every = keep(assistant, queries)
    weights, before, after = choose(assistant.shop._search, every)
    print(
        json.dumps(
            {"queries": len(every), "before": round(before, 4), "after": round(after, 4), "weights": weights}
        )
    )
    if args.write:
        file = Path(fusing.__file__).with_name("fusion.json")
        file.write_text(json.dumps(weights, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
