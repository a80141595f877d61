"""Where things lie on a board: as large as they fit in proportion to each other, none over another.

Every piece is a coarse mask. Where one may lie is where its mask, slid over what is taken, meets nothing, as in
raster methods of nesting (Bennell, Oliveira 2008), by a correlation. Largest first, each as near as it can to where the
plan would have it; then the gaps are widened as far as they go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from prompts import taxonomy

Array = np.ndarray
THIN = 10.0  # how much longer than wide a thing may be shown
CELL = 10  # pixels of a cell of the raster
STEPS = 5  # halvings of the search for the largest scale of a plan
TRIES = 48  # variations of the plans that are tried for a larger one
STRAY = 0.09  # how far a wish strays in one, as a share of the ground
GROW = 1.025  # how much larger things must be for a variation to be taken
SLACK = 0.96  # of the largest scale, which leaves room to lie well
GAPS = (1, 2, 3, 4)  # cells between pieces, tried in turn
Plan = Mapping[str, Sequence[float]]
Wish = tuple[float, float]  # (down, right), 0..1 of the ground


@cache
def table() -> dict[str, Any]:
    """The data of the boards, read once."""
    return yaml.safe_load((Path(__file__).parent / "board.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Shape:
    """`mask`: (h, w) float32 0..1, at whatever size; `slot`; `size`: the (wide, high) in centimetres it is shown as."""

    mask: Array
    slot: str
    size: tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Left, top, width and height in pixels of the ground."""

    x: int
    y: int
    wide: int
    high: int


def size_of(category: str, aspect: float, kids: bool, card: bool) -> tuple[float, float]:
    """(wide, high) in centimetres of a piece whose picture is `aspect` times as wide as high: of the area that its kind
    has, so that a folded scarf and a hanging one look alike large."""
    sizes = table()["sizes"]
    known = [kind for kind in (*taxonomy.ancestors(category), category) if kind in sizes] if category else []
    wide, high = sizes[known[-1]] if known else table()["usual"]
    aspect = min(max(aspect, 1 / THIN), THIN)
    scale = (table()["kids"] if kids else 1.0) * (table()["card"] if card else 1.0)
    across = float((wide * high * aspect) ** 0.5)
    fit = min(1.0, 1.25 * wide / across, 1.12 * high * aspect / across)
    return across * fit * scale, across * fit * scale / aspect


def ordered(slots: Sequence[str]) -> list[int]:
    """The places of `slots` in the order in which a look is read, from what is worn outermost to what goes with it."""
    order: list[str] = table()["order"]
    known = {slot: k for k, slot in enumerate(order)}
    return sorted(range(len(slots)), key=lambda k: (known.get(slots[k], len(order)), k))


