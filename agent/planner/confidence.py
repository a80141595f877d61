"""How sure the planner is of what it made of a message: the probability that its first intent is right, by a logistic
model of what the rules and the ears say. Trained by training/routing.py."""

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from agent.planner.intents import INJECTION
from agent.planner.meaning import Meaning

FILE = Path(__file__).parent / "weights" / "confidence.json"
FEATURES = ("heard", "margin", "agree", "ruled", "several", "pointless", "long")
# Which of these it is, the conversation so far decides, not the words: what is done is the same.
_ALIKE = (frozenset({"ask_product", "describe"}), frozenset({"find", "refine", "recommend"}))


def features(meaning: Meaning) -> list[float]:
    """One number for each of FEATURES, each about -3 … 3."""
    heard = meaning.heard
    own = min((_chance(p.intent, heard) for p in meaning.parts), default=0.0)
    other = max(
        (c for i, c in heard.items() if not any(i in alike(p.intent) for p in meaning.parts)), default=0.0
    )
    pointing = [r for r in meaning.references if r.kind not in ("photo", "named")]
    pointless = bool(pointing) and not any(r.ids or r.photo for r in meaning.references)
    return [
        _logit(own) / 2,
        own - other,
        float(meaning.ruled == meaning.intent),
        min(max((p.weight for p in meaning.parts), default=0.0), 12.0) / 6,
        float(len(meaning.parts) > 1),
        float(pointless),
        math.log1p(len(meaning.text)) / 2,
    ]


def alike(intent: str) -> frozenset[str]:
    """Intents that come to the same as this one."""
    return next((group for group in _ALIKE if intent in group), frozenset({intent}))


def _chance(intent: str, heard: Mapping[str, float]) -> float:
    return sum(heard.get(i, 0.0) for i in alike(intent))


def of(meaning: Meaning) -> float:
    """Probability that the planner is right. 1 where nothing is left to doubt, an answer to its own question, an
    attempt to give it orders; and for a photo, which rules of their own know what to do with (photo_talk) and which the
    ears, fitted on few, know little of."""
    if meaning.photo or meaning.intent == "ask_photo":
        return 1.0
    if meaning.answers_pending or any(p.weight >= INJECTION for p in meaning.parts):
        return 1.0
    if meaning.unclear or meaning.unknown or meaning.foreign or meaning.clipped:
        return 0.0
    if not meaning.heard:  # without ears the rules' own weight has to do
        return min(1.0, max((p.weight for p in meaning.parts), default=0.0) / 6)
    fitted = _fitted()
    score = fitted["bias"] + sum(w * x for w, x in zip(fitted["weights"], features(meaning), strict=True))
    return 1 / (1 + math.exp(-score))


def threshold(small: bool = False) -> float:
    """From here on the planner answers by itself. `small`: where the model beside it is a small one."""
    return float(_fitted()["small" if small else "threshold"])


@cache
def _fitted() -> dict[str, Any]:
    return dict(json.loads(FILE.read_text(encoding="utf-8")))


def _logit(p: float) -> float:
    p = min(max(p, 0.002), 0.998)
    return math.log(p / (1 - p))
