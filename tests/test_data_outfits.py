"""The judged pairs and looks: they name products of the demo shop, and their parts are what their README says."""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from store.demo import products

FOLDER = Path(__file__).parent / "data" / "outfits"
KINDS = {"colour", "pattern", "formality", "season/material", "silhouette", "style", "occasion"}


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("name", "count"), [("pairs", 150), ("looks", 60)])
def test_judged_rows_are_whole_and_balanced(name: str, count: int) -> None:
    rows = _rows(name)
    assert len(rows) == len({row["id"] for row in rows}) == count
    assert len({tuple(sorted(row["items"])) for row in rows}) == count
    assert Counter(row["label"] for row in rows) == {"good": count // 2, "bad": count // 2}
    assert Counter((row["label"], row["split"]) for row in rows if row["split"] == "held") == {
        ("good", "held"): count // 6,
        ("bad", "held"): count // 6,
    }
    for row in rows:
        assert row["why"] in KINDS and row["reason"].endswith(".") and row["split"] in ("seen", "held")
        assert len(row["items"]) == 2 if name == "pairs" else len(row["items"]) >= 3


@pytest.mark.parametrize("name", ["pairs", "looks"])
def test_judged_pieces_are_of_the_demo_shop_and_of_one_wearer(name: str) -> None:
    catalogue = {product.id: product for product in products()}
    for row in _rows(name):
        pieces = [catalogue[i] for i in row["items"]]
        assert len({p.id for p in pieces}) == len(pieces)
        assert len({p.gender for p in pieces} - {"unisex"}) <= 1, row["id"]
        assert len({p.age_group for p in pieces}) == 1, row["id"]


def test_the_labels_are_still_of_the_products_that_were_judged() -> None:
    """An id that came to mean another product would turn labels into noise without any other test failing."""
    catalogue = {product.id: product.title.en for product in products()}
    judged = sorted({i for name in ("pairs", "looks") for row in _rows(name) for i in row["items"]})
    told = "\n".join(f"{i} {catalogue[i]}" for i in judged)
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "cfe2cda03fde0397"
