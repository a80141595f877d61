"""A reply on its way to the shopper: each sentence goes out as soon as it is whole and true.

What was shown is never taken back. From the first sentence that does not pass on, everything is held until the reply is
finished; then it is known what to do about it.
"""

import re
from collections.abc import Callable

from prompts.plain import plain

# Where a sentence may end. What follows has to be there, for "3." may become "3.99" and 。 may be followed by ”.
_END = re.compile(r"(?:[。！？!?…]+[”」』\"'）)*]*|\.+[”\"')*]*(?=\s)|(?=\n))(?=\s*\S)")
MOST_SAID = 2_400  # characters of a reply that a shopper may be made to read


class Speech:
    """Of one reply. `tell` shows a text; `passes` says whether a sentence may be shown."""

    def __init__(self, tell: Callable[[str], None], passes: Callable[[str], bool]) -> None:
        self._tell = tell
        self._passes = passes
        self._open = ""  # heard, not yet a whole sentence
        self._holding = False
        self._goes_on = ""  # of the reply's text what was not shown
        self._from = 0  # where in `shown` the reply of now begins
        self.shown = ""

    def begin(self) -> None:
        """A reply begins: the first one, the same again, or one that goes on from what was shown."""
        self._open, self._holding, self._from = "", False, len(self.shown)

    def hear(self, piece: str) -> None:
        """A piece of the reply."""
        self._open += piece
        if len(self.shown) == self._from:
            self._open = self._open.lstrip()
        while not self._holding and (end := _end(self._open)):
            sentence = self._open[:end]
            # What holds something unseen waits for the whole: only there is it known what a screen would make of it.
            seen = sentence == plain(sentence)
            if len(self.shown) + len(sentence) > MOST_SAID or not (seen and self._passes(sentence.strip())):
                self._holding = True
                return
            self._open = self._open[end:]
            if self.shown and len(self.shown) == self._from:
                self._show(_gap(self.shown, sentence))
                self._from = len(self.shown)
            self._show(sentence)

    def rest_of(self, text: str) -> str:
        """What of the reply's `text` is not shown yet; all of it where it is another text than the one heard."""
        text, heard = text.strip(), self.shown[self._from :]
        if text.startswith(heard):
            self._goes_on = text[len(heard) :]
            return self._goes_on
        return f"\n\n{text}" if text else ""

    def close(self, rest: str, short: bool = True) -> str:
        """Show the `rest`, which was checked; `short`: only what a shopper may be made to read. Returns all that was
        said."""
        rest = rest.rstrip()
        if short and len(rest) > (room := MOST_SAID - len(self.shown)):
            rest = _sentences(rest, room) or ("" if self.shown else rest[:room])
        if rest.strip():
            begun = len(self.shown) > self._from and self._goes_on.startswith(rest)
            gap = "" if begun or not self.shown else _gap(self.shown, rest)
            self._show(gap + rest if self.shown else rest.lstrip())
        return self.shown

    def _show(self, text: str) -> None:
        if text:
            self.shown += text
            self._tell(text)


def _gap(before: str, after: str) -> str:
    """What goes between two sentences; Chinese has no space there."""
    return "" if before[-1] >= "⺀" or before[-1].isspace() or after[0].isspace() else " "


def _end(text: str) -> int:
    """Where the first sentence ends; 0 when it goes on."""
    found = _END.search(text, len(text) - len(text.lstrip()))
    return found.end() if found else 0


def _sentences(text: str, room: int) -> str:
    """As many whole sentences as there is room for."""
    fitting = [end.end() for end in _END.finditer(text) if end.end() <= room]
    return text[: fitting[-1]] if fitting else ""
