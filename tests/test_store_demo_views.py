"""Pictures of the demo shop that are drawn when somebody asks: once, whole, and none that the shop does not have."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from store.demo import catalog, products, views
from store.errors import PictureNotFound
from store.feeds.pictures import Pictures
from store.gallery import STAMPS, Gallery
from store.types import PLAIN_VIEWS

PRODUCTS = {p.id: p for p in products()}
DETAIL = "images/D0001-detail.webp"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The folder of a demo shop of which nothing is drawn."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / STAMPS).write_text(json.dumps({}))
    return tmp_path


def test_every_garment_has_a_detail_and_what_turns_has_a_whole_turn() -> None:
    for p in PRODUCTS.values():
        assert "detail" in p.views.values(), p.id
        assert set(p.views) == set(p.images)
        assert len(p.spin) in (0, views.FRAMES)
        kinds = {"shoes", "bag", "hat", "dress"} & set(p.categories)
        assert bool(p.spin) == bool(kinds), p.id


def test_a_detail_is_drawn_when_it_is_asked_for_and_then_kept(data: Path) -> None:
    assert DETAIL in PRODUCTS["D0001"].images
    file = Gallery(data).file(DETAIL)
    made = file.read_bytes()
    with Image.open(file) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 1000))
    before = file.stat().st_mtime_ns
    assert Gallery(data).file(DETAIL).stat().st_mtime_ns == before
    file.unlink()
    assert Gallery(data).file(DETAIL).read_bytes() == made
    assert not list(file.parent.glob("*.part"))


def test_who_asks_at_the_same_time_waits_for_the_one_drawing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def draw(entry: catalog.Entry, view: str) -> Image.Image:
        drawn.append(view)
        return Image.new("RGB", (8, 10), "white")

    monkeypatch.setattr(views, "drawn", draw)
    with ThreadPoolExecutor(4) as pool:
        files = list(pool.map(lambda _: views.make(data / "images", DETAIL), range(8)))
    assert len(drawn) == 1
    assert {file.is_file() for file in files if file} == {True}


@pytest.mark.parametrize(
    "name",
    [
        "D0001-beachball.webp",
        "D9999-detail.webp",
        "D0001-spin-00.webp",
        "../images/D0001-detail.webp",
        "D0001-detail.png",
    ],
)
def test_what_the_shop_does_not_have_is_not_drawn(data: Path, name: str) -> None:
    assert views.make(data / "images", name) is None
    with pytest.raises(PictureNotFound):
        Gallery(data).file(name.replace("../images/", "../"))
    assert [f.name for f in (data / "images").iterdir()] == [STAMPS]


def test_another_shop_s_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(PictureNotFound):
        Gallery(tmp_path).file(DETAIL)
    assert views.make(tmp_path / "images", DETAIL) is None


def test_a_folder_that_cannot_be_written_has_no_such_picture(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(target: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(views, "_write", full)
    with pytest.raises(PictureNotFound, match="No space"):
        Gallery(data).file(DETAIL)


def test_the_demo_s_own_export_keeps_pictures_that_are_not_drawn_yet(data: Path) -> None:
    pictures = Pictures(data / "images", data, None, None)
    assert pictures.take("D0001", 3, DETAIL) == DETAIL
    assert not (data / DETAIL).exists()


def test_a_scene_and_a_whole_turn_are_drawn_on_demand(data: Path) -> None:
    shoe = next(p for p in PRODUCTS.values() if p.category == "sneakers" and "mountain" in p.views.values())
    scene = next(name for name, view in shoe.views.items() if view == "mountain")
    with Image.open(Gallery(data).file(scene)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (800, 1000))
    assert Gallery(data).file(shoe.spin[5]).is_file()
    assert all((data / frame).stat().st_size > 1000 for frame in shoe.spin)
    assert (data / shoe.spin[0]).read_bytes() != (data / shoe.spin[6]).read_bytes()


def test_other_code_draws_them_anew(data: Path) -> None:
    drawn = Gallery(data).file(DETAIL)
    (data / "images" / "D0001-1.webp").write_bytes(b"front")
    views.forget(data / "images")
    assert not drawn.exists()
    assert (data / "images" / "D0001-1.webp").exists()


def test_only_plain_pictures_are_drawn_at_once() -> None:
    for entry in catalog.entries().values():
        assert {entry.product.views[name] for name in entry.product.images[:2]} <= PLAIN_VIEWS
        assert 3 <= len(entry.product.images) <= 6


def test_a_close_up_with_a_sliver_of_a_part_at_its_edge_is_drawn() -> None:
    """Of one of this bag's parts two rows of pixels are in the picture, fewer than its shadow reaches."""
    picture = views.drawn(catalog.entries()["D0160"], "detail")
    assert picture.size == (800, 1000)
