"""The photo and text space of a CLIP or SigLIP model."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from PIL.Image import Image

from perception.hub import contrast
from perception.hub.files import locate
from perception.hub.loading import check, load


class HubSpace:
    """Loads its model at the first vector. Safe to share between threads."""

    def __init__(self, name: str, device: str = "auto") -> None:
        self.name, self._device = name, device

    @cached_property
    def signature(self) -> str:
        """The model's name and its revision, or the hash of its files. Raises ModelMissing."""
        return f"{self.name}@{locate(self.name).revision}"

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits. Raises HubError."""
        check(self.name, "space")

    def warm(self) -> None:
        """Load the model now. Raises HubError."""
        load(self.name, "space", self._device)

    def images(self, images: Sequence[Image]) -> np.ndarray:
        """(n, d) float32, rows of length 1. Raises HubError."""
        return contrast.image_vectors(load(self.name, "space", self._device), images)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        """(n, d) float32, rows of length 1, of zeros for a language that the model does not read. Raises HubError."""
        return contrast.text_vectors(load(self.name, "space", self._device), texts)
