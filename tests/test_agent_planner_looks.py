"""Looks in conversation: that one is asked for, what changes of those shown, which one is meant, and what is told."""

from typing import Any

import pytest
from planner_talk import LEAST_OF_A_LOOK, Talk, lexicon

from agent.planner.understand import understand

ASKED = [
    ("what to wear to an interview, hot, under 300", {"occasion": ["interview"], "weather": ["hot"], "budget": 300}),
    ("海边婚礼,不要裙子", {"occasion": ["beach", "wedding"], "without": ["dress", "skirt"]}),
    ("下雨天上班穿啥好", {"occasion": ["work"], "weather": ["rain"]}),
    ("outfit 4 a wedding, budget 250, no heels", {"occasion": ["wedding"], "budget": 250, "without": ["heels"]}),
    ("冬天去哈尔滨穿什么", {"season": "winter", "weather": ["cold"]}),
    ("what do i wear to a funeral", {"formality": "formal", "where": {"color": ["black", "grey", "navy"]}}),
    ("周五见家长,穿什么得体", {"occasion": ["date"], "formality": "smart_casual"}),
    ("an outfit for women, no skirts, max 150",
     {"without": ["skirt"], "budget": 150, "where": {"gender": ["women"]}}),
    ("a work outfit", {"occasion": ["work"]}),
    ("complete look in navy", {"where": {"color": ["navy"]}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "args"), ASKED)
def test_what_one_is_to_be_dressed_for_is_enough(text: str, args: dict[str, Any]) -> None:
    heard = understand(text, lexicon=lexicon())
    assert (heard.intents, heard.tool, heard.args) == (["outfit"], "match_outfit", args)


@pytest.mark.parametrize(
    "text",
    [
        "something for the beach",
        "show me dresses for a wedding",
        "有没有适合约会的裙子",
        "what's the weather like today",
        "夏天穿的短裤",
        "a dress for work",
    ],
)
def test_goods_for_an_occasion_are_no_look(text: str) -> None:
    assert understand(text, lexicon=lexicon()).tool != "match_outfit"


def talk(lang: str = "en", text: str = "") -> Talk:
    """A conversation in which two looks were just shown."""
    said = Talk(lang=lang)
    said.say(text or {"en": "what should i wear to work?", "zh": "上班穿什么好？"}[lang])
    assert len(said.artifacts[-1]["looks"]) == 2
    return said


def ids(said: Talk, nth: int = 0) -> list[str]:
    """What the look shown last, at that place, holds."""
    return [i["id"] for i in said.artifacts[-1]["looks"][nth]["items"]]


@pytest.mark.parametrize(
    ("lang", "text"), [("en", "swap the shoes"), ("zh", "换双鞋"), ("en", "other shoes pls")]
)
def test_only_the_piece_that_is_named_is_swapped(lang: str, text: str) -> None:
    said = talk(lang)
    before = ids(said)
    said.say(text)
    (name, args) = said.calls[0]
    assert (name, args["look"], args["swap"], args["occasion"]) == ("match_outfit", before, "shoes", ["work"])
    after = ids(said)
    assert set(before) - set(after) == {before[2]} and before[2] in args["exclude"]


@pytest.mark.parametrize(("word", "slot"), [("鞋", "shoes"), ("上衣", "top"), ("下装", "bottom")])
def test_the_buttons_of_a_look_are_understood(word: str, slot: str) -> None:
    said = talk("zh")
    said.say(f"把第一套搭配里的{word}换一下")
    assert (said.calls[0][0], said.calls[0][1]["swap"]) == ("match_outfit", slot)


def test_of_the_second_look_its_own_piece_is_swapped() -> None:
    said = talk()
    second = ids(said, 1)
    said.say("in the second look swap the shoes for red ones")
    assert said.calls[0][1]["look"] == second
    assert said.calls[0][1]["slots"] == {"shoes": {"color": ["red"]}}


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "keep the shoes, change the rest"),
        ("zh", "鞋留着,其他换掉"),
        ("en", "change all but the shoes"),
    ],
)
def test_what_is_kept_is_in_every_new_look(lang: str, text: str) -> None:
    said = talk(lang)
    shoes = ids(said)[2]
    said.say(text)
    assert said.calls[0][1]["keep"] == [shoes]
    assert all(shoes in ids(said, nth) for nth in range(2))
    said.say({"en": "under 200 in all", "zh": "整套200以内"}[lang])
    assert (said.calls[0][1]["keep"], said.calls[0][1]["budget"]) == ([shoes], 200)


