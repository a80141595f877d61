"""Set two to four products side by side: what was asked, then what differs."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import say, tell
from store.types import Product
from tools.cards import SHOWN, attribute_words, card, money
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Comparison, ComparisonRow

_ALWAYS = ("price", "rating", "sizes")


@tool(parse_docstring=True, response_format="content_and_artifact")
def compare(
    runtime: ToolRuntime[ToolContext], products: list[str], aspects: list[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Compare two to four products in a table of what was asked and what differs.

    Args:
        products: Ids of the products, two to four.
        aspects: What matters to the shopper, e.g. ["price", "material"].
    """
    context = runtime.context
    ids = list(dict.fromkeys(products))
    if not 2 <= len(ids) <= 4:
        raise ToolInputError("compare takes two to four different products")
    records = [context.product(i) for i in ids]
    table = Comparison(
        items=[card(r, context.lang) for r in records],
        rows=_rows(records, context.lang, aspects or []),
    )
    rows = "\n".join(f"{row.label}: {' | '.join(row.values)}" for row in table.rows)
    return tell("compared", rows=rows), table.model_dump(mode="json")


def _rows(records: list[Product], lang: str, aspects: list[str]) -> list[ComparisonRow]:
    """Asked aspects first, then price, rating and sizes, then every attribute that differs."""
    none = say("tools", "values.none", lang)
    words = [attribute_words(r, lang) for r in records]
    rows: dict[str, ComparisonRow] = {}
    for key in (*aspects, *_ALWAYS):
        if (values := _special(key, records, lang)) is not None:
            rows[key] = ComparisonRow(label=say("tools", f"labels.{key}", lang), values=values)
    for label in dict.fromkeys(label for found in words for label in found):
        values = [found.get(label, none) for found in words]
        asked = any(say("tools", f"labels.{a}", lang) == label for a in aspects if a in SHOWN)
        if asked or len(set(values)) > 1:
            rows[label] = ComparisonRow(label=label, values=values)
    return list(rows.values())


def _special(key: str, records: list[Product], lang: str) -> list[str] | None:
    none = say("tools", "values.none", lang)
    match key:
        case "price":
            return [_price(r, lang) for r in records]
        case "rating":
            return [_rating(r, lang) for r in records]
        case "sizes":
            return [", ".join(r.sizes_in_stock()) or say("tools", "values.sold_out", lang) for r in records]
        case "brand":
            return [r.brand or none for r in records]
        case "care":
            return [r.care.get(lang) or none for r in records]
    return None


def _price(record: Product, lang: str) -> str:
    if record.sale_price is None:
        return money(record.price).text
    return say(
        "tools", "values.was", lang, now=money(record.sale_price).text, before=money(record.price).text
    )


def _rating(record: Product, lang: str) -> str:
    if record.rating is None:
        return say("tools", "values.none", lang)
    return say("tools", "values.rating", lang, value=record.rating, count=record.rating_count)
