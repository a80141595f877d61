"""A Chatwoot inbox of the kind "API", through Chatwoot's application API, as its own description has it.

Out: a contact, a conversation and the messages of the shopper with their photos; the summary as a private note, which
its people see and the shopper does not. In: what its people write, and that a conversation was resolved.
A step that was done is kept, so that a try that broke off goes on where it was.
"""

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Any

import httpx
from pydantic import BaseModel, ConfigDict

from agent.handoff.case import Utterance, case_of, scaled, utterances
from agent.handoff.errors import BadSignature
from agent.handoff.webhook import TIMEOUT, NotDelivered, wait_of
from agent.settings import Settings
from store.handoffs import Entry
from store.outbox import Parcel

if TYPE_CHECKING:
    from agent.parts import Parts

FRESH_S = 300.0
NAME = "chatwoot:conversation"  # of the link under which a conversation there is kept
_PHOTOS = 5  # in one message


class Sender(BaseModel):
    """Who wrote a message there: a `user` is one of its people."""

    model_config = ConfigDict(extra="ignore")
    name: str = ""
    available_name: str | None = None
    type: str | None = None


class Attached(BaseModel):
    """A file of a message there."""

    model_config = ConfigDict(extra="ignore")
    data_url: str | None = None


class Numbered(BaseModel):
    """Something that has a number there."""

    model_config = ConfigDict(extra="ignore")
    id: int | None = None


class Heard(BaseModel):
    """What Chatwoot tells: `message_created`, with the message's fields and its conversation, or
    `conversation_status_changed`, with the conversation's own."""

    model_config = ConfigDict(extra="ignore")
    event: str
    id: int | None = None
    content: str | None = None
    message_type: str | int | None = None
    private: bool = False
    status: str | None = None
    sender: Sender | None = None
    conversation: Numbered | None = None
    account: Numbered | None = None
    attachments: list[Attached] = []

    @property
    def of(self) -> str:
        """The number of the conversation there."""
        number = self.conversation.id if self.event.startswith("message") and self.conversation else self.id
        return str(number or "")

    @property
    def answer(self) -> bool:
        """True for what one of its people wrote to the shopper."""
        outgoing = self.message_type in ("outgoing", 1)
        by_person = self.sender is not None and self.sender.type in (None, "user")
        return self.event == "message_created" and outgoing and not self.private and by_person

    @property
    def resolved(self) -> bool:
        """True where its people are done."""
        return self.event == "conversation_status_changed" and self.status == "resolved"


def verified(secret: str, body: bytes, signature: str, timestamp: str) -> None:
    """Check `X-Chatwoot-Signature` over `X-Chatwoot-Timestamp` and the body. Raises BadSignature."""
    known = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    fresh = timestamp.isdigit() and abs(time.time() - int(timestamp)) <= FRESH_S
    if not fresh or not hmac.compare_digest(f"sha256={known}".encode(), signature.encode()):
        raise BadSignature


def token_of(settings: Settings) -> str:
    """What stands in the address of the webhook where Chatwoot signs nothing: nobody else can know it."""
    key = settings.chatwoot_token.get_secret_value() if settings.chatwoot_token else ""
    return hmac.new(key.encode(), b"daogou chatwoot webhook", hashlib.sha256).hexdigest()[:40] if key else ""


def deliver(assistant: "Parts", parcel: Parcel) -> None:
    """Bring it there. Raises NotDelivered."""
    entry = assistant.handoffs.get(parcel.handoff)
    if entry is None:  # erased in the meantime
        return
    with _Inbox(assistant.settings) as inbox:
        number = _conversation(assistant, entry, inbox)
        if parcel.kind == "handoff.asked":
            _case(assistant, entry, inbox, number)
        elif parcel.turn >= 0:
            _turn(assistant, entry, inbox, number, parcel.turn)
        elif parcel.kind == "handoff.contact":
            inbox.note(number, entry.contact)
        elif parcel.kind in ("handoff.left", "handoff.closed", "handoff.given_back"):
            inbox.post(f"conversations/{number}/toggle_status", {"status": "resolved"})


def _conversation(assistant: "Parts", entry: Entry, inbox: "_Inbox") -> str:
    """The number of the conversation there, made where there is none yet."""
    store, known = assistant.handoffs, assistant.handoffs.linked(entry.id)
    if NAME in known:
        return known[NAME]
    if "chatwoot:source" not in known:
        contact, source = inbox.contact(entry)
        store.link(entry.id, "chatwoot:contact", contact)
        store.link(entry.id, "chatwoot:source", source)
        known = store.linked(entry.id)
    number = inbox.conversation(known["chatwoot:source"], known["chatwoot:contact"], entry)
    store.link(entry.id, NAME, number)
    return number


