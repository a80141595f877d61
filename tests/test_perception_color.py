"""Colours come from the garment's own pixels, not from what it lies on."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from perception.color import ColorHead, Named, keep_main, main_colors
from perception.mask import Mask, garment_mask

SHADES = {
    "black": (24, 24, 26), "white": (246, 245, 241), "red": (190, 36, 44), "green": (47, 125, 79),
    "yellow": (240, 201, 63), "purple": (111, 74, 156), "pink": (236, 160, 180), "navy": (30, 42, 74),
}  # fmt: skip


def cut(
    cloth: tuple[int, int, int], ground: tuple[int, int, int], stripes: tuple[int, int, int] | None = None
) -> Mask:
    """A shirt-like shape on a ground with a little noise, cut out along cells as the network would see them."""
    image, shape = Image.new("RGB", (240, 320), ground), Image.new("L", (240, 320), 0)
    draw = ImageDraw.Draw(image)
    outline = [
        (70, 60), (170, 60), (215, 120), (190, 140), (172, 118), (172, 270), (68, 270), (68, 118), (50, 140), (25, 120),
    ]  # fmt: skip
    draw.polygon(outline, fill=cloth)
    ImageDraw.Draw(shape).polygon(outline, fill=255)
    if stripes:
        for y in range(80, 265, 20):
            draw.rectangle((70, y, 170, y + 9), fill=stripes)
    noisy = np.asarray(image).astype(int) + np.random.default_rng(0).integers(-6, 7, (320, 240, 3))
    cells = np.asarray(shape.resize((33, 33), Image.Resampling.BOX), np.float32) / 255
    return garment_mask(Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)), cells, cells)


@pytest.mark.parametrize("name", SHADES)
@pytest.mark.parametrize("ground", [(150, 110, 70), (200, 60, 70), (120, 130, 140)])
def test_names_the_cloth_not_the_ground(name: str, ground: tuple[int, int, int]) -> None:
    if name == "red" and ground == (200, 60, 70):
        pytest.skip("red on red")
    colours = main_colors(cut(SHADES[name], ground), ColorHead(), {}).named
    assert colours[0].name == name, colours[:3]


def test_two_colours_are_both_told() -> None:
    striped = cut(SHADES["red"], (150, 150, 150), SHADES["white"])
    colours = main_colors(striped, ColorHead(), {"red": 0.6, "white": 0.3}).named
    assert {c.name for c in keep_main(colours, plain=False)} == {"red", "white"}


def test_what_the_network_thinks_of_the_photo_has_a_say() -> None:
    between = (27, 31, 46)  # neither quite black nor quite navy
    mask = cut(between, (200, 196, 190))
    navy = (
        main_colors(mask, ColorHead(), {"navy": 0.98}).sure,
        main_colors(mask, ColorHead(), {"black": 0.98}),
    )
    assert main_colors(mask, ColorHead(), {"navy": 0.98}).named[0].name == "navy"
    assert navy[1].named[0].name == "black" and 0 < navy[0] <= 1


def test_small_shares_are_not_told() -> None:
    named = [Named("black", 0.9), Named("white", 0.06), Named("red", 0.04)]
    assert [c.name for c in keep_main(named, plain=False)] == ["black"]


def test_shade_and_light_are_no_second_colour() -> None:
    shaded = [Named("navy", 0.6), Named("black", 0.35)]
    striped = [Named("navy", 0.6), Named("white", 0.35)]
    assert len(keep_main(shaded, plain=False)) == 1 and len(keep_main(striped, plain=False)) == 2
    assert len(keep_main(striped, plain=True)) == 1  # a price tag, a hand, the floor between two legs
    halves = [Named("red", 0.55), Named("white", 0.45)]
    assert len(keep_main(halves, plain=True)) == 2


@pytest.mark.parametrize("size", [(16, 16), (16, 900), (900, 16)])
def test_odd_pictures_have_a_mask_and_a_colour(size: tuple[int, int]) -> None:
    for image in (Image.new("RGB", size, "white"), Image.new("RGB", size, "black")):
        for chance in (0.0, 1.0):
            cells = np.full((33, 33), chance, np.float32)
            mask = garment_mask(image, cells, cells)
            assert mask.garment.any() and main_colors(mask, ColorHead(), {}).named
