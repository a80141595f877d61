"""How a turn stands to the ones before it: back to a list, likes and dislikes, half answers, several wishes."""

from itertools import pairwise
from typing import Any

import pytest
from planner_talk import Talk, catalogue

from agent.planner import measures, speak_service
from agent.planner.calls import Done
from agent.planner.history import state_before
from agent.planner.meaning import Meaning, Part
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.state import State
from prompts import taxonomy


def shown(talk: Talk) -> list[str]:
    return [c["id"] for c in talk.artifacts[-1]["items"]]


def state(talk: Talk) -> State:
    return state_before(talk.messages)


@pytest.mark.parametrize(
    ("lang", "first", "second", "back"),
    [
        ("en", "show me red dresses", "now shoes", "go back to the dresses"),
        ("en", "show me red dresses", "show me boots", "back to the red dresses please"),
        ("zh", "看看红色连衣裙", "再看看鞋子", "回到刚才的裙子"),
        ("zh", "看看红色连衣裙", "看看靴子", "刚才的连衣裙呢"),
    ],
)
def test_an_earlier_list_is_gone_back_to_with_what_it_was_the_answer_to(
    lang: str, first: str, second: str, back: str
) -> None:
    talk = Talk(lang=lang)
    talk.say(first)
    before = shown(talk)
    talk.say(second)
    reply = talk.say(back)
    assert talk.calls == [("search_catalog", {"ids": before})] and str(len(before)) in reply
    assert state(talk).slots["color"] == ["red"]
    talk.say({"en": "the second one, what is it made of?", "zh": "第二件什么材质"}[lang])
    assert talk.calls[0][1]["product"] == before[1]


@pytest.mark.parametrize(
    ("lang", "text", "place"),
    [("en", "how much is the third one of the first list?", 2), ("zh", "第一批里的第三件多少钱", 2)],
)
def test_a_place_in_an_earlier_list(lang: str, text: str, place: int) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    first = shown(talk)
    talk.say({"en": "show me boots", "zh": "看看靴子"}[lang])
    talk.say(text)
    assert talk.calls[0][1]["product"] == first[place]


def test_every_list_is_kept_and_the_newest_is_the_newest() -> None:
    talk = Talk()
    wanted = ["dresses", "boots", "hats", "coats", "shirts", "bags", "skirts", "jeans"]
    for kind in wanted:
        talk.say(f"show me {kind}")
    lists = state(talk).lists
    assert len(lists) == len(wanted) and all(lists)
    talk.say("go back to the dresses")
    assert talk.calls[0][1]["ids"] == [i.id for i in lists[0]]


@pytest.mark.parametrize("text", ["start over", "forget all that", "重新来", "刚才说的都不算，重新找"])
def test_what_was_sought_is_forgotten_and_what_was_shown_is_not(text: str) -> None:
    talk = Talk()
    talk.say("show me red dresses under $80")
    talk.say(text)
    assert talk.calls == [] and not state(talk).slots and len(state(talk).lists) == 1


