"""JSON Lines feeds: both shapes are read, a bad row is told and does not stop the others."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_pictures_are_copied_and_never_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "feed" / "a").mkdir(parents=True)
    (tmp_path / "feed" / "a" / "x.jpg").write_bytes(b"x")
    (tmp_path / "secret.jpg").write_bytes(b"s")
    pictured = product(
        "p", "裙", "Dress", "dress", "1", images=["a/x.jpg", "../secret.jpg", "a/missing.jpg", "a\0b"]
    )
    [adopted] = adopt_pictures([pictured], tmp_path / "feed", tmp_path / "images")
    assert adopted.images == ["a-x.jpg"]
    assert [f.name for f in (tmp_path / "images").iterdir()] == ["a-x.jpg"]


@pytest.mark.skipif(not (SHARED / "clothing").is_dir(), reason="../shared/data is not here")
def test_the_real_photo_feed() -> None:
    feed = read(SHARED / "clothing" / "feed.jsonl")
    assert (len(feed.products), feed.errors) == (648, [])
