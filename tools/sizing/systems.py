"""What a size is called elsewhere: letters and numbers, EU, UK and US, shoes and the length of a foot."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from store.conditions import size_name
from tools.sizing import data

_NUMBER = re.compile(r"\d+(?:\.\d)?")
_SMALL_UK = 6.5  # of shoes for anybody: up to this they are mostly bought by women
_HALF = 0.26  # of a size: what a table may be off and still mean that size


@dataclass(frozen=True)
class Worn:
    """A size that somebody wears elsewhere. `system`: eu, uk, us, cn, cm or "" where none was named; `at`: whose size
    it is, as it was said; `of`: shoes, tops, bottoms or ""."""

    size: str
    system: str = ""
    at: str = ""
    of: str = ""


@dataclass(frozen=True)
class Match:
    """A size of the product that a worn one comes to. `same`: it is called the same there; `by`: what it was found by
    ("letter", "number", "shoe", "label"), `near` that it lies between two."""

    size: str
    same: bool
    by: str
    near: str = ""


def match(worn: Worn, sizes: Sequence[str], shoe: bool, gender: str | None, currency: str) -> Match | None:
    """The size among `sizes` that a worn one comes to; None where nothing leads there."""
    if not sizes or (shoe and worn.of not in ("", "shoes")) or (not shoe and worn.of == "shoes"):
        return None
    if shoe:
        return _shoe(worn, sizes, gender, currency)
    own = {size_name(size): size for size in sizes}
    if not worn.system and size_name(worn.size) in own:
        return Match(own[size_name(worn.size)], True, "label")
    return _cloth(worn, sizes, own, gender, currency)


def foot_of(worn: Worn, gender: str | None, currency: str = "") -> float | None:
    """The length of the foot, in cm, that a worn shoe size is for; None for what is no shoe size."""
    number = _number(worn.size)
    if number is None:
        return None
    system = worn.system or _shoe_system([worn.size], currency)
    if system in ("cm", "cn", "jp") and 90 <= number <= 330:
        return number / 10  # 245
    if system in ("cm", "jp") or (system == "cn" and number < 33):
        return number if 9 <= number <= 35 else None
    return _along(system if system != "cn" else "eu", "cm", number, gender)


def _shoe(worn: Worn, sizes: Sequence[str], gender: str | None, currency: str) -> Match | None:
    theirs = [(size, value) for size in sizes if (value := _number(size)) is not None]
    system = _shoe_system(sizes, currency)
    foot = foot_of(worn, gender, currency)
    if foot is None or not theirs or not system:
        alike = [s for s in sizes if size_name(s) == size_name(worn.size) and not worn.system]
        return Match(alike[0], True, "label") if alike else None
    feet = []
    for size, value in theirs:
        length = foot_of(Worn(size=f"{value:g}", system=system), gender)
        if length is not None:
            feet.append((length, size))
    feet.sort()
    if not feet:
        return None
    step = min((b[0] - a[0] for a, b in pairwise(feet)), default=0.67) or 0.67
    if foot > feet[-1][0] + step or foot < feet[0][0] - step:
        return None
    length, size = min(feet, key=lambda one: (abs(one[0] - foot), -one[0]))
    same = _number(worn.size) == _number(size) and (worn.system or system) == system
    near = ""
    if abs(length - foot) > _HALF * step:
        others = [s for at, s in feet if (at > foot) != (length > foot)]
        near = (others[0] if length < foot else others[-1]) if others else ""
        if length < foot and near:  # a shoe too long can be worn, one too short cannot
            size, near = near, size
    return Match(size, same, "shoe", near)


def _cloth(
    worn: Worn, sizes: Sequence[str], own: dict[str, str], gender: str | None, currency: str
) -> Match | None:
    """A letter for a number, or a number for a letter, of the same gender's table."""
    tables: dict[str, dict[str, list[int]]] = data()["numbers"].get(
        gender if gender in ("women", "men") else "women", {}
    )
    letter = size_name(worn.size) if size_name(worn.size) in data()["letters"] else ""
    number = _number(worn.size)
    if not letter and number is not None:
        for system in _number_systems(worn, number, gender, currency):
            letter = next((name for name, at in tables[system].items() if number in at), "")
            if letter:
                break
    if not letter:
        return None
    if letter in own:
        return Match(own[letter], False, "letter")
    numbers = {value: size for size in sizes if (value := _number(size)) is not None}
    for table in _ordered(tables, numbers):
        found = [numbers[n] for n in table.get(letter, []) if n in numbers]
        if found:
            return Match(found[-1], False, "number", found[0] if len(found) > 1 else "")
    return None


def _number_systems(worn: Worn, number: float, gender: str | None, currency: str) -> list[str]:
    """The tables that a number may be of, the likeliest first: jeans go by inches of the waist, a number beyond them by
    the country that was named, or the shop's."""
    if worn.system in ("eu", "uk", "us", "cn"):
        return [worn.system]
    if number >= 150:
        return ["cn"]
    guess = data()["by_currency"].get(currency, "eu")
    if worn.of == "bottoms" and 22 <= number <= 40:
        return ["waist", "eu"]
    return (
        ["eu", "waist"] if number >= 32 else ["waist"] if number >= 22 else [guess if guess != "eu" else "uk"]
    )


def _ordered(
    tables: dict[str, dict[str, list[int]]], numbers: dict[float, str]
) -> list[dict[str, list[int]]]:
    """The tables, the one first that has most of a product's own numbers."""
    return sorted(tables.values(), key=lambda table: -sum(n in numbers for at in table.values() for n in at))


def _shoe_system(sizes: Sequence[str], currency: str) -> str:
    """What a list of shoe sizes is numbered by."""
    text = " ".join(sizes).casefold()
    for system in ("eu", "uk", "us"):
        if re.search(rf"\b{system}", text):
            return system
    numbers = [n for s in sizes if (n := _number(s)) is not None]
    if not numbers:
        return ""
    top = max(numbers)
    if top >= 90:
        return "cm"
    whole = all(n == int(n) for n in numbers)
    if min(numbers) >= 16 and (top >= 31 or (whole and top > 30)):
        return "eu"
    if min(numbers) >= 20 and top <= 31:
        return "cm" if any(n != int(n) for n in numbers) or len(numbers) == 1 else "eu"
    return str(data()["by_currency"].get(currency, "us" if currency in ("", "CNY") else "uk"))


def _along(source: str, target: str, number: float, gender: str | None) -> float | None:
    """A shoe number of one system in another, between the rows where it has to be; None beyond the table."""
    book: dict[str, Any] = data()["shoes"]
    a, b = book["systems"].index(source), book["systems"].index(target)
    tables = [gender] if gender in ("women", "men", "kids") else ["men", "women"]
    if gender not in ("women", "men", "kids") and source == "uk" and number <= _SMALL_UK:
        tables = ["women"]
    if source == "eu":  # the same foot for everybody
        tables = ["kids", "women", "men"]
    for name in tables:
        rows = sorted((row[a], row[b]) for row in book[name]) if name != "kids" or source == "eu" else []
        rows = rows or [(row[a], row[b]) for row in book[name]]
        for (x0, y0), (x1, y1) in pairwise(rows):
            if x0 <= number <= x1:
                return float(y0 + (y1 - y0) * (number - x0) / (x1 - x0))
    return None


def _number(size: str) -> float | None:
    found = _NUMBER.search(size)
    return float(found.group()) if found else None
