"""The one line of a comparison that says which of some products, and on what ground. Only what their records say
counts; where they say nothing that decides, the line says that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prompts import say, taxonomy
from store.types import Money, Product
from tools import purposes
from tools.cards import money, phrase

APART = 0.15  # in rating: below that two are rated alike
FEW = 3  # reviews below which a rating says nothing
_LISTED = ("occasion", "season")


@dataclass(frozen=True)
class Wanted:
    """What a comparison is for: `aspects` in the shopper's order, `values` by attribute, `purposes` of
    tools.purposes; `sizes`: the shopper's size by product."""

    aspects: Sequence[str] = ()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    purposes: Sequence[str] = ()
    sizes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """`text` in the shopper's language; `pick`: the product that it speaks for, "" where it speaks for none."""

    text: str
    pick: str = ""


def verdict(
    records: Sequence[Product],
    wanted: Wanted,
    lang: str,
    differing: Sequence[str],
    told: Mapping[str, list[str]],
) -> Verdict:
    """Which of `records`. `differing`: labels of what differs; `told`: what each record says, by aspect asked for."""
    return _Judge(records, wanted, lang, differing, told).verdict()


class _Judge:
    def __init__(
        self,
        records: Sequence[Product],
        wanted: Wanted,
        lang: str,
        differing: Sequence[str],
        told: Mapping[str, list[str]],
    ) -> None:
        self.all, self.wanted, self.lang = list(records), wanted, lang
        self.differing, self.told = differing, told
        self.inside = [r for r in records if r.in_stock]
        self.weighed_gone = False  # what is sold out had its say in the line too

    def verdict(self) -> Verdict:
        if self.wanted.purposes or any(self.wanted.values.values()):
            found = self._for_purpose()
        elif self.inside and len(self.inside) < len(self.all) and len(self.inside) == 1:
            return self._line("stock_only", self.inside[0])
        elif (sized := self._by_size()) is not None:
            found = sized
        elif self.wanted.aspects:
            found = self._by_aspect(self.wanted.aspects[0])
        else:
            found = self._in_general(self.inside or self.all)
        return Verdict(self._with_gone(found.text), found.pick)

    def _with_gone(self, text: str) -> str:
        """With what cannot be had now: unless it was weighed too, the line speaks of the rest alone."""
        gone = self._gone()
        if not gone:
            return text
        if self.inside and not self.weighed_gone:
            first = text if text.startswith(("“", "I")) else text[:1].lower() + text[1:]
            text = self._say("of_those_in_stock", text=first)
        return f"{text}{' ' if self.lang == 'en' else ''}{gone}"

    # -- what it is for --------------------------------------------------------------------------------------------

    def _for_purpose(self) -> Verdict:
        """By what was asked: those that have all of it, else that none has."""
        tests = [
            (purposes.name(p, self.lang), purposes.has(p, self.lang), p, "") for p in self.wanted.purposes
        ]
        for attribute, values in self.wanted.values.items():
            tests += [(*self._valued(attribute, value), value, attribute) for value in values]
        purpose, reason = tests[0][0], self._join([reason for _, reason, _, _ in tests])
        head = self._say("for", name=purpose) if purpose else ""
        self.weighed_gone = True
        met = [r for r in self.all if all(self._has(r, value, attribute) for _, _, value, attribute in tests)]
        if not met:
            return Verdict(self._say("nobody", reason=reason))
        there = [r for r in met if r.in_stock] or met
        best = self._in_general(there)
        pick = next((r for r in there if r.id == best.pick), None)
        if len(met) == 1:
            text = self._say("only", purpose=head, name=self._name(met[0]), reason=reason)
            return Verdict(self._headed(text, head), met[0].id)
        which = "every" if len(met) == len(self.all) else "some"
        common = {"purpose": head, "names": self._names(met), "reason": reason}
        if pick is None:
            return Verdict(self._headed(self._say(f"{which}_equal", **common), head))
        text = self._say(which, name=self._name(pick), ground=self._ground(pick, there), **common)
        return Verdict(self._headed(text, head), pick.id)

    def _has(self, record: Product, value: str, attribute: str) -> bool:
        if not attribute:
            return purposes.met(value, record)
        raw = getattr(record, "colors" if attribute == "color" else attribute, None)
        held = raw if isinstance(raw, list) else [raw] if raw else []
        return value in held

    def _valued(self, attribute: str, value: str) -> tuple[str, str]:
        """(what it is for, what is said of what has it)."""
        if attribute in _LISTED:
            word = phrase(attribute, value, self.lang)
            return word, self._say("listed", value=word)
        return "", self._say("is", value=taxonomy.word(attribute, value, self.lang))

    def _ground(self, pick: Product, among: Sequence[Product]) -> str:
        least, top = self._least(among) or [], self._top(among) or []
        price = money(pick.current_price).text
        dearer = pick in least and len(least) < len(among)
        if dearer and pick in top:
            return self._say("ground.both", price=price)
        if dearer:
            return self._say("ground.cheapest", price=price)
        return self._say("ground.rated", value=f"{pick.rating:g}")

    def _headed(self, text: str, head: str) -> str:
        """Without what it is for, where that is no thing to say ("blue")."""
        text = text if head else text.lstrip("，, ")
        return text[:1].upper() + text[1:]

    # -- what was asked about --------------------------------------------------------------------------------------

    def _by_aspect(self, aspect: str) -> Verdict:
        there = self.inside or self.all
        if aspect == "price":
            return self._by_price(there)
        if aspect == "rating":
            return self._by_rating(there)
        self.weighed_gone = True
        values = self.told.get(aspect, [])
        label = say("tools", f"labels.{aspect}", self.lang)
        label = label if self.lang == "zh" else label.lower()
        none = say("tools", "values.none", self.lang)
        if not values or all(v == none for v in values):
            return Verdict(self._say("asked_unknown", label=label))
        if len(set(values)) == 1:
            return Verdict(self._say("asked_same", label=label, value=values[0]))
        pairs = [
            self._say("item", name=self._name(r), value=v) for r, v in zip(self.all, values, strict=True)
        ]
        joined = ("；" if self.lang == "zh" else "; ").join(pairs)
        return Verdict(self._say("asked_differs", label=label, values=joined))

    def _by_price(self, there: Sequence[Product]) -> Verdict:
        least = self._least(there)
        if least is None:
            return Verdict(self._say("currencies"))
        cheap = least[0]
        price = money(cheap.current_price).text
        if len(least) == len(there) > 1:
            return Verdict(self._say("same_price", price=price))
        if len(least) > 1:
            return Verdict(self._say("several_cheapest", names=self._names(least), price=price))
        if len(there) == 2:
            other = next(r for r in there if r is not cheap).current_price
            saved = money(
                Money(amount=other.amount - cheap.current_price.amount, currency=other.currency)
            ).text
            return self._line("cheaper", cheap, price=price, saved=saved)
        return self._line("cheapest", cheap, price=price)

    def _by_rating(self, there: Sequence[Product]) -> Verdict:
        rated = [r for r in there if r.rating is not None]
        if not rated:
            return Verdict(self._say("rated_none"))
        top = max(r.rating or 0 for r in rated)
        first = [r for r in rated if r.rating == top]
        if len(first) == len(there) and len(there) > 1:
            return Verdict(self._say("rated_same", value=f"{top:g}"))
        best = max(first, key=lambda r: r.rating_count)
        return self._line("rated", best, value=f"{top:g}", count=best.rating_count)

    def _by_size(self) -> Verdict | None:
        """The only one that is there in the shopper's size, where the others have that size and not now."""
        known = [(r, self.wanted.sizes[r.id]) for r in self.all if r.id in self.wanted.sizes]
        there = [(r, size) for r, size in known if size in r.sizes_in_stock()]
        if len(known) == len(self.all) > len(there) == 1:
            return self._line("size_only", there[0][0], size=there[0][1])
        return None

    # -- in general ------------------------------------------------------------------------------------------------

    def _in_general(self, there: Sequence[Product]) -> Verdict:
        """By price and reviews, as far as they tell them apart."""
        if len(there) == 1:
            return Verdict("", there[0].id)
        least, top = self._least(there), self._top(there)
        cheap = [r for r in there if least is None or r in least]
        rated = [r for r in there if top is None or r in top]
        if len(cheap) == len(rated) == len(there):
            if self.differing:
                return Verdict(self._say("alike", labels=self._join(list(self.differing)[:3])))
            return Verdict(self._say("nothing"))
        good = [r for r in cheap if r in rated]
        price = money(cheap[0].current_price).text
        if len(good) > 1:
            key = "several_cheapest" if top is None else "several_rated" if least is None else "several"
            return Verdict(self._say(key, names=self._names(good), price=price))
        if not good:
            first = max(cheap, key=lambda r: (r.rating or 0, r.rating_count))
            best = min(rated, key=lambda r: r.current_price.amount)
            told = {"name": self._name(best), "value": f"{best.rating:g}", "count": best.rating_count}
            return Verdict(self._say("trade", cheap=self._name(first), price=price, **told))
        told = {"value": f"{good[0].rating or 0:g}", "count": good[0].rating_count}
        if top is None:
            return self._line("cheapest", good[0], price=price)
        if least is None:
            return self._line("rated", good[0], **told)
        if len(cheap) == len(there):
            return self._line("rated_and_alike", good[0], **told)
        if len(rated) > 1:
            return self._line("cheap_and_alike", good[0], price=price)
        return self._line("both" if len(cheap) == 1 else "rated_of_cheapest", good[0], price=price, **told)

    def _least(self, there: Sequence[Product]) -> list[Product] | None:
        """Those that cost least; None where their prices are in several currencies."""
        if len({r.current_price.currency for r in there}) > 1:
            return None
        least = min(r.current_price.amount for r in there)
        return [r for r in there if r.current_price.amount == least]

    def _top(self, there: Sequence[Product]) -> list[Product] | None:
        """Those that are rated about highest; None where one of them has too few reviews to say."""
        if any(r.rating is None or r.rating_count < FEW for r in there):
            return None
        top = max(r.rating or 0 for r in there)
        return [r for r in there if (r.rating or 0) > top - APART]

    def _gone(self) -> str:
        gone = [r for r in self.all if not r.in_stock]
        if not gone:
            return ""
        if len(gone) == len(self.all):
            return self._say("gone_all")
        return self._say("gone" if len(gone) == 1 else "gone_several", names=self._names(gone))

    # -- words -----------------------------------------------------------------------------------------------------

    def _say(self, key: str, **values: object) -> str:
        return say("comparing", key, self.lang, **values)

    def _line(self, key: str, pick: Product, **values: object) -> Verdict:
        return Verdict(self._say(key, name=self._name(pick), **values), pick.id)

    def _name(self, record: Product) -> str:
        return record.title.get(self.lang)

    def _names(self, records: Sequence[Product]) -> str:
        return self._join([f"“{self._name(r)}”" for r in records])

    def _join(self, words: Sequence[str]) -> str:
        words = list(dict.fromkeys(words))
        if self.lang == "zh":
            return "、".join(words[:-1]) + ("和" if len(words) > 1 else "") + words[-1]
        return ", ".join(words[:-1]) + (" and " if len(words) > 1 else "") + words[-1]
