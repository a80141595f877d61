"""What was said and shown, turn by turn, as the doors show it again after a reload or a restart.

An event is kept before it is shown, so that a process that dies in the middle of a turn loses nothing that anyone saw.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agent.events import EVENT, Done, Event, Looked, Token
from agent.focus import Focus
from store.database import Database

VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (
    session TEXT, number INTEGER, turn TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP, over INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (session, number));
CREATE TABLE IF NOT EXISTS shown (
    session TEXT, number INTEGER, place INTEGER, event TEXT, PRIMARY KEY (session, number, place));
CREATE TABLE IF NOT EXISTS photos (
    session TEXT, photo TEXT, number INTEGER, look TEXT, PRIMARY KEY (session, photo, number));
CREATE TABLE IF NOT EXISTS expired (session TEXT PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX IF NOT EXISTS photos_by_photo ON photos (photo)
"""


class Turn(BaseModel):
    """One turn: what the shopper sent (`photos` are photo ids, `focus` what was pointed at) and the events that
    answered it. `refused`: the message never reached the assistant (too long, empty …)."""

    text: str = ""
    photos: list[str] = []
    focus: Focus | None = None
    language: str = "en"
    refused: bool = False
    events: list[Event] = []

    @property
    def over(self) -> bool:
        """True when it was answered to the end."""
        return bool(self.events) and isinstance(self.events[-1], Done)


class Transcripts:
    """Turns by session, in one SQLite file. Safe from several threads and processes; a change that cannot be written
    raises store.errors.NotKept."""

    def __init__(self, path: Path) -> None:
        self._file = Database(path, _SCHEMA, VERSION, _upgrade)

    def read(self, session: str, since: int = 0) -> list[Turn]:
        """The turns of a session, oldest first, from number `since` on; empty for an unknown one."""
        return [turn for _, turn in self.numbered(session, since)]

    def numbered(self, session: str, since: int = 0) -> list[tuple[int, Turn]]:
        """(number, turn), oldest first, from number `since` on."""
        rows = self._file.read(
            "SELECT number, turn, over FROM turns WHERE session = ? AND number >= ? ORDER BY number",
            (session, since),
        )
        turns = []
        for number, raw, over in rows:
            turn = _parsed(raw)
            if not over:
                turn.events = [*turn.events, *self._shown(session, number)]
                turn.photos = list(
                    dict.fromkeys([*turn.photos, *(e.photo for e in turn.events if isinstance(e, Looked))])
                )
            turns.append((number, turn))
        return turns

    def last(self, session: str) -> tuple[int, Turn] | None:
        """The newest turn with its number; None for an unknown session."""
        rows = self._file.read("SELECT max(number) FROM turns WHERE session = ?", (session,))
        found = self.numbered(session, rows[0][0]) if rows and rows[0][0] is not None else []
        return found[-1] if found else None

    def looks(self, session: str, photo: str | None = None) -> list[tuple[str, dict[str, Any]]]:
        """(photo id, what was seen in it), the newest first; of one photo or of all that the session has."""
        rows = self._file.read(
            "SELECT photo, look FROM photos WHERE session = ? AND (? IS NULL OR photo = ?) ORDER BY number DESC",
            (session, photo, photo),
        )
        return [(found, json.loads(look)) for found, look in rows]

    def photos(self, session: str) -> frozenset[str]:
        """The ids of a session's photos."""
        rows = self._file.read("SELECT DISTINCT photo FROM photos WHERE session = ?", (session,))
        return frozenset(row[0] for row in rows)

    def begin(self, session: str, turn: Turn) -> int:
        """Insert a new turn; its number is the session's next, also when another process talks in it."""
        values = {"s": session, "t": turn.model_dump_json()}

        def insert(db: sqlite3.Connection) -> int:
            row = db.execute(
                "INSERT INTO turns (session, number, turn) SELECT :s, coalesce(max(number), -1) + 1, :t FROM turns "
                "WHERE session = :s RETURNING number",
                values,
            ).fetchone()
            db.execute("DELETE FROM expired WHERE session = :s", values)
            return int(row[0])

        return self._file.change(insert)

    def show(self, session: str, number: int, place: int, event: Event) -> None:
        """Keep an event of a turn that is being answered; `place` counts its events."""

        def insert(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?)",
                (session, number, place, event.model_dump_json()),
            )
            if isinstance(event, Looked):
                look = json.dumps(event.look, ensure_ascii=False)
                db.execute(
                    "INSERT OR REPLACE INTO photos VALUES (?, ?, ?, ?)", (session, event.photo, number, look)
                )

        self._file.change(insert)

    def write(self, session: str, number: int, turn: Turn) -> None:
        """Keep a turn that is over as one piece, in the place of its single events."""
        whole = turn.model_copy(update={"events": together(turn.events)}).model_dump_json()

        def replace(db: sqlite3.Connection) -> None:
            db.execute(
                "INSERT INTO turns (session, number, turn, over) VALUES (?, ?, ?, 1) "
                "ON CONFLICT (session, number) DO UPDATE SET turn = excluded.turn, over = 1",
                (session, number, whole),
            )
            db.execute("DELETE FROM shown WHERE session = ? AND number = ?", (session, number))

        self._file.change(replace)

    def unfinished(self, session: str) -> list[tuple[int, Turn]]:
        """Turns that were begun and never ended, with what was shown of them."""
        rows = self._file.read("SELECT min(number) FROM turns WHERE session = ? AND over = 0", (session,))
        if not rows or rows[0][0] is None:
            return []
        return [(number, turn) for number, turn in self.numbered(session, rows[0][0]) if not turn.over]

    def has(self, session: str) -> bool:
        """True for a session in which something was said."""
        return bool(self._file.read("SELECT 1 FROM turns WHERE session = ? LIMIT 1", (session,)))

    def was_expired(self, session: str) -> bool:
        """True for a session that was kept once and, since `expire`, is no more."""
        return bool(self._file.read("SELECT 1 FROM expired WHERE session = ?", (session,)))

    def old(self, days: float, session: str | None = None) -> list[str]:
        """The conversations in which nothing was said for so many days; of all, or of `session`."""
        rows = self._file.read(
            "SELECT session FROM turns WHERE ? IS NULL OR session = ? "
            "GROUP BY session HAVING max(at) < datetime('now', ?)",
            (session, session, f"-{days * 86400:.0f} seconds"),
        )
        return [row[0] for row in rows]

    def own_photos(self, session: str) -> list[str]:
        """The ids of a session's photos that no other one has."""
        rows = self._file.read(
            "SELECT DISTINCT photo FROM photos mine WHERE session = ? AND NOT EXISTS "
            "(SELECT 1 FROM photos other WHERE other.photo = mine.photo AND other.session != mine.session)",
            (session,),
        )
        return [row[0] for row in rows]

    def expire(self, session: str) -> None:
        """Let go of a conversation; only its id stays known, for a year. Whatever else belongs to it goes first:
        nothing leads to it afterwards."""

        def leave(db: sqlite3.Connection) -> None:
            for table in ("turns", "shown", "photos"):
                db.execute(f"DELETE FROM {table} WHERE session = ?", (session,))
            db.execute("INSERT OR REPLACE INTO expired (session) VALUES (?)", (session,))
            db.execute("DELETE FROM expired WHERE at < datetime('now', '-1 year')")

        self._file.change(leave)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _shown(self, session: str, number: int) -> list[Event]:
        rows = self._file.read(
            "SELECT event FROM shown WHERE session = ? AND number = ? ORDER BY place", (session, number)
        )
        return together(_events(json.loads(row[0]) for row in rows))


