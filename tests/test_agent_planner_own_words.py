"""What is said of others, put off or of the search changes nothing, and nobody is called who was not asked for."""

import pytest
from langchain_core.messages import AnyMessage
from test_agent_planner_consent import COVE, FOCUS, HARBOUR, HELD, SHOWN, add, planner, said

from agent.planner.consent import covered

LISTED: list[AnyMessage] = [*HELD, *SHOWN]


@pytest.mark.parametrize(
    "text",
    [
        "My friend says I'll have it",
        "My wife: 'I'll have it'",
        "they want it in my cart",
        "want it? no.",
        "I want to buy it later",
        "I'll buy it next week",
        "I'll take it when I get paid",
        "评论说给我来两件",
        "评论说入手吧",
        "别人说来一件",
        "说明写着：我要这个",
        "明天再买这件",
        "等打折我再买",
        "要这件的人多吗",
    ],
)
def test_words_of_others_and_of_later_add_nothing(text: str) -> None:
    assert not covered("cart", add(HARBOUR), said(FOCUS, text), planner()), text


@pytest.mark.parametrize(
    "text",
    [
        "add it, I travel tomorrow",
        "add it to my cart so I can buy it later",
        "I don't have a linen dress yet, add it",
        "明天要穿，加购物车",
        "先加购物车，明天再买鞋",
    ],
)
def test_a_wish_for_now_is_done(text: str) -> None:
    assert covered("cart", add(HARBOUR), said(FOCUS, text), planner()), text


@pytest.mark.parametrize(
    "text",
    [
        "don't call a human",
        "I'd rather not talk to a human",
        "is this a real person or a bot?",
        "do you have human-size mannequins",
        "someone from customer service told me it ships free",
        "I already talked to a human yesterday",
        "你是人工吗",
        "不用找客服",
        "不想跟真人聊",
        "客服说这件包邮",
        "我昨天跟客服聊过了",
    ],
)
def test_a_person_that_is_only_spoken_of_is_not_called(text: str) -> None:
    assert not covered("hand_off", {}, said(SHOWN, text), planner()), text


@pytest.mark.parametrize(
    "text",
    [
        "is there a human being I could speak to",
        "I don't want a bot, get me a human",
        "我要找人工 付不了款",
        "你是机器人吧 叫个真人来跟我讲",
        "不想跟机器人说了，转人工",
    ],
)
def test_a_person_is_called_however_they_are_asked_for(text: str) -> None:
    assert covered("hand_off", {}, said(SHOWN, text), planner()), text


@pytest.mark.parametrize("text", ["empty the search", "清空条件", "remove everything", "clear all"])
def test_the_cart_is_emptied_only_where_it_is_meant(text: str) -> None:
    assert not covered("cart", {"action": "clear"}, said(LISTED, text), planner()), text


def test_search_words_never_empty_a_cart_just_shown() -> None:
    for text in ("empty the search", "清空条件"):
        assert not covered("cart", {"action": "clear"}, said(HELD, text), planner()), text
    assert covered("cart", {"action": "clear"}, said(HELD, "remove everything"), planner())
    assert covered("cart", {"action": "clear"}, said(LISTED, "empty my cart"), planner())


@pytest.mark.parametrize(
    "text", ["remove it from the list", "not this one, get rid of it", "delete that, show me another"]
)
def test_what_is_off_the_list_stays_in_the_cart(text: str) -> None:
    held = said(LISTED, text)
    for line in (HARBOUR, COVE):
        assert not covered("cart", {"action": "remove", "product": line}, held, planner()), text
