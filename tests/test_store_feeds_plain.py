"""Tables and objects without a format: columns by their usual names in either language, or as a map says."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds import opened
from store.feeds.plain import fields_of, offer
from store.feeds.record import FIELDS
from tests.feeds import read_feed, table


def written(
    tmp_path: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8"
) -> Path:
    (tmp_path / "t.csv").write_bytes(table(rows, delimiter).encode(encoding))
    return tmp_path / "t.csv"


def test_chinese_columns_in_gbk(tmp_path: Path) -> None:
    row = {"货号": "A1", "商品名称": "酒红色连衣裙", "价格": "199.00", "颜色": "酒红色", "尺码": "均码", "库存": "3",
           "面料": "100%棉",
           "类目": "女装/裙装/连衣裙", "性别": "女", "主图": "a.jpg|b.jpg"}  # fmt: skip
    found = read_feed(written(tmp_path, [row], encoding="gbk"), currency="CNY")
    assert (found.format, found.encoding, found.refused) == ("csv", "gb18030", [])
    [p] = found.products
    assert (p.id, p.title.zh, p.category, p.colors, p.material, p.gender) == (
        "A1",
        "酒红色连衣裙",
        "dress",
        ["red"],
        "cotton",
        "women",
    )
    assert (p.price.currency, p.sizes[0].quantity, p.images) == ("CNY", 3, ["a.jpg", "b.jpg"])


def test_a_map_names_what_nobody_could_guess(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        [{"Nr": "7", "Was": "Rotes Kleid", "Kostet": "19,90", "title": "not this", "Farbe": "red"}],
        ";",
    )
    mapping = {"Nr": "id", "was": "title", "Kostet": "price", "Farbe": "color"}
    [p] = read_feed(file, currency="EUR", mapping=mapping).products
    assert (p.id, p.title.en, p.price.amount, p.colors) == ("7", "Rotes Kleid", Decimal("19.90"), ["red"])
    with pytest.raises(ValueError, match="no field"):
        opened(file, mapping={"Nr": "nonsense"})
    assert fields_of({"a_b": "sale price", "c": "item_group_id"}) == {"a b": "sale_price", "c": "group"}


def test_rows_of_a_group_are_variants(tmp_path: Path) -> None:
    rows = [{"sku": f"T-{s}", "parent sku": "T", "name": "Tee", "price": "5 USD", "size": s} for s in "SM"]
    [p] = read_feed(written(tmp_path, rows)).products
    assert (p.id, [v.id for v in p.variants]) == ("T", ["T-S", "T-M"])


@pytest.mark.parametrize(
    ("cell", "images"),
    [("a.jpg", ["a.jpg"]), ("a.jpg; b.jpg", ["a.jpg", "b.jpg"]), ("https://x/1,2.jpg", ["https://x/1,2.jpg"]),
     ("https://x/1.jpg,https://x/2.jpg", ["https://x/1.jpg", "https://x/2.jpg"]), ("a.jpg\nb.jpg", ["a.jpg", "b.jpg"])],
)  # fmt: skip
def test_several_pictures_in_a_cell(tmp_path: Path, cell: str, images: list[str]) -> None:
    [p] = read_feed(written(tmp_path, [{"id": "1", "title": "Dress", "price": "5", "image": cell}])).products
    assert p.images == images


@pytest.mark.parametrize("path", [["id"], ["title"], ["price"]])
def test_a_table_without_what_is_needed_refuses_every_row_with_a_way_out(
    tmp_path: Path, path: list[str]
) -> None:
    row = {k: v for k, v in {"id": "1", "title": "Dress", "price": "5", "x": "1"}.items() if k not in path}
    found = read_feed(written(tmp_path, [row, row | {"x": "2"}]))
    assert found.codes == [f"no_{path[0]}"] * 2


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = st.sampled_from(sorted(FIELDS))


@given(st.dictionaries(NAMES, VALUE))
def test_any_object_is_a_product_or_refused(
    tmp_path_factory: pytest.TempPathFactory, row: dict[str, Any]
) -> None:
    file = tmp_path_factory.mktemp("f") / "f.jsonl"
    file.write_text(
        json.dumps({"id": "1"} | row)
        + "\n"
        + json.dumps({"id": "fine", "title": "Dress", "price": "5 USD"})
        + "\n"
    )
    found = read_feed(file, format="jsonl")
    assert "fine" in [p.id for p in found.products]
    assert len(found.products) + len(found.refused) == 2
    assert "fault" not in found.codes


def test_of_two_columns_with_one_meaning_the_first_that_is_filled_counts() -> None:
    pairs = [
        ("title", ""),
        ("name", "Dress"),
        ("product name", "Other"),
        ("image", "a.jpg"),
        ("picture", "b.jpg"),
    ]
    found = offer(2, pairs, {}, table=True)
    assert (found.fields["title"], found.fields["images"]) == ("Dress", ["a.jpg", "b.jpg"])


def test_files_that_were_put_one_behind_the_other_and_headers_in_traditional_script(tmp_path: Path) -> None:
    one = "\ufeff編號,名稱,價格,庫存狀態\n1,紅色連衣裙,NT$129,現貨\n".encode()
    (tmp_path / "a.csv").write_bytes(one + "\ufeff2,絲巾,NT$99,缺貨\n".encode())
    read = read_feed(tmp_path / "a.csv")
    assert (read.refused, [(p.id, p.price.currency, p.in_stock) for p in read.products]) == (
        [],
        [("1", "TWD", True), ("2", "TWD", False)],
    )