def lay_out(shapes: Sequence[Shape], room: tuple[int, int]) -> list[Place]:
    """A place for each shape on a ground of `room` (width, height) pixels. The same for the same arguments."""
    if not shapes:
        return []
    cells = (max(room[1] // CELL, 4), max(room[0] // CELL, 4))
    area = sum(s.size[0] * s.size[1] for s in shapes)
    even = float((room[0] * room[1] / area) ** 0.5)  # the scale at which their boxes would cover the ground
    scale, wishes = _best(shapes, cells, even)
    found: list[tuple[int, int]] | None = None
    while found is None:
        scale *= SLACK
        for gap in GAPS:
            laid = _packed(shapes, wishes, cells, scale, gap)
            if laid is None:
                break
            found = laid
    return _centred([_place(s, scale, at) for s, at in zip(shapes, found, strict=True)], room)


def _best(shapes: Sequence[Shape], cells: tuple[int, int], even: float) -> tuple[float, list[Wish]]:
    """The largest scale (pixels a centimetre) found, and the wishes it was found with: each plan as it is, then
    variations of them, always the same ones."""
    plans = [_wishes(plan, shapes) for plan in table()["plans"]]
    best, wishes = 0.25 * even, plans[0]
    for plan in plans:
        scale = _largest(shapes, plan, cells, 1.5 * even)
        if scale > GROW * best:
            best, wishes = scale, plan
    chance = np.random.default_rng(7)
    for n in range(TRIES):
        off = chance.normal(0, STRAY, (len(shapes), 2))
        varied = [
            (y + dy, x + dx) for (y, x), (dy, dx) in zip(plans[n % len(plans)], off.tolist(), strict=True)
        ]
        while _packed(shapes, varied, cells, GROW * best, GAPS[0]) is not None:
            best, wishes = GROW * best, varied
    return best, wishes


def _place(shape: Shape, scale: float, at: tuple[int, int]) -> Place:
    wide, high = (max(round(side * scale), 1) for side in shape.size)
    return Place(at[1] * CELL, at[0] * CELL, wide, high)


def _centred(places: list[Place], room: tuple[int, int]) -> list[Place]:
    left, top = min(p.x for p in places), min(p.y for p in places)
    right, bottom = max(p.x + p.wide for p in places), max(p.y + p.high for p in places)
    dx, dy = (room[0] - right - left) // 2, (room[1] - bottom - top) // 2
    return [Place(p.x + dx, p.y + dy, p.wide, p.high) for p in places]


def _largest(shapes: Sequence[Shape], wishes: list[Wish], cells: tuple[int, int], most: float) -> float:
    """The largest scale at which all find room; 0 where none was found."""
    low, high = 0.0, most
    for _ in range(STEPS):
        middle = (low + high) / 2 if low else high * 0.7
        if _packed(shapes, wishes, cells, middle, GAPS[0]) is not None:
            low = middle
        else:
            high = middle
    return low


def _packed(
    shapes: Sequence[Shape], wishes: list[Wish], cells: tuple[int, int], scale: float, gap: int
) -> list[tuple[int, int]] | None:
    """(row, column) of the upper left cell of each shape; None where one finds no room."""
    masks = [_cells(shape, scale) for shape in shapes]
    if any(m.shape[0] > cells[0] or m.shape[1] > cells[1] for m in masks):
        return None
    turn = sorted(range(len(shapes)), key=lambda k: (-shapes[k].size[0] * shapes[k].size[1], k))
    taken = np.zeros(cells, np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * gap + 1, 2 * gap + 1))
    at: dict[int, tuple[int, int]] = {}
    for k in turn:
        mask = masks[k]
        spot = _nearest(cv2.dilate(taken, kernel), mask, (wishes[k][0] * cells[0], wishes[k][1] * cells[1]))
        if spot is None:
            return None
        at[k] = spot
        r, c = spot
        part = taken[r : r + mask.shape[0], c : c + mask.shape[1]]
        np.maximum(part, mask, out=part)
    return [at[k] for k in range(len(shapes))]


def _cells(shape: Shape, scale: float) -> Array:
    """The mask in cells: every cell that the piece touches."""
    wide, high = (max(int(np.ceil(side * scale / CELL)), 1) for side in shape.size)
    small = cv2.resize(shape.mask, (wide, high), interpolation=cv2.INTER_AREA)
    return np.asarray(small > 0.04, np.float32)


def _wishes(plan: Plan, shapes: Sequence[Shape]) -> list[Wish]:
    """Where the middle of each piece would like to be. A second one of a slot keeps near the first."""
    met: dict[str, int] = {}
    found = []
    for shape in shapes:
        nth = met.get(shape.slot, 0)
        met[shape.slot] = nth + 1
        x, y = plan.get(shape.slot, (0.5, 0.5))
        drift = 0.07 * nth
        found.append((y + drift, x + (drift if x < 0.5 else -drift)))
    return found


def _nearest(taken: Array, mask: Array, wished: tuple[float, float]) -> tuple[int, int] | None:
    """The free place whose middle lies nearest to what is wished."""
    h, w = mask.shape
    met = cv2.matchTemplate(taken, mask, cv2.TM_CCORR)
    rows, columns = np.nonzero(met < 0.5)
    if not len(rows):
        return None
    off = (rows + h / 2 - wished[0]) ** 2 + (columns + w / 2 - wished[1]) ** 2
    k = int(off.argmin())
    return int(rows[k]), int(columns[k])
