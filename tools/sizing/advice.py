"""Advice on the size of one product: from its chart and the shopper's measures, from what they wear elsewhere, or from
what is remembered of them; always a size that the product has, with its stock, how sure it is and what would help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from prompts import load, say, taxonomy
from store.conditions import size_name
from store.types import Product
from tools.results import SizeAdvice
from tools.sizing import body, chart
from tools.sizing.body import Known
from tools.sizing.chart import Column
from tools.sizing.cut import Cut, cut_of
from tools.sizing.fit import Fit, weigh
from tools.sizing.systems import Match, Worn, match

HIGH, MEDIUM = 0.75, 0.5
NEAR = 0.3  # the chance from which the size beside it is worth naming
_GUESS_AT_MOST = 0.49  # height and weight alone are never more than a rough guide
_WORN, _SHOE, _REMEMBERED, _NO_CHART = 0.55, 0.65, 0.6, 0.4
_AGREED = 0.6  # of the doubt stays where something else says the same
_ASKED_FOR = ("chest", "waist", "hip", "foot", "head", "height")  # what one may ask of a shopper


@dataclass(frozen=True)
class Shopper:
    """What is known of who is to wear it. `measures`: cm, kg, years by name; `worn`: sizes elsewhere, the newest last;
    `usual`: the remembered size, as the product spells it; `wish`: "loose", "tight" or ""; `asked`: a size asked about.
    """

    measures: Mapping[str, float] = field(default_factory=dict)
    worn: Sequence[Worn] = ()
    usual: str | None = None
    wish: str = ""
    asked: str = ""


def advise(product: Product, who: Shopper, lang: str) -> SizeAdvice:
    """The size of `product` for this shopper, in the words of `lang`. Names no size where nothing tells one."""
    return _Advisor(product, who, lang).advice()


class _Advisor:
    def __init__(self, product: Product, who: Shopper, lang: str) -> None:
        self.product, self.who, self.lang = product, who, lang
        self.name = product.title.get(lang)
        self.shoe = taxonomy.is_a(product.category, "shoes")
        self.sizes = [s.size for s in product.sizes] or list(product.size_chart)
        self.child = product.age_group not in (None, "adult")
        self.columns = self._columns()
        there = chart.decisive(product.category, self.columns, self.child)
        self.decisive = [self.columns[name] for name in there]
        self.text: list[str] = []
        self.cut = cut_of(product)

    def advice(self) -> SizeAdvice:
        if not self.sizes:
            return SizeAdvice(text=[self._say("no_sizes", name=self.name)])
        if len(self.sizes) == 1:
            return self._one_size()
        measured = self._measured()
        worn = self._worn()
        guess = self._guessed()
        if guess is not None and not any(c.name in measured for c in self.decisive):
            measured = {}  # the waist says less of a shirt's size than height and weight do
        fit = weigh(self._used(measured), measured, self.sizes) if measured else None
        if fit is not None and fit.over:
            return self._beyond(fit, measured)
        if fit is not None:
            return self._by_chart(fit, measured, worn)
        if worn is not None:
            return self._by_worn(*worn, guess)
        if guess is not None:
            return self._by_guess(*guess)
        if self.who.usual:
            return self._by_memory(self.who.usual)
        return self._nothing()

    # -- what there is to go by ------------------------------------------------------------------------------------

    def _columns(self) -> dict[str, Column]:
        """The chart's columns of the bodies that the sizes are for, with the sizes as the product spells them."""
        own = {size_name(size): size for size in self.sizes}
        spelled = {
            own.get(size_name(size), size): row
            for size, row in self.product.size_chart.items()
            if size_name(size) in own
        }
        found = chart.columns(spelled)
        return {name: c.body(chart.room(name, self.product.category)) for name, c in found.items()}

    def _measured(self) -> dict[str, Known]:
        """What was told of the body that the chart can be held against."""
        names = {c.name for c in self.decisive}
        if not self.child and names - {"height", "weight"}:
            names -= {"height", "weight", "age"}
        garment = any(c.garment for c in self.decisive)
        told = body.known(self.who.measures, garment)
        girths = set(self.columns) - {"height", "weight", "age"}
        if "height" in told and self.child:
            names -= {"age", "weight"}  # children of one age are of many sizes
        return {n: k for n, k in told.items() if n in names} or {n: k for n, k in told.items() if n in girths}

    def _used(self, measured: Mapping[str, Known]) -> list[Column]:
        """The columns to hold them against, those that decide first."""
        first = [c for c in self.decisive if c.name in measured]
        return first or [c for c in self.columns.values() if c.name in measured]

    def _guessed(self) -> tuple[Column, Known, Fit] | None:
        """The leading girth from height and weight, and its size."""
        if self.child or self.shoe:
            return None
        known = body.guessed(self.who.measures, self.product.gender)
        column = next((c for c in self.decisive if c.name in known), None)
        if column is None:
            return None
        fit = weigh([column], known, self.sizes)
        return (column, known[column.name], fit) if fit is not None and not fit.over else None

    def _worn(self) -> tuple[Worn, Match] | None:
        """The newest size worn elsewhere that leads to one of these."""
        gender = "kids" if self.child else self.product.gender
        for worn in reversed(self.who.worn):
            found = match(worn, self.sizes, self.shoe, gender, self.product.price.currency)
            if found is not None:
                return worn, found
        return None

    # -- advice ----------------------------------------------------------------------------------------------------

    def _by_chart(
        self, fit: Fit, measured: Mapping[str, Known], worn: tuple[Worn, Match] | None
    ) -> SizeAdvice:
        used = self._used(measured)
        size, chance, between = self._leaning(fit)
        told = self._join([self._told(c.name, measured[c.name].value) for c in used])
        self._add("measured", measures=told, name=self.name, size=size)
        self._disagreeing(fit)
        self._between(between, size)
        if any(c.garment for c in used[:1]):
            room = chart.room(used[0].name, self.product.category)
            self._add("garment", room=f"{room:g}")
        for name in fit.under:
            column = self.columns[name]
            limit, unit = f"{column.rows[0][1]:g}", self._unit(name)
            self._add("under", measure=self._word(name), size=column.sizes[0], limit=limit, unit=unit)
        if not any(c.name in measured for c in self.decisive):
            chance = min(chance, _GUESS_AT_MOST)  # what decides such a thing is not known
        agreed = False
        if worn is not None:
            agreed = worn[1].size == size
            key = "worn_too" if agreed else "worn_differs"
            self._add(key, size=worn[1].size, **self._worn_words(worn[0]))
            chance = 1 - (1 - chance) * _AGREED if agreed else chance
        level = "high" if chance >= HIGH else "medium" if chance >= MEDIUM else "low"
        if level == "low" and self.decisive and not any(c.name in measured for c in self.decisive):
            self._add("sure.partial", measure=self._word(self.decisive[0].name))
            level = ""
        sure = "agreed" if agreed and level == "high" else "foot" if self.shoe and level == "high" else level
        return self._done(size, chance, ["measured"], sure, between, self._missing(measured))

    def _by_guess(self, column: Column, known: Known, fit: Fit) -> SizeAdvice:
        size, chance = fit.size, fit.chance
        between = list(self._in_order(size, fit.second)) if fit.chance_second >= NEAR else []
        value, off = f"{known.value:.0f}", f"{known.off:.0f}"
        measure = self._word(column.name)
        self._add("guessed", measure=measure, value=value, off=off, name=self.name, size=size)
        if between:
            self._add("between_guessed", small=between[0], large=between[1])
        return self._done(size, min(chance, _GUESS_AT_MOST), ["guessed"], "guessed", between, [column.name])

    def _by_worn(self, worn: Worn, found: Match, guess: tuple[Column, Known, Fit] | None) -> SizeAdvice:
        words = self._worn_words(worn)
        self._add("label" if found.same else "converted", name=self.name, size=found.size, **words)
        if found.near:
            small, large = self._in_order(found.size, found.near)
            self._add("half" if found.size == large else "between", small=small, large=large)
        foot = found.by == "shoe" and worn.system in ("cm", "jp")
        chance = _NO_CHART if not self.columns and not self.shoe else _SHOE if self.shoe else _WORN
        sure = "shoe" if self.shoe else "worn" if self.columns else "no_chart"
        by = ["worn"]
        if foot:
            chance, sure = (0.8, "foot") if not found.near else (_SHOE, "shoe")
        if guess is not None:
            by.append("guessed")
            if guess[2].size == found.size:
                chance = 1 - (1 - chance) * _AGREED
            else:
                self._add("worn_guess", size=guess[2].size)
                chance -= 0.1
        between = list(self._in_order(found.size, found.near)) if found.near else []
        return self._done(found.size, chance, by, sure, between, self._missing({}))

    def _by_memory(self, size: str) -> SizeAdvice:
        self._add("remembered", worn=size, size=size, name=self.name)
        chance = _REMEMBERED if self.columns else _NO_CHART
        sure = "worn" if self.columns else "no_chart"
        return self._done(size, chance, ["remembered"], sure, [], self._missing({}))

    def _beyond(self, fit: Fit, measured: Mapping[str, Known]) -> SizeAdvice:
        column = self.columns[fit.over[0]]
        size, limit = column.rows[-1]
        values = {"value": f"{measured[column.name].value:g}", "limit": f"{limit:g}", "size": size}
        self._add(
            "over", measure=self._word(column.name), unit=self._unit(column.name), name=self.name, **values
        )
        return SizeAdvice(by=["measured"], text=self.text)

    def _one_size(self) -> SizeAdvice:
        self._add("one_size", name=self.name)
        sure = True
        for name, known in body.known(self.who.measures).items():
            column = self.columns.get(name)
            if column and name in {c.name for c in self.decisive}:
                key = "one_size_fits" if known.value <= column.rows[-1][1] + known.off else "one_size_small"
                sure = sure and key == "one_size_fits"
                limit = f"{column.rows[-1][1]:g}"
                values = {"limit": limit, "value": f"{known.value:g}", "unit": self._unit(name)}
                self._add(key, measure=self._word(name), **values)
        size = self.sizes[0]
        inside = size in self.product.sizes_in_stock()
        told = {"sure": "high", "confidence": 1.0} if sure else {"sure": "low", "confidence": 0.2}
        return SizeAdvice.model_validate({"size": size, "in_stock": inside, "text": self.text} | told)

    def _nothing(self) -> SizeAdvice:
        """No size is named: what would name one."""
        told = bool(self.who.measures or self.who.worn)
        if not self.columns:
            if told:
                self._add("no_chart", name=self.name)
            return SizeAdvice(wants=["worn"], text=self.text, want=self._say("want_worn"))
        if told and not (set(self.who.measures) <= {"height", "weight"} and not self.who.worn):
            self._add("unread", name=self.name)
        wants = self._missing({})
        want = self._want(wants[0]) if self.text and wants and wants[0] != "worn" else ""
        return SizeAdvice(wants=wants, text=self.text, want=want)

    # -- parts of it -----------------------------------------------------------------------------------------------

    def _leaning(self, fit: Fit) -> tuple[str, float, list[str]]:
        """The size to take, its chance, and the two it is between, small first."""
        if not fit.second or fit.chance_second < NEAR:
            return fit.size, fit.chance, []
        small, large = self._in_order(fit.size, fit.second)
        smaller = self._lean() in ("wish_tight", "runs_large", "loose", "stretch")
        size = small if smaller else large
        return size, fit.chance if size == fit.size else fit.chance_second, [small, large]

    def _lean(self) -> str:
        """What decides between two sizes."""
        if self.who.wish:
            return f"wish_{self.who.wish}"
        for at, said in Cut.ORDER:
            if getattr(self.cut, at):
                return said
        return "plain"

    def _between(self, between: list[str], size: str) -> None:
        if between:
            self._add("between", small=between[0], large=between[1])
            self._add(f"lean.{self._lean()}")
        elif self.who.wish and not self.shoe:
            at = self.sizes.index(size) + (1 if self.who.wish == "loose" else -1)
            if 0 <= at < len(self.sizes):
                self._add("looser" if self.who.wish == "loose" else "closer", size=self.sizes[at])

    def _disagreeing(self, fit: Fit) -> None:
        asks = [(name, size) for name, size in fit.asks if size in self.sizes]
        low = min(asks, key=lambda one: self.sizes.index(one[1]))
        high = max(asks, key=lambda one: self.sizes.index(one[1]))
        if low[1] != high[1]:
            self._add("disagree", a=self._word(low[0]), x=low[1], b=self._word(high[0]), y=high[1])

    def _done(
        self, size: str, chance: float, by: list[str], sure: str, between: list[str], wants: list[str]
    ) -> SizeAdvice:
        self._asked(size)
        inside = self.product.sizes_in_stock()
        nearest = None if size in inside else self._nearest(size, inside)
        self._stock(size, inside, nearest)
        if sure:
            self._add(f"sure.{sure}")
        level = "high" if chance >= HIGH else "medium" if chance >= MEDIUM else "low"
        if level == "high":
            wants = []
        want = ""
        if wants:
            want = self._say("want_worn") if wants[0] == "worn" else self._want(wants[0])
        return SizeAdvice(
            size=size,
            in_stock=size in inside,
            nearest=nearest,
            between=between,
            sure=level,  # type: ignore[arg-type]
            confidence=round(chance, 2),
            by=by,
            wants=wants,
            text=self.text,
            want=want,
        )

    def _asked(self, size: str) -> None:
        """What becomes of a size that was asked about by name."""
        if not self.who.asked:
            return
        own = {size_name(s): s for s in self.sizes}
        asked = own.get(size_name(self.who.asked))
        if asked is None:
            self._add("asked.none", size=self.who.asked)
            return
        apart = self.sizes.index(asked) - self.sizes.index(size)
        self._add(f"asked.{'same' if not apart else 'larger' if apart > 0 else 'smaller'}", size=asked)

    def _stock(self, size: str, inside: Sequence[str], nearest: str | None) -> None:
        if nearest is None:
            self._add("stock.in" if size in inside else "stock.none", size=size)
            return
        how = "looser" if self.sizes.index(nearest) > self.sizes.index(size) else "closer"
        told = self._say(f"{'shoe_how' if self.shoe else 'how'}.{how}")
        sold = any(s.size == size for s in self.product.sizes)
        self._add("stock.out" if sold else "stock.not_sold", size=size, near=nearest, how=told)

    def _nearest(self, size: str, inside: Sequence[str]) -> str | None:
        """The size in stock that is the fewest steps away, the larger of two."""
        at = self.sizes.index(size)
        there = [(abs(i - at), -i, s) for i, s in enumerate(self.sizes) if s in inside]
        return min(there)[2] if there else None

    def _missing(self, known: Mapping[str, Known]) -> list[str]:
        """The measures that decide and were not told, the first before the others."""
        there = [c.name for c in self.decisive if c.name not in known and c.name in _ASKED_FOR]
        return there[:2] or ([] if self.who.worn or self.who.usual else ["worn"])

    def _want(self, name: str) -> str:
        return self._say("want", measure=self._word(name))

    def _in_order(self, a: str, b: str) -> tuple[str, str]:
        return (a, b) if self.sizes.index(a) < self.sizes.index(b) else (b, a)

    # -- words -----------------------------------------------------------------------------------------------------

    def _say(self, key: str, **values: object) -> str:
        return say("sizing", key, self.lang, **values)

    def _add(self, key: str, **values: object) -> None:
        self.text.append(self._say(key, **values))

    def _word(self, name: str) -> str:
        known = load("replies")["words"]["measure"]
        return say("replies", f"words.measure.{name}", self.lang) if name in known else self._say(name)

    def _unit(self, name: str) -> str:
        return self._say(f"unit.{'kg' if name == 'weight' else 'years' if name == 'age' else 'cm'}")

    def _told(self, name: str, value: float) -> str:
        key = "measure_an" if self._word(name)[:1] in "aeiou" else "measure"
        return self._say(key, measure=self._word(name), value=f"{value:g}", unit=self._unit(name))

    def _join(self, parts: Sequence[str]) -> str:
        *first, last = parts
        if self.lang == "zh":
            return "、".join(parts)
        return f"{', '.join(first)} and {last}" if first else last

    def _worn_words(self, worn: Worn) -> dict[str, str]:
        at = self._say("at.brand", brand=worn.at) if worn.at else self._say("at.usual")
        if worn.at == "elsewhere":
            at = self._say("at.elsewhere")
        system = worn.system.upper()
        told = f"{worn.size} cm" if worn.system == "cm" else f"{system} {worn.size}".strip()
        return {"at": at, "worn": told}
