"""Answers on colours, on attributes (pattern, sleeves, neckline, length, fabric) and on how a garment is shown."""

from dataclasses import replace

from perception import captioner, reading
from perception.evidence import (
    EITHER_AT,
    RARE,
    SURE_AT,
    One,
    Seen,
    affirmed,
    phrase,
    said,
    unsure,
    verdict,
    yes_at,
)
from perception.questions import Asked
from prompts import load, taxonomy

# An attribute asked for is told, hedged, from LIKELY_AT on if it is so many times as likely as the next one; else both
# are told, from BOTH_AT on together.
LIKELY_AT, AHEAD, BOTH_AT = 0.3, 1.5, 0.5
COLOR_HEDGED = 0.5  # below, a colour is told hedged
# A colour this sure leaves no room for one that was not told and is less likely than UNTOLD: black is not blue.
COLOR_SURE, UNTOLD = 0.9, 0.35
NEAR = 0.6  # what is left of the confidence in a colour where one next to it is asked for
# A fabric is denied with less confidence than the heads have: knits and furs of which a photo shows little are what
# they miss most.
DENIED = 0.75
_VAGUE = {"unknown", "other"}
_EMPTY = {"pattern": "plain", "sleeve": "sleeveless"}


def of_color(one: One, asked: Asked, lang: str) -> Seen:
    """The colours of the garment, which of some, or whether it is of one."""
    garment = one.garment
    names, p = garment.colors, garment.confidence.get("color", 0.5)
    if not names:
        return unsure("color", lang, p)
    whole = captioner.colors_phrase(names, lang)
    if asked.kind == "what":
        text = _colors(names, lang) if p >= COLOR_HEDGED else said("hedged", lang, value=whole)
        return Seen(text, names, "image", round(p, 3))
    found = _among(names, asked.values or (asked.value or "",))
    if found is None:
        return _which_color(one, asked, lang) if asked.kind == "which" else _is_color(one, asked, lang)
    if asked.kind == "which":
        return Seen(_colors(names, lang), found, "image", round(p, 3))
    main = len(names) == 1 or found == "multicolour" or _covers(found, names[0])
    text = verdict("right" if main else "partly", asked, lang, value=whole)
    return Seen(text, True, "image", round(p, 3))


def _colors(names: list[str], lang: str) -> str:
    first = taxonomy.word("color", names[0], lang)
    if len(names) == 1:
        return said("color", lang, value=first)
    return said("colors", lang, value=first, rest=captioner.colors_phrase(names[1:], lang))


def _covers(asked: str, color: str) -> bool:
    return color == asked or color in load("questions")["covers"]["color"].get(asked, [])


def _among(names: list[str], options: tuple[str, ...]) -> str | None:
    """The option that is one of the colours. The main colour decides before the others: "navy or white" of a navy top
    with white stripes."""
    for exact in (True, False):
        for name in names:
            for value in options:
                if name == value or (not exact and _covers(value, name)):
                    return value
    return "multicolour" if "multicolour" in options and len(names) > 2 else None


def _which_color(one: One, asked: Asked, lang: str) -> Seen:
    names, p = one.garment.colors, one.garment.confidence.get("color", 0.5)
    near = [v for v in asked.values if alike("color", v, names[0])]
    if len(near) == 1:  # black or red, where navy is seen
        word = taxonomy.word("color", near[0], lang)
        return Seen(said("hedged", lang, value=word), near[0], "image", round(p * NEAR, 3))
    whole = captioner.colors_phrase(names, lang)
    return Seen(said("neither", lang, value=whole), names[0], "image", round(p, 3))


