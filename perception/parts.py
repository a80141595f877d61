"""Garments of a photo, from what the network says of each cell of it."""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from perception.garments import softmax

Array = np.ndarray
Box = tuple[float, float, float, float]
# Where on the body: two garments of one zone may be mistaken for each other, a top and trousers hardly.
ZONES = {
    "t-shirt": "upper", "longsleeve": "upper", "shirt": "upper", "outwear": "upper", "dress": "whole",
    "pants": "lower", "shorts": "lower", "skirt": "lower", "shoes": "feet", "hat": "head",
}  # fmt: skip
LEAST = 0.012  # share of the photo that a garment must cover
PART = 0.16  # share of a patch of cloth that must be of another zone to be a garment of its own
PAIR = 2.5  # how much larger one shoe of a pair may look than the other
LUMP = 0.18  # share of a patch that a lump of its own must have
LEVELS = (0.7, 0.85, 0.95)  # how sure of cloth the network is within a garment, and no longer between two
REACH = 0.06  # how far apart, as a share of the photo, two pieces of one garment may lie


@dataclass(frozen=True)
class Part:
    """A garment's place. `cells`: (33, 33) bool; `scores`: category → probability, by the cells."""

    cells: Array
    scores: dict[str, float]

    @property
    def box(self) -> Box:
        """Left, top, right, bottom as fractions."""
        rows, columns = np.flatnonzero(self.cells.any(1)), np.flatnonzero(self.cells.any(0))
        h, w = self.cells.shape
        return (columns[0] / w, rows[0] / h, (columns[-1] + 1) / w, (rows[-1] + 1) / h)

    @property
    def share(self) -> float:
        """Of the photo, 0..1."""
        return float(self.cells.mean())

    @property
    def category(self) -> str:
        """The likeliest."""
        return max(self.scores, key=self.scores.__getitem__)

    @property
    def zone(self) -> str:
        """Where it is worn."""
        return ZONES[self.category]


@dataclass(frozen=True)
class Patch:
    """Cloth that hangs together: one garment, or the two or more `pieces` that it may be made of."""

    whole: Part
    pieces: list[Part]


def cloth(cells: Array) -> Array:
    """(classes, h, w) scores → (h, w) probability of any garment."""
    return np.asarray(1 - softmax(np.moveaxis(cells, 0, -1))[..., 0])


def zone_of(cells: Array, classes: list[str], zone: str) -> Array:
    """(classes, h, w) scores → (h, w) probability of a garment of the zone."""
    p = softmax(np.moveaxis(cells, 0, -1))[..., 1:]
    return np.asarray(p[..., [ZONES[c] == zone for c in classes]].sum(-1))


def find(cells: Array, classes: list[str]) -> list[Patch]:
    """Patches of cloth, the most prominent first. `cells`: (1 + classes, h, w) scores, the first of no garment. The two
    shoes of a pair, and pieces of one garment that something lies across, are put together."""
    p = softmax(np.moveaxis(cells, 0, -1))
    kinds = p[..., 1:]
    count, patches = cv2.connectedComponents((p[..., 0] < 0.5).astype(np.uint8), connectivity=4)
    found = [
        _part(patches == k, kinds, classes) for k in range(1, count) if (patches == k).mean() >= LEAST / 2
    ]
    found = [part for part in _joined(found, kinds, classes) if part.share >= LEAST]
    found.sort(key=_prominence, reverse=True)
    pieces = [_pieces(part.cells, kinds, tuple(classes)) for part in found]
    return [
        Patch(part, [_part(c, kinds, classes) for c in cut]) for part, cut in zip(found, pieces, strict=True)
    ]


def _part(where: Array, kinds: Array, classes: list[str]) -> Part:
    mean = kinds[where].mean(0)
    mean = mean / max(float(mean.sum()), 1e-9)
    return Part(where, dict(zip(classes, map(float, mean), strict=True)))


