"""What the words of feeds mean: prices, stock, texts, dates, whoever wrote them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds import values
from store.feeds.record import Refused


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("15.00 USD", "15.00", "USD"), ("USD15", "15", "USD"), ("$1,299", "1299", "USD"), ("US$ 9.5", "9.5", "USD"),
        ("1.299,00 €", "1299.00", "EUR"), ("15,00", "15.00", None), ("1 299,00 kr", "1299.00", "SEK"),
        ("1’299.50 CHF", "1299.50", "CHF"), ("¥1,299", "1299", "CNY"), ("１５元", "15", "CNY"), ("RMB 88", "88", "CNY"),
        ("1,200 JPY", "1200", "JPY"), (30, "30", None), (30.5, "30.5", None), ("0,99 EUR", "0.99", "EUR"),
        ("150.000 ₫", "150000", "VND"), ("1.250.000 IDR", "1250000", "IDR"), ("0.990 USD", "0.990", "USD"),
        ("1.250 JPY", "1250", "JPY"), ("1 299 000 KRW", "1299000", "KRW"),
        ({"amount": "5", "currency": "gbp"}, "5", "GBP"), ("1.250 KWD", "1.250", "KWD"), ("₹ 1,23,456", None, None),
    ],
)  # fmt: skip
def test_prices_as_the_world_writes_them(written: Any, amount: str | None, currency: str | None) -> None:
    if amount is None:  # groups of two digits are not read as something else
        with pytest.raises(Refused):
            values.price(written)
    else:
        assert values.price(written) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("-5 USD", "negative_price"), ("USD -5", "negative_price"), (-1, "negative_price"), ("0", "zero_price"),
        ("0.00 USD", "zero_price"), ("", "no_price"), (None, "no_price"), ("free", "bad_price"),
        ("10-20 USD", "bad_price"),
        ("1e5", "bad_price"), ("NaN", "bad_price"), ("inf", "bad_price"), ("99999999 USD", "absurd_price"),
        ("9" * 400, "absurd_price"),
        ("5 XQX", "unknown_currency"), ("12.345 USD", "too_precise"),
        ("1.250 €", "too_precise"), ("12.500", "too_precise"), ("10 20 USD", "bad_price"), ("1 2999 USD", "bad_price"),
        ("100.5 JPY", "too_precise"), (True, "bad_price"),
        ([1], "bad_price"), ("1.2.3", "bad_price"), ({"amount": None}, "no_price"),
    ],
)  # fmt: skip
def test_what_is_no_price_is_told_why(written: Any, code: str) -> None:
    with pytest.raises(Refused) as refused:
        values.price(written)
    assert refused.value.code == code


def test_minor_units_and_the_shop_s_own_sign() -> None:
    assert values.price(1500, currency="USD", minor=True) == (Decimal("15"), "USD")
    assert values.price({"amount": 1500, "currency": "JPY"}, minor=True) == (Decimal("1500"), "JPY")
    assert values.price("15.00", currency="USD", minor=True) == (Decimal("15.00"), "USD")
    assert values.price("$5", shop="CAD")[1] == "CAD"
    assert values.price("¥500", shop="JPY")[1] == "JPY"
    assert values.price("50000000 VND")[1] == "VND"  # a thousand dollars or two


@given(st.one_of(st.text(max_size=30), st.floats(), st.integers()))
def test_any_price_is_a_positive_amount_or_refused(written: Any) -> None:
    try:
        amount, currency = values.price(written)
    except Refused:
        return
    assert amount > 0 and (currency is None or currency in values.currencies())


@given(st.decimals(min_value=1, max_value=999_999, places=2), st.sampled_from(["USD", "EUR", "CNY"]))
def test_a_price_comes_back_however_its_digits_are_grouped(amount: Decimal, code: str) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    spaced = english.replace(",", "\u00a0")
    for written in (english, german, spaced):
        assert values.price(f"{written} {code}") == (amount, code)


@pytest.mark.parametrize(
    ("html", "plain"),
    [
        ("<p>Soft&nbsp;cotton</p><script>alert(1)</script><ul><li>a<li>b</ul>", "Soft cotton\na\nb"),
        ("<SCRIPT\n>x()</SCRIPT >ok<style>p{}</style>", "ok"),
        ("&lt;p&gt;twice&lt;/p&gt;", "twice"),
        ("a < b & c", "a < b & c"),
        ("<script>never closed", ""),
        ("<b>bold<i>both</b>", "boldboth"),
        ("<img src=x onerror=alert(1)>seen", "seen"),
        ("<svg><text>no</text></svg>yes", "yes"),
        ("<!-- hidden -->shown", "shown"),
        ("<![CDATA[kept]]> more", "more"),
    ],
)
def test_texts_lose_their_markup(html: str, plain: str) -> None:
    assert values.text(html) == plain


@given(st.text(alphabet=st.sampled_from('<>/!-[]&;#x3scriptp a\n"'), max_size=80))
def test_any_markup_becomes_text(html: str) -> None:
    assert "<script" not in values.text(html)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("in stock", "in_stock"), ("In_Stock", "in_stock"), ("https://schema.org/OutOfStock", "out_of_stock"),
     ("有货", "in_stock"),
     ("limited_stock", "in_stock"), ("discontinued", "out_of_stock"), ("PreOrder", "preorder"),
     (True, "in_stock"), ("", None), (None, None)],
)  # fmt: skip
def test_stock(written: Any, meant: str | None) -> None:
    assert values.availability(written) == meant


def test_stock_that_nobody_knows() -> None:
    with pytest.raises(Refused, match="bad_availability"):
        values.availability("maybe")


def test_a_sale_holds_within_its_dates() -> None:
    assert values.on_sale_now("2000-01-01T00:00+0800/2999-01-01T00:00+0800")
    assert not values.on_sale_now("2000-01-01/2001-01-01")
    assert not values.on_sale_now("2999-01-01T00:00Z/2999-02-01T00:00Z")
    assert values.on_sale_now("") and values.on_sale_now("soon/later")


def test_a_text_stands_under_its_language() -> None:
    assert values.bilingual({"title": "红色 dress"}, "title") == {"zh": "红色 dress", "en": ""}
    assert values.bilingual({"title": "Dress", "title_zh": "裙"}, "title") == {"zh": "裙", "en": "Dress"}
    assert values.bilingual({"title": {"zh": "裙", "en": "<b>Dress</b>"}}, "title") == {
        "zh": "裙",
        "en": "Dress",
    }


@pytest.mark.parametrize("said", ["−5 USD", "(5.00) USD", "USD (5,00)", "– 5 USD", "－5 USD"])
def test_a_price_below_nothing_is_told_however_it_is_written(said: str) -> None:
    with pytest.raises(Refused) as refused:
        values.price(said)
    assert refused.value.code == "negative_price"