@pytest.mark.parametrize(
    ("lang", "text", "changed"),
    [
        ("en", "make it more casual", {"formality": -1}),
        ("en", "too formal", {"formality": -1}),
        ("zh", "正式一点", {"formality": 1}),
        ("zh", "太休闲了", {"formality": 1}),
        ("en", "no heels", {"without": ["heels"]}),
        ("zh", "不要包", {"without": ["bag"]}),
        ("en", "it might snow", {"weather": ["snow"]}),
        ("en", "not white", {"where": {"not": {"color": ["white"]}}}),
        ("zh", "第二套换成藏青色的", {"where": {"color": ["navy"]}}),
    ],
)
def test_a_wish_about_the_looks_changes_that_and_nothing_else(
    lang: str, text: str, changed: dict[str, Any]
) -> None:
    said = talk(lang)
    said.say(text)
    (name, args) = said.calls[0]
    rest = {k: v for k, v in args.items() if k not in ("look", *changed)}
    where = args.get("where", {})
    assert name == "match_outfit" and rest.pop("occasion") == ["work"]
    assert not set(rest) - {"where"} and set(where) <= {"gender", *changed.get("where", {})}
    for key, value in changed.items():
        assert {k: args[key][k] for k in value} == value if key == "where" else args[key] == value


def test_cheaper_is_less_than_each_look_cost() -> None:
    said = talk()
    totals = [float(look["total"]["amount"]) for look in said.artifacts[-1]["looks"]]
    said.say("cheaper")
    assert said.calls[0][1]["budget"] == pytest.approx(min(totals) - 0.01)


def test_what_cannot_be_met_is_said_first_and_the_looks_before_stand() -> None:
    said = talk()
    before = ids(said)
    reply = said.say(f"all of it under {LEAST_OF_A_LOOK - 1}")
    assert reply.startswith("Too little.")
    said.say("swap the shoes")
    assert said.calls[0][1]["look"] == before


@pytest.mark.parametrize(
    ("lang", "text", "nth"),
    [
        ("en", "add the whole look", 0),
        ("zh", "第二套都要", 1),
        ("en", "add look 2", 1),
        ("zh", "整套加购", 0),
    ],
)
def test_a_look_is_bought_whole(lang: str, text: str, nth: int) -> None:
    said = talk(lang)
    look = ids(said, nth)
    said.say(text)
    assert [(name, args["product"]) for name, args in said.calls] == [("cart", i) for i in look]


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "add the first look, everything in M, shoes in 38"), ("zh", "第一套都要，M码，鞋38")],
)
def test_each_piece_of_a_look_gets_the_size_that_it_has(lang: str, text: str) -> None:
    said = talk(lang)
    held = {
        i["id"]: {s["size"] for s in i["sizes"] if s["in_stock"]}
        for i in said.artifacts[-1]["looks"][0]["items"]
    }
    said.say(text)
    asked = {args["product"]: args.get("size") for _, args in said.calls}
    assert asked.keys() == held.keys() and "M" in asked.values()
    for product, sizes in held.items():
        wanted = "M" if "M" in sizes else "38" if "38" in sizes else None
        assert asked[product] == wanted, product


@pytest.mark.parametrize(
    ("lang", "text", "nth"), [("en", "what does the second one cost?", 1), ("zh", "第一套多少钱", 0)]
)
def test_what_a_look_comes_to_is_told_of_that_look(lang: str, text: str, nth: int) -> None:
    said = talk(lang)
    looks = said.artifacts[-1]["looks"]
    reply = said.say(text)
    assert said.calls == [] and looks[nth]["total"]["text"] in reply
    assert looks[nth]["idea"] in reply and looks[1 - nth]["idea"] not in reply


