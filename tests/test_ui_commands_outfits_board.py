"""`daogou outfit --board`: a picture of each look in a folder, or of the first in a file."""

import json
from pathlib import Path

import pytest
from PIL import Image

from agent.assistant import Assistant
from ui.commands import door, outfits

PHOTO = Path(__file__).parent / "dialogs" / "photos" / "red_dress.webp"


def told(
    assistant: Assistant, capsys: pytest.CaptureFixture[str], board: Path, photo: bool = False
) -> list[dict]:  # type: ignore[type-arg]
    given: tuple[list[str], list[Path]] = ([], [PHOTO]) if photo else (["D0077"], [])
    outfits.outfit(assistant, *given, {}, "en", True, board)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_folder_gets_a_picture_of_each_look(
    assistant: Assistant, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    looks = told(assistant, capsys, tmp_path / "new" / "boards")
    assert len(looks) >= 2
    for look in looks:
        with Image.open(look["board"]) as picture:
            assert picture.size == (1080, 1350) and picture.format == "PNG"
    assert len(list((tmp_path / "new" / "boards").iterdir())) == len(looks)


def test_a_file_gets_the_first_and_a_photo_of_one_s_own_is_kept_nowhere(
    assistant: Assistant, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    before = set(assistant.album.folder.iterdir())
    looks = told(assistant, capsys, tmp_path / "look.webp", photo=True)
    assert [look.get("board") for look in looks] == [str(tmp_path / "look.webp")] + [None] * (len(looks) - 1)
    with Image.open(tmp_path / "look.webp") as picture:
        assert picture.format == "WEBP"
    assert set(assistant.album.folder.iterdir()) == before


def test_a_place_that_cannot_be_written_is_told(
    assistant: Assistant, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(door.CommandError) as told_of:
        told(assistant, capsys, tmp_path / "file" / "boards")
    assert told_of.value.code == "not_written"
