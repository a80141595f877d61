"""Pictures from a folder or a zip: copied under names of their own, never from elsewhere, and told why not."""

import io
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from store.errors import FeedError
from store.feeds.fetch import PictureRefused
from store.feeds.pictures import MOST_BYTES, Pictures, checked


def paint(file: Path, color: str = "red", size: tuple[int, int] = (20, 20)) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, color).save(file)
    return file


def refused(pictures: Pictures, name: str) -> str:
    with pytest.raises(PictureRefused) as error:
        pictures.take("p/1", 1, name)
    return error.value.code


def test_a_picture_is_copied_under_a_name_of_its_own(tmp_path: Path) -> None:
    feed, shop = tmp_path / "feed", tmp_path / "shop"
    paint(feed / "a" / "x.jpg")
    pictures = Pictures(shop, feed, None, None)
    name = pictures.take("p/1", 1, "a/x.jpg")
    assert re.fullmatch(r"p_1-1-[0-9a-f]{8}\.jpg", name)
    assert [f.name for f in shop.iterdir()] == [name]
    assert pictures.has(name)
    stamp = pictures.stamp("a/x.jpg")
    paint(feed / "a" / "x.jpg", "blue", (30, 30))
    assert pictures.stamp("a/x.jpg") != stamp
    assert pictures.take("p/1", 1, "a/x.jpg") != name


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret.jpg", "outside"),
        ("{tmp}/secret.jpg", "outside"),
        ("a/missing.jpg", "missing"),
        ("a\0b", "unreadable"),
        ("page.html", "no_picture"),
        ("drawing.svg", "no_picture"),
        ("huge.jpg", "too_large"),
        ("wide.png", "too_many_pixels"),
        ("cut.png", "no_picture"),
        ("file:///etc/passwd", "not_http"),
        ("data:image/png;base64,AAAA", "not_http"),
        ("https://x.test/a.jpg", "not_fetched"),
    ],
)
def test_what_cannot_be_taken_is_told_why(tmp_path: Path, name: str, code: str) -> None:
    feed = tmp_path / "feed"
    paint(tmp_path / "secret.jpg")
    paint(feed / "a" / "x.jpg")
    (feed / "page.html").write_text("<script>alert(1)</script>")
    (feed / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    with (feed / "huge.jpg").open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    wide = io.BytesIO()
    Image.new("1", (10_000, 7_000)).save(wide, "PNG")
    (feed / "wide.png").write_bytes(wide.getvalue())
    (feed / "cut.png").write_bytes(wide.getvalue()[:20])
    assert refused(Pictures(tmp_path / "shop", feed, None, None), name.format(tmp=tmp_path)) == code
    assert not (tmp_path / "shop").exists()


def test_two_feeds_with_the_same_file_name_keep_their_own(tmp_path: Path) -> None:
    taken = {}
    for folder, color in (("one", "red"), ("two", "blue")):
        paint(tmp_path / folder / "1.png", color)
        name = Pictures(tmp_path / "shop", tmp_path / folder, None, None).take("same", 1, "1.png")
        taken[color] = Image.open(tmp_path / "shop" / name).getpixel((5, 5))
    assert taken == {"red": (255, 0, 0), "blue": (0, 0, 255)}


def test_a_shop_reads_its_own_export(tmp_path: Path) -> None:
    paint(tmp_path / "images" / "p.png")
    pictures = Pictures(tmp_path / "images", tmp_path / "elsewhere", None, None)
    assert [pictures.take("p", 1, name) for name in ("p.png", "images/p.png")] == ["p.png", "images/p.png"]


@pytest.mark.parametrize("packed", [False, True])
def test_an_address_is_found_in_what_was_given(tmp_path: Path, packed: bool) -> None:
    paint(tmp_path / "photos" / "sub" / "a b.jpg")
    given = tmp_path / "photos"
    if packed:
        given = tmp_path / "photos.zip"
        with zipfile.ZipFile(given, "w") as out:
            out.write(tmp_path / "photos" / "sub" / "a b.jpg", "sub/a b.jpg")
            out.writestr("bomb.png", b"\0" * (MOST_BYTES + 1))
    pictures = Pictures(tmp_path / "shop", tmp_path, given, None)
    for name in ("sub/a b.jpg", "https://cdn.test/sub/a%20b.jpg?v=2"):
        assert pictures.take("p", 1, name).startswith("p-1-")
        assert pictures.stamp(name)
    assert refused(pictures, "https://cdn.test/other.jpg") == "not_fetched"
    if packed:
        assert refused(pictures, "bomb.png") == "too_large"
        assert pictures.take("p", 1, "a b.jpg")
    pictures.close()


def test_what_is_no_zip_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK nothing")
    with pytest.raises(FeedError):
        Pictures(tmp_path, tmp_path, tmp_path / "a.zip", None)


def test_only_what_can_be_shown_is_a_picture() -> None:
    for kind, ending in (("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp"), ("GIF", "gif")):
        out = io.BytesIO()
        Image.new("RGB", (20, 20)).save(out, kind)
        assert checked(out.getvalue()) == ending
    for data in (b"", b"\xff\xd8\xff rubbish", b"GIF89a"):
        with pytest.raises(PictureRefused):
            checked(data)
