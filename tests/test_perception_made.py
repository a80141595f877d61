"""Previews on disk: named by what they are made of, gone with it, never more than so many."""

import os
from pathlib import Path

import pytest
from PIL import Image

from perception import made
from perception.made import Made

PHOTO, OTHER = "0123456789abcdef", "fedcba9876543210"
PICTURE = Image.new("RGB", (4, 4), "teal")


def test_what_was_made_of_a_photo_goes_with_it_and_nothing_else_does(tmp_path: Path) -> None:
    kept = Made(tmp_path / "previews")
    names = [
        kept.name(PHOTO, "red"),
        kept.name(PHOTO, "blue"),
        kept.name(OTHER, "red"),
        kept.name("images/a.webp", "red"),
    ]
    assert len(set(names)) == 4
    for name in names:
        kept.put(name, PICTURE)
    kept.drop(PHOTO)
    for name in names[:2]:
        with pytest.raises(FileNotFoundError):
            kept.path(name)
    assert all(kept.path(name).is_file() for name in names[2:])


@pytest.mark.parametrize(
    "name", ["made-../../x", "made-", "../a", "made-0123456789abcdef-..", "made-\0", "made-" + "a" * 9000]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        Made(tmp_path / "previews").path(name)


def test_only_the_newest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "KEPT", 10)
    kept = Made(tmp_path)
    names = [kept.name(PHOTO, str(n)) for n in range(11)]
    for age, name in enumerate(names):
        kept.put(name, PICTURE)
        if (file := tmp_path / f"{name}.jpg").is_file():
            os.utime(file, (1_000 + age, 1_000 + age))
    assert {file.stem for file in tmp_path.glob("*.jpg")} == set(names[2:])
