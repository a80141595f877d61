"""`daogou eval look|ask|caption` at the command line, on a small labelled folder of our own drawings."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from evals_samples import DRAWN, labelled_folder
from PIL import Image
from typer.testing import CliRunner

from ui.cli import app
from ui.commands.figures import text

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled_folder(tmp_path_factory.mktemp("photos"))


def evaluate(*args: object) -> Result:
    return CliRunner().invoke(app, ["eval", *map(str, args)])


def figures(*args: object) -> list[dict[str, Any]]:
    result = evaluate(*args, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_look(photos: Path, tmp_path: Path) -> None:
    (found,) = figures("look", photos, "--out", tmp_path / "report")
    assert found["photos"] == found["category"]["n"] == len(DRAWN)
    assert found["accuracy"] >= 0.6 and found["colors"]["exact_or_neighbour"]["value"] >= 0.6
    assert found["attributes"]["pattern"]["n"] == len(DRAWN)
    assert "material" not in found["attributes"]  # labelled unknown throughout
    assert found["statements"]["n"] >= 2 * len(DRAWN)
    assert found["statements"]["wrong"]["value"] <= 0.4
    names = {Path(picture).name for picture in found["pictures"]}
    assert {"confusion-category.png", "reliability-category.png", "confusion-pattern.png"} <= names
    for picture in found["pictures"]:
        with Image.open(picture) as image:
            assert image.format == "PNG" and min(image.size) > 100


def test_look_without_a_folder_for_pictures_writes_none(photos: Path) -> None:
    (found,) = figures("look", photos, "--limit", 1)
    assert "pictures" not in found and found["photos"] == 3


def test_ask(photos: Path, tmp_path: Path) -> None:
    (found,) = figures("ask", photos, "--limit", 1, "--out", tmp_path, "--seed", 3)
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert found["questions"] == len(lines) and found["photos"] == 3
    assert {line["lang"] for line in lines} == {"zh", "en"}
    assert found["unanswerable"]["answered"]["n"] == 3 * 2 * 2
    for kind in ("random", "popular", "adversarial"):
        asked = [line for line in lines if kind in line["against"]]
        assert sum(line["truth"] for line in asked) * 2 == len(asked) == found["pope"][kind]["n"] > 0
    (again,) = figures("ask", photos, "--limit", 1, "--seed", 3)
    drop = ("answers", "median_ms", "p95_ms")
    assert {k: v for k, v in again.items() if k not in drop} == {
        k: v for k, v in found.items() if k not in drop
    }


def test_ask_in_one_language(photos: Path) -> None:
    (found,) = figures("ask", photos, "--limit", 1, "--lang", "zh")
    assert found["languages"] == ["zh"] and list(found["answerable"]["by_language"]) == ["zh"]


def test_captions_of_photos(photos: Path) -> None:
    found = {one["language"]: one for one in figures("caption", photos, "--lang", "zh")}
    assert list(found) == ["zh"]
    assert found["zh"]["captions"] == len(DRAWN) and found["zh"]["tokens"] == "rjieba"
    assert found["zh"]["metrics"]["rouge_l"] > 0 and found["zh"]["metrics"]["meteor"] is None


def test_captions_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "captions.jsonl"
    rows = [
        {"candidate": "一个人在说话", "references": ["有人在说话", "一个男人说话"]},
        {"candidate": "下雨了", "references": ["雨下得很大"]},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (found,) = figures("caption", file)
    assert found["captions"] == 2 and "English" in found["unavailable"]["meteor"]


def test_a_photo_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "dress").mkdir()
    (tmp_path / "dress" / "broken.jpg").write_text("no photo")
    result = evaluate("look", tmp_path)
    assert result.exit_code == 1 and "broken.jpg" in result.stderr


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["look"], 2, "labelled folder"),
        (["ask", "a", "b"], 2, "labelled folder"),
        (["look", "no-such-folder"], 1, "not a folder"),
        (["caption", "no-such-file.jsonl"], 1, "not a folder"),
    ],
)
def test_what_cannot_be_measured_says_so(args: list[str], code: int, said: str) -> None:
    result = evaluate(*args)
    assert result.exit_code == code and said in result.stderr


def test_labels_without_captions_say_so(tmp_path: Path) -> None:
    (tmp_path / "dress").mkdir()
    Image.new("RGB", (40, 40)).save(tmp_path / "dress" / "1.png")
    result = evaluate("caption", tmp_path)
    assert result.exit_code == 1 and "no captions" in result.stderr


def test_figures_for_a_person_are_a_line_each() -> None:
    said = text({"suite": "look", "refused": {"value": 0.25, "interval": [0.1, 0.5], "n": 12}, "category": {
        "accuracy": 0.5, "interval": [0.2, 0.8], "n": 4, "confusion": {"rows": [[1]]}, "macro_f1": None,
        "confused": [{"is": "hat", "seen": "bag", "count": 2}],
    }})  # fmt: skip
    assert [line.split() for line in said.splitlines()] == [
        ["suite", "look"],
        ["refused", "0.250", "0.100-0.500", "12"],
        ["category.accuracy", "0.500", "0.200-0.800", "4"],
        ["category.macro_f1", "—"],
        ["category.confused", "hat", "bag", "2"],
    ]
