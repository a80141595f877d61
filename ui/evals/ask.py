"""Figures for answers: right, unknown, and confident where nobody could know; yes/no questions as POPE counts them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ui.evals import labels
from ui.evals.questions import NEGATIVES, Question
from ui.evals.statistics import calibration, counted, yes_no

CONFIDENT = 0.5  # from here on an answer is given with confidence


@dataclass(frozen=True)
class Answered:
    """A question on a photo with its answer, as `Assistant.ask` gives it."""

    photo: str
    question: Question
    value: Any
    source: str
    confidence: float
    answer: str

    @property
    def unknown(self) -> bool:
        """The answer is that it cannot be told."""
        return self.source == "unknown"

    @property
    def said_yes(self) -> bool | None:
        """Yes, no, or None for "I cannot tell"; an answer that is neither counts as not telling."""
        return self.value if not self.unknown and isinstance(self.value, bool) else None

    @property
    def right(self) -> bool:
        """The answer is what the label says: the first colour told is labelled, a kind counts as its parent."""
        return self._right(near=False)

    @property
    def nearly_right(self) -> bool:
        """Right, or a colour next to the one labelled first."""
        return self._right(near=True)

    def _right(self, near: bool) -> bool:
        truth = self.question.truth
        if self.question.kind == "is":
            return self.said_yes is truth
        told = self.value[0] if isinstance(self.value, list) and self.value else self.value
        if self.unknown or not isinstance(told, str):
            return False
        if self.question.about == "category":
            return labels.is_category([told], truth[0])
        if self.question.about == "color":
            return told in truth or (near and told in labels.neighbours(truth[0]))
        return bool(told == truth[0])

    def to_json(self) -> dict[str, Any]:
        """One line of `answers.jsonl`."""
        asked = self.question
        return {
            "photo": self.photo, "lang": asked.lang, "kind": asked.kind, "about": asked.about, "question": asked.text,
            "truth": asked.truth, "against": asked.against, "answer": self.answer, "value": self.value,
            "source": self.source, "confidence": self.confidence,
            "right": None if asked.kind == "unanswerable" else self.right,
        }  # fmt: skip


def figures(answers: Sequence[Answered]) -> dict[str, Any]:
    """Everything there is to say of these answers: a JSON object.

    Of the yes/no questions the answerable ones are those with random negatives; the rest are in `pope` alone."""
    answerable = [a for a in answers if a.question.kind == "what" or "random" in a.question.against]
    unanswerable = [a for a in answers if a.question.kind == "unanswerable"]
    return {
        "questions": len(answers),
        "answerable": {
            **answered(answerable),
            "by_kind": _by(answerable, lambda a: a.question.kind, answered),
            "by_language": _by(answerable, lambda a: a.question.lang, answered),
            "by_attribute": _by(answerable, lambda a: a.question.about, answered),
            "calibration": calibration((a.confidence, a.right) for a in answerable if not a.unknown),
        },
        "unanswerable": {
            **unanswered(unanswerable),
            "by_language": _by(unanswerable, lambda a: a.question.lang, unanswered),
            "by_topic": _by(unanswerable, lambda a: a.question.about, unanswered),
        },
        "pope": {kind: pope([a for a in answers if kind in a.question.against]) for kind in NEGATIVES},
    }


def answered(answers: Sequence[Answered]) -> dict[str, Any]:
    """How many are right, of all and of those answered, and how many are answered "I cannot tell"."""
    given = [a for a in answers if not a.unknown]
    return {
        "right": counted(a.right for a in answers),
        "right_or_neighbour": counted(a.nearly_right for a in answers),
        "unknown": counted(a.unknown for a in answers),
        "right_when_answered": counted(a.right for a in given),
    }


def unanswered(answers: Sequence[Answered]) -> dict[str, Any]:
    """How many unanswerable questions were answered at all, and how many with confidence."""
    return {
        "answered": counted(not a.unknown for a in answers),
        "confident": counted(not a.unknown and a.confidence >= CONFIDENT for a in answers),
        "confident_from": CONFIDENT,
    }


def pope(answers: Sequence[Answered]) -> dict[str, Any]:
    """Figures of one kind of negatives: category alone, the other attributes together, and each for itself."""

    def both(some: Sequence[Answered]) -> dict[str, Any]:
        return yes_no((bool(a.question.truth), a.said_yes) for a in some)

    return {
        **both(answers),
        "category": both([a for a in answers if a.question.about == "category"]),
        "attributes": both([a for a in answers if a.question.about != "category"]),
        "by_attribute": _by(answers, lambda a: a.question.about, both),
        "by_language": _by(answers, lambda a: a.question.lang, both),
    }


def _by(
    answers: Iterable[Answered],
    key: Callable[[Answered], str],
    measure: Callable[[Sequence[Answered]], dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Answered]] = {}
    for answer in answers:
        groups.setdefault(key(answer), []).append(answer)
    return {name: measure(group) for name, group in groups.items()}
