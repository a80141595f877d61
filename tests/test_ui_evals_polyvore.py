"""Folders in the Polyvore Outfits format: what is read of them, and what is said of those that are none."""

import json
from pathlib import Path
from typing import Any

import pytest

from ui.evals import polyvore
from ui.evals.polyvore import BadPolyvore, category, read

SETS = [
    {"set_id": "1", "items": [{"index": 2, "item_id": "b"}, {"index": 1, "item_id": "a"}]},
    {
        "set_id": "2",
        "items": [{"index": 1, "item_id": "c"}, {"index": 2, "item_id": "d"}, {"index": 3, "item_id": "a"}],
    },
    {"set_id": "3", "items": [{"index": 1, "item_id": "e"}, {"index": 2, "item_id": "f"}]},
]
BLANK = {"question": ["1_1"], "answers": ["2_1", "3_1", "1_2", "3_2"], "blank_position": 2}
ABOUT = {
    "a": {"title": "Ann's shirt", "category_id": "7", "semantic_category": "tops"},
    "b": {"title": "", "url_name": "skinny jeans", "category_id": "8", "semantic_category": "bottoms"},
}


def folder(path: Path, **files: Any) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    for name, value in files.items():
        stem, _, end = name.rpartition("_")
        text = value if isinstance(value, str) else json.dumps(value)
        (path / f"{stem}.{end}").write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    folder(
        tmp_path / "nondisjoint",
        test_json=SETS,
        train_json=[{**row, "set_id": f"t{n}{row['set_id']}"} for n in range(30) for row in SETS],
        fill_in_blank_test_json=[
            BLANK,
            {**BLANK, "answers": ["2_1", "3_1"]},
            {**BLANK, "question": ["9_9"]},
            {},
        ],
        compatibility_test_txt="1 1_1 1_2\n0 1_1 3_2\n\n1 2_1 2_2 2_3\n1 1_1 gone_1\n",
    )
    return folder(
        tmp_path,
        polyvore_item_metadata_json=ABOUT,
        categories_csv="7,Dress Shirts,tops\n8,Skinny Jeans,bottoms\n",
    )


def test_questions_looks_and_what_is_told_of_items(whole: Path) -> None:
    found = read(whole)
    assert found.part == "nondisjoint" and found.left_out == 4
    (blank,) = found.blanks
    assert blank.set_id == "1"
    assert blank.options == (("a", "b"), ("a", "c"), ("a", "e"), ("a", "f"))
    assert found.looks == [(("a", "b"), True), (("c", "d", "a"), True), (("a", "f"), False)]
    assert len(found.train) == 90 and found.valid == []
    assert (found.items["a"].title, found.items["a"].category) == ("Ann's shirt", "shirt")
    assert (found.items["b"].title, found.items["b"].category) == ("skinny jeans", "jeans")
    assert found.items["c"].category is None
    assert found.items["a"].picture == whole / "images" / "a.jpg"
    assert found.asked() == set("abcdef")


def test_the_part_itself_may_be_named_and_a_limit_spreads(whole: Path) -> None:
    assert read(whole / "nondisjoint").items == read(whole, "nondisjoint").items
    few = read(whole, limit=1)
    assert (len(few.blanks), len(few.looks), len(few.train)) == (1, 2, 10)
    assert [label for _, label in few.looks] == [True, False]


def test_of_two_pieces_of_one_set_the_place_of_the_blank_tells_the_right_one(tmp_path: Path) -> None:
    blank = {"question": ["2_1"], "answers": ["2_3", "2_2", "3_1", "3_2"], "blank_position": 2}
    place = folder(tmp_path, test_json=SETS, fill_in_blank_test_json=[blank])
    assert read(place).blanks[0].options[0] == ("c", "d")
    place = folder(
        tmp_path,
        fill_in_blank_test_json=[{**blank, "blank_position": None}],
        compatibility_test_txt="1 1_1 1_2",
    )
    assert read(place).blanks == []


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "test.json"),
        ({"test_json": SETS}, "no question"),
        ({"test_json": "{"}, "cannot be read"),
        ({"test_json": {}}, "dict"),
        ({"test_json": [{"set_id": 1}]}, "KeyError"),
        ({"test_json": [1]}, "TypeError"),
        ({"test_json": "[" * 100_000}, "cannot be read"),
        (
            {"test_json": SETS, "compatibility_test_txt": "1 1_1 1_2\nyes 1_1 1_2\n"},
            "compatibility_test.txt:2",
        ),
        ({"test_json": SETS, "fill_in_blank_test_json": {}}, "fill_in_blank_test.json"),
        ({"test_json": []}, "test.json"),
    ],
)
def test_what_is_no_such_folder_is_named(tmp_path: Path, files: dict[str, Any], says: str) -> None:
    with pytest.raises(BadPolyvore, match=says):
        read(folder(tmp_path / "x", **files))
    with pytest.raises(BadPolyvore, match="disjoint"):
        read(tmp_path, "disjoint")


@pytest.mark.parametrize(
    ("name", "kind", "ours"),
    [
        ("Day Dresses", "all-body", "dress"), ("Ankle Booties", "shoes", "boots"), ("Skinny Jeans", "bottoms", "jeans"),
        ("Shirt", "bottoms", "bottoms"), ("Shades", "sunglasses", "accessories"), ("Rings", "jewellery", "jewellery"),
        ("", "all-body", "dress"), ("Sneakers", "", "sneakers"), ("Widgets", "", None), ("", "", None),
    ],
)  # fmt: skip
def test_categories_of_the_format_are_ours(name: str, kind: str, ours: str | None) -> None:
    assert category(name, kind) == ours


def test_every_type_of_the_format_has_a_category_of_ours() -> None:
    from prompts import taxonomy

    assert len(polyvore.TYPES) == 11
    for ours, root in polyvore.TYPES.values():
        assert taxonomy.is_a(ours, root) and root in taxonomy.values("category")
