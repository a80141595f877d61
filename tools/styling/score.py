"""How well pieces go together, 0..1, in parts, and the ground of it in words.

Every part (parts.py) says from -1 to 1; what it weighs in log-odds stands in rules.yaml. A score is the logistic of
what speaks for a pair, less by its worst part, and of what speaks against it: one clash undoes several agreements. What
is not known says nothing; two pieces of which nothing is known stand at 0.5.

Of a look, the good is the mean of its pairs' good, the bad adds up from its worst pair on, and some things only the
whole shows (wholes.py). A piece that goes with none of the others therefore never raises a look's score.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from tools.styling import harmony, wholes
from tools.styling import parts as of
from tools.styling.parts import Part
from tools.styling.piece import Piece, table
from tools.styling.traits import traits

if TYPE_CHECKING:
    from tools.styling.learned import Compatibility

INDIFFERENT = 0.5
# The scores from which a shopper is told that things go together, and below which that they do not; between, that it is
# a matter of taste. Chosen on the part of tests/data/outfits that may be seen.
GOES, CLASHES = 0.55, 0.45


@dataclass(frozen=True)
class Pairing:
    """How well two pieces go together, 0..1, and the parts of it: the one that weighed most for the verdict first."""

    score: float
    parts: tuple[Part, ...] = ()

    def reason(self, lang: str, nth: int = 0) -> str:
        """What weighed most for the score (of a good pair for it, of a bad one against it), as a sentence in `lang`, in
        the `nth` of its wordings; empty where nothing is worth saying."""
        good = self.score >= INDIFFERENT
        return next((p.said(lang, nth) for p in self.parts if p.ground and (p.weight > 0) == good), "")


@dataclass(frozen=True)
class Judged:
    """How well the pieces of a look go together, 0..1: `pairings` best first, `parts` of the look as a whole."""

    score: float
    pairings: tuple[Pairing, ...] = ()
    parts: tuple[Part, ...] = ()

    def reasons(self, lang: str) -> list[str]:
        """What weighed most for the score, the whole's grounds and the pairings', without repetition; of a look that
        does not work, what is against it."""
        good = self.score >= INDIFFERENT
        told: list[tuple[float, str]] = [
            (abs(p.weight), p.said(lang)) for p in self.parts if p.ground and (p.weight > 0) == good
        ]
        grounds: dict[str, int] = {}
        for pairing in self.pairings if good else reversed(self.pairings):
            first = next((p for p in pairing.parts if p.ground and (p.weight > 0) == good), None)
            if first is not None:
                nth = grounds.get(first.ground, 0)
                grounds[first.ground] = nth + 1
                # The same ground once more says less than another one.
                told.append((abs(first.weight) / (1 + nth), first.said(lang, nth)))
        told.sort(key=lambda one: -one[0])
        return list(dict.fromkeys(text for _, text in told if text))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -60 else 0.0


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def _parts(a: Piece, b: Piece) -> list[Part]:
    s, t = traits(a), traits(b)
    if t.order < s.order:
        s, t = t, s
    return [
        harmony.color(s.palette, t.palette),
        of.pattern(s.print, t.print),
        of.season(s.cloth, t.cloth),
        of.material(s.fabric, t.fabric),
        of.formality(s.rank, t.rank),
        of.silhouette(s.cut, t.cut),
        of.style(s.manner, t.manner),
        of.occasion(s.manner, t.manner),
        of.place(s.wearer, t.wearer),
        of.person(s.wearer, t.wearer),
    ]


def pair(a: Piece, b: Piece, learned: "Compatibility | None" = None) -> Pairing:
    """Score two pieces, whichever comes first; an attribute that either lacks counts as indifferent. With `learned`,
    what the shop's own looks taught has its share of the score, and is the ground where it alone made a good pair."""
    found = _parts(a, b)
    good = bad = 0.0
    worst = 0.0
    for part in found:
        weight = part.weight
        if weight > 0:
            good += weight
        elif weight < 0:
            bad += weight
            worst = max(worst, 1 - 2 * part.score)
    x = good * (1 - table("rules")["damping"] * worst) + bad
    score = _logistic(x)
    taught = learned.score(a, b) if learned is not None else None
    if learned is not None and taught is not None:
        share = learned.weight
        # As heavy beside the rules' parts as its share of the score is beside theirs.
        weight = share / max(1 - share, 0.01) * _logit(taught)
        found.append(Part("learned", taught, "learned" if taught >= GOES else "", (), weight))
        score = (1 - share) * score + share * taught
    sign = -1.0 if score >= INDIFFERENT else 1.0
    found.sort(key=lambda p: sign * p.weight)
    return Pairing(score, tuple(found))


def whole(pieces: Sequence[Piece], learned: "Compatibility | None" = None) -> Judged:
    """Score a look. Fewer than two pieces are indifferent."""
    pairings = [pair(a, b, learned) for a, b in combinations(pieces, 2)]
    if not pairings:
        return Judged(INDIFFERENT)
    rules = table("rules")["whole"]
    weights = [_logit(p.score) for p in pairings]
    good = sum(w for w in weights if w > 0) / len(weights)
    worst = sorted(w for w in weights if w < 0)
    bad = sum(w * rules["worst"] ** n for n, w in enumerate(worst))
    found = wholes.parts([traits(p) for p in pieces])
    damped = max([0.0, *(1 - 2 * p.score for p in found), *(1 - 2 * _logistic(w) for w in worst)])
    good += sum(p.weight for p in found if p.weight > 0)
    bad += sum(p.weight for p in found if p.weight < 0)
    score = _logistic(good * (1 - rules["damping"] * damped) + bad)
    ranked = sorted(pairings, key=lambda p: p.score, reverse=True)
    return Judged(score, tuple(ranked), tuple(found))
