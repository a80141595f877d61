"""Galleries and spin sets of feeds: kept in order and whole, checked, fetched like other pictures, never embedded."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from store.feeds import opened
from store.feeds.pictures import Pictures
from store.importing import Import
from store.shop import Shop
from store.types import SPIN_AT_LEAST, SPIN_AT_MOST, Product
from tests.fakes import FakeEmbedder
from tests.feeds import read_feed, table
from tests.store_samples import SHOP

FRAMES = [f"turn-{n:02}.png" for n in range(12)]
ROW = {"id": "1", "title": "Red dress", "price": "15.00 USD"}


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def google(frames: list[str]) -> str:
    spin = "".join(f"<g:spin_images>{frame}</g:spin_images>" for frame in frames)
    return (
        '<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id><title>Red dress</title>'
        f"<g:price>15.00 USD</g:price><g:availability>in_stock</g:availability>{spin}"
        "<g:image_link>a.png</g:image_link></item></channel></rss>"
    )


def acp(frames: list[str]) -> str:
    variant = {"id": "1-S", "title": "Red dress S", "price": 1500}
    product = {"id": "1", "title": "Red dress", "currency": "USD", "variants": [variant]}
    return json.dumps(product | {"spin": [{"url": f, "type": "image"} for f in frames]})


def shopify(frames: list[str]) -> str:
    row = {"Handle": "1", "Title": "Red dress", "Variant Price": "15.00", "Option1 Name": "Title"}
    return table([row | {"Spin (product.metafields.custom.spin)": "; ".join(frames), "Variant SKU": "1"}])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("feed.xml", google),
        ("feed.csv", lambda frames: table([ROW | {"spin": "|".join(frames)}])),
        ("feed.csv", lambda frames: table([ROW | {"360 images": "\n".join(frames)}])),
        ("feed.jsonl", lambda frames: json.dumps(ROW | {"spin": frames})),
        ("products.jsonl", acp),
        ("shopify.csv", shopify),
    ],
)
def test_every_format_has_a_place_for_a_turn(tmp_path: Path, name: str, text: Any) -> None:
    [p] = read_feed(written(tmp_path, name, text(FRAMES))).products
    assert p.spin == FRAMES
    assert not set(p.images) & set(FRAMES)


def test_a_column_of_another_name_by_map(tmp_path: Path) -> None:
    file = written(tmp_path, "feed.csv", table([ROW | {"Rundum": ";".join(FRAMES)}]))
    assert read_feed(file, mapping={"Rundum": "spin"}).products[0].spin == FRAMES


@pytest.mark.parametrize("own", [False, True])
def test_too_few_frames_are_left_out_and_of_too_many_some_evenly(tmp_path: Path, own: bool) -> None:
    def read(frames: list[str]) -> tuple[list[str], list[str]]:
        row: dict[str, Any] = SHOP[0].model_dump(mode="json") if own else dict(ROW)
        found = read_feed(written(tmp_path, "feed.jsonl", json.dumps(row | {"spin": frames})))
        return found.products[0].spin, [w.code for w in found.warnings]

    assert read(FRAMES[: SPIN_AT_LEAST - 1]) == ([], ["spin_short"])
    many = [f"{n}.png" for n in range(3 * SPIN_AT_MOST)]
    assert read(many) == (many[::3], ["spin_thinned"])


def test_a_gallery_is_kept_whole_and_what_is_too_much_is_told(tmp_path: Path) -> None:
    def read(count: int) -> tuple[int, list[str]]:
        cell = ",".join(f"https://x.test/{n}.jpg" for n in range(count))
        row = ROW | {"image link": "a.jpg", "link": "", "availability": "in_stock"}
        file = written(tmp_path, "feed.tsv", table([row | {"additional image link": cell}], "\t"))
        found = read_feed(file)
        return len(found.products[0].images), [w.code for w in found.warnings]

    assert read(40) == (41, [])
    assert read(80) == (60, ["pictures_cut"])


@pytest.mark.parametrize("wrong", [{"views": {"a.png": "sideways"}}, {"spin": FRAMES[:3]}])
def test_a_product_has_no_unknown_view_and_no_part_of_a_turn(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"views|front|turn of 3"):
        Product.model_validate(SHOP[0].model_dump() | {"images": ["a.png"]} | wrong)


def test_what_is_told_of_pictures_that_a_product_lacks_is_dropped() -> None:
    told = {"x.png": "front", "a.png": "back"}
    made = Product.model_validate(SHOP[0].model_dump() | {"images": ["a.png"], "views": told})
    assert made.views == {"a.png": "back"}


class Watching(FakeEmbedder):
    """Keeps the colours of the pictures that it was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.saw: list[Any] = []

    def images(self, images: Any) -> Any:
        self.saw += [image.convert("RGB").getpixel((0, 0)) for image in images]
        return super().images(images)


def test_a_turn_is_taken_over_stored_and_never_looked_at(tmp_path: Path) -> None:
    """A frame that is missing is told and the others turn; wearers and scenes stand in the gallery, unlooked at."""
    for place, frame in enumerate(FRAMES[:-1]):
        Image.new("RGB", (16, 16), (0, 20 * place, 0)).save(tmp_path / frame)
    for name, colour in (("worn.png", "blue"), ("plain.png", "red"), ("sea.png", "white")):
        Image.new("RGB", (16, 16), colour).save(tmp_path / name)
    gallery = {"images": ["worn.png", "plain.png", "sea.png"], "spin": FRAMES}
    row = SHOP[0].model_dump(mode="json") | gallery | {"views": {"worn.png": "figure", "sea.png": "beach"}}
    file = written(tmp_path, "feed.jsonl", json.dumps(row))
    watching = Watching()
    shop = Shop.open(tmp_path / "shop", watching)
    with Import(shop) as work:
        work.feed(opened(file), Pictures(tmp_path / "shop" / "images", tmp_path, None, None))
        told = [(p.code, p.values.get("picture")) for p in work.staging.problems(False)]
    shop.close()
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    [p] = shop.all()
    assert told == [("picture_left_out", FRAMES[-1])]
    assert [Image.open(shop.picture(f)).getpixel((0, 0)) for f in p.spin] == [
        (0, 20 * n, 0) for n in range(11)
    ]
    assert [p.views.get(name) for name in p.images] == ["figure", None, "beach"]
    assert watching.saw == [(255, 0, 0)]
    shop.close()


def test_a_turn_of_which_too_little_is_left_goes_and_is_told(tmp_path: Path) -> None:
    for frame in FRAMES[:5]:
        Image.new("RGB", (16, 16), "red").save(tmp_path / frame)
    file = written(tmp_path, "feed.jsonl", json.dumps(ROW | {"spin": FRAMES}))
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    with Import(shop) as work:
        work.feed(opened(file), Pictures(tmp_path / "shop" / "images", tmp_path, None, None))
        codes = {p.code for p in work.staging.problems(False)}
    [p] = shop.all()
    assert (p.spin, codes) == ([], {"picture_left_out", "spin_broken"})
    shop.close()
