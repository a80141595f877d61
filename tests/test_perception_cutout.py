"""Cut-outs: drawn garments before grounds of many kinds, and pictures that cannot be cut."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from perception.cutout import GOOD, cutout
from perception.eyes import Eyes
from store import demo


@pytest.fixture(scope="module")
def eyes() -> Eyes:
    return Eyes.embedded()


def before(
    ground: tuple[int, int, int], pid: str, size: tuple[int, int] = (480, 600)
) -> tuple[Image.Image, np.ndarray]:
    """A product of the demo shop before a ground with some grain, and its true matte."""
    product = next(p for p in demo.products() if p.id == pid)
    cut = demo.cutout(product).resize(size, Image.Resampling.LANCZOS)
    grain = np.random.default_rng(3).normal(0, 4, (size[1], size[0], 1))
    scene = Image.fromarray(np.clip(np.array(ground) + grain, 0, 255).astype(np.uint8))
    scene.paste(cut, (0, 0), cut)
    return scene, np.asarray(cut.getchannel("A"), np.float32) / 255


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.minimum(a, b).sum() / np.maximum(a, b).sum())


def some_ids() -> list[str]:
    kinds = ("t-shirt", "dress", "pants")
    return [next(p.id for p in demo.products() if p.category == kind) for kind in kinds]


@pytest.mark.parametrize("pid", some_ids())
@pytest.mark.parametrize("ground", [(214, 205, 190), (92, 58, 40)])
def test_a_garment_is_cut_along_its_outline(eyes: Eyes, pid: str, ground: tuple[int, int, int]) -> None:
    photo, truth = before(ground, pid)
    cut = cutout(photo, eyes)
    assert cut.alpha.shape == truth.shape
    assert cut.alpha.dtype == np.float32
    assert iou(cut.alpha, truth) > 0.9
    assert cut.quality >= GOOD


def test_a_pictures_own_transparency_is_its_matte(eyes: Eyes) -> None:
    product = demo.products()[0]
    cut = demo.cutout(product)
    found = cutout(cut, eyes)
    assert found.quality == 1.0
    assert np.array_equal(found.alpha, np.asarray(cut.getchannel("A"), np.float32) / 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (2000, 20), (16, 16)])
def test_what_is_too_small_or_too_thin_is_not_cut(eyes: Eyes, size: tuple[int, int]) -> None:
    found = cutout(Image.new("RGB", size, "red"), eyes)
    assert found.quality == 0.0
    assert found.alpha.shape == size[::-1]
    assert (found.alpha == 1).all()


@pytest.mark.parametrize("shade", ["white", "black", "#7a8b99"])
def test_a_blank_photo_is_not_cut(eyes: Eyes, shade: str) -> None:
    assert cutout(Image.new("RGB", (300, 400), shade), eyes).quality == 0.0


class Blob:
    """Says that the garment is a disc in the middle."""

    def whereabouts(self, image: Image.Image, box: object = None) -> tuple[np.ndarray, np.ndarray]:
        y, x = np.mgrid[-1:1:33j, -1:1:33j]
        disc = (np.hypot(x, y) < 0.6).astype(np.float32)
        return disc, disc


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["RGB", "L", "RGBA", "P", "1"]),
)
def test_any_picture_has_a_matte_of_its_size(width: int, height: int, seed: int, mode: str) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found = cutout(Image.fromarray(noise).convert(mode), Blob())
    assert found.alpha.shape == (height, width)
    assert 0 <= float(found.alpha.min()) <= float(found.alpha.max()) <= 1
    assert 0 <= found.quality <= 1
    left, top, right, bottom = found.box
    assert 0 <= left < right <= 1
    assert 0 <= top < bottom <= 1
