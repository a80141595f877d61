"""A garment cut out of its photo: a soft matte at the photo's full size.

The network's cells say roughly where the cloth is; the photo's own colours say exactly where it ends. What both know is
put together as in a conditional random field whose smoothing is a guided filter (He, Sun, Tang 2013): in the photo's
neighbourhoods of like colour, like labels. Then a graph cut (GrabCut: Rother, Kolmogorov, Blake 2004) settles the seam,
and the guided filter again carries the small mask up to every pixel of the photo.
"""

from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np
from PIL import Image

Array = np.ndarray
Box = tuple[float, float, float, float]
SIDE = 288  # pixels of the longer side that the mask is found at
LEAST_SIDE = 24  # pixels of the shorter side of a photo that can be cut
BINS = 16  # of each channel of the colour model
ROUNDS = 3
GOOD = 0.8  # quality from which a cut-out is fit to be shown; below, show the photo as it is


class Finder(Protocol):
    """Who knows roughly where a garment is: `Eyes` do."""

    def whereabouts(self, image: Image.Image, box: Box | None = None) -> tuple[Array, Array]:
        """Two (h, w) maps over the whole picture, 0..1: the chance of this garment, and of any garment."""
        ...


@dataclass(frozen=True)
class Cutout:
    """`alpha`: (height, width) float32, 0..1, at the photo's size; `quality`: how well it is likely cut, 0..1 (an
    honest guess of the share that is right); `box`: left, top, right, bottom of it as fractions of the photo; `own`:
    whether it is the picture's own transparency."""

    alpha: Array
    quality: float
    box: Box
    own: bool = False

    @property
    def good(self) -> bool:
        """Whether it is fit to be shown."""
        return self.quality >= GOOD


def cutout(photo: Image.Image, eyes: Finder, part: Box | None = None) -> Cutout:
    """The matte of the photo's main garment, or of the one in the box `part` (fractions of the photo). A picture that
    brings transparency of its own is cut by that. Where nothing can be cut, `quality` is 0 and the matte is all of
    it."""
    own = _own_alpha(photo)
    if own is not None:
        return own
    rgb = photo.convert("RGB")
    width, height = rgb.size
    if min(width, height) < LEAST_SIDE or max(width, height) > 12 * min(width, height):
        return _whole(width, height)
    scale = SIDE / max(width, height)
    size = (max(round(width * scale), 12), max(round(height * scale), 12))
    pixels = np.asarray(rgb)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    if float(small.std((0, 1)).max()) < 2.0:  # a blank wall
        return _whole(width, height)
    own_map, any_map = (
        cv2.resize(m.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
        for m in eyes.whereabouts(rgb, part)
    )
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB) / np.array(
        [100, 80, 80], np.float32
    )
    chance = _settled(lab, own_map)
    mask = _cut(small, chance, own_map)
    if mask.sum() < 0.002 * mask.size:
        return _whole(width, height)
    quality = _quality(mask, chance, own_map, any_map)
    alpha = _carried(pixels, small, mask)
    return Cutout(alpha, quality, _box(mask))


def guided(guide: Array, values: Array, radius: int, epsilon: float) -> tuple[Array, Array]:
    """(h, w, 3) and (h, w) float32 → the coefficients (h, w, 3) and (h, w) of the colour guided filter: its output is
    the guide times the first, summed, plus the second."""
    size = (2 * radius + 1, 2 * radius + 1)

    def mean(x: Array) -> Array:
        return cv2.blur(x, size, borderType=cv2.BORDER_REFLECT)

    mi, mv = mean(guide), mean(values)
    cov = mean(guide * values[..., None]) - mi * mv[..., None]
    pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    products = np.stack([guide[..., i] * guide[..., j] for i, j in pairs], -1)
    moments = np.concatenate([mean(products[..., :3]), mean(products[..., 3:])], -1)
    rr, rg, rb, gg, gb, bb = (moments[..., k] - mi[..., i] * mi[..., j] for k, (i, j) in enumerate(pairs))
    rr, gg, bb = rr + epsilon, gg + epsilon, bb + epsilon
    # the inverse of the symmetric 3 x 3 covariance of each window
    a, b, c = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    d, e, f = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    det = rr * a + rg * b + rb * c
    x, y, z = cov[..., 0], cov[..., 1], cov[..., 2]
    slope = (
        np.stack([a * x + b * y + c * z, b * x + d * y + e * z, c * x + e * y + f * z], -1) / det[..., None]
    )
    offset = mv - (slope * mi).sum(-1)
    return mean(slope), mean(offset)


