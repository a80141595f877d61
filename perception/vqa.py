"""Answers to questions on a photo, from what was recognised and read. What is not sure is said to be not sure."""

import re
from dataclasses import replace

from perception import captioner, kinds, pointing, reading, suits, values
from perception.captioner import a_noun
from perception.evidence import (
    CATEGORY_FROM,
    HEDGE_BELOW,
    RULE,
    Evidence,
    Judged,
    One,
    Seen,
    continued,
    listed,
    said,
    unknown,
    unsure,
    verdict,
)
from perception.garments import applies, senseless
from perception.look import Garment, Look
from perception.questions import Asked, parse
from prompts import load, say, taxonomy

__all__ = ["Asked", "Evidence", "Judged", "Seen", "answer", "answer_asked", "parse"]

TROUBLED = 0.6  # what is left of the confidence in a photo that is hard to see
PLAINLY_NOT = -2  # points of a season (see suits) from which a garment is plainly for another one
EACH = 3  # garments that a question that points at none is answered for


def answer(evidence: Evidence, question: str, lang: str) -> Seen:
    """Answer in `lang`. Never raises for a question; what cannot be answered has source "unknown"."""
    return answer_asked(evidence, parse(question, lang), lang)


def answer_asked(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """Answer a question that is parsed already."""
    seen = _answer(evidence, asked, lang)
    if evidence.trouble is None or seen.source == "text_in_image" or asked.kind in ("unseen", "unknown"):
        return seen
    hard = say("seen", f"caption.hard.{evidence.trouble}", lang)
    alone = seen.source == "unknown"  # nothing was told that a better photo could not tell
    text = hard if alone else seen.answer + ("" if lang == "zh" else " ") + hard
    return replace(seen, answer=text, confidence=round(seen.confidence * TROUBLED, 3))


def _answer(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    if asked.kind == "read" or asked.attribute == "text":
        return _read(evidence, asked, lang)
    if asked.kind == "unseen" or asked.attribute in ("gender", "style"):
        return _hidden(evidence, asked, lang)
    look = evidence.look
    if not look.garments:
        return unknown("nothing", lang)
    if asked.kind == "describe":
        sure = round(look.garments[0].confidence.get("category", 0.5), 3)
        return Seen(captioner.description(look, lang, []), None, "image", sure)
    if asked.kind == "count":
        return kinds.count(look, asked, lang)
    if asked.kind == "match":
        return unknown("match_alone", lang)
    if asked.kind == "detail":
        return unknown("detail", lang)
    if asked.attribute is None:
        return unknown("unclear", lang)
    if asked.value == "hooded" and "帽" in asked.text and any(_is_hat(g) for g in look.garments):
        asked = replace(
            asked, attribute="category", value="hat", values=("hat",)
        )  # 有帽子吗 is a hat or a hood
    if asked.attribute == "category" and not asked.at and asked.kind != "what":
        return kinds.is_there(evidence, asked, lang)
    index = pointing.resolve(asked.at, look.garments)
    if index is None:
        return _absent(look, asked, lang)
    several = len(look.garments) > 1 and asked.attribute != "setting"
    if several and not asked.at:
        return _each(evidence, asked, lang)
    seen = _about(One(evidence, index), asked, lang)
    itself = asked.attribute == "category" and asked.kind == "what"  # not "the cap: it's a cap"
    return _naming(look, index, seen, lang) if several and seen.source == "image" and not itself else seen


def _is_hat(garment: Garment) -> bool:
    return taxonomy.is_a(garment.category, "hat")


def _about(one: One, asked: Asked, lang: str) -> Seen:
    garment, attribute = one.garment, str(asked.attribute)
    if attribute in ("season", "occasion"):
        return _suits(garment, asked, lang)
    if attribute == "setting":
        return values.of_setting(one, asked, lang)
    if not applies(attribute, garment.category):
        if not senseless(attribute, garment.category):
            return unsure(attribute, lang, 0.0)
        p = garment.confidence.get("category", 0.5)
        if (
            asked.kind == "is"
            and asked.value in ("hooded", "long", "short", "threequarter")
            and p >= HEDGE_BELOW
        ):
            return Seen(
                said("not_applicable", lang, a_noun=a_noun(garment, lang)), False, "image", round(p, 3)
            )
        return Seen(said("not_applicable", lang, a_noun=a_noun(garment, lang)), None, "image", round(p, 3))
    if attribute == "color":
        return values.of_color(one, asked, lang)
    if attribute == "category":
        return kinds.of_kind(one, asked, lang)
    return values.of_attribute(one, asked, lang)


def _each(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """What is asked of no garment in particular, where several are seen: the answer for each, `value` and `confidence`
    those of the first that has one."""
    look, attribute = evidence.look, str(asked.attribute)
    if attribute == "category" and asked.kind == "what":
        seen = kinds.count(look, replace(asked, value=None), lang)
        return replace(seen, value=kinds.of_kind(One(evidence, 0), asked, lang).value)
    fitting = [i for i, g in enumerate(look.garments) if applies(attribute, g.category)][:EACH] or [0]
    each = [(i, _about(One(evidence, i), asked, lang)) for i in fitting]
    told = [_naming(look, i, seen, lang) for i, seen in each if seen.source == "image"]
    texts = [seen.answer for seen in told]
    untold: dict[str, list[int]] = {}  # what cannot be told of several is said once of them all
    for i, seen in each:
        if seen.source != "image":
            untold.setdefault(seen.answer, []).append(i)
    texts += [_untold(look, attribute, text, of, lang) for text, of in untold.items()]
    first = told[0] if told else each[0][1]
    return replace(first, answer=("" if lang == "zh" else " ").join(texts))


def _untold(look: Look, attribute: str, text: str, of: list[int], lang: str) -> str:
    """That something cannot be told, of these garments."""
    the = captioner.joined([captioner.the_noun(look, i, lang) for i in of], lang)
    if text == unsure(attribute, lang, 0.0).answer:
        what = say("seen", f"caption.attribute.{attribute}", lang)
        return said("unsure_of", lang, what=what, the=the)
    return say("seen", "about", lang, the=the[:1].upper() + the[1:], answer=continued(text))


def _naming(look: Look, index: int, seen: Seen, lang: str) -> Seen:
    """The answer with the garment it is about, where several are seen."""
    the, text = captioner.the_noun(look, index, lang), seen.answer
    if lang == "en" and captioner.is_plural(look.garments[index]):
        for one, many in load("seen")["plural"].items():
            text = re.sub(rf"\b{one}\b", many, text)
            text = re.sub(rf"\b{one[0].upper()}{one[1:]}\b", many[0].upper() + many[1:], text)
    text = say("seen", "about", lang, the=the[:1].upper() + the[1:], answer=continued(text))
    return replace(seen, answer=text)


def _absent(look: Look, asked: Asked, lang: str) -> Seen:
    """What was pointed at is not in the photo."""
    at = asked.at
    if at is None or not at.categories:
        return unknown(
            "one_only" if len(look.garments) == 1 else "absent",
            lang,
            asked=said("that", lang),
            list=listed(look, lang),
        )
    named = captioner.any_noun(at.categories[0], lang)
    return unknown("absent", lang, asked=named, list=listed(look, lang))


def _read(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    read = evidence.read()
    if asked.attribute in reading.TOPICS:
        found = reading.find(read, asked, lang)
        if found:
            return Seen(*found, "text_in_image", round(read.p, 3))
        if asked.attribute == "composition" and evidence.look.garments:
            seen = values.of_attribute(
                One(evidence, 0), replace(asked, attribute="material", kind="what"), lang
            )
            if seen.source == "image":
                return seen  # no label, yet denim is seen to be denim
        read = reading.unstamped(read)
        if not read:
            return Seen(say("seen", "label.nothing", lang), None, "unknown", 0.0)
        what = say("seen", f"label.what.{asked.attribute}", lang)
        text = say("seen", "label.not_there", lang, text=reading.short(read), what=what)
        return Seen(text, None, "unknown", 0.0)
    stamp, read = read, reading.unstamped(read)
    if not read:
        return unknown("reads_stamp" if stamp else "reads_nothing", lang, text=stamp.text)
    key = "brand_reads" if asked.attribute == "brand" else "reads_yes" if asked.kind == "is" else "reads"
    return Seen(said(key, lang, text=read.text), read.text, "text_in_image", round(read.p, 3))


def _hidden(evidence: Evidence, asked: Asked, lang: str) -> Seen:
    """What no photo of a garment shows; a label in the photo may say it all the same."""
    if asked.attribute in ("price", "size", "care", "origin"):
        read = evidence.read()
        found = reading.find(read, asked, lang)
        if found:
            return Seen(*found, "text_in_image", round(read.p, 3))
    return Seen(say("seen", f"missing.{asked.attribute}", lang), None, "unknown", 0.0)


def _suits(garment: Garment, asked: Asked, lang: str) -> Seen:
    """Season and occasion follow from the garment, by the table of prompts/questions.yaml."""
    attribute = asked.attribute or ""
    p = garment.confidence.get("category", 0.5) * RULE
    if p < CATEGORY_FROM * RULE:
        return unsure(attribute, lang, p)
    name, bare = a_noun(garment, lang), captioner.noun(garment.kind or garment.category, lang)
    if asked.value is None:
        good = suits.best(garment, attribute, 1)[:3]
        if not good:
            return unsure(attribute, lang, p / 2)
        words = captioner.joined([captioner.occasion(attribute, v, lang) for v in good], lang)
        text = said("suits_what", lang, A_noun=name[:1].upper() + name[1:], noun=bare, asked=words)
        return Seen(text, good, "image", round(p, 3))
    word = captioner.occasion(attribute, asked.value, lang)
    good_for = suits.verdict(garment, attribute, asked.value)
    if attribute == "season" and any(re.search(felt, asked.text) for felt in load("questions")["felt"]):
        return _felt(garment, asked.value, lang, p)
    if good_for is None:
        return unknown("suits_unsure", lang, p / 2, a_noun=name, noun=bare, asked=word)
    text = verdict("suits_yes" if good_for else "suits_no", asked, lang, a_noun=name, noun=bare, asked=word)
    return Seen(text, good_for, "image", round(p, 3))


def _felt(garment: Garment, season: str, lang: str, p: float) -> Seen:
    """How warm it feels in a season, which a photo does not show, unless the garment is plainly for another one."""
    points = suits.points(garment, "season", season) or 0
    key = "felt_wrong" if points <= PLAINLY_NOT else "felt_suits" if points >= suits.DECIDED else "felt"
    words = {
        "a_noun": a_noun(garment, lang),
        "noun": captioner.noun(garment.kind or garment.category, lang),
        "asked": captioner.occasion("season", season, lang),
    }
    text = said(key, lang, **words)
    if key == "felt_wrong":
        return Seen(text, False, "image", round(p, 3))
    return Seen(text, None, "unknown", 0.0)
