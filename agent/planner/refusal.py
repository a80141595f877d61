"""Words that name a change of the cart without asking for it: refused ("don't add it", 别加), told of others ("my
friend said add it"), or asked about ("did you add it?", 加了吗). Here alone a denial of the cart is judged, for the
planner's hearing and for the rules of consent alike. Patterns are in prompts/understanding/refusals.yaml."""

import re
from functools import cache

from agent.planner.patterns import compiled
from prompts import load

CHANGES = frozenset({"cart_add", "cart_remove", "cart_change"})


def refuses(text: str, intent: str) -> bool:
    """True when the tagged sentence speaks against the change `intent` of the cart, or only of it."""
    masked = _joined("harmless").sub(lambda m: "\0" * len(m.group()), text)
    for name in ("closed", f"closed_{intent.removeprefix('cart_')}"):
        masked = _joined(name).sub(lambda m: "\0" * len(m.group()), masked)
    names = ("refused", f"refused_{intent.removeprefix('cart_')}")
    return any(p.search(masked) for name in names for p in _patterns(name)) or only_told(masked)


def denies(text: str) -> bool:
    """True when the tagged sentence forbids a change of the cart, in whatever words."""
    return any(p.search(_joined("harmless").sub("\0", text)) for p in _patterns("refused"))


def only_told(text: str) -> bool:
    """True when the tagged sentence reports or asks about a change of the cart."""
    return any(p.search(text) for p in _patterns("told"))


def looks_back(text: str) -> bool:
    """True when the tagged sentence asks what was done to the cart ("did you add it?")."""
    return any(p.search(text) for p in _patterns("looks_back"))


def takes_back(text: str, intent: str) -> bool:
    """True when the tagged sentence takes back a change `intent` asked for just before ("wait, don't", 算了)."""
    return any(p.search(text) for p in _patterns(f"takes_back_{intent.removeprefix('cart_')}"))


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    data = load("understanding/refusals")
    named = data["names"]
    return tuple(
        compiled(p.replace("{verb_en}", named["verb_en"]).replace("{verb_zh}", named["verb_zh"]))
        for p in data.get(name, [])
    )


@cache
def _joined(name: str) -> re.Pattern[str]:
    found = [p.pattern for p in _patterns(name)]
    return re.compile("|".join(f"(?:{p})" for p in found) or r"(?!)")
