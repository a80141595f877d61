"""Say in a sentence or two what a photo shows."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from prompts import tell
from tools.context import ToolContext
from tools.results import Answer


@tool(parse_docstring=True, response_format="content_and_artifact")
def describe_scene(runtime: ToolRuntime[ToolContext], photo: str) -> tuple[str, dict[str, Any]]:
    """Describe a photo of the shopper's: garments, colours, setting, mood, what it suits; only what was recognised.

    Args:
        photo: Id of the photo.
    """
    context = runtime.context
    picture = context.photo(photo)
    look = context.eyes.look(picture, context.lang)
    # As sure as the least sure of the garments it names.
    sure = min((g.confidence.get("category", 0.0) for g in look.garments), default=0.0)
    answer = Answer(
        about=photo,
        answer=context.eyes.describe(picture, context.lang),
        value=look.model_dump(mode="json", exclude_none=True),
        source="image" if look.garments else "unknown",
        confidence=sure,
    )
    return tell("answer", **answer.model_dump(include={"answer", "source", "confidence"})), answer.model_dump(
        mode="json"
    )
