"""The parts of a pair's score: what each tells of two pieces, -1 (against) to 1 (for), with its ground.

Each takes the traits of the piece that stands first in the order of slots (outer, top, one-piece, bottom, shoes, bag,
accessory) and of the other; what is not known says nothing (0). Weights, tables and thresholds: rules.yaml.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from prompts import load, taxonomy
from tools.cards import phrase
from tools.styling.piece import table
from tools.styling.traits import Cloth, Cut, Fabric, Manner, Print, Rank, Wearer

Values = tuple[tuple[str, str], ...]
PAIRS = 8_000  # of traits, that each part remembers what it said of: some megabytes in all


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a score, 0..1; 0.5 where it says nothing. `ground`: a key of `outfit` in prompts/tools.yaml, empty
    when there is nothing worth saying; `values` fill it: a canonical value each, a colour as its words "zh/en".
    `weight`: what it weighs in the score, in log-odds; negative against."""

    name: str
    score: float
    ground: str = ""
    values: Values = ()
    weight: float = 0.0

    def said(self, lang: str, nth: int = 0) -> str:
        """The ground as a sentence in `lang`, in the `nth` of its wordings; empty when there is none."""
        if not self.ground:
            return ""
        words = {kind: _word(kind, value, lang) for kind, value in self.values}
        wordings = load("tools")["outfit"][self.ground][lang]
        text = str(wordings[nth % len(wordings)]).format(**words)
        return text[:1].upper() + text[1:]


_ATTRIBUTES = {
    "item": "category", "other_item": "category", "season": "season", "occasion": "occasion",
    "pattern": "pattern", "a_pattern": "pattern", "b_pattern": "pattern",
    "material": "material", "other_material": "material", "style": "style", "other_style": "style",
}  # fmt: skip


def _word(kind: str, value: str, lang: str) -> str:
    if "/" in value:
        return value.split("/")[0 if lang == "zh" else 1]
    if kind == "register":
        return str(load("tools")["outfit"]["registers"][value][lang])
    return phrase(_ATTRIBUTES.get(kind, "color"), value, lang)


def part(name: str, value: float, ground: str = "", values: Values = ()) -> Part:
    """A part that says `value`, -1..1."""
    value = min(max(value, -1.0), 1.0)
    weights = table("rules")["weights"][name]
    weight = value * weights["for" if value > 0 else "against"]
    told = ground if abs(weight) >= table("rules")["least_said"] else ""
    return Part(name, (value + 1) / 2, told, values if told else (), weight)


@lru_cache(PAIRS)
def pattern(a: Print, b: Print) -> Part:
    """One pattern has the stage; two live together where they are of different kinds and share a colour."""
    rules = table("rules")["pattern"]
    if a.loud is None or b.loud is None:
        return part("pattern", 0.0)
    if not a.loud and not b.loud:
        return part("pattern", rules["none"])
    told = "" if "other" in (a.pattern, b.pattern) else "_named"  # "the other pattern" is no name for one
    if not a.loud or not b.loud:
        calm, loud = (b, a) if a.loud else (a, b)
        values: Values = (("item", calm.category), ("pattern", str(loud.pattern)))
        return part("pattern", rules["one"], f"calm{told}", values)
    values = (("a_pattern", str(a.pattern)), ("b_pattern", str(b.pattern)))
    soften = rules["small"] if a.small or b.small else 1.0
    if a.pattern == b.pattern and told:
        if a.pattern == "graphic" and soften < 1:
            soften = rules["motif"]
        return part("pattern", rules["same"] * soften, "pattern_twice", (("pattern", str(a.pattern)),))
    mixed = _mixed(a, b, rules)
    if mixed is not None:
        score, shared = mixed
        word = "/".join(taxonomy.word("color", shared, lang) for lang in ("zh", "en"))
        return part("pattern", score, "patterns_share" if shared else "", (*values, ("color", word)))
    loudness = 0.6 + 0.4 * min(1.0, a.loud + b.loud)
    return part("pattern", rules["both"] * soften * loudness, f"patterns{told}", values)


def _mixed(a: Print, b: Print, rules: dict[str, Any]) -> tuple[float, str] | None:
    """What two patterns that may be worn together say, and the colour they share, if that tells."""
    kinds_ = {str(a.pattern), str(b.pattern)}
    if any(kinds_ == set(related) for related in rules["related"]):
        shared = sorted((a.colors & b.colors) - {"black", "white"})
        if shared:
            return rules["mixed"], shared[0]
        if a.colors and a.colors == b.colors:  # black and white with black and white is one palette too
            return rules["mixed"] / 2, ""
    for entry in rules["borne"]:
        if kinds_ == set(entry["kinds"]) and (not entry.get("tailored") or (a.tailored and b.tailored)):
            worn = {a.category, b.category}
            if "over" not in entry or (worn & set(entry["over"]) and worn & set(entry["under"])):
                return entry["score"], ""
    return None


