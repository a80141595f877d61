"""Turns that outlive a page run: a reply is worked out in its own thread, and any run of the page may follow it.

Streamlit stops a page run at every click and every reload. The conversation must not stop with it, so the page never
iterates `Session.respond` itself: it starts a `Live` turn and follows that.
"""

import contextvars
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread
from typing import Any, Protocol

from agent.events import Done, Error, Event
from agent.focus import Focus
from agent.telemetry.turns import watched
from prompts import say

log = logging.getLogger(__name__)
MOST_WAITING = 4  # messages of one conversation, behind the one that is being answered


@dataclass(frozen=True)
class Message:
    """What the shopper sends. `photos`: (file name, bytes); `focus`: what a button pointed at; `key`: the
    sender's name for it, under which it is answered once; `door`: by which it comes, for the figures."""

    text: str
    photos: tuple[tuple[str, bytes], ...] = ()
    focus: Focus | None = None
    key: str | None = None
    door: str = "chat"


@dataclass
class Turn:
    """A turn as the page shows it. `photos`: photo ids; `names`: of files that have no id (yet), by place from 1."""

    text: str
    photos: list[str] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    events: list[Any] = field(default_factory=list)
    focus: Focus | None = None


class Conversation(Protocol):
    """The part of `agent.session.Session` that the page needs."""

    id: str

    def respond(
        self,
        text: str,
        photos: Sequence[bytes] = (),
        focus: Focus | None = None,
        door: str = "",
        key: str | None = None,
    ) -> Iterator[Event]: ...


class Live:
    """One reply being worked out. `follow` may be called by several page runs, together or one after another."""

    def __init__(self, session: Conversation, message: Message, lang: str) -> None:
        """`lang`: language of the page."""
        self.message = message
        self._events: list[Event] = []
        self._finished = False
        self._changed = Condition()
        self._watching: list[Callable[[], None]] = []
        self._thread = Thread(
            # in a context of its own, which knows of the request that it came with
            target=contextvars.copy_context().run,
            args=(self._work, session, lang),
            name="turn",
            daemon=True,
        )
        self._thread.start()

    @property
    def finished(self) -> bool:
        """True when every event is there."""
        return self._finished

    def follow(self) -> Iterator[Event]:
        """All events from the first one, waiting for those still to come."""
        seen = 0
        while True:
            with self._changed:
                while seen == len(self._events) and not self._finished:
                    self._changed.wait()
                fresh, finished = self._events[seen:], self._finished
            yield from fresh
            seen += len(fresh)
            if finished and seen == len(self._events):
                return

    def told(self, seen: int = 0) -> tuple[list[Event], bool]:
        """(the events from place `seen` on, whether that is all), without waiting."""
        with self._changed:
            return self._events[seen:], self._finished

    def watch(self, call: Callable[[], None]) -> None:
        """Call `call` (quickly, from the turn's thread) whenever `told` has more to tell, and once now."""
        with self._changed:
            self._watching.append(call)
        call()

    def _put(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()
        self._call()

    def _call(self) -> None:
        for call in tuple(self._watching):
            call()

    def _work(self, session: Conversation, lang: str) -> None:
        try:
            photos = [data for _, data in self.message.photos]
            sent = self.message
            with watched(session.id, sent.door) as watch:
                for event in session.respond(sent.text, photos, sent.focus, lang, sent.key):
                    watch(event)
                    self._put(event)
        except Exception:
            log.exception("a turn failed")
            self._put(Error(code="internal", message=say("ui", "errors.internal", lang)))
            self._put(Done(text=""))
        finally:
            with self._changed:
                self._finished = True
                self._changed.notify_all()
            self._call()


class Crowded(RuntimeError):
    """More messages of one conversation wait for an answer than anybody types in that time."""

    code = "busy"


class Floor:
    """The turns being worked out in this process, by session, so that a reloaded page finds its own."""

    def __init__(self) -> None:
        self._live: dict[str, Live] = {}
        self._waiting: Counter[str] = Counter()
        self._lock = Lock()

    def start(self, session: Conversation, message: Message, lang: str) -> Live:
        """Begin a turn; one that is still running in this session is waited for first, as a shop serves one by one.
        Raises Crowded where so many wait already."""
        if before := self.running(session.id):
            with self._in_line(session.id):
                for _ in before.follow():
                    pass
        live = Live(session, message, lang)
        with self._lock:
            self._live = {key: turn for key, turn in self._live.items() if not turn.finished}
            self._live[session.id] = live
        return live

    @contextmanager
    def _in_line(self, session_id: str) -> Iterator[None]:
        with self._lock:
            if self._waiting[session_id] >= MOST_WAITING:
                raise Crowded
            self._waiting[session_id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting[session_id] -= 1
                self._waiting += Counter()  # without those who are none any more

    def running(self, session_id: str) -> Live | None:
        """The unfinished turn of a session, if there is one."""
        with self._lock:
            live = self._live.get(session_id)
        return live if live and not live.finished else None

    def count(self) -> int:
        """How many turns are running."""
        with self._lock:
            return sum(not live.finished for live in self._live.values())


FLOOR = Floor()
