"""What a shopper did in a conversation: looked, liked, disliked, put into the cart, bought, refused, sent a photo.

Kept with the conversation and gone with it; by whom is a mark that nothing can be looked up with (`Shopper.mark`; ""
for somebody whom the door does not know), so that two who share a conversation share no taste, and whoever erases what
is remembered of them erases this with it. Beyond the conversation nothing of it is kept here: what may be, with
consent, are notes of store/shoppers.py, which `as_note` makes.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from store.shoppers import How, Kept, Reacted, Scope, SeenPhoto, Taste, Viewed, Word, Words
from store.tables import Connection, Where, opened

log = logging.getLogger(__name__)
Action = Literal[
    "shown",  # on a list
    "viewed",  # in detail, alone or with its other pictures
    "asked",  # about it, or compared
    "added",  # to the cart
    "removed",  # from it
    "bought",
    "liked",
    "disliked",
    "picked",  # of two pictures that were shown to find out a taste
    "passed",  # the other one
    "wished",  # a value that was searched for
    "refused",  # a value that the shopper does not want
    "photo",  # of the shopper's own
]
MOST = 600  # kept of one shopper in one conversation, the newest
WAIT_S = 3.0  # for another process that writes; a turn waits for it
_OPPOSITE: dict[str, tuple[str, ...]] = {
    "liked": ("disliked",),
    "disliked": ("liked", "picked"),
    "picked": ("passed",),
    "passed": ("picked",),
    "wished": ("refused",),
    "refused": ("wished",),
}
_HOW: dict[str, How] = {"viewed": "shown", "asked": "asked", "added": "added", "bought": "bought"}


class Reaction(BaseModel):
    """One thing that was done. `product` for what is done with products; `attribute` and `value` for what was wished or
    refused, `stated` where it was said as such; `photo` for a photo. `at`: last, `times`: how often."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    action: Action
    product: str = Field(default="", max_length=100)
    attribute: Word | None = None
    value: Word | None = None
    stated: bool = False
    photo: SeenPhoto | None = None
    words: Words = ""
    at: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    times: int = Field(default=1, ge=1)

    @property
    def name(self) -> str:
        """What it is about: of one action there is one reaction of a name."""
        if self.photo:
            return self.photo.photo
        return self.product or f"{self.attribute}={self.value}"


def as_note(reaction: Reaction) -> Kept | None:
    """The same as what may be remembered of a shopper who agreed to it; None for what goes with the conversation."""
    common: dict[str, Any] = {"words": reaction.words, "at": reaction.at, "times": reaction.times}
    if reaction.action in ("liked", "disliked", "picked"):
        liked = reaction.action != "disliked"
        return Reacted(product=reaction.product, liked=liked, stated=reaction.action != "picked", **common)
    if reaction.action in _HOW:
        return Viewed(product=reaction.product, how=_HOW[reaction.action], stated=False, **common)
    if reaction.attribute and reaction.value:
        liked = reaction.action == "wished"
        return Taste(attribute=reaction.attribute, value=reaction.value, liked=liked, stated=reaction.stated,
                     **common)  # fmt: skip
    return reaction.photo.model_copy(update=common) if reaction.photo else None


def of_note(note: Kept) -> Reaction | None:
    """A remembered note as what was done; None for sizes and budgets."""
    common: dict[str, Any] = {"words": note.words, "at": note.at, "times": note.times}
    match note:
        case Reacted():
            action: Action = ("liked" if note.stated else "picked") if note.liked else "disliked"
            return Reaction(action=action, product=note.product, **common)
        case Viewed():
            done: dict[How, Action] = {how: a for a, how in _HOW.items()}  # type: ignore[misc]
            return Reaction(action=done[note.how], product=note.product, **common)
        case Taste():
            action = "wished" if note.liked else "refused"
            return Reaction(action=action, attribute=note.attribute, value=note.value,
                            stated=note.stated or note.holds, **common)  # fmt: skip
        case SeenPhoto():
            return Reaction(action="photo", photo=note, **common)
    return None


def packed(vector: Sequence[float] | np.ndarray) -> str:
    """A vector as text, two bytes a number."""
    return base64.b64encode(np.asarray(vector, np.float16).tobytes()).decode()


def unpacked(text: str) -> np.ndarray:
    """(d,) float32; empty for what was not packed here."""
    try:
        return np.frombuffer(base64.b64decode(text, validate=True), np.float16).astype(np.float32)
    except ValueError:
        return np.zeros(0, np.float32)


