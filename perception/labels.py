"""What labels, tags and size charts say, found in the lines read from a photo."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from perception.wording import HAN, fold
from prompts import load, taxonomy

Box = tuple[float, float, float, float]  # left, top, right, bottom, in any one unit


@dataclass(frozen=True)
class Line:
    """A line as read: its text, how sure (0..1), and where it stands."""

    text: str
    p: float
    box: Box


@dataclass(frozen=True)
class Lettering:
    """All that was read in a photo, in reading order; false when there is nothing."""

    lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """The lines, one space between them."""
        return " ".join(line.text for line in self.lines)

    @property
    def p(self) -> float:
        """The mean of the lines' confidence, weighted by their length; 0 without any."""
        weight = sum(len(line.text) for line in self.lines)
        return sum(len(line.text) * line.p for line in self.lines) / weight if weight else 0.0

    def __bool__(self) -> bool:
        return bool(self.lines)


_PERCENT = r"(?<![\d.])(\d{1,3})\s*[%％]"
_FIBRE = r"([A-Za-z]{3,}(?: [A-Za-z]{3,})?|[㐀-鿿]{1,6})"
_AMOUNT = r"\d{1,5}(?:[.,]\d{1,2})?"
_BEFORE, _AFTER = r"(?:us\$|[$€£¥￥]|rmb|usd|eur|gbp|cny)", r"(?:元|块|usd|eur|gbp|rmb|cny|€|£|\$)"
_MONEY = rf"{_BEFORE}\s*{_AMOUNT}(?!\d)|(?<!\d){_AMOUNT}\s*{_AFTER}"
_PRICED = rf"(?:price|rrp|now|only|价格?|售价|零售价|吊牌价|原价|现价)\W{{0,4}}({_AMOUNT})(?![\d%])"
_LETTERS = r"(?:xxs|xs|s|m|l|xl|xxl|xxxl|[2-5]xl)"


def composition(read: Lettering) -> dict[str, int]:
    """Fibre → per cent, as printed: {"cotton": 98, "elastane": 2}. A known fibre by its canonical name."""
    found: dict[str, int] = {}
    for line in read.lines:
        text = line.text
        for percent, fibre in re.findall(rf"{_PERCENT}\s*{_FIBRE}", text):
            _put(found, fibre, int(percent))
        if not re.search(rf"{_PERCENT}\s*{_FIBRE}", text):
            for fibre, percent in re.findall(rf"{_FIBRE}\s*[:：]?\s*{_PERCENT}", text):
                _put(found, fibre, int(percent))
    if not found:  # the fibre stands on the next line, or beside it
        percent_only = None
        for line in read.lines:
            alone = re.fullmatch(rf"\s*{_PERCENT}\s*", line.text)
            if percent_only is not None and (name := re.fullmatch(rf"\s*{_FIBRE}\s*", line.text)):
                _put(found, name.group(1), percent_only)
            percent_only = int(alone.group(1)) if alone else None
    return found if sum(found.values()) <= 400 else {}


def _put(found: dict[str, int], fibre: str, percent: int) -> None:
    name = _fibres().get(fold(fibre)) or _fibres().get(fold(fibre.split()[0])) or fold(fibre)
    if 0 < percent <= 100 and not re.search(r"off|discount|折|优惠|sale|extra|save", fibre.casefold()):
        found.setdefault(name, percent)


def prices(read: Lettering) -> list[str]:
    """Amounts with a currency, or after the word price, as printed."""
    found = []
    for line in read.lines:
        text = line.text.casefold()
        found += [m.strip().upper() if m[0].isalpha() else m.strip() for m in re.findall(_MONEY, text)]
        if not re.search(_MONEY, text):
            found += re.findall(_PRICED, text)
    return list(dict.fromkeys(found))


def sizes(read: Lettering) -> list[str]:
    """Sizes after the word size, or standing alone on a line."""
    found = []
    for line in read.lines:
        text = line.text.casefold().strip()
        named = re.findall(
            rf"(?:size|sz|尺码|码数|号型|尺寸)\W{{0,3}}({_LETTERS}|\d{{2,3}}(?:/\d{{2,3}}[a-d]?)?)(?![a-z0-9%])",
            text,
        )
        alone = re.fullmatch(rf"({_LETTERS}|\d{{3}}/\d{{2,3}}[a-d]?)", text)
        found += named + ([alone.group(1)] if alone else [])
    return list(dict.fromkeys(s.upper() for s in found))


def care(read: Lettering) -> list[str]:
    """Lines on washing, drying and ironing."""
    return [line.text for line in read.lines if re.search(_care(), line.text.casefold().replace(" ", ""))]


