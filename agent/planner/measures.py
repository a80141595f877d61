"""Body measures in a message, lengths in centimetres and weight in kilograms, and what a chart calls them.
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
_CHI = re.compile(
    r"(?P<chi>[1-4二三两一四])尺(?P<cun>[\d零一二三四五六七八九])?(?!码)"
)  # 腰围二尺一: 2.1 of a third of a metre
_CHI_CM = 100 / 3
_THREE = re.compile(
    r"(?<![\d.])(?P<chest>\d{2,3}) ?[-/,] ?(?P<waist>\d{2,3}) ?[-/,] ?(?P<hip>\d{2,3})(?![\d.])"
)
_TALL_AND = re.compile(
    r"(?<![\d.$¥€£])(?P<height>1[3-9]\d|20\d)(?:cm|厘米|公分)?(?: ?[,/] ?| )(?:体重 ?)?"
    r"(?P<weight>\d{2,3}(?:\.\d)?) ?(?P<unit>kgs?\b|公斤|千克|斤|lbs?\b)"
)
_AFTER_ME = re.compile(
    r"(?:我|\bi'?m|\bi am|本人) ?(?P<height>1[3-9]\d|20\d)(?! ?(?:kg|lb|斤|公斤|元|块|度|码|号|[.\d]))"
)
_FEET_AND = re.compile(
    r"[4-7] ?(?:'|ft|feet|foot) ?\d{1,2}(?: ?(?:\"|in\b|inch(?:es)?))?(?: tall)?(?: and|,|/)? ?"
    r"(?P<lb>[89]\d|[1-3]\d\d)(?![\d.]| ?(?:cm|kg|\$|dollars?|%))"
)
_YEARS = re.compile(
    r"(?<![\d.])(?P<age>\d{1,2}) ?(?:years? old|yrs? old|yo\b|y/o|-year-old| year old)|(?P<han>\d{1,2}) ?岁"
)
_GROWN = 16  # who is older is sized as grown-ups are
_INCHES_BELOW = {"chest": 52, "waist": 45, "hip": 56, "inseam": 42, "shoulder": 22, "foot": 13, "head": 26}
_LEAST_IN_INCHES = {"chest": 28, "waist": 21, "hip": 30, "inseam": 20, "shoulder": 12, "foot": 8, "head": 19}
_NO_LENGTH = re.compile(
    r"第\d|[$€£¥] ?\d|\d ?(?:kgs?\b|公斤|千克|斤|lbs?\b|pounds?\b|岁|years?\b|元|块|刀|%|折|码|号|"
    r"[件个条双款套顶只张]|st\b|nd\b|rd\b|th\b)"
)

Chart = Mapping[str, Mapping[str, float]]


def read(text: str) -> dict[str, float]:
    """Measures named in a raw message, by canonical name: "my chest is 98" → {"chest": 98.0}. A length in centimetres
    that a person can be and that nothing names is a height."""
    plain = clean(text)
    said = numbers.digits(_METRES.sub(_in_digits, _CHI.sub(_of_chi, plain)))
    found: dict[str, float] = {}
    both = _TALL_AND.search(said)
    if both:
        found["height"] = float(both["height"])
    three = _THREE.search(said)
    if three and ("三围" in said or re.search(r"measurements?|\bcm\b|bust|inch", said) or len(said) < 12):
        figures = {n: float(three[n]) for n in ("chest", "waist", "hip")}
        if figures["waist"] < min(figures["chest"], figures["hip"]):
            found |= {n: _bare(n, v) for n, v in figures.items()}
            said = said[: three.start()] + "," + said[three.end() :]
    weighed = _WEIGHED.search(said)
    if weighed and (not weighed["unit"].startswith("pound") or _OF_A_PERSON.search(said)):
        found["weight"] = round(float(weighed["value"]) * _KILOGRAMS.get(weighed["unit"], 1.0), 1)
        said = said[: weighed.start()] + "," + said[weighed.end() :]  # no length
    for name, word, after, before in _named():
        if word in said:
            value = _beside(said, name, after, before)
            if value is not None and _plausible(name, value):
                found.setdefault(name, value)
    years = _YEARS.search(said)
    if years and int(years["age"] or years["han"]) < _GROWN:
        found["age"] = float(years["age"] or years["han"])
    me = _AFTER_ME.search(said)
    if me:
        found.setdefault("height", float(me["height"]))
    tall = _TALL.search(said)
    if "height" not in found and tall and (tall["m"] or "foot" not in found):
        found["height"] = _height(tall)
    bare = _BARE.search(said)
    if bare and not set(found) - {"weight"}:
        found["height"] = float(bare["cm"])
    beside = _FEET_AND.search(said)
    if beside and "height" in found and "weight" not in found:
        found["weight"] = round(float(beside["lb"]) * _KILOGRAMS["lb"], 1)
    _weighed_in_jin(said, found)
    return {k: v for k, v in found.items() if _plausible(k, v)}


def _weighed_in_jin(said: str, found: dict[str, float]) -> None:
    """体重120 without a unit of somebody of 165 cm is half a kilogram each; of 5'4" it is pounds."""
    height, weight = found.get("height"), found.get("weight")
    if height is None or weight is None or _WEIGHED.search(said):
        return
    bmi = weight / (height / 100) ** 2
    if bmi > 33:
        found["weight"] = round(weight * (0.5 if re.search(r"[㐀-鿿]", said) else 0.4536), 1)


