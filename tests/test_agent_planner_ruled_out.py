"""What a shopper rules out for good holds for every later search, look and colour, until it is taken back by name."""

import pytest
from planner_talk import Talk, lexicon

from agent.planner import ruled_out
from agent.planner.calls import Call
from agent.planner.history import state_before
from agent.planner.understand import read

ANIMALS = {"wool", "cashmere", "silk", "leather", "suede", "fur", "down"}


def refused(talk: Talk) -> list[set[str]]:
    """The materials that each call of the turn leaves out."""
    calls = [a for tool, a in talk.calls if tool in ("search_catalog", "match_outfit") and not a.get("ids")]
    return [set(a.get("where", {}).get("not", {}).get("material", [])) for a in calls]


def after(*messages: str) -> dict[str, list[str]]:
    ruled: dict[str, list[str]] = {}
    for text in messages:
        ruled = ruled_out.after(ruled, read(text, lexicon()))
    return ruled


@pytest.mark.parametrize(
    ("lang", "said", "later"),
    [
        ("en", "I'm allergic to wool, which shirts can I wear?",
         ["now dresses", "any other dresses?", "show me something for winter", "start over", "show me shoes"]),
        ("zh", "我对羊毛过敏，有什么连衣裙或者衬衫",
         ["衬衫有别的颜色吗", "再看看鞋子", "换一批", "推荐几件冬天穿的", "重新来", "看看衬衫"]),
    ],
)  # fmt: skip
def test_an_allergy_holds_whatever_is_sought_later(lang: str, said: str, later: list[str]) -> None:
    talk = Talk(lang=lang)
    talk.say(said)
    for message in later:
        talk.say(message)
        assert all("wool" in material for material in refused(talk)), message
    assert state_before(talk.messages).never == {"material": ["wool"]}


@pytest.mark.parametrize(
    ("lang", "said", "asked"),
    [
        ("en", "show me shirts, I'm allergic to wool", "what goes with the first one?"),
        ("zh", "看看衬衫，我羊毛过敏", "第一件配什么裤子"),
    ],
)
def test_what_goes_with_it_is_not_made_of_it_either(lang: str, said: str, asked: str) -> None:
    talk = Talk(lang=lang)
    talk.say(said)
    talk.say(asked)
    assert [tool for tool, _ in talk.calls] == ["match_outfit"] and refused(talk) == [{"wool"}]


@pytest.mark.parametrize(
    ("text", "materials"),
    [
        ("bags please, no leather", {"leather", "suede"}),
        ("I don't wear fur", {"fur"}),
        ("I have a wool allergy", {"wool"}),
        ("polyester gives me a rash", {"polyester"}),
        ("no wool or cashmere, I'm allergic", {"wool", "cashmere"}),
        ("I'm vegan. show me boots", ANIMALS),
        ("我不吃皮草，看看外套", {"fur"}),
        ("再看看包，真皮的不要", {"leather", "suede"}),
        ("我皮肤敏感，不能穿化纤", {"polyester"}),
        ("羊毛不能穿有什么外套", {"wool"}),
        ("我吃素，看看鞋子", ANIMALS),
        ("not too polyester please", set()),
        ("no denim please", set()),
        ("does it make you itch?", set()),
        ("这件会过敏吗", set()),
    ],
)
def test_what_is_ruled_out_for_good_and_what_only_now(text: str, materials: set[str]) -> None:
    assert set(after(text).get("material", [])) == materials


def test_a_colour_beside_an_allergy_is_only_a_taste() -> None:
    assert after("no black please, and I'm allergic to wool") == {"material": ["wool"]}
    assert after("I can't wear heels") == {"category": ["heels"]}


@pytest.mark.parametrize(
    ("lang", "said", "back", "then"),
    [
        ("en", "dresses, I'm allergic to wool", "wool is fine after all", "show me shirts"),
        ("zh", "看看连衣裙，我羊毛过敏", "羊毛也可以", "看看衬衫"),
    ],
)
def test_it_is_taken_back_by_name(lang: str, said: str, back: str, then: str) -> None:
    talk = Talk(lang=lang)
    for message in (said, back):
        talk.say(message)
    assert state_before(talk.messages).never == {}
    talk.say(then)
    assert all("wool" not in material for material in refused(talk))


def test_who_asks_for_it_outright_is_shown_it_this_once() -> None:
    ruled = {"material": ["wool"], "category": ["heels"]}
    wool = Call(tool="search_catalog", args={"where": {"category": ["coat"], "material": ["wool"]}})
    assert ruled_out.hold(wool, ruled).args["where"]["not"] == {"category": ["heels"]}
    coats = ruled_out.hold(Call(tool="search_catalog", args={"where": {"category": ["coat"]}}), ruled)
    assert coats.args["where"]["not"] == ruled and coats.args["keep"] == ["not"]
    again = Call(tool="search_catalog", args={"ids": ["D0001"]})
    assert ruled_out.hold(again, ruled) is again


def test_what_was_ruled_out_with_another_model_is_known() -> None:
    talk = Talk(lang="en")
    talk.say("show me dresses, I'm allergic to wool")
    for message in talk.messages:
        message.additional_kwargs.pop("state", None)
    assert state_before(talk.messages, lexicon()).never == {"material": ["wool"]}
