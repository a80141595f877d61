"""What differs between two runs of a script, drawn by a seed: the wording of each message, how it is typed,
the order of the scripts and, in small catalogues, of the products. The same seed draws the same.

The first run with seed 0 is the script as it is written. In the others each message is one of the wordings
that the script gives, typed as people do: with a word before or after, without its full stop, in lower case,
in traditional characters."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random
from typing import Any, TypeVar

from prompts import load
from ui.dialogs.script import Lang, User, wordings

T = TypeVar("T")
HAN = re.compile(r"[㐀-鿿]")
AS_WRITTEN = 0.4  # share of messages that are typed as they are written


class Draw:
    """The draws of one run. `number` counts the runs of a script from 1."""

    def __init__(self, seed: int, script: str, lang: Lang, number: int) -> None:
        self.lang = lang
        self.written = seed == 0 and number == 1
        self._key = f"{seed}/{script}/{lang}/{number}"

    def message(self, user: User, turn: int) -> str:
        """What the shopper types in turn `turn`."""
        choices = wordings(user.text, self.lang) or [""]
        if self.written:
            return choices[0]
        random = Random(f"{self._key}/{turn}")
        text = random.choice(choices)
        return _typed(text, self.lang, random) if user.vary else text

    def order(self, values: Sequence[T]) -> list[T]:
        """The values, shuffled in every run but the one that is as written."""
        shuffled = list(values)
        if not self.written:
            Random(f"{self._key}/order").shuffle(shuffled)
        return shuffled


def shuffled(values: Sequence[T], seed: int, number: int) -> list[T]:
    """The order in which the scripts of the `number`th round run."""
    found = list(values)
    if seed or number > 1:
        Random(f"{seed}/{number}").shuffle(found)
    return found


def _typed(text: str, lang: Lang, random: Random) -> str:
    """The text as somebody types it. What is not words (an emoji, a control character, a bare size) stays."""
    if random.random() < AS_WRITTEN or len(re.findall(r"[㐀-鿿]|[A-Za-z]{2,}", text)) < 3:
        return text
    return random.choice(_ways(lang))(text, random)


@cache
def _ways(lang: Lang) -> list[Callable[[str, Random], str]]:
    ways: list[Callable[[str, Random], str]] = [_wrapped(lang), _wrapped(lang), _unpunctuated]
    return [*ways, _traditional] if lang == "zh" else [*ways, _lower, _without_apostrophes]


def _wrapped(lang: Lang) -> Callable[[str, Random], str]:
    frames: list[str] = load("dialogs")["typed"][lang]

    def way(text: str, random: Random) -> str:
        return random.choice(frames).replace("{text}", text.rstrip("。.!！ "))

    return way


def _unpunctuated(text: str, random: Random) -> str:
    return text.rstrip("。.!！?？ ")


def _lower(text: str, random: Random) -> str:
    """In lower case, but sizes: "m" after "in" is read as a size by nobody."""
    return re.sub(r"\b[A-Z][a-z]+|\bI\b", lambda m: m.group().lower(), text)


def _without_apostrophes(text: str, random: Random) -> str:
    return text.replace("'", "").replace("’", "")


def _traditional(text: str, random: Random) -> str:
    return str(_to_traditional().convert(text)) if HAN.search(text) else text


@cache
def _to_traditional() -> Any:
    import opencc

    return opencc.OpenCC("s2t")
