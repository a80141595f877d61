"""From the settings to a model that talks: which file, loaded once for the whole process."""

import importlib.util
import threading
from pathlib import Path

import platformdirs

from agent.local.engine import Engine
from agent.local.files import NoModelFile, NotInstalled, Unloadable, checked, place
from agent.local.model import LocalModel
from agent.settings import Settings

_engines: dict[Path, Engine] = {}
_lock = threading.Lock()


def model(settings: Settings) -> LocalModel:
    """The chat model of "local" or "local:<path>". Loads nothing yet. Raises LocalModelError."""
    check(settings)
    return LocalModel(engine=lambda: _engine(settings), timeout_s=settings.model_timeout_s)


def check(settings: Settings) -> None:
    """Whether there is something to load. Raises NotInstalled, NoModelFile."""
    if importlib.util.find_spec("llama_cpp") is None:
        raise NotInstalled
    path = _path(settings)
    if not path.is_file():
        raise NoModelFile(path=path)


def _path(settings: Settings) -> Path:
    named = settings.model.partition(":")[2]
    return Path(named).expanduser() if named else place(settings.local_model)


def _engine(settings: Settings) -> Engine:
    """The file's engine; two shops in one process share it. The known model is checked by its sum, any other is taken
    as it is. Raises LocalModelError."""
    from agent.local.llama import Llama

    path = _path(settings).resolve()
    with _lock:
        if path not in _engines:
            if settings.model == "local":
                checked(path)
            try:
                runtime = Llama(path)
            except (ValueError, OSError, RuntimeError) as error:
                raise Unloadable(path=path, reason=error) from error
            _engines[path] = Engine(runtime, Path(platformdirs.user_cache_dir("daogou")) / "local")
        return _engines[path]
