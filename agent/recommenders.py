"""The ways of recommending that `daogou eval recommend` holds against each other, each behind the same call.

`daogou`            what every door recommends, with its one place for something else
`popular`           what most other shoppers chose
`photo_vectors`     the nearest pictures to that of the last product chosen, by the eyes' vectors
`raw_pixels`        the same over raw pixels, by Euclidean distance: scikit-learn's NearestNeighbors as it comes
`one_taste`         daogou with all that was chosen as one taste in the place of several
`no_negatives`      daogou without what was disliked, passed or taken out of the cart
`one_average`       the nearest places to the average of all that was chosen: one vector and nothing else
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agent.rankers import pixels
from store.reactions import Reaction
from store.types import Filters
from tools.goods import goods
from tools.recommend import Wanted, ranked
from tools.taste import taste

if TYPE_CHECKING:
    from agent.assistant import Assistant


class Did(NamedTuple):
    """(product, action, when): when None, in the order given."""

    product: str
    action: str
    at: datetime | None = None


Recommender = Callable[[Sequence[Did], int], list[str]]  # (what was done, k) → ids, best first
CHOSEN = frozenset({"viewed", "asked", "liked", "added", "bought"})
_AGAINST = frozenset({"disliked", "passed", "removed"})


def open_to(assistant: "Assistant") -> list[str]:
    """Ids of what can be recommended at all: in stock, and for adults in a shop that has that."""
    adults = assistant.shop.ids(Filters(in_stock=True, age_group=["adult"]))
    return adults or assistant.shop.ids(Filters(in_stock=True))


def recommenders(
    assistant: "Assistant", counted: Mapping[str, int], ablations: bool = True
) -> dict[str, Recommender]:
    """By name. `counted`: by how many shoppers each product was chosen. None of them recommends what was done
    something to, nor what nobody can buy."""
    allowed = open_to(assistant)
    found: dict[str, Recommender] = {
        "daogou": _ours(assistant, allowed),
        "popular": _by_order(sorted(allowed, key=lambda i: (-counted.get(i, 0), i))),
        "photo_vectors": _last_in(assistant, allowed, assistant.shop.vectors("image", allowed), cosine=True),
        "raw_pixels": _last_in(assistant, allowed, _pixels(assistant, allowed), cosine=False),
    }
    if ablations:
        found |= {
            "one_taste": _ours(assistant, allowed, most=1),
            "no_negatives": _ours(assistant, allowed, negatives=False),
            "one_average": _average(assistant, allowed),
        }
    return found


def reactions(done: Sequence[Did]) -> list[Reaction]:
    """What was done as the tools know it; without a time all of it counts as new."""
    return [
        Reaction.model_validate({"product": d.product, "action": d.action, **({"at": d.at} if d.at else {})})
        for d in done
    ]


def _ours(
    assistant: "Assistant", allowed: Sequence[str], most: int | None = None, negatives: bool = True
) -> Recommender:
    held = goods(assistant.shop, assistant.together)

    def best(done: Sequence[Did], k: int) -> list[str]:
        told = [d for d in done if negatives or d.action not in _AGAINST]
        last = max((d.at for d in done if d.at), default=None)
        mine = taste(held, reactions(told), now=last, most=most)
        touched = {d.product for d in done}
        chosen, _ = ranked(mine, [i for i in allowed if i not in touched], Wanted(k=k), str(len(done)))
        return [one.product.id for one in chosen]

    return best


def _by_order(order: Sequence[str]) -> Recommender:
    def best(done: Sequence[Did], k: int) -> list[str]:
        touched = {d.product for d in done}
        return [i for i in order if i not in touched][:k]

    return best


def _last_in(
    assistant: "Assistant", allowed: Sequence[str], rows: Mapping[str, np.ndarray], cosine: bool
) -> Recommender:
    """The nearest to the last product chosen that has a row."""
    ids = [i for i in allowed if i in rows]
    every = dict(rows) | _missing(assistant, rows, cosine)
    matrix = np.stack([rows[i] for i in ids]).astype(np.float32) if ids else np.zeros((0, 1), np.float32)
    if cosine:
        matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)

    def best(done: Sequence[Did], k: int) -> list[str]:
        touched = {d.product for d in done}
        last = next((d.product for d in reversed(done) if d.action in CHOSEN and d.product in every), None)
        if last is None or not ids:
            return []
        if cosine:
            near = -(matrix @ (every[last] / max(float(np.linalg.norm(every[last])), 1e-9)))
        else:
            near = np.linalg.norm(matrix - every[last], axis=1)
        order = np.argsort(near, kind="stable")
        return [ids[i] for i in order if ids[i] not in touched][:k]

    return best


def _missing(assistant: "Assistant", rows: Mapping[str, np.ndarray], cosine: bool) -> dict[str, np.ndarray]:
    """Of the products that cannot be recommended, but may have been chosen."""
    others = [i for i in assistant.shop.ids() if i not in rows]
    return assistant.shop.vectors("image", others) if cosine else _pixels(assistant, others)


def _pixels(assistant: "Assistant", ids: Sequence[str]) -> dict[str, np.ndarray]:
    found: dict[str, np.ndarray] = {}
    for product in assistant.products(ids):
        picture = assistant.shop.look_at(product.images[0]) if product.images else None
        if picture is not None:
            found[product.id] = pixels(picture)
    return found


def _average(assistant: "Assistant", allowed: Sequence[str]) -> Recommender:
    held = goods(assistant.shop, assistant.together)
    ids = [i for i in allowed if i in held.index]
    rows = held.place[[held.index[i] for i in ids]]

    def best(done: Sequence[Did], k: int) -> list[str]:
        chosen = [held.index[d.product] for d in done if d.action in CHOSEN and d.product in held.index]
        if not chosen:
            return []
        touched = {d.product for d in done}
        near = rows @ held.place[chosen].mean(axis=0)
        return [ids[i] for i in np.argsort(-near, kind="stable") if ids[i] not in touched][:k]

    return best
