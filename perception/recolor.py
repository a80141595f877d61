"""A garment in another colour: its folds, shadows, lights, pattern and trims stay, its ground takes the new colour.

Works in CIELAB (CIE 15:2004, D65). The ground's lightness moves to the target's with a curve that is straight around
it and bends only where white or black would be passed, so what is light and dark on the cloth stays so; its hue follows
how cloth of the new colour looks in shade and sheen (the dichromatic model: Shafer 1985). What the ground's pixels
differ by from its own shades (a fade, a melange, the tint of the light) is carried over.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageColor

from perception import ground as grounds
from perception.ground import Ground, shade_curve, to_lab, to_rgb

Array = np.ndarray
FLOOR, CEILING = 1.5, 99.0  # lightness that cloth comes near to and does not pass
DARKEST, LIGHTEST = 15.0, 91.0  # a cloth's middle: black cloth has shades still, white cloth lights
CONTRAST = 0.4  # exponent: between equal steps of lightness (0) and equal steps of light (1)
LEAST, MOST = 0.7, 1.35  # how much a step of lightness may shrink or grow
CLASH = 16.0  # difference under which a pattern would vanish in the new ground
BEND = 2.8  # how late lightness bends before the ends
KEPT = 0.8  # of what a pixel differs by from the cloth's shades
GREY = 9.0  # chroma up to which cloth has no hue of its own
FAINT = 40.0  # chroma squared under which a pixel's is noise
WHOLE, EDGE = 0.95, 0.006  # alpha of cloth alone; how far an edge looks for it, of the longer side
RIM = 0.015  # of the longer side: how far a matte may be too small
ALIKE = 0.05  # share of the ground in what surrounds the garment from which its rim cannot be told
LOOSE = 0.02  # alpha below which nothing is changed


class NothingToRecolor(ValueError):
    """The cut-out covers nothing whose colour could be changed."""


@dataclass(frozen=True)
class Target:
    """A colour to reach, as CIELAB."""

    lab: tuple[float, float, float]

    @classmethod
    def of(cls, hex_code: str) -> "Target":
        """From "#rrggbb". Raises ValueError for anything else."""
        lab = to_lab(np.array(ImageColor.getrgb(hex_code)[:3], np.float32))
        return cls((float(lab[0]), float(lab[1]), float(lab[2])))


def ground_color(image: Image.Image, alpha: Array) -> tuple[float, float, float]:
    """CIELAB of the garment's ground. `alpha`: (h, w) 0..1. Raises NothingToRecolor."""
    found = grounds.find(np.asarray(image.convert("RGB")), alpha)
    if found is None:
        raise NothingToRecolor
    return float(found.lab[0]), float(found.lab[1]), float(found.lab[2])


def recolor(image: Image.Image, alpha: Array, target: str | Target) -> Image.Image:
    """The picture with the garment that covers `alpha` ((h, w) 0..1, soft) in the target's colour ("#rrggbb" or a
    Target); all else is as it was. Raises NothingToRecolor, ValueError for no colour."""
    wanted = Target.of(target) if isinstance(target, str) else target
    rgb = np.asarray(image.convert("RGB"))
    alpha = np.asarray(alpha, np.float32)
    top, bottom, left, right = _extent(alpha, round(RIM * max(alpha.shape)) + 1)
    part, cover = rgb[top:bottom, left:right], alpha[top:bottom, left:right]
    found = grounds.find(part, cover)
    if found is None:
        raise NothingToRecolor
    result = rgb.copy()
    result[top:bottom, left:right] = _recolored(part, cover, found, np.array(wanted.lab, np.float32))
    return Image.fromarray(result)


def _extent(alpha: Array, margin: int) -> tuple[int, int, int, int]:
    """Rows and columns that the garment covers, with a margin."""
    rows, columns = np.flatnonzero((alpha > LOOSE).any(1)), np.flatnonzero((alpha > LOOSE).any(0))
    if not len(rows):
        raise NothingToRecolor
    height, width = alpha.shape
    top, bottom = max(int(rows[0]) - margin, 0), min(int(rows[-1]) + 1 + margin, height)
    return top, bottom, max(int(columns[0]) - margin, 0), min(int(columns[-1]) + 1 + margin, width)


