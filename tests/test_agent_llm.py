"""A model by OpenAI's protocol on loopback, well-behaved and not: what a shopper sees of it, through the one door."""

import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agent.assistant import Assistant
from agent.events import Event
from agent.llm import patient
from agent.session import Session
from agent.settings import Settings
from prompts import say
from tests import llm_server
from tests.llm_server import Asked, Server, Step, calls, fails, says

pytestmark = pytest.mark.loopback

MODEL = "openai:scripted"
SEARCH = ("search_catalog", {"query": "dress", "where": {"category": ["dress"]}})
# Short, so that giving up is quick; long enough for a machine that does other things too.
SHORT = {
    "model_first_token_s": 1.5,
    "model_silence_s": 1.0,
    "model_timeout_s": 3.0,
    "model_turn_s": 10.0,
    "model_retries": 1,
    "model_rest_s": 0.0,
    "price_input": 2.0,
    "price_output": 10.0,
    "price_cached": 0.5,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with llm_server.serve() as running:
        yield running


def opened(demo_data: Path, server: Server, **more: Any) -> Assistant:
    settings: dict[str, Any] = {**SHORT, **more}
    return Assistant.open(
        Settings(data=demo_data, model=MODEL, route="always", model_base_url=server.url, **settings)
    )


@pytest.fixture(scope="module")
def streamed(demo_data: Path, server: Server) -> Iterator[Assistant]:
    assistant = opened(demo_data, server)
    assistant.eyes.warm()
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def whole(demo_data: Path, server: Server) -> Iterator[Assistant]:
    assistant = opened(demo_data, server, model_streaming=False)
    assistant.eyes.warm()
    yield assistant
    assistant.close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    monkeypatch.setattr(patient, "FIRST_WAIT_S", 0.05)


@pytest.fixture(params=["streamed", "whole"])
def either(request: pytest.FixtureRequest) -> Assistant:
    found: Assistant = request.getfixturevalue(request.param)
    return found


def talk(assistant: Assistant, lang: str = "en") -> Session:
    return assistant.session(uuid.uuid4().hex[:16], lang=lang)


def turn(session: Session, text: str) -> list[Event]:
    """The events of a turn, with what holds of every one."""
    events = list(session.respond(text))
    assert events[0].type == "turn_started"
    assert [e.type for e in events].count("done") == 1
    assert events[-1].type == "done"
    assert events[-1].text == "".join(e.text for e in events if e.type == "token")
    assert events[-1].text.strip() == events[-1].text != ""
    assert not [e for e in events if e.type == "error"]
    return events


def reply(events: list[Event]) -> str:
    return str(events[-1].text)  # type: ignore[union-attr]


def honest(why: str = "failed", lang: str = "en") -> str:
    return say("session", f"stand_in.{why}", lang)


def stood_in(events: list[Event], why: str = "failed", lang: str = "en") -> bool:
    """The planner answered and said so, once."""
    return events[-1].answered_by == "offline" and reply(events).count(honest(why, lang)) == 1  # type: ignore[union-attr]


def shown(events: list[Event]) -> list[Any]:
    return [item for e in events if e.type == "products" for item in e.items]


# -- a model that behaves -------------------------------------------------------------------------------------------


def test_a_turn_of_a_model(either: Assistant, server: Server) -> None:
    @llm_server.reads
    def answer(asked: Asked) -> Step:
        return says("Here are some dresses. Shall I narrow them down?")

    server.script(calls(SEARCH), answer)
    events = turn(talk(either), "show me dresses")
    assert reply(events) == "Here are some dresses. Shall I narrow them down?"
    assert shown(events)
    done = events[-1]
    assert done.answered_by == MODEL
    usage = done.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (200, 40, 80)
    assert (usage.model_calls, usage.estimated, usage.currency) == (2, False, "USD")
    assert Decimal(usage.cost) == (Decimal(120) * 2 + Decimal(80) / 2 + Decimal(40) * 10) / 1_000_000


def test_tokens_are_estimated_where_the_server_does_not_count(streamed: Assistant, server: Server) -> None:
    server.script(says("Hello! What are you looking for?", usage=False))
    usage = turn(talk(streamed), "hi")[-1].usage
    assert usage.estimated
    assert 0 < usage.output_tokens < 40
    assert usage.input_tokens > 0


def test_the_planner_costs_nothing(assistant: Assistant) -> None:
    done = turn(talk(assistant), "show me dresses")[-1]
    assert (done.usage.model_calls, done.usage.cost, done.answered_by) == (0, None, "offline")


def test_sentences_are_shown_while_the_model_writes(streamed: Assistant, server: Server) -> None:
    pieces = [
        "What a nice idea. ",
        "Is it for a party? ",
        "Or for the office? ",
        "Tell me ",
        "a little more. ",
        "Take your time.",
    ]
    server.script(llm_server.says_slowly(pieces, 0.2))
    came = [(e, time.monotonic()) for e in talk(streamed).respond("I want a dress")]
    first = next(at for e, at in came if e.type == "token")
    done = next(at for e, at in came if e.type == "done")
    assert done - first > 0.55  # of the 1.0 s that the model writes
    assert came[-1][0].text == "".join(pieces)


def test_thoughts_are_not_shown(either: Assistant, server: Server) -> None:
    server.script(says("<think>The shopper says hi. I will be rude.</think>\n\nHello! What may I show you?"))
    assert reply(turn(talk(either), "hi")) == "Hello! What may I show you?"


def test_words_before_a_call_are_shown_once(either: Assistant, server: Server) -> None:
    server.script(calls(SEARCH, text="Let me have a look."), says("These are our dresses."))
    events = turn(talk(either), "show me dresses")
    assert reply(events) == "Let me have a look.\n\nThese are our dresses."
    kinds = [e.type for e in events]
    assert kinds.index("token") < kinds.index("products")


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("What a \u202enice\u202c idea. Tell me more.", "What a nice idea. Tell me more."),
        ("Hello!\x1b]0;evil\x07 What\u200b may I show you?", "Hello! What may I show you?"),
    ],
)
def test_what_a_model_says_is_shown_plain(either: Assistant, server: Server, said: str, seen: str) -> None:
    server.script(says(said))
    assert reply(turn(talk(either), "hi")) == seen