@pytest.mark.parametrize(
    ("lang", "text", "least"),
    [
        ("en", "which look is cheaper?", True),
        ("en", "is look 1 more expensive than look 2?", False),
        ("zh", "哪套更便宜", True),
        ("zh", "第一套和第二套哪个贵", False),
    ],
)
def test_which_look_costs_less_is_answered_not_sought(lang: str, text: str, least: bool) -> None:
    said = talk(lang)
    totals = [look["total"] for look in said.artifacts[-1]["looks"]]
    low, high = (t["text"] for t in sorted(totals, key=lambda total: float(total["amount"])))
    reply = said.say(text)
    assert said.calls == [] and (reply.index(low) < reply.index(high)) == least


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "make it cheaper"), ("zh", "便宜点的"), ("en", "something smarter for the office")],
)
def test_a_wish_is_no_question(lang: str, text: str) -> None:
    said = talk(lang)
    said.say(text)
    assert [name for name, _ in said.calls] == ["match_outfit"]


def test_why_a_look_is_so_is_what_the_tool_said() -> None:
    said = talk()
    assert "Plain sets off plain." in said.say("why this look?")
    assert said.calls == []


@pytest.mark.parametrize(
    ("lang", "text", "word"),
    [("en", "add look 3", "2"), ("zh", "第三套都要", "2"), ("en", "keep the scarf", "scarf")],
)
def test_what_no_look_has_is_said(lang: str, text: str, word: str) -> None:
    said = talk(lang)
    assert word in said.say(text) and said.calls == []


def test_each_look_is_named_by_its_idea_and_what_it_comes_to() -> None:
    said = Talk(lang="zh")
    reply = said.say("婚礼穿什么")
    for look in said.artifacts[-1]["looks"]:
        assert look["idea"] in reply and look["total"]["text"] in reply
    assert said.suggestions == ["换双鞋", "休闲一点", "第一套都要"]


def test_other_looks_are_none_of_those_shown() -> None:
    said = talk()
    shown = {i for nth in range(2) for i in ids(said, nth)}
    said.say("show me other looks")
    assert shown <= set(said.calls[0][1]["exclude"])


def test_a_list_shown_since_is_what_is_talked_of() -> None:
    said = talk()
    said.say("show me red dresses")
    said.say("cheaper")
    assert said.calls[0][0] == "search_catalog"


def test_what_lies_in_the_cart_is_styled() -> None:
    said = Talk(lang="en")
    assert "empty" in said.say("put an outfit together with what's in my cart")
    said.say("show me sneakers")
    said.say("add the first one in 38")
    said.say("what goes with what's in my cart?")
    assert said.calls[0] == ("match_outfit", {"product": said.lines[0][0]})


SEEN = [
    {"id": name * 16, "look": {"garments": [{"category": kind, "colors": ["navy"]}], "caption": "x"}}
    for name, kind in (("a", "shirt"), ("b", "pants"))
]


@pytest.mark.parametrize(
    "text", ["我衣柜里有这些,怎么搭", "here are two things I own", "how do these go together?"]
)
def test_several_photos_are_a_wardrobe(text: str) -> None:
    said = Talk()
    said.say(text, photos=SEEN)
    assert said.calls[0] == ("match_outfit", {"photos": ["a" * 16, "b" * 16]})


@pytest.mark.parametrize(
    "text", ["recommend me something", "猜我喜欢", "what's new for me?", "给我推荐几件", "有没有适合我的"]
)
def test_to_one_s_taste_is_a_recommendation(text: str) -> None:
    heard = understand(text, lexicon=lexicon())
    assert (heard.intents, heard.tool) == (["recommend"], "recommend")


def test_a_recommendation_goes_on_without_what_was_seen_and_refused() -> None:
    said = Talk(lang="en")
    said.say("recommend shoes for me under 90")
    assert said.calls == [("recommend", {"limit": 6, "kind": "shoes", "budget": 90})]
    first = [i["id"] for i in said.artifacts[-1]["items"]]
    said.say("show me something different")
    assert said.calls[0][0] == "recommend" and set(first) <= set(said.calls[0][1]["exclude"])
    second = [i["id"] for i in said.artifacts[-1]["items"]]
    said.say("not my style")
    assert set(second) <= set(said.calls[0][1]["exclude"])


def test_like_several_is_a_share_of_each() -> None:
    said = Talk(lang="en")
    said.say("show me dresses")
    liked = [i["id"] for i in said.artifacts[-1]["items"][:2]]
    said.say("more like the first two")
    assert [args["like"] for _, args in said.calls] == liked
