"""Captions and answers by a chat model that sees, any that LangChain knows; the model is handed in.

The reply has to be one JSON object; what is malformed, names unknown values, runs too long or claims what no picture
can tell (a price, the stock) is asked for again once, then refused: the embedded sentence stands, and the log says so.
"""

import base64
import io
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from PIL.Image import Image, Resampling
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from perception import replies
from perception.backends import Question
from perception.questions import Asked
from perception.vqa import Seen
from prompts import load, say, taxonomy

log = logging.getLogger(__name__)
SIDE = 768  # pixels of the longer side that are sent
T = TypeVar("T")


class Refused(Exception):
    """A reply that cannot be used; the text says why, to the model."""


class Caption(BaseModel):
    """What a caption has to look like."""

    model_config = ConfigDict(extra="forbid", strict=True)

    caption: str = Field(min_length=2, max_length=replies.LONGEST)


class Reply(BaseModel):
    """What an answer has to look like."""

    model_config = ConfigDict(extra="forbid", strict=True)

    visible: bool
    answer: str = Field(max_length=replies.LONGEST)
    value: bool | int | str | list[str] | None = None
    confidence: float = Field(ge=0, le=1)


class ChatCaptions:
    """Captions by `model`. Safe to share between threads as far as the model is."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def check(self) -> None:
        """Nothing to find out."""

    def warm(self) -> None:
        """Nothing to load."""

    def captions(self, images: Sequence[Image], lang: str) -> list[str | None]:
        """A sentence or two each; None where the model failed or its replies were refused."""
        return [self._caption(image, lang) for image in images]

    def _caption(self, image: Image, lang: str) -> str | None:
        def accept(text: str) -> str:
            said = replies.sentence(_parsed(Caption, text).caption)
            if said is None:
                raise Refused("the caption claims what a picture cannot tell")
            return said

        return _ask(self._model, image, say("plugged", "chat.caption", lang), lang, accept)


class ChatQuestions:
    """Answers by `model`. Safe to share between threads as far as the model is."""

    def __init__(self, model: BaseChatModel) -> None:
        self._model = model

    def check(self) -> None:
        """Nothing to find out."""

    def warm(self) -> None:
        """Nothing to load."""

    def answers(self, questions: Sequence[Question], lang: str) -> list[Seen | None]:
        """An answer each; None for what is not asked of a picture, and where the model failed or was refused."""
        return [self._answer(question, lang) for question in questions]

    def _answer(self, question: Question, lang: str) -> Seen | None:
        asked = question.asked
        words = question.text or (None if asked.at else replies.understood(asked))
        if not words or not replies.askable(asked):
            return None
        prompt = say("plugged", "chat.question", lang, question=words.replace('"', "'"), value=_wanted(asked))
        return _ask(self._model, question.image, prompt, lang, lambda text: _accepted(text, asked, lang))


def _wanted(asked: Asked) -> str:
    """What `value` may be, for the prompt."""
    kinds = load("plugged")["chat"]["value"]
    if asked.kind in ("is", "count"):
        return str(kinds["bool" if asked.kind == "is" else "count"])
    if asked.kind == "which":
        return str(kinds["one"]).format(values=json.dumps(list(asked.values)))
    if asked.attribute in replies.VALUED:
        values = [v for v in taxonomy.values(asked.attribute) if v != "other"]
        return str(kinds["many" if asked.attribute in replies.MANY else "one"]).format(
            values=json.dumps(values)
        )
    return str(kinds["open"])


def _accepted(text: str, asked: Asked, lang: str) -> Seen:
    reply = _parsed(Reply, text)
    if not reply.visible:
        return replies.unsure(asked, 0.0, lang)
    if replies.claims(reply.answer):
        raise Refused("the answer claims what a picture cannot tell")
    if not replies.fits(asked, reply.value):
        raise Refused(f"value has to be {_wanted(asked)}")
    return replies.seen(asked, reply.value, reply.answer, reply.confidence, lang)


def _parsed(shape: type[T], text: str) -> T:
    """The JSON object of a reply, with or without a code fence around it. Raises Refused."""
    text = text.strip()
    if text.startswith("```"):
        text = text.strip("`").removeprefix("json").strip()
    try:
        return shape.model_validate_json(text)  # type: ignore[attr-defined, no-any-return]
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(f"{'.'.join(map(str, first['loc'])) or 'reply'}: {first['msg']}") from error


def _ask(model: BaseChatModel, image: Image, prompt: str, lang: str, accept: Callable[[str], T]) -> T | None:
    """What `accept` makes of the reply; asked again once when it refuses. None, and a line in the log, when
    both fail."""
    messages: list[BaseMessage] = [
        SystemMessage(say("plugged", "chat.system", lang)),
        HumanMessage([{"type": "text", "text": prompt}, picture(image)]),
    ]
    problem = ""
    for _ in range(2):
        try:
            reply = model.invoke(messages)
        except Exception as error:  # each provider raises its own kind
            log.warning("the chat model did not look at a photo (%s: %s); the embedded answer stands",
                        type(error).__name__, error)  # fmt: skip
            return None
        text = reply.text
        try:
            return accept(text)
        except Refused as refused:
            problem = str(refused)
            messages += [
                AIMessage(text[:1000] or "…"),
                HumanMessage(say("plugged", "chat.again", lang, problem=problem)),
            ]
    log.warning(
        "two replies of the chat model about a photo were refused (%s); the embedded answer stands", problem
    )
    return None


def picture(image: Image) -> dict[str, Any]:
    """A photo as LangChain's standard content block: JPEG, base64, at most SIDE pixels long."""
    small = image.convert("RGB")
    small.thumbnail((SIDE, SIDE), Resampling.LANCZOS)
    out = io.BytesIO()
    small.save(out, "JPEG", quality=85)
    return {"type": "image", "base64": base64.b64encode(out.getvalue()).decode(), "mime_type": "image/jpeg"}
