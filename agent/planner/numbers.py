# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Numbers in words → digits; prices, ratings and their bounds."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_ZH_DIGIT = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_ZH_UNIT = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_MEASURE = "件个双条款套顶只张样种块元刀码号折岁寸位副份星美美元"
_ZH_RUN = re.compile(r"第?[零〇一二两俩三四五六七八九十百千万]+")
_EN_SMALL = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_EN_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_EN_UNITS = ("hundred", "thousand")
_EN_WORDS = "|".join([*_EN_TENS, *_EN_SMALL, "one", "hundred", "thousand", "a hundred", "a thousand"])
_EN_RUN = re.compile(rf"\b(?:{_EN_WORDS})(?:[ -](?:and )?(?:{_EN_WORDS}))*\b")


def _zh_value(run: str) -> str | None:
    """Digits of a Chinese numeral; "三四百" → "300-400"; None when it is none."""
    if len(run) >= 3 and run[-1] in "十百千万" and all(c in _ZH_DIGIT for c in run[:-1]):
        unit = _ZH_UNIT[run[-1]]
        return f"{_ZH_DIGIT[run[0]] * unit}-{_ZH_DIGIT[run[1]] * unit}" if len(run) == 3 else None
    if len(run) > 1 and all(c in _ZH_DIGIT for c in run):
        return None  # "一两件", "三三两两": no one number is meant
    total = section = digit = 0
    last_unit = 1
    for c in run:
        if c in _ZH_DIGIT:
            digit = _ZH_DIGIT[c]
            if c in "零〇":
                last_unit = 10
        else:
            unit = _ZH_UNIT[c]
            if unit == 10000:
                total = (total + section + digit) * unit
                section = 0
            else:
                section += (digit or (1 if unit == 10 and not section else 0)) * unit
            digit, last_unit = 0, unit
    # "两百五" is 250: a bare digit after hundreds counts the next smaller unit
    tail = digit * (last_unit // 10 if digit and last_unit >= 100 else 1)
    return str(total + section + tail) if total + section + tail else None


def _zh_digits(match: re.Match[str]) -> str:
    run, text = match.group(), match.string
    ordinal = run.startswith("第")
    body = run[1:] if ordinal else run
    follows = text[match.end() : match.end() + 1]
    if body in ("百", "千") and follows and follows in "元块":
        body = "一" + body
    if not body:
        return run
    counted = follows != "" and follows in _MEASURE
    if body == "一" and not ordinal and not (counted and follows in "块元刀折"):
        return run  # "换一件", "一双鞋": an article, not a number
    many = len(body) > 1 and any(c in _ZH_UNIT for c in body) and (body[0] in _ZH_DIGIT or body[0] == "十")
    if not (ordinal or counted or many or (body == "十" and counted)):
        return run
    value = _zh_value(body)
    return run if value is None else ("第" if ordinal else "") + value


def _en_digits(match: re.Match[str]) -> str:
    words = match.group().replace("-", " ").split()
    if words[0] == "one" and words[1:2] not in (["hundred"], ["thousand"]):
        return match.group()  # "the blue one"
    told: list[str] = []
    group: list[str] = []
    for i, word in enumerate(words):
        if word == "and" and group[-1] in _EN_UNITS and words[i + 2 : i + 3] != ["hundred"]:
            continue  # "a hundred and fifty"
        if group and (word == "and" or not _goes_on(group, word)):
            told.append(_en_value(group))
            group = []
        if word == "and":
            told.append(word)  # "forty and fifty" are two numbers
        else:
            group.append(word)
    return " ".join([*told, *([_en_value(group)] if group else [])])


def _goes_on(group: Sequence[str], word: str) -> bool:
    """True when `word` belongs to the number begun: "fifty" after "hundred", "five" after "twenty"."""
    last = group[-1]
    if word == "hundred":
        return last in _EN_SMALL or last in ("a", "one")
    if word == "thousand":
        return word not in group
    if word in _EN_TENS or word == "a":
        return word != "a" and last in _EN_UNITS
    return last in _EN_UNITS or (last in _EN_TENS and _EN_SMALL.get(word, 1) < 10)


def _en_value(words: Sequence[str]) -> str:
    """Digits of one number in words; a lone "one" stays."""
    if list(words) == ["one"]:
        return "one"
    total = current = 0
    for word in words:
        if word == "a":
            continue
        if word == "hundred":
            current = (current or 1) * 100
        elif word == "thousand":
            total += (current or 1) * 1000
            current = 0
        else:
            current += 1 if word == "one" else _EN_SMALL.get(word) or _EN_TENS[word]
    return str(total + current)


def digits(text: str) -> str:
    """Clean text with numerals in words as digits, where a number is surely meant ("两百以内" → "200以内")."""
    text = _ZH_RUN.sub(_zh_digits, text)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", text)
    text = re.sub(r"\b(\d+(?:\.\d+)?)k\b", lambda m: str(int(Decimal(m.group(1)) * 1000)), text)
    return _EN_RUN.sub(_en_digits, text)


@dataclass(frozen=True)
class Bound:
    """A price condition and where it stands. `value`: {"min","max","currency"} as said; an amount alone is kept in
    `about` for the caller, who knows whether a price can be meant."""

    start: int
    end: int
    value: dict[str, Any]


_SIGN = {"$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
         "刀": "USD", "美元": "USD", "美金": "USD", "美刀": "USD",
         "¥": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY", "人民币": "CNY", "元人民币": "CNY", "块人民币": "CNY", "rmb": "CNY", "cny": "CNY", "yuan": "CNY",
         "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "欧元": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP",
         "pounds": "GBP", "quid": "GBP", "英镑": "GBP", "yen": "JPY", "jpy": "JPY", "日元": "JPY", "港币": "HKD", "hkd": "HKD",
         "dollers": "USD"}  # fmt: skip
_PRE = r"(?P<pre{n}>us\$|\$|¥|€|£|usd |eur |gbp |rmb ?|cny |人民币 ?)?"
_POST = (
    r"(?: ?(?P<post{n}>\$|¥|€|£|dollars?|dollers|bucks?|usd|euros?|eur|pounds?|quid|gbp|rmb|cny|yuan|yen|jpy|hkd|[元块]人民币|块钱|块|元|"
    r"人民币|刀|美元|美金|美刀|欧元|英镑|日元|港币)(?![a-z]))?"
)
_NUM = r"(?P<num{n}>\d{{1,7}}(?:\.\d{{1,2}})?)(?![\d%])"
# what a number can be other than an amount of money
_OTHER = (
    r"(?! ?(?:cm|mm|kg|kgs|lbs?|pounds heavy|斤|公斤|厘米|码|号|岁|个月|year|yr|yo\b|month|day|天|星|star|stars|分|%|折|percent|"
    r"inch|件|双|条|个|款|items?|pieces?|pairs?|ounces|ml|degrees|度|minutes|hours?|小时|分钟|米|people|reviews?|种|样|次|times))"
)


def _amount(n: int) -> str:
    return (_PRE + _NUM + _POST + _OTHER).format(n=n)


_BETWEEN = re.compile(
    r"(?:(?:somewhere |anywhere )?(?:between|from|in the range of|range of|价格|预算|价位)?[ :]*)"
    + _amount(1)
    + r" ?(?:-|~|and|to|到|至|or)+ ?"
    + _amount(2)
    + r"(?: ?(?:之间|左右|的|range))?"
)
_MAX = re.compile(
    r"(?:under|below|less than|no more than|not more than|nothing (?:over|above|more than)|not over|not above|cheaper than|"
    r"lower than|up to|at most|max(?:imum)?(?: of| is)?|within|<=?|(?:don'?t|do not|not) (?:want to |wanna )?(?:spend|pay)(?:ing)? "
    r"(?:more than|over|above)|cap(?:ped)? (?:at|of)|limit (?:is|of)|less then|not exceed(?:ing)?|不超过|不高于|低于|少于|小于|最多|"
    r"不要超过|别超过|不能超过|便宜过|顶多|至多|budget(?: is|'s)?(?: around| about| of)?|预算(?:是|在|只有|大概|大约|就)?|控制在|"
    r"(?:stretch|raise)(?: it| that)? to|(?:budget|limit)\b[^,.;\d]{0,20} to|as (?:high|much) as|"
    r"(?:预算|价格|价位|上限)[^,.;\d]{0,3}到|(?:放宽|提高|涨|升|降|压)(?:低|高)?到|上限(?:是|为)?)[ :]*"
    + _amount(1)
    + r"(?: ?(?:以内|以下|之内|之下|内|max|tops|or less|or under|or below))?"
)
_MAX_AFTER = re.compile(
    _amount(1)
    + r" ?(?:以内|以下|之内|之下|内的|内(?!裤)|封顶|or less|or under|or below|or cheaper|max\b|maximum|at (?:the )?most|tops?\b(?! (?:with|in|for))|and under|and below|"
    r"budget|预算|不到|往下)"
)
_MIN = re.compile(
    r"(?:over|above|more than|at least|no less than|not less than|min(?:imum)?(?: of)?|upwards of|starting at|>=?|higher than|"
    r"超过|高于|大于|不低于|至少|最少|起码)[ :]*" + _amount(1) + r"(?: ?(?:以上|往上))?"
)
_MIN_AFTER = re.compile(_amount(1) + r" ?(?:以上|往上|起(?!来)|or more|or above|and up|and above|plus\b|\+)")
_ABOUT = re.compile(
    r"(?:(?P<cue>around|about|roughly|approximately|circa|~|大概|大约|差不多|约)[ :]*)"
    + _amount(1)
    + r"(?: ?(?:左右|上下))?"
)
_ABOUT_AFTER = re.compile(_amount(1) + r" ?(?:左右|上下|ish\b|or so\b|出头|多块|来块)")
_EXACT = re.compile(_amount(1))
_WEIGHED = re.compile(r"\bweigh(?:s|ing|t)?(?: is| about| around| of)?[ :]*$")
_RATING = re.compile(
    r"(?:rat(?:ed|ing)s?(?: of| is)?(?: at least| above| over)?|评分(?:在|不低于)?|at least|above|over)? ?(?P<n>[1-5](?:\.\d)?) ?"
    r"(?:\+ ?)?(?:stars?|星|分)(?: ?(?:and up|and above|or (?:more|above|higher|better)|以上|\+))?"
    r"|(?:rated|rating|评分)(?: of| is)? ?(?:above|over|at least|高于|超过|大于|在)? ?(?P<m>[1-5](?:\.\d)?)(?:以上)?(?!\d)"
)


def _currency(match: re.Match[str], *groups: int) -> str | None:
    for n in groups:
        for name in (f"pre{n}", f"post{n}"):
            sign = (match.groupdict().get(name) or "").strip()
            if sign:
                return _SIGN[sign]
    return None


_WHATEVER_MONEY = frozenset({"元", "块", "块钱"})  # said of any money, where the shop's is meant
_OF_SEVERAL = {
    "¥": ("CNY", "JPY"),
    **dict.fromkeys(
        ("$", "dollar", "dollars", "dollers", "buck", "bucks", "刀"),
        ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD"),
    ),
}


def other_currency(text: str, own: str) -> str:
    """The currency that an amount in clean text is said to be in, where it is another than `own` for sure; else ""."""
    for match in _EXACT.finditer(text):
        signs = [(match[name] or "").strip() for name in ("pre1", "post1")]
        for sign in signs:
            if sign and sign not in _WHATEVER_MONEY and own not in _OF_SEVERAL.get(sign, (_SIGN[sign],)):
                return _SIGN[sign]
    return ""


def _number(match: re.Match[str], n: int) -> float | int:
    try:
        value = Decimal(match.group(f"num{n}"))
    except InvalidOperation:  # pragma: no cover - the pattern admits decimals only
        return 0
    return int(value) if value == value.to_integral() else float(value)


def _with(currency: str | None, **bounds: float | int) -> dict[str, Any]:
    return {**bounds, **({"currency": currency} if currency else {})}


def prices(text: str) -> list[Bound]:
    """Price conditions in clean text with digits, first match wins, never overlapping.

    A range needs a currency sign, a price word or two amounts of ten and more; "about 50" is ±20 %; a lone amount
    counts only with a currency sign (a size, an age or an ordinal is none).
    """
    found: list[Bound] = []

    def add(match: re.Match[str], value: dict[str, Any]) -> None:
        if _WEIGHED.search(text[: match.start()]):
            return  # "I weigh 160 pounds"
        if not any(match.start() < b.end and b.start < match.end() for b in found):
            found.append(Bound(match.start(), match.end(), value))

    for m in _BETWEEN.finditer(text):
        low, high, currency = _number(m, 1), _number(m, 2), _currency(m, 1, 2)
        said = currency or re.match(
            r"(?:somewhere|anywhere|between|from|in the range|价格|预算|价位)", m.group()
        )
        if not currency and max(low, high) < 10:
            continue  # "between 1 and 3" are places in a list
        if (said or min(low, high) >= 20) and not (" or " in m.group() and not currency):
            if high < low and high < 10 and not currency:
                continue
            add(m, _with(currency, min=min(low, high), max=max(low, high)))
    for pattern, side in ((_MAX, "max"), (_MAX_AFTER, "max"), (_MIN, "min"), (_MIN_AFTER, "min")):
        for m in pattern.finditer(text):
            if _number(m, 1) >= 6 or _currency(m, 1):
                add(m, _with(_currency(m, 1), **{side: _number(m, 1)}))
    for pattern in (_ABOUT, _ABOUT_AFTER):
        for m in pattern.finditer(text):
            amount, currency = _number(m, 1), _currency(m, 1)
            if currency or amount >= 15:
                add(m, _with(currency, min=round(amount * 0.8, 2), max=round(amount * 1.2, 2)))
    for m in _EXACT.finditer(text):
        amount, currency = _number(m, 1), _currency(m, 1)
        if currency and amount:
            add(m, _with(currency, min=round(amount * 0.8, 2), max=round(amount * 1.2, 2)))
    return sorted(found, key=lambda b: b.start)


def rating(text: str) -> Bound | None:
    """The least rating asked for ("4 stars and up", "评分4.5以上"), as {"min": 4}."""
    m = _RATING.search(text)
    if m is None:
        return None
    value = float(m.group("n") or m.group("m"))
    return Bound(m.start(), m.end(), {"min": int(value) if value.is_integer() else value})
