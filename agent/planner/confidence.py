"""How sure the planner is of what it made of a message: the probability that its first intent is right, by a logistic
model of what the rules and the ears say. Trained by training/routing.py."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

from agent.planner import leftovers
from agent.planner.intents import INJECTION
from agent.planner.meaning import Meaning

FILE = Path(__file__).parent / "weights" / "confidence.json"
FEATURES = ("heard", "margin", "agree", "ruled", "several", "left over", "pointless", "long")


def features(meaning: Meaning) -> list[float]:
    """One number for each of FEATURES, each about -3 … 3."""
    heard = meaning.heard
    chances = sorted(heard.values(), reverse=True) or [0.0]
    own = min((heard.get(p.intent, 0.0) for p in meaning.parts), default=0.0)
    margin = own - next((c for c in chances if c != own), 0.0)
    left = leftovers.count(meaning.tagged)
    pointing = [r for r in meaning.references if r.kind not in ("photo", "named")]
    pointless = bool(pointing) and not any(r.ids or r.photo for r in meaning.references)
    return [
        _logit(own) / 2,
        margin,
        float(meaning.ruled == meaning.intent),
        min(max((p.weight for p in meaning.parts), default=0.0), 12.0) / 6,
        float(len(meaning.parts) > 1),
        math.log1p(left),
        float(pointless),
        math.log1p(len(meaning.text)) / 2,
    ]


def of(meaning: Meaning) -> float:
    """Probability that the planner is right. 1 where nothing is left to doubt: an answer to its own question, an
    attempt to give it orders."""
    if meaning.answers_pending or any(p.weight >= INJECTION for p in meaning.parts):
        return 1.0
    if meaning.unclear or meaning.unknown or meaning.foreign or meaning.clipped:
        return 0.0
    if not meaning.heard:  # without ears the rules' own weight has to do
        return min(1.0, max((p.weight for p in meaning.parts), default=0.0) / 6)
    fitted = _fitted()
    score = fitted["bias"] + sum(w * x for w, x in zip(fitted["weights"], features(meaning), strict=True))
    return 1 / (1 + math.exp(-score))


def threshold() -> float:
    """From here on the planner answers by itself."""
    return float(_fitted()["threshold"])


@cache
def _fitted() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def _logit(p: float) -> float:
    p = min(max(p, 0.002), 0.998)
    return math.log(p / (1 - p))
