"""Body measures in a message, lengths in centimetres and weight in kilograms, and the size that a chart has for them.
Words are in prompts/understanding/measures.yaml."""

import re
from collections.abc import Mapping
from functools import cache

from agent.planner import numbers
from agent.planner.text import clean
from prompts import load

INCH = 2.54
_KILOGRAMS = {"斤": 0.5, "市斤": 0.5, "lb": 0.4536, "lbs": 0.4536, "pound": 0.4536, "pounds": 0.4536}
_WEIGHED = re.compile(
    r"(?<![\d.])(?P<value>\d{2,3}(?:\.\d)?) ?"
    r"(?P<unit>kgs?\b|kilos?\b|kilograms?\b|公斤|千克|市斤|斤|lbs?\b|pounds?\b)"
)
_OF_A_PERSON = re.compile(r"\bweigh|\bi'?m\b|\bi am\b")  # pounds may be money
_VALUE = (
    r"(?P<value>\d{1,3}(?:\.\d{1,2})?) ?"
    r"(?P<unit>cm|centimet\w+|厘米|公分|inch(?:es)?|in\b|\"|英寸|寸|m\b|米(?!\d))?"
)
_TALL = re.compile(
    r"(?P<ft>[4-7]) ?(?:'|ft|feet|foot) ?(?P<inch>\d{1,2})?|(?P<m>[12])(?:米|\.|m)(?P<cm>\d{1,2})(?:m\b|米)?"
)
_METRES = re.compile(r"([12一二])米([零〇一二三四五六七八九\d]{1,2})(?!\d)")
_HAN = str.maketrans("零〇一二三四五六七八九", "00123456789")
_BARE = re.compile(r"(?<![\d.])(?P<cm>1\d\d|[89]\d)(?:\.\d)? ?(?:cm|厘米|公分)")
_NO_LENGTH = re.compile(
    r"第\d|[$€£¥] ?\d|\d ?(?:kgs?\b|公斤|千克|斤|lbs?\b|pounds?\b|岁|years?\b|元|块|刀|%|折|码|号|"
    r"[件个条双款套顶只张]|st\b|nd\b|rd\b|th\b)"
)
_LOOSE = 1.2  # a measure beyond the largest of a chart by more than this is no measure of it

Chart = Mapping[str, Mapping[str, float]]


def read(text: str) -> dict[str, float]:
    """Measures named in a raw message, by canonical name: "my chest is 98" → {"chest": 98.0}. A length in centimetres
    that a person can be and that nothing names is a height."""
    said = numbers.digits(_METRES.sub(_in_digits, clean(text)))
    found: dict[str, float] = {}
    weighed = _WEIGHED.search(said)
    if weighed and (not weighed["unit"].startswith("pound") or _OF_A_PERSON.search(said)):
        found["weight"] = round(float(weighed["value"]) * _KILOGRAMS.get(weighed["unit"], 1.0), 1)
        said = said[: weighed.start()] + "," + said[weighed.end() :]  # no length
    for name, words in load("understanding/measures")["names"].items():
        for word in sorted(words, key=len, reverse=True):
            value = _beside(said, word)
            if value is not None and _plausible(name, value):
                found.setdefault(name, value)
    tall = _TALL.search(said)
    if "height" not in found and tall and (tall["m"] or "foot" not in found):
        found["height"] = _height(tall)
    bare = _BARE.search(said)
    if bare and not set(found) - {"weight"}:
        found["height"] = float(bare["cm"])
    return {k: v for k, v in found.items() if _plausible(k, v)}


def number(text: str, name: str) -> float | None:
    """A message that is little more than a number that a person's `name` can be: the answer to "what is your chest?".
    A place in a list, a weight, an age, a count or an amount of money is none."""
    said = numbers.digits(clean(text))
    if _NO_LENGTH.search(said):
        return None
    values = re.findall(_VALUE, said)
    if len(values) != 1 or len(re.findall(r"[a-z]+|[㐀-鿿]+", said)) > 6:
        return None
    value = _centimetres(float(values[0][0]), values[0][1])
    return value if _plausible(name, value) else None


def fitting(chart: Chart, measures: Mapping[str, float]) -> tuple[str, float, str] | None:
    """(key of the chart, value, size): the smallest size whose measure is not below the shopper's. None where the chart
    has none of these measures, or none is large enough."""
    for name, value in measures.items():
        for key in load("understanding/measures")["keys"].get(name, []):
            sizes = sorted((float(row[key]), size) for size, row in chart.items() if key in row)
            if sizes and value <= _LOOSE * sizes[-1][0]:
                fits = next((size for at, size in sizes if at >= value), None)
                if fits:
                    return key, value, fits
    return None


def leading(chart: Chart) -> str:
    """The measure that a chart goes by first, as it calls it."""
    known = _keys()
    return next((key for row in chart.values() for key in row if key in known), "")


def name_of(key: str) -> str:
    """The canonical name of what a chart calls `key`."""
    return _keys().get(key, key)


def _in_digits(match: re.Match[str]) -> str:
    """一米七五 → 1米75."""
    return f"{match[1].translate(_HAN)}米{match[2].translate(_HAN)}"


def _beside(said: str, word: str) -> float | None:
    """The number next to a word: "chest is 98", "98 cm chest", 胸围98."""
    bounded = rf"\b{word}\b" if word.isascii() else word
    after = re.search(rf"{bounded}[^\d,.;]{{0,14}}?{_VALUE}", said)
    before = re.search(rf"(?<![\d.]){_VALUE} ?(?:in the |at the |around the |round the )?{bounded}", said)
    match = after or before
    return _centimetres(float(match["value"]), match["unit"] or "") if match else None


def _centimetres(value: float, unit: str) -> float:
    if unit in ("m", "米"):
        return value * 100
    return round(value * INCH, 1) if unit.startswith("in") or unit in ('"', "英寸", "寸") else value


def _height(match: re.Match[str]) -> float:
    if match["ft"]:
        return round((int(match["ft"]) * 12 + int(match["inch"] or 0)) * INCH, 1)
    digits = match["cm"]
    return float(match["m"]) * 100 + (int(digits) * 10 if len(digits) == 1 else int(digits))


def _plausible(name: str, value: float) -> bool:
    low, high = {"height": (45, 220), "foot": (8, 35), "head": (35, 70), "weight": (2, 250)}.get(
        name, (30, 180)
    )
    return low <= value <= high


@cache
def _keys() -> dict[str, str]:
    return {key: name for name, keys in load("understanding/measures")["keys"].items() for key in keys}
