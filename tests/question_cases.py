"""Reading of questions measured: tests/data/questions.yaml against what `parse` makes of them."""

from pathlib import Path
from typing import Any

import yaml

from perception.pointing import Pointing
from perception.questions import parse
from prompts import taxonomy

DATA = Path(__file__).parent / "data" / "questions.yaml"


def points(at: Pointing | None, wanted: str | int) -> bool:
    """True when the pointing is the one of the data: a side, a place, "other", or a category."""
    if at is None:
        return False
    if wanted in ("left", "right", "top", "bottom", "middle"):
        return at.side == wanted
    if wanted == "other":
        return at.other
    if isinstance(wanted, int):
        return at.n == wanted
    return any(taxonomy.is_a(c, wanted) for c in at.categories)


def cases(part: str) -> list[list[Any]]:
    """[question, attribute, value, kind, more?] of a half of the data."""
    data: dict[str, list[list[Any]]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return data[part]


def score(part: str) -> tuple[int, int, list[str]]:
    """(read rightly, all, what went wrong)."""
    wrong = []
    for question, attribute, value, kind, *more in cases(part):
        asked = parse(question)
        extra = more[0] if more else {}
        right = (
            asked.attribute == attribute and asked.kind == kind and asked.negated == extra.get("neg", False)
        )
        if isinstance(value, list):
            right = right and set(asked.values) == set(value)
        elif kind in ("is", "which"):
            right = right and asked.value == value
        if "at" in extra:
            right = right and points(asked.at, extra["at"])
        if not right:
            wrong.append(f"{question}: {asked}")
    return len(cases(part)) - len(wrong), len(cases(part)), wrong
