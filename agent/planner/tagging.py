# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Clean text → tagged text: known phrases replaced by what they are ("the <color> <category>"), so that the rules need
not know the vocabulary. Every tag remembers the characters it stands for."""

import re
from dataclasses import dataclass, field
from typing import Any

from agent.planner import numbers
from agent.planner.lexicon import Lexicon, Meanings, Mention
from agent.planner.text import Token, tokens

_SIZE_NAMES = {
    "small": "S", "medium": "M", "large": "L", "extra large": "XL", "x large": "XL", "extra small": "XS", "x small": "XS",
    "小": "S", "中": "M", "大": "L", "加大": "XL", "特大": "XL", "加小": "XS", "xxxl": "3XL", "3xl": "3XL", "2xl": "XXL",
    "xx large": "XXL", "extra extra large": "XXL", "one size": "one size", "均": "one size", "smallest": "XS",
}  # fmt: skip
_LETTERS = r"(?:xxs|xs|x{1,6}l|[2-6]xl|s|m|l)"
_NAMES = r"(?:extra extra large|extra large|extra small|x large|x small|xx large|small|medium|large)"
_SIZES = (
    re.compile(
        rf"(?:\b(?:size|sizes|sz)[ :]+|(?:尺码|尺寸|码数)[ :]*)(?:is |a |an |是|要|为)?(?P<s>{_LETTERS}|{_NAMES}|\d{{1,3}}(?:\.5)?)\b(?!%)"
    ),
    re.compile(rf"(?<![a-z0-9'])(?P<s>{_LETTERS}|\d{{1,3}}(?:\.5)?) ?(?:码|号(?!线)|size\b)"),
    re.compile(r"(?<!多)(?<!什么)(?P<s>加大|特大|加小|均|[大中小])[码号](?!一点|点|的?吗)(?:的)?"),
    re.compile(r"\b(?:eu|uk|us|eur|欧码|美码)[ :]?(?P<s>\d{1,2}(?:\.5)?)\b(?! ?(?:dollars|bucks))"),
    re.compile(r"(?<![a-z0-9$'])(?P<s>xxs|xs|x{1,6}l|[2-6]xl)(?![a-z0-9])"),
    re.compile(
        r"\b(?:in|in a|an|a|the|my|in an|for a|get|take|add|wear|wearing|am|i'm a|is|need|want|to|or|and|have|instead of|"
        r"only|have it in|come in) (?P<s>[sml])(?=\W*(?:$|[,.?!;]| (?:ones?|and|or|please|pls|size|to|in|then|instead|for|of|"
        r"left|available|too|if|will|would|fit|it|would|<)))(?!')"
    ),
    re.compile(
        rf"\b(?:in|in a|in an|wear|wear a|a|an|i'm|i'm a|am a|for a|to|to a|the|have|or|and|take|get) (?P<s>{_NAMES})"
        r"(?=\W*$|[,.?!;]| (?:size|please|pls|fit|or|and|for me|available|too|if|in stock|would|will|left|instead|to|into|then)\b)"
    ),
    re.compile(r"(?:(?<=[㐀-鿿 ])|^)(?P<s>[sml])(?=[㐀-鿿])(?!恤|領|领|型)"),
    re.compile(r"(?<=[㐀-鿿]) ?(?P<s>[sml])(?=\W*$)"),
    re.compile(r"(?:有|要|穿|拿|买)(?:没有)?(?P<s>3[3-9]|4[0-6])(?=的|吗|么|\W*$)"),
    re.compile(
        r"\b(?:in|in a|in an|wear|wear a|i'm a|am a) (?P<s>\d{1,2}(?:\.5)?)\b(?! ?(?:<|colou?r|days|%|dollars|bucks|items))"
    ),
    re.compile(rf"^\W*(?P<s>{_LETTERS}|{_NAMES})(?=\W*(?:please|pls|thanks|吧|的)?\W*$)"),
)
_QUANTITY = re.compile(
    r"(?<![第\d前后这那])(?P<q>\d{1,9}) ?(?:件|双|条|个|套|顶|只|份)(?!月|人|小时|[的]?都)|\b(?P<r>\d{1,9}) (?:of|pieces? of|pairs? of|items? of|copies of|x)\b"
    r"|\b(?:quantity|qty)(?: (?:of|to|is))? (?P<t>\d{1,4})\b|(?:数量|件数)(?:改成|改为|改到|换成|变成|是|为)? ?(?P<v>\d{1,4})(?![\d码])"
    r"|\b(?:buy|take|get|order) (?P<y>\d{1,4})(?=\W*$)|(?:改成|改为|换成|变成|只要)(?P<x>一)(?=件|双|条|个|套|顶)|\b(?:quantity|qty) of [^\d,.;!?]{1,40}? to (?P<z>\d{1,4})\b|\bmake (?:it|that|the (?:\w+ )?one) (?P<w>\d{1,4})\b(?! ?(?:dollars|bucks))|\b(?P<u>a couple|a pair) of (?:them|those|these)\b"
)
_AGE = re.compile(
    r"\b(?:a |an |my )?(?P<a>\d{1,2})[ -]?(?:years?|yrs?|yo|y/o|y\.o)(?:[ -]?old)?\b|(?P<b>\d{1,2}) ?岁(?:半)?(?:的)?|"
    r"\b(?:son|daughter|kid|child|boy|girl|nephew|niece|grand(?:son|daughter)|he|she)(?:'s| is| just turned| turned)(?: only| just| now)? "
    r"(?P<e>\d{1,2})\b(?! ?(?:\d|cm|kg|kilos?|lbs?|inch|f(?:oo|ee)t|m\b|dollars|months?|['\"%.]\d?))|"
    r"(?<!after )(?<!within )(?<!last )\b(?P<c>\d{1,2}) ?months?(?:[ -]old)?\b|(?<![\d了过])(?P<d>\d{1,2}) ?个月(?:大)?"
)
_EFFECT_TAGS = {"on_sale": "sale", "in_stock": "stock", "rated": "rated"}


@dataclass(frozen=True)
class Tag:
    """A tag in tagged text [start, end), for `mention`."""

    start: int
    end: int
    name: str
    mention: Mention


@dataclass
class Tagged:
    """`text` with tags; `tags` in order. `clean` is the text before tagging."""

    text: str
    tags: list[Tag] = field(default_factory=list)
    clean: str = ""
    words: list[Token] = field(default_factory=list)

    def within(self, start: int, end: int) -> list[Tag]:
        """Tags that lie inside [start, end) of the tagged text."""
        return [t for t in self.tags if start <= t.start and t.end <= end]


def name_of(meanings: Meanings) -> str | None:
    """The tag of a phrase, None for a trap (it stays as it was written)."""
    if meanings.trap:
        return None
    if meanings.mark:
        return "goods" if meanings.mark == "other_goods" else meanings.mark
    if meanings.slots:
        return "category" if "category" in meanings.slots else next(iter(meanings.slots))
    if "price_pref" in meanings.effects:
        return str(meanings.effects["price_pref"])
    return next((_EFFECT_TAGS[k] for k in meanings.effects if k in _EFFECT_TAGS), "sort")


def tag(clean: str, lexicon: Lexicon) -> Tagged:
    """Tag clean text. Measured things (prices, sizes, ages, quantities) first, then the vocabulary."""
    measured = _measured(clean)
    words: list[Token] = []
    for word in tokens(clean):
        if not any(m.start < word.end and word.start < m.end for m in measured):
            words.append(word)
        elif words and words[-1].text:
            words.append(Token("", word.start, word.start))  # no phrase reaches over a measured thing
    mentions = sorted([*measured, *lexicon.mentions(clean, words)], key=lambda m: m.start)
    if any("category" in m.meanings.slots for m in mentions):
        mentions = [m for m in mentions if m.meanings.mark != "other_goods"]
    text, tags, position = "", [], 0
    for mention in mentions:
        name = name_of(mention.meanings)
        if name is None:
            continue
        text += clean[position : mention.start]
        tags.append(Tag(len(text), len(text) + len(name) + 2, name, mention))
        text += f"<{name.upper()}>"
        position = mention.end
    return Tagged(text + clean[position:], tags, clean, tokens(clean))


def _measured(clean: str) -> list[Mention]:
    found: list[Mention] = []

    def add(
        start: int, end: int, slots: dict[str, list[str]], effects: dict[str, Any], mark: str | None = None
    ) -> None:
        if end > start and not any(m.start < end and start < m.end for m in found):
            found.append(Mention(start, end, clean[start:end], Meanings(slots, effects, mark)))

    stars = numbers.rating(clean)
    if stars is not None:
        add(stars.start, stars.end, {}, {"rating_min": stars.value["min"]}, "rating")
    for m in _AGE.finditer(clean):
        years = int(m.group("a") or m.group("b") or m.group("e") or 0)
        start = m.start("e") if m.group("e") else m.start()  # "my son is 5" still says whose it is
        add(start, m.end(), {"age_group": ["kids" if years < 14 else "adult"]}, {})
    for pattern in _SIZES:
        for m in pattern.finditer(clean):
            add(m.start("s"), m.end(), {"size": [size_name(m.group("s"))]}, {})
    for bound in numbers.prices(clean):
        add(bound.start, bound.end, {}, {"price": bound.value}, "price")
    for m in _QUANTITY.finditer(clean):
        # of "make it 2" only the number: the words before it say what is to be done with it
        bare = next((g for g in "tvwxyz" if m.group(g)), None)
        count = next((m.group(g) for g in "qrtvwxyz" if m.group(g)), "2").replace("一", "1")
        add(m.start(bare) if bare else m.start(), m.end(), {}, {"quantity": int(count)}, "qty")
    return found


def size_name(text: str) -> str:
    """A size as shops write it: "medium" → "M", "2xl" → "XXL", "38" stays."""
    return _SIZE_NAMES.get(text, text.upper())
