"""Parts of a shop as masks, and the bits of who has a word: the same as sets would say."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store import products
from store.matching import Having, highest
from store.part import Whole
from store.shop import Shop
from tests.fakes import FakeEmbedder
from tests.store_samples import SHOP

NUMBERS = st.lists(st.integers(1, 300), unique=True)


@given(NUMBERS, NUMBERS)
def test_who_has_a_word_is_told_of_any_rows(having: list[int], asked: list[int]) -> None:
    found = Having.of(np.array(having, np.int64))
    assert found.count == len(having)
    assert found.among(np.array(asked, np.int64)).tolist() == [row in having for row in asked]
    assert found.among(np.zeros(1, np.int64)).tolist() == [False]  # the row of what is not indexed


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0])), st.integers(1, 20))
def test_the_highest_are_those_that_sorting_would_give(scores: list[float], most: int) -> None:
    in_order = sorted((i for i, s in enumerate(scores) if s), key=lambda i: -scores[i])
    assert highest(np.array(scores), most).tolist() == in_order[:most]


@given(st.sets(st.sampled_from("abcdefgh")), st.sets(st.sampled_from("abcdefghxyz")))
def test_a_part_is_a_set_in_the_order_of_the_whole(indexed: set[str], named: set[str]) -> None:
    rows = {one: number for number, one in enumerate(sorted(indexed), 1)}
    part = Whole("abcdefgh", lambda: rows).named(sorted(named))
    inside = [one for one in "abcdefgh" if one in named]
    assert part.ids == inside == [part.id(i) for i in range(len(part))]
    assert part.rows.tolist() == [rows.get(one, 0) for one in inside]
    assert [one for one in "abcdefghxyz" if one in part] == inside


def test_the_nearest_of_a_few_are_those_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    asked = FakeEmbedder().texts(["red floral dress"])[0]
    some = [*shop.ids()[::2], "unknown"]
    exact = shop._products.nearest("text", asked, 3, some)
    monkeypatch.setattr(products, "FEW", -1)
    index = shop._products.nearest("text", asked, 3, some)
    assert list(exact) == list(index) and list(exact.values()) == pytest.approx(
        list(index.values()), abs=1e-5
    )
    monkeypatch.undo()
    changed = next(p for p in SHOP if p.id == next(iter(exact)))
    shop.upsert([changed.model_copy(update={"title": changed.title.model_copy(update={"en": "Anchor"})})])
    assert shop._products.nearest("text", asked, 1, [changed.id]) != {changed.id: exact[changed.id]}
    assert shop._products.nearest("text", np.ones(3), 3, some) == {}  # another model's
    shop.close()
