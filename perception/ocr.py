"""Lettering on a garment or a label, read on demand: PP-OCR (zh and en) through ONNX."""

import re
import threading
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from perception.labels import Lettering, Line

MIN_CONFIDENCE = 0.6
MAX_SIDE = 960  # pixels; larger photos are scaled down, small letters on cloth are still read
# The recogniser drops the spaces of lines in capitals. They are put back where the picture has a gap between two
# letters at least this wide, in heights of the letters (a space is a quarter of an em and more, a gap within a word
# about a tenth), and the gaps of the line fall into two kinds, the wider ones so many times the others.
GAP = 0.2
JUMP = 1.3
SHORT = 7  # letters; a shorter line is one word more often than two


class Reader:
    """Loads its models (about 15 MB) at the first photo. Safe to share between threads."""

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()

    @cached_property
    def _engine(self) -> "Any":
        from rapidocr_onnxruntime import RapidOCR

        return RapidOCR(intra_op_num_threads=self.threads)

    def read(self, image: Image.Image) -> Lettering:
        """The lettering in reading order, boxes as fractions of the photo; false when there is none to be read."""
        small = image.convert("RGB")
        small.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        pixels = np.asarray(small)
        with self._lock:
            found, _ = self._engine(pixels[:, :, ::-1], return_word_box=True)
        lines = []
        for quad, text, p, *rest in found or []:
            text = str(text).strip()
            if float(p) < MIN_CONFIDENCE or not re.search(r"[^\W_]", text):
                continue
            xs, ys = [x for x, _ in quad], [y for _, y in quad]
            if len(rest) == 3 and " " not in text:
                text = spaced(text, quad, rest[0], rest[1], small)
            box = (
                min(xs) / small.width,
                min(ys) / small.height,
                max(xs) / small.width,
                max(ys) / small.height,
            )
            lines.append(Line(text, float(p), box))
        return Lettering(tuple(lines))


def spaced(
    text: str, quad: Sequence[Any], boxes: Sequence[Any], letters: Sequence[str], image: Image.Image
) -> str:
    """`text` with spaces where the picture shows gaps between words; lines of Latin letters and figures only.

    Args:
        quad: The corners of the line, clockwise from its upper left.
        boxes: A quad per letter, in the order of `letters`.
    """
    if (
        len(letters) < SHORT
        or "".join(letters) != text
        or not text.isascii()
        or not re.search(r"[A-Za-z]", text)
    ):
        return text
    corners = np.asarray(quad, np.float32)
    along, across = corners[1] - corners[0], corners[3] - corners[0]
    width, height = int(np.hypot(*along)), int(np.hypot(*across))
    if width < 2 * height or height < 8:
        return text
    upper_left, upper_right, lower_right, lower_left = (tuple(map(float, c)) for c in corners)
    strip = image.convert("L").transform(
        (width, height),
        Image.Transform.QUAD,
        (*upper_left, *lower_left, *lower_right, *upper_right),
        Image.Resampling.BILINEAR,
    )
    middles = [np.asarray(q, np.float32).mean(0) for q in boxes]
    centres = [float((m - corners[0]) @ along) / width for m in middles]
    if any(a >= b for a, b in pairwise(centres)):
        return text
    ink = _ink(np.asarray(strip, np.float32))
    if ink is None:
        return text
    tall = _height(ink)
    columns: np.ndarray = np.asarray(ink.any(0))
    gaps = [_gap(columns, int(a), int(b)) for a, b in pairwise(centres)]
    least = max(_between_words(gaps), GAP * tall)
    out = letters[0]
    for letter, gap in zip(letters[1:], gaps, strict=True):
        apart = gap >= least and (letter.isalnum() or letter in "$&(") and out[-1] not in ".$-/("
        out += f" {letter}" if apart else letter
    stray = any(len(w) == 1 and w.isalpha() and w not in "AIaiSMLX&" for w in out.split())
    return text if stray else out


def _between_words(gaps: Sequence[int]) -> float:
    """The gap from which a gap parts two words: where the sorted gaps jump; infinite where they grow evenly."""
    ordered = sorted(gaps)
    jumps = [(b / max(a, 1), b) for a, b in pairwise(ordered)]
    jump, least = max(jumps[len(ordered) // 2 - 1 :], default=(0.0, 0))
    return least if jump >= JUMP else float("inf")


def _ink(crop: np.ndarray) -> np.ndarray | None:
    """(height, width) True where there is ink: the rarer side of Otsu's threshold; None where nothing stands out."""
    if crop.size == 0 or crop.max() - crop.min() < 40:
        return None
    histogram, edges = np.histogram(crop, 64)
    middles = (edges[:-1] + edges[1:]) / 2
    weight = np.cumsum(histogram)
    mean = np.cumsum(histogram * middles)
    total, whole = weight[-1], mean[-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        between = (whole * weight - total * mean) ** 2 / (weight * (total - weight))
    cut = middles[int(np.nanargmax(between[:-1]))]
    dark = crop <= cut
    ink = dark if dark.mean() < 0.5 else ~dark
    # On cloth with a weave of its own nothing can be said about gaps.
    return ink if 0.03 < ink.mean() < 0.5 else None


def _height(ink: np.ndarray) -> int:
    rows = np.flatnonzero(ink.any(1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 1


def _gap(columns: np.ndarray, start: int, end: int) -> int:
    """The widest stretch without ink between the middles of two letters."""
    widest = run = 0
    for inked in columns[max(start, 0) : max(end, 0)]:
        run = 0 if inked else run + 1
        widest = max(widest, run)
    return widest
