"""Which of a garment's colours is its ground: the cloth that takes the dye, told from pattern, print, trims and skin.

The colours are clustered; clusters that are the same cloth in another light are put together. Cloth in shade keeps the
proportions of its light (the body reflection of Shafer 1985, "Using color to separate reflection components"), so it
lies on a curve through CIELAB that follows from its colour alone; shade also has soft borders, where a pattern's are
sharp.
"""

from dataclasses import dataclass

import cv2
import numpy as np

Array = np.ndarray
CLUSTERS, SAMPLES = 6, 6000
LIGHTNESS = 0.5  # weight of a difference in lightness beside one in a* or b*: light varies over one cloth
NEAR = 10.0  # from the shade's curve: the same cloth
GREY = 12.0  # chroma below which only lightness tells cloths apart
STEP, HUED_STEP = 24.0, 30.0  # difference of lightness from which a sharp border is a pattern's; of one hue
SHARP = 0.55  # jump from pixel to pixel at a border, of the difference of the colours: shade's is softer
SPREAD = 6.0  # width of a cluster when pixels are shared out
OUTSIDE = 26.0  # distance to every cluster from which a pixel is of none: a button, a zip, a finger
BITS = 5  # of each channel, by which pixels are shared out


@dataclass(frozen=True)
class Ground:
    """`lab`: the cloth's colour, its median (3,); `share`: of the garment's pixels, 0..1; `light`, `dark`: lightness of
    its lights and shades (quantiles); `others`: (k, 3) colours of what is not the ground; `weights`: (8**BITS,
    1 + k) float32 share of the ground and of each of those in a pixel of each quantized sRGB colour."""

    lab: Array
    share: float
    light: float
    dark: float
    others: Array
    weights: Array

    def of(self, rgb: Array) -> Array:
        """(…, 1 + k) how much of each pixel is the ground and each of the others, 0..1. `rgb`: (…, 3) uint8."""
        return np.asarray(self.weights[quantized(rgb)])


def quantized(rgb: Array) -> Array:
    """Index of each (…, 3) uint8 colour among 2**BITS levels a channel."""
    cut = 8 - BITS
    r, g, b = (rgb[..., i].astype(np.int32) >> cut for i in range(3))
    return np.asarray((r << (2 * BITS)) | (g << BITS) | b)


def to_lab(rgb: Array) -> Array:
    """(…, 3) sRGB 0..255 to CIELAB (D65) float32."""
    shape = np.shape(rgb)
    flat = (np.asarray(rgb, np.float32) / 255).reshape(1, -1, 3)
    return cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(shape)


def to_rgb(lab: Array) -> Array:
    """(…, 3) CIELAB to sRGB 0..1 float32, cut at the gamut's border."""
    shape = np.shape(lab)
    flat = np.ascontiguousarray(lab, np.float32).reshape(1, -1, 3)
    return np.clip(cv2.cvtColor(flat, cv2.COLOR_LAB2RGB), 0, 1).reshape(shape)


def shade_curve(lab: Array, steps: int = 256) -> Array:
    """(steps, 2) a*, b* of the cloth of this colour at lightness 0..100: its own light scaled below, and above mixed
    with white as a sheen is."""
    colour = _linear(to_rgb(np.asarray(lab, np.float32)))
    dark = np.linspace(0, 1, 96)[:, None] ** 2.2 * colour
    most = max(float(colour.max()), 1e-4)
    bright = colour * np.linspace(1, min(1.25, 1 / most) if most < 1 else 1, 24)[:, None]
    sheen = bright[-1] + (1 - bright[-1]) * np.linspace(0, 1, 96)[:, None]
    path = to_lab(_encoded(np.concatenate([dark, bright[1:], sheen[1:]])) * 255)
    at = np.maximum.accumulate(path[:, 0])
    levels = np.linspace(0, 100, steps)
    return np.stack([np.interp(levels, at, path[:, i]) for i in (1, 2)], 1).astype(np.float32)


def find(rgb: Array, alpha: Array) -> Ground | None:
    """The ground of the garment that covers `alpha` (h, w) of `rgb` (h, w, 3) uint8; None where it covers nothing."""
    step = max(1, int(np.sqrt((alpha > 0.9).sum() / SAMPLES)))
    thumb, on = rgb[::step, ::step], alpha[::step, ::step] > 0.9
    if on.sum() < 2 * CLUSTERS:
        thumb, on = rgb, alpha > 0.3
    if on.sum() < 2 * CLUSTERS:
        return None
    lab = to_lab(thumb)
    pixels = lab[on]
    centres, labels = _clustered(pixels)
    label_map = np.full(on.shape, -1, np.int32)
    label_map[on] = labels
    counts = np.bincount(labels, minlength=len(centres))
    members = _one_cloth(centres, counts, _jumps(lab, label_map, len(centres)))
    mine = np.isin(labels, members)
    cloth = pixels[mine]
    middle = np.median(cloth, 0)
    dark, light = np.quantile(cloth[:, 0], (0.01, 0.99))
    others = np.array([c for i, c in enumerate(centres) if i not in members], np.float32).reshape(-1, 3)
    own = np.array([centres[i] for i in members], np.float32)
    weights = _weights(own, others, middle)
    return Ground(middle, float(mine.mean()), float(light), float(dark), others, weights)


