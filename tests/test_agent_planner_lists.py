"""Pointing into what was shown: by a place with a noun, from the end, at what was just told, at the list as a whole."""

from typing import Any

import pytest
from planner_talk import Talk


def price(card: dict[str, Any]) -> float:
    return float((card.get("sale_price") or card["price"])["amount"])


def shown(talk: Talk) -> list[str]:
    return [c["id"] for c in talk.artifacts[-1]["items"]]


@pytest.mark.parametrize(
    ("lang", "first", "then", "text"),
    [
        ("en", "show me hoodies", "and hats?", "how much was the second hoodie?"),
        ("zh", "看看卫衣", "再看看帽子", "刚才第二件卫衣多少钱"),
    ],
)
def test_a_place_among_things_that_are_named_is_of_the_list_that_has_them(
    lang: str, first: str, then: str, text: str
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    meant = shown(talk)[1]
    talk.say(then)
    talk.say(text)
    assert talk.calls[0][1]["product"] == meant


@pytest.mark.parametrize(
    ("lang", "text", "place"),
    [
        ("en", "what sizes does the second to last come in?", -2),
        ("en", "how much is the last but one?", -2),
        ("en", "how much is the last but two?", -3),
        ("en", "how much is the penultimate one?", -2),
        ("en", "how much is the third-last one?", -3),
        ("zh", "倒数第二件多少钱", -2),
        ("zh", "倒数第三件夹克多少钱", -3),
    ],
)
def test_places_are_counted_from_the_end(lang: str, text: str, place: int) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me jackets", "zh": "看看夹克"}[lang])
    meant = shown(talk)[place]
    talk.say(text)
    assert talk.calls[0][1]["product"] == meant


@pytest.mark.parametrize(
    ("lang", "ask", "next_one"),
    [
        ("en", "what sizes does the last one come in?", "and the second to last?"),
        ("zh", "最后一件有哪些尺码", "倒数第二件呢"),
    ],
)
def test_the_next_one_is_asked_the_same(lang: str, ask: str, next_one: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me jackets", "zh": "看看夹克"}[lang])
    meant = shown(talk)[-2]
    talk.say(ask)
    talk.say(next_one)
    tool, args = talk.calls[0]
    assert tool == "product_details" and args["product"] == meant and "sizes" in args["asks"]


@pytest.mark.parametrize(("lang", "text"), [("en", "a sweater maybe, he's an L"), ("zh", "毛衣吧，他穿L")])
def test_a_size_of_another_kind_of_thing_is_no_answer(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me shirts", "zh": "看看衬衫"}[lang])
    talk.say({"en": "add the first one", "zh": "第一件加购"}[lang])
    talk.say(text)
    assert talk.calls[0][0] == "search_catalog" and talk.calls[0][1]["where"]["category"] == ["sweater"]


def in_cart(product: str, name: str, size: str = "M") -> dict[str, object]:
    return {"id": product, "name": name, "size": size, "quantity": 1}


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "oh well, put it back in M"), ("zh", "还是放回去吧，要M码"), ("zh", "还是加回来，M码")],
)
def test_what_was_taken_out_is_put_back(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me shirts", "zh": "看看衬衫"}[lang])
    first = shown(talk)[0]
    talk.say({"en": "add the first one in M", "zh": "第一件M码加购"}[lang])
    talk.say({"en": "no, remove it", "zh": "把它删掉"}[lang])
    talk.say(text)
    tool, args = talk.calls[0]
    assert tool == "cart" and (args["action"], args["product"], args["size"]) == ("add", first, "M")


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "I'll take both of them, in M"), ("zh", "两件我都要，M码")]
)
def test_both_is_one_of_each(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me shirts", "zh": "看看衬衫"}[lang])
    first, second = shown(talk)[:2]
    talk.say({"en": "compare the first two", "zh": "前两件对比一下"}[lang])
    talk.say(text)
    added = [(a["product"], a["quantity"]) for tool, a in talk.calls if tool == "cart"]
    assert added == [(first, 1), (second, 1)]


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "price doesn't matter"), ("zh", "多少钱都行"), ("zh", "钱不是问题")]
)
def test_a_price_that_is_let_go_is_not_asked_about(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "boots under 150", "zh": "150以内的靴子"}[lang])
    reply = talk.say(text)
    assert talk.calls[0][0] == "search_catalog" and "price" not in talk.calls[0][1]["where"]
    assert "budget" not in reply and "预算" not in reply


