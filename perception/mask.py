"""Which pixels are the garment, from what the network says of each cell."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

SIDE = 160  # pixels of the longer side that masks are made at
FEW = 60  # pixels that are too few to judge by

Array = np.ndarray
cv2.setNumThreads(1)  # pictures this small gain nothing from more


@dataclass(frozen=True)
class Mask:
    """`pixels`: (h, w, 3) uint8 RGB, small; `garment`, `background`: (h, w) bool, neither true along the seam."""

    pixels: Array
    garment: Array
    background: Array


def garment_mask(image: Image.Image, own: Array, any_cloth: Array) -> Mask:
    """The pixels of one garment and of what is no garment at all. `own`, `any_cloth`: small maps over the whole picture
    of the probability that a cell is this garment, any garment."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    pixels = np.asarray(small.convert("RGB"))
    size = pixels.shape[1], pixels.shape[0]
    chance = cv2.resize(own.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    cloth = cv2.resize(any_cloth.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    garment = cv2.erode((chance > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    if garment.sum() < FEW:
        garment = chance >= np.quantile(chance, 0.7)
    return Mask(pixels, garment, cloth < 0.3)
