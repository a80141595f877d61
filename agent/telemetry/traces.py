"""Spans: a request, the turn in it, and in that its tools, models and searches.

Nothing is made of them, at next to no cost, unless `OTEL_EXPORTER_OTLP_ENDPOINT` says where to send them (OTLP over
gRPC); all else is as OpenTelemetry's own variables have it. No attribute holds a word of a shopper's, an id or an
address of the network.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)
TRACER = trace.get_tracer("daogou")
Value = str | int | float | bool


def begin(wanted: bool) -> "TracerProvider | None":
    """Send spans from now on, if `wanted` (see `agent.settings.traced`); what sends them, to be `shutdown` at the
    end."""
    if not wanted:
        return None
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from agent.telemetry.provider import OursAlone

    # `create` lets OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win.
    about = Resource.create().merge(Resource({"service.version": version("daogou")}))
    if about.attributes.get("service.name", "").__str__().startswith("unknown_service"):
        about = about.merge(Resource({"service.name": "daogou"}))
    provider = OursAlone(resource=about)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    log.info("traces are sent")
    return provider


@contextmanager
def span(name: str, **about: Value) -> Iterator[Span]:
    """A span while the block runs. What is raised marks it by the error's kind alone: messages may hold anybody's
    words."""
    with TRACER.start_as_current_span(
        name, attributes={f"daogou.{k}": v for k, v in about.items()}, record_exception=False,
        set_status_on_exception=False,
    ) as made:  # fmt: skip
        try:
            yield made
        except Exception as error:
            failed(made, type(error).__name__)
            raise


def failed(made: Span, kind: str) -> None:
    """Mark a span as failed."""
    made.set_status(StatusCode.ERROR, kind)
    made.set_attribute("error.type", kind)
