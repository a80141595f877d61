"""What a shopper may start with: first questions that this shop has an answer to.

They are made of what is in stock: the kind of garment that there is most of in a season, and one of another part of
the shop in its usual colour, under a price that at least half of those keep to. A shop of bags is not asked for
sneakers, and one that prices in euros not for anything "under $60". Sentences are in prompts/session.yaml.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from itertools import islice

from agent.planner.phrases import Voice
from prompts import say, taxonomy
from store.types import Money, Product
from tools import cards

MOST = 2000  # products that are looked at: a larger shop is like its first ones
OUTFITS = (("tops", "bottoms"), ("dress",))  # any of these is enough to dress somebody
RETURNS = "returns"  # the topic of the shop's rules
_CLEAR = ("USD", "EUR", "GBP")  # currencies whose sign is no other's


@dataclass(frozen=True)
class Wish:
    """A search that finds something: `season` or `color` are absent where the records have none."""

    category: str
    season: str | None = None
    color: str | None = None
    under: Money | None = None

    def subject(self, lang: str) -> str:
        """In words: "summer dresses", 黑色短靴."""
        slots = {
            name: [value]
            for name, value in (("category", self.category), ("season", self.season), ("color", self.color))
            if value
        }
        return Voice(lang, "").subject(slots)


@dataclass(frozen=True)
class Openings:
    """What a shop invites to: wishes (at most two), and whether it can dress somebody and has rules on returns."""

    wishes: tuple[Wish, ...] = ()
    outfits: bool = False
    returns: bool = False

    @classmethod
    def of(cls, products: Iterable[Product], topics: Sequence[str]) -> "Openings":
        """Of a shop's products and the topics of its rules."""
        known = set(taxonomy.values("category"))  # what there are words for
        stocked = [p for p in islice(products, MOST) if p.in_stock and p.category in known]
        sold = {above for p in stocked for above in taxonomy.ancestors(p.category)}
        return cls(
            wishes=tuple(_wishes(stocked)),
            outfits=any(sold >= set(enough) for enough in OUTFITS),
            returns=RETURNS in topics,
        )

    def subjects(self, lang: str) -> list[str]:
        """What to search for, in words."""
        return [wish.subject(lang) for wish in self.wishes]

    def questions(self, lang: str) -> list[str]:
        """The first questions, as a shopper types them."""
        told = [_asked(wish, lang) for wish in self.wishes]
        told += [say("session", "first_questions.outfit", lang)] if self.outfits else []
        return told + ([say("session", "first_questions.returns", lang)] if self.returns else [])


def _wishes(stocked: Sequence[Product]) -> Iterable[Wish]:
    if not stocked:
        return
    seasons = Counter((p.category, season) for p in stocked for season in _known("season", p.season))
    (category, season), _ = seasons.most_common(1)[0]
    yield Wish(category, season=season)
    part = taxonomy.ancestors(category)[0]
    others = [p for p in stocked if part not in taxonomy.ancestors(p.category)] or stocked
    colors = Counter((p.category, _known("color", p.colors)[0]) for p in others)
    (category, color), _ = colors.most_common(1)[0]
    alike = [
        p.current_price for p in others if (p.category, _known("color", p.colors)[0]) == (category, color)
    ]
    yield Wish(category, color=color, under=_ceiling(alike))


def _known(attribute: str, values: Sequence[str]) -> list[str | None]:
    """Those values that there are words for; [None] where there are none."""
    words = set(taxonomy.values(attribute))
    return [v for v in values if v in words] or [None]


def _ceiling(prices: Sequence[Money]) -> Money:
    """A round amount that at least half of the prices (in the first one's currency) do not exceed."""
    amounts = sorted(p.amount for p in prices if p.currency == prices[0].currency)
    median = amounts[(len(amounts) - 1) // 2]
    unit = Decimal(1).scaleb(max(0, median.adjusted()))
    step = unit / 2 if unit > 1 and median < 5 * unit else unit
    rounded = (median / step).to_integral_value(ROUND_CEILING) * step
    return Money(amount=max(rounded, step), currency=prices[0].currency)


def _asked(wish: Wish, lang: str) -> str:
    subject = wish.subject(lang)
    if wish.under is None:
        return say("session", "first_questions.find", lang, subject=subject)
    amount = f"{wish.under.amount.normalize():f}"
    if wish.under.currency in _CLEAR and lang == "en":
        amount = cards.money(wish.under).text.removesuffix(".00")
    return say(
        "session", "first_questions.under", lang, subject=subject[:1].upper() + subject[1:], price=amount
    )