def smoothed(guide: Array, values: Array, radius: int, epsilon: float) -> Array:
    """`values` with the edges of the guide."""
    slope, offset = guided(guide, values, radius, epsilon)
    return np.asarray((slope * guide).sum(-1) + offset)


def _settled(lab: Array, own: Array) -> Array:
    """(h, w) chance of the garment, from where the network saw it and from the colours found there and elsewhere."""
    radius = max(3, round(max(own.shape) * 0.02))
    bins = _bins(lab)
    belief = np.clip(own, 0.06, 0.94)
    known = np.log(belief / (1 - belief))
    chance = own
    for _ in range(ROUNDS):
        odds = known * 0.7 + 1.1 * _colour_odds(bins, chance)
        chance = 1 / (1 + np.exp(-odds))
        chance = np.clip(smoothed(lab, chance.astype(np.float32), radius, 1e-4), 0, 1)
    return chance


def _bins(lab: Array) -> Array:
    """(h, w) which cell of the colour cube each pixel lies in. Lightness is cut as finely as hue."""
    scaled = np.stack([lab[..., 0], lab[..., 1] + 0.5, lab[..., 2] + 0.5], -1) * BINS
    i = np.clip(scaled.astype(int), 0, BINS - 1)
    return np.asarray((i[..., 0] * BINS + i[..., 1]) * BINS + i[..., 2])


def _colour_odds(bins: Array, chance: Array) -> Array:
    """(h, w) log odds of garment by colour alone, by two soft histograms."""
    flat = bins.ravel()
    on = np.bincount(flat, weights=chance.ravel(), minlength=BINS**3)
    off = np.bincount(flat, weights=1 - chance.ravel(), minlength=BINS**3)
    share = [_spread(h.reshape(BINS, BINS, BINS)).ravel() / max(h.sum(), 1e-6) for h in (on, off)]
    odds = np.log((share[0] + 1e-4) / (share[1] + 1e-4))
    return np.asarray(np.clip(odds, -3, 3)[bins])


def _spread(cube: Array) -> Array:
    """A histogram, blurred by (1 2 1)/4 along each axis."""
    for axis in range(3):
        padded = np.pad(cube, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="edge")
        low, mid, high = (np.take(padded, range(k, k + BINS), axis) for k in range(3))
        cube = (low + 2 * mid + high) / 4
    return cube


