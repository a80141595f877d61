"""Is every fact in a reply backed? Gates on the words of a reply against the conversation's events."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from prompts import load, taxonomy

_NUMBER = r"(?<![\w.])\d[\d,]*(?:\.\d+)?"
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_HAN = "零〇一二两三四五六七八九十百千万"


@cache
def _words(key: str) -> Any:
    return load("dialogs")[key]


@cache
def _amount() -> re.Pattern[str]:
    before = "|".join(map(re.escape, _words("currency_before")))
    after = "|".join(map(re.escape, _words("currency_after")))
    return re.compile(
        rf"(?:{before})\s*(?P<a>\d[\d,]*(?:\.\d+)?)|(?P<b>{_NUMBER}|[{_HAN}]+)\s*(?:{after})(?![a-z])",
        re.IGNORECASE,
    )


def han(text: str) -> int | None:
    """The value of a Chinese numeral (三百五十 → 350); None when it is none."""
    total = section = digit = 0
    for char in text:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char in _UNITS:
            unit = _UNITS[char]
            if unit == 10000:
                total, section = total + (section + digit) * unit, 0
            else:
                section += (digit or 1) * unit
            digit = 0
        else:
            return None
    return total + section + digit


def number(text: str) -> Decimal | None:
    """A number in digits, in Chinese numerals or as a small English word."""
    if re.fullmatch(r"\d[\d,]*(?:\.\d+)?", text):
        return Decimal(text.replace(",", ""))
    if text.lower() in _words("numbers_en"):
        return Decimal(_words("numbers_en")[text.lower()])
    value = han(text)
    return None if value is None else Decimal(value)


def amounts(text: str) -> set[Decimal]:
    """Every amount of money named in a text."""
    found = (number(match["a"] or match["b"]) for match in _amount().finditer(text))
    return {value for value in found if value is not None}


def facts(events: Iterable[dict[str, Any]]) -> Iterator[Decimal]:
    """Every amount that the artifacts among `events` hold, as data or inside their texts."""
    for event in events:
        if event["type"] not in ("token", "done", "suggestions"):
            yield from _inside(event)


def _inside(value: Any) -> Iterator[Decimal]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("amount", "min", "max") and isinstance(inner, (str, int, float)):
                yield from filter(None, [number(str(inner))])
            yield from _inside(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _inside(inner)
    elif isinstance(value, str):
        yield from amounts(value)


def unbacked_prices(reply: str, events: Iterable[dict[str, Any]], messages: Iterable[str]) -> list[str]:
    """Amounts in the reply that neither an artifact nor the shopper named."""
    known = set(facts(events))
    for message in messages:
        known |= amounts(message)
        known |= {Decimal(n.replace(",", "")) for n in re.findall(_NUMBER, message)}
    return [str(value) for value in sorted(amounts(reply)) if value not in known]


def named_products(text: str, titles: dict[str, set[str]]) -> dict[str, set[str]]:
    """{title: ids} of the products whose title stands in `text`; a title inside a longer one that stands there is not
    named. `titles`: title → ids of the products that bear it."""
    found: dict[str, set[str]] = {}
    left = text.casefold()
    for title in sorted(titles, key=len, reverse=True):
        folded = title.casefold()
        if len(folded) >= 3 and folded in left:
            found[title] = titles[title]
            left = left.replace(folded, "\0")
    return found


def invented(
    reply: str, titles: dict[str, set[str]], shown: set[str], ids: set[str], messages: Iterable[str]
) -> list[str]:
    """Products that the reply names although this conversation never showed them.

    `ids`: every id of the shop. An id-like word that is no product of the shop counts as well, and so does a quoted
    or bold name of a garment that is neither a product shown nor something the shopper said.
    """
    said = " ".join(messages).casefold()
    wrong = [
        title
        for title, owners in named_products(reply, titles).items()
        if not owners & shown and title.casefold() not in said
    ]
    shapes = {
        re.sub(r"\d+", lambda m: rf"\d{{{len(m.group())}}}", re.escape(one))
        for one in ids
        if re.search(r"\d", one)
    }
    if shapes:
        like = re.compile(rf"(?<![\w-])(?:{'|'.join(sorted(shapes))})(?![\w-])")
        wrong += [word for word in like.findall(reply) if word not in shown and word.casefold() not in said]
    known = {title.casefold() for title, owners in titles.items() if owners & shown}
    for quoted in re.findall(r"(?:\*\*|[「《“\"])([^」》”\"*\n]{3,80})(?:\*\*|[」》”\"])", reply):
        bare = quoted.casefold().strip(" .,!?。，！？")
        if _is_name(bare) and bare not in said and not any(bare in title or title in bare for title in known):
            wrong.append(quoted)
    return wrong


@cache
def _vocabulary() -> tuple[list[str], list[str]]:
    """Every word of the trade and, of these, the words for categories; longest first."""
    words = {
        attribute: {
            word.casefold()
            for v in taxonomy.values(attribute)
            for ws in taxonomy.words(attribute, v).values()
            for word in ws
        }
        for attribute in taxonomy.ATTRIBUTES
    }
    every = set().union(*words.values())
    return sorted(every, key=len, reverse=True), sorted(words["category"], key=len, reverse=True)


def _is_name(quoted: str) -> bool:
    """Does a quoted text name one garment ("Harbour linen dress"), rather than a kind ("red dress") or a wish with a
    price ("a red dress under 50")?"""
    every, categories = _vocabulary()
    if re.search(r"\d", quoted) or not any(word in quoted for word in categories):
        return False
    for word in every:
        quoted = (
            quoted.replace(word, " ")
            if not word.isascii()
            else re.sub(rf"\b{re.escape(word)}s?\b", " ", quoted)
        )
    return len(re.findall(r"[a-z]{3,}|[一-鿿]{2,}", quoted)) > 0


@cache
def _counts() -> list[re.Pattern[str]]:
    english = "|".join(_words("numbers_en"))
    value = rf"(?P<n>\d+|[{_HAN}]+|(?:{english})(?![a-z]))"
    return [re.compile(pattern.replace("<n>", value), re.IGNORECASE) for pattern in _words("counts")]


def counted(reply: str) -> set[int]:
    """How many things the reply says that it shows ("找到 5 件", "here are three"). A count of something else, such as
    the pieces left in stock, does not match."""
    found = set()
    reply = _amount().sub(" ", reply)
    for pattern in _counts():
        for match in pattern.finditer(reply):
            value = number(match["n"])
            if value is not None and match["n"].lower() not in (
                "一",
                "one",
            ):  # mostly an article: 配一身, a new one
                found.add(int(value))
    return found


def asks(reply: str, events: Iterable[dict[str, Any]], topic: str) -> bool:
    """True when the reply puts a question about `topic`, or a cart event says that the size is missing."""
    if topic == "size" and any(
        e.get("problem") in ("need_size", "size_unknown") for e in events if e["type"] == "cart"
    ):
        return True
    questions = re.findall(r"[^。.!！?？\n]*[?？]", reply)
    topics = _words("asks")[topic]
    return any(not topics or any(word in question.lower() for word in topics) for question in questions)
