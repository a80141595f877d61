"""Products in drawn places: every kind in every place, any cut-out, and what cannot be shown."""

import importlib
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from store import demo, scenes
from store.scenes.paint import HEIGHT, WIDTH, finished


@cache
def cut(kind: str) -> Image.Image:
    return demo.cutout(next(p for p in demo.products() if p.category == kind), width=400, height=500)


@cache
def empty_place(scene: str, standing: bool) -> np.ndarray:
    place = importlib.import_module(f"store.scenes.{scene}").paint_setting(standing)
    return finished(place.picture)


@pytest.mark.parametrize(
    ("scene", "kind"),
    list(zip(scenes.SCENES, ("sandals", "shirt", "tote", "dress", "jeans", "jewellery"), strict=True)),
)
def test_a_product_stands_out_in_its_place_and_looks_the_same_each_time(scene: str, kind: str) -> None:
    picture = scenes.compose(cut(kind), kind, scene)
    assert picture.mode == "RGB"
    assert picture.size == (WIDTH, HEIGHT)
    assert np.array_equal(np.asarray(picture), np.asarray(scenes.compose(cut(kind), kind, scene)))
    place = empty_place(scene, scenes.stands(kind)).astype(np.int16)
    changed = np.abs(np.asarray(picture, np.int16) - place).max(-1) > 12
    assert 0.005 < changed.mean() < 0.6  # the product and its shadow, not the place


def test_the_light_of_the_place_falls_on_the_product() -> None:
    grey = Image.new("RGBA", (300, 300), (128, 128, 128, 255))
    warm, cool = (
        np.asarray(scenes.compose(grey, "tote", scene), float)[600:800, 340:460].mean((0, 1))
        for scene in ("dinner", "street_rain")
    )
    assert warm[0] - warm[2] > 25 > cool[0] - cool[2]


def test_what_stands_throws_a_shadow_on_the_ground() -> None:
    grey = Image.new("RGBA", (300, 300), (200, 200, 200, 255))
    with_it = np.asarray(scenes.compose(grey, "tote", "home"), float)
    without = empty_place("home", True).astype(float)
    under = slice(868, 880), slice(220, 580)
    assert with_it[under].mean() < without[under].mean() - 10


@settings(max_examples=6, deadline=None)
@given(
    st.integers(1, 900),
    st.integers(1, 900),
    st.sampled_from(["shoes", "pants", "dress", "scarf", "jewellery", "bag"]),
)
def test_a_cut_out_of_any_size_is_shown(width: int, height: int, kind: str) -> None:
    speck = Image.new("RGBA", (width, height), (90, 120, 60, 255))
    assert scenes.compose(speck, kind, "home").size == (WIDTH, HEIGHT)


def test_an_empty_cut_out_and_an_unknown_place_are_told() -> None:
    with pytest.raises(scenes.SceneError, match="empty"):
        scenes.compose(Image.new("RGBA", (40, 40)), "dress", "home")
    with pytest.raises(scenes.UnknownScene, match="street_rain"):
        scenes.compose(cut("shirt"), "shirt", "moon")
    with pytest.raises(scenes.UnknownScene):
        scenes.framed(Image.new("RGB", (40, 40)), "moon")


@pytest.mark.parametrize("size", [(1, 1), (1200, 10), (10, 1200), (640, 480)])
def test_a_photo_of_any_shape_is_framed(size: tuple[int, int]) -> None:
    framed = scenes.framed(Image.new("RGB", size, (250, 10, 10)), "beach")
    assert framed.size == (WIDTH, HEIGHT)
    assert framed.getpixel((WIDTH // 2, HEIGHT // 2)) == (250, 10, 10)
