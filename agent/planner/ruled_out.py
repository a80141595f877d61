"""What a shopper rules out for good: what makes them ill or itch, what they never wear, what comes from animals.

A search forgets its conditions when another begins; these hold for each later search, look and recommendation, whatever
else is sought, until the shopper takes them back by name. Patterns are in prompts/understanding/ruled_out.yaml.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from agent.planner import slots
from agent.planner.calls import Call
from agent.planner.meaning import SEARCHES, Part, Slots
from agent.planner.patterns import compiled
from agent.planner.tagging import Tagged
from prompts import load, taxonomy

_CLAUSE = re.compile(r"[,.;!?:\n]+|\bbut\b|但是?")
_LASTING = ("category", "material", "color", "pattern", "neckline", "sleeve", "length")
_SEARCHED = frozenset({"search_catalog", "match_outfit", "recommend"})


def after(before: Mapping[str, Sequence[str]], tagged: Tagged, parts: Sequence[Part] = ()) -> Slots:
    """What is ruled out once this message is heard. `parts`: as understanding made of it; without them, the rules."""
    ruled: dict[str, list[str]] = {a: list(values) for a, values in before.items()}
    sought = [p.slots for p in parts if p.intent in SEARCHES | {"outfit", "smalltalk", ""}]
    for refused in [s.get("not", {}) for s in sought] or [slots.read(tagged).get("not", {})]:
        _add(ruled, {"material": [v for v in refused.get("material", []) if v in _animal()]})
    if _says("of_animals", tagged.text):
        _add(ruled, {"material": _animal()})
    cued = _says("lasting", tagged.text)
    for start, end in _clauses(tagged.text):
        clause = tagged.text[start:end]
        if _says("back", clause):
            _take_back(ruled, tagged, start, end)
        elif cued:
            refused = slots.read(tagged, start, end).get("not", {})
            # "no wool, I'm allergic" is of what things are made; "no black, and I'm allergic to wool" not of colours
            lasting = _LASTING if _says("lasting", clause) else ("material",)
            _add(ruled, {a: v for a, v in refused.items() if a in lasting})
    return {a: values for a, values in ruled.items() if values}


def hold(call: Call, ruled: Mapping[str, Sequence[str]]) -> Call:
    """The call with what is ruled out, which is never given up to find something. What the call wants by name stays:
    whoever asks for wool outright is shown wool, this once."""
    if call.tool not in _SEARCHED or call.args.get("ids"):
        return call
    where = dict(call.args.get("where") or {})
    refused = {a: list(v) for a, v in (where.get("not") or {}).items()}
    for attribute, values in ruled.items():
        wanted = where.get(attribute, [])
        more = [v for v in values if not any(_is(attribute, w, v) for w in wanted)]
        refused[attribute] = list(dict.fromkeys([*refused.get(attribute, []), *more]))
    refused = {a: v for a, v in refused.items() if v}
    if not refused or not ruled:
        return call
    args = {**call.args, "where": {**where, "not": refused}}
    if call.tool == "search_catalog":
        args["keep"] = list(dict.fromkeys([*(call.args.get("keep") or []), "not"]))
    return Call(tool=call.tool, args=args)


def _is(attribute: str, value: str, other: str) -> bool:
    return taxonomy.is_a(value, other) if attribute == "category" else value == other


def _clauses(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for cut in _CLAUSE.finditer(text):
        yield start, cut.start()
        start = cut.end()
    yield start, len(text)


def _add(ruled: dict[str, list[str]], refused: Mapping[str, Sequence[str]]) -> None:
    kin: dict[str, list[str]] = load("understanding/ruled_out")["kin"]
    for attribute, values in refused.items():
        have = ruled.setdefault(attribute, [])
        named = dict.fromkeys(v for one in values for v in (one, *kin.get(one, [])))
        have += [v for v in named if v not in have]


def _take_back(ruled: dict[str, list[str]], tagged: Tagged, start: int, end: int) -> None:
    """What is named in the clause may be shown again, and what is made of the same."""
    kin: dict[str, list[str]] = load("understanding/ruled_out")["kin"]
    for tag in tagged.within(start, end):
        for attribute, values in tag.mention.meanings.slots.items():
            named = {v for one in values for v in (one, *kin.get(one, []))}
            ruled[attribute] = [v for v in ruled.get(attribute, []) if v not in named]


def _animal() -> list[str]:
    return list(load("understanding/ruled_out")["animal"])


@cache
def _patterns(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(map(compiled, load("understanding/ruled_out")[name]))


def _says(name: str, text: str) -> bool:
    return any(p.search(text) for p in _patterns(name))
