# ruff: noqa: E501 (a pattern is read more safely on one line)
"""Tagged text → slots: what is wanted, what is excluded, which slots are let go."""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol

from agent.planner import patterns
from agent.planner.counts import Candidate, candidates
from agent.planner.counts import refused as refused_size
from agent.planner.meaning import ATTRIBUTES, Slots
from agent.planner.tagging import Tag, Tagged
from agent.planner.text import clean
from prompts import load, taxonomy


class Listener(Protocol):
    """Who was taught what words are for (hearing.py)."""

    def role(self, tag: Tag) -> str:
        """One of "wanted", "refused", "points"."""

    def count(self, candidate: Candidate) -> str:
        """One of "size", "quantity", "neither"."""


_BESIDE = re.compile(r"\s*(?:and|or|&|\+|/|和|跟|与|或者?|还是|以及|还有)\s*")
_CLAUSE = re.compile(r"[,.;!?:\n]")
_NO_VALUE = ("photo", "cart", "goods", "qty")  # what no "no" is said of
_BETWEEN_EXCLUDED = re.compile(
    r"^\W*(?:(?:or|and|nor|,|和|或者?|跟|与|以及|也不要|不要|也|any|the|a|的|in|something|too|anything|with|带|色)\W*)*$"
)
_NEAR = re.compile(
    r"^\s*(?:any|a|an|the|too|so|that|very|really|anything|something|things|stuff|in|with|of|wearing|be|is|to be|made of|made|from|"
    r"much|want|like|have|or|带|有|是|穿|太|要|买|那么|那种|加|拿|任何|什么|的|色|用|含|看|给我|再|选|到|了|过于|也|"
    r"one|ones|be|brand|all|more|single|my|these|those|real|pure|other|colou?r(?:ed)?|\s|<(?:CATEGORY|GENDER)>(?=\s*(?:in|with|的)))*\s*$"
)


def read(
    tagged: Tagged,
    start: int = 0,
    end: int | None = None,
    skip: Sequence[tuple[int, int]] = (),
    by: Listener | None = None,
) -> Slots:
    """Slots said between `start` and `end` of the tagged text, leaving out the spans in `skip`. `by` tells what is
    named is: "wanted", "refused", or "points" at something and is no slot; and which numbers and letters are sizes or
    quantities; without it, the rules."""
    end = len(tagged.text) if end is None else end
    skipped = [t for t in tagged.within(start, end) if any(a <= t.start and t.end <= b for a, b in skip)]
    tags = [t for t in tagged.within(start, end) if by or t not in skipped]
    excluded = _excluded(tagged.text, [t for t in tags if t not in skipped], start, end)
    slots: Slots = {}
    for tag in tags:
        what = "refused" if tag in excluded else "wanted"
        if by and "size" in tag.mention.meanings.slots:
            continue
        if by and tag.mention.meanings.slots:
            what = by.role(tag)
        elif tag in skipped:
            continue
        into = slots.setdefault("not", {}) if what == "refused" else slots
        if what != "points":
            meant = tag.mention.meanings.slots
            if what == "refused":
                meant = load("understanding/words")["refused"].get(tag.mention.text, meant)
            for attribute, values in meant.items():
                _extend(into, attribute, values)
        if tag in excluded or tag in skipped:
            continue
        for name, value in tag.mention.meanings.effects.items():
            if name == "price":
                slots["price"] = {**slots.get("price", {}), **value}
            elif name == "rated":
                slots.setdefault("rating_min", 4)
            elif (name == "quantity" and by) or (
                name == "price_pref" and slots.get("price_pref") in ("cheaper", "pricier")
            ):
                continue
            else:
                slots[name] = value
    for one in candidates(tagged) if by else ():
        if start <= one.start and one.end <= end:
            what = by.count(one) if by else ""
            if what == "size" and not refused_size(tagged, one):
                _extend(slots, "size", [one.size])
            elif what == "quantity" and one.quantity is not None:
                slots["quantity"] = one.quantity
    _widen(tagged.text, [t for t in tags if t not in excluded], slots)
    made_plain(tags, slots)
    _untangle(slots)
    _alone(tags, excluded, slots)
    return ordered(slots)


