"""A shop's picture files: what is shown to models, what is nobody's to fetch."""

import io
from pathlib import Path

import pytest
from PIL import Image

from store.errors import PictureNotFound
from store.gallery import Gallery, shown


def test_a_see_through_picture_is_looked_at_on_white_as_a_page_shows_it() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    picture = shown(out.getvalue())
    assert picture is not None and picture.mode == "RGB" and picture.getpixel((4, 4)) == (255, 255, 255)


def test_files_of_the_shops_own_are_no_pictures(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in (".demo.json", ".drawing-01.lock", "a.webp"):
        (tmp_path / "images" / name).write_bytes(b"{}")
    gallery = Gallery(tmp_path)
    assert gallery.file("images/a.webp").is_file()
    for name in (".demo.json", "images/.demo.json", "images/.drawing-01.lock"):
        with pytest.raises(PictureNotFound):
            gallery.file(name)
