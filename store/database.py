"""One SQLite file and what may happen to it: damaged, of another version, locked, read-only, on a full disk.

A file that cannot be read is never deleted: it is put aside under a name of its own, what can still be read of it is
taken over, and work goes on in a new one. What cannot be written is told as `NotKept`; nothing is half done. The one
exception are files that hold what people may have erased: what is put aside of those is overwritten once it was read.
"""

import logging
import os
import re
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from store.errors import NotKept

log = logging.getLogger(__name__)
WAIT_S = 10.0  # for another process that writes
CHECKED_BYTES = (
    64 * 1024 * 1024
)  # a larger file is not read through when it is opened; damage shows when it is met
MOST_SALVAGED = 8 * 1024**3  # bytes that a damaged head may make us believe
_T = TypeVar("_T")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_JOURNALS = ("-wal", "-shm", "-journal")
_TABLE = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+)")


class Database:
    """The tables of one file, safe from several threads and processes.

    `schema`: statements that may be run again and again (`IF NOT EXISTS`); `version`: of that schema, kept in the file
    as `user_version`; `upgrade`: called with a connection and the older version it has.
    `erasing`: what is deleted leaves no byte behind, neither in the file nor in a log nor in a copy that was put aside.
    """

    def __init__(
        self,
        path: Path,
        schema: str,
        version: int = 1,
        upgrade: Callable[[sqlite3.Connection, int], None] | None = None,
        wait_s: float = WAIT_S,
        erasing: bool = False,
    ) -> None:
        self.path, self._schema, self._version, self._upgrade = path, schema, version, upgrade
        self._wait_s, self._erasing = wait_s, erasing
        self._lock = threading.RLock()
        self._kept = False  # False: the file could not be opened, an empty stand-in answers reads
        self._db = self._opened()

    def read(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises NotKept when the file cannot be read now."""

        def rows() -> list[tuple[Any, ...]]:
            if self._erasing and not self._kept:  # a stand-in would go on showing what was erased since
                self._db = self._opened()
            return self._db.execute(sql, values).fetchall()

        return self._careful(rows)

    def change(self, work: Callable[[sqlite3.Connection], _T], about: str = "", lasting: bool = True) -> _T:
        """Run `work` in one transaction: all of it or nothing. Raises NotKept when it cannot be written. A file is
        changed by one at a time, whatever it is `about`, and `lasting` or not."""

        def whole() -> _T:
            if not self._kept:
                self._db = self._opened()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                done = work(self._db)
                self._db.execute("COMMIT")
                return done
            except BaseException:
                with suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
                raise

        return self._careful(whole)

    def put(self, *statements: tuple[str, Sequence[Any] | dict[str, Any]]) -> None:
        """Run statements, all or none. Raises NotKept."""

        def work(db: sqlite3.Connection) -> None:
            for sql, values in statements:
                db.execute(sql, values)

        self.change(work)

    def raw(self, column: str) -> str:
        """SQL for the bytes of a text column: damaged ones are no text, and must not stop the reading of the others."""
        return f"CAST({column} AS BLOB)"

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    # ---- inside

    def _careful(self, work: Callable[[], _T]) -> _T:
        with self._lock:
            try:
                return work()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                    raise
                if not damaged(error):
                    raise NotKept(f"{self.path.name}: {error}") from error
                log.error("%s: %s", self.path, error)
                self._db.close()
                self._db = self._opened(thorough=True)
                try:
                    return work()
                except sqlite3.OperationalError as again:
                    raise NotKept(f"{self.path.name}: {again}") from again

    def _opened(self, thorough: bool = False) -> sqlite3.Connection:
        """A connection to the file, mended where that is needed; to an empty stand-in where it cannot be opened."""
        try:
            db, reason = self._sound(thorough)
            if db is None:
                aside = put_aside(self.path, reason)
                db = self._made()
                salvage(db, aside, _TABLE.findall(self._schema))
            if self._erasing:
                for left in self.path.parent.glob(f"{self.path.name}.damaged*"):
                    _wipe(left)
            self._kept = True
            return db
        except (sqlite3.Error, OSError) as error:
            log.error("%s cannot be opened for writing: %s", self.path, error)
            self._kept = False
            return self._stand_in()

    def _sound(self, thorough: bool) -> tuple[sqlite3.Connection | None, str]:
        """(a connection, ""), or (None, why the file cannot be used)."""
        if self.path.exists() and (reason := self._unfit(thorough)):
            return None, reason
        try:
            db = self._made()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
                raise
            return None, str(error)  # the statements do not fit what is there
        reason = self._strange(db)
        if reason:
            db.close()
        return (None, reason) if reason else (db, "")

    def _made(self) -> sqlite3.Connection:
        db = connect(self.path, self._wait_s, erasing=self._erasing)
        db.execute("BEGIN IMMEDIATE")
        held = db.execute("PRAGMA user_version").fetchone()[0]
        if held < self._version and self._upgrade and _tables(db):
            self._upgrade(db, held)
        for statement in filter(str.strip, self._schema.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {self._version:d}")
        db.execute("COMMIT")
        return db

    def _unfit(self, thorough: bool) -> str:
        """Why the file cannot be used; "" when it can."""
        with closing(connect(self.path, self._wait_s, settings=False)) as db:
            try:
                if thorough or self.path.stat().st_size <= CHECKED_BYTES:
                    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
                    if found != "ok":
                        return found
                held = db.execute("PRAGMA user_version").fetchone()[0]
                return f"written by a newer version ({held})" if held > self._version else ""
            except sqlite3.DatabaseError as error:
                if damaged(error):
                    return str(error)
                raise

    def _strange(self, db: sqlite3.Connection) -> str:
        """Why the tables are not ours."""
        with closing(sqlite3.connect(":memory:")) as ours:
            ours.executescript(self._schema)
            for table in _TABLE.findall(self._schema):
                missing = _columns(ours, table) - _columns(db, table)
                if missing:
                    return f"table {table} has no {', '.join(sorted(missing))}"
        return ""

    def _stand_in(self) -> sqlite3.Connection:
        """What is there, read-only; where even that is not to be had, nothing."""
        with suppress(sqlite3.Error):
            db = sqlite3.connect(
                f"file:{self.path}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
                isolation_level=None,
            )
            if set(_TABLE.findall(self._schema)) <= _tables(db):
                return db
            db.close()
        db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        db.executescript(self._schema)
        db.execute("PRAGMA query_only = ON")
        return db


def connect(
    path: Path, wait_s: float = WAIT_S, settings: bool = True, erasing: bool = False
) -> sqlite3.Connection:
    """A connection that any thread may use, in autocommit: a commit outlives the process, and costs no wait for the
    disk; with `erasing`, no log is kept, and what is deleted is overwritten. Raises sqlite3.Error."""
    db = sqlite3.connect(path, timeout=wait_s, check_same_thread=False, isolation_level=None)
    if settings and erasing:
        for pragma in ("journal_mode = DELETE", "secure_delete = ON", "temp_store = MEMORY"):
            db.execute(f"PRAGMA {pragma}")
    elif settings:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA journal_size_limit = 4194304")
    return db


def damaged(error: sqlite3.Error) -> bool:
    """True when the file itself is at fault, not its being locked, full or read-only."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED


def healthy(path: Path, wait_s: float = WAIT_S) -> bool:
    """True for a file that can be read through. Raises sqlite3.Error where that cannot be found out now."""
    try:
        with closing(connect(path, wait_s, settings=False)) as db:
            return str(db.execute("PRAGMA quick_check(1)").fetchone()[0]) == "ok"
    except sqlite3.Error as error:
        if damaged(error):
            return False
        raise


def put_aside(path: Path, reason: str) -> Path:
    """Rename a file that cannot be used, with its journals; the new name. Raises OSError."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    aside = path.with_name(f"{path.name}.damaged-{stamp}")
    path.rename(aside)
    for ending in _JOURNALS:
        with suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    log.error("%s cannot be used (%s); it is kept as %s", path, reason, aside.name)
    return aside


def _wipe(file: Path) -> None:
    """Overwrite a file and delete it; what cannot be is logged."""
    try:
        with file.open("r+b") as opened:
            left = os.fstat(opened.fileno()).st_size
            while left > 0:
                left -= opened.write(bytes(min(left, 1 << 20)))
            opened.flush()
            os.fsync(opened.fileno())
        file.unlink()
    except FileNotFoundError:
        log.info("%s is gone already", file)
    except OSError:
        log.exception("%s holds what may have been erased and cannot be deleted", file)


def salvage(into: sqlite3.Connection, damaged_file: Path, tables: Sequence[str]) -> int:
    """Take over every row that can still be read, from both ends of each table. Returns how many."""
    rows = 0
    with suppress(sqlite3.Error, OSError), _copy(damaged_file) as old:
        for table in tables:
            with suppress(sqlite3.Error):
                shared = sorted(_columns(old, table) & _columns(into, table))
                names, marks = ", ".join(shared), ", ".join("?" * len(shared))
                for order in ("ASC", "DESC") if shared else ():
                    for row in _readable(old, f"SELECT {names} FROM {table} ORDER BY rowid {order}"):
                        with suppress(sqlite3.Error):
                            sql = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"
                            rows += into.execute(sql, row).rowcount
    log.warning("%d rows of %s were taken over", rows, damaged_file.name)
    return rows


@contextmanager
def _copy(file: Path) -> Iterator[sqlite3.Connection]:
    """A copy to read from, as long as its head says: SQLite does not look into a file that was cut off."""
    with TemporaryDirectory(dir=file.parent, prefix=".salvage-") as folder:
        copy = Path(folder) / "copy"
        for ending in ("", "-wal"):
            if (part := file.with_name(file.name + ending)).is_file():
                shutil.copyfile(part, copy.with_name(copy.name + ending))
        with copy.open("rb") as opened:
            head = opened.read(100)
        size, pages = int.from_bytes(head[16:18], "big"), int.from_bytes(head[28:32], "big")
        whole = (65536 if size == 1 else size) * pages
        if copy.stat().st_size < whole <= MOST_SALVAGED:
            os.truncate(copy, whole)
        with closing(connect(copy, 0.5, settings=False)) as db:
            yield db


def _readable(db: sqlite3.Connection, sql: str) -> Iterator[tuple[Any, ...]]:
    with suppress(sqlite3.Error):
        yield from db.execute(sql)


def _tables(db: sqlite3.Connection) -> set[str]:
    return {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
