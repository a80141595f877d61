"""Delimited text: the delimiter, the header, and a record at a time, however broken the one before was.

A quote opens a field only at its beginning, as spreadsheets write it. One that is never closed would swallow the rest
of the feed: after `MOST_LINES` lines the line it stands in is given up, and reading goes on behind that line.
"""

import csv
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from store.feeds.record import Refused
from store.feeds.source import LONGEST, Source

DELIMITERS = ("\t", ",", ";", "|")
MOST_LINES = 400  # of one record
MOST_CELLS = 2_000
csv.field_size_limit(LONGEST * 2)


@dataclass(frozen=True)
class Record:
    """The cells of a record, empty ones too, by the (normalised) names of the header, or why there are none."""

    line: int
    cells: dict[str, str]
    refused: Refused | None = None


def delimiter_of(head: str) -> str:
    """The delimiter that the first line has most of, outside quotes."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    outside = "".join(part for place, part in enumerate(first.split('"')) if place % 2 == 0)
    return max(DELIMITERS, key=lambda d: (outside.count(d), -DELIMITERS.index(d)))


def name_of(column: str) -> str:
    """A column's name as it is compared: lower case, one space between words ("Image_Link", "image link")."""
    return " ".join(column.strip().lstrip("\ufeff").casefold().replace("_", " ").split())


def header(head: str, delimiter: str) -> list[str]:
    """The normalised names of the first line."""
    first = next((line for line in head.splitlines() if line.strip()), "")
    return [name_of(cell) for cell in _cells(first, delimiter)]


def records(source: Source, delimiter: str) -> Iterator[Record]:
    """The records after the header. Raises Refused when there is no header."""
    names: list[str] = []
    for line, text in _joined(source.lines(), delimiter, lambda: len(names)):
        if isinstance(text, Refused):
            yield Record(line, {}, text)
            continue
        if isinstance(text, str) and not text.strip(" \r\t,;|"):
            continue
        cells = text if isinstance(text, list) else _cells(text, delimiter)
        if not names:
            names.extend(name_of(cell) for cell in cells)
            continue
        yield _record(
            line, names, cells, delimiter.join(cells) if isinstance(text, list) else text, delimiter
        )
    if not names:
        raise Refused("no_header")


def _record(line: int, names: list[str], cells: list[str], text: str, delimiter: str) -> Record:
    named = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    surplus = [cell for cell in cells[len(names) :] if cell.strip()]
    if surplus:
        return Record(line, named, Refused("too_many_cells", None, found=len(cells), wanted=len(names)))
    if len(cells) < len(names):
        other = max((d for d in DELIMITERS if d != delimiter), key=lambda d: len(_cells(text, d)))
        if len(cells) == 1 or len(_cells(text, other)) > len(cells) + 1:
            return Record(line, {}, Refused("too_few_cells", None, found=len(cells), wanted=len(names)))
    return Record(line, named)


def _joined(
    lines: Iterator[tuple[int, str | None]], delimiter: str, width: Callable[[], int]
) -> Iterator[tuple[int, str | list[str] | Refused]]:
    """Records as text: lines put together while a quote is open. `width`: cells of the header, 0 before it.

    Lines that come to another number of cells than that were held together by a stray quote: the first one is given
    up, and the others are read by themselves. Between tabs a quote is often a letter like any other: there the line is
    taken as it stands, as a list of its cells."""
    waiting: deque[tuple[int, str | None]] = deque()

    def pull() -> tuple[int, str | None] | None:
        return waiting.popleft() if waiting else next(lines, None)

    while (taken := pull()) is not None:
        line, text = taken
        if text is None:
            yield line, Refused("line_too_long", None, most=LONGEST)
            continue
        is_open = _open_after(text, delimiter, False)
        held: list[tuple[int, str | None]] = []
        parts, length = [text], len(text)
        while is_open and len(held) < MOST_LINES and length <= LONGEST:
            following = pull()
            if following is None:
                break
            held.append(following)
            if following[1] is None:
                break
            parts.append(following[1])
            length += len(following[1])
            is_open = _open_after(following[1], delimiter, True)
        whole = "\n".join(parts)
        if (
            not held
            or (not is_open and len(_cells(whole, delimiter)) == (width() or -1))
            or not (is_open or width())
        ):
            yield line, Refused("open_quote") if is_open else whole
            continue
        waiting.extendleft(reversed(held))
        literal = text.split(delimiter)
        yield line, literal if delimiter == "\t" and len(literal) == width() else Refused("open_quote")


def _open_after(text: str, delimiter: str, is_open: bool) -> bool:
    """Whether a quote is open behind `text`, where it was (not) at its beginning."""
    if '"' not in text:
        return is_open
    at = 0
    while True:
        if is_open:
            at = text.find('"', at)
            if at < 0:
                return True
            if text.startswith('""', at):
                at += 2
                continue
            is_open, at = False, at + 1
        elif text.startswith('"', at):
            is_open, at = True, at + 1
            continue
        at = text.find(delimiter, at)
        if at < 0:
            return False
        at += 1


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([line + "\n" for line in text.split("\n")], delimiter=delimiter), [])[:MOST_CELLS]