def _case(assistant: "Parts", entry: Entry, inbox: "_Inbox", number: str) -> None:
    """The summary and what was said as one private note, the photos, and the wish in the shopper's own words."""
    case, done = case_of(assistant, entry), assistant.handoffs.linked(entry.id)
    if "chatwoot:note" not in done:
        lang = assistant.settings.language if assistant.settings.language != "auto" else case.language
        said = [f"{one.name or one.who}: {one.text}" for one in case.transcript if one.text][-40:]
        inbox.note(number, "\n".join([*case.summary[lang], "—", *said]))
        assistant.handoffs.link(entry.id, "chatwoot:note", "1")
    if "chatwoot:told" not in done:
        photos = [data for photo in case.photos[-_PHOTOS:] if (data := scaled(assistant, photo))]
        inbox.said(number, entry.reason or "…", photos)
        last = max((one.turn for one in case.transcript), default=-1)
        assistant.handoffs.link(entry.id, "chatwoot:told", str(last))


def _turn(assistant: "Parts", entry: Entry, inbox: "_Inbox", number: str, turn: int) -> None:
    found = assistant.transcripts.numbered(entry.session, turn)
    said: list[Utterance] = utterances(*found[0]) if found and found[0][0] == turn else []
    for one in said:
        photos = [data for photo in one.photos[:_PHOTOS] if (data := scaled(assistant, photo))]
        if one.who == "shopper":
            inbox.said(number, one.text, photos)
        elif one.text:
            inbox.note(number, f"{one.name or one.who}: {one.text}")


class _Inbox:
    """Chatwoot's application API, for one inbox. Every call raises NotDelivered."""

    def __init__(self, settings: Settings) -> None:
        token = settings.chatwoot_token.get_secret_value() if settings.chatwoot_token else ""
        if not (token and settings.chatwoot_account and settings.chatwoot_inbox):
            raise NotDelivered("chatwoot_token, chatwoot_account and chatwoot_inbox are needed as well")
        self._inbox = settings.chatwoot_inbox
        self._client = httpx.Client(
            base_url=f"{settings.chatwoot_url}/api/v1/accounts/{settings.chatwoot_account}/",
            headers={"api_access_token": token},
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> "_Inbox":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def contact(self, entry: Entry) -> tuple[str, str]:
        """(number of the contact, its source in this inbox)."""
        wished: dict[str, Any] = {
            "inbox_id": self._inbox,
            "name": f"#{entry.session[:6]}",
            "identifier": entry.id,
        }
        if "@" in entry.contact:
            wished["email"] = entry.contact
        elif entry.contact.startswith("+"):
            wished["phone_number"] = entry.contact
        try:
            made = self.post("contacts", wished)
        except NotDelivered as error:  # the address or number is another contact's already
            if not error.final or len(wished) == 3:
                raise
            made = self.post("contacts", {k: wished[k] for k in ("inbox_id", "name", "identifier")})
        held = made.get("payload", made)
        found = held.get("contact", held)
        sources = [held.get("contact_inbox") or {}, *(found.get("contact_inboxes") or [])]
        source = next((str(s["source_id"]) for s in sources if s.get("source_id")), "")
        if not found.get("id") or not source:
            raise NotDelivered("Chatwoot named no contact")
        return str(found["id"]), source

    def conversation(self, source: str, contact: str, entry: Entry) -> str:
        """The number of a new conversation."""
        made = self.post(
            "conversations",
            {
                "source_id": source,
                "inbox_id": self._inbox,
                "contact_id": int(contact),
                "status": "open",
                "custom_attributes": {"daogou_handoff": entry.id, "language": entry.language},
            },
        )
        if not made.get("id"):
            raise NotDelivered("Chatwoot named no conversation")
        return str(made["id"])

    def said(self, conversation: str, text: str, photos: list[bytes]) -> None:
        """A message of the shopper."""
        place = f"conversations/{conversation}/messages"
        if not photos:
            self.post(place, {"content": text, "message_type": "incoming", "private": False})
            return
        files = [
            ("attachments[]", (f"photo-{n}.jpg", data, "image/jpeg")) for n, data in enumerate(photos, 1)
        ]
        self._sent(place, data={"content": text, "message_type": "incoming", "private": "false"}, files=files)

    def note(self, conversation: str, text: str) -> None:
        """What only its people see."""
        wished = {"content": text, "message_type": "outgoing", "private": True}
        self.post(f"conversations/{conversation}/messages", wished)

    def post(self, place: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask for something in JSON; the answer."""
        return self._sent(place, json=body)

    def _sent(self, place: str, **what: Any) -> dict[str, Any]:
        try:
            answer = self._client.post(place, **what)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(type(error).__name__) from error
        if not answer.is_success:
            final = answer.status_code in (400, 404, 422)  # at another try it would be no better
            raise NotDelivered(f"Chatwoot: HTTP {answer.status_code}", final, wait_of(answer.headers))
        try:
            found = answer.json()
        except ValueError as error:
            raise NotDelivered("Chatwoot: no JSON") from error
        return found if isinstance(found, dict) else {}