def outer_length(wanted: Slots, sought: Slots, lang: str) -> tuple[list[str], Slots]:
    """Of coats and jackets "long" is no maxi: how long they are is in their titles. (words to search by, the slots
    without that length)."""
    kinds = sought.get("category", [])
    named = load("understanding/words")["outer_length"]
    lengths = wanted.get("length", [])
    if not kinds or not all(taxonomy.is_a(k, "outwear") for k in kinds) or not set(lengths) <= set(named):
        return [], wanted
    return [named[v][lang] for v in lengths], {k: v for k, v in wanted.items() if k != "length"}


def pointing(tagged: Tagged, start: int, end: int, by: Listener) -> Slots:
    """What is named between `start` and `end` only to point at something: "the price of the brown jacket"."""
    slots: Slots = {}
    for tag in tagged.within(start, end):
        for attribute, values in tag.mention.meanings.slots.items():
            if attribute != "size" and by.role(tag) == "points":
                _extend(slots, attribute, values)
    return ordered(slots)


def ordered(slots: Slots) -> Slots:
    """The same slots, attributes first, in the order of the taxonomy."""
    first = {a: slots[a] for a in ATTRIBUTES if slots.get(a)}
    return first | {k: v for k, v in slots.items() if k not in first and v not in ([], {}, None)}


def dropped(tagged: Tagged) -> list[str]:
    """Slots that no longer matter ("颜色无所谓")."""
    names = []
    for slot, rules in patterns.drops().items():
        if any(p.search(tagged.text) or p.search(tagged.clean) for p in rules):
            names.append(slot)
    return names


def _extend(slots: Slots, attribute: str, values: Sequence[str]) -> None:
    have = slots.setdefault(attribute, [])
    have += [v for v in values if v not in have]


def _widen(text: str, tags: Sequence[Tag], slots: Slots) -> None:
    """ "hoodies and sweatshirts" wants all of the wider kind: the narrower one is named beside it, not instead."""
    for one, other in pairwise(tags):
        kinds = [t.mention.meanings.slots.get("category", []) for t in (one, other)]
        if all(kinds) and _BESIDE.fullmatch(text[one.end : other.start]):
            named = [c for k in kinds for c in k]
            wanted = slots.get("category", [])
            slots["category"] = [
                c for c in wanted if c not in named or not any(o != c and taxonomy.is_a(c, o) for o in named)
            ]


def made_plain(tags: Sequence[Tag], slots: Slots) -> None:
    """A word for several kinds (裙子: a dress or a skirt) beside one for one of them (连衣裙) means that one."""
    named = [set(tag.mention.meanings.slots.get("category", [])) for tag in tags]
    for vague in (n for n in named if any(other and other < n for other in named)):
        clear = set().union(*(other for other in named if other < vague))
        if clear & set(slots.get("category", [])):
            slots["category"] = [c for c in slots["category"] if c not in vague - clear]


def _untangle(slots: Slots) -> None:
    """A category said beside a narrower one of its own means the narrower ("shoes … sneakers"); what is wanted is not excluded."""
    wanted = slots.get("category", [])
    narrow = [c for c in wanted if not any(o != c and taxonomy.is_a(o, c) for o in wanted)]
    if narrow != wanted:
        slots["category"] = narrow
    refused = slots.get("not", {})
    for attribute in list(refused):
        if set(refused[attribute]) <= set(slots.get(attribute, [])):
            slots[attribute] = [v for v in slots[attribute] if v not in refused[attribute]]


def _alone(tags: Sequence[Tag], excluded: Sequence[Tag], slots: Slots) -> None:
    """ "短袖" without a garment is itself one."""
    if "category" in slots:
        return
    for tag in tags:
        if tag not in excluded and tag.mention.text in load("understanding/words")["alone"]:
            for attribute, values in load("understanding/words")["alone"][tag.mention.text].items():
                slots.setdefault(attribute, list(values))


def refused(tagged: Tagged) -> list[Tag]:
    """The tags that a negation of the message reaches, by the rules."""
    return _excluded(tagged.text, tagged.tags, 0, len(tagged.text))


def surely_refused(tagged: Tagged) -> bool:
    """Whether what is refused is so in words that can mean nothing else: "I can't stand wool"."""
    return bool(_loathing().search(tagged.text))


@cache
def _loathing() -> re.Pattern[str]:
    return re.compile(_either(load("understanding/words")["negation"]["surely"]), re.I)


