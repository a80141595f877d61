"""Calls of other assistants, by MCP: counted, timed, a span around each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.telemetry import figures, traces


@contextmanager
def watched(tool: str) -> Iterator[Callable[[bool], None]]:
    """Around a call. `tool`: its name, "" for one that there is not; what comes back is told how it went."""
    name, began, outcome = tool or figures.OTHER, time.perf_counter(), "error"

    def went(well: bool) -> None:
        nonlocal outcome
        outcome = "ok" if well else "refused"

    try:
        with traces.span(f"mcp {name}", tool=name) as span:
            yield went
            if outcome != "ok":
                traces.failed(span, outcome)
    finally:
        figures.MCP_CALLS.labels(name, outcome).inc()
        figures.MCP_S.labels(name).observe(time.perf_counter() - began)
