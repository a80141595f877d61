"""Answer a parsed question from a product's record. None where the record does not say."""

from typing import Any

from perception.questions import Asked
from prompts import say, taxonomy
from store.types import Product
from tools.cards import money, phrase
from tools.results import Answer

# Attributes that the record holds as one value or a list of them.
_FIELDS = {
    "category": "category",
    "color": "colors",
    "pattern": "pattern",
    "material": "material",
    "sleeve": "sleeve",
    "neckline": "neckline",
    "length": "length",
    "gender": "gender",
    "season": "season",
    "occasion": "occasion",
    "style": "style",
}


def answer(product: Product, asked: Asked, lang: str) -> Answer | None:
    """What the record says to `asked`, in `lang`, with source "catalog"; None where it does not say."""
    if asked.attribute in _FIELDS:
        raw = getattr(product, _FIELDS[asked.attribute])
        values = raw if isinstance(raw, list) else [raw] if raw else []
        return _valued(product, asked, values, lang) if values else None
    facts = _facts(product, lang)
    if asked.attribute not in facts:
        return None
    key, value = facts[asked.attribute]
    return (
        _told(product, say("record", f"what.{key}", lang, value=value), value)
        if value or key == "sold_out"
        else None
    )


def _valued(product: Product, asked: Asked, values: list[str], lang: str) -> Answer:
    """What, which or yes/no about an attribute with taxonomy values."""
    attribute = str(asked.attribute)
    words = _join([taxonomy.word(attribute, v, lang) for v in values], lang)
    if asked.kind == "is" and asked.value:
        true = any(_is(attribute, v, asked.value) for v in values)
        key = "suits" if true else "suits_not"
        if attribute not in ("season", "occasion"):
            return _told(product, say("record", "yes" if true else "no", lang, value=words), true)
        shown = phrase(attribute, asked.value, lang)
        words = _join([phrase(attribute, v, lang) for v in values], lang)
        return _told(product, say("record", key, lang, value=shown if true else words, asked=shown), true)
    text = say("record", f"what.{attribute}", lang, value=words, a_value=_with_article(words))
    return _told(product, text, values if attribute == "color" or len(values) > 1 else values[0])


def _is(attribute: str, value: str, asked: str) -> bool:
    return taxonomy.is_a(value, asked) if attribute == "category" else value == asked


def _facts(product: Product, lang: str) -> dict[str | None, tuple[str, str]]:
    """Asked attribute → (sentence key, value) for what is no taxonomy value."""
    sizes = _join(product.sizes_in_stock(), lang)
    stock = (
        ("stock", sizes or say("tools", "values.one_size", lang)) if product.in_stock else ("sold_out", "")
    )
    return {
        "price": ("price", money(product.current_price).text),
        "brand": ("brand", product.brand or ""),
        "size": ("size", sizes) if sizes else ("sold_out", "") if not product.in_stock else ("size", ""),
        "stock": stock,
        "care": ("care", product.care.get(lang)),
    }


def _told(product: Product, text: str, value: Any) -> Answer:
    return Answer(about=product.id, answer=text, value=value, source="catalog", confidence=1.0)


def _join(words: list[str], lang: str) -> str:
    return say("tools", "why.and", lang).join(words)


def _with_article(words: str) -> str:
    plural = words.endswith("s") and not words.endswith("ss")
    return words if plural else f"{'an' if words[:1].lower() in 'aeiou' else 'a'} {words}"
