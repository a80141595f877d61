"""Words: segmentation, simplification, the vocabulary in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.words import concepts, content, plain, segment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("红裙子", {("color", "red"), ("category", "dress")}),
        ("藍色襯衫", {("color", "blue"), ("category", "shirt")}),
        ("navy-blue dress shirts", {("color", "navy"), ("category", "shirt")}),
        ("a leather jacket", {("category", "jacket"), ("material", "leather")}),
        ("小黑裙", {("category", "dress"), ("color", "black")}),
        ("面包和包邮", set()),
        ("womenfolk and datebooks", set()),
        ("WOMEN’S boots", {("gender", "women"), ("category", "boots")}),
    ],
)
def test_the_vocabulary_is_read_from_a_text(text: str, expected: set[tuple[str, str]]) -> None:
    assert {m for c in concepts(text) for m in c.meanings} == expected


def test_words_that_say_nothing_are_dropped() -> None:
    assert content("I want to buy a red dress, please, under 50 dollars") == ["red", "dress"]
    assert content("我想买一件红色的连衣裙")[0] == "红色"
    assert content("show me something nice") == []


def test_traditional_and_simplified_are_one() -> None:
    assert segment("連衣裙") == segment("连衣裙")
    assert plain("ＡＢＣ") == "abc"


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert len(content(text)) <= 32
    concepts(text)
    segment(text)


def test_a_lone_surrogate_and_a_novel_do_no_harm() -> None:
    assert "dress" in content("\ud800dress " * 20_000)
