"""The viewer of a product's pictures: what it offers, says and leaves out."""

import pytest

from ui.first_paint import ROOT, dressed
from ui.gallery import gallery, what

IMAGES = ["images/a-1.webp", "images/a-2.webp", "images/a-beach.webp"]
VIEWS = {"images/a-1.webp": "front", "images/a-beach.webp": "beach"}
SPIN = [f"images/a-spin-{k:02d}.webp" for k in range(24)]


def _url(name: str) -> str:
    return f"pictures/{name}"


@pytest.mark.parametrize(("lang", "first", "last", "angle"), [
    ("en", "Front, picture 1 of 3", "Beach, picture 3 of 3", "View 3 of 24"),
    ("zh", "正面，第 1 张，共 3 张", "海边，第 3 张，共 3 张", "第 3 个角度，共 24 个"),
])  # fmt: skip
def test_every_picture_and_angle_is_told(lang: str, first: str, last: str, angle: str) -> None:
    html = gallery("Sneaker", IMAGES, VIEWS, SPIN, lang, _url)
    assert html.count("data-view=") == 3
    assert first in html and last in html and angle in html
    assert 'max="24"' in html and 'aria-pressed="true"' in html


def test_frames_of_a_turn_are_not_fetched_before_they_are_wanted() -> None:
    html = gallery("Sneaker", IMAGES, VIEWS, SPIN, "en", _url)
    assert 'src="pictures/images/a-spin' not in html


def test_a_turn_with_a_hole_or_too_few_frames_is_not_offered() -> None:
    for spin in (SPIN[:7], SPIN):
        html = gallery("Hat", IMAGES, {}, spin, "en", lambda n: "" if n == SPIN[9] else _url(n))
        assert "data-turn" not in html and "dg-angle" not in html


def test_one_picture_has_no_thumbnails_and_none_has_no_viewer() -> None:
    assert "dg-views" not in gallery("Hat", IMAGES[:1], {}, [], "en", _url)
    assert gallery("Hat", IMAGES, {}, SPIN, "en", lambda _: "") == ""


def test_names_from_outside_stay_text() -> None:
    html = gallery('"><script>x</script>', ['images/"onload=x.webp'], {}, [], "en", _url)
    assert "<script>" not in html and '"onload' not in html


def test_an_unknown_view_is_numbered() -> None:
    assert what("sideways", 2, 5, "en") == "Picture 2 of 5"
    assert what(None, 2, 5, "zh") == "第 2 张，共 5 张"


def test_the_page_carries_the_viewers_script() -> None:
    assert b".dg-gallery" in dressed(b"<body>" + ROOT + b"</body>")
