"""Programs that people answer from, on loopback: one that takes signed webhooks, and a Chatwoot that is as strict as
its own description (its swagger files): paths, token, the fields that it knows, the ones that it needs.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, ACCOUNT, INBOX = "agent-token", 7, 3
_KNOWN = {
    "contacts": (
        {"inbox_id"},
        {"inbox_id", "name", "email", "phone_number", "identifier", "custom_attributes"},
    ),
    "conversations": (
        {"source_id"},
        {"source_id", "inbox_id", "contact_id", "status", "custom_attributes", "message"},
    ),
    "messages": ({"content"}, {"content", "message_type", "private", "content_type", "attachments[]"}),
    "toggle_status": ({"status"}, {"status", "snoozed_until"}),
}


@dataclass
class Asked:
    """A request as it came; `parts`: of a form, by name."""

    path: str
    headers: dict[str, str]
    body: bytes
    parts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Desk:
    """What was asked, and what is answered next: statuses in turn, then 200."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    conversations: dict[int, str] = field(default_factory=dict)  # number → status
    identifiers: set[str] = field(default_factory=set)

    def said(self, **wanted: Any) -> list[dict[str, Any]]:
        """The messages that a Chatwoot got, those that have these fields."""
        found = [one.parts for one in self.asked if one.path.endswith("/messages")]
        return [one for one in found if all(one.get(k) == v for k, v in wanted.items())]


@contextmanager
def serve(chatwoot: bool = False) -> Iterator[Desk]:
    """A desk that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            desk.asked.append(asked)
            status, told = (desk.statuses.pop(0), {}) if desk.statuses else (200, {})
            if status == 200 and chatwoot:
                status, told = _chatwoot(desk, asked)
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("location", f"{desk.url}/elsewhere")
            data = json.dumps(told).encode()
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    desk = Desk(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield desk
    finally:
        server.shutdown()
        server.server_close()


def _chatwoot(desk: Desk, asked: Asked) -> tuple[int, dict[str, Any]]:
    if asked.headers.get("api_access_token") != TOKEN:
        return 401, {"errors": ["You need to sign in or sign up before continuing."]}
    place = asked.path.removeprefix(f"/api/v1/accounts/{ACCOUNT}/")
    found = re.fullmatch(r"(contacts|conversations)|conversations/(\d+)/(messages|toggle_status)", place)
    if not found or (found[2] and int(found[2]) not in desk.conversations):
        desk.problems.append(f"no such place: {asked.path}")
        return 404, {"error": "Resource could not be found"}
    kind = found[1] or found[3]
    asked.parts = _read(asked)
    needed, known = _KNOWN[kind]
    if missing := needed - set(asked.parts):
        desk.problems.append(f"{kind} lacks {missing}")
        return 422, {"message": f"missing {sorted(missing)}"}
    if strange := set(asked.parts) - known:
        desk.problems.append(f"{kind} knows no {strange}")
    return _done(desk, kind, int(found[2] or 0), asked.parts)


def _done(desk: Desk, kind: str, number: int, parts: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    if kind == "contacts":
        if parts["inbox_id"] != INBOX or parts.get("identifier") in desk.identifiers:
            return 422, {"message": "Identifier has already been taken"}
        if parts.get("email") == "taken@example.com":
            return 422, {"message": "Email has already been taken"}
        desk.identifiers.add(parts.get("identifier", ""))
        inbox = {"source_id": f"source-{len(desk.identifiers)}", "inbox": {"id": INBOX}}
        contact = {"id": 100 + len(desk.identifiers), "name": parts.get("name"), "contact_inboxes": [inbox]}
        return 200, {"payload": {"contact": contact, "contact_inbox": inbox}}
    if kind == "conversations":
        made = 40 + len(desk.conversations)
        desk.conversations[made] = str(parts.get("status", "open"))
        return 200, {"id": made, "account_id": ACCOUNT, "inbox_id": INBOX, "status": desk.conversations[made]}
    if kind == "toggle_status":
        if parts["status"] not in ("open", "resolved", "pending", "snoozed"):
            return 422, {}
        desk.conversations[number] = parts["status"]
        return 200, {"meta": {}, "payload": {"success": True, "current_status": parts["status"]}}
    if parts.get("message_type", "outgoing") not in ("incoming", "outgoing"):
        return 422, {}
    return 200, {"id": len(desk.asked), "content": parts["content"], "conversation_id": number}


def _read(asked: Asked) -> dict[str, Any]:
    kind = asked.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        return dict(json.loads(asked.body))
    form = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + asked.body)
    parts: dict[str, Any] = {}
    for part in form.get_payload():  # type: ignore[union-attr]
        name = str(part.get_param("name", header="content-disposition"))  # type: ignore[union-attr]
        data = part.get_payload(decode=True)  # type: ignore[union-attr]
        if part.get_filename():  # type: ignore[union-attr]
            parts.setdefault(name, []).append(data)
        else:
            parts[name] = data.decode()  # type: ignore[union-attr]
    return parts
