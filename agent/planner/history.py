"""The state that a conversation's messages leave, whoever answered them.

The planner writes its state into each reply. Another model writes none, but what it did is in the messages too: the
photos, its tool calls and their artifacts, the question that its reply ends with. So the planner can take over in the
middle of a conversation, and the rules of consent see the same open question that the shopper saw.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from agent.planner import memory_talk, opinions, patterns, ruled_out, slots, worn
from agent.planner.calls import SOFT, Done
from agent.planner.lexicon import Lexicon
from agent.planner.state import Pending, State
from agent.planner.text import clean
from agent.planner.understand import read, understand
from prompts import language

_WITH_SIZES = ("need_size", "size_unknown", "out_of_stock")
# what is asked of one product: "which one?" is a question that its number answers
_OF_ONE = frozenset({"cart_add", "ask_product", "outfit", "color", "size_advice", "more_like", "try_on"})


def state_before(messages: Sequence[BaseMessage], lexicon: Lexicon | None = None) -> State:
    """The newest state on record, with all that happened since folded in, in its order."""
    lexicon = lexicon or Lexicon()
    start, state = _on_record(messages)
    heard: tuple[HumanMessage, State] | None = None
    asked: dict[str, dict[str, Any]] = {}
    done: list[Done] = []
    for message in messages[start:]:
        if isinstance(message, HumanMessage):
            heard, done = (message, state.model_copy(deep=True)), []
            _hear(state, message, lexicon)
        elif isinstance(message, AIMessage) and message.additional_kwargs.get("by_person"):
            heard, state.pending = None, None  # a person's question is not ours to act on the answer to
            if shown := message.additional_kwargs.get("shown"):  # "the second one" is of what they showed
                tool = "product_details" if len(shown) == 1 else "search_catalog"
                state.fold(tool, {}, {"type": "products", "items": shown})
        elif isinstance(message, AIMessage):
            asked |= {str(c["id"]): {"name": c["name"], "args": c["args"]} for c in message.tool_calls}
            if heard and not message.tool_calls:
                state.pending = _left_open(message.text, state, done, heard, lexicon)
        elif isinstance(message, ToolMessage):
            call = _came_back(message, asked)
            done.append(call)
            if call.artifact is not None and not call.failed:
                _fold(state, call, call.artifact, lexicon)
    return state


def results(messages: Sequence[BaseMessage]) -> list[Done]:
    """The calls of these messages that came back, in order."""
    asked: dict[str, dict[str, Any]] = {}
    done: list[Done] = []
    for message in messages:
        if isinstance(message, AIMessage):
            asked |= {str(c["id"]): {"name": c["name"], "args": c["args"]} for c in message.tool_calls}
        elif isinstance(message, ToolMessage):
            done.append(_came_back(message, asked))
    return done


def _on_record(messages: Sequence[BaseMessage]) -> tuple[int, State]:
    """(where the messages begin that the newest readable state does not know, that state)."""
    for i in range(len(messages) - 1, -1, -1):
        kept = messages[i].additional_kwargs.get("state") if isinstance(messages[i], AIMessage) else None
        if isinstance(kept, dict):
            try:
                return i + 1, State.model_validate(kept)
            except ValueError:
                continue  # written by another version: an older one may still be readable
    return 0, State()


def _came_back(message: ToolMessage, asked: Mapping[str, dict[str, Any]]) -> Done:
    call = asked.get(message.tool_call_id, {"name": message.name or "", "args": {}})
    artifact = message.artifact if isinstance(message.artifact, dict) else None
    failed = message.status == "error" or artifact is None
    refused = bool(message.additional_kwargs.get("refused"))
    return Done(tool=call["name"], args=call["args"], artifact=artifact, failed=failed, refused=refused)


def _hear(state: State, message: HumanMessage, lexicon: Lexicon) -> None:
    """What a message changes that another model answered: photos, what is pointed at, what is let go of or liked."""
    extra = message.additional_kwargs
    text = str(extra.get("text", message.text))
    state.turn += 1
    state.pending, state.asks = None, []
    state.order_talk = state.order_talk.model_copy(update={"age": state.order_talk.age + 1})
    state.language = str(extra.get("lang") or language.detect(text, state.language or "en"))
    pointed = extra.get("garment")
    state.add_pictures(extra.get("photos") or ([pointed] if pointed else []))
    if extra.get("focus"):
        state.focus, state.latest = [extra["focus"]], "product"
    tagged = read(text, lexicon)
    if patterns.has_cue("reset", tagged.text):
        state.start_over()
    opinions.note(tagged, state)
    state.never = ruled_out.after(state.never, tagged)
    state.recall.met(extra.get("shopper"))
    state.recall.hear(memory_talk.spoken(tagged))
    state.worn = worn.all_worn(text, (), state)
    state.measures = worn.known(text, state)


def _fold(state: State, call: Done, artifact: dict[str, Any], lexicon: Lexicon) -> None:
    """A result, and for a search what was sought with it: conditions as the tool took them, wishes, words."""
    if call.tool == "search_catalog" and "items" in artifact:
        query = {**call.args, **(artifact.get("query") or {})}
        sought = _sought(query, lexicon)
        old, new = state.slots.get("category", []), sought.get("category", [])
        if not call.args.get("exclude") and set(new) != set(old):
            state.shown, state.limit = [], {}
        state.slots, state.words = sought, ""
        state.photo, state.like = query.get("photo"), query.get("like")
        state.garment = query.get("garment") if state.photo else None
    state.fold(call.tool, call.args, artifact)


def _sought(query: Mapping[str, Any], lexicon: Lexicon) -> dict[str, Any]:
    """The slots of a search: what its words name, over that its wishes, over that its conditions."""
    tagged = read(str(query.get("text") or query.get("query") or ""), lexicon)
    found = slots.read(tagged, 0, len(tagged.text))
    prefer = query.get("prefer") or {}
    where = query.get("where") or {}
    wished = {k: v for k, v in prefer.items() if k in SOFT or k == "category"}
    named = {k: v for k, v in found.items() if k not in ("asks", "quantity", "not")}
    return {**named, **wished, **where}


def _left_open(
    text: str, state: State, done: Sequence[Done], heard: tuple[HumanMessage, State], lexicon: Lexicon
) -> Pending | None:
    """The question that a turn of another model ends with, where the next message can answer it in a word."""
    for call in reversed(done):
        artifact = call.artifact or {}
        choices = [str(c) for c in artifact.get("choices") or []]
        if call.tool == "cart" and artifact.get("problem") in _WITH_SIZES and choices:
            many = call.args.get("quantity", 1)
            return Pending(
                intent="cart_change" if call.args.get("action") == "change" else "cart_add",
                slot="size",
                product=call.args.get("product"),
                quantity=many if isinstance(many, int) else 1,
                choices=choices,
            )
    if not text.rstrip(" *_)」”\"'").endswith(("?", "？")):
        return None
    newest = state.newest
    product = state.focus[0] if len(state.focus) == 1 else newest[0].id if len(newest) == 1 else None
    if product and any(p.search(clean(text)[-200:]) for p in patterns.cue("offer")):
        item = state.item(product)
        sizes = item.sizes if item else []
        slot = "size" if len(sizes) > 1 else "yes"
        return Pending(intent="cart_add", slot=slot, product=product, choices=sizes)
    if done:
        return None
    message, before = heard
    extra = message.additional_kwargs
    meaning = understand(
        str(extra.get("text", message.text)),
        [p["id"] for p in extra.get("photos") or []],
        before,
        lexicon,
        focus=extra.get("focus"),
    )
    part = next((p for p in meaning.parts if p.intent in _OF_ONE), None)
    if part is None or not state.newest or any(r.ids or r.photo for r in part.references):
        return None
    keep = {k: v for k, v in part.slots.items() if k in ("size", "quantity", "asks", "category", "color")}
    return Pending(intent=part.intent, slot="product", slots=keep)
