"""The shop's vocabulary: canonical attribute values, their words in zh and en, and the category tree."""

from functools import cache

from prompts import load

ATTRIBUTES = (
    "category", "color", "pattern", "material", "sleeve", "neckline", "length",
    "gender", "age_group", "season", "occasion", "style",
)  # fmt: skip


def values(attribute: str) -> list[str]:
    """Canonical values of `attribute`, in the order of the file."""
    return list(load("taxonomy")[attribute])


def word(attribute: str, value: str, lang: str) -> str:
    """The word shown to shoppers; an unknown value is returned as it is, so that a shop's own values stay readable."""
    entry = load("taxonomy").get(attribute, {}).get(value)
    return str(entry[lang][0]) if entry else value


def words(attribute: str, value: str) -> dict[str, list[str]]:
    """All words for a value: {"zh": [...], "en": [...]}."""
    entry = load("taxonomy")[attribute][value]
    return {"zh": list(entry["zh"]), "en": list(entry["en"])}


@cache
def ancestors(category: str) -> tuple[str, ...]:
    """Root to leaf, `category` last. An unknown category is its own root."""
    entry = load("taxonomy")["category"].get(category)
    if entry is None or entry["parent"] is None:
        return (category,)
    return (*ancestors(entry["parent"]), category)


@cache
def descendants(category: str) -> frozenset[str]:
    """`category` and every category below it."""
    return frozenset({category, *(c for c in values("category") if category in ancestors(c))})


def is_a(category: str, ancestor: str) -> bool:
    """True when `category` is `ancestor` or lies below it: boots are shoes."""
    return ancestor in ancestors(category)


def swatch(color: str) -> str | None:
    """A typical sRGB value ("#rrggbb") of a colour word; None for multicolour and unknown ones."""
    entry = load("taxonomy")["color"].get(color)
    return entry["srgb"] if entry else None
