"""Bytes as text: every encoding that shops write, a line that never ends, bytes that are no text."""

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from store.errors import FeedError
from store.feeds.source import BAD, LONGEST, Source, detect
from tests.feeds import read_feed, table

ZH = "红色连衣裙，纯棉面料，夏季新款"
FR = "Robe d'été à fleurs, légère et élégante"


@pytest.mark.parametrize(
    ("text", "written", "told"),
    [
        (ZH, "utf-8", "utf-8"),
        (ZH, "utf-8-sig", "utf-8-sig"),
        (ZH, "utf-16", "utf-16"),
        (ZH + " red dress 15.00", "utf-16-le", "utf-16-le"),
        (ZH + " red dress 15.00", "utf-16-be", "utf-16-be"),
        (ZH, "gbk", "gb18030"),
        (ZH + "㐀𠀀", "gb18030", "gb18030"),
        (FR, "latin-1", "cp1252"),
        (FR + " – 10 €", "cp1252", "cp1252"),
        (FR, "utf-8", "utf-8"),
        ("plain", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_told_and_the_text_read(tmp_path: Path, text: str, written: str, told: str) -> None:
    rows = [{"id": "1", "title": text, "price": "5"}]
    for name, data in (("a.csv", table(rows).encode(written)), ("b.csv", b"")):
        (tmp_path / name).write_bytes(data)
    source = Source(tmp_path / "a.csv")
    assert source.encoding == told
    [p] = read_feed(tmp_path / "a.csv").products
    assert text in (p.title.zh, p.title.en)


def test_a_late_first_character_is_found(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"id,title,price\n" + b"1,x,5\n" * 50_000 + f"2,{ZH},5\n".encode("gbk"))
    assert Source(file).encoding == "gb18030"


def test_bytes_that_are_no_text_refuse_their_row_alone(tmp_path: Path) -> None:
    good = [{"id": str(n), "title": f"{ZH} {n}", "price": "5"} for n in range(5)]
    data = table(good).encode("utf-8").splitlines(keepends=True)
    file = tmp_path / "a.csv"
    file.write_bytes(b"".join([*data[:3], "bad,裙子,5\n".encode("gbk"), *data[3:]]))
    read = read_feed(file)
    assert len(read.products) == 5
    assert [(p.line, p.code, p.field) for p in read.refused] == [(4, "bad_encoding", "title")]


def test_an_endless_line_is_refused_and_read_past(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    with file.open("w") as out:
        out.write("id,title,price\n1,Dress,5\n2,")
        for _ in range(6):
            out.write("x" * (LONGEST // 3))
        out.write(",5\n3,Skirt,6\n")
    read = read_feed(file)
    assert [p.id for p in read.products] == ["1", "3"]
    assert [(p.line, p.code) for p in read.refused] == [(3, "line_too_long")]


def test_a_zipped_feed_is_read_and_one_that_was_cut_off_told(tmp_path: Path) -> None:
    packed = gzip.compress(
        ("id,title,price\n" + "".join(f"{n},Dress {n},5 USD\n" for n in range(3000))).encode()
    )
    (tmp_path / "a.csv.gz").write_bytes(packed)
    assert len(read_feed(tmp_path / "a.csv.gz").products) == 3000
    (tmp_path / "b.csv.gz").write_bytes(packed[: len(packed) // 2])
    read = read_feed(tmp_path / "b.csv.gz")
    assert 0 < len(read.products) < 3000
    assert (read.state.finished, read.warnings[-1].code) == (False, "page_unreadable")


def test_what_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id")
    for path, encoding in ((tmp_path / "none.csv", None), (tmp_path / "a.csv", "klingon")):
        with pytest.raises(FeedError):
            Source(path, encoding)


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_that_reads_them(data: bytes) -> None:
    name = detect(io.BytesIO(data))
    text = data.decode(name, "daogou.mark")
    assert isinstance(text, str)
    assert BAD not in data.decode("utf-8", "ignore")


@given(st.text(alphabet=st.characters(codec="gb2312", min_codepoint=0x4E00), min_size=8, max_size=60))
def test_chinese_in_gbk_is_told(text: str) -> None:
    data = f"id,{text},5".encode("gbk")
    assume(BAD in data.decode("utf-8", "daogou.mark"))  # 一一一 is as good UTF-8 as it is GBK
    assert detect(io.BytesIO(data)) == "gb18030"
