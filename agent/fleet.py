"""Looking at the pictures of a large feed on many cores or machines, with Ray Data, before they are imported.

Each worker opens eyes of its own by the same settings and leaves what it saw of every picture, under the key that our
eyes know it by, on a shelf: a file that lies beside the shop until the import is over. Our eyes look there before they
look for themselves, so that an import comes to the same, whoever looked. Extra `ray`.
"""

import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from agent.errors import BadEngine
from perception.packed import packed, unpacked

if TYPE_CHECKING:
    from agent.settings import Settings
    from perception.sight import Sight

TOGETHER = 8  # pictures that a worker is given at a time
ANSWERS = 256  # sights brought back at a time
MEMORY = 256 * 2**20  # bytes that a Ray of our own may keep objects in: paths and sights, never pictures


class Shelf:
    """What was seen, by the key of the picture, in a file that nobody else writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        os.close(
            os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        )  # for nobody else to read or write
        self._db = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA synchronous=OFF")  # of no use to anybody after a kill
        self._db.execute("CREATE TABLE sights (key TEXT PRIMARY KEY, sight BLOB)")

    def put(self, rows: Sequence[tuple[str, bytes]]) -> None:
        """Keep packed sights."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR REPLACE INTO sights VALUES (?, ?)", rows)
        self._db.execute("COMMIT")

    def get(self, key: str) -> "Sight | None":
        """What was seen of a picture, None where nobody has looked."""
        row = self._db.execute("SELECT sight FROM sights WHERE key = ?", (key,)).fetchone()
        return unpacked(row[0]) if row else None

    def close(self) -> None:
        """Let the file go."""
        if db := getattr(self, "_db", None):
            db.close()
        with suppress(FileNotFoundError):
            self._path.unlink()


class Worker:
    """A Ray actor: eyes, opened once. A batch of paths in, a batch of keys and packed sights out."""

    def __init__(self, settings: "Settings") -> None:
        from agent.sight import opened

        self._eyes = opened(settings)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        from store.gallery import shown

        out: dict[str, list[Any]] = {"key": [], "sight": []}
        for path in batch["path"]:
            try:
                picture = shown(Path(path).read_bytes())
            except OSError:
                picture = None
            if picture is None:
                continue  # told by who writes the product
            key, sight = self._eyes.sight_of(picture)
            out["key"].append(key)
            out["sight"].append(packed(sight))
        return out


class Fleet:
    """A Ray cluster that looks at pictures, as a context: `look_ahead` puts on `shelf` what it sees.

    Raises BadEngine without Ray, or where the cluster cannot be reached.
    """

    def __init__(
        self, settings: "Settings", folder: Path, workers: int, told: Callable[[int, int], None] | None = None
    ) -> None:
        """`folder`: of the shop; `workers`: how many eyes; `told(done, of)` is called as it goes."""
        self._settings, self._workers, self._told = settings, workers, told
        self._path = folder / "import.sights.sqlite"

    def __enter__(self) -> "Fleet":
        try:
            import ray
            import ray.data
        except ImportError as error:
            raise BadEngine(reason="pip install 'daogou[ray]'") from error
        try:
            if self._settings.ray:
                ray.init(address=self._settings.ray, log_to_driver=False, logging_level=logging.ERROR)
            else:
                ray.init(
                    num_cpus=self._workers,
                    object_store_memory=MEMORY,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    _node_ip_address="127.0.0.1",  # nobody else is to reach it
                )
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise BadEngine(reason=" ".join(str(error).split())[:300]) from error
        context = ray.data.DataContext.get_current()
        context.enable_progress_bars = False  # ours tells more
        for name in ("ray.data", "ray.data._internal"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self.shelf = Shelf(self._path)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import ray

        self.shelf.close()
        ray.shutdown()

    def look_ahead(self, pictures: Sequence[Path]) -> None:
        """Look at these files; what was on the shelf before goes. Unreadable ones are passed over."""
        import ray

        self.shelf.clear()
        if not pictures:
            return
        blocks = min(len(pictures), max(self._workers, len(pictures) // ANSWERS))
        rows = ray.data.from_items([{"path": str(path)} for path in pictures], override_num_blocks=blocks)
        seen = rows.map_batches(
            Worker,
            fn_constructor_args=(self._settings,),
            batch_size=TOGETHER,
            compute=ray.data.ActorPoolStrategy(size=self._workers),
            num_cpus=1,
        )
        done = 0
        try:
            for batch in seen.iter_batches(batch_size=ANSWERS):
                self.shelf.put(list(zip(map(str, batch["key"]), map(bytes, batch["sight"]), strict=True)))
                done += len(batch["key"])
                if self._told:
                    self._told(done, len(pictures))
        except ray.exceptions.RayError as error:
            raise BadEngine(reason=" ".join(str(error).split())[:300]) from error
