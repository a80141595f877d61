"""One thing in another colour, as it is heard."""

import pytest
from planner_talk import Talk

SEEN = [
    ("how would it look in wine red", "wine red"),
    ("what would it look like in a pale teal?", "pale teal"),
    ("can I see it in burgundy", "burgundy"),
    ("show me this one in #8a2be2", "#8a2be2"),
    ("make it dark green please", "dark green"),
    ("make it brighter", "brighter"),
    ("这件换成墨绿看看", "墨绿"),
    ("它染成黄色什么样", "黄色"),
    ("这件要是酒红色的会怎么样", "酒红色"),
    ("这件颜色能不能深一点", "深一点"),
]
HAD = [
    ("does it come in dark green?", "dark green"),
    ("do you have this one in hungry blue?", "hungry blue"),
    ("in navy?", "navy"),
    ("这件有没有莫兰迪粉?", "莫兰迪粉"),
    ("有酒红色的吗", "酒红色"),
    ("饿了的蓝有吗", "饿了的蓝"),
]
ELSE = [
    "red dresses under 100", "I want something blue", "show me black jeans", "what colours does it come in?",
    "add it in M", "have you got trainers in white?", "有白色的裙子吗", "找件红色的毛衣",
]  # fmt: skip


def about_one(text: str) -> Talk:
    talk = Talk()
    chinese = any("一" <= c <= "鿿" for c in text)
    talk.say("看看衬衫" if chinese else "show me shirts")
    talk.say("第一件怎么样" if chinese else "tell me about the first one")
    return talk


@pytest.mark.parametrize(("text", "color"), SEEN)
def test_how_it_would_look_is_shown_and_nothing_is_sought(text: str, color: str) -> None:
    talk = about_one(text)
    talk.say(text)
    assert [(tool, args["color"]) for tool, args in talk.calls] == [("choose_color", color)]


@pytest.mark.parametrize(("text", "color"), HAD)
def test_whether_there_is_one_is_answered_with_what_is_like_it(text: str, color: str) -> None:
    talk = about_one(text)
    talk.say(text)
    assert talk.calls[0][0] == "choose_color" and talk.calls[0][1]["color"] == color
    assert [tool for tool, _ in talk.calls[1:]] == ["search_catalog"]


@pytest.mark.parametrize("text", ELSE)
def test_a_wish_for_goods_stays_one(text: str) -> None:
    talk = about_one(text)
    talk.say(text)
    assert "choose_color" not in [tool for tool, _ in talk.calls]


def test_the_one_that_is_pointed_at_is_shown() -> None:
    talk = about_one("en")
    second = talk_list(talk)[1]
    talk.say("what would the second one look like in wine red?")
    assert talk.calls == [("choose_color", {"color": "wine red", "product": second})]
    talk.say("a bit darker")
    (call,) = talk.calls
    assert call[0] == "choose_color" and call[1]["product"] == second and call[1]["color"].startswith("#")
    talk.say("add it in M")
    assert talk.calls[0][0] == "cart" and talk.calls[0][1]["product"] == second


def test_of_two_colours_the_one_it_is_wished_in_is_meant() -> None:
    talk = about_one("en")
    talk.say("is the red one available in lime green?")
    assert talk.calls[0] == ("choose_color", {"color": "lime green", "product": talk.calls[0][1]["product"]})


def test_a_preview_changes_nothing_of_what_is_sought() -> None:
    talk = Talk()
    talk.say("show me shirts")
    talk.say("how would the first one look in lime green")
    talk.say("show me others")
    assert "color" not in talk.calls[0][1]["where"]


def test_where_no_preview_can_be_made_the_search_goes_on() -> None:
    talk = about_one("en")
    talk.broken = frozenset({"choose_color"})
    reply = talk.say("does it come in lime green?")
    assert [tool for tool, _ in talk.calls] == ["choose_color", "search_catalog"]
    assert "preview" in reply


def talk_list(talk: Talk) -> list[str]:
    """Ids of the first list of a conversation that was told of."""
    listed = next(m.artifact for m in talk.messages if getattr(m, "artifact", None))
    return [item["id"] for item in listed["items"]]
