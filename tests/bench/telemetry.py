"""What figures and spans cost a turn, in milliseconds of CPU: the same messages, in turns, with and without them.

    python -m tests.bench.telemetry DATA [--turns 200]

`bare`: nothing is counted. `off`: as served, figures counted, spans made of nothing. `on`: spans are made and kept in
memory (sending them is a thread's work, and no turn waits for it).
"""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.assistant import Assistant
from agent.settings import Settings
from agent.telemetry import tools, traces, turns
from store import search

TEXTS = (
    "white shirts under 60",
    "cheaper ones",
    "tell me about the first one",
    "红色连衣裙",
    "add the first one in M",
)
MODES = ("bare", "off", "on")


@contextmanager
def mode(name: str, tracer: Any) -> Iterator[None]:
    """With nothing at all, as it is, or with spans."""
    with ExitStack() as stack:
        if name == "on":
            stack.enter_context(patch.object(traces, "TRACER", tracer))
            stack.enter_context(patch.object(search, "_TRACER", tracer))
        if name == "bare":
            through = lambda self, request, handler: handler(request)  # noqa: E731
            stack.enter_context(patch.object(tools.Watched, "wrap_tool_call", through))
            stack.enter_context(patch.object(search.Search, "__call__", search.Search._searched))
            stack.enter_context(patch.object(turns, "watched", lambda *_: nullcontext(lambda event: None)))
        yield


def main() -> int:
    options = argparse.ArgumentParser(description="What figures and spans cost a turn.")
    options.add_argument("data", type=Path)
    options.add_argument("--turns", type=int, default=200, help="of each kind")
    given = options.parse_args()
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer = provider.get_tracer("daogou")
    assistant = Assistant.open(Settings(data=given.data))
    assistant.warm()
    sessions = {name: assistant.session() for name in MODES}
    took: dict[str, list[float]] = {name: [] for name in MODES}
    for nth in range(given.turns + 10):
        text = TEXTS[nth % len(TEXTS)]
        for name in MODES[nth % 3 :] + MODES[: nth % 3]:
            if nth % len(TEXTS) == 0:
                sessions[name] = assistant.session()
            with mode(name, tracer):
                began = time.process_time()
                with turns.watched(sessions[name].id, "api") as watch:
                    for event in sessions[name].respond(text):
                        watch(event)
                if nth >= 10:
                    took[name].append((time.process_time() - began) * 1000)
    assistant.close()
    medians = {name: statistics.median(times) for name, times in took.items()}
    pairs = {n: [a / b for a, b in zip(took[n], took["bare"], strict=True)] for n in ("off", "on")}
    spans = len(kept.get_finished_spans()) / (given.turns + 10)
    print(
        json.dumps(
            {
                "turns": given.turns,
                **{f"{name}_ms": round(value, 2) for name, value in medians.items()},
                **{f"{name}_over_bare": round(statistics.median(r), 3) for name, r in pairs.items()},
                "spans_a_turn": round(spans, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
