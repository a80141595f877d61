"""Figures for Prometheus. Every label has few values, known beforehand: never an id, never a word of anybody's.

Each process counts for itself and is asked by itself; Prometheus adds up.
"""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
OTHER = "other"  # a label's value in the place of one that nobody foresaw
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)

TURNS = Counter(
    "daogou_turns", "Turns that are over", ("door", "language", "outcome"), registry=REGISTRY
)  # outcome: ok, refused, error
TURN_ERRORS = Counter("daogou_turn_errors", "Errors told to shoppers, by code", ("code",), registry=REGISTRY)
TURNS_RUNNING = Gauge("daogou_turns_running", "Turns being answered", registry=REGISTRY)
FIRST_EVENT_S = Histogram(
    "daogou_turn_first_event_seconds",
    "From the message to the first event",
    ("door",),
    buckets=_QUICK,
    registry=REGISTRY,
)
TURN_S = Histogram(
    "daogou_turn_seconds", "From the message to the end", ("door",), buckets=_QUICK, registry=REGISTRY
)
PHOTOS = Counter(
    "daogou_photos", "Shoppers' photos", ("outcome",), registry=REGISTRY
)  # outcome: looked, refused
TOOL_CALLS = Counter(
    "daogou_tool_calls", "Calls of tools", ("tool", "outcome"), registry=REGISTRY
)  # outcome: ok, refused, error
TOOL_S = Histogram("daogou_tool_seconds", "Calls of tools", ("tool",), buckets=_QUICK, registry=REGISTRY)
MCP_CALLS = Counter(
    "daogou_mcp_calls", "Calls of other assistants, by MCP", ("tool", "outcome"), registry=REGISTRY
)  # outcome: ok, refused, error
MCP_S = Histogram(
    "daogou_mcp_seconds", "Calls of other assistants", ("tool",), buckets=_QUICK, registry=REGISTRY
)
MODEL_CALLS = Counter(
    "daogou_model_calls", "Requests to a model, further tries too", ("outcome",), registry=REGISTRY
)  # outcome: ok, error
MODEL_S = Histogram("daogou_model_seconds", "Requests to a model", buckets=_QUICK, registry=REGISTRY)
MODEL_TOKENS = Counter("daogou_model_tokens", "Tokens", ("kind",), registry=REGISTRY)  # input, cached, output
MODEL_COST = Counter(
    "daogou_model_cost", "What models cost, at the prices of the settings", ("currency",), registry=REGISTRY
)
MODEL_RESTING = Gauge(
    "daogou_model_resting", "1 while a model that failed again and again is left alone", registry=REGISTRY
)
STOOD_IN = Counter(
    "daogou_planner_stood_in", "Turns that the planner took over", ("why",), registry=REGISTRY
)  # why: failed, still_failing, circles
GROUNDING_CUTS = Counter(
    "daogou_grounding_cuts",
    "Statements of a model that nothing backed, cut out",
    ("kind",),
    registry=REGISTRY,
)
STORE_ERRORS = Counter(
    "daogou_store_errors", "Requests and turns that a store failed", ("store",), registry=REGISTRY
)  # store: products, database
READY = Gauge("daogou_ready", "1 while a part can answer, at the last look", ("part",), registry=REGISTRY)
HTTP_REQUESTS = Counter(
    "daogou_http_requests", "Requests that were answered", ("method", "route", "status"), registry=REGISTRY
)
HTTP_S = Histogram(
    "daogou_http_seconds", "Requests, streams to their end", ("route",), buckets=_QUICK, registry=REGISTRY
)
STREAMS_OPEN = Gauge("daogou_streams_open", "Streams of events being read", registry=REGISTRY)
PAGES_OPEN = Gauge("daogou_pages_open", "Open pages of the browser chat", registry=REGISTRY)
# These three are the shop's, whichever worker tells them: take the largest, not the sum.
HANDOFFS = Gauge(
    "daogou_handoffs", "Conversations that a person was asked into", ("state",), registry=REGISTRY
)
HANDOFF_OLDEST_S = Gauge(
    "daogou_handoff_oldest_seconds", "How long the one has waited that waits longest", registry=REGISTRY
)
OUTBOX = Gauge("daogou_outbox", "What is to be delivered to other programs", ("state",), registry=REGISTRY)

_STORE_OF = {
    "store_away": "products",
    "not_kept": "database",
    "not_kept_midway": "database",
    "not_saved": "database",
}


def store_error(code: str) -> None:
    """Count an error of a store, if `code` is one's."""
    if store := _STORE_OF.get(code):
        STORE_ERRORS.labels(store).inc()
