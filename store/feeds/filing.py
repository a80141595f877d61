"""Where a product belongs in the vocabulary's tree, from whatever a feed says of its kind.

Google's category (a path or a number), the shop's own path, and the words of the title are asked in this order. The
later ones may only say more exactly what an earlier one said: "Shirts & Tops" and a title that ends in "hoodie" are a
hoodie, "Furniture" and a title with "skirt" are no skirt. What the vocabulary does not know is kept as it is.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from prompts import taxonomy
from store.feeds.record import listed
from store.feeds.values import words
from store.words import concepts

UNFILED = "uncategorised"
_STEPS = re.compile(r"\s*(?:>|»|›|→|/|\||＞)\s*")
_ASIDE = re.compile(r"\s(?:with|for|in|w/|from|by|and)\s|[,，(（|–—]|\s-\s|带|适合|搭配", re.IGNORECASE)


def steps(value: Any) -> list[str]:
    """A path as its steps: "A > B", ["A", "B"] or [["A", "B"], …] (the first one). A number is none."""
    given = listed(value)
    if given and isinstance(given[0], list):
        given = given[0]
    if len(given) == 1:
        text = str(given[0])
        parts = re.split(r"\s*(?:>|»|›|→|＞)\s*", text)
        given = parts if len(parts) > 1 else _STEPS.split(text)
    return [part for part in (" ".join(str(g).split()) for g in given) if part and not part.isdigit()][:10]


def filed(google: Any, own: Any, title: Sequence[str], wearable: bool) -> tuple[str, list[str]]:
    """(category, path): the vocabulary's category where it is known, else the shop's own last step; the path as the
    feed has it. `wearable`: something else in the feed (a size, a gender) says that this is worn."""
    number = next((int(str(v)) for v in listed(google) if str(v).strip().isdigit()), None)
    google_path = steps(google)
    if number in words()["google_ids"]:
        google_path = [words()["google_ids"][number]]
    own_path = steps(own)
    path = own_path or ([] if number in words()["google_ids"] else google_path)
    known, speaks_of_clothes = _by_google(google_path)
    for step in reversed(own_path):
        if (more := last_kind([step])) and _refines(more, known):
            known = more
            break
    roots = {step.casefold() for step in (*google_path, *own_path)}
    if google_path and not known and not speaks_of_clothes and number not in words()["google_ids"]:
        return google_path[-1].casefold() if not own_path else own_path[-1].casefold(), path
    worn = wearable or bool(roots & set(words()["wearable"])) or speaks_of_clothes
    named = last_kind(title, at_the_end=bool(own_path) and not known)
    if named and _refines(named, known) and (known or not own_path or worn):
        known = named
    return known or (own_path[-1].casefold() if own_path else UNFILED), path


def _by_google(path: Sequence[str]) -> tuple[str | None, bool]:
    """(category, whether the path speaks of what is worn) of a path in Google's words."""
    names = words()["google"]
    known, worn = None, False
    for step in path:
        plain = step.casefold()
        if plain in names:
            worn = True
            known = names[plain] or known
        elif worn or len(path) == 1:
            more = last_kind([step])
            known = more if more and _refines(more, known) else known
            worn = worn or more is not None
    return known, worn


def _refines(more: str, known: str | None) -> bool:
    """Whether `more` says the same as `known`, more exactly: lies below it, or beside it under a root that is told of
    only in general (a boot that is filed among the shoes)."""
    return known is None or taxonomy.is_a(more, known)


def last_kind(texts: Iterable[str], at_the_end: bool = False) -> str | None:
    """The kind of thing a title names: its last word that is a category, before "with …", "for …". `at_the_end`: only
    where nothing follows it."""
    for said in texts:
        name = _ASIDE.split(said.strip(), maxsplit=1)[0]
        found = [
            (c.word, value)
            for c in concepts(name)
            for attribute, value in c.meanings
            if attribute == "category"
        ]
        if not found:
            continue
        word, value = max(found, key=lambda pair: (_end(name, pair[0]), len(pair[0])))
        if not at_the_end or len(name) - _end(name, word) <= 2:
            return value
    return None


def _end(text: str, word: str) -> int:
    """Where the last occurrence of `word` in `text` ends."""
    flat = re.sub(r"[-\s]", " ", text.casefold())
    at = flat.rfind(re.sub(r"[-\s]", " ", word))
    return at + len(word) if at >= 0 else 0
