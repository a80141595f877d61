"""What was said and shown, turn by turn, as the doors show it again after a reload or a restart."""

import json
import sqlite3
import threading
from pathlib import Path

from pydantic import BaseModel

from agent.events import EVENT, Event
from agent.focus import Focus


class Turn(BaseModel):
    """One turn: what the shopper sent (`photos` are photo ids, `focus` what was pointed at) and the events that
    answered it."""

    text: str = ""
    photos: list[str] = []
    focus: Focus | None = None
    language: str = "en"
    events: list[Event] = []


class Transcripts:
    """Turns by session, in one SQLite file. Safe from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS turns (session TEXT, number INTEGER, turn TEXT, "
            "at TEXT DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (session, number))"
        )
        self._db.commit()

    def read(self, session: str) -> list[Turn]:
        """All turns of a session, oldest first; empty for an unknown one."""
        with self._lock:
            rows = self._db.execute(
                "SELECT turn FROM turns WHERE session = ? ORDER BY number", (session,)
            ).fetchall()
        return [self._parse(row[0]) for row in rows]

    def begin(self, session: str, turn: Turn) -> int:
        """Insert a new turn; its number is the session's next, also when another process talks in it."""
        with self._lock, self._db:
            row = self._db.execute(
                "INSERT INTO turns (session, number, turn) SELECT :s, coalesce(max(number), -1) + 1, :t FROM turns "
                "WHERE session = :s RETURNING number",
                {"s": session, "t": turn.model_dump_json()},
            ).fetchone()
        return int(row[0])

    def write(self, session: str, number: int, turn: Turn) -> None:
        """Replace a turn that was begun."""
        with self._lock, self._db:
            self._db.execute(
                "INSERT OR REPLACE INTO turns (session, number, turn) VALUES (?, ?, ?)",
                (session, number, turn.model_dump_json()),
            )

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @staticmethod
    def _parse(raw: str) -> Turn:
        # An event kind that this version no longer knows must not lose the rest of the conversation.
        data = json.loads(raw)
        events = []
        for event in data.pop("events", []):
            try:
                events.append(EVENT.validate_python(event))
            except ValueError:
                continue
        return Turn(**data, events=events)
