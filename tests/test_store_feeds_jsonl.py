"""Lines of JSON: our own shape comes back as it was, the flat one is read, a bad line is told and stops no other."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.jsonl import parsed
from store.feeds.record import Refused
from tests.conftest import SHARED
from tests.feeds import read_feed
from tests.store_samples import SHOP

FLAT: dict[str, Any] = {
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


def lines(tmp_path: Path, *rows: Any) -> Path:
    file = tmp_path / "feed.jsonl"
    said = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join(said) + "\n", encoding="utf-8")
    return file


def test_our_own_shape_comes_back_as_it_was(tmp_path: Path) -> None:
    read = read_feed(lines(tmp_path, *(p.model_dump_json() for p in SHOP)))
    assert read.products == SHOP
    assert read.refused == []


def test_the_flat_shape(tmp_path: Path) -> None:
    [p] = read_feed(lines(tmp_path, FLAT)).products
    assert (p.title.zh, p.title.en) == ("酒红色连衣裙", "Burgundy dress")
    assert (p.category, p.colors, p.pattern) == ("dress", ["red"], "checked")
    assert (p.images, p.sizes[0].quantity) == (["train/dress/x.jpg"], 2)
    assert p.price.amount == Decimal("10.99")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("{", "not_json"),
        ("[]", "not_an_object"),
        ('{"id": "a"}', "no_title"),
        (FLAT | {"id": ""}, "no_id"),
        (FLAT | {"id": "a\u202eb"}, "unseen_id"),
        (FLAT | {"title": "", "title_zh": ""}, "no_title"),
        (FLAT | {"price": {"amount": "-1"}}, "negative_price"),
        (FLAT | {"price": {"amount": "ten"}}, "bad_price"),
        (FLAT | {"price": "cheap"}, "bad_price"),
        (FLAT | {"price": "5 XQX"}, "unknown_currency"),
        (FLAT | {"sizes": "M"}, "bad_value"),
        (FLAT | {"sizes": [{"size": "M", "quantity": 1}, {"size": "m", "quantity": 1}]}, "bad_value"),
        (SHOP[0].model_dump(mode="json") | {"price": {"amount": "0", "currency": "USD"}}, "zero_price"),
        (SHOP[0].model_dump(mode="json") | {"title": {"zh": "裙" * 10_000}}, "long_title"),
        ("[" * 100_000, "too_deep"),
    ],
    ids=lambda v: str(v)[:30],
)
def test_a_bad_row_is_told_with_its_line(tmp_path: Path, row: Any, code: str) -> None:
    read = read_feed(lines(tmp_path, "", FLAT | {"id": "other"}, row))
    assert len(read.products) == 1
    assert [(p.line, p.code) for p in read.refused] == [(3, code)]


def test_a_second_row_of_an_id_is_refused(tmp_path: Path) -> None:
    read = read_feed(lines(tmp_path, FLAT, FLAT | {"title": "Newer"}))
    assert [p.title.en for p in read.products] == ["Burgundy dress"]
    assert [(p.line, p.code, p.values["first"]) for p in read.refused] == [(2, "duplicate_id", "1")]


def test_a_separator_of_lines_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    [p] = read_feed(lines(tmp_path, FLAT | {"description": "a\u2028b"})).products
    assert p.description.en.startswith("a")


@given(st.text())
def test_any_line_is_an_object_or_refused(line: str) -> None:
    try:
        assert isinstance(parsed(line), dict)
    except Refused as refused:
        assert refused.code in ("not_json", "not_an_object", "too_deep")


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [("30.00 USD", "30.00", "USD"), ("CNY 1,299", "1299", "CNY"), (30, "30", "CNY"), ("30", "30", "CNY")],
)
def test_prices_as_spreadsheets_write_them(
    tmp_path: Path, written: object, amount: str, currency: str
) -> None:
    [p] = read_feed(lines(tmp_path, FLAT | {"price": written, "availability": "In Stock"})).products
    assert (p.price.amount, p.price.currency) == (Decimal(amount), currency)
    assert p.availability == "in_stock"


def test_a_sale_price_that_is_none_is_left_out(tmp_path: Path) -> None:
    read = read_feed(
        lines(tmp_path, FLAT | {"sale_price": "10.99 USD"}, FLAT | {"id": "D", "sale_price": "5 CNY"})
    )
    assert [p.sale_price for p in read.products] == [None, None]
    assert [p.code for p in read.warnings] == ["sale_currency"]


@pytest.mark.skipif(not (SHARED / "clothing").is_dir(), reason="../shared/data is not here")
def test_the_real_photo_feed() -> None:
    read = read_feed(SHARED / "clothing" / "feed.jsonl")
    assert (len(read.products), read.refused) == (648, [])


@pytest.mark.parametrize("around", ["[{}]", '{{"products": [{}]}}', "\n[\n{},]\n"])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_list_is_read_an_element_at_a_time(tmp_path: Path, around: str, indent: int | None) -> None:
    rows = [FLAT | {"id": str(n), "description": "x" * 3000} for n in range(60)]
    file = tmp_path / "feed.json"
    file.write_text(around.format(", ".join(json.dumps(row, indent=indent) for row in rows)))
    read = read_feed(file)
    assert ([p.id for p in read.products], read.refused, read.state.finished) == (
        [r["id"] for r in rows],
        [],
        True,
    )


def test_a_list_that_breaks_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    file = tmp_path / "feed.json"
    file.write_text(f'[{json.dumps(FLAT)},\n3,\n{{"id": "b", broken}},\n{json.dumps(FLAT | {"id": "c"})}]')
    read = read_feed(file)
    assert [p.id for p in read.products] == ["C1"]
    assert [(p.line, p.code) for p in read.refused] == [(2, "not_an_object"), (3, "list_ends")]
    assert not read.state.finished
