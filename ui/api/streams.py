"""The events of a turn as Server-Sent Events that can be taken up again where a connection broke.

The id of an event says what the client has once it has read it: `TURN.EVENTS.CHARACTERS`, the events that are not
pieces of the reply and the characters of the pieces. So a stream goes on at the very character, also from what the
transcript keeps, which joins the pieces, and also in another process than the one that began it.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool

from agent.events import Done, Event, Token
from agent.session import Session
from ui.turns import Live

ID = r"[0-9]{1,9}\.[0-9]{1,9}\.[0-9]{1,9}"
PING_S = 15.0  # a comment after so much silence: proxies close what is silent
GAP_S = 0.02  # between two sendings: the pieces of a reply come in bursts
POLL_S = 0.2  # another process works on the turn; its transcript is read as often
LOST_S = 90.0  # without a new event, after which that process is taken for dead


class Place(NamedTuple):
    """What a client has of a turn."""

    turn: int
    others: int = 0
    chars: int = 0

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """From an id of an event; None for anything else."""
        return cls(*map(int, text.split("."))) if re.fullmatch(ID, text) else None

    def __str__(self) -> str:
        return f"{self.turn}.{self.others}.{self.chars}"


class Telling:
    """Numbers the events of one turn, and leaves out what the client has."""

    def __init__(self, had: Place) -> None:
        self._had, self._at = had, Place(had.turn)

    def __call__(self, events: Iterable[Event]) -> Iterator[tuple[Place, Event]]:
        """Events that follow those of the call before → (place, event) of what is new to the client."""
        for event in events:
            before = self._at
            if isinstance(event, Token):
                self._at = before._replace(chars=before.chars + len(event.text))
                fresh = event.text[max(0, self._had.chars - before.chars) :]
                if fresh:
                    yield self._at, Token(text=fresh)
                continue
            self._at = before._replace(others=before.others + 1)
            if self._at.others > self._had.others:
                yield self._at, event


async def follow(live: Live, had: Place | None) -> AsyncIterator[list[tuple[Place, Event]]]:
    """The events of a turn that this process works on, as they come, those together that are there together; nothing
    after a silence. `had`: None for a reader who has nothing of it yet."""
    loop, more, waiting = asyncio.get_running_loop(), asyncio.Event(), False

    def wake() -> None:
        nonlocal waiting
        if waiting:  # else it looks again of its own accord
            waiting = False
            with suppress(RuntimeError):  # the loop has ended: nobody reads any more
                loop.call_soon_threadsafe(more.set)

    live.watch(wake)
    telling, seen = Telling(had) if had else None, 0
    while True:
        more.clear()
        waiting = True
        events, whole = live.told(seen)
        if events or whole:
            waiting = False
            seen += len(events)
            if telling is None and events:
                telling = Telling(Place(getattr(events[0], "turn", 0)))
            if telling and (batch := list(telling(events))):
                yield batch
            if whole:
                return
            await asyncio.sleep(GAP_S)
            continue
        try:
            async with asyncio.timeout(PING_S):
                await more.wait()
        except TimeoutError:
            yield []


async def reread(session: Session, had: Place) -> AsyncIterator[list[tuple[Place, Event]]]:
    """The events of a turn as the transcript has them; of one that another process works on, as they come there."""
    telling, count, spoken, since = Telling(had), 0, 0, time.monotonic()
    while True:
        events = await run_in_threadpool(session.events, had.turn)
        fresh, spoken_now = _new(events, count, spoken)
        if fresh:
            since = time.monotonic()
        count, spoken = sum(not isinstance(e, Token) for e in events), spoken_now
        if batch := list(telling(fresh)):
            yield batch
        if events and isinstance(events[-1], Done):
            return
        if time.monotonic() - since > LOST_S:
            return
        await asyncio.sleep(POLL_S)
        if int((time.monotonic() - since) / PING_S) > int((time.monotonic() - since - POLL_S) / PING_S):
            yield []


def _new(events: Iterable[Event], count: int, spoken: int) -> tuple[list[Event], int]:
    """(what there is beside `count` other events and `spoken` characters, characters in all)."""
    fresh: list[Event] = []
    others, chars = 0, 0
    for event in events:
        if isinstance(event, Token):
            text = event.text[max(0, spoken - chars) :]
            chars += len(event.text)
            fresh += [Token(text=text)] if text else []
            continue
        others += 1
        fresh += [event] if others > count else []
    return fresh, chars


def sse(place: Place, event: Event) -> bytes:
    """One event on the wire: its type, its id, its JSON."""
    return f"event: {event.type}\nid: {place}\ndata: {event.model_dump_json()}\n\n".encode()


PING = b": still here\n\n"
