"""What a camera puts into a photo is told from what stands on a garment."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception.labels import Lettering, Line
from perception.reading import is_stamp, unstamped

FORMATS = (
    "%d.%m.%Y%H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y:%m:%d %H:%M:%S", "%d/%m/%y", "%m-%d-%Y %I:%M %p", "%b %d, %Y",
    "%d %B %Y %H:%M", "%Y年%m月%d日 %H:%M", "%y.%m.%d", "%H:%M:%S", "%a %d %b %Y", "%Y-%m-%d %A %H:%M",
)  # fmt: skip


@given(st.datetimes(datetime(1985, 1, 1), datetime(2049, 12, 31)), st.sampled_from(FORMATS), st.booleans())
def test_a_date_or_a_time_is_a_stamp_however_it_is_written(when: datetime, form: str, spaced: bool) -> None:
    text = when.strftime(form)
    assert is_stamp(text if spaced else text.replace(" ", ""))
    assert not is_stamp(f"{text} VINTAGE CLUB") and not is_stamp(f"SINCE {text}")


@given(st.text("0123456789", min_size=1, max_size=12))
def test_a_number_alone_is_no_stamp(text: str) -> None:
    assert not is_stamp(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1998",
        "LEVI'S 501",
        "32/34/36",
        "23.10",
        "¥199",
        "98% COTTON",
        "SUN",
        "MAY",
        "12-14",
        "2:1",
        "周三",
    ],
)
def test_lettering_is_no_stamp(text: str) -> None:
    assert not is_stamp(text)


@given(
    st.lists(st.sampled_from(["21.11.2017 13:12", "2020/8/913:31", "NIKE", "JUST DO IT", "1985"]), max_size=6)
)
def test_only_stamps_are_left_out(texts: list[str]) -> None:
    read = Lettering(tuple(Line(t, 0.9, (0, 0, 1, 1)) for t in texts))
    assert [line.text for line in unstamped(read).lines] == [t for t in texts if not is_stamp(t)]
    assert unstamped(unstamped(read)) == unstamped(read)
