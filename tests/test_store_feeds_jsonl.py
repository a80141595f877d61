"""JSON Lines feeds: both shapes are read, a bad row is told and does not stop the others."""

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from store.errors import FeedError
from store.feeds.jsonl import adopt_pictures, read, read_lines
from tests.conftest import SHARED
from tests.store_samples import SHOP, product

FLAT = {
    "id": "C1",
    "title": "Burgundy dress",
    "title_zh": "酒红色连衣裙",
    "category": "Frock",
    "color": ["Burgundy"],
    "price": {"amount": "10.99", "currency": "USD"},
    "sizes": [{"size": "M", "quantity": 2}],
    "image": "train/dress/x.jpg",
    "pattern": "plaid",
    "nonsense": 1,
}


def test_our_own_shape_comes_back_as_it_was() -> None:
    feed = read_lines(p.model_dump_json() for p in SHOP)
    assert feed.products == SHOP
    assert feed.errors == []


def test_the_flat_shape() -> None:
    [p] = read_lines([json.dumps(FLAT)]).products
    assert (p.title.zh, p.title.en) == ("酒红色连衣裙", "Burgundy dress")
    assert (p.category, p.colors, p.pattern) == ("dress", ["red"], "checked")
    assert p.images == ["train/dress/x.jpg"]
    assert p.price.amount == Decimal("10.99")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("{", "Expecting"),
        ("[]", "not an object"),
        ('{"id": "a"}', "title"),
        (json.dumps(FLAT | {"id": ""}), "id"),
        (json.dumps(FLAT | {"title": "", "title_zh": ""}), "title"),
        (json.dumps(FLAT | {"price": {"amount": "-1"}}), "price"),
        (json.dumps(FLAT | {"price": {"amount": "ten"}}), "price"),
        (json.dumps(FLAT | {"sizes": "M"}), "sizes"),
        ("[" * 100_000, ""),
    ],
)
def test_a_bad_row_is_told_with_its_line(row: str, reason: str) -> None:
    feed = read_lines(["", json.dumps(FLAT), row])
    assert len(feed.products) == 1
    assert feed.errors[0].line == 3
    assert reason in feed.errors[0].reason


def test_the_last_row_of_an_id_wins() -> None:
    feed = read_lines([json.dumps(FLAT), json.dumps(FLAT | {"title": "Newer"})])
    assert [p.title.en for p in feed.products] == ["Newer"]


@given(st.lists(st.text(), max_size=5))
def test_any_lines_can_be_read(lines: list[str]) -> None:
    feed = read_lines(lines)
    assert len(feed.errors) <= len(lines)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FeedError):
        read(tmp_path / "nope.jsonl")


def paint(file: Path, color: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 20), color).save(file)


def test_pictures_are_copied_and_never_from_elsewhere(tmp_path: Path) -> None:
    feed, shop = tmp_path / "feed", tmp_path / "shop" / "images"
    paint(feed / "a" / "x.jpg", "red")
    paint(tmp_path / "secret.jpg", "black")
    (feed / "page.html").write_text("<script>alert(1)</script>")
    (feed / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    names = [
        "a/x.jpg",
        "../secret.jpg",
        "a/missing.jpg",
        "a\0b",
        "page.html",
        "drawing.svg",
        str(tmp_path / "secret.jpg"),
    ]
    [adopted], left_out = adopt_pictures(
        [product("p/1", "裙", "Dress", "dress", "1", images=names)], feed, shop
    )
    assert [re.sub("[0-9a-f]{8}", "#", n) for n in adopted.images] == ["p_1-1-#.jpg"]
    assert [f.name for f in shop.iterdir()] == adopted.images
    assert [w.name for w in left_out] == names[1:]
    assert all(w.id == "p/1" and w.reason for w in left_out)


def test_two_feeds_with_the_same_file_name_keep_their_own_pictures(tmp_path: Path) -> None:
    shop = tmp_path / "images"
    for folder, color in (("one", "red"), ("two", "blue")):
        paint(tmp_path / folder / "1.png", color)
        [adopted], _ = adopt_pictures(
            [product(folder, "裙", "Dress", "dress", "1", images=["1.png"])], tmp_path / folder, shop
        )
        assert Image.open(shop / adopted.images[0]).getpixel((5, 5)) == Image.new(
            "RGB", (1, 1), color
        ).getpixel((0, 0))


def test_a_shop_can_read_its_own_export(tmp_path: Path) -> None:
    paint(tmp_path / "images" / "p.png", "red")
    exported = product("p", "裙", "Dress", "dress", "1", images=["images/p.png"])
    [adopted], left_out = adopt_pictures([exported], tmp_path / "elsewhere", tmp_path / "images")
    assert adopted.images == ["images/p.png"]
    assert left_out == []


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [("30.00 USD", "30.00", "USD"), ("CNY 1,299", "1299", "CNY"), (30, "30", "USD"), ("30", "30", "USD")],
)
def test_prices_as_spreadsheets_write_them(written: object, amount: str, currency: str) -> None:
    row = {**FLAT, "price": written, "availability": "In Stock"}
    [read_product] = read_lines([json.dumps(row)]).products
    assert (read_product.price.amount, read_product.price.currency) == (Decimal(amount), currency)
    assert read_product.availability == "in_stock"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sale_price": {"amount": "5", "currency": "CNY"}},
        {"sizes": [{"size": "M", "quantity": 1}, {"size": "m", "quantity": 1}]},
        {"price": "cheap"},
        {"price": {"amount": "-1"}},
    ],
    ids=str,
)
def test_a_row_that_contradicts_itself_is_refused(wrong: dict[str, object]) -> None:
    feed = read_lines([json.dumps(FLAT | wrong)])
    assert feed.products == []
    assert len(feed.errors) == 1


def test_a_sale_price_that_is_none_is_left_out() -> None:
    [read_product] = read_lines([json.dumps(FLAT | {"sale_price": "10.99 USD"})]).products
    assert read_product.sale_price is None


@pytest.mark.skipif(not (SHARED / "clothing").is_dir(), reason="../shared/data is not here")
def test_the_real_photo_feed() -> None:
    feed = read(SHARED / "clothing" / "feed.jsonl")
    assert (len(feed.products), feed.errors) == (648, [])
