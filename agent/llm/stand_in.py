"""When the model does not answer, the offline planner does: in the middle of the conversation, saying so once a turn.

The next turn asks the model again; one that failed twice in a row is left alone for a while.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agent.llm.line import HungUp, current
from agent.llm.notes import asked_at, this_turn, without_notes
from agent.llm.patient import Patient
from agent.llm.usage import capped
from agent.settings import Settings
from agent.telemetry import figures
from prompts import say
from tools.context import ToolContext

log = logging.getLogger(__name__)
Why = Literal["failed", "still_failing", "circles", "ceiling"]
_MARK = "stands_in"  # in additional_kwargs of the planner's messages in a turn that it took over
_SPENT = (
    "ceiling",
    "spent",
)  # what it is where the conversation cost all that it may: told so, and afterwards
ANSWERED_BY = "answered_by"  # in response_metadata


class GoneInCircles(Exception):
    """The model used up what it may do in a turn, and no answer came of it."""


class Breaker:
    """Leaves a model alone for `rest` seconds after `most` failures in a row. Shared by all conversations."""

    def __init__(self, rest: float, most: int = 2, clock: Callable[[], float] = time.monotonic) -> None:
        self._rest, self._most, self._clock = rest, most, clock
        self._lock = threading.Lock()
        self._failures = 0
        self._until = 0.0

    def closed(self) -> bool:
        """Whether the model may be asked. After the rest one caller finds out for all, the others go on waiting."""
        with self._lock:
            if self._failures < self._most:
                return True
            if self._clock() < self._until:
                return False
            self._until = self._clock() + self._rest
            return True

    def answered(self) -> None:
        """The model answered."""
        with self._lock:
            self._failures = 0
        figures.MODEL_RESTING.set(0)

    def failed(self) -> None:
        """The model did not."""
        with self._lock:
            self._failures += 1
            self._until = self._clock() + self._rest
            resting = self._failures >= self._most
        figures.MODEL_RESTING.set(resting)


class StandIn(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Have `planner` answer where the model fails, goes in circles or is left alone. Stamps every message with who
    answered."""

    def __init__(self, planner: BaseChatModel, breaker: Breaker, settings: Settings | None = None) -> None:
        """`settings`: what a conversation may cost; without them, anything."""
        super().__init__()
        self.planner = planner
        self.breaker = breaker
        self.settings = settings

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Ask the model, or the planner. A turn that the planner took over it finishes."""
        if not isinstance(request.model, Patient):
            return stamped(handler(request), "offline")
        if taken_over(request.messages):
            return self._instead(request, handler, None)
        if self.settings and capped(self.settings) and current().spent.over(self.settings):
            told = any(m.additional_kwargs.get(_MARK) in _SPENT for m in request.state["messages"])
            return self._instead(request, handler, None if told else "ceiling", _SPENT[told])
        if not self.breaker.closed():
            return self._instead(request, handler, "still_failing")
        try:
            response = handler(request)
        except HungUp:
            raise
        except GoneInCircles as error:
            log.warning("the planner answers: %s", error)
            self.breaker.answered()
            return self._instead(request, handler, "circles")
        except Exception as error:
            log.warning("the planner answers: %s", error, exc_info=log.isEnabledFor(logging.DEBUG))
            self.breaker.failed()
            return self._instead(request, handler, "failed")
        self.breaker.answered()
        return stamped(response, request.model.label)

    def _instead(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
        why: Why | None,
        mark: str = "on",
    ) -> ModelResponse[Any]:
        """The planner's next message; with `why` it begins with a sentence on that, and without is marked `mark`."""
        if why:
            figures.STOOD_IN.labels(why).inc()
        messages = in_hand(request.messages, self.planner)
        response = handler(request.override(model=self.planner, messages=messages))
        reply = response.result[-1]
        if not isinstance(reply, AIMessage):
            return response
        if why == "still_failing" and not _told_last_turn(request.messages):
            why = "failed"
        sentence = say("session", f"stand_in.{why}", request.runtime.context.lang) if why else ""
        text = "\n\n".join(part for part in (sentence, reply.text) if part)
        marked = {"content": text, "additional_kwargs": {**reply.additional_kwargs, _MARK: why or mark}}
        return stamped(
            ModelResponse(result=[*response.result[:-1], reply.model_copy(update=marked)]), "offline"
        )


def stamped(response: ModelResponse[Any], who: str) -> ModelResponse[Any]:
    """The response, its message marked with who answered."""
    reply = response.result[-1]
    if not isinstance(reply, AIMessage):
        return response
    marked = reply.model_copy(update={"response_metadata": {**reply.response_metadata, ANSWERED_BY: who}})
    return ModelResponse(result=[*response.result[:-1], marked])


def taken_over(messages: Sequence[AnyMessage]) -> bool:
    """Whether the planner took over in this turn."""
    return any(m.additional_kwargs.get(_MARK) for m in this_turn(messages))


def _told_last_turn(messages: Sequence[AnyMessage]) -> bool:
    """Whether the shopper was told in the turn before that the planner stands in."""
    replies = [m for m in messages[: max(asked_at(messages), 0)] if isinstance(m, AIMessage)]
    return bool(replies) and bool(replies[-1].additional_kwargs.get(_MARK))


def in_hand(messages: Sequence[AnyMessage], planner: BaseChatModel) -> list[AnyMessage]:
    """The messages as the planner goes on from them: of what the model did in this turn only the calls that the planner
    would make too, and changes of the cart, which are not made twice."""
    messages = without_notes(messages)
    at = asked_at(messages) + 1
    turn = messages[at:]
    if not turn:
        return messages
    wanted = {c["name"] for c in _planned(planner, messages[:at])}
    failed = {m.tool_call_id for m in turn if isinstance(m, ToolMessage) and m.status == "error"}
    kept: list[AnyMessage] = []
    calls: set[str] = set()
    for message in turn:
        if isinstance(message, AIMessage):
            if message.response_metadata.get(ANSWERED_BY) == "offline":
                mine = list(message.tool_calls)
            else:
                mine = [
                    c
                    for c in message.tool_calls
                    if str(c["id"]) not in failed and (c["name"] in wanted or _changes(c["name"], c["args"]))
                ]
            calls |= {str(c["id"]) for c in mine}
            if mine:
                kept.append(message.model_copy(update={"tool_calls": mine, "content": ""}))
        elif isinstance(message, ToolMessage) and message.tool_call_id in calls:
            kept.append(message)
    return [*messages[:at], *kept]


def _planned(planner: BaseChatModel, messages: Sequence[AnyMessage]) -> list[Any]:
    reply = planner.invoke(list(messages))
    return list(reply.tool_calls)


def _changes(tool: str, args: dict[str, Any]) -> bool:
    return tool == "cart" and args.get("action", "view") != "view"
