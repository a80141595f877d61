"""The conversation as a model is given it: what fits its tokens, and what tools returned fenced as data.

Whole turns are left out, the oldest first; the newest stays, its long results shortened when it alone is too long. The
conversation itself keeps everything: the planner and the grounding check see it whole.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage, trim_messages

from agent.llm.notes import asked_at
from agent.llm.patient import Patient
from agent.llm.usage import count_tokens
from prompts import load
from prompts.plain import plain
from tools.context import ToolContext

_FENCE = "tool_result"
_LEAST = 120  # characters of a result that shortening leaves


class Readable(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """`most`: tokens of the conversation that a model is given, instructions and tools not counted."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Half of it again where the model says that it was too much."""
        if not isinstance(request.model, Patient):
            return handler(request)
        try:
            return handler(request.override(messages=readable(request.messages, self.most)))
        except ContextOverflowError:
            given = min(self.most, count_tokens(request.messages))
            return handler(request.override(messages=readable(request.messages, given // 2)))


def readable(messages: Sequence[AnyMessage], most: int) -> list[AnyMessage]:
    """The newest turns, fenced, in about `most` tokens. Every call keeps its result and every result its call."""
    given = [_as_read(m) for m in messages]
    kept: list[Any] = trim_messages(
        given,
        max_tokens=most,
        token_counter=count_tokens,
        strategy="last",
        start_on="human",
        allow_partial=False,
    )
    return kept if _has_newest(kept, given) else _shortened(given[max(asked_at(given), 0) :], most)


def fenced(text: str, name: str) -> str:
    """`text` between marks that nothing in it can close: it holds no angle brackets any more."""
    data = plain(text).replace("<", "‹").replace(">", "›")
    return f'<{_FENCE} name="{name}">\n{data}\n</{_FENCE}>'


def _as_read(message: AnyMessage) -> AnyMessage:
    """A message as a model reads it."""
    if isinstance(message, ToolMessage):
        name = re.sub(r"\W", "", message.name or "")[:40]
        return message.model_copy(update={"content": fenced(message.text, name)})
    if isinstance(message, HumanMessage):
        return message.model_copy(update={"content": plain(message.text)})
    return message


def _has_newest(kept: Sequence[Any], given: Sequence[AnyMessage]) -> bool:
    return len(kept) >= len(given) - max(asked_at(given), 0)


def _shortened(turn: list[AnyMessage], most: int) -> list[AnyMessage]:
    """The turn with its results cut, the longest most, until it fits or nothing is left to cut."""
    mark = load("system")["shortened"]
    room = max(_LEAST, 2 * most)  # characters of one result
    while room >= _LEAST:
        cut = [_cut(m, room, mark) if isinstance(m, ToolMessage) else m for m in turn]
        if count_tokens(cut) <= most:
            return cut
        room //= 2
    return [_cut(m, _LEAST, mark) if isinstance(m, ToolMessage) else m for m in turn]


def _cut(message: ToolMessage, room: int, mark: str) -> ToolMessage:
    text = message.text
    if len(text) <= room:
        return message
    end = f"\n</{_FENCE}>"
    return message.model_copy(update={"content": f"{text[:room]}{mark}{end}"})
