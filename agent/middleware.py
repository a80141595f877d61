"""What stands between the model and the world: tool failures, untrue replies, unasked cart changes, long histories."""

import logging
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, ToolMessage
from langgraph.runtime import Runtime

from agent import grounding
from agent.planner import consent
from agent.planner.ears import Ears
from prompts import load, say, tell
from tools.context import ToolContext
from tools.errors import ToolInputError

log = logging.getLogger(__name__)


def on_tool_error(error: Exception, request: ToolCallRequest) -> str:
    """What the model reads when a tool fails: how to recover where it can, else only the kind of error."""
    if isinstance(error, ToolInputError):
        return str(error)
    log.error("tool %s failed", request.tool_call["name"], exc_info=error)
    return tell("tool_failed", tool=request.tool_call["name"], error=type(error).__name__)


class Grounded(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Show no reply that states a price, a product or a count which no tool returned.

    A provider's model is told once what was wrong; what is still unbacked is cut out sentence by sentence. A reply
    without words is replaced by the planner's."""

    def __init__(self, planner: BaseChatModel) -> None:
        super().__init__()
        self.planner = planner

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Check the model's reply; tool calls pass."""
        response = handler(request)
        reply = response.result[-1]
        if not isinstance(reply, AIMessage) or reply.tool_calls:
            return response
        if not reply.text.strip():
            return handler(request.override(model=self.planner))
        known = grounding.facts(request.messages)
        found = grounding.violations(reply.text, known)
        if (
            "state" in reply.additional_kwargs
        ):  # the planner names products by their records, and quotes examples of wishes
            found = [v for v in found if v.kind != "product"]
        elif found:
            response = self._ask_again(request, handler, reply, found)
            reply = response.result[-1]
            if not isinstance(reply, AIMessage) or reply.tool_calls:
                return response
            found = grounding.violations(reply.text, known)
        if not found:
            return response
        log.warning("cut from a reply: %s", found)
        lang = request.runtime.context.lang
        text = grounding.corrected(reply.text, known) or say("session", "grounding.nothing_left", lang)
        return ModelResponse(result=[*response.result[:-1], reply.model_copy(update={"content": text})])

    @staticmethod
    def _ask_again(
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
        reply: AIMessage,
        found: list[grounding.Violation],
    ) -> ModelResponse[Any]:
        problems = ", ".join(f"{v.kind} {v.stated}" for v in found)
        correction = HumanMessage(load("system")["correct"].format(problems=problems))
        return handler(request.override(messages=[*request.messages, reply, correction]))


class CartConsent(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Refuse a change of the cart that the shopper's own words of this turn did not ask for."""

    def __init__(self, ears: Ears | None = None) -> None:
        super().__init__()
        self.ears = ears

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """Let through everything but an unasked cart change."""
        call = request.tool_call
        if call["name"] != "cart" or call["args"].get("action", "view") == "view":
            return handler(request)
        if consent.given(request.state["messages"], self.ears).covers(call["args"]):
            return handler(request)
        return ToolMessage(tell("not_asked"), tool_call_id=call["id"], name="cart", status="error")


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
