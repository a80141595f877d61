"""What the words of a reply state: amounts, numbers, counts, names, questions. The judges hold it against the
events."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

from prompts import load, taxonomy
from store.types import Product

NO_ARTIFACTS = ("token", "done", "suggestions", "thinking", "turn_started")
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
        if event["type"] not in NO_ARTIFACTS:
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
    """{title: ids} of the products whose title stands in `text`; a title inside a longer one that stands
    there is not named. `titles`: title → ids of the products that bear it."""
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

    `ids`: every id of the shop. An id-like word that is no product of the shop counts as well, and so does a
    quoted or bold name of a garment that is neither a product shown nor something the shopper said."""
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
    """Does a quoted text name one garment ("Harbour linen dress"), rather than a kind ("red dress") or a wish
    with a price ("a red dress under 50")?"""
    every, categories = _vocabulary()
    if re.search(r"\d", quoted) or not any(_holds(quoted, word) for word in categories):
        return False
    for word in every:
        if word in quoted:
            quoted = _standing(word).sub(" ", quoted)
    return len(re.findall(r"[a-z]{3,}|[一-鿿]{2,}", quoted)) > 0


def _holds(text: str, word: str) -> bool:
    """The word stands in the text: as a word of its own, where it is written in letters ("what" holds no hat)."""
    return word in text and bool(_standing(word).search(text))


@cache
def _standing(word: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(word)}s?\b" if word.isascii() else re.escape(word))


@cache
def _counts() -> list[re.Pattern[str]]:
    english = "|".join(_words("numbers_en"))
    value = rf"(?P<n>\d+|[{_HAN}]+|(?:{english})(?![a-z]))"
    return [re.compile(pattern.replace("<n>", value), re.IGNORECASE) for pattern in _words("counts")]


def counted(reply: str) -> set[int]:
    """How many things the reply says that it shows ("找到 5 件", "here are three"). A count of something else,
    such as the pieces left in stock, does not match."""
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


def counted_parts(reply: str) -> Iterator[set[int]]:
    """The counts of sentences that speak of some of what is shown ("其中 2 款", "two of them come first")."""
    part = re.compile("|".join(_words("part")), re.IGNORECASE)
    yield from (counted(sentence) for sentence in statements(reply) if part.search(sentence))


def numerals(reply: str) -> set[int]:
    """Every whole number in a reply, in digits, in Chinese or as a small English word, whatever it counts."""
    words = re.findall(rf"(?<![\d.])\d+(?![\d.]*\d)|[{_HAN}]+|[a-z]+", _amount().sub(" ", reply.lower()))
    return {int(value) for value in map(number, words) if value is not None}


def asks(reply: str, events: Iterable[dict[str, Any]], topic: str) -> bool:
    """True when the reply puts a question about `topic`, or a cart event says that the size is missing."""
    if topic == "size" and any(
        e.get("problem") in ("need_size", "size_unknown") for e in events if e["type"] == "cart"
    ):
        return True
    questions = re.findall(r"[^。.!！?？\n]*[?？]", reply)
    topics = _words("asks")[topic]
    return any(not topics or any(word in question.lower() for word in topics) for question in questions)


def statements(reply: str) -> list[str]:
    """The sentences of a reply that state something: no questions, and nothing that stands in quotes as an
    example."""
    bare = re.sub(r"[「《“\"][^」》”\"\n]{0,80}[」》”\"]", " ", reply)
    return [
        s
        for s in re.findall(r"[^。!！?？\n；;]*?(?:[。!！?？\n；;]|\.(?=\s|$)|$)", bare)
        if s.strip() and s.strip()[-1] not in "?？"
    ]


def texts(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Every text of the artifacts among `events`."""
    for event in events:
        if event["type"] not in NO_ARTIFACTS:
            yield from _texts(event)


def values(parts: Iterable[Any]) -> Iterator[int | float]:
    """Every number that is data in the artifacts among `parts`, or in plain values."""
    for part in parts:
        if not (isinstance(part, dict) and part.get("type") in NO_ARTIFACTS):
            yield from _values(part)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _values(value: Any) -> Iterator[int | float]:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value
    elif isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _values(inner)


def numbers(text: str) -> set[Decimal]:
    """Every number written in digits; what belongs to a word ("T5", "2XL", "P0001") is none."""
    found = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![a-zA-Z]*[A-Z]|\d)", text)
    return {Decimal(n.replace(",", "").rstrip(".")).normalize() for n in found}


def percents(text: str) -> set[Decimal]:
    """Every share in per cent."""
    found = re.findall(r"(\d+(?:\.\d+)?)\s*(?:%|％|per ?cent)|百分之\s*(\d+)", text, re.IGNORECASE)
    return {Decimal(a or b) for a, b in found}


def discounts(shown: list[Product]) -> Iterator[Decimal]:
    """What the products on sale cost less, in per cent, and what they still cost."""
    for product in shown:
        if product.sale_price:
            still = 100 * product.sale_price.amount / product.price.amount
            yield from (Decimal(round(100 - still)), Decimal(round(still)))


def derived(shown: list[Product], lines: list[dict[str, Any]]) -> Iterator[Decimal]:
    """Numbers that follow from the records of what was shown: discounts in per cent and money, in tenths as Chinese
    shops write them (8 折), and differences of two prices; of the cart's lines: sums."""
    for share in discounts(shown):
        yield from (share, share / 10)
    for product in shown:
        if product.sale_price:
            yield product.price.amount - product.sale_price.amount
    prices = {p.current_price.amount for p in shown}
    yield from (abs(a - b) for a in prices for b in prices)
    for line in lines:
        yield from (Decimal(line["quantity"]), Decimal(line["price"]["amount"]) * line["quantity"])
    yield Decimal(sum(line["quantity"] for line in lines))


def without_names(reply: str, titles: dict[str, set[str]]) -> str:
    """The reply without the products' names and without what it quotes, which keep their own language."""
    for title in named_products(reply, titles):
        reply = re.sub(re.escape(title), " ", reply, flags=re.IGNORECASE)
    return re.sub(r"[「《“\"][^」》”\"\n]{0,80}[」》”\"]", " ", reply)


# a template's hole, a value of the program, markup; control characters and overrides of the direction
_INSIDE = re.compile(
    r"\{[a-z_]*\}|\b(?:None|NaN|null|True(?! to )|False|undefined)\b|</?[a-z]\w*>|<\|"
    r"|[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]"
)


def leaks(reply: str, tools: Iterable[str]) -> str:
    """What of the workings shows in a reply: an unfilled template, a value of the program, a tool's name, a
    control character. Empty where nothing does."""
    names = [name for name in tools if "_" in name and name in reply]
    found = _INSIDE.search(reply)
    return found.group() if found else next(iter(names), "")
