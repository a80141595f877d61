"""The colour part of a pair's score: how the main colours relate (tones.py), what second colours add, how much of each
is seen, and the trade's own rules for leathers, metals and suits."""

from functools import lru_cache
from typing import Any

from tools.styling import tones
from tools.styling.parts import PAIRS, Part, Values, part
from tools.styling.piece import table
from tools.styling.tones import Tone
from tools.styling.traits import Palette


def _named(t: Tone) -> str:
    return "/".join(t.words)


@lru_cache(PAIRS)
def color(a: Palette, b: Palette) -> Part:
    """Harmony of the main colours (tones.relation), what second colours add to it, and the trade's own rules for
    leather, metals and suits."""
    rules = table("rules")["color"]
    if not a.tones or not b.tones:
        return part("color", 0.0)
    x, y = a.tones[0], b.tones[0]
    said = tones.relation(x, y)
    value, ground = said.value, said.ground
    values: Values = (("a", _named(x)), ("b", _named(y)))
    if ground in ("neutral", "soft"):
        quiet, other = (x, y) if (x.goes_with_all, x.neutral) >= (y.goes_with_all, y.neutral) else (y, x)
        values = (("neutral", _named(quiet)), ("other", _named(other)))
    elif ground == "same":
        values = (("color", _named(y if y.neutral < 0.5 or x.words == y.words else x)),)
    value, ground, values = _by_area(a, b, value, ground, values)
    echoed = _echo(a, b)
    if echoed is not None and value > -0.3:
        value += rules["echo"]
        if a.loud != b.loud:
            loud, calm = (a, b) if a.loud else (b, a)
            ground = "echo"
            own, other = echoed if a is calm else echoed[::-1]
            values = (
                ("item", calm.category), ("a", _named(own)), ("b", _named(other)), ("other_item", loud.category),
            )  # fmt: skip
    trims = sum(
        min(tones.relation(s, t).value, 0.0) * (t.share + s.share)
        for s in a.tones
        for t in b.tones
        if (s is not x or t is not y) and s.name != t.name
    )
    value += rules["trim"] * trims
    special = _special(a, b, rules)
    if special is not None and special[0] < value:
        return part("color", *special)
    return part(
        "color", value, ground if (value > 0) == (said.value > 0) or ground == "garish" else "", values
    )


def _by_area(a: Palette, b: Palette, value: float, ground: str, values: Values) -> tuple[float, str, Values]:
    """A bold contrast is an accent where one of the two is small, and may be garish where both are large."""
    rules = table("rules")["color"]
    x, y = a.tones[0], b.tones[0]
    bold = {x.name, y.name} in [set(pair) for pair in rules["garish"]] and min(x.vivid, y.vivid) > 0.3
    if value > 0 and bold and min(a.area, b.area) > 0.2:
        return rules["garish_score"], "garish", values
    if (
        value > 0
        and min(a.area, b.area) < 0.1
        and ground in ("contrast", "neutral")
        and not (a.loud or b.loud)
    ):
        accent, main = (y, x) if b.area < a.area else (x, y)
        if accent.neutral < 0.5 and accent.vivid > 0.4:
            return value + 0.1, "accent", (("accent", _named(accent)), ("other", _named(main)))
    return value, ground, values


def _echo(a: Palette, b: Palette) -> tuple[Tone, Tone] | None:
    """A colour that one piece has beside others and the other piece has too: as the first has it, and the second."""
    if len(a.tones) < 2 and len(b.tones) < 2:
        return None
    mains = (a.tones[0], b.tones[0])
    shared = [(s, t) for s in a.tones for t in b.tones if s.name == t.name and (s, t) != mains]
    return next(
        ((s, t) for s, t in shared if s.name not in ("white", "black", "grey") and tones.alike(s, t)), None
    )


def _special(a: Palette, b: Palette, rules: dict[str, Any]) -> tuple[float, str, Values] | None:
    """The trade's own rules: leathers agree, metals agree, no jacket goes with the trousers of another suit."""
    x, y = a.tones[0], b.tones[0]
    both = (("item", a.category), ("other_item", b.category), ("a", _named(x)), ("b", _named(y)))
    small = {a.slot, b.slot} <= {"shoes", "bag", "accessory"}
    of = rules["leather"]
    families = [next((n for n, f in enumerate(of["families"]) if t.name in f), None) for t in (x, y)]
    if a.leather and b.leather and small and None not in families and families[0] != families[1]:
        belt = "belt" in (a.category, b.category) and "shoes" in (a.slot, b.slot)
        return of["belt"] if belt else of["other"], "leathers", both
    suited = a.tailored and a.slot in ("outer", "bottom") and x.name == "black"
    if suited and b.slot == "shoes" and b.leather and y.name == "brown":
        return rules["brown_shoes"], "brown_shoes", both
    if {x.name, y.name} == {"gold", "silver"} and small:
        return rules["metals"], "metals", both
    suit = rules["broken_suit"]
    if (
        a.category in suit["outer"]
        and b.category in suit["bottom"]
        and x.name == y.name
        and x.name in suit["colors"]
        and not (a.loud or b.loud)
        and b.tailored
        and {a.material, b.material} <= set(suit["materials"])
    ):
        return suit["score"], "broken_suit", both
    return None