def _is_color(one: One, asked: Asked, lang: str) -> Seen:
    """Whether it is of a colour that was not told."""
    names, p = one.garment.colors, one.garment.confidence.get("color", 0.5)
    value = asked.value or ""
    whole, word = captioner.colors_phrase(names, lang), taxonomy.word("color", value, lang)
    likely = _likely_color(one, value)
    undecided = p < COLOR_SURE or likely >= UNTOLD
    if undecided and likely >= yes_at("color", value):  # blue, where navy is a little likelier
        text = verdict("maybe_color", asked, lang, value=whole, asked=word)
        return Seen(text, True, "image", round(likely, 3))
    if alike("color", value, names[0]):
        return Seen(said("near", lang, value=whole, asked=word), False, "image", round(p * NEAR, 3))
    share = dict(one.judged.colors).get(value, 0.0)
    text = verdict("wrong", asked, lang, value=whole, asked=word)
    return Seen(text, False, "image", round(p * (1 - share), 3))


def _likely_color(one: One, value: str) -> float:
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


def of_attribute(one: One, asked: Asked, lang: str) -> Seen:
    """Pattern, sleeves, neckline, length or fabric of the garment."""
    attribute = asked.attribute or ""
    scores = one.judged.scores.get(attribute, {})
    if not scores:
        return unsure(attribute, lang, 0.0)
    best = max(scores, key=scores.__getitem__)
    sure = scores[best] >= one.evidence.told.get(attribute, SURE_AT) and best not in _VAGUE
    if asked.kind == "what":
        return _what(one, attribute, asked, sure, lang)
    if asked.value is None and not asked.values:  # "has it sleeves?", "is there a pattern?"
        return _any_of(attribute, scores, asked, lang)
    if asked.kind == "which":
        return _which(attribute, asked, scores, best, sure, lang)
    return _yes_or_no(attribute, asked, scores, best, lang)


def _what(one: One, attribute: str, asked: Asked, sure: bool, lang: str) -> Seen:
    if attribute == "material" and not sure and (printed := _printed(one, asked, lang)):
        return printed
    scores = one.judged.scores[attribute]
    return _told_as(attribute, scores, sure, lang) or unsure(
        attribute, lang, max((s for v, s in scores.items() if v not in _VAGUE), default=0.0)
    )


def _told_as(attribute: str, scores: dict[str, float], sure: bool, lang: str) -> Seen | None:
    """The likeliest value, hedged unless `sure`, or the two likeliest; None where neither is likely enough."""
    best, *others = sorted(scores.keys() - _VAGUE, key=lambda v: (-scores[v], v))
    second = others[0] if others else None
    p, beside = scores[best], scores[second] if second else 0.0
    if sure or (p >= LIKELY_AT and p >= AHEAD * beside):
        return _told(attribute, best, p, lang, hedged=not sure)
    if second is None or p + beside < BOTH_AT:
        return None
    both = {"value": form(attribute, best, lang), "other": form(attribute, second, lang)}
    return Seen(_said("either", attribute, lang, **both), best, "image", round(p, 3))


def _printed(one: One, asked: Asked, lang: str) -> Seen | None:
    """The composition, where the photo shows a label."""
    read = one.evidence.read()
    found = reading.find(read, replace(asked, attribute="composition"), lang)
    return Seen(*found, "text_in_image", round(read.p, 3)) if found else None


def _which(attribute: str, asked: Asked, scores: dict[str, float], best: str, sure: bool, lang: str) -> Seen:
    options = {v: scores.get(v, 0.0) for v in asked.values}
    likeliest = max(options, key=options.__getitem__)
    total = sum(options.values())
    neither = sure and best not in options and scores[best] > total  # "long or short?" of no sleeves at all
    if not neither and total > RARE and options[likeliest] / total >= EITHER_AT:
        p = options[likeliest] / total
        return _told(attribute, likeliest, p, lang, hedged=min(p, total) < SURE_AT)
    return _told(attribute, best, scores[best], lang) if sure else unsure(attribute, lang, scores[best])


