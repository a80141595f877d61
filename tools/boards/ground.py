"""The ground a look lies on, and the strip of its colours: chosen so that nothing sinks into it."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from tools.boards.layout import table

Array = np.ndarray
SINKS = 13.0  # CIELAB distance below which an outline sinks into the ground
LIKE = 14.0  # CIELAB distance below which two colours of a strip are one
ALIKE, APART = (
    0.6,
    20.0,
)  # what it costs to have the very colour of a piece, falling to nothing at that distance
LIKING = 0.006  # what it costs to take a ground that is less liked, a place further down
SUITS = 0.0011  # what it gains for each unit of CIELAB hue that it shares with the look
CLOSE = 0.35  # how much a sunken outline of the worst piece weighs beside the mean


def lab_of(color: str) -> Array:
    """(3,) CIELAB of "#rrggbb"."""
    rgb = np.array([[[int(color[k : k + 2], 16) for k in (1, 3, 5)]]], np.float32) / 255
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)[0, 0])


def hex_of(lab: Array) -> str:
    """ "#rrggbb" of a CIELAB colour."""
    rgb = cv2.cvtColor(np.asarray(lab, np.float32).reshape(1, 1, 3), cv2.COLOR_LAB2RGB)[0, 0]
    r, g, b = (int(v) for v in np.clip(rgb * 255, 0, 255).round())
    return f"#{r:02x}{g:02x}{b:02x}"


def choose(pieces: Sequence[Image.Image], colors: Sequence[str] = ()) -> str:
    """The liked ground from which the outlines of `pieces` that stand free stand out, rather of the hue of the look's
    `colors`: warm papers under warm colours, cool ones under cool."""
    hues = np.array([lab_of(color)[1:] for color in colors]).reshape(-1, 2)
    hue = hues.mean(0) if len(hues) else np.zeros(2)
    grounds: list[str] = table()["grounds"]
    free = [piece for piece in pieces if piece.mode == "RGBA"]
    seen = [(rim, lab_of(main_color(piece))) for piece in free if len(rim := _rim(piece))]

    def cost(k: int) -> float:
        ground = lab_of(grounds[k])
        sunk = [
            float((np.linalg.norm(rim - ground, axis=1) < SINKS).mean())
            + ALIKE * max(0.0, 1 - float(np.linalg.norm(body - ground)) / APART)
            for rim, body in seen
        ]
        shared = float(ground[1:] @ hue) / max(float(np.linalg.norm(ground[1:])), 1.0)
        return LIKING * k - SUITS * shared + (CLOSE * max(sunk) + float(np.mean(sunk)) if sunk else 0.0)

    return grounds[min(range(len(grounds)), key=cost)]


def _rim(piece: Image.Image) -> Array:
    """(n, 3) CIELAB of the pixels along the outline."""
    small = piece.copy()
    small.thumbnail((160, 160), Image.Resampling.BOX)
    rgba = np.asarray(small, np.float32) / 255
    on = (rgba[..., 3] > 0.6).astype(np.uint8)
    framed = cv2.copyMakeBorder(on, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    inner = cv2.erode(framed, np.ones((3, 3), np.uint8), iterations=2)[2:-2, 2:-2]
    lab = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2LAB)
    return np.asarray(lab[(on > 0) & (inner == 0)])


def main_color(piece: Image.Image) -> str:
    """The colour that covers most of a piece: the middle of the fullest cell of its colours."""
    small = piece.copy()
    small.thumbnail((72, 72), Image.Resampling.BOX)
    rgba = np.asarray(small.convert("RGBA"), np.float32) / 255
    lab = cv2.cvtColor(np.ascontiguousarray(rgba[..., :3]), cv2.COLOR_RGB2LAB)[rgba[..., 3] > 0.6]
    if not len(lab):
        return "#808080"
    cells = np.floor(lab / 16).astype(int)
    _, where, counts = np.unique(cells, axis=0, return_inverse=True, return_counts=True)
    return hex_of(np.median(lab[where.ravel() == int(counts.argmax())], axis=0))


def strip(colors: Sequence[str], most: int = 6) -> list[str]:
    """The colours of a look, one of each that are alike, in their order."""
    kept: list[str] = []
    for color in colors:
        lab = lab_of(color)
        if all(float(np.linalg.norm(lab - lab_of(other))) > LIKE for other in kept):
            kept.append(color)
    return kept[:most]
