"""Whose conversation one is that was begun through the API: of which key, and of which shopper.

A conversation of the browser chat is in no list of ours, so no key opens it.
"""

import hashlib

from store.tables import Connection, Where, ago, opened

_SCHEMA = """
CREATE TABLE IF NOT EXISTS owners (
    session TEXT PRIMARY KEY, shopper TEXT NOT NULL, key TEXT NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX IF NOT EXISTS owners_by_shopper ON owners (shopper)
"""


class Owners:
    """The conversations of a shop that API keys began. Safe from several threads and processes."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "owners", _SCHEMA)

    def add(self, session: str, shopper: str | None, key: str) -> None:
        """Note a new conversation. Raises NotKept."""

        def put(db: Connection) -> None:
            db.execute(
                "INSERT INTO owners (session, shopper, key) VALUES (?, ?, ?)", (session, _mark(shopper), key)
            )

        self._file.change(put)

    def owned(self, session: str, shopper: str | None) -> bool:
        """True for a conversation that was begun for this shopper, or for nobody in particular."""
        rows = self._file.read("SELECT shopper FROM owners WHERE session = ?", (session,))
        return bool(rows) and rows[0][0] in ("", _mark(shopper))

    def of(self, shopper: str) -> list[str]:
        """The conversations of a shopper, oldest first."""
        rows = self._file.read("SELECT session FROM owners WHERE shopper = ? ORDER BY at", (_mark(shopper),))
        return [str(row[0]) for row in rows]

    def mark(self, session: str) -> str:
        """What stands for the shopper of a conversation, "" for nobody in particular: the same for the same one."""
        rows = self._file.read("SELECT shopper FROM owners WHERE session = ?", (session,))
        return str(rows[0][0])[:16] if rows else ""

    def before(self, days: float) -> list[str]:
        """The conversations that were begun more than so many days ago."""
        return [
            str(row[0]) for row in self._file.read("SELECT session FROM owners WHERE at < ?", (ago(days),))
        ]

    def drop(self, session: str) -> None:
        """Forget a conversation that is no longer kept."""
        self._file.change(lambda db: db.execute("DELETE FROM owners WHERE session = ?", (session,)))

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _mark(shopper: str | None) -> str:
    """What stands for a shopper: the file knows no id by which one could be impersonated."""
    return hashlib.sha256(shopper.encode("utf-8", "surrogatepass")).hexdigest() if shopper else ""