@lru_cache(PAIRS)
def season(a: Cloth, b: Cloth) -> Part:
    """One weather: seasons in common, and a difference of warmth that is still worn on one day."""
    rules = table("rules")["season"]
    shared = a.season & b.season
    value = 0.0
    if a.warmth is not None and b.warmth is not None:
        gap = abs(a.warmth - b.warmth) - _layered(a, b, max(a.warmth, b.warmth), rules)
        limit, width = rules["apart"]
        over = max(gap - limit, 0.0) / width
        if over > 0:
            value = -over - (rules["disjoint"] if a.season and b.season and not shared else 0.0)
            warm, cool = (a, b) if a.warmth > b.warmth else (b, a)
            return part("season", value, "weather", (("item", warm.category), ("other_item", cool.category)))
    if not shared or len(a.season) == 4 or len(b.season) == 4 or not a.season or not b.season:
        return part("season", value)
    order = taxonomy.values("season")
    told = sorted(shared, key=order.index)
    return part("season", rules["shared"], "season" if len(shared) < 3 else "", (("season", told[0]),))


def _layered(a: Cloth, b: Cloth, warmest: float, rules: dict[str, Any]) -> float:
    """How much of a difference of warmth layers make good: thin under warm, bare shoulders less."""
    slots, bare = {a.slot, b.slot}, a.bare or b.bare
    if (a.slip or b.slip) and not slots & {"bag", "accessory"} and warmest < 0.9:
        return float(rules["slip"])
    if "outer" in slots and bare and warmest >= 0.9:
        return -float(rules["bare"])
    if slots == {"outer", "top"} and (not bare or warmest < 0.85):
        return float(rules["under"])
    if "cardigan" in (a.category, b.category) or (slots == {"outer", "onepiece"} and not bare):
        return float(rules["layered"])
    return 0.0


@lru_cache(PAIRS)
def material(a: Fabric, b: Fabric) -> Part:
    """Cloths that flatter or fight each other."""
    rules = table("rules")["material"]
    if a.material is None or b.material is None:
        return part("material", 0.0)
    values: Values = (
        ("material", a.material), ("other_material", b.material),
        ("item", a.category), ("other_item", b.category),
    )  # fmt: skip
    sweats = rules["sweats"]
    if (a.sweats and b.material in sweats["against"]) or (b.sweats and a.material in sweats["against"]):
        return part("material", sweats["score"], "cloth_apart", values)
    if a.large and b.large and a.material == b.material == "denim":
        near = a.color == b.color
        return part(
            "material", rules["denim_twice"]["same" if near else "other"], "denim_twice" if near else ""
        )
    if a.large and b.large and a.material == b.material == "leather":
        return part("material", rules["leather_twice"], "leather_twice")
    score, ground = _cloths(a.material, b.material)
    return part("material", score, ground, values)


@lru_cache(4096)
def _cloths(a: str, b: str) -> tuple[float, str]:
    for entry in table("rules")["material"]["pairs"]:
        if (a in entry["a"] and b in entry["b"]) or (b in entry["a"] and a in entry["b"]):
            return entry["score"], entry["ground"]
    return 0.0, ""


@lru_cache(PAIRS)
def formality(a: Rank, b: Rank) -> Part:
    """Levels that are near, or within each other's reach."""
    rules = table("rules")["formality"]
    if a.level is None or b.level is None:
        return part("formality", 0.0)
    high, low = (a, b) if a.level > b.level else (b, a)
    gap = abs(a.level - b.level)
    over = gap - a.reach - b.reach - (rules["days"]["relief"] if a.days & b.days else 0.0)
    if low.sporting != high.sporting and max(a.level, b.level) > rules["registers"]["relaxed"]:
        over += rules["sporting_gap"]
    free, width = rules["apart"]
    if over > free:
        apart = (a.small and b.small) or any(
            x.category == kind and y.slot in slots
            for kind, slots in rules["far"].items()
            for x, y in ((a, b), (b, a))
        )
        width *= rules["small"] if apart else 1.0
        ground = "sport_apart" if low.sporting else "too_formal"
        values: Values = (("item", high.category), ("other_item", low.category))
        return part("formality", -(over - free) / width, ground, values)
    near, score = rules["level"]
    if gap > near:
        return part("formality", 0.0)
    level = (a.level + b.level) / 2
    register = next(name for name, upper in rules["registers"].items() if level < upper)
    ground = "level" if register != "relaxed" else "level_relaxed"
    return part("formality", score * (1 - gap / (2 * near)), ground, (("register", register),))


