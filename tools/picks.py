"""A stranger's taste from two or three choices between two pictures: "which of these is more you?"

A pair is the better, the more evenly it would divide what the shopper may like by now, and the wider: the variance of
how much nearer each product is to the one than to the other, less the square of its mean. Both are of one kind where
the shop has enough of it: which of two dresses is a matter of taste, a dress or a lamp one of need.
"""

from itertools import combinations

import numpy as np

from prompts import say, taxonomy
from store.reactions import Reaction
from store.types import Filters
from tools.cards import card
from tools.context import ToolContext
from tools.goods import Goods, about, goods, settings
from tools.results import Picks
from tools.taste import Taste, taste

ROUNDS = 3
_FEW = 4  # products with a picture, fewer are no choice
_EACH = 24  # of a kind, the best known of which pairs are made
_CLOSE = 0.85  # cosine: two that look the same are no choice


def picks(context: ToolContext) -> Picks | None:
    """The next two; None where the taste is known by now, after ROUNDS, or in a shop with too little to choose from."""
    done = context.done()
    rounds = _rounds(done)
    if rounds >= ROUNDS or (not rounds and _known(context, done)):
        return None
    found = _pair(context, done)
    if found is None:
        return None
    items = [card(context.product(i), context.lang) for i in found]
    question = say("recommend", "picks.question", context.lang)
    return Picks(question=question, items=items, nth=rounds + 1, of=ROUNDS)


def picked(context: ToolContext, product_id: str | None) -> Picks | None:
    """The shopper's choice of the two that `picks` gives now, None for neither; then the next two. Raises ValueError
    for a product that is not one of them."""
    done = context.done()
    offered = _pair(context, done) if _rounds(done) < ROUNDS else None
    if offered is None or (product_id is not None and product_id not in offered):
        raise ValueError("that is none of the two that were shown")
    if context.reactions:
        chosen = [Reaction(action="picked" if i == product_id else "passed", product=i) for i in offered]
        context.reactions.add(context.session, chosen, context.who)
    return picks(context)


def _rounds(done: list[Reaction]) -> int:
    return sum(one.action in ("picked", "passed") for one in done) // 2


def _known(context: ToolContext, done: list[Reaction]) -> bool:
    profile = context.profile()
    said = {"liked", "disliked", "added", "bought", "wished", "refused", "photo"}
    return bool(profile.reactions or profile.liked or profile.viewed) or any(o.action in said for o in done)


def _pair(context: ToolContext, done: list[Reaction]) -> tuple[str, str] | None:
    held = _goods(context)
    used = {one.product for one in done if one.action in ("picked", "passed", "disliked")}
    shop = context.shop
    where = Filters(in_stock=True, age_group=["adult"])
    adults = set(shop.ids(where)) or set(shop.ids(Filters(in_stock=True)))
    open_to = [at for at, p in enumerate(held.products) if p.id in adults and p.id not in used and p.images]
    if len(open_to) < _FEW:
        return None
    mine = taste(held, done)
    belief = _belief(mine, open_to)
    kinds: dict[str, list[int]] = {}
    for at in open_to:
        kinds.setdefault(taxonomy.ancestors(held.products[at].category)[0], []).append(at)
    asked = {taxonomy.ancestors(held.products[held.index[i]].category)[0] for i in used if i in held.index}
    groups = [g for g in kinds.values() if len(g) >= _FEW] or [open_to]
    best: tuple[float, tuple[str, str]] | None = None
    for group in groups:
        kind = taxonomy.ancestors(held.products[group[0]].category)[0]
        again = 0.5 if kind in asked else 1.0  # another kind tells more of them all
        share = np.sqrt(len(group) / len(open_to))
        for worth, a, b in _pairs(held, group, open_to, belief):
            if best is None or worth * again * share > best[0]:
                best = worth * again * share, (held.products[a].id, held.products[b].id)
    return best[1] if best else None


def _pairs(
    held: Goods, group: list[int], every: list[int], belief: np.ndarray
) -> list[tuple[float, int, int]]:
    head = sorted(group, key=lambda at: (-held.popular[at], held.products[at].id))[:_EACH]
    cosines = held.place[every] @ held.place[head].T
    among = held.place[head] @ held.place[head].T
    found = []
    for i, j in combinations(range(len(head)), 2):
        if among[i, j] > _CLOSE:
            continue
        margin = cosines[:, i] - cosines[:, j]
        mean = float(belief @ margin)
        found.append((float(belief @ (margin - mean) ** 2) - mean**2, head[i], head[j]))
    return found


def _belief(mine: Taste, open_to: list[int]) -> np.ndarray:
    """(m,): how likely each is to be liked, by what is known now; 1 in sum."""
    if not mine.known:
        return np.full(len(open_to), 1.0 / len(open_to))
    total = mine.scores().total[open_to]
    worth = np.exp(total - total.max())
    return np.asarray(worth / worth.sum())


def _goods(context: ToolContext) -> Goods:
    if context.shop.count() <= settings()["whole"]:
        return goods(context.shop, context.together)
    return about(context.shop, [], context.session, context.together)
