"""Carts: stock is the limit, a refused change changes nothing, a restart forgets nothing."""

from decimal import Decimal
from pathlib import Path

import pytest

from store.carts import Carts, Line
from store.errors import (
    CartChanged,
    CartError,
    NeedSize,
    NotInCart,
    OutOfStock,
    ProductNotFound,
    SizeUnknown,
    TooMany,
)
from store.tables import Where
from store.types import Money, Size, Variant
from tests.store_samples import SHOP

RECORDS = {p.id: p for p in SHOP}


@pytest.fixture
def carts(where: Where) -> Carts:
    return Carts(where, RECORDS.get)


def test_adding_adds_up(carts: Carts) -> None:
    carts.add("anna", "d-red", "m")
    carts.add("anna", "g-tote")
    assert carts.add("anna", "d-red", "M", 2) == Line("d-red", "M", 3)
    assert carts.lines("anna") == [Line("d-red", "M", 3), Line("g-tote", None, 1)]
    assert carts.lines("ben") == []


@pytest.mark.parametrize(
    ("product", "size", "quantity", "error"),
    [
        ("d-red", None, 1, NeedSize),
        ("d-red", "XXL", 1, SizeUnknown),
        ("d-red", "L", 1, OutOfStock),
        ("d-blue", "M", 1, OutOfStock),
        ("d-red", "M", 4, TooMany),
        ("nope", None, 1, ProductNotFound),
        ("g-tote", None, 21, TooMany),
        ("d-red", "M", 0, ValueError),
        ("d-red", "M", -3, ValueError),
    ],
)
def test_what_cannot_be_bought_is_refused(
    carts: Carts, product: str, size: str | None, quantity: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        carts.add("anna", product, size, quantity)
    assert carts.lines("anna") == []


def test_the_stock_is_the_limit_over_several_additions(carts: Carts) -> None:
    carts.add("anna", "d-red", "M", 3)
    with pytest.raises(TooMany) as refused:
        carts.add("anna", "d-red", "M")
    assert refused.value.left == 3
    with pytest.raises(TooMany):
        carts.change("anna", "d-red", quantity=4)
    assert carts.lines("anna") == [Line("d-red", "M", 3)]


def test_a_single_size_needs_no_question(carts: Carts) -> None:
    assert carts.add("anna", "d-black").size == "M"


def test_a_refusal_offers_what_there_is(carts: Carts) -> None:
    with pytest.raises(CartError) as refused:
        carts.add("anna", "d-red", "L")
    assert refused.value.choices == ["S", "M"]


def test_changing(carts: Carts) -> None:
    carts.add("anna", "d-red", "S")
    assert carts.change("anna", "d-red", quantity=2) == Line("d-red", "S", 2)
    assert carts.resize("anna", "d-red", None, "M") == Line("d-red", "M", 2)
    with pytest.raises(OutOfStock):
        carts.resize("anna", "d-red", "M", "L")
    assert carts.lines("anna") == [Line("d-red", "M", 2)]
    assert carts.change("anna", "d-red", quantity=0) is None
    with pytest.raises(NotInCart):
        carts.change("anna", "d-red", quantity=1)


def test_which_line_is_meant_is_asked_when_unclear(carts: Carts) -> None:
    carts.add("anna", "d-red", "S")
    carts.add("anna", "d-red", "M")
    with pytest.raises(NeedSize):
        carts.change("anna", "d-red", quantity=2)
    carts.remove("anna", "d-red", "s")
    assert carts.lines("anna") == [Line("d-red", "M", 1)]


def test_removing_and_clearing(carts: Carts) -> None:
    carts.add("anna", "d-red", "S")
    carts.add("anna", "d-red", "M")
    carts.add("anna", "g-tote")
    carts.remove("anna", "d-red")
    assert [line.product_id for line in carts.lines("anna")] == ["g-tote"]
    with pytest.raises(NotInCart):
        carts.remove("anna", "d-red")
    carts.clear("anna")
    assert carts.lines("anna") == []


def test_a_restart_forgets_nothing(where: Where) -> None:
    Carts(where, RECORDS.get).add("anna", "d-red", "M")
    assert Carts(where, RECORDS.get).lines("anna") == [Line("d-red", "M", 1)]


def test_names_are_only_names(carts: Carts) -> None:
    hostile = "x'; DROP TABLE lines; --"
    carts.add(hostile, "g-tote")
    assert carts.lines(hostile) == [Line("g-tote", None, 1)]


def test_a_size_that_nobody_has_counted_can_be_bought(tmp_path: Path) -> None:
    sizes = [Size(size="M"), Size(size="L", quantity=0)]
    uncounted = SHOP[0].model_copy(update={"sizes": sizes})
    carts = Carts(tmp_path, {uncounted.id: uncounted}.get)
    assert carts.add("anna", uncounted.id, "M", 5) == Line(uncounted.id, "M", 5)
    with pytest.raises(TooMany):
        carts.add("anna", uncounted.id, "M", 20)
    with pytest.raises(OutOfStock):
        carts.add("anna", uncounted.id, "L")
    assert uncounted.sizes_in_stock() == ["M"]


def test_a_variant_s_own_price_is_the_one_that_is_paid() -> None:
    variants = [Variant(id="a", size="M"), Variant(id="b", size="L", price=Money(amount=Decimal(70)))]
    product = SHOP[0].model_copy(update={"variants": variants})
    assert [product.price_of(size).amount for size in ("l", "M", "XL", None)] == [70, 59, 59, 59]


def test_a_cart_is_replaced_as_a_whole_or_not_at_all(carts: Carts) -> None:
    carts.add("anna", "d-red", "M")
    before = carts.lines("anna")
    wanted = [Line("g-tote", None, 1), Line("d-red", "m", 1), Line("d-red", "M", 2)]
    assert carts.replace("anna", wanted, before) == [Line("g-tote", None, 1), Line("d-red", "M", 3)]
    held = carts.lines("anna")
    for line, error in [(Line("d-red", "L", 1), OutOfStock), (Line("d-red", "M", 4), TooMany)]:
        with pytest.raises(error):
            carts.replace("anna", [line], held)
    with pytest.raises(CartChanged):  # decided on what it held then
        carts.replace("anna", [], before)
    assert carts.lines("anna") == held
    assert carts.replace("anna", [], held) == carts.lines("anna") == []


def test_what_lies_in_a_cart_may_stay_though_it_is_sold_out(tmp_path: Path) -> None:
    shop = dict(RECORDS)
    carts = Carts(tmp_path, shop.get)
    carts.add("anna", "d-red", "M", 2)
    shop["d-red"] = shop["d-red"].model_copy(update={"availability": "out_of_stock"})
    held = carts.lines("anna")
    assert carts.replace("anna", [Line("d-red", "M", 1)], held) == [Line("d-red", "M", 1)]
    with pytest.raises(OutOfStock):
        carts.replace("anna", [Line("d-red", "M", 2)], carts.lines("anna"))