def _recolored(rgb: Array, alpha: Array, found: Ground, target: Array) -> Array:
    """(h, w, 3) uint8. Along the garment's edge, where a pixel holds light from behind it, the change is that of the
    cloth beside it."""
    alpha = _to_the_rim(rgb, alpha, found)
    on = alpha > LOOSE
    cloth = _beside(rgb, alpha)[on]
    before = cloth.astype(np.float32) / 255
    lab = to_lab(cloth)
    shares = found.of(cloth)
    change = shares[:, :1] * (to_rgb(_dyed(lab, found.lab, target)) - before)
    for i, other in enumerate(found.others, start=1):
        # What would vanish in the new ground takes the old one's place: navy stripes on white, white ones on navy.
        if np.linalg.norm(other - target) < CLASH < np.linalg.norm(other - found.lab):
            change += shares[:, i : i + 1] * (to_rgb(_dyed(lab, other, found.lab)) - before)
    out = rgb.astype(np.float32)
    out[on] += change * (alpha[on, None] * 255)
    return np.clip(out + 0.5, 0, 255).astype(np.uint8)


def _to_the_rim(rgb: Array, alpha: Array, found: Ground) -> Array:
    """The matte with what lies close to it and is plainly of its cloth: a cut-out that is a few pixels too small would
    leave a rim in the old colour. Nothing is added where what surrounds the garment looks like it."""
    inside = (alpha > 0.5).astype(np.float32)
    reach = max(2, round(RIM * max(alpha.shape)))
    near = (cv2.blur(inside, (2 * reach + 1,) * 2) > 1e-4) & (alpha < WHOLE)
    beyond = (cv2.blur(inside, (6 * reach + 1,) * 2) > 1e-4) & ~near & (alpha < 0.1)
    if not near.any() or (beyond.any() and float(found.of(rgb[beyond])[:, 0].mean()) > ALIKE):
        return alpha
    grown = alpha.copy()
    grown[near] = np.maximum(alpha[near], np.clip((found.of(rgb[near])[:, 0] - 0.6) / 0.3, 0, 1))
    return grown


def _beside(rgb: Array, alpha: Array) -> Array:
    """The picture with the pixels of the garment's soft edge replaced by the cloth next to them."""
    whole = (alpha > WHOLE).astype(np.float32)
    size = 2 * max(2, round(EDGE * max(alpha.shape))) + 1
    near = cv2.blur(whole, (size, size))
    mean = cv2.blur(rgb * whole[..., None], (size, size)) / np.maximum(near, 1e-6)[..., None]
    soft = (whole == 0) & (near > 1e-3)
    return np.where(soft[..., None], mean + 0.5, rgb).astype(np.uint8)


def _dyed(lab: Array, old: Array, new: Array) -> Array:
    """(n, 3) CIELAB pixels of cloth whose middle is `old`, as they are when it is `new`."""
    goal = np.array([np.clip(new[0], DARKEST, LIGHTEST), *new[1:]], np.float32)
    light = np.clip(lab[:, 0], 0, 100)
    toned = _tone(float(old[0]), float(goal[0]))[(light * 10).astype(np.int32)]
    own = shade_curve(old)[(light * 2.55).astype(np.int32)]
    dye = _dye(lab[:, 1:], own, float(np.hypot(*old[1:])))[:, None]
    kept = KEPT * (lab[:, 1:] - dye * own)
    toned = light + np.minimum(dye[:, 0] * 2, 1) * (toned - light)
    there = shade_curve(goal)[np.clip(toned * 2.55, 0, 255).astype(np.int32)]
    return np.concatenate([toned[:, None], dye * there + kept], 1)


def _dye(ab: Array, own: Array, chroma: float) -> Array:
    """(n,) how much of the cloth's own colour each pixel has, 0 (none: a white thread, a sheen) to about 1. Cloth that
    is grey itself has nothing to tell it by: 1."""
    told = np.clip((chroma - GREY) / GREY, 0, 1)
    if told == 0:
        return np.ones(len(ab), np.float32)
    strength = (own**2).sum(1)
    dye = ((ab * own).sum(1) + FAINT) / (strength + FAINT)
    return np.asarray(1 + told * (np.clip(dye, 0, 1.25) - 1), np.float32)


def _tone(old: float, new: float) -> Array:
    """(1001,) lightness in tenths of cloth whose middle goes from `old` to `new`."""
    gain = float(np.clip(((new + 16) / (old + 16)) ** CONTRAST, LEAST, MOST))
    step = gain * (np.arange(1001) / 10 - old)
    room = np.where(step < 0, new - FLOOR, CEILING - new)
    bent = step / (1 + np.abs(step / room) ** BEND) ** (1 / BEND)
    return np.asarray(new + bent, np.float32)
