"""Garments lifted off their pictures: kept, cut anew when the picture changes, gone with the photo."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from perception import mattes
from perception.cutout import Cutout
from perception.mattes import Mattes, lift, scaled
from perception.photo import PhotoError, load_photo


class Blind:
    """Sees cloth nowhere, or everywhere; counts how often it was asked."""

    def __init__(self, cloth: float = 0.0) -> None:
        self.cloth, self.asked = cloth, 0

    def whereabouts(self, image: Image.Image, box: object = None) -> tuple[np.ndarray, np.ndarray]:
        self.asked += 1
        seen = np.full((33, 33), self.cloth, np.float32)
        return seen, seen


def packshot(color: str = "#7a2030") -> bytes:
    picture = Image.new("RGB", (300, 400), "#eceae6")
    ImageDraw.Draw(picture).rounded_rectangle((80, 100, 220, 330), radius=30, fill=color)
    return encoded(picture)


def encoded(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def test_a_bag_before_an_even_ground_is_lifted_without_the_network_and_trimmed() -> None:
    eyes = Blind()
    matte = lift(packshot(), eyes, "bag")
    assert matte.cut and eyes.asked == 0
    assert abs(matte.picture.width - 141) <= 3 and abs(matte.picture.height - 231) <= 3


def test_what_is_no_cloth_is_not_lifted_as_a_garment_but_shown_as_it_is() -> None:
    matte = lift(packshot(), Blind(0.0), "coat")  # somebody, or something, before an even ground
    assert not matte.cut and matte.picture.mode == "RGB"


def test_a_matte_is_cut_once_and_again_when_the_picture_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, calls = Mattes(tmp_path / "m"), []
    real = mattes.lift
    monkeypatch.setattr(mattes, "lift", lambda *args: calls.append(args) or real(*args))
    first = kept.of(packshot(), Blind(), "bag")
    again = kept.of(packshot(), Blind(), "bag")
    assert len(calls) == 1 and again.cut and again.picture.size == first.picture.size
    kept.of(packshot("#205070"), Blind(), "bag")
    assert len(calls) == 2


def test_a_damaged_matte_is_cut_anew(tmp_path: Path) -> None:
    kept = Mattes(tmp_path)
    kept.of(packshot(), Blind(), "bag")
    next(tmp_path.glob("matte-*.webp")).write_bytes(b"RIFF????WEBPVP8 ")
    assert kept.of(packshot(), Blind(), "bag").cut


def test_what_was_lifted_off_a_photo_goes_with_it(tmp_path: Path) -> None:
    kept, photo = Mattes(tmp_path), load_photo(packshot())
    kept.of(photo.data, Blind(), "bag")
    kept.of(photo.data, Blind(), "bag", (0.1, 0.1, 0.9, 0.9))
    kept.of(packshot("#205070"), Blind(), "bag")
    kept.drop(photo.id)
    assert len(list(tmp_path.glob("matte-*"))) == 1
    kept.drop("../*")
    assert len(list(tmp_path.glob("matte-*"))) == 1


def test_only_the_newest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mattes, "KEPT", 4)
    kept = Mattes(tmp_path)
    for number in range(7):
        kept.of(packshot(f"#{number}02050"), Blind(), "bag")
    assert len(list(tmp_path.glob("matte-*.webp"))) <= 4


def test_a_picture_that_brings_transparency_is_cut_by_it() -> None:
    picture = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    ImageDraw.Draw(picture).ellipse((50, 60, 150, 140), fill="#c05030")
    eyes = Blind()
    matte = lift(encoded(picture), eyes, "hat")
    assert matte.cut and eyes.asked == 0 and matte.picture.size == (101, 81)


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(Image.new("RGB", (1, 1)))])
def test_what_is_no_picture_is_told(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(PhotoError):
        Mattes(tmp_path).of(data, Blind(), "bag")
    assert not list(tmp_path.iterdir())


def test_no_colour_of_what_is_see_through_bleeds_in_when_scaled() -> None:
    picture = Image.new("RGBA", (100, 100), (0, 255, 0, 0))
    ImageDraw.Draw(picture).rectangle((30, 30, 69, 69), fill=(200, 0, 0, 255))
    small = np.asarray(scaled(picture, (37, 37)), np.int16)
    seen = small[small[..., 3] > 8]
    assert seen[:, 1].max() <= 2


def test_what_the_photo_s_edge_goes_through_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    alpha = np.zeros((400, 300), np.float32)
    alpha[60:400, 80:220] = 1
    monkeypatch.setattr(mattes, "cutout", lambda *_: Cutout(alpha, 0.95, (0.2, 0.1, 0.8, 1.0)))
    part = (0.2, 0.1, 0.8, 1.0)
    assert not lift(packshot(), Blind(), "pants", part).cut
    alpha[380:] = 0
    assert lift(packshot(), Blind(), "pants", part).cut
