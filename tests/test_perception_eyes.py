"""The eyes as a whole, with the weights that ship, on drawn garments and on real photos where they are at hand."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from perception import encoder
from perception.encoder import TextEncoder, WeightsChanged
from perception.eyes import Eyes
from perception.photo import Photo
from perception.sight import BACK
from store import demo

REAL = Path(__file__).parents[2] / "shared/data/clothing/validation"


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.embedded()


@pytest.fixture(scope="module")
def dress() -> Photo:
    product = next(p for p in demo.products() if p.category == "dress" and p.colors == ["red"])
    return Photo.of(demo.snapshot(product, "wood"))


def test_looks(eyes: Eyes, dress: Photo) -> None:
    look = eyes.look(dress)
    main = look.garments[0]
    assert look.photo == dress.id and main.category == "dress" and main.colors[0] == "red"
    left, top, right, bottom = main.box
    assert 0 <= left < right <= 1 and 0 <= top < bottom <= 1
    assert all(0 <= p <= 1 for p in main.confidence.values())
    assert "red" in look.caption and "红色" in eyes.look(dress, "zh").caption


def test_answers_and_describes(eyes: Eyes, dress: Photo) -> None:
    assert eyes.ask(dress, "what colour is it?").value[0] == "red"
    assert eyes.ask(dress, "这是什么?", "zh").value == "dress"
    assert eyes.ask(dress, "多少钱?", "zh").source == "unknown"
    assert "red" in eyes.describe(dress) and "红色" in eyes.describe(dress, "zh")


def test_a_photo_that_is_hard_to_see_is_told_with_less_confidence(eyes: Eyes, dress: Photo) -> None:
    small = dress.image.copy()
    small.thumbnail((60, 60))
    tiny = Photo.of(small)
    for garment in eyes.look(tiny).garments:
        assert max(garment.confidence.values()) <= 0.6
    seen = eyes.ask(tiny, "what colour is it?")
    assert "larger" in seen.answer and seen.confidence <= 0.6


def test_vectors_are_of_length_one_and_say_the_same_for_photo_and_picture(eyes: Eyes, dress: Photo) -> None:
    one, other = eyes.vectors(dress), eyes.vectors(dress.image)
    assert one == other
    assert np.linalg.norm(one.image) == pytest.approx(1, abs=1e-4) and len(one.text) == 512
    photos, shared = eyes.images([dress, dress.image])
    assert photos.dtype == shared.dtype == np.float32 and np.allclose(photos[0], photos[1])
    assert eyes.images([])[0].shape[0] == 0


def test_many_photos_are_each_looked_at_once(
    eyes: Eyes, dress: Photo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("perception.eyes.REMEMBERED", 2)
    fresh = Eyes.embedded()
    seen: list[int] = []
    once = fresh._looker.look
    monkeypatch.setattr(fresh._looker, "look", lambda image: seen.append(1) or once(image))
    photos = [Photo.of(dress.image.crop((0, 0, dress.size[0] - i, dress.size[1]))) for i in range(4)]
    assert fresh.looks(photos) == [eyes.look(photo) for photo in photos]
    assert len(seen) == len(photos) and fresh.looks([]) == []


@pytest.mark.parametrize(
    "turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270]
)
def test_boxes_of_a_photo_that_lies_on_its_side_are_those_of_the_photo_as_it_came(
    turn: Image.Transpose,
) -> None:
    image = Image.new("RGB", (100, 60))
    box = (0.1, 0.2, 0.5, 0.9)
    image.paste("red", (10, 12, 50, 54))
    turned = image.transpose(turn)
    left, top, right, bottom = turned.convert("L").getbbox() or (0, 0, 0, 0)
    seen = (left / turned.width, top / turned.height, right / turned.width, bottom / turned.height)
    assert BACK[turn](*seen) == pytest.approx(box)


def test_a_dress_on_its_head_is_a_dress(eyes: Eyes, dress: Photo) -> None:
    garments = eyes.look(Photo.of(dress.image.transpose(Image.Transpose.ROTATE_180))).garments
    assert garments and garments[0].category in ("dress", "skirt")


def test_words_find_the_photo(eyes: Eyes, dress: Photo) -> None:
    shoes = Photo.of(demo.snapshot(next(p for p in demo.products() if p.category == "sneakers"), "wood"))
    _, shared = eyes.images([dress, shoes])
    for texts in (["a red dress", "sneakers"], ["红色连衣裙", "运动鞋"]):
        similarity = eyes.texts(texts) @ shared.T
        assert similarity[0, 0] > similarity[0, 1] and similarity[1, 1] > similarity[1, 0]


def test_a_blank_picture_is_no_garment(eyes: Eyes) -> None:
    assert eyes.look(Photo.of(Image.new("RGB", (200, 200), "white"))).garments == []


def test_texts_are_the_same_alone_and_together() -> None:
    texts = TextEncoder()
    many = texts.encode(["red dress", "红色连衣裙", "", "boots"])
    assert many.shape == (4, 512) and np.allclose(many[0], texts.encode(["red dress"])[0], atol=1e-4)
    assert texts.encode([]).shape == (0, 512)


def test_changed_weights_are_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "weights"
    shutil.copytree(encoder.WEIGHTS, copy)
    monkeypatch.setattr(encoder, "WEIGHTS", copy)
    for name in ("tail", "parts", "heads", "colors", "shared"):
        file = copy / f"{name}.safetensors"
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(WeightsChanged, match=file.name) as changed:
            Eyes.embedded().warm()
        file.unlink()
        with pytest.raises(WeightsChanged, match=file.name) as missing:
            Eyes.embedded().warm()
        assert "不一致" in changed.value.message("zh") and "缺少" in missing.value.message("zh")
        file.write_bytes(whole)
    Eyes.embedded().warm()


@pytest.mark.skipif(not REAL.exists(), reason="the shared clothing photos are not here")
def test_knows_real_garments(eyes: Eyes) -> None:
    right = total = 0
    for folder in sorted(REAL.iterdir()):
        for path in sorted(folder.glob("*.jpg"))[:4]:
            garments = eyes.look(Photo.of(Image.open(path))).garments
            right += bool(garments) and garments[0].category == folder.name
            total += 1
    assert right / total >= 0.85, f"{right} of {total}"
