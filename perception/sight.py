"""One photo, looked at: first a glance at the whole, then a closer look at each garment found in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from PIL import Image

from perception import details, parts
from perception.color import ColorHead, Colors, main_colors
from perception.encoder import Features, ImageEncoder
from perception.garments import Heads, Reading
from perception.mask import Mask, garment_mask
from perception.parts import Box, Part, Patch
from perception.photospace import photo_vector
from perception.shared import SharedSpace

Array = np.ndarray
MOST = 4  # garments looked at closely
MARGIN = 0.06  # of the garment's own size, left around it
BLANK = 4.0  # spread of the pixel values (0..255) of a picture that shows nothing: a lens cap, a white wall
BELIEVED = 0.5  # probability from which a garment beside the main one is believed
SURE = 0.8  # probability of a category that is believed though no cell of the photo shows cloth
# Likeness (see Heads.likeness) to photos of its category from which a garment is one, and to photos of clothes from
# which something outside the trained categories may be: of 307 held-out garments none lies below.
LIKE, WORN = 1.0, 0.45
# A garment less sure than UPRIGHT is looked at turned, and believed so where that is surer by TURNED.
UPRIGHT, TURNED = 0.8, 0.25
# Turns, and the box (left, top, right, bottom) of a turned image in the image as it was.
BACK: dict[Image.Transpose, Callable[[float, float, float, float], Box]] = {
    Image.Transpose.ROTATE_90: lambda x0, y0, x1, y1: (1 - y1, x0, 1 - y0, x1),
    Image.Transpose.ROTATE_180: lambda x0, y0, x1, y1: (1 - x1, 1 - y1, 1 - x0, 1 - y0),
    Image.Transpose.ROTATE_270: lambda x0, y0, x1, y1: (y0, 1 - x1, y1, 1 - x0),
}
SCRAP = 0.3  # share of a patch below which a piece of it is more likely a part of the garment
ALIKE = 0.5  # overlap (intersection over union) from which two finds of one zone are one garment
INSIDE = 0.9  # share of a garment's box within another's from which it lies in that
# A garment whose box is less than NARROW of the photo is looked at closer to be cut out, with some room around it.
NARROW, NARROW_MARGIN, FINE_MAP = 0.4, 0.15, 132
STUDIO = 3.0  # spread (0..255) along the rim of a picture taken before a seamless background


@dataclass(frozen=True)
class GarmentSight:
    """One garment. `image`, `shared`: its vectors in the photo space and in the text space, each of length 1;
    `details`: what a shop's own tuning starts from (perception/details.py)."""

    reading: Reading
    colors: Colors
    box: Box
    image: Array
    shared: Array
    details: Array


@dataclass(frozen=True)
class Sight:
    """Everything taken from one photo, free of language. There is always one garment, the likeliest, even where
    `nothing` says that the photo shows none: pictures without garments have vectors too."""

    garments: tuple[GarmentSight, ...]
    nothing: bool
    setting: dict[str, float]


@dataclass(frozen=True)
class _Closer:
    """A garment found: where, the closer look at it, and what the heads say of that look alone."""

    part: Part
    crop: tuple[int, int, int, int]
    features: Features
    chances: dict[str, float]

    @property
    def zone(self) -> str:
        return parts.ZONES[self.category]

    @property
    def sure(self) -> float:
        return max(self.chances.values())

    @property
    def category(self) -> str:
        return max(self.chances, key=self.chances.__getitem__)


