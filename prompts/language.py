"""Which of the two languages a message is in."""

import re

_HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"[A-Za-z]{2,}")


def detect(text: str, default: str = "en") -> str:
    """ "zh" or "en". Any real Chinese wins over embedded English words ("想买一件 oversize T-shirt" is zh),
    unless English words outnumber the Chinese characters; text without letters keeps `default`."""
    han, latin = len(_HAN.findall(text)), len(_WORD.findall(text))
    if not han and not latin:
        return default
    return "zh" if han and han >= latin else "en"
