"""From a large model's words to an answer of ours: canonical values, our sentences, nothing a picture cannot tell."""

import re
from functools import cache
from typing import Any

from perception import captioner
from perception.evidence import Seen, phrase
from perception.questions import Asked, fold
from perception.wording import HAN
from prompts import load, say, taxonomy

LONGEST = 300  # characters of a sentence that is shown
ANSWER_FROM = 0.5  # confidence below which the model is said not to know
VALUED = ("category", "color", "pattern", "material", "sleeve", "neckline", "length", "season", "occasion")
OPEN = ("detail", "unknown")  # kinds of question that are answered in the model's own words
MANY = ("color", "season", "occasion")  # answered with a list


def claims(text: str) -> bool:
    """True when a text says what no picture can tell: a price, a discount, the stock, an address."""
    return any(pattern.search(text) for pattern in _claims())


def sentence(text: str) -> str | None:
    """A model's caption as a sentence or two; None for one that is empty, endless, or claims what no picture tells."""
    text = " ".join(text.split()).strip(" \"'“”")
    if len(text) > LONGEST:
        text = finished(text[:LONGEST])
    if not text or len(text) > LONGEST or claims(text) or not re.search(r"[^\W\d_]{2}", text):
        return None
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?。！？" else text + ("。" if HAN.search(text) else ".")


def finished(text: str) -> str:
    """The whole sentences of a text that was broken off; "" when it has none."""
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s|$)|[。！？]", text)]
    return text[: ends[-1]] if ends else ""


def askable(asked: Asked) -> bool:
    """True for a question that a model may answer from the pixels; lettering, prices, care and the like it may not, and
    a question in the negative is left to who knows what its yes means."""
    if asked.negated:
        return False
    valued = asked.kind in ("what", "is", "which") and asked.attribute in VALUED
    return valued or asked.kind in ("count", *OPEN)


def understood(asked: Asked) -> str | None:
    """The question in English, from what it was understood to ask; None where that is not enough to ask it."""
    put = load("plugged")["question"]
    attribute = asked.attribute or ""
    if asked.kind == "count":
        return str(put["count"])
    words = [
        taxonomy.word(attribute, v, "en") for v in asked.values or ((asked.value,) if asked.value else ())
    ]
    if asked.kind == "what":
        return put["what"].get(attribute)
    if asked.kind == "which":
        return str(put["which"]).format(values=" or ".join(words)) if words else None
    if asked.kind == "is" and not words:
        return put["any"].get(attribute)
    if asked.kind == "is":
        key = (
            "is_category"
            if attribute == "category"
            else "suits"
            if attribute in ("season", "occasion")
            else "is"
        )
        return str(put[key]).format(value=words[0])
    return None


def read(asked: Asked, text: str) -> Any:
    """The canonical value in a free-text answer, as `Seen.value` has it; None when there is none in it.

    "is" gives True or False, "count" a number, colours, seasons and occasions a list, an open question its text."""
    plain = fold(text)
    if not plain or _mentions("unsure", plain):
        return None
    if asked.kind == "count":
        return _number(plain)
    if asked.kind == "is":
        return _verdict(plain, asked)
    if asked.attribute in VALUED:
        found = named(asked.attribute, plain)
        if asked.kind == "which":
            return next((v for v in found if v in asked.values), None)
        return (found or None) if asked.attribute in MANY else next(iter(found), None)
    return sentence(text)


def named(attribute: str, text: str) -> list[str]:
    """Values of `attribute` that a folded text names, in its order; a longer word hides those inside it."""
    taken = [False] * len(text)
    found: list[tuple[int, str]] = []
    for value, pattern in (*_vocabulary(attribute), *_short(attribute)):
        for match in pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                found.append((match.start(), value))
    return list(dict.fromkeys(value for _, value in sorted(found)))


def fits(asked: Asked, value: Any) -> bool:
    """True when `value` is of the kind the question asks for and, where there is a vocabulary, a word of it."""
    if asked.kind == "is":
        return isinstance(value, bool)
    if asked.kind == "count":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 99
    if asked.kind == "which":
        return value in asked.values
    if asked.attribute in MANY:
        known = set(taxonomy.values(asked.attribute))
        return (
            isinstance(value, list)
            and 0 < len(value) <= 4
            and all(isinstance(v, str) and v in known for v in value)
        )
    if asked.attribute in VALUED:
        return isinstance(value, str) and value in taxonomy.values(asked.attribute)
    return value is None or (isinstance(value, str) and len(value) <= LONGEST)


