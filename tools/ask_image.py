"""Answer a question about a photo of the shopper's or about a product. The record answers before the picture."""

from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from PIL import Image

from perception.photo import Photo
from perception.questions import Asked, parse
from prompts import load, say, taxonomy, tell
from store.errors import PictureNotFound
from store.types import Product
from tools import record
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Answer


@tool(parse_docstring=True, response_format="content_and_artifact")
def ask_image(
    runtime: ToolRuntime[ToolContext], question: str, photo: str | None = None, product: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Answer what a photo or a product's picture shows: type, colour, pattern, sleeves, neckline, material, text.

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


def about_photo(context: ToolContext, photo: Photo, question: str) -> Answer:
    """Answer from the photo alone; source "unknown" when it cannot be told."""
    seen = context.eyes.ask(photo, question, context.lang)
    return Answer(
        about=photo.id, answer=seen.answer, value=seen.value, source=seen.source, confidence=seen.confidence
    )


def about_product(context: ToolContext, product: Product, question: str) -> Answer:
    """Answer from the record; from the first picture where the record is silent, saying so."""
    asked = parse(question, context.lang)
    known = record.answer(product, asked, context.lang)
    if known is not None:
        return known
    if asked.kind != "unseen" and (picture := _picture(context, product)) is not None:
        seen = context.eyes.ask(picture, asked, context.lang)
        if seen.source != "unknown":
            text = say("record", "pictured", context.lang, answer=seen.answer)
            return Answer(
                about=product.id,
                answer=text,
                value=seen.value,
                source=seen.source,
                confidence=seen.confidence,
            )
    return Answer(about=product.id, answer=_unknown(asked, context.lang), source="unknown", confidence=0.0)


def _picture(context: ToolContext, product: Product) -> Photo | None:
    """The product's first picture; None where there is none that can be read."""
    try:
        with Image.open(context.shop.picture(product.images[0])) as image:
            return Photo.of(image)
    except (IndexError, PictureNotFound, OSError):
        return None


def _unknown(asked: Asked, lang: str) -> str:
    if asked.attribute is None:
        return say("record", "unclear", lang)
    labels, things = load("tools")["labels"], load("record")["things"]
    if asked.attribute in things:
        what = things[asked.attribute][lang]
    elif asked.attribute in labels and asked.attribute in taxonomy.ATTRIBUTES:
        what = (
            labels[asked.attribute][lang] if lang == "zh" else f"the {labels[asked.attribute][lang].lower()}"
        )
    else:
        what = things["other"][lang]
    return say("record", "no_record" if asked.kind == "unseen" else "unknown", lang, what=what)
