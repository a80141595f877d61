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
from store.spelling import Spelling

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


@cache
def _found_in(list_of: str) -> tuple[re.Pattern[str], dict[str, int]]:
    """A pattern of every phrase of a list in prompts/search.yaml, and which entry each phrase belongs to."""
    entries = load("search")[list_of]
    phrases: dict[str, int] = {}
    for place, entry in enumerate(entries):
        for phrase in entry["words"] if isinstance(entry, dict) else entry:
            phrases.setdefault(_flat(plain(str(phrase))), place)
    ordered = sorted(phrases, key=len, reverse=True)
    han = "|".join(re.escape(w) for w in ordered if HAN.search(w))
    latin = "|".join(re.escape(w) for w in ordered if not HAN.search(w))
    return re.compile(rf"({han})|(?<![a-z0-9'])({latin})(?:e?s)?(?![a-z0-9])"), phrases


def _entries_in(text: str, list_of: str) -> list[Any]:
    pattern, phrases = _found_in(list_of)
    places = dict.fromkeys(phrases[m.group(1) or m.group(2)] for m in pattern.finditer(_flat(text)))
    return [load("search")[list_of][place] for place in places]


def same(text: str) -> list[tuple[str, ...]]:
    """For each thing named in `text` (plain) that has several names: its names, as the index has them."""
    return [tuple(" ".join(segment(str(name))) for name in entry) for entry in _entries_in(text, "same")]


def finer_names(text: str) -> list[str]:
    """The names in `text` (plain) of things that are finer than the categories: "chelsea", 渔夫帽."""
    pattern, _ = _found_in("same")
    return [m.group(1) or m.group(2) for m in pattern.finditer(_flat(text))]


def called_for(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """What the occasions, the weather and the like in `text` (plain) call for: (attribute, values any of which do)."""
    return [
        (attribute, tuple(values))
        for entry in _entries_in(text, "calls_for")
        for attribute, values in entry["wants"].items()
    ]


@cache
def _refusing() -> re.Pattern[str]:
    cues = load("search")["refusing"]
    latin = "|".join(re.escape(c) for c in sorted(cues["en"], key=len, reverse=True))
    han = "|".join(re.escape(c) for c in sorted(cues["zh"], key=len, reverse=True))
    ends = "|".join(re.escape(c) for c in cues["until"])
    some = r"(?!\s+(?:too|only|just|sure|so|very)\b)((?:\s+\S+?){1,4}?)"  # "not too dear" refuses nothing
    stop = rf"(?=\s*[,.;!?，。；！？]|{ends}|\s*$)"
    return re.compile(rf"(?<![\w'])(?:{latin}){some}{stop}|(?:{han})([^,.;!?，。；！？]*?){stop}")


def parted(text: str) -> tuple[str, str]:
    """`text` (plain) as what is wanted and what is refused: "jeans, not slim" → ("jeans, ", "slim"). A refusal reaches
    to the end of its clause."""
    refused = [m.group(1) or m.group(2) or "" for m in _refusing().finditer(text)]
    return _refusing().sub(" ", text), " ".join(refused)


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


def trade_words() -> list[str]:
    """Every word of the trade: the vocabulary, phrases as their words."""
    return [part for word in _vocabulary() for part in word.split()]


@cache
def trade_spelling() -> Spelling:
    """Puts right towards the words of the trade, whatever a shop sells."""
    return Spelling(trade_words())


def put_right(text: str, spelling: Spelling) -> str:
    """`text` (plain) with misspelt Chinese words put right; of the same length."""
    if not HAN.search(text):
        return text
    with _lock:
        return spelling.han(text, lambda t: list(_segmenter().cut(t, False)))


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
