"""Answers on what a garment is and how many there are."""

from perception import captioner
from perception.captioner import a_noun
from perception.evidence import (
    CATEGORY_FROM,
    EITHER_AT,
    HEDGE_BELOW,
    RARE,
    RULE,
    Evidence,
    One,
    Seen,
    affirmed,
    listed,
    said,
    unsure,
    verdict,
    yes_at,
)
from perception.look import Garment, Look
from perception.questions import Asked
from prompts import load, taxonomy


def count(look: Look, asked: Asked, lang: str) -> Seen:
    """How many garments, or how many of a kind, the look has."""
    p = round(min(g.confidence.get("category", 0.5) for g in look.garments) * RULE, 3)
    if asked.value:
        mine = [g for g in look.garments if _is_category(g, asked.value)]
        if not mine:
            return Seen(said("count_none", lang, list=listed(look, lang)), 0, "image", p)
        names = captioner.joined([captioner.phrase(g, lang) for g in mine], lang)
        return Seen(said("count_of", lang, n=len(mine), list=names), len(mine), "image", p)
    n = len(look.garments)
    if n == 1:
        return Seen(said("count_one", lang, a_noun=a_noun(look.garments[0], lang)), 1, "image", p)
    return Seen(said("count", lang, n=n, list=listed(look, lang)), n, "image", p)


def is_there(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """Is it, or is there, one of the kinds named: any garment of the photo may be it."""
    look = evidence.look
    values = _covered(asked)
    for index, garment in enumerate(look.garments):
        if (
            any(_is_category(garment, v) for v in values)
            and garment.confidence.get("category", 0.5) >= CATEGORY_FROM
        ):
            return of_kind(One(evidence, index), asked, lang)
    if len(look.garments) == 1 or asked.kind == "which":
        return of_kind(One(evidence, 0), asked, lang)
    if any(_compatible(g.category, v) for g in look.garments for v in values):
        return unsure("category", lang, 0.3)
    chances = [_likely(One(evidence, i), values) for i in range(len(look.garments))]
    p = min(
        g.confidence.get("category", 0.5) if c is None else 1 - c
        for g, c in zip(look.garments, chances, strict=True)
    )
    if p < HEDGE_BELOW:
        return unsure("category", lang, p / 2)
    named = captioner.any_noun(str(asked.value), lang, asked.word)
    return Seen(
        said("not_there", lang, asked=named, value=listed(look, lang)), False, "image", round(p * RULE, 3)
    )


def of_kind(one: One, asked: Asked, lang: str) -> Seen:
    """What the garment is, which of some kinds, or whether it is of one."""
    garment = one.garment
    p = garment.confidence.get("category", 0.5)
    if p < CATEGORY_FROM:
        return (_by_likelihood(one, asked, lang) if asked.kind == "is" else None) or unsure(
            "category", lang, p
        )
    name = a_noun(garment, lang)
    if asked.kind == "what":
        own = (
            garment.kind
            if garment.kind and taxonomy.is_a(garment.kind, garment.category)
            else garment.category
        )
        return Seen(said(_what(p), lang, a_noun=name), own, "image", round(p, 3))
    values = _covered(asked)
    for value in values:
        if _is_category(garment, value):
            if asked.kind == "which":
                return Seen(said(_what(p), lang, a_noun=name), value, "image", round(p, 3))
            key = "right_noun" if p >= HEDGE_BELOW else "maybe_noun"
            return Seen(verdict(key, asked, lang, value=name), True, "image", round(p, 3))
    if asked.kind == "is" and any(_compatible(garment.category, v) for v in values):
        return _finer(one, asked, values, p, lang)
    if p < HEDGE_BELOW:
        return (_by_likelihood(one, asked, lang) if asked.kind == "is" else None) or unsure(
            "category", lang, p
        )
    if asked.kind == "which":
        likely = [v for v in values if _compatible(garment.category, v)]
        if len(likely) == 1:  # a coat or a skirt, where outerwear is seen
            text = said(
                "category_hedged",
                lang,
                a_noun=captioner.with_article(captioner.noun(likely[0], lang), likely[0], lang),
            )
            return Seen(text, likely[0], "image", round(p * RULE, 3))
        return Seen(said("neither_noun", lang, value=name), garment.category, "image", round(p, 3))
    named = captioner.with_article(captioner.noun(str(asked.value), lang), str(asked.value), lang)
    return Seen(verdict("wrong_noun", asked, lang, value=name, asked=named), False, "image", round(p, 3))


def _what(p: float) -> str:
    return "category" if p >= HEDGE_BELOW else "category_hedged"


def _likely(one: One, values: tuple[str, ...]) -> float | None:
    """How likely the garment is one of these kinds; None where the heads have no opinion on one of them."""
    scores = one.judged.scores.get("category", {})
    chances = {v: sum(p for c, p in scores.items() if taxonomy.is_a(c, v)) for v in values}
    known = all(any(taxonomy.is_a(c, v) for c in scores) for v in values)
    return min(sum(chances.values()), 1.0) if known and scores else None


def _by_likelihood(one: One, asked: Asked, lang: str) -> Seen | None:
    """Yes or no for a garment of which it is not sure what it is: it may still be sure to be no dress."""
    values = _covered(asked)
    p = _likely(one, values)
    if p is None:
        return None
    named = captioner.with_article(captioner.noun(values[0], lang), values[0], lang)
    if p >= yes_at("category", values[0]):
        return Seen(verdict(f"{affirmed(p)}_noun", asked, lang, value=named), True, "image", round(p, 3))
    return Seen(verdict("no_such", asked, lang, asked=named), False, "image", round(1 - p, 3))


def _finer(one: One, asked: Asked, values: tuple[str, ...], p: float, lang: str) -> Seen:
    """Is it a finer kind than the one told: by the opinion on leaves, where it has one."""
    kinds = one.judged.scores.get("kind", {})
    known = [v for v in values if v in kinds]
    if not known:
        return unsure("category", lang, p / 2)
    sure = min(sum(kinds[v] for v in known), 1.0)
    named = captioner.with_article(captioner.noun(known[0], lang), known[0], lang)
    if sure >= EITHER_AT:
        return Seen(verdict("maybe_noun", asked, lang, value=named), True, "image", round(sure, 3))
    if sure <= RARE:
        return Seen(verdict("no_such", asked, lang, asked=named), False, "image", round(1 - sure, 3))
    return unsure("category", lang, p / 2)


def _covered(asked: Asked) -> tuple[str, ...]:
    """The categories a word stands for: 裤子 are trousers and shorts."""
    loose: dict[str, list[str]] = load("questions")["loose"]
    if asked.kind == "which":
        said_so = (kinds for word, kinds in loose.items() if len(word) > 1 and word in asked.text)
        also = [k for kinds in said_so if set(kinds) & set(asked.values) for k in kinds]
        return tuple(dict.fromkeys((*asked.values, *also)))
    return tuple(loose.get(asked.word, asked.values or (str(asked.value),)))


def _is_category(garment: Garment, value: str) -> bool:
    return any(taxonomy.is_a(own, value) for own in (garment.kind, garment.category) if own)


def _compatible(seen: str, asked: str) -> bool:
    """Could a garment recognised as `seen` be an `asked`? Skirts are no boots; a jacket is outwear, a sweater is often
    recognised as a long-sleeved top."""
    also = {
        "longsleeve": {"sweater", "cardigan", "hoodie", "sweatshirt"},
        "shirt": {"blouse"},
        "t-shirt": {"tank", "polo"},
    }
    return taxonomy.is_a(asked, seen) or asked in also.get(seen, set())
