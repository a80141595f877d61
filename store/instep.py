"""The index of words of one machine, kept in step with the product store: after a kill, and with what others write."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from filelock import FileLock, Timeout

from store.lexical import Lexicon
from store.products import Products

IMPORT_LOCK = "import.lock"  # held by who fills the shop from feeds
LOOK_S = 1.0  # how often a server is asked whether another machine has written
AT_ONCE = 500  # records indexed at a time


class InStep:
    """Makes the words of a shop agree with its records. `shared`: the records lie on a server that others write to."""

    def __init__(self, products: Products, lexicon: Lexicon, data_dir: Path, shared: bool) -> None:
        self._products, self._lexicon, self._data_dir, self._shared = products, lexicon, data_dir, shared
        self._look_again = 0.0
        self._elsewhere = 0

    def open(self) -> None:
        """After a kill, when the index was lost, when another machine wrote."""
        if self._shared:
            self.follow()
        elif self._apart():
            with unfilled(self._data_dir) as ours:
                if ours:  # on a server an orphan may be what another machine has just begun to write
                    self._products.drop_orphans()
                    self.follow()

    def mend(self, alone: bool = False) -> bool:
        """Before something is written: index what an earlier write that broke off has left out. Not while somebody
        else fills the shop, unless that is the caller (`alone`): then what looks left over is just being written.
        Returns whether words and records agree."""
        if self._lexicon.writing:
            with nullcontext(True) if alone else unfilled(self._data_dir) as ours:
                if ours:
                    self.follow()
        return not self._lexicon.writing

    def revision(self, at_once: bool) -> tuple[int, int]:
        """The revisions of words and products. A server is asked once a second, less often where following it takes
        long."""
        if self._shared and (at_once or time.monotonic() >= self._look_again):
            self._elsewhere = self._products.revision
            self._look_again = time.monotonic() + LOOK_S
        return self._lexicon.revision, self._elsewhere

    def follow(self) -> None:
        """Index what is not indexed as it is in the product store."""
        began = time.monotonic()
        stored, known = self._products.fingerprints(), self._lexicon.fingerprints()
        changed = [i for i, mark in stored.items() if known.get(i) != mark]
        gone = known.keys() - stored.keys()
        if changed or gone or self._lexicon.writing:
            self._lexicon.begin()
            self._lexicon.delete(gone)
            for start in range(0, len(changed), AT_ONCE):
                self._lexicon.put(self._products.get_many(changed[start : start + AT_ONCE]).values())
            self._lexicon.finish()
        self._look_again = time.monotonic() + max(LOOK_S, 10 * (time.monotonic() - began))

    def _apart(self) -> bool:
        return self._lexicon.writing or set(self._products.ids()) != self._lexicon.fingerprints().keys()


@contextmanager
def unfilled(data_dir: Path) -> Iterator[bool]:
    """Whether nobody holds the lock of the imports into this folder; nobody gets it meanwhile, if so: the first vectors
    that an import writes look like what a kill has left."""
    lock = FileLock(data_dir / IMPORT_LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    except (OSError, NotImplementedError):  # a folder that cannot be written is filled by nobody
        yield True
        return
    try:
        yield True
    finally:
        lock.release()
