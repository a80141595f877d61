"""Looks as a shopper reads them: cards, own pieces by name, the reasons of the score, and what could not be met."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import fmean

from perception import captioner
from prompts import say, taxonomy
from store.types import Money
from tools.cards import card, money, phrase
from tools.results import LookOutfit, Outfit, OwnPiece, Price, ProductCard
from tools.styling.candidates import Candidate, in_size
from tools.styling.learned import Compatibility
from tools.styling.level import level
from tools.styling.looks import Found, Looks, spent
from tools.styling.piece import Piece, table
from tools.styling.score import pair
from tools.styling.wish import Wish

REASONS = 3
SOFT = ("bag", "accessory")  # nobody misses them


def told(shown: Looks, wish: Wish, currency: str, lang: str, learned: Compatibility | None = None) -> Outfit:
    """What `looks` found, in `lang`; `currency`: of the shop."""
    return Outfit(
        looks=[_look(found, wish, currency, lang, learned) for found in shown.found],
        problem=problem(shown, wish, currency, lang),
    )


def name_of(piece: Piece, lang: str) -> str:
    """A product's name; of the shopper's own, "your navy blazer"."""
    if piece.product is not None:
        return piece.product.title.get(lang)
    kind = captioner.noun(piece.category, lang).removeprefix("pair of ").removeprefix("piece of ")
    if not piece.colors:
        return say("looks", "own_plain", lang, kind=kind)
    return say("looks", "own", lang, color=taxonomy.word("color", piece.colors[0], lang), kind=kind)


def after_each_other(sentences: Iterable[str], lang: str) -> str:
    """Sentences as one text: Chinese has no space between them."""
    return ("" if lang == "zh" else " ").join(dict.fromkeys(filter(None, sentences)))


def joined(words: Iterable[str], lang: str) -> str:
    return say("looks", "and", lang).join(dict.fromkeys(words))


# ---- one look


def _look(found: Found, wish: Wish, currency: str, lang: str, learned: Compatibility | None) -> LookOutfit:
    order = list(table("looks")["slots"])
    pieces = sorted(found.pieces, key=lambda c: (c not in found.built.anchors, order.index(c.slot)))
    bought = [c for c in pieces if c.piece.product is not None]
    shop_currency = next((c.piece.product.price.currency for c in bought if c.piece.product), currency)
    total = sum((c.piece.product.current_price.amount for c in bought if c.piece.product), Decimal(0))
    return LookOutfit(
        items=[_card(c, found, lang, learned, nth) for nth, c in enumerate(bought)],
        total=_price(total, shop_currency),
        score=round(found.judged.score, 3),
        reasons=[*_for_all(bought, wish, lang), *found.judged.reasons(lang)][:REASONS],
        idea=_idea(found, lang),
        own=[
            OwnPiece(
                photo=str(c.piece.photo),
                garment=c.piece.garment or 0,
                slot=c.slot,
                name=name_of(c.piece, lang),
            )
            for c in pieces
            if c.own
        ],
        level=_level(pieces),
        occasions={c.piece.product.id: sorted(c.piece.occasion) for c in bought if c.piece.product},
        left=_price(max(wish.budget - total, Decimal(0)), shop_currency) if wish.budget is not None else None,
        missing=[s for s in found.built.missing if s not in SOFT],
        given_up=[_given_up(wished, slot, wish, lang) for wished, slot in found.given_up],
    )


def _card(c: Candidate, found: Found, lang: str, learned: Compatibility | None, nth: int) -> ProductCard:
    """The card of a piece; one that was added says why it is there: what it was built on, else its best partner."""
    record = c.piece.product
    assert record is not None  # only what is bought has a card
    if c in found.built.anchors:
        return card(record, lang, slot=c.slot)
    partners = found.built.anchors or tuple(o for o in found.pieces if o is not c)
    pairings = [pair(other.piece, c.piece, learned) for other in partners]
    best = max(pairings, key=lambda p: p.score, default=None)
    return card(record, lang, slot=c.slot, why=best.reason(lang, nth) if best else "")


def _level(pieces: Sequence[Candidate]) -> float | None:
    known = [found for c in pieces if (found := level(c.piece)) is not None]
    return round(sum(known) / len(known), 2) if known else None


def _price(amount: Decimal, currency: str) -> Price:
    return money(Money(amount=amount, currency=currency))


def _for_all(bought: Sequence[Candidate], wish: Wish, lang: str) -> list[str]:
    asked = next(iter(wish.occasions), None)
    if not asked or not bought or any(asked not in c.piece.occasion for c in bought):
        return []
    return [say("tools", "outfit.all_for", lang, occasion=phrase("occasion", asked, lang))]


def _idea(found: Found, lang: str) -> str:
    """The idea's name, where the look is what it says; one that lacks most of itself is only the nearest there is."""
    name = found.built.idea.name
    if name == "with":
        return say("looks", "idea.with", lang, piece=name_of(found.built.added[0].piece, lang))
    if found.built.missing and name in ("separates", "in_one", "with_layer"):
        name = "nearest"
    return say("looks", f"idea.{name}", lang)


def _given_up(wished: str, slot: str, wish: Wish, lang: str) -> str:
    if wished == "occasion":
        return joined((phrase("occasion", o, lang) for o in wish.occasions), lang)
    values = getattr(wish.per_slot.get(slot, wish.where), wished, []) or getattr(wish.where, wished)
    return joined((taxonomy.word(wished, v, lang) for v in values), lang)


# ---- what could not be met


