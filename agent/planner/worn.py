"""Sizes that a shopper wears elsewhere, and how they like things to fit: "M at another brand", "I'm a UK 6", 日常穿L码,
"EU 39 shoes". Words are in prompts/understanding/measures.yaml."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from agent.planner import measures
from agent.planner.meaning import Part
from agent.planner.state import State
from agent.planner.tagging import size_name
from agent.planner.text import clean
from prompts import load, taxonomy

_LETTERS = r"(?:[2-5]xl|x{0,3}[sl]|m)"
_NAMES = r"(?:extra small|small|medium|extra large|large)"
_ZH_NAMES = {"小": "S", "中": "M", "大": "L", "加大": "XL"}
_SIZE = rf"(?P<size>{_LETTERS}|{_NAMES}|\d{{1,3}}(?:\.5)?|(?:加大|[小中大])(?=码|号))"
_NO_SIZE = (
    r"(?![\d%]|\.\d|\s?(?:days?|hours?|weeks?|months?|times|kg|kilos?|lbs?|pounds?|years?|岁|斤|公斤|元|块|刀|件|条|双|月|"
    r"天|个|m\b|米|'))"
)
_CHINESE = re.compile(
    r"(?<!\d)(?P<height>1[4-9]\d|[5-9]\d) ?[/-] ?(?P<girth>\d{2,3}) ?(?P<build>[abcy])(?![a-z])"
)
_APART = {"height": 4, "age": 1}  # centimetres, years: further apart are two people
MOST = 4  # sizes kept of one shopper


def read(text: str) -> list[dict[str, str]]:
    """Sizes worn elsewhere that a message tells, as arguments of advise_size, in their order."""
    said = clean(text)
    found: dict[str, dict[str, str]] = {}
    for pattern in _patterns():
        for match in pattern.finditer(said):
            one = _worn(match, said)
            if one and one["size"] not in found:
                found[one["size"]] = one
    return list(found.values())[:MOST]


def body(text: str) -> dict[str, float]:
    """Measures in a size of the Chinese standard, 165/88A: a height, and the chest, or the waist of what is below."""
    match = _CHINESE.search(clean(text))
    if match is None:
        return {}
    girth = float(match["girth"])
    name = "chest" if girth >= 78 and not _has("bottoms", clean(text)) else "waist"
    return {"height": float(match["height"]), name: girth}


def wish(text: str) -> str:
    """ "loose", "tight" or "": how it is to fit."""
    said = clean(text)
    for name, words in load("understanding/measures")["wish"].items():
        if any(_stands(word, said) for word in words) and not re.search(
            r"\btoo (?:loose|tight|snug)|太(?:宽松|紧|松)", said
        ):
            return str(name)
    return ""


def known(text: str, state: State, other: bool = False) -> dict[str, float]:
    """All measures known with this message, the newest winning; the answer to a question after one counts. `other`: the
    message speaks of somebody else. What was told of one body is not held against another."""
    new = {**body(text), **measures.read(text)}
    if state.pending and state.pending.slot == "measure":
        given = {name: measures.number(text, name) for name in state.pending.choices}
        new |= {name: value for name, value in given.items() if value is not None}
    apart = (other and (new or read(text))) or (new and another(new, state))
    return new if apart else {**state.measures, **new}


def another(new: Mapping[str, float], state: State) -> bool:
    """These are measures of another body than those told before: another height, or the age of a child beside them."""
    old = state.measures
    grown = "age" in new and "age" not in old and bool(old)
    return grown or any(abs(new[n] - old[n]) > _APART[n] for n in _APART if n in new and n in old)


def all_worn(text: str, parts: Iterable[Part], state: State, other: bool = False) -> list[dict[str, str]]:
    """The sizes worn elsewhere that are known with this message, the newest last. What is said of no kind is of shoes
    where the size of a shoe is asked for; `other` as in `known`."""
    ids = [i for p in parts if p.intent == "size_advice" for r in p.references for i in r.ids] or state.focus
    item = state.item(ids[0]) if ids else None
    shoes = {"of": "shoes"} if item and taxonomy.is_a(item.category, "shoes") else {}
    new = [shoes | one for one in read(text)]
    told = {**body(text), **measures.read(text)}
    if (new and other) or (told and (other or another(told, state))):
        return new[-MOST:]
    return [*(w for w in state.worn if w not in new), *new][-MOST:]


def _worn(match: re.Match[str], said: str) -> dict[str, str] | None:
    groups = match.groupdict()
    size, system = groups["size"], groups.get("system") or ""
    at = (groups.get("at") or "").strip(" .,'")
    if re.match(_NO_SIZE.replace("(?!", "(?:", 1), said[match.end("size") :]):
        return None
    names = {word: name for name, words in _words("systems").items() for word in words}
    unit = names.get(system, "")
    digits = size.replace(".", "").isdigit()
    if digits and groups.get("be") and not (unit or at or groups.get("plain")):
        return None  # "I'm 38"
    if digits and not (unit or at or groups.get("plain")) and float(size) < 22:
        return None  # "I take 2"
    size = _ZH_NAMES.get(size) or size_name(size)
    kinds = [*_words("not_shops"), *_words("shoes"), *_words("tops"), *_words("bottoms")]
    if any(word in kinds or word.endswith("'s") for word in at.split()) or (at and at[0].isdigit()):
        at = ""
    if groups.get("elsewhere"):
        at = "elsewhere"
    near = said[max(0, match.start() - 12) : match.end() + 14]
    of = next((kind for kind in ("shoes", "bottoms", "tops") if _has(kind, near)), "")
    out = {"size": size, "system": unit, "at": at if at == "elsewhere" else _named(at), "of": of}
    return {k: v for k, v in out.items() if v}


def _named(shop: str) -> str:
    """A shop's name as it is written: "h&m" is H&M, "uniqlo" Uniqlo."""
    if not shop.isascii():
        return shop
    return shop.upper() if len(shop) <= 3 else " ".join(word.capitalize() for word in shop.split())


