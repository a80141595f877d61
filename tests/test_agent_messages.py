"""Turns on record told to the agent again: each call with its own result."""

from typing import Any

from langchain_core.messages import ToolMessage

from agent.assistant import Assistant
from agent.events import EVENT, Event, Thinking
from agent.messages import told_again
from agent.transcripts import Turn
from tools.results import Cart, Handoff, Policy, Products, Result

CARD = {
    "id": "D0001",
    "name": "Tee",
    "category": "t-shirt",
    "price": {"amount": "9", "currency": "USD", "text": "$9"},
    "in_stock": True,
}


def thinking(tool: str, call: str = "", **args: Any) -> Thinking:
    return Thinking(tool=tool, label="…", args=args, call=call)


def found(call: str = "") -> Products:
    return Products.model_validate({"items": [CARD], "total": 1, "call": call})


def again(*events: Event) -> list[tuple[str, str | None]]:
    """(tool, type of what it is said to have given) of each call told again."""
    told = told_again([(0, Turn(text="hi", events=list(events)))], lambda focus: None)
    results = [m for m in told if isinstance(m, ToolMessage)]
    assert not [m for m in results if m.artifact and "call" in m.artifact]
    return [(str(m.name), m.artifact and m.artifact["type"]) for m in results]


def test_what_shows_nothing_takes_no_result_of_another_call() -> None:
    assert again(thinking("search_catalog", "a"), thinking("search_catalog", "b"), found("b")) == [
        ("search_catalog", None),
        ("search_catalog", "products"),
    ]
    policy = Policy(topic="contact", title="Contact", passage="Call us.", call="b")
    assert again(thinking("hand_off", "a"), thinking("shop_policy", "b"), policy) == [
        ("hand_off", None),
        ("shop_policy", "policy"),
    ]


def test_results_that_come_back_in_another_order() -> None:
    cart, products = Cart(lines=[], call="a"), found("b")
    assert again(thinking("cart", "a"), thinking("search_catalog", "b"), products, cart) == [
        ("cart", "cart"),
        ("search_catalog", "products"),
    ]


def test_turns_kept_without_ids_of_calls() -> None:
    handed = Handoff(session="s", reason="a person")
    policy = Policy(topic="contact", title="Contact", passage="Call us.")
    assert again(thinking("hand_off"), thinking("shop_policy"), handed, policy) == [
        ("hand_off", "handoff"),
        ("shop_policy", "policy"),
    ]
    assert again(thinking("hand_off"), thinking("shop_policy"), policy) == [
        ("hand_off", None),
        ("shop_policy", "policy"),
    ]


def test_an_event_says_of_which_call_it_is(assistant: Assistant) -> None:
    session = assistant.session(lang="en")
    events = list(session.respond("show me red dresses"))
    calls = [e.call for e in events if isinstance(e, Thinking)]
    given = [e.call for e in events if isinstance(e, Result)]
    assert given and set(given) <= set(calls) and all(calls)
    kept = [EVENT.validate_python(e.model_dump(mode="json")) for e in session.history()[-1].events]
    assert [e.call for e in kept if isinstance(e, Result)] == given
    assert "call" not in session.cart().model_dump(mode="json")
