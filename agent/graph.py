"""Wiring of the LangChain agent: model, tools, middleware, checkpointer. Wiring only."""

from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    ModelCallLimitMiddleware,
    ToolErrorMiddleware,
    dynamic_prompt,
)
from langchain.agents.middleware.types import ModelRequest
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.state import CompiledStateGraph

from agent.llm.budget import Budget
from agent.llm.patient import Patience, Patient
from agent.llm.readable import Readable
from agent.llm.repair import Repair
from agent.llm.stand_in import Breaker, StandIn
from agent.local.model import LocalModel
from agent.middleware import Consent, Grounded, RecentHistory, on_tool_error
from agent.patience import ToolPatience
from agent.planner.model import OfflinePlanner
from agent.remember import Remembering
from agent.routing import Routed
from agent.settings import Settings
from agent.telemetry.tools import Watched
from prompts import load
from tools import OF_ORDERS, TOOLS
from tools.context import ToolContext


def build(
    settings: Settings,
    model: BaseChatModel,
    planner: OfflinePlanner,
    checkpoints: BaseCheckpointSaver[Any],
    orders: bool = False,
    wishes: str = "",
) -> CompiledStateGraph[Any, Any, Any, Any]:
    """The agent's graph. Where `model` does not answer, `planner` does; `orders`: the shop lets them be asked for;
    `wishes`: the shop's own, of how it wants to be spoken for."""

    @dynamic_prompt
    def instructions(request: ModelRequest[ToolContext]) -> str:
        texts = load("system")
        language = texts["languages"][request.runtime.context.lang]
        told = str(texts["agent"].format(shop=settings.shop_name, language=language))
        return told + (str(texts["wishes"]).format(wishes=wishes) if wishes else "")

    middleware: list[Any] = [
        Watched(),
        RecentHistory(),
        Remembering(planner.lexicon),
        # The last net: a model has its budget, and the planner that stands in makes few calls.
        ModelCallLimitMiddleware(run_limit=settings.model_calls_per_turn + 8, exit_behavior="error"),
        instructions,
        Grounded(planner),
        *([] if model is planner or settings.route == "always" else [_routed(model, planner)]),
        *([] if model is planner else _led(settings, planner)),
        Consent(planner),
        ToolErrorMiddleware(on_error=on_tool_error),
        ToolPatience(settings.tool_timeout_s),
    ]
    if model is not planner:
        model = Patient(inner=model, label=settings.model, patience=Patience.of(settings))
    tools = [tool for tool in TOOLS if orders or tool.name not in OF_ORDERS]
    return create_agent(
        model, tools, middleware=middleware, context_schema=ToolContext, checkpointer=checkpoints
    )


def _led(settings: Settings, planner: OfflinePlanner) -> list[Any]:
    """What keeps a model that leads the conversation within bounds, the outermost first."""
    return [
        StandIn(planner, Breaker(settings.model_rest_s), settings),
        Budget(settings.model_calls_per_turn, settings.tool_calls_per_turn, settings.calls_per_tool),
        Repair(),
        Readable(settings.history_tokens),
    ]


def _routed(model: BaseChatModel, planner: OfflinePlanner) -> Routed:
    """A small model's calls are worded by the planner: it has no words of its own for a shop's facts."""
    return Routed(planner, words=isinstance(model, LocalModel))
