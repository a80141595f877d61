"""What the words of a feed mean, whatever its format: prices, stock, texts, dates."""

import html
import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from prompts.language import HAN
from store.feeds.record import Refused
from store.feeds.tables import name_of

MOST_PRICE = Decimal(10_000_000)  # in major units; a thousand times as much in a weak currency
MOST_HTML = 200_000  # characters of a description that are looked at
_NUMBER = re.compile(r"[+-]?\d(?:[\d .,'’\u00a0\u202f]*\d)?")
_MINUS = {ord(mark): "-" for mark in "−‒–—﹣"}  # as texts write it
_IN_BRACKETS = re.compile(r"\([^()]*\d[^()]*\)")  # how books write what is owed
_TAGS = re.compile(r"<[a-zA-Z/!?]|&(?:[a-zA-Z]{2,8}|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "td",
        "th",
        "tr",
        "ul",
    ]
)
_UNREAD = frozenset(["script", "style", "noscript", "template", "iframe", "object", "svg", "math", "head"])


@cache
def words() -> dict[str, Any]:
    """`words.yaml`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(
        Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"), Loader=loader
    )
    return found


@cache
def meanings(table: str) -> dict[str, str]:
    """Every word of a table of `words.yaml` → what it means."""
    return {name_of(str(word)): str(ours) for ours, said in words()[table].items() for word in said}


@cache
def currencies() -> frozenset[str]:
    """The codes of ISO 4217 that money is paid in."""
    return frozenset(str(words()["currencies"]).split())


def digits(currency: str | None) -> int:
    """Decimal places of a currency; two where it is not known."""
    return 0 if currency in words()["no_minor"] else 3 if currency in words()["three_digits"] else 2


def known_currency(value: Any, field: str = "currency") -> str | None:
    """The code in upper case, None for none. Raises Refused for one that does not exist."""
    text = str(value or "").strip()
    if not text:
        return None
    if text.upper() in currencies():
        return text.upper()
    if signed := words()["signs"].get(text.casefold()):
        return str(signed[0])
    raise Refused("unknown_currency", field, value=text)


def meant_by(sign: str) -> list[str]:
    """The currencies that a sign stands for, the likeliest first; none for what is no sign."""
    return [str(code) for code in words()["signs"].get(sign.casefold(), [])]


def sign_of_several(value: Any, beside: Any = None) -> str:
    """The sign of a price ("$19") or of what stands beside it, where several currencies have it; else ""."""
    if isinstance(value, dict):
        codes = [value.get(name) for name in ("currency", "currency_code", "currencyCode")]
        return sign_of_several(value.get("amount", value.get("value")), next(filter(None, codes), beside))
    marks = [
        re.sub(r"[\d\s.,'’+-]", "", unicodedata.normalize("NFKC", str(v or ""))) for v in (value, beside)
    ]
    mark = next(filter(None, marks), "")
    return mark.casefold() if len(meant_by(mark)) > 1 else ""


def price(
    value: Any,
    field: str = "price",
    currency: str | None = None,
    minor: bool = False,
    shop: str | None = None,
) -> tuple[Decimal, str | None]:
    """The amount in major units and its currency (None: the feed does not say), however the feed writes it:
    "15.00 USD", "$1,299", "1.299,00 €", {"amount": …, "currency": …}. `currency`: said beside it; `shop`: which
    currency a sign of several means; `minor`: a whole number (1500) is of minor units, as text it has decimals or a
    currency ("15.00"), and what may be either is refused: it would be wrong a hundred times.

    Raises Refused for what is no price, negative, nothing, or absurd.
    """
    if isinstance(value, dict):
        said = value.get("currency") or value.get("currency_code") or value.get("currencyCode") or currency
        return price(value.get("amount", value.get("value")), field, said, minor, shop)
    if value is None or isinstance(value, bool | list):
        raise Refused("no_price" if value in (None, []) else "bad_price", field, value=value)
    text = unicodedata.normalize("NFKC", str(value)).translate(_MINUS).strip()
    numbers = _NUMBER.findall(text)
    if len(numbers) != 1 or not text:
        raise Refused("bad_price" if text else "no_price", field, value=text)
    found = known_currency(currency) if currency else None
    beside = text.replace(numbers[0], " ", 1).strip()
    negative = numbers[0].startswith("-") or beside.startswith("-") or _IN_BRACKETS.search(text) is not None
    if beside := beside.strip(" -+."):
        found = _named(beside, field, shop)
    places = digits(found or shop)
    weak = (found or shop) in words()["weak"]
    amount = _amount(numbers[0], field, text, places, weak)
    if minor and (isinstance(value, float) or (isinstance(value, str) and text.lstrip("+-").isdigit())):
        raise Refused("unclear_units", field, value=text)
    if minor and isinstance(value, int):
        if not (found or shop) and not negative:
            raise Refused("no_currency", field, value=text)
        amount = amount.scaleb(-places)
    if negative and amount:
        raise Refused("negative_price", field, value=text)
    if not amount:
        raise Refused("zero_price", field, value=text)
    if amount > MOST_PRICE * (1000 if weak else 1):
        raise Refused("absurd_price", field, value=text)
    return amount, found


def _named(text: str, field: str, shop: str | None) -> str:
    """The currency that stands beside an amount."""
    signs, plain = words()["signs"], "".join(text.split())
    for part in dict.fromkeys((plain, *text.split())):
        if part.upper() in currencies():
            return part.upper()
        if meant := signs.get(part.casefold()):
            return shop if shop and shop in meant else str(meant[0])
    if re.fullmatch(r"[A-Za-z]{3}", plain):
        raise Refused("unknown_currency", field, value=plain)
    raise Refused("bad_price", field, value=text)


def _amount(number: str, field: str, text: str, places: int, weak: bool) -> Decimal:
    """The number, thousands and decimals told apart: of two marks the last one is the decimal one, and a comma before
    three digits is none; a point there is none in a currency that has no cents or whose cents nobody pays, and could be
    either in others: that is refused."""
    if re.search(r"(?<=\d)[\s'’](?=\d)(?!\d{3}(?!\d))", number):
        raise Refused("bad_price", field, value=text)
    plain = re.sub(r"[+\s'’-]", "", number)
    marks = [c for c in plain if c in ".,"]
    if len(set(marks)) == 2:
        decimal = marks[-1]
        if marks.count(decimal) > 1:
            raise Refused("bad_price", field, value=text)
        plain = plain.replace("," if decimal == "." else ".", "").replace(decimal, ".")
    elif marks:
        parts = plain.split(marks[0])
        thousands = all(len(part) == 3 for part in parts[1:]) and 1 <= len(parts[0]) <= 3
        pointed = thousands and marks == ["."] and parts[0] != "0"
        if pointed and places == 2 and not weak:  # "1.250 €" is 1250 where it was written, 1.25 elsewhere
            raise Refused("too_precise", field, value=text, places=places)
        if (
            len(marks) > 1
            or (thousands and marks[0] == "," and parts[0] != "0")
            or (pointed and (weak or not places))
        ):
            if not thousands:
                raise Refused("bad_price", field, value=text)
            plain = "".join(parts)
        else:
            plain = ".".join(parts)
    if len(plain) > 24:
        raise Refused("absurd_price", field, value=text)
    amount = Decimal(plain)
    if amount != round(amount, places):
        raise Refused("too_precise", field, value=text, places=places)
    return amount


def availability(value: Any) -> str | None:
    """One of ours; None where nothing is said. Raises Refused for a word that nobody knows."""
    if isinstance(value, bool):
        return "in_stock" if value else "out_of_stock"
    text = name_of(str(value if value is not None else "").rsplit("/", 1)[-1])
    if not text:
        return None
    if (found := meanings("availability").get(text)) is None:
        raise Refused("bad_availability", "availability", value=value)
    return found


def count(value: Any) -> int | None:
    """How many there are, never less than none; None where nothing is said or it is no number."""
    try:
        return max(0, min(int(Decimal(str(value).strip())), 10_000_000))
    except (ArithmeticError, ValueError):
        return None


def number(value: Any) -> float | None:
    """A number as it stands, with either decimal mark; None for anything else."""
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError:
        return None


def on_sale_now(dates: str) -> bool:
    """Whether today lies in "2026-11-01T00:00+0800/2026-11-30T23:59+0800"; what is no such range is no limit."""
    start, slash, end = dates.partition("/")
    if not slash:
        return True
    now = datetime.now(UTC)
    begins, ends = _moment(start), _moment(end)
    return (begins is None or begins <= now) and (ends is None or now <= ends)


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip()))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def truth(value: Any) -> bool | None:
    """Yes or no, None where it says neither."""
    text = str(value if value is not None else "").strip().casefold()
    return True if text in ("true", "yes", "1", "y") else False if text in ("false", "no", "0", "n") else None


# ---- texts


class _Words(HTMLParser):
    """The text of a page's piece: scripts, styles and the like left out, blocks on lines of their own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            while self._unread and self._unread.pop() != tag:
                pass
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(data)


