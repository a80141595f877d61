"""Answers to questions on a photo, from what was recognised and read. What is not sure is said to be not sure."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from perception import captioner, pointing, reading, suits
from perception.captioner import a_noun
from perception.garments import applies
from perception.labels import Lettering
from perception.look import Garment, Look
from perception.quality import Trouble
from perception.questions import Asked, parse
from prompts import load, say, taxonomy

__all__ = ["Asked", "Evidence", "Judged", "Seen", "answer", "answer_asked", "parse"]

Source = Literal["image", "text_in_image", "unknown"]
CATEGORY_FROM = 0.45  # below, a category is not even hedged
HEDGE_BELOW = 0.7
NO_AT = 0.2  # a value as unlikely as this is denied
# Asked for by name, a value is a priori about as likely as not, however rare it is: one less likely than half by the
# look of the photo alone is affirmed, with its own probability.
YES_AT = 0.35
SURE_AT = 0.65  # below, an answer says that it is not certain
EITHER_AT = 0.6  # whether there is any pattern, are any sleeves
LIKELY_AT, AHEAD = (
    0.4,
    1.6,
)  # an attribute asked for is told, hedged, from here on if so many times the next one
TROUBLED = 0.6  # what is left of the confidence in a photo that is hard to see
_VAGUE = ("unknown", "other")
RULE = 0.8  # how far a rule of thumb (what suits a beach) is trusted, times how sure the kind of garment is


@dataclass(frozen=True)
class Seen:
    """An answer about a photo. `value`: canonical value, list of colours, True/False, a count or the text read; None
    when unknown. For a question asked in the negative ("isn't it red?") True still means that it is red."""

    answer: str
    value: Any
    source: Source
    confidence: float


@dataclass(frozen=True)
class Judged:
    """What the heads say of one garment. `scores`: attribute → value → calibrated probability; `colors`: (name, share),
    all of them."""

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    colors: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """What answers rest on. `judged`: one for each garment of the look, in its order; `told`: the probability each
    attribute needs; `read`: the lettering, read when called; `trouble`: what makes the photo hard to see."""

    look: Look
    judged: list[Judged]
    told: dict[str, float]
    read: Callable[[], Lettering]
    trouble: Trouble | None = None


@dataclass(frozen=True)
class _One:
    """The garment a question is about."""

    evidence: Evidence
    index: int

    @property
    def garment(self) -> Garment:
        return self.evidence.look.garments[self.index]

    @property
    def judged(self) -> Judged:
        return self.evidence.judged[self.index] if self.index < len(self.evidence.judged) else Judged()


def answer(evidence: Evidence, question: str, lang: str) -> Seen:
    """Answer in `lang`. Never raises for a question; what cannot be answered has source "unknown"."""
    return answer_asked(evidence, parse(question, lang), lang)


def answer_asked(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """Answer a question that is parsed already."""
    seen = _answer(evidence, asked, lang)
    if evidence.trouble is None or seen.source == "text_in_image" or asked.kind in ("unseen", "unknown"):
        return seen
    hard = say("seen", f"caption.hard.{evidence.trouble}", lang)
    text = hard if not evidence.look.garments else seen.answer + ("" if lang == "zh" else " ") + hard
    return replace(seen, answer=text, confidence=round(seen.confidence * TROUBLED, 3))


def _answer(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    if asked.kind == "read" or asked.attribute == "text":
        return _read(evidence, asked, lang)
    if asked.kind == "unseen" or asked.attribute in ("gender", "style"):
        return _hidden(evidence, asked, lang)
    look = evidence.look
    if not look.garments:
        return _unknown("nothing", lang)
    if asked.kind == "describe":
        sure = round(look.garments[0].confidence.get("category", 0.5), 3)
        return Seen(captioner.description(look, lang, []), None, "image", sure)
    if asked.kind == "count":
        return _count(look, asked, lang)
    if asked.kind == "match":
        return _unknown("match_alone", lang)
    if asked.kind == "detail":
        return _unknown("detail", lang)
    if asked.attribute is None:
        return _unknown("unclear", lang)
    if asked.attribute == "category" and not asked.at and asked.kind != "what":
        return _is_there(evidence, asked, lang)
    index = pointing.resolve(asked.at, look.garments)
    if index is None:
        return _absent(look, asked, lang)
    one = _One(evidence, index)
    seen = _about(one, asked, lang)
    named = len(look.garments) > 1 and seen.source == "image" and asked.attribute != "setting"
    return _naming(look, index, asked, seen, lang) if named else seen


def _about(one: _One, asked: Asked, lang: str) -> Seen:
    garment, attribute = one.garment, str(asked.attribute)
    if attribute in ("season", "occasion"):
        return _suits(garment, asked, lang)
    if attribute == "setting":
        return _setting(one, asked, lang)
    if not applies(attribute, garment.category):
        p = garment.confidence.get("category", 0.5)
        if (
            asked.kind == "is"
            and asked.value in ("hooded", "long", "short", "threequarter")
            and p >= HEDGE_BELOW
        ):
            return Seen(
                _say("not_applicable", lang, a_noun=a_noun(garment, lang)), False, "image", round(p, 3)
            )
        return Seen(_say("not_applicable", lang, a_noun=a_noun(garment, lang)), None, "image", round(p, 3))
    if attribute == "color":
        return _color(one, asked, lang)
    if attribute == "category":
        return _category(one, asked, lang)
    return _attribute(one, asked, lang)


def _say(key: str, lang: str, **values: object) -> str:
    return say("seen", f"answer.{key}", lang, **values)


def _verdict(key: str, question: Asked, lang: str, **values: object) -> str:
    """The sentence for yes or no, put so that it also answers a question in the negative."""
    return _say(f"{key}_neg" if question.negated else key, lang, **values)


def _unknown(key: str, lang: str, confidence: float = 0.0, **values: object) -> Seen:
    return Seen(_say(key, lang, **values), None, "unknown", round(confidence, 3))


def _unsure(attribute: str, lang: str, confidence: float) -> Seen:
    return _unknown("unsure", lang, confidence, what=say("seen", f"caption.attribute.{attribute}", lang))


def _phrase(attribute: str, value: str, lang: str) -> str:
    entry = load("seen")["caption"].get(attribute, {}).get(value)
    return str(entry[lang]) if entry else taxonomy.word(attribute, value, lang)


def _list(look: Look, lang: str) -> str:
    return captioner.joined([captioner.phrase(g, lang) for g in look.garments], lang)


def _naming(look: Look, index: int, asked: Asked, seen: Seen, lang: str) -> Seen:
    """The answer with the garment it is about, where several are seen."""
    the = captioner.the_noun(look, index, lang)
    the, said = the[:1].upper() + the[1:], seen.answer
    if said.startswith("It"):
        said = "i" + said[1:]
    return replace(seen, answer=say("seen", "about", lang, the=the, answer=said))


def _absent(look: Look, asked: Asked, lang: str) -> Seen:
    """What was pointed at is not in the photo."""
    at = asked.at
    if at is None or not at.categories:
        return _unknown(
            "one_only" if len(look.garments) == 1 else "absent",
            lang,
            asked=_say("that", lang),
            list=_list(look, lang),
        )
    named = captioner.with_article(captioner.noun(at.categories[0], lang), at.categories[0], lang)
    return _unknown("absent", lang, asked=named, list=_list(look, lang))


# -- what is written, what cannot be seen ----------------------------------------------------------------------------


def _read(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    read = evidence.read()
    if asked.attribute in reading.TOPICS:
        found = reading.find(read, asked, lang)
        if found:
            return Seen(*found, "text_in_image", round(read.p, 3))
        if asked.attribute == "composition" and evidence.look.garments:
            seen = _attribute(_One(evidence, 0), replace(asked, attribute="material", kind="what"), lang)
            if seen.source == "image":
                return seen  # no label, yet denim is seen to be denim
        if not read:
            return Seen(say("seen", "label.nothing", lang), None, "unknown", 0.0)
        what = say("seen", f"label.what.{asked.attribute}", lang)
        text = say("seen", "label.not_there", lang, text=reading.short(read), what=what)
        return Seen(text, None, "unknown", 0.0)
    if not read:
        return _unknown("reads_nothing", lang)
    key = "brand_reads" if asked.attribute == "brand" else "reads_yes" if asked.kind == "is" else "reads"
    return Seen(_say(key, lang, text=read.text), read.text, "text_in_image", round(read.p, 3))


def _hidden(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """What no photo of a garment shows; a label in the photo may say it all the same."""
    if asked.attribute in ("price", "size", "care", "origin"):
        read = evidence.read()
        found = reading.find(read, asked, lang)
        if found:
            return Seen(*found, "text_in_image", round(read.p, 3))
    return Seen(say("seen", f"missing.{asked.attribute}", lang), None, "unknown", 0.0)


# -- how many, which kind --------------------------------------------------------------------------------------------


def _count(look: Look, asked: Asked, lang: str) -> Seen:
    p = round(min(g.confidence.get("category", 0.5) for g in look.garments) * RULE, 3)
    if asked.value:
        mine = [g for g in look.garments if _is_category(g, asked.value)]
        if not mine:
            return Seen(_say("count_none", lang, list=_list(look, lang)), 0, "image", p)
        names = captioner.joined([captioner.phrase(g, lang) for g in mine], lang)
        return Seen(_say("count_of", lang, n=len(mine), list=names), len(mine), "image", p)
    n = len(look.garments)
    if n == 1:
        return Seen(_say("count_one", lang, a_noun=a_noun(look.garments[0], lang)), 1, "image", p)
    return Seen(_say("count", lang, n=n, list=_list(look, lang)), n, "image", p)


def _is_there(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """Is it, or is there, one of the kinds named: any garment of the photo may be it."""
    look = evidence.look
    values = _covered(asked)
    for index, garment in enumerate(look.garments):
        if (
            any(_is_category(garment, v) for v in values)
            and garment.confidence.get("category", 0.5) >= CATEGORY_FROM
        ):
            return _category(_One(evidence, index), asked, lang)
    if len(look.garments) == 1 or asked.kind == "which":
        return _category(_One(evidence, 0), asked, lang)
    if any(_compatible(g.category, v) for g in look.garments for v in values):
        return _unsure("category", lang, 0.3)
    p = min(g.confidence.get("category", 0.5) for g in look.garments)
    if p < HEDGE_BELOW:
        return _unsure("category", lang, p / 2)
    named = captioner.with_article(captioner.noun(str(asked.value), lang), str(asked.value), lang)
    return Seen(
        _say("not_there", lang, asked=named, value=_list(look, lang)), False, "image", round(p * RULE, 3)
    )


def _covered(asked: Asked) -> tuple[str, ...]:
    """The categories a word stands for: 裤子 are trousers and shorts."""
    loose: dict[str, list[str]] = load("questions")["loose"]
    return tuple(loose.get(asked.word, asked.values or (str(asked.value),)))


def _category(one: _One, asked: Asked, lang: str) -> Seen:
    garment = one.garment
    p = garment.confidence.get("category", 0.5)
    if p < CATEGORY_FROM:
        return _unsure("category", lang, p)
    name = a_noun(garment, lang)
    if asked.kind == "what":
        key = "category" if p >= HEDGE_BELOW else "category_hedged"
        return Seen(_say(key, lang, a_noun=name), garment.kind or garment.category, "image", round(p, 3))
    values = _covered(asked)
    for value in values:
        if _is_category(garment, value):
            told: Any = value if asked.kind == "which" else True
            return Seen(_verdict("right_noun", asked, lang, value=name), told, "image", round(p, 3))
    if asked.kind == "is" and any(_compatible(garment.category, v) for v in values):
        return _finer(one, asked, values, p, lang)
    if p < HEDGE_BELOW:
        return _unsure("category", lang, p)
    if asked.kind == "which":
        likely = [v for v in values if _compatible(garment.category, v)]
        if len(likely) == 1:  # a coat or a skirt, where outerwear is seen
            text = _say(
                "category_hedged",
                lang,
                a_noun=captioner.with_article(captioner.noun(likely[0], lang), likely[0], lang),
            )
            return Seen(text, likely[0], "image", round(p * RULE, 3))
        return Seen(_say("wrong_noun", lang, value=name), garment.category, "image", round(p, 3))
    named = captioner.with_article(captioner.noun(str(asked.value), lang), str(asked.value), lang)
    return Seen(_verdict("wrong_noun", asked, lang, value=name, asked=named), False, "image", round(p, 3))


def _finer(one: _One, asked: Asked, values: tuple[str, ...], p: float, lang: str) -> Seen:
    """Is it a finer kind than the one told: by the opinion on leaves, where it has one."""
    kinds = one.judged.scores.get("kind", {})
    known = [v for v in values if v in kinds]
    if not known:
        return _unsure("category", lang, p / 2)
    sure = min(sum(kinds[v] for v in known), 1.0)
    named = captioner.with_article(captioner.noun(known[0], lang), known[0], lang)
    if sure >= EITHER_AT:
        return Seen(_verdict("maybe", asked, lang, value=named), True, "image", round(sure, 3))
    if sure <= NO_AT / 2:
        return Seen(_verdict("no_such", asked, lang, asked=named), False, "image", round(1 - sure, 3))
    return _unsure("category", lang, p / 2)


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


# -- colours and attributes ------------------------------------------------------------------------------------------


def _color(one: _One, asked: Asked, lang: str) -> Seen:
    garment = one.garment
    names, p = garment.colors, garment.confidence.get("color", 0.5)
    if not names:
        return _unsure("color", lang, p)
    words = [taxonomy.word("color", c, lang) for c in names]
    whole = captioner.colors_phrase(names, lang)
    if asked.kind == "what":
        if len(names) == 1:
            return Seen(_say("color", lang, value=words[0]), names, "image", round(p, 3))
        rest = captioner.colors_phrase(names[1:], lang)
        return Seen(_say("colors", lang, value=words[0], rest=rest), names, "image", round(p, 3))
    covers = load("questions")["covers"]["color"]
    options = asked.values or (asked.value or "",)
    # The main colour decides before the others: "navy or white" of a navy top with white stripes.
    for exact in (True, False):
        for name in names:
            for value in options:
                if name == value or (not exact and name in covers.get(value, [])):
                    told: Any = value if asked.kind == "which" else True
                    return Seen(_verdict("right", asked, lang, value=whole), told, "image", round(p, 3))
    if "multicolour" in options and len(names) > 2:
        told = "multicolour" if asked.kind == "which" else True
        return Seen(_verdict("right", asked, lang, value=whole), told, "image", round(p, 3))
    if asked.kind == "which":
        near = [v for v in options if alike("color", v, names[0])]
        if len(near) == 1:  # black or red, where navy is seen
            return Seen(
                _say("right", lang, value=taxonomy.word("color", near[0], lang)),
                near[0],
                "image",
                round(p * 0.6, 3),
            )
        return Seen(_say("wrong", lang, value=whole), names[0], "image", round(p, 3))
    value = asked.value or ""
    word = taxonomy.word("color", value, lang)
    likely = _likely_color(one, value)
    if likely >= YES_AT:  # blue, where navy is a little likelier
        return Seen(
            _verdict("maybe_color", asked, lang, value=whole, asked=word), True, "image", round(likely, 3)
        )
    if alike("color", value, names[0]):
        return Seen(_say("near", lang, value=whole, asked=word), False, "image", round(p * 0.6, 3))
    share = dict(one.judged.colors).get(value, 0.0)
    sure = round(p * (1 - share), 3)
    return Seen(_verdict("wrong", asked, lang, value=whole, asked=word), False, "image", sure)


def _likely_color(one: _One, value: str) -> float:
    """How likely a person would find this colour in the garment: by the opinion of the whole, or by its share of the
    pixels."""
    covered = (value, *load("questions")["covers"]["color"].get(value, []))
    shares, scores = dict(one.judged.colors), one.judged.scores.get("color", {})
    return min(max(sum(shares.get(v, 0.0) for v in covered), sum(scores.get(v, 0.0) for v in covered)), 1.0)


def alike(attribute: str, a: str, b: str) -> bool:
    """True for values that a photo may show as one another: navy and black, short and three-quarter sleeves."""
    groups = load("questions")["neighbours"].get(attribute, [])
    # A group of colours is around its first; the others are groups of equals.
    return a == b or any({a, b} <= set(g) and (attribute != "color" or g[0] in (a, b)) for g in groups)


def _attribute(one: _One, asked: Asked, lang: str) -> Seen:
    attribute = asked.attribute or ""
    scores = one.judged.scores.get(attribute, {})
    if not scores:
        return _unsure(attribute, lang, 0.0)
    best = max(scores, key=scores.__getitem__)
    p, told = scores[best], one.evidence.told.get(attribute, SURE_AT)
    sure = p >= told and best not in _VAGUE
    if best in _VAGUE:
        p = max((s for v, s in scores.items() if v not in _VAGUE), default=0.0)
    if asked.kind == "what":
        if attribute == "material" and not sure and (printed := _printed(one, asked, lang)):
            return printed
        if sure or _ahead(scores, best):
            return _told(attribute, best, p, lang, hedged=not sure)
        return _unsure(attribute, lang, p)
    if asked.value is None and not asked.values:  # "has it sleeves?", "is there a pattern?"
        return _any_of(attribute, scores, asked, lang)
    if asked.kind == "which":
        return _which(attribute, asked, scores, best, sure, lang)
    return _yes_or_no(attribute, asked, scores, best, lang)


def _ahead(scores: dict[str, float], best: str) -> bool:
    """The likeliest value is likely, and clearly likelier than the next."""
    second = max((p for value, p in scores.items() if value != best), default=0.0)
    return best not in _VAGUE and scores[best] >= max(LIKELY_AT, AHEAD * second)


def _printed(one: _One, asked: Asked, lang: str) -> Seen | None:
    """The composition, where the photo shows a label."""
    read = one.evidence.read()
    found = reading.find(read, replace(asked, attribute="composition"), lang)
    return Seen(*found, "text_in_image", round(read.p, 3)) if found else None


def _which(attribute: str, asked: Asked, scores: dict[str, float], best: str, sure: bool, lang: str) -> Seen:
    options = {v: scores.get(v, 0.0) for v in asked.values}
    likeliest = max(options, key=options.__getitem__)
    total = sum(options.values())
    if total > YES_AT and options[likeliest] / total >= 0.6:
        p = options[likeliest] / total
        return _told(attribute, likeliest, p, lang, hedged=min(p, total) < SURE_AT)
    return _told(attribute, best, scores[best], lang) if sure else _unsure(attribute, lang, scores[best])


def _yes_or_no(attribute: str, asked: Asked, scores: dict[str, float], best: str, lang: str) -> Seen:
    """Yes from YES_AT on, no up to NO_AT. A fabric that does not show (wool, cotton) is neither."""
    value = asked.value or ""
    covered = load("questions")["covers"].get(attribute, {}).get(value, [])
    p = min(scores.get(value, 0.0) + sum(scores.get(v, 0.0) for v in covered), 1.0)
    named = _phrase(attribute, value, lang)
    if value in scores and p >= YES_AT:
        if p < SURE_AT:
            return Seen(_verdict("maybe", asked, lang, value=named), True, "image", round(p, 3))
        key = "hood_yes" if value == "hooded" else "right"
        return Seen(_verdict(key, asked, lang, value=named), True, "image", round(p, 3))
    if value == "hooded" and p <= NO_AT:
        return Seen(_verdict("hood_no", asked, lang), False, "image", round(1 - p, 3))
    fabric = attribute == "material"
    if p > NO_AT or (fabric and (value not in scores or best in _VAGUE)):
        return _unsure(attribute, lang, p)
    if best not in _VAGUE and best not in covered and scores[best] >= SURE_AT:
        text = _verdict("wrong", asked, lang, value=_phrase(attribute, best, lang), asked=named)
        return Seen(text, False, "image", round(1 - p, 3))
    if value in scores:
        return Seen(_verdict("no_such", asked, lang, asked=named), False, "image", round(1 - p, 3))
    return _unsure(attribute, lang, p)


def _any_of(attribute: str, scores: dict[str, float], asked: Asked, lang: str) -> Seen:
    """Is there any pattern, are there any sleeves, is there a collar: the opposite of the empty value."""
    empty = {"pattern": "plain", "sleeve": "sleeveless"}.get(attribute)
    if empty is None:
        best = max(scores, key=scores.__getitem__)
        if _ahead(scores, best):
            return _told(attribute, best, scores[best], lang, hedged=scores[best] < SURE_AT)
        return _unsure(attribute, lang, 0.0)
    p = 1 - scores.get(empty, 0.0)
    if max(p, 1 - p) < EITHER_AT:
        return _unsure(attribute, lang, max(p, 1 - p))
    rest = {v: s for v, s in scores.items() if v != empty}
    best = max(rest, key=rest.__getitem__)
    if p >= EITHER_AT:
        return Seen(
            _verdict("right", asked, lang, value=_phrase(attribute, best, lang)), True, "image", round(p, 3)
        )
    text = _say("wrong", lang, value=_phrase(attribute, empty, lang))
    return Seen(text, False, "image", round(1 - p, 3))


def _told(attribute: str, value: str, p: float, lang: str, hedged: bool = False) -> Seen:
    if hedged:
        key = "hedged_neck" if attribute == "neckline" else "hedged"
        return Seen(_say(key, lang, value=_phrase(attribute, value, lang)), value, "image", round(p, 3))
    if (attribute, value) == ("pattern", "plain"):
        return Seen(_say("pattern_plain", lang), value, "image", round(p, 3))
    return Seen(_say(attribute, lang, value=_phrase(attribute, value, lang)), value, "image", round(p, 3))


def _setting(one: _One, asked: Asked, lang: str) -> Seen:
    """How it was photographed: told only where the look tells it."""
    seen = one.evidence.look.setting
    scores = one.judged.scores.get("setting", {})
    if seen is None:
        value = asked.value or ""
        p = scores.get(value, 1.0)
        if asked.kind == "is" and p <= NO_AT:
            text = _verdict("no_such", asked, lang, asked=_phrase("setting", value, lang))
            return Seen(text, False, "image", round(1 - p, 3))
        return _unsure("setting", lang, max(scores.values(), default=0.0))
    p = scores.get(seen, one.evidence.told.get("setting", 0.6))
    phrase = _phrase("setting", seen, lang)
    if asked.kind != "is":
        return Seen(_say("setting", lang, value=phrase), seen, "image", round(p, 3))
    right = seen == asked.value
    text = _say("placed" if right else "not_placed", lang, value=phrase)
    return Seen(text, right, "image", round(p, 3))


# -- what it suits ---------------------------------------------------------------------------------------------------


def _suits(garment: Garment, asked: Asked, lang: str) -> Seen:
    """Season and occasion follow from the garment, by the table of prompts/questions.yaml."""
    attribute = asked.attribute or ""
    p = garment.confidence.get("category", 0.5) * RULE
    if p < CATEGORY_FROM * RULE:
        return _unsure(attribute, lang, p)
    name, bare = a_noun(garment, lang), captioner.noun(garment.kind or garment.category, lang)
    if asked.value is None:
        good = suits.best(garment, attribute, 1)[:3]
        if not good:
            return _unsure(attribute, lang, p / 2)
        words = captioner.joined([captioner.occasion(attribute, v, lang) for v in good], lang)
        text = _say("suits_what", lang, A_noun=name[:1].upper() + name[1:], noun=bare, asked=words)
        return Seen(text, good, "image", round(p, 3))
    word = captioner.occasion(attribute, asked.value, lang)
    verdict = suits.verdict(garment, attribute, asked.value)
    if verdict is None:
        return _unknown("suits_unsure", lang, p / 2, a_noun=name, noun=bare, asked=word)
    text = _verdict("suits_yes" if verdict else "suits_no", asked, lang, a_noun=name, noun=bare, asked=word)
    return Seen(text, verdict, "image", round(p, 3))
