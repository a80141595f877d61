"""What goods are weighed by that is no attribute: the rain, the cold, a laptop. What a message asks for, and whether a
product's record says that it has it. Words are in prompts/purposes.yaml."""

import re
from functools import cache
from typing import Any

from prompts import load, say, taxonomy
from store.types import Product

_BEFORE = 14  # characters before a word in which it may be denied


def asked(text: str) -> list[str]:
    """The purposes that a text speaks of, in the order of the vocabulary."""
    said = text.casefold()
    return [name for name, patterns in _asked().items() if any(p.search(said) for p in patterns)]


def name(purpose: str, lang: str) -> str:
    """ "the rain"."""
    return say("purposes", f"purposes.{purpose}.name", lang)


def has(purpose: str, lang: str) -> str:
    """What is said of a product whose record tells it: "said to keep water out"."""
    return say("purposes", f"purposes.{purpose}.has", lang)


def met(purpose: str, product: Product) -> bool:
    """The record says that the product has it: in its words, where they do not deny it, its material or its season."""
    one: dict[str, Any] = load("purposes")["purposes"][purpose]
    if "of" in one and not any(taxonomy.is_a(product.category, kind) for kind in one["of"]):
        return False
    if product.material in one.get("materials", []):
        return True
    if one.get("season") in product.season and len(product.season) <= 2:
        return True  # for three seasons and more is no word for one
    texts = (product.title, product.description, *((product.care,) if one.get("care") else ()))
    told = " \n ".join(t for text in texts for t in (text.zh, text.en) if t).casefold()
    for phrase in one.get("unlike", []):
        told = told.replace(phrase, "…")
    return any(not _denied(told, match.start()) for match in _told(purpose).finditer(told))


def _denied(told: str, at: int) -> bool:
    """A word of denial stands right before, in the same sentence."""
    before = re.split(r"[.。,，;；!！?？\n]", told[max(0, at - _BEFORE) : at])[-1]
    words = load("purposes")["denied"]
    return any(w in before for w in words["zh"]) or any(
        w in before and re.search(rf"(?<![a-z]){re.escape(w)}(?![a-z])", before) for w in words["en"]
    )


@cache
def _asked() -> dict[str, list[re.Pattern[str]]]:
    known = load("purposes")["purposes"]
    return {purpose: [re.compile(p) for p in one["asked"]] for purpose, one in known.items()}


@cache
def _told(purpose: str) -> re.Pattern[str]:
    words = sorted(map(str, load("purposes")["purposes"][purpose]["told"]), key=len, reverse=True)
    pieces = [rf"(?<![a-z]){re.escape(w)}(?![a-z])" if w.isascii() else re.escape(w) for w in words]
    return re.compile("|".join(pieces))
