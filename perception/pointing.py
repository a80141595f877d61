"""Which garment of a photo words point at: "the shoes", "the one on the left", 下面那条, "the second one", 另一件."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from perception.look import Garment
from perception.order import in_order
from perception.wording import HAN, fold
from prompts import load, taxonomy

Side = Literal["left", "right", "top", "bottom", "middle"]
_MEASURES = frozenset("件条双顶")  # the others go with anything


@dataclass(frozen=True)
class Pointing:
    """What was said of the garment meant; `n`: its place from the left (1 the first, -1 the last); `other`: not the
    main one; `categories`: what it was called ("the trousers"); `measure`: its Chinese measure word
    (下面那条 are no shoes)."""

    categories: tuple[str, ...] = ()
    colors: tuple[str, ...] = ()
    side: Side | None = None
    n: int | None = None
    other: bool = False
    measure: str = ""

    def __bool__(self) -> bool:
        return bool(self.categories or self.colors or self.side or self.n or self.other)


@dataclass(frozen=True)
class Found:
    """A pointing and the span [start, end) of the folded text that it takes."""

    start: int
    end: int
    pointing: Pointing


def find(text: str) -> list[Found]:
    """All pointings in folded text, left to right, not overlapping."""
    found: list[Found] = []
    for kind, pattern in _patterns():
        for match in pattern.finditer(text):
            start, end = match.span("r") if "r" in pattern.groupindex else match.span()
            if start < end and not any(f.start < end and start < f.end for f in found):
                pointing = _pointing(kind, match)
                if pointing:
                    found.append(Found(start, end, pointing))
    return sorted(found, key=lambda f: f.start)


def blanked(text: str, found: Sequence[Found]) -> str:
    """The text with the pointing words taken out."""
    for one in reversed(found):
        text = f"{text[: one.start]} it {text[one.end :]}" if not HAN.search(text) else (
            f"{text[: one.start]}它{text[one.end :]}"
        )  # fmt: skip
    return re.sub(r"\s+", " ", text).strip()


def resolve(pointing: Pointing | None, garments: Sequence[Garment]) -> int | None:
    """The index of the garment meant, 0 for no pointing; None when no garment of the photo can be meant."""
    if not garments:
        return None
    pool = list(range(len(garments)))
    if pointing is None or not pointing:
        return 0
    if pointing.categories:
        pool = _called(pointing.categories, garments, pool)
        if not pool:
            return None
    if pointing.measure in _MEASURES and pointing.side and not pointing.categories:
        pool = [i for i in pool if _measured(garments[i]) == pointing.measure] or pool
    if pointing.colors:
        own = [i for i in pool if set(pointing.colors) & set(garments[i].colors)]
        if not own and not pointing.categories:
            return None
        pool = own or pool
    if pointing.other:
        pool = [i for i in pool if i != 0] or (pool if pointing.categories else [])
        if not pool:
            return None
    if pointing.side:
        return _at(pointing.side, garments, pool)
    if pointing.n is not None:
        order = [pool[i] for i in in_order([garments[j].box for j in pool])]
        index = pointing.n - 1 if pointing.n > 0 else len(order) + pointing.n
        return order[index] if 0 <= index < len(order) else None
    return pool[0]


def compatible(seen: str, called: str) -> bool:
    """Could what was recognised as `seen` be what a person calls `called`? A jacket may be a shirt, never shoes."""
    if taxonomy.is_a(seen, called) or taxonomy.is_a(called, seen):
        return True
    parts = load("questions")["parts"]
    return any(
        any(taxonomy.is_a(seen, c) for c in part) and any(taxonomy.is_a(called, c) for c in part)
        for part in parts.values()
    )


def _called(categories: Sequence[str], garments: Sequence[Garment], pool: list[int]) -> list[int]:
    """Those that are of a category; else, the one that could be."""

    def own(i: int) -> tuple[str, ...]:
        return tuple(c for c in (garments[i].kind, garments[i].category) if c)

    exact = [i for i in pool if any(taxonomy.is_a(o, c) for o in own(i) for c in categories)]
    near = [i for i in pool if any(taxonomy.is_a(c, o) for o in own(i) for c in categories)]
    loose = [i for i in pool if any(compatible(o, c) for o in own(i) for c in categories)]
    return exact or near or loose[:1]


def _measured(garment: Garment) -> str:
    nouns = load("seen")["caption"]["noun"]
    return next((str(nouns[c]["measure"]) for c in (garment.kind, garment.category) if c in nouns), "")


def _middle(garment: Garment) -> tuple[float, float]:
    left, top, right, bottom = garment.box
    return (left + right) / 2, (top + bottom) / 2


def _at(side: Side, garments: Sequence[Garment], pool: list[int]) -> int:
    x = {i: _middle(garments[i])[0] for i in pool}
    y = {i: _middle(garments[i])[1] for i in pool}
    match side:
        case "left":
            return min(pool, key=lambda i: x[i])
        case "right":
            return max(pool, key=lambda i: x[i])
        case "top":
            return min(pool, key=lambda i: y[i])
        case "bottom":
            return max(pool, key=lambda i: y[i])
    return sorted(pool, key=lambda i: x[i])[len(pool) // 2]


def _pointing(kind: str, match: re.Match[str]) -> Pointing:
    groups = {k: v for k, v in match.groupdict().items() if v}
    data = load("questions")["pointing"]
    side = data["sides"].get(groups.get("side", ""))
    n = data["ordinals"].get(groups.get("n", ""))
    categories = _category(groups["c"]) if "c" in groups else ()
    color = tuple(_colors()[groups["k"]]) if "k" in groups else ()
    return Pointing(categories, color, side, n, kind == "other", groups.get("m", ""))


def _category(word: str) -> tuple[str, ...]:
    """What a word for a garment covers: 裤子 are trousers and shorts."""
    loose: dict[str, list[str]] = load("questions")["loose"]
    return tuple(loose.get(word, _categories()[word]))


@cache
def _categories() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for value in taxonomy.values("category"):
        for spoken in taxonomy.words("category", value).values():
            for word in spoken:
                word = fold(word)
                for form in (
                    (word,) if HAN.search(word) or word.endswith("s") else (word, f"{word}s", f"{word}es")
                ):
                    words.setdefault(form, (value,))
    for word, values in load("questions")["loose"].items():
        words[word] = tuple(values)
    return words


@cache
def _colors() -> dict[str, tuple[str, ...]]:
    words: dict[str, tuple[str, ...]] = {}
    for value in taxonomy.values("color"):
        for spoken in taxonomy.words("color", value).values():
            for word in spoken:
                words.setdefault(fold(word), (value,))
    return words


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The patterns of prompts/questions.yaml with {c}, {k}, {side} and {n} filled in, per script."""
    data = load("questions")["pointing"]
    made = []
    for entry in data["patterns"]:
        for pattern in entry["any"]:
            han = bool(HAN.search(pattern)) or entry.get("zh", False)

            def own(words: Sequence[str], han: bool = han) -> str:
                return _either([w for w in words if bool(HAN.search(w)) == han])

            filled = (
                pattern.replace("{c}", f"(?P<c>{own([*_categories()])})")
                .replace("{cc}", f"(?:{own([*_categories()])})")
                .replace("{k}", f"(?P<k>{own([*_colors()])})")
                .replace("{side}", f"(?P<side>{own([*data['sides']])})")
                .replace("{n}", f"(?P<n>{own([*data['ordinals']])})")
            )
            made.append((str(entry["kind"]), re.compile(filled)))
    return tuple(made)
