"""Where a model's files lie: a local folder, the hub's cache on this machine, or, where that is allowed, the hub."""

import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from perception.hub.errors import ModelMissing
from prompts import Sentence

log = logging.getLogger(__name__)
SAFE = "*.safetensors"
# What a model is made of; no code, no weights of other frameworks.
_PARTS = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "*.spm")
_PICKLED = ("pytorch_model*.bin",)


@dataclass(frozen=True)
class Files:
    """`name`: as the settings have it; `folder`: where the files lie; `revision`: names their content."""

    name: str
    folder: Path
    revision: str

    @property
    def safe(self) -> bool:
        """True when the weights are safetensors: nothing is unpickled."""
        return any(self.folder.glob(SAFE))


def locate(name: str) -> Files:
    """The files of a hub id or of a local folder, fetched where they are missing and HF_HUB_OFFLINE allows it.

    A name that is written as a path, or that is a folder, is never asked of the hub. Raises ModelMissing."""
    path = Path(name).expanduser()
    if path.is_dir():
        if not (path / "config.json").is_file():
            raise ModelMissing(model=name, reason=_because("no_config"), do=_get(name))
        return Files(name, path.resolve(), _digest(path))
    if path.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        raise ModelMissing(model=name, reason=_because("no_folder"), do=_get(None))
    folder = _cached(name) or _fetched(name)
    return Files(name, folder, folder.name)


def _cached(name: str) -> Path | None:
    """The snapshot in the hub's cache, where it is complete. Asks no network."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError):
        return None
    weights = [*folder.glob(SAFE), *(p for pattern in _PICKLED for p in folder.glob(pattern))]
    return folder if weights and (folder / "config.json").exists() else None


def _fetched(name: str) -> Path:
    from huggingface_hub import HfApi, constants, snapshot_download

    if constants.HF_HUB_OFFLINE:
        raise ModelMissing(model=name, reason=_because("offline"), do=_get(name))
    log.info("fetching %s from the hub", name)
    try:
        listed = [s.rfilename for s in HfApi().model_info(name).siblings or []]
        safe = any(f.endswith(".safetensors") for f in listed)
        return Path(snapshot_download(name, allow_patterns=[*_PARTS, *((SAFE,) if safe else _PICKLED)]))
    except Exception as error:  # the hub's own kinds, and those of whichever HTTP client it is built on
        said = str(error).strip() or type(error).__name__
        reason = _because(_why(error), said=said.splitlines()[0])
        raise ModelMissing(model=name, reason=reason, do=_get(name)) from error


def _because(key: str, **values: object) -> Sentence:
    return Sentence("plugged", f"part.{key}", values)


def _why(error: Exception) -> str:
    """What to look at: the id where the hub has no such model or does not show it, else the way to the hub."""
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    if isinstance(error, RepositoryNotFoundError | HFValidationError):
        return "unknown"
    return "not_given"


def _get(name: str | None) -> str | Sentence:
    """The command that fetches it."""
    return f"hf download {name}" if name and not Path(name).expanduser().is_dir() else _because("download")


def _digest(folder: Path) -> str:
    """Of everything that decides what the model says: weights, sizes, words, pictures' preparation."""
    kept = sorted({p for pattern in (SAFE, *_PICKLED, *_PARTS) for p in folder.glob(pattern)})
    stats = [(p, p.stat()) for p in kept]
    return _hashed(tuple((p, s.st_size, s.st_mtime_ns) for p, s in stats))


@lru_cache(maxsize=16)
def _hashed(files: tuple[tuple[Path, int, int], ...]) -> str:
    """Of the files' names and bytes, read once as long as their sizes and times stay: every question locates its model,
    and the weights are gigabytes."""
    digest = hashlib.sha256()
    for path, *_ in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()[:16]