def seen(asked: Asked, value: Any, text: str, confidence: float, lang: str) -> Seen:
    """The answer to the shopper in `lang`, from a value that `fits`; unknown below ANSWER_FROM or without a value."""
    confidence = round(min(max(confidence, 0.0), 1.0), 3)
    open_text = asked.kind in OPEN
    if confidence < ANSWER_FROM or (value is None and not open_text) or claims(text):
        return unsure(asked, confidence, lang)
    if open_text:
        said = sentence(text)
        if said is None:
            return unsure(asked, confidence, lang)
        return Seen(
            said if lang == _language(said) else say("plugged", "answer.open", lang, text=said),
            None,
            "image",
            confidence,
        )
    return Seen(_spoken(asked, value, lang), value, "image", confidence)


def unsure(asked: Asked, confidence: float, lang: str) -> Seen:
    """That the model cannot tell."""
    attribute = asked.attribute if asked.attribute in VALUED else "detail"
    what = say("seen", f"caption.attribute.{attribute}", lang)
    return Seen(say("seen", "answer.unsure", lang, what=what), None, "unknown", confidence)


def _spoken(asked: Asked, value: Any, lang: str) -> str:
    attribute = asked.attribute or ""
    if asked.kind == "count":
        return say("plugged", "answer.count", lang, n=value)
    if isinstance(value, bool):
        if asked.value is None or attribute in ("season", "occasion"):
            return say("plugged", f"answer.{'yes' if value else 'no'}", lang)
        if attribute == "category":
            name = captioner.with_article(captioner.noun(asked.value, lang), asked.value, lang)
            return say(
                "seen", "answer.right_noun" if value else "answer.no_such", lang, value=name, asked=name
            )
        told = phrase(attribute, asked.value, lang)
        return say("seen", "answer.right" if value else "answer.no_such", lang, value=told, asked=told)
    if attribute == "color":
        colors = value if isinstance(value, list) else [value]
        first = taxonomy.word("color", colors[0], lang)
        if len(colors) == 1:
            return say("seen", "answer.color", lang, value=first)
        return say("seen", "answer.colors", lang, value=first, rest=captioner.colors_phrase(colors[1:], lang))
    if attribute == "category":
        name = captioner.with_article(captioner.noun(value, lang), value, lang)
        return say("seen", "answer.category", lang, a_noun=name)
    if isinstance(value, list):
        words = ("、" if lang == "zh" else ", ").join(taxonomy.word(attribute, v, lang) for v in value)
        return say("plugged", "answer.open", lang, text=words)
    if (attribute, value) == ("pattern", "plain"):
        return say("seen", "answer.pattern_plain", lang)
    return say("seen", f"answer.{attribute}", lang, value=phrase(attribute, value, lang))


def _language(text: str) -> str:
    return "zh" if HAN.search(text) else "en"


def _verdict(plain: str, asked: Asked) -> bool | None:
    """Yes or no, from the first such word; a value named instead decides by being the one asked for."""
    for key, verdict in (("no", False), ("yes", True)):
        if _starts(key, plain):
            return verdict
    found = named(asked.attribute, plain) if asked.attribute in VALUED else []
    return asked.value in found if found and asked.value else None


def _starts(key: str, plain: str) -> bool:
    words = load("plugged")["read"][key]
    return any(plain.startswith(w) for w in words["zh"]) or any(
        re.match(rf"{re.escape(w)}(?![a-z'])", plain) for w in words["en"]
    )


def _mentions(key: str, plain: str) -> bool:
    words = load("plugged")["read"][key]
    return any(w in plain for w in words["zh"]) or any(
        w in plain and re.search(rf"(?<![a-z]){re.escape(w)}(?![a-z])", plain) for w in words["en"]
    )


def _number(plain: str) -> int | None:
    digits = re.search(r"\d+", plain)
    if digits:
        return int(digits[0]) if int(digits[0]) <= 99 else None
    words = load("plugged")["read"]["numbers"]
    for number in range(len(words["en"])):
        if re.search(rf"\b{words['en'][number]}\b", plain) or plain.startswith(words["zh"][number]):
            return number
    return None


@cache
def _vocabulary(attribute: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(value, pattern of a word for it), longest word first."""
    entries: list[tuple[str, str]] = []
    for value in taxonomy.values(attribute):
        if value != "other":
            spoken = taxonomy.words(attribute, value)
            entries += [(word, value) for word in {fold(w) for w in (*spoken["zh"], *spoken["en"], value)}]
    entries.sort(key=lambda e: -len(e[0]) * (3 if HAN.search(e[0]) else 1))
    return tuple((value, _whole(word)) for word, value in entries)


@cache
def _short(attribute: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Adjectives that mean a value once the attribute is known: "long", to a question about sleeves."""
    beside = load("questions")["beside"].get(attribute, {})
    return tuple(
        (value, _whole(fold(w))) for value, forms in beside.items() for w in (*forms["zh"], *forms["en"])
    )


def _whole(word: str) -> re.Pattern[str]:
    if HAN.search(word):
        return re.compile(re.escape(word))
    return re.compile(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])")


@cache
def _claims() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in load("plugged")["claims"])
