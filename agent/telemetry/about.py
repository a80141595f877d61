"""What the log lines and spans of one request or turn have in common: its id, the shop, a mark of the conversation.

A dictionary that is shared by everything that works on the request, in whatever thread, so that what is found out deep
inside is known at the end, too.
"""

import contextvars
import hashlib

_ABOUT: contextvars.ContextVar[dict[str, str] | None] = contextvars.ContextVar("daogou_about", default=None)


def begin(**known: str) -> dict[str, str]:
    """From here on, in this context and those copied from it, lines tell `known` and what `note` adds."""
    about = dict(known)
    _ABOUT.set(about)
    return about


def now() -> dict[str, str]:
    """What is known; empty outside of requests and turns."""
    return _ABOUT.get() or {}


def note(**more: str) -> None:
    """Add to it; nothing happens outside of requests and turns."""
    if (about := _ABOUT.get()) is not None:
        about.update({name: value for name, value in more.items() if value})


def mark(session: str) -> str:
    """A conversation as log lines name it: the same for the same one, and of no use to whoever reads it. (Whoever has
    the id itself may read the conversation.)"""
    return hashlib.sha256(f"conversation {session}".encode()).hexdigest()[:12]