def text(value: Any) -> str:
    """A text without its markup: "<p>Soft&nbsp;cotton</p><script>…</script>" is "Soft cotton"."""
    if value is None or isinstance(value, dict | list):
        return ""
    plain = str(value)[:MOST_HTML]
    for _ in range(2):  # markup that was escaped once more than needed
        if not _TAGS.search(plain):
            break
        words_of = _Words()
        try:
            words_of.feed(plain)
            words_of.close()
        except (ValueError, AssertionError):  # what html.parser raises at a malformed declaration
            plain = re.sub(r"<[^>]*>?", " ", html.unescape(plain))
            break
        plain = "".join(words_of.parts)
    lines = (" ".join(line.split()) for line in plain.split("\n"))
    return "\n".join(line for line in lines if line)


def bilingual(fields: dict[str, Any], name: str) -> dict[str, str]:
    """{"zh", "en"} of a text that may come in either language or both: `title`, `title_zh`, `title_en`."""
    flat = fields.get(name)
    if isinstance(flat, dict):
        return {lang: text(flat.get(lang)) for lang in ("zh", "en")}
    zh, en, plain = (text(v) for v in (fields.get(f"{name}_zh"), fields.get(f"{name}_en"), flat))
    if HAN.search(plain):
        zh = zh or plain
    else:
        en = en or plain
    return {"zh": zh, "en": en}
