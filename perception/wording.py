"""The words of a question made alike: case, script, contractions, slips, manners, ways of asking yes or no."""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

from prompts import load, taxonomy
from prompts.language import HAN

__all__ = ["HAN", "Wording", "fold", "has", "is_choice", "is_what", "read"]

LIMIT = 500  # characters of a question that are read
_CLOSE = (
    0.84  # likeness from which an unknown word is taken for a known one: one slip in five letters or more
)


@dataclass(frozen=True)
class Wording:
    """`text`: folded, without manners and tag questions; `yes_no`: wants yes or no; `negated`: asked in the negative
    ("isn't it red?", 不是红色吧)."""

    text: str
    yes_no: bool
    negated: bool


def fold(text: str) -> str:
    """Lower case, half width, simplified characters, hyphens and contractions opened, slips mended, one space."""
    return _mended(_opened(text))


def read(question: str) -> Wording:
    """The wording of a question."""
    text = fold(question)
    words = load("questions")["wording"]
    for pattern in words["manners"]:
        text = re.sub(pattern, " ", text)
    text = re.sub(r"\s+", " ", text).strip(" ,.，。")
    tagged = text
    for pattern in words["tags"] if not is_what(text) else ():
        tagged = re.sub(pattern, "", tagged).strip(" ,.，")
    yes_no = tagged != text
    text = tagged
    # 有没有X, X没有, 长不长, X不: asked yes or no, not in the negative
    plain = (
        re.sub(r"有没有(.{1,8}?)[呀啊呢]?[?？]?$", r"有\1", text)
        .replace("有没有", "有")
        .replace("是否", "是")
    )
    plain = re.sub(r"([㐀-鿿]{1,2})不\1", r"\1", plain)
    plain = re.sub(r"(?<=[㐀-鿿])(?:没有|没|不|否)(?=[呀啊呢吗嘛的 ]*[?？。!]*$)", "", plain)
    yes_no = yes_no or plain != text or _asks_yes_no(plain)
    return Wording(plain, yes_no, _negated(plain))


def is_what(text: str) -> bool:
    """True when something is asked for, not whether."""
    return bool(
        re.search(
            r"\b(what|which|how|where|who|when|whose|describe(?!.{0,30}\b(?:as|like)\b)"
            r"|tell me about|explain|identify)\b"
            r"|什么|啥|哪|怎|咋|如何|多少|多[长大重厚高宽]|几[件条个双种样颗码号岁分]|描述|说说|形容",
            text,
        )
    )


def is_choice(text: str) -> bool:
    """True when one of several is to be chosen."""
    return bool(re.search(r"\bor\b|还是|或者?", text)) and not re.search(r"\bor not\b", text)


def has(text: str, word: str) -> bool:
    """True when `text` holds `word` (both folded), an English one as a whole word."""
    if word not in text or HAN.search(word):
        return word in text
    return bool(re.search(rf"(?<![a-z0-9]){re.escape(word)}(?:s|es)?(?![a-z0-9])", text))


def _asks_yes_no(text: str) -> bool:
    cues = load("questions")["yesno"]
    bare = re.sub(r"[什怎多那这]么", "", text)
    if any(w in bare for w in cues["zh"]) or re.search(r"吧\W*$", bare):
        return True
    first = re.match(r"(?:so|and|but|then|ok|okay|well|hi|hello|hey|[, ])*([a-z]+)", text)
    return bool(first and first.group(1) in cues["en"]) and not is_what(text)


def _negated(text: str) -> bool:
    words = load("questions")["negated"]
    return any(w in text for w in words["zh"]) or any(re.search(p, text) for p in words["en"])


def _opened(text: str) -> str:
    text = unicodedata.normalize("NFKC", text[:LIMIT]).casefold().replace("’", "'")
    if HAN.search(text):
        text = _simplifier().convert(text)
    text = re.sub(r"(?<=\w)-(?=\w)", " ", text)
    for pattern, meant in load("questions")["wording"]["spellings"].items():
        text = re.sub(rf"(?<![a-z0-9]){pattern}(?![a-z0-9])", meant, text)
    text = re.sub(r"n't\b", " not", text)
    text = re.sub(r"(?<=[a-z])'(s|re|ve|ll|d|m)\b", lambda m: _TAILS[m.group(1)], text)
    return re.sub(r"\s+", " ", text).strip()


_TAILS = {"s": " is", "re": " are", "ve": " have", "ll": " will", "d": " would", "m": " am"}


def _mended(text: str) -> str:
    """Words of five letters and more that are nearly, but not, a word of the trade."""
    return re.sub(r"(?<![a-z0-9'])[a-z]{5,}(?![a-z0-9'])", lambda m: _meant(m.group()), text)


@cache
def _meant(word: str) -> str:
    known, meant = _lexicon()
    if word in known or word.rstrip("s") in known or re.sub(r"(ing|ed|es|er|ly)$", "", word) in known:
        return word
    close = [
        w
        for w in difflib.get_close_matches(word, meant, n=3, cutoff=_CLOSE)
        if w[0] == word[0] and abs(len(w) - len(word)) <= 1
    ]
    return close[0] if close else word


@cache
def _lexicon() -> tuple[frozenset[str], tuple[str, ...]]:
    """(real words, never touched; words that a slip may have stood for)."""
    meant: set[str] = set()
    for attribute in ("category", "color", "pattern", "material", "sleeve", "neckline", "occasion", "season"):
        for value in taxonomy.values(attribute):
            for phrase in taxonomy.words(attribute, value)["en"]:
                meant |= set(re.findall(r"[a-z]{5,}", _opened(phrase)))
    meant |= set(load("questions")["wording"]["spelt"])
    trade, questions = load("understanding/words"), load("questions")
    real = {*trade["not_typos"], *trade["cue_words"], *questions["wording"]["real"]}
    for words in (*questions["cues"].values(), *questions["unseen"].values(), questions["details"]):
        real |= {w for cue in words["en"] for w in re.findall(r"[a-z]{4,}", cue)}
    return frozenset(meant | real), tuple(sorted(meant))


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
