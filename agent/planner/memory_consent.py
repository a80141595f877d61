"""Did the shopper ask for it? What is kept or erased of a shopper needs their own words, in this message or as the
answer to the question whether to remember; and only what they said themselves can be kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from pydantic import ValidationError

from agent.planner import history, memory_talk, patterns
from agent.planner.lexicon import Lexicon
from agent.planner.memory_talk import Spoken
from agent.planner.state import State
from agent.planner.text import clean
from agent.planner.understand import read
from tools.facts import Facts

READS = frozenset({"view", "viewed"})


def covered(call: Mapping[str, Any], messages: Sequence[BaseMessage], lexicon: Lexicon) -> bool:
    """True when a call of the memory tool does no more than the shopper's newest message asks for."""
    action = call.get("action", "view")
    if action in READS:
        return True
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    if at < 0:
        return False
    state = history.state_before(messages[:at], lexicon)
    if state.recall.met(messages[at].additional_kwargs.get("shopper")):
        state.pending = None  # what another shopper was asked
    said = heard(messages[at], messages[:at], state, lexicon)
    match action:
        case "refuse":
            return said.act == "stop"
        case "allow":
            return said.act == "remember" or said.keeps
        case "forget":
            return said.act == "forget" and not said.only_search and _part(call.get("scope"), said)
        case "remember":
            # who only states a size has not agreed to have it kept: that needs a yes given before
            agreed = (
                said.act == "remember" or said.keeps or (said.act == "tell" and state.recall.consent == "yes")
            )
            return (
                agreed
                and not _of_another(messages[at], lexicon)
                and _own_words(call.get("facts"), said, state)
            )
    return False


def heard(message: BaseMessage, before: Sequence[BaseMessage], state: State, lexicon: Lexicon) -> Spoken:
    """What the message says of the memory, also as the answer to the assistant's question about it."""
    text = str(message.additional_kwargs.get("text", message.text))
    tagged = read(text, lexicon)
    said = memory_talk.spoken(tagged)
    if state.pending is not None and (state.pending.intent, state.pending.slot) == ("memory", "facts"):
        return (memory_talk.supplied(tagged) if said.act in ("", "tell") else None) or said
    if memory_asked(before, state):
        agreed = patterns.has_cue("agree", tagged.clean)
        declined = patterns.is_small("no", tagged.text) or patterns.has_cue("decline", tagged.text)
        return memory_talk.answered(said, agreed, declined) or said
    return said


def _of_another(message: BaseMessage, lexicon: Lexicon) -> bool:
    """It asks to remember what somebody else wears or likes."""
    said = memory_talk.spoken(read(str(message.additional_kwargs.get("text", message.text)), lexicon))
    return said.other and said.act == "remember"


def memory_asked(before: Sequence[BaseMessage], state: State) -> bool:
    """The assistant's last words asked whether to remember."""
    if state.pending is not None:
        return state.pending.intent == "memory"
    last = next((m for m in reversed(before) if isinstance(m, AIMessage) and m.text), None)
    words = clean(last.text)[-160:] if last else ""
    return words.rstrip(" )*_\"'").endswith("?") and memory_talk.offers(words)


def _part(scope: Any, said: Spoken) -> bool:
    """Everything only where everything was meant; a part only where that part was."""
    if not said.scopes:
        return True
    return isinstance(scope, list) and bool(scope) and all(one in said.scopes for one in scope)


def _own_words(facts: Any, said: Spoken, state: State) -> bool:
    try:
        asked = Facts.model_validate(facts or {})
    except ValidationError:
        return True  # the tool refuses it with advice for the model
    told = state.recall.heard.with_(said.facts)
    return asked.within(told)
