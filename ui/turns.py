"""Turns that outlive a page run: a reply is worked out in its own thread, and any run of the page may follow it.

Streamlit stops a page run at every click and every reload. The conversation must not stop with it, so the page never
iterates `Session.respond` itself: it starts a `Live` turn and follows that.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from threading import Condition, Lock, Thread
from typing import Any, Protocol

from agent.events import Done, Error, Event
from agent.focus import Focus
from prompts import say

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Message:
    """What the shopper sends. `photos`: (file name, bytes); `focus`: what a button pointed at."""

    text: str
    photos: tuple[tuple[str, bytes], ...] = ()
    focus: Focus | None = None


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
        self, text: str, photos: Sequence[bytes] = (), focus: Focus | None = None, door: str = ""
    ) -> Iterator[Event]: ...


class Live:
    """One reply being worked out. `follow` may be called by several page runs, together or one after another."""

    def __init__(self, session: Conversation, message: Message, lang: str) -> None:
        """`lang`: language of the page."""
        self.message = message
        self._events: list[Event] = []
        self._finished = False
        self._changed = Condition()
        self._thread = Thread(
            target=self._work, args=(session, lang), name=f"turn-{session.id[:8]}", daemon=True
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

    def _put(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def _work(self, session: Conversation, lang: str) -> None:
        try:
            photos = [data for _, data in self.message.photos]
            for event in session.respond(self.message.text, photos, self.message.focus, lang):
                self._put(event)
        except Exception:
            log.exception("a turn failed")
            self._put(Error(code="internal", message=say("ui", "errors.internal", lang)))
            self._put(Done(text=""))
        finally:
            with self._changed:
                self._finished = True
                self._changed.notify_all()


class Floor:
    """The turns being worked out in this process, by session, so that a reloaded page finds its own."""

    def __init__(self) -> None:
        self._live: dict[str, Live] = {}
        self._lock = Lock()

    def start(self, session: Conversation, message: Message, lang: str) -> Live:
        """Begin a turn; one that is still running in this session is waited for first, as a shop serves one by one."""
        if before := self.running(session.id):
            for _ in before.follow():
                pass
        live = Live(session, message, lang)
        with self._lock:
            self._live = {key: turn for key, turn in self._live.items() if not turn.finished}
            self._live[session.id] = live
        return live

    def running(self, session_id: str) -> Live | None:
        """The unfinished turn of a session, if there is one."""
        with self._lock:
            live = self._live.get(session_id)
        return live if live and not live.finished else None


FLOOR = Floor()
