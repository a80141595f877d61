"""The words the planner knows: taxonomy, phrases of prompts/understanding/words.yaml, the shop's brands; and where
they stand in a message. Longest match wins; a single Chinese character counts only where it is a word of its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import rjieba

from agent.planner import typos
from agent.planner.text import Token, clean, is_han, singular, tokens
from prompts import load, taxonomy
from store.words import put_right, trade_spelling

Slots = dict[str, list[str]]


@dataclass(frozen=True)
class Meanings:
    """What a phrase stands for. `effects`: price_pref, sort, on_sale, in_stock, rated; `mark`: a name for the rules."""

    slots: Slots = field(default_factory=dict)
    effects: dict[str, Any] = field(default_factory=dict)
    mark: str | None = None
    trap: bool = False


@dataclass(frozen=True)
class Mention:
    """A known phrase in the message: characters [start, end) of the clean text."""

    start: int
    end: int
    text: str
    meanings: Meanings


class _Node(dict[str, "_Node"]):
    """A trie node: next token → node; `meanings` where a phrase ends."""

    meanings: Meanings | None = None


def key(text: str) -> tuple[str, ...]:
    """The tokens a phrase is found by: cleaned, English words in the singular."""
    return tuple(singular(t.text) for t in tokens(clean(text)))


@cache
def _phrases() -> dict[tuple[str, ...], Meanings]:
    """All phrases that do not depend on the shop. Later sources win over earlier ones."""
    found: dict[tuple[str, ...], Meanings] = {}
    for attribute in taxonomy.ATTRIBUTES:
        for value in taxonomy.values(attribute):
            if value == "other":
                continue
            for phrases in taxonomy.words(attribute, value).values():
                for phrase in phrases:
                    found.setdefault(key(phrase), Meanings(slots={attribute: [value]}))
    for shade in load("shades")["shades"].values():
        for phrase in (*shade["zh"], *shade["en"]):
            found.setdefault(key(phrase), Meanings(slots={"color": [shade["of"]]}))
    data = load("understanding/words")
    for compound in data["compounds"]:
        for phrase in compound["words"]:
            found[key(phrase)] = Meanings(slots=compound["slots"])
    effects: dict[tuple[str, ...], dict[str, Any]] = {}
    for pref, phrases in data["price_words"].items():
        for phrase in phrases:
            effects.setdefault(key(phrase), {})["price_pref"] = pref
    for order, phrases in data["sort"].items():
        for phrase in phrases:
            effects.setdefault(key(phrase), {})["sort"] = order
    for name, phrases in (
        ("on_sale", data["on_sale"]),
        ("in_stock", data["in_stock"]),
        ("rated", data["well_rated"]),
    ):
        for phrase in phrases:
            effects.setdefault(key(phrase), {})[name] = True
    found |= {k: Meanings(effects=e) for k, e in effects.items()}
    found |= {key(p): Meanings(mark=name) for name, phrases in data["marks"].items() for p in phrases}
    traps = {key(p) for phrases in data["traps"].values() for p in phrases} - effects.keys()
    found |= {k: Meanings(trap=True) for k in traps}
    return found


def _trie(phrases: Iterable[tuple[tuple[str, ...], Meanings]]) -> _Node:
    root = _Node()
    for words, meanings in phrases:
        node = root
        for word in words:
            node = node.setdefault(word, _Node())
        if words:
            node.meanings = meanings
    return root


class Lexicon:
    """The vocabulary with a shop's own brands and `kinds`, its own names of what it sells beside the vocabulary's, and
    `sold`, names of goods that its products bear; `currency` is what the shop prices in. Cheap to make again.

    `words`: words of the shop's product texts, where they are known: what is not among them is not sold there;
    `orders`: whether the shop's orders can be asked for."""

    def __init__(
        self,
        brands: Iterable[str] = (),
        currency: str = "USD",
        words: frozenset[str] = frozenset(),
        kinds: Iterable[str] = (),
        sold: Iterable[str] = (),
        orders: bool = False,
    ) -> None:
        self.brands = tuple(sorted(brands))
        self.currency = currency
        self.words = words
        self.orders = orders
        self._root, self._known, self._targets = _compiled(
            self.brands, tuple(sorted(kinds)), tuple(sorted(sold))
        )

    def mentions(self, text: str, words: Sequence[Token]) -> list[Mention]:
        """Known phrases among the tokens of a clean `text`, left to right, not overlapping."""
        alone = _stand_alone(text)
        found: list[Mention] = []
        i = 0
        while i < len(words):
            end, meanings = self._longest(words, i)
            if meanings is None or (
                end == i + 1 and words[i].text and is_han(words[i].text[0]) and words[i].start not in alone
            ):
                i += 1
                continue
            span = text[words[i].start : words[end - 1].end]
            found.append(Mention(words[i].start, words[end - 1].end, span, meanings))
            i = end
        return found

    def sells(self, word: str) -> bool:
        """True when the shop's own texts have the word."""
        return word in self.words or singular(word) in self.words

    def spell(self, text: str) -> str:
        """Clean text with misspelt vocabulary words put right; words that are words are left alone."""
        text = put_right(typos.listed(text), trade_spelling())
        return typos.correct(text, self._known, self._targets)

    def _longest(self, words: Sequence[Token], start: int) -> tuple[int, Meanings | None]:
        """The longest phrase from `start`. Each word may match as it is or in the singular."""
        best: tuple[int, Meanings | None] = (start, None)
        frontier: list[tuple[int, _Node]] = [(start, self._root)]
        while frontier:
            i, node = frontier.pop()
            if node.meanings is not None and i > best[0]:
                best = (i, node.meanings)
            if i < len(words):
                word = words[i].text
                for form in {word, singular(word)}:
                    if form in node:
                        frontier.append((i + 1, node[form]))
        return best


