"""A look as one picture: of values alone, the same picture for the same values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from PIL import Image, ImageDraw

from perception.mattes import scaled
from tools.boards import ground as grounds
from tools.boards import legend
from tools.boards.layout import Place, Shape, lay_out, ordered, size_of
from tools.boards.lettering import font, lines, settable, width

Array = np.ndarray
WIDTH, HEIGHT = 1080, 1350
MARGIN = 60
LEAST, SEEN = 8, 60  # pixels of a side, and alpha (0..255), below which there is nothing to see
ROUGH = 120  # pixels of the longer side of what the layout is shown
LONGEST_MARK = 150  # pixels
SUPER = 2  # how many times finer round marks are drawn
LONGEST = 1.7  # how much longer than wide a print is shown; beyond, its middle
GREY = "#9a8f83"  # of a card whose colour nobody knows
SHADE = (58, 48, 38)  # the colour of shadows, warm
# Shadows of what lies on paper, light from the upper left: (right, down, softness, strength).
CAST = ((2, 3, 2.5, 0.30), (7, 12, 11.0, 0.20), (12, 22, 26.0, 0.10))


@dataclass(frozen=True)
class BoardPiece:
    """One thing on a board. `picture`: RGBA where it stands free, RGB to be shown as a print, None where there is none;
    `name`, `price` as they are to be read, `was` the price before a sale, `mark` what is said beside it on the
    ground ("yours"), `note` in the list ("sold out"); `tint`: "#rrggbb" of what does not stand free, where known."""

    slot: str
    category: str
    picture: Image.Image | None
    name: str
    price: str = ""
    was: str = ""
    mark: str = ""
    note: str = ""
    kids: bool = False
    tint: str = ""

    @property
    def cut(self) -> bool:
        """Whether it stands free."""
        return self.picture is not None and self.picture.mode == "RGBA"

    def with_picture(self, picture: Image.Image) -> "BoardPiece":
        """The same, with its picture."""
        return replace(self, picture=picture)


@dataclass(frozen=True)
class Board:
    """`title`: the look's idea; `shop`: its name; `total`: of what is to be bought, with `total_label` before it."""

    pieces: tuple[BoardPiece, ...]
    title: str = ""
    shop: str = ""
    total: str = ""
    total_label: str = ""


def compose(board: Board) -> Image.Image:
    """The picture, RGB, 1080 x 1350."""
    pieces = [_seen(board.pieces[k]) for k in ordered([p.slot for p in board.pieces])]
    shown = [_shown(piece) for piece in pieces]
    colors = _colors(pieces)
    color = grounds.choose([s for p, s in zip(pieces, shown, strict=True) if p.cut], colors)
    picture = Image.new("RGB", (WIDTH, HEIGHT), color)
    foot = legend.height(pieces)
    top = legend.head(picture, board, colors, MARGIN)
    room = (WIDTH - 2 * (MARGIN - 20), HEIGHT - foot - top - 24)
    shapes = [
        Shape(_mask(s), p.slot, size_of(p.category, s.width / s.height, p.kids, not p.cut))
        for p, s in zip(pieces, shown, strict=True)
    ]
    places = [replace(at, x=at.x + MARGIN - 20, y=at.y + top + 8) for at in lay_out(shapes, room)]
    fitted = [scaled(s.convert("RGBA"), (at.wide, at.high)) for s, at in zip(shown, places, strict=True)]
    picture = _laid(picture, fitted, places)
    _numbered(picture, pieces, fitted, places, (top, HEIGHT - foot - 6))
    legend.foot(picture, board, pieces, foot, MARGIN)
    return picture


def _seen(piece: BoardPiece) -> BoardPiece:
    """Without its picture where there is nothing to see on it."""
    if piece.picture is None:
        return piece
    empty = piece.picture.mode == "RGBA" and not np.asarray(piece.picture.getchannel("A")).max() > SEEN
    return replace(piece, picture=None) if empty or min(piece.picture.size) < LEAST else piece


