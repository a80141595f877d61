"""What the desk keeps: who has shown what in which conversation, how often it was wrong, and what is to come back.

No address is kept: what stands for one is its HMAC, under a secret of this folder, and it is gone after half an hour.
"""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from store.orders.types import Return
from store.tables import Connection, Where, opened

HOLDS_S = 30 * 60  # for which what was shown in a conversation counts
SESSION_TRIES, SESSION_REST_S = 3, 15 * 60
ORDER_TRIES, ORDER_REST_S = 6, 60 * 60
_ID_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is mistaken for another when it is read out
_SCHEMA = """
CREATE TABLE IF NOT EXISTS order_secret (one INTEGER PRIMARY KEY, secret TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS order_marks (session TEXT NOT NULL, mark TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS order_tries (session TEXT NOT NULL, number TEXT NOT NULL, marks TEXT NOT NULL,
    at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS order_proven (session TEXT NOT NULL, number TEXT NOT NULL, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS order_talks (session TEXT PRIMARY KEY, at BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS order_returns (id TEXT NOT NULL, number TEXT NOT NULL, written TEXT NOT NULL,
    line INTEGER NOT NULL, reason TEXT NOT NULL, words TEXT NOT NULL, session TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (number, line))
"""
_OF_SESSIONS = ("order_marks", "order_tries", "order_proven", "order_talks")


