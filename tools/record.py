"""Answer a parsed question from a product's record. None where the record does not say."""

from typing import Any

from perception import captioner
from perception.labels import asked_size
from perception.questions import Asked
from perception.values import form
from prompts import load, say, taxonomy
from store.types import Product
from tools.cards import money, phrase
from tools.results import Answer

# Attributes that the record holds as one value or a list of them.
_FIELDS = {
    "category": "category",
    "color": "colors",
    "pattern": "pattern",
    "material": "material",
    "composition": "material",
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
    if asked.attribute == "measure":
        return _measure(product, asked, lang)
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
    attribute = "material" if asked.attribute == "composition" else str(asked.attribute)
    words = _join([taxonomy.word(attribute, v, lang) for v in values], lang)
    if asked.kind == "is" and asked.value:
        wanted = load("questions")["loose"].get(asked.word, [asked.value])
        true = any(_is(attribute, v, w) for v in values for w in wanted)
        key = "suits" if true else "suits_not"
        if attribute not in ("season", "occasion"):
            return _told(product, say("record", "yes" if true else "no", lang, value=words), true)
        shown = phrase(attribute, asked.value, lang)
        words = _join([phrase(attribute, v, lang) for v in values], lang)
        return _told(product, say("record", key, lang, value=shown if true else words, asked=shown), true)
    if attribute == "neckline":
        words = form(attribute, values[0], lang)
    named = captioner.with_article(captioner.noun(values[0], lang), values[0], lang)
    text = say("record", f"what.{attribute}", lang, value=words, a_value=named)
    return _told(product, text, values if attribute == "color" or len(values) > 1 else values[0])


def _is(attribute: str, value: str, asked: str) -> bool:
    """Whether a value of the record is what was asked: navy is blue, boots are shoes."""
    if attribute == "category":
        return taxonomy.is_a(value, asked)
    return value == asked or value in load("questions")["covers"].get(attribute, {}).get(asked, [])


def _measure(product: Product, asked: Asked, lang: str) -> Answer | None:
    """A measurement of the product's size chart: of the size named, else of all."""
    column = {s: row[asked.word] for s, row in product.size_chart.items() if asked.word in row}
    size = asked_size(asked.text)
    if size:
        column = {s: v for s, v in column.items() if s.upper() == size}
    if not column:
        return None
    measure = say("seen", f"label.measure_word.{asked.word}", lang)
    told = _join([say("record", "measure_of", lang, size=s, value=f"{v:g}") for s, v in column.items()], lang)
    value: Any = next(iter(column.values())) if size else column
    return _told(product, say("record", "measure", lang, measure=measure, value=told), value)


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
    return captioner.joined(words, lang)
