"""What the stem makes of every view of every photo, kept on disk: the stem never changes, so it runs once.

Views of a photo: whole, mirrored, the garment alone, mirrored; then random ones. Scenes have one view each.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from perception.encoder import SIDE
from perception.network import Stem, fold_norms, pretrained
from training.data import Photos, random_view
from training.scenes import Piece, compose

Array = np.ndarray
FIXED = 4
FINE, MID = (33, 33, 48), (17, 17, 88)


@dataclass(frozen=True)
class Cache:
    """Memory maps, half precision: `fine` (n, views, 33*33*48), `mid` (n, views, 17*17*88); `where` (n, views, 33*33)
    uint8: 0 for no garment, else 1 + the class of the garment there."""

    fine: Array
    mid: Array
    where: Array


def open_cache(folder: Path, rows: int | None = None, views: int = 1) -> Cache:
    """The cache in `folder`; a new one of `rows` rows where that is given."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for name, size, kind in (
        ("fine", np.prod(FINE), np.float16),
        ("mid", np.prod(MID), np.float16),
        ("where", 1089, np.uint8),
    ):
        file = folder / f"{name}.npy"
        found.append(
            np.lib.format.open_memmap(file, "w+", kind, (rows, views, int(size))) if rows
            else np.load(file, mmap_mode="r")
        )  # fmt: skip
    return Cache(*found)


def cached(
    folder: Path,
    rows: int,
    views: int,
    make: Callable[[int], tuple[list[Array], list[Array]]],
    say: Callable[[str], None],
) -> Cache:
    """Fill (once) the cache in `folder`: `make(i)` gives the views of row i, (260, 260, 3), and what is where."""
    if not (folder / "done").exists():
        out = open_cache(folder, rows, views)
        stem = stem_runner()
        for i in range(rows):
            pixels, where = make(i)
            out.fine[i], out.mid[i] = stem(np.stack(pixels))
            out.where[i] = np.stack([cells(w) for w in where])
            if i % 200 == 0:
                say(f"{folder.name} {i}/{rows}")
        for array in (out.fine, out.mid, out.where):
            array.flush()  # type: ignore[attr-defined]
        (folder / "done").touch()
    return open_cache(folder)


def stem_runner() -> Callable[[Array], tuple[Array, Array]]:
    """(n, 260, 260, 3) pixels 0..255 → both maps, channels last, flat, half precision."""
    from perception.graph import session, stem_graph

    stem = Stem(pretrained())
    fold_norms(stem)
    run = session(stem_graph(stem), 1)

    def through(pixels: Array) -> tuple[Array, Array]:
        fine, mid = run.run(None, {"pixels": np.clip(pixels, 0, 255).astype(np.uint8)})
        return tuple(m.transpose(0, 2, 3, 1).reshape(len(m), -1).astype(np.float16) for m in (fine, mid))  # type: ignore[return-value]

    return through


def cells(where: Array) -> Array:
    """(1089,) the class at the middle of each of 33 x 33 cells."""
    return cv2.resize(where, (33, 33), interpolation=cv2.INTER_NEAREST).reshape(-1)


def photo_views(photos: Photos, i: int, piece: Piece, random_views: int) -> tuple[list[Array], list[Array]]:
    """All views of the i-th photo and what is where in them."""
    rng = np.random.default_rng(i)
    pixels = piece.pixels
    where = (piece.mask * (1 + photos.classes.index(piece.category))).astype(np.uint8)
    y0, y1, x0, x1 = around(piece.mask)
    views, places = [], []
    for p, w in ((pixels, where), (pixels[y0:y1, x0:x1], where[y0:y1, x0:x1])):
        small = cv2.resize(p, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        place = cv2.resize(w, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
        views += [small, small[:, ::-1]]
        places += [place, place[:, ::-1]]
    for k in range(random_views):
        if k % 2:
            cut = jittered((y0, y1, x0, x1), where.shape, rng)
            p, w = pixels[cut[0] : cut[1], cut[2] : cut[3]], where[cut[0] : cut[1], cut[2] : cut[3]]
        else:
            p, w = pixels, where
        view, place = random_view(p, w, rng, least=0.8 if k % 2 else 0.45)
        views.append(view)
        places.append(place)
    return views, places


def around(mask: Array, margin: float = 0.06) -> tuple[int, int, int, int]:
    """Top, bottom, left, right of the garment with a margin, in pixels."""
    h, w = mask.shape
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return 0, h, 0, w
    dy, dx = margin * (rows[-1] - rows[0]), margin * (columns[-1] - columns[0])
    return (
        max(int(rows[0] - dy), 0), min(int(rows[-1] + dy) + 1, h),
        max(int(columns[0] - dx), 0), min(int(columns[-1] + dx) + 1, w),
    )  # fmt: skip


def jittered(
    box: tuple[int, int, int, int], shape: Sequence[int], rng: np.random.Generator
) -> tuple[int, int, int, int]:
    """The box with its sides moved a little: boxes found by eyes are not boxes drawn by hand."""
    y0, y1, x0, x1 = box
    dy, dx = 0.08 * (y1 - y0), 0.08 * (x1 - x0)
    moved = (
        max(int(y0 + rng.uniform(-dy, dy)), 0), min(int(y1 + rng.uniform(-dy, dy)), shape[0]),
        max(int(x0 + rng.uniform(-dx, dx)), 0), min(int(x1 + rng.uniform(-dx, dx)), shape[1]),
    )  # fmt: skip
    return moved if moved[1] - moved[0] > 30 and moved[3] - moved[2] > 30 else box


def scene_views(
    photos: Photos, pieces: Callable[[int], Piece], rows: Array, i: int
) -> tuple[list[Array], list[Array]]:
    """The i-th scene, composed of the photos `rows`."""
    rng = np.random.default_rng(100_000 + i)
    kinds = np.array(photos.classes)[photos.y[rows]]

    def draw(categories: Sequence[str] | None) -> Piece:
        wanted = str(rng.choice(list(categories) if categories else photos.classes))
        return pieces(int(rng.choice(rows[kinds == wanted])))

    scene = compose(draw, rng)
    number = np.array([0, *(1 + photos.classes.index(c) for c in scene.categories)], np.uint8)
    where = number[scene.where]
    if rng.random() < 0.5:
        small = cv2.resize(scene.pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        return [small], [cv2.resize(where, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)]
    view, place = random_view(scene.pixels, where, rng, least=0.75)
    return [view], [place]


torch.set_num_threads(2)