# A 不 before a quality whose own word begins with a verb ("不<带帽子>的外套"), a 没 before what a thing lacks.
_RUN_IN = r"(?<![\w>])不(?=<(?:neckline|sleeve|length|pattern|material|style)>)|(?<![\w>])没(?=<\w+>子?的<)"
# After what was wanted, a cue that goes on to what is not: "我要红裙子不要黑的", "半身裙 不要花的".
_FORWARD = re.compile(
    r"(?!有(?:什么|哪|啥))(?:[^,.!?;]{0,3}<|太|过于|那么|有|带|(?![了吧啊呀给再看推])[㐀-鿿]{1,4}的(?:$|[ ,.!?;]))",
    re.I,
)
_ASKED_FOR = re.compile(r"有(?:什么|哪|啥)")  # "羊毛不能穿有什么外套": what comes then is sought

# -- exclusion ---------------------------------------------------------------------------------------------------


def _excluded(text: str, tags: Sequence[Tag], start: int, end: int) -> list[Tag]:
    """Tags in the scope of a negation. A negation reaches the next known phrase, and on over "or", "and", commas."""
    found: list[Tag] = []
    before, after, harmless = denials()
    masked = harmless.sub(lambda m: "\0" * len(m.group()), text)
    for cue in before.finditer(masked, start, end):
        position = cue.end()
        for tag in tags:
            # "不带帽子": the cue runs into what it refuses
            inside = position == cue.end() and cue.start() < tag.start < position < tag.end
            if (tag.start < position and not inside) or tag.name in (*_NO_VALUE, "price"):
                continue
            gap = masked[position : tag.start]
            reach = _BETWEEN_EXCLUDED if found and position != cue.end() else _NEAR
            if not reach.fullmatch(gap):
                break
            if position != cue.end() and _resumes(gap, masked[tag.end :]):
                break
            if _ASKED_FOR.search(gap):
                break
            if _head_of_wanted(tag, tags, found, gap):
                break
            found.append(tag)
            position = tag.end
    for cue in after.finditer(masked, start, end):
        position = cue.start()
        if _FORWARD.match(masked[cue.end() :]):
            continue  # it looks forward: "我要红裙子不要黑的"
        for tag in reversed([t for t in tags if t.end <= cue.start()]):
            gap = masked[tag.end : position]
            if not re.fullmatch(
                r"[的色款牌子都就也那种类,、和或跟与系一我是真实在很]*| (?:ones?|is|are)? ?", gap
            ) or (
                "," in gap
                and (position == cue.start() or (tag.name == "category" and found[-1].name != "category"))
            ):
                break
            found.append(tag)
            position = tag.start
    return found


def _resumes(gap: str, rest: str) -> bool:
    """ "不要黑色,白色可以": after a comma something wanted follows."""
    return (
        "," in gap
        and not re.search(r"or|and|nor|不|或|和", gap)
        and bool(
            re.match(
                r"的?(?:色)?(?:可以|就行|也行|就好|的就|ok|吧| is (?:fine|ok|okay|good)| please| instead)",
                rest,
            )
        )
    )


def _head_of_wanted(tag: Tag, tags: Sequence[Tag], found: Sequence[Tag], gap: str) -> bool:
    """ "not black shoes", "no striped shirts": the attribute is refused, the noun after it still is the subject. So is
    the second thing of "没有帽子的外套"."""
    if tag.name != "category" or not found:
        return False
    if found[-1].name == "category" and gap == "的":
        return True
    return found[-1].name != "category" and gap.strip() in (
        "",
        "的",
        "色的",
        "的那种",
        "one",
        "coloured",
        "colored",
        "款",
    )


def _either(phrases: Sequence[str]) -> str:
    parts = []
    for phrase in sorted(map(clean, phrases), key=len, reverse=True):
        word = re.escape(phrase)
        parts.append(rf"\b{word}\b" if phrase[0].isascii() else word)
    return "|".join(parts)


@cache
def denials() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Words that deny what follows, words that deny what stands before them, and what looks like either and denies
    nothing."""
    data = load("understanding/words")["negation"]

    return (
        re.compile(f"{_either(data['before'])}|{_RUN_IN}", re.I),
        re.compile(_either(data["after"])),
        re.compile(
            _either(data["not_one"]) + "|没有(?=[^,.!?]{0,14}[吗么])"  # a question: "没有黑色的吗"
        ),
    )
