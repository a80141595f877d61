"""What a model replied is played again, and only that: a changed prompt, tool or conversation is said to be one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from agent import models
from tests.fake_models import ScriptedModel, calls
from ui.dialogs import fixtures, recording, runner
from ui.dialogs.fixtures import Shops
from ui.dialogs.reading import load
from ui.dialogs.recording import Cassette, CassetteError, Tape
from ui.dialogs.runner import Result
from ui.dialogs.script import Script

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")
SCRIPT = {
    "id": "taped",
    "why": "a model's replies are kept",
    "model": "recorded",
    "fixture": {"locale": "en"},
    "turns": [
        {
            "user": {"text": {"en": ["show me red dresses", "red dresses please"]}},
            "expect": {
                "tools": {"called": ["search_catalog"]},
                "products": {"min": 1, "every": {"category": "dress", "color": "red"}},
                "capture": {"first": "products[0].id"},
            },
        },
        {"user": {"text": {"en": "thanks"}}, "expect": {"products": {"max": 0}, "state": {"cart": "empty"}}},
    ],
}


def answers(messages: list[Any]) -> AIMessage:
    """A model of few words: it searches when somebody asks for red, and names what was found."""
    if isinstance(messages[-1], ToolMessage):
        items = messages[-1].artifact["items"]
        return AIMessage(f"I found {len(items)}: " + ", ".join(f"“{item['name']}”" for item in items) + ".")
    if "red" in str(messages[-1].content):
        return calls("search_catalog", query="red dress", where={"category": ["dress"], "color": ["red"]})
    return AIMessage("You are welcome.")


@pytest.fixture
def script(tmp_path: Path) -> Script:
    (tmp_path / "taped.yaml").write_text(yaml.safe_dump(SCRIPT), encoding="utf-8")
    return load(tmp_path / "taped.yaml")


@contextmanager
def shops(demo: Path, tape: Tape) -> Iterator[Shops]:
    with fixtures.shops(demo, tape=tape, model=tape.record, seed=tape.seed) as made:
        yield made


@pytest.fixture
def recorded(
    script: Script, demo_data: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Script, list[Result], Path]:
    """The script, its runs with the model, and the cassette of them."""
    with monkeypatch.context() as patch:
        patch.setenv("DAOGOU_ROUTE", "always")
        patch.setattr(
            models, "chat_model", lambda settings, planner: ScriptedModel(replies=[answers], seen=[])
        )
        tape = Tape(record="scripted:few-words", runs=2)
        with shops(demo_data, tape) as among:
            runs = [runner.run(script, "en", among, number, 2) for number in (1, 2)]
        (path,) = tape.save()
    return script, runs, path


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No model can be made."""
    monkeypatch.setenv("DAOGOU_ROUTE", "always")
    monkeypatch.setattr(models, "chat_model", _none)


def _none(*args: Any) -> None:
    raise AssertionError("a recorded script asked for a model")


def played(script: Script, demo: Path, number: int = 1, seed: int = 0) -> Result:
    with shops(demo, Tape(seed=seed)) as among:
        return runner.run(script, "en", among, number, 2)


def test_a_recorded_model_replies_the_same_without_the_model(
    recorded: Any, offline: None, demo_data: Path
) -> None:
    script, runs, path = recorded
    assert [r.why() for r in runs] == [[], []]
    assert path.name == "taped.en.cassette.jsonl"
    for number, before in enumerate(runs, start=1):
        again = played(script, demo_data, number)
        assert again.why() == []
        assert again.model == "scripted:few-words"
        assert [t.reply for t in again.turns] == [t.reply for t in before.turns]
        assert [[e["type"] for e in t.events] for t in again.turns] == [
            [e["type"] for e in t.events] for t in before.turns
        ]


def test_a_cassette_is_lines_that_a_person_can_read(recorded: Any) -> None:
    head, *told = [json.loads(line) for line in recorded[2].read_text(encoding="utf-8").splitlines()]
    assert (head["script"], head["model"], head["runs"]) == ("taped", "scripted:few-words", 2)
    assert [(c["run"], c["turn"], c["call"]) for c in told] == [
        (run, turn, call) for run in (1, 2) for turn, call in ((1, 1), (1, 2), (2, 1))
    ]
    assert told[0]["reply"]["tool_calls"][0]["name"] == "search_catalog"


def test_a_changed_prompt_is_named_and_how_to_record_again(
    recorded: Any, offline: None, demo_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = recording.digests

    def other(messages: Any, tools: Any) -> dict[str, str]:
        return real([SystemMessage("Be brief."), *messages], tools)

    monkeypatch.setattr(recording, "digests", other)
    result = played(recorded[0], demo_data)
    assert not result.passed and result.unusable
    assert "turn 1, call 1: the instructions changed since" in result.fault
    assert f"daogou test {recorded[0].path} --model scripted:few-words --record --runs 2" in result.fault


def test_a_changed_message_is_not_answered_by_another_ones_reply(
    recorded: Any, offline: None, demo_data: Path
) -> None:
    script, _, _ = recorded
    changed = script.model_copy(deep=True)
    changed._path = script.path
    changed.turns[1].user.text.en = "thank you"
    result = played(changed, demo_data)
    assert "turn 2, call 1: the messages changed since" in result.fault


def test_a_run_that_was_not_recorded_is_an_error(recorded: Any, offline: None, demo_data: Path) -> None:
    assert "holds 2 runs with seed 0" in played(recorded[0], demo_data, number=3).fault
    assert "holds 2 runs with seed 0" in played(recorded[0], demo_data, seed=7).fault


def test_without_a_cassette_it_says_how_to_record(script: Script, offline: None, demo_data: Path) -> None:
    result = played(script, demo_data)
    assert result.unusable and "--record" in result.fault


def test_a_model_that_fails_is_not_recorded(
    script: Script, demo_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAOGOU_ROUTE", "always")
    monkeypatch.setenv("DAOGOU_MODEL_RETRIES", "0")
    failing = ScriptedModel(replies=[ConnectionError("no route")], seen=[])
    monkeypatch.setattr(models, "chat_model", lambda settings, planner: failing)
    tape = Tape(record="scripted:none")
    with shops(demo_data, tape) as among:
        result = runner.run(script, "en", among)
    assert "no route" in result.fault
    assert list(tape.save()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "format"),
        ("{", "line 1"),
        ('{"cassette": 9, "script": "x", "lang": "en", "model": "m"}', "format"),
    ],
)
def test_what_is_no_cassette_is_an_error(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(CassetteError, match=said):
        Cassette.read(tmp_path / "x.jsonl")


def test_ids_that_change_each_time_do_not_count() -> None:
    def conversation(one: str) -> list[Any]:
        call = {"name": "search_catalog", "args": {"query": "a"}, "id": one}
        return [
            HumanMessage("a", id=one),
            AIMessage("", tool_calls=[call]),
            ToolMessage("b", tool_call_id=one),
        ]

    assert recording.digests(conversation("x"), []) == recording.digests(conversation("y"), [])
    other = [*conversation("x")[:2], ToolMessage("c", tool_call_id="x")]
    assert recording.digests(conversation("x"), [])["messages"] != recording.digests(other, [])["messages"]
