"""Whether a photo can be seen well: too small, too dark, too blurred. Measured on the pixels, before any network."""

from typing import Literal

import numpy as np
from PIL import Image

Trouble = Literal["tiny", "dark", "blurred"]
TINY = 64  # pixels of the shorter side
DARK = 28.0  # the brightness (0..255) below which nine of ten pixels lie
SIDE = 256  # pixels of the longer side at which sharpness is measured
# Fine detail (second differences) over contrast. Of 300 snapshots the least sharp has 0.17; blurred by a hundredth of
# their longer side the middle one has 0.04, by a fiftieth 0.02.
BLURRED = 0.05
FLAT = 16.0  # contrast below which there is nothing that could be sharp: a white wall


def trouble(image: Image.Image) -> Trouble | None:
    """What makes the photo hard to see, None for a photo that is fine."""
    if min(image.size) < TINY:
        return "tiny"
    grey = image.convert("L")
    grey.thumbnail((SIDE, SIDE), Image.Resampling.BILINEAR)
    pixels = np.asarray(grey, np.float32)
    if np.percentile(pixels, 90) < DARK:
        return "dark"
    return "blurred" if spread(pixels) >= FLAT and sharpness(pixels) < BLURRED else None


def sharpness(pixels: np.ndarray) -> float:
    """Detail of a grey picture (height, width; 0..255): its Laplacian's 99th percentile over its contrast, 0..~2."""
    laplacian = (
        4 * pixels[1:-1, 1:-1] - pixels[:-2, 1:-1] - pixels[2:, 1:-1] - pixels[1:-1, :-2] - pixels[1:-1, 2:]
    )
    return float(np.percentile(np.abs(laplacian), 99)) / max(spread(pixels), FLAT)


def spread(pixels: np.ndarray) -> float:
    """The contrast of a grey picture: from its dark to its light pixels, 0..255."""
    return float(np.percentile(pixels, 95) - np.percentile(pixels, 5))
