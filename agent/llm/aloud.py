"""A model's text without its thoughts: what stands in <think>…</think> is not said to anybody."""

_OPEN, _CLOSE = "<think>", "</think>"


class Aloud:
    """Takes text in pieces, gives back what is said. Half a tag is waited for."""

    def __init__(self) -> None:
        self._held = ""
        self._thinking = False

    def feed(self, piece: str) -> str:
        """What is surely said by now."""
        self._held += piece
        said = ""
        while True:
            tag = _CLOSE if self._thinking else _OPEN
            before, found, after = self._held.partition(tag)
            if not found:
                break
            said += "" if self._thinking else before
            self._held, self._thinking = after, not self._thinking
        keep = _half(self._held, tag)
        cut = len(self._held) - keep
        said += "" if self._thinking else self._held[:cut]
        self._held = self._held[cut:]
        return said

    def end(self) -> str:
        """What was waited for, at the end."""
        rest = "" if self._thinking else self._held
        self._held = ""
        return rest


def said_in(text: str) -> str:
    """`text` without thoughts."""
    aloud = Aloud()
    return (aloud.feed(text) + aloud.end()).strip() if _OPEN in text else text


def _half(text: str, tag: str) -> int:
    """How many characters at the end of `text` may begin `tag`."""
    return next((n for n in range(min(len(tag) - 1, len(text)), 0, -1) if tag.startswith(text[-n:])), 0)
