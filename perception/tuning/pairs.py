"""A shop's products as pairs of picture and title, and their parts: to train on, to stop by, to measure on."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perception.joint import title_words

Array = np.ndarray
LANGS = ("zh", "en")
STOP, HELD = 0.12, 0.20  # shares of the products; the rest is trained on
LEAST_WORD = 2  # products whose titles must have a word for it to be learned
MOST_WORDS = 6000
MOST_VALUES = 40  # of an attribute; the rarer ones count as unknown


@dataclass(frozen=True)
class Pairs:
    """Products with a picture. `titles`: language → a title each, empty where there is none; `attributes`: name → a
    value each, None where the record does not say; `details`: rows of perception/details.py; `shared`: the pictures'
    untuned vectors; `groups`: what must not be torn apart, such as products with the very same picture."""

    titles: dict[str, list[str]]
    attributes: dict[str, list[str | None]]
    details: Array
    shared: Array
    groups: list[str]

    def __len__(self) -> int:
        return len(self.groups)

    def langs(self) -> list[str]:
        """The languages that at least a tenth of the products have a title in."""
        return [lang for lang in LANGS if sum(map(bool, self.titles[lang])) >= 0.1 * len(self)]


@dataclass(frozen=True)
class Parts:
    """Places of the products in each part, in order."""

    train: Array
    stop: Array
    held: Array


def split(groups: Sequence[str], seed: int) -> Parts:
    """By group and seed alone: a product stays in its part when others come or go."""
    at = np.array([_chance(f"{seed}:{group}") for group in groups])
    held, stop = at < HELD, (at >= HELD) & (at < HELD + STOP)
    return Parts(np.flatnonzero(~held & ~stop), np.flatnonzero(stop), np.flatnonzero(held))


def _chance(key: str) -> float:
    return int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:8], "big") / 2**64


def vocabulary(pairs: Pairs, rows: Array) -> list[str]:
    """The words that these products' titles have more than once among them, the commonest where there are many."""
    counts: Counter[str] = Counter()
    for place in rows:
        counts.update({word for lang in LANGS for word in title_words(pairs.titles[lang][place])})
    return sorted(word for word, n in counts.most_common(MOST_WORDS) if n >= LEAST_WORD)


def labels(pairs: Pairs, rows: Array) -> tuple[dict[str, list[str]], dict[str, Array]]:
    """Attribute → its values among `rows` (attributes with two or more), and → (n,) their indices, -1 for unknown."""
    values: dict[str, list[str]] = {}
    found: dict[str, Array] = {}
    for name, column in pairs.attributes.items():
        counts = Counter(value for place in rows if (value := column[place]) is not None)
        kept = sorted(v for v, n in counts.most_common(MOST_VALUES) if n >= LEAST_WORD)
        if len(kept) >= 2:
            index = {value: place for place, value in enumerate(kept)}
            values[name] = kept
            found[name] = np.array([index.get(v, -1) if v is not None else -1 for v in column])
    return values, found
