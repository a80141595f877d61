"""Log lines: for people, or one JSON object a line. None has personal data in it.

Three nets, one behind the other. Our own lines are written without a shopper's words. What an exception says is shown
only of kinds that cannot hold any (files, databases, connections); of all others the kind and where it happened. And
what looks like an e-mail address, a telephone number, a key, a picture, or an id that opens something is taken out of
every sentence. `debug` lifts the second net, for a developer's machine.
"""

import hashlib
import logging
import re
import sqlite3
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TextIO

import structlog

from agent.telemetry import about
from perception.hub.errors import HubError
from store.errors import NotKept, StoreAway, StoreCorrupt

log = logging.getLogger(__name__)
How = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]
OURS = ("agent", "tools", "perception", "store", "ui", "prompts", "daogou")
# Servers that log in a form of their own, unless they are told otherwise.
_OTHERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
_HARMLESS: tuple[type[BaseException], ...] = (
    *(OSError, sqlite3.Error, TimeoutError, MemoryError, ImportError),
    *(NotKept, StoreAway, StoreCorrupt, HubError),
)
FIELDS = (
    "method",
    "route",
    "status",
    "ms",
    *("request_id", "session", "shop", "key", "door"),
)  # beside the sentence
_LONGEST = 400  # characters of what an exception says
_ROOT = str(Path(__file__).parent.parent.parent)
_SECRET = re.compile(
    r"(?P<data>data:[\w/+.-]+;base64,[\w+/=]+)"
    r"|(?P<email>[^\s@<>\"']+@[^\s@<>\"']+\.[^\s@<>\"']+)"
    r"|(?P<key>\b[sp]k_[\w-]{6,}|(?i:bearer) [\w.-]+|\banon_[\w-]{20,})"
    r"|(?P<address>[?&][\w-]+=[^\s\"'&]+)"
    r"|(?P<id>\b[0-9a-f]{16}(?:[0-9a-f]{8})?\b)"
    r"|(?P<number>(?<![\w.:-])\+?\d(?:[\s().-]?\d){6,}(?![\w:]))",
    re.ASCII,  # between Chinese and other letters there is no space
)


def begin(how: How, level: Level, stream: TextIO | None = None) -> None:
    """Write all lines of this process so, from now on: ours from `level` on, others' from warnings on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(how, level))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING if level != "error" else logging.ERROR)
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())
    for name in [*_OTHERS, *(n for n in logging.root.manager.loggerDict if n.startswith("streamlit"))]:
        adopt(logging.getLogger(name))
    logging.captureWarnings(True)
    threading.excepthook = _thread_failed


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    """In the place of Python's own traceback, which has what the exception says in it."""
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        raised = (failed.exc_type, failed.exc_value, failed.exc_traceback)
        log.error("a thread failed", exc_info=raised)


def adopt(logger: logging.Logger) -> None:
    """Have a library's logger speak through ours."""
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def formatter(how: How, level: Level = "info") -> logging.Formatter:
    """What makes a line of a record."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if how == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(allow=FIELDS),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            _Careful(withheld=level != "debug"),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([] if how == "json" else [_in_a_line]),
            renderer,
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )


class _Careful:
    """Builds the sentence again of its parts, without what must not stand in it, and adds what the line is about."""

    def __init__(self, withheld: bool) -> None:
        self._withheld = withheld

    def __call__(self, _: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
        line["event"] = self._sentence(line.get("event", ""), line.pop("positional_args", ()))
        raised = line.pop("exc_info", None)
        if isinstance(raised, tuple) and raised[1] is not None:
            line["error"] = self._told(raised[1])
        line.pop("stack_info", None)
        for name, value in about.now().items():
            line.setdefault(name, value)
        return line

    def _sentence(self, said: Any, args: Any) -> str:
        if isinstance(args, tuple):
            args = tuple(self._plain(a) for a in args)
        with suppress(TypeError, ValueError):  # a line that is no good as a line is told as it stands
            said = str(said) % args if args else said
        return scrubbed(str(said))

    def _plain(self, value: Any) -> Any:
        return self._words(value) if isinstance(value, BaseException) else value

    def _words(self, error: BaseException) -> str:
        """The kind of an error, and what it says where that is harmless."""
        kind = type(error).__name__
        if isinstance(error, _HARMLESS) or not self._withheld:
            said = (str(error).splitlines() or [""])[0][:_LONGEST]
            return scrubbed(f"{kind}: {said}" if said else kind)
        code = getattr(error, "code", None)
        return f"{kind} ({code})" if isinstance(code, str) else kind

    def _told(self, error: BaseException) -> list[dict[str, Any]]:
        """An error and what caused it, each with where it came from: files and lines, no values."""
        told: list[dict[str, Any]] = []
        seen: BaseException | None = error
        while seen is not None and len(told) < 5:
            frames = traceback.extract_tb(seen.__traceback__)[-8:]
            at = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
            told.append({"error": self._words(seen), "at": at})
            seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
        return told


def scrubbed(text: str) -> str:
    """`text` without what names a person or opens something; an id becomes a mark by which it is found again."""
    return _SECRET.sub(_instead, text)


def _instead(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    if kind == "id":
        return f"<{hashlib.sha256(found[0].encode()).hexdigest()[:8]}>"
    return f"{found[0].partition('=')[0]}=<…>" if kind == "address" else f"<{kind}>"


def _short(file: str) -> str:
    inside = file.removeprefix(_ROOT).lstrip("/")
    return inside.rpartition("site-packages/")[2]


def _in_a_line(_: Any, __: str, line: MutableMapping[str, Any]) -> Mapping[str, Any]:
    if told := line.pop("error", None):
        line["error"] = "; ".join(f"{one['error']} at {one['at'][-1] if one['at'] else '?'}" for one in told)
    return line