def _clustered(pixels: Array) -> tuple[Array, Array]:
    """Centres (k, 3) in CIELAB and the cluster of each pixel; the same for the same pixels."""
    scaled = (pixels * (LIGHTNESS, 1, 1)).astype(np.float32)
    cv2.setRNGSeed(7)
    criteria = cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 25, 0.3
    start = np.zeros((len(scaled), 1), np.int32)
    _, labels, centres = cv2.kmeans(scaled, CLUSTERS, start, criteria, 1, cv2.KMEANS_PP_CENTERS)
    return centres / (LIGHTNESS, 1, 1), labels.ravel()


def _jumps(lab: Array, labels: Array, k: int) -> Array:
    """(k, k) mean difference of neighbouring pixels of two clusters, over all their borders; inf without one."""
    total, count = np.zeros((k, k)), np.zeros((k, k))
    for one, two in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = labels[one], labels[two]
        meet = (a >= 0) & (b >= 0) & (a != b)
        step = np.linalg.norm(lab[one][meet] - lab[two][meet], axis=1)
        np.add.at(total, (a[meet], b[meet]), step)
        np.add.at(count, (a[meet], b[meet]), 1)
    total, count = total + total.T, count + count.T
    return np.where(count > 0, total / np.maximum(count, 1), np.inf)


def _one_cloth(centres: Array, counts: Array, jumps: Array) -> list[int]:
    """The clusters that are one cloth: of all such groups the one that covers most."""
    best: list[int] = []
    for start in np.argsort(-counts):
        if counts[start] == 0 or any(start in group for group in [best]):
            continue
        group = _grown(int(start), centres, counts, jumps)
        if counts[group].sum() > counts[best].sum():
            best = group
    return best


def _grown(start: int, centres: Array, counts: Array, jumps: Array) -> list[int]:
    """The clusters that are the cloth of `start` in another light."""
    group, waiting = [start], [i for i in np.argsort(-counts) if i != start and counts[i]]
    grown = True
    while grown:
        grown = False
        for i in list(waiting):
            if any(_same(centres[j], centres[i], jumps[j, i]) for j in group) and _same_hue(
                centres[start], centres[i]
            ):
                group.append(int(i))
                waiting.remove(i)
                grown = True
    return group


def _same(a: Array, b: Array, jump: float) -> bool:
    """Whether two neighbouring clusters are one cloth in two lights."""
    apart = abs(float(a[0] - b[0]))
    hued = min(np.hypot(*a[1:]), np.hypot(*b[1:])) > GREY
    if apart < (HUED_STEP if hued else STEP):
        return True
    return bool(jump < SHARP * np.linalg.norm(a - b))


def _same_hue(ground: Array, other: Array) -> bool:
    """Whether `other` lies on the shade's curve of `ground`, or fades towards the light's own colour."""
    a, b = shade_curve(ground)[int(np.clip(other[0], 0, 100) * 2.55)]
    off = float(np.hypot(other[1] - a, other[2] - b))
    return off < NEAR + 0.15 * float(np.hypot(*ground[1:]))


def _weights(own: Array, others: Array, middle: Array) -> Array:
    """Share of the ground in each quantized colour: by its distance to the ground, to other clusters and to any."""
    levels = ((np.arange(2**BITS) + 0.5) * 2 ** (8 - BITS)).astype(np.float32)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), -1).reshape(-1, 3)
    lab = to_lab(grid)
    curve = shade_curve(middle)[np.clip(lab[:, 0] * 2.55, 0, 255).astype(int)]
    along = np.hypot(lab[:, 1] - curve[:, 0], lab[:, 2] - curve[:, 1])
    reach = np.maximum(np.abs(lab[:, 0] - middle[0]) - 20, 0) * 0.25
    near = np.minimum(_nearest(lab, own), np.hypot(along, reach))
    apart = np.stack([near, *(_nearest(lab, one[None]) for one in others)], 1)
    likely = np.exp(-0.5 * (apart / SPREAD) ** 2)
    rest = np.exp(-0.5 * (OUTSIDE / SPREAD) ** 2)
    return np.asarray(likely / (likely.sum(1, keepdims=True) + rest), np.float32)


def _nearest(lab: Array, centres: Array) -> Array:
    scale = np.array([LIGHTNESS, 1, 1], np.float32)
    return np.min([np.linalg.norm((lab - c) * scale, axis=1) for c in centres], 0)


def _linear(rgb: Array) -> Array:
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def _encoded(linear: Array) -> Array:
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
