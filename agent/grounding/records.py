"""What the tools said of each product, and of what each photo shows: the facts that a sentence is held against."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from agent.grounding.words import Word, read, vocabulary
from agent.planner.lexicon import Lexicon
from agent.planner.tagging import size_name
from prompts import load, taxonomy

Pairs = frozenset[tuple[str, str]]


@dataclass
class Record:
    """One product (or photo) as all results so far have it; a later result is the newer truth.

    `values`: (attribute, canonical value) of the record's own fields; `told`: those that its name, its texts and the
    answers about it speak of. `sizes`: size → how many there are."""

    id: str
    photo: bool = False
    names: set[str] = field(default_factory=set)
    brand: str | None = None
    values: set[tuple[str, str]] = field(default_factory=set)
    told: set[tuple[str, str]] = field(default_factory=set)
    text: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    in_stock: bool | None = None
    price: Decimal | None = None
    before: Decimal | None = None
    rating: float | None = None
    reviews: int = 0

    @property
    def backed(self) -> set[tuple[str, str]]:
        """Everything that can be said of it."""
        return self.values | self.told

    @property
    def available(self) -> dict[str, int]:
        """The sizes that can be bought."""
        return {size: n for size, n in self.sizes.items() if n > 0} if self.in_stock is not False else {}

    @property
    def amounts(self) -> set[Decimal]:
        """Prices of it that may be stated, the saving among them."""
        found = {p for p in (self.price, self.before) if p is not None}
        if self.price is not None and self.before is not None:
            found.add((self.before - self.price).normalize())
        return found

    def known(self, attribute: str) -> set[str]:
        """The record's own values of an attribute."""
        return {v for a, v in self.values if a == attribute}

    def take_card(self, card: Mapping[str, Any], lexicon: Lexicon) -> None:
        """Take in a product card: see tools.results.ProductCard."""
        if card.get("name"):
            self.names.add(read(str(card["name"])))
        self.brand = card.get("brand") or self.brand
        if card.get("category"):
            self.values.add(("category", str(card["category"])))
        self.values |= {("color", c) for c in card.get("colors") or []}
        if self.brand:
            self.values.add(("brand", self.brand))
        for label, words in (card.get("attributes") or {}).items():
            self.values |= set(_labelled(str(label), str(words)))
        if "sizes" in card:
            self.sizes = {
                size_name(str(s["size"]).casefold()): int(s.get("quantity", bool(s.get("in_stock", True))))
                if s.get("in_stock", True)
                else 0
                for s in card["sizes"] or []
            }
        if "in_stock" in card:
            self.in_stock = bool(card["in_stock"])
        if isinstance(card.get("price"), dict):
            price, sale = amount(card["price"]), amount(card.get("sale_price"))
            self.price, self.before = (price, None) if sale is None else (sale, price)
        if card.get("rating") is not None:
            self.rating = float(card["rating"])
            self.reviews = int(card.get("rating_count") or 0)
        told = [card.get("name"), *(card.get("attributes") or {}).values(), *strings(card.get("details"))]
        self.take_text(" . ".join(str(t) for t in told if t), lexicon)

    def take_text(self, text: str, lexicon: Lexicon) -> None:
        """Take in words about it."""
        clean = read(text)
        if clean and clean not in self.text:
            self.text = f"{self.text} . {clean}"
            self.told |= {pair for word in vocabulary(clean, lexicon) for pair in word.values}

    def take_look(self, look: Mapping[str, Any], lexicon: Lexicon) -> None:
        """Take in what was seen in a photo."""
        for garment in look.get("garments") or []:
            for attribute in ("category", "kind", "pattern", "sleeve", "neckline", "length", "material"):
                named = "category" if attribute == "kind" else attribute
                found = garment.get(attribute)
                for one in found if isinstance(found, list) else [found] if found else []:
                    self.values.add((named, str(one)))
            self.values |= {("color", c) for c in garment.get("colors") or []}
        self.take_text(" . ".join(str(look[k]) for k in ("caption", "text") if look.get(k)), lexicon)

    def bears(self, attribute: str, value: str) -> bool:
        """The record, or what was told of it, has the value; a colour may be named by its neighbour, a garment by the
        kind that it is."""
        backed = self.backed
        if (attribute, value) in backed:
            return True
        if attribute == "color":
            return any(
                pair == frozenset({value, c}) for a, c in backed if a == "color" for pair in _neighbours()
            )
        if attribute == "category":
            return any(_kin(c, value) for a, c in backed if a == "category")
        return False


def amount(price: Any) -> Decimal | None:
    """The amount of a price object, normalised."""
    return decimal(str(price["amount"])) if isinstance(price, dict) and "amount" in price else None


def decimal(text: str) -> Decimal | None:
    """A number as written, thousands' commas allowed."""
    try:
        return Decimal(text.replace(",", "")).normalize()
    except InvalidOperation:
        return None


def strings(node: Any) -> Iterator[str]:
    """Every string and number inside, as text; with the key where it is a measure ("chest 96")."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                yield f"{key} {value:g}"
            else:
                yield from strings(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from strings(value)
    elif node is not None and not isinstance(node, bool):
        yield str(node)


def same_group(words: Sequence[Word], text: str) -> list[list[Word]]:
    """Words that stand together as one phrase ("a red silk dress"), apart from others."""
    groups: list[list[Word]] = []
    for word in words:
        between = text[groups[-1][-1].end : word.start] if groups else "x"
        if re.fullmatch(r"[\s'\"的-]{0,3}", between):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


@cache
def _labels() -> dict[str, str]:
    labels = load("tools")["labels"]
    return {words[lang]: name for name, words in labels.items() for lang in ("zh", "en")}


@cache
def _canonical() -> dict[tuple[str, str], str]:
    return {
        (attribute, word.casefold()): value
        for attribute in taxonomy.ATTRIBUTES
        for value in taxonomy.values(attribute)
        for words in taxonomy.words(attribute, value).values()
        for word in reversed(words)
    }


def _labelled(label: str, words: str) -> Iterator[tuple[str, str]]:
    """The values behind a label of a card ("Material": "cotton, linen")."""
    attribute = _labels().get(label)
    if attribute in taxonomy.ATTRIBUTES:
        for word in re.split(r"[、,]\s*", words):
            folded = word.strip().casefold()
            yield str(attribute), _canonical().get((str(attribute), folded), folded)


@cache
def _neighbours() -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in load("grounding")["near_colours"])


def _kin(have: str, said: str) -> bool:
    """A garment of kind `have` may be called `said`: it is one, or a looser word for one of its family."""
    if taxonomy.is_a(have, said) or taxonomy.is_a(said, have):
        return True
    return (
        have in _loose_kinds()
        and said in _loose_kinds()
        and bool(_loose_kinds()[have] & _loose_kinds()[said])
    )


@cache
def _loose_kinds() -> dict[str, frozenset[int]]:
    families = load("grounding")["loose_kinds"]
    kinds = {k for family in families for k in family}
    return {k: frozenset(i for i, family in enumerate(families) if k in family) for k in kinds}
