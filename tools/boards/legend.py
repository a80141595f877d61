"""The words around a board: the shop and the idea above, what lies there and what it costs below."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from tools.boards.lettering import Font, font, lines, settable, spaced, width

if TYPE_CHECKING:
    from tools.boards.compose import Board, BoardPiece

INK, SOFT, FAINT = "#241f1b", "#594f47", "#786e64"
SALE, OWN = "#8c2f22", "#6b4d30"
GUTTER = 44
TOTAL = 62  # pixels, below the last column
CHIP = 30


def head(picture: Image.Image, board: "Board", colors: Sequence[str], margin: int) -> int:
    """The shop's name, the idea and the strip of colours; how far down they reach."""
    draw = ImageDraw.Draw(picture)
    right = picture.width - margin
    for k, color in enumerate(reversed(colors)):
        x = right - (k + 1) * CHIP - k * 8
        _disc(picture, (x, margin - 2), CHIP, color)
    free = right - margin - len(colors) * (CHIP + 8) - 30
    y = margin + 20
    shop = lines(settable(board.shop), font("sans", 21), free / 1.25, 1)
    if shop:
        spaced(draw, (margin, y), shop[0], font("sans", 21), SOFT, 3.0)
        y += 22
    title = settable(board.title, "serif")
    if title:
        size = next((s for s in (54, 48, 42, 36) if width(title, font("serif", s)) <= right - margin), 36)
        for line in lines(title, font("serif", size), right - margin, 2):
            y += round(size * 1.22)
            draw.text((margin - 2, y - 8), line, INK, font("serif", size), anchor="ls")
    return y + 16


def _disc(picture: Image.Image, at: tuple[float, float], size: int, color: str) -> None:
    big = Image.new("L", (size * 4, size * 4), 0)
    ImageDraw.Draw(big).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
    mask = big.resize((size, size), Image.Resampling.LANCZOS)
    rim = Image.new("RGB", (size, size), "#ffffff")
    picture.paste(rim, (round(at[0]), round(at[1])), mask)
    inner = mask.resize((size - 4, size - 4), Image.Resampling.LANCZOS)
    picture.paste(Image.new("RGB", (size - 4, size - 4), color), (round(at[0]) + 2, round(at[1]) + 2), inner)


def _columns(count: int) -> int:
    return 1 if count == 1 else 2


def _style(count: int) -> tuple[Font, Font, int, int, int]:
    """The fonts of names and prices, the lines a name may have, the height of a line and of a price."""
    if count <= 6:
        return font("sans", 24), font("sans", 24), 2, 32, 35
    return font("sans", 22), font("sans", 22), 1, 30, 32


def _rows(pieces: Sequence["BoardPiece"]) -> list[list[int]]:
    """Which pieces stand in which column."""
    columns = _columns(len(pieces))
    per = -(-len(pieces) // columns)
    return [list(range(k * per, min((k + 1) * per, len(pieces)))) for k in range(columns)]


def _room(count: int, margin: int = 60, whole: int = 1080) -> float:
    columns = _columns(count)
    return (whole - 2 * margin - GUTTER * (columns - 1)) / columns - 42


def height(pieces: Sequence["BoardPiece"]) -> int:
    """How many pixels the words below take."""
    names, _, most, step, price = _style(len(pieces))
    told = [lines(settable(p.name), names, _room(len(pieces)), most) for p in pieces]
    tall = [
        sum(max(len(told[k]), 1) * step + (price if _has_price(pieces[k]) else 0) + 14 for k in column)
        for column in _rows(pieces)
    ]
    return max(*tall[:-1], tall[-1] + TOTAL, 150) + 62 if tall else 0


def _has_price(piece: "BoardPiece") -> bool:
    return bool(piece.price or piece.note)


def foot(
    picture: Image.Image, board: "Board", pieces: Sequence["BoardPiece"], tall: int, margin: int
) -> None:
    """What lies on the board, numbered, with prices; the total."""
    draw = ImageDraw.Draw(picture)
    top = picture.height - tall
    right = picture.width - margin
    draw.line((margin, top, right, top), fill=FAINT, width=1)
    names, prices, most, step, price_step = _style(len(pieces))
    room = _room(len(pieces))
    for column, members in enumerate(_rows(pieces)):
        x = margin + column * (room + 42 + GUTTER)
        y = float(top + 20)
        for k in members:
            piece = pieces[k]
            draw.text((x, y + step - 9), str(k + 1), SOFT, font("serif", 24), anchor="ls")
            for line in lines(settable(piece.name), names, room, most) or [""]:
                draw.text((x + 42, y + step - 9), line, INK, names, anchor="ls")
                y += step
            if _has_price(piece):
                _price(draw, (x + 42, y + price_step - 12), piece, prices)
                y += price_step
            y += 14
    base = picture.height - 46
    if board.total:
        small = font("sans", 24)
        total = settable(board.total, "serif")
        label = next(iter(lines(settable(board.total_label), small, room / 2, 1)), "")
        free = room + 42 - width(label, small) - 18
        big = next(
            (f for s in (46, 40, 34, 28) if width(total, f := font("serif", s)) <= free), font("serif", 22)
        )
        draw.text((right, base), total, INK, big, anchor="rs")
        draw.text((right - width(total, big) - 18, base), label, SOFT, small, anchor="rs")


def _price(draw: ImageDraw.ImageDraw, at: tuple[float, float], piece: "BoardPiece", face: Font) -> None:
    x, y = at
    price, was, note = settable(piece.price), settable(piece.was), settable(piece.note)
    if price:
        draw.text((x, y), price, SALE if was else SOFT, face, anchor="ls")
        x += width(price, face) + 14
    if was:
        draw.text((x, y), was, FAINT, face, anchor="ls")
        end = x + width(was, face)
        draw.line((x - 2, y - face.size * 0.32, end + 2, y - face.size * 0.32), fill=FAINT, width=2)
        x = end + 14
    if note:
        draw.text((x, y), note, OWN, face, anchor="ls")
