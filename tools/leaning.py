"""How likes and dislikes lean an ordinary search: a nudge among what fits as well, told where it counted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from store.types import Product
from tools.choosing import Chosen, because, common
from tools.context import ToolContext
from tools.goods import goods, made, settings
from tools.reacting import known
from tools.taste import taste
from tools.taste_words import told

_COUNTS = frozenset({"liked", "disliked", "picked", "bought"})  # a look alone orders no search
_TOLD = 0.5  # of the most that it can be
_LIKE_THEM = frozenset({"values", "near"})  # reasons that speak of the shopper


@dataclass(frozen=True)
class Lean:
    """`weight`: what is added to a score of 0..1, below 0 for what is like what was disliked; `why`: in words, where it
    counted for the product."""

    weight: float
    why: str = ""


Leaning = Callable[[Sequence[Product]], dict[str, Lean]]


def leaning(context: ToolContext, aside: Sequence[str] = ()) -> Leaning | None:
    """How this shopper leans; None for one who liked and disliked nothing."""
    done = [one for one in known(context, context.profile(), aside) if one.action in _COUNTS and one.product]
    if not done:
        return None

    def lean(products: Sequence[Product]) -> dict[str, Lean]:
        shop = context.shop
        if shop.count() <= settings()["whole"]:
            held = goods(shop, context.together)
        else:
            chosen = shop.get_many(list(dict.fromkeys(one.product for one in done)))
            held = made(shop, list({p.id: p for p in (*chosen, *products)}.values()))
        mine = taste(held, done)
        scores = mine.scores()
        places = [held.index[p.id] for p in products if p.id in held.index]
        own = scores.total[places] - scores.popular[places]
        spread = 2.0 * float(own.std()) if len(places) > 1 else 0.0
        if spread <= 0:
            return {}
        share = ((own - own.mean()) / spread).clip(-1.0, 1.0)
        usual = common(held, places)
        found = {}
        for weight, at in zip(share, places, strict=True):
            why = ""
            if weight >= _TOLD:
                reason = because(mine, scores, Chosen(held.products[at], at, 0.0), common=usual)
                why = told(reason, held.products[at], context.lang) if reason.ground in _LIKE_THEM else ""
            found[held.products[at].id] = Lean(float(weight) * settings()["nudge"], why)
        return found

    return lean
