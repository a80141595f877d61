"""What the record says of how a garment is cut and whether its cloth gives."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from store.types import Product
from tools.sizing import data


@dataclass(frozen=True)
class Cut:
    """True where the record's own words say so; all False where they say nothing."""

    runs_small: bool = False
    runs_large: bool = False
    slim: bool = False
    loose: bool = False
    stretch: bool = False

    # what decides between two sizes, the strongest first, and what is said of it
    ORDER: ClassVar[tuple[tuple[str, str], ...]] = (
        ("runs_small", "runs_small"),
        ("runs_large", "runs_large"),
        ("slim", "plain"),
        ("loose", "loose"),
        ("stretch", "stretch"),
    )


def cut_of(product: Product) -> Cut:
    """How a product is cut, from its names and descriptions in both languages and its material."""
    name = " ".join([product.title.zh or "", product.title.en or ""]).casefold()
    told = " ".join([name, product.description.zh or "", product.description.en or ""]).casefold()
    book = data()
    return Cut(
        runs_small=_says(told, book["runs_small"]),
        runs_large=_says(told, book["runs_large"]),
        slim=_says(name, book["slim"]),
        loose=_says(name, book["loose"]),
        stretch=product.material in book["stretch_materials"] or _says(told, book["stretch_words"]),
    )


def _says(text: str, words: Sequence[str]) -> bool:
    """One of the words stands there and is not denied ("不偏小", "doesn't run small")."""
    return any(
        re.search(
            rf"(?<!not )(?<!n't )(?<!never )\b{re.escape(w)}\b"
            if w.isascii()
            else rf"(?<![不没无]){re.escape(w)}",
            text,
        )
        for w in words
    )
