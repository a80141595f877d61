"""Measures and sizes worn elsewhere, heard in both languages; and what the planner does with them in a conversation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.planner import measures, worn
from agent.planner.state import State
from tests.planner_talk import Talk


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("170cm 60kg, 胸围92", {"height": 170, "weight": 60, "chest": 92}),
        ("5'7 130 lb", {"height": 170.2, "weight": 59.0}),
        ("I'm 5'7 and 130", {"height": 170.2, "weight": 59.0}),
        ("5 ft 4 and weigh 130", {"height": 162.6, "weight": 59.0}),
        ("我168，56公斤", {"height": 168, "weight": 56}),
        ("165/50kg", {"height": 165, "weight": 50}),
        ("身高165体重110", {"height": 165, "weight": 55}),  # 斤, for a body that there is
        ("三围 88-66-92", {"chest": 88, "waist": 66, "hip": 92}),
        ("34-26-36", {"chest": 86.4, "waist": 66.0, "hip": 91.4}),
        ("bust 36, waist 28", {"chest": 91.4, "waist": 71.1}),
        ("腰围二尺一", {"waist": 70}),
        ("inseam 30", {"inseam": 76.2}),
        ("脚长24.5", {"foot": 24.5}),
        ("2-3 days", {}),
        ("under 80", {}),
        ("the second one", {}),
    ],
)
def test_measures_are_heard_in_every_unit(said: str, told: dict[str, float]) -> None:
    assert measures.read(said) == pytest.approx(told)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I'm M at another brand", {"size": "M", "at": "elsewhere"}),
        ("I usually wear a medium in Zara, what size should I get?", {"size": "M", "at": "Zara"}),
        ("i wear a UK 6 in shoes", {"size": "6", "system": "uk", "of": "shoes"}),
        ("EU 39", {"size": "39", "system": "eu"}),
        ("my jeans are 29", {"size": "29", "of": "bottoms"}),
        ("my usual size is L", {"size": "L"}),
        ("日常穿L码，这件买什么码", {"size": "L"}),
        ("在优衣库穿L", {"size": "L", "at": "优衣库"}),
        ("别家穿M码", {"size": "M", "at": "elsewhere"}),
        ("我平时穿39的鞋", {"size": "39", "of": "shoes"}),
        ("我女朋友穿38的鞋", {"size": "38", "of": "shoes"}),
        ("I take a US 10 in men's shoes", {"size": "10", "system": "us", "of": "shoes"}),
        ("平时穿UK 6", {"size": "6", "system": "uk"}),
        ("欧码39", {"size": "39", "system": "eu"}),
    ],
)
def test_a_size_worn_elsewhere_is_heard(said: str, told: dict[str, str]) -> None:
    assert worn.read(said) == [told]


@pytest.mark.parametrize(
    "said",
    ["add the M to my cart", "M or L?", "show me M", "I take 2 of them", "我买2件", "does it come in M?", "我要M码",
     "I weigh 60 kg", "I am 30 years old", "i'm 38", "is L right for me?", "第2双", "39码",
     "I'm in the US, do you ship to the UK in 5 days?"],
)  # fmt: skip
def test_what_is_no_size_of_theirs_is_left_alone(said: str) -> None:
    assert worn.read(said) == []


def test_a_size_of_the_chinese_standard_is_a_body() -> None:
    assert worn.body("165/88A") == {"height": 165, "chest": 88}
    assert worn.body("裤子165/70A") == {"height": 165, "waist": 70}


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert len(worn.read(text)) <= worn.MOST
    assert all(value > 0 for value in measures.read(text).values())


def asked(talk: Talk) -> dict[str, Any]:
    tool, args = talk.calls[0]
    assert tool == "advise_size"
    return args


def test_all_that_was_told_goes_into_the_advice_and_follows_to_the_next_one() -> None:
    talk = Talk(lang="en")
    talk.say("show me dresses")
    ids = [i["id"] for i in talk.artifacts[-1]["items"]]
    talk.say("I usually wear M at Zara, what size should I get of the first one?")
    assert asked(talk) == {"product": ids[0], "wears": [{"size": "M", "at": "Zara"}]}
    reply = talk.say("my bust is 88 and I like it loose")
    assert asked(talk)["measures"] == {"chest": 88} and asked(talk)["fit"] == "loose" and "88 cm" in reply
    talk.say("what about the second one?")
    assert asked(talk)["product"] == ids[1] and asked(talk)["measures"] == {"chest": 88}
    talk.say("is XL right for me?")
    assert asked(talk)["size"] == "XL"


def test_what_would_make_it_surer_is_asked_once_and_its_answer_used() -> None:
    talk = Talk(lang="zh")
    talk.say("看看连衣裙")
    assert "告诉我胸围" in talk.say("我168，56公斤，第一条穿什么码")
    assert "按胸围 88 厘米" in talk.say("88")
    assert asked(talk)["measures"] == {"height": 168, "weight": 56, "chest": 88}


@pytest.mark.parametrize(
    ("lang", "first", "compared", "purpose"),
    [
        ("en", "show me jackets", "compare the first two", "which is better in the rain?"),
        ("zh", "看看夹克", "比较一下前两件", "哪件更适合下雨天"),
    ],
)
def test_a_purpose_is_weighed_between_those_side_by_side(
    lang: str, first: str, compared: str, purpose: str
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    ids = [i["id"] for i in talk.artifacts[-1]["items"][:2]]
    talk.say(compared)
    reply = talk.say(purpose)
    tool, args = talk.calls[0]
    assert tool == "compare" and args["products"] == ids and args["purpose"]
    assert talk.artifacts[0]["verdict"] in reply


def test_the_highest_after_two_were_compared_is_of_all() -> None:
    talk = Talk(lang="zh")
    talk.say("看看双肩包")
    shown = talk.artifacts[-1]["items"]
    talk.say("前两个的评价怎么样，哪个好")
    assert talk.calls[0][1]["products"] == [i["id"] for i in shown[:2]]
    talk.say("评分最高的是哪个")
    best = max(shown, key=lambda i: i["rating"] or 0)["id"]
    assert best in talk.calls[0][1]["products"]


def test_the_body_of_another_is_not_mixed_with_ones_own() -> None:
    talk = Talk(lang="en")
    talk.say("show me hoodies")
    talk.say("my waist is 68 and I am 165 cm, what size of the first one?")
    talk.say("my husband is 180 cm and 80 kg, what size for him in the second one?")
    assert asked(talk)["measures"] == {"height": 180, "weight": 80}
    grown = State(measures={"height": 180, "weight": 80}, worn=[{"size": "L"}])
    assert (
        worn.known("he's 9 years old", grown) == {"age": 9}
        and worn.all_worn("he's 9 years old", [], grown) == []
    )
    assert worn.known("my chest is 98", grown) == {"height": 180, "weight": 80, "chest": 98}


def test_which_is_cheaper_is_asked_of_the_two_that_were_compared() -> None:
    talk = Talk(lang="en")
    talk.say("show me dresses")
    ids = [i["id"] for i in talk.artifacts[-1]["items"][:2]]
    talk.say("compare the first two for the office")
    talk.say("which is cheaper?")
    assert talk.calls[0][0] == "compare" and talk.calls[0][1]["products"] == ids


def test_the_usual_size_in_a_question_puts_nothing_into_the_cart() -> None:
    talk = Talk(lang="zh")
    talk.say("看看连衣裙")
    talk.say("第一条有哪些尺码")
    talk.say("平时M，这个要拍大一码吗")
    assert "cart" not in [tool for tool, _ in talk.calls] and talk.lines == []
    assert ("advise_size", [{"size": "M"}]) in [(tool, args.get("wears")) for tool, args in talk.calls]
