"""Garments lifted off their pictures, kept on disk: cut once, then there in milliseconds.

A picture is known by its bytes, so one that is replaced is cut anew, and a shopper's photo by its id, so that what was
made of it goes with it. What cannot be cut well is kept as the picture that it is.
"""

import hashlib
import io
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from perception.cutout import Array, Box, Cutout, Finder, cutout
from perception.files import oldest, whole
from perception.photo import Photo, load_photo
from perception.studio import keyed
from prompts import taxonomy

SIDE = 720  # pixels of the longer side of what is kept
SOURCE = 900  # pixels of the longer side that is cut: finer than what is kept, coarser than a camera
KEPT = 4000  # mattes; some 40 kB each
MADE_BY = "3"  # changes when pictures are cut in another way, so that all are cut anew
SEEN_THROUGH = ("shoes", "bag", "belt", "jewellery")  # what has straps, handles, loops
UNWORN = (*SEEN_THROUGH, "hat", "scarf")  # what the map of cloth knows little of
CLOTH = 0.8  # the share of a garment before an even ground that must be cloth, else somebody wears it
WHOLE = 0.97  # the share of what is surely cloth that the cut must hold
SLICED = 0.22  # of its width or height, at an edge of the photo
FAINT = 0.05  # alpha from which a pixel is of the garment
ROOM = 0.06  # of a garment's box, left around it where its photo is shown


@dataclass(frozen=True)
class Matte:
    """`picture`: RGBA, trimmed to the garment, where `cut`; else RGB, the picture as it is (of a garment in a box, that
    part)."""

    picture: Image.Image

    @property
    def cut(self) -> bool:
        """Whether it stands free."""
        return self.picture.mode == "RGBA"


class Mattes:
    """What was lifted, in a folder. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    def of(self, data: bytes, eyes: Finder, category: str = "", part: Box | None = None) -> Matte:
        """The garment of a picture's bytes: of `category` where that is known, the one in the box `part` where it is
        given (fractions of the upright picture). Raises PhotoError for what is no picture to be seen."""
        path = self.folder / f"{self._name(data, category, part)}.webp"
        with (
            suppress(OSError, SyntaxError, ValueError),
            Image.open(path) as image,
        ):  # not there yet, or damaged
            image.load()
            return Matte(image.copy())
        matte = lift(data, eyes, category, part)
        self._put(path, matte.picture)
        return matte

    def has(self, data: bytes, category: str = "", part: Box | None = None) -> bool:
        """Whether it was lifted already."""
        return (self.folder / f"{self._name(data, category, part)}.webp").is_file()

    def drop(self, photo_id: str) -> None:
        """Delete all that was lifted off a photo."""
        if re.fullmatch(r"[0-9a-f]{16}", photo_id):
            for path in self.folder.glob(f"matte-{photo_id}-*.webp"):
                path.unlink(missing_ok=True)

    @staticmethod
    def _name(data: bytes, category: str, part: Box | None) -> str:
        """A photo's id is the start of its SHA-256, so the names of a photo's mattes begin with it."""
        how = f"{MADE_BY} {category} {[round(x, 3) for x in part] if part else ''}"
        origin, way = (hashlib.sha256(b).hexdigest()[:16] for b in (data, how.encode()))
        return f"matte-{origin}-{way}"

    def _put(self, path: Path, image: Image.Image) -> None:
        with whole(path) as file:
            image.save(file, "WEBP", quality=92, method=2, exact=False)
        for old in oldest(self.folder, "matte-*.webp", KEPT):
            old.unlink(missing_ok=True)


def lift(data: bytes, eyes: Finder, category: str = "", part: Box | None = None) -> Matte:
    """The garment lifted off a picture, now. Raises PhotoError."""
    photo = load_photo(data)
    picture = see_through(data) or photo.image
    scale = SOURCE / max(picture.size)
    if scale < 1:
        size = (max(round(picture.width * scale), 1), max(round(picture.height * scale), 1))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    cut = _cut(picture, photo, eyes, category, part)
    if not cut.good or (not cut.own and _sliced(cut.alpha)):
        whole = _part(photo.image, part).copy()
        whole.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return Matte(whole.convert("RGB"))
    rows, columns = (np.flatnonzero((cut.alpha > FAINT).any(axis)) for axis in (1, 0))
    top, bottom, left, right = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    trimmed = picture.crop((left, top, right, bottom))
    # a picture that was cut by its own transparency has clean colours to its rim
    free = (
        trimmed.convert("RGBA")
        if cut.own
        else lifted(trimmed, replace(cut, alpha=cut.alpha[top:bottom, left:right]))
    )
    scale = SIDE / max(free.size)
    if scale < 1:
        free = scaled(free, (max(round(free.width * scale), 1), max(round(free.height * scale), 1)))
    return Matte(free)


def _cut(picture: Image.Image, photo: Photo, eyes: Finder, category: str, part: Box | None) -> Cutout:
    """By its own transparency, by the even ground it lies on, or by what the network sees."""
    if picture.mode == "RGBA" or part is not None:
        return cutout(picture, eyes, part)
    by_ground = keyed(picture, _is(category, SEEN_THROUGH))
    if by_ground is None:
        return cutout(picture, eyes, part)
    if _is(category, UNWORN) or _is_cloth(by_ground, eyes.whereabouts(photo.image)[1]):
        return by_ground
    return cutout(picture, eyes, part)


def _is(category: str, kinds: tuple[str, ...]) -> bool:
    return any(category == kind or taxonomy.is_a(category, kind) for kind in kinds)


def _is_cloth(cut: Cutout, cloth: Array) -> bool:
    """Whether what lies on the ground is a garment, by the map of all cloth: not a person who wears it, and all of
    it."""
    size = (cloth.shape[1], cloth.shape[0])
    share = cv2.resize(cut.alpha, size, interpolation=cv2.INTER_AREA)
    mask, sure = share > 0.5, cloth > 0.75
    near = (
        cv2.dilate((share > 0.3).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    )  # the map's cells are coarse
    if not mask.any() or not sure.any():
        return False
    return float((cloth[mask] > 0.3).mean()) >= CLOTH and float(near[sure].mean()) >= WHOLE


def _sliced(alpha: Array) -> bool:
    """Whether the photo's edge goes through it: lifted off, it would have a side as cut with a knife."""
    on = alpha > 0.5
    across, down = max(int(on.any(0).sum()), 1), max(int(on.any(1).sum()), 1)
    rims = ((on[:2], across, 0), (on[-2:], across, 0), (on[:, :2], down, 1), (on[:, -2:], down, 1))
    return any(float(rim.any(axis).sum()) > SLICED * length for rim, length, axis in rims)