_SCHEMA = """
CREATE TABLE IF NOT EXISTS reactions (
    place INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
    name TEXT NOT NULL, reaction TEXT NOT NULL, UNIQUE (session, who, action, name));
CREATE INDEX IF NOT EXISTS reactions_by_who ON reactions (who)
"""


class Reactions:
    """The reactions of a shop's conversations, in its data folder or on a server. Safe from several threads and
    processes; raises NotKept while they cannot be read or written."""

    def __init__(self, where: Where | str, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock or (lambda: datetime.now(UTC).replace(microsecond=0))
        self._file = opened(where, "reactions", _SCHEMA, wait_s=WAIT_S, erasing=True)

    def of(self, session: str, who: str = "") -> list[Reaction]:
        """What was done in a conversation by one shopper, the oldest first."""
        sql = "SELECT reaction FROM reactions WHERE session = ? AND who = ? ORDER BY place"
        return [found for (raw,) in self._file.read(sql, (session, who)) if (found := _read(raw))]

    def add(self, session: str, reactions: Iterable[Reaction], who: str = "") -> None:
        """Keep them, each as done now. The same again is counted; the opposite takes the place of what was said."""
        wanted = list(reactions)
        if not wanted:
            return

        def put(db: Connection) -> None:
            for one in wanted:
                self._put(db, session, who, one)
            db.execute(
                "DELETE FROM reactions WHERE session = :s AND who = :w AND place NOT IN (SELECT place FROM reactions"
                " WHERE session = :s AND who = :w ORDER BY place DESC LIMIT :most)",
                {"s": session, "w": who, "most": MOST},
            )

        self._file.change(put)

    def _put(self, db: Connection, session: str, who: str, one: Reaction) -> None:
        where = "WHERE session = ? AND who = ? AND action = ? AND name = ?"
        key = (session, who, one.action, one.name)
        row = db.execute(f"SELECT reaction FROM reactions {where}", key).fetchone()
        old = _read(row[0]) if row else None
        merged = one.model_copy(update={"at": self._clock(), "times": (old.times if old else 0) + one.times,
                                        "stated": one.stated or bool(old and old.stated)})  # fmt: skip
        for action in (one.action, *_OPPOSITE.get(one.action, ())):
            db.execute(f"DELETE FROM reactions {where}", (session, who, action, one.name))
        db.execute(
            "INSERT INTO reactions (session, who, action, name, reaction) VALUES (?, ?, ?, ?, ?)",
            (*key, _written(merged)),
        )

    def drop(self, session: str, name: str, actions: Sequence[Action], who: str = "") -> int:
        """Take back what was done to one thing. Returns how many reactions are gone."""

        def gone(db: Connection) -> int:
            where = "WHERE session = ? AND who = ? AND name = ? AND action = ?"
            return sum(
                db.execute(f"DELETE FROM reactions {where}", (session, who, name, a)).rowcount
                for a in actions
            )

        return self._file.change(gone)

    def forget(self, scope: Scope, who: str, session: str | None = None) -> int:
        """Erase what is in `scope` of one shopper in every conversation, or of `session` alone, which is all that there
        is of somebody whom the door does not know. Returns how many are gone."""
        if session is None and not who:
            raise ValueError("of whom?")

        def part(db: Connection) -> int:
            rows = db.execute(
                "SELECT place, reaction FROM reactions WHERE who = :w AND (:s IS NULL OR session = :s)",
                {"w": who, "s": session},
            ).fetchall()
            gone = [(place,) for place, raw in rows if _covered(scope, _read(raw))]
            db.executemany("DELETE FROM reactions WHERE place = ?", gone)
            return len(gone)

        return self._file.change(part)

    def clear(self, session: str) -> None:
        """Let go of all that was done in a conversation."""
        self._file.change(lambda db: db.execute("DELETE FROM reactions WHERE session = ?", (session,)))

    def close(self) -> None:
        self._file.close()


def _written(reaction: Reaction) -> str:
    """As it is kept: always with its time, which would be taken for a default in the second in which it is now."""
    kept = reaction.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({**kept, "at": reaction.at.isoformat()}, ensure_ascii=False)


def _covered(scope: Scope, reaction: Reaction | None) -> bool:
    """Also what cannot be read, and what a whole erasing leaves no note of (lists that were shown)."""
    if reaction is None or scope == Scope():
        return True
    if reaction.action in ("removed", "passed", "shown"):
        return scope == Scope(portion="viewed")
    note = as_note(reaction)
    return note is not None and scope.covers(note)


def _read(raw: Any) -> Reaction | None:
    try:
        return Reaction.model_validate_json(raw)
    except (ValueError, TypeError):
        log.warning("a reaction cannot be read and is passed over")
        return None
