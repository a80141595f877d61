"""A file is there whole or not at all; of many, the oldest go."""

import os
from pathlib import Path

import pytest

from perception.files import oldest, whole


def test_what_breaks_off_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a"
    with whole(path) as file:
        file.write(b"one")
    with pytest.raises(RuntimeError), whole(path) as file:
        file.write(b"tw")
        raise RuntimeError
    assert path.read_bytes() == b"one" and list(path.parent.iterdir()) == [path]


def test_the_oldest_go_until_a_tenth_is_free(tmp_path: Path) -> None:
    for age in range(25):
        (tmp_path / f"x-{age}").touch()
        os.utime(tmp_path / f"x-{age}", (1_000 - age, 1_000 - age))
    assert oldest(tmp_path, "x-*", 25) == []
    assert {p.name for p in oldest(tmp_path, "x-*", 20)} == {f"x-{age}" for age in range(18, 25)}
