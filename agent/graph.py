"""Wiring of the LangChain agent: model, tools, middleware, checkpointer. Wiring only."""

import sqlite3
from pathlib import Path
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
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph.state import CompiledStateGraph

from agent.middleware import CartConsent, Grounded, RecentHistory, on_tool_error
from agent.planner.model import OfflinePlanner
from agent.remember import MemoryConsent, Remembering
from agent.settings import Settings
from prompts import load
from tools import TOOLS
from tools.context import ToolContext


class Checkpoints(SqliteSaver):
    """Conversations in one SQLite file: the newest state of each, which is all that is ever resumed."""

    @classmethod
    def open(cls, path: Path) -> "Checkpoints":
        """Open or create the file; usable from any thread."""
        return cls(sqlite3.connect(path, check_same_thread=False, timeout=30))

    def keep_newest(self, thread: str) -> None:
        """Drop the thread's older states; each holds the whole conversation, so keeping them grows quadratically."""
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :t AND checkpoint_ns = ''"
        with self.cursor() as cursor:
            for table in ("checkpoints", "writes"):
                cursor.execute(
                    f"DELETE FROM {table} WHERE thread_id = :t AND checkpoint_ns = '' AND checkpoint_id < ({newest})",
                    {"t": thread},
                )


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
    ]
    return create_agent(
        model, TOOLS, middleware=middleware, context_schema=ToolContext, checkpointer=checkpoints
    )
