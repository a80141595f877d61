"""Conditions that a shopper puts on a deed: "if it comes in M, add it". Met only where the product's card says so."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agent.planner.lexicon import Lexicon
from agent.planner.own_words import found, has
from agent.planner.tagging import size_name
from agent.planner.text import clean
from agent.planner.understand import read
from prompts import taxonomy


def met(text: str, card: Mapping[str, Any] | None, lexicon: Lexicon) -> bool:
    """Every condition in a message holds of the product; one that its card cannot tell does not."""
    return all(
        card is not None and _holds(condition, card, lexicon) for condition in found("condition", clean(text))
    )


def _holds(condition: str, card: Mapping[str, Any], lexicon: Lexicon) -> bool:
    told = False
    sizes = {size_name(str(s["size"]).casefold()) for s in card.get("sizes") or [] if s.get("in_stock")}
    for tag in read(condition, lexicon).tags:
        slots, effects = tag.mention.meanings.slots, tag.mention.meanings.effects
        for attribute, values in slots.items():
            told = True
            if attribute == "size":
                true = any(size_name(str(v).casefold()) in sizes for v in values)
            else:
                true = any(_bears(card, attribute, v) for v in values)
            if not true:
                return False
        if "price" in effects:
            told = True
            price = Decimal(str((card.get("sale_price") or card["price"])["amount"]))
            least, most = effects["price"].get("min"), effects["price"].get("max")
            if (least is not None and price < Decimal(str(least))) or (
                most is not None and price > Decimal(str(most))
            ):
                return False
    if has("on_sale", condition):
        return bool(card.get("sale_price"))
    if not told and has("in_stock", condition):
        return bool(card.get("in_stock"))
    return told


def _bears(card: Mapping[str, Any], attribute: str, value: str) -> bool:
    if attribute == "color":
        return value in (card.get("colors") or [])
    if attribute == "category":
        return taxonomy.is_a(str(card.get("category")), value)
    if attribute == "brand":
        return card.get("brand") == value
    words = {taxonomy.word(attribute, value, lang).casefold() for lang in ("zh", "en")}
    have = " ".join(str(v) for v in (card.get("attributes") or {}).values()).casefold()
    return any(word in have for word in words)
