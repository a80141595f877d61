"""Conversations that a person is to take over: the queue, who has which, and what it is called elsewhere.

A conversation has at most one open entry: `waiting` → `person` → ended; `message`: left outside hours, read later.
Who holds one is settled by a single statement, so that two people in two processes never have the same.
"""

import time
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from store.tables import Connection, Where, opened

State = Literal["waiting", "message", "person"]
Met = Literal["new", "again", "other", "at_work"]
PRESENT_S = 60.0  # after the last sign of life somebody is at the desk for as long
BROKEN_OFF_S = 60.0  # after which nobody is at work any more on what came in: its process has died
REMEMBERED_S = 7 * 24 * 3600.0  # how long the ids of what came in are known, to hear nothing twice

_SCHEMA = """
CREATE TABLE IF NOT EXISTS handoffs (
    id TEXT PRIMARY KEY, session TEXT NOT NULL, state TEXT NOT NULL, person TEXT NOT NULL, language TEXT NOT NULL,
    reason TEXT NOT NULL, note TEXT NOT NULL, contact TEXT NOT NULL, asked DOUBLE PRECISION NOT NULL,
    taken DOUBLE PRECISION, ended DOUBLE PRECISION, how TEXT NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS handoffs_open ON handoffs (session) WHERE ended IS NULL;
CREATE INDEX IF NOT EXISTS handoffs_asked ON handoffs (asked);
CREATE TABLE IF NOT EXISTS handoff_staff (name TEXT PRIMARY KEY, seen DOUBLE PRECISION NOT NULL);
CREATE TABLE IF NOT EXISTS handoff_links (handoff TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (handoff, name));
CREATE TABLE IF NOT EXISTS handoff_incoming (
    id TEXT PRIMARY KEY, what TEXT NOT NULL, at DOUBLE PRECISION NOT NULL, done INTEGER NOT NULL)
"""
_COLUMNS = "id, session, state, person, language, reason, note, contact, asked, taken, ended, how"


@dataclass(frozen=True)
class Entry:
    """`person`: who has it; `note`: the model's own summary, where one was given and held; `contact`: where the shopper
    wants to be reached; times in seconds since 1970; `how` it ended: given_back, closed or left."""

    id: str
    session: str
    state: str
    person: str
    language: str
    reason: str
    note: str
    contact: str
    asked: float
    taken: float | None
    ended: float | None
    how: str

    @property
    def over(self) -> bool:
        """True when nobody waits for it or has it any more."""
        return self.ended is not None


