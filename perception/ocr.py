"""Lettering on a garment, read on demand: PP-OCR (zh and en) through ONNX."""

import re
import threading
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

MIN_CONFIDENCE = 0.6
MAX_SIDE = 960  # pixels; larger photos are scaled down, small letters on cloth are still read


class Reader:
    """Loads its models (about 15 MB) at the first photo. Safe to share between threads."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()

    @cached_property
    def _engine(self) -> "Any":
        from rapidocr_onnxruntime import RapidOCR

        return RapidOCR(intra_op_num_threads=self.threads)

    def read(self, image: Image.Image) -> tuple[str, float]:
        """The lettering in reading order and how sure it is (0..1); ("", 0.0) when there is none to be read."""
        small = image.copy()
        small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        with self._lock:
            lines, _ = self._engine(np.asarray(small)[:, :, ::-1])
        kept = [(str(text).strip(), float(p)) for _, text, p in lines or [] if float(p) >= MIN_CONFIDENCE]
        kept = [(t, p) for t, p in kept if re.search(r"[^\W_]", t)]
        if not kept:
            return "", 0.0
        weight = sum(len(t) for t, _ in kept)
        return " ".join(t for t, _ in kept), sum(len(t) * p for t, p in kept) / weight
