"""A reply in the making: answers, one question or next step at its end, messages offered, the question left open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from agent.planner.state import Pending


@dataclass
class Reply:
    """`sentences` answer; of `steps`, what may come next, one is said. `before`: wishes and offers ("budget",
    "outfit:P1") that earlier replies brought up, and that are not brought up again; `asked`: those of this one."""

    before: Collection[str] = ()
    sentences: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    suggestions: list[str] = field(default_factory=list)
    pending: Pending | None = None
    asked: list[str] = field(default_factory=list)
    size: str = ""  # the size advised or settled on: "add it in that size"
    about: str = ""  # of several products the one that is told of: "add it"

    def offer(self, about: str, step: str, pending: Pending | None = None) -> bool:
        """Bring something up that is brought up once a conversation. False when it was, or another step stands."""
        if about in self.before or self.steps:
            return False
        self.steps.append(step)
        self.asked.append(about)
        self.pending = pending or self.pending
        return True

    def told(self, last: Sequence[str]) -> list[str]:
        """All that is said: the answers, each once, then the first step that the `last` reply did not say. Where an
        answer asks something itself, no step comes after it."""
        said = list(dict.fromkeys(s.strip() for s in self.sentences if s and s.strip()))
        if any(s.endswith(("?", "？")) for s in said):
            return said
        fresh = [s for s in self.steps if s not in last and s not in said]
        return [*said, *fresh[:1]]


@dataclass(frozen=True)
class Spoken:
    """A reply as it is said."""

    text: str
    sentences: list[str]
    suggestions: list[str]
    pending: Pending | None
    asked: list[str]
    lines: list[str]
    size: str = ""
    about: str = ""
