"""Files in a folder that several processes keep: written whole or not at all, and only so many of them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """Write beside `path`, and take its place once all is written: a reader sees the whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(part).replace(path)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def oldest(folder: Path, pattern: str, kept: int) -> list[Path]:
    """The files to let go of where there are more than `kept`: so many that a tenth of the room is free again."""
    files = list(folder.glob(pattern))
    if len(files) <= kept:
        return []
    ages: list[tuple[float, Path]] = []
    for path in files:
        with suppress(FileNotFoundError):  # another process was quicker
            ages.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(ages)[: len(ages) - kept * 9 // 10]]
