"""What a question about a garment asks: the attribute, the values named, and the kind of answer wanted (zh and en)."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Literal

import opencc

from prompts import load, taxonomy

LIMIT = 500  # characters of a question that are read
Kind = Literal["what", "is", "which", "read", "count", "describe", "unseen", "detail", "unknown"]

_VALUED = ("category", "color", "pattern", "material", "sleeve", "neckline", "length", "season", "occasion", "style",
           "gender")  # fmt: skip
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Asked:
    """`attribute`: a taxonomy attribute, or text, brand, count, setting, price, size, stock, care, age, detail; None
    when unclear. `value`: the value of a yes/no question; `values`: all values named ("black or navy"). `kind`: "is"
    wants yes or no, "which" one of `values`, "unseen" asks what no photo shows, "detail" a part that is not looked
    for. `word`: the value as the shopper said it."""

    attribute: str | None
    value: str | None
    kind: Kind
    values: tuple[str, ...] = ()
    word: str = ""


@dataclass(frozen=True)
class _Named:
    attribute: str
    value: str
    start: int
    word: str


def fold(text: str) -> str:
    """Lower case, half width, simplified characters, hyphens opened, one space."""
    text = unicodedata.normalize("NFKC", text[:LIMIT]).casefold()
    if _HAN.search(text):
        text = _simplifier().convert(text)
    return re.sub(r"\s+", " ", re.sub(r"(?<=\w)-(?=\w)", " ", text.replace("’", "'"))).strip()


def parse(question: str, lang: str = "en") -> Asked:
    """Read a question. Words of both languages are understood whatever `lang` is; never raises."""
    text = fold(question)
    if not text:
        return Asked(None, None, "unknown")
    text = (
        re.sub(r"有没有(.{1,8}?)[呀啊呢]?[?？]?$", r"有\1吗", text)
        .replace("是不是", "是")
        .replace("是否", "是")
    )
    yes_no = _is_yes_no(text, question)
    cue = _first_cue("cues", text)
    unseen = _first_cue("unseen", text)
    named = _named(text)
    if cue in ("text", "count", "describe") and not (cue == "describe" and named):
        kinds: dict[str, Kind] = {
            "text": "is" if yes_no else "read",
            "count": "count",
            "describe": "describe",
        }
        return Asked(cue, None, kinds[cue])
    if unseen and not (yes_no and any(n.attribute in ("sleeve", "length") for n in named)):
        return Asked(unseen, None, "unseen")
    if cue == "brand":
        return Asked("brand", None, "read")
    found = _about(named, cue, text)
    if found:
        attribute = found[0].attribute
        values = tuple(dict.fromkeys(n.value for n in found))
        if len(values) > 1 and _is_choice(text):
            return Asked(attribute, None, "which", values, "")
        if yes_no or cue in (None, attribute, "describe"):
            if cue == attribute and not yes_no and _is_what(text):
                return Asked(attribute, None, "what")
            return Asked(attribute, values[0], "is", values, found[0].word)
    if _mentions("details", text):
        return Asked("detail", None, "detail")
    if cue:
        return Asked(
            cue,
            None,
            "is" if yes_no and cue in ("sleeve", "pattern", "neckline") and not _is_what(text) else "what",
        )
    return Asked(None, None, "unknown")


def _about(named: list[_Named], cue: str | None, text: str) -> list[_Named]:
    """The named values the question is about. "Is this dress red" names a category only to point; "are the sleeves
    long" names its value by an adjective beside the cue."""
    if cue in ("sleeve", "neckline", "length", "pattern"):
        own = [n for n in named if n.attribute == cue]
        if own:
            return own
        for value, forms in load("questions")["beside"].get(cue, {}).items():
            if any(_has(text, w) for w in (*forms["zh"], *forms["en"])):
                return [_Named(cue, value, 0, taxonomy.word(cue, value, "en"))]
        return []
    if cue in _VALUED and any(n.attribute == cue for n in named) and cue != "category":
        return [n for n in named if n.attribute == cue]
    others = [n for n in named if n.attribute != "category"]
    pick = others or named
    return [n for n in pick if n.attribute == pick[0].attribute] if pick else []


def _is_yes_no(text: str, original: str) -> bool:
    cues = load("questions")["yesno"]
    plain = re.sub(r"[什怎多那这]么", "", text)
    if any(w in plain for w in cues["zh"]) or any(w in original for w in ("是不是", "有没有", "是否")):
        return True
    first = re.match(r"(?:so|and|but|ok|okay|well|hi|hello|hey|please|[, ])*([a-z']+)", text)
    return bool(first and first.group(1) in cues["en"]) and not _is_what(text)


def _is_what(text: str) -> bool:
    return bool(re.search(r"\b(what|which|how|where|who|when)\b|什么|啥|哪|怎|多", text))


def _is_choice(text: str) -> bool:
    return bool(re.search(r"\bor\b|还是|或", text))


def _mentions(group: str, text: str) -> bool:
    words = load("questions")[group]
    return any(_has(text, w) for w in (*words["zh"], *words["en"]))


def _first_cue(group: str, text: str) -> str | None:
    """The attribute whose longest cue the text holds; "what kind of" counts only beside no other ("of neckline")."""
    best: tuple[int, str] | None = None
    for attribute, words in load("questions")[group].items():
        for word in (*words["zh"], *words["en"]):
            # A Chinese character says about as much as three letters.
            weight = 1 if word in load("questions")["weak"] else len(word) * (3 if _HAN.search(word) else 1)
            weight -= 100 if attribute == "category" else 0
            if (best is None or weight > best[0]) and _has(text, fold(word)):
                best = weight, attribute
    return best[1] if best else None


def _has(text: str, word: str) -> bool:
    if _HAN.search(word):
        return word in text
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text))


@cache
def _vocabulary() -> list[tuple[str, str, str, re.Pattern[str]]]:
    """(folded word, attribute, value, pattern), longest first."""
    entries = []
    for attribute in _VALUED:
        for value in taxonomy.values(attribute):
            if value == "other":
                continue
            spoken = taxonomy.words(attribute, value)
            for word in {fold(w) for w in (*spoken["zh"], *spoken["en"], value)}:
                han = bool(_HAN.search(word))
                pattern = re.compile(
                    re.escape(word) if han else rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])"
                )
                entries.append((word, attribute, value, pattern))
    return sorted(entries, key=lambda e: -len(e[0]) * (3 if _HAN.search(e[0]) else 1))


def _named(text: str) -> list[_Named]:
    """Values named in the text, in order; a longer word hides the shorter ones inside it ("jeans jacket")."""
    taken = [False] * len(text)
    found = []
    for word, attribute, value, pattern in _vocabulary():
        for match in pattern.finditer(text):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                found.append(_Named(attribute, value, match.start(), word))
    return sorted(found, key=lambda n: n.start)


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