@pytest.mark.parametrize("text", ["how should I look after it", "how do I take care of it?", "怎么保养"])
def test_how_a_thing_is_kept(text: str) -> None:
    talk = Talk()
    talk.say("show me shirts")
    talk.say("tell me about the first one")
    talk.say(text)
    assert talk.calls[0][0] == "product_details" and talk.calls[0][1]["asks"] == ["care"]


@pytest.mark.parametrize(
    ("lang", "text", "key"),
    [
        ("en", "which of those is the cheapest?", min),
        ("en", "which one is the most expensive?", max),
        ("zh", "这里面哪件最便宜", min),
        ("zh", "哪件最贵", max),
    ],
)
def test_the_one_that_is_told_of_a_list_is_the_one_that_is_added(lang: str, text: str, key: Any) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me hoodies", "zh": "看看卫衣"}[lang])
    card = key((c for c in talk.artifacts[-1]["items"] if c["in_stock"]), key=price)
    reply = talk.say(text)
    gone = [i["name"] for i in talk.artifacts[-1]["items"] if not i["in_stock"] and i["name"] in reply]
    assert card["name"] in reply and reply.count("“") == 1 + len(gone)
    talk.say({"en": "add it", "zh": "加购"}[lang])
    assert talk.calls[0][1]["product"] == card["id"]


def test_of_several_side_by_side_none_is_added_unasked() -> None:
    talk = Talk()
    talk.say("show me hoodies")
    talk.say("compare the first two")
    talk.say("add to cart")
    assert not talk.calls


@pytest.mark.parametrize(
    ("lang", "first", "then"),
    [
        ("en", "what is your cheapest coat?", "and the most expensive one?"),
        ("zh", "最便宜的大衣是哪件", "最贵的呢"),
    ],
)
def test_the_other_end_of_all_there_is(lang: str, first: str, then: str) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    talk.say(then)
    tool, args = talk.calls[0]
    assert tool == "search_catalog" and args["sort"] == "price_desc" and args["where"]["category"] == ["coat"]


@pytest.mark.parametrize(
    ("lang", "text", "condition"),
    [
        ("en", "are any of them on sale?", ("on_sale", True)),
        ("en", "which of these are under 180?", ("price", {"max": 180})),
        ("zh", "其中有打折的吗", ("on_sale", True)),
    ],
)
def test_a_condition_said_of_a_list_narrows_it(lang: str, text: str, condition: tuple[str, object]) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me coats", "zh": "看看大衣"}[lang])
    talk.say(text)
    name, value = condition
    where = talk.calls[0][1]["where"]
    assert where["category"] == ["coat"] and where[name] == value


def test_a_choice_leaves_the_search_as_it_was() -> None:
    talk = Talk()
    talk.say("red dresses under 100")
    talk.say("which one would you pick?")
    talk.say("in blue")
    where = talk.calls[0][1]["where"]
    assert where["category"] == ["dress"] and where["price"] == {"max": 100} and where["color"] == ["blue"]


