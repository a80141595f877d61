"""The words follow the records, also after a write that broke off in a process that went on."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from filelock import FileLock

from store.errors import ImportRunning
from store.feeds import opened
from store.feeds.pictures import Pictures
from store.importing import Import
from store.instep import IMPORT_LOCK
from store.products import Products
from store.shop import Shop
from store.types import Product, Query
from tests.fakes import FakeEmbedder
from tests.feeds import table
from tests.store_samples import SHOP

ROWS = [{"id": f"p{n}", "title": f"Linen shirt {n}", "price": "10 USD"} for n in range(4)]


def named(shop: Shop, text: str) -> set[str]:
    """What words alone find."""
    return set(shop.ranked_by("words", Query(text=text, k=50)))


def full(products: Iterable[Product]) -> None:
    raise OSError("no space left on device")


def test_a_write_that_broke_off_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    with monkeypatch.context() as patch:
        patch.setattr(shop._lexicon, "put", full)
        with pytest.raises(OSError, match="no space"):
            shop.upsert(SHOP[:1])
    assert named(shop, "red floral dress") == set()
    shop.upsert(SHOP[1:3])
    assert SHOP[0].id in named(shop, "red floral dress")
    assert not shop._lexicon.writing


def test_an_import_that_broke_off_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "feed.csv").write_text(table(ROWS), encoding="utf-8")
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())

    def bring_in() -> None:
        with Import(shop) as work:
            work.feed(
                opened(tmp_path / "feed.csv"), Pictures(tmp_path / "shop" / "images", tmp_path, None, None)
            )

    with monkeypatch.context() as patch:
        patch.setattr(shop._lexicon, "put", full)
        with pytest.raises(OSError, match="no space"):
            bring_in()
    bring_in()
    assert named(shop, "linen shirt") == {"p0", "p1", "p2", "p3"}
    assert not shop._lexicon.writing


def test_who_writes_beside_an_import_leaves_its_mark_alone(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop._lexicon.begin()  # as the import has
    with FileLock(tmp_path / IMPORT_LOCK):
        shop.upsert(SHOP[:1])
        assert shop._lexicon.writing  # its kill would still be noticed
    assert named(shop, "red floral dress") == {SHOP[0].id}
    shop.upsert(SHOP[1:2])
    assert not shop._lexicon.writing


def test_no_import_begins_while_what_a_kill_left_is_cleared_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP[:2])
    shop._lexicon.begin()  # and was killed
    clear, refused = Products.drop_orphans, []

    def begin(products: Products) -> int:
        try:
            with Import(shop):
                pass  # its first vectors would be cleared away: their records come last
        except ImportRunning:
            refused.append(True)
        return clear(products)

    monkeypatch.setattr(Products, "drop_orphans", begin)
    other = Shop.open(tmp_path, FakeEmbedder())
    assert refused == [True]
    assert not other._lexicon.writing
    with Import(shop):
        pass