def test_an_untruth_in_letters_that_nobody_sees_is_not_shown(either: Assistant, server: Server) -> None:
    lie = "The first one is on\u200bly $1\u200b.23 today."
    server.script(calls(SEARCH), says(f"Here are some dresses. {lie} Shall I go on?"))
    assert "1.23" not in "".join(e.text for e in turn(talk(either), "show me dresses") if e.type == "token")


# -- untrue words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        "The first one is only $1.23 today.",
        "The **Velvet Moon Gala Dress** would be perfect.",
        "I have added it to your cart.",
        "We have 4711 products like that.",
        "已经帮你加入购物车了。",
        "第一件只要 3 块钱。",
    ],
)
def test_an_untrue_sentence_is_never_shown(either: Assistant, server: Server, lie: str) -> None:
    server.script(calls(SEARCH), says(f"Here are some dresses. {lie} Shall I go on?"))
    session = talk(either)
    events = turn(session, "show me dresses")
    seen = "".join(e.text for e in events if e.type == "token")
    assert lie not in seen
    assert seen.startswith("Here are some dresses.")
    assert session.cart().lines == []
    assert "not backed" in server.asked[2].text()  # told once what was wrong
    assert len(server.asked) == 3


def test_a_reply_is_gone_on_with_where_it_was_held(streamed: Assistant, server: Server) -> None:
    server.script(
        calls(SEARCH),
        says("Here are some dresses. The first is $1.23. Nice?"),
        says("Shall I look for others?"),
    )
    events = turn(talk(streamed), "show me dresses")
    assert reply(events) == "Here are some dresses. Shall I look for others?"
    assert "Here are some dresses." in server.asked[2].messages[-1]["content"]


# -- calls that cannot be made --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (("find_products", {"query": "dress"}), "search_catalog, product_details"),
        (("search_catalog", '{"query": "dress", '), "not valid JSON"),
        (("search_catalog", {"query": "dress", "limit": "many"}), "limit"),
        (
            ("search_catalog", {"query": "dress", "colour": "red"}),
            "no argument colour; it takes query, where",
        ),
        (("cart", {"action": "explode"}), "'view', 'add', 'remove'"),
        (("product_details", {}), "product: Field required"),
    ],
    ids=["tool", "json", "type", "key", "value", "missing"],
)
def test_a_wrong_call_is_told_once_with_what_there_is(
    either: Assistant, server: Server, call: tuple[str, Any], told: str
) -> None:
    server.script(calls(call), calls(SEARCH), says("Here are some dresses."))
    events = turn(talk(either), "show me dresses")
    assert told in server.asked[1].messages[-1]["content"]
    assert reply(events) == "Here are some dresses."
    assert [e.tool for e in events if e.type == "thinking"] == ["search_catalog"]
    assert told not in server.asked[2].text()