class Handoffs:
    """The entries of one shop. Safe from several threads and processes; what cannot be written raises NotKept."""

    def __init__(self, where: Where) -> None:
        self.file = opened(where, "handoffs", _SCHEMA, erasing=True)

    def ask(self, session: str, language: str, state: State, reason: str, note: str) -> tuple[Entry, bool]:
        """The open entry of a conversation, and whether it is new."""
        number, now = f"h_{uuid4().hex}", time.time()
        values = (number, session, state, "", language, reason, note, "", now, None, None, "")

        def put(db: Connection) -> bool:
            done = db.execute(
                f"INSERT INTO handoffs ({_COLUMNS}) VALUES ({', '.join('?' * len(values))}) "
                "ON CONFLICT (session) WHERE ended IS NULL DO NOTHING",
                values,
            )
            return done.rowcount == 1

        new = self.file.change(put)
        found = self.open(session)
        return found or Entry(*values), new

    def open(self, session: str) -> Entry | None:
        """The open entry of a conversation."""
        return self._one("session = ? AND ended IS NULL", session)

    def get(self, handoff: str) -> Entry | None:
        """An entry by its id, over or not."""
        return self._one("id = ?", handoff)

    def queue(self, most: int = 200) -> list[Entry]:
        """Those that are open, who waits longest first."""
        return self._many("ended IS NULL ORDER BY asked, id LIMIT ?", most)

    def count(self) -> int:
        """How many are open."""
        return int(self.file.read("SELECT count(*) FROM handoffs WHERE ended IS NULL")[0][0])

    def of(self, session: str) -> list[Entry]:
        """All that a conversation ever had, the oldest first."""
        return self._many("session = ? ORDER BY asked, id", session)

    def recent(self, count: int) -> list[Entry]:
        """The ones that ended last."""
        return self._many("ended IS NOT NULL ORDER BY ended DESC LIMIT ?", count)

    def position(self, entry: Entry) -> int:
        """Its place among those that wait, from 1."""
        rows = self.file.read(
            "SELECT count(*) FROM handoffs WHERE ended IS NULL AND state = 'waiting' "
            "AND (asked < ? OR (asked = ? AND id <= ?))",
            (entry.asked, entry.asked, entry.id),
        )
        return max(1, int(rows[0][0]))

    def take(self, handoff: str, person: str) -> bool:
        """Give it to a person. False where somebody has it, or it is over."""
        return self._changed(
            "UPDATE handoffs SET state = 'person', person = ?, taken = ? "
            "WHERE id = ? AND ended IS NULL AND state IN ('waiting', 'message')",
            person,
            time.time(),
            handoff,
        )

    def queue_up(self, handoff: str) -> bool:
        """A message that was left becomes a wish for a person now."""
        return self._changed(
            "UPDATE handoffs SET state = 'waiting', asked = ? WHERE id = ? AND state = 'message' AND ended IS NULL",
            time.time(),
            handoff,
        )

    def release(self, handoff: str, person: str) -> bool:
        """Put it back among those that wait, where that person has it."""
        return self._changed(
            "UPDATE handoffs SET state = 'waiting', person = '' WHERE id = ? AND person = ? AND ended IS NULL",
            handoff,
            person,
        )

    def end(self, handoff: str, how: str, person: str = "") -> bool:
        """Close it; with a `person` only where that one has it. False where it was closed already."""
        return self._changed(
            "UPDATE handoffs SET ended = ?, how = ? WHERE id = ? AND ended IS NULL AND (? = '' OR person = ?)",
            time.time(),
            how,
            handoff,
            person,
            person,
        )

    def reach(self, handoff: str, contact: str) -> None:
        """Keep where the shopper wants to be reached."""
        self._changed("UPDATE handoffs SET contact = ? WHERE id = ?", contact, handoff)

    # -- who is at the desk

    def here(self, person: str) -> None:
        """A sign of life of somebody of the staff."""
        self._changed(
            "INSERT INTO handoff_staff (name, seen) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET seen = excluded.seen",
            person,
            time.time(),
        )

    def gone(self, person: str) -> None:
        """Somebody has left the desk."""
        self._changed("DELETE FROM handoff_staff WHERE name = ?", person)

    def present(self) -> list[str]:
        """Who is at the desk now."""
        rows = self.file.read(
            "SELECT name FROM handoff_staff WHERE seen > ? ORDER BY name", (time.time() - PRESENT_S,)
        )
        return [str(row[0]) for row in rows]

    # -- the same conversation in other programs

    def link(self, handoff: str, name: str, value: str) -> None:
        """Keep what an entry is called elsewhere."""
        self._changed(
            "INSERT INTO handoff_links (handoff, name, value) VALUES (?, ?, ?) "
            "ON CONFLICT (handoff, name) DO UPDATE SET value = excluded.value",
            handoff,
            name,
            value,
        )

    def linked(self, handoff: str) -> dict[str, str]:
        """What an entry is called elsewhere."""
        return dict(self.file.read("SELECT name, value FROM handoff_links WHERE handoff = ?", (handoff,)))  # type: ignore[arg-type]

    def by_link(self, name: str, value: str) -> Entry | None:
        """The newest entry that is called so elsewhere."""
        return self._one(
            "id IN (SELECT handoff FROM handoff_links WHERE name = ? AND value = ?) ORDER BY asked DESC",
            name,
            value,
        )

    def meet(self, message: str, what: str) -> Met:
        """Note the id of something that came in, with a digest of `what` it says: "new" where it is to be dealt with
        now, "again" where it was before, "other" where the id stood for something else, "at_work" while somebody
        deals with it. What nobody ever ended counts as new after BROKEN_OFF_S."""

        def put(db: Connection) -> Met:
            now = time.time()
            db.execute("DELETE FROM handoff_incoming WHERE at < ?", (now - REMEMBERED_S,))
            values = (message, what, now)
            made = db.execute(
                "INSERT INTO handoff_incoming (id, what, at, done) VALUES (?, ?, ?, 0) ON CONFLICT (id) DO NOTHING",
                values,
            )
            if made.rowcount == 1:
                return "new"
            before = db.execute("SELECT what, done FROM handoff_incoming WHERE id = ?", (message,)).fetchone()
            if before is None or before[0] != what:
                return "other"
            if before[1]:
                return "again"
            taken = db.execute(
                "UPDATE handoff_incoming SET at = ? WHERE id = ? AND done = 0 AND at < ?",
                (now, message, now - BROKEN_OFF_S),
            )
            return "new" if taken.rowcount == 1 else "at_work"

        return self.file.change(put)

    def dealt_with(self, message: str) -> None:
        """What came in under this id is done, and is never done again."""
        self._changed("UPDATE handoff_incoming SET done = 1 WHERE id = ?", message)

    def unhear(self, message: str) -> None:
        """Something that came in could not be dealt with: it may come again."""
        self._changed("DELETE FROM handoff_incoming WHERE id = ?", message)

    # -- letting go

    def erase(self, session: str) -> list[str]:
        """Delete all entries of a conversation; their ids."""

        def leave(db: Connection) -> list[str]:
            found = [
                str(r[0])
                for r in db.execute("SELECT id FROM handoffs WHERE session = ?", (session,)).fetchall()
            ]
            for one in found:
                db.execute("DELETE FROM handoff_links WHERE handoff = ?", (one,))
            db.execute("DELETE FROM handoffs WHERE session = ?", (session,))
            return found

        if not self.file.read("SELECT 1 FROM handoffs WHERE session = ? LIMIT 1", (session,)):
            return []
        return self.file.change(leave)

    def close(self) -> None:
        """Let go of the file."""
        self.file.close()

    def _changed(self, sql: str, *values: Any) -> bool:
        return self.file.change(lambda db: db.execute(sql, values).rowcount) > 0

    def _one(self, where: str, *values: Any) -> Entry | None:
        return next(iter(self._many(f"{where} LIMIT 1", *values)), None)

    def _many(self, where: str, *values: Any) -> list[Entry]:
        rows = self.file.read(f"SELECT {_COLUMNS} FROM handoffs WHERE {where}", values)
        return [Entry(*row) for row in rows]
