"""The Agentic Commerce Protocol's feed, in both forms that are written."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from store.feeds import opened
from tests.feeds import Read, read_feed

NESTED: dict[str, Any] = {
    "id": "P1",
    "title": "Linen shirt",
    "description": {"html": "<p>Cool</p>"},
    "url": "https://x.test/p1",
    "brand": {"name": "Mulin"},
    "media": [
        {"type": "image", "url": "https://x.test/1.jpg"},
        {"type": "video", "url": "https://x.test/v.mp4"},
    ],
    "categories": [{"name": "Apparel > Shirts"}],
    "variants": [
        {
            "id": f"P1-{size}",
            "title": f"Linen shirt {size}",
            "price": {"amount": amount, "currency": "USD"},
            "list_price": {"amount": 5000, "currency": "USD"},
            "availability": {
                "available": size == "M",
                "status": "in_stock" if size == "M" else "out_of_stock",
            },
            "options": [{"name": "Color", "value": "Navy"}, {"name": "Size", "value": size}],
        }
        for size, amount in (("M", 4000), ("L", 4200))
    ],
}
FLAT: dict[str, Any] = {
    "item_id": "F1", "title": "Red dress", "description": "Soft", "url": "https://x.test/f1", "brand": "Lin",
    "image_url": "https://x.test/f.jpg", "additional_image_urls": "https://x.test/g.jpg,https://x.test/h.jpg",
    "price": "79.99 USD", "sale_price": "59.99 USD", "availability": "in_stock", "is_eligible_search": True,
    "is_eligible_checkout": False, "product_category": "Apparel & Accessories > Clothing > Dresses", "size": "M",
    "color": "Red", "inventory_quantity": 4,
}  # fmt: skip


def read(tmp_path: Path, *rows: Any, metadata: Any = None) -> Read:
    (tmp_path / "products.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    if metadata is not None:
        (tmp_path / "metadata.json").write_text(json.dumps(metadata))
    return read_feed(tmp_path)


def test_a_product_with_variants(tmp_path: Path) -> None:
    found = read(tmp_path, NESTED)
    assert (found.format, found.refused) == ("acp", [])
    [p] = found.products
    assert (p.id, p.title.en, p.description.en, p.brand, p.category) == (
        "P1",
        "Linen shirt",
        "Cool",
        "Mulin",
        "shirt",
    )
    assert (p.price.amount, p.current_price.amount, p.price_of("L").amount) == (50, 40, 42)
    assert [(v.id, v.color, v.size, v.quantity) for v in p.variants] == [
        ("P1-M", "navy", "M", None),
        ("P1-L", "navy", "L", 0),
    ]
    assert p.images == ["https://x.test/1.jpg"]


def test_an_item_a_line(tmp_path: Path) -> None:
    [p] = read(tmp_path, FLAT).products
    assert (p.id, p.category, p.colors, p.brand) == ("F1", "dress", ["red"], "Lin")
    assert (p.price.amount, p.current_price.amount) == (Decimal("79.99"), Decimal("59.99"))
    assert ([(s.size, s.quantity) for s in p.sizes], len(p.images)) == ([("M", 4)], 3)


@pytest.mark.parametrize(
    ("price", "amount", "currency"),
    [(7999, "79.99", "USD"), ({"amount": 7999, "currency": "JPY"}, "7999", "JPY"), ("79.99", "79.99", "USD")],
    ids=str,
)
def test_whole_numbers_are_minor_units(tmp_path: Path, price: Any, amount: str, currency: str) -> None:
    [p] = read(tmp_path, FLAT | {"price": price, "sale_price": None}, metadata={"currency": "USD"}).products
    assert (p.price.amount, p.price.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ({"id": "x", "variants": []}, "other_profile", "variants"),
        ({"title": "x", "price": "5 USD"}, "other_profile", "id"),
        (FLAT | {"is_eligible_search": False}, "not_published", "is_eligible_search"),
        (FLAT | {"price": {"amount": -5, "currency": "USD"}}, "negative_price", "price"),
        (NESTED | {"variants": ["M"]}, "not_an_object", "variants.0"),
        (FLAT | {"item_id": {"a": 1}}, "no_id", "id"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_what_is_missing_is_told(tmp_path: Path, row: Any, code: str, field: str) -> None:
    found = read(tmp_path, FLAT | {"item_id": "first"}, row)
    first = found.refused[0]
    assert (first.line, first.code, first.field) == (2, code, field)
    assert [p.id for p in found.products] == ["first"]


def test_the_format_is_told_by_what_a_line_has(tmp_path: Path) -> None:
    other = {"id": "1", "title": "x", "price": 5}
    for name, row, format in (("a", NESTED, "acp"), ("b", FLAT, "acp"), ("c", other, "jsonl")):
        (tmp_path / name).write_text(json.dumps(row) + "\n")
        assert opened(tmp_path / name).format == format


@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("5e3", "unclear_units"), ("5000.0", "unclear_units"), ("79.99", "unclear_units"), ('"5000"', "unclear_units"),
        ("-5000", "negative_price"), ("0", "zero_price"), ("true", "bad_price"), ("1e400", "bad_price"),
        ("NaN", "bad_price"), ('"5e3"', "bad_price"), ("[5000]", "bad_price"), ("null", "no_price"),
        ("1" + "0" * 30, "absurd_price"), ("1" + "0" * 11, "absurd_price"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["nested", "flat"])
def test_an_amount_that_may_be_wrong_a_hundred_times_is_refused(
    tmp_path: Path, form: str, amount: str, code: str
) -> None:
    priced = json.dumps({"price": {"amount": "AMOUNT", "currency": "USD"}})[1:-1].replace('"AMOUNT"', amount)
    if form == "nested":
        line = f'{{"id": "P", "title": "Shirt", "variants": [{{"id": "P-M", "title": "Shirt M", {priced}}}]}}'
    else:
        line = f'{{"item_id": "P", "title": "Shirt", {priced}}}'
    (tmp_path / "products.jsonl").write_text(line + "\n")
    found = read_feed(tmp_path)
    assert (found.products, found.codes[0], found.refused[0].field) == ([], code, "price")


def test_a_whole_number_needs_its_currency(tmp_path: Path) -> None:
    bare = FLAT | {"price": 7999, "sale_price": None}
    assert read(tmp_path, bare).codes == ["no_currency"]
    for how, amount in (("USD", "79.99"), ("JPY", "7999"), ("KWD", "7.999")):
        (tmp_path / "metadata.json").unlink(missing_ok=True)
        [p] = read_feed(tmp_path, how).products
        assert (p.price.amount, p.price.currency) == (Decimal(amount), how)
