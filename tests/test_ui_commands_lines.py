"""What another program may write into `daogou chat --json` and `daogou understand`: every line has its answer."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.assistant import Assistant
from perception.eyes import Eyes
from ui.cli import app
from ui.commands import chat, lines

BAD = [
    "not json",
    '{"text": "hats"',
    "[1, 2]",
    "null",
    "3",
    '"hats"',
    '{"text": 5}',
    '{"text": ["hats"]}',
    '{"text": null}',
    '{"text": "hats", "session": {"id": 1}}',
    '{"text": "hats", "photos": {"a": 1}}',
    '{"text": "hats", "photos": [1]}',
    '{"text": "hats", "foto": "x.jpg"}',
    '{"text": "hats", "focus": 7}',
    '{"text": "hats", "focus": {"photo": "x", "garment": -1}}',
    "{" * 3000,
    '{"a":' * 20_000,
    '{"text": ' + "9" * 6000 + "}",
    '{"text": "' + "x" * (lines.MOST + 10) + '"}',
    "\x00\x00",
]
GOOD = [
    '{"text": "hats"}',
    '\ufeff{"text": "hats"}',
    '{"text": "hats"}\r',
    '  {"text": "hats", "session": "", "photos": null}  ',
    '{"text": "hats", "text": "hats"}',
    '{"text": "hats \\ud83d", "session": "half \\udc57"}',
    '{"text": "ha\\u0000ts\\u202e", "session": "一个名字"}',
    '{"text": "hats", "session": "' + "s" * 10_000 + '"}',
]


@pytest.fixture(autouse=True)
def one_pair_of_eyes(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    eyes = assistant.eyes
    monkeypatch.setattr(Eyes, "embedded", lambda: eyes)


def daogou(*args: object, stdin: bytes) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args], input=stdin)


def answers(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def turns(events: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    turn: list[dict[str, Any]] = []
    for event in events:
        turn.append(event)
        if event["type"] == "done":
            yield turn
            turn = []
    assert turn == []


def test_chat_answers_every_line(demo_data: Path) -> None:
    text = "\n".join([GOOD[1], *BAD, "", "   ", *[g for i, g in enumerate(GOOD) if i != 1]]) + "\n"
    raw = text.encode("utf-8") + b'{"text": "h\xff\xfeats"}\n' + b'{"text": "no newline at the end"}'
    found = list(turns(answers(daogou("chat", "--json", "--data", demo_data, stdin=raw))))
    assert len(found) == 1 + len(BAD) + len(GOOD) - 1 + 2
    for line, turn in zip(BAD, found[1:], strict=False):
        assert [e["type"] for e in turn] == ["error", "done"] and turn[0]["code"] == "bad_line", line[:80]
        assert turn[0]["message"] and "Traceback" not in turn[0]["message"]
        assert turn[1]["timings"].keys() == {"first_event_ms", "products_ms", "total_ms"}
        assert turn[1]["timings"]["total_ms"] is not None
    for turn in (found[0], *found[1 + len(BAD) :]):
        assert turn[0]["type"] == "turn_started" and not [e for e in turn if e["type"] == "error"]
    assert [e for e in found[0] if e["type"] == "products"]


def test_understand_answers_every_line(demo_data: Path, tmp_path: Path) -> None:
    missing = json.dumps({"text": "this", "photos": [str(tmp_path / "no.jpg")]})
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no more")
    photo = json.dumps({"text": "this", "photos": [str(broken)]})
    text = "\r\n".join([GOOD[1], *BAD, missing, photo, *[g for i, g in enumerate(GOOD) if i != 1]])
    found = answers(daogou("understand", "--data", demo_data, stdin=text.encode("utf-8")))
    assert found[0]["said"]["category"] == ["hat"]
    for place, (line, value) in enumerate(zip(BAD, found[1:], strict=False), start=2):
        assert value["error"]["code"] == "bad_line" and value["error"]["line"] == place, line[:80]
    after = found[1 + len(BAD) :]
    assert [v["error"]["code"] for v in after[:2]] == ["no_such_file", "truncated"]
    assert all(value["intent"] == "find" for value in after[2:]) and len(after) == 2 + len(GOOD) - 1


def test_sessions_of_understand_build_on_their_own_lines_only(demo_data: Path) -> None:
    said = [
        ("a", "red dress"),
        ("\ud83d", "blue shirt"),
        ("a", "in black"),
        ("\ud83d", "in black"),
        ("never heard of", "in black"),
    ]
    text = "\n".join(json.dumps({"session": s, "text": t}) for s, t in said)
    found = answers(daogou("understand", "--data", demo_data, stdin=text.encode()))
    assert [v["slots"].get("category") for v in found] == [["dress"], ["shirt"], ["dress"], ["shirt"], None]


@pytest.mark.parametrize("command", [["chat", "--json"], ["understand"]])
def test_nothing_to_read_is_fine(demo_data: Path, command: list[str]) -> None:
    for nothing in (b"", b"\n\n", b"\xef\xbb\xbf"):
        assert answers(daogou(*command, "--data", demo_data, stdin=nothing)) == []


@given(st.text())
def test_any_line_is_read_or_refused_with_a_reason(text: str) -> None:
    for _, line, lang in chat.lines(io.StringIO(text)):
        assert lang in ("zh", "en")
        assert isinstance(line, chat.Line) or str(line)


@given(st.lists(st.text(st.characters(exclude_characters="\r\n"), max_size=30)), st.integers(1, 20))
def test_no_line_takes_another_one_with_it(written: list[str], most: int) -> None:
    before, lines.MOST = lines.MOST, most
    try:
        found = dict(lines.numbered(io.StringIO("".join(line + "\n" for line in written))))
    finally:
        lines.MOST = before
    for number, line in enumerate(written, start=1):
        line = line.removeprefix("\ufeff") if number == 1 else line
        if len(line) > most:
            assert found[number] is None
        elif len(line) < most and line.strip():
            assert found[number] == line
