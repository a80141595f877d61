"""How often something was done, counted for all processes that share a shop's data.

What is counted are marks, no names: of addresses and conversations a hash alone is kept, and that for as long as it
counts.
"""

import hashlib
import math
import time
from collections.abc import Callable

from store.tables import Connection, Where, opened

_SCHEMA = """
CREATE TABLE IF NOT EXISTS hits (mark TEXT NOT NULL, until INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS hits_by_mark ON hits (mark, until);
CREATE INDEX IF NOT EXISTS hits_by_until ON hits (until);
CREATE TABLE IF NOT EXISTS daily (mark TEXT PRIMARY KEY, day INTEGER NOT NULL, times INTEGER NOT NULL)
"""
_A_DAY = 24 * 3600
_SWEEP_S = 300.0


class Counts:
    """Moving windows and whole days. Safe from several threads and processes. Raises NotKept where it cannot count."""

    def __init__(self, where: Where, clock: Callable[[], float] = time.time) -> None:
        self._file = opened(where, "counts", _SCHEMA)
        self._clock = clock
        self._swept = 0.0

    def hit(self, most: int, window_s: float, *what: str) -> float:
        """Count one more of `what`, of which there may be `most` in any `window_s`. 0.0 when it was counted, else the
        seconds until the next one may come."""
        now, mark = int(self._clock() * 1000), _mark(what)

        def work(db: Connection) -> float:
            db.execute("DELETE FROM hits WHERE mark = ? AND until <= ?", (mark, now))
            count, first = db.execute(
                "SELECT count(*), min(until) FROM hits WHERE mark = ?", (mark,)
            ).fetchone()
            if count >= most:
                return max(0.001, (first - now) / 1000)
            db.execute("INSERT INTO hits (mark, until) VALUES (?, ?)", (mark, now + int(window_s * 1000)))
            return 0.0

        wait = self._file.change(work, about=mark, lasting=False)
        self._sweep()
        return wait

    def spend(self, most: int, *what: str) -> float:
        """Count one more of `what`, of which there may be `most` in a day (UTC). 0.0 when it was counted, else the
        seconds until the next day."""
        now, mark = self._clock(), _mark(what)
        day = int(now // _A_DAY)

        def work(db: Connection) -> bool:
            row = db.execute("SELECT times FROM daily WHERE mark = ? AND day = ?", (mark, day)).fetchone()
            if row and row[0] >= most:
                return False
            db.execute(
                "INSERT INTO daily (mark, day, times) VALUES (?, ?, 1) "
                "ON CONFLICT (mark) DO UPDATE SET day = excluded.day, times = ?",
                (mark, day, row[0] + 1 if row else 1),
            )
            return True

        done = self._file.change(work, about=mark, lasting=False)
        return 0.0 if done else math.ceil((day + 1) * _A_DAY - now)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _sweep(self) -> None:
        """Now and then, forget those who did not come back."""
        now = self._clock()
        if now - self._swept < _SWEEP_S:
            return
        self._swept = now
        past = int((now - _SWEEP_S) * 1000)
        self._file.change(lambda db: db.execute("DELETE FROM hits WHERE until <= ?", (past,)), lasting=False)


def _mark(what: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(what).encode("utf-8", "surrogatepass")).hexdigest()[:32]
