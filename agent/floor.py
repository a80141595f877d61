"""Whose turn it is to speak: the turns of a conversation run one at a time, in the order in which they came.

In one process they queue; processes are kept apart by a lock file in the data folder that they share, or by a lock on
the PostgreSQL server (store.claims). Either is let go of when a process dies. A turn whose reader has gone away without
a word is finished by the next one.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock as Mutex
from threading import RLock
from typing import Protocol

from filelock import FileLock, Timeout

from agent.events import Event

log = logging.getLogger(__name__)


class Talking:
    """One turn. Its events are worked out by whoever asks for the next one, in any thread; all are kept for others."""

    def __init__(self, events: Iterator[Event]) -> None:
        self._events = events
        self._told: list[Event] = []
        self._over = False
        self._failed: Exception | None = None
        self._lock = RLock()

    def follow(self) -> Iterator[Event]:
        """The events from the first one on."""
        seen = 0
        while True:
            with self._lock:
                if seen == len(self._told) and not self._over:
                    try:
                        self._told.append(next(self._events))
                    except StopIteration:
                        self._over = True
                    except Exception as error:
                        self._over, self._failed = True, error
                if seen == len(self._told):
                    if self._failed:
                        raise self._failed
                    return
                event = self._told[seen]
            seen += 1
            yield event

    def finish(self) -> None:
        """Work it out to the end; what goes wrong in it is for its own reader."""
        with suppress(Exception):
            for _ in self.follow():
                pass

    def leave(self) -> None:
        """Its reader goes: nothing more is worked out."""
        with self._lock:
            self._over = True
            close = getattr(self._events, "close", None)
            if close:
                close()


class Lock(Protocol):
    """What keeps other processes out of a conversation."""

    def acquire(self, wait_s: float) -> bool:
        """Hold it; False where another process still does after `wait_s`. Raises NotKept where nobody can tell."""

    def release(self) -> None: ...

    def leave(self) -> None:
        """Nothing is left of it; called while it is held."""


class LockFile:
    """A lock file. Where none can be made, nobody is kept out: what cannot be written is told by who writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: FileLock | None = None

    def acquire(self, wait_s: float) -> bool:
        """See Lock."""
        lock = FileLock(self._path, thread_local=False)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=wait_s, poll_interval=0.02)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            log.warning("no lock among processes: %s", error)
            return True
        self._held = lock
        return True

    def release(self) -> None:
        """See Lock."""
        if self._held:
            self._held.release()
            self._held = None

    def leave(self) -> None:
        """Delete the file: who waits for it makes another."""
        with suppress(OSError):
            self._path.unlink()


class Floor:
    """The turns of one conversation in this process, and the lock that keeps other processes out."""

    def __init__(self, lock: Callable[[], Lock], wait_s: float) -> None:
        """`lock` makes one to hold; `wait_s`: how long a message waits for one that another process answers."""
        self._lock, self._wait_s = lock, wait_s
        self._queue = Mutex()
        self._newest: Talking | None = None

    def take(self, turn: Callable[[Callable[[], None]], Iterator[Event]]) -> Iterator[Event]:
        """Run a turn when it is its turn. `turn` gets a function that waits until all turns before it are over."""
        with self._queue:
            before = self._newest
            wait = before.finish if before else _at_once
            mine = self._newest = Talking(turn(wait))
        del before
        try:
            yield from mine.follow()
        finally:
            mine.leave()

    @contextmanager
    def held(self, wait_s: float | None = None) -> Iterator[None]:
        """The lock among processes. Raises Busy when another one keeps it for longer than we wait, NotKept where it
        cannot be had."""
        lock = self._lock()
        if not lock.acquire(self._wait_s if wait_s is None else wait_s):
            raise Busy
        try:
            yield
        finally:
            lock.release()

    def leave(self) -> None:
        """Nothing is left of the lock, while it is held."""
        self._lock().leave()


class Busy(RuntimeError):
    """Another process answers a message of this conversation, and takes very long."""


def _at_once() -> None:
    return None
