"""Sentences on what a label, a tag or a size chart in the photo says: as read there, never as the shop's facts."""

from typing import Any

from perception import labels
from perception.labels import Lettering
from perception.questions import Asked
from prompts import say

TOPICS = frozenset({"composition", "price", "size", "care", "origin", "measure"})
LONGEST = 120  # characters of lettering that are told in full


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


def short(read: Lettering) -> str:
    """The lettering, cut where it is long."""
    return read.text if len(read.text) <= LONGEST else read.text[:LONGEST].rstrip() + "…"
