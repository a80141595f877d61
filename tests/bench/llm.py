"""What our path around a model costs: turns of an instant model on loopback, through a session and through LangChain's
bare recipe with the same tools, alternating. Milliseconds, as JSON.

    python tests/bench/llm.py [--turns 60] [--data DIR]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

os.environ |= {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OPENAI_API_KEY": "none"}
sys.path[:0] = [str(Path(__file__).parent.parent.parent)]

from langchain.agents import create_agent  # noqa: E402  (what it loads must find the environment above)
from langchain_core.messages import HumanMessage  # noqa: E402
from langgraph.checkpoint.memory import InMemorySaver  # noqa: E402

from agent import models  # noqa: E402
from agent.assistant import Assistant  # noqa: E402
from agent.settings import Settings  # noqa: E402
from tests import llm_server  # noqa: E402
from tools import TOOLS  # noqa: E402
from tools.context import ToolContext  # noqa: E402

SEARCH = ("search_catalog", {"query": "dress", "where": {"category": ["dress"]}})
REPLY = "Here are some dresses. Is it for a party? I can narrow it down."


def measure(assistant: Assistant, server: llm_server.Server, turns: int) -> dict[str, Any]:
    """Medians over the turns, after five of each that do not count."""
    bare = create_agent(
        models.chat_model(assistant.settings, assistant.planner),
        TOOLS,
        context_schema=ToolContext,
        checkpointer=InMemorySaver(),
    )

    def through_session() -> tuple[float, float]:
        server.script(llm_server.calls(SEARCH), llm_server.says(REPLY))
        session = assistant.session(uuid.uuid4().hex[:16], lang="en")
        began = clocks()
        *_, done = session.respond("show me dresses")
        assert done.type == "done" and done.text == REPLY, done
        return since(began)

    def through_recipe() -> tuple[float, float]:
        server.script(llm_server.calls(SEARCH), llm_server.says(REPLY))
        name = uuid.uuid4().hex[:16]
        context = assistant.tool_context(name, "en")
        began = clocks()
        for _ in bare.stream(
            {"messages": [HumanMessage("show me dresses")]},
            {"configurable": {"thread_id": name}},
            context=context,
            stream_mode="messages",
        ):
            pass
        return since(began)

    def first_words() -> tuple[float, float]:
        server.script(llm_server.says_slowly([f"This is sentence {n}. " for n in range(6)], 0.2))
        began, first = time.perf_counter(), 0.0
        for event in assistant.session(uuid.uuid4().hex[:16], lang="en").respond("hello"):
            if event.type == "token" and not first:
                first = time.perf_counter() - began
        return first * 1000, (time.perf_counter() - began) * 1000

    pairs = [(through_session(), through_recipe()) for _ in range(turns + 5)][5:]
    session, recipe = ([pair[n] for pair in pairs] for n in (0, 1))
    words = [first_words() for _ in range(5)]
    return {
        "turns": turns,
        "session_ms": middle(t for t, _ in session),
        "recipe_ms": middle(t for t, _ in recipe),
        "overhead_ms": middle(a - b for (a, _), (b, _) in pairs),
        "overhead_cpu_ms": middle(a - b for (_, a), (_, b) in pairs),
        "first_words_ms": middle(first for first, _ in words),
        "six_sentences_ms": middle(whole for _, whole in words),
    }


def clocks() -> tuple[float, float]:
    """The clock on the wall and that of this process's work, the server's thread included."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    now = clocks()
    return (now[0] - began[0]) * 1000, (now[1] - began[1]) * 1000


def middle(values: Iterable[float]) -> float:
    return round(statistics.median(values), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=60)
    parser.add_argument("--data", type=Path, help="a folder that `daogou demo` filled; else one is made")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, llm_server.serve() as server:
        settings = Settings(
            data=asked.data or Path(scratch),
            model="openai:instant",
            route="always",
            model_base_url=server.url,
        )
        assistant = Assistant.open(settings)
        try:
            if not asked.data:
                assistant.load_demo()
            assistant.warm()
            print(json.dumps(measure(assistant, server, asked.turns)))
        finally:
            assistant.close()


if __name__ == "__main__":
    main()