def _pieces(patch: Array, kinds: Array, classes: tuple[str, ...]) -> list[Array]:
    """The garments that a patch may be made of, if of more than one: parts for different zones of the body, or parts
    that hardly hang together. Whether they are garments is for a closer look to say."""
    zones = _zones(patch, kinds, classes)
    return zones if len(zones) > 1 else _lumps(patch, kinds.sum(-1))


def _lumps(patch: Array, cloth: Array) -> list[Array]:
    """Parts that come apart where the network is less sure of cloth, or once the rim is taken off."""
    for level in LEVELS:
        for shrink in (0, 1):
            core: Array = (patch & (cloth > level)).astype(np.uint8)
            core = cv2.erode(core, np.ones((3, 3), np.uint8)) if shrink else core
            count, pieces = cv2.connectedComponents(core, connectivity=4)
            sizes = np.bincount(pieces.ravel(), minlength=count)
            large = [k for k in range(1, count) if sizes[k] >= LUMP * patch.sum()]
            if len(large) > 1:
                away = [cv2.distanceTransform((pieces != k).astype(np.uint8), cv2.DIST_L2, 3) for k in large]
                nearest = np.argmin(away, axis=0)
                return [patch & (nearest == n) for n in range(len(large))]
    return []


@cache
def _zone_columns(classes: tuple[str, ...]) -> tuple[list[str], Array]:
    """Names of the zones and a (classes, zones) matrix that sums classes into zones."""
    zones = sorted(set(ZONES.values()))
    return zones, np.array([[ZONES[c] == z for z in zones] for c in classes], float)


def _zones(patch: Array, kinds: Array, classes: tuple[str, ...]) -> list[Array]:
    """The patch, cut into its zones where each has enough of it."""
    zones, columns = _zone_columns(classes)
    chances = kinds @ columns  # (h, w, zones)
    best = np.where(patch, chances.argmax(-1), -1)
    kept = []
    for z in range(len(zones)):
        count, pieces = cv2.connectedComponents((best == z).astype(np.uint8), connectivity=4)
        sizes = np.bincount(pieces.ravel(), minlength=count)[1:]
        if len(sizes) and sizes.max() >= max(PART * patch.sum(), LEAST * patch.size):
            kept.append((z, pieces == 1 + int(sizes.argmax())))
    if len(kept) < 2:
        return [patch]
    among = chances[..., [z for z, _ in kept]].argmax(-1)
    return [patch & (among == n) for n in range(len(kept))]


def _joined(parts: list[Part], kinds: Array, classes: list[str]) -> list[Part]:
    """Pairs of shoes and broken garments in one piece."""
    parts = list(parts)
    merged = True
    while merged:
        merged = False
        for i in range(len(parts)):
            for j in range(i + 1, len(parts)):
                if _belong(parts[i], parts[j]):
                    whole = _part(parts[i].cells | parts[j].cells, kinds, classes)
                    parts = [p for k, p in enumerate(parts) if k not in (i, j)] + [whole]
                    merged = True
                    break
            if merged:
                break
    return parts


def _belong(a: Part, b: Part) -> bool:
    """Whether two parts are one garment, or one pair."""
    if a.zone != b.zone:
        return False
    dx, dy = _gap(a.box, b.box)
    small, large = sorted((a.share, b.share))
    if a.zone == "feet":
        near = max(dx, dy) <= 0.8 * min(_side(a.box), _side(b.box))
        return near and large <= PAIR * small and large < 0.2
    return small < 0.25 * large and max(dx, dy) <= REACH  # a sleeve, a leg, a scrap beside the garment


def _gap(a: Box, b: Box) -> tuple[float, float]:
    """How far apart two boxes are, across and down; 0 where they overlap."""
    return max(a[0] - b[2], b[0] - a[2], 0.0), max(a[1] - b[3], b[1] - a[3], 0.0)


def _side(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _prominence(part: Part) -> float:
    """Large and in the middle."""
    left, top, right, bottom = part.box
    off = abs((left + right) / 2 - 0.5) + abs((top + bottom) / 2 - 0.5)
    return part.share * (1 - 0.5 * off)
