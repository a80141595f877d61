"""What the agent remembers of each conversation, in one SQLite file: a cache of the transcript, never the record.

Nothing that goes wrong here reaches a shopper. A file or a row that cannot be read is kept aside and logged, and the
session tells the agent the conversation again from its transcript (agent.messages); what cannot be written is missing
at the next turn, and told again then. Where the file cannot be opened, states are held in the process alone and the
file is tried again.
"""

import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from langchain_core.messages import BaseMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.sqlite import SqliteSaver

from store.database import CHECKED_BYTES, connect, damaged, healthy, put_aside

log = logging.getLogger(__name__)
WAIT_S = 5.0  # for another process that writes; after that the turn goes on without
RETRY_S = 5.0  # between two tries to open the file that a stand-in is held for
SHORT_WAIT_S = 0.2  # for another process, in such a try: a shopper waits
_T = TypeVar("_T")
_COLUMNS = {
    "checkpoints": "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata",
    "writes": "thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, value",
}


class Checkpoints(SqliteSaver):
    """Conversations in one SQLite file: the newest state of each, which is all that is ever resumed."""

    path: Path
    _retry: float | None = None  # when the file is tried again; None: it is open

    @classmethod
    def open(cls, path: Path, wait_s: float = WAIT_S, thorough: bool = False) -> "Checkpoints":
        """Open or create the file; usable from any thread. A file that cannot be read is put aside; for one that cannot
        be opened, `reopen` has to be called between turns."""
        try:
            made = cls._file(path, wait_s, thorough)
        except (sqlite3.Error, OSError) as error:
            log.error("%s cannot be opened: %s; nothing is remembered there for now", path, error)
            made = cls(sqlite3.connect(":memory:", check_same_thread=False))
            made.setup()
            made._retry = time.monotonic() + RETRY_S
        made.path = path
        return made

    def reopen(self) -> None:
        """Go back to the file where it could not be opened and can be now. What the stand-in held is told again."""
        with self.lock:
            if self._retry is None or time.monotonic() < self._retry:
                return
            self._retry = time.monotonic() + RETRY_S
        try:
            fresh = self._file(self.path, SHORT_WAIT_S)
        except (sqlite3.Error, OSError) as error:
            log.warning("%s still cannot be opened: %s", self.path, error)
            return
        with self.lock:
            self.conn.close()
            self.conn, self._retry = fresh.conn, None
        log.info("%s is open again", self.path)

    @classmethod
    def _file(cls, path: Path, wait_s: float, thorough: bool = False) -> "Checkpoints":
        small = path.exists() and path.stat().st_size <= CHECKED_BYTES
        if (thorough or small) and not healthy(path, wait_s):
            put_aside(path, "it is damaged")
        made = cls._on(path, wait_s)
        if not made._ours():
            made.close()
            put_aside(path, "its tables are not ours")
            made = cls._on(path, wait_s)
        return made

    @classmethod
    def _on(cls, path: Path, wait_s: float) -> "Checkpoints":
        db = connect(path, wait_s)
        db.isolation_level = "DEFERRED"  # the saver commits by itself
        made = cls(db)
        made.setup()
        return made

    def _ours(self) -> bool:
        """True where the tables have the columns that the saver uses."""
        try:
            for table, columns in _COLUMNS.items():
                self.conn.execute(f"SELECT {columns} FROM {table} LIMIT 0")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:  # no such column, no such table
                return False
            raise
        return True

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest state; None where there is none, or none that can be read."""
        thread = str(config["configurable"]["thread_id"])
        try:
            found = super().get_tuple(config)
            if found is None or sound(found.checkpoint):
                return found
            reason = "it has another shape"
        except sqlite3.Error as error:
            self._mended(error)
            return None
        except Exception as error:  # a serializer raises anything on bytes that are not its own
            reason = f"{type(error).__name__}: {error}"
        self._row_aside(thread, reason)
        return None

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a state; where that cannot be done, the next turn goes by the transcript."""
        put = super().put
        return self._tried(lambda: put(config, checkpoint, metadata, new_versions), config)

    def put_writes(self, config: RunnableConfig, writes: Any, task_id: str, task_path: str = "") -> None:
        """Save what a step wrote; see `put`."""
        put = super().put_writes
        self._tried(lambda: put(config, writes, task_id, task_path), None)

    def keep_newest(self, thread: str) -> None:
        """Drop the thread's older states; each holds the whole conversation, so keeping them grows quadratically."""
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :t AND checkpoint_ns = ''"
        self._delete(f"thread_id = :t AND checkpoint_ns = '' AND checkpoint_id < ({newest})", thread)

    def forget(self, thread: str) -> bool:
        """Drop all of a thread, also what could not be read. False where the file cannot be written now."""
        self.reopen()
        return self._delete("thread_id = :t", thread, (*_COLUMNS, "damaged")) and self._retry is None

    def close(self) -> None:
        """Let go of the file."""
        self.conn.close()

    def _delete(self, which: str, thread: str, tables: Iterable[str] = _COLUMNS) -> bool:
        def delete() -> bool:
            with self.cursor() as cursor:
                held = {
                    row[0] for row in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
                }
                for table in held.intersection(tables):
                    cursor.execute(f"DELETE FROM {table} WHERE {which}", {"t": thread})
            return True

        return self._tried(delete, False)

    def _tried(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """What `work` gives; `otherwise` where the file cannot be written, now or any more."""
        try:
            return work()
        except sqlite3.Error as error:
            if self._mended(error):
                try:
                    return work()
                except sqlite3.Error:
                    log.exception("%s cannot be written", self.path)
            return otherwise

    def _mended(self, error: sqlite3.Error) -> bool:
        """After an error: true when the file was damaged, and a new one is in its place."""
        log.error("%s: %s", self.path, error)
        with suppress(sqlite3.Error):
            self.conn.rollback()
        if not damaged(error):
            return False
        with self.lock:
            self.conn.close()
            fresh = Checkpoints.open(self.path, thorough=True)
            self.conn, self.is_setup, self._retry = fresh.conn, True, fresh._retry
        return True

    def _row_aside(self, thread: str, reason: str) -> None:
        """Keep the states of a conversation that cannot be read where nothing reads them, and go on without."""
        log.error(
            "the checkpoint of %s cannot be used (%s); it is kept in the table `damaged`", thread, reason
        )

        def move() -> None:
            with self.cursor() as cursor:
                columns = "thread_id, checkpoint_id, type, checkpoint, metadata"
                cursor.execute(
                    f"CREATE TABLE IF NOT EXISTS damaged ({columns}, at TEXT DEFAULT CURRENT_TIMESTAMP)"
                )
                cursor.execute(
                    f"INSERT INTO damaged ({columns}) SELECT {columns} FROM checkpoints WHERE thread_id = :t",
                    {"t": thread},
                )
                for table in ("checkpoints", "writes"):
                    cursor.execute(f"DELETE FROM {table} WHERE thread_id = :t", {"t": thread})

        self._tried(move, None)


def sound(checkpoint: Any) -> bool:
    """True for a state with messages that are messages: what an unknown class was saved as, comes back as something
    else."""
    values = checkpoint.get("channel_values") if isinstance(checkpoint, dict) else None
    held = values.get("messages", []) if isinstance(values, dict) else None
    return isinstance(held, list) and all(isinstance(m, BaseMessage) and m.id for m in held)
