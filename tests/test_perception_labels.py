"""What is found in the lines of labels, tags and size charts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perception import labels
from perception.labels import Lettering, Line


def page(*rows: str | tuple[str, ...]) -> Lettering:
    """Rows below one another; the cells of a row side by side."""
    lines = []
    for i, row in enumerate(rows):
        cells = (row,) if isinstance(row, str) else row
        for j, cell in enumerate(cells):
            left = 0.05 + 0.9 * j / len(cells)
            lines.append(Line(cell, 0.9, (left, 0.08 * i, left + 0.8 / len(cells), 0.08 * i + 0.05)))
    return Lettering(tuple(lines))


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (page("98% COTTON 2% ELASTANE"), {"cotton": 98, "elastane": 2}),
        (page("98%COTTON2%ELASTANE"), {"cotton": 98, "elastane": 2}),
        (page("成分", "棉 65%", "聚酯纤维 35%"), {"cotton": 65, "polyester": 35}),
        (page("面料:100%桑蚕丝"), {"silk": 100}),
        (page("Shell: 60% wool", "40% acrylic"), {"wool": 60, "acrylic": 40}),
        (page("50% OFF"), {}),
        (page("MIAMI 1984"), {}),
    ],
)
def test_compositions(read: Lettering, found: dict[str, int]) -> None:
    assert labels.composition(read) == found


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (page("$39.90"), ["$39.90"]),
        (page("零售价：¥299"), ["¥299"]),
        (page("299元"), ["299元"]),
        (page("Price 45.00"), ["45.00"]),
        (page("SIZE M", "98% COTTON", "NEW YORK 1986"), []),
    ],
)
def test_prices(read: Lettering, found: list[str]) -> None:
    assert labels.prices(read) == found


@pytest.mark.parametrize(
    ("read", "found"),
    [
        (page("SIZE M"), ["M"]),
        (page("尺码：XL"), ["XL"]),
        (page("175/92A"), ["175/92A"]),
        (page("MIAMI"), []),
    ],
)
def test_sizes(read: Lettering, found: list[str]) -> None:
    assert labels.sizes(read) == found


def test_care_and_origin() -> None:
    read = page("Made in Portugal", "Machine wash 30", "Do not tumble dry", "LINEN CLUB")
    assert labels.origin(read) == "Portugal"
    assert labels.care(read) == ["Machine wash 30", "Do not tumble dry"]


CHART = {"S": {"chest": "88", "waist": "70"}, "M": {"chest": "92", "waist": "74"}}


@pytest.mark.parametrize(
    "read",
    [
        page(("尺码", "胸围", "腰围"), ("S", "88", "70"), ("M", "92", "74")),
        page(("Size", "Chest (cm)", "Waist"), ("S", "88", "70"), ("M", "92", "74")),
        page(("cm", "S", "M"), ("Chest", "88", "92"), ("Waist", "70", "74")),
        page("Size   Chest  Waist", "S      88     70", "M      92     74"),
    ],
)
def test_size_charts_either_way(read: Lettering) -> None:
    assert labels.chart(read) == CHART


def test_no_chart_in_a_slogan() -> None:
    assert labels.chart(page("GOOD VIBES", "M", "1988")) == {}


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_lines_are_read(texts: list[str]) -> None:
    read = page(*texts)
    found = labels.composition(read)
    assert all(0 < n <= 100 for n in found.values())
    for part in (labels.prices, labels.sizes, labels.care, labels.origin, labels.chart):
        part(read)
