"""What has to be delivered to other programs: kept until it is, in its order, through restarts.

A row is claimed for a while by whoever delivers it, so that several processes share the work; one that died lets
go of it with time. Of one entry of the queue and one target, the next goes only when the one before has gone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from store.tables import Connection, Where, opened

CLAIMED_S = 90.0
# as the open specification of webhooks advises: soon, then seldom, and given up after about three days
DELAYS_S = (5.0, 30.0, 120.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
KEPT_S = 3 * 24 * 3600.0  # what was delivered, or given up, is known for as long

_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL, target TEXT NOT NULL, handoff TEXT NOT NULL, session TEXT NOT NULL,
    kind TEXT NOT NULL, turn INTEGER NOT NULL, body TEXT NOT NULL, at DOUBLE PRECISION NOT NULL,
    due DOUBLE PRECISION NOT NULL, tries INTEGER NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (state, due)
"""
_COLUMNS = "id, number, target, handoff, session, kind, turn, body, at, due, tries, state, why"


@dataclass(frozen=True)
class Parcel:
    """One thing to deliver: its stable `id`, to whom (`target`), of which entry, what happened (`kind`, in which
    `turn`); `body`: what is sent, written at the first try and the same at every other."""

    id: str
    number: int
    target: str
    handoff: str
    session: str
    kind: str
    turn: int
    body: str
    at: float
    due: float
    tries: int
    state: str
    why: str


class Outbox:
    """The parcels of one shop. Safe from several threads and processes."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "outbox", _SCHEMA, erasing=True)

    def put(self, target: str, handoff: str, session: str, kind: str, turn: int = -1, body: str = "") -> str:
        """Keep something to deliver; its id. Raises NotKept."""
        parcel, now = f"msg_{uuid4().hex}", time.time()

        def insert(db: Connection) -> None:
            db.execute(
                f"INSERT INTO outbox ({_COLUMNS}) SELECT ?, coalesce(max(number), -1) + 1, ?, ?, ?, ?, ?, ?, ?, ?, 0, "
                "'open', '' FROM outbox WHERE handoff = ? AND target = ?",
                (parcel, target, handoff, session, kind, turn, body, now, now, handoff, target),
            )
            db.execute("DELETE FROM outbox WHERE state != 'open' AND at < ?", (now - KEPT_S,))

        self._file.change(insert)
        return parcel

    def claim(self) -> Parcel | None:
        """The next parcel that is due, for the caller alone for a while; None where there is none."""
        now = time.time()
        rows = self._file.read(
            f"SELECT {_COLUMNS} FROM outbox mine WHERE state = 'open' AND due <= ? AND NOT EXISTS "
            "(SELECT 1 FROM outbox other WHERE other.state = 'open' AND other.handoff = mine.handoff "
            "AND other.target = mine.target "
            "AND other.number < mine.number) ORDER BY due LIMIT 8",
            (now,),
        )
        for row in rows:
            found = Parcel(*row)
            if self._changed(
                "UPDATE outbox SET due = ? WHERE id = ? AND state = 'open' AND due = ?",
                now + CLAIMED_S,
                found.id,
                found.due,
            ):
                return found
        return None

    def write(self, parcel: str, body: str) -> None:
        """Keep what is sent, for every further try."""
        self._changed("UPDATE outbox SET body = ? WHERE id = ?", body, parcel)

    def delivered(self, parcel: str) -> None:
        """It has arrived; nothing of its content is kept."""
        self._changed("UPDATE outbox SET state = 'delivered', body = '', why = '' WHERE id = ?", parcel)

    def failed(
        self, parcel: Parcel, why: str, final: bool = False, soon: Callable[[float], float] = float
    ) -> bool:
        """It did not arrive: try again later. False where it is given up. `soon`: a change of the delay."""
        tries = parcel.tries + 1
        if final or tries > len(DELAYS_S):
            self._changed(
                "UPDATE outbox SET state = 'given_up', tries = ?, why = ?, body = '' WHERE id = ?",
                tries,
                why[:300],
                parcel.id,
            )
            return False
        self._changed(
            "UPDATE outbox SET due = ?, tries = ?, why = ? WHERE id = ?",
            time.time() + soon(DELAYS_S[tries - 1]),
            tries,
            why[:300],
            parcel.id,
        )
        return True

    def next_due(self) -> float | None:
        """When the next one is due, in seconds since 1970."""
        rows = self._file.read("SELECT min(due) FROM outbox WHERE state = 'open'")
        return float(rows[0][0]) if rows and rows[0][0] is not None else None

    def of(self, handoff: str) -> list[Parcel]:
        """What was and is to be delivered of an entry, in order."""
        rows = self._file.read(
            f"SELECT {_COLUMNS} FROM outbox WHERE handoff = ? ORDER BY at, number", (handoff,)
        )
        return [Parcel(*row) for row in rows]

    def counts(self) -> dict[str, int]:
        """How many are open, delivered and given up."""
        return {
            str(s): int(n) for s, n in self._file.read("SELECT state, count(*) FROM outbox GROUP BY state")
        }

    def erase(self, session: str) -> None:
        """Delete what belongs to a conversation."""
        if self._file.read("SELECT 1 FROM outbox WHERE session = ? LIMIT 1", (session,)):
            self._changed("DELETE FROM outbox WHERE session = ?", session)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _changed(self, sql: str, *values: Any) -> bool:
        return self._file.change(lambda db: db.execute(sql, values).rowcount) > 0
