"""Advice on sizes: charts of every make, measures, sizes worn elsewhere; no size is named that is not there."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.types import Money, Product, Size, Text
from tools.results import SizeAdvice
from tools.sizing import chart
from tools.sizing.advice import Shopper, advise
from tools.sizing.systems import Worn, foot_of, match

TOPS = {"S": {"chest": 84.0}, "M": {"chest": 88.0}, "L": {"chest": 94.0}, "XL": {"chest": 100.0}}


def product(
    sizes: dict[str, int] | None = None,
    size_chart: dict[str, dict[str, float]] | None = None,
    *,
    category: str = "t-shirt",
    gender: str | None = "women",
    title: str = "Plain top",
    told: str = "",
    age: str | None = "adult",
) -> Product:
    return Product(
        id="X1",
        title=Text(en=title, zh="素色上衣"),
        description=Text(en=told),
        category=category,
        gender=gender,
        age_group=age,
        price=Money(amount=Decimal("20"), currency="USD"),
        sizes=[Size(size=s, quantity=n) for s, n in (sizes or {}).items()],
        size_chart=TOPS if size_chart is None else size_chart,
    )


ALL = {"S": 3, "M": 3, "L": 3, "XL": 3}


def told(advice: SizeAdvice) -> str:
    return " ".join([*advice.text, advice.want])


@pytest.mark.parametrize(
    ("keys", "values", "body"),
    [
        (("Chest (in)", "Waist (in)"), (34, 28), (86.36, 71.12)),  # inches by the word
        (("bust", "waist"), (34, 28), (86.36, 71.12)),  # and by what a person can be
        (("胸围", "腰围cm"), (86, 71), (86, 71)),
        (("garment_chest", "garment waist"), (98, 80), (90, 70)),  # the room of a T-shirt comes off
        (("pit to pit", "腰宽"), (49, 40), (90, 70)),  # flat: twice that around
    ],
)
def test_a_chart_is_read_as_the_body_that_each_size_is_for(
    keys: tuple[str, str], values: tuple[float, float], body: tuple[float, float]
) -> None:
    made = {"M": dict(zip(keys, map(float, values), strict=True))}
    made["L"] = {k: v * 1.05 for k, v in made["M"].items()}
    read = chart.columns(made)
    found = [read[n].body(chart.room(n, "t-shirt")).rows[0][1] for n in ("chest", "waist")]
    assert found == pytest.approx(body)


def test_lengths_of_the_garment_beside_it_make_a_chest_the_garments() -> None:
    made = {"M": {"胸围": 100.0, "衣长": 66.0}, "L": {"胸围": 104.0, "衣长": 68.0}}
    assert chart.columns(made)["chest"].garment
    advice = advise(product({"M": 2, "L": 2}, made), Shopper({"chest": 92}), "zh")
    assert advice.size == "M" and "衣服本身" in told(advice)


def test_small_figures_of_children_are_no_inches() -> None:
    made = {"90": {"height": 90.0, "chest": 52.0}, "100": {"height": 100.0, "chest": 54.0}}
    assert chart.columns(made)["chest"].rows[0][1] == 52
    kid = product({"90": 1, "100": 1}, made, age="kids", gender="unisex")
    assert advise(kid, Shopper({"height": 99}), "en").size == "100"
    assert (
        advise(kid, Shopper({"height": 99, "age": 2}), "en").size == "100"
    )  # of the age there is no column here


def test_a_shirt_goes_by_height_and_weight_before_the_waist() -> None:
    made = {
        "S": {"chest": 92.0, "waist": 78.0},
        "M": {"chest": 98.0, "waist": 84.0},
        "L": {"chest": 104.0, "waist": 90.0},
    }
    shirt = product({"S": 1, "M": 1, "L": 1}, made, gender="men")
    assert advise(shirt, Shopper({"waist": 90}), "en").size == "L"
    assert advise(shirt, Shopper({"waist": 90}), "en").sure == "low"
    assert advise(shirt, Shopper({"waist": 90, "height": 178, "weight": 75}), "en").by == ["guessed"]


@pytest.mark.parametrize(
    ("measures", "size", "sure"),
    [
        ({"chest": 93}, "L", "high"),
        ({"chest": 88}, "M", "high"),
        ({"chest": 90}, "M", "medium"),
        ({"chest": 86}, "M", "low"),
        ({"height": 168, "weight": 60}, "M", "low"),
        ({"chest": 93, "height": 150, "weight": 80}, "L", "high"),  # the tape beats the guess
    ],
)
def test_a_size_comes_with_how_sure_it_is(measures: dict[str, float], size: str, sure: str) -> None:
    advice = advise(product(ALL), Shopper(measures), "en")
    assert (advice.size, advice.sure) == (size, sure)
    assert advice.in_stock and f"{size} is in stock" in told(advice)


def test_height_and_weight_are_a_rough_guide_that_asks_for_the_measure() -> None:
    advice = advise(product(ALL), Shopper({"height": 168, "weight": 60}), "en")
    assert advice.by == ["guessed"] and advice.wants[0] == "chest" and advice.confidence < 0.5
    assert "rough guide" in told(advice) and "Tell me the chest" in advice.want
    assert advise(product(ALL), Shopper({"height": 168}), "en").size is None
    assert (
        advise(product(ALL), Shopper({"height": 168, "weight": 200}), "en").size is None
    )  # no such proportion


def test_between_two_the_cut_and_the_wish_decide() -> None:
    who = Shopper({"chest": 91.0})
    assert advise(product(ALL), who, "en").between == ["M", "L"]
    assert advise(product(ALL), who, "en").size == "L"
    assert advise(product(ALL, title="Oversized top"), who, "en").size == "M"
    assert advise(product(ALL, told="It runs small."), who, "en").size == "L"
    assert advise(product(ALL, title="Oversized top", told="It runs small."), who, "en").size == "L"
    assert (
        advise(product(ALL, told="It doesn't run small."), who, "en").text
        == advise(product(ALL), who, "en").text
    )
    assert advise(product(ALL), Shopper({"chest": 91.0}, wish="tight"), "en").size == "M"


def test_a_size_that_is_gone_or_not_sold_says_so_and_names_the_nearest() -> None:
    gone = advise(product({**ALL, "L": 0}), Shopper({"chest": 93}), "en")
    assert (gone.size, gone.in_stock, gone.nearest) == ("L", False, "XL")
    assert "L is sold out right now. The nearest in stock is XL" in told(gone)
    out = advise(product(dict.fromkeys(ALL, 0)), Shopper({"chest": 93}), "en")
    assert out.nearest is None and "so are its other sizes" in told(out)
    beyond = advise(product(ALL), Shopper({"chest": 130}), "en")
    assert beyond.size is None and "beyond the largest size" in told(beyond)


def test_a_size_that_was_asked_about_is_answered() -> None:
    who = {"chest": 93.0}
    assert "L is the right one" in told(advise(product(ALL), Shopper(who, asked="l"), "en"))
    assert "S would be tight" in told(advise(product(ALL), Shopper(who, asked="S"), "en"))
    assert "doesn't come in 3XL" in told(advise(product(ALL), Shopper(who, asked="3XL"), "en"))


def test_what_is_worn_elsewhere_is_a_start_and_a_check() -> None:
    alone = advise(product(ALL), Shopper(worn=[Worn("M", at="Uniqlo")]), "en")
    assert (alone.size, alone.sure, alone.by) == ("M", "medium", ["worn"]) and "at Uniqlo" in told(alone)
    agreed = advise(product(ALL), Shopper({"chest": 86.0}, [Worn("M")]), "en")
    assert (
        agreed.size == "M"
        and agreed.confidence > advise(product(ALL), Shopper({"chest": 86.0}), "en").confidence
    )
    apart = advise(product(ALL), Shopper({"chest": 93.0}, [Worn("S")]), "en")
    assert apart.size == "L" and "trust the tape" in told(apart)
    bare = advise(product(ALL, {}), Shopper(worn=[Worn("M")]), "en")
    assert bare.size == "M" and bare.sure == "low" and "no size chart" in told(bare)


SHOES = {str(eu): {"foot_length": round(eu / 1.5 - 1.5, 1)} for eu in range(36, 43)}


@pytest.mark.parametrize(
    ("worn", "gender", "size"),
    [
        (Worn("6", "uk"), "women", "39"),
        (Worn("39", "eu"), "women", "39"),
        (Worn("24.5", "cm"), "women", "39"),
        (Worn("245", "cn"), "women", "39"),
        (Worn("8", "us"), "women", "39"),
        (Worn("8", "uk"), "men", "42"),
        (Worn("9", "us"), "men", "42"),
        (Worn("6", "uk"), "unisex", "39"),
    ],
)
def test_a_shoe_is_the_same_foot_in_every_system(worn: Worn, gender: str, size: str) -> None:
    shoe = product(dict.fromkeys(SHOES, 2), SHOES, category="sneakers", gender=gender)
    advice = advise(shoe, Shopper(worn=[worn]), "zh")
    assert advice.size == size and size in told(advice)


def test_numbers_of_a_shop_are_told_apart_by_what_they_can_be() -> None:
    found = match(Worn("39", "eu"), ["5", "6", "7"], True, "women", "GBP")
    assert found is not None and found.size == "6"
    assert match(Worn("M"), ["26", "27", "28", "29", "30"], False, "women", "USD").size == "29"  # type: ignore[union-attr]
    assert match(Worn("38", "eu"), ["S", "M", "L"], False, "women", "USD").size == "M"  # type: ignore[union-attr]
    assert match(Worn("42", of="shoes"), ["S", "M", "L"], False, "men", "USD") is None
    assert match(Worn("banana"), ["S", "M"], False, None, "EUR") is None
    assert foot_of(Worn("99", "eu"), "men") is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_goods_without_sizes_or_charts_are_answered_honestly(lang: str) -> None:
    lamp = product({}, {}, category="lamp", gender=None, title="Desk lamp")
    advice = advise(lamp, Shopper({"chest": 92}), lang)
    assert advice.size is None and told(advice)
    hat = product({"one size": 4}, {"one size": {"head": 58.0}}, category="hat")
    assert advise(hat, Shopper({"head": 61}), lang).sure == "low"
    assert advise(hat, Shopper(), lang).size == "one size"
    bare = advise(product(ALL, {}), Shopper({"chest": 92}), lang)
    assert bare.size is None and bare.wants == ["worn"] and told(bare)
    nothing = advise(product(ALL), Shopper(), lang)
    assert nothing.size is None and not nothing.text and nothing.wants == ["chest"]


figures = st.floats(min_value=20, max_value=220, allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(
    stock=st.dictionaries(
        st.sampled_from(["XS", "S", "M", "L", "XL", "38", "40", "one size"]), st.integers(0, 3)
    ),
    made=st.dictionaries(
        st.sampled_from(["S", "M", "L", "38", "7"]),
        st.dictionaries(
            st.sampled_from(["chest", "waist", "hip", "foot_length", "Bust (in)", "衣长", "height", "x"]),
            figures,
        ),
    ),
    measures=st.dictionaries(
        st.sampled_from(["height", "weight", "chest", "waist", "hip", "foot", "age"]), figures
    ),
    worn=st.lists(
        st.builds(
            Worn,
            st.sampled_from(["M", "39", "8", "24.5", "?"]),
            st.sampled_from(["", "eu", "uk", "us", "cm"]),
        ),
        max_size=2,
    ),
    category=st.sampled_from(["t-shirt", "dress", "jeans", "sneakers", "hat", "lamp"]),
    lang=st.sampled_from(["zh", "en"]),
)
def test_no_size_is_named_that_is_not_there_without_saying_so(
    stock: dict[str, int],
    made: dict[str, dict[str, float]],
    measures: dict[str, float],
    worn: list[Worn],
    category: str,
    lang: str,
) -> None:
    goods = product(stock, made, category=category, gender=None)
    advice = advise(goods, Shopper(measures, worn, wish="loose"), lang)
    inside = goods.sizes_in_stock()
    if advice.size is not None:
        assert advice.size in ([s.size for s in goods.sizes] or goods.size_chart)
        assert advice.in_stock == (advice.size in inside) or not goods.sizes
        assert 0 <= advice.confidence <= 1 and advice.sure != "none"
        assert advice.in_stock or len(goods.sizes) == 1 or advice.nearest in (*inside, None)
        if not advice.in_stock and len(goods.sizes) > 1:
            assert any(word in told(advice) for word in ("sold out", "isn't sold", "缺货", "没有卖"))
    else:
        assert advice.sure == "none"