@pytest.mark.parametrize(
    ("lang", "text"),
    [("en", "I like the second one"), ("zh", "第二条我喜欢"), ("en", "the second one is lovely")],
)
def test_a_liked_product_is_remembered_and_meant_later(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    second = shown(talk)[1]
    talk.say(text)
    assert state(talk).liked == [second] and not talk.lines
    talk.say({"en": "show me boots", "zh": "看看靴子"}[lang])
    talk.say({"en": "show me more like the one I liked", "zh": "找和我喜欢的那条差不多的"}[lang])
    assert talk.calls[0][1]["like"] == second


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("en", "not the first one, too flashy"),
        ("zh", "我不喜欢第一条"),
        ("en", "the first one isn't my style"),
    ],
)
def test_a_refused_product_does_not_come_again(lang: str, text: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    first = shown(talk)[0]
    talk.say(text)
    assert state(talk).refused == [first] and first in talk.calls[0][1]["exclude"]
    talk.say({"en": "show me cheap dresses", "zh": "看看便宜的连衣裙"}[lang])
    assert first not in shown(talk)


@pytest.mark.parametrize(
    ("text", "color"), [("I don't like the colour of the second one", True), ("第二件颜色不喜欢", True)]
)
def test_a_refused_colour_is_left_out(text: str, color: bool) -> None:
    talk = Talk()
    talk.say("show me dresses")
    disliked = catalogue()[shown(talk)[1]].colors[0]
    talk.say(text)
    assert talk.calls[0][1]["where"]["not"]["color"] == [disliked]
    assert all(disliked not in c["colors"] for c in talk.artifacts[-1]["items"])


@pytest.mark.parametrize("text", ["I like the third one but it's too expensive", "第三个好看但是有点贵"])
def test_liked_but_dear_is_the_like_for_less(text: str) -> None:
    talk = Talk()
    talk.say("show me dresses")
    third = talk.artifacts[0]["items"][2]
    talk.say(text)
    args = talk.calls[0][1]
    paid = float((third["sale_price"] or third["price"])["amount"])
    assert args["like"] == third["id"] and args["where"]["price"]["max"] < paid


@pytest.mark.parametrize("text", ["which one would you pick?", "哪件最好看？", "help me choose"])
def test_the_choice_is_made_among_what_is_shown(text: str) -> None:
    talk = Talk()
    talk.say("show me dresses")
    ids = shown(talk)
    reply = talk.say(text)
    (tool, args), *_ = talk.calls
    assert tool == "product_details" and args["product"] in ids
    assert talk.artifacts[-1]["items"][0]["name"] in reply


def test_what_is_asked_once_is_not_asked_again() -> None:
    talk = Talk()
    replies = [talk.say(t) for t in ("show me dresses", "show me shirts", "show me coats", "show me shoes")]
    asked = [r for r in replies if "budget" in r or "spend" in r]
    assert len(asked) <= 1
    for a, b in pairwise(replies):
        assert not set(a.split(". ")) & set(b.split(". "))


def test_a_question_beside_leaves_the_size_open() -> None:
    talk = Talk()
    talk.say("show me dresses")
    talk.say("add the first one")
    product = talk.calls[0][1]["product"]
    talk.say("can I return it?")
    assert talk.lines == []
    talk.say("M")
    assert talk.lines == [(product, "M", 1)]


def test_a_size_in_doubt_is_no_answer() -> None:
    talk = Talk()
    talk.say("show me dresses")
    talk.say("add the first one")
    talk.say("I'm between M and L, which should I take?")
    assert talk.lines == []


@pytest.mark.parametrize("text", ["make it 3", "要3件"])
def test_how_many_is_taken_while_a_size_is_asked(text: str) -> None:
    talk = Talk(lang="zh" if not text.isascii() else "en")
    talk.say("show me dresses")
    talk.say("add the first one")
    product = talk.calls[0][1]["product"]
    talk.say(text)
    assert talk.lines == []
    talk.say("M")
    assert talk.lines == [(product, "M", 3)]


def test_two_questions_about_the_shop_are_two() -> None:
    talk = Talk()
    talk.say("how do I return something, and do you ship to Spain?")
    asked = [args["question"] for tool, args in talk.calls if tool == "shop_policy"]
    assert len(asked) == 2 and "return" in asked[0] and "spain" in asked[1].casefold()


def test_an_outfit_beside_a_problem_of_the_cart_leaves_both_told() -> None:
    talk = Talk()
    talk.say("show me dresses")
    reply = talk.say("add the first one to my cart and show me shoes to match")
    assert "size" in reply.casefold() and "shoes" in reply
    assert state(talk).pending is not None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_is_asked_for_with_a_summary(lang: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me red dresses", "zh": "看看红色连衣裙"}[lang])
    talk.say({"en": "I want to talk to a human", "zh": "转人工"}[lang])
    handed: list[Any] = [a for a in talk.artifacts if a["type"] == "handoff"]
    word = taxonomy.word("color", "red", lang)
    assert handed and word in handed[0]["summary"] and handed[0]["reason"]
    talk.say({"en": "thanks", "zh": "谢谢"}[lang])
    assert talk.calls == []


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("summary", ["", "Looking for: red dresses"])
def test_a_summary_is_told_of_where_there_is_one(lang: str, summary: str) -> None:
    handed = {"type": "handoff", "session": "talk", "reason": "a person", "summary": summary}
    done, reply = [Done(tool="hand_off", artifact=handed)], Reply()
    meaning = Meaning(language=lang, intent="handoff", intents=["handoff"])
    speak_service.handoff(Part(intent="handoff"), meaning, State(), State(), done, Voice(lang, ""), reply)
    told = {"zh": "要点", "en": "summary"}[lang] in " ".join(reply.sentences)
    assert reply.sentences and told == bool(summary)


def test_an_order_is_owned_up_to_and_its_number_given_back() -> None:
    talk = Talk()
    first = talk.say("where is my order?")
    assert "order number" in first
    second = talk.say("my order number is A123456")
    assert "A123456" in second and first != second


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my chest is 98 cm", {"chest": 98.0}),
        ("98cm chest, 80 waist", {"chest": 98.0, "waist": 80.0}),
        ("胸围98，腰围80", {"chest": 98.0, "waist": 80.0}),
        ("I'm 170cm", {"height": 170.0}),
        ("我身高一米七五", {"height": 175.0}),
        ("他110cm", {"height": 110.0}),
        ("I am 5'9", {"height": 175.3}),
        ("身高175，体重65公斤", {"height": 175.0, "weight": 65.0}),
        ("165cm 110斤", {"height": 165.0, "weight": 55.0}),
        ("I'm 180 cm and weigh 160 pounds", {"height": 180.0, "weight": 72.6}),
        ("a dress for 50 pounds", {}),
        ("waist 32 inches", {"waist": 81.3}),
        ("show me dresses under 100", {}),
        ("size 42 please", {}),
    ],
)
def test_measures_are_read(text: str, found: dict[str, float]) -> None:
    assert measures.read(text) == found


