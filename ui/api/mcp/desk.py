"""Who is served in a call of a tool, and what goes wrong there in words.

Refused     what cannot be done as it was asked; `code` is stable, the sentence of `prompts/mcp.yaml` says what to do
"""

import base64
import binascii
import io
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import Context as Call
from PIL import Image

from agent.assistant import Assistant
from prompts import LANGUAGES, language, load, say
from tools.results import Cart
from ui.api.mcp.shapes import Context
from ui.api.photos import data_url
from ui.api.problems import Problem, worded

log = logging.getLogger(__name__)
SCOPE = "daogou.desk"  # where the HTTP door leaves the desk for the tools
_BARE = re.compile(r"[A-Za-z0-9+/\s]{200,}={0,2}\s*")
_LARGEST = 100_000_000  # bytes of a file; the eyes refuse far less


class Refused(Exception):
    """`values` fill the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


@dataclass(frozen=True)
class Desk:
    """One caller at one shop. `key`: by which it came; `shopper`: on whose behalf; `lang`: in which it is spoken to;
    `address`: of a picture by its name; `folders`: from which photos may be read by their path; `seal`: the secret for
    what is handed out to come back; `count`: one more cart begun, which may be one too many."""

    assistant: Assistant
    key: str
    shopper: str | None
    lang: str
    address: Callable[[str], str]
    seal: str
    folders: tuple[Path, ...] = ()
    count: Callable[[], None] = lambda: None

    def spoken(self, words: str = "", context: Context | None = None) -> str:
        """The language of an answer: the one asked for, else that of the words, else the caller's."""
        asked = (context.language or "").partition("-")[0].lower() if context else ""
        return (
            asked if asked in LANGUAGES else language.detect(words, self.lang) if words.strip() else self.lang
        )

    def photo(self, text: str) -> bytes:
        """A photo that was sent: a data URL, the bare base64 of one, an address on the open internet or, where folders
        are open to the caller, a path in one. Raises Refused, Problem, NotFetched."""
        if text.startswith("data:"):
            return data_url(text, "photo")
        if text.startswith(("http://", "https://")):
            return self.assistant.fetched(text)
        if _BARE.fullmatch(text):
            try:
                return base64.b64decode("".join(text.split()), validate=True)
            except (binascii.Error, ValueError) as error:
                raise Refused("photo_not_understood") from error
        return self._file(text)

    def _file(self, text: str) -> bytes:
        if not self.folders:
            raise Refused("photo_not_understood")
        try:
            path = Path(text.removeprefix("file://")).expanduser().resolve()
            if not any(path.is_relative_to(folder) for folder in self.folders) or not path.is_file():
                raise Refused("photo_elsewhere", folders=", ".join(map(str, self.folders)))
            with path.open("rb") as file:
                return file.read(_LARGEST)
        except (OSError, ValueError, RuntimeError) as error:
            raise Refused("photo_elsewhere", folders=", ".join(map(str, self.folders))) from error


def desk_of(call: Call[Any, Any]) -> Desk | None:
    """The desk that the HTTP door left for this call; None where there is no such door."""
    request = call.request_context.request
    return request.scope.get(SCOPE) if request is not None else None


def wording(error: BaseException, lang: str) -> tuple[str, str] | None:
    """(code, what to say and do about it); None for a fault of ours."""
    code = getattr(error, "code", None)
    if not isinstance(error, Exception) or not isinstance(code, str):
        return None
    if isinstance(error, Refused) and code in load("mcp")["errors"]:
        return code, say("mcp", f"errors.{code}", lang, **error.values)
    if isinstance(error, Problem):
        named = "; ".join(f"{place}: {why}" for place, why in error.fields.items())
        told = say("api", f"problems.{code}.detail", lang, **error.values)
        return code, f"{told} ({named})" if named else told
    if code in load("mcp")["errors"]:
        return code, say("mcp", f"errors.{code}", lang)
    known = load("api")["problems"].get(code)
    if known and "{" not in known["detail"]["en"]:
        return code, say("api", f"problems.{code}.detail", lang)
    return code, worded(code, error, lang) or say("api", "problems.internal.detail", lang)


def of_cart(cart: Cart, name: str, lang: str) -> tuple[str, str]:
    """(code, words) of what stands in the way of a cart."""
    code = str(cart.problem)
    choices = ", ".join(cart.choices) or "–"
    told = say("mcp", f"cart.problems.{code}", lang, name=name, choices=choices, left=cart.left or 0)
    return code, told


def small(picture: Image.Image | Path, width: int) -> bytes:
    """A picture as JPEG of at most that many pixels across. Raises OSError."""
    image = Image.open(picture) if isinstance(picture, Path) else picture
    flat = Image.new("RGB", image.size, "white")
    pixels = image.convert("RGBA")
    flat.paste(pixels, mask=pixels.getchannel("A"))
    flat.thumbnail((width, 3 * width), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=82)
    return out.getvalue()