@pytest.mark.parametrize(
    ("lang", "first", "others", "kind"),
    [("en", "show me heels", "others?", "shoes"), ("zh", "高跟鞋有吗", "换一批", "shoes")],
)
def test_after_the_last_of_a_kind_the_nearest_others_are_offered(
    lang: str, first: str, others: str, kind: str
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    seen = set(shown(talk))
    reply = talk.say(others)
    assert talk.calls[-1][1]["where"]["category"] == [kind] and not seen & set(shown(talk))
    assert {"en": "heels", "zh": "高跟鞋"}[lang] in reply


def test_after_the_last_in_a_colour_the_other_colours_are_offered() -> None:
    talk = Talk()
    talk.say("red dresses")
    seen = set(shown(talk))
    reply = talk.say("any others?")
    assert shown(talk) and not seen & set(shown(talk)) and "red dresses" in reply


@pytest.mark.parametrize(
    ("lang", "first", "then"),
    [
        ("en", "recommend me something nice", "recommend me something else"),
        ("zh", "帮我推荐点东西吧", "随便，你推荐"),
    ],
)
def test_a_choice_that_is_left_open_shows_something_else(lang: str, first: str, then: str) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    seen = set(shown(talk))
    talk.say(then)
    assert shown(talk) and not seen & set(shown(talk))


@pytest.mark.parametrize(("lang", "text"), [("en", "no idea, you choose"), ("zh", "随便，你定吧")])
def test_of_a_kind_that_is_sought_one_is_chosen(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    seen = shown(talk)
    talk.say(text)
    tool, args = talk.calls[0]
    assert tool == "product_details" and args["product"] in seen


def test_a_kind_beside_a_narrower_one_is_wanted_whole() -> None:
    talk = Talk()
    talk.say("hoodies and sweatshirts for women")
    assert talk.calls[0][1]["where"]["category"] == ["hoodie"]


@pytest.mark.parametrize(
    ("lang", "text", "now"),
    [
        ("en", "make it two more", 3),
        ("en", "make it two", 2),
        ("en", "increase the quantity by 2", 3),
        ("zh", "再加两件一样的", 3),
        ("zh", "数量改成2", 2),
    ],
)
def test_by_so_many_is_not_to_so_many(lang: str, text: str, now: int) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me shirts", "zh": "看看衬衫"}[lang])
    talk.say({"en": "add the first one in M", "zh": "第一件M码加购"}[lang])
    talk.say(text)
    (_, args), *_ = [c for c in talk.calls if c[0] == "cart"]
    have = 1 if args["action"] == "add" else 0
    assert have + args["quantity"] == now


def test_less_than_one_is_none() -> None:
    talk = Talk()
    talk.say("show me shirts")
    talk.say("add the first one in M")
    talk.say("reduce the quantity by one")
    assert talk.calls[0][1]["action"] == "remove"


@pytest.mark.parametrize(
    ("lang", "first", "text", "where"),
    [
        (
            "en",
            "show me white sneakers",
            "is the navy coat in stock in M?",
            {"category": ["coat"], "color": ["navy"]},
        ),
        ("en", "show me white sneakers", "how much is the leather tote bag?", {"category": ["tote"]}),
        ("zh", "看看白色运动鞋", "那条蓝裙子有M码吗", {"color": ["blue"], "size": ["M"]}),
    ],
)
def test_a_kind_that_was_not_shown_is_looked_for_and_nothing_else_told(
    lang: str, first: str, text: str, where: dict[str, list[str]]
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    talk.say(text)
    tool, args = talk.calls[0]
    assert tool == "search_catalog"
    assert {k: args["where"].get(k) for k in where} == where


@pytest.mark.parametrize(
    ("lang", "first", "text", "where"),
    [
        (
            "en",
            "show me navy dresses",
            "tell me about the red off-shoulder dress",
            {"category": ["dress"], "color": ["red"], "neckline": ["offshoulder"]},
        ),
        (
            "en",
            "show me dresses under 60",
            "is the burgundy wrap midi dress available in M?",
            {"category": ["dress"], "color": ["red"], "size": ["M"], "price": None},
        ),
        ("en", "show me navy dresses", "how much is the red dress?", {"color": ["red"]}),
        ("zh", "看看藏青色连衣裙", "那条红色一字肩连衣裙什么面料", {"color": ["red"]}),
    ],
)
def test_another_thing_of_the_kind_than_was_shown_is_looked_for(
    lang: str, first: str, text: str, where: dict[str, list[str] | None]
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    talk.say(text)
    tool, args = talk.calls[0]
    assert tool == "search_catalog"
    assert {k: args["where"].get(k) for k in where} == where


@pytest.mark.parametrize(
    ("lang", "first", "text"),
    [
        ("en", "show me navy dresses", "tell me about the wrap dress"),
        ("en", "show me navy dresses", "how much is the floral dress?"),
        ("zh", "看看藏青色连衣裙", "那条碎花连衣裙多少钱"),
    ],
)
def test_what_was_shown_is_meant_where_it_may_be(lang: str, first: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    talk.say(text)
    assert talk.calls[0][0] in ("product_details", "compare")
