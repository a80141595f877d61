"""`daogou chat`: the conversation in a terminal, or as JSON lines for another program."""

import json
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from agent.focus import Focus
from prompts import language, say
from prompts.plain import whole
from ui.commands import door, show
from ui.commands.lines import LineTooLong, numbered

if TYPE_CHECKING:
    from agent.assistant import Assistant
    from agent.session import Session

_ATTACHED = re.compile(r"(?:^|(?<=\s))@(?:\"([^\"]+)\"|'([^']+)'|(\S+))")


class Line(BaseModel):
    """One line of `daogou chat --json`. `photos`: paths of files; `session`: which talk; `shopper`: who talks, where
    not the command's; `focus`: id of the product pointed at, or {"photo": id, "garment": place} of a garment in a photo
    of the talk."""

    model_config = ConfigDict(extra="forbid")
    text: str = ""
    photos: list[str] = []
    session: str | None = None
    shopper: str | None = Field(default=None, min_length=1, max_length=200)
    focus: Focus | None = None

    @field_validator("photos", mode="before")
    @classmethod
    def one_or_more(cls, value: Any) -> Any:
        """A single path is a list of one; null is none."""
        return [value] if isinstance(value, str) else [] if value is None else value


def parse(raw: str) -> Line:
    """One JSON line. Raises ValueError with a short reason."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as exc:
        raise ValueError("not JSON") from exc
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    try:
        return Line.model_validate({k: whole(v) if isinstance(v, str) else v for k, v in value.items()})
    except ValidationError as exc:
        first = exc.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from exc


def attachments(text: str) -> tuple[str, list[str]]:
    """Split `look at this @coat.jpg` into the words and the paths. `@` in front of what is no file stays text."""
    paths: list[str] = []

    def take(match: re.Match[str]) -> str:
        path = next(group for group in match.groups() if group)
        if not Path(path).expanduser().is_file() and not re.search(r"[/\\]|\.\w{2,5}$", path):
            return match.group(0)
        paths.append(path)
        return ""

    words = _ATTACHED.sub(take, text)
    return " ".join(words.split()) if paths else words, paths


class Talk:
    """The conversations of one run of the command, by session id."""

    def __init__(
        self, assistant: "Assistant", session: str | None, lang: str, shopper: str | None = None
    ) -> None:
        self.assistant = assistant
        self.lang = lang
        self.shopper = shopper
        self.current = assistant.session(session, lang=lang, shopper=shopper)
        self.seen = assistant.turns_of(self.current.id)
        self.sessions: dict[tuple[str | None, str | None], Session] = {
            (None, shopper): self.current,
            (self.current.id, shopper): self.current,
        }

    def session(self, name: str | None, shopper: str | None = None) -> "Session":
        """The conversation of that name with that shopper (else the command's), opened at its first message; the first
        one where neither is named."""
        key = name, shopper or self.shopper
        if key not in self.sessions:
            self.sessions[key] = self.assistant.session(name, lang=self.lang, shopper=key[1])
        return self.sessions[key]

    def news(self) -> Iterable[dict[str, Any]]:
        """What people of the shop said and did in the conversation since it was last looked at."""
        fresh = self.assistant.transcripts.read(self.current.id, self.seen)
        self.seen += len(fresh)
        for event in (e for turn in fresh if turn.outside for e in turn.events):
            if event.type not in ("turn_started", "done"):
                yield event.model_dump(mode="json", by_alias=True)

    def turn(self, line: Line) -> Iterable[dict[str, Any]]:
        """The events of one message as JSON objects; always closed by `done`, whatever goes wrong."""
        language_ = self.lang if self.lang != "auto" else language.detect(line.text)
        photos, done, started = [], False, time.perf_counter()
        for path in line.photos:
            try:
                photos.append(door.read(path))
            except door.NoSuchFile as exc:
                yield failure(exc.code, say("terminal", "errors.no_such_file", language_, path=path))
        if not line.text.strip() and not photos:
            if not line.photos:
                yield failure("empty_message", say("terminal", "errors.empty_message", language_))
            yield closed(started)
            return
        try:
            for event in self.session(line.session, line.shopper).respond(
                line.text, photos, focus=line.focus
            ):
                done = event.type == "done"
                yield event.model_dump(mode="json", by_alias=True)
        except Exception as exc:
            yield failure(*door.named(exc, language_))
        if not done:
            yield closed(started)


def failure(code: str, message: str) -> dict[str, Any]:
    """An error as an event."""
    return {"type": "error", "code": code, "message": message}


def closed(started: float) -> dict[str, Any]:
    """The end of a turn that never reached the assistant, and began at `started` (`time.perf_counter`)."""
    took = round((time.perf_counter() - started) * 1000, 1)
    timings = {"first_event_ms": took, "products_ms": None, "total_ms": took}
    return {"type": "done", "text": "", "usage": {}, "timings": timings}


def lines(stream: TextIO) -> Iterator[tuple[int, Line | ValueError, str]]:
    """(number, what the line asks for or why it cannot be read, its language) of each line of a stream of JSON."""
    for number, raw in numbered(stream):
        lang = language.detect((raw or "")[:1000])
        try:
            if raw is None:
                raise LineTooLong
            yield number, parse(raw), lang
        except ValueError as exc:
            yield number, exc, lang


def as_json(talk: Talk, stream: TextIO) -> None:
    """One event per line of stdout for every line of `stream`."""
    for _, line, lang in lines(stream):
        if isinstance(line, ValueError):
            started, reason = time.perf_counter(), say("terminal", "errors.bad_line", lang, reason=line)
            door.emit(failure("bad_line", reason))
            door.emit(closed(started))
            continue
        for event in talk.turn(line):
            door.emit(event)


def as_text(talk: Talk, stream: TextIO | None) -> None:
    """A conversation for a person; `stream` None: typed at a prompt."""
    lang = talk.lang if talk.lang != "auto" else "en"
    screen = show.Screen(lang)
    if stream is None:
        screen.say(say("terminal", "chat.welcome", lang, shop=talk.assistant.shop_name))
        screen.suggestions(talk.assistant.first_questions(lang))
    for raw in prompt() if stream is None else (line for _, line in numbered(stream)):
        if raw is None:
            reason = say("terminal", "errors.bad_line", lang, reason=LineTooLong())
            screen.event(failure("bad_line", reason))
            continue
        text = raw.strip()
        for event in talk.news():
            screen.event(event)
        if not text:
            continue
        if text in ("/quit", "/exit", "/q"):
            break
        if text == "/cart":
            screen.cart(talk.current.cart().model_dump(mode="json"), empty=True)
            continue
        words, paths = attachments(text)
        for event in talk.turn(Line(text=words, photos=paths)):
            screen.event(event)
    if stream is None:
        screen.say(say("terminal", "chat.bye", screen.lang, session=talk.current.id))


def prompt() -> Iterable[str]:
    """Lines typed by a person, with history and editing, until the end of input."""
    import contextlib

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401  (its import gives `input` editing and history)
    while True:
        try:
            yield input("\n› ")
        except (EOFError, KeyboardInterrupt):
            sys.stdout.write("\n")
            return
