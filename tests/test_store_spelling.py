"""Misspelt words: put right where they sound or look like one that is known, left alone where they are words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.spelling import Spelling, slips
from store.words import plain, put_right, trade_spelling, trade_words

SPELLING = Spelling([*trade_words(), "windbreaker", "冲锋衣", "乐福鞋"])


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("格子围斤", "格子围巾"), ("黑色皮夹可", "黑色皮夹克"), ("双间包", "双肩包"),
        ("高根鞋", "高跟鞋"), ("连衣群", "连衣裙"), ("粉色开杉", "粉色开衫"), ("冲峰衣", "冲锋衣"),
        ("乐服鞋", "乐福鞋"), ("米色风依", "米色风衣"), ("小白写", "小白鞋"),
    ],
)  # fmt: skip
def test_a_character_that_sounds_like_the_right_one_is_put_right(said: str, meant: str) -> None:
    assert put_right(said, SPELLING) == meant


@pytest.mark.parametrize(
    "text",
    ["大一点的", "大一新生开学穿", "白鞋", "宝宝的书包", "皮肤白穿什么", "手表", "电饭煲", "不要太闷",
     "我想给妈妈买件毛衣", "薄点的", "冬天去北海道旅游", "第一次见家长", "参加音乐会", "适合小个子的", "同款换个颜色",
     "镇店之宝"],
)  # fmt: skip
def test_words_that_are_words_stay(text: str) -> None:
    assert put_right(text, SPELLING) == text


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("florl", "floral"), ("cardigen", "cardigan"), ("windbraker", "windbreaker"), ("sneekers", "sneakers"),
        ("lofers", "loafers"), ("niuzaiku", "牛仔裤"), ("lianyiqun", "连衣裙"),
        ("laptop", None), ("headphones", None), ("sofa", None), ("umbrella", None), ("leather", None),
    ],
)  # fmt: skip
def test_letters_a_slip_away_and_pinyin(said: str, meant: str | None) -> None:
    assert SPELLING.latin(said) == meant


@given(st.text(alphabet="连衣裙鞋包大小红黑的不要a b", max_size=12))
def test_putting_right_keeps_the_length_and_is_done_once(text: str) -> None:
    once = put_right(plain(text), trade_spelling())
    assert len(once) == len(plain(text))
    assert put_right(once, trade_spelling()) == once


@given(st.text("abc", max_size=5), st.text("abc", max_size=5))
def test_slips_are_a_measure(a: str, b: str) -> None:
    assert slips(a, b, 9) == slips(b, a, 9)
    assert (slips(a, b, 9) == 0) == (a == b)
