"""A thing cut out of a studio picture: all that is not the even ground it was photographed on.

Most shops photograph before one even ground. What that ground looks like is read off the picture's border, as a
surface that may darken towards a side; what can be reached from the border over nothing but that ground, or its soft
shadow, is ground. This needs no network and cuts shoes and bags as well as clothes; a photo taken at home has no such
ground and is left to `perception.cutout`.
"""

from functools import lru_cache

import cv2
import numpy as np
from PIL import Image

from perception.cutout import GOOD, Array, Cutout

SIDE = 480  # pixels of the longer side that the ground is found at
EVEN = (
    0.8  # CIELAB: how far the border may lie off its own surface, at the median; a wall at home is beyond it
)
ALONG = 0.94  # the share of the border that lies no further off it than `NEAR`
NEAR = 2.7
SMOOTH = 0.35  # lightness from one pixel of the border to the next, in all but a tenth of it
LIKE = 5.5  # how far ground may lie off that surface in hue
TINTED = 4.0  # how far its shadow may
AROUND = 14  # pixels of the small picture left around the thing
SOLE = 11  # pixels
LEFT_OVER = 0.06  # of the outline's length, of steps in lightness that lie on the ground
BRIGHTER = 2.8  # how much lighter the ground may be in places
DARKEST = 38.0  # how much darker a shadow on it may be
STEEP = 2.6  # lightness a pixel, from which a shadow's edge is an outline
MOST_GAPS = 4  # in a garment: between its legs, under its sleeves; more are stripes
DISTINCT = 900.0  # squared distance in RGB from which the ground and the garment tell a pixel's share
APART = 14.0  # how unlike a gap its garment is, in CIELAB
STANDS_OUT = 6.0  # how far a garment lies off the ground where its outline can be trusted


def keyed(photo: Image.Image, open_work: bool = False) -> Cutout | None:
    """The matte of what lies on the even ground of `photo` (its full size); None where the ground is not even, nothing
    lies on it, or it reaches out of the picture. `quality`: the share of the outline that stands out from the ground.
    `open_work`: it may be seen through, as a bag's handle or a coiled belt is; in cloth, what has the ground's colour
    is more likely a stripe or a print."""
    width, height = photo.size
    if min(width, height) < 64:
        return None
    scale = min(SIDE / max(width, height), 1.0)
    size = (max(round(width * scale), 8), max(round(height * scale), 8))
    pixels = np.asarray(photo.convert("RGB"))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    ground = _surface(lab)
    if ground is None:
        return None
    for _ in range(2):  # the border tells little of the middle; what was found to be ground tells more
        reached = _reached(lab, ground, open_work, 5.0)
        again = _fitted(lab, reached & (np.abs((lab - ground)[..., 0]) < 6))
        ground = again if again is not None else ground
    thing = _pieces(
        ~_reached(lab, ground, open_work, BRIGHTER), np.linalg.norm(lab - ground, axis=2), open_work
    )
    share = float(thing.mean())
    if not 0.01 < share < 0.85 or _touching(thing) > 0.12:
        return None
    quality = _standing_out(lab, ground, thing)
    if quality < GOOD or _leaked(lab, thing):
        return None
    alpha = _carried(pixels, small, thing)
    rows, columns = np.flatnonzero(thing.any(1)), np.flatnonzero(thing.any(0))
    h, w = thing.shape
    box = (
        float(columns[0] / w),
        float(rows[0] / h),
        float((columns[-1] + 1) / w),
        float((rows[-1] + 1) / h),
    )
    return Cutout(alpha, quality, box)


def _surface(lab: Array) -> Array | None:
    """(h, w, 3) what the ground would be everywhere, by the border; None where the border is of several things."""
    h, w = lab.shape[:2]
    rim = max(round(max(h, w) * 0.025), 2)
    border = np.zeros((h, w), bool)
    border[:rim], border[-rim:], border[:, :rim], border[:, -rim:] = True, True, True, True
    if float(np.percentile(np.abs(np.diff(lab[..., 0], axis=1))[border[:, 1:]], 90)) > SMOOTH:
        return None
    ground = _fitted(lab, border)
    if ground is None:
        return None
    off = np.linalg.norm(ground[border] - lab[border], axis=1)
    even = float(np.median(off)) <= EVEN and float((off < NEAR).mean()) >= ALONG
    return ground if even else None


