"""Lines from another program, whatever they hold: one after another, none too long to be kept in memory."""

from collections.abc import Iterator
from typing import TextIO

from prompts import say

MOST = 1_000_000  # characters of one line


class LineTooLong(ValueError):
    """The line was skipped; the ones after it are read."""

    def __init__(self) -> None:
        super().__init__(say("terminal", "errors.line_too_long", "en", most=MOST))


def numbered(stream: TextIO) -> Iterator[tuple[int, str | None]]:
    """(number from 1, line without its end) of each line that is not blank; None in the place of one longer than MOST.
    A byte order mark at the beginning is no part of the first."""
    number = 0
    while raw := stream.readline(MOST + 1):
        number += 1
        if len(raw) > MOST and not raw.endswith("\n"):
            while (rest := stream.readline(MOST)) and not rest.endswith("\n"):
                pass
            yield number, None
            continue
        line = raw.removeprefix("\ufeff") if number == 1 else raw
        if line.strip():
            yield number, line.rstrip("\r\n")
