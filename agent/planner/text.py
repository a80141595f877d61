"""Raw text → clean text and tokens: one spelling of width, case, script and digits, for short word lists."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

import opencc

LIMIT = 2000  # characters read of one message: what a person types; the rest cannot change what is wanted

_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufe0e\ufe0f]"
)
# markup holds no wish of the shopper's, nor what a program that is pasted in has between its marks
_MARKUP = re.compile(
    r"<(script|style)\b[^>]*>.{0,500}?(?:</\1\s*>|$)|</?[a-z][a-z0-9]*(?:\s[^<>]{0,200})?/?>"
    r"|\{\{?[a-z0-9_.* ]{0,40}\}\}?",
    re.S,
)
_HYPHEN = re.compile(r"(?<=[a-z])[-‐‑–](?=[a-z])")
_SPACE = re.compile(r"\s+")
_LONG_RUN = re.compile(r"([^\W\d_x])\1{3,}")
_TOKEN = re.compile(r"[a-zß-ɏ]+(?:'[a-z]+)?|\d+(?:\.\d+)?|[㐀-鿿]|\S")
_OWN_WORDS = frozenset(
    [
        "shorts",
        "flats",
        "slides",
        "pumps",
        "checks",
        "kicks",
        "trunks",
        "denims",
        "slacks",
        "glasses",
        "goods",
        "tennis",
    ]
)  # "short" is not "shorts"
_STRAIGHT = str.maketrans("‘’“”´`′″。，！？；：、（）【】《》「」『』—～", '\'\'""\'\'\'".,!?;:,()[]<>""""-~')


@dataclass(frozen=True)
class Token:
    """A Latin word, a number, one Chinese character or one mark; `start` and `end` index the clean text."""

    text: str
    start: int
    end: int


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as simplified ones."""
    return str(_simplifier().convert(text))


def clean(text: str) -> str:
    """Folded text: at most `LIMIT` characters, full-width → half-width, lower case, simplified characters, straight
    quotes, no invisible characters, no markup, hyphens inside words opened ("v-neck" → "v neck")."""
    # 90、110 are two numbers, 90,110 is one
    text = re.sub(r"(?<=\d)、(?=\d)", ", ", text[:LIMIT]).replace("、", ",")
    text = unicodedata.normalize("NFKC", text)
    text = _MARKUP.sub(" ", _INVISIBLE.sub("", text).translate(_STRAIGHT).casefold())
    if any("㐀" <= c <= "鿿" for c in text):
        text = _simplifier().convert(text)
    text = _HYPHEN.sub(" ", text)
    text = _LONG_RUN.sub(r"\1\1", text)  # "sooooo" → "soo"
    return _SPACE.sub(" ", text).strip()[:LIMIT]


def tokens(text: str) -> list[Token]:
    """Tokens of clean text, in order."""
    return [Token(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def is_han(char: str) -> bool:
    """True for a Chinese character."""
    return "㐀" <= char <= "鿿"


def singular(word: str) -> str:
    """A crude English singular ("dresses" → "dress", "women's" → "women"); words it does not know stay."""
    if word.endswith("'s"):
        return word[:-2]
    if word in _OWN_WORDS or len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us")):
        return word
    if word.endswith("is"):  # bikinis, khakis; not this, basis
        return word[:-1] if len(word) > 5 else word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "ches", "shes", "xes", "zzes")):
        return word[:-2]
    if word.endswith("ves") and word in {"scarves", "sleeves"}:
        return {"scarves": "scarf", "sleeves": "sleeve"}[word]
    return word[:-1]
