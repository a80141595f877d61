"""Which pixels are the garment: where the network looked, what the border says is background, and a graph cut."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

SIDE = 160  # pixels of the longer side that masks are made at
_MIN_SHARE, _MAX_SHARE = 0.02, 0.97

Array = np.ndarray
cv2.setNumThreads(1)  # pictures this small gain nothing from more


@dataclass(frozen=True)
class Mask:
    """`pixels`: (h, w, 3) uint8 RGB, small; `garment`, `background`: (h, w) bool; `box`: left, top, right, bottom as
    fractions."""

    pixels: Array
    garment: Array
    background: Array
    box: tuple[float, float, float, float]


def garment_mask(image: Image.Image, heat: Array) -> Mask:
    """The main garment's pixels. `heat`: any small 2-d map over the whole photo, larger where the garment is."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.ascontiguousarray(np.asarray(small))
    h, w = pixels.shape[:2]
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    likely = _likely(lab, heat)
    marks = np.where(likely > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    marks[likely > 0.85] = cv2.GC_FGD
    marks[likely < 0.08] = cv2.GC_BGD
    if (marks == cv2.GC_FGD).sum() < 20:
        marks[likely >= np.quantile(likely, 0.95)] = cv2.GC_FGD
    if (marks == cv2.GC_BGD).sum() < 20:
        marks[likely <= np.quantile(likely, 0.05)] = cv2.GC_BGD
    cv2.setRNGSeed(0)  # the cut starts from k-means: same photo, same mask
    try:
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(lab.astype(np.uint8), marks, None, *models, 2, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
        garment = (marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD)
    except cv2.error:
        garment = likely > 0.5
    garment = _main_parts(garment, likely)
    if not _MIN_SHARE < garment.mean() < _MAX_SHARE:
        garment = likely >= np.quantile(likely, 0.6)
    background = cv2.erode((~garment).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
    return Mask(pixels, garment, background, _box(garment, h, w))


def _likely(lab: Array, heat: Array) -> Array:
    """(h, w) chance of garment from the network's attention, the place in the picture, and unlikeness to the border."""
    h, w = lab.shape[:2]
    heat = cv2.resize(heat.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    low, high = np.quantile(heat, [0.05, 0.97])
    attention = np.clip((heat - low) / max(high - low, 1e-6), 0, 1)
    yy, xx = np.mgrid[0:h, 0:w]
    edge = np.minimum.reduce([(xx + 0.5) / w, (yy + 0.5) / h, 1 - (xx + 0.5) / w, 1 - (yy + 0.5) / h]) * 2
    place = np.clip(edge / 0.35, 0, 1)
    differs = _unlike_border(lab)
    score = 2.2 * (attention - 0.45) + 1.3 * (place - 0.6) + 2.6 * (differs - 0.45)
    return 1 / (1 + np.exp(-3.0 * score))


def _unlike_border(lab: Array) -> Array:
    """(h, w) 0..1: distance in CIELAB to the nearest of the colours along the border."""
    h, w = lab.shape[:2]
    rim = max(2, round(min(h, w) * 0.05))
    border = np.concatenate(
        [
            lab[:rim].reshape(-1, 3),
            lab[-rim:].reshape(-1, 3),
            lab[:, :rim].reshape(-1, 3),
            lab[:, -rim:].reshape(-1, 3),
        ]
    )
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 12, 0.5)
    cv2.setRNGSeed(0)
    _, label, centers = cv2.kmeans(border, 4, None, criteria, 1, cv2.KMEANS_PP_CENTERS)  # type: ignore[call-overload]
    share = np.bincount(label.ravel(), minlength=4) / len(border)
    scale = np.array([0.6, 1.0, 1.0], np.float32)  # shadows change lightness more than hue
    gaps = np.linalg.norm((lab[:, :, None, :] - centers) * scale, axis=-1)
    # A colour that covers little of the border may be a sleeve or a hem that runs out of the picture.
    gaps = gaps + np.where(share < 0.12, 25.0, 0.0)
    return np.clip(gaps.min(-1) / 40.0, 0, 1)


def _main_parts(garment: Array, likely: Array) -> Array:
    """Keep the component with the most evidence and those at least a fifth as strong (a pair of shoes is two)."""
    kernel = np.ones((3, 3), np.uint8)
    clean = cv2.morphologyEx(garment.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    count, labels = cv2.connectedComponents(clean)
    if count <= 1:
        return garment
    evidence = np.bincount(labels.ravel(), weights=likely.ravel(), minlength=count)
    evidence[0] = 0
    keep = np.flatnonzero(evidence >= 0.2 * evidence.max())
    return np.isin(labels, keep) & (labels > 0)


def _box(garment: Array, h: int, w: int) -> tuple[float, float, float, float]:
    rows, columns = np.flatnonzero(garment.any(1)), np.flatnonzero(garment.any(0))
    if not len(rows) or not len(columns):
        return (0.0, 0.0, 1.0, 1.0)
    edges = columns[0] / w, rows[0] / h, (columns[-1] + 1) / w, (rows[-1] + 1) / h
    return tuple(round(float(e), 3) for e in edges)  # type: ignore[return-value]
