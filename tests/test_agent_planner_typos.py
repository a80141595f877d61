"""Misspelt words are put right, words are left alone."""

import json
from pathlib import Path

import pytest

from agent.planner import typos
from agent.planner.lexicon import Lexicon
from agent.planner.text import clean

HELD = Path(__file__).parent / "data" / "utterances_held.jsonl"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("teh frist one in balck", "the first one in black"),
        ("shwo my crat", "show my cart"),
        ("swaeters for mne", "sweater for men"),
        ("ok, ad it in m", "ok, add it in m"),
        ("第二见多少前", "第二件多少钱"),
        ("100一下的库子", "100以下的裤子"),
        ("可以退或吗", "可以退货吗"),
        ("L马加到购勿车", "l码加到购物车"),
    ],
)
def test_slips_are_put_right(written: str, meant: str) -> None:
    assert Lexicon().spell(clean(written)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "my parcel got lost", "a form for customs", "is it from paris", "i won a voucher", "was that silk",
        "我们明天见面", "试一下这件", "别发火", "我弟一件都没有", "看一下黑色的",
    ],
)  # fmt: skip
def test_words_are_left_alone(text: str) -> None:
    assert Lexicon().spell(clean(text)) == clean(text)


def test_hardly_a_word_of_what_people_wrote_is_touched_by_swapping_letters() -> None:
    lexicon = Lexicon()
    words = {
        w
        for line in HELD.read_text(encoding="utf-8").splitlines()
        for w in clean(json.loads(line)["text"]).split()
        if w.isalpha() and w.isascii()
    }
    changed = {w for w in words if lexicon.spell(w) != w}
    assert len(words) > 1000 and len(changed) < len(words) // 50
    assert typos.fix("lost", frozenset(), frozenset()) == "lost"