def _of_chi(match: re.Match[str]) -> str:
    """二尺一 → 70cm."""
    han = {
        **{str(n): n for n in range(10)},
        **dict(zip("零一二三四五六七八九两", [*range(10), 2], strict=True)),
    }
    return f"{round((han[match['chi']] + han.get(match['cun'] or '0', 0) / 10) * _CHI_CM)}cm"


def _bare(name: str, value: float) -> float:
    """A figure without a unit: in inches where it cannot be centimetres of a person."""
    small = _LEAST_IN_INCHES.get(name, 999) <= value < _INCHES_BELOW.get(name, 0)
    return round(value * INCH, 1) if small else value


def number(text: str, name: str) -> float | None:
    """A message that is little more than a number that a person's `name` can be: the answer to "what is your chest?".
    A place in a list, a weight, an age, a count or an amount of money is none."""
    said = numbers.digits(clean(text))
    if _NO_LENGTH.search(said):
        return None
    values = re.findall(_VALUE, said)
    if len(values) != 1 or len(re.findall(r"[a-z]+|[㐀-鿿]+", said)) > 6:
        return None
    told = float(values[0][0])
    value = _centimetres(told, values[0][1]) if values[0][1] else _bare(name, told)
    return value if _plausible(name, value) else None


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


@cache
def _named() -> list[tuple[str, str, re.Pattern[str], re.Pattern[str]]]:
    """(name of a measure, a word for it, that word and a number after it, a number and that word), longest word first
    within a measure."""
    found = []
    for name, words in load("understanding/measures")["names"].items():
        for word in sorted(words, key=len, reverse=True):
            bounded = rf"\b{word}\b" if word.isascii() else word
            after = re.compile(rf"{bounded}[^\d,.;]{{0,14}}?{_VALUE}")
            before = re.compile(rf"(?<![\d.]){_VALUE} ?(?:in the |at the |around the |round the )?{bounded}")
            found.append((name, word, after, before))
    return found


def _beside(said: str, name: str, after: re.Pattern[str], before: re.Pattern[str]) -> float | None:
    """The number next to a word for the measure `name`: "chest is 98", "98 cm chest", 胸围98."""
    match = after.search(said) or before.search(said)
    if match is None:
        return None
    value = float(match["value"])
    return _centimetres(value, match["unit"]) if match["unit"] else _bare(name, value)


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
    low, high = {
        "height": (45, 220),
        "foot": (8, 35),
        "head": (35, 70),
        "weight": (2, 250),
        "age": (0, 16),
    }.get(name, (30, 180))
    return low <= value <= high


@cache
def _keys() -> dict[str, str]:
    return {key: name for name, keys in load("understanding/measures")["keys"].items() for key in keys}
