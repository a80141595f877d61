"""What a model may do in one turn: so many calls in all, so many of one tool, none twice. Used up, it has to answer."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, AnyMessage, ToolMessage

from agent.llm.notes import note, this_turn
from agent.llm.patient import Patient
from agent.llm.stand_in import ANSWERED_BY, GoneInCircles
from prompts import load
from tools.context import ToolContext


class Budget(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """`models`: calls of the model in a turn; `calls`: of tools, all together; `each`: of one tool."""

    def __init__(self, models: int, calls: int, each: int) -> None:
        super().__init__()
        self.models, self.calls, self.each = models, calls, each

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Let the model answer; the last time without calls. Raises GoneInCircles when it does not."""
        if not isinstance(request.model, Patient):
            return handler(request)
        made = [m for m in this_turn(request.messages) if isinstance(m, AIMessage)]
        used = sum(len(m.tool_calls) for m in made)
        if used < self.calls and len(made) + 1 < self.models:
            return handler(request)
        enough = note(load("system")["enough"])
        response = handler(request.override(messages=[*request.messages, enough]))
        reply = response.result[-1]
        if isinstance(reply, AIMessage) and reply.tool_calls:
            raise GoneInCircles(f"{used} calls of tools, and another one wanted")
        return response

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """Let a call through, or tell the model why not."""
        call = request.tool_call
        earlier = _earlier(request.state["messages"], str(call["id"]))
        if earlier is None:
            return handler(request)
        texts = load("system")["budget"]
        same = [c for c in earlier if c["name"] == call["name"]]
        if any(_key(c) == _key(call) for c in same):
            said = texts["again"]
        elif len(same) >= self.each:
            said = texts["each"].format(tool=call["name"], most=self.each)
        elif len(earlier) >= self.calls:
            said = texts["calls"].format(most=self.calls)
        else:
            return handler(request)
        return ToolMessage(said, tool_call_id=str(call["id"]), name=call["name"], status="error")


def _earlier(messages: Sequence[AnyMessage], call_id: str) -> list[Any] | None:
    """The calls that a model made in this turn before this one; None for a call of the planner's."""
    found: list[Any] = []
    for message in this_turn(messages):
        if not isinstance(message, AIMessage):
            continue
        ours = message.response_metadata.get(ANSWERED_BY) == "offline"
        for call in message.tool_calls:
            if str(call["id"]) == call_id:
                return None if ours else found
            found += [] if ours else [call]
    return None


def _key(call: Any) -> str:
    return json.dumps([call["name"], call["args"]], sort_keys=True, ensure_ascii=False, default=str)
