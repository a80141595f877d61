"""What questions ask, in both languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perception.questions import parse


@pytest.mark.parametrize(
    ("question", "attribute", "value", "kind"),
    [
        ("What colour is it?", "color", None, "what"),
        ("what color is this dress", "color", None, "what"),
        ("这件是什么颜色的?", "color", None, "what"),
        ("這件是什麼顏色?", "color", None, "what"),
        ("Is it red?", "color", "red", "is"),
        ("是红色的吗", "color", "red", "is"),
        ("这条裙子是不是深蓝色", "color", "navy", "is"),
        ("is this dress navy blue?", "color", "navy", "is"),
        ("Is it striped?", "pattern", "striped", "is"),
        ("这是条纹的吗？", "pattern", "striped", "is"),
        ("what pattern does it have", "pattern", None, "what"),
        ("上面是什么图案", "pattern", None, "what"),
        ("does it have long sleeves?", "sleeve", "long", "is"),
        ("Are the sleeves long?", "sleeve", "long", "is"),
        ("是长袖吗", "sleeve", "long", "is"),
        ("袖子是长的吗", "sleeve", "long", "is"),
        ("what is the sleeve length?", "sleeve", None, "what"),
        ("袖子多长", "sleeve", None, "what"),
        ("what kind of neckline is that?", "neckline", None, "what"),
        ("是圆领吗", "neckline", "crew", "is"),
        ("is it a V-neck?", "neckline", "vneck", "is"),
        ("Does it have a hood?", "neckline", "hooded", "is"),
        ("有没有帽子?", "neckline", "hooded", "is"),
        ("What is it made of?", "material", None, "what"),
        ("这是什么面料", "material", None, "what"),
        ("is it denim", "material", "denim", "is"),
        ("是真皮的吗", "material", "leather", "is"),
        ("What is this?", "category", None, "what"),
        ("这是什么衣服?", "category", None, "what"),
        ("Is this a skirt?", "category", "skirt", "is"),
        ("这是外套吗", "category", "outwear", "is"),
        ("How many items are there?", "count", None, "count"),
        ("图里有几件衣服", "count", None, "count"),
        ("What does it say on the front?", "text", None, "read"),
        ("上面写的什么?", "text", None, "read"),
        ("what's written on it", "text", None, "read"),
        ("what brand is it", "brand", None, "read"),
        ("这是什么牌子的", "brand", None, "read"),
        ("How much does it cost?", "price", None, "unseen"),
        ("多少钱", "price", None, "unseen"),
        ("can it be machine washed?", "care", None, "unseen"),
        ("Does it have pockets?", "detail", None, "detail"),
        ("有口袋吗", "detail", None, "detail"),
        ("Can I wear it in winter?", "season", "winter", "is"),
        ("适合冬天穿吗", "season", "winter", "is"),
        ("is it ok for an interview?", "occasion", "interview", "is"),
        ("适合上班穿吗", "occasion", "work", "is"),
        ("describe this photo", "describe", None, "describe"),
        ("描述一下这张照片", "describe", None, "describe"),
        ("how long is the dress?", "length", None, "what"),
        ("", None, None, "unknown"),
        ("🤔", None, None, "unknown"),
    ],
)
def test_reads_questions(question: str, attribute: str | None, value: str | None, kind: str) -> None:
    asked = parse(question)
    assert (asked.attribute, asked.value, asked.kind) == (attribute, value, kind)


@pytest.mark.parametrize(
    ("question", "values"),
    [("Is it black or navy?", ("black", "navy")), ("是黑色还是藏青色?", ("black", "navy"))],
)
def test_reads_a_choice(question: str, values: tuple[str, ...]) -> None:
    asked = parse(question)
    assert asked.kind == "which" and asked.attribute == "color" and asked.values == values


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=600))
def test_any_text_is_read(text: str) -> None:
    parse(text)
