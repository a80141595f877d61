"""What a message tells of the shopper: sizes, tastes, budget; and which parts of the memory it names."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from agent.planner.memory_words import clauses, has, kinds, portions, size_patterns
from agent.planner.tagging import Tag, Tagged, size_name
from prompts import taxonomy
from store.shoppers import CLOTHES
from tools.facts import Facts, Spend

_TASTES = ("color", "pattern", "material", "sleeve", "neckline", "length", "style", "category", "brand")
_WIDE = ("tops", "bottoms", "outwear", "shoes")  # a size said of a shirt holds for tops
_SHOES_FROM = 34  # a bare number from here on is a shoe size, below it a waist
_NUMBERED = re.compile(r"\d")


def facts(tagged: Tagged, told: bool = False) -> Facts:
    """What the shopper says of themselves. `told`: in a message that asks to be remembered, where also a bare size, a
    refusal or an amount is one."""
    sizes: dict[str, str] = {}
    likes: dict[str, list[str]] = {}
    refuses: dict[str, list[str]] = {}
    budget: list[Spend] = []
    for start, end in clauses(tagged.clean):
        text = tagged.clean[start:end]
        tags = [t for t in tagged.tags if start <= t.mention.start < end]
        categories = values_of(tags, "category")
        for size in _sizes_in(text, told, bool(categories)):
            sizes[kind_of(size, categories, text)] = size
        if has("dislikes", text) or (told and has("denies", text)):
            _gather(refuses, tags)
        elif (has("likes", text) or (told and has("liked", text))) and not has("question", text):
            _gather(likes, [t for t in tags if "category" not in t.mention.meanings.slots])
        if has("budget", text) and (told or has("usually", text)):
            budget += spends(tags, bool(has("denies", text)))
    return Facts(
        sizes=dict(list(sizes.items())[:8]),
        likes={a: v for a, v in likes.items() if v},
        refuses={a: v for a, v in refuses.items() if v},
        budget=budget[:4],
    )


def kind_of(size: str, categories: Sequence[str], text: str = "") -> str:
    """The kind of garment that a size is of: as wide as it holds, "clothes" for one of nothing in particular."""
    if categories:
        root, leaf = taxonomy.ancestors(categories[-1])[0], categories[-1]
        numbered = bool(_NUMBERED.match(size))
        return leaf if root not in _WIDE or (root == "bottoms" and numbered) else root
    if kind := _kind_in(text):
        return kind
    if _NUMBERED.match(size):
        return "shoes" if float(size) >= _SHOES_FROM else "bottoms"
    return CLOTHES


def _kind_in(text: str) -> str | None:
    """A kind named by a word that is no category: "my feet", 脚."""
    return next((kind for kind, ps in kinds().items() if any(p.search(text) for p in ps)), None)


def _sizes_in(text: str, told: bool, kind_named: bool) -> Iterator[str]:
    names = ("own_size", "told_size") if told else ("own_size",)
    for name in names:
        for pattern in size_patterns(name):
            found = pattern.search(text)
            if not found:
                continue
            size, after = found.group("s"), text[found.end("s") :]
            if has("named_size", size) and not has("after_named_size", after):
                continue  # "I need a large bag"
            if _NUMBERED.match(size) and not (kind_named or has("size_word", text) or _kind_in(text)):
                continue  # "I'm 42", "don't forget my limit, fifty"
            yield size_name(size)
            return


def _gather(into: dict[str, list[str]], tags: Sequence[Tag]) -> None:
    for tag in tags:
        for attribute, values in tag.mention.meanings.slots.items():
            if attribute in _TASTES:
                held = into.setdefault(attribute, [])
                held += [v for v in values if v not in held]


def spends(tags: Sequence[Tag], denied: bool = False) -> Iterator[Spend]:
    """Amounts of a clause; "never more than 100" is 100 at most."""
    categories = values_of(tags, "category")
    for tag in tags:
        price = tag.mention.meanings.effects.get("price")
        if not isinstance(price, dict):
            continue
        low, high = _amount(price.get("min")), _amount(price.get("max"))
        if low and not high and denied:
            low, high = None, low
        if low or high:
            yield Spend(
                category=categories[-1] if categories else None,
                min=low,
                max=high,
                currency=price.get("currency"),
            )


def _amount(value: Any) -> Decimal | None:
    return Decimal(str(value)).quantize(Decimal("0.01")) if value and 0 < float(value) < 1e7 else None


def values_of(tags: Sequence[Tag], attribute: str) -> list[str]:
    """The values of an attribute among tags."""
    return [v for t in tags for v in t.mention.meanings.slots.get(attribute, [])]


def scopes(tagged: Tagged) -> list[dict[str, str]]:
    """The parts of the memory that are named: portions, kinds of sizes, single values."""
    named = [name for name, ps in portions().items() if any(p.search(tagged.text) for p in ps)]
    categories = values_of(tagged.tags, "category")
    found: list[dict[str, str]] = []
    opinion = "liked" in named or "refused" in named
    if "sizes" in named:
        of = list(dict.fromkeys(k for c in categories for k in (kind_of("M", [c]), kind_of("1", [c]))))
        of = of or [k for k, ps in kinds().items() if any(p.search(tagged.clean) for p in ps)]
        found += [{"portion": "sizes", "kind": kind} for kind in of] or [{"portion": "sizes"}]
    if "budget" in named:
        found += [{"portion": "budget", "kind": c} for c in categories] or [{"portion": "budget"}]
    if "viewed" in named:
        found.append({"portion": "viewed"})
    if "photos" in named:
        found.append({"portion": "photos"})
    values = {
        (a, v)
        for t in tagged.tags
        for a, vs in t.mention.meanings.slots.items()
        for v in vs
        if a in _TASTES and (a != "category" or (opinion and not found))
    }
    both = ("liked", "refused")
    if values:
        found += [{"portion": p, "attribute": a, "value": v} for a, v in sorted(values) for p in both]
    elif "tastes" in named:
        found += [{"portion": p} for p in both]
    elif opinion:
        found.append({"portion": "refused" if "refused" in named else "liked"})
    return found
