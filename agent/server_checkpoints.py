"""What the agent remembers of each conversation, on a PostgreSQL server: the same cache as agent.checkpoints is.

Nothing that goes wrong here reaches a shopper: what cannot be read or written is missing at the next turn, and the
session tells the agent the conversation again from its transcript. langgraph's own saver makes and reads the tables.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from psycopg import errors, sql
from psycopg.rows import DictRow, dict_row

from agent.checkpoints import sound
from store.errors import NotKept
from store.lines import Away, Line, lost, pool
from store.postgres import Postgres, key_of
from store.tables import Server

log = logging.getLogger(__name__)
SETUP_S = 30.0  # for another process that makes the tables
_TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
# Of the channels' values those stay that the newest state names, each version of the messages being a whole one.
_OLDER = (
    "WITH kept AS (SELECT checkpoint_id, checkpoint FROM checkpoints WHERE thread_id = %(t)s AND checkpoint_ns = ''"
    " ORDER BY checkpoint_id DESC LIMIT 1), states AS (DELETE FROM checkpoints c USING kept WHERE c.thread_id = %(t)s"
    " AND c.checkpoint_ns = '' AND c.checkpoint_id < kept.checkpoint_id), writes AS (DELETE FROM checkpoint_writes w"
    " USING kept WHERE w.thread_id = %(t)s AND w.checkpoint_ns = '' AND w.checkpoint_id < kept.checkpoint_id)"
    " DELETE FROM checkpoint_blobs b USING kept WHERE b.thread_id = %(t)s AND b.checkpoint_ns = ''"
    " AND b.version IS DISTINCT FROM kept.checkpoint -> 'channel_versions' ->> b.channel"
)
_T = TypeVar("_T")


class ServerCheckpoints(PostgresSaver):
    """Conversations on a server: the newest state of each, which is all that is ever resumed."""

    def __init__(self, server: Server) -> None:
        super().__init__(None)  # type: ignore[arg-type]  # `_cursor` gets its connections from our pool
        self._server, self._pool = server, pool(server.url)
        self._made = False

    def reopen(self) -> None:
        """A server that was away is found by the next call."""

    def get_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """The newest state; None where there is none, or none that can be read."""
        thread = str(config["configurable"]["thread_id"])
        get = super().get_tuple
        try:
            found = self._tried(lambda: get(config), None)
            if found is None or sound(found.checkpoint):
                return found
            reason = "it has another shape"
        except Exception as error:  # a serializer raises anything on bytes that are not its own
            reason = f"{type(error).__name__}: {error}"
        log.error("the checkpoint of %s cannot be used (%s) and is dropped", thread, reason)
        self.forget(thread)
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

        def drop() -> None:
            with self._cursor() as cursor:
                cursor.execute(_OLDER, {"t": thread})

        self._tried(drop, None)

    def forget(self, thread: str) -> bool:
        """Drop all of a thread. False where the server cannot be written now."""

        def drop() -> bool:
            with self._cursor() as cursor, cursor.connection.transaction():
                for table in _TABLES:
                    one = sql.SQL("DELETE FROM {} WHERE thread_id = %s").format(sql.Identifier(table))
                    cursor.execute(one, (thread,))
            return True

        return self._tried(drop, False)

    def close(self) -> None:
        """Let go of connections that nobody uses now."""
        self._pool.drop()

    # ---- inside

    @contextmanager
    def _cursor(self, *, pipeline: bool = False) -> Iterator[psycopg.Cursor[DictRow]]:
        """A cursor, and with `pipeline` a transaction; the library's own holds one lock for all conversations."""
        with self._pool.line(self._server.schema) as line:
            if not self._made:
                self._make(line)
            with line.cursor(binary=True, row_factory=dict_row) as cursor:
                if not pipeline:
                    yield cursor
                    return
                with line.pipeline(), line.transaction():
                    cursor.execute("SET LOCAL synchronous_commit = off")  # a cache: no wait for the disk
                    yield cursor

    def _make(self, line: Line) -> None:
        """Make the tables. Others wait without a transaction, for one that builds an index waits for theirs."""
        key, until = key_of(self._server.schema, "checkpoints"), time.monotonic() + SETUP_S
        while not _one(line, "SELECT pg_try_advisory_lock(%s)", key):
            if time.monotonic() > until:
                raise Away("another process has been making the checkpoints' tables for long")
            time.sleep(0.1)
        try:
            Postgres(self._server, "checkpoints", "").read("SELECT 1")  # makes the schema
            PostgresSaver(line).setup()
            self._made = True
        finally:
            with suppress(psycopg.Error):
                line.execute("SELECT pg_advisory_unlock(%s)", (key,))

    def _tried(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """What `work` gives; `otherwise` where the server cannot be asked now."""
        for again in (True, False):
            try:
                return work()
            except (psycopg.Error, NotKept) as error:
                if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
                    self._made = False
                elif lost(error):
                    self._pool.drop()
                else:
                    again = False
                if not again:
                    log.error("the checkpoints cannot be used now: %s", error)
                    return otherwise
        return otherwise


def _one(line: Line, query: str, key: int) -> bool:
    row = line.execute(query, (key,)).fetchone()
    return bool(row and row[0])
