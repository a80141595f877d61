"""A large model's words become answers of ours, or none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perception import replies
from perception.questions import parse
from perception.wording import HAN


@pytest.mark.parametrize(
    ("question", "said", "value"),
    [
        ("what colour is it?", "Navy blue and white.", ["navy", "white"]),
        ("这是什么颜色?", "藏青色", ["navy"]),
        ("what pattern is it?", "stripes", "striped"),
        ("what pattern is it?", "solid", "plain"),
        ("how long are the sleeves?", "long", "long"),
        ("袖子多长?", "短袖", "short"),
        ("what kind of neckline?", "a v-neck", "vneck"),
        ("what is it?", "It is a denim jacket.", "jacket"),
        ("is it a dress?", "yes", True),
        ("is it a dress?", "No, it is a skirt.", False),
        ("is it a dress?", "a dress", True),
        ("is it red?", "blue", False),
        ("is it red?", "notable", None),
        ("是红色的吗?", "不是，是蓝色", False),
        ("is it black or navy?", "navy", "navy"),
        ("how many garments are there?", "two", 2),
        ("how many garments are there?", "There are 3.", 3),
        ("有几件衣服?", "两件", None),
        ("有几件衣服?", "三件", 3),
        ("what colour is it?", "unsure", None),
        ("what colour is it?", "I cannot tell from this photo", None),
        ("这是什么颜色?", "不确定", None),
        ("what material is it?", "banana", None),
    ],
)
def test_reading(question: str, said: str, value: Any) -> None:
    asked = parse(question)
    found = replies.read(asked, said)
    assert found == value
    if found is not None:
        assert replies.fits(asked, found)


@pytest.mark.parametrize(
    "text",
    [
        "It costs $20.",
        "仅售99元",
        "A dress, 20% off",
        "打折的裙子",
        "in stock now",
        "see https://x.example",
        "a shirt for 30 dollars",
    ],
)
def test_what_no_picture_can_tell_is_not_let_through(text: str) -> None:
    assert replies.claims(text)
    assert replies.sentence(text) is None
    answer = replies.seen(parse("does it have pockets?"), None, text, 0.99, "en")
    assert answer.source == "unknown" and answer.value is None


@pytest.mark.parametrize(
    "text", ["A red dress on a bed.", "一件红色连衣裙。", "two shirts, 3 buttons each", "a 1950s dress"]
)
def test_what_a_picture_tells_is_let_through(text: str) -> None:
    assert replies.sentence(text)


def test_an_open_question_is_answered_in_the_model_s_words() -> None:
    answer = replies.seen(parse("does it have pockets?"), None, "two pockets on the chest", 0.8, "en")
    assert (answer.answer, answer.value, answer.source) == ("Two pockets on the chest.", None, "image")
    answer = replies.seen(parse("有口袋吗?"), None, "two pockets on the chest", 0.8, "zh")
    assert answer.answer == "看起来是：Two pockets on the chest."


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("what colour is it?", ["red", "white"]), ("what is it?", "hoodie"), ("is it a dress?", False),
        ("is it striped?", True), ("is it red?", False), ("what pattern is it?", "plain"), ("how many garments?", 2),
        ("what season is it for?", ["summer", "spring"]), ("does it have sleeves?", True),
        ("which fabric is it?", "corduroy"),
    ],
)  # fmt: skip
def test_every_kind_of_value_is_said(question: str, value: Any, lang: str) -> None:
    asked = parse(question)
    assert replies.fits(asked, value)
    answer = replies.seen(asked, value, "", 0.9, lang)
    assert answer.source == "image" and answer.value == value
    assert answer.answer and "{" not in answer.answer
    assert bool(HAN.search(answer.answer)) == (lang == "zh")


@given(
    st.text(max_size=400),
    st.sampled_from(["what colour is it?", "is it striped?", "how many?", "what is it?", "有口袋吗"]),
)
def test_no_reply_breaks_the_reading(text: str, question: str) -> None:
    asked = parse(question)
    value = replies.read(asked, text)
    assert value is None or replies.fits(asked, value)
    said = replies.sentence(text)
    assert said is None or (len(said) <= replies.LONGEST + 1 and not replies.claims(said))
    answer = replies.seen(asked, value, text, 0.9, "en")
    assert answer.source in ("image", "unknown") and len(answer.answer) < 2 * replies.LONGEST
