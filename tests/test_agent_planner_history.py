"""The state that messages leave, when another model than the planner answered them."""

from typing import Any

import planner_cases as cases
import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from planner_talk import Talk, lexicon

from agent.planner.consent import covered
from agent.planner.history import state_before
from agent.planner.model import OfflinePlanner
from agent.planner.state import State

PHOTO = cases.PHOTO
CONVERSATIONS = {
    "en": [
        "I need a dress under $80",
        "not floral",
        "does the second one come in M?",
        "what shoes go with it?",
        "I like the first pair",
        "compare the first two",
        "add the second one",
    ],
    "zh": ["想买条裙子，80以内", "不要碎花的", "第二件有M码吗", "配什么鞋", "第二双不错", "加购物车"],
}
KEPT = ("language", "focus", "latest", "cart", "liked", "refused", "at_hand", "photo", "outfit", "turn")


def bare(messages: list[BaseMessage]) -> list[BaseMessage]:
    """As a model leaves them that writes no state."""
    return [
        AIMessage(m.text, tool_calls=m.tool_calls) if isinstance(m, AIMessage) else m.model_copy(deep=True)
        for m in messages
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_state_is_the_same_whoever_answered(lang: str) -> None:
    talk = Talk(lang=lang)
    for text in CONVERSATIONS[lang]:
        talk.say(text, [PHOTO] if "dress" in text else None)
        own, found = state_before(talk.messages), state_before(bare(talk.messages), lexicon())
        for name in KEPT:
            assert getattr(found, name) == getattr(own, name), (text, name)
        assert [[i.id for i in x] for x in found.lists] == [[i.id for i in x] for x in own.lists], text
        assert [p.id for p in found.pictures] == [p.id for p in own.pictures]
        assert found.slots.get("category") == own.slots.get("category"), text


def test_the_planner_takes_over_in_the_middle() -> None:
    talk = Talk()
    talk.say("show me dresses")
    second = talk.artifacts[0]["items"][1]["id"]
    again = Talk(messages=bare(talk.messages))
    again.say("does the second one come in M?")
    assert again.calls[0][1]["product"] == second
    again.say("show me others")
    assert {c["id"] for c in talk.artifacts[0]["items"]} <= set(again.calls[0][1]["exclude"])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_size_that_another_model_asked_for_is_answered(lang: str) -> None:
    talk = Talk(lang=lang)
    talk.say({"zh": "看看连衣裙", "en": "show me dresses"}[lang])
    talk.say({"zh": "第一件加购物车", "en": "add the first one"}[lang])
    product = talk.calls[0][1]["product"]
    again = Talk(lang=lang, messages=bare(talk.messages))
    again.say("M")
    assert again.lines == [(product, "M", 1)]
    asked = [*bare(talk.messages), HumanMessage("M")]
    planner = OfflinePlanner(lexicon=lexicon)
    assert covered("cart", {"action": "add", "product": product, "size": "M"}, asked, planner)
    assert not covered("cart", {"action": "add", "product": product, "size": "L"}, asked, planner)


def test_which_one_that_another_model_asked_is_answered_by_a_number() -> None:
    talk = Talk()
    talk.say("show me dresses")
    ids = [c["id"] for c in talk.artifacts[0]["items"]]
    messages = [*bare(talk.messages), HumanMessage("add it to my cart"), AIMessage("Which one do you mean?")]
    again = Talk(messages=messages)
    again.say("the third one")
    assert again.calls[0][1]["action"] == "add" and again.calls[0][1]["product"] == ids[2]
    told = [*bare(talk.messages), HumanMessage("add it to my cart"), AIMessage("These are all lovely.")]
    assert state_before(told).pending is None


def searched(
    query: str, where: dict[str, Any], cards: list[dict[str, Any]], **more: Any
) -> list[BaseMessage]:
    args = {"query": query, "where": where, **more}
    artifact = {"type": "products", "items": cards, "total": len(cards), "query": {"text": query, **args}}
    return [
        AIMessage("", tool_calls=[{"name": "search_catalog", "args": args, "id": "c1"}]),
        ToolMessage("found", tool_call_id="c1", name="search_catalog", artifact=artifact),
        AIMessage("Have a look at these."),
    ]


def test_what_a_model_searched_for_in_words_alone_can_be_refined() -> None:
    turn = [HumanMessage("a red dress for summer"), *searched("red summer dress", {}, cases.CARDS)]
    state = state_before(turn)
    assert state.slots == {"category": ["dress"], "color": ["red"], "season": ["summer"]}
    talk = Talk(messages=turn)
    talk.say("in blue please")
    assert talk.calls[0][1]["where"] == {"category": ["dress"], "color": ["blue"]}


def test_a_reset_said_to_another_model_is_a_reset() -> None:
    turn = [HumanMessage("red dresses"), *searched("red dress", {}, cases.CARDS)]
    over = [HumanMessage("forget all that, start over"), AIMessage("Sure, what would you like?")]
    state = state_before([*turn, *over])
    assert not state.slots and not state.shown and len(state.lists) == 1


def test_broken_calls_and_unreadable_states_do_no_harm() -> None:
    broken = [
        HumanMessage("hello"),
        AIMessage("", tool_calls=[{"name": "search_catalog", "args": {"where": "red"}, "id": "x"}]),
        ToolMessage("no", tool_call_id="x", name="search_catalog", status="error"),
        ToolMessage("stray", tool_call_id="nobody", name="cart", artifact={"type": "cart", "lines": []}),
        AIMessage("hm", additional_kwargs={"state": {"lists": "none", "turn": "many"}}),
    ]
    assert state_before(broken).turn == 1


def test_the_state_on_record_reads_back_as_it_was() -> None:
    talk = Talk()
    for text in CONVERSATIONS["en"]:
        talk.say(text)
    state = state_before(talk.messages)
    assert State.model_validate(state.to_json()) == state
    assert len(state.sought) == len(state.lists)
