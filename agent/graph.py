"""Wiring of the LangChain agent: model, tools, middleware, checkpointer. Wiring only."""

from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    ModelCallLimitMiddleware,
    ModelFallbackMiddleware,
    ToolErrorMiddleware,
    dynamic_prompt,
)
from langchain.agents.middleware.types import ModelRequest
from langchain_core.language_models import BaseChatModel
from langgraph.graph.state import CompiledStateGraph

from agent.checkpoints import Checkpoints
from agent.middleware import CartConsent, Grounded, RecentHistory, on_tool_error
from agent.patience import ToolPatience
from agent.planner.model import OfflinePlanner
from agent.remember import MemoryConsent, Remembering
from agent.settings import Settings
from prompts import load
from tools import TOOLS
from tools.context import ToolContext


def build(
    settings: Settings, model: BaseChatModel, planner: OfflinePlanner, checkpoints: Checkpoints
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The agent's graph. When a provider's model fails, `planner` answers the turn."""

    @dynamic_prompt
    def instructions(request: ModelRequest[ToolContext]) -> str:
        texts = load("system")
        language = texts["languages"][request.runtime.context.lang]
        return str(texts["agent"].format(shop=settings.shop_name, language=language))

    middleware: list[Any] = [
        RecentHistory(),
        Remembering(planner.lexicon),
        ModelCallLimitMiddleware(run_limit=settings.model_calls_per_turn, exit_behavior="error"),
        instructions,
        Grounded(planner),
        *([] if model is planner else [ModelFallbackMiddleware(planner)]),
        CartConsent(planner.ears),
        MemoryConsent(planner.lexicon),
        ToolErrorMiddleware(on_error=on_tool_error),
        ToolPatience(settings.tool_timeout_s),
    ]
    return create_agent(
        model, TOOLS, middleware=middleware, context_schema=ToolContext, checkpointer=checkpoints
    )
