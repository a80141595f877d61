"""The product store: records, filter fields and vectors in Chroma.

Three collections share their ids: `text` holds the record (JSON document), the filter fields (metadata) and the text
vector; `image` the first picture in the photo space; `shared` the same picture in the text space. A product exists
when it is in `text`, which is written last and deleted first: a kill in between leaves orphan vectors, never a
product without them.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from store.chroma import Behind, Collections, Server, Unfit
from store.conditions import fields
from store.errors import StoreCorrupt
from store.types import Product

CACHE = 20_000  # parsed records kept
VECTORS = 20_000  # vectors kept, 2 to 5 kB each
FEW = 6000  # as many are compared one by one: an index that may name only a few goes through nearly all of it
SPACES = ("text", "image", "shared")
REVISION = "revision"


@dataclass
class Entry:
    """A product ready to be stored. `image` and `shared`: the picture's vectors, None where there is none or, with
    `picture_kept`, where the stored ones stay. The hashes tell what the vectors and the record were made from."""

    product: Product
    text: np.ndarray
    image: np.ndarray | None
    shared: np.ndarray | None
    hashes: "Hashes"
    picture_kept: bool = False


class Hashes(NamedTuple):
    """Of the embedded text, of the first picture's bytes, of the whole record."""

    text: str = ""
    image: str = ""
    record: str = ""


