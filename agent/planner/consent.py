"""Did the shopper ask for it? Changes of the cart need the shopper's own words, in this message or as the answer to an
open question of the assistant's."""

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.planner.model import state_before
from agent.planner.understand import understand

_CHANGES = frozenset({"cart_add", "cart_remove", "cart_change"})


def asked_for_cart_change(messages: Sequence[BaseMessage]) -> bool:
    """True when the newest message of the shopper asks for a change of the cart, or agrees to one just offered."""
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    if at < 0:
        return False
    extra = messages[at].additional_kwargs
    text = str(extra.get("text", messages[at].text))
    meaning = understand(text, [], state_before(messages[:at]), focus=extra.get("focus"))
    if _CHANGES & set(meaning.intents):
        return True
    return meaning.intent == "smalltalk" and _agrees(text) and _offered(messages[:at])


def _agrees(text: str) -> bool:
    from agent.planner import patterns
    from agent.planner.text import clean

    return any(p.search(clean(text)) for p in patterns.cue("agree"))


def _offered(messages: Sequence[BaseMessage]) -> bool:
    """The assistant's last words offered to put something into the cart."""
    from agent.planner import patterns
    from agent.planner.text import clean

    last = next((m for m in reversed(messages) if isinstance(m, AIMessage) and m.text), None)
    return last is not None and any(p.search(clean(last.text)[-200:]) for p in patterns.cue("offer"))
