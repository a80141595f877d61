"""Names for the colours of a garment, from its own pixels.

The garment's pixels are grouped in CIELAB; a small network, trained on labelled photos and on the swatches of
prompts/colours.yaml, names each group. It knows how light the picture is and what lies around the garment, because a
white shirt in a dark room and a grey one by the window have the same pixels.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from safetensors import safe_open

from perception.encoder import WEIGHTS
from perception.mask import Mask

Array = np.ndarray
CLUSTERS = 5
COLORS = WEIGHTS / "colors.safetensors"
_SECOND, _THIRD = 0.2, 0.18  # share of the garment a further colour must cover to be named


@dataclass(frozen=True)
class Named:
    """A colour of the garment: canonical name, share of its pixels (0..1), as far as the naming is sure."""

    name: str
    share: float


@dataclass(frozen=True)
class ColorHead:
    """A two-layer network over `cluster_features`: (f,) → probabilities of `names`."""

    names: list[str]
    mean: Array
    std: Array
    w1: Array
    b1: Array
    w2: Array
    b2: Array

    def probabilities(self, features: Array) -> Array:
        """(n, f) → (n, names)."""
        x = np.clip((features - self.mean) / self.std, -4, 4)
        z = np.tanh(x @ self.w1 + self.b1) @ self.w2 + self.b2
        e = np.exp(z - z.max(-1, keepdims=True))
        return np.asarray(e / e.sum(-1, keepdims=True))


def load_color_head(path: Path = COLORS) -> ColorHead:
    """The trained head. Raises FileNotFoundError where the weights are missing."""
    with safe_open(path, "numpy") as f:
        arrays = {k: f.get_tensor(k) for k in ("mean", "std", "w1", "b1", "w2", "b2")}
        return ColorHead(names=json.loads(f.metadata()["names"]), **arrays)


def to_lab(rgb: Array) -> Array:
    """(n, 3) uint8 sRGB to CIELAB: L 0..100, a and b about -110..110."""
    lab = cv2.cvtColor(rgb.reshape(1, -1, 3).astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return lab.reshape(-1, 3)


def garment_pixels(mask: Mask) -> Array:
    """(n, 3) uint8: the garment without its rim, which mixes with the background, and without a wearer's skin."""
    inner = cv2.erode(mask.garment.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    pixels = mask.pixels[inner if inner.sum() >= 60 else mask.garment]
    if not len(pixels):
        pixels = mask.pixels.reshape(-1, 3)
    return pixels


def clusters(pixels: Array) -> tuple[Array, Array]:
    """CIELAB centres (k, 3) and shares (k,), largest first."""
    lab = to_lab(pixels)
    k = min(CLUSTERS, len(np.unique(pixels, axis=0)))
    cv2.setRNGSeed(0)  # same pixels, same groups
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 15, 0.5)
    _, label, centres = cv2.kmeans(lab, k, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    shares = np.bincount(label.ravel(), minlength=k) / len(lab)
    order = np.argsort(-shares, kind="stable")
    return centres[order], shares[order]


def scene(mask: Mask) -> Array:
    """(6,) what the light is like: 2nd, 50th and 98th percentile of lightness; median CIELAB of the background."""
    lab = to_lab(mask.pixels.reshape(-1, 3))
    around = to_lab(mask.pixels[mask.background]) if mask.background.sum() > 20 else lab
    return np.concatenate([np.quantile(lab[:, 0], [0.02, 0.5, 0.98]), np.median(around, 0)])


def cluster_features(centres: Array, shares: Array, light: Array) -> Array:
    """(k, f) for the head: each colour itself, in several forms, and how it stands to light and surroundings."""
    low, middle, high = light[:3]
    around = light[3:6]
    whole = (centres * shares[:, None]).sum(0) / max(float(shares.sum()), 1e-9)
    lightness, a, b = centres.T
    chroma, hue = np.hypot(a, b), np.arctan2(b, a)
    wheel = 20 * np.minimum(chroma / 12, 1)  # a grey has no hue: let it fade out
    columns = [
        lightness, a, b, chroma, lightness * a / 50, lightness * b / 50, lightness**2 / 50, a * b / 30, a * a / 30,
        b * b / 30, *(wheel * f(n * hue) for n in (1, 2, 3) for f in (np.cos, np.sin)),
        high - lightness, lightness - low, np.full_like(lightness, middle), shares * 20,
    ]  # fmt: skip
    context = [np.broadcast_to(around, centres.shape), centres - around, centres - whole]
    return np.concatenate([np.stack(columns, 1), *context], axis=1)


def main_colors(mask: Mask, head: ColorHead) -> list[Named]:
    """Every colour of the garment with its share, largest first."""
    pixels = garment_pixels(mask)
    skin = is_skin(pixels)
    if 0.05 < skin.mean() < 0.5:
        pixels = pixels[~skin]
    centres, shares = clusters(pixels)
    p = shares @ head.probabilities(cluster_features(centres, shares, scene(mask)))
    order = np.argsort(-p)
    return [Named(head.names[i], round(float(p[i]), 3)) for i in order if p[i] >= 0.02 or i == order[0]]


def keep_main(found: Sequence[Named]) -> list[Named]:
    """The colours worth saying: the largest, a second and a third only where they cover enough."""
    kept = list(found[:1])
    for colour, least in zip(found[1:3], (_SECOND, _THIRD), strict=False):
        if colour.share >= least and "multicolour" not in (colour.name, kept[0].name):
            kept.append(colour)
    return kept


def is_skin(pixels: Array) -> Array:
    """(n,) bool: pixels in the usual range of human skin under daylight and lamps."""
    ycc = cv2.cvtColor(pixels.reshape(1, -1, 3), cv2.COLOR_RGB2YCrCb).reshape(-1, 3).astype(int)
    y, cr, cb = ycc[:, 0], ycc[:, 1], ycc[:, 2]
    return np.asarray((y > 60) & (cr > 138) & (cr < 173) & (cb > 85) & (cb < 125))