class Products:
    """Records and vectors under the same ids. Safe to use from several threads."""

    def __init__(self, where: Path | Server) -> None:
        """Open or create the store in a folder or on a server. Raises StoreCorrupt for a folder that holds something
        else, StoreAway for a server that does not answer."""
        self._collections = Collections(where, SPACES)
        self._cache: OrderedDict[str, Product] = OrderedDict()
        self._vectors: OrderedDict[tuple[str, str], np.ndarray] = OrderedDict()
        self._having: dict[str, frozenset[str]] = {}
        self._lock = threading.RLock()

    def reopen(self) -> None:
        """Read the store again: another process has written."""
        with self._lock:
            self._collections.reopen()
            self.forget()

    def close(self) -> None:
        """Let go of the files, with this object."""
        self._collections.close()

    # ---- records

    def ids(self) -> list[str]:
        """Every product id, in the store's order."""
        return self._collections.every_id("text")

    def count(self) -> int:
        return int(self._collections.ask("text", "count"))

    def get_many(self, ids: Sequence[str]) -> dict[str, Product]:
        """The records of those `ids` that exist. The objects are shared: do not change them."""
        with self._lock:
            found = {i: self._cache[i] for i in ids if i in self._cache}
            missing = [i for i in dict.fromkeys(ids) if i not in found]
        for part in self._batches(missing):
            got = self._collections.ask("text", "get", ids=part, include=["documents"])
            for product_id, document in zip(got["ids"], got["documents"], strict=True):
                found[product_id] = Product.model_validate_json(document)
        with self._lock:
            for i in missing:
                if i in found:
                    self._cache[i] = found[i]
            while len(self._cache) > CACHE:
                self._cache.popitem(last=False)
        return found

    def hashes(self, ids: Sequence[str]) -> dict[str, Hashes]:
        """What the stored vectors and records were made from, for those `ids` that exist."""
        out: dict[str, Hashes] = {}
        for part in self._batches(ids):
            got = self._collections.ask("text", "get", ids=part, include=["metadatas"])
            for product_id, meta in zip(got["ids"], got["metadatas"], strict=True):
                out[product_id] = Hashes(*(str(meta.get(f"{name}_hash", "")) for name in Hashes._fields))
        return out

    def fingerprints(self) -> dict[str, str]:
        """`Product.fingerprint` of every record, by id."""
        return {
            product_id: str(meta.get("record_hash", ""))
            for page in self._collections.pages("text", ["metadatas"])
            for product_id, meta in zip(page["ids"], page["metadatas"], strict=True)
        }

    # ---- what all who use the same store must agree on

    @property
    def revision(self) -> int:
        """Grows with every write to the store, of whoever it was."""
        return int(self.note(REVISION) or 0)

    def written(self) -> None:
        """Let the others know that something was written."""
        self.keep(REVISION, str(self.revision + 1))

    def note(self, key: str) -> str | None:
        """Something kept in the store, see `keep`."""
        return self._collections.note("text", key)

    def keep(self, key: str, value: str) -> None:
        """Keep a note of at most 256 bytes in the store."""
        self._collections.keep("text", key, value)

    # ---- records by their fields

    def matching(self, where: Mapping[str, Any]) -> list[str]:
        """Ids of the products whose filter fields meet `where` (Chroma's filter language)."""
        return self._collections.every_id("text", dict(where))

    # ---- vectors

    def vectors(self, space: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """The stored vectors of those `ids` that have one in `space`."""
        out: dict[str, np.ndarray] = {}
        for part in self._batches(ids):
            got = self._collections.ask(space, "get", ids=part, include=["embeddings"])
            for product_id, vector in zip(got["ids"], got["embeddings"], strict=True):
                out[product_id] = np.asarray(vector, dtype=np.float32)
        return out

    def nearest(
        self, space: str, vector: Sequence[float] | np.ndarray, k: int, among: Sequence[str] | None = None
    ) -> dict[str, float]:
        """The `k` nearest products in `space`, as id → cosine similarity, nearest first.

        `among` restricts the search to those ids. A vector of another size than the space finds nothing.
        """
        query = np.asarray(vector, dtype=np.float32)
        k = min(k, self._collections.most or k)
        for attempt in (1, 2):
            restriction: dict[str, Any] = {}
            if among is not None:
                # Chroma fails on an id that the collection does not have: a product without a picture
                present = self.having(space)
                restriction["ids"] = [i for i in among if i in present]
                k = min(k, len(restriction["ids"]))
                if len(restriction["ids"]) <= FEW and self._collections.local:
                    return self._nearest_of(space, query, k, restriction["ids"])
            if k <= 0:
                return {}
            try:
                got = self._collections.ask(
                    space,
                    "query",
                    query_embeddings=[query],
                    n_results=k,
                    include=["distances"],
                    **restriction,
                )
            except Unfit:
                return {}
            except Behind:
                if attempt == 2:
                    raise
                self.forget()  # another process is writing: what we know of the collections is old
            else:
                return {i: 1.0 - float(d) for i, d in zip(got["ids"][0], got["distances"][0], strict=True)}
        return {}

    def _nearest_of(self, space: str, query: np.ndarray, k: int, ids: Sequence[str]) -> dict[str, float]:
        """The `k` nearest of a few: exact, from vectors that are kept."""
        rows = self._remembered(space, ids)
        if not rows or len(query) != len(next(iter(rows.values()))):
            return {}
        names, cosines = list(rows), np.stack(list(rows.values())) @ _unit(query)
        return {names[i]: float(cosines[i]) for i in np.argsort(-cosines, kind="stable")[:k]}

    def _remembered(self, space: str, ids: Sequence[str]) -> dict[str, np.ndarray]:
        """As `vectors`, in the order asked for and of length 1; what was read is kept until the shop changes."""
        with self._lock:
            kept = {i: self._vectors[space, i] for i in ids if (space, i) in self._vectors}
        read = {i: _unit(v) for i, v in self.vectors(space, [i for i in ids if i not in kept]).items()}
        with self._lock:
            for i, vector in read.items():
                self._vectors[space, i] = vector
            while len(self._vectors) > VECTORS:
                self._vectors.popitem(last=False)
        return {i: kept[i] if i in kept else read[i] for i in ids if i in kept or i in read}

    def having(self, space: str) -> frozenset[str]:
        """Which products have a vector in `space`."""
        with self._lock:
            if space not in self._having:
                self._having[space] = frozenset(self._collections.every_id(space))
            return self._having[space]

    # ---- writing

    def put(self, entries: Sequence[Entry]) -> None:
        """Insert or replace. Vectors first, records last."""
        for part in self._batches(entries):
            for space in ("image", "shared"):
                have = [(e.product.id, getattr(e, space)) for e in part if getattr(e, space) is not None]
                lack = [e.product.id for e in part if getattr(e, space) is None and not e.picture_kept]
                if have:
                    self._write(space, ids=[i for i, _ in have], embeddings=[v for _, v in have])
                if lack:
                    self._collections.ask(space, "delete", ids=lack)
            self._write(
                "text",
                ids=[e.product.id for e in part],
                embeddings=[e.text for e in part],
                documents=[e.product.model_dump_json(exclude_computed_fields=True) for e in part],
                metadatas=[
                    {**fields(e.product), **{f"{name}_hash": h for name, h in e.hashes._asdict().items()}}
                    for e in part
                ],
            )
            with self._lock:
                self._having.clear()
                for e in part:
                    self._drop(e.product.id)

    def _write(self, space: str, **columns: Any) -> None:
        try:
            self._collections.ask(space, "upsert", **columns)
        except Unfit as e:
            raise StoreCorrupt(f"the {space} vectors of this shop were made by another model: {e}") from e

    def drop_pictures(self) -> None:
        """Forget every picture's vectors: those of another model, of another size perhaps. The records stay."""
        with self._lock:
            for space in ("image", "shared"):
                self._collections.recreate(space)
            self._having.clear()
            self._vectors.clear()

    def delete(self, ids: Sequence[str]) -> None:
        """Remove; unknown ids are ignored."""
        for part in self._batches(ids):
            for space in SPACES:
                self._collections.ask(space, "delete", ids=part)
            with self._lock:
                self._having.clear()
                for i in part:
                    self._drop(i)

    def clear(self) -> None:
        """Forget everything, the size of the vectors included."""
        for name in SPACES:
            self._collections.recreate(name)
        self.forget()

    def forget(self) -> None:
        """Drop what is remembered: somebody else has written."""
        with self._lock:
            self._cache.clear()
            self._vectors.clear()
            self._having.clear()

    def _drop(self, product_id: str) -> None:
        """Forget one product; the lock is held."""
        self._cache.pop(product_id, None)
        for space in SPACES:
            self._vectors.pop((space, product_id), None)

    def drop_orphans(self) -> int:
        """Remove vectors that no record belongs to (left by a kill). Returns how many."""
        known, gone = set(self.ids()), 0
        for space in ("image", "shared"):
            orphans = [i for i in self._collections.every_id(space) if i not in known]
            for part in self._batches(orphans):
                self._collections.ask(space, "delete", ids=part)
            gone += len(orphans)
        return gone

    def _batches(self, items: Sequence[Any]) -> Iterator[list[Any]]:
        for start in range(0, len(items), self._collections.batch):
            yield list(items[start : start + self._collections.batch])


def _unit(vector: np.ndarray) -> np.ndarray:
    """Of length 1; zeros stay zeros."""
    return vector / max(float(np.linalg.norm(vector)), 1e-12)
