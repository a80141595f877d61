"""Answers to questions on a photo, from what was recognised and read. What is not sure is said to be not sure."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from perception import captioner
from perception.captioner import a_noun
from perception.garments import applies
from perception.look import Garment, Look
from perception.questions import Asked, parse
from prompts import load, say, taxonomy

__all__ = ["Asked", "Seen", "answer", "parse"]

Source = Literal["image", "text_in_image", "unknown"]
CATEGORY_FROM = 0.45  # below, a category is not even hedged
HEDGE_BELOW = 0.7
NO_AT = 0.12  # a value as unlikely as this is denied
YES_AT = 0.6


@dataclass(frozen=True)
class Seen:
    """An answer about a photo. `value`: canonical value, list of colours, True/False, a count or the text read; None
    when unknown."""

    answer: str
    value: Any
    source: Source
    confidence: float


@dataclass(frozen=True)
class Evidence:
    """What answers rest on. `scores`: attribute → value → probability for the main garment; `colors`: (name, share),
    all of them; `told`: the probability each attribute needs; `read`: the lettering and how sure, read when called."""

    look: Look
    scores: dict[str, dict[str, float]]
    colors: list[tuple[str, float]]
    told: dict[str, float]
    read: Callable[[], tuple[str, float]]


def answer(evidence: Evidence, question: str, lang: str) -> Seen:
    """Answer in `lang`. Never raises for a question; what cannot be answered has source "unknown"."""
    return answer_asked(evidence, parse(question, lang), lang)


def answer_asked(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """Answer a question that is parsed already."""
    if asked.kind == "read" or asked.attribute == "text":
        return _lettering(evidence, asked, lang)
    if asked.kind == "unseen" or asked.attribute in ("gender", "style"):
        what = say("seen", f"caption.attribute.{asked.attribute}", lang)
        return _unknown("unseen", lang, what=what)
    if not evidence.look.garments:
        return _unknown("nothing", lang)
    garment = evidence.look.garments[0]
    if asked.kind == "describe":
        text = captioner.description(evidence.look, lang, [])
        return Seen(text, None, "image", round(garment.confidence.get("category", 0.5), 3))
    if asked.kind == "count":
        return _count(evidence.look, lang)
    if asked.kind == "detail":
        return _unknown("detail", lang)
    if asked.attribute is None:
        return _unknown("unclear", lang)
    if asked.attribute in ("season", "occasion"):
        return _suits(garment, asked, lang)
    if not applies(asked.attribute, garment.category):
        p = garment.confidence.get("category", 0.5)
        return Seen(_say("not_applicable", lang, a_noun=a_noun(garment, lang)), None, "image", round(p, 3))
    if asked.attribute == "color":
        return _color(evidence, asked, lang)
    if asked.attribute == "category":
        return _category(evidence, garment, asked, lang)
    return _attribute(evidence, garment, asked, lang)


def _say(key: str, lang: str, **values: object) -> str:
    return say("seen", f"answer.{key}", lang, **values)


def _unknown(key: str, lang: str, confidence: float = 0.0, **values: object) -> Seen:
    return Seen(_say(key, lang, **values), None, "unknown", round(confidence, 3))


def _unsure(attribute: str, lang: str, confidence: float) -> Seen:
    return _unknown("unsure", lang, confidence, what=say("seen", f"caption.attribute.{attribute}", lang))


def _phrase(attribute: str, value: str, lang: str) -> str:
    entry = load("seen")["caption"].get(attribute, {}).get(value)
    return str(entry[lang]) if entry else taxonomy.word(attribute, value, lang)


def _lettering(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    text, p = evidence.read()
    if not text:
        return _unknown("reads_nothing", lang)
    key = "brand_reads" if asked.attribute == "brand" else "reads_yes" if asked.kind == "is" else "reads"
    return Seen(_say(key, lang, text=text), text, "text_in_image", round(p, 3))


def _count(look: Look, lang: str) -> Seen:
    n = len(look.garments)
    p = min(g.confidence.get("category", 0.5) for g in look.garments)
    if n == 1:
        return Seen(
            _say("count_one", lang, a_noun=a_noun(look.garments[0], lang)), 1, "image", round(p * 0.8, 3)
        )
    names = ("、" if lang == "zh" else ", ").join(a_noun(g, lang) for g in look.garments)
    return Seen(_say("count", lang, n=n, list=names), n, "image", round(p * 0.8, 3))


def _category(evidence: Evidence, garment: Garment, asked: Asked, lang: str) -> Seen:
    p = garment.confidence.get("category", 0.5)
    if p < CATEGORY_FROM:
        return _unsure("category", lang, p)
    name = a_noun(garment, lang)
    if asked.kind == "what":
        key = "category" if p >= HEDGE_BELOW else "category_hedged"
        return Seen(_say(key, lang, a_noun=name), garment.kind or garment.category, "image", round(p, 3))
    for value in asked.values or (asked.value or "",):
        if _is_category(garment, value):
            return Seen(
                _say("right_noun", lang, value=name),
                value if asked.kind == "which" else True,
                "image",
                round(p, 3),
            )
    if _compatible(garment.category, asked.value or ""):
        return _unsure("category", lang, p / 2)  # a finer kind than what is recognised: cannot say yes or no
    if p < HEDGE_BELOW:
        return _unsure("category", lang, p)
    denied = garment.category if asked.kind == "which" else False
    return Seen(_say("wrong_noun", lang, value=name), denied, "image", round(p, 3))


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


def _color(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    garment = evidence.look.garments[0]
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
    for value in asked.values or (asked.value or "",):
        matching = [c for c in names if c == value or c in covers.get(value, [])]
        if matching or (value == "multicolour" and len(names) > 2):
            value_out: Any = value if asked.kind == "which" else True
            return Seen(_say("right", lang, value=whole), value_out, "image", round(p, 3))
    if asked.kind == "which":
        return Seen(_say("wrong", lang, value=whole), names[0], "image", round(p, 3))
    near = dict(evidence.colors).get(asked.value or "", 0.0)
    return Seen(_say("wrong", lang, value=whole), False, "image", round(p * (1 - near), 3))


def _attribute(evidence: Evidence, garment: Garment, asked: Asked, lang: str) -> Seen:
    attribute = asked.attribute or ""
    scores = evidence.scores.get(attribute, {})
    if not scores:
        return _unsure(attribute, lang, 0.0)
    best = max(scores, key=scores.__getitem__)
    p = scores[best]
    sure = p >= evidence.told.get(attribute, 0.6) and best not in ("unknown", "other")
    if asked.kind == "what":
        return _told(attribute, best, p, lang) if sure else _unsure(attribute, lang, p)
    if asked.value is None and not asked.values:  # "has it sleeves?", "is there a pattern?"
        return _any_of(attribute, scores, lang)
    if asked.kind == "which":
        options = {v: scores.get(v, 0.0) for v in asked.values}
        likeliest = max(options, key=options.__getitem__)
        total = sum(options.values())
        if total > 0.5 and options[likeliest] / total >= 0.65:
            return _told(attribute, likeliest, options[likeliest] / total, lang)
        return _told(attribute, best, p, lang) if sure else _unsure(attribute, lang, p)
    return _yes_or_no(attribute, asked, scores, best, sure, lang, evidence.told.get(attribute, 0.6))


def _yes_or_no(
    attribute: str, asked: Asked, scores: dict[str, float], best: str, sure: bool, lang: str, told: float
) -> Seen:
    covered = load("questions")["covers"].get(attribute, {}).get(asked.value or "", [])
    value = asked.value or ""
    p = scores.get(value, 0.0) + sum(scores.get(v, 0.0) for v in covered)
    if value in scores and p >= max(YES_AT, min(told, 0.75)):
        text = (
            _say("hood_yes", lang)
            if value == "hooded"
            else _say("right", lang, value=_phrase(attribute, value, lang))
        )
        return Seen(text, True, "image", round(min(p, 1.0), 3))
    if value == "hooded" and p <= NO_AT:
        return Seen(_say("hood_no", lang), False, "image", round(1 - p, 3))
    if sure and best != value and best not in covered and (value in scores or attribute != "material"):
        return Seen(
            _say("wrong", lang, value=_phrase(attribute, best, lang)), False, "image", round(1 - p, 3)
        )
    if value in scores and p <= NO_AT and attribute != "material":
        named = _phrase(attribute, value, lang)
        return Seen(_say("no_such", lang, asked=named), False, "image", round(1 - p, 3))
    return _unsure(attribute, lang, p)


def _any_of(attribute: str, scores: dict[str, float], lang: str) -> Seen:
    """Is there any pattern, are there any sleeves, is there a collar: the opposite of the empty value."""
    empty = {"pattern": "plain", "sleeve": "sleeveless"}.get(attribute)
    if empty is None:
        best = max(scores, key=scores.__getitem__)
        return (
            _told(attribute, best, scores[best], lang)
            if scores[best] >= YES_AT
            else _unsure(attribute, lang, 0.0)
        )
    p = 1 - scores.get(empty, 0.0)
    if max(p, 1 - p) < YES_AT:
        return _unsure(attribute, lang, max(p, 1 - p))
    rest = {v: s for v, s in scores.items() if v != empty}
    best = max(rest, key=rest.__getitem__)
    if p >= YES_AT:
        return Seen(_say("right", lang, value=_phrase(attribute, best, lang)), True, "image", round(p, 3))
    return Seen(_say("wrong", lang, value=_phrase(attribute, empty, lang)), False, "image", round(1 - p, 3))


def _told(attribute: str, value: str, p: float, lang: str) -> Seen:
    if (attribute, value) == ("pattern", "plain"):
        return Seen(_say("pattern_plain", lang), value, "image", round(p, 3))
    return Seen(_say(attribute, lang, value=_phrase(attribute, value, lang)), value, "image", round(p, 3))


def _suits(garment: Garment, asked: Asked, lang: str) -> Seen:
    """Season and occasion follow from the kind of garment, by the table of prompts/questions.yaml."""
    attribute = asked.attribute or ""
    table = load("questions")["suits"][attribute]
    own = [c for c in (garment.kind, garment.category) if c]
    p = garment.confidence.get("category", 0.5) * 0.8
    if asked.value is None:
        good = [v for v, t in table.items() if any(c in t["good"] for c in own)]
        if not good or p < CATEGORY_FROM:
            return _unsure(attribute, lang, p)
        words = ("、" if lang == "zh" else ", ").join(taxonomy.word(attribute, v, lang) for v in good[:3])
        return Seen(
            _say("suits_yes", lang, a_noun=a_noun(garment, lang), asked=words), good, "image", round(p, 3)
        )
    entry = table.get(asked.value)
    word = taxonomy.word(attribute, asked.value, lang)
    for key, verdict in (("good", True), ("bad", False)):
        if entry and p >= CATEGORY_FROM and any(c in entry[key] for c in own):
            said = _say(
                "suits_yes" if verdict else "suits_no", lang, a_noun=a_noun(garment, lang), asked=word
            )
            return Seen(said, verdict, "image", round(p, 3))
    return _unsure(attribute, lang, p)
