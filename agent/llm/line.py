"""What a turn of the agent tells its session while it runs, and the thread that it runs in.

The graph runs one node at a time (`max_concurrency` 1), so it cannot stream by itself what a node says before it ends:
its waiter would take the only place. So the graph gets a thread, and the session reads from a queue.
"""

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from langchain_core.runnables import RunnableConfig
from langgraph.config import get_config
from langgraph.graph.state import CompiledStateGraph

from agent.llm.usage import Spent

Told = tuple[Literal["said", "update"], Any]


class HungUp(Exception):
    """Nobody listens any more: the door was closed in the middle of the turn."""


@dataclass
class Line:
    """One turn: `tell` shows a piece of the reply at once, `spent` counts what models cost, `hung_up` is set when
    nobody listens any more. `began`: when a model was first asked, by time.monotonic."""

    tell: Callable[[str], None] = lambda text: None
    spent: Spent = field(default_factory=Spent)
    began: float | None = None
    hung_up: threading.Event = field(default_factory=threading.Event)

    def left(self, seconds: float) -> float:
        """How many of the `seconds` that models have in this turn are left."""
        if self.began is None:
            self.began = time.monotonic()
        return self.began + seconds - time.monotonic()


def current() -> Line:
    """The line of the turn that this code runs in; one that leads nowhere where the graph was called by itself."""
    try:
        found = get_config().get("configurable", {}).get("line")
    except RuntimeError:
        found = None
    return found if isinstance(found, Line) else Line()


def run(
    graph: CompiledStateGraph[Any, Any, Any, Any],
    inputs: dict[str, Any],
    thread: str,
    context: Any,
    line: Line,
) -> Iterator[Told]:
    """Run a turn. Yields ("said", text) as it is said and ("update", what a node returned) after each node, in order;
    raises what the graph raises. A reader that goes away ends the turn after the node at work."""
    told: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
    line.tell = lambda text: told.put(("said", text))
    config: RunnableConfig = {
        "configurable": {"thread_id": thread, "line": line},
        # One tool after another: "add the first and remove the rest" is an order, not a race.
        "max_concurrency": 1,
    }

    def work() -> None:
        try:
            for update in graph.stream(
                inputs,
                config,
                context=context,
                stream_mode="updates",
                durability="exit",
            ):
                told.put(("update", update))
                if line.hung_up.is_set():
                    break
            told.put(("end", None))
        except BaseException as error:
            told.put(("failed", error))

    worker = threading.Thread(target=contextvars.copy_context().run, args=(work,), name=f"graph-{thread[:8]}")
    worker.start()
    try:
        while True:
            kind, value = told.get()
            if kind == "failed":
                raise value
            if kind == "end":
                return
            yield kind, value  # type: ignore[misc]
    finally:
        line.hung_up.set()
        worker.join()
