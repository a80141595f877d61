"""What only the whole look shows: how many colours shout, how many patterns there are, how far apart the levels are,
whether one season holds all, how much of it is wide."""

from collections.abc import Sequence

from tools.styling.parts import Part, Values
from tools.styling.piece import table
from tools.styling.traits import Traits


def parts(pieces: Sequence[Traits]) -> list[Part]:
    """The parts of a look, each with its weight in log-odds; positive ones are small, as its pairs say most."""
    return [
        p
        for p in (_colors(pieces), _patterns(pieces), _levels(pieces), _season(pieces), _volume(pieces))
        if p
    ]


def _part(name: str, weight: float, ground: str, values: Values = ()) -> Part:
    told = ground if abs(weight) >= table("rules")["least_said"] else ""
    return Part(name, (max(min(weight, 1.0), -1.0) + 1) / 2, told, values if told else (), weight)


def _colors(pieces: Sequence[Traits]) -> Part | None:
    """At most three colours beside the neutrals; one vivid accent on quiet ground is the surest recipe."""
    rules = table("rules")["whole"]["colors"]
    area: dict[str, float] = {}
    names: dict[str, tuple[str, str]] = {}
    total = 0.0
    for piece in pieces:
        total += piece.palette.area
        for tone in piece.palette.tones[:1]:
            if tone.neutral < 0.5 and not tone.pale:
                area[tone.name] = area.get(tone.name, 0.0) + piece.palette.area
                names[tone.name] = tone.words
    if len(area) > rules["most"]:
        return _part("colors", -rules["each"] * (len(area) - rules["most"]), "many_colors")
    vivid = {
        t.palette.tones[0].name
        for t in pieces
        if t.palette.tones and t.palette.tones[0].vivid > 0.4 and t.palette.tones[0].neutral < 0.5
    }
    if len(area) == 1 == len(vivid) and len(pieces) > 2 and sum(area.values()) <= 0.45 * total:
        name = next(iter(area))
        return _part("colors", rules["one_accent"], "one_accent", (("accent", "/".join(names[name])),))
    return None


def _patterns(pieces: Sequence[Traits]) -> Part | None:
    """One pattern, or two that are related; a third is a crowd."""
    rules = table("rules")["whole"]["patterns"]
    loud = [p.print for p in pieces if p.print.loud]
    over = len(loud) - rules["related"]
    return _part("patterns", -rules["each"] * over, "many_patterns") if over > 0 else None


def _levels(pieces: Sequence[Traits]) -> Part | None:
    """Nothing of it dressed for another place than the rest."""
    rules = table("rules")["whole"]["formality"]
    known = [p.rank for p in pieces if p.rank.level is not None]
    if len(known) < 2:
        return None
    ranked = sorted(known, key=lambda r: (r.level or 0.0, r.reach, r.category))
    low, high = ranked[0], ranked[-1]
    spread = (high.level or 0.0) - (low.level or 0.0)
    over = spread - max(rules["most"], low.reach + high.reach + 1.5)
    if over > 0:
        values: Values = (("item", high.category), ("other_item", low.category))
        return _part("formality", -rules["each"] * over, "too_formal", values)
    if spread <= rules["agree"] and len(known) > 2:
        return _part("formality", rules["for"], "all_level")
    return None


def _season(pieces: Sequence[Traits]) -> Part | None:
    """One season in which all of it is worn."""
    rules = table("rules")["whole"]["season"]
    worn = [p.cloth for p in pieces if p.cloth.slot not in table("rules")["small"] or p.cloth.slot == "shoes"]
    known = [cloth.season for cloth in worn if cloth.season]
    if len(known) < 2:
        return None
    shared = frozenset.intersection(*known)
    warmth = [cloth.warmth for cloth in worn if cloth.warmth is not None]
    if not shared and max(warmth, default=0.0) - min(warmth, default=0.0) < rules["spread"]:
        return None
    if not shared:
        return _part("season", -rules["none"], "no_season")
    if len(known) == len(worn) and len(shared) < 3:
        order = ("spring", "summer", "autumn", "winter")
        told = min(shared, key=lambda s: order.index(s) if s in order else len(order))
        return _part("season", rules["all"], "all_season", (("season", told),))
    return None


def _volume(pieces: Sequence[Traits]) -> Part | None:
    """Volume needs something close to the body beside it."""
    rules = table("rules")["whole"]["volume"]
    marks = set(table("rules")["silhouette"]["voluminous"])
    large = [p for p in pieces if p.palette.area > 0.2 and p.cut.marks & marks]
    over = len(large) - rules["most"]
    return _part("volume", -rules["each"] * over, "much_volume") if over > 0 else None
