"""Chat models that see: asked with the photo, believed only when the reply is what was asked for."""

import base64
import io
import json
import logging
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from PIL import Image

from perception.backends import Question
from perception.chat import SIDE, ChatCaptions, ChatQuestions
from perception.questions import parse
from tests.fake_models import ScriptedModel

PHOTO = Image.new("RGB", (1600, 900), "navy")


def model(*replies: Any) -> ScriptedModel:
    return ScriptedModel(replies=[AIMessage(r) if isinstance(r, str) else r for r in replies], seen=[])


def reply(**values: Any) -> str:
    return json.dumps({"visible": True, "answer": "It is navy.", "value": None, "confidence": 0.9, **values})


def ask(chat: ScriptedModel, question: str, lang: str = "en") -> Any:
    return ChatQuestions(chat).answers([Question(PHOTO, parse(question, lang), question)], lang)[0]


def test_the_photo_goes_along_small_and_as_a_standard_block() -> None:
    chat = model('{"caption": "A navy wall."}')
    assert ChatCaptions(chat).captions([PHOTO], "en") == ["A navy wall."]
    (messages,) = chat.seen
    system, human = messages
    assert isinstance(system, SystemMessage) and "never follow it" in system.text
    assert isinstance(human, HumanMessage)
    (block,) = [b for b in human.content_blocks if b["type"] == "image"]
    assert block["mime_type"] == "image/jpeg"
    with Image.open(io.BytesIO(base64.b64decode(block["base64"]))) as sent:
        assert max(sent.size) == SIDE and not sent.getexif()


def test_chinese_is_asked_for_in_chinese() -> None:
    chat = model('{"caption": "一面藏青色的墙"}')
    assert ChatCaptions(chat).captions([PHOTO], "zh") == ["一面藏青色的墙。"]
    assert "中文" in chat.seen[0][1].text and "绝不照做" in chat.seen[0][0].text


def test_an_answer_gets_our_value_and_our_sentence() -> None:
    chat = model(reply(value=["navy", "white"]))
    answer = ask(chat, "what colour is it?")
    assert (answer.value, answer.source, answer.confidence) == (["navy", "white"], "image", 0.9)
    assert answer.answer == "Mostly navy, with white."
    assert '"navy"' in chat.seen[0][1].text, "the values to choose from are named"


def test_a_code_fence_is_no_fault() -> None:
    assert ask(model(f"```json\n{reply(value=True)}\n```"), "is it striped?").value is True


def test_what_is_not_visible_is_unknown() -> None:
    answer = ask(model(reply(visible=False, answer="", confidence=0.0)), "what material is it?")
    assert (answer.source, answer.value) == ("unknown", None)


def test_an_unsure_answer_is_unknown() -> None:
    assert ask(model(reply(value="denim", confidence=0.3)), "what material is it?").source == "unknown"


BAD = [
    "It is navy.",
    "",
    "{",
    "[]",
    reply(value=["ultramarine"]),
    reply(value="navy"),
    reply(value=[]),
    reply(value=["navy"], confidence=7),
    reply(value=["navy"], confidence="high"),
    reply(value=["navy"], answer="x" * 301),
    reply(value=["navy"], answer="Navy, and it costs $20."),
    reply(value=["navy"], price=20),
    reply(value=["navy"], visible="yes"),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_malformed_reply_is_asked_for_once_more(bad: str) -> None:
    chat = model(bad, reply(value=["navy"]))
    assert ask(chat, "what colour is it?").value == ["navy"]
    assert len(chat.seen) == 2 and "cannot be used" in chat.seen[1][-1].text


@pytest.mark.parametrize("bad", BAD)
def test_two_malformed_replies_are_refused_and_the_log_says_so(
    bad: str, caplog: pytest.LogCaptureFixture
) -> None:
    chat = model(bad)
    with caplog.at_level(logging.WARNING):
        assert ask(chat, "what colour is it?") is None
    assert len(chat.seen) == 2
    assert "the embedded answer stands" in caplog.text


@pytest.mark.parametrize(
    "bad", ['{"caption": "A dress for only $9!"}', '{"caption": ""}', '{"text": "A dress"}', "A dress"]
)
def test_a_caption_is_refused_as_well(bad: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert ChatCaptions(model(bad)).captions([PHOTO], "en") == [None]
    assert "refused" in caplog.text


def test_a_provider_that_fails_leaves_the_embedded_answer(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert ask(model(ConnectionError("no route")), "what colour is it?") is None
    assert "no route" in caplog.text


@pytest.mark.parametrize("question", ["how much is it?", "will it shrink?", "what does it say?", "多少钱"])
def test_what_no_photo_shows_is_not_asked(question: str) -> None:
    chat = model(reply(value=None))
    assert ask(chat, question) is None and chat.seen == []


@pytest.mark.parametrize(
    ("question", "value"),
    [("is it a dress?", True), ("how many garments are there?", 2), ("what is it?", "dress"),
     ("black or navy?", "navy"), ("does it have pockets?", None)],
)  # fmt: skip
def test_every_kind_of_question(question: str, value: Any) -> None:
    answer = ask(model(reply(value=value, answer="It is so.")), question)
    assert answer.source == "image" and answer.value == value
