"""What the store asks of an embedder. The composition root hands one in; the store knows no model."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from PIL.Image import Image


class Embedder(Protocol):
    """Sentences and pictures as L2-normalised float32 vectors. May be called from several threads."""

    def texts(self, texts: list[str]) -> np.ndarray:
        """(n, t): one vector of the text space each; t is 512 for the embedded encoder."""
        ...

    def images(self, images: list[Image]) -> tuple[np.ndarray, np.ndarray]:
        """(n, d) in the photo space and (n, t) in the text space (what the picture shows, as if it were words)."""
        ...


def signature(embedder: Embedder) -> str:
    """Names the model behind the vectors, so that vectors of another model are never taken for its own."""
    return str(getattr(embedder, "signature", "") or type(embedder).__name__)


def shared_texts(embedder: Embedder) -> Callable[[list[str]], Any] | None:
    """How sentences get into the space of the pictures' second vectors, where that is another than the texts' own
    (a CLIP model has its own for both): (n, t), a row of zeros for a text it does not read. None where it is the
    same."""
    found: Callable[[list[str]], Any] | None = getattr(embedder, "shared_texts", None)
    return found


def details(embedder: Embedder) -> Callable[[list[Image]], np.ndarray] | None:
    """What an embedder leaves of pictures for a tuning to start from, (n, d); None for one that has nothing of the
    kind, which cannot be tuned."""
    found: Callable[[list[Image]], np.ndarray] | None = getattr(embedder, "details", None)
    return found