def together(events: Sequence[Event]) -> list[Event]:
    """The same events with the pieces of the reply that follow each other as one."""
    joined: list[Event] = []
    for event in events:
        if isinstance(event, Token) and joined and isinstance(joined[-1], Token):
            joined[-1] = Token(text=joined[-1].text + event.text)
        else:
            joined.append(event)
    return joined


def _events(raw: Iterable[Any]) -> list[Event]:
    # An event kind that this version no longer knows must not lose the rest of the conversation.
    events = []
    for one in raw:
        try:
            events.append(EVENT.validate_python(one))
        except ValueError:
            continue
    return events


def _parsed(raw: str) -> Turn:
    """A turn as it was written; of one that cannot be read, what can."""
    try:
        data = json.loads(raw)
        events = data.pop("events", [])
        known = {key: value for key, value in data.items() if key in Turn.model_fields}
        return Turn.model_validate({**known, "events": _events(events)})
    except (ValueError, AttributeError, TypeError):
        return Turn()


def _upgrade(db: sqlite3.Connection, held: int) -> None:
    """From the first files, which kept every turn as one piece and no list of photos."""
    db.execute("ALTER TABLE turns ADD COLUMN over INTEGER NOT NULL DEFAULT 0")
    db.execute("UPDATE turns SET over = 1")
    for statement in _SCHEMA.split(";"):
        db.execute(statement)
    db.execute(
        "INSERT OR IGNORE INTO photos SELECT session, json_extract(e.value, '$.photo'), number, "
        "json_extract(e.value, '$.look') FROM (SELECT * FROM turns WHERE json_valid(turn)), "
        "json_each(turn, '$.events') e WHERE json_extract(e.value, '$.type') = 'looked'"
    )
