"""Garments on a figure: every kind that is said to be shown, whoever wears it, and those that are not."""

from functools import cache

import numpy as np
import pytest
from PIL import Image

from store import demo
from store.demo import figure
from store.demo.drawing import SILHOUETTES, Spec, cutout
from store.demo.drawing.geometry import rgb
from store.demo.figure import SKIN, NoFigure


@cache
def worn(kind: str, men: bool = False, kids: bool = False) -> Image.Image:
    return figure.picture(
        Spec(kind, color="#2d5bd0", men=men, kids=kids, sleeve="short", neckline="crew", length="knee")
    )


def near(picture: Image.Image, colour: str) -> np.ndarray:
    """(h, w) bool: pixels of that hue, light or shaded."""
    pixels, wanted = np.asarray(picture, float), np.array(rgb(colour), float)
    unit = pixels / np.maximum(np.linalg.norm(pixels, axis=-1, keepdims=True), 1)
    return unit @ (wanted / np.linalg.norm(wanted)) > 0.985


@pytest.mark.parametrize(
    ("kind", "men", "kids"),
    [
        ("t-shirt", False, False),
        ("hoodie", True, False),
        ("dress", False, True),
        ("jeans", True, False),
        ("jumpsuit", False, False),
    ],
)
def test_a_garment_is_worn_by_a_figure(kind: str, men: bool, kids: bool) -> None:
    picture = worn(kind, men, kids)
    assert picture.size == (800, 1000)
    cloth = near(picture, "#2d5bd0")
    assert 0.08 < cloth.mean() < 0.6
    rows, columns = np.nonzero(cloth)
    assert abs(columns.mean() - 400) < 20  # in the middle, and symmetrical
    if kind not in figure.BOTTOMS:  # a face without features above the collar
        head = np.asarray(picture, float)[: rows.min(), 370:430]
        assert np.abs(head - np.array(rgb(SKIN))).mean(-1).min() < 20


def test_the_same_picture_each_time() -> None:
    spec = Spec("polo", color="#80302d", neckline="collar", sleeve="short")
    assert figure.picture(spec).tobytes() == figure.picture(spec).tobytes()


def test_what_is_not_worn_so_is_refused() -> None:
    for kind in sorted(set(SILHOUETTES) - set(figure.KINDS)):
        assert not figure.shown(Spec(kind, color="#333333"))
        with pytest.raises(NoFigure, match=kind):
            figure.picture(Spec(kind, color="#333333"))
    with pytest.raises(NoFigure, match="skirt for children"):
        figure.picture(Spec("skirt", color="#333333", kids=True))


def test_drawing_on_a_figure_leaves_the_garment_alone() -> None:
    product = next(p for p in demo.products() if p.category == "skirt" and "figure" in p.views.values())
    spec = demo.spec_of(product)
    before = cutout(spec).tobytes()
    figure.picture(spec)
    assert cutout(spec).tobytes() == before
