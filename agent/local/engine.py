"""One model in memory, one generation at a time; what two prompts in a row begin with is read once.

`Runtime` is what an engine needs of a library; `agent.local.llama` is the one of llama.cpp.
"""

import codecs
import hashlib
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from langchain_core.exceptions import ModelError

from agent.local.prompt import Piece

log = logging.getLogger(__name__)
KEPT = 3  # prefixes on disk
BATCH = 64  # tokens read between two looks at the clock: under half a second on two cores


class GenerationStopped(ModelError):
    """A generation ended before the model was done: its time was up, and would be again."""


class Runtime(Protocol):
    """A model's tokens and its memory of those it has read. Not safe to share: `Engine` sees to that."""

    context: int  # tokens that fit
    name: str  # of the model and of what else its memory depends on
    template: str
    bos: str
    eos: str

    def tokens(self, text: str, special: bool) -> list[int]:
        """Tokens of a text; `special`: marks like the end of a turn count as such, else they are letters."""

    def piece(self, token: int) -> bytes:
        """The bytes that a token stands for."""

    def ends(self, token: int) -> bool:
        """Whether a token ends the reply."""

    def keep(self, count: int) -> None:
        """Forget all but the first `count` tokens read."""

    def feed(self, tokens: Sequence[int]) -> None:
        """Read tokens after those read before."""

    def guide(self, grammar: str) -> Any:
        """A grammar made ready. Raises ValueError for one that is none."""

    def pick(self, guide: Any | None) -> int:
        """The likeliest next token that the grammar lets through; the grammar moves on by it."""

    def save(self, path: Path, tokens: Sequence[int]) -> None:
        """Write the memory of `tokens`, which are all that was read."""

    def load(self, path: Path) -> list[int]:
        """Take a written memory up; its tokens. Raises ValueError for a file that does not fit."""


@dataclass
class Usage:
    """Tokens of one generation; `cached` of the prompt's were known from before."""

    prompt: int = 0
    cached: int = 0
    written: int = 0


class Engine:
    """Generates with one Runtime. `folder`: where a prefix's memory is kept between processes."""

    def __init__(self, runtime: Runtime, folder: Path | None = None) -> None:
        self.runtime = runtime
        self.folder = folder
        self._read: list[int] = []
        self._lock = threading.Lock()

    def warm(self, prefix: Sequence[Piece]) -> None:
        """Read `prefix`, from disk where an earlier process wrote what it made of it."""
        with self._lock:
            tokens = self._tokens(prefix)
            if _shared(tokens, self._read) == len(tokens):
                return
            path = self._path(tokens)
            if path is not None and path.is_file():
                try:
                    self._read = self.runtime.load(path)
                    if self._read == tokens:
                        return
                except ValueError as error:
                    log.warning("%s cannot be used and is made anew: %s", path, error)
                self._forget()
            for _ in self._feed(tokens, self._known(tokens)):
                pass
            if path is not None:
                self._keep_only(path)

    def generate(
        self,
        prompt: Sequence[Piece],
        *,
        grammar: str | None = None,
        most: int = 200,
        seconds: float = 30.0,
        usage: Usage | None = None,
    ) -> Iterator[str]:
        """Pieces of the reply, until the model ends it or has written `most` tokens. Also an empty one for every BATCH
        of the prompt and for a token that completes no character: whoever closes the generator stops the model there.

        Raises GenerationStopped after `seconds`, waiting for another generation included."""
        until = time.monotonic() + seconds
        usage = usage if usage is not None else Usage()

        def check() -> None:
            if time.monotonic() > until:
                raise GenerationStopped

        with self._turn(until, check):
            tokens = self._tokens(prompt)
            usage.prompt = len(tokens)
            usage.cached = self._known(tokens)
            for _ in self._feed(tokens, usage.cached):
                check()
                yield ""
            guide = self.runtime.guide(grammar) if grammar else None
            decoder = codecs.getincrementaldecoder("utf-8")("ignore")
            room = min(most, self.runtime.context - len(tokens) - 1)
            while usage.written < room:
                check()
                token = self.runtime.pick(guide)
                if self.runtime.ends(token):
                    return
                usage.written += 1
                yield decoder.decode(self.runtime.piece(token))
                self.runtime.feed([token])
                self._read.append(token)

    def count(self, prompt: Sequence[Piece]) -> int:
        """Tokens of a prompt."""
        return len(self._tokens(prompt))

    def _tokens(self, prompt: Sequence[Piece]) -> list[int]:
        return [token for piece in prompt for token in self.runtime.tokens(piece.text, piece.trusted)]

    @contextmanager
    def _turn(self, until: float, check: Callable[[], None]) -> Iterator[None]:
        while not self._lock.acquire(timeout=min(0.1, max(0.0, until - time.monotonic()))):
            check()
        try:
            yield
        finally:
            self._lock.release()

    def _known(self, tokens: list[int]) -> int:
        """How many tokens of a prompt need not be read. The last one is always read again, for its prediction."""
        return min(_shared(tokens, self._read), max(len(tokens) - 1, 0))

    def _feed(self, tokens: list[int], known: int) -> Iterator[None]:
        """Read `tokens` as the whole prompt, a BATCH a step; `known` of them are in memory."""
        self.runtime.keep(known)
        self._read = self._read[:known]
        for at in range(known, len(tokens), BATCH):
            batch = tokens[at : at + BATCH]
            self.runtime.feed(batch)
            self._read += batch
            yield

    def _forget(self) -> None:
        self.runtime.keep(0)
        self._read = []

    def _path(self, tokens: Sequence[int]) -> Path | None:
        if self.folder is None:
            return None
        key = hashlib.sha256(f"{self.runtime.name}|{list(tokens)}".encode()).hexdigest()[:16]
        return self.folder / f"prefix-{key}.kv"

    def _keep_only(self, path: Path) -> None:
        """Write the prefix, and keep of other models and prompts only the newest: each is tens of megabytes."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            writing = path.with_suffix(".new")
            self.runtime.save(writing, self._read)
            writing.replace(path)
            newest = sorted(path.parent.glob("prefix-*.kv"), key=lambda p: p.stat().st_mtime, reverse=True)
            for old in newest[KEPT:]:
                old.unlink(missing_ok=True)
        except OSError as error:
            log.warning("the prompt's prefix is not kept: %s", error)


def _shared(a: Sequence[int], b: Sequence[int]) -> int:
    """Length of the common beginning."""
    count = 0
    for x, y in zip(a, b, strict=False):
        if x != y:
            break
        count += 1
    return count