def test_a_measure_is_kept_for_the_next_product() -> None:
    talk = Talk()
    talk.say("show me shirts for men")
    talk.say("my chest is 98 cm, what size should I get in the first one?")
    assert state(talk).measures == {"chest": 98.0}
    size = state(talk).size
    assert size
    talk.say("add it in that size")
    assert [line[1] for line in talk.lines] == [size]


@pytest.mark.parametrize(("lang", "said"), [("en", "no longer sold"), ("zh", "下架")])
def test_what_left_the_catalogue_is_told_to_have_left_the_cart(lang: str, said: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    name = talk.artifacts[0]["items"][0]["name"]
    talk.say({"en": "add the first one in M", "zh": "第一件M码加购物车"}[lang])
    product = talk.lines[0][0]
    talk.lines, talk.gone = [], [product]
    reply = talk.say({"en": "what's in my cart?", "zh": "看看购物车"}[lang])
    assert name in reply and said in reply


@pytest.mark.parametrize(
    ("text", "angry"),
    [
        ("you are useless", True),
        ("this is ridiculous, I'm so frustrated", True),
        ("你答非所问，气死我了", True),
        ("什么破机器人", True),
        ("麻烦你看看红色连衣裙", False),
        ("is this awful green dress warm?", False),
        ("这件没用过的包还有吗", False),
        ("show me red dresses", False),
    ],
)
def test_who_is_angry_is_offered_a_person_and_given_none(text: str, angry: bool) -> None:
    talk = Talk(lang="zh" if not text.isascii() else "en")
    reply = talk.say(text)
    assert (("转人工" in reply) or ("get me a person" in reply)) == angry, reply
    assert "hand_off" not in [call[0] for call in talk.calls]


def test_after_two_replies_of_no_help_a_person_is_offered_once() -> None:
    talk = Talk()
    replies = [talk.say(text) for text in ("blorfing zwickel", "grumpf wobbel snarz", "quazzel frobnitz")]
    assert ["get me a person" in reply for reply in replies] == [False, True, False], replies
