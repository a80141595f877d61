"""Answer a question about a photo of the shopper's or about a product. The record answers before the picture; where the
two disagree, both are told."""

from dataclasses import replace
from typing import Any

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from PIL import Image

from perception import captioner, pointing
from perception.evidence import continued
from perception.garments import senseless
from perception.photo import Photo
from perception.pointing import Pointing
from perception.questions import Asked, parse
from prompts import load, say, taxonomy, tell
from store.errors import PictureNotFound
from store.types import Product
from tools import disagreement, pairing, record
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.results import Answer

DOUBTED = 0.6  # what the record is worth where its own picture shows something else
_SHOWN = frozenset({"color", "category", "pattern", "sleeve", "neckline", "length", "material"})


@tool(parse_docstring=True, response_format="content_and_artifact")
def ask_image(
    runtime: ToolRuntime[ToolContext], question: str, photo: str | None = None, product: str | None = None
) -> tuple[str, dict[str, Any]]:
    """Answer what a photo or a product's picture shows: type, colour, pattern, sleeves, neckline, material, text on a
    garment or a label, what it suits, whether it goes with something.

    Args:
        question: The question, in the shopper's words, with the words that say which garment ("the one on the left").
        photo: Id of a photo of the shopper's.
        product: Id of a product; with a photo too: the product that the garment in the photo is to go with.
    """
    context = runtime.context
    if product and photo and parse(question, context.lang).kind == "match":
        answer = about_photo(context, context.photo(photo), question, context.product(product))
    elif product:
        answer = about_product(context, context.product(product), question)
    elif photo:
        answer = about_photo(context, context.photo(photo), question)
    else:
        raise ToolInputError("ask_image needs the id of a photo or of a product")
    text = tell("answer", **answer.model_dump(include={"answer", "source", "confidence"}))
    return text, answer.model_dump(mode="json")


def about_photo(context: ToolContext, photo: Photo, question: str, partner: Product | None = None) -> Answer:
    """Answer from the photo alone; source "unknown" when it cannot be told. `partner`: the product that a garment of
    the photo is asked to go with."""
    asked = parse(question, context.lang)
    if asked.kind == "match":
        return pairing.in_photo(context.eyes.look(photo, context.lang), asked, partner, context.lang)
    seen = context.eyes.ask(photo, question, context.lang)
    return Answer(
        about=photo.id, answer=seen.answer, value=seen.value, source=seen.source, confidence=seen.confidence
    )


def about_product(context: ToolContext, product: Product, question: str) -> Answer:
    """Answer from the record; from the first picture where the record is silent, saying so."""
    asked = replace(parse(question, context.lang, recorded=True), at=None)
    if asked.kind == "match":
        return pairing.of_product(product, asked, context.lang)
    known = record.answer(product, asked, context.lang)
    if known is not None:
        return _beside_picture(context, product, asked, known)
    pictured = None if asked.kind == "unseen" else _pictured(context, product, asked)
    if pictured is not None:
        return pictured
    return Answer(about=product.id, answer=_unknown(asked, context.lang), source="unknown", confidence=0.0)


def _beside_picture(context: ToolContext, product: Product, asked: Asked, known: Answer) -> Answer:
    """The record's answer; with what the picture shows, where it surely shows something else."""
    if asked.attribute not in _SHOWN or (picture := _picture(context, product)) is None:
        return known
    shown = disagreement.seen(product, context.eyes.look(picture), str(asked.attribute), context.lang)
    if shown is None:
        return known
    text = say("record", "differs", context.lang, answer=known.answer, seen=shown)
    return known.model_copy(update={"answer": text, "confidence": DOUBTED})


def _pictured(context: ToolContext, product: Product, asked: Asked) -> Answer | None:
    """What the product's picture tells where the record is silent; None where it does not tell, or is seen to show
    something else than the product."""
    if (picture := _picture(context, product)) is None:
        return None
    garments, lang = context.eyes.look(picture).garments, context.lang
    if asked.kind != "read" and asked.attribute != "text":
        own = Pointing(categories=(product.category,))
        index = pointing.resolve(own, garments)
        if index is None or not pointing.compatible(garments[index].category, product.category):
            return None
        if asked.attribute and senseless(asked.attribute, garments[index].category):
            named = captioner.with_article(captioner.noun(product.category, lang), product.category, lang)
            text = say("seen", "answer.not_applicable", lang, a_noun=named)
            return Answer(about=product.id, answer=text, source="catalog", confidence=1.0)
        asked = replace(asked, at=own if len(garments) > 1 else None)
    seen = context.eyes.ask(picture, asked, lang)
    if seen.source == "unknown":
        return None
    text = say("record", "pictured", lang, answer=continued(seen.answer))
    return Answer(
        about=product.id, answer=text, value=seen.value, source=seen.source, confidence=seen.confidence
    )


def _picture(context: ToolContext, product: Product) -> Photo | None:
    """The picture that stands for the product; None where there is none that can be read."""
    try:
        with Image.open(context.shop.picture(product.plain_image or "")) as image:
            return Photo.of(image)
    except (PictureNotFound, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
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
