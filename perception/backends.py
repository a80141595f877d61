"""Who does which of the eyes' jobs: the embedded models, a model of the hub, or a chat model. One factory per job.

A setting is "embedded", "hub:<model id or local folder>" or, for captions and questions, a chat model, handed in.
Each job's backend loads its model at the first use. Errors of the hub's models are perception.hub.errors.HubError.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from PIL.Image import Image

from perception.questions import Asked
from perception.vqa import Seen

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

EMBEDDED, HUB = "embedded", "hub:"
Scores = dict[str, dict[str, float]]  # attribute → value → probability


@dataclass(frozen=True)
class Question:
    """A question on a photo: as it was understood, and in the shopper's words where these are at hand."""

    image: Image
    asked: Asked
    text: str = ""


class Captions(Protocol):
    """Says what is in photos."""

    def captions(self, images: Sequence[Image], lang: str) -> list[str | None]:
        """A sentence or two each; None where there is none fit to be shown (the composed one stands then)."""
        ...

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits the job."""
        ...

    def warm(self) -> None:
        """Load what is needed now."""
        ...


class Questions(Protocol):
    """Answers questions on photos."""

    def answers(self, questions: Sequence[Question], lang: str) -> list[Seen | None]:
        """An answer each; None for what is not asked of this backend (the embedded answer stands then)."""
        ...

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits the job."""
        ...

    def warm(self) -> None:
        """Load what is needed now."""
        ...


class Attributes(Protocol):
    """Reads attributes off photos of one garment each."""

    @property
    def signature(self) -> str:
        """Names the weights."""
        ...

    def scores(self, images: Sequence[Image], classes: Mapping[str, Sequence[str]]) -> list[Scores]:
        """For each photo, every attribute of `classes` with a probability for each of its values, summing to 1."""
        ...

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits the job."""
        ...

    def warm(self) -> None:
        """Load what is needed now."""
        ...


class Space(Protocol):
    """Photos and sentences as float32 vectors of length 1 in one space."""

    @property
    def signature(self) -> str:
        """Names the weights: vectors of others are not comparable with these."""
        ...

    def images(self, images: Sequence[Image]) -> np.ndarray:
        """(n, d)."""
        ...

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d); a row of zeros for a text in a language that the model does not read."""
        ...

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits the job."""
        ...

    def warm(self) -> None:
        """Load what is needed now."""
        ...


@dataclass(frozen=True)
class Backends:
    """The jobs that somebody else than the embedded models does; None where they do it themselves."""

    captions: Captions | None = None
    questions: Questions | None = None
    attributes: Attributes | None = None
    space: Space | None = None

    @property
    def empty(self) -> bool:
        """True when the embedded models do everything."""
        return not self._taken

    def check(self) -> None:
        """Find out, without loading them, whether the models are there and fit. Raises HubError."""
        for backend in self._taken:
            backend.check()

    def warm(self) -> None:
        """Load every model. Raises HubError."""
        for backend in self._taken:
            backend.warm()

    @property
    def _taken(self) -> list[Any]:
        return [b for job in fields(self) if (b := getattr(self, job.name)) is not None]


def captions(setting: str, device: str = "auto", chat: "BaseChatModel | None" = None) -> Captions | None:
    """Who captions; None: the embedded composer. `chat`: the model of a setting that names a chat model."""
    if chat is not None:
        from perception.chat import ChatCaptions

        return ChatCaptions(chat)
    if (name := hub_name(setting)) is None:
        return None
    from perception.hub.captions import HubCaptions

    return HubCaptions(name, device)


def questions(setting: str, device: str = "auto", chat: "BaseChatModel | None" = None) -> Questions | None:
    """Who answers questions on photos; None: the embedded answers."""
    if chat is not None:
        from perception.chat import ChatQuestions

        return ChatQuestions(chat)
    if (name := hub_name(setting)) is None:
        return None
    from perception.hub.questions import HubQuestions

    return HubQuestions(name, device)


def attributes(setting: str, device: str = "auto") -> Attributes | None:
    """Who reads attributes; None: the embedded heads."""
    if (name := hub_name(setting)) is None:
        return None
    from perception.hub.attributes import ZeroShot

    return ZeroShot(name, device)


def space(setting: str, device: str = "auto") -> Space | None:
    """Who makes vectors of photos; None: the embedded encoder."""
    if (name := hub_name(setting)) is None:
        return None
    from perception.hub.space import HubSpace

    return HubSpace(name, device)


def hub_name(setting: str) -> str | None:
    """The model of a "hub:" setting, None for "embedded". Raises ValueError for anything else."""
    if setting == EMBEDDED:
        return None
    name = setting.removeprefix(HUB).strip()
    if not setting.startswith(HUB) or not name:
        raise ValueError(f'{setting!r} is neither "embedded" nor "hub:<model id or folder>"')
    return name
