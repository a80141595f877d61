"""What every command shares: opening the shop, speaking on stdout, failing on stderr, showing progress.

Exit codes: 0 fine, 1 a domain error (an unusable photo, an empty shop, an unknown product …), 2 a usage error (an
argument or a setting that cannot be used).

CommandError      a domain error of the command line itself
├── NoSuchFile    a path that was named is not a readable file
└── NoPhotos      a folder that was named has no photo in it

Others come from below with a `code` of their own (agent.errors, perception.photo).
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import typer

from prompts import load, say
from prompts.plain import in_json

if TYPE_CHECKING:
    from rich.console import Console

    from agent.assistant import Assistant
    from agent.settings import Settings

Report = Callable[[int, int, str], None]  # done, total, what is being done
BAD_SETTINGS = ("bad_setting", "bad_model", "bad_script", "no_scripts")
MAX_READ = 100_000_000  # bytes; the eyes refuse far less, this only keeps a huge file out of memory


class CommandError(Exception):
    """A domain error: `code` is stable, the message one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class NoSuchFile(CommandError):
    def __init__(self, path: Path | str) -> None:
        super().__init__("no_such_file", say("terminal", "errors.no_such_file", "en", path=path))


class NoPhotos(CommandError):
    def __init__(self, path: Path) -> None:
        super().__init__("no_photo_in_folder", say("terminal", "errors.no_photo_in_folder", "en", path=path))


def utf8() -> None:
    """Speak and read UTF-8 whatever the locale says; a byte that is none becomes a mark, not a crash."""
    for stream, errors in (
        (sys.stdin, "replace"),
        (sys.stdout, "backslashreplace"),
        (sys.stderr, "backslashreplace"),
    ):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors=errors)


def logs(verbose: bool) -> None:
    """Logs are for whoever asked for them; everyone else gets one sentence."""
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL, force=True)


def emit(value: Any) -> None:
    """One JSON object on one line of stdout, at once."""
    sys.stdout.write(in_json(json.dumps(value, ensure_ascii=False, default=str)) + "\n")
    sys.stdout.flush()


def tell(text: str, stream: TextIO | None = None) -> None:
    """Text on stdout (or `stream`) while a bar may be on the screen: rich makes room for what goes through
    `sys.stdout` and `sys.stderr`, which click's echo goes past."""
    out = stream or sys.stdout
    out.write(text + "\n")
    out.flush()


def one_line(text: str) -> str:
    """The text with what a screen would not show as itself written out: a file's name may hold a line break."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def console(stderr: bool = False) -> "Console":
    """A rich console; plain text where the stream is no terminal."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=False)


def complain(code: str, message: str, as_json: bool) -> None:
    """Say an error: one sentence on stderr, and with `--json` an object on stdout as well."""
    if as_json:
        emit({"error": {"code": code, "message": message}})
    typer.echo(one_line(f"daogou: {message}"), err=True)


@contextmanager
def errors(as_json: bool) -> Iterator[None]:
    """Turn what may go wrong inside into a clear sentence and exit code 1.

    A domain error is any exception that carries a `code`; anything else is a fault of ours and says so.
    """
    utf8()
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except BrokenPipeError:  # `daogou products | head`: the reader has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise typer.Exit(0) from None
    except Exception as exc:
        if is_usage(exc):
            raise
        code, message = named(exc)
        complain(code, message, as_json)
        raise typer.Exit(2 if code in BAD_SETTINGS else 1) from exc


def is_usage(exc: Exception) -> bool:
    """True for what the argument parser itself raises (exit code 2)."""
    return callable(getattr(exc, "format_message", None)) and hasattr(exc, "exit_code")


def named(exc: Exception, lang: str = "en") -> tuple[str, str]:
    """The (code, sentence in `lang`) of an error."""
    code = getattr(exc, "code", None)
    if not isinstance(code, str):
        plain = " ".join(str(exc).split())
        return "internal", say("terminal", "errors.internal", lang, kind=type(exc).__name__, message=plain)
    if hasattr(exc, "message"):
        return code, str(exc.message(lang))
    if isinstance(exc, CommandError):  # made of a sentence already
        return code, " ".join(str(exc).split())
    told = load("terminal")["errors"].get(code, {}).get(lang, "")
    if "{message}" in told:  # said to staff, with the reason, as a shopper is not
        return code, say("terminal", f"errors.{code}", lang, message=" ".join(str(exc).split()))
    sentences = load("session")["errors"]
    known = code in sentences and "{" not in sentences[code][lang]
    return code, say("session", f"errors.{code}", lang) if known else " ".join(str(exc).split())


