"""Misspelt words put right towards words that are known: Chinese ones by their sound, English ones by their letters.

Most Chinese slips are another character of the same sound (衬杉 for 衬衫), so a character that is no word by itself is
replaced where the word it would make sounds like one that is known and shares the rest of its characters. What sounds
alike is taken widely (zh and z, -ng and -n), as many speakers do not tell them apart. Pinyin in Latin letters is read
as the word it spells. An English word nobody knows is taken for the known one that is a slip away (Damerau 1964).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from unicodedata import normalize

from prompts import load
from prompts.language import HAN

LONGEST = 6  # characters of a Chinese word that is looked for
LATIN_MIN = 5  # letters: a shorter word is a slip away from too much
TWO_SLIPS = 9  # letters from which two slips are forgiven


class Spelling:
    """Known words and what is heard or seen as one of them. Immutable, safe to share."""

    def __init__(self, words: Iterable[str]) -> None:
        """`words`: plain (lower case, simplified); those with both kinds of letters are left out."""
        self._known = frozenset(words)
        self._by_sound: dict[tuple[str, ...], list[str]] = defaultdict(list)
        self._by_pinyin: dict[str, str] = {}
        self._by_letters: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if _han(word) and 2 <= len(word) <= LONGEST:
                self._by_sound[_sound(word)].append(word)
                self._by_pinyin.setdefault("".join(map(_syllable, word)), word)
            elif word.isascii() and word.isalpha() and len(word) >= LATIN_MIN - 1:
                self._by_letters[word[0], len(word)].append(word)

    def han(self, text: str, cut: Callable[[str], list[str]]) -> str:
        """`text` (plain) with misspelt Chinese words put right. `cut` splits into the words of a dictionary."""
        if not HAN.search(text):
            return text
        tokens = cut(text)
        loose, edges = self._loose(tokens), self._edges(tokens)
        out, start = list(text), 0
        while start < len(text):
            ends = range(min(len(text), start + LONGEST), start + 1, -1) if start in edges else ()
            for end in (e for e in ends if e in edges):
                meant = self._meant(text[start:end], loose[start:end])
                if meant:
                    out[start:end] = meant
                    start = end - 1
                    break
            start += 1
        return "".join(out)

    def _loose(self, tokens: list[str]) -> list[bool]:
        """Per character: may it be a slip? One that stands alone, or in a word of a dictionary that sells nothing."""
        out: list[bool] = []
        for token in tokens:
            alone = len(token) == 1 and token not in _stops()
            odd = len(token) > 2
            out += [_han(token) and (alone or odd) and token not in self._known] * len(token)
        return out

    def _edges(self, tokens: list[str]) -> set[int]:
        """Where a misspelt word may begin or end: the ends of the text, and beside what is plainly another word."""
        edges, place = {0}, 0
        for token in tokens:
            plainly = token in self._known or token in _stops() or not _han(token)
            edges |= {place, place + len(token)} if plainly else set()
            place += len(token)
        return edges | {place}

    def _meant(self, window: str, loose: list[bool]) -> str | None:
        if not any(loose) or not _han(window) or window in self._known or window in _stops():
            return None
        for word in self._by_sound.get(_sound(window), ()):
            other = [place for place, (a, b) in enumerate(zip(window, word, strict=True)) if a != b]
            if len(other) <= max(1, len(word) - 2) and all(loose[place] for place in other):
                return word
        return None

    def latin(self, word: str) -> str | None:
        """The known word that an unknown one (plain, of letters) is a slip of, or the Chinese one that it spells in
        pinyin; None where there is none or where two are as near."""
        if word in self._known or not (word.isascii() and word.isalpha()):
            return None
        if len(word) >= LATIN_MIN and (spelt := self._by_pinyin.get(word)):
            return spelt
        if word in _real() or len(word) < LATIN_MIN:
            return None
        allowed = 2 if len(word) >= TWO_SLIPS else 1
        found: list[tuple[int, str]] = []
        for first in dict.fromkeys(word[:2]):  # the first letter holds, or the first two changed places
            for size in range(len(word) - allowed, len(word) + allowed + 1):
                for known in self._by_letters.get((first, size), ()):
                    if first == word[0] or known[1:2] == word[0]:
                        found.append((slips(word, known, allowed), known))
        found = sorted(one for one in found if one[0] <= allowed)
        if not found or (
            len(found) > 1 and found[0][0] == found[1][0] and not _kin(found[0][1], found[1][1])
        ):
            return None
        return found[0][1]


def slips(a: str, b: str, limit: int) -> int:
    """Insertions, deletions, replacements and swaps of neighbours between two words; stops counting above `limit`."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
        before, previous = previous, row
    return previous[-1]


def _kin(a: str, b: str) -> bool:
    """One is the other's plural, or nearly."""
    return a.rstrip("es") == b.rstrip("es")


def _han(text: str) -> bool:
    return all("㐀" <= c <= "鿿" for c in text)


def _sound(word: str) -> tuple[str, ...]:
    return tuple(_folded(_syllable(c)) for c in word)


@cache
def _syllable(char: str) -> str:
    """The usual reading of a character, without its tone; the character itself where it has none."""
    usual = normalize("NFD", _pinyin().get(str(ord(char)), "").split(",")[0]).replace("ü", "v")
    return "".join(c for c in usual if "a" <= c <= "z") or char


@cache
def _folded(syllable: str) -> str:
    for wide, narrow in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(wide):
            syllable = narrow + syllable[2:]
    return syllable[:-1] if syllable.endswith("ng") else syllable


@cache
def _pinyin() -> dict[str, str]:
    """Code point → readings. Read from the package's data: importing it would load a dictionary of phrases."""
    file = Path(str(distribution("pypinyin").locate_file("pypinyin/pinyin_dict.json")))
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


@cache
def _stops() -> frozenset[str]:
    """Words that say nothing of a product and mean what they say."""
    return frozenset(load("search")["stopwords"]["zh"])


@cache
def _real() -> frozenset[str]:
    """English words that are a slip away from a word of the trade and none of it."""
    return frozenset(load("understanding/words")["not_typos"])
