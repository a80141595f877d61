"""A thing cut out of the even ground of a studio picture, and the grounds that are none."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from perception.studio import keyed

SIZE = (400, 500)


def studio(tint: tuple[int, int, int] = (236, 233, 228)) -> Image.Image:
    """An even ground that darkens towards its lower edge."""
    fade = np.linspace(1.0, 0.94, SIZE[1])[:, None, None]
    ground = np.ones((SIZE[1], SIZE[0], 3)) * np.array(tint) * fade
    return Image.fromarray(ground.round().astype(np.uint8))


def shaded(picture: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    """With a soft shadow of what will lie in the box."""
    mask = Image.new("L", SIZE, 0)
    ImageDraw.Draw(mask).ellipse((box[0] + 14, box[3] - 30, box[2] + 14, box[3] + 24), fill=110)
    return Image.composite(
        Image.new("RGB", SIZE, (70, 68, 66)), picture, mask.filter(ImageFilter.GaussianBlur(14))
    )


def shirt(color: str | tuple[int, int, int], stripes: str | None = None) -> tuple[Image.Image, np.ndarray]:
    """A shirt on a studio's ground with its shadow, and where it is."""
    picture, where = shaded(studio(), (100, 120, 300, 420)), Image.new("L", SIZE, 0)
    outline = [(100, 150), (160, 120), (240, 120), (300, 150), (320, 230), (280, 245), (280, 420), (120, 420),
               (120, 245), (80, 230)]  # fmt: skip
    for image, fill in ((picture, color), (where, 255)):
        ImageDraw.Draw(image).polygon(outline, fill=fill)  # type: ignore[arg-type]
    if stripes:
        draw = ImageDraw.Draw(picture)
        for y in range(170, 410, 40):
            draw.rectangle((122, y, 278, y + 14), fill=stripes)
    return picture, np.asarray(where) > 0


def overlap(alpha: np.ndarray, where: np.ndarray) -> float:
    on = alpha > 0.5
    return float((on & where).sum() / (on | where).sum())


@pytest.mark.parametrize(
    "color", [(20, 20, 22), (200, 30, 40), (70, 110, 180), (120, 118, 115), (180, 160, 120)]
)
def test_a_garment_before_an_even_ground_is_cut_to_its_outline_without_its_shadow(
    color: tuple[int, int, int],
) -> None:
    picture, where = shirt(color)
    cut = keyed(picture)
    assert cut is not None and cut.good
    assert overlap(cut.alpha, where) > 0.97


def test_stripes_in_the_ground_s_own_colour_are_no_holes() -> None:
    picture, where = shirt((30, 40, 90), stripes="#e6e3de")
    cut = keyed(picture)
    assert cut is not None and overlap(cut.alpha, where) > 0.96


def test_what_is_seen_through_a_handle_is_ground() -> None:
    picture = studio()
    draw = ImageDraw.Draw(picture)
    draw.rectangle((110, 260, 290, 430), fill="#6b4423")
    draw.arc((150, 120, 250, 400), 180, 360, fill="#6b4423", width=16)
    cut = keyed(picture, open_work=True)
    assert cut is not None
    assert cut.alpha[350, 200] == 1 and cut.alpha[200, 200] == 0 and cut.alpha[128, 200] > 0.9


def test_a_garment_as_pale_as_its_ground_is_left_alone() -> None:
    picture, _ = shirt((237, 234, 229))
    assert keyed(picture) is None


def test_a_room_a_floor_and_noise_are_no_studio() -> None:
    chance = np.random.default_rng(3)
    noise = chance.integers(0, 255, (SIZE[1], SIZE[0], 3), dtype=np.uint8)
    room = studio()
    draw = ImageDraw.Draw(room)
    draw.rectangle((0, 330, 400, 500), fill="#8a6a48")  # a floor
    draw.rectangle((120, 120, 280, 420), fill="#22314f")
    weave = np.asarray(studio(), np.int16) + chance.normal(0, 9, (SIZE[1], SIZE[0], 1)).round().astype(
        np.int16
    )
    bed = Image.fromarray(np.clip(weave, 0, 255).astype(np.uint8))
    ImageDraw.Draw(bed).rectangle((120, 120, 280, 420), fill="#22314f")
    for picture in (Image.fromarray(noise), room, bed):
        assert keyed(picture) is None


@pytest.mark.parametrize("size", [(1, 1), (40, 900), (63, 63), (300, 300)])
def test_nothing_to_cut_is_no_error(size: tuple[int, int]) -> None:
    assert keyed(Image.new("RGB", size, "white")) is None