def _cut(small: Array, chance: Array, own: Array) -> Array:
    """(h, w) bool: the seam where a graph cut puts it, in the band that is not decided."""
    sure = np.where(chance > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    inside = cv2.erode(((chance > 0.8) & (own > 0.8)).astype(np.uint8), kernel)
    outside = cv2.erode(((chance < 0.2) & (own < 0.6)).astype(np.uint8), kernel, borderValue=1)
    sure[inside > 0], sure[outside > 0] = cv2.GC_FGD, cv2.GC_BGD
    mask = chance > 0.5
    if (sure == cv2.GC_FGD).any() and (sure == cv2.GC_BGD).any():
        models = (np.zeros((1, 65)), np.zeros((1, 65)))
        cv2.setRNGSeed(7)
        cv2.grabCut(
            np.ascontiguousarray(small[..., ::-1]), sure, (0, 0, 1, 1), *models, 1, cv2.GC_INIT_WITH_MASK
        )
        mask = (sure == cv2.GC_FGD) | (sure == cv2.GC_PR_FGD)
    return _tidied(mask, own)


def _tidied(mask: Array, own: Array) -> Array:
    """Without crumbs and pinholes. A piece stays where it is large, or where the network is sure of it."""
    clean = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(clean, connectivity=4)
    weight = np.bincount(pieces.ravel(), weights=own.ravel(), minlength=count)
    areas = stats[:, cv2.CC_STAT_AREA]
    if count > 1:
        most = weight[1:].max()
        keep = [k for k in range(1, count) if weight[k] >= 0.12 * most and weight[k] >= 0.4 * areas[k]]
        clean = np.isin(pieces, keep or [1 + int(weight[1:].argmax())]).astype(np.uint8)
    count, holes, stats, _ = cv2.connectedComponentsWithStats(1 - clean, connectivity=4)
    weight = np.bincount(holes.ravel(), weights=own.ravel(), minlength=count)
    h, w = mask.shape
    for k in range(1, count):
        x, y, bw, bh, area = stats[k]
        inner = x > 0 and y > 0 and x + bw < w and y + bh < h
        if inner and (area < 0.0015 * mask.size or weight[k] > 0.5 * area):
            clean[holes == k] = 1
    return clean.astype(bool)


def _carried(pixels: Array, small: Array, mask: Array) -> Array:
    """The small mask, with the edges of the photo at its full size."""
    height, width = pixels.shape[:2]
    guide = small.astype(np.float32) / 255
    soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
    slope, offset = guided(guide, soft, 3, 2e-4)
    slope = cv2.resize(slope, (width, height), interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR)
    fine = pixels.astype(np.float32) / 255
    alpha = (slope * fine).sum(-1) + offset
    alpha = np.clip((alpha - 0.25) / 0.5, 0, 1)
    # nothing far from the seam is half there
    near = cv2.resize(cv2.dilate(mask.astype(np.uint8), np.ones((5, 5), np.uint8)), (width, height))
    core = cv2.resize(cv2.erode(mask.astype(np.uint8), np.ones((5, 5), np.uint8)), (width, height))
    alpha[near == 0] = 0
    alpha[core > 0] = 1
    return alpha.astype(np.float32)


def _quality(mask: Array, chance: Array, own: Array, any_cloth: Array) -> float:
    """How well the mask is likely cut. What tells a bad one: the graph cut overturned what colours and network had
    settled on, the network was in two minds, it did not see the garment where the mask is, or other cloth lies along
    the seam. The weights were fitted to 60 photos judged by eye."""
    area = float(mask.sum())
    overturned = float((mask != (chance > 0.5)).sum()) / area
    unsure = float(((own > 0.2) & (own < 0.8)).sum()) / area
    seen = float(own[mask].mean())
    kernel = np.ones((5, 5), np.uint8)
    rim = (cv2.dilate(mask.astype(np.uint8), kernel) > 0) & ~mask
    others = float((any_cloth[rim] - own[rim] > 0.5).mean()) if rim.any() else 0.0
    sure = np.exp(-0.02 - 0.9 * overturned - 0.25 * max(unsure - 0.2, 0.0) - 0.5 * others)
    return float(np.clip(sure * min(1.0, seen / 0.75), 0.0, 1.0))


def _box(mask: Array) -> Box:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    h, w = mask.shape
    return (
        float(columns[0] / w),
        float(rows[0] / h),
        float((columns[-1] + 1) / w),
        float((rows[-1] + 1) / h),
    )


def _whole(width: int, height: int) -> Cutout:
    """Nothing was cut."""
    return Cutout(np.ones((height, width), np.float32), 0.0, (0.0, 0.0, 1.0, 1.0))


def _own_alpha(photo: Image.Image) -> Cutout | None:
    """The picture's own transparency, where it has any that is not everywhere or nowhere."""
    if photo.mode not in ("RGBA", "LA", "PA") and "transparency" not in photo.info:
        return None
    alpha = np.asarray(photo.convert("RGBA").getchannel("A"), np.float32) / 255
    on = alpha > 0.5
    if not 0.001 < on.mean() < 0.995:
        return None
    return Cutout(alpha, 1.0, _box(on), own=True)
