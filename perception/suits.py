"""What a garment suits: season and occasion by points for its kind and its attributes (prompts/questions.yaml)."""

from perception.look import Garment
from prompts import load, taxonomy

DECIDED = 1  # points from which it suits, or, below zero, does not


def points(garment: Garment, attribute: str, value: str) -> int | None:
    """The sum of the points; None where the table knows nothing of the kind of garment nor of what else was seen."""
    table: dict[str, dict[str, int]] | None = load("questions")["suits"][attribute].get(value)
    if table is None:
        return None
    kind = _nearest(garment, table.get("category", {}))
    own = {
        "sleeve": garment.sleeve,
        "material": garment.material,
        "neckline": garment.neckline,
        "length": garment.length,
        "pattern": garment.pattern,
        "color": garment.colors[0] if garment.colors else None,
    }
    more = [table[a][v] for a, v in own.items() if v is not None and v in table.get(a, {})]
    return None if kind is None and not more else (kind or 0) + sum(more)


def verdict(garment: Garment, attribute: str, value: str) -> bool | None:
    """True: it suits; False: it does not; None: it depends."""
    total = points(garment, attribute, value)
    if total is None or abs(total) < DECIDED:
        return None
    return total > 0


def best(garment: Garment, attribute: str, at_least: int = DECIDED) -> list[str]:
    """What it suits, the best first."""
    rated = [(points(garment, attribute, v) or 0, v) for v in load("questions")["suits"][attribute]]
    return [v for p, v in sorted(rated, key=lambda r: -r[0]) if p >= at_least]


def _nearest(garment: Garment, table: dict[str, int]) -> int | None:
    """The points of the finest kind that the table lists; a bare "outwear" is not a blazer."""
    for leaf in (garment.kind, garment.category):
        for category in reversed(taxonomy.ancestors(leaf)) if leaf else ():
            if category in table:
                return table[category]
    return None
