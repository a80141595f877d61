"""Did the shopper ask for it? Changes of the cart need the shopper's own words, in this message or as the answer to an
open question of the assistant's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.planner import patterns
from agent.planner.ears import Ears
from agent.planner.history import state_before
from agent.planner.text import clean
from agent.planner.understand import understand

_ACTIONS = {"cart_add": "add", "cart_remove": "remove", "cart_change": "change"}


@dataclass(frozen=True)
class Consent:
    """What the shopper asked for: the actions, and how many of a product at most."""

    actions: frozenset[str] = frozenset()
    quantity: int = 1

    def covers(self, call: Mapping[str, Any]) -> bool:
        """True when a call of the cart tool does no more than was asked."""
        quantity = call.get("quantity", 1)
        return call.get("action") in self.actions and (
            call["action"] != "add" or (isinstance(quantity, int) and quantity <= self.quantity)
        )


def given(messages: Sequence[BaseMessage], ears: Ears | None = None) -> Consent:
    """What the newest message of the shopper asks to be done to the cart, or agrees to having just been offered.
    `ears`: as the planner heard it."""
    at = max((i for i, m in enumerate(messages) if isinstance(m, HumanMessage)), default=-1)
    if at < 0:
        return Consent()
    extra = messages[at].additional_kwargs
    text = str(extra.get("text", messages[at].text))
    meaning = understand(text, [], state_before(messages[:at]), focus=extra.get("focus"), ears=ears)
    actions = {_ACTIONS[i] for i in meaning.intents if i in _ACTIONS}
    rest = patterns.has_cue("rest_of_cart", meaning.tagged)
    if "remove" in actions and patterns.has_cue("clear_cart", meaning.tagged) and not rest:
        actions.add("clear")
    if meaning.intent == "smalltalk" and _agrees(text) and _offered(messages[:at]):
        actions.add("add")
    said = [part.slots.get("quantity") for part in meaning.parts]
    return Consent(frozenset(actions), max([1, *(n for n in said if isinstance(n, int))]))


def _agrees(text: str) -> bool:
    return any(p.search(clean(text)) for p in patterns.cue("agree"))


def _offered(messages: Sequence[BaseMessage]) -> bool:
    """The assistant's last words offered to put something into the cart."""
    last = next((m for m in reversed(messages) if isinstance(m, AIMessage) and m.text), None)
    return last is not None and any(p.search(clean(last.text)[-200:]) for p in patterns.cue("offer"))
