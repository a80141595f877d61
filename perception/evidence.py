"""What an answer about a photo rests on, and the words that answers share."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from perception import captioner
from perception.labels import Lettering
from perception.look import Garment, Look
from perception.quality import Trouble
from perception.questions import Asked
from prompts import load, say, taxonomy

Source = Literal["image", "text_in_image", "unknown"]
CATEGORY_FROM = 0.45  # below, a category is not even hedged
HEDGE_BELOW = 0.7
# A value asked for by name is a priori about as likely as not, so it is affirmed where the photo makes it likelier than
# it is among garments at large (see yes_at), within these bounds.
RARE, COMMON = 0.1, 0.4
MAY_BELOW = 0.35  # below, a yes is no more than "it may be"
SURE_AT = 0.65  # below, an answer says that it is not certain
EITHER_AT = 0.6  # whether there is any pattern, are any sleeves
RULE = 0.8  # how far a rule of thumb (what suits a beach) is trusted, times how sure the kind of garment is


@dataclass(frozen=True)
class Seen:
    """An answer about a photo. `value`: canonical value (of what it is: the category of the look or a kind of that),
    list of colours, True/False, a count or the text read; None when unknown. For a question asked in the negative
    ("isn't it red?") True still means that it is red."""

    answer: str
    value: Any
    source: Source
    confidence: float


@dataclass(frozen=True)
class Judged:
    """What the heads say of one garment. `scores`: attribute → value → calibrated probability; `colors`: (name, share),
    all of them."""

    scores: dict[str, dict[str, float]] = field(default_factory=dict)
    colors: list[tuple[str, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """What answers rest on. `judged`: one for each garment of the look, in its order; `told`: the probability each
    attribute needs; `read`: the lettering, read when called; `trouble`: what makes the photo hard to see."""

    look: Look
    judged: list[Judged]
    told: dict[str, float]
    read: Callable[[], Lettering]
    trouble: Trouble | None = None


@dataclass(frozen=True)
class One:
    """The garment a question is about."""

    evidence: Evidence
    index: int

    @property
    def garment(self) -> Garment:
        return self.evidence.look.garments[self.index]

    @property
    def judged(self) -> Judged:
        return self.evidence.judged[self.index] if self.index < len(self.evidence.judged) else Judged()


def said(key: str, lang: str, **values: object) -> str:
    return say("seen", f"answer.{key}", lang, **values)


def yes_at(attribute: str, value: str) -> float:
    """The probability from which a value asked for by name is affirmed: its share among garments at large."""
    share = load("questions")["common"].get(attribute, {}).get(value, RARE)
    return float(min(max(share, RARE), COMMON))


def affirmed(p: float) -> str:
    """How a yes is put that is so likely: "right", "maybe" or "may"."""
    return "right" if p >= SURE_AT else "maybe" if p >= MAY_BELOW else "may"


def verdict(key: str, question: Asked, lang: str, **values: object) -> str:
    """The sentence for yes or no, put so that it also answers a question in the negative."""
    return said(f"{key}_neg" if question.negated else key, lang, **values)


def unknown(key: str, lang: str, confidence: float = 0.0, **values: object) -> Seen:
    return Seen(said(key, lang, **values), None, "unknown", round(confidence, 3))


def unsure(attribute: str, lang: str, confidence: float) -> Seen:
    return unknown("unsure", lang, confidence, what=say("seen", f"caption.attribute.{attribute}", lang))


def phrase(attribute: str, value: str, lang: str) -> str:
    entry = load("seen")["caption"].get(attribute, {}).get(value)
    return str(entry[lang]) if entry else taxonomy.word(attribute, value, lang)


def continued(text: str) -> str:
    """A sentence as it stands after a colon or a comma."""
    return text if re.match(r"I\b", text) else text[:1].lower() + text[1:]


def listed(look: Look, lang: str) -> str:
    return captioner.joined([captioner.phrase(g, lang) for g in look.garments], lang)
