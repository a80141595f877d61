"""`daogou audit`, and the address that Chatwoot is given."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from store.audit import Audit
from ui.cli import app


def run(*args: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(args))
    return done.exit_code, done.output


def test_the_log_is_printed_the_newest_line_last(tmp_path: Path) -> None:
    log = Audit(tmp_path)
    log.note("cart.add", "words", "s1", "p1", "1 M")
    log.note("handoff.asked", "words", "s1", "h1")
    code, told = run("audit", "--data", str(tmp_path), "--json")
    assert code == 0
    lines = [json.loads(line) for line in told.splitlines()]
    assert [(one["what"], one["about"]) for one in lines] == [("cart.add", "p1"), ("handoff.asked", "h1")]
    code, told = run("audit", "--data", str(tmp_path), "--what", "cart.")
    assert code == 0 and "cart.add" in told and "handoff" not in told


def test_chatwoots_address_needs_chatwoots_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("keys", "chatwoot", "--data", str(tmp_path))[0] == 1
    monkeypatch.setenv("DAOGOU_CHATWOOT_TOKEN", "one")
    first = run("keys", "chatwoot", "--data", str(tmp_path))
    monkeypatch.setenv("DAOGOU_CHATWOOT_TOKEN", "two")
    second = run("keys", "chatwoot", "--data", str(tmp_path))
    assert first[0] == second[0] == 0 and first[1] != second[1]
    assert first[1].startswith("/api/v1/incoming/chatwoot?token=") and "one" not in first[1].split("=")[1]
