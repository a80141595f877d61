"""A tool that hangs or returns what nobody can read: the model is told, and the turn goes on without it.

Only a call that reads can be given up: Python cannot stop its thread. One that changes something is waited for to its
end, or the shopper would hear that it failed, and it would be done all the same; what it waits for has limits of its
own (`store.database.WAIT_S`).
"""

import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState, ToolCallRequest
from langchain_core.messages import ToolMessage

from agent.events import EVENT
from agent.planner.consent import EFFECTS, READING
from prompts import tell
from tools.context import ToolContext

log = logging.getLogger(__name__)


class ToolPatience(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Wait `seconds` for a tool that reads, and take only results that can be shown. What a tool raises passes."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], Any]) -> Any:
        """The result of the tool; an error for the model in the place of one that is late or unreadable."""
        name = request.tool_call["name"]
        try:
            result = self._waited(name, lambda: handler(request)) if _reads(request) else handler(request)
        except TimeoutError:
            log.error("the tool %s did not come back within %g s", name, self.seconds)
            return self._failed(request, f"no answer within {self.seconds:g} s")
        if not isinstance(result, ToolMessage) or result.status == "error" or result.artifact is None:
            return result
        try:
            EVENT.validate_python(result.artifact)
        except ValueError:
            log.exception("the tool %s returned an artifact that is no event", name)
            return self._failed(request, "its result cannot be read")
        return result

    def _waited(self, name: str, work: Callable[[], Any]) -> Any:
        """In a thread of its own, which is left behind when it is late: Python cannot stop it. Raises TimeoutError."""
        done: Future[Any] = Future()
        context = contextvars.copy_context()

        def run() -> None:
            try:
                done.set_result(context.run(work))
            except BaseException as error:
                done.set_exception(error)

        Thread(target=run, name=f"tool-{name}", daemon=True).start()
        return done.result(self.seconds)

    @staticmethod
    def _failed(request: ToolCallRequest, reason: str) -> ToolMessage:
        call = request.tool_call
        text = tell("tool_failed", tool=call["name"], error=reason)
        return ToolMessage(text, tool_call_id=call["id"], name=call["name"], status="error")


def _reads(request: ToolCallRequest) -> bool:
    """True for a call that changes nothing."""
    call = request.tool_call
    effect = EFFECTS.get(call["name"])
    return call["name"] in READING if effect is None else call["args"].get("action") in effect.reads
