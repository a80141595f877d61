"""A space of photos and titles that was tuned on this shop, beside the product store: `tuned/` in the data folder.

    details.sqlite            what perception left of each picture, by the hash of the picture: a look is never repeated
    <id>/weights.safetensors  what was learned      <id>/figures.json  how well it does
    <id>/vectors.sqlite       each product's picture in the tuned space
    current                   the id in force; no such file: none is

A tuning comes into force, and goes, with the one file `current`: who is killed before leaves a folder that the next one
clears away. Every process looks at that file at each search. Who makes one holds `tune.lock`.
"""

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from filelock import FileLock, Timeout

from store.calibrate import Range, spread, typical
from store.database import Database
from store.errors import NotKept, TuningRunning

Array = np.ndarray
CURRENT, WEIGHTS, FIGURES, VECTORS = "current", "weights.safetensors", "figures.json", "vectors.sqlite"
LOCK = "tune.lock"
AT_ONCE = 500  # rows written in one transaction, and asked for in one question
SECOND = 50  # candidates that get a second look
_DETAILS = "CREATE TABLE IF NOT EXISTS details (picture TEXT PRIMARY KEY, row BLOB NOT NULL)"
_VECTORS = (
    "CREATE TABLE IF NOT EXISTS vectors (id TEXT PRIMARY KEY, picture TEXT NOT NULL, vector BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS changes (n INTEGER PRIMARY KEY)"
)


class Space(Protocol):
    """What was learned (perception/joint.py); the store knows no model."""

    @property
    def reranks(self) -> bool: ...

    def photos(self, details: Array, shared: Array) -> Array:
        """(n, d): pictures, from their details and their untuned vectors."""
        ...

    def texts(self, texts: Sequence[str]) -> Array:
        """(n, d): sentences."""
        ...

    def second_look(self, text: str, cosines: Array, details: Array) -> Array:
        """(n,): the cosines of a sentence with n pictures, corrected."""
        ...


@dataclass(frozen=True)
class Picture:
    """A product's first picture: the hash of it, its details, and its untuned vector in the space of sentences."""

    id: str
    hash: str
    details: Array
    shared: Array


@dataclass(frozen=True)
class Ranges:
    """What a cosine in the tuned space means: see store.calibrate.Calibration."""

    tuned: Range
    shared: Range


