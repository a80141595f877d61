"""What a message means after what was said before it: an order's number, an opinion, a measure, a budget."""

import pytest
from planner_talk import Talk


@pytest.mark.parametrize(
    ("asked", "wanted", "number"),
    [
        ("where is my order number 12345?", "get me a person", "12345"),
        ("订单号 A1234 到哪了", "转人工", "A1234"),
    ],
)
def test_the_number_of_an_order_goes_to_who_is_handed_the_conversation(
    asked: str, wanted: str, number: str
) -> None:
    talk = Talk()
    assert number.upper() in talk.say(asked)
    talk.say("thanks" if wanted.isascii() else "谢谢")
    talk.say(wanted)
    assert number in talk.calls[0][1]["summary"]


@pytest.mark.parametrize("said", ["不喜欢，太花了", "不太喜欢", "I don't like it", "not my style"])
@pytest.mark.parametrize("before", ["第一个多大码合适", "what colour is the first one?", ""])
def test_who_does_not_like_it_is_not_praising(before: str, said: str) -> None:
    talk = Talk()
    talk.say("show me dresses")
    if before:
        talk.say(before)
    reply = talk.say(said)
    assert not any(word in reply for word in ("喜欢就好", "眼光不错", "Glad you like", "Nice choice"))


@pytest.mark.parametrize(
    "said", ["左边第二个是什么颜色", "85公斤", "what about the 2nd one?", "30岁", "$90 以内的有吗", "7"]
)
def test_a_place_a_weight_an_age_and_an_amount_are_no_measure(said: str) -> None:
    talk = Talk(lang="zh")
    talk.say("红色连衣裙")
    assert "胸围是多少厘米" in talk.say("第一个我该穿什么码")
    assert "的尺码表对到" not in talk.say(said)


def test_a_bare_measure_still_is_one() -> None:
    talk = Talk(lang="zh")
    talk.say("红色连衣裙")
    talk.say("第一个我该穿什么码")
    assert "按胸围 86 厘米" in talk.say("86")


def test_a_kind_that_the_shop_has_is_not_said_to_be_missing() -> None:
    talk = Talk(lang="zh")
    talk.say("白色运动鞋，60美元以内")
    talk._search_catalog = lambda args, lang: {"type": "products", "items": [], "total": 0, "relaxed": []}  # type: ignore[method-assign]
    reply = talk.say("不要白色的")
    assert "店里暂时没有运动鞋" not in reply and "没找到运动鞋" not in reply
    assert "颜色" in reply and "价格" in reply


@pytest.mark.parametrize(
    ("find", "budget", "amount"),
    [("给我爸买件外套", "预算", "500"), ("show me jackets for men", "budget?", "$200")],
)
def test_an_amount_alone_after_the_word_budget_bounds_the_search(find: str, budget: str, amount: str) -> None:
    talk = Talk(lang="en" if find.isascii() else "zh")
    talk.say(find)
    category = talk.calls[0][1]["where"]["category"]
    talk.say(budget)
    talk.say(amount)
    where = talk.calls[0][1]["where"]
    assert where["price"]["max"] >= 200 and where["category"] == category and where["gender"] == ["men"]


@pytest.mark.parametrize("asked", ["compare the prices of what's in my cart", "购物车里哪个最贵，比一下"])
def test_what_is_compared_in_the_cart_is_the_cart(asked: str) -> None:
    talk = Talk(lang="en" if asked.isascii() else "zh")
    talk.say("show me dresses" if asked.isascii() else "看看连衣裙")
    talk.say(asked)
    assert [(name, args["action"]) for name, args in talk.calls] == [("cart", "view")]
