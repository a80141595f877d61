"""Words of a message that are neither vocabulary nor filler ("waterproof", 口袋): words to search by."""

import re
from collections.abc import Sequence
from functools import cache

import rjieba

from agent.planner.lexicon import Lexicon
from agent.planner.slots import denials
from agent.planner.tagging import Tagged
from prompts import load, taxonomy

_TAG = re.compile(r"<\w+>")
_DEGREE = re.compile(r"一点|一些|[长短厚薄宽窄深浅亮暗轻软紧松]")
_ASKING = re.compile(r"想?[买找换来要看选挑给搭配拿][个件条双款顶套只些点]|[要想][长短厚薄宽窄深浅]")
# what is said around the name of a thing that is wanted, or not any more
_FRAME = re.compile(
    r"^(?:那么?|再|还|也|我|你们?|店里|这里|家|想|需要|有没有|有|要|买|找|看看?|来|给|卖不卖|卖|[一两几][个件条双副顶只])+"
    r"|(?:有没有|有|没有?|吗|么|嘛|呢|吧|啊|呀|不要|不用|不|都?了|看看|卖|也行|也|的)+$"
)
_WEATHER = ("雨", "雪")
_NOT_TOO = re.compile(
    r"(?:\bnot|n't)(?: be)? (?:too|so|very|that|overly) [a-z]+|(?:不要|不想|不能|不|别)(?:太|那么|过于)[^,.!?<的]{1,2}"
)
_WORD = re.compile(r"[a-z][a-z']{2,}|[㐀-鿿]+")


def words(tagged: Tagged, skip: Sequence[tuple[int, int]] = ()) -> str:
    """The words left over, in order, at most eight, leaving out the spans in `skip`."""
    text = tagged.text
    for start, end in skip:
        text = text[:start] + " " * (end - start) + text[end:]
    return " ".join(dict.fromkeys([*_of_names(tagged), *_content(text)][:8]))


def _of_names(tagged: Tagged) -> list[str]:
    """Words of a category's name that say more than the category ("rain" of "rain boots")."""
    kept = []
    for tag in tagged.tags:
        slots = tag.mention.meanings.slots
        name = tag.mention.text.split()
        known = [taxonomy.word("category", c, "en").split() for c in slots.get("category", [])]
        if tag.name == "category" and len(slots) == 1 and len(name) > 1:
            kept += [w for w in name[:-1] if w in _features() and not any(w in k for k in known)]
        elif tag.name == "category" and (tag.mention.text[:1] in _WEATHER or _finer(tag.mention.text, slots)):
            kept.append(tag.mention.text)
    return kept


def _finer(name: str, slots: dict[str, list[str]]) -> bool:
    """风衣 of coats, 耳环 of jewellery: another word than the kind's own, which titles may have."""
    own = [taxonomy.word("category", c, "zh") for c in slots.get("category", [])]
    return (
        len(slots) == 1
        and len(own) == 1
        and len(name) > 1
        and not name.isascii()
        and name in _named()
        and name not in own[0].casefold()
    )


@cache
def _named() -> dict[str, str]:
    """Kinds by their Chinese names."""
    return {
        name: c for c in taxonomy.values("category") for name in taxonomy.words("category", c).get("zh", [])
    }


def fitting(words: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """The words without the names of other kinds than are sought now."""
    return [
        w
        for w in words
        if not kinds
        or w not in _named()
        or any(taxonomy.is_a(_named()[w], k) or taxonomy.is_a(k, _named()[w]) for k in kinds)
    ]


def content(text: str) -> bool:
    """True when a tagged sentence still says something: a word that is no filler."""
    return any(len(w) > 3 or not w.isascii() for w in _content(text))


def spoken_features(text: str) -> list[str]:
    """Features named in a tagged sentence."""
    return [w for w in _content(text) if w in _features()]


def features(text: str) -> list[str]:
    """Words for what a garment has or does ("zip", 口袋): searched by, no filter."""
    return [w for w in text.split() if w in _features()]


def foreign(text: str, lexicon: Lexicon) -> str:
    """The content words of a tagged text, where not one of them is a word about clothes or of this shop's; else ""."""
    found = _content(text)
    if not found or any(w in _features() or _compares(w) or lexicon.sells(w) for w in found):
        return ""
    whole = _FRAME.sub("", _TAG.sub("", text).strip(" .,!?;:'\""))
    if not whole.isascii() and len(whole) <= 8 and " " not in whole:
        return whole  # 蓝莓酱, not 蓝莓
    joined = ("" if any(not w.isascii() for w in found) else " ").join(found)
    return joined[:60]


def _compares(word: str) -> bool:
    """ "fancier", 亮一点: a wish about what is sought, whatever the adjective."""
    return word.endswith("ier") or bool(_DEGREE.search(word))


@cache
def _features() -> frozenset[str]:
    return frozenset(w for words in load("understanding/features").values() for w in words)


def _content(text: str) -> list[str]:
    kept: list[str] = []
    text = _NOT_TOO.sub(" ", text)
    for cue in denials()[:2]:  # "I never wear …" says what is not wanted, and is no word to search by
        text = cue.sub(lambda m: m.group() if len(m.group()) < 2 else " ", text)
    for match in _WORD.finditer(_TAG.sub(" ", text)):
        word = match.group()
        if word.isascii():
            if word not in _fillers() and word.rstrip("s") not in _fillers():
                kept.append(word)
        else:
            kept += [
                w for w in rjieba.cut(word) if len(w) > 1 and w not in _fillers() and not _ASKING.fullmatch(w)
            ]
    return list(dict.fromkeys(kept))


@cache
def _fillers() -> frozenset[str]:
    data = load("understanding/fillers")
    return frozenset(w for language in data.values() for w in language)
