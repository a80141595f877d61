"""Marks the garment of a photo, to learn from: where the network looks, what the border says, then a graph cut.

Slower and more careful than perception/mask.py, which it teaches (GrabCut, Rother et al. 2004).
"""

import cv2
import numpy as np
from PIL import Image

SIDE = 160  # pixels of the longer side that marks are made at
_MIN_SHARE, _MAX_SHARE = 0.02, 0.97

Array = np.ndarray


def marked(image: Image.Image, heat: Array) -> Array:
    """(h, w) bool, small: the main garment's pixels. `heat`: any small map, larger where the garment is."""
    small = image.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    pixels = np.ascontiguousarray(np.asarray(small))
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
    return garment


def unlike_border(pixels: Array) -> Array:
    """(h, w) 0..1 from (h, w, 3) RGB: how far from all colours along the border."""
    return _unlike_border(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2LAB).astype(np.float32))


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
