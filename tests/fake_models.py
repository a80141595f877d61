"""A provider's chat model that says what it is told to: for tests of what the agent does with any model's replies."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

Reply = AIMessage | Exception | Callable[[list[BaseMessage]], AIMessage]


def calls(name: str, **args: Any) -> AIMessage:
    """A reply that calls one tool."""
    return AIMessage("", tool_calls=[{"name": name, "args": args, "id": f"call-{name}-{len(args)}"}])


class ScriptedModel(BaseChatModel):
    """Gives `replies` in order: an exception is raised, a function called with the messages. Keeps what it was sent."""

    replies: list[Any]
    seen: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Any:
        return self

    def _generate(
        self, messages: list[BaseMessage], stop: Any = None, run_manager: Any = None, **kwargs: Any
    ) -> ChatResult:
        self.seen.append(messages)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        message = reply(messages) if callable(reply) and not isinstance(reply, AIMessage) else reply
        return ChatResult(
            generations=[ChatGeneration(message=message.model_copy(deep=True, update={"id": None}))]
        )
