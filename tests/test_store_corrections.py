"""What staff puts right: wins over the feed and over what was seen, stays over imports, can be taken back."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.ImageColor import getrgb

from store.conditions import held
from store.corrections import DENIED, Corrections, NoSuchAttribute, NoSuchValue, corrected
from store.feeds import opened
from store.feeds.pictures import Pictures
from store.importing import Import, Outcome
from store.shop import Shop
from store.types import Filters, Product, Query
from tests.fakes import FakeEmbedder
from tests.feeds import table

RED = {
    "id": "a",
    "title": "A dress",
    "price": "10.00 USD",
    "image": "a.png",
    "color": "red",
    "material": "cotton",
}
BLUE = {"id": "b", "title": "A shirt", "price": "20.00 USD", "image": "a.png", "color": "blue"}


class Eyes:
    """Sees stripes and a long sleeve wherever the record says nothing; counts what it is shown."""

    def __init__(self) -> None:
        self.shown = 0

    def __call__(self, products: Sequence[Product], pictures: Sequence[Image.Image]) -> list[dict[str, Any]]:
        self.shown += len(pictures)
        values = {"pattern": "striped", "sleeve": "long"}
        return [{name: v for name, v in values.items() if not getattr(p, name)} for p in products]


@pytest.fixture
def bring_in(tmp_path: Path) -> Callable[..., Outcome]:
    eyes = Eyes()

    def work(*rows: dict[str, str], colour: str = "red", dry: bool = False) -> Outcome:
        if not (tmp_path / "a.png").exists() or Image.open(tmp_path / "a.png").getpixel((0, 0)) != getrgb(
            colour
        ):
            Image.new("RGB", (16, 16), colour).save(tmp_path / "a.png")
        (tmp_path / "feed.csv").write_text(table(list(rows)), encoding="utf-8")
        shop = Shop.open(tmp_path / "shop", FakeEmbedder())
        try:
            with Import(shop, see=eyes, dry=dry) as at_work:
                return at_work.feed(
                    opened(tmp_path / "feed.csv"),
                    Pictures(tmp_path / "shop" / "images", tmp_path, None, None),
                )
        finally:
            shop.close()

    work.eyes = eyes  # type: ignore[attr-defined]
    return work


def put_right(tmp_path: Path, attribute: str, *values: str, product: str = "a") -> Product:
    return _changed(tmp_path, product, lambda c, p: c.keep(p, attribute, values))


def take_back(tmp_path: Path, attribute: str, product: str = "a") -> Product:
    after = _changed(tmp_path, product, lambda c, p: c.without(p, attribute))
    corrections = Corrections(tmp_path / "shop")
    corrections.forget(product, attribute)
    corrections.close()
    return after


def _changed(tmp_path: Path, product: str, how: Callable[[Corrections, Product], Product]) -> Product:
    shop, corrections = Shop.open(tmp_path / "shop", FakeEmbedder()), Corrections(tmp_path / "shop")
    try:
        before = shop.get(product)
        assert before is not None
        after = how(corrections, before)
        shop.upsert([after])
        return after
    finally:
        corrections.close()
        shop.close()


def stored(tmp_path: Path, product: str = "a") -> Product:
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    try:
        found = shop.get(product)
        assert found is not None
        return found
    finally:
        shop.close()


def test_it_survives_the_same_feed_and_costs_nothing(
    tmp_path: Path, bring_in: Callable[..., Outcome]
) -> None:
    bring_in(RED, BLUE)
    put_right(tmp_path, "color", "navy", "white")
    looks = bring_in.eyes.shown  # type: ignore[attr-defined]
    for _ in range(2):
        outcome = bring_in(RED, BLUE)
        assert (outcome.unchanged, outcome.changed, outcome.looked) == (2, 0, 0)
        assert stored(tmp_path).colors == ["navy", "white"] and stored(tmp_path, "b").colors == ["blue"]
    assert bring_in.eyes.shown == looks  # type: ignore[attr-defined]


def test_it_survives_a_changed_feed_which_is_what_comes_back(
    tmp_path: Path, bring_in: Callable[..., Outcome]
) -> None:
    bring_in(RED, BLUE)
    put_right(tmp_path, "color", "navy")
    outcome = bring_in(RED | {"color": "green", "price": "12.00 USD", "title": "A better dress"}, BLUE)
    after = stored(tmp_path)
    assert (outcome.changed, outcome.unchanged) == (1, 1)
    assert (after.colors, after.title.en, str(after.price.amount)) == (["navy"], "A better dress", "12.00")
    assert take_back(tmp_path, "color").colors == ["green"] == stored(tmp_path).colors
    bring_in(RED, BLUE)
    assert stored(tmp_path).colors == ["red"]


def test_a_check_without_writing_keeps_nothing(tmp_path: Path, bring_in: Callable[..., Outcome]) -> None:
    bring_in(RED, BLUE)
    put_right(tmp_path, "color", "navy")
    assert bring_in(RED, BLUE, dry=True).unchanged == 2
    assert bring_in(RED | {"color": "green"}, BLUE, dry=True).unchanged == 2  # green would not show
    assert take_back(tmp_path, "color").colors == ["red"]


def test_it_wins_over_what_was_seen_which_stays_told(
    tmp_path: Path, bring_in: Callable[..., Outcome]
) -> None:
    bring_in(RED)
    assert held(stored(tmp_path), "pattern") == ["striped"]
    put_right(tmp_path, "pattern", "plain")
    for feed in (RED, RED | {"price": "11.00 USD"}):
        bring_in(feed)
        after = stored(tmp_path)
        assert held(after, "pattern") == ["plain"] and after.seen["pattern"] == "striped"
    bring_in(
        RED, colour="green"
    )  # another picture: perception is asked again, and asked of the pattern as well
    assert stored(tmp_path).seen["pattern"] == "striped"
    assert held(take_back(tmp_path, "pattern"), "pattern") == ["striped"]


def test_that_there_is_nothing_can_be_said_as_well(tmp_path: Path, bring_in: Callable[..., Outcome]) -> None:
    bring_in(RED)
    put_right(tmp_path, "sleeve")
    put_right(tmp_path, "material")
    for colour in ("red", "green"):
        bring_in(RED | {"price": "11.00 USD"}, colour=colour)
        after = stored(tmp_path)
        assert held(after, "sleeve") == [] == held(after, "material")
        assert after.seen[DENIED] == {"sleeve": "long"}
    back = take_back(tmp_path, "sleeve")
    assert held(back, "sleeve") == ["long"] and DENIED not in back.seen
    assert take_back(tmp_path, "material").material == "cotton"


def test_search_follows_at_once(tmp_path: Path, bring_in: Callable[..., Outcome]) -> None:
    bring_in(RED, BLUE)
    put_right(tmp_path, "color", "navy")
    put_right(tmp_path, "category", "skirt")
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    found = [h.product.id for h in shop.search(Query(where=Filters(color=["navy"], category=["skirt"]))).hits]
    shop.close()
    assert found == ["a"]


def test_a_product_that_went_and_came_again_is_still_right(
    tmp_path: Path, bring_in: Callable[..., Outcome]
) -> None:
    bring_in(RED, BLUE)
    put_right(tmp_path, "color", "navy")
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    shop.delete(["a"])
    shop.close()
    bring_in(RED, BLUE)
    assert stored(tmp_path).colors == ["navy"]


@pytest.mark.parametrize(
    ("attribute", "values", "error"),
    [
        ("price", ["1"], NoSuchAttribute),
        ("seen", [], NoSuchAttribute),
        ("color", ["nimbus"], NoSuchValue),
        ("pattern", ["plain", "striped"], NoSuchValue),
        ("category", [], NoSuchValue),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_trace(
    tmp_path: Path,
    bring_in: Callable[..., Outcome],
    attribute: str,
    values: list[str],
    error: type[Exception],
) -> None:
    bring_in(RED)
    corrections = Corrections(tmp_path / "shop")
    with pytest.raises(error):
        corrections.keep(stored(tmp_path), attribute, values)
    assert corrections.ids() == [] and corrections.of(["a"]) == {}
    corrections.close()


def test_who_was_killed_before_the_record_was_written_finds_it_right_after_the_next_import(
    tmp_path: Path, bring_in: Callable[..., Outcome]
) -> None:
    bring_in(RED)
    corrections = Corrections(tmp_path / "shop")
    corrections.keep(stored(tmp_path), "color", ["navy"])
    corrections.close()
    assert stored(tmp_path).colors == ["red"]
    bring_in(RED)
    assert stored(tmp_path).colors == ["navy"]


def test_doing_it_twice_is_doing_it_once(tmp_path: Path, bring_in: Callable[..., Outcome]) -> None:
    bring_in(RED)
    put_right(tmp_path, "sleeve")
    once = put_right(tmp_path, "color", "navy", "navy")
    corrections = Corrections(tmp_path / "shop")
    made = corrections.of(["a"])["a"]
    corrections.close()
    assert once.colors == ["navy"] and corrected(once, made) == once
    assert take_back(tmp_path, "length") == once  # which nobody corrected
