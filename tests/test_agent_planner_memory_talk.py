"""What messages say about being remembered, and what they tell of the shopper."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.planner.lexicon import Lexicon
from agent.planner.memory_talk import Recall, Spoken, spoken
from agent.planner.memory_told import kind_of
from agent.planner.understand import read
from tools.facts import Facts

NAVY = {"attribute": "color", "value": "navy"}
LEXICON = Lexicon(brands=["Mulin"], currency="USD")


def hear(text: str) -> Spoken:
    return spoken(read(text, LEXICON))


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("what do you know about me?", "view"),
        ("do you still have my measurements from last time?", "view"),
        ("don't you remember my size?", "view"),
        ("who sees what you keep about me?", "view"),
        ("did you delete my size?", "view"),
        ("你都知道我些啥", "view"),
        ("你还记得我鞋码吗", "view"),
        ("你记住了我什么", "view"),
        ("what did I look at last time", "viewed"),
        ("the boots I was looking at the other day", "viewed"),
        ("上次看的那双鞋", "viewed"),
        ("我昨天看过的那件", "viewed"),
        ("remember my size", "remember"),
        ("don't forget that I hate wool", "remember"),
        ("for next time: never heels", "remember"),
        ("记住吧", "remember"),
        ("别忘了我穿M", "remember"),
        ("I wear size M", "tell"),
        ("no, I'm an L now", "tell"),
        ("我鞋码42", "tell"),
        ("forget me", "forget"),
        ("wipe everything you know about me", "forget"),
        ("please delete my shoe size", "forget"),
        ("把我忘了吧", "forget"),
        ("把我的资料删干净", "forget"),
        ("stop remembering my stuff", "stop"),
        ("please don't store anything about me", "stop"),
        ("别记了", "stop"),
        ("不要保存我的信息", "stop"),
        ("red dresses under 50", ""),
        ("I don't like polka dots", ""),
        ("有没有便宜一点的", ""),
        ("加购物车", ""),
    ],
)
def test_acts(text: str, act: str) -> None:
    assert hear(text).act == act


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("I usually wear a medium", {"sizes": {"clothes": "M"}}),
        ("my shoe size is 42.5", {"sizes": {"shoes": "42.5"}}),
        ("remember that I take a 42 in shoes and never wear polka dots",
         {"sizes": {"shoes": "42"}, "refuses": {"pattern": ["dotted"]}}),
        ("remember I'm an M in tops, 31 in jeans", {"sizes": {"tops": "M", "jeans": "31"}}),
        ("我平时穿L码，记一下", {"sizes": {"clothes": "L"}}),
        ("记住我上衣穿M，鞋子穿39码", {"sizes": {"tops": "M", "shoes": "39"}}),
        ("I hate wool", {"refuses": {"material": ["wool"]}}),
        ("我羊毛过敏", {"refuses": {"material": ["wool"]}}),
        ("I love navy", {"likes": {"color": ["navy"]}}),
        ("我最喜欢黑色", {"likes": {"color": ["black"]}}),
        ("记住我喜欢Mulin这个牌子", {"likes": {"brand": ["Mulin"]}}),
        ("keep in mind I never spend more than 100 on anything", {"budget": [{"max": "100.00"}]}),
        ("我的预算一般是200美元以内，记住", {"budget": [{"max": "200.00", "currency": "USD"}]}),
        # none of the shopper's own
        ("I'm 42", {}),
        ("I need a large bag", {}),
        ("my sister wears M", {}),
        ("我女朋友穿S码", {}),
        ("a gift for my dad, he wears XL", {}),
        ("do you have it in M?", {}),
        ("don't forget my limit, fifty", {}),
        ("what size should I wear", {}),
        ("size M dresses under 50 dollars", {}),
    ],
)  # fmt: skip
def test_facts(text: str, facts: dict[str, Any]) -> None:
    assert hear(text).facts.to_json() == facts


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("forget my size", [{"portion": "sizes"}]),
        ("忘掉我的鞋码", [{"portion": "sizes", "kind": "shoes"}]),
        ("forget my budget", [{"portion": "budget"}]),
        ("clear my browsing history", [{"portion": "viewed"}]),
        ("忘掉我的偏好", [{"portion": "liked"}, {"portion": "refused"}]),
        ("forget that I like navy", [NAVY | {"portion": "liked"}, NAVY | {"portion": "refused"}]),
        ("别再记我的尺码了", [{"portion": "sizes"}]),
        ("forget everything about me", []),
    ],
)  # fmt: skip
def test_what_is_to_be_forgotten(text: str, scopes: list[dict[str, str]]) -> None:
    found = hear(text)
    assert (found.act, found.scopes, found.only_search) == ("forget", scopes, False)


@pytest.mark.parametrize("text", ["forget that", "忘了刚才的条件", "forget it", "delete that one"])
def test_forget_that_is_about_this_search(text: str) -> None:
    assert hear(text).only_search


@pytest.mark.parametrize(
    ("text", "kind"),
    [("dress", "dress"), ("shirt", "tops"), ("boots", "shoes"), ("jeans", "bottoms"), ("parka", "outwear")],
)
def test_a_size_holds_as_wide_as_it_does(text: str, kind: str) -> None:
    categories = [v for t in read(text, LEXICON).tags for v in t.mention.meanings.slots.get("category", [])]
    assert kind_of("M", categories) == kind


@pytest.mark.parametrize(("size", "kind"), [("M", "clothes"), ("42", "shoes"), ("31", "bottoms")])
def test_a_bare_size(size: str, kind: str) -> None:
    assert kind_of(size, []) == kind


def test_aside_holds_for_a_subject_and_others_for_the_talk() -> None:
    recall = Recall(consent="yes")
    recall.hear(hear("any size is fine"))
    assert recall.left_aside(hear("in red")) == ["size"]
    assert recall.left_aside(hear("coats"), fresh=True) == []
    recall.hear(hear("a coat for my sister"), fresh=True)
    assert recall.left_aside(hear("dresses"), fresh=True) == ["all"]
    assert recall.left_aside(hear("and for me, jeans"), fresh=True) == []
    assert Recall().left_aside(Spoken(), ["price"]) == ["budget"]


def test_another_shoppers_words_are_not_kept_for_this_one() -> None:
    recall = Recall()
    assert recall.met({"who": "a", "consent": "unasked"})
    recall.hear(hear("I wear M"))
    assert not recall.met({"who": "a", "consent": "yes"})
    assert recall.heard.sizes == {"clothes": "M"}
    assert recall.met({"who": "b", "consent": "yes"})
    assert recall.heard.empty


def test_the_newest_of_what_was_heard_counts() -> None:
    heard = Facts(sizes={"tops": "M"}, likes={"color": ["red"]})
    newer = Facts(sizes={"tops": "L"}, refuses={"color": ["red"]})
    both = heard.with_(newer)
    assert (both.sizes, both.likes, both.refuses) == ({"tops": "L"}, {}, {"color": ["red"]})
    assert newer.within(both) and not heard.within(both)


@settings(max_examples=150, deadline=2000)
@given(
    st.text(
        alphabet=st.sampled_from("remember记住我穿size MLS码42 forget忘掉my my的,.不like喜欢"), max_size=120
    )
)
def test_any_text_is_read_without_harm(text: str) -> None:
    found = hear(text)
    assert len(found.facts.sizes) <= 8
    assert found.facts.notes([text]) is not None
