"""Calls that cannot be made: a tool that does not exist, arguments that are no JSON or of the wrong kind. The model is
told once what is wrong and what there is; what is wrong then is left out."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain_core.messages import AIMessage
from langchain_core.tools import BaseTool
from pydantic import BaseModel, ValidationError

from agent.llm.notes import note
from agent.llm.patient import NothingSaid, Patient
from prompts import load
from tools.context import ToolContext

_MOST = 4  # problems told at once


class Repair(AgentMiddleware[AgentState[Any], ToolContext, Any]):
    """Has wrong calls made again, once for each reply."""

    def wrap_model_call(
        self,
        request: ModelRequest[ToolContext],
        handler: Callable[[ModelRequest[ToolContext]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Raises NothingSaid when no call and no words are left."""
        response = handler(request)
        reply = response.result[-1]
        if not isinstance(request.model, Patient) or not isinstance(reply, AIMessage):
            return response
        tools = [t for t in request.tools if isinstance(t, BaseTool)]
        problems = wrong(reply, tools)
        if not problems:
            return response
        told = "\n".join(f"- {p}" for p in problems[:_MOST])
        correction = note(load("system")["wrong_calls"].format(problems=told))
        response = handler(request.override(messages=[*request.messages, correction]))
        reply = response.result[-1]
        if isinstance(reply, AIMessage):
            left = [c for c in reply.tool_calls if not _problem(c["name"], c["args"], tools)]
            reply.tool_calls, reply.invalid_tool_calls = left, []
            reply.additional_kwargs.pop("tool_calls", None)  # the same again, as the provider wrote it
            if not left and not reply.text.strip():
                raise NothingSaid(f"calls that cannot be made: {problems[0]}")
        return response


def wrong(reply: AIMessage, tools: Sequence[BaseTool]) -> list[str]:
    """What is wrong with the calls of a reply, in English, for the model."""
    texts = load("system")["wrong"]
    broken = [
        _no_tool(str(c.get("name")), tools) or texts["json"].format(tool=c.get("name")) + _takes(c, tools)
        for c in reply.invalid_tool_calls
    ]
    return [*broken, *(p for c in reply.tool_calls if (p := _problem(c["name"], c["args"], tools)))]


def _problem(name: str, args: Any, tools: Sequence[BaseTool]) -> str:
    """What is wrong with one call; empty when nothing is."""
    if missing := _no_tool(name, tools):
        return missing
    tool = next(t for t in tools if t.name == name)
    schema = tool.tool_call_schema
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        return ""
    unknown = set(args) - set(schema.model_fields)
    try:
        schema.model_validate({k: v for k, v in args.items() if k not in unknown})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        at = ".".join(map(str, first["loc"]))
        return str(load("system")["wrong"]["args"].format(tool=name, at=at, reason=first["msg"]))
    if unknown:
        takes = ", ".join(schema.model_fields)
        return str(load("system")["wrong"]["key"].format(tool=name, key=sorted(unknown)[0][:40], takes=takes))
    return ""


def _no_tool(name: str, tools: Sequence[BaseTool]) -> str:
    names = [t.name for t in tools]
    if name in names:
        return ""
    return str(load("system")["wrong"]["tool"].format(tool=name[:60], tools=", ".join(names)))


def _takes(call: Any, tools: Sequence[BaseTool]) -> str:
    tool = next((t for t in tools if t.name == call.get("name")), None)
    return f" ({', '.join(tool.args)})" if tool else ""
