"""Delivers what is in the outbox, in a thread of its own, until it has arrived or is given up.

It starts with the first thing there is to deliver, and with the server: what a process left undone, the next one does.
"""

import logging
import random
import threading
import time
from typing import TYPE_CHECKING

from agent.handoff import chatwoot, webhook
from agent.handoff.desk import CHATWOOT, WEBHOOK
from agent.handoff.webhook import NotDelivered
from store.errors import NotKept
from store.outbox import Parcel

if TYPE_CHECKING:
    from agent.parts import Parts

log = logging.getLogger(__name__)
LOOK_S = 5.0  # another process may have put something in


class Courier:
    """Of one shop's outbox. Safe to call from several threads."""

    def __init__(self, assistant: "Parts") -> None:
        self._assistant = assistant
        self._targets = assistant.desk.targets
        self._lock = threading.Lock()
        self._more, self._stop = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """There is something to deliver, or may be."""
        if not self._targets or self._stop.is_set():
            return
        self._more.set()
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Stop; what is not delivered stays in the outbox."""
        self._stop.set()
        self._more.set()
        with self._lock:
            thread, self._thread = self._thread, None
        if thread and thread is not threading.current_thread():
            thread.join(timeout=12.0)

    def deliver_due(self) -> int:
        """Deliver all that is due now; how much of it arrived."""
        arrived = 0
        while not self._stop.is_set() and (parcel := self._assistant.outbox.claim()):
            arrived += self._deliver(parcel)
        return arrived

    def _deliver(self, parcel: Parcel) -> bool:
        outbox = self._assistant.outbox
        try:
            self._hand_in(parcel)
        except NotDelivered as failed:
            wait = failed.after_s
            again = outbox.failed(
                parcel, str(failed), failed.final, lambda s: max(s, wait) * random.uniform(1, 1.2)
            )
            log.log(
                logging.INFO if again else logging.ERROR,
                "%s %s was not delivered to the %s (%s)%s",
                parcel.kind, parcel.id, parcel.target, failed, "" if again else " and is given up",
            )  # fmt: skip
            return False
        except NotKept:
            raise
        except Exception as error:  # a fault of ours: one more try, later; what stands behind it goes on
            log.exception("%s %s could not be made ready for the %s", parcel.kind, parcel.id, parcel.target)
            outbox.failed(parcel, type(error).__name__, False, lambda s: s * random.uniform(1, 1.2))
            return False
        outbox.delivered(parcel.id)
        if parcel.kind != "handoff.erased":
            self._assistant.audit.note(
                "sent." + parcel.target, "system", parcel.session, parcel.handoff, parcel.kind
            )
        return True

    def _hand_in(self, parcel: Parcel) -> None:
        """Raises NotDelivered."""
        settings, assistant = self._assistant.settings, self._assistant
        if parcel.kind == "handoff.message":
            told = assistant.handoffs.linked(parcel.handoff).get(f"{parcel.target}:told", "")
            if told and parcel.turn <= int(told):
                return  # it stood in the transcript that was delivered
        if parcel.target == WEBHOOK and settings.handoff_webhook:
            if settings.handoff_secret is None:
                raise NotDelivered("there is no handoff_secret to sign it with")
            body = parcel.body or webhook.composed(assistant, parcel)
            if not parcel.body:
                assistant.outbox.write(parcel.id, body)
            webhook.deliver(
                settings.handoff_webhook, settings.handoff_secret.get_secret_value(), parcel.id, body
            )
        elif parcel.target == CHATWOOT and settings.chatwoot_url:
            chatwoot.deliver(assistant, parcel)
        else:
            raise NotDelivered(f"no {parcel.target} is set any more", final=True)

    def _work(self) -> None:
        while not self._stop.is_set():
            self._more.clear()
            try:
                self.deliver_due()
                due = self._assistant.outbox.next_due()
            except NotKept as error:
                log.warning("the outbox cannot be worked on now: %s", error)
                due = None
            except Exception:
                log.exception(
                    "something in the outbox cannot be delivered"
                )  # its claim ends, then it is tried again
                due = None
            wait = LOOK_S if due is None else min(LOOK_S, max(0.05, due - time.time()))
            self._more.wait(wait)
