"""The signed webhook, by the open specification (standardwebhooks.com): what goes out, and what comes back.

Out: `webhook-id` (the same at every try), `webhook-timestamp`, `webhook-signature`; a redirect is not followed, only
the address of the settings is asked. In: the same headers; what is older than five minutes, or was heard before, is
refused.
"""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from agent.handoff.case import case_of, pictures, utterances
from agent.handoff.errors import BadSignature
from store.outbox import Parcel

if TYPE_CHECKING:
    from agent.parts import Parts

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
GONE = 410  # the receiver wants no more of it


class NotDelivered(Exception):
    """It did not arrive. `final`: nor will it at another try; `after_s`: as the receiver asks to wait."""

    def __init__(self, why: str, final: bool = False, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.final, self.after_s = final, after_s


def composed(assistant: "Parts", parcel: Parcel) -> str:
    """What is sent: JSON with the kind of event, when it happened, and what it is about."""
    entry = assistant.handoffs.get(parcel.handoff)
    when = datetime.fromtimestamp(parcel.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    told: dict[str, Any] = {"id": parcel.handoff}
    if entry:
        told |= {"session": entry.session, "state": entry.how if entry.over else entry.state}
        told |= {"person": entry.person, "contact": entry.contact}
    if entry and parcel.kind == "handoff.asked":
        case = case_of(assistant, entry)
        found, left_out = pictures(assistant, case.photos)
        told |= case.model_dump(mode="json") | {"photos": found, "photos_left_out": left_out}
        last = max((one.turn for one in case.transcript), default=-1)
        assistant.handoffs.link(entry.id, f"{parcel.target}:told", str(last))
    elif entry and parcel.turn >= 0:
        turns = assistant.transcripts.numbered(entry.session, parcel.turn)
        said = utterances(*turns[0]) if turns and turns[0][0] == parcel.turn else []
        found, left_out = pictures(assistant, [photo for one in said for photo in one.photos])
        told |= {"said": [one.model_dump(mode="json") for one in said]}
        told |= {"photos": found, "photos_left_out": left_out}
    body = {"type": parcel.kind, "timestamp": when, "shop": assistant.shop_name, "data": told}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def headers(secret: str, parcel: str, body: str, now: datetime | None = None) -> dict[str, str]:
    """The headers that prove where it comes from."""
    moment = now or datetime.now(UTC)
    return {
        "content-type": "application/json",
        "user-agent": "Daogou",
        "webhook-id": parcel,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(parcel, moment, body),
    }


def deliver(address: str, secret: str, parcel: str, body: str) -> None:
    """Send it once. Raises NotDelivered."""
    try:
        answer = httpx.post(
            address,
            content=body.encode(),
            headers=headers(secret, parcel, body),
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotDelivered(type(error).__name__) from error
    if answer.is_success:
        return
    raise NotDelivered(
        f"HTTP {answer.status_code}", final=answer.status_code == GONE, after_s=wait_of(answer.headers)
    )


def wait_of(told: httpx.Headers) -> float:
    """How long a receiver asks to be left alone, where it does."""
    asked = told.get("retry-after", "")
    return min(float(asked), 3600.0) if asked.isdigit() else 0.0


def verified(secret: str, body: bytes, told: dict[str, str]) -> tuple[str, Any]:
    """(its id, what came in). Raises BadSignature."""
    try:
        found = Webhook(secret).verify(body, told)
    except (WebhookVerificationError, ValueError) as error:  # also what is no base64, no UTF-8 or no JSON
        raise BadSignature from error
    return told["webhook-id"], found