def _words(name: str) -> Any:
    return load("understanding/measures")["worn"][name]


def _has(kind: str, said: str) -> bool:
    return any(_stands(word, said) for word in _words(kind))


def _stands(word: str, said: str) -> bool:
    return word in said and (not word.isascii() or bool(re.search(rf"\b{re.escape(word)}\b", said)))


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _patterns() -> list[re.Pattern[str]]:
    book = load("understanding/measures")["worn"]
    latin, han = _by_script(book["usual"])
    others, others_han = _by_script(book["elsewhere"])
    systems, systems_han = _by_script([w for words in book["systems"].values() for w in words])
    usual, usual_han = _any(latin), _any(han)
    countries = _any([w for w in systems if w not in ("cm", "mm")])
    ends = r"(?=\W*(?:$|[,.!?;]| (?:and|but|so|what|which|usually|normally|will|would|if)\b))"
    at = (
        rf"(?: (?:at|in|from|with|by|for) (?:(?P<elsewhere>{_any(others)})|(?P<at>[a-z][a-z&'.-]{{1,18}}"
        rf"(?: [a-z][a-z&'.-]{{1,12}})?{ends})|(?:\w+ ){{0,2}}\w+))?"
    )
    size = rf"{_SIZE}(?![a-z'&]){_NO_SIZE}"
    article = "(?:a |an |the |in )?(?:(?:women's|men's) )?"
    verb = r"(?:都|一般|平时)?(?:穿|买|是|拿|戴)"
    size_han = rf"(?P<plain>) ?{_SIZE}{_NO_SIZE}"
    written = [
        # "UK 6", "39 eu", 欧码39
        rf"(?<![a-z])(?P<system>{countries})[ :]*(?:size )?{size}{at}",
        rf"(?P<system>{_any(systems_han)}) ?(?P<plain>)(?P<size>\d{{1,3}}(?:\.5)?){_NO_SIZE}",
        rf"(?<![\d.$£€¥])(?P<size>\d{{1,3}}(?:\.5)?) ?(?:in |in the )?(?P<system>{countries})(?![a-z])",
        r"(?:鞋|shoes?)\D{0,10}?(?P<size>2\d(?:\.\d)?|2\d\d) ?(?P<system>cm|mm|厘米|毫米)",
        # "I usually wear a medium in Zara", "usually M", "my usual size is M", "M at another brand"
        rf"\bi(?P<be>'m| am| was)?(?: (?:{usual}))?(?: (?:wear|take|go for|was|fit(?: into)?))?(?: (?:{usual}))? "
        rf"{article}(?P<plain>size )?{size}{at}",
        rf"\b(?:{usual}) {article}(?P<plain>(?:size )?){size}{at}",
        rf"\bmy (?:jeans|trousers|pants|shoes|dresses|shirts|tops) (?:are|is) {article}(?P<plain>(?:size )?){size}{at}",
        rf"\bmy (?:usual |normal |regular )?(?:[a-z]+ )?size (?:is |would be )?{article}(?P<plain>){size}{at}",
        rf"\b(?P<plain>){size} (?:at|in|from|with) (?P<elsewhere>{_any(others)})",
        rf"\b(?P<plain>)(?P<size>{_LETTERS}|{_NAMES}) (?:at|from) (?P<at>[a-z][a-z&'.-]{{1,18}})\b",
        # 日常穿L码, 别家穿M码, 在优衣库穿L, 穿39码的, 我是S码, 优衣库L码刚好
        rf"(?:{usual_han})(?:我|都|会|的|衣服|裤子|鞋子?|上衣|尺码)*(?:穿|买|戴|是|用|拿)?(?:的)?(?:是|都是)?(?:鞋|衣服|裤子)?{size_han}",
        rf"(?P<elsewhere>{_any(others_han)})(?:的)?(?:我)?(?:{verb})?(?:的)?{size_han}",
        rf"(?:在|买)(?P<at>[㐀-鿿a-z&]{{2,8}}?)(?:的衣服|的鞋|家)?{verb}(?:的)?{size_han}",
        rf"(?:^|[,.;! ])(?:我)?(?:是)?穿(?:的是|的)?{size_han}(?=码|号|的|[,.!?; ]|$)",
        rf"(?<![能要想该以会])穿(?:的是|的)?{size_han}(?=码|号|的)",
        rf"(?:我|本人)(?:是|都是|就是)(?:穿)?{size_han}(?=码|号)",
        rf"(?P<at>[㐀-鿿]{{2,6}}?)(?:的|家的?)?(?P<plain>)(?P<size>{_LETTERS}|\d{{2,3}})码?(?:我)?(?:刚好|正好|合适|合身|穿着)",
    ]
    return [re.compile(pattern) for pattern in written]


def _by_script(words: list[str]) -> tuple[list[str], list[str]]:
    return [w for w in words if w.isascii()], [w for w in words if not w.isascii()]
