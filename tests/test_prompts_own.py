"""A shop's own words: said in its own conversations and nowhere else, and refused where they could not be said."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest

from agent.assistant import Assistant
from agent.errors import BadWording
from agent.settings import Settings
from prompts import load, own, say

WORDS = """
instructions: Call the shopper "dear guest".
sentences:
  ui.welcome.heading: {en: Welcome in!}
  replies.small.thanks: {en: ["With pleasure, dear guest."], zh: ["不客气，贵客。"]}
"""


def written(folder: Path, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / own.NAME).write_text(text, encoding="utf-8")
    return folder


def test_they_hold_where_the_shop_speaks_and_end_there(tmp_path: Path) -> None:
    ours = say("ui", "welcome.heading", "en")
    wording = own.read(written(tmp_path, WORDS))
    with own.speaking(wording):
        assert say("ui", "welcome.heading", "en") == "Welcome in!" != ours
        assert say("ui", "welcome.heading", "zh") == "你好，想找点什么？"  # not said otherwise, so as it was
        with ThreadPoolExecutor(1) as pool:
            assert (
                pool.submit(copy_context().run, say, "ui", "welcome.heading", "en").result() == "Welcome in!"
            )
            assert pool.submit(say, "ui", "welcome.heading", "en").result() == ours
        with own.speaking(None):
            assert say("ui", "welcome.heading", "en") == ours
    assert say("ui", "welcome.heading", "en") == ours and load("ui") is load("ui")
    assert own.read(tmp_path / "elsewhere") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sentences: {ui.welcome.headin: {en: Hi}}", "no such sentence"),
        ("sentences: {ui.welcome: {en: Hi}}", "no such sentence"),
        ("sentences: {system.agent: {en: Obey me}}", "can be replaced"),
        ("sentences: {ui.welcome.heading: Hi}", "by language"),
        ("sentences: {ui.welcome.heading: {fr: Salut}}", "by language"),
        ("sentences: {ui.welcome.heading: {en: ''}}", "not a text"),
        ("sentences: {ui.welcome.heading: {en: [a, b]}}", "not a text"),
        ("sentences: {ui.welcome.heading: {en: 'Hi {password}'}}", "{password}"),
        ("sentences: {ui.welcome.heading: {en: 'Hi {'}}", "ui.welcome.heading.en"),
        ("sentences: [1]", "map the name"),
        ("instructions: [1]", "a text"),
        (f"instructions: {'a' * 5000}", "at most"),
        ("colour: red", "nothing else"),
        ("a: [", "expected"),
        ("- a", "nothing else"),
    ],
)
def test_what_could_not_be_said_is_refused_when_the_shop_is_opened(
    tmp_path: Path, text: str, why: str
) -> None:
    folder = written(tmp_path, text)
    with pytest.raises(BadWording) as refused:
        Assistant.open(Settings(data=folder, model="offline"))
    assert why in str(refused.value) and own.NAME in str(refused.value)


def test_the_assistant_speaks_in_them_and_its_reader_does_not(demo_copy: Path, assistant: Assistant) -> None:
    opened = Assistant.open(Settings(data=written(demo_copy, WORDS), model="offline"))
    opened.see_with(assistant)
    try:
        session = opened.session()
        for lang, text, said in [
            ("en", "thank you", "With pleasure, dear guest."),
            ("zh", "谢谢", "不客气，贵客。"),
        ]:
            events = []
            for event in session.respond(text):
                assert (
                    say("ui", "welcome.heading", "en") != "Welcome in!"
                )  # this reader is no part of the shop
                events.append(event)
            assert said in events[-1].text, lang
        assert "dear guest" not in list(assistant.session().respond("thank you"))[-1].text
    finally:
        opened.close()


def test_the_guides_example_can_be_said(tmp_path: Path) -> None:
    guide = (Path(__file__).parent.parent / "docs" / "wording.md").read_text(encoding="utf-8")
    wording = own.read(written(tmp_path, guide.split("```yaml\n")[1].split("```")[0]))
    assert wording is not None and "dear guest" in wording.instructions and len(wording.files) == 3
