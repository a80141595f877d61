"""The desk: a conversation is asked to be taken over, is taken, answered, given back. Every door goes through here.

What a person does stands in the transcript as a turn that no message began, so that every door shows it, the shopper's
export has it and the assistant knows of it afterwards.
"""

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from agent.events import Done, Event, Person, Speaker, TurnStarted
from agent.handoff import contact as contacts
from agent.handoff.errors import NoConsent, NoHandoff, NothingSaid, NotYours, Taken
from agent.handoff.hours import Hours, worded
from agent.transcripts import Turn
from prompts import say
from prompts.plain import plain
from store.errors import NotKept
from store.handoffs import Entry
from tools import cards
from tools.results import Handoff, Products

if TYPE_CHECKING:
    from agent.parts import Parts

log = logging.getLogger(__name__)
LONGEST, LONGEST_NAME, MOST_PRODUCTS = 4_000, 60, 6
WEBHOOK, CHATWOOT = "webhook", "chatwoot"


class Standing(BaseModel):
    """Who speaks in a conversation now; see agent.events.Speaker. `id`: of the open entry; `opens`: when somebody is
    there again; `contact`: whether one was left; `attended`: whether somebody is at the console, None where people
    answer from other programs."""

    state: str = "assistant"
    id: str = ""
    name: str = ""
    position: int | None = None
    opens: str | None = None
    contact: bool = False
    attended: bool | None = None
    text: str = ""