def _colors(pieces: Sequence[BoardPiece]) -> list[str]:
    """The strip: what is seen of the pieces that stand free, what is known of the others."""
    known = (grounds.main_color(p.picture) if p.cut and p.picture else p.tint for p in pieces)
    return grounds.strip([color for color in known if color])


def _shown(piece: BoardPiece) -> Image.Image:
    """What lies on the ground: the garment, a print of its photo, or a card with its name."""
    if piece.picture is None:
        return _card(piece)
    if piece.picture.mode == "RGBA":
        return piece.picture
    return _print(piece.picture)


def _print(photo: Image.Image) -> Image.Image:
    """A photo as a print with a white rim."""
    image = photo.convert("RGB")
    w, h = image.size
    if w > h * LONGEST:
        cut = round(h * LONGEST)
        image = image.crop(((w - cut) // 2, 0, (w - cut) // 2 + cut, h))
    elif h > w * LONGEST:
        cut = round(w * LONGEST)
        image = image.crop((0, (h - cut) // 2, w, (h - cut) // 2 + cut))
    rim = max(round(0.035 * max(image.size)), 4)
    card = Image.new("RGB", (image.width + 2 * rim, image.height + 2 * rim), "#fffdf9")
    card.paste(image, (rim, rim))
    return card


def _card(piece: BoardPiece) -> Image.Image:
    """A card in the piece's colour with its name, for what has no picture."""
    wide, high = 420, 500
    lab = grounds.lab_of(piece.tint or GREY)
    paper = grounds.hex_of(np.array([min(max(float(lab[0]), 46.0), 90.0), 0.45 * lab[1], 0.45 * lab[2]]))
    ink = "#fffdf9" if grounds.lab_of(paper)[0] < 64 else "#2b2622"
    card = Image.new("RGB", (wide, high), paper)
    draw = ImageDraw.Draw(card)
    draw.rectangle((20, 20, wide - 21, high - 21), outline=ink, width=2)
    face = font("serif", 44)
    told = lines(settable(piece.name, "serif"), face, wide - 104, 5)
    y = high / 2 - 29 * (len(told) - 1)
    for line in told:
        draw.text((wide / 2, y), line, ink, face, anchor="mm")
        y += 58
    return card


def _mask(shown: Image.Image) -> Array:
    """(h, w) 0..1, small: where it lies, as the layout takes it."""
    scale = min(ROUGH / max(shown.size), 1.0)
    size = (max(round(shown.width * scale), 1), max(round(shown.height * scale), 1))
    if shown.mode != "RGBA":
        return np.ones((size[1], size[0]), np.float32)
    alpha = np.asarray(shown.getchannel("A"))
    return np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32) / 255


def _laid(picture: Image.Image, fitted: Sequence[Image.Image], places: Sequence[Place]) -> Image.Image:
    """The pieces on the ground with their shadows, the light from the upper left."""
    alpha = Image.new("L", picture.size, 0)
    for piece, at in zip(fitted, places, strict=True):
        alpha.paste(255, (at.x, at.y), piece.getchannel("A"))
    half = (WIDTH // 2, HEIGHT // 2)
    on = cv2.resize(np.asarray(alpha), half, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    light = np.ones_like(on)
    for right, down, soft, strong in CAST:
        shift = np.array([[1, 0, right / 2], [0, 1, down / 2]], np.float32)
        moved = cv2.warpAffine(on, shift, half)
        light = light * (1 - strong * cv2.GaussianBlur(moved, (0, 0), soft / 2))
    dark = cv2.resize(255 * (1 - light), picture.size, interpolation=cv2.INTER_LINEAR)
    done = picture.copy()
    done.paste(SHADE, (0, 0), Image.fromarray(np.rint(dark).astype(np.uint8)))
    for piece, at in zip(fitted, places, strict=True):
        done.paste(piece, (at.x, at.y), piece)
    return done


def _numbered(
    picture: Image.Image,
    pieces: Sequence[BoardPiece],
    fitted: Sequence[Image.Image],
    places: Sequence[Place],
    band: tuple[int, int],
) -> None:
    """A small number beside each piece, where the ground is free; a mark ("yours") goes with it."""
    owner = np.zeros((HEIGHT, WIDTH), np.uint8)
    for k, (fit, at) in enumerate(zip(fitted, places, strict=True), 1):
        a = np.asarray(fit.getchannel("A")) > 60
        y0, x0 = max(at.y, 0), max(at.x, 0)
        part = owner[y0 : at.y + at.high, x0 : at.x + at.wide]
        part[a[y0 - at.y :, x0 - at.x :][: part.shape[0], : part.shape[1]]] = k
    small = owner[::4, ::4]
    busy = (small > 0).astype(np.uint8)
    for k, (piece, at) in enumerate(zip(pieces, places, strict=True), 1):
        tag = _tag(k, settable(piece.mark))
        spot = _beside(small == k, busy, (tag.width // 4 + 2, tag.height // 4 + 2), at, band)
        picture.paste(tag, (spot[0] * 4 + 4, spot[1] * 4 + 4), tag)
        busy[spot[1] : spot[1] + tag.height // 4 + 2, spot[0] : spot[0] + tag.width // 4 + 2] = 1


def _beside(
    own: Array, busy: Array, size: tuple[int, int], at: Place, band: tuple[int, int]
) -> tuple[int, int]:
    """(column, row), in the cells of `own`, of a free place for a tag, as near to the piece as it gets, rather to its
    lower right; where all is taken, on the piece."""
    h, w = busy.shape
    far = cv2.distanceTransform((~own).astype(np.uint8), cv2.DIST_L2, 3)
    hit = cv2.blur(busy.astype(np.float32), size, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    middle = (size[1] // 2, size[0] // 2)
    cost = np.full((h, w), 1e9, np.float32)
    rows, columns = h - size[1], w - size[0]
    near = far[middle[0] : middle[0] + rows, middle[1] : middle[1] + columns]
    y, x = np.mgrid[0:rows, 0:columns]
    lean = 0.04 * (np.abs(x * 4 - at.x - at.wide) + np.abs(y * 4 - at.y - at.high)) / 4
    free = hit[:rows, :columns] < 1e-6
    free &= (y * 4 > band[0]) & ((y + size[1]) * 4 < band[1]) & (x > 6) & (x < columns - 6)
    cost[:rows, :columns] = np.where(free, near + lean, 1e9)
    k = int(cost.argmin())
    if cost.flat[k] >= 1e9 or cost.flat[k] > 40:
        return max((at.x + 12) // 4, 1), max((at.y + at.high - 60) // 4, 1)
    return k % w, k // w


def _tag(number: int, mark: str) -> Image.Image:
    """A white disc with a number, or a pill with a mark behind it."""
    s = SUPER
    face, small = font("sans", 17 * s), font("sans", 17 * s)
    mark = next(iter(lines(mark, small, LONGEST_MARK * s, 1)), "")
    extra = round(width(mark, small)) + 16 * s if mark else 0
    wide, high = 30 * s + extra, 30 * s
    tag = Image.new("RGBA", (wide, high), (255, 253, 249, 0))
    draw = ImageDraw.Draw(tag)
    draw.rounded_rectangle((0, 0, wide - 1, high - 1), radius=high / 2, fill=(255, 253, 249, 238))
    draw.text((15 * s, 15 * s), str(number), "#2b2622", face, anchor="mm")
    if mark:
        draw.text((28 * s, 15 * s), mark, "#6b4d30", small, anchor="lm")
    return tag.resize((wide // s, high // s), Image.Resampling.LANCZOS)