def _yes_or_no(attribute: str, asked: Asked, scores: dict[str, float], best: str, lang: str) -> Seen:
    """Yes where the photo makes it likelier than it is at large, else no. A fabric that does not show (wool, cotton) is
    neither."""
    value = asked.value or ""
    covered = load("questions")["covers"].get(attribute, {}).get(value, [])
    p = min(scores.get(value, 0.0) + sum(scores.get(v, 0.0) for v in covered), 1.0)
    named = form(attribute, value, lang)
    if value not in scores:
        return unsure(attribute, lang, p)
    if p >= yes_at(attribute, value):
        key = "hood_yes" if value == "hooded" and p >= SURE_AT else affirmed(p)
        return Seen(_verdict(key, attribute, asked, lang, value=named), True, "image", round(p, 3))
    if value == "hooded":
        return Seen(verdict("hood_no", asked, lang), False, "image", round(1 - p, 3))
    if best not in {*_VAGUE, *covered} and scores[best] >= SURE_AT:
        shown = form(attribute, best, lang)
        text = _verdict("wrong", attribute, asked, lang, value=shown, asked=phrase(attribute, value, lang))
        return Seen(text, False, "image", round(1 - p, 3))
    if attribute == "material":
        text = verdict("no_such", asked, lang, asked=phrase(attribute, value, lang))
        return Seen(text, False, "image", round((1 - p) * DENIED, 3))
    text = _verdict("no_such", attribute, asked, lang, asked=named)
    return Seen(text, False, "image", round(1 - p, 3))


def _any_of(attribute: str, scores: dict[str, float], asked: Asked, lang: str) -> Seen:
    """Is there any pattern, are there any sleeves, is there a collar: the opposite of the empty value."""
    empty = _EMPTY.get(attribute)
    if empty is None:
        best = max(scores.values())
        return _told_as(attribute, scores, best >= SURE_AT, lang) or unsure(attribute, lang, best)
    p = 1 - scores.get(empty, 0.0)
    if max(p, 1 - p) < EITHER_AT:
        return unsure(attribute, lang, max(p, 1 - p))
    if p < EITHER_AT:
        text = said("wrong", lang, value=phrase(attribute, empty, lang))
        return Seen(text, False, "image", round(1 - p, 3))
    best_of = max((v for v in scores if v != empty), key=scores.__getitem__)
    text = verdict("right", asked, lang, value=form(attribute, best_of, lang))
    return Seen(text, True, "image", round(p, 3))


def _told(attribute: str, value: str, p: float, lang: str, hedged: bool = False) -> Seen:
    if hedged:
        text = _said("hedged", attribute, lang, value=form(attribute, value, lang))
    elif (attribute, value) == ("pattern", "plain"):
        text = said("pattern_plain", lang)
    else:
        text = said(attribute, lang, value=form(attribute, value, lang))
    return Seen(text, value, "image", round(p, 3))


def form(attribute: str, value: str, lang: str) -> str:
    """The value as it stands after "it looks", of a neckline after "it": "has a V-neck"."""
    entry = load("seen")["looks"].get(attribute, {}).get(value)
    return str(entry[lang]) if entry else phrase(attribute, value, lang)


def _said(key: str, attribute: str, lang: str, **values: object) -> str:
    return said(f"{key}_neck" if attribute == "neckline" else key, lang, **values)


def _verdict(key: str, attribute: str, question: Asked, lang: str, **values: object) -> str:
    necked = attribute == "neckline" and not key.startswith("hood")
    return verdict(f"{key}_neck" if necked else key, question, lang, **values)


def of_setting(one: One, asked: Asked, lang: str) -> Seen:
    """How it was photographed: told only where the look tells it."""
    seen = one.evidence.look.setting
    scores = one.judged.scores.get("setting", {})
    value = asked.value or ""
    if seen is None:
        p = scores.get(value, 1.0)
        if asked.kind == "is" and p < yes_at("setting", value):
            text = verdict("no_such", asked, lang, asked=phrase("setting", value, lang))
            return Seen(text, False, "image", round(1 - p, 3))
        return unsure("setting", lang, max(scores.values(), default=0.0))
    p = scores.get(seen, one.evidence.told.get("setting", 0.6))
    shown = phrase("setting", seen, lang)
    if asked.kind != "is":
        return Seen(said("setting", lang, value=shown), seen, "image", round(p, 3))
    right = seen == value
    return Seen(said("placed" if right else "not_placed", lang, value=shown), right, "image", round(p, 3))
