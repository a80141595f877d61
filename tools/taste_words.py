"""Why a product is recommended, in the shopper's words: the part of its score that weighed most, and what it rests on.

A reason counts only what it names: "two linen shirts" are two products of which the shopper did what is said, each
linen and a shirt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prompts import load, say, taxonomy
from store.reactions import Action
from store.types import Product
from tools.goods import Value

Ground = Literal["values", "near", "together", "popular", "ordered", "explore", "wished", "anchor", "shop"]
_UNCOUNTED = frozenset({"jewellery", "swimwear", "footwear", "knitwear"})
_PLURALS = {"scarf": "scarves"}
# as they stand before an English noun
_BEFORE = ("style", "length", "sleeve", "neckline", "color", "pattern", "material")
_AFTER = ("brand", "season", "occasion")
_ZH = ("brand", "season", "occasion", "style", "length", "sleeve", "neckline", "color", "pattern", "material")


@dataclass(frozen=True)
class Because:
    """`values` are what it shares with `products`, to all of which `action` was done; of `near` and `together` the one
    product. With `photo` it is a photo of the shopper's instead."""

    ground: Ground
    values: tuple[Value, ...] = ()
    products: tuple[Product, ...] = ()
    action: Action | None = None
    photo: bool = False


def told(because: Because, product: Product, lang: str) -> str:
    """The sentence, without a full stop."""
    match because.ground:
        case "values" if because.photo:
            return _say("because.photo_value", lang, value=_value(because.values, lang))
        case "values":
            return _of_values(because, lang)
        case "near" if because.photo:
            return _say("because.photo", lang)
        case "near":
            return _done("look", because, lang, name=because.products[0].title.get(lang))
        case "together":
            return _say("because.together", lang, name=because.products[0].title.get(lang))
        case "anchor":
            return _say("because.anchor", lang, name=because.products[0].title.get(lang))
        case "wished":
            return _say("because.wished", lang, value=_value(because.values, lang))
        case "popular":
            return _say("because.rated", lang, rating=f"{product.rating:g}", count=product.rating_count)
        case "ordered":
            return _say("because.ordered", lang)
        case "explore":
            return _say("because.explore", lang)
        case _:
            return _say("because.look_round", lang)


def _of_values(because: Because, lang: str) -> str:
    if because.values[0][0] == "price":
        return _done("price", because, lang)
    if len(because.products) == 1:
        return _done("one", because, lang, value=_value(because.values, lang),
                     name=because.products[0].title.get(lang))  # fmt: skip
    what = _counted(because, lang)
    if because.action == "added":
        return _say("because.added", lang, what=what)
    return _say("because.several", lang, verb=_verb(because, lang), what=what)


def _done(key: str, because: Because, lang: str, **values: str) -> str:
    if because.action == "added":
        return _say(f"because.{key}_added", lang, **values)
    return _say(f"because.{key}", lang, verb=_verb(because, lang), **values)


def _verb(because: Because, lang: str) -> str:
    return _say(f"verb.{because.action or 'viewed'}", lang)


def _value(values: Sequence[Value], lang: str) -> str:
    """Values by themselves: "linen", "a linen shirt", 亚麻衬衫."""
    by = dict(values)
    if "kind" in by and lang == "en":
        return _article(_noun_phrase(values, lang, 1))
    if "kind" in by:
        return _noun_phrase(values, lang, 1)
    words = [_one(a, v, lang, "value") for a, v in values]
    return say("tools", "why.and", lang).join(words).removesuffix("的") if lang == "zh" else ", ".join(words)


def _counted(because: Because, lang: str) -> str:
    """ "two linen shirts", 两件亚麻衬衫."""
    count = len(because.products)
    kinds = {p.category for p in because.products}
    values = list(because.values)
    if len(kinds) == 1 and not any(a == "kind" for a, _ in values):
        values.append(("kind", next(iter(kinds))))
    number = load("recommend")["number"][lang].get(count, str(count))
    roots = taxonomy.ancestors(next(iter(kinds))) if len(kinds) == 1 else ()
    measures = load("recommend")["measure"]
    measure = next((measures[c] for c in reversed(roots) if c in measures), "件")
    return _say("counted", lang, count=number, measure=measure, what=_noun_phrase(values, lang, count))


def _noun_phrase(values: Sequence[Value], lang: str, count: int) -> str:
    by = dict(values)
    kind = by.get("kind")
    if lang == "zh":
        words = [_one(a, by[a], lang, "beside") for a in _ZH if a in by]
        return "".join([*words, taxonomy.word("category", kind, lang) if kind else _say("pieces", lang)])
    before = [_one(a, by[a], lang, "beside") for a in _BEFORE if a in by]
    after = [_one(a, by[a], lang, "beside") for a in _AFTER if a in by]
    return " ".join([*before, _noun(kind, count), *after])


def _noun(kind: str | None, count: int) -> str:
    """ "shirts", "pairs of jeans", "pieces"."""
    if kind is None:
        return _say("pieces", "en") if count != 1 else "piece"
    known = load("seen")["caption"]["noun"]
    word = str(known[kind]["en"]) if kind in known else taxonomy.word("category", kind, "en")
    if count == 1:
        return word
    for head in ("pair", "piece"):
        if word.startswith(f"{head} of "):
            return f"{head}s{word.removeprefix(head)}"
    return " or ".join(_plural(part) for part in word.split(" or "))


def _plural(noun: str) -> str:
    if noun in _PLURALS:
        return _PLURALS[noun]
    if noun in _UNCOUNTED or not noun.isascii() or (noun.endswith("s") and not noun.endswith("ss")):
        return noun
    return noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s")


def _article(phrase: str) -> str:
    if phrase.split()[-1] in _UNCOUNTED:
        return phrase
    return f"{'an' if phrase[:1].casefold() in 'aeio' else 'a'} {phrase}"


def _one(attribute: str, value: str, lang: str, where: str) -> str:
    word = value if attribute == "brand" else taxonomy.word(attribute, value, lang)
    if attribute == "occasion" and value in load("tools")["occasions"]:
        word = say("tools", f"occasions.{value}", lang)
    return _say(f"{where}.{attribute}", lang, value=word) if attribute in load("recommend")[where] else word


def _say(key: str, lang: str, **values: object) -> str:
    return say("recommend", key, lang, **values)
