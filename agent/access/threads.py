"""Which conversation of ours a list of messages is, for clients that send the whole list each time.

Such a client knows no session: what was said so far is the name of the conversation. So a conversation that was
answered is left as it is, and what is said next goes on in a copy of it: a client that takes a message back is at an
earlier point again, and two that happened to say the same so far do not share what comes.
"""

import hashlib
import json
from collections.abc import Sequence

from store.tables import Connection, Where, ago, opened

Said = tuple[str, str]  # (role, text)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS threads (
    mark TEXT PRIMARY KEY, session TEXT NOT NULL, turns INTEGER NOT NULL, at TEXT DEFAULT CURRENT_TIMESTAMP);
CREATE INDEX IF NOT EXISTS threads_by_at ON threads (at)
"""
_DAYS = 30  # after which a point that nobody came back to is forgotten


class Threads:
    """The points of conversations that clients know by their messages. Safe from several threads and processes."""

    def __init__(self, where: Where) -> None:
        self._file = opened(where, "threads", _SCHEMA)

    def find(self, owner: str, said: Sequence[Said]) -> tuple[str, int] | None:
        """(session, how many of its turns were over) at the point that `said` is; None for an unknown one."""
        rows = self._file.read("SELECT session, turns FROM threads WHERE mark = ?", (_mark(owner, said),))
        return (str(rows[0][0]), int(rows[0][1])) if rows else None

    def keep(self, owner: str, said: Sequence[Said], session: str, turns: int) -> None:
        """Note that `said` is the point of `session` at which `turns` turns are over. Raises NotKept."""

        def put(db: Connection) -> None:
            db.execute(
                "INSERT INTO threads (mark, session, turns) VALUES (?, ?, ?) ON CONFLICT (mark)"
                " DO UPDATE SET session = excluded.session, turns = excluded.turns, at = excluded.at",
                (_mark(owner, said), session, turns),
            )
            db.execute("DELETE FROM threads WHERE at < ?", (ago(_DAYS),))

        self._file.change(put)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _mark(owner: str, said: Sequence[Said]) -> str:
    """What stands for these messages. Clients trim and wrap: only the words count."""
    plain = [(role, " ".join(text.split())) for role, text in said]
    return hashlib.sha256(
        json.dumps([owner, plain], ensure_ascii=False).encode("utf-8", "replace")
    ).hexdigest()
