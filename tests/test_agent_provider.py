"""Any provider's model behind the same door: what it gets wrong never reaches the shopper or the cart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, ToolMessage

from agent import models
from agent.assistant import Assistant
from agent.events import Event
from agent.settings import Settings
from prompts import say
from tests.fake_models import ScriptedModel, calls


@pytest.fixture
def talk(demo_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """talk(replies, text) → (events, model, session): one turn with a scripted model."""
    opened: list[Assistant] = []

    def turn(replies: list[Any], text: str, lang: str = "en") -> tuple[list[Event], ScriptedModel, Any]:
        model = ScriptedModel(replies=replies, seen=[])
        monkeypatch.setattr(models, "chat_model", lambda settings, planner: model)
        assistant = Assistant.open(Settings(data=demo_data, model="scripted", route="always"))
        opened.append(assistant)
        session = assistant.session(lang=lang)
        return list(session.respond(text)), model, session

    yield turn
    for assistant in opened:
        assistant.close()


def reply(events: list[Event]) -> str:
    return next(e.text for e in events if e.type == "done")


def test_a_true_reply_passes_and_its_cards_come_from_the_store(talk: Any) -> None:
    def answer(messages: list[Any]) -> AIMessage:
        item = next(m for m in reversed(messages) if isinstance(m, ToolMessage)).artifact["items"][0]
        shown = item["sale_price"] or item["price"]
        return AIMessage(f"The **{item['name']}** is {shown['text']}. Shall I check a size?")

    events, _, _ = talk(
        [calls("search_catalog", query="dress", where={"category": ["dress"]}), answer], "a dress"
    )
    products = next(e for e in events if e.type == "products")
    assert products.items[0].name in reply(events)
    assert "".join(e.text for e in events if e.type == "token") == reply(events)


def test_a_false_price_is_asked_back_once_then_cut(talk: Any) -> None:
    lie = AIMessage("I found a lovely one. It is only $1.23 today! Want to see more?")
    events, model, _ = talk([calls("search_catalog", query="dress"), lie], "a dress")
    assert "1.23" not in reply(events)
    assert "lovely" in reply(events)
    assert len(model.seen) == 3
    assert "$1.23" in str(model.seen[-1][-1].content)


def test_a_reply_that_is_all_invention_leaves_a_truthful_sentence(talk: Any) -> None:
    events, _, _ = talk([AIMessage("**Golden dragon dress**, $5!")], "a dress")
    assert reply(events)
    assert "$5" not in reply(events)
    assert "dragon" not in reply(events)


def test_the_cart_is_not_touched_unasked(talk: Any, demo_data: Path) -> None:
    def add(messages: list[Any]) -> AIMessage:
        items = next(m for m in reversed(messages) if isinstance(m, ToolMessage)).artifact["items"]
        item = next(i for i in items if any(s["in_stock"] for s in i["sizes"]))
        size = next(s["size"] for s in item["sizes"] if s["in_stock"])
        return calls("cart", action="add", product=item["id"], size=size)

    script = [
        calls("search_catalog", query="dress", where={"in_stock": True}),
        add,
        AIMessage("Here you are."),
    ]
    events, model, session = talk(script, "show me a dress")
    assert session.cart().lines == []
    assert not [e for e in events if e.type == "cart"]
    assert any("has not asked" in str(m.content) for m in model.seen[-1] if isinstance(m, ToolMessage))


def test_the_planner_answers_when_the_provider_fails(talk: Any) -> None:
    events, _, _ = talk([ConnectionError("no route")], "a black dress")
    assert not [e for e in events if e.type == "error"]
    assert [e for e in events if e.type == "products"]
    assert reply(events)


def test_the_planner_answers_when_the_provider_says_nothing(talk: Any) -> None:
    events, _, _ = talk([AIMessage("  ")], "a black dress")
    assert reply(events).strip()


def test_a_model_that_goes_in_circles_ends_in_an_answer(talk: Any) -> None:
    events, model, _ = talk([calls("search_catalog", query="dress")], "a dress")
    assert not [e for e in events if e.type == "error"]
    assert reply(events).startswith(say("session", "stand_in.circles", "en"))
    assert len(model.seen) <= Settings().model_calls_per_turn
    assert events[-1].answered_by == "offline"


@pytest.mark.parametrize(
    "call",
    [
        calls("search_catalog", where={"colour": ["red"]}),
        calls("search_catalog", where="red"),
        calls("product_details", product="../../etc/passwd"),
        calls("compare", products=["x"]),
        calls("no_such_tool"),
        calls("ask_image", question="?", photo="0123456789abcdef"),
    ],
    ids=str,
)
def test_a_hostile_or_broken_tool_call_is_told_to_the_model_and_the_turn_goes_on(
    talk: Any, call: AIMessage
) -> None:
    events, model, _ = talk([call, AIMessage("Sorry, could you say that differently?")], "a dress")
    assert not [e for e in events if e.type == "error"]
    assert reply(events) == "Sorry, could you say that differently?"
    told = [m for m in model.seen[-1] if isinstance(m, ToolMessage) or "mistakes in its tool calls" in m.text]
    assert told


def test_an_unknown_provider_is_a_clear_error(demo_data: Path) -> None:
    from agent.errors import BadModel

    with pytest.raises(BadModel, match="nosuch"):
        models.chat_model(Settings(data=demo_data, model="nosuch:thing"), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("openai:x", "Missing credentials. Please pass an `api_key`, `workload_identity`, `admin_api_key`, or set the "
         "`OPENAI_API_KEY` or `OPENAI_ADMIN_KEY` environment variable.", "set the variable OPENAI_API_KEY"),
        ("groq:x", "The api_key client option must be set either by passing api_key to the client or by setting the "
         "GROQ_API_KEY environment variable", "set the variable GROQ_API_KEY"),
        ("azure_openai:x", "1 validation error: did not find azure_openai_api_key, please add an environment variable "
         "`AZURE_OPENAI_API_KEY` which contains it", "set the variable AZURE_OPENAI_API_KEY"),
        ("huggingface:x", "Set HUGGINGFACEHUB_API_TOKEN", "set the variable HUGGINGFACEHUB_API_TOKEN"),
        ("anthropic:x", "Initializing ChatAnthropic requires the langchain-anthropic package. Please install it with "
         "`pip install langchain-anthropic`", "run pip install langchain-anthropic"),
        ("openai:x", "unknown option: frobnicate\nmore", "unknown option: frobnicate"),
    ],
)  # fmt: skip
def test_what_a_provider_lacks_is_one_sentence_that_says_what_to_do(
    demo_data: Path, monkeypatch: pytest.MonkeyPatch, name: str, said: str, told: str
) -> None:
    from agent.errors import BadModel

    def refuse(*_: object, **__: object) -> None:
        raise ValueError(said)

    monkeypatch.setattr(models.chat_models, "init_chat_model", refuse)
    with pytest.raises(BadModel) as caught:
        models.check(Settings(data=demo_data, model=name))
    sentence = caught.value.message("en")
    assert sentence.endswith(told) and "\n" not in sentence and "credentials" not in sentence
