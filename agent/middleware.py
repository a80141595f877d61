"""What stands between the model and the world: tool failures, untrue replies, unasked cart changes, long histories."""

import logging
from collections.abc import Callable
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.runtime import Runtime

from agent import grounding
from agent.llm.line import current
from agent.llm.notes import note
from agent.llm.patient import Patient
from agent.llm.speech import Speech
from agent.planner import consent
from agent.planner.model import OfflinePlanner
from agent.telemetry import figures
from prompts import load, say, tell
from prompts.plain import plain
from store.errors import StoreAway
from tools.context import ToolContext
from tools.errors import ToolInputError

log = logging.getLogger(__name__)


def on_tool_error(error: Exception, request: ToolCallRequest) -> str:
    """What the model reads when a tool fails: how to recover where it can, else only the kind of error. A catalogue
    that is away ends the turn: the session tells that in words of its own."""
    if isinstance(error, ToolInputError):
        return str(error)
    if isinstance(error, StoreAway):
        raise error
    log.error("tool %s failed", request.tool_call["name"], exc_info=error)
    return tell("tool_failed", tool=request.tool_call["name"], error=type(error).__name__)


class Grounded(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Show no reply that states a price, a product or a count which no tool returned.

    A provider's model is told once what was wrong; what is still unbacked is cut out sentence by sentence. A reply
    without words is replaced by the planner's."""

    def __init__(self, planner: OfflinePlanner) -> None:
        super().__init__()
        self.planner = planner

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Check the model's words as a person sees them, sentence by sentence while they come; then the whole reply."""
        known, line = grounding.facts(request.state["messages"], self.planner.lexicon()), current()
        speech = Speech(line.tell, grounding.watch(known))
        if isinstance(request.model, Patient):
            request = request.override(model=request.model.on(line, speech))
        response = handler(request)
        reply = response.result[-1]
        if not isinstance(reply, AIMessage):
            return response
        if not (reply.text.strip() or reply.tool_calls):
            response = handler(request.override(model=self.planner))
            reply = cast(AIMessage, response.result[-1])
        found = _found(reply, known)
        if found and not reply.tool_calls and not _of_planner(reply):
            response = self._ask_again(request, handler, reply, found, speech.shown)
            reply = cast(AIMessage, response.result[-1])
            found = _found(reply, known)
        rest = speech.rest_of(plain(reply.text))
        if found:
            log.warning("cut from a reply: %s", ", ".join(v.kind for v in found))
            for violation in found:
                figures.GROUNDING_CUTS.labels(violation.kind).inc()
            rest = grounding.corrected(rest, known, _granted(reply))
            if not (rest or speech.shown or reply.tool_calls):
                key = "nothing_left" if known.turn else "nothing_sure"
                rest = say("session", f"grounding.{key}", request.runtime.context.lang)
        said = speech.close(rest, short=not _of_planner(reply))
        if isinstance(reply.content, str) or not reply.tool_calls:
            # Else these are parts that a provider wants back with a call.
            reply = reply.model_copy(update={"content": said})
        return ModelResponse(result=[*response.result[:-1], reply])

    @staticmethod
    def _ask_again(
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
        reply: AIMessage,
        found: list[grounding.Violation],
        shown: str,
    ) -> ModelResponse[Any]:
        """`shown`: what of the reply the shopper has read already."""
        texts = load("system")
        correction = texts["correct"].format(problems=", ".join(f"{v.kind} {v.stated}" for v in found))
        if shown:
            correction += texts["go_on"].format(shown=shown)
        return handler(request.override(messages=[*request.messages, reply, note(correction)]))


def _of_planner(reply: AIMessage) -> bool:
    return "state" in reply.additional_kwargs


def _found(reply: AIMessage, known: grounding.Facts) -> list[grounding.Violation]:
    """What is not backed."""
    return grounding.violations(plain(reply.text), known, _granted(reply))


def _granted(reply: AIMessage) -> frozenset[str]:
    """The planner names products by their records, and quotes examples of wishes."""
    return frozenset({"product"}) if _of_planner(reply) else frozenset()


class Consent(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Refuse whatever changes something that the shopper's own words of this turn did not ask for."""

    def __init__(self, planner: OfflinePlanner) -> None:
        super().__init__()
        self.planner = planner

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """Let through what only reads, and what was asked for."""
        call = request.tool_call
        if request.tool is None or consent.covered(
            call["name"], call["args"], request.state["messages"], self.planner, str(call["id"])
        ):
            return handler(request)
        effect = consent.EFFECTS.get(call["name"])
        refused = tell(effect.refused if effect else "not_asked")
        return ToolMessage(
            refused,
            tool_call_id=call["id"],
            name=call["name"],
            status="error",
            additional_kwargs={"refused": True},
        )


class RecentHistory(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Keep the model's input sound and bounded: no tool call without its result (a turn that was broken off leaves
    one, and providers refuse it), and no whole turns older than the last `most` messages."""

    def __init__(self, most: int = 80) -> None:
        super().__init__()
        self.most = most

    def before_agent(self, state: AgentState[Any], runtime: Runtime[ToolContext]) -> dict[str, Any] | None:
        """Remove what is broken off, and messages from the front up to a shopper's message."""
        messages = state["messages"]
        answered = {m.tool_call_id for m in messages if isinstance(m, ToolMessage)}
        broken = [
            m
            for m in messages
            if isinstance(m, AIMessage) and any(c["id"] not in answered for c in m.tool_calls)
        ]
        orphaned = {c["id"] for m in broken for c in m.tool_calls}
        gone: list[Any] = [
            m for m in messages if m in broken or (isinstance(m, ToolMessage) and m.tool_call_id in orphaned)
        ]
        if len(messages) > self.most:
            turns = [i for i, m in enumerate(messages) if isinstance(m, HumanMessage)]
            cut = next((i for i in turns if len(messages) - i <= self.most), turns[-1])
            kept = messages[cut:]
            gone = [m for m in messages if m in gone or m not in kept]
        return {"messages": [RemoveMessage(id=str(m.id)) for m in gone]} if gone else None