@lru_cache(maxsize=8)
def _compiled(
    brands: tuple[str, ...], kinds: tuple[str, ...], sold: tuple[str, ...]
) -> tuple[_Node, frozenset[str], frozenset[str]]:
    """The trie; every English word in it; and those that a misspelt word may be put right towards."""
    phrases = dict(_phrases())
    for word in sold:  # a shop of furniture sells sofas: the word is sought like any other
        if (held := phrases.get(key(word))) and held.mark == "other_goods":
            del phrases[key(word)]
    for kind in kinds:  # "sale" and "new in" stay what they are in any shop
        phrases.setdefault(key(kind), Meanings(slots={"category": [kind]}))
        short = key(kind[-1:] + "子")  # a shop that files its goods under 餐桌 is asked for a 桌子
        held = phrases.get(short)
        if held and held.mark == "other_goods":
            phrases[short] = Meanings(slots={"category": [kind]})
        elif held and short != key(kind) and set(held.slots.get("category", [])) & set(kinds):
            phrases[short] = Meanings(slots={"category": [*held.slots["category"], kind]})
    for brand in brands:
        for form in _written(brand):
            phrases[key(form)] = Meanings(slots={"brand": [brand]})
    known = {w for k in phrases for w in k if w.isascii() and w.isalpha()}
    targets = {
        w
        for k, meanings in phrases.items()
        for w in k
        if meanings.slots and w.isascii() and w.isalpha() and (len(k) == 1 or len(w) >= 6)
    }
    return _trie(phrases.items()), frozenset(known), frozenset(targets)


def _written(brand: str) -> list[str]:
    """The ways people write a brand: "Pepper & Plum", "pepper and plum", "pepper plum"; in one word where it is long
    enough to be no other word."""
    parts = [part for part in brand.replace("&", " ").replace("+", " ").split() if part.casefold() != "and"]
    forms = [brand, " ".join(parts)]
    if len(parts) == 2 and ("&" in brand or " and " in brand.casefold()):
        forms.append(" and ".join(parts))
    if len(parts) > 1 and sum(map(len, parts)) >= 8:
        forms.append("".join(parts))
    return list(dict.fromkeys(form for form in forms if form))


def _stand_alone(text: str) -> frozenset[int]:
    """Starts of Chinese characters that are words of their own, or parts of a word made of vocabulary only
    ("白鞋" is 白 + 鞋; 白 in "明白" is nothing)."""
    starts: set[int] = set()
    position = 0
    for word in rjieba.cut(text):
        if all(c in _singles() for c in word):
            starts.update(range(position, position + len(word)))
        starts.update(position + i for i, c in enumerate(word) if c in "裙裤鞋靴帽")
        if len(word) > 1 and word[-1] in _heads() and all(is_han(c) for c in word):
            starts.add(position + len(word) - 1)  # "女裤", "洋裙": the head noun says what it is
            if word[0] in _modifiers():
                starts.add(position)
        position += len(word)
    return frozenset(starts)


@cache
def _singles() -> frozenset[str]:
    """Single characters that are vocabulary, and those that may stand beside them in one word."""
    return frozenset(
        {k[0] for k in _phrases() if len(k) == 1 and is_han(k[0][0])}
        | set("的色款新小大长短装不有要没双条件件只顶")
    )


@cache
def _heads() -> frozenset[str]:
    return frozenset("裙裤鞋靴帽包衫")


@cache
def _modifiers() -> frozenset[str]:
    return frozenset("黑白红蓝绿黄紫灰粉棕男女春夏秋冬皮")