def origin(read: Lettering) -> str:
    """The country after "made in" or 产地; empty without one."""
    for line in read.lines:
        found = re.search(r"made\s*in\s*([a-z ]{3,20})", line.text.casefold()) or re.search(
            r"(?:产地|原产地)[:： ]*([㐀-鿿]{2,8})", line.text
        )
        if found:
            return found.group(1).strip().title()
    return ""


@dataclass(frozen=True)
class _Cell:
    text: str
    x: float
    y: float
    height: float


def chart(read: Lettering) -> dict[str, dict[str, str]]:
    """A size chart: size → measurement (chest, waist …) → number as printed. Sizes may head the rows or the columns."""
    rows = _rows(_cells(read))
    table: dict[str, dict[str, str]] = {}
    for index, row in enumerate(rows):
        heads = [(c, m) for c in row if (m := _measure(c.text))]
        if len(heads) >= 2:  # measurements across, sizes down
            for other in rows[index + 1 :]:
                size = next((s for c in other if (s := _size(c.text))), None)
                for cell in other:
                    if (
                        size
                        and re.fullmatch(r"\d{1,3}(?:\.\d)?(?:-\d{1,3}(?:\.\d)?)?", cell.text)
                        and cell.text != size
                    ):
                        near = min(heads, key=lambda h: abs(h[0].x - cell.x))
                        table.setdefault(size, {}).setdefault(near[1], cell.text)
            break
        across = [(c, s) for c in row if (s := _size(c.text)) and not s.isdigit()]
        if len(across) >= 2:  # sizes across, measurements down
            for other in rows[index + 1 :]:
                name = next((m for c in other if (m := _measure(c.text))), None)
                for cell in other:
                    if name and re.fullmatch(r"\d{1,3}(?:\.\d)?(?:-\d{1,3}(?:\.\d)?)?", cell.text):
                        near = min(across, key=lambda h: abs(h[0].x - cell.x))
                        table.setdefault(near[1], {}).setdefault(name, cell.text)
            break
    return table


def asked_size(text: str) -> str | None:
    """The size named in a folded question ("m 码胸围多少")."""
    text = text.replace("'", " ")
    found = re.search(rf"(?<![a-z0-9])({_LETTERS})(?![a-z0-9])", text)
    number = re.search(r"(?:size )?(?<!\d)(\d{2})(?= ?码|号|$|[ ?])", text)
    return found.group(1).upper() if found else number.group(1) if number else None


def _cells(read: Lettering) -> list[_Cell]:
    """Words with their places; inside a line by the share of characters before them."""
    cells = []
    for line in read.lines:
        left, top, right, bottom = line.box
        for word in re.finditer(r"\S+", line.text):
            middle = (word.start() + word.end()) / 2 / max(len(line.text), 1)
            cells.append(
                _Cell(word.group(), left + (right - left) * middle, (top + bottom) / 2, bottom - top)
            )
    return cells


def _rows(cells: Sequence[_Cell]) -> list[list[_Cell]]:
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda c: c.y):
        if rows and abs(rows[-1][0].y - cell.y) < 0.6 * max(cell.height, rows[-1][0].height):
            rows[-1].append(cell)
        else:
            rows.append([cell])
    return [sorted(row, key=lambda c: c.x) for row in rows]


def _measure(text: str) -> str | None:
    text = re.sub(r"[(（].*|cm|厘米|in$", "", fold(text)).strip(" :：")
    for name, words in load("questions")["measures"].items():
        if text in words["zh"] or text in words["en"]:
            return str(name)
    return None


def _size(text: str) -> str | None:
    text = text.casefold().removesuffix("码")
    return text.upper() if re.fullmatch(_LETTERS, text) or re.fullmatch(r"\d{2}", text) else None


@cache
def _fibres() -> dict[str, str]:
    names: dict[str, str] = {}
    for value in taxonomy.values("material"):
        for words in taxonomy.words("material", value).values():
            names |= {fold(w): value for w in words}
    return names | dict(load("questions")["fibres"])


@cache
def _care() -> str:
    words = load("questions")["care_words"]
    return "|".join(re.escape(w.replace(" ", "")) for w in words)


def fibre_word(fibre: str, lang: str) -> str:
    """A fibre's name for a shopper; one that the taxonomy does not have stays as it was printed."""
    if fibre in taxonomy.values("material"):
        return taxonomy.word("material", fibre, lang)
    spoken: dict[str, str] = load("questions")["fibre_words"].get(fibre, {})
    return spoken.get(lang, fibre) if not HAN.search(fibre) or lang == "zh" else fibre
