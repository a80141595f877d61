"""The manners around a wish: a greeting or a hesitation before it, thanks behind it. Beside a wish they are none."""

import re
from collections.abc import Callable
from functools import cache

from prompts import load

_MARKS = r"[\s,.;:!?…~)(，。；：！？、～）（-]*"


def bare(text: str, says: Callable[[str], bool]) -> str:
    """`text` without the manners around it, as far as what is left `says` something: "hi, the red one, thanks" is
    "the red one", while "ok, thanks" stays what it is."""
    before, after = _patterns()
    left = text
    while True:
        shorter = before.sub("", left, count=1) if before.match(left) else left
        shorter = after.sub("", shorter, count=1)
        if shorter == left or not says(shorter):
            return left
        left = shorter


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    data = load("understanding/manners")
    before, after = ("|".join(data[side]) for side in ("before", "after"))
    # a Latin word ends at its mark or space, a Chinese one anywhere
    return (
        re.compile(rf"^{_MARKS}(?:{before})(?![a-z'’]){_MARKS}", re.IGNORECASE),
        re.compile(rf"{_MARKS}(?<![a-z'’])(?:{after}){_MARKS}$", re.IGNORECASE),
    )
