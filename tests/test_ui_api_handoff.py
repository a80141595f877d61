"""A person takes over, at the doors: the API of the shopper and of the shop, signed webhooks out and in, Chatwoot."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_shop import PATH, Door, door, told
from desk_server import ACCOUNT, INBOX, TOKEN, Desk, serve
from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook

from agent.assistant import Assistant
from agent.handoff import chatwoot
from ui.api import handoff as routes

PHOTO = (Path(__file__).parent / "dialogs" / "photos" / "red_dress.webp").read_bytes()
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
SIGNING = "an inbox's own secret"


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


@pytest.fixture(autouse=True)
def nobody_waits(assistant: Assistant) -> Iterator[None]:
    yield
    for entry in assistant.handoffs.queue():
        assistant.handoffs.end(entry.id, "left")
        assistant.outbox.erase(entry.session)


@contextmanager
def set_to(assistant: Assistant, **values: Any) -> Iterator[None]:
    """The shop with other settings. Its courier delivers only when a test has it do so."""
    before = assistant.settings
    assistant.settings = before.model_copy(update=values)
    for part in ("desk", "courier"):
        assistant.__dict__.pop(part, None)
    assistant.courier.wake = lambda: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        assistant.settings = before
        for part in ("desk", "courier"):
            assistant.__dict__.pop(part, None)


@pytest.fixture
def hook(assistant: Assistant) -> Iterator[Desk]:
    with (
        serve() as desk,
        set_to(assistant, handoff_webhook=f"{desk.url}/hook", handoff_secret=SecretStr(SECRET)),
    ):
        yield desk


@pytest.fixture
def inbox(assistant: Assistant) -> Iterator[Desk]:
    more = {"chatwoot_account": ACCOUNT, "chatwoot_inbox": INBOX, "chatwoot_secret": SecretStr(SIGNING)}
    with serve(chatwoot=True) as desk:
        with set_to(assistant, chatwoot_url=desk.url, chatwoot_token=SecretStr(TOKEN), **more):
            yield desk
        assert desk.problems == []


def waiting(api: Door, *said: str) -> tuple[str, str]:
    """A conversation that waits for a person, and the id of its entry."""
    session = api.begin()
    for text in (*said, "转人工"):
        api.say(session, text)
    (entry,) = api.client.get(f"{PATH}/handoffs", headers=api.secret).json()
    return session, entry["id"]


def deed(api: Door, handoff: str, kind: str, name: str = "Lin", **more: Any) -> Any:
    body = {"type": kind, "name": name, **more}
    return api.client.post(f"{PATH}/handoffs/{handoff}/events", json=body, headers=api.secret)


def heard(api: Door, session: str, query: str = "", **headers: str) -> list[tuple[str, dict[str, Any]]]:
    answer = api.client.get(
        f"{PATH}/sessions/{session}/events?seconds=0{query}", headers=api.secret | headers
    )
    assert answer.status_code == 200, answer.text
    return [one for one in told(answer.text) if one[0]]


def test_what_a_person_says_arrives_once_and_is_taken_up_after_a_break(api: Door) -> None:
    session, handoff = waiting(api, "red dresses")
    assert api.client.get(f"{PATH}/sessions/{session}/handoff", headers=api.secret).json()["position"] == 1
    product = api.client.get(f"{PATH}/products?limit=1", headers=api.secret).json()["products"][0]["id"]
    said = deed(api, handoff, "message", text="<b>Hi</b> **you**", products=[product, "no-such"])
    assert said.status_code == 200, said.text
    events = heard(api, session, "&since=0")
    kinds = [event["type"] for _, event in events]
    assert kinds == ["turn_started", "speaker", "done", "turn_started", "person", "products", "done"]
    assert events[4][1] == {"type": "person", "name": "Lin", "text": "<b>Hi</b> **you**"}
    place = events[4][0]
    assert [e["type"] for _, e in heard(api, session, **{"Last-Event-ID": place})] == ["products", "done"]
    assert heard(api, session, **{"Last-Event-ID": events[-1][0]}) == []
    mine = api.say(session, "is it warm?")
    assert [e["type"] for _, e in mine] == ["turn_started", "speaker", "done"] and mine[-1][1]["text"] == ""
    assert deed(api, handoff, "given_back").status_code == 200
    assert [e["type"] for _, e in api.say(session, "red shoes")][-1] == "done"
    turns = api.client.get(f"{PATH}/sessions/{session}", headers=api.secret).json()["turns"]
    assert [turn["text"] for turn in turns].count("") == 3


def test_only_so_many_listen_to_one_conversation(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "LISTENERS", 1)
    session = api.begin()
    address = f"{PATH}/sessions/{session}/events"
    first = threading.Thread(target=lambda: api.client.get(f"{address}?seconds=2", headers=api.secret))
    first.start()
    until = time.monotonic() + 30
    while not routes._LISTENING and time.monotonic() < until:
        time.sleep(0.02)
    refused = api.client.get(f"{address}?seconds=0", headers=api.secret)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_listeners")
    first.join(30)
    assert api.client.get(f"{address}?seconds=0", headers=api.secret).status_code == 200


def test_the_button_the_contact_and_leaving(api: Door) -> None:
    session = api.begin()
    place = f"{PATH}/sessions/{session}/handoff"
    assert api.client.get(place, headers=api.secret).json()["state"] == "assistant"
    for _ in range(2):
        asked = api.client.post(place, json={"reason": "a button"}, headers=api.secret)
        assert asked.status_code == 201 and asked.json()["state"] == "waiting"
    for body, status in (
        ({"contact": "a@b.co", "consent": False}, 422),
        ({"contact": "<script>", "consent": True}, 422),
        ({"contact": "mei@example.com", "consent": True}, 200),
    ):
        answer = api.client.put(f"{place}/contact", json=body, headers=api.secret)
        assert answer.status_code == status and "mei@" not in answer.text, answer.text
    assert api.client.delete(place, headers=api.secret).json()["state"] == "assistant"
    assert api.client.delete(place, headers=api.secret).status_code == 404
    events = [e["type"] for _, e in heard(api, session, "&since=0")]
    assert events == ["turn_started", "speaker", "done"] * 2


def test_the_queue_is_for_secret_keys_alone(api: Door) -> None:
    session, handoff = waiting(api, "red dresses")
    for way, place in (
        ("GET", "/handoffs"),
        ("GET", f"/handoffs/{handoff}"),
        ("POST", f"/handoffs/{handoff}/events"),
    ):
        body = {"type": "taken", "name": "Eve"}
        answer = api.client.request(way, PATH + place, json=body, headers=api.public)
        assert answer.status_code == 403 and answer.json()["code"] == "secret_needed"
    case = api.client.get(f"{PATH}/handoffs/{handoff}", headers=api.secret).json()
    assert case["session"] == session and case["summary"]["zh"] and case["summary"]["en"] and case["products"]


def test_a_second_person_is_refused_and_an_answer_is_said_once(api: Door) -> None:
    session, handoff = waiting(api)
    assert deed(api, handoff, "taken").status_code == 200
    refused = deed(api, handoff, "message", name="Zhao", text="me too")
    assert (
        refused.status_code == 409 and refused.json()["code"] == "taken" and "Lin" in refused.json()["detail"]
    )
    place, once = f"{PATH}/handoffs/{handoff}/events", api.secret | {"Idempotency-Key": "one"}
    body = {"type": "message", "name": "Lin", "text": "hello"}
    assert [api.client.post(place, json=body, headers=once).json()["heard"] for _ in range(2)] == [
        True,
        False,
    ]
    reused = api.client.post(place, json=body | {"text": "goodbye"}, headers=once)
    assert reused.status_code == 409 and reused.json()["code"] == "key_reused"
    assert [e["type"] for _, e in heard(api, session, "&since=0")].count("person") == 1


# -- the signed webhook


def test_a_wish_is_told_signed_with_all_that_belongs_to_it(
    api: Door, hook: Desk, assistant: Assistant
) -> None:
    session = api.begin()
    api.client.post(
        f"{PATH}/sessions/{session}/messages", files={"photo": ("a.webp", PHOTO)}, headers=api.secret
    )
    api.say(session, "I like the first one")
    api.say(session, "can I talk to a human")
    hook.statuses = [500]
    assert assistant.courier.deliver_due() == 0  # it comes again
    entry = assistant.handoffs.open(session)
    assert entry
    parcel = assistant.outbox.of(entry.id)[0]
    assert parcel.tries == 1 and parcel.due > time.time() + 3
    assistant.outbox._changed("UPDATE outbox SET due = 0 WHERE id = ?", parcel.id)
    assert assistant.courier.deliver_due() >= 1
    first, second = hook.asked[:2]
    assert first.body == second.body and first.headers["webhook-id"] == second.headers["webhook-id"]
    body = Webhook(SECRET).verify(second.body, second.headers)
    data = body["data"]
    assert body["type"] == "handoff.asked" and data["session"] == session and len(data["photos"]) == 1
    assert base64.b64decode(data["photos"][0]["data"])[:2] == b"\xff\xd8"
    assert (
        any("Likes" in line for line in data["summary"]["en"]) and data["transcript"][0]["who"] == "shopper"
    )
    api.say(session, "hello?")
    assistant.courier.deliver_due()
    last = json.loads(hook.asked[-1].body)
    assert last["type"] == "handoff.message" and last["data"]["said"][0]["text"] == "hello?"
    assert [line.detail for line in assistant.audit.lines(session=session, what="sent.")][
        -1
    ] == "handoff.asked"


def test_a_redirect_is_not_followed_and_a_receiver_that_is_gone_is_left_alone(
    api: Door, hook: Desk, assistant: Assistant
) -> None:
    _, handoff = waiting(api)
    hook.statuses = [307, 410]
    assistant.courier.deliver_due()
    parcel = assistant.outbox.of(handoff)[0]
    assert parcel.state == "open" and [one.path for one in hook.asked] == ["/hook"]
    assistant.outbox._changed("UPDATE outbox SET due = 0 WHERE id = ?", parcel.id)
    assistant.courier.deliver_due()
    assert assistant.outbox.of(handoff)[0].state == "given_up"


def test_nothing_of_an_erased_conversation_is_delivered(api: Door, hook: Desk, assistant: Assistant) -> None:
    session, _ = waiting(api, "my secret is 4711")
    assistant.erase_session(session)
    assistant.courier.deliver_due()
    assert [json.loads(one.body)["type"] for one in hook.asked] == ["handoff.erased"]
    assert b"4711" not in hook.asked[0].body


def test_answers_come_back_signed_and_are_heard_once(api: Door, hook: Desk) -> None:
    session, handoff = waiting(api)
    answer = {"handoff": handoff, "type": "message", "name": "Lin", "text": "from outside"}

    def send(number: str = "a", at: datetime | None = None, secret: str = SECRET, text: str = "") -> Any:
        moment, body = at or datetime.now(UTC), json.dumps(answer)
        headers = {"webhook-id": number, "webhook-timestamp": str(int(moment.timestamp()))}
        headers["webhook-signature"] = Webhook(secret).sign(number, moment, body)
        return api.client.post(f"{PATH}/incoming/webhook", content=text or body, headers=headers)

    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    for refused in (
        send(secret=other),
        send(at=datetime.now(UTC) - timedelta(minutes=6)),
        send(at=datetime.now(UTC) + timedelta(minutes=6)),
        send(text=json.dumps({**answer, "text": "another"})),
        api.client.post(f"{PATH}/incoming/webhook", json=answer),
        api.client.post(f"{PATH}/incoming/webhook", content=b"\xff", headers={"webhook-signature": "v1"}),
    ):
        assert refused.status_code == 401 and refused.json()["code"] == "bad_signature", refused.text
    assert send().json() == {"turn": 2, "heard": True}
    assert send().status_code == 409
    answer["text"] = "under the same id"
    assert send().json()["code"] == "key_reused"
    assert [e["text"] for _, e in heard(api, session, "&since=0") if e["type"] == "person"] == [
        "from outside"
    ]


# -- Chatwoot


def told_by_chatwoot(
    api: Door, body: dict[str, Any], secret: str = SIGNING, age_s: float = 0, token: str = ""
) -> Any:
    raw, at = json.dumps(body).encode(), str(int(time.time() - age_s))
    signed = hmac.new(secret.encode(), at.encode() + b"." + raw, hashlib.sha256).hexdigest()
    headers = {"X-Chatwoot-Signature": f"sha256={signed}", "X-Chatwoot-Timestamp": at}
    return api.client.post(f"{PATH}/incoming/chatwoot{token}", content=raw, headers={} if token else headers)


def message(conversation: int, text: str, number: int = 900, **more: Any) -> dict[str, Any]:
    return {
        "event": "message_created",
        "id": number,
        "content": text,
        "message_type": "outgoing",
        "private": False,
        "content_attributes": {},
        "sender": {"id": 1, "name": "Mei", "email": "mei@shop.example", "type": "user"},
        "inbox": {"id": INBOX, "name": "Daogou"},
        "conversation": {"id": conversation, "inbox_id": INBOX, "status": "open", "channel": "Channel::Api"},
        "account": {"id": ACCOUNT, "name": "Shop"},
        **more,
    }


@pytest.fixture
def there(api: Door, inbox: Desk, assistant: Assistant) -> Callable[..., tuple[str, str, int]]:
    def made(*said: str) -> tuple[str, str, int]:
        """A conversation that stands in Chatwoot as well: session, entry, number there."""
        session, handoff = waiting(api, *said)
        assistant.courier.deliver_due()
        return session, handoff, int(assistant.handoffs.linked(handoff)[chatwoot.NAME])

    return made


def test_a_wish_becomes_a_conversation_there_and_its_people_answer(
    api: Door, inbox: Desk, assistant: Assistant, there: Callable[..., tuple[str, str, int]]
) -> None:
    session, _, number = there("red dresses")
    (note,) = inbox.said(private=True)
    assert "红色" in note["content"] or "red" in note["content"]
    (wish,) = inbox.said(message_type="incoming")
    assert wish["content"] == "转人工"
    assert told_by_chatwoot(api, message(number, "Hello from Mei")).json()["turn"] is not None
    assert (
        told_by_chatwoot(api, message(number, "Hello from Mei")).json()["heard"] is False
    )  # delivered twice
    for other in (
        message(number, "between us", 901, private=True),
        message(number, "mine", 902, message_type="incoming", sender={"id": 5, "type": "contact"}),
        message(999, "elsewhere", 903),
        message(number, "another account", 904, account={"id": 8}),
    ):
        assert told_by_chatwoot(api, other).json()["heard"] is False
    said = [(e["name"], e["text"]) for _, e in heard(api, session, "&since=0") if e["type"] == "person"]
    assert said == [("Mei", "Hello from Mei")]
    answer = api.client.post(
        f"{PATH}/sessions/{session}/messages",
        data={"text": "like this one"},
        files={"photo": ("a.webp", PHOTO)},
        headers=api.secret,
    )
    assert answer.status_code == 200
    assistant.courier.deliver_due()
    (sent,) = inbox.said(content="like this one")
    assert sent["message_type"] == "incoming" and sent["attachments[]"][0][:2] == b"\xff\xd8"
    done = {
        "event": "conversation_status_changed",
        "id": number,
        "status": "resolved",
        "account": {"id": ACCOUNT},
    }
    assert told_by_chatwoot(api, done).json()["heard"] is True
    assert (
        api.client.get(f"{PATH}/sessions/{session}/handoff", headers=api.secret).json()["state"]
        == "assistant"
    )


def test_a_try_that_broke_off_goes_on_where_it_was(
    api: Door, inbox: Desk, assistant: Assistant, there: Callable[..., tuple[str, str, int]]
) -> None:
    session, handoff = waiting(api, "red dresses")
    inbox.statuses = [200, 503]  # the contact that was named nowhere, then an overload
    for _ in range(4):
        assistant.courier.deliver_due()
        for parcel in assistant.outbox.of(handoff):
            assistant.outbox._changed("UPDATE outbox SET due = 0 WHERE id = ?", parcel.id)
    assert len(inbox.conversations) == 1 and len(inbox.said(private=True)) == 1
    assert {parcel.state for parcel in assistant.outbox.of(handoff)} == {"delivered"}
    api.client.delete(f"{PATH}/sessions/{session}/handoff", headers=api.secret)
    assistant.courier.deliver_due()
    assert list(inbox.conversations.values()) == ["resolved"]


def test_chatwoots_webhook_has_to_be_signed_and_new(
    api: Door, assistant: Assistant, there: Callable[..., tuple[str, str, int]]
) -> None:
    _, _, number = there()
    for refused in (
        told_by_chatwoot(api, message(number, "x"), secret="wrong"),
        told_by_chatwoot(api, message(number, "x"), age_s=400),
        api.client.post(f"{PATH}/incoming/chatwoot", json=message(number, "x")),
        told_by_chatwoot(api, message(number, "x"), token="?token=" + chatwoot.token_of(assistant.settings)),
    ):
        assert refused.status_code == 401
    with set_to(assistant, chatwoot_secret=None):
        assert told_by_chatwoot(api, message(number, "x"), token="?token=wrong").status_code == 401
        right = "?token=" + chatwoot.token_of(assistant.settings)
        assert told_by_chatwoot(api, message(number, "x", 950), token=right).json()["heard"] is True


def test_an_idempotency_key_counts_in_its_own_conversation(api: Door) -> None:
    sessions = [api.begin(), api.begin()]
    for session in sessions:
        api.client.post(f"{PATH}/sessions/{session}/handoff", headers=api.secret)
    queue = api.client.get(f"{PATH}/handoffs", headers=api.secret).json()
    deed = {"type": "message", "name": "Mei", "text": "Hello"}
    for entry in (e for e in queue if e["session"] in sessions):
        place, named = f"{PATH}/handoffs/{entry['id']}/events", {**api.secret, "Idempotency-Key": "m1"}
        heard = [api.client.post(place, headers=named, json=deed).json()["heard"] for _ in range(2)]
        assert heard == [True, False]