def _part(image: Image.Image, box: Box | None) -> Image.Image:
    """The picture around the box."""
    if box is None:
        return image
    x0, y0, x1, y1 = box
    dx, dy = ROOM * (x1 - x0), ROOM * (y1 - y0)
    left, top = max(x0 - dx, 0) * image.width, max(y0 - dy, 0) * image.height
    right, bottom = min(x1 + dx, 1) * image.width, min(y1 + dy, 1) * image.height
    if right - left < 8 or bottom - top < 8:
        return image
    return image.crop((round(left), round(top), round(right), round(bottom)))


def lifted(picture: Image.Image, cut: Cutout) -> Image.Image:
    """The picture with the cut-out's matte as its alpha. Along the seam, where the old ground's colour mixes in, it
    takes the colours that lie just inside."""
    pixels = np.asarray(picture.convert("RGB"), np.float32)
    reach = 2 * max(round(max(picture.size) * 0.0035), 1) + 1
    inside = cv2.erode((cut.alpha > 0.95).astype(np.float32), np.ones((reach, reach)))
    size = (4 * reach + 1, 4 * reach + 1)
    weight = cv2.blur(inside, size)[..., None]
    spread = cv2.blur(pixels * inside[..., None], size) / np.maximum(weight, 1e-4)
    keep = np.maximum(inside[..., None], (weight < 1e-3).astype(np.float32))  # a thread has no inside
    rgba = np.dstack([pixels * keep + spread * (1 - keep), cut.alpha * 255])
    return Image.fromarray(np.clip(rgba.round(), 0, 255).astype(np.uint8), "RGBA")


def scaled(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """An RGBA picture in another size. Colours are weighted by alpha, so that nothing of the old ground comes in."""
    rgba = np.asarray(picture, np.float32)
    alpha = rgba[..., 3:] / 255
    how = cv2.INTER_AREA if size[0] < picture.width else cv2.INTER_CUBIC
    flat = cv2.resize(np.concatenate([rgba[..., :3] * alpha, alpha], -1), size, interpolation=how)
    flat = flat.reshape(size[1], size[0], 4)
    a = np.clip(flat[..., 3:], 0, 1)
    rgb = np.clip(flat[..., :3] / np.maximum(a, 1e-3), 0, 255)
    return Image.fromarray(np.concatenate([rgb, a * 255], -1).round().astype(np.uint8), "RGBA")


def see_through(data: bytes, side: int = SOURCE) -> Image.Image | None:
    """A picture that brings transparency, as RGBA, no longer than `side` pixels; None for others. `data` has been
    through load_photo."""
    with Image.open(io.BytesIO(data)) as image:
        if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
            return None
        clear = image.convert("RGBA")
    low, high = clear.getchannel("A").getextrema()
    if low == high:
        return None
    clear.thumbnail((side, side), Image.Resampling.LANCZOS)
    return clear
