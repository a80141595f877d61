"""Who waits for a person, and what waits to be delivered: read when the figures are asked for, not counted along."""

import logging
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.telemetry import figures
from store.errors import NotKept

if TYPE_CHECKING:
    from agent.assistant import Assistant

log = logging.getLogger(__name__)
_STATES = ("waiting", "message", "person")


def look(assistants: Sequence["Assistant"]) -> None:
    """Set the figures of all shops together; as they were, where the database is away."""
    counts, parcels, oldest = dict.fromkeys(_STATES, 0), {"open": 0, "given_up": 0}, 0.0
    try:
        for assistant in assistants:
            for entry in assistant.handoffs.queue():
                if entry.state in counts:
                    counts[entry.state] += 1
                if entry.state == "waiting":
                    oldest = max(oldest, time.time() - entry.asked)
            for state, number in assistant.outbox.counts().items():
                if state in parcels:
                    parcels[state] += number
    except NotKept as error:
        log.info("who waits for a person cannot be read: %s", error)
        return
    for state, number in counts.items():
        figures.HANDOFFS.labels(state).set(number)
    for state, number in parcels.items():
        figures.OUTBOX.labels(state).set(number)
    figures.HANDOFF_OLDEST_S.set(oldest)