class Details:
    """What perception left of pictures, by their hashes. Safe from several threads and processes."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._db = Database(folder / "details.sqlite", _DETAILS)

    def of(self, hashes: Iterable[str]) -> dict[str, Array]:
        """Those that are known, float16."""
        asked, found = list(dict.fromkeys(hashes)), {}
        for start in range(0, len(asked), AT_ONCE):
            part = asked[start : start + AT_ONCE]
            marks = ", ".join("?" * len(part))
            for name, row in self._db.read(
                f"SELECT picture, row FROM details WHERE picture IN ({marks})", part
            ):
                found[str(name)] = np.frombuffer(row, np.float16)
        return found

    def put(self, rows: Mapping[str, Array]) -> None:
        """Raises NotKept."""
        made = [(name, np.asarray(row, np.float16).tobytes()) for name, row in rows.items()]
        if made:
            self._db.change(lambda db: db.executemany("INSERT OR REPLACE INTO details VALUES (?, ?)", made))

    def close(self) -> None:
        self._db.close()


@dataclass
class Tuning:
    """One that is in force. Safe from several threads; what another process writes is seen at the next search."""

    id: str
    folder: Path
    space: Space
    ranges: Ranges
    details: Details
    _db: Database = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _change: int = -1
    _ids: list[str] = field(default_factory=list)
    _places: dict[str, int] = field(default_factory=dict)
    _pictures: list[str] = field(default_factory=list)
    _rows: Array = field(default_factory=lambda: np.zeros((0, 0), np.float32))

    def __post_init__(self) -> None:
        self._db = Database(self.folder / VECTORS, _VECTORS)

    def nearest(self, vector: Array, k: int, among: Sequence[str] | None = None) -> dict[str, float]:
        """The k nearest products, as id → cosine, nearest first: exact, of all or of those."""
        ids, places, _, rows = self._read()
        if not ids:
            return {}
        chosen = None if among is None else [places[i] for i in among if i in places]
        cosines = (rows if chosen is None else rows[chosen]) @ np.asarray(vector, np.float32)
        best = np.argpartition(-cosines, k)[:k] if k < len(cosines) else np.arange(len(cosines))
        top = best[np.argsort(-cosines[best], kind="stable")]
        return {ids[p if chosen is None else chosen[p]]: float(cosines[p]) for p in top}

    def ids(self) -> frozenset[str]:
        """The products that have a vector."""
        return frozenset(self._read()[1])

    def vectors(self, ids: Iterable[str]) -> dict[str, Array]:
        """Of those that have one."""
        _, places, _, rows = self._read()
        return {i: rows[places[i]] for i in ids if i in places}

    def looked_again(self, text: str, cosines: Mapping[str, float]) -> dict[str, float]:
        """The cosines of a text, those of the best SECOND corrected by a second look at the pictures' parts."""
        _, places, pictures, _ = self._read()
        best = sorted((i for i in cosines if i in places), key=lambda i: -cosines[i])[:SECOND]
        rows = self.details.of(pictures[places[i]] for i in best) if self.space.reranks else {}
        best = [i for i in best if pictures[places[i]] in rows]
        if not best:
            return dict(cosines)
        seen = np.stack([rows[pictures[places[i]]] for i in best])
        again = self.space.second_look(text, np.array([cosines[i] for i in best]), seen)
        return {**cosines, **{i: float(c) for i, c in zip(best, again, strict=True)}}

    def catch_up(self, pictures: Sequence[Picture]) -> None:
        """Take in those of the pictures that came, or changed, unnoticed. Raises NotKept."""
        _, places, hashes, _ = self._read()
        self.put([p for p in pictures if p.id not in places or hashes[places[p.id]] != p.hash])

    def put(self, pictures: Sequence[Picture]) -> None:
        """Insert or replace. Raises NotKept."""
        self.details.put({p.hash: p.details for p in pictures})
        write_vectors(self._db, self.space, pictures)

    def delete(self, ids: Sequence[str]) -> None:
        """Unknown ids are ignored."""

        def work(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM vectors WHERE id = ?", [(i,) for i in ids])
            db.execute("INSERT INTO changes DEFAULT VALUES")

        if ids:
            self._db.change(work)

    def close(self) -> None:
        """Let go of the files."""
        self._db.close()
        self.details.close()

    def _read(self) -> tuple[list[str], dict[str, int], list[str], Array]:
        """All rows, read again when they have changed."""
        with self._lock:
            change = int(self._db.read("SELECT COALESCE(MAX(n), 0) FROM changes")[0][0])
            if change != self._change:
                found = self._db.read("SELECT id, picture, vector FROM vectors ORDER BY id")
                self._ids = [str(i) for i, _, _ in found]
                self._places = {i: place for place, i in enumerate(self._ids)}
                self._pictures = [str(p) for _, p, _ in found]
                rows = [np.frombuffer(v, np.float16).astype(np.float32) for _, _, v in found]
                self._rows = np.stack(rows) if rows else np.zeros((0, 0), np.float32)
                self._change = change
            return self._ids, self._places, self._pictures, self._rows


class Tunings:
    """The tunings of one shop. `load` reads a weights file and raises `unfit` for one that cannot be used now."""

    def __init__(
        self,
        data_dir: Path,
        load: Callable[[Path], Space],
        unfit: type[Exception] = OSError,
        failed: Callable[[str], None] = lambda reason: None,
    ) -> None:
        self.folder = data_dir / "tuned"
        self._load, self._unfit, self._failed = load, unfit, failed
        self._lock = threading.RLock()
        self._known: tuple[int, int] | None = None  # of the file `current` when it was read
        self._now: Tuning | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While nobody else makes a tuning of this shop. Raises TuningRunning where somebody does, NotKept where the
        folder cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder.parent / LOCK, thread_local=False)
            lock.acquire(timeout=0)
        except Timeout as error:
            raise TuningRunning from error
        except (OSError, NotImplementedError) as error:
            raise NotKept(f"{self.folder}: {error}") from error
        try:
            yield
        finally:
            lock.release()

    @property
    def id(self) -> str | None:
        """The one that was put in force, whether it can be used or not."""
        with suppress(OSError):
            return (self.folder / CURRENT).read_text(encoding="utf-8").strip() or None
        return None

    def now(self) -> Tuning | None:
        """The tuning in force; None where there is none, or where it cannot be used with these models."""
        try:
            found = (self.folder / CURRENT).stat()
            mark = (found.st_mtime_ns, found.st_ino)
        except OSError:
            mark = None
        with self._lock:
            if mark != self._known:
                self._now = self._opened() if mark else None  # the last one stays open for who searches in it
                self._known = mark
            return self._now

    def figures(self) -> dict[str, Any]:
        """What was measured of the one in force; empty where there is none."""
        if self.id is None:
            return {}
        with suppress(OSError, ValueError):
            found: dict[str, Any] = json.loads((self.folder / self.id / FIGURES).read_text(encoding="utf-8"))
            return found
        return {}

    def keep(
        self,
        id: str,
        write: Callable[[Path], None],
        figures: Mapping[str, Any],
        pictures: Iterable[Sequence[Picture]],
        texts: Sequence[str],
        nonsense: Sequence[str],
    ) -> None:
        """Put a new tuning in force, as a whole or not at all: `write(path)` writes its weights, `pictures` are all the
        shop's, in parts. `texts`: a title of some of them, in their order, to learn what near means; `nonsense`:
        sentences about anything else. Raises NotKept."""
        folder = self.folder / id
        try:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            write(folder / WEIGHTS)
            space = self._load(folder / WEIGHTS)
            db = Database(folder / VECTORS, _VECTORS)
            with closing(db):
                first: list[Array] = []
                for part in pictures:
                    rows = write_vectors(db, space, part)
                    first += list(rows[: max(0, len(texts) - len(first))])
            ranges = measured(space, np.stack(first), texts, nonsense)
            kept = {**figures, "ranges": {"tuned": ranges.tuned, "shared": ranges.shared}}
            _write(folder / FIGURES, json.dumps(kept, ensure_ascii=False, indent=1))
            _write(self.folder / CURRENT, id)
        except (OSError, NotKept) as error:  # a full disk wants its room back
            shutil.rmtree(folder, ignore_errors=True)
            raise NotKept(f"{folder}: {error}") from error
        self.tidy()

    def back(self) -> bool:
        """Go back to the untuned search; False where nothing was in force. Raises NotKept where the folder cannot be
        written."""
        there = self.id is not None
        try:
            (self.folder / CURRENT).unlink(missing_ok=True)
        except OSError as error:
            raise NotKept(f"{self.folder}: {error}") from error
        self.now()
        with suppress(TuningRunning, NotKept), self.alone() if there else nullcontext():
            self.tidy()  # not the folder that somebody is filling just now
        return there

    def tidy(self) -> None:
        """Clear away what is not in force: of old tunings, and of one that was killed."""
        for folder in self.folder.iterdir() if self.folder.is_dir() else ():
            if folder.is_dir() and folder.name != self.id:
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            if self._now:
                self._now.close()
            self._now, self._known = None, None

    def _opened(self) -> Tuning | None:
        name = self.id
        if name is None:
            return None
        try:
            ranges = self.figures()["ranges"]
            space = self._load(self.folder / name / WEIGHTS)
            near = Ranges(tuple(ranges["tuned"]), tuple(ranges["shared"]))
        except (self._unfit, OSError, KeyError, TypeError) as error:
            self._failed(f"the tuning {name} is not used: {error}")
            return None
        return Tuning(name, self.folder / name, space, near, Details(self.folder))


def write_vectors(db: Database, space: Space, pictures: Sequence[Picture]) -> Array:
    """Project and write; the rows as they will be read again. Raises NotKept."""
    if not pictures:
        return np.zeros((0, 0), np.float32)
    made = space.photos(np.stack([p.details for p in pictures]), np.stack([p.shared for p in pictures]))
    halves = made.astype(np.float16)
    rows = [(p.id, p.hash, row.tobytes()) for p, row in zip(pictures, halves, strict=True)]

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
        connection.execute("INSERT INTO changes DEFAULT VALUES")

    db.change(work)
    return halves.astype(np.float32)


def measured(space: Space, rows: Array, texts: Sequence[str], nonsense: Sequence[str]) -> Ranges:
    """The ranges of a tuned space, as store.calibrate measures those of the others."""
    own = space.texts(list(texts))
    tops = (space.texts(list(nonsense)) @ rows.T).max(1)
    met = [float(text @ row) for text, row in zip(own, rows, strict=False)]
    return Ranges(spread(float(np.mean(tops)), float(np.mean(met))), spread(typical(list(rows)), 0.97))


def _write(path: Path, text: str) -> None:
    """The whole file at once, or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
