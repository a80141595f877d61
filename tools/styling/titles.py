"""What a title tells of a garment: shades by name, cuts, words of level and weather, and attributes that the record
leaves open. Many shops write nothing else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from perception import shades
from prompts import taxonomy
from store import words
from tools.styling.piece import Piece, table

REMEMBERED = 20_000
LONGEST = 400  # of a title, both languages together; what comes later names nothing finer
_HAN = re.compile(r"[㐀-鿿]")
_TOLD = ("colors", "pattern", "material", "length", "sleeve", "season", "occasion", "style")


@lru_cache(REMEMBERED)
def read(title: str) -> str:
    """A title in the form in which it is read: lower case, simplified characters, of a bearable length."""
    return words.plain(title[:LONGEST])


def completed(piece: Piece) -> Piece:
    """What neither record nor photo tells, as far as the title does: many shops write nothing else."""
    absent = [name for name in _TOLD if not getattr(piece, name)]
    if not absent or not piece.title:
        return piece
    told = told_by(read(piece.title))
    known: dict[str, Any] = {name: told[name] for name in absent if name in told}
    return replace(piece, **known) if known else piece


@lru_cache(REMEMBERED)
def told_by(title: str) -> Mapping[str, Any]:
    """The attributes of a Piece that a title tells, as they stand in one."""
    spans = _spans(title)
    named = [shade.kind for start, end in spans if (shade := _shade(title[start:end].strip()))]
    rest = list(title)
    for start, end in spans:  # "denim blue" is no cloth
        rest[start:end] = " " * (end - start)
    found: dict[str, dict[str, None]] = {"colors": dict.fromkeys(named)}
    for concept in words.concepts("".join(rest)):
        if len(concept.meanings) == 1:
            attribute, value = concept.meanings[0]
            found.setdefault(attribute, {})[value] = None
    told: dict[str, Any] = {"colors": tuple(found["colors"])[:3]}
    told |= {n: next(iter(found[n])) for n in ("pattern", "material", "length", "sleeve") if n in found}
    told |= {n: frozenset(found[n]) for n in ("season", "occasion", "style") if n in found}
    return told


@lru_cache(REMEMBERED)
def heard_in(title: str) -> frozenset[str]:
    """Marks that a title (read) tells: cuts by name, "warm+", "warm-", "level 0" …, "reach 0" …, "sporting"."""
    if not title:
        return frozenset()
    rules = table("rules")
    listed: dict[str, Sequence[str]] = dict(rules["silhouette"]["words"])
    listed |= {"warm+" if w["by"] > 0 else "warm-": w["words"] for w in rules["season"]["warmth"]["words"]}
    listed |= {f"level {n}": w["words"] for n, w in enumerate(rules["formality"]["words"])}
    listed |= {f"reach {n}": w["words"] for n, w in enumerate(rules["formality"]["reach_words"])}
    listed["sporting"] = rules["formality"]["sporting"]
    return frozenset(mark for mark, words in listed.items() if _pattern(tuple(words)).search(title))


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    han = [re.escape(w) for w in words if _HAN.search(w)]
    latin = [re.escape(w.casefold()) for w in words if not _HAN.search(w)]
    parts = ([rf"\b(?:{'|'.join(latin)})\b"] if latin else []) + han
    return re.compile("|".join(parts))


@lru_cache(REMEMBERED)
def _spans(title: str) -> tuple[tuple[int, int], ...]:
    """Where a title names colours."""
    return tuple(shades.within(title))


@lru_cache(4096)
def _shade(name: str) -> shades.Shade | None:
    return shades.heard(name).shade


class Named(NamedTuple):
    """What a title calls one of its colours: the shade, and its words in zh and en."""

    srgb: str
    words: tuple[str, str]


@lru_cache(REMEMBERED)
def named_shades(title: str, colors: tuple[str, ...]) -> Mapping[str, Named]:
    """Canonical colour → the shade that the title's own word for it stands for (burgundy, 墨绿), where it has one."""
    fine: dict[str, shades.Shade] = {}
    called: dict[str, dict[str, str]] = {}
    for start, end in _spans(title) if colors else ():
        text = title[start:end].strip()
        shade = _shade(text)
        if shade is None or shade.kind not in colors:
            continue
        called.setdefault(shade.kind, {}).setdefault("zh" if _HAN.search(text) else "en", text.casefold())
        # The plain word of a colour tells nothing finer; a title in two languages may have the finer one in one only.
        if shade.srgb != taxonomy.swatch(shade.kind):
            fine.setdefault(shade.kind, shade)
    names = {kind: {**shade.names, **called[kind]} for kind, shade in fine.items()}
    return {kind: Named(shade.srgb, (names[kind]["zh"], names[kind]["en"])) for kind, shade in fine.items()}
