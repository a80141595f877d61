"""Any chat model, with an end to waiting for it.

`Patient` reads the model as a stream in a thread of its own, so that a connection that hangs, a stream that falls
silent and a reply without end are given up whatever the provider's client does about them. What may pass is tried
again, while nothing of the reply was shown yet.

ModelFailed        the model did not answer; the cause is its __cause__
├── ModelSilent    no first word, or no further one, in time
├── TurnOver       the time that the model has for the whole turn is used up
└── NothingSaid    a reply without words and without a call
"""

import contextvars
import json
import logging
import queue
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.exceptions import ContextOverflowError
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, InvalidToolCall, ToolCall
from langchain_core.messages.ai import add_ai_message_chunks
from langchain_core.messages.utils import message_chunk_to_message
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import Field

from agent.llm.aloud import Aloud, said_in
from agent.llm.line import HungUp, Line
from agent.settings import Settings
from agent.telemetry import figures, traces

log = logging.getLogger(__name__)

MOST_CHARS = 8_000  # of a reply and its calls; what goes on is not listened to
MOST_WAIT_S = 5.0  # before another try; a provider that wants more is given up for this turn
FIRST_WAIT_S = 0.4
_LOOK_S = 0.25  # between two looks at whether somebody still listens
_TOO_LONG = re.compile(
    r"context.?(?:length|window|size)|prompt is too long|too many (?:input )?tokens", re.IGNORECASE
)
_PASSING = frozenset({408, 409, 425, 429})  # and all from 500


class ModelFailed(Exception):
    """See the module."""


class ModelSilent(ModelFailed):
    pass


class TurnOver(ModelFailed):
    pass


class NothingSaid(ModelFailed):
    pass


class Listener(Protocol):
    """Who hears a reply while it is being written."""

    shown: str  # of the replies so far; what was shown is not taken back

    def begin(self) -> None:
        """A reply begins, maybe the same again."""

    def hear(self, piece: str) -> None:
        """A piece of the reply's text, in order."""


@dataclass(frozen=True)
class Patience:
    """In seconds: `first` to the first word, `silence` between two, `call` for one call and `turn` for all calls of a
    turn, tries and waits between them included. `retries`: after the first try."""

    first: float = 15.0
    silence: float = 10.0
    call: float = 30.0
    turn: float = 60.0
    retries: int = 2

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        """As the settings have it."""
        return cls(
            first=settings.model_first_token_s,
            silence=settings.model_silence_s,
            call=settings.model_timeout_s,
            turn=settings.model_turn_s,
            retries=settings.model_retries,
        )


