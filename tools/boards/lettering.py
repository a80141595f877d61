"""Words on a board, set in Noto Sans SC and Noto Serif SC, which come inside a wheel: the same on every machine.

What these fonts have no letter for is left out, and where nothing can be set the caller says so beside the picture: a
board never shows the empty box of a missing letter.
"""

import re
from functools import cache, lru_cache

import pylopdf_fonts_zh_cn as fonts
from PIL import ImageDraw, ImageFont

from prompts.plain import plain

Font = ImageFont.FreeTypeFont
MOST = 400  # letters of a text that are looked at
_SPACES = re.compile(r"\s+")
# These fonts draw quotation marks and dots as wide as a Chinese character; in Latin text they are set narrow.
_CHINESE = re.compile(r"[\u2e80-\uffff]")
_QUOTES = re.compile("[‘’“”…]")
_NARROW = {"‘": "'", "’": "'", "“": '"', "”": '"', "…": "..."}
# Where a line may end: after a space or a hyphen, and between Chinese characters, not before their closing marks.
_WIDE = r"\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uff60"
_UNITS = re.compile(rf"[「『（《【“(]*(?:[{_WIDE}]|[^\s{_WIDE}-]+-?|-)[，。！？、；：」』）》】”)]*\s*|\s+|.")


@cache
def font(kind: str, size: int) -> Font:
    """`kind`: "sans" or "serif"; `size` in pixels."""
    path = fonts.serif_path() if kind == "serif" else fonts.sans_path()
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _lacking(kind: str) -> bytes:
    return bytes(font(kind, 24).getmask("\U0010fffd"))


@lru_cache(maxsize=8192)
def _has(kind: str, letter: str) -> bool:
    """Whether the font can set it: not as the box that stands for what it lacks."""
    return letter.isspace() or bytes(font(kind, 24).getmask(letter)) not in (b"", _lacking(kind))


def settable(text: str, kind: str = "sans") -> str:
    """The text in one line, without what cannot be shown; empty where little of it could be: half a name in a script
    that we cannot set is no name."""
    clean = _SPACES.sub(" ", plain(text[: 4 * MOST])).strip()[:MOST]
    if not _CHINESE.search(clean):
        clean = _QUOTES.sub(lambda mark: _NARROW[mark.group()], clean)
    kept = "".join(c for c in clean if _has(kind, c))
    letters = sum(c.isalnum() for c in clean)
    if letters and sum(c.isalnum() for c in kept) < 0.6 * letters:
        return ""
    return _SPACES.sub(" ", kept).strip()


def width(text: str, face: Font) -> float:
    """In pixels."""
    return float(face.getlength(text))


def lines(text: str, face: Font, room: float, most: int) -> list[str]:
    """The text in at most `most` lines of `room` pixels; what does not fit ends in dots. A word that is wider than a
    line is broken."""
    done: list[str] = []
    line = ""
    for unit in _UNITS.findall(text):
        for bit in [unit] if width(unit.rstrip(), face) <= room else list(unit):
            if line and width((line + bit).rstrip(), face) > room:
                done.append(line.rstrip())
                line = bit.lstrip()
            else:
                line += bit
    if line.strip():
        done.append(line.rstrip())
    if len(done) <= most:
        return done
    kept = done[:most]
    last, more = kept[-1], "…" if _CHINESE.search(text) else "..."
    while last and width(last + more, face) > room:
        last = last[:-1].rstrip()
    return [*kept[:-1], last.rstrip(" ,，、.-–—") + more]


def spaced(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, face: Font, ink: str, gap: float
) -> float:
    """Write with `gap` pixels between letters, from `at` (left, baseline); where it ends."""
    x, y = at
    for letter in text:
        draw.text((x, y), letter, ink, face, anchor="ls")
        x += width(letter, face) + gap
    return x - gap if text else x
