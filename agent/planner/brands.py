"""A brand that the shop does not have, named as such: "anything by Velvet Moon", "the brand is Acme", "Mira牌的"."""

import re
from collections.abc import Sequence
from functools import cache

from agent.planner.state import State
from prompts import load

_NAME = r"(?P<name>[A-Z][\w'’.-]*(?: (?:(?:&|and|of|the|de|la|du) )?[A-Z][\w'’.-]*){0,4})"
_NAMED = (
    re.compile(rf"\b(?:by|from|made by|(?:brand|label)(?: is| called| named|:)?) {_NAME}"),
    re.compile(rf"\b{_NAME} (?:brand|label)\b"),
    re.compile(
        r"(?P<name>[A-Z][A-Za-z&'’-]{2,24})(?: ?[A-Z][A-Za-z&'’-]{1,24}){0,3}(?=这个牌子|这牌子|牌的|牌子的|家的)"
    ),
)


_SAME = re.compile(
    r"\b(?:that|this|the same|same|their) (?:brand|label|maker|designer|company)\b"
    r"|(?:这|那|同)一?个?(?:牌子|品牌)|他们家|她们家|这家的"
)

_OTHER = re.compile(
    r"\b(?:another|other|different|any other) (?:brands?|labels?|makers?|designers?)\b"
    r"|(?:别的|其他|另一?个?|其它)(?:牌子|品牌)|换一?个?(?:牌子|品牌)"
)


def another(text: str, state: State, ids: Sequence[str]) -> str:
    """The brand that "from another brand" turns away from: of the product pointed at or talked about; "" for none."""
    if not _OTHER.search(text):
        return ""
    shown = {item.id: item.brand for item in state.items()}
    return next((brand for i in (*ids, *state.focus) if (brand := shown.get(i))), "")


def meant(text: str, state: State, ids: Sequence[str]) -> list[str]:
    """The brand that "that brand" means in clean text: of the products pointed at, of what is talked about, of the
    search going on, or the one brand of all that was shown. Empty where the text says no such thing or it is open."""
    if not _SAME.search(text):
        return []
    shown = {item.id: item.brand for item in state.items()}
    for some in (ids, state.focus, state.liked):
        found = list(dict.fromkeys(brand for i in some if (brand := shown.get(i))))
        if found:
            return found[:1]
    if state.slots.get("brand"):
        return list(state.slots["brand"])
    of_list = {item.brand for item in state.newest if item.brand}
    return list(of_list) if len(of_list) == 1 else []


def named(text: str) -> list[str]:
    """Names said to be brands in a message as it was written; those of days, months and places are none."""
    found = []
    for pattern in _NAMED:
        for match in pattern.finditer(text):
            name = match.group("name").rstrip(".'’-")
            if not {w.casefold() for w in name.split()} & _others() and name not in found:
                found.append(name)
    return found


@cache
def _others() -> frozenset[str]:
    return frozenset(load("understanding/words")["not_brands"])
