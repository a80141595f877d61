"""The parts around a model, one by one: sentences on their way out, thoughts, the fence, the breaker, costs."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, HumanMessage, ToolMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from agent.llm.aloud import Aloud, said_in
from agent.llm.line import Line
from agent.llm.notes import note, this_turn, without_notes
from agent.llm.patient import ModelFailed, NothingSaid, Patience, Patient, TurnOver
from agent.llm.readable import fenced, readable
from agent.llm.speech import MOST_SAID, Speech
from agent.llm.stand_in import Breaker
from agent.llm.usage import Spent, count_tokens
from agent.settings import Settings

# -- sentences on their way out -------------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        "Hello",
        " there",
        ". ",
        "! ",
        "? ",
        "\n",
        "\n\n",
        "3.",
        "99",
        "你好",
        "。",
        "！",
        "”",
        "**",
        "…",
        "bad",
        " ",
        "A",
        "，",
    ]
)
TEXTS = st.lists(PARTS, max_size=40).map("".join)


def cut(text: str, sizes: list[int]) -> list[str]:
    pieces, at = [], 0
    for size in sizes:
        pieces.append(text[at : at + size])
        at += size
    return [*pieces, text[at:]]


def spoken(text: str, sizes: list[int], passes: Any = lambda sentence: True) -> tuple[Speech, list[str]]:
    told: list[str] = []
    speech = Speech(told.append, passes)
    speech.begin()
    for piece in cut(text, sizes):
        speech.hear(piece)
    return speech, told


@given(TEXTS, st.lists(st.integers(0, 9), max_size=20))
def test_what_is_shown_is_the_text_however_it_comes(text: str, sizes: list[int]) -> None:
    speech, told = spoken(text, sizes)
    whole = speech.close(speech.rest_of(text))
    assert "".join(told) == whole == text.strip()


@given(TEXTS, st.lists(st.integers(0, 9), max_size=20))
def test_nothing_is_shown_from_the_first_sentence_on_that_does_not_pass(text: str, sizes: list[int]) -> None:
    _, told = spoken(text, sizes, lambda sentence: "bad" not in sentence)
    assert "bad" not in "".join(told)
    assert text.strip().startswith("".join(told))


def test_a_sentence_goes_out_before_the_next_one_is_whole() -> None:
    speech, told = spoken("It is $3", [])
    assert told == []
    speech.hear(".99. Nice")
    assert told == ["It is $3.99."]
    speech.hear(" and warm! S")
    assert told == ["It is $3.99.", " Nice and warm!"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("他说“好。”然后走了", "他说“好。”"),
        ("真的？！是的", "真的？！"),
        ("One line\nand another", "One line"),
        ("Yes! (Really.) Sure", "Yes!"),
    ],
)
def test_where_a_sentence_ends(text: str, first: str) -> None:
    assert spoken(text, [])[1][0] == first


def test_a_reply_that_goes_on_is_joined_to_what_was_shown() -> None:
    speech, told = spoken("First. Bad one. Third.", [], lambda s: "Bad" not in s)
    speech.begin()
    speech.hear("Second. And")
    assert speech.close(speech.rest_of("Second. And last.")) == "First. Second. And last."
    assert "".join(told) == "First. Second. And last."


def test_what_follows_of_a_reply_that_was_not_heard_is_joined_as_well() -> None:
    speech, _ = spoken("First. Bad one. Third.", [], lambda s: "Bad" not in s)
    speech.begin()
    assert speech.close(speech.rest_of("Second.")) == "First. Second."


def test_another_voice_begins_a_paragraph() -> None:
    speech, _ = spoken("One moment. I am loo", [])
    assert speech.close(speech.rest_of("Sorry. Here it is.")) == "One moment.\n\nSorry. Here it is."


@pytest.mark.parametrize("text", ["No end in sight " * 1000, "One. " * 2000, "很长。" * 3000])
def test_nobody_has_to_read_a_book(text: str) -> None:
    speech, told = spoken(text, [500] * 40)
    assert 0 < len(speech.close(speech.rest_of(text))) <= MOST_SAID
    assert "".join(told) == speech.shown


def test_our_own_words_are_not_cut() -> None:
    speech, _ = spoken("", [])
    assert speech.close("One. " * 2000, short=False) == ("One. " * 2000).strip()


# -- thoughts -------------------------------------------------------------------------------------------------------


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "a", "<", "th", ">", " b"]), max_size=20).map("".join),
    st.data(),
)
def test_thoughts_are_left_out_however_they_come(text: str, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(0, 5), max_size=20))
    aloud = Aloud()
    said = "".join(aloud.feed(piece) for piece in cut(text, sizes)) + aloud.end()
    assert said == re.sub(r"<think>.*?(</think>|$)", "", text, flags=re.DOTALL)
    assert said_in(text) == (said.strip() if "<think>" in text else text)


# -- what a model is given ------------------------------------------------------------------------------------------


@given(st.text())
def test_a_fence_cannot_be_closed_from_inside(text: str) -> None:
    made = fenced(f"</tool_result>{text}</TOOL_RESULT >", "search")
    assert made.count("<") == made.count(">") == 2
    assert made.startswith('<tool_result name="search">\n')
    assert made.endswith("\n</tool_result>")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e0fff]", made)


def turns(sizes: list[list[int]]) -> list[AnyMessage]:
    """A conversation: for each turn a question, calls with results of these sizes, and a reply."""
    made: list[AnyMessage] = []
    for n, results in enumerate(sizes):
        made.append(HumanMessage(f"question {n}", additional_kwargs={"text": f"question {n}"}))
        for m, size in enumerate(results):
            call = f"call_{n}_{m}"
            made.append(AIMessage("", tool_calls=[{"name": "search", "args": {}, "id": call}]))
            made.append(ToolMessage("结果" * size, tool_call_id=call, name="search", artifact={"n": n}))
        made.append(AIMessage(f"reply {n}"))
    return made


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 400), max_size=4), min_size=1, max_size=8),
    st.integers(200, 2_000),
    st.booleans(),
)
def test_what_is_given_is_whole_turns_that_fit(sizes: list[list[int]], most: int, open_turn: bool) -> None:
    messages = turns(sizes)[: -1 if open_turn else None]
    given_ = readable(messages, most)
    asked = [m for m in given_ if isinstance(m, HumanMessage)]
    assert isinstance(given_[0], HumanMessage)
    assert asked[-1].text == f"question {len(sizes) - 1}"
    assert [m.text for m in asked] == [f"question {n}" for n in range(len(sizes) - len(asked), len(sizes))]
    called = [c["id"] for m in given_ if isinstance(m, AIMessage) for c in m.tool_calls]
    assert called == [m.tool_call_id for m in given_ if isinstance(m, ToolMessage)]
    assert count_tokens(given_) <= most or len(asked) == 1
    assert [
        m.text for m in messages if isinstance(m, ToolMessage)
    ] == [  # the conversation itself is as it was
        "结果" * size for results in sizes for size in results
    ]


def test_one_turn_that_is_too_long_is_shortened_not_lost() -> None:
    given_ = readable(turns([[3_000, 10]])[:-1], 1_000)
    assert len(given_) == 5
    assert count_tokens(given_) <= 1_000
    long = given_[2].text
    assert long.endswith("… (shortened)\n</tool_result>")
    assert "结果" * 10 in given_[4].text


def test_a_note_is_no_turn() -> None:
    messages = [*turns([[5]]), HumanMessage("and?"), AIMessage("A lie."), note("Write it again.")]
    assert [m.text for m in this_turn(messages)] == ["A lie.", "Write it again."]
    assert without_notes(messages) == messages[:-2]
    assert readable(messages, 500)[-1].text == "Write it again."


def test_chinese_counts_a_token_a_character() -> None:
    chinese, english = HumanMessage("我想找一条连衣裙" * 10), HumanMessage("I want a dress. " * 10)
    assert 80 <= count_tokens([chinese]) <= 90
    assert 40 <= count_tokens([english]) <= 50


# -- who is asked ---------------------------------------------------------------------------------------------------


def test_a_breaker_opens_after_two_failures_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(rest=30, clock=lambda: now[0])
    breaker.failed()
    assert breaker.closed()
    breaker.failed()
    assert not breaker.closed()
    now[0] = 31
    assert breaker.closed()
    assert not breaker.closed()  # the others wait for what the first one finds
    breaker.failed()
    now[0] = 60
    assert not breaker.closed()
    now[0] = 62
    assert breaker.closed()
    breaker.answered()
    assert breaker.closed()


def test_one_good_answer_forgets_a_failure() -> None:
    breaker = Breaker(rest=30, clock=lambda: 0.0)
    for _ in range(5):
        breaker.failed()
        breaker.answered()
    assert breaker.closed()


class Streaming(BaseChatModel):
    """Streams these chunks, then raises."""

    chunks: list[AIMessageChunk]
    fault: Exception | None = None

    @property
    def _llm_type(self) -> str:
        return "streaming"

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(self, *args: Any, **kwargs: Any) -> Any:
        for chunk in self.chunks:
            yield ChatGenerationChunk(message=chunk)
        if self.fault:
            raise self.fault


def patient(*chunks: AIMessageChunk, fault: Exception | None = None, **more: Any) -> Patient:
    return Patient(
        inner=Streaming(chunks=list(chunks), fault=fault), label="test", patience=Patience(retries=0, **more)
    )


def test_text_in_blocks_is_heard_and_thoughts_among_them_are_not() -> None:
    told: list[str] = []
    speech = Speech(told.append, lambda sentence: True)
    blocks = [
        [{"type": "thinking", "thinking": "Hm.", "index": 0}],
        [{"type": "text", "text": "Hello there. How", "index": 1}],
        [{"type": "text", "text": " are you? ", "index": 1}],
    ]
    model = patient(*(AIMessageChunk(content=block) for block in blocks))  # type: ignore[arg-type]
    reply = model.on(Line(), speech).invoke("hi")
    assert told == ["Hello there."]
    assert reply.text.strip() == "Hello there. How are you?"


def test_calls_in_one_message_each_keep_their_arguments() -> None:
    def part(at: int, args: str, **first: str) -> AIMessageChunk:
        chunk = {"index": at, "args": args, "name": None, "id": None, **first}
        return AIMessageChunk("", tool_call_chunks=[chunk])  # type: ignore[list-item]

    reply = patient(
        part(0, '{"a": ', name="x", id="1"),
        part(0, "1}"),
        part(1, '{"b": 2', name="y", id="2"),
        part(2, "", name="z", id="3"),
    ).invoke("hi")
    assert [(c["name"], c["args"]) for c in reply.tool_calls] == [("x", {"a": 1}), ("z", {})]
    assert [(c["name"], c["args"]) for c in reply.invalid_tool_calls] == [("y", '{"b": 2')]


def test_a_model_has_so_many_seconds_in_a_turn() -> None:
    line = Line()
    line.left(5.0)
    line.began -= 6.0  # type: ignore[operator]
    with pytest.raises(ModelFailed) as failed:
        patient(AIMessageChunk("Hello."), turn=5.0).on(line).invoke("hi")
    assert isinstance(failed.value.__cause__, TurnOver)


def test_a_fault_is_named_with_its_cause() -> None:
    with pytest.raises(ModelFailed, match="test: KeyError: 'x'") as failed:
        patient(fault=KeyError("x")).invoke("hi")
    assert isinstance(failed.value.__cause__, KeyError)
    with pytest.raises(ModelFailed) as failed:
        patient(AIMessageChunk(""), AIMessageChunk("\n")).invoke("hi")
    assert isinstance(failed.value.__cause__, NothingSaid)


def test_costs_are_as_the_prices_say() -> None:
    spent = Spent()
    spent.call()
    counted = {"input_tokens": 1_000_000, "output_tokens": 500_000, "total_tokens": 1_500_000}
    spent.reply(
        AIMessage("x", usage_metadata={**counted, "input_token_details": {"cache_read": 400_000}}), []
    )  # type: ignore[typeddict-item]
    assert spent.total(Settings()).cost is None
    assert spent.total(Settings(price_input=1, price_output=4)).cost == "3"
    priced = spent.total(Settings(price_input=1, price_output=4, price_cached=0.1, price_currency="CNY"))
    assert (priced.cost, priced.currency) == ("2.64", "CNY")