class Ledger:
    """The ledger of one shop. Safe from several threads and processes; NotKept where it cannot be written.
    `clock`: seconds since 1970."""

    def __init__(self, where: Where, clock: Callable[[], float] = time.time) -> None:
        self._file = opened(where, "order_desk", _SCHEMA, erasing=True)
        self._clock = clock

    # -- what a conversation has shown

    def talks(self, session: str) -> bool:
        """Whether orders were spoken of in the conversation just now."""
        return bool(
            self._file.read(
                "SELECT 1 FROM order_talks WHERE session = ? AND at > ?", (session, self._since(HOLDS_S))
            )
        )

    def talked(self, session: str) -> None:
        """Note that orders are spoken of."""
        now = self._now()

        def put(db: Connection) -> None:
            db.execute("DELETE FROM order_talks WHERE session = ? OR at < ?", (session, now - HOLDS_S))
            db.execute("INSERT INTO order_talks (session, at) VALUES (?, ?)", (session, now))

        self._file.change(put)

    def mark(self, address: str) -> str:
        """What stands for an address; the same one every time, and nothing to anybody without this file."""
        fresh = secrets.token_hex(32)

        def get(db: Connection) -> str:
            db.execute(
                "INSERT INTO order_secret (one, secret) VALUES (1, ?) ON CONFLICT (one) DO NOTHING", (fresh,)
            )
            return str(db.execute("SELECT secret FROM order_secret WHERE one = 1").fetchone()[0])

        rows = self._file.read("SELECT secret FROM order_secret WHERE one = 1")
        secret = str(rows[0][0]) if rows else self._file.change(get)
        return hmac.new(secret.encode(), address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()

    def hear(self, session: str, addresses: Sequence[str]) -> None:
        """Keep what the newest message proves with, in the place of what earlier ones did."""
        marks, now = [self.mark(address) for address in addresses], self._now()

        def put(db: Connection) -> None:
            db.execute("DELETE FROM order_marks WHERE session = ? OR at < ?", (session, now - HOLDS_S))
            for mark in marks:
                db.execute(
                    "INSERT INTO order_marks (session, mark, at) VALUES (?, ?, ?)", (session, mark, now)
                )

        self._file.change(put)

    def heard(self, session: str) -> list[str]:
        """The marks of what the conversation proves with."""
        sql = "SELECT mark FROM order_marks WHERE session = ? AND at > ? ORDER BY mark"
        return [str(row[0]) for row in self._file.read(sql, (session, self._since(HOLDS_S)))]

    def proven(self, session: str, number: str) -> bool:
        """Whether the conversation has shown just now that this order is theirs."""
        sql = "SELECT 1 FROM order_proven WHERE session = ? AND number = ? AND at > ?"
        return bool(self._file.read(sql, (session, number, self._since(HOLDS_S))))

    # -- how often it was wrong

    def try_once(self, session: str, number: str, marks: Sequence[str]) -> int:
        """Count a try before it is known whether it is right, so that no number of them at once gets round the limits.
        0 where it may be made; -1 where the same was tried already and was wrong; else the minutes to wait."""
        now, tried = self._now(), json.dumps(sorted(marks))

        def count(db: Connection) -> int:
            db.execute("DELETE FROM order_tries WHERE at < ?", (now - max(SESSION_REST_S, ORDER_REST_S),))
            waits = []
            for column, value, most, rest in (
                ("session", session, SESSION_TRIES, SESSION_REST_S),
                ("number", number, ORDER_TRIES, ORDER_REST_S),
            ):
                sql = f"SELECT at FROM order_tries WHERE {column} = ? AND at > ? ORDER BY at DESC"
                times = [int(row[0]) for row in db.execute(sql, (value, now - rest)).fetchall()]
                if len(times) >= most:
                    waits.append(times[most - 1] + rest - now)
            if waits:
                return max(1, -(-max(waits) // 60))
            again = "SELECT 1 FROM order_tries WHERE session = ? AND number = ? AND marks = ?"
            if db.execute(again, (session, number, tried)).fetchone():
                return -1
            db.execute(
                "INSERT INTO order_tries (session, number, marks, at) VALUES (?, ?, ?, ?)",
                (session, number, tried, now),
            )
            return 0

        return self._file.change(count)

    def right(self, session: str, number: str) -> None:
        """The try was right: it counts no longer, and the order is theirs in this conversation."""
        now = self._now()

        def put(db: Connection) -> None:
            db.execute("DELETE FROM order_tries WHERE session = ? AND number = ?", (session, number))
            db.execute(
                "DELETE FROM order_proven WHERE (session = ? AND number = ?) OR at < ?",
                (session, number, now - HOLDS_S),
            )
            db.execute(
                "INSERT INTO order_proven (session, number, at) VALUES (?, ?, ?)", (session, number, now)
            )

        self._file.change(put)

    # -- what is to come back

    def returned(self, number: str) -> dict[int, str]:
        """Lines of an order that are to come back → the return number."""
        rows = self._file.read("SELECT line, id FROM order_returns WHERE number = ? ORDER BY line", (number,))
        return {int(line): str(id_) for line, id_ in rows}

    def take_back(
        self, number: str, written: str, lines: Sequence[int], reason: str, words: str, session: str
    ) -> str:
        """Make a return of those lines; its number. Where one of them is to come back already nothing is made, and the
        number is that of the earlier return: two at the same moment are one."""
        id_ = "R" + "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
        at = datetime.now(UTC).isoformat(timespec="seconds")

        def put(db: Connection) -> str:
            for line in lines:
                held = db.execute(
                    "SELECT id FROM order_returns WHERE number = ? AND line = ?", (number, line)
                ).fetchone()
                if held:
                    return str(held[0])
            for line in lines:
                db.execute(
                    "INSERT INTO order_returns (id, number, written, line, reason, words, session, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (id_, number, written, line, reason, words, session, at),
                )
            return id_

        return self._file.change(put)

    def returns(self) -> list[Return]:
        """Every return, the oldest first."""
        sql = "SELECT id, written, line, reason, words, at FROM order_returns ORDER BY at, id, line"
        found: dict[str, Return] = {}
        for id_, order, line, reason, words, at in self._file.read(sql):
            lines = (*found[id_].lines, int(line)) if id_ in found else (int(line),)
            found[str(id_)] = Return(str(id_), str(order), lines, str(reason), str(words), str(at))
        return list(found.values())

    def drop(self, session: str) -> None:
        """Forget a conversation. What is to come back is the shop's to know, and stays, without the shopper's words."""

        def gone(db: Connection) -> None:
            for table in _OF_SESSIONS:
                if table != "order_tries":  # else a new conversation would be a new try
                    db.execute(f"DELETE FROM {table} WHERE session = ?", (session,))
            db.execute("UPDATE order_returns SET session = '', words = '' WHERE session = ?", (session,))

        self._file.change(gone)

    def clear(self) -> None:
        """Forget everything."""

        def gone(db: Connection) -> None:
            for table in (*_OF_SESSIONS, "order_returns"):
                db.execute(f"DELETE FROM {table}")

        self._file.change(gone)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _now(self) -> int:
        return int(self._clock())

    def _since(self, seconds: int) -> int:
        return self._now() - seconds
