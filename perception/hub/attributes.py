"""Attributes without training: which sentence, of "a photo of a … shirt" and so on, fits best (Radford et al. 2021)."""

import threading
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from PIL.Image import Image

from perception.backends import Scores
from perception.hub import contrast
from perception.hub.files import locate
from perception.hub.loading import Loaded, check, load
from prompts import load as prompts
from prompts import taxonomy


class ZeroShot:
    """Loads its model at the first photo, and keeps the vectors of the sentences. Safe to share between threads."""

    def __init__(self, name: str, device: str = "auto") -> None:
        self.name, self._device = name, device
        self._lock = threading.Lock()
        self._known: dict[tuple[str, tuple[str, ...]], np.ndarray] = {}

    @cached_property
    def signature(self) -> str:
        """The model's name and its revision, or the hash of its files. Raises ModelMissing."""
        return f"{self.name}@{locate(self.name).revision}"

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits. Raises HubError."""
        check(self.name, "attributes")

    def warm(self) -> None:
        """Load the model now. Raises HubError."""
        load(self.name, "attributes", self._device)

    def scores(self, images: Sequence[Image], classes: Mapping[str, Sequence[str]]) -> list[Scores]:
        """For each photo, every attribute with a probability for each of its values, summing to 1. Raises HubError."""
        loaded = load(self.name, "attributes", self._device)
        vectors = contrast.image_vectors(loaded, images)
        found: list[Scores] = [{} for _ in images]
        for attribute, values in classes.items():
            cosines = vectors @ self._sentences(loaded, attribute, tuple(values)).T
            logits = cosines * contrast.scale(loaded)
            chances = np.exp(logits - logits.max(-1, keepdims=True))
            chances /= chances.sum(-1, keepdims=True)
            for scores, row in zip(found, chances, strict=True):
                scores[attribute] = {v: float(p) for v, p in zip(values, row, strict=True)}
        return found

    def _sentences(self, loaded: Loaded, attribute: str, values: tuple[str, ...]) -> np.ndarray:
        """(values, d): for each value the mean of its sentences, of length 1."""
        with self._lock:
            if (attribute, values) not in self._known:
                rows = [contrast.text_vectors(loaded, sentences(attribute, v)).mean(0) for v in values]
                self._known[attribute, values] = np.stack(
                    [r / max(float(np.linalg.norm(r)), 1e-9) for r in rows]
                )
            return self._known[attribute, values]


def sentences(attribute: str, value: str) -> list[str]:
    """What a value looks like, in words: each template of the attribute with each phrase for the value."""
    data = prompts("zero_shot")
    known = data["phrases"].get(attribute, {}).get(value)
    phrases = known or [taxonomy.word(attribute, value, "en")]
    return [template.format(phrase) for template in data["templates"][attribute] for phrase in phrases]
