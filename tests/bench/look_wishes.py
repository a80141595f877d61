"""How many of random requests for looks break a wish: `python -m tests.bench.look_wishes SHOP [--count 1000]`.

Each asks for looks around one product, several or none, with a budget, sizes, a season or weather, refused colours,
patterns, materials and kinds, and so on (tests/outfit_requests.py). Prints each violation, then a line of JSON: how
many requests, how many had looks, how many looks, the violations.
"""

import argparse
import json
import random
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

from agent.assistant import Assistant
from agent.settings import Settings
from tests.outfit_requests import request, violations
from tools.match_outfit import styled


def measure(shop: Path, count: int, seed: int) -> dict[str, Any]:
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    catalogue = list(assistant.shop.all())
    by_id = {p.id: p for p in catalogue}
    rnd = random.Random(seed)
    sizes: Counter[int] = Counter()
    broken, told = 0, 0
    took = []
    for number in range(count):
        asked = request(rnd, catalogue)
        context = assistant.tool_context("desk", rnd.choice(["zh", "en"]))
        start = time.perf_counter()
        outfit = styled(context, asked)
        took.append((time.perf_counter() - start) * 1000)
        sizes[len(outfit.looks)] += 1
        told += bool(outfit.problem)
        for one in violations(asked, outfit, by_id):
            broken += 1
            print(f"{number}: {one}  {asked}")
    assistant.close()
    took.sort()
    return {
        "requests": count,
        "with_looks": count - sizes[0],
        "looks": sum(n * times for n, times in sizes.items()),
        "by_looks": dict(sorted(sizes.items())),
        "with_a_problem_told": told,
        "violations": broken,
        "ms": {"median": round(statistics.median(took), 1), "p95": round(took[int(0.95 * (count - 1))], 1)},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shop", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print(json.dumps(measure(args.shop, args.count, args.seed)))


if __name__ == "__main__":
    main()
