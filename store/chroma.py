"""The collections of one shop, in a folder of this machine or on a Chroma server. The only file that imports chromadb.

What Chroma raises becomes one of ours here, and a read that came too early (another process has just written, and the
index in memory is behind) is tried once more.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import (
    ChromaError,
    InternalError,
    InvalidArgumentError,
    NotFoundError,
    UniqueConstraintError,
)

from store.errors import StoreAway, StoreCorrupt

BATCH = 500  # Chroma takes 5461 at most; small batches keep memory and the loss at a kill small
LISTED = (
    5000  # rows per answer that holds more than ids: SQLite, under a local Chroma, takes so many variables
)
CLOUD_HOST, CLOUD_ROWS = "trychroma.com", 300  # the cloud's quota: rows per write, and rows per answer
# Of 100,000 products' texts the usual index (16 links, 100 and 100 looked at) misses a third of the ten nearest to a
# query, this one 12 in 1,000; it takes 6 % more memory, half as long again to build, and 2 ms more to ask. A query lies
# far from every text, a photo near to some pictures: there fewer looked at find all ten.
LINKS = 32  # neighbours of a vector
BUILT, SEARCHED = 200, 800  # vectors looked at to find them, and to answer
SEARCHED_BY = {"text": 2000}  # and to answer in collections that are asked otherwise
PATIENCE = httpx.Timeout(15.0, connect=3.0)  # seconds; a server that says nothing for so long is away
SILENT_S = 5.0  # and so long afterwards nobody else waits for it
DEFAULT_DATABASE = chromadb.DEFAULT_DATABASE
DEFAULT_TENANT = chromadb.DEFAULT_TENANT


class Unfit(ValueError):
    """The collection cannot take these columns: vectors of another size, most likely."""


class Behind(StoreAway):
    """Asked twice, and still not as we know it: ids that are gone by now, or a server in trouble."""


@dataclass(frozen=True)
class Server:
    """Where a Chroma server is. `token` goes with every request as `x-chroma-token`; a database that a server of one's
    own does not have yet is made."""

    url: str
    token: str = ""
    tenant: str = DEFAULT_TENANT
    database: str = DEFAULT_DATABASE

    def __str__(self) -> str:
        return self.url


def in_memory() -> Any:
    """A Chroma client that keeps everything in memory, for whoever measures against Chroma itself."""
    return chromadb.EphemeralClient(Settings(anonymized_telemetry=False))


class Collections:
    """The named collections, each with cosine as its measure. Safe to use from several threads."""

    _connecting = threading.Lock()  # what Chroma shares among all clients of a process is being changed

    def __init__(self, where: Path | Server, names: Sequence[str]) -> None:
        """Open or create them. Raises StoreCorrupt when a folder holds something else, StoreAway when the server does
        not answer or refuses us."""
        self._where, self._names = where, tuple(names)
        self._lock = threading.RLock()
        self._silent_until = 0.0  # by time.monotonic
        cloud = isinstance(where, Server) and (urlsplit(where.url).hostname or "").endswith(CLOUD_HOST)
        self.most = CLOUD_ROWS if cloud else None  # rows per answer, None for no limit
        self.local = isinstance(where, Path)
        self.batch = min(BATCH, self.most or BATCH)
        if isinstance(where, Path):
            where.mkdir(parents=True, exist_ok=True)
        self.reopen()  # what this process opened before is kept by Chroma, with vectors that others have replaced since

    def reopen(self) -> None:
        """Look at the store again: another process has written, and Chroma keeps its vector index in memory."""
        with self._lock:
            before = vars(self).get("_client")
            self._open()
            if before is not None and self.local:
                _let_go(before)

    def _open(self) -> None:
        with self._lock:
            try:
                self._client = self._connect()
                self._collections = {name: self._collection(name) for name in self._names}
            except (ChromaError, ValueError, OSError, httpx.HTTPError) as error:
                if isinstance(self._where, Server):
                    raise StoreAway(f"{self._where} cannot be used as a product store: {error}") from error
                raise StoreCorrupt(f"{self._where} cannot be opened as a product store: {error}") from error

    def close(self) -> None:
        """Let go of the files once no call is under way and nobody has this object any more."""
        with self._lock:
            if self.local:
                _let_go(self._client)

    def ask(self, name: str, method: str, **columns: Any) -> Any:
        """Call a method of a collection: get, query, upsert, delete, count, modify.

        Raises Unfit for columns that do not fit, StoreAway when there is no answer.
        """
        try:
            return self._call(name, method, columns)
        except (InternalError, NotFoundError):
            self.reopen()
        try:
            return self._call(name, method, columns)
        except (InternalError, NotFoundError) as error:
            raise Behind(f"{self._where}: {error}") from error

    def every_id(self, name: str, where: dict[str, Any] | None = None) -> list[str]:
        """The ids of a collection, or of those in it that meet `where`, in its order."""
        return [i for page in self.pages(name, [], where) for i in page["ids"]]

    def pages(
        self, name: str, include: list[str], where: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All that `get` gives, in as many answers as the store needs."""
        asked: dict[str, Any] = {"include": include} | ({"where": where} if where else {})
        most = self.most or (LISTED if include else None)
        if most is None:
            yield self.ask(name, "get", **asked)
            return
        start = 0
        while True:
            page = self.ask(name, "get", limit=most, offset=start, **asked)
            yield page
            if len(page["ids"]) < most:
                return
            start += most

    def recreate(self, name: str) -> None:
        """Drop what a collection holds, the size of its vectors included."""
        with self._lock:
            self._client.delete_collection(name)
            self._collections[name] = self._collection(name)

    # ---- what everybody who uses a server is told

    def note(self, name: str, key: str) -> str | None:
        """What was kept with the collection under `key`."""
        try:
            with self._lock:
                kept = self._client.get_collection(name, embedding_function=None).metadata or {}
        except (ChromaError, ValueError, httpx.HTTPError) as error:
            raise StoreAway(f"{self._where}: {error}") from error
        return str(kept[key]) if key in kept else None

    def keep(self, name: str, key: str, value: str) -> None:
        """Keep a text of at most 256 bytes with the collection."""
        with self._lock:
            fresh = self._client.get_collection(name, embedding_function=None)
            self.ask(name, "modify", metadata={**(fresh.metadata or {}), key: value})

    # ---- inside

    def _call(self, name: str, method: str, columns: dict[str, Any]) -> Any:
        if time.monotonic() < self._silent_until:
            raise StoreAway(f"{self._where}: it said nothing just now")
        try:
            return getattr(self._collections[name], method)(**columns)
        except InvalidArgumentError as error:
            raise Unfit(str(error)) from error
        except (InternalError, NotFoundError):
            raise
        except Exception as error:
            # a lost connection is an httpx error, an answer that Chroma's client cannot read a bare Exception
            if isinstance(self._where, Server):
                if isinstance(error, httpx.TimeoutException):
                    self._silent_until = time.monotonic() + SILENT_S
                raise StoreAway(f"{self._where}: {error}") from error
            raise

    def _connect(self) -> Any:
        plain = Settings(anonymized_telemetry=False, allow_reset=False)
        if isinstance(self._where, Path):
            with self._connecting:
                SharedSystemClient.clear_system_cache()
                return chromadb.PersistentClient(path=str(self._where), settings=plain)
        server, url = self._where, urlsplit(self._where.url)
        secure = url.scheme == "https"
        port = url.port or (443 if secure else 8000)
        # Chroma's client waits for ever, so a server that accepts and says nothing has to be found out before it
        httpx.get(
            f"{url.scheme}://{url.hostname}:{port}/api/v2/heartbeat", timeout=PATIENCE
        ).raise_for_status()
        plain.chroma_api_impl = "chromadb.api.fastapi.FastAPI"
        plain.chroma_server_host, plain.chroma_server_http_port = str(url.hostname), port
        plain.chroma_server_ssl_enabled = secure
        plain.chroma_server_headers = {"x-chroma-token": server.token} if server.token else None
        if server.database != DEFAULT_DATABASE and self.most is None:
            _make_database(chromadb.AdminClient(plain), server)
        client = chromadb.HttpClient(
            str(url.hostname),
            port,
            secure,
            plain.chroma_server_headers,
            plain,
            server.tenant,
            server.database,
        )
        client._server._session.timeout = PATIENCE  # type: ignore[attr-defined]
        return client

    def _collection(self, name: str) -> Any:
        searched = SEARCHED_BY.get(name, SEARCHED)
        index = {"space": "cosine", "ef_search": searched, "ef_construction": BUILT, "max_neighbors": LINKS}
        made = self._client.get_or_create_collection(
            name, configuration={"hnsw": index}, embedding_function=None
        )
        kept = made.configuration.get("hnsw")  # none in the cloud, which has an index of its own
        if kept and kept["ef_search"] != searched:  # made by an earlier release: its links stay as they are
            with suppress(InternalError):  # locked, or not to be written: searched as it was until next time
                made.modify(configuration={"hnsw": {"ef_search": searched}})
        return made


def _let_go(client: Any) -> None:
    """Chroma's parts name one another: all of a client, its threads, its open files and its vectors in memory, would
    stay until Python looks for circles, which a large process hardly ever does. Cut the circle: they go with the last
    call that is under way."""
    client._server._system._instances.clear()


def _make_database(admin: Any, server: Server) -> None:
    """One database per shop: made when the first one comes, by whoever comes first."""
    try:
        admin.get_database(server.database, server.tenant)
    except NotFoundError:
        with suppress(UniqueConstraintError):
            admin.create_database(server.database, server.tenant)
