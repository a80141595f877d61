"""Names for the colours of a garment, from its own pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from perception.mask import Mask
from prompts import load

Array = np.ndarray
CLUSTERS = 5
_SECOND, _THIRD = 0.2, 0.14  # share of the garment a further colour must cover to be named


@dataclass(frozen=True)
class Named:
    """A colour of the garment: canonical name, share of its pixels (0..1), mean sRGB."""

    name: str
    share: float
    rgb: tuple[int, int, int]


@cache
def _prototypes() -> tuple[list[str], Array]:
    """Names and CIELAB points (n, 3) of prompts/colours.yaml: several swatches per name, in light and in shade."""
    names, points = [], []
    for name, swatches in load("colours")["prototypes"].items():
        for swatch in swatches:
            names.append(name)
            points.append([int(swatch[i : i + 2], 16) for i in (1, 3, 5)])
    return names, to_lab(np.array(points, np.uint8))


def to_lab(rgb: Array) -> Array:
    """(n, 3) uint8 sRGB to CIELAB: L 0..100, a and b about -110..110."""
    return cv2.cvtColor(rgb.reshape(1, -1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB).reshape(-1, 3)


def name_lab(lab: Array) -> str:
    """The canonical name nearest to one CIELAB point."""
    names, points = _prototypes()
    return names[int(np.argmin(_gaps(points, lab)))]


def _gaps(points: Array, lab: Array) -> Array:
    """Distance that weighs hue and chroma more than lightness, as people do when they name cloth."""
    difference = points - lab
    return np.sqrt((0.75 * difference[:, 0]) ** 2 + difference[:, 1] ** 2 + difference[:, 2] ** 2)


def main_colors(mask: Mask) -> list[Named]:
    """1 to 3 colours of the garment, main first. Skin inside the mask does not count."""
    inner = cv2.erode(mask.garment.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    chosen = inner if inner.sum() >= 60 else mask.garment
    pixels = mask.pixels[chosen]
    skin = is_skin(pixels)
    if skin.any() and 0.05 < skin.mean() < 0.5:
        pixels = pixels[~skin]
    if not len(pixels):
        pixels = mask.pixels.reshape(-1, 3)
    return name_pixels(pixels)


def name_pixels(pixels: Array) -> list[Named]:
    """(n, 3) uint8 pixels to named colours, largest first."""
    lab = to_lab(pixels)
    k = min(CLUSTERS, len(np.unique(pixels, axis=0)))
    cv2.setRNGSeed(0)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 15, 0.5)
    _, label, centers = cv2.kmeans(lab, k, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    label = label.ravel()
    shares: dict[str, float] = {}
    members: dict[str, list[int]] = {}
    for i in range(k):
        name = name_lab(centers[i])
        shares[name] = shares.get(name, 0.0) + float((label == i).mean())
        members.setdefault(name, []).append(i)
    ranked = sorted(shares, key=lambda n: -shares[n])
    found = []
    for n in ranked:
        mean = pixels[np.isin(label, members[n])].mean(0)
        found.append(Named(n, round(shares[n], 3), (int(mean[0]), int(mean[1]), int(mean[2]))))
    return found


def keep_main(found: Sequence[Named]) -> list[Named]:
    """The colours worth saying: the largest, a second and a third only where they cover enough."""
    kept = list(found[:1])
    for colour, least in zip(found[1:3], (_SECOND, _THIRD), strict=False):
        if colour.share >= least and len(kept) < 3:
            kept.append(colour)
    return kept


def is_skin(pixels: Array) -> Array:
    """(n,) bool: pixels in the usual range of human skin under daylight and lamps."""
    ycc = cv2.cvtColor(pixels.reshape(1, -1, 3), cv2.COLOR_RGB2YCrCb).reshape(-1, 3).astype(int)
    y, cr, cb = ycc[:, 0], ycc[:, 1], ycc[:, 2]
    return (y > 60) & (cr > 138) & (cr < 173) & (cb > 85) & (cb < 125)
