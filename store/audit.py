"""The audit log: what changed a cart, what left to a person or another program, what was read, exported and erased.

Lines are only ever added. They hold ids and no words of anybody; of an erased conversation the id is replaced by one
that leads nowhere. What is older than the settings say goes.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from store.tables import Connection, Where, opened

_DAY = 24 * 3600.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    id TEXT PRIMARY KEY, at DOUBLE PRECISION NOT NULL, what TEXT NOT NULL, who TEXT NOT NULL, session TEXT NOT NULL,
    about TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS audit_at ON audit (at);
CREATE INDEX IF NOT EXISTS audit_session ON audit (session)
"""
_COLUMNS = "at, what, who, session, about, detail"


@dataclass(frozen=True)
class Line:
    """`at`: seconds since 1970; `what` happened ("cart.add", "handoff.taken" …); `who` did it ("words", "button",
    "key:ID", "mcp:ID", "staff:NAME", "system"); `about`: the id of a product or of an entry of the queue."""

    at: float
    what: str
    who: str
    session: str
    about: str
    detail: str


class Audit:
    """The log of one shop. Safe from several threads and processes."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "audit", _SCHEMA, erasing=True)

    def note(self, what: str, who: str, session: str = "", about: str = "", detail: str = "") -> None:
        """Add a line. Raises NotKept."""
        values = (secrets.token_hex(12), time.time(), what, who[:120], session, about[:120], detail[:120])
        self._file.change(
            lambda db: db.execute(f"INSERT INTO audit (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        )

    def lines(
        self, since: float = 0.0, session: str = "", what: str = "", limit: int = 200, newest: bool = True
    ) -> list[Line]:
        """Lines, the newest first unless told otherwise. `what`: of that kind, or all that begin so ("cart.")."""
        order = "DESC" if newest else "ASC"
        rows = self._file.read(
            f"SELECT {_COLUMNS} FROM audit WHERE at >= ? AND (? = '' OR session = ?) "
            "AND (? = '' OR substr(what, 1, ?) = ?) "
            f"ORDER BY at {order}, id LIMIT ?",
            (since, session, session, what, len(what), what, limit),
        )
        return [Line(*row) for row in rows]

    def unlink(self, session: str) -> None:
        """A conversation was erased: its lines stay, and lead to nobody."""
        if not self._file.read("SELECT 1 FROM audit WHERE session = ? LIMIT 1", (session,)):
            return
        stranger = f"erased-{secrets.token_hex(6)}"
        self._file.change(
            lambda db: db.execute("UPDATE audit SET session = ? WHERE session = ?", (stranger, session))
        )

    def prune(self, days: float) -> int:
        """Let go of what is older; how many lines."""

        def drop(db: Connection) -> Any:
            return db.execute("DELETE FROM audit WHERE at < ?", (time.time() - days * _DAY,)).rowcount

        return int(self._file.change(drop))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