def problem(shown: Looks, wish: Wish, currency: str, lang: str) -> str:
    """One or two honest sentences; empty where all was met."""
    said = _anchors(shown, wish, lang)
    if not shown.found:
        said.append(_nothing(shown, wish, currency, lang))
    else:
        said += _not_all(shown, wish, currency, lang)
    return after_each_other(said, lang)


def _anchors(shown: Looks, wish: Wish, lang: str) -> list[str]:
    """What is wrong with what the looks are built on."""
    said = []
    for piece in wish.must:
        record = piece.product
        values = {"name": name_of(piece, lang)}
        if record is not None and not record.in_stock:
            said.append(say("looks", "problem.sold_out", lang, **values))
        elif record is not None and not in_size(record, shown.need):
            said.append(say("looks", "problem.sold_out_size", lang, **values))
        if piece.season and shown.need.seasons and not piece.season & shown.need.seasons:
            values["season"] = joined((taxonomy.word("season", s, lang) for s in sorted(piece.season)), lang)
            said.append(say("looks", "problem.season", lang, **values))
    if shown.unused:
        names = joined((name_of(p, lang) for p in shown.unused), lang)
        said.append(say("looks", "problem.own_left", lang, names=names))
    return said


def _nothing(shown: Looks, wish: Wish, currency: str, lang: str) -> str:
    if wish.swap:
        return say("looks", "problem.no_swap", lang, slots=_slots([wish.swap], lang))
    if wish.budget is not None:
        budget = _price(wish.budget, currency).text
        if shown.need.room is not None and shown.need.room < 0:
            cost = _price(Decimal(spent(wish)) / 100, currency).text
            return say("looks", "problem.over", lang, cost=cost, budget=budget)
        if shown.least is not None:
            least = _price(Decimal(shown.least) / 100, currency).text
            return say("looks", "problem.budget", lang, budget=budget, least=least)
    wishes = _wishes(wish, lang)
    if wishes:
        return say("looks", "problem.nothing_for", lang, wishes=joined(wishes, lang))
    return say("looks", "problem.nothing", lang)


def _not_all(shown: Looks, wish: Wish, currency: str, lang: str) -> list[str]:
    said = []
    lacking = [set(f.built.missing) - set(SOFT) for f in shown.found]
    everywhere = set.intersection(*lacking)
    somewhere = set.union(*lacking) - everywhere
    if shown.least is not None and wish.budget is not None and (everywhere or somewhere):
        values = {"budget": _price(wish.budget, currency).text}
        values["least"] = _price(Decimal(shown.least) / 100, currency).text
        said.append(say("looks", "problem.budget_part", lang, **values))
    else:
        if everywhere:
            said.append(say("looks", "problem.missing", lang, slots=_slots(everywhere, lang)))
        if somewhere:
            said.append(say("looks", "problem.missing_some", lang, slots=_slots(somewhere, lang)))
    given_up = {one for f in shown.found for one in f.given_up}
    if slots := [s for wished, s in given_up if wished == "occasion"]:
        names = joined((phrase("occasion", o, lang) for o in wish.occasions), lang)
        said.append(say("looks", "problem.occasion", lang, slots=_slots(slots, lang), occasion=names))
    for wished in sorted({w for w, _ in given_up if w != "occasion"}):
        slots = [s for w, s in given_up if w == wished]
        names = _given_up(wished, slots[0], wish, lang)
        said.append(say("looks", "problem.wish", lang, slots=_slots(slots, lang), wished=names))
    if not shown.stepped:
        said.append(say("looks", f"problem.no_step_{'up' if wish.shift > 0 else 'down'}", lang))
    if level := _seldom(shown, wish, lang):
        said.append(level)
    if len(shown.found) == 1 and wish.count > 1 and not said and not wish.swap:
        said.append(say("looks", "problem.one", lang))
    return said


def _seldom(shown: Looks, wish: Wish, lang: str) -> str:
    """Where what goes there is not as dressed as was asked for."""
    if wish.formality is None or not wish.occasions:
        return ""
    levels = [fmean(ls) for f in shown.found if (ls := [c.level for c in f.pieces if c.level is not None])]
    if not levels or abs(fmean(levels) - wish.formality) < 1.0:
        return ""
    wished = say("looks", "level.smart" if wish.formality > fmean(levels) else "level.casual", lang)
    names = joined((phrase("occasion", o, lang) for o in wish.occasions), lang)
    return say("looks", "problem.level", lang, occasion=names, wished=wished)


def _slots(slots: Iterable[str], lang: str) -> str:
    order = list(table("looks")["slots"])
    return joined((say("looks", f"slots.{s}", lang) for s in sorted(set(slots), key=order.index)), lang)


def _wishes(wish: Wish, lang: str) -> list[str]:
    """What was wished, in words, to name what could be loosened."""
    said = [phrase("occasion", o, lang) for o in wish.occasions]
    said += [taxonomy.word("season", s, lang) for s in (wish.season, *wish.where.season) if s]
    said += [say("looks", f"weather.{w}", lang) for w in wish.weather]
    for attribute in ("color", "pattern", "material", "brand", "category"):
        said += [taxonomy.word(attribute, v, lang) for v in getattr(wish.where, attribute)]
    for attribute, values in wish.where.not_.items():
        words = joined((taxonomy.word(attribute, v, lang) for v in values), lang)
        said.append(say("looks", "wished.without", lang, value=words))
    sizes = [*wish.sizes.values(), *wish.where.size]
    said += [say("looks", "wished.size", lang, value=s) for s in dict.fromkeys(sizes)]
    return said
