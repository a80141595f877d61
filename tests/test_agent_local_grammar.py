"""What a small model is let write can always be read, and always fits the tool."""

import json
import random

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from langchain_core.utils.function_calling import convert_to_openai_tool

from agent.local import shapes
from agent.local.grammar import SAY, UnreadableReply, grammar, read, written
from store.types import Filters
from tests import gbnf
from tools import TOOLS

OFFERED = shapes.offered([convert_to_openai_tool(t) for t in TOOLS], ["D0001", 'D"2\\'], ["3fa1"])

scalar = st.sampled_from(
    [
        {"type": "string"},
        {"type": "string", "maxLength": 3},
        {"type": "integer"},
        {"type": "number", "minimum": 0},
        {"type": "boolean"},
        {"enum": ["a", 'quo"ted', "back\\slash", "红", 3, None, True]},
        {"const": {"x": 1}},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"type": ["integer", "null"]},
        {"$ref": "#/$defs/shade"},
    ]
)
nested = st.recursive(
    scalar,
    lambda inner: st.one_of(
        st.builds(lambda item, n: {"type": "array", "items": item, "maxItems": n}, inner, st.integers(1, 5)),
        st.dictionaries(st.text("abé_\"'", min_size=1, max_size=4), inner, max_size=4).flatmap(
            lambda fields: st.sets(st.sampled_from(sorted(fields)) if fields else st.nothing()).map(
                lambda needed: {"type": "object", "properties": fields, "required": sorted(needed)}
            )
        ),
        inner.map(lambda value: {"type": "object", "additionalProperties": value}),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("abé_", min_size=1, max_size=4), nested, max_size=4), st.integers())
def test_whatever_the_grammar_of_any_schema_accepts_fits_the_schema(fields: dict, seed: int) -> None:
    schema = {"$defs": {"shade": {"enum": ["light", "dark"]}}, "type": "object", "properties": fields}
    rules = gbnf.rules(grammar({"t": schema}, words=False))
    chance = random.Random(seed)
    for _ in range(5):
        reply = read(gbnf.draw(rules, chance), ["t"])
        jsonschema.validate(reply.args, schema)


@settings(max_examples=100, deadline=None)
@example(368503)  # words that were one blank once
@given(st.integers())
def test_whatever_is_accepted_for_the_shops_tools_is_a_call_that_they_take(seed: int) -> None:
    text = gbnf.draw(_RULES, random.Random(seed))
    reply = read(text, list(OFFERED))
    if reply.tool is None:
        assert reply.words
        return
    jsonschema.validate(reply.args, OFFERED[reply.tool])
    taken = next(t for t in TOOLS if t.name == reply.tool).args
    assert set(reply.args) <= set(taken)
    Filters.model_validate(reply.args.get("where") or {})


_RULES = gbnf.rules(grammar(OFFERED))


@pytest.mark.parametrize("tool", sorted(OFFERED))
def test_every_tool_can_be_called(tool: str) -> None:
    seen = {read(gbnf.draw(_RULES, random.Random(n)), list(OFFERED)).tool for n in range(300)}
    assert tool in seen


def test_a_tool_that_needs_a_product_waits_for_one() -> None:
    tools = [convert_to_openai_tool(t) for t in TOOLS]
    before = shapes.offered(tools, [], [])
    assert {"product_details", "compare", "match_outfit", "ask_image", "describe_scene"}.isdisjoint(before)
    assert before["cart"]["properties"] == {"action": {"enum": ["view", "clear"]}}
    assert "like" not in before["search_catalog"]["properties"]
    assert "compare" not in shapes.offered(tools, ["D0001"], [])
    assert shapes.offered(tools, [], ["3fa1"])["ask_image"]["properties"]["photo"] == {"enum": ["3fa1"]}


def test_a_call_is_shown_as_it_is_read() -> None:
    args = {"query": '雨 "靴"', "where": {"color": ["red"]}}
    assert read(written("search_catalog", args), ["search_catalog"]).args == args


@pytest.mark.parametrize(
    "text", ["", SAY, f"{SAY} ", "nothing {}", "cart", "cart [1]", 'cart {"action":"vi', "cart view"]
)
def test_what_was_cut_off_is_told(text: str) -> None:
    with pytest.raises(UnreadableReply):
        read(text, ["cart"])


def test_llama_cpp_takes_the_grammar() -> None:
    llama_cpp = pytest.importorskip("llama_cpp", reason="the extra `local` is not installed")
    made = llama_cpp.llama_sampler_init_grammar(None, grammar(OFFERED).encode(), b"root")
    assert made
    llama_cpp.llama_sampler_free(made)
    assert not llama_cpp.llama_sampler_init_grammar(None, b"root ::= nowhere", b"root")


def test_the_grammar_is_small() -> None:
    """llama.cpp holds every way a text may go on: its size is what each token costs."""
    assert len(grammar(OFFERED)) < 20_000
    json.dumps(OFFERED)
