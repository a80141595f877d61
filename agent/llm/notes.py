"""Notes of ours to a model, beside what the shopper says: they last for one call and no other model reads them."""

from collections.abc import Sequence

from langchain_core.messages import AnyMessage, BaseMessage, HumanMessage

_NOTE = "note"  # in additional_kwargs


def note(text: str) -> HumanMessage:
    """A note. Providers know no role that may speak in the middle but the user's."""
    return HumanMessage(text, additional_kwargs={_NOTE: True})


def said_by_shopper(message: BaseMessage) -> bool:
    """Whether a message is the shopper's own."""
    return isinstance(message, HumanMessage) and not message.additional_kwargs.get(_NOTE)


def asked_at(messages: Sequence[BaseMessage]) -> int:
    """Where the shopper's newest message stands; -1 where there is none."""
    return max((i for i, m in enumerate(messages) if said_by_shopper(m)), default=-1)


def this_turn(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """What came after the shopper's newest message."""
    return [*messages[asked_at(messages) + 1 :]]


def without_notes(messages: Sequence[AnyMessage]) -> list[AnyMessage]:
    """The messages less notes and the replies that they are about."""
    first = next((i for i, m in enumerate(messages) if m.additional_kwargs.get(_NOTE)), len(messages))
    kept = [*messages[:first]]
    while (
        kept and first < len(messages) and kept[-1].type == "ai" and not getattr(kept[-1], "tool_calls", [])
    ):
        kept.pop()
    return kept