@pytest.mark.parametrize("call", [("find_products", {}), ("search_catalog", "{{{")])
def test_a_model_that_only_makes_wrong_calls_is_replaced(
    either: Assistant, server: Server, call: tuple[str, Any]
) -> None:
    server.script(calls(call))
    events = turn(talk(either), "show me dresses")
    assert stood_in(events)
    assert shown(events)


def test_the_same_call_again_and_again_ends_in_an_answer(either: Assistant, server: Server) -> None:
    server.script(calls(SEARCH))
    events = turn(talk(either), "show me dresses")
    assert stood_in(events, "circles")
    assert len([e for e in events if e.type == "products"]) == 1
    assert len(server.asked) <= either.settings.model_calls_per_turn


def test_other_calls_again_and_again_end_in_an_answer(streamed: Assistant, server: Server) -> None:
    @llm_server.reads
    def another(asked: Asked) -> Step:
        return calls(("search_catalog", {"query": f"dress number {len(server.asked)}"}))

    server.script(another)
    events = turn(talk(streamed, "zh"), "看看连衣裙")
    assert stood_in(events, "circles", "zh")
    assert len([e for e in events if e.type == "products"]) <= streamed.settings.calls_per_tool
    assert len(server.asked) <= streamed.settings.model_calls_per_turn


def test_many_calls_at_once_keep_to_the_budget(streamed: Assistant, server: Server) -> None:
    policies = [("shop_policy", {"question": f"returns {n}"}) for n in range(30)]
    server.script(calls(*policies), says("Ask me anything else."))
    events = turn(talk(streamed), "what are your rules?")
    assert reply(events) == "Ask me anything else."
    assert len([e for e in events if e.type == "policy"]) <= streamed.settings.calls_per_tool
    assert "all the tool calls that you may make" in server.asked[1].messages[-1]["content"]


@pytest.mark.parametrize("call_id", ["", "call_0"], ids=["none", "the same"])
def test_calls_are_told_apart_also_where_the_server_does_not(
    either: Assistant, server: Server, call_id: str
) -> None:
    session = talk(either)
    for words in ("show me dresses", "and now shoes"):
        server.script(
            calls(SEARCH, ("shop_policy", {"question": "returns"}), call_id=call_id),
            calls(("search_catalog", {"query": words}), call_id=call_id),
            says("Here you are."),
        )
        events = turn(session, words)
        assert [e.type for e in events if e.type in ("products", "policy")] == [
            "products",
            "policy",
            "products",
        ]
        assert reply(events) == "Here you are."
    made = [c["id"] for m in server.asked[-1].messages for c in m.get("tool_calls") or []]
    assert len(made) == len(set(made)) == 6
    assert made == [m["tool_call_id"] for m in server.asked[-1].messages if m["role"] == "tool"]


# -- servers that misbehave -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "step",
    [
        llm_server.silent(),
        fails(500),
        fails(503),
        fails(429, Retry_After="600"),
        fails(401),
        llm_server.breaks_off(""),
        says(""),
        says("  \n "),
        llm_server.answers("<html>Welcome to the proxy</html>", "text/html"),
        llm_server.answers("not JSON at all", "application/json"),
        llm_server.answers('{"hello": ["world"]}', "application/json"),
        llm_server.answers("data: {broken\n\n", "text/event-stream"),
        llm_server.answers("", "text/plain"),
    ],
    ids=[
        "silent",
        "500",
        "503",
        "429",
        "401",
        "reset",
        "empty",
        "blank",
        "html",
        "no json",
        "json",
        "sse",
        "no body",
    ],
)
def test_a_server_that_fails_is_replaced_and_asked_again_next_time(
    either: Assistant, server: Server, step: Step
) -> None:
    session = talk(either)
    server.script(step)
    began = time.monotonic()
    events = turn(session, "show me dresses")
    assert time.monotonic() - began < 12
    assert stood_in(events)
    assert shown(events)
    assert len(server.asked) <= 1 + either.settings.model_retries
    server.script(says("Yes, I am back. Which of them do you like?"))
    events = turn(session, "are you there?")
    assert events[-1].answered_by == MODEL
    assert honest() in server.asked[0].text()  # the model knows what was said in its place


