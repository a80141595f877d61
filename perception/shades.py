"""What people call colours → the colour: "墨绿", "dusty rose", "pale teal", "#8a2be2", "a bit darker"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import ImageColor

from perception.difference import ciede2000
from perception.ground import to_lab, to_rgb
from prompts import LANGUAGES, load, taxonomy

Lab = tuple[float, float, float]
_HEX = re.compile(
    r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])|\brgb\(\s*\d{1,3}\s*,\s*\d{1,3}\s*,\s*\d{1,3}\s*\)", re.I
)
_HAN = re.compile(r"[㐀-鿿]")
_WORDS = re.compile(r"[a-z]+|[㐀-鿿]+")
_SPACE = re.compile(r"[\s_\-]+")
DARKEST, LIGHTEST = 6.0, 97.0


@dataclass(frozen=True)
class Shade:
    """A colour with a name: `kind` of the palette of taxonomy.yaml, `srgb` "#rrggbb", its name by language."""

    kind: str
    srgb: str
    names: dict[str, str]

    @property
    def lab(self) -> Lab:
        return lab_of(self.srgb)


@dataclass(frozen=True)
class Change:
    """The colour that something has, but other: `l` added to its lightness, its chroma times `c`."""

    l: float  # noqa: E741 - CIELAB's own name
    c: float

    def of(self, lab: Lab) -> Lab:
        """The changed colour."""
        light = min(max(lab[0] + self.l, DARKEST), LIGHTEST)
        return light, lab[1] * self.c, lab[2] * self.c


@dataclass(frozen=True)
class Heard:
    """What a phrase asks for: a `shade`, or a `change` of the colour there is; `strange`: what of it is no word for a
    colour that anybody here knows ("hungry"). All empty where there is no colour in it."""

    shade: Shade | None = None
    change: Change | None = None
    strange: str = ""


def lab_of(srgb: str) -> Lab:
    """CIELAB of "#rrggbb". Raises ValueError for no colour."""
    light, a, b = to_lab(np.array(ImageColor.getrgb(srgb)[:3], np.float32)).tolist()
    return light, a, b


def hex_of(lab: Lab) -> str:
    """The nearest "#rrggbb"."""
    r, g, b = np.round(to_rgb(np.array(lab, np.float32)) * 255).astype(int).tolist()
    return f"#{r:02x}{g:02x}{b:02x}"


def nearest(lab: Lab) -> str:
    """The palette's colour that is most like it (CIEDE2000 to what cloth of each colour looks like)."""
    names, labs = _prototypes()
    return names[int(ciede2000(np.array(lab), labs).argmin())]


def exact(text: str) -> str | None:
    """A code for a colour as it stands in the text: "#8a2be2", "rgb(1, 2, 3)"; None without one."""
    found = _HEX.search(text)
    return found.group() if found else None


def heard(text: str) -> Heard:
    """What a phrase says of a colour: the phrase, not a whole message ("dark green", 稍微深一点)."""
    text = text.casefold().strip()
    code = exact(text)
    if code:
        try:
            srgb = hex_of(lab_of(code))
        except ValueError:  # rgb(300, 0, 0)
            return Heard(strange=code)
        return Heard(shade=Shade(nearest(lab_of(srgb)), srgb, dict.fromkeys(LANGUAGES, srgb)))
    found, other = _longest(text, _named()), _longest(text, _browsers())
    if other and (
        found is None or (other[0] <= found[0] and found[1] <= other[1] and other[:2] != found[:2])
    ):
        found = other  # "medium sea green", which holds a name of ours
    if found is None:
        change = _change(text)
        return Heard(change=change) if change else Heard(strange=text)
    start, end, shade = found
    before, rest = text[:start], f"{text[:start]} {text[end:]}"
    manner, name = _manner(before)
    if manner:
        shade = _altered(shade, manner)
    return Heard(shade=shade, strange=_strange(rest, name))


def within(text: str) -> list[tuple[int, int]]:
    """Where names of colours stand in a longer text, left to right: a title names the colour of what it sells."""
    text = text.casefold()
    spans: list[tuple[int, int]] = []
    at = 0
    while at < len(text):
        second = (
            text[at + 1 : at + 2] if text[at + 1 : at + 2] not in (" ", "-", "_") else text[at + 2 : at + 3]
        )
        may = text[at] in _beginnings() or text[at] + second in _beginnings()
        found = _name_at(text, at, _named()) if may else None
        if found:
            spans.append((at, found[0]))
        at = found[0] if found else at + 1
    return spans


