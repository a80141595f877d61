"""What is cut out to be put into a place, and what cannot be."""

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from agent.assistant import Assistant
from store.gallery import Gallery
from store.types import Product, Text
from tools.errors import NoPicture
from tools.scenes import of_photo, of_product

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_a_picture_with_an_alpha_that_hides_nothing_is_cut_out_like_any_other(assistant: Assistant) -> None:
    context = assistant.tool_context("desk", "en")
    with Image.open(assistant.picture(next(iter(assistant.products())).images[0])) as picture:
        plain = picture.convert("RGB")
    opaque = plain.copy()
    opaque.putalpha(255)
    one, two = (of_photo(context, png(image), "beach") for image in (plain, opaque))
    assert one.composed and two.composed
    apart = np.abs(np.asarray(one.picture, np.int16) - np.asarray(two.picture, np.int16)).max(-1)
    assert (apart > 24).mean() < 0.03


@pytest.mark.parametrize("data", [png(Image.new("RGB", (1, 1))), b"no picture", b""])
def test_a_product_whose_picture_shows_nothing_has_no_picture(
    assistant: Assistant, tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images/a.png").write_bytes(data)
    shop: Any = SimpleNamespace(picture=Gallery(tmp_path).file)
    price: Any = {"amount": "40"}
    product = Product(id="a", title=Text(en="Shirt"), category="shirt", price=price, images=["images/a.png"])
    with pytest.raises(NoPicture):
        of_product(replace(assistant.tool_context("desk", "en"), shop=shop), product, "beach")