@pytest.mark.parametrize(
    "step",
    [fails(500), fails(429, Retry_After="0"), llm_server.breaks_off(""), says("")],
    ids=["500", "429", "reset", "empty"],
)
def test_what_passes_is_tried_again(either: Assistant, server: Server, step: Step) -> None:
    server.script(step, says("Hello! What may I show you?"))
    events = turn(talk(either), "hi")
    assert reply(events) == "Hello! What may I show you?"
    assert events[-1].usage.model_calls == 2


def test_what_does_not_pass_is_not_tried_again(streamed: Assistant, server: Server) -> None:
    server.script(fails(401))
    turn(talk(streamed), "hi")
    assert len(server.asked) == 1


def test_a_provider_is_waited_for_as_it_asks(streamed: Assistant, server: Server) -> None:
    server.script(fails(429, Retry_After="1"), says("Hello! What may I show you?"))
    assert turn(talk(streamed), "hi")[-1].answered_by == MODEL
    assert 0.95 < server.asked[1].at - server.asked[0].at < 4


@pytest.mark.parametrize(
    "step",
    [llm_server.silent("One moment. I am loo"), llm_server.breaks_off("One moment. I am loo")],
    ids=["silence", "reset"],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_half_a_stream_is_kept_and_the_planner_goes_on(
    streamed: Assistant, server: Server, step: Step, lang: str
) -> None:
    server.script(step)
    events = turn(talk(streamed, lang), {"en": "show me dresses", "zh": "看看连衣裙"}[lang])
    assert stood_in(events, lang=lang)
    assert reply(events).startswith("One moment.")
    assert "I am loo" not in reply(events)
    assert len(server.asked) == 1  # what was shown cannot be begun again
    assert shown(events)


def test_a_reply_without_end_is_cut(either: Assistant, server: Server) -> None:
    server.script(llm_server.never_ends("It goes on and on. "))
    began = time.monotonic()
    events = turn(talk(either), "hi")
    assert time.monotonic() - began < 12
    assert 200 < len(reply(events)) <= 2_400
    assert reply(events).endswith("It goes on and on.")


def test_a_conversation_too_long_for_the_model_is_given_in_half(streamed: Assistant, server: Server) -> None:
    session = talk(streamed)
    server.script(says("Hello! " + "What may I show you? " * 20))
    for _ in range(3):
        turn(session, "hi " * 50)
    server.script(llm_server.overflows(), says("Here I am."))
    assert reply(turn(session, "and now?")) == "Here I am."
    assert len(server.asked[1].messages) < len(server.asked[0].messages)
    assert "and now?" in server.asked[1].messages[-1]["content"]


# -- the planner in the middle of a conversation of a model's --------------------------------------------------------


def test_the_planner_knows_the_list_that_the_model_showed(either: Assistant, server: Server) -> None:
    session = talk(either)
    server.script(calls(SEARCH), says("Here are some dresses."))
    second = shown(turn(session, "show me dresses"))[1]
    server.script(fails(500))
    events = turn(session, "tell me more about the second one")
    assert stood_in(events)
    assert [item.id for item in shown(events)] == [second.id]


def test_the_planner_goes_on_from_what_the_model_found(streamed: Assistant, server: Server) -> None:
    server.script(calls(SEARCH), llm_server.silent())
    events = turn(talk(streamed), "show me dresses")
    assert stood_in(events)
    assert [e.type for e in events].count("products") == 1  # it is not searched twice


def test_what_the_model_put_into_the_cart_is_not_put_in_twice(streamed: Assistant, server: Server) -> None:
    session = talk(streamed)
    server.script(calls(SEARCH), says("Here are some dresses."))
    item = next(i for i in shown(turn(session, "show me dresses")) if any(s.in_stock for s in i.sizes))
    size = next(s.size for s in item.sizes if s.in_stock)
    place = {0: "first", 1: "second", 2: "third"}[[i.id for i in session_items(session)].index(item.id)]
    server.script(calls(("cart", {"action": "add", "product": item.id, "size": size})), llm_server.silent())
    events = turn(session, f"add the {place} one in {size} to my cart")
    assert stood_in(events)
    assert [(line.id, line.quantity) for line in session.cart().lines] == [(item.id, 1)]


def session_items(session: Session) -> list[Any]:
    return [item for past in session.history() for item in shown(past.events)]


def test_what_the_model_put_into_the_cart_the_planner_sees(streamed: Assistant, server: Server) -> None:
    session = talk(streamed)
    server.script(calls(SEARCH), says("Here are some dresses."))
    item = shown(turn(session, "show me dresses"))[0]
    size = next(s.size for s in item.sizes if s.in_stock)
    server.script(
        calls(("cart", {"action": "add", "product": item.id, "size": size})), says("It is in your cart.")
    )
    turn(session, f"add the first one in {size}")
    server.script(fails(500))
    events = turn(session, "what's in my cart?")
    assert stood_in(events)
    assert item.name in reply(events) or [e for e in events if e.type == "cart" and e.lines]


def test_a_model_that_keeps_failing_is_left_alone_for_a_while(demo_data: Path, server: Server) -> None:
    assistant = opened(demo_data, server, model_rest_s=600, model_retries=0)
    session = talk(assistant)
    server.script(fails(500))
    assert stood_in(turn(session, "show me dresses"))
    assert stood_in(turn(session, "show me shoes"))
    assert len(server.asked) == 2
    assert stood_in(turn(session, "show me hats"), "still_failing")
    assert stood_in(turn(talk(assistant), "show me hats"))  # news to this shopper
    assert len(server.asked) == 2
    assistant.close()


def test_a_door_that_closes_in_the_middle_ends_the_turn(streamed: Assistant, server: Server) -> None:
    session = talk(streamed)
    server.script(llm_server.says_slowly(["Hello. ", "How are you? ", *["And so on. "] * 40], 0.1))
    events = session.respond("hi")
    next(e for e in events if e.type == "token")
    began = time.monotonic()
    events.close()
    assert time.monotonic() - began < 2
    server.script(says("Welcome back."))
    assert reply(turn(session, "hi again")) == "Welcome back."


# -- what a model is given ------------------------------------------------------------------------------------------


def test_results_are_fenced_and_turns_kept_whole(demo_data: Path, server: Server) -> None:
    assistant = opened(demo_data, server, history_tokens=1_500)
    session = talk(assistant)
    for _ in range(6):
        server.script(calls(SEARCH), says("Here are some dresses. Which one?"))
        turn(session, "show me dresses")
    system, *given = server.asked[-1].messages
    assert system["role"] == "system"
    assert "<tool_result>" in system["content"]
    assert given[0]["role"] == "user"
    assert len(given) < 6 * 4
    made = [c["id"] for m in given for c in m.get("tool_calls") or []]
    back = [m["tool_call_id"] for m in given if m["role"] == "tool"]
    assert made == back != []
    for message in given:
        if message["role"] == "tool":
            assert message["content"].startswith('<tool_result name="search_catalog">\n')
            assert message["content"].count("<") == 2
    assistant.close()


# -- what a conversation may cost ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ceiling", [{"cost_per_session": 0.0005}, {"tokens_per_session": 200}])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_conversation_that_cost_what_it_may_goes_on_with_the_planner_and_says_so_once(
    demo_data: Path, server: Server, ceiling: dict[str, Any], lang: str
) -> None:
    """A reply of the server is 100 tokens read, 40 of them kept, and 20 written: 0.00034 USD."""
    assistant = opened(demo_data, server, **ceiling)
    try:
        session = talk(assistant, lang)
        for _ in range(2):
            server.script(says("Good morning. What are you looking for?"))
            assert turn(session, "hello there")[-1].answered_by == MODEL
        asked = len(server.asked)
        first, second = turn(session, "red dresses"), turn(session, "cheaper ones")
        assert stood_in(first, "ceiling", lang) and shown(first)
        assert second[-1].answered_by == "offline" and honest("ceiling", lang) not in reply(second)
        assert len(server.asked) == asked and second[-1].usage.model_calls == 0
        server.script(says("Good morning. What are you looking for?"))
        assert turn(talk(assistant, lang), "hello there")[-1].answered_by == MODEL  # another one has its own
    finally:
        assistant.close()


def test_a_turn_that_reaches_the_ceiling_in_the_middle_is_finished_by_the_planner(
    demo_data: Path, server: Server
) -> None:
    assistant = opened(demo_data, server, tokens_per_session=100)
    try:
        server.script(calls(SEARCH), says("never asked"))
        events = turn(talk(assistant), "show me dresses")
        assert stood_in(events, "ceiling") and shown(events) and events[-1].usage.model_calls == 1
    finally:
        assistant.close()


def test_a_ceiling_of_cost_wants_prices() -> None:
    with pytest.raises(ValueError, match="price_input"):
        Settings(cost_per_session=1)
