"""What is wished of an outfit, in the words of a command line or a form, as `Assistant.outfit` takes it."""

from collections.abc import Sequence
from typing import Any

from prompts import taxonomy
from store.conditions import canonical
from store.types import Filters
from tools.styling.piece import table
from tools.styling.wish import LEVELS, WEATHERS

REFUSED = ("color", "pattern", "material", "category", "style", "brand")


class NoSuchWord(ValueError):
    """A word that is none of those there are. `option`: for what it was given."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(message)
        self.option = option


def wishes(
    *,
    occasions: Sequence[str] = (),
    season: str | None = None,
    weather: Sequence[str] = (),
    formality: str | None = None,
    budget: float | None = None,
    gender: str | None = None,
    sizes: Sequence[str] = (),
    refused: Sequence[str] = (),
    where: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`sizes`: "M", or "shoes=38" of one kind of garment; `refused`: words in either language, "attribute=value", or
    slots. Empty where nothing was wished. Raises NoSuchWord."""
    found: dict[str, Any] = {}
    if occasions:
        found["occasions"] = tuple(_known("occasion", o, taxonomy.values("occasion")) for o in occasions)
    if season:
        found["season"] = _known("season", season, taxonomy.values("season"))
    if weather:
        found["weather"] = tuple(_known("weather", w, WEATHERS) for w in weather)
    if formality:
        found["formality"] = _known("formality", formality, LEVELS)
    if budget is not None:
        found["budget"] = budget
    conditions = dict(where or {})
    if gender:
        conditions["gender"] = [_known("gender", gender, ("women", "men"))]
    by_kind = {}
    for size in sizes:
        kind, _, named = size.rpartition("=")
        if kind:
            by_kind[_known("size", kind, (*taxonomy.values("category"), "clothes"))] = named
        else:
            conditions["size"] = [*conditions.get("size", []), size]
    without, ruled_out = _refused(refused)
    if ruled_out:
        before = conditions.get("not", {})
        conditions["not"] = {a: [*before.get(a, []), *ruled_out.get(a, [])] for a in {**before, **ruled_out}}
    if conditions:
        found["where"] = Filters.model_validate(conditions)
    return found | ({"sizes": by_kind} if by_kind else {}) | ({"without": without} if without else {})


def _known(option: str, word: str, words: Sequence[str]) -> str:
    """The word, or in an attribute's other words what it is called."""
    named = canonical(option, word) if option in taxonomy.ATTRIBUTES else word
    if named not in words:
        raise NoSuchWord(option, f"no {word!r}; there are {', '.join(words)}")
    return named


def _refused(words: Sequence[str]) -> tuple[tuple[str, ...], dict[str, list[str]]]:
    """(slots, values by attribute)."""
    slots: list[str] = []
    values: dict[str, list[str]] = {}
    for word in words:
        attribute, _, value = word.rpartition("=")
        if not attribute and word in table("looks")["slots"]:
            slots.append(word)
            continue
        tried = (attribute,) if attribute in REFUSED else REFUSED[:4]
        known = next((a for a in tried if canonical(a, value) in taxonomy.values(a)), attribute)
        if known not in REFUSED:
            raise NoSuchWord("not", f"{word!r} is no colour, pattern, material or kind")
        values.setdefault(known, []).append(canonical(known, value))
    return tuple(slots), values
