"""`daogou tune --orders`: a shop's orders → which products are bought together, measured, kept only if it helps.

Item to item by BM25 weighted overlap of their orders (the package implicit), less where few orders say so. Measured on
orders held out: one product of each is hidden, and looked for among the ten that the rest of the order suggests;
the best sellers are what it has to beat.
"""

import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agent.errors import BadOrders, TooFewOrders
from store import baskets
from store.together import Together

if TYPE_CHECKING:
    from store.shop import Shop

Progress = Callable[[int, int, str], None]
LEAST = 100  # orders of two products or more; of fewer nothing could be held out to measure with
NEAR = 20  # kept of each product
DAMPED = 2.0  # orders: a pair that n orders hold counts n / (n + DAMPED)
MOST_ASKED = 1000
K, DRAWS = 10, 1000
Near = dict[str, list[tuple[str, float]]]


def tune(shop: "Shop", path: Path, seed: int, progress: Progress) -> dict[str, Any]:
    """Learn from the orders in a file and keep what was learned if it foresees more than the best sellers do; the
    figures, `kept` among them. Raises BadOrders, TooFewOrders, NotKept."""
    began = time.monotonic()
    progress(0, 3, "reading")
    try:
        found = baskets.read(path, frozenset(shop.ids()))
    except baskets.OrdersError as error:
        raise BadOrders(reason=str(error)) from error
    several = [basket for basket in found.baskets if len(basket) > 1]
    if len(several) < LEAST:
        raise TooFewOrders(found=len(several), least=LEAST, rows=found.rows)
    progress(1, 3, "learning")
    chance = random.Random(seed)
    held = set(chance.sample(range(len(several)), min(MOST_ASKED, len(several) // 5)))
    learned = [basket for at, basket in enumerate(several) if at not in held]
    figures = _measured([several[at] for at in sorted(held)], learned, chance)
    better = figures["gain"]["interval"][0] > 0
    progress(2, 3, "keeping")
    told: dict[str, Any] = {
        "rows": found.rows,
        "orders": len(found.baskets),
        "several": len(several),
        "unusable": found.unusable,
        "unknown": found.unknown,
        "left_out": [vars(row) for row in found.left_out[:20]],
        "held_out": len(held),
        **figures,
        "kept": better,
    }
    if better:
        near = together(several)
        sold = Counter(i for basket in found.baskets for i in basket)
        notes = {"made": datetime.now(UTC).isoformat(timespec="seconds"), "orders": str(len(found.baskets))}
        Together(shop.data_dir).keep(_lines(near), sold, notes)
        told["pairs"] = sum(map(len, near.values()))
    progress(3, 3, "keeping")
    return {**told, "seconds": round(time.monotonic() - began, 1)}


def together(baskets: Sequence[frozenset[str]]) -> Near:
    """For each product the NEAR bought with it the most, with how often, 0..1 of the most that any two are."""
    from implicit.nearest_neighbours import BM25Recommender
    from scipy.sparse import csr_matrix

    ids = sorted({i for basket in baskets for i in basket})
    place = {i: at for at, i in enumerate(ids)}
    rows = np.repeat(np.arange(len(baskets)), [len(b) for b in baskets])
    columns = np.array([place[i] for basket in baskets for i in sorted(basket)])
    bought = csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), (len(baskets), len(ids)))
    model = BM25Recommender(K=NEAR + 1, num_threads=1)
    with warnings.catch_warnings():  # of its own matrices, that they are not in the form it likes best
        warnings.simplefilter("ignore")
        model.fit(bought, show_progress=False)
    counts = (bought.T @ bought).tocsr()
    found: dict[int, list[tuple[int, float]]] = {}
    others, weights = model.similar_items(np.arange(len(ids)), N=NEAR + 1)
    for at in range(len(ids)):
        for other, weight in zip(others[at], weights[at], strict=True):
            times = float(counts[at, other]) if other >= 0 and other != at and weight > 0 else 0.0
            if times:
                found.setdefault(at, []).append((int(other), float(weight) * times / (times + DAMPED)))
    most = max((w for near in found.values() for _, w in near), default=1.0)
    return {
        ids[at]: sorted(((ids[o], w / most) for o, w in near), key=lambda n: -n[1])
        for at, near in found.items()
    }


def _lines(near: Near) -> Iterator[tuple[str, str, float]]:
    return ((product, other, often) for product, others in near.items() for other, often in others)


def _measured(
    asked: Sequence[frozenset[str]], learned: Sequence[frozenset[str]], chance: random.Random
) -> dict[str, Any]:
    """Hit rates at K of what is bought together and of the best sellers, and the gain with its 95 % interval."""
    near = together(learned)
    best = [i for i, _ in Counter(i for basket in learned for i in basket).most_common()]
    ours, theirs = [], []
    for basket in asked:
        hidden = chance.choice(sorted(basket))
        rest = basket - {hidden}
        worth: Counter[str] = Counter()
        for product in rest:
            for other, often in near.get(product, ()):
                worth[other] += often  # type: ignore[assignment]
        ranked = [i for i, _ in worth.most_common() if i not in rest][:K]
        ours.append(float(hidden in ranked))
        theirs.append(float(hidden in [i for i in best if i not in rest][:K]))
    gains = np.array(ours) - np.array(theirs)
    drawn = np.random.default_rng(0).integers(0, len(gains), (DRAWS, len(gains)))
    low, high = np.quantile(gains[drawn].mean(axis=1), [0.025, 0.975])
    return {
        "hit_rate": round(float(np.mean(ours)), 4),
        "best_sellers": round(float(np.mean(theirs)), 4),
        "gain": {
            "mean": round(float(gains.mean()), 4),
            "interval": [round(float(low), 4), round(float(high), 4)],
        },
        "k": K,
    }
