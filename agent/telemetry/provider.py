"""Spans of our own making alone.

Several libraries make spans as soon as anybody collects them, with whole addresses, arguments of tools and what
exceptions say. Theirs come to nothing here: we say ourselves what may be known.
"""

from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracer, Tracer

OURS = frozenset({"daogou", "opentelemetry.instrumentation.asgi"})


class OursAlone(TracerProvider):
    """A provider that makes spans for those named above."""

    def get_tracer(self, instrumenting_module_name: str, *more: Any, **named: Any) -> Tracer:
        """A tracer; for anybody else one that makes nothing."""
        if instrumenting_module_name in OURS:
            return super().get_tracer(instrumenting_module_name, *more, **named)
        return NoOpTracer()
