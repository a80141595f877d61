"""A feed's bytes as text: which encoding they are in, and lines of a bounded length however long they are.

What cannot be decoded becomes `BAD` in the text, so that the row it stands in can be refused and the others kept.
"""

import codecs
import gzip
import io
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from store.errors import FeedError

BAD = "\ufdd0"  # a code point that stands for no character, in no text
BOM = "\ufeff"
LONGEST = 2_000_000  # characters of a line that are kept; what is longer is no product
HEAD = 1 << 16  # bytes that formats and delimiters are told from
SCANNED = 64 << 20  # bytes looked through for the first ones that are not ASCII
ENOUGH = 1 << 16  # bytes around those, from which the encoding is told
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_GBK = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]|[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]")
_HIGH = re.compile(rb"[\x80-\xff]+")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{2,40})")
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9._-]{2,40})", re.IGNORECASE)


def _mark(error: UnicodeError) -> tuple[str, int]:
    if isinstance(error, UnicodeDecodeError):
        return BAD, error.end
    raise error


codecs.register_error("daogou.mark", _mark)


class Source:
    """One file of a feed, also gzipped. `encoding` is detected where it is not given.

    Raises FeedError for a file that cannot be opened, and for an encoding that nobody knows.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self._raw: IO[bytes] | None = None
        try:
            if encoding is not None:
                codecs.lookup(encoding)
            self.size = path.stat().st_size
            with self._opened() as file:
                self.encoding = encoding or detect(file)
        except (OSError, EOFError) as error:
            raise FeedError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
        except LookupError as error:
            raise FeedError(f"there is no encoding {encoding!r}") from error

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with self.path.open("rb") as raw:
            self._raw = raw
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            if zipped:
                with gzip.open(raw, "rb") as unpacked:
                    yield unpacked  # type: ignore[misc]
            else:
                yield raw

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """The file as text, line ends made "\\n"."""
        try:
            with self._opened() as raw:
                wrapped = io.TextIOWrapper(raw, encoding=self.encoding, errors="daogou.mark", newline=None)
                yield wrapped
        except (OSError, EOFError, struct.error) as error:  # EOFError: a gzip file that was cut off
            raise FeedError(f"{self.path} cannot be read to its end: {error}") from error

    def head(self) -> str:
        """The beginning, to tell the format from."""
        found = ""
        with self._opened() as raw, suppress(EOFError, OSError):
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors="daogou.mark", newline=None)
            while len(found) < HEAD and (more := text.read(4096)):
                found += more
        return found

    @property
    def done(self) -> int:
        """Bytes of `size` that were read."""
        try:
            return self._raw.tell() if self._raw and not self._raw.closed else self.size
        except (OSError, ValueError):
            return self.size

    def lines(self) -> Iterator[tuple[int, str | None]]:
        """(number from 1, line without its end) of each line; None for one that is longer than `LONGEST`."""
        with self.text() as text:
            number = 0
            while line := text.readline(LONGEST + 1):
                number += 1
                if line.startswith(BOM):  # files that were put one behind the other
                    line = line.lstrip(BOM)
                if line.endswith("\n"):
                    yield number, line[:-1]
                elif len(line) <= LONGEST:
                    yield number, line
                else:
                    yield number, None
                    while (rest := text.readline(1 << 20)) and not rest.endswith("\n"):
                        pass


def detect(file: IO[bytes] | Any) -> str:
    """The name of the encoding of the text in `file`, told by its mark, its declaration or its bytes: UTF-8, UTF-16,
    GB18030 (and with it GBK), else Windows-1252 (and with it Latin-1)."""
    head = file.read(4096)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if (found := _without_mark(head)) is not None:
        return found
    sample, at = bytearray(), len(head)
    piece = head
    while piece and len(sample) < ENOUGH and at < SCANNED:
        for run in _HIGH.finditer(piece):
            sample += piece[max(0, run.start() - 1) : run.end() + 2] + b"\n"
            if len(sample) >= ENOUGH:
                break
        piece = _some(file)
        at += len(piece)
    if not sample:
        return "utf-8"
    high = sum(len(run) for run in _HIGH.findall(bytes(sample)))
    as_utf8, as_gbk = _covered(_UTF8, sample), _covered(_GBK, sample)
    if as_utf8 == high or (as_utf8 >= 0.6 * high and as_utf8 >= as_gbk):  # else some of its rows are damaged
        return "utf-8"
    for pattern in (_DECLARED, _CHARSET):
        declared = pattern.search(head)
        usable = _usable(declared.group(1).decode(), bytes(sample)) if declared else None
        if usable:
            return usable
    return "gb18030" if as_gbk >= 0.8 * high else "cp1252"


def _some(file: IO[bytes] | Any) -> bytes:
    """What comes next; nothing behind the place where a zipped file was cut off."""
    try:
        return bytes(file.read(1 << 20))
    except EOFError:
        return b""


def _without_mark(head: bytes) -> str | None:
    """UTF-16 shows by every second byte of its ASCII being zero."""
    part = head[: len(head) // 2 * 2]
    if len(part) < 4 or b"\0" not in part:
        return None
    low, high = part[0::2].count(0), part[1::2].count(0)
    if max(low, high) < 0.2 * (len(part) / 2):
        return None
    return "utf-16-le" if high > low else "utf-16-be"


def _covered(pattern: re.Pattern[bytes], sample: bytearray) -> int:
    """How many of the high bytes are part of characters as `pattern` has them."""
    return sum(sum(byte >= 0x80 for byte in found) for found in pattern.findall(bytes(sample)))


def _usable(name: str, sample: bytes) -> str | None:
    """The declared encoding, where there is one of that name and the bytes fit it."""
    try:
        codec = codecs.lookup(name).name
        _ = sample.decode(codec, "strict")
    except (LookupError, UnicodeDecodeError, ValueError):
        return None
    return {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252"}.get(codec, codec)


def page_text(path: Path, most: int) -> str:
    """The text of a small file: of `most` bytes at most, and characters where it is zipped. Raises FeedError."""
    source = Source(path)
    if source.size > most:
        raise FeedError(f"{path.name} is larger than {most} bytes")
    with source.text() as text:
        found = text.read(most + 1)
    if len(found) > most:
        raise FeedError(f"{path.name} is larger than {most} characters")
    return found
