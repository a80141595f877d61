"""Files of orders: both forms read, bad rows told, nothing hostile taken in; and the table that is made of them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import baskets
from store.baskets import OrdersError, read
from store.together import Together

SOLD = frozenset({"a", "b", "c"})


def written(tmp_path: Path, text: str, name: str = "orders.jsonl") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("o.jsonl", '{"items": ["a", {"id": "b"}]}\n{"order": 2, "items": ["c"]}\n'),
        (
            "o.jsonl",
            '{"order": "1", "product": "a"}\n{"order": "2", "sku": "c"}\n{"order": 1, "product": "b"}\n',
        ),
        ("o.csv", "Order_ID,Product,Price\n1,a,9\n2,c,9\n1,b,9\n"),
        ("o.csv", "\ufeff订单号,商品编号\r\n1,a\r\n1,b\r\n2,c\r\n"),
        ("o.tsv", "order\tproduct\n1\ta\n1\tb\n2\tc\n"),
    ],
)
def test_orders_are_read(tmp_path: Path, name: str, text: str) -> None:
    found = read(written(tmp_path, text, name), SOLD)
    assert sorted(map(sorted, found.baskets)) == [["a", "b"], ["c"]]
    assert found.unusable == 0


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not_json"),
        ("[1]", "not_json"),
        ("[" * 5000, "not_json"),
        ('{"items": {}}', "no_items"),
        ('{"items": []}', "no_items"),
        ('{"items": [null]}', "bad_item"),
        ('{"items": [true, "a"]}', "bad_item"),
        ('{"items": ["nope"]}', "all_unknown"),
        ('{"product": "a"}', "no_items"),
        ('"' + "x" * 1_000_001 + '"', "too_long"),
    ],
)
def test_a_bad_row_is_told_and_the_others_are_read(tmp_path: Path, line: str, reason: str) -> None:
    found = read(written(tmp_path, f'{line}\n{{"items": ["a", "b"]}}\n'), SOLD)
    assert [row.reason for row in found.left_out] == [reason]
    assert found.left_out[0].line == 1
    assert found.baskets == [frozenset("ab")]


def test_who_buys_everything_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baskets, "MOST_ITEMS", 2)
    found = read(written(tmp_path, '{"items": ["a", "b", "c"]}'), SOLD)
    assert (found.baskets, found.left_out[0].reason) == ([], "too_many_items")


@pytest.mark.parametrize(("name", "text"), [("o.csv", ""), ("o.csv", "a,b\n1,2\n"), ("o.csv", "order\n1\n")])
def test_a_table_without_its_columns_is_no_file_of_orders(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(OrdersError, match="header"):
        read(written(tmp_path, text, name), SOLD)


def test_no_file_and_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(OrdersError):
        read(tmp_path / "none.jsonl", SOLD)
    (tmp_path / "o.csv").write_bytes(b"order,product\n\xff\xfe,a\n")
    with pytest.raises(OrdersError):
        read(tmp_path / "o.csv", SOLD)


@given(st.lists(st.binary(max_size=80), max_size=8))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("orders") / "o.jsonl"
    path.write_bytes(b"\n".join(lines))
    found = read(path, SOLD)
    assert found.rows >= found.unusable
    assert all(basket <= SOLD for basket in found.baskets)


def test_the_table_is_kept_as_a_whole_and_dropped(tmp_path: Path) -> None:
    kept = Together(tmp_path)
    assert (kept.of(["a"]), kept.sold(), kept.version, kept.drop()) == ({}, {}, 0.0, False)
    kept.keep([("a", "b", 1.0), ("a", "c", 0.2)], {"a": 3}, {"made": "now"})
    assert Together(tmp_path).of(["a", "x"]) == {"a": {"b": 1.0, "c": 0.2}}
    assert (kept.sold(), kept.note("made")) == ({"a": 3}, "now")
    kept.keep([("b", "a", 1.0)], {}, {})
    assert kept.of(["a", "b"]) == {"b": {"a": 1.0}}
    assert kept.drop() and kept.of(["b"]) == {}


def test_a_damaged_table_is_none(tmp_path: Path) -> None:
    (tmp_path / "together.sqlite").write_bytes(json.dumps("no table").encode())
    assert (Together(tmp_path).of(["a"]), Together(tmp_path).sold()) == ({}, {})
