"""`daogou chat --shopper` and `daogou shopper`: known again in a terminal, seen and erased."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ui.cli import app

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


@pytest.fixture(scope="module")
def shop(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(pristine, tmp_path_factory.mktemp("cli") / "shop"))


def daogou(shop: Path, *args: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [*args, "--data", str(shop)], input=stdin)


def test_known_again_seen_and_erased(shop: Path) -> None:
    daogou(shop, "chat", "--shopper", "anna", stdin="remember that I wear M\n")
    kept = json.loads(daogou(shop, "shopper", "anna", "--json").stdout)
    assert [(s["kind"], s["size"], s["words"]) for s in kept["sizes"]] == [
        ("clothes", "M", "remember that I wear M")
    ]
    told = daogou(shop, "chat", "--shopper", "anna", stdin="dresses\nwhat do you know about me?\n").stdout
    assert "your size M" in " ".join(told.split())
    assert "Clothes, size" in told
    shown = daogou(shop, "shopper", "anna", "--lang", "zh").stdout
    assert "衣服尺码" in shown and "M" in shown
    erased = daogou(shop, "shopper", "anna", "--forget", "--json")
    assert json.loads(erased.stdout)["forgotten"] >= 1
    assert json.loads(daogou(shop, "shopper", "anna", "--json").stdout)["consent"] == "unasked"


def test_a_line_says_who_talks(shop: Path) -> None:
    lines = [
        {"text": "remember that I wear L", "shopper": "ben"},
        {"text": "what do you know about me?", "shopper": "carl"},
        {"text": "what do you know about me?", "shopper": "ben", "session": "another"},
        {"text": "what do you know about me?"},
    ]
    out = daogou(shop, "chat", "--json", stdin="\n".join(map(json.dumps, lines)))
    events = [json.loads(line) for line in out.stdout.splitlines()]
    told = [e for e in events if e["type"] == "memory"]
    assert [[n["text"] for n in e["notes"]] for e in told] == [["L"], [], ["L"]]
    assert [e["consent"] for e in told] == ["yes", "unasked", "yes"]
    assert sum(e["type"] == "done" for e in events) == 4


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_an_impossible_id_is_a_usage_error(shop: Path, name: str) -> None:
    assert daogou(shop, "shopper", name).exit_code == 2


def test_an_impossible_id_in_a_line_is_told(shop: Path) -> None:
    out = daogou(shop, "chat", "--json", stdin=json.dumps({"text": "hi", "shopper": "x" * 201}))
    assert json.loads(out.stdout.splitlines()[0])["code"] == "bad_line"


def test_one_note_is_told_as_one(shop: Path) -> None:
    daogou(shop, "chat", "--shopper", "one", stdin="remember that I wear M\n")
    assert "Erased: 1 note." in daogou(shop, "shopper", "one", "--forget", "--lang", "en").stdout
