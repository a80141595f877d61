"""The shops of one deployment: each a data folder with an assistant, settings, keys and limits of its own.

Without `DAOGOU_SHOPS` there is one shop, named "". With it every subfolder is one, named as the folder is; its
`shop.toml` overrides settings (`shop_name`, `model`, `language`, `staff_password` …), never where the data lies.

UnknownShop   no shop of that name
BadShop       its `shop.toml` cannot be read
"""

import re
import threading
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.access.counts import Counts
from agent.access.keys import Keys
from agent.assistant import Assistant
from agent.errors import DaogouError
from agent.people import where
from agent.settings import Settings

FILE = "shop.toml"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FIXED = {"data", "shops", "database", "database_schema"}
_SHARED = (
    "attributes",
    "space",
    "captions",
    "questions",
    "device",
)  # who sees is one for all, as long as these agree


class UnknownShop(DaogouError):
    code = "unknown_shop"


class BadShop(DaogouError):
    code = "bad_shop"


class Shops:
    """Opens each assistant once, when it is first asked for. Safe from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.shops
        self._opened: dict[str, Assistant] = {}
        self._lock = threading.Lock()
        shared = where(settings, settings.shops or settings.data)
        self.keys, self.counts = Keys(shared), Counts(shared)

    def names(self) -> list[str]:
        """Every shop's, in order; [""] where there is only the one of the settings."""
        if self._folder is None:
            return [""]
        if not self._folder.is_dir():
            return []
        return sorted(f.name for f in self._folder.iterdir() if f.is_dir() and _NAME.fullmatch(f.name))

    def has(self, name: str) -> bool:
        """Whether there is a shop of that name."""
        if self._folder is None:
            return name == ""
        return bool(_NAME.fullmatch(name)) and (self._folder / name).is_dir()

    def settings(self, name: str) -> Settings:
        """A shop's own. Raises UnknownShop, BadShop."""
        if not self.has(name):
            raise UnknownShop(shop=name[:40])
        if self._folder is None:
            return self._settings
        own = _read(self._folder / name / FILE)
        base = self._settings.model_dump(exclude_unset=True)
        try:
            made = Settings(**{**base, **own, "data": self._folder / name, "shops": None})
        except ValidationError as error:
            first = error.errors()[0]
            raise BadShop(shop=name, why=f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
        return made.model_copy(update={"database_schema": f"{self._settings.database_schema}_{name}"})

    def own(self, name: str) -> Settings:
        """A shop's settings as it runs, or would run. Raises UnknownShop, BadShop."""
        with self._lock:
            opened = self._opened.get(name)
        return opened.settings if opened else self.settings(name)

    def open(self, name: str = "") -> Assistant:
        """The assistant of a shop. Raises UnknownShop, BadShop."""
        with self._lock:
            if name not in self._opened:
                self._opened[name] = self._made(name)
            return self._opened[name]

    def opened(self) -> list[Assistant]:
        """Those that were asked for so far."""
        with self._lock:
            return list(self._opened.values())

    def use(self, name: str, assistant: Assistant) -> None:
        """Take an assistant that is open already for the one of that shop."""
        with self._lock:
            self._opened[name] = assistant

    def close(self) -> None:
        """Let go of every shop."""
        with self._lock:
            for assistant in self._opened.values():
                assistant.close()
            self._opened.clear()
        self.keys.close()
        self.counts.close()

    def _made(self, name: str) -> Assistant:
        settings = self.settings(name)
        assistant = Assistant.open(settings)
        for other in self._opened.values():  # the eyes weigh more than everything else together
            if all(getattr(other.settings, s) == getattr(settings, s) for s in _SHARED):
                assistant.see_with(other)
                break
        return assistant


def _read(file: Path) -> dict[str, Any]:
    """The settings that a shop has of its own. Raises BadShop."""
    if not file.exists():
        return {}
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadShop(shop=file.parent.name, why=str(error)) from error
    known = set(Settings.model_fields) - _FIXED
    if strange := sorted(set(found) - known):
        raise BadShop(shop=file.parent.name, why=f"no setting is called {', '.join(strange)[:200]}")
    return found
