"""Words of a text as search sees them: segmented, simplified, and read with the shop's vocabulary."""

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any

import opencc
import rjieba

from prompts import load, taxonomy
from prompts.language import HAN

LONGEST = 1000  # characters of a query that are read; more is a paste, not a question
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
IMPLIED = frozenset({"color", "pattern", "material", "sleeve", "neckline", "length"})
_lock = threading.Lock()


@cache
def _simplifier() -> Any:
    return opencc.OpenCC("t2s")


@cache
def _segmenter() -> Any:
    """A segmenter that knows the words of the trade."""
    jieba = rjieba.Jieba()
    for attribute in taxonomy.ATTRIBUTES:
        for value in taxonomy.values(attribute):
            for word in taxonomy.words(attribute, value)["zh"]:
                if len(word) > 1:
                    jieba.add_word(word.casefold(), 5000, "n")
    return jieba


def plain(text: str) -> str:
    """NFKC, lower case, simplified characters, no lone surrogates: the form in which words are compared."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    text = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    if HAN.search(text):
        text = _simplifier().convert(text)
    return text


def segment(text: str) -> list[str]:
    """The words of `text` in order; Chinese as long words and the shorter ones inside them (search mode)."""
    text = plain(text)
    if HAN.search(text):
        with _lock:
            pieces = list(_segmenter().cut_for_search(text))
    else:
        pieces = [text]
    return [word for piece in pieces for word in _TOKEN.findall(piece)]


@cache
def _stopwords() -> frozenset[str]:
    words = load("search")["stopwords"]
    return frozenset(str(w).casefold() for w in [*words["zh"], *words["en"]])


def content(text: str, limit: int = 32) -> list[str]:
    """The distinct words of a query that say something about a product, at most `limit`."""
    words = dict.fromkeys(w for w in segment(text[:LONGEST]) if w not in _stopwords() and not w.isdigit())
    return list(words)[:limit]


@dataclass(frozen=True)
class Concept:
    """A word of the vocabulary found in a text, and the (attribute, value) pairs it may mean."""

    word: str
    meanings: tuple[tuple[str, str], ...]


@cache
def _vocabulary() -> dict[str, tuple[tuple[str, str], ...]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for attribute in taxonomy.ATTRIBUTES:
        for value in taxonomy.values(attribute):
            words = taxonomy.words(attribute, value)
            for word in [*words["zh"], *words["en"]]:
                meaning = (attribute, value)
                if meaning not in found.setdefault(_flat(plain(word)), []):
                    found[_flat(plain(word))].append(meaning)
    return {word: tuple(meanings) for word, meanings in found.items()}


def _flat(text: str) -> str:
    return re.sub(r"[-\s]+", " ", text).strip()


@cache
def _scanner() -> re.Pattern[str]:
    words = sorted(_vocabulary(), key=len, reverse=True)
    latin = [re.escape(w) for w in words if not HAN.search(w)]
    han = [re.escape(w) for w in words if HAN.search(w)]
    return re.compile(rf"({'|'.join(han)})|(?<![a-z0-9'])({'|'.join(latin)})(?:e?s)?(?![a-z0-9])")


@cache
def _cover() -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(re.escape(w) for w in _vocabulary() if HAN.search(w)) + ")+")


def concepts(text: str) -> list[Concept]:
    """The vocabulary's words in `text`, the longest at each place.

    A single character counts only inside a word made of nothing but vocabulary: 红裙 is red and dress, 面包 is no bag.
    """
    flat = _flat(plain(text[:LONGEST]))
    if HAN.search(flat):
        with _lock:
            tokens = list(_segmenter().cut(flat))
    else:
        tokens = []
    whole: list[bool] = []  # per character: lies in a token that the vocabulary covers
    for token in tokens:
        whole += [_cover().fullmatch(token) is not None] * len(token)
    out: dict[str, Concept] = {}
    for match in _scanner().finditer(flat):
        word = match.group(1) or match.group(2)
        if len(word) == 1 and not (match.start() < len(whole) and whole[match.start()]):
            continue
        out.setdefault(word, Concept(word, _vocabulary()[word]))
        for inner in _implied(word):
            out.setdefault(inner.word, inner)
    return list(out.values())


@cache
def _implied(word: str) -> tuple[Concept, ...]:
    """What the name of a category says beside it: a leather jacket is leather, 小黑裙 is black."""
    if not any(attribute == "category" for attribute, _ in _vocabulary()[word]):
        return ()
    found = []
    for start in range(len(word)):
        for end in range(len(word), start, -1):
            inner = word[start:end]
            meanings = tuple(m for m in _vocabulary().get(inner, ()) if m[0] in IMPLIED)
            edges = word[start - 1 : start] + word[end : end + 1]
            if meanings and inner != word and (HAN.search(inner) or not edges.strip()):
                found.append(Concept(inner, meanings))
                break
    return tuple(found)