def _longest(text: str, names: Mapping[str, Shade]) -> tuple[int, int, Shade] | None:
    """The longest name of a colour in the text; of equal ones the last: the noun of "blue green"."""
    best: tuple[int, int, Shade] | None = None
    for start in range(len(text)):
        found = _name_at(text, start, names)
        if found and (best is None or found[0] - start >= best[1] - best[0]):
            best = start, *found
    return best


def _name_at(text: str, start: int, names: Mapping[str, Shade]) -> tuple[int, Shade] | None:
    """The longest name of a colour that begins there, and where it ends."""
    if text[start] in " -" or _inside(text, start):
        return None
    for end in range(min(len(text), start + _most()), start, -1):
        if text[end - 1] in " -" or _inside(text, end):
            continue
        name = text[start:end]
        shade = names.get(name if name.isalnum() else _SPACE.sub("", name))
        if shade:
            return end, shade
    return None


def _inside(text: str, at: int) -> bool:
    """Whether a place is within a word of Latin letters."""
    return 0 < at < len(text) and _letter(text[at - 1]) and _letter(text[at])


def _letter(char: str) -> bool:
    return char.isascii() and char.isalnum()


@cache
def _named() -> dict[str, Shade]:
    """Every name of ours, without spaces, and its shade."""
    found: dict[str, Shade] = {}
    for kind in taxonomy.values("color"):
        words, srgb = taxonomy.words("color", kind), taxonomy.swatch(kind)
        if srgb is None:
            continue
        shade = Shade(kind, srgb, {lang: words[lang][0] for lang in LANGUAGES})
        found |= {_SPACE.sub("", w.casefold()): shade for lang in LANGUAGES for w in words[lang]}
    for entry in load("shades")["shades"].values():
        shade = Shade(entry["of"], entry["srgb"], {lang: entry[lang][0] for lang in LANGUAGES})
        found |= {_SPACE.sub("", w.casefold()): shade for lang in LANGUAGES for w in entry[lang]}
    return found


@cache
def _beginnings() -> frozenset[str]:
    """How our names begin: two characters, or one where that is all of the name (红)."""
    return frozenset(name[:2] for name in _named())


@cache
def _browsers() -> dict[str, Shade]:
    """The names that browsers know beside ours: some are words for cloth too (linen, seashell), so ours go first."""
    found: dict[str, Shade] = {}
    for name in ImageColor.colormap:
        srgb = hex_of(lab_of(name))  # by name: Pillow puts other things in a value's place once it was used
        found[name] = Shade(nearest(lab_of(srgb)), srgb, dict.fromkeys(LANGUAGES, name))
    return found


@cache
def _most() -> int:
    return max(map(len, (*_named(), *_browsers()))) + 4


@cache
def _prototypes() -> tuple[list[str], np.ndarray]:
    rows = [(name, lab_of(code)) for name, codes in load("colours")["prototypes"].items() for code in codes]
    return [name for name, _ in rows], np.array([lab for _, lab in rows])


def _said(entry: dict[str, list[str]], text: str) -> str:
    """The longest of an entry's words that stands in the text, "" without one."""
    words = sorted((w for lang in LANGUAGES for w in entry[lang]), key=len, reverse=True)
    return next((w for w in words if _stands(w, text)), "")


def _stands(word: str, text: str) -> bool:
    return word in text and bool(_HAN.search(word) or re.search(rf"\b{re.escape(word)}\b", text))


def _manner(before: str) -> tuple[Change | None, str]:
    """How the words before a colour change it, and which of them does."""
    told = [(m, _said(m, before)) for m in load("shades")["manners"].values()]
    entry, word = max(told, key=lambda one: len(one[1]))
    return (Change(entry["l"], entry["c"]), word) if word else (None, "")


def _change(text: str) -> Change | None:
    data = load("shades")
    entry = next((e for e in data["changes"].values() if _said(e, text)), None)
    if entry is None:
        return None
    by = next((d["by"] for d in data["degrees"].values() if _said(d, text)), 1.0)
    return Change(entry["l"] * by, 1 + (entry["c"] - 1) * by)


def _altered(shade: Shade, change: Change) -> Shade:
    lab = change.of(shade.lab)
    return Shade(shade.kind, hex_of(lab), shade.names)


def _strange(rest: str, manner: str) -> str:
    """What of the words around a colour says nothing that is known."""
    around = load("shades")["around"]
    for word in (manner, *(w for lang in LANGUAGES for w in around[lang])):
        if word and _HAN.search(word):
            rest = rest.replace(word, " ")
        elif word and word in rest:
            rest = re.sub(rf"\b{re.escape(word)}\b", " ", rest)
    return " ".join(_WORDS.findall(rest))
