"""Colours, patterns, materials and the like in the vocabulary's values, from feeds in either language.

A word that the vocabulary does not know stays as it is: a shop's "midnight" is still found by that name.
"""

import re
from typing import Any

from prompts import taxonomy
from store.conditions import canonical
from store.feeds.record import listed
from store.feeds.tables import name_of
from store.feeds.values import meanings, text
from store.words import concepts

MOST_COLORS = 6
_BETWEEN = re.compile(r"\s*(?:[/,;&+|、，；]|\band\b|\bund\b|\bet\b|和|与|配)\s*", re.IGNORECASE)
_SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*[%％]")
_NO_COLOR = frozenset(
    ("n/a", "na", "none", "-", "default", "无", "如图", "see image", "as shown", "picture color")
)


def colors(value: Any) -> list[str]:
    """Colours in the vocabulary's names, in the feed's order: "Navy Blue / ivory" is navy and white."""
    found: dict[str, None] = {}
    for said in listed(value):
        plain = text(said)
        if plain.casefold() in _NO_COLOR:
            continue
        if whole := _known("color", plain):
            found[whole] = None
            continue
        for part in _BETWEEN.split(plain):
            if not part or part.casefold() in _NO_COLOR:
                continue
            meant = [_known("color", part)] if _known("color", part) else _all("color", part)
            found |= dict.fromkeys(str(m) for m in meant or [part.casefold()])
    return list(found)[:MOST_COLORS]


def one(attribute: str, value: Any) -> str | None:
    """The value of an attribute that has one: the vocabulary's where a word of it is known, else as it is said."""
    for said in listed(value):
        plain = " ".join(text(said).split())
        if not plain or plain.casefold() in _NO_COLOR:
            continue
        if known := _known(attribute, plain):
            return known
        meant = _all(attribute, plain)
        return meant[0] if meant else plain.casefold()
    return None


def several(attribute: str, value: Any) -> list[str]:
    """The values of an attribute that has several, apart by commas."""
    found = [one(attribute, part) for said in listed(value) for part in re.split(r"[,;/|、，；]", text(said))]
    return list(dict.fromkeys(v for v in found if v))


def material(value: Any) -> str | None:
    """What a thing is made of most: "60% polyester, 40% cotton" is polyester."""
    best: tuple[float, str] | None = None
    for said in listed(value):
        plain = text(said)
        shares_first = re.match(r"\s*\d|[^\d%％]{0,20}[:：]\s*\d", plain)
        between = r"\s+(?=\d{1,3}(?:\.\d+)?\s*[%％])" if shares_first else r"(?<=[%％])\s+"
        for part in re.split(rf"[,;/|+、，；\n]|{between}", plain):
            share = _SHARE.search(part)
            name = one("material", _SHARE.sub(" ", part).strip(" :：."))
            weight = float(share.group(1)) if share else 0.0
            if name and (best is None or weight > best[0]):
                best = (weight, name)
    return best[1] if best else None


def gender(value: Any) -> str | None:
    """women, men or unisex; None for what says none of them."""
    return _meant("gender", value)


def age_group(value: Any) -> str | None:
    """adult or kids; None for what says neither."""
    return _meant("age_group", value)


def from_tags(tags: Any) -> dict[str, list[str]]:
    """Attributes that a shop's tags name in so many words: {"season": ["summer"], "gender": ["women"]}."""
    found: dict[str, list[str]] = {}
    for tag in [t for said in listed(tags) for t in re.split(r"[,;、，；]", text(said))]:
        for attribute in ("gender", "age_group", "season", "occasion", "style"):
            if (known := _known(attribute, tag.strip())) and known not in found.setdefault(attribute, []):
                found[attribute].append(known)
    return {attribute: values for attribute, values in found.items() if values}


def _meant(attribute: str, value: Any) -> str | None:
    said = {meanings(attribute).get(name_of(text(v))) for v in listed(value)} - {None}
    if len(said) > 1 and attribute == "gender":
        return "unisex"
    return next((str(v) for v in said), None)


def _known(attribute: str, word: str) -> str | None:
    """The vocabulary's value for exactly this word."""
    value = canonical(attribute, word)
    return value if value in taxonomy.values(attribute) else None


def _all(attribute: str, phrase: str) -> list[str]:
    """The values of the vocabulary's words in a phrase, in order: "dusty navy stripe" has navy."""
    found = [value for c in concepts(phrase) for a, value in c.meanings if a == attribute]
    return list(dict.fromkeys(found))
