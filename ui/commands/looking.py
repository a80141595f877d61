"""`daogou look`: what each of many photos shows, looked at side by side, told in their order."""

import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ui.commands import door, show

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from perception.look import Look

AT_ONCE = 16  # photos that are begun before the first of them is told of: no more are in memory


def look(
    assistant: "Assistant", paths: Sequence[Path], lang: str, as_json: bool, report: door.Report
) -> bool:
    """Tell on stdout what each photo shows, and on stderr why one cannot be looked at; True when none failed. Raises
    BadModel or HubError when a setting names a model that cannot be used."""
    fine = True
    for done, (path, seen) in enumerate(_looks(assistant, paths, lang), 1):
        if isinstance(seen, Exception):
            fine = False
            _failed(path, seen, as_json)
        else:
            _told(path, seen, lang, as_json)
        report(done, len(paths), "")
    return fine


def _looks(
    assistant: "Assistant", paths: Sequence[Path], lang: str
) -> Iterator[tuple[Path, "Look | Exception"]]:
    """Each photo with its look, or with why there is none, in order; as many at once as there are cores."""

    def one(path: Path) -> "Look | Exception":
        try:
            return assistant.look(door.read(path), lang)
        except (
            Exception
        ) as exc:  # one photo that cannot be looked at, for whatever reason, keeps no other from it
            return exc

    _ = assistant.eyes  # a setting that does not work is said once, not of every photo
    pool = ThreadPoolExecutor(min(len(paths), os.cpu_count() or 1))
    try:
        for start in range(0, len(paths), AT_ONCE):
            some = paths[start : start + AT_ONCE]
            yield from zip(some, pool.map(one, some), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _failed(path: Path, error: Exception, as_json: bool) -> None:
    code, message = door.named(error)
    if as_json:
        door.emit({"photo": str(path), "error": {"code": code, "message": message}})
    door.tell(door.one_line(f"daogou: {path}: {message}"), sys.stderr)


def _told(path: Path, seen: "Look", lang: str, as_json: bool) -> None:
    value = {**seen.model_dump(mode="json", exclude_none=True), "photo": str(path), "photo_id": seen.photo}
    if as_json:
        door.emit(value)
    else:
        door.tell(show.looked(door.one_line(str(path)), value, lang))
