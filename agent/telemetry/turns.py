"""A turn as its events tell it: counted, timed, and a span around it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import Span

from agent.events import Done, Error, Event, Looked, TurnStarted, Usage
from agent.telemetry import about, figures, traces

DOORS = ("chat", "api", "widget", "openai")
_PHOTO_ERRORS = frozenset(
    {
        *("unusable_photo", "empty_file", "too_large", "not_an_image", "unsupported_type", "too_many_pixels"),
        *("too_small", "truncated", "bad_photo", "too_many_photos"),
    }
)
_REFUSED = _PHOTO_ERRORS | {
    *("empty_message", "message_too_long", "empty_shop", "garment_not_found", "product_gone"),
}  # what a shopper is asked to do otherwise; any other code but the next is a fault of ours
_TOLD = frozenset({"conversation_expired"})


class Watch:
    """Sees each event of one turn before anybody else does."""

    def __init__(self, door: str, span: Span) -> None:
        self._door = door if door in DOORS else figures.OTHER
        self._span, self._began = span, time.perf_counter()
        self._language, self._codes, self._seen = figures.OTHER, set[str](), False

    def __call__(self, event: Event) -> None:
        """Count `event`."""
        if not self._seen:
            self._seen = True
            figures.FIRST_EVENT_S.labels(self._door).observe(time.perf_counter() - self._began)
        match event:
            case TurnStarted():
                self._language = event.language if event.language in ("zh", "en") else figures.OTHER
            case Looked():
                figures.PHOTOS.labels("looked").inc()
            case Error():
                self._codes.add(event.code)
                figures.TURN_ERRORS.labels(event.code).inc()
                figures.store_error(event.code)
                if event.code in _PHOTO_ERRORS:
                    figures.PHOTOS.labels("refused").inc()
            case Done():
                self._over(event)

    def _over(self, done: Done) -> None:
        wrong = self._codes - _TOLD
        outcome = "error" if wrong - _REFUSED else "refused" if wrong else "ok"
        figures.TURNS.labels(self._door, self._language, outcome).inc()
        figures.TURN_S.labels(self._door).observe(time.perf_counter() - self._began)
        _spent(done.usage)
        self._span.set_attributes(
            {
                "daogou.language": self._language,
                "daogou.outcome": outcome,
                "daogou.answered_by": done.answered_by,
                "daogou.model_calls": done.usage.model_calls,
            }
        )
        if outcome == "error":
            traces.failed(self._span, min(wrong - _REFUSED))


def _spent(usage: Usage) -> None:
    for kind, tokens in (
        ("input", usage.input_tokens - usage.cached_tokens),
        ("cached", usage.cached_tokens),
        ("output", usage.output_tokens),
    ):
        if tokens > 0:
            figures.MODEL_TOKENS.labels(kind).inc(tokens)
    if usage.cost and usage.currency:
        figures.MODEL_COST.labels(usage.currency).inc(float(usage.cost))


@contextmanager
def watched(session: str, door: str) -> Iterator[Watch]:
    """Around a turn, in a thread or context of its own: what its log lines and spans have in common is set for good."""
    if not about.now():
        about.begin()
    about.note(session=about.mark(session), door=door)
    figures.TURNS_RUNNING.inc()
    try:
        with traces.span("turn", door=door, **_known()) as span:
            yield Watch(door, span)
    finally:
        figures.TURNS_RUNNING.dec()


def _known() -> dict[str, str]:
    return {k: v for k, v in about.now().items() if k in ("shop", "session", "request_id") and v}