class Patient(BaseChatModel):
    """`inner` behind the promise that a call ends: with a message, or with ModelFailed. `label`: its name in events."""

    inner: BaseChatModel = Field(exclude=True)
    label: str
    patience: Patience = Patience()
    line: Any = Field(default=None, exclude=True)  # the turn's Line
    listener: Any = Field(default=None, exclude=True)
    bound: Any = Field(default=None, exclude=True)

    @property
    def _llm_type(self) -> str:
        return "daogou-patient"

    def on(self, line: Line, listener: Listener | None = None) -> "Patient":
        """The model as one turn uses it."""
        return self.model_copy(update={"line": line, "listener": listener})

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """As the inner model binds them."""
        return self.model_copy(update={"bound": self.inner.bind_tools(tools, **kwargs)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        line = self.line or Line()
        before = self.listener.shown if self.listener is not None else ""
        attempt = 0
        while True:
            if self.listener is not None:
                self.listener.begin()
            try:
                reply = _told_apart(self._watched(messages, stop, line, kwargs), messages)
                line.spent.reply(reply, messages)
                if not (reply.text.strip() or reply.tool_calls or reply.invalid_tool_calls):
                    raise NothingSaid("an empty reply")
                return ChatResult(generations=[ChatGeneration(message=reply)])
            except (HungUp, ContextOverflowError):
                raise
            except Exception as error:
                if _too_long(error):
                    raise ContextOverflowError(str(error)) from error
                wait = self._wait(error, attempt, line)
                if wait is None or (self.listener is not None and self.listener.shown != before):
                    raise ModelFailed(f"{self.label}: {type(error).__name__}: {error}") from error
                log.info("trying %s again in %.1f s: %s", self.label, wait, error)
                line.hung_up.wait(wait)
            attempt += 1

    def _wait(self, error: Exception, attempt: int, line: Line) -> float | None:
        """Seconds until another try; None when it would help nothing or takes too long."""
        if attempt >= self.patience.retries or isinstance(error, TurnOver) or not _passing(error):
            return None
        wait = FIRST_WAIT_S * 2**attempt * random.uniform(0.75, 1.25)
        asked = _retry_after(error)
        if asked is not None:
            wait = max(wait, asked)
        return wait if wait <= MOST_WAIT_S and wait < line.left(self.patience.turn) else None

    def _watched(
        self, messages: list[BaseMessage], stop: list[str] | None, line: Line, kwargs: dict[str, Any]
    ) -> AIMessage:
        """One try, counted and timed."""
        began, outcome = time.perf_counter(), "error"
        try:
            with traces.span("model", model=self.label):
                reply = self._once(messages, stop, line, kwargs)
            outcome = "ok"
            return reply
        finally:
            figures.MODEL_CALLS.labels(outcome).inc()
            figures.MODEL_S.observe(time.perf_counter() - began)

    def _once(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        line: Line,
        kwargs: dict[str, Any],
    ) -> AIMessage:
        if line.left(self.patience.turn) <= 0:
            raise TurnOver(f"{self.patience.turn:g} s are over")
        line.spent.call()
        chunks: queue.SimpleQueue[Any] = queue.SimpleQueue()
        left = threading.Event()
        model = self.bound if self.bound is not None else self.inner

        def read() -> None:
            try:
                for chunk in model.stream(messages, stop=stop, **kwargs):
                    chunks.put(chunk)
                    if left.is_set():
                        return  # closes the stream, and with it the connection
                chunks.put(None)
            except BaseException as error:
                chunks.put(error)

        threading.Thread(target=contextvars.copy_context().run, args=(read,), daemon=True).start()
        try:
            return self._listen(chunks, line)
        finally:
            left.set()

    def _listen(self, chunks: "queue.SimpleQueue[Any]", line: Line) -> AIMessage:
        """Put a message together from its chunks. Raises what the model raised, ModelSilent, TurnOver or HungUp."""
        started = last = time.monotonic()
        over, end = started + line.left(self.patience.turn), started + self.patience.call
        first = self.patience.first if self._streams() else self.patience.call
        heard: list[AIMessage] = []
        aloud, size, speaking = Aloud(), 0, False
        while size < MOST_CHARS:
            quiet = last + self.patience.silence if speaking else max(started + first, last)
            until = min(quiet, end, over)
            item = self._next(chunks, until, line)
            if isinstance(item, _Late):
                if until == over:
                    raise TurnOver(f"no answer in {self.patience.turn:g} s")
                raise ModelSilent(f"silent for {time.monotonic() - last:.1f} s")
            if item is None:
                break
            if isinstance(item, BaseException):
                raise item
            last = time.monotonic()
            heard.append(item)
            calls = item.tool_call_chunks if isinstance(item, AIMessageChunk) else []
            size += len(item.text) + sum(len(c["args"] or "") for c in calls)
            speaking = speaking or bool(item.content or calls)
            if self.listener is not None and (said := aloud.feed(item.text)):
                self.listener.hear(said)
        if self.listener is not None and (said := aloud.end()):
            self.listener.hear(said)
        return _whole(heard)

    def _next(self, chunks: "queue.SimpleQueue[Any]", until: float, line: Line) -> Any:
        while True:
            if line.hung_up.is_set():
                raise HungUp
            left = until - time.monotonic()
            try:
                return chunks.get(timeout=max(0.0, min(left, _LOOK_S)))
            except queue.Empty:
                if left <= 0:
                    return _Late()

    def _streams(self) -> bool:
        """Whether the first word comes before the last."""
        return (
            self.inner.disable_streaming is not True and type(self.inner)._stream is not BaseChatModel._stream
        )


class _Late:
    """Nothing came in time."""


def _whole(heard: Sequence[AIMessage]) -> AIMessage:
    """One message of the chunks; a model that does not stream gives a message at once."""
    if not heard:
        raise NothingSaid("a stream without a chunk")
    chunks = [m for m in heard if isinstance(m, AIMessageChunk)]
    message = message_chunk_to_message(add_ai_message_chunks(chunks[0], *chunks[1:])) if chunks else heard[-1]
    if not isinstance(message, AIMessage):
        raise NothingSaid(f"no message of an assistant but a {type(message).__name__}")
    if isinstance(message.content, str):
        message.content = said_in(message.content[:MOST_CHARS])
    return _strictly(message, chunks)


def _strictly(message: AIMessage, chunks: Sequence[AIMessageChunk]) -> AIMessage:
    """The message with a call that broke off among the invalid ones: LangChain makes one of what came of it."""
    raw: dict[Any, str] = {}
    for chunk in (c for m in chunks for c in m.tool_call_chunks):
        raw[chunk["index"]] = raw.get(chunk["index"], "") + (chunk["args"] or "")
    broken = {at for at, args in raw.items() if args.strip() and not _is_object(args)}
    if not broken or len(raw) != len(message.tool_calls) + len(message.invalid_tool_calls):
        return message
    names = {c["index"]: c for m in chunks for c in m.tool_call_chunks if c["name"]}
    kept = [
        c for c in message.tool_calls if not any(names[at]["id"] == c["id"] for at in broken if at in names)
    ]
    known = {c["id"] for c in message.invalid_tool_calls}
    more = [
        InvalidToolCall(
            name=names[at]["name"],
            args=raw[at],
            id=names[at]["id"],
            error="not JSON",
            type="invalid_tool_call",
        )
        for at in broken
        if at in names and names[at]["id"] not in known
    ]
    return message.model_copy(
        update={"tool_calls": kept, "invalid_tool_calls": [*message.invalid_tool_calls, *more]}
    )


def _told_apart(reply: AIMessage, messages: Sequence[BaseMessage]) -> AIMessage:
    """The reply with an id for each call that no other call of the conversation has: some servers give none or the same
    again and again, and results are found by it."""
    known = [c["id"] for m in messages if isinstance(m, AIMessage) for c in m.tool_calls]
    calls: list[ToolCall] = []
    for call in reply.tool_calls:
        if not call["id"] or call["id"] in known:
            call = {**call, "id": f"{call['id'] or 'call'}_{len(known)}"}
        known.append(call["id"])
        calls.append(call)
    return reply if calls == reply.tool_calls else reply.model_copy(update={"tool_calls": calls})


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _too_long(error: Exception) -> bool:
    """Whether a provider refused the prompt for its length; servers of one's own say it in words only."""
    return getattr(error, "status_code", None) in (400, 413, 422) and bool(_TOO_LONG.search(str(error)))


def _passing(error: Exception) -> bool:
    """Whether another try may succeed. What no one has classified may."""
    known = getattr(error, "is_retryable", None)  # LangChain's ModelError has it
    if isinstance(known, bool):
        return known
    status = getattr(error, "status_code", None) or getattr(
        getattr(error, "response", None), "status_code", None
    )
    return not isinstance(status, int) or status in _PASSING or status >= 500


def _retry_after(error: Exception) -> float | None:
    """What the provider asked to wait, in seconds (RFC 9110, section 10.2.3; a date is not followed)."""
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        return max(0.0, float(headers["retry-after"]))
    except (KeyError, TypeError, ValueError):
        return None