class Looker:
    """Looks at photos; holds the models, remembers nothing. Safe to share between threads."""

    def __init__(
        self,
        encoder: ImageEncoder,
        heads: Heads,
        space: SharedSpace,
        reread: Callable[[Image.Image, Reading], Reading],
    ) -> None:
        """`reread`: may replace what the heads read of a garment, given its part of the photo."""
        self._encoder, self._heads, self._space, self._reread = encoder, heads, space, reread

    @cached_property
    def _colors(self) -> ColorHead:
        return ColorHead()

    def look(self, image: Image.Image) -> Sight:
        """`image`: RGB, upright, any size. One that lies on its side or on its head without saying so is looked at
        the way round that makes most sense; boxes are those of the image as it came."""
        sight = self._look(image)
        sure = sight.garments[0].reading.category[1]
        if sight.nothing or len(sight.garments) > 1 or sure >= UPRIGHT:
            return sight
        chances = {turn: self._glanced(image.transpose(turn)) for turn in BACK}
        turn = max(chances, key=chances.__getitem__)
        if chances[turn] < sure + TURNED:
            return sight
        turned = self._look(image.transpose(turn))
        if turned.nothing:
            return sight
        return replace(turned, garments=tuple(replace(g, box=BACK[turn](*g.box)) for g in turned.garments))

    def _glanced(self, image: Image.Image) -> float:
        """Probability of the likeliest category at a glance."""
        return max(self._heads.scores([self._encoder.encode(image)])["category"].values())

    def _look(self, image: Image.Image) -> Sight:
        glance = self._encoder.encode(image)
        patches = parts.find(glance.cells, self._heads.categories)
        chances = self._heads.scores([glance])["category"] if len(patches) == 1 else {}
        seen = self._believed(
            [c for patch in patches[:MOST] for c in self._resolved(image, patch, chances)][:MOST]
        )
        alone = len(seen) < 2
        one = seen[0] if seen else self._closer(image, _everything(glance))
        garments = [self._garment(image, s, [s.features]) for s in seen] if not alone else [
            self._garment(image, one, [glance, one.features])
        ]  # fmt: skip
        blank = float(np.asarray(image.resize((64, 64))).std((0, 1)).max()) < BLANK
        lost = not patches and garments[0].reading.category[1] < SURE
        strange = alone and not self._wearable(garments[0].reading, (glance, one.features))
        return Sight(tuple(garments), blank or lost or strange, self._setting(image, glance))

    def cut_out(self, image: Image.Image) -> tuple[Mask, dict[str, float]]:
        """The main garment's pixels, and the chances of its main colour by the network's own opinion: to train on."""
        glance = self._encoder.encode(image)
        patches = parts.find(glance.cells, self._heads.categories)
        one = self._closer(image, patches[0].whole if patches else _everything(glance))
        mask = garment_mask(image.crop(one.crop), *self._maps(one, alone=True))
        return mask, self._heads.scores([glance, one.features])["color"]

    def whereabouts(self, image: Image.Image, box: Box | None = None) -> tuple[Array, Array]:
        """Two (h, w) maps over the whole picture, 0..1: the chance of the main garment, or of the one nearest to `box`,
        and of any garment. Finer than the network's cells where the garment is small in the picture."""
        glance = self._encoder.encode(image)
        cloth = parts.cloth(glance.cells)
        patches = parts.find(glance.cells, self._heads.categories)
        if not patches:
            return cloth, cloth
        part = self._nearest(patches, box) if box else self._main(image, patches[0])
        whole = any(part is patch.whole for patch in patches)
        own = cloth if whole else parts.zone_of(glance.cells, self._heads.categories, part.zone)
        # cells of other patches are none of it; around its own there is room for its rim
        near = cv2.dilate(part.cells.astype(np.uint8), np.ones((3, 3), np.uint8))
        near[np.any([p.whole.cells for p in patches], 0) & ~part.cells] = 0
        own = own * near
        left, top, right, bottom = _pixels(part.box, image.size, NARROW_MARGIN)
        if (right - left) * (bottom - top) > NARROW * image.width * image.height:
            return own, cloth
        closer = self._encoder.encode(image.crop((left, top, right, bottom)))
        near_by = parts.cloth(closer.cells)
        if not whole:
            near_by = parts.zone_of(closer.cells, self._heads.categories, part.zone)
        x, y = FINE_MAP / image.width, FINE_MAP / image.height
        x0, y0 = int(left * x), int(top * y)
        x1, y1 = max(round(right * x), x0 + 1), max(round(bottom * y), y0 + 1)
        fine = cv2.resize(own.astype(np.float32), (FINE_MAP, FINE_MAP), interpolation=cv2.INTER_LINEAR)
        room = cv2.resize(near.astype(np.float32), (FINE_MAP, FINE_MAP), interpolation=cv2.INTER_LINEAR)
        seen = cv2.resize(near_by.astype(np.float32), (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
        fine[y0:y1, x0:x1] = (fine[y0:y1, x0:x1] + 2 * seen * room[y0:y1, x0:x1]) / 3
        return fine, cloth

    def _main(self, image: Image.Image, patch: Patch) -> Part:
        """The patch, or the main one of the garments that it is made of."""
        if not patch.pieces:
            return patch.whole
        return self._believed(self._resolved(image, patch, {}))[0].part

    def _nearest(self, patches: Sequence[Patch], box: Box) -> Part:
        """The patch, or the piece of one, that best fills the box."""
        return max(
            (part for patch in patches for part in (patch.whole, *patch.pieces)),
            key=lambda part: overlap(part.box, box),
        )

    def _maps(self, one: _Closer, alone: bool) -> tuple[Array, Array]:
        """Probability of each cell of the closer look to be this garment, to be any."""
        cloth = parts.cloth(one.features.cells)
        own = cloth if alone else parts.zone_of(one.features.cells, self._heads.categories, one.zone)
        return own, cloth

    def _closer(self, image: Image.Image, part: Part) -> _Closer:
        crop = _pixels(part.box, image.size, MARGIN)
        features = self._encoder.encode(image.crop(crop))
        chances = self._heads.scores([features])["category"]
        mixed = {c: (p + part.scores.get(c, 0.0)) / 2 for c, p in chances.items()}
        return _Closer(part, crop, features, mixed)

    def _resolved(self, image: Image.Image, patch: Patch, glanced: dict[str, float]) -> list[_Closer]:
        """The patch as one garment or as several, whichever looks more like garments when looked at closely. `glanced`:
        what the glance takes the photo for, where the patch is all the cloth there is: a dress is no top with a skirt,
        nor a hood a hat."""
        whole = self._closer(image, patch.whole)
        pieces = [self._closer(image, piece) for piece in patch.pieces]
        if not pieces:
            return [whole]
        least, takes = whole.sure, max(glanced, key=glanced.__getitem__, default="")
        if (
            parts.ZONES.get(takes) == "whole"
            or min(p.share for p in patch.pieces) < SCRAP * patch.whole.share
        ):
            least = max(least, glanced.get(takes, 0.0))
        return pieces if np.mean([one.sure for one in pieces]) >= least else [whole]

    def _wearable(self, reading: Reading, views: Sequence[Features]) -> bool:
        """Whether ImageNet, which knows cats and streets, would take this for what the heads take it for."""
        category = reading.category[0]
        if category in self._heads.categories:
            return max(self._heads.likeness(view, category) for view in views) >= LIKE
        return max(self._heads.likeness(view) for view in views) >= WORN

    def _believed(self, seen: list[_Closer]) -> list[_Closer]:
        """Those of several garments where the closer look agrees that there is one, at least the most prominent. One
        that lies within a surer one comes after the others: it may be a part of that, or worn under it."""
        kept: list[_Closer] = []
        for one in seen:
            twice = any(o.zone == one.zone and overlap(o.part.box, one.part.box) > ALIKE for o in kept)
            likely = one.sure >= BELIEVED and self._heads.likeness(one.features, one.category) >= LIKE
            if likely and not twice:
                kept.append(one)
        inner = [any(o.sure > g.sure and within(g.part.box, o.part.box) > INSIDE for o in kept) for g in kept]
        kept = [kept[i] for i in sorted(range(len(kept)), key=inner.__getitem__)]
        return kept or seen[:1]

    def _garment(self, image: Image.Image, one: _Closer, views: list[Features]) -> GarmentSight:
        reading = self._heads.read(views)
        if len(views) == 1:  # where several garments meet, the cells of each have a say in what it is
            reading = replace(reading, scores={**reading.scores, "category": one.chances})
        crop = image.crop(one.crop)
        reading = self._reread(crop, reading)
        own, cloth = self._maps(one, alone=len(views) > 1)
        mask = garment_mask(crop, own, cloth)
        colors = main_colors(mask, self._colors, reading.scores["color"])
        mean = np.mean([v.deep.mean(1) for v in views], 0)
        return GarmentSight(
            reading,
            colors,
            _refined(own, one.crop, image.size),
            photo_vector(mean, reading.scores["category"], colors.named),
            self._space.vector(reading, [(c.name, c.share) for c in colors.named]),
            details.row(
                reading.scores,
                self._heads.classes,
                colors.named,
                self._heads.local(details.pooled(one.features.deep)),
            ),
        )

    def _setting(self, image: Image.Image, glance: Features) -> dict[str, float]:
        """Chances of each setting; a seamless background needs no network."""
        small = np.asarray(image.resize((48, 48), Image.Resampling.BOX), np.float32)
        rim = np.concatenate(
            [small[:2].reshape(-1, 3), small[:, :2].reshape(-1, 3), small[:, -2:].reshape(-1, 3)]
        )
        if rim.std(0).max() < STUDIO:
            return {"studio": 0.9}
        return self._heads.scores([glance])["setting"]


def within(a: Box, b: Box) -> float:
    """Share of `a` that lies in `b`, 0..1."""
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0) / max((a[2] - a[0]) * (a[3] - a[1]), 1e-9)


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    w = min(a[2], b[2]) - max(a[0], b[0])
    h = min(a[3], b[3]) - max(a[1], b[1])
    if w <= 0 or h <= 0:
        return 0.0
    both = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return w * h / (both - w * h)


def _everything(glance: Features) -> Part:
    """The whole photo, taken for one garment."""
    side = glance.cells.shape[1]
    return Part(np.ones((side, side), bool), {"dress": 0.0})


def _pixels(box: Box, size: tuple[int, int], margin: float) -> tuple[int, int, int, int]:
    """The box with a margin, in pixels of the photo; at least a few wide."""
    w, h = size
    dx, dy = margin * (box[2] - box[0]), margin * (box[3] - box[1])
    left, top = max(int((box[0] - dx) * w), 0), max(int((box[1] - dy) * h), 0)
    right, bottom = min(round((box[2] + dx) * w), w), min(round((box[3] + dy) * h), h)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _refined(own: Array, crop: tuple[int, int, int, int], size: tuple[int, int]) -> Box:
    """The garment's box from the cells of its closer look, as fractions of the photo."""
    on = own > 0.4
    if not on.any():
        on = np.ones_like(on)
    rows, columns = np.flatnonzero(on.any(1)), np.flatnonzero(on.any(0))
    h, w = own.shape
    left, top, right, bottom = crop
    x = [left + (right - left) * c / w for c in (columns[0], columns[-1] + 1)]
    y = [top + (bottom - top) * r / h for r in (rows[0], rows[-1] + 1)]
    found = x[0] / size[0], y[0] / size[1], x[1] / size[0], y[1] / size[1]
    return tuple(round(min(max(float(v), 0.0), 1.0), 3) for v in found)  # type: ignore[return-value]
