"""A server on loopback that speaks OpenAI's chat protocol, streaming or not, and does what a test tells it to.

`serve()` yields a `Server`; `server.script(...)` lists what it does at each request in turn, the last one again and
again. A step is made by the functions below: words, calls of tools, or one of the ways in which servers misbehave.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 40},
}


@dataclass
class Asked:
    """A request as it came: its body, and when."""

    body: dict[str, Any]
    at: float

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body["messages"])

    def text(self) -> str:
        """Everything that the model was given, as one string."""
        return json.dumps(self.body["messages"], ensure_ascii=False)


class Wire:
    """The answer to one request, written by a step."""

    def __init__(self, handler: BaseHTTPRequestHandler, asked: Asked, gone: threading.Event) -> None:
        self._handler = handler
        self.asked = asked
        self.gone = gone  # set when the server stops: a silent step need not be waited for
        self.streaming = bool(asked.body.get("stream"))

    def head(self, status: int = 200, kind: str | None = None, **headers: str) -> None:
        self._handler.send_response(status)
        default = "text/event-stream" if self.streaming and status == 200 else "application/json"
        self._handler.send_header("Content-Type", kind or default)
        self._handler.send_header("Connection", "close")
        for name, value in headers.items():
            self._handler.send_header(name.replace("_", "-"), value)
        self._handler.end_headers()

    def write(self, data: str) -> None:
        self._handler.wfile.write(data.encode())
        self._handler.wfile.flush()

    def chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        """One server-sent event of a stream."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self._event({"choices": [choice]})

    def end(self, usage: bool = True) -> None:
        if usage:
            self._event({"choices": [], "usage": USAGE})
        self.write("data: [DONE]\n\n")

    def whole(self, message: dict[str, Any], usage: bool = True) -> None:
        """An answer that is no stream."""
        reason = "tool_calls" if message.get("tool_calls") else "stop"
        body = {
            "choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}]
        }
        self.head()
        self.write(json.dumps(self._frame("chat.completion") | body | ({"usage": USAGE} if usage else {})))

    def reset(self) -> None:
        """Break the connection off as a crashing server does, with a reset."""
        connection = self._handler.connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    def _event(self, body: dict[str, Any]) -> None:
        frame = self._frame("chat.completion.chunk") | body
        self.write(f"data: {json.dumps(frame, ensure_ascii=False)}\n\n")

    @staticmethod
    def _frame(kind: str) -> dict[str, Any]:
        return {"id": "chatcmpl-1", "object": kind, "created": 1, "model": "scripted"}


Step = Callable[[Wire], None]


def says(text: str, *, usage: bool = True) -> Step:
    """The reply `text`; in a stream, a few characters at a time."""
    return says_slowly([text[i : i + 7] for i in range(0, len(text), 7)], 0.0, usage=usage)


def says_slowly(pieces: list[str], pause_s: float, *, usage: bool = True) -> Step:
    """A reply in pieces with pauses between them."""

    def step(wire: Wire) -> None:
        if not wire.streaming:
            wire.whole({"content": "".join(pieces)}, usage)
            return
        wire.head()
        wire.chunk({"role": "assistant", "content": ""})
        for nth, piece in enumerate(pieces):
            if nth and pause_s:
                wire.gone.wait(pause_s)
            wire.chunk({"content": piece})
        wire.chunk({}, "stop")
        wire.end(usage)

    return step


def calls(*wanted: tuple[str, Any], text: str = "", call_id: str | None = None) -> Step:
    """Calls of tools: (name, arguments), the arguments an object or, to be broken, a string as it is. `call_id`: of
    every call, as some servers have it."""

    def step(wire: Wire) -> None:
        made = [
            {
                "index": nth,
                "id": f"call_{time.monotonic_ns()}_{nth}" if call_id is None else call_id,
                "type": "function",
                "function": {"name": name, "arguments": args if isinstance(args, str) else json.dumps(args)},
            }
            for nth, (name, args) in enumerate(wanted)
        ]
        if not wire.streaming:
            wire.whole({"content": text or None, "tool_calls": made})
            return
        wire.head()
        wire.chunk({"role": "assistant", "content": text or None})
        for call in made:
            half = len(call["function"]["arguments"]) // 2
            function = {**call["function"], "arguments": call["function"]["arguments"][:half]}
            wire.chunk({"tool_calls": [{**call, "function": function}]})
            rest = {"arguments": call["function"]["arguments"][half:]}
            wire.chunk({"tool_calls": [{"index": call["index"], "function": rest}]})
        wire.chunk({}, "tool_calls")
        wire.end()

    return step


def fails(status: int, **headers: str) -> Step:
    """An error of the provider's."""

    def step(wire: Wire) -> None:
        wire.head(status, "application/json", **headers)
        wire.write(json.dumps({"error": {"message": f"status {status}", "type": "test", "code": None}}))

    return step


def overflows() -> Step:
    """The prompt is longer than the model can read."""

    def step(wire: Wire) -> None:
        wire.head(400, "application/json")
        message = "This model's maximum context length is 4096 tokens."
        wire.write(json.dumps({"error": {"message": message, "code": "context_length_exceeded"}}))

    return step


def silent(after: str = "") -> Step:
    """Nothing, or `after` and then nothing, with the connection open."""

    def step(wire: Wire) -> None:
        if wire.streaming and after:
            wire.head()
            wire.chunk({"role": "assistant", "content": after})
        wire.gone.wait(60)

    return step


def breaks_off(after: str) -> Step:
    """`after`, then a reset of the connection."""

    def step(wire: Wire) -> None:
        if after:
            wire.head()
            wire.chunk({"role": "assistant", "content": after})
            time.sleep(0.05)
        wire.reset()

    return step


def answers(body: str, kind: str) -> Step:
    """Status 200 with this body of this content type."""

    def step(wire: Wire) -> None:
        wire.head(200, kind)
        wire.write(body)

    return step


def never_ends(piece: str) -> Step:
    """The same piece again and again, until nobody listens."""

    def step(wire: Wire) -> None:
        if not wire.streaming:
            wire.whole({"content": piece * 40_000})
            return
        wire.head()
        for _ in range(200_000):
            wire.chunk({"content": piece})

    return step


@dataclass
class Server:
    """Where it listens, what it was asked, what it does next."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    steps: list[Any] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, *steps: Any) -> None:
        """What to do from now on: steps, or functions of the request that return one."""
        with self.lock:
            self.steps = list(steps)
            self.asked = []

    def next(self, asked: Asked) -> Any:
        with self.lock:
            self.asked.append(asked)
            return self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]


@contextmanager
def serve() -> Iterator[Server]:
    """A server on a free port of loopback, while the block runs."""
    server, gone = Server(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = Asked(body, time.monotonic())
            wire = Wire(self, asked, gone)
            step = server.next(asked)
            try:
                made = step(asked) if getattr(step, "reads", False) else step
                made(wire)
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has heard enough
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    class Listening(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a connection that a step closed

    listening = Listening(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{listening.server_port}/v1"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        gone.set()
        listening.shutdown()
        listening.server_close()
        thread.join()


def reads(function: Callable[[Asked], Step]) -> Callable[[Asked], Step]:
    """A step that depends on what was asked."""
    function.reads = True  # type: ignore[attr-defined]
    return function
