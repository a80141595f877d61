"""Where what was learned from a shop's looks is kept: `styling/` in the data folder.

    <id>/weights.safetensors  what was learned (learned.py)     <id>/figures.json  how well it does
    current                   the id in force; no such file: none is

It comes into force, and goes, with the one file `current`: who is killed before leaves a folder that the next one
clears away. Every process looks at that file when it is asked.
"""

import json
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import NotKept

if TYPE_CHECKING:
    from tools.styling.learned import Compatibility

log = logging.getLogger(__name__)
FOLDER, CURRENT, WEIGHTS, FIGURES = "styling", "current", "weights.safetensors", "figures.json"
_opened: dict[Path, tuple[tuple[int, int], "Compatibility | None"]] = {}
_lock = threading.Lock()


def now(
    data_dir: Path, load: "Callable[[Path], Compatibility]", unfit: type[Exception]
) -> "Compatibility | None":
    """The one in force, read once until that changes; None, said in the log, where the file cannot be used."""
    folder = data_dir / FOLDER
    try:
        found = (folder / CURRENT).stat()
    except OSError:
        return None
    mark = (found.st_mtime_ns, found.st_ino)
    with _lock:
        known = _opened.get(folder)
        if known is None or known[0] != mark:
            known = _opened[folder] = mark, _read(folder, load, unfit)
        return known[1]


def _read(
    folder: Path, load: "Callable[[Path], Compatibility]", unfit: type[Exception]
) -> "Compatibility | None":
    name = current(folder.parent)
    try:
        return load(folder / name / WEIGHTS) if name else None
    except unfit as error:
        log.warning("what the shop's looks taught is not used: %s", error)
        return None


def current(data_dir: Path) -> str | None:
    """The id that was put in force, whether it can be used or not."""
    with suppress(OSError, UnicodeDecodeError):
        name = (data_dir / FOLDER / CURRENT).read_text(encoding="utf-8").strip()
        return name if name.isalnum() else None
    return None


def figures(data_dir: Path) -> dict[str, Any]:
    """What was measured of the one in force; empty where there is none."""
    name = current(data_dir)
    with suppress(OSError, ValueError):
        path = data_dir / FOLDER / str(name) / FIGURES
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found if name else {}
    return {}


def keep(data_dir: Path, made: "Compatibility", figures: Mapping[str, Any]) -> None:
    """Put it in force, as a whole or not at all. Raises NotKept."""
    folder = data_dir / FOLDER / made.id
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        made.save(folder / WEIGHTS)
        _write(folder / FIGURES, json.dumps(figures, ensure_ascii=False, indent=1))
        _write(data_dir / FOLDER / CURRENT, made.id)
    except OSError as error:  # a full disk wants its room back
        shutil.rmtree(folder, ignore_errors=True)
        raise NotKept(f"{folder}: {error}") from error
    tidy(data_dir)


def back(data_dir: Path) -> bool:
    """Go back to the rules alone; False where nothing was in force. Raises NotKept."""
    there = current(data_dir) is not None
    try:
        (data_dir / FOLDER / CURRENT).unlink(missing_ok=True)
    except OSError as error:
        raise NotKept(f"{data_dir / FOLDER}: {error}") from error
    tidy(data_dir)
    return there


def tidy(data_dir: Path) -> None:
    """Clear away what is not in force."""
    place, name = data_dir / FOLDER, current(data_dir)
    for folder in place.iterdir() if place.is_dir() else ():
        if folder.is_dir() and folder.name != name:
            shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    """The whole file at once, or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
