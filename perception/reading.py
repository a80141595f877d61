"""Sentences on what a label, a tag or a size chart in the photo says: as read there, never as the shop's facts."""

import re
from typing import Any

from perception import labels
from perception.labels import Lettering
from perception.questions import Asked
from prompts import say

TOPICS = frozenset({"composition", "price", "size", "care", "origin", "measure"})
LONGEST = 120  # characters of lettering that are told in full
_YEAR, _MONTH, _DAY = r"(?:(?:19|20)\d\d)", r"(?:1[0-2]|0?[1-9])", r"(?:3[01]|[12]\d|0?[1-9])"
_NAMED = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}"
_BETWEEN = r"[./\-,']?"  # letters hold month and day apart where nothing else does
_DATES = (
    rf"{_YEAR}(?P<a>[./\-:]){_MONTH}(?P=a){_DAY}",
    rf"'?(?:{_YEAR}|\d\d)(?P<b>[./\-]){_MONTH}(?P=b){_DAY}",
    rf"{_DAY}(?P<c>[./\-]){_MONTH}(?P=c)'?(?:{_YEAR}|\d\d)",
    rf"{_MONTH}(?P<d>[./\-]){_DAY}(?P=d)'?(?:{_YEAR}|\d\d)",
    rf"{_YEAR}年{_MONTH}月{_DAY}日?",
    rf"{_DAY}{_BETWEEN}{_NAMED}{_BETWEEN}(?:{_YEAR}|\d\d)",
    rf"{_NAMED}{_BETWEEN}{_DAY}{_BETWEEN}(?:{_YEAR}|\d\d)",
)
_TIME = r"(?:[ap]m|上午|下午)?(?:2[0-3]|[01]?\d)(?P<t>[:：])[0-5]\d(?:(?P=t)[0-5]\d)?(?:[ap]m)?"
_WEEKDAY = r"(?:星期[一二三四五六日天]|周[一二三四五六日天]|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6})"
# A date, a time, or a date with a time; spaces are left out first, as the reader loses them anyhow.
_STAMP = re.compile(rf"(?:{_WEEKDAY},?)?(?:{'|'.join(_DATES)})?,?{_WEEKDAY}?,?(?:{_TIME})?", re.IGNORECASE)


def find(read: Lettering, asked: Asked, lang: str) -> tuple[str, Any] | None:
    """(sentence, value) for one of `TOPICS`; None when the lettering does not say it."""
    value: Any
    match asked.attribute:
        case "composition":
            value = labels.composition(read)
            parts = [
                say("seen", "label.part", lang, percent=n, fibre=labels.fibre_word(f, lang))
                for f, n in value.items()
            ]
            told = ("、" if lang == "zh" else ", ").join(parts)
        case "price":
            value = labels.prices(read)
            told = ("、" if lang == "zh" else ", ").join(value)
        case "size":
            value = labels.sizes(read)
            told = ("、" if lang == "zh" else ", ").join(value)
        case "care":
            value = labels.care(read)
            told = "; ".join(value) if lang == "en" else "；".join(value)
        case "origin":
            value = told = labels.origin(read)
        case "measure":
            return _measure(read, asked, lang)
        case _:
            return None
    if not value:
        return None
    one: Any = value[0] if asked.attribute in ("price", "size") and len(value) == 1 else value
    return say("seen", f"label.{asked.attribute}", lang, value=told), one


def _measure(read: Lettering, asked: Asked, lang: str) -> tuple[str, Any] | None:
    table, size = labels.chart(read), labels.asked_size(asked.text)
    measure = say("seen", f"label.measure_word.{asked.word}", lang)
    if size and size in table and asked.word in table[size]:
        value = table[size][asked.word]
        return say("seen", "label.measure", lang, measure=measure, size=size, value=value), value
    column = {s: row[asked.word] for s, row in table.items() if asked.word in row}
    if size or not column:
        return None
    parts = [say("seen", "label.for_size", lang, value=v, size=s) for s, v in column.items()]
    told = ("、" if lang == "zh" else ", ").join(parts)
    return say("seen", "label.measures", lang, measure=measure, value=told), column


def is_stamp(text: str) -> bool:
    """True for a line that is nothing but a date, a time or both, as cameras put into a corner of a photo."""
    plain = re.sub(r"\s", "", text)
    return bool(re.search(r"\d", plain) and _STAMP.fullmatch(plain))


def unstamped(read: Lettering) -> Lettering:
    """The lettering without what a camera put there."""
    return Lettering(tuple(line for line in read.lines if not is_stamp(line.text)))


def short(read: Lettering) -> str:
    """The lettering, cut where it is long."""
    return read.text if len(read.text) <= LONGEST else read.text[:LONGEST].rstrip() + "…"
