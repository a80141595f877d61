"""Which of the two languages a message is in."""

import re

from prompts import load

HAN = re.compile(r"[㐀-鿿]")
_WORD = re.compile(r"\b(?!(?:x{1,3}[sl]|[2-6]xl|ok|eu|us|uk|cm)\b)[a-z]{2,}", re.IGNORECASE)
_OTHER = re.compile(r"[¿¡\u0400-\u04ff\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile(r"[a-zà-ÿ]{2,}")


def foreign(text: str) -> bool:
    """True when a message is in neither language: another script, or at least two function words of other ones."""
    if HAN.search(text) and not re.search(r"[\u3040-\u30ff]{2}", text):
        return False
    words = _LATIN.findall(text.casefold())
    other = sum(w in load("understanding/other_languages")["words"] for w in words)
    said = bool(_OTHER.search(text)) or (other >= 2 and other * 4 >= len(words))
    return said and not _english(words)


def _english(words: list[str]) -> bool:
    return (
        len(set(words) & {"the", "a", "is", "do", "you", "have", "show", "me", "want", "need", "for", "in"})
        >= 2
    )


def detect(text: str, default: str = "en") -> str:
    """ "zh" or "en". Any real Chinese wins over embedded English words ("想买一件 oversize T-shirt" is zh),
    unless English words outnumber the Chinese characters; text without words, or with a size alone, keeps `default`."""
    han, latin = len(HAN.findall(text)), len(_WORD.findall(text))
    if not han and not latin:
        return default
    return "zh" if han and han >= latin else "en"