class Desk:
    """Of one shop. Safe from several threads and processes; what cannot be written raises NotKept."""

    def __init__(self, assistant: "Parts") -> None:
        self._assistant = assistant
        settings = assistant.settings
        self.hours = Hours.read(settings.staff_hours, settings.staff_timezone)
        self.targets = [WEBHOOK] if settings.handoff_webhook else []
        self.targets += [CHATWOOT] if settings.chatwoot_url else []

    # -- the shopper

    def ask(self, session: str, lang: str, reason: str, note: str = "", by: str = "words") -> Handoff:
        """A person is wanted; asked again, the same one is."""
        opens = self.hours.opens()
        store = self._assistant.handoffs
        entry, new = store.ask(session, lang, "message" if opens else "waiting", reason, note)
        if not new and entry.state == "message" and not opens and store.queue_up(entry.id):
            entry = store.get(entry.id) or entry
        if new:
            self._note("handoff.asked", by, entry)
            self._post(entry, "handoff.asked")
        now = self.standing(session, lang, entry)
        return Handoff(
            session=session,
            reason=entry.reason,
            summary=note,
            id=entry.id,
            status=entry.state,  # type: ignore[arg-type]
            position=now.position,
            opens=now.opens,
            attended=now.attended,
            name=entry.person,
        )

    def ask_aside(self, session: str, lang: str, reason: str, by: str) -> Standing:
        """The same from a button, beside the conversation."""
        before = self._assistant.handoffs.open(session)
        self.ask(session, lang, plain(reason)[:300], by=by)
        now = self.standing(session, lang)
        if before is None:
            self._tell(session, [self._speaker(now)], lang)
            self._assistant.courier.wake()
        return now

    def standing(self, session: str, lang: str, entry: Entry | None = None) -> Standing:
        """Who speaks now."""
        entry = entry or self._assistant.handoffs.open(session)
        if entry is None or entry.over:
            return Standing(text=say("handoff", "standing.assistant", lang))
        opens, told = self.hours.opens(), ""
        shown = Standing(state=entry.state, id=entry.id, name=entry.person, contact=bool(entry.contact))
        if entry.state == "person":
            told = say("handoff", "standing.person", lang, name=entry.person)
        elif entry.state == "message":
            shown.opens = worded(opens, lang) if opens else None
            told = say("handoff", "standing.message", lang, opens=shown.opens or self._soon(lang))
        else:
            shown.position = self._assistant.handoffs.position(entry)
            shown.attended = None if self.targets else bool(self._assistant.handoffs.present())
            key = "waiting_first" if shown.position == 1 else "waiting"
            told = say("handoff", f"standing.{key}", lang, before=shown.position - 1)
        return shown.model_copy(update={"text": told})

    def holder(self, session: str) -> str:
        """The person who has the conversation; "" where the assistant answers."""
        try:
            entry = self._assistant.handoffs.open(session)
        except NotKept as error:
            log.warning("who has conversation %s cannot be read: %s", session, error)
            return ""
        return entry.person if entry and entry.state == "person" else ""

    def reads(self, session: str) -> bool:
        """Whether a person reads what is said now, at once or when they come in. Raises NotKept."""
        entry = self._assistant.handoffs.open(session)
        return entry is not None and entry.state in ("person", "message")

    def leave(self, session: str, lang: str, by: str = "button") -> bool:
        """The shopper wants no person any more. False where none was wanted."""
        entry = self._assistant.handoffs.open(session)
        if entry is None or not self._assistant.handoffs.end(entry.id, "left"):
            return False
        self._note("handoff.left", by, entry)
        self._tell(session, [Speaker(state="assistant", text=say("handoff", "told.left", lang))], lang)
        self._post(entry, "handoff.left")
        self._assistant.courier.wake()
        return True

    def reach(self, session: str, contact: str, consent: bool, by: str = "button") -> str:
        """Keep where the shopper wants to be answered; as it is repeated to them. Raises NoHandoff, NoConsent,
        BadContact."""
        entry = self._assistant.handoffs.open(session)
        if entry is None:
            raise NoHandoff
        if not consent:
            raise NoConsent
        known = contacts.checked(contact)
        self._assistant.handoffs.reach(entry.id, known)
        self._note("handoff.contact", by, entry)
        self._post(entry, "handoff.contact")
        self._assistant.courier.wake()
        return contacts.hidden(known)

    def reached_by(self, session: str, text: str, lang: str) -> str:
        """What is said to a message that gives a contact, where one was asked for; "" to any other."""
        try:
            entry = self._assistant.handoffs.open(session)
            known = contacts.given_in(text) if entry and entry.state == "message" else ""
            if not entry or not known:
                return ""
            told = self.reach(session, known, consent=True, by="words")
        except NotKept as error:
            log.warning("a contact cannot be kept: %s", error)
            return ""
        opens = self.hours.opens()
        when = worded(opens, lang) if opens else self._soon(lang)
        return say("handoff", "contact.noted", lang, contact=told, opens=when)

    def after_turn(self, session: str, number: int) -> None:
        """A message was answered, or passed on: other programs that have the conversation hear of it."""
        if not self.targets:
            return
        try:
            entry = self._assistant.handoffs.open(session)
            if entry:
                self._post(entry, "handoff.message", number)
                self._assistant.courier.wake()
        except NotKept as error:
            log.warning("a message of conversation %s reaches nobody outside: %s", session, error)

    def passed_on(self, name: str, lang: str) -> Speaker:
        """What the shopper sees of a message to a person."""
        return Speaker(state="person", name=name, text=say("handoff", "standing.passed_on", lang, name=name))

    # -- the staff

    def take(self, handoff: str, name: str, by: str = "") -> Entry:
        """Take over. Raises NoHandoff, and Taken where somebody else has it."""
        name, store = named(name), self._assistant.handoffs
        taken = store.take(handoff, name)
        entry = store.get(handoff)
        if entry is None or entry.over:
            raise NoHandoff
        if entry.person != name:
            raise Taken(name=entry.person)
        if taken:
            lang = self._spoken(entry)
            told = say("handoff", "told.taken", lang, name=name)
            self._tell(entry.session, [Speaker(state="person", name=name, text=told)], lang)
            self._note("handoff.taken", by or f"staff:{name}", entry)
            self._post(entry, "handoff.taken", but=by)
            self._assistant.courier.wake()
        return entry

    def say(self, handoff: str, name: str, text: str, products: Sequence[str] = (), by: str = "") -> int:
        """Answer the shopper; the number of the turn. Raises NoHandoff, NotYours, NothingSaid."""
        entry, text = self._held(handoff, named(name)), plain(text).strip()[:LONGEST]
        lang = self._spoken(entry)
        found = self._assistant.shop.get_many(list(dict.fromkeys(products))[:MOST_PRODUCTS])
        if not text and not found:
            raise NothingSaid
        events: list[Event] = [Person(name=entry.person, text=text)] if text else []
        if found:
            shown = [cards.card(product, lang) for product in found]
            events.append(Products(items=shown, total=len(shown), query={}))
        number = self._tell(entry.session, events, lang)
        self._note("handoff.answered", by or f"staff:{entry.person}", entry)
        self._post(entry, "handoff.answer", number, but=by)
        self._assistant.courier.wake()
        return number

    def give_back(self, handoff: str, name: str, how: str = "given_back", by: str = "") -> None:
        """Give the conversation back to the assistant (`given_back`, `closed`), or to the queue (`released`). Raises
        NoHandoff, NotYours."""
        entry, store = self._held(handoff, named(name)), self._assistant.handoffs
        done = (
            store.release(handoff, entry.person)
            if how == "released"
            else store.end(handoff, how, entry.person)
        )
        if not done:
            raise NoHandoff
        lang = self._spoken(entry)
        told = say("handoff", f"told.{how}", lang, name=entry.person)
        state = "waiting" if how == "released" else "assistant"
        self._tell(entry.session, [Speaker(state=state, text=told)], lang)  # type: ignore[arg-type]
        self._note(f"handoff.{how}", by or f"staff:{entry.person}", entry)
        self._post(entry, f"handoff.{how}", but=by)
        self._assistant.courier.wake()

    def close(self, handoff: str, name: str, by: str = "") -> None:
        """End it, taken over or not: a message that was answered elsewhere. Raises NoHandoff, Taken."""
        entry = self._assistant.handoffs.get(handoff)
        if entry is None or entry.over:
            raise NoHandoff
        if entry.state != "person":
            entry = self.take(handoff, name, by)
        if entry.person != named(name):
            raise Taken(name=entry.person)
        self.give_back(handoff, name, "closed", by)

    def erase(self, session: str) -> None:
        """A conversation is erased: its entries go, what was not delivered is not, and who was told is told so."""
        store = self._assistant.handoffs
        self._assistant.outbox.erase(session)
        for handoff in store.erase(session):
            for target in self.targets:
                self._assistant.outbox.put(target, handoff, "", "handoff.erased")

    # -- inside

    def _held(self, handoff: str, name: str) -> Entry:
        entry = self._assistant.handoffs.get(handoff)
        if entry is None or entry.over:
            raise NoHandoff
        if entry.state != "person" or entry.person != name:
            raise NotYours
        return entry

    def _spoken(self, entry: Entry) -> str:
        last = self._assistant.transcripts.last(entry.session)
        return last[1].language if last else entry.language

    def _tell(self, session: str, events: Sequence[Event], lang: str) -> int:
        """Put a turn that no message began into the conversation; its number."""
        words = [e.text for e in events if isinstance(e, Person | Speaker)]
        done = Done(text="\n".join(words), answered_by="person")

        def made(number: int) -> Turn:
            start = TurnStarted(session=session, turn=number, language=lang)
            return Turn(language=lang, outside=True, events=[start, *events, done])

        return self._assistant.transcripts.add(session, made)

    def _speaker(self, now: Standing) -> Speaker:
        return Speaker(state=now.state, name=now.name, position=now.position, text=now.text)  # type: ignore[arg-type]

    def _post(self, entry: Entry, kind: str, turn: int = -1, but: str = "") -> None:
        """Have it delivered, except to where it came from."""
        for target in self.targets:
            if target != but:
                self._assistant.outbox.put(target, entry.id, entry.session, kind, turn)

    def _note(self, what: str, who: str, entry: Entry) -> None:
        try:
            self._assistant.audit.note(what, who, entry.session, entry.id)
        except NotKept as error:
            log.warning("%s is not in the audit log: %s", what, error)

    @staticmethod
    def _soon(lang: str) -> str:
        return say("handoff", "soon", lang)


def named(name: str) -> str:
    """The name of a person as it is kept and shown: one line, not long."""
    return " ".join(plain(name).split())[:LONGEST_NAME] or "?"
