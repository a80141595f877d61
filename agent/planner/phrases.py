"""Small things every reply is made of: variants of a line, "red dresses", lists in words, prices as on the cards."""

import zlib
from collections.abc import Collection, Sequence
from typing import Any

from agent.focus import garment_name
from agent.planner.meaning import Slots
from prompts import load, taxonomy

_UNCOUNTED = frozenset({"jewellery", "swimwear", "outerwear", "footwear", "knitwear"})
_PLURALS = {"scarf": "scarves", "one-piece": "one-pieces"}


class Voice:
    """Lines in one language; which variant depends on `seed` (the turn and what was found) and on the line. A variant
    of `recent` ("search.found#1") is not said again while there is another; `used` are those of this reply."""

    def __init__(self, lang: str, seed: str, recent: Collection[str] = ()) -> None:
        self.lang = lang
        self.used: list[str] = []
        self._seed = seed
        self._recent = recent

    def line(self, key: str, **values: object) -> str:
        """One variant of prompts/replies.yaml `key`, filled in. Raises KeyError when it does not exist."""
        node: Any = load("replies")
        for part in key.split("."):
            node = node[part]
        variants = node[self.lang]
        if isinstance(variants, str):
            return variants.format(**values)
        first = zlib.crc32(f"{self._seed}|{key}".encode()) % len(variants)
        names = [f"{key}#{(first + i) % len(variants)}" for i in range(len(variants))]
        name = next((n for n in names if n not in self._recent and n not in self.used), names[0])
        if len(variants) > 1:
            self.used.append(name)
        return str(variants[int(name.rpartition("#")[2])]).format(**values)

    def join(self, pieces: Sequence[str], last: str | None = None) -> str:
        """A list in words; `last` ("and", "or") joins the last two."""
        comma = self.line("words.join")
        if last is None or len(pieces) < 2:
            return comma.join(pieces)
        return comma.join(pieces[:-1]) + self.line(f"words.{last}") + pieces[-1]

    def text(self, sentences: Sequence[str]) -> str:
        """Sentences as one text: no spaces between Chinese ones."""
        return ("" if self.lang == "zh" else " ").join(s.strip() for s in sentences if s and s.strip())

    def subject(self, slots: Slots) -> str:
        """What is sought, in a few words: "women's red summer dresses", 红色夏季连衣裙."""
        wanted = slots.get("category") or []
        nouns = [taxonomy.word("category", c, self.lang) for c in wanted[:2]]
        if self.lang == "en":
            nouns = [plural(n) for n in nouns]
        noun = self.join(nouns, "or") or self.line("words.pieces")
        words = [self._people(slots)] if self._people(slots) else []
        if len(slots.get("color") or []) <= 3:
            words += [
                self.join([taxonomy.word("color", c, self.lang) for c in slots.get("color") or []], "or")
            ]
        for attribute in ("season", "style", "pattern", "material", "sleeve", "neckline", "length"):
            values = slots.get(attribute) or []
            if attribute in ("sleeve", "length") and len(values) > 1:
                continue  # "not too short" is none of the lengths that it allows
            words += [taxonomy.word(attribute, v, self.lang) for v in values[:1]]
        brand = (slots.get("brand") or [""])[0]
        words = [w for w in [brand, *words] if w]
        if self.lang == "zh":
            return "".join(words) + noun
        return " ".join([*words, noun])

    def _people(self, slots: Slots) -> str:
        kids = "kids" in (slots.get("age_group") or [])
        genders = slots.get("gender") or []
        if kids:
            if self.lang == "zh":
                return {"men": "男童", "women": "女童"}.get(genders[0], "儿童") if genders else "儿童"
            return {"men": "boys'", "women": "girls'"}.get(genders[0], "kids'") if genders else "kids'"
        if len(genders) != 1 or genders[0] == "unisex":
            return ""
        return {"zh": {"men": "男款", "women": "女款"}, "en": {"men": "men's", "women": "women's"}}[
            self.lang
        ][genders[0]]

    def seen(self, garment: dict[str, Any]) -> str:
        """A garment of a photo in words: "navy striped shirt"."""
        return garment_name(garment, self.lang)

    def conditions(self, slots: Slots) -> str:
        """Changed conditions in words: "in red, with long sleeves"."""
        words: list[str] = []
        if slots.get("color"):
            colors = self.join([taxonomy.word("color", c, self.lang) for c in slots["color"]], "or")
            words.append(self.line("words.in_color", color=colors))
        for attribute in ("pattern", "material", "sleeve", "neckline", "length", "style", "season"):
            words += [taxonomy.word(attribute, v, self.lang) for v in slots.get(attribute) or []]
        for attribute, values in (slots.get("not") or {}).items():
            if attribute != "category":
                words += [
                    self.line("words.without", value=taxonomy.word(attribute, v, self.lang)) for v in values
                ]
        if slots.get("price_pref") in ("cheap", "cheaper"):
            words.append(self.line("words.unpriced"))
        return self.join(words)


def span(low: str, high: str, voice: Voice) -> str:
    """Prices from `low` to `high` as a phrase; one price is not a range."""
    return voice.line("words.level" if low == high else "words.range", low=low, high=high)


def plural(noun: str) -> str:
    """An English plural of a category's word."""
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun in _UNCOUNTED or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def price_of(card: dict[str, Any]) -> dict[str, Any]:
    """What the shopper pays, as on the card."""
    return card.get("sale_price") or card["price"]


def price_text(card: dict[str, Any]) -> str:
    """The price as the card shows it."""
    return str(price_of(card)["text"])


def amount(card: dict[str, Any]) -> float:
    """The price as a number, for ordering only."""
    return float(price_of(card)["amount"])


def buyable(card: dict[str, Any]) -> list[str]:
    """Sizes in stock."""
    return [s["size"] for s in card.get("sizes") or [] if s.get("in_stock")]
