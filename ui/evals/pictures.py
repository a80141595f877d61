"""Pictures of figures, drawn with Pillow: who is taken for whom, and whether confidence can be believed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

CELL = 46
MARGIN = 24
INK, DIM, PAPER, LINE = (28, 28, 32), (120, 122, 130), (255, 255, 255), (222, 224, 230)
GOOD, BAD = (38, 104, 176), (196, 62, 54)


def _font(size: int) -> Any:
    return ImageFont.load_default(size=size)


def _tint(color: tuple[int, int, int], strength: float) -> tuple[int, int, int]:
    red, green, blue = (round(255 + (c - 255) * strength) for c in color)
    return red, green, blue


def _width(text: str, size: int) -> int:
    return int(_font(size).getlength(text)) + 1


def _upright(text: str, size: int) -> Image.Image:
    """A word to be read from below."""
    label = Image.new("RGB", (_width(text, size) + 4, size + 6), PAPER)
    ImageDraw.Draw(label).text((2, 1), text, INK, _font(size))
    return label.transpose(Image.Transpose.ROTATE_90)


def confusion(
    values: Sequence[str], rows: Sequence[Sequence[int]], title: str, truth: str, told: str
) -> Image.Image:
    """A table as `statistics.confusion` gives it: a row for each truth, right ones blue, mistakes red, the shade by the
    share of its row. `title`, `truth` and `told` are words to write on it."""
    size = 15
    left = MARGIN + max(_width(v, size) for v in (*values, truth)) + 12
    top = MARGIN + 60 + max(_width(v, size) for v in values)
    side = CELL * len(values)
    image = Image.new(
        "RGB", (max(left + side + 60, _width(title, 20) + 2 * MARGIN), top + side + MARGIN), PAPER
    )
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN), title, INK, _font(20))
    draw.text((MARGIN, top - 22), truth, DIM, _font(14))
    draw.text((left, MARGIN + 30), told, DIM, _font(14))
    for j, value in enumerate(values):
        label = _upright(value, size)
        image.paste(label, (left + j * CELL + (CELL - label.width) // 2, top - label.height - 6))
    for i, value in enumerate(values):
        y = top + i * CELL
        draw.text((left - 10, y + CELL // 2), value, INK, _font(size), anchor="rm")
        total = sum(rows[i])
        for j, count in enumerate(rows[i]):
            x = left + j * CELL
            strength = count / total if total else 0.0
            shade = _tint(GOOD if i == j else BAD, 0.08 + 0.92 * strength) if count else PAPER
            draw.rectangle((x, y, x + CELL, y + CELL), shade, LINE)
            if count:
                ink = PAPER if strength > 0.55 else INK
                draw.text((x + CELL // 2, y + CELL // 2), str(count), ink, _font(15), anchor="mm")
        draw.text((left + side + 10, y + CELL // 2), str(total), DIM, _font(14), anchor="lm")
    return image


def reliability(calibration: dict[str, Any], title: str, confidence: str, right: str) -> Image.Image:
    """A reliability diagram of `statistics.calibration`: a bar a bin, as high as the share that is right, the number of
    cases above it, a red line at the mean confidence; on the diagonal confidence tells the truth."""
    side, left, top = 420, MARGIN + 56, MARGIN + 46
    image = Image.new("RGB", (left + side + MARGIN, top + side + 58), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((MARGIN, MARGIN - 6), title, INK, _font(18))

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * side, top + (1 - y) * side

    for tick in range(0, 11, 2):
        draw.line((*at(0, tick / 10), *at(1, tick / 10)), LINE)
        draw.text((left - 8, at(0, tick / 10)[1]), f"{tick / 10:.1f}", DIM, _font(13), anchor="rm")
        draw.text((at(tick / 10, 0)[0], top + side + 6), f"{tick / 10:.1f}", DIM, _font(13), anchor="ma")
    for row in calibration["bins"]:
        (x0, y0), (x1, y1) = at(row["from"], row["accuracy"]), at(row["to"], 0)
        draw.rectangle((x0 + 2, y0, x1 - 2, y1), _tint(GOOD, 0.55), GOOD)
        line = at(0, row["confidence"])[1]
        draw.line((x0 + 2, line, x1 - 2, line), BAD, 2)
        draw.text(((x0 + x1) / 2, y0 - 4), str(row["n"]), DIM, _font(12), anchor="mb")
    draw.line((*at(0, 0), *at(1, 1)), DIM, 1)
    draw.rectangle((left, top, left + side, top + side), outline=DIM)
    draw.text((left + side / 2, top + side + 28), confidence, DIM, _font(14), anchor="ma")
    label = _upright(right, 14)
    image.paste(label, (MARGIN - 6, top + (side - label.height) // 2))
    return image


def save(image: Image.Image, path: Path) -> str:
    """Write a PNG; the folder is made. Returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    return str(path)
