"""What a turn costs: tokens and calls of models, and money where the settings name prices."""

import threading
from collections.abc import Sequence
from decimal import Decimal

from langchain_core.messages import AIMessage, BaseMessage

from agent.events import Usage
from agent.settings import Settings

_MILLION = Decimal(1_000_000)


class Spent:
    """Counts while a turn runs."""

    def __init__(self, before: Sequence[Usage] = ()) -> None:
        """`before`: of the conversation's earlier turns, for `over`."""
        self._lock = threading.Lock()
        self._usage = Usage()
        self._before = before

    def call(self) -> None:
        """A request was sent to a model."""
        with self._lock:
            self._usage.model_calls += 1

    def reply(self, message: AIMessage, asked: Sequence[BaseMessage]) -> None:
        """Count a reply to the messages `asked`; estimated where the provider does not say."""
        told = message.usage_metadata
        with self._lock:
            if told:
                self._usage.input_tokens += told["input_tokens"]
                self._usage.output_tokens += told["output_tokens"]
                self._usage.cached_tokens += (told.get("input_token_details") or {}).get("cache_read") or 0
            else:
                self._usage.input_tokens += count_tokens(asked)
                self._usage.output_tokens += count_tokens([message])
                self._usage.estimated = True

    def total(self, settings: Settings) -> Usage:
        """So far, with the cost at the prices of the settings."""
        with self._lock:
            usage = self._usage.model_copy()
        if settings.price_input is None or settings.price_output is None or not usage.model_calls:
            return usage
        fresh, kept, out = (Decimal(str(p)) for p in _prices(settings))
        cost = (
            (usage.input_tokens - usage.cached_tokens) * fresh
            + usage.cached_tokens * kept
            + usage.output_tokens * out
        ) / _MILLION
        usage.cost, usage.currency = format(cost.normalize(), "f"), settings.price_currency
        return usage

    def over(self, settings: Settings) -> bool:
        """Whether the conversation has cost what the settings let one cost. A call that is under way is not cut off, so
        that it may come to a little more."""
        used = [*self._before, self.total(settings)]
        tokens = sum(usage.input_tokens + usage.output_tokens for usage in used)
        cost = sum((Decimal(usage.cost) for usage in used if usage.cost), Decimal(0))
        most = settings.cost_per_session
        return (settings.tokens_per_session is not None and tokens >= settings.tokens_per_session) or (
            most is not None and cost >= Decimal(str(most))
        )


def capped(settings: Settings) -> bool:
    """Whether there is any such limit."""
    return settings.cost_per_session is not None or settings.tokens_per_session is not None


def _prices(settings: Settings) -> tuple[float, float, float]:
    fresh, out = settings.price_input or 0.0, settings.price_output or 0.0
    return fresh, fresh if settings.price_cached is None else settings.price_cached, out


def count_tokens(messages: Sequence[BaseMessage]) -> int:
    """About how many tokens the messages are, any model's: a Chinese, Japanese or Korean character is one, of other
    writing four characters are, and each message and call has some around it. Rather too many than too few."""
    total = 0.0
    for message in messages:
        total += 4 + _tokens(message.text)
        if isinstance(message, AIMessage):
            total += sum(8 + _tokens(c["name"]) + _tokens(str(c["args"])) for c in message.tool_calls)
    return round(total)


def _tokens(text: str) -> float:
    wide = sum(char >= "⺀" for char in text)
    return wide + (len(text) - wide) / 4
