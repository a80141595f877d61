"""Everything the record says about one product."""

import json
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from tools.cards import card, line
from tools.context import ToolContext
from tools.results import Products


@tool(parse_docstring=True, response_format="content_and_artifact")
def product_details(
    runtime: ToolRuntime[ToolContext], product: str, asks: list[str] | None = None
) -> tuple[str, dict[str, Any]]:
    """Look up a product's record: price, sizes and stock, material, care, size chart, rating, description.

    Args:
        product: Id of the product.
        asks: What the shopper asked about, e.g. ["sizes", "care"].
    """
    context = runtime.context
    record = context.product(product)
    mine = context.profile().size_of(record)
    shown = card(record, context.lang, with_details=True).model_copy(update={"your_size": mine})
    facts = "\n".join(
        [
            line(shown),
            *(f"{label}: {value}" for label, value in shown.attributes.items()),
            *(f"{key}: {_plain(value)}" for key, value in (shown.details or {}).items() if value),
            *([f"the shopper's remembered size: {mine}"] if mine else []),
            f"rating: {shown.rating} ({shown.rating_count})" if shown.rating is not None else "rating: none",
        ]
    )
    event = Products(items=[shown], total=1, query={"product": product, "asks": asks or []})
    return tell("details", facts=facts), event.model_dump(mode="json")


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
