"""Answer a question about a photo of the shopper's or about a product's picture. The record answers first."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from tools.context import ToolContext
from tools.errors import ToolInputError


@tool(parse_docstring=True, response_format="content_and_artifact")
def ask_image(
    runtime: ToolRuntime[ToolContext], question: str, photo: str | None = None, product: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Answer a question about what a photo or a product's picture shows: type, colour, pattern, sleeves, neckline, text.

    Args:
        question: The question, in the shopper's words.
        photo: Id of a photo of the shopper's.
        product: Id of a product.
    """
    context = runtime.context
    if product:
        answer = about_product(context, context.product(product), question)
    elif photo:
        answer = about_photo(context, context.photo(photo), question)
    else:
        raise ToolInputError("ask_image needs the id of a photo or of a product")
    text = tell("answer", **answer.model_dump(include={"answer", "source", "confidence"}))
    return text, answer.model_dump(mode="json")