@lru_cache(PAIRS)
def silhouette(a: Cut, b: Cut) -> Part:
    """Volume against what is close to the body, short against long, and what happens at waist and ankle."""
    total, best, ground = 0.0, 0.0, ""
    values: Values = ()
    for rule in table("rules")["silhouette"]["rules"]:
        for x, y in ((a, b), (b, a)):
            if _fits(x, rule["a"], rule["has"]) and _fits(y, rule["b"], rule["with"]):
                if "street" in rule.get("unless", ()) and (x.street or y.street):
                    continue
                total += rule["score"]
                if abs(rule["score"]) > abs(best):
                    best, ground = rule["score"], rule["ground"]
                    values = (("item", x.category), ("other_item", y.category))
                break
    return part("silhouette", total, ground if best * total > 0 else "", values)


def _fits(cut: Cut, kinds_: list[str], marks: list[str]) -> bool:
    return bool(cut.kinds & set(kinds_)) and ("any" in marks or bool(cut.marks & set(marks)))


@lru_cache(PAIRS)
def style(a: Manner, b: Manner) -> Part:
    """How the two manners live together: of each style of one its best with the other's, averaged."""
    if not a.style or not b.style:
        return part("style", 0.0)
    value, s, t = _manners(a.style, b.style)
    if value < 0:
        values: Values = (
            ("style", s), ("other_style", t), ("item", a.category), ("other_item", b.category),
        )  # fmt: skip
        return part("style", value, "styles_apart", values)
    both = sorted(a.style & b.style)
    return part("style", value, "style" if both else "", (("style", both[0]),) if both else ())


@lru_cache(PAIRS)
def _manners(a: frozenset[str], b: frozenset[str]) -> tuple[float, str, str]:
    """How they live together, -1..1, and the two that do so least."""
    rules = table("rules")["style"]

    def between(s: str, t: str) -> float:
        if s == t:
            return float(rules["same"])
        return float(rules["pairs"].get(f"{s} {t}", rules["pairs"].get(f"{t} {s}", 0.0)))

    best = [max((between(s, t), s, t) for t in sorted(b)) for s in sorted(a)]
    best += [max((between(s, t), s, t) for s in sorted(a)) for t in sorted(b)]
    return sum(v for v, _, _ in best) / len(best), *min(best)[1:]


@lru_cache(PAIRS)
def occasion(a: Manner, b: Manner) -> Part:
    """Occasions in common; or one that is only for the beach with one that is only for the office."""
    rules = table("rules")["occasion"]
    if not a.occasion or not b.occasion:
        return part("occasion", 0.0)
    shared = sorted((a.occasion & b.occasion) - set(rules["untold"]))
    if shared:
        share = len(a.occasion & b.occasion) / min(len(a.occasion), len(b.occasion))
        return part("occasion", rules["shared"] * share, "occasion", (("occasion", shared[0]),))
    active, dressed = set(rules["active"]), set(rules["dressed"])
    for x, y in ((a, b), (b, a)):
        if x.occasion <= active and y.occasion <= dressed | {"date"}:
            values: Values = (
                ("item", x.category), ("occasion", sorted(x.occasion)[0]), ("other_item", y.category),
            )  # fmt: skip
            return part("occasion", rules["apart"], "occasions_apart", values)
    return part("occasion", 0.0)


@lru_cache(PAIRS)
def place(a: Wearer, b: Wearer) -> Part:
    """Two of what is worn once: two skirts, two belts; or trousers under a dress, which is rarely meant."""
    rules = table("rules")["place"]
    if a.slot is None or b.slot is None:
        return part("place", 0.0)
    if a.slot != b.slot:
        for one, other, score in rules["rarely"]:
            if (one in a.kinds and other in b.kinds) or (one in b.kinds and other in a.kinds):
                under = (a.kinds | b.kinds) & set(rules["under"])
                return part("place", 0.0 if under else score, "same_place")
        return part("place", 0.0)
    return part("place", -1.0, "same_place") if _in_the_way(a, b, rules) else part("place", 0.0)


def _in_the_way(a: Wearer, b: Wearer, rules: dict[str, Any]) -> bool:
    """Whether two of one slot cannot be worn over each other."""
    if a.slot == "accessory":
        return a.place == b.place and a.place not in rules["many"]
    if a.slot in rules["one"]:
        return True
    return not any(
        (x.kinds & set(under)) and (y.kinds & set(over))
        for under, over in rules["over"]
        for x, y in ((a, b), (b, a))
    )


@lru_cache(PAIRS)
def person(a: Wearer, b: Wearer) -> Part:
    """Whether one person would wear both."""
    rules = table("rules")["person"]
    if a.age and b.age and a.age != b.age:
        return part("person", rules["age"], "ages")
    genders = {a.gender, b.gender} - {None, "unisex"}
    return part("person", rules["gender"] if len(genders) > 1 else 0.0, "genders" if len(genders) > 1 else "")
