"""Where spans are sent, on loopback: OpenTelemetry's own collector protocol over gRPC."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """`spans`: all that came, as protobuf; `resources`: what they said of who sent them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.spans: list[Any] = []
        self.resources: list[Any] = []
        self.url = ""

    def Export(self, request: Any, context: Any) -> Any:  # noqa: N802  (the protocol's name)
        with self._lock:
            for batch in request.resource_spans:
                self.resources.append(batch.resource)
                self.spans += [span for scope in batch.scope_spans for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()

    def above(self, span: Any) -> list[str]:
        """The names of the spans that a span lies in, the innermost first."""
        by_id = {(s.trace_id, s.span_id): s for s in self.spans}
        names: list[str] = []
        found = by_id.get((span.trace_id, span.parent_span_id))
        while found is not None:
            names.append(found.name)
            found = by_id.get((found.trace_id, found.parent_span_id))
        return names


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector while the block runs."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(1).wait()
