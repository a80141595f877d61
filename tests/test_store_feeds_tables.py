"""Delimited text, however broken: a bad record is told with its line, the ones behind it are read."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.feeds.record import Refused
from store.feeds.source import Source
from store.feeds.tables import MOST_LINES, delimiter_of, records


def read(tmp_path: Path, text: str, delimiter: str = ",") -> list[tuple[int, dict[str, str] | str]]:
    file = tmp_path / "t.csv"
    file.write_text(text, encoding="utf-8")
    return [(r.line, r.refused.code if r.refused else r.cells) for r in records(Source(file), delimiter)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(delimiter: str) -> None:
    assert delimiter_of(f'\n"a{delimiter}; b"{delimiter}c{delimiter}d{delimiter}e\n1,2,3,4,5,6') == delimiter


def test_quotes_hold_delimiters_quotes_and_line_breaks(tmp_path: Path) -> None:
    text = 'Id,Image_Link,b\n1,"x, ""y""\nz",2\r\n\n3,24" screen,"4"\n'
    assert read(tmp_path, text) == [
        (2, {"id": "1", "image link": 'x, "y"\nz', "b": "2"}),
        (5, {"id": "3", "image link": '24" screen', "b": "4"}),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_line(tmp_path: Path) -> None:
    lines = "".join(f"{n},fine\n" for n in range(MOST_LINES + 20))
    found = read(tmp_path, f'id,b\nx,"open\n{lines}y,"open at the end\nz,fine\n')
    assert [(line, code) for line, code in found if isinstance(code, str)] == [
        (2, "open_quote"),
        (MOST_LINES + 23, "open_quote"),
    ]
    assert len(found) == MOST_LINES + 23


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1;2;3", "too_few_cells"),
        ("1", "too_few_cells"),
        ("1,2,3,4", "too_many_cells"),
        ("1\t2\t3", "too_few_cells"),
    ],
)
def test_another_delimiter_or_too_many_cells_are_refused(tmp_path: Path, row: str, code: str) -> None:
    assert read(tmp_path, f"a,b,c\n{row}\n4,5,6\n") == [(2, code), (3, {"a": "4", "b": "5", "c": "6"})]


def test_empty_cells_at_the_end_may_be_missing_or_more(tmp_path: Path) -> None:
    assert [cells for _, cells in read(tmp_path, "a,b,c\n1,2\n4,5,6,,\n")] == [
        {"a": "1", "b": "2"},
        {"a": "4", "b": "5", "c": "6"},
    ]


def test_a_table_without_a_line_has_no_header(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no_header"):
        read(tmp_path, "\n\n")


CELL = st.text(alphabet=st.sampled_from('ab,;"\n \t|é红'), max_size=8)


@given(st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_a_spreadsheet_writes_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    found = [cells for _, cells in read(tmp_path_factory.mktemp("t"), out.getvalue())]
    filled = [r for r in rows if "".join(r).strip(' \n\t,;|"')]
    assert [c for c in found if any(str(v) for v in dict(c).values())] == [  # type: ignore[arg-type]
        dict(zip("abc", (cell.strip() for cell in r), strict=True))
        for r in rows
        if any(cell.strip() for cell in r)
    ]
    assert len(found) >= len(filled)


@given(st.text(alphabet=st.sampled_from('ab,"\n'), max_size=40))
def test_any_text_is_read_to_its_end(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    found = read(tmp_path_factory.mktemp("t"), "a,b\n" + text)
    assert all(1 < line <= text.count("\n") + 2 for line, _ in found)
