"""Fast and slow thinking: the planner answers the turns that it surely understands, the model the others.

Two steps of a turn are routed. Who decides what to do: the planner, where its confidence is at the threshold that was
chosen on the training utterances. Who words what a small model's tool calls found: the planner as well; its sentences
are made of the results, and take no time."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import AnyMessage, BaseMessage, ToolMessage

from agent.llm.notes import asked_at
from agent.llm.stand_in import stamped, taken_over
from agent.planner import confidence
from agent.planner.meaning import ATTRIBUTES, SEARCHES
from agent.planner.model import OfflinePlanner
from tools.context import ToolContext


class Routed(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """`threshold`: confidence from which the planner answers. `words`: whether it also words what the model's calls
    found, and tells the model what it heard: for small models."""

    def __init__(self, planner: OfflinePlanner, threshold: float | None = None, words: bool = False) -> None:
        super().__init__()
        self.planner = planner
        self.threshold = confidence.threshold(small=words) if threshold is None else threshold
        self.words = words

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Send the call on to the one whose turn it is."""
        at = newest(request.messages)
        if surely(self.planner, request.messages) >= self.threshold:
            return handler(request.override(model=self.planner))
        if taken_over(request.messages):
            return handler(request)
        if self.words and any(isinstance(m, ToolMessage) for m in request.messages[at + 1 :]):
            told = self.planner.word(request.messages)
            if told is not None:
                return stamped(ModelResponse(result=[told]), getattr(request.model, "label", "model"))
        if self.words:
            request = request.override(messages=with_heard(self.planner, request.messages))
        return handler(request)


def surely(planner: OfflinePlanner, messages: Sequence[BaseMessage]) -> float:
    """How sure the planner is of the newest message; the same at every step of a turn."""
    at = newest(messages)
    if at < 0:
        return 1.0
    message = messages[at]
    if message.additional_kwargs.get("focus") or message.additional_kwargs.get("garment"):
        return 1.0  # what was pressed or touched needs no understanding
    return planner.meaning(messages, at)[1].confidence


def with_heard(planner: OfflinePlanner, messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The messages with what the planner heard of conditions beside the newest message's words: what it reads of
    colours, kinds and prices is right also where it does not know what is to be done with them."""
    at = newest(messages)
    before, meaning = planner.meaning(messages, at)
    searching = any(i in SEARCHES for i in meaning.intents)
    told = meaning.slots if searching else before.slots | meaning.said
    slots = {k: v for k, v in told.items() if k in _CONDITIONS and v}
    extra = {**messages[at].additional_kwargs, "heard": slots}
    return [
        *messages[:at],
        messages[at].model_copy(update={"additional_kwargs": extra}),
        *messages[at + 1 :],
    ]


_CONDITIONS = frozenset({*ATTRIBUTES, "not", "price", "rating_min", "on_sale"})


def newest(messages: Sequence[BaseMessage]) -> int:
    """Where the shopper's newest message stands, notes of ours left aside; -1 without one."""
    return asked_at(messages)
