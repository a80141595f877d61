"""What the README shows works: its commands, its script, its Python, its settings and its links."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from ui.cli import app
from ui.dialogs import fixtures, runner
from ui.dialogs.reading import load

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")
ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def blocks(kind: str) -> list[str]:
    return [body for language, body in BLOCKS if language == kind]


COMMANDS = [line[2:] for body in blocks("console") for line in body.splitlines() if line.startswith("$ ")]


@pytest.fixture(scope="module")
def desk(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with what the README's commands name, and a shop of its own beside it."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(pristine, folder / "shop")
    photos = Path(__file__).parent / "dialogs" / "photos"
    shutil.copy(photos / "red_dress.webp", folder / "dress.webp")
    shutil.copy(photos / "white_sneakers.webp", folder / "sneakers.webp")
    (folder / "script.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    yield folder


def environment(desk: Path) -> dict[str, str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": programs, "DAOGOU_DATA": str(desk / "shop")}


def test_there_are_commands() -> None:
    assert len(COMMANDS) >= 10


def run(command: str, desk: Path) -> str:
    """What a line of the README prints, its `daogou` called in this process. Raises AssertionError where it fails."""
    told = ""
    for line in command.split(" && "):
        line, _, file = line.partition(" > ")
        for stage in re.split(r" \| (?=daogou|head)", line):
            name, *words = shlex.split(stage)
            if name == "daogou":
                done = CliRunner().invoke(app, words, input=told)
                assert done.exit_code == 0, (done.stderr, done.exception)
                told = done.stdout
            elif name == "echo":
                told = " ".join(words) + "\n"
            else:
                told = subprocess.run(
                    [name, *words], input=told, capture_output=True, text=True, check=True
                ).stdout
        if file:
            (desk / file).write_text(told, encoding="utf-8")
    return told


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command: str, desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk)
    monkeypatch.setenv("DAOGOU_DATA", str(desk / "shop"))
    if command.startswith("daogou test "):  # here without drawing another demo shop
        command += f" --data {desk / 'shop'}"
    elif command == "daogou demo":
        command += " --if-empty --json"
    assert run(command, desk) or ">" in command


def test_a_pipe_of_processes(desk: Path) -> None:
    (command,) = [one for one in COMMANDS if one.startswith("echo ") and "--shopper" in one]
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=desk,
        env=environment(desk),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0 and done.stdout and "Traceback" not in done.stderr, done.stderr


def test_python(desk: Path) -> None:
    (code,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=desk,
        env=environment(desk),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "$" in done.stdout


def test_script(desk: Path) -> None:
    script = load(desk / "script.yaml")
    with fixtures.shops(desk / "shop") as shops:
        for lang in script.langs():
            result = runner.run(script, lang, shops)
            assert result.passed, result.why()


TOUR = {
    title: [text for text in re.findall(r"`([^`]+)`", body) if "/" not in text]
    for title, body in re.findall(
        r"^\d\. \*\*(.+?)\.\*\*(.+?)(?=^\d\. |^## |\Z)",
        README.partition("## A tour")[2].partition("\n## ")[0],
        re.MULTILINE | re.DOTALL,
    )
}
SHOWN = {
    "Words": {"products"},
    "A photo": {"products", "outfit"},
    "Questions": {"products", "answer"},
    "Pictures to touch": {"products", "image"},
    "Outfits, sizes and comparisons": {"outfit", "products", "comparison"},
    "The cart": {"cart"},
    "The shop's rules": {"policy"},
}


@pytest.mark.parametrize("start", [0, 1])
def test_the_tour_leads_nowhere_dead(start: int, assistant: Assistant) -> None:
    """Each message of the tour, in its order, from either start, shows what its step is about."""
    assert TOUR.keys() == SHOWN.keys()
    session, photo = assistant.session(), Path(__file__).parent / "dialogs" / "photos" / "red_dress.webp"
    for step, messages in TOUR.items():
        for number, text in enumerate(messages):
            if step == "Words" and number == 1 - start:
                continue
            if (
                step == "Questions" and number == 0
            ):  # after a photo with another list of products than the words'
                list(session.respond(TOUR["Words"][start]))
            photos = [photo.read_bytes()] if step == "A photo" and number == 0 else []
            events = list(session.respond(text, photos=photos))
            assert not [e for e in events if e.type == "error"], text
            assert SHOWN[step] & {e.type for e in events}, text
            for shown in (e for e in events if e.type == "products" and step == "Words"):
                assert shown.items and not any(card.nearest for card in shown.items), text


def test_settings_table() -> None:
    named = re.findall(r"^\| `(DAOGOU_\w+)` \|", README, re.MULTILINE)
    assert named == [f"DAOGOU_{name.upper()}" for name in Settings.model_fields]


def test_make_targets() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = set(re.findall(r"`make ([a-z]+)`", README))
    for body in blocks("sh"):
        shown |= set(re.findall(r"^(?:\w+=\S+ )*make ([a-z]+)$", body, re.MULTILINE))
    assert shown >= {"run", "test"}
    assert shown <= targets


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert target.startswith("http") or (ROOT / target).exists(), target
