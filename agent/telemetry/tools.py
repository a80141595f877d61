"""The tools of a turn: counted, timed, a span around each call."""

import time
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain_core.messages import ToolMessage

from agent.telemetry import figures, traces
from tools.context import ToolContext


class Watched(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Stands before all others, so that it sees what the model gets to hear of each call."""

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """The call, watched."""
        name = request.tool_call["name"] if request.tool is not None else figures.OTHER
        began, outcome = time.perf_counter(), "error"
        try:
            with traces.span(f"tool {name}", tool=name) as span:
                result = handler(request)
                outcome = _outcome(result)
                if outcome != "ok":
                    traces.failed(span, outcome)
                return result
        finally:
            figures.TOOL_CALLS.labels(name, outcome).inc()
            figures.TOOL_S.labels(name).observe(time.perf_counter() - began)


def _outcome(result: Any) -> str:
    if not isinstance(result, ToolMessage) or result.status != "error":
        return "ok"
    return "refused" if result.additional_kwargs.get("refused") else "error"