def _fitted(lab: Array, where: Array) -> Array | None:
    """(h, w, 3) the smooth surface through the colours at `where`; what lies off it is left out, step by step."""
    h, w = lab.shape[:2]
    terms = _terms(h, w)
    known, values = terms[where], lab[where]
    every = max(len(known) // 6000, 1)
    known, values = known[::every], values[::every]
    if len(known) < 200:
        return None
    keep = np.ones(len(known), bool)
    for _ in range(4):
        solved = np.linalg.lstsq(known[keep], values[keep], rcond=None)[0]
        off = np.linalg.norm(known @ solved - values, axis=1)
        keep = off <= max(2.5 * float(np.median(off)), 1.5)
    return np.asarray(terms @ solved, np.float32)


@lru_cache(maxsize=8)
def _terms(h: int, w: int) -> Array:
    """(h, w, 10) the powers of down and right, up to the third."""
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    y, x = y / h - 0.5, x / w - 0.5
    return np.stack(
        [np.ones_like(x), x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y], -1
    )


def _reached(lab: Array, ground: Array, open_work: bool, brighter: float) -> Array:
    """(h, w) bool: the ground and its shadows, as far as they hang together with the border; what is lighter than the
    ground by `brighter` is none of it."""
    off = lab - ground
    hue = np.hypot(off[..., 1], off[..., 2])
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.8)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(light, cv2.CV_32F, 0, 1) / 8)
    plain = (hue < LIKE) & (off[..., 0] > -3.5) & (off[..., 0] < brighter)
    # a shadow takes colour from the ground in the measure in which it takes light
    left = np.clip(lab[..., :1] / np.maximum(ground[..., :1], 1.0), 0, 1)
    paler = np.linalg.norm(lab[..., 1:] - ground[..., 1:] * left, axis=2)
    shadow = (
        (np.minimum(hue, paler) < TINTED)
        & (off[..., 0] > -DARKEST)
        & (off[..., 0] < brighter)
        & (slope < STEEP)
    )
    like = (plain | shadow).astype(np.uint8)
    # through a gap in the outline of a pixel or two nothing may flow in
    wide = cv2.morphologyEx(like, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    framed = cv2.copyMakeBorder(wide, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1)
    _, parts = cv2.connectedComponents(framed, connectivity=4)
    outside = (parts == parts[0, 0])[1:-1, 1:-1] & (wide > 0)
    outside |= _holes(lab, off, slope, outside, open_work)
    # back to what the opening took, but not into the cloth
    near = cv2.dilate(outside.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    return np.asarray(outside | (near & (like > 0)))


def _holes(lab: Array, off: Array, slope: Array, outside: Array, open_work: bool) -> Array:
    """(h, w) bool: the ground seen through the thing. In cloth these are few, tall (between the legs, under a sleeve)
    and unlike the cloth around them; more, or others, are stripes and prints."""
    hue = np.hypot(off[..., 1], off[..., 2])
    like = (hue < 4.0) & (off[..., 0] > -24.0) & (off[..., 0] < 3.0) & (slope < 2 * STEEP) & ~outside
    _, parts, stats, _ = cv2.connectedComponentsWithStats(like.astype(np.uint8), connectivity=4)
    least = (0.0003 if open_work else 0.0006) * like.size
    found = []
    for k in np.flatnonzero(stats[:, cv2.CC_STAT_AREA] > least):
        hole = parts == k
        x, y, w, h, _ = stats[k]
        if k == 0 or (not open_work and (h < 1.6 * w or float(slope[hole].mean()) > 2.2)):
            continue
        near = slice(max(y - 5, 0), y + h + 5), slice(max(x - 5, 0), x + w + 5)
        ring = cv2.dilate(hole[near].astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
        ring &= ~(cv2.dilate(hole[near].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
        apart = np.linalg.norm(np.median(lab[near][ring], axis=0) - np.median(lab[hole], axis=0))
        if apart > APART:
            found.append(k)
    if len(found) > (12 if open_work else MOST_GAPS):
        return np.zeros_like(outside)
    return np.asarray(np.isin(parts, found) & like)


def _pieces(thing: Array, off: Array, open_work: bool) -> Array:
    """Without crumbs, and without what is only a lighter place of the ground. `off`: (h, w) how far from it."""
    if open_work:  # a pale sole between a dark tread and the upper
        thing = cv2.morphologyEx(thing.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((SOLE, 1), np.uint8)) > 0
    opened = cv2.morphologyEx(thing.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    clean = np.maximum(cv2.medianBlur(thing.astype(np.uint8), 5), opened)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(clean, connectivity=8)
    if count < 2:
        return np.zeros_like(thing)
    areas = stats[:, cv2.CC_STAT_AREA]
    most = areas[1:].max()
    kept = [
        k
        for k in range(1, count)
        if areas[k] >= 0.02 * most and (areas[k] == most or float(np.median(off[parts == k])) > STANDS_OUT)
    ]
    return np.asarray(np.isin(parts, kept))


def _touching(thing: Array) -> float:
    """The share of the border that the thing covers."""
    rim = np.concatenate([thing[0], thing[-1], thing[:, 0], thing[:, -1]])
    return float(rim.mean())


def _standing_out(lab: Array, ground: Array, thing: Array) -> float:
    """The share of the outline at which the thing differs from the ground."""
    kernel = np.ones((3, 3), np.uint8)
    inner = cv2.erode(thing.astype(np.uint8), kernel)
    rim = (inner > 0) & (cv2.erode(inner, kernel) == 0)
    if not rim.any():
        return 0.0
    off = np.linalg.norm(lab[rim] - ground[rim], axis=1)
    return float((off > STANDS_OUT).mean())


def _leaked(lab: Array, thing: Array) -> bool:
    """Whether outlines are left over where only ground should be: then the ground has flowed into the thing."""
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.8)
    slope = np.hypot(cv2.Sobel(light, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(light, cv2.CV_32F, 0, 1) / 8)
    far = cv2.dilate(thing.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    outline = cv2.morphologyEx(thing.astype(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return float((far & (slope > STEEP)).sum()) > LEFT_OVER * float(outline.sum())


def _carried(pixels: Array, small: Array, thing: Array) -> Array:
    """(height, width) float32: the small mask at the picture's own size; the work is done around the thing only."""
    h, w = thing.shape
    height, width = pixels.shape[:2]
    rows, columns = np.flatnonzero(thing.any(1)), np.flatnonzero(thing.any(0))
    y0, y1 = max(int(rows[0]) - AROUND, 0), min(int(rows[-1]) + 1 + AROUND, h)
    x0, x1 = max(int(columns[0]) - AROUND, 0), min(int(columns[-1]) + 1 + AROUND, w)
    top, bottom = round(y0 * height / h), round(y1 * height / h)
    left, right = round(x0 * width / w), round(x1 * width / w)
    alpha = np.zeros((height, width), np.float32)
    part = _fine(pixels[top:bottom, left:right], small[y0:y1, x0:x1], thing[y0:y1, x0:x1])
    alpha[top:bottom, left:right] = part
    return alpha


def _fine(pixels: Array, small: Array, thing: Array) -> Array:
    """(height, width) float32: the small mask carried to the picture's own pixels. In the band around the seam a pixel
    is as far garment as it lies from the ground's colour beside it towards the garment's."""
    height, width = pixels.shape[:2]
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    core = cv2.erode(thing.astype(np.uint8), kernel).astype(np.float32)
    away = 1 - cv2.dilate(thing.astype(np.uint8), kernel).astype(np.float32)
    colours = small.astype(np.float32)

    def spread(where: Array) -> tuple[Array, Array]:
        reach = (19, 19)
        weight = cv2.blur(where, reach)
        return cv2.blur(colours * where[..., None], reach) / np.maximum(weight, 1e-4)[..., None], weight

    def large(small_map: Array) -> Array:
        return np.asarray(cv2.resize(small_map, (width, height), interpolation=cv2.INTER_LINEAR))

    (front, has_front), (back, has_back) = spread(core), spread(away)
    known = large(((has_front > 1e-3) & (has_back > 1e-3)).astype(np.float32)) > 0.9
    rear = large(back)
    line = large(front) - rear
    length = np.einsum("ijk,ijk->ij", line, line)
    along = np.einsum("ijk,ijk->ij", pixels.astype(np.float32) - rear, line) / np.maximum(length, 1.0)
    plain = np.clip((large(cv2.GaussianBlur(thing.astype(np.float32), (0, 0), 0.9)) - 0.35) / 0.4, 0, 1)
    near = large(cv2.GaussianBlur(thing.astype(np.float32), (0, 0), 1.4))
    # the ground's shadow along the seam is no cloth, a light thread on it is
    mixed = np.where(known & (length > DISTINCT), np.clip((along - 0.42) / 0.45, 0, 1), plain)
    mixed = np.minimum(mixed, np.clip(4 * near - 0.6, 0, 1))
    mixed = np.maximum(mixed, np.clip(4 * near - 3.2, 0, 1))
    mixed[large(core) > 0.5] = 1
    mixed[large(away) > 0.5] = 0
    return np.asarray(mixed, np.float32)
