"""Colours come from the garment's own pixels, not from what it lies on."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from perception.color import keep_main, load_color_head, main_colors
from perception.mask import garment_mask

SHADES = {
    "black": (24, 24, 26), "white": (246, 245, 241), "red": (190, 36, 44), "green": (47, 125, 79),
    "yellow": (240, 201, 63), "purple": (111, 74, 156), "pink": (236, 160, 180), "navy": (30, 42, 74),
}  # fmt: skip


def photo(
    cloth: tuple[int, int, int], ground: tuple[int, int, int], stripes: tuple[int, int, int] | None = None
):
    """A shirt-like shape on a ground with a little noise, and where the network would have looked."""
    image = Image.new("RGB", (240, 320), ground)
    draw = ImageDraw.Draw(image)
    shape = [
        (70, 60),
        (170, 60),
        (215, 120),
        (190, 140),
        (172, 118),
        (172, 270),
        (68, 270),
        (68, 118),
        (50, 140),
        (25, 120),
    ]
    draw.polygon(shape, fill=cloth)
    if stripes:
        for y in range(80, 265, 20):
            draw.rectangle((70, y, 170, y + 9), fill=stripes)
    noisy = np.asarray(image).astype(int) + np.random.default_rng(0).integers(-6, 7, (320, 240, 3))
    heat = np.zeros((9, 9), np.float32)
    heat[2:8, 2:7] = 1
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), heat


@pytest.mark.parametrize("name", SHADES)
@pytest.mark.parametrize("ground", [(150, 110, 70), (200, 60, 70), (120, 130, 140)])
def test_names_the_cloth_not_the_ground(name: str, ground: tuple[int, int, int]) -> None:
    if name == "red" and ground == (200, 60, 70):
        pytest.skip("red on red")
    colours = main_colors(garment_mask(*photo(SHADES[name], ground)), load_color_head())
    assert colours[0].name == name, colours[:3]
    assert [c.share for c in colours] == sorted((c.share for c in colours), reverse=True)


def test_two_colours_are_both_told() -> None:
    colours = main_colors(
        garment_mask(*photo(SHADES["navy"], (150, 110, 70), SHADES["white"])), load_color_head()
    )
    assert {c.name for c in keep_main(colours)} == {"navy", "white"}


def test_the_box_holds_the_garment() -> None:
    left, top, right, bottom = garment_mask(*photo(SHADES["green"], (150, 110, 70))).box
    assert left == pytest.approx(25 / 240, abs=0.05) and right == pytest.approx(215 / 240, abs=0.05)
    assert top == pytest.approx(60 / 320, abs=0.05) and bottom == pytest.approx(270 / 320, abs=0.05)


@pytest.mark.parametrize("size", [(16, 16), (16, 900), (900, 16)])
def test_odd_pictures_have_a_mask_and_a_colour(size: tuple[int, int]) -> None:
    for image in (Image.new("RGB", size, "white"), Image.new("RGB", size, "black")):
        mask = garment_mask(image, np.zeros((9, 9), np.float32))
        assert mask.garment.any() and main_colors(mask, load_color_head())