def settings(data: Path | None, model: str | None = None, lang: str | None = None) -> "Settings":
    """The settings with what was given on the command line in front. Raises CommandError for a bad setting."""
    from pydantic import ValidationError

    from agent.settings import Settings

    given = {"data": data.expanduser().resolve() if data else None, "model": model, "language": lang}
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as exc:
        first = exc.errors()[0]
        raise CommandError("bad_setting", f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc


def check(settings: "Settings") -> None:
    """Find out whether each of several shops can be opened. Raises CommandError, BadShop, BadModel."""
    from agent import models
    from agent.access.shops import Shops
    from agent.assistant import Assistant

    shops = Shops(settings)
    try:
        if not shops.names():
            raise CommandError("no_shops", say("terminal", "errors.no_shops", "en", folder=settings.shops))
        for name in shops.names():
            own = shops.settings(name)
            models.check(own)
            Assistant.open(own).close()  # also reads what the shop would say in words of its own
    finally:
        shops.close()


@contextmanager
def shop(
    data: Path | None, model: str | None = None, lang: str | None = None, *, empty_ok: bool = False
) -> Iterator["Assistant"]:
    """The assistant over a data folder, closed at the end. Raises agent.errors.EmptyShop."""
    from agent.assistant import Assistant
    from agent.errors import EmptyShop

    chosen = settings(data, model, lang)

    with waiting(say("terminal", "opening", "en")):
        assistant = Assistant.open(chosen)
        empty = not empty_ok and not assistant.count()
    try:
        if empty:
            raise EmptyShop
        yield assistant
    finally:
        assistant.close()


def like_a_photo(text: str) -> bool:
    """True for what is written as a picture's file name, with its ending, and is no product's id."""
    from ui.evals.labels import PICTURES

    return Path(text).suffix.lower() in PICTURES


def read(path: Path | str) -> bytes:
    """The bytes of a photo file, cut off where no photo would be that large. Raises NoSuchFile, or NoPhotos."""
    path = Path(path).expanduser()
    try:
        if path.is_dir():
            raise NoPhotos(path)
        if not path.is_file():
            raise NoSuchFile(path)
        with path.open("rb") as file:
            return file.read(MAX_READ)
    except (OSError, ValueError) as exc:  # ValueError: a zero byte in the name
        raise NoSuchFile(path) from exc


def photos(paths: Iterable[Path]) -> list[Path]:
    """The paths with each folder as the photos in it and below, by name. A folder without any stays itself, and is
    refused when it is read."""
    from ui.evals.labels import PICTURES

    found: list[Path] = []
    for path in (p.expanduser() for p in paths):
        inside = sorted(f for f in path.rglob("*") if f.suffix.lower() in PICTURES) if path.is_dir() else []
        found += inside or [path]
    return found


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """A spinner on a terminal's stderr while something without steps is under way."""
    if not sys.stderr.isatty():
        yield
        return
    with console(stderr=True).status(what):
        yield


@contextmanager
def progress(what: str) -> Iterator[Report]:
    """A callback `(done, total, what)` shown on stderr: a bar on a terminal, else a line every two seconds."""
    if not sys.stderr.isatty():
        said = time.monotonic()

        def line(done: int, total: int, label: str = "") -> None:
            nonlocal said
            if done < total and time.monotonic() - said >= 2:
                said = time.monotonic()
                typer.echo(f"{label or what}: {done}/{total}", err=True)

        yield line
        return

    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    # Results that go to a file or another program are none of the bar's: rich would print them on stderr.
    above = sys.stdout.isatty()
    with Progress(*columns, console=console(stderr=True), transient=True, redirect_stdout=above) as bar:
        task = bar.add_task(what, total=None)

        def move(done: int, total: int, label: str = "") -> None:
            bar.update(task, completed=done, total=total, description=label or what)

        yield move
