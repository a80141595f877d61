"""The doors of the network under attack: what is hostile, broken or too much is told as such, and others are served.

What no test client can do (bytes on a socket, a reader that never reads) is done to a server on loopback.
"""

import base64
import gzip
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_shop import PAGE, PATH, Door, door, listening, told
from PIL import Image

from agent.access.keys import proof
from agent.assistant import Assistant
from store.feeds import fetch
from ui.api import guard, limits
from ui.turns import FLOOR

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1)) ![x](//evil.example/x.png)",
    "\u202eevil\u2066\u0000\u0007\ufeff",
    "'; DROP TABLE turns; --",
    "{{7*7}} ${7*7} %s %n",
    "\U0001f600" * 500,
]


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


@pytest.fixture(autouse=True)
def unused(api: Door) -> None:
    api.fresh()


def send(api: Door, session: str, body: Any, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.client.post(
        f"{PATH}/sessions/{session}/messages",
        content=raw,
        headers={**api.secret, "Content-Type": "application/json", **headers},
    )


# -- who says who they are -------------------------------------------------------------------------------------------


def test_a_stolen_publishable_key_opens_nothing_from_a_server_or_another_page(api: Door) -> None:
    session = api.begin(api.public)
    bare = {"Authorization": api.public["Authorization"]}
    for headers in (
        bare,
        {**bare, "Origin": "https://evil.example"},
        {**bare, "Sec-Fetch-Site": "cross-site"},
    ):
        for method, path in (("GET", f"/sessions/{session}"), ("POST", "/search"), ("GET", "/products")):
            answer = api.client.request(
                method, PATH + path, headers=headers, json={} if method == "POST" else None
            )
            assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")


def test_a_proof_is_worth_nothing_for_anybody_else_nor_in_another_spelling(api: Door) -> None:
    secret = api.shops.keys.vouching()
    for who, given in (
        ("anna", proof(secret, "bob")),
        ("anna ", proof(secret, "anna")[:-1]),
        ("anna", ""),
        ("anna", "0" * 64),
        ("anna", proof("", "anna")),
        ("ANNA", proof(secret, "anna")),
    ):
        headers = {**api.public, "Daogou-Shopper": who, "Daogou-Proof": given}
        answer = api.client.get(f"{PATH}/shopper", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forged_identity"), (who, given)


def test_a_shopper_cannot_be_erased_by_another(api: Door) -> None:
    mine, yours = ({**api.secret, "Daogou-Shopper": name} for name in ("customer-1", "customer-2"))
    session = api.begin(mine)
    assert api.client.delete(f"{PATH}/shopper", headers=yours).json() == {"notes": 0, "conversations": 0}
    assert api.client.get(f"{PATH}/sessions/{session}", headers=mine).status_code == 200


def test_an_address_that_a_client_claims_is_not_believed(api: Door, assistant: Assistant) -> None:
    """Limits count where a request comes from, whatever its headers say."""
    most = assistant.settings.sessions_per_minute
    codes = [
        api.client.post(
            f"{PATH}/sessions",
            headers={**api.secret, "X-Forwarded-For": f"198.51.100.{n}", "Forwarded": f"for={n}"},
        ).status_code
        for n in range(most + 3)
    ]
    assert codes.count(201) == most and codes[-1] == 429


# -- too much ----------------------------------------------------------------------------------------------------------


def test_many_conversations_from_one_address_are_refused_and_others_are_served(
    api: Door, tmp_path: Path
) -> None:
    before = {
        name: len(api.shops.open("").owners._file.read(f"SELECT session FROM {name}")) for name in ("owners",)
    }
    codes = [api.client.post(f"{PATH}/sessions", headers=api.public).status_code for _ in range(200)]
    assert codes.count(201) == 30 and set(codes) == {201, 429}
    after = len(api.shops.open("").owners._file.read("SELECT session FROM owners"))
    assert after - before["owners"] == 30  # what was refused leaves nothing behind
    assert api.begin(api.secret)  # a key of its own has room of its own


def test_a_key_whose_day_is_used_up_says_until_when(api: Door) -> None:
    key = api.shops.keys.make("secret", per_day=1)
    headers = {"Authorization": f"Bearer {key.token}"}
    session = api.begin(headers)
    url = f"{PATH}/sessions/{session}/messages"
    named = {**headers, "Idempotency-Key": "once"}
    assert api.client.post(url, headers=named, json={"text": "hats"}).status_code == 200
    assert (
        api.client.post(url, headers=named, json={"text": "hats"}).status_code == 200
    )  # told again: no new one
    answer = api.client.post(url, headers={**headers, "Accept-Language": "zh"}, json={"text": "scarves"})
    assert answer.status_code == 429 and answer.json()["code"] == "quota" and "额度" in answer.json()["title"]
    assert 0 < int(answer.headers["retry-after"]) <= 86_400
    completion = {"messages": [{"role": "user", "content": "hats"}]}
    assert api.client.post("/v1/chat/completions", headers=headers, json=completion).status_code == 429


@pytest.mark.parametrize(
    "body",
    [
        b'{"text":' + b"[" * 100_000,
        b'{"text": ' * 5_000 + b"1" + b"}" * 5_000,
        b'{"text": NaN}',
        b'{"text": "x", "focus": {"photo": "a", "garment": 1e999}}',
        b'{"text": "x", "focus": {"photo": "a", "garment": ' + b"9" * 5_000 + b"}}",
        b'{"text": "\xff\xfe"}',
        b'{"text": "\\ud800"}',
        b'{"text": "a", "text2": "b"}',
        b'{"photos": [' + b'"x",' * 50 + b'"x"]}',
        b"\xef\xbb\xbf{}x",
        b'{"text": "x", "focus": "' + b"a" * 101 + b'"}',
        "{\"text\": 'x'}".encode("utf-16"),
    ],
)
def test_json_that_is_none_or_too_deep_is_told_as_such(api: Door, body: bytes) -> None:
    answer = send(api, api.begin(), body)
    assert answer.status_code == 422 and answer.json()["code"] == "invalid", answer.text


@pytest.mark.parametrize(
    "where",
    [
        {"rating_min": float("nan")},
        {"price": {"max": float("inf")}},
        {"price": {"max": -1}},
        {"price": {"max": 10**400}},
        {"not": {"nothing": ["x"]}},
        {"color": "red"},
        {"size": ["\x00"]},
    ],
)
def test_conditions_that_are_none_never_break_a_search(api: Door, where: Any) -> None:
    raw = json.dumps({"text": "shirt", "where": where}).encode()
    answer = api.client.post(
        f"{PATH}/search", content=raw, headers={**api.secret, "Content-Type": "application/json"}
    )
    assert answer.status_code in (200, 422), answer.text


@pytest.mark.parametrize("path", ["/sessions", "/search", "/products", "/shopper"])
def test_a_compressed_body_is_not_unpacked(api: Door, path: str) -> None:
    """A small body of a thousandfold size: whoever compresses is told that it is no JSON."""
    bomb = gzip.compress(b'{"text": "' + b"a" * 5_000_000 + b'"}')
    headers = {**api.secret, "Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = api.client.request("POST", PATH + path, content=bomb, headers=headers)
    assert answer.status_code in (201, 400, 405, 422)


@pytest.mark.parametrize(
    "form",
    [
        b"",
        b"--x",
        b"--x\r\nContent-Disposition: form-data\r\n\r\nhi\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi\r\n',
        b'--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\nno file\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="text"; filename="a"\r\n\r\nhi\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nhi\r\n--x--',
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhi\r\n' * 40 + b"--x--",
        b"--x\r\n" + b"A: b\r\n" * 5_000 + b"\r\n\r\n--x--",
    ],
)
def test_a_form_that_is_none_is_told_as_such(api: Door, form: bytes) -> None:
    headers = {**api.secret, "Content-Type": "multipart/form-data; boundary=x"}
    answer = api.client.post(f"{PATH}/sessions/{api.begin()}/messages", headers=headers, content=form)
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def _bomb() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"<svg onload=alert(1)>", b"%PDF-1.4", _bomb()],
)
def test_what_is_no_photo_is_told_in_the_conversation_or_at_the_door(api: Door, data: bytes) -> None:
    url = "data:image/png;base64," + base64.b64encode(data).decode()
    events = [
        event for _, event in told(send(api, api.begin(), {"text": "like this?", "photos": [url]}).text)
    ]
    assert [e["code"] for e in events if e["type"] == "error"] and events[-1]["type"] == "done"
    answer = api.client.post(f"{PATH}/search", headers=api.secret, json={"photo": url})
    assert answer.status_code == 422, answer.text


# -- what is said ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words(api: Door, text: str) -> None:
    session = api.begin()
    events = [event for _, event in told(send(api, session, {"text": text}).text)]
    assert events[-1]["type"] == "done" and not [e for e in events if e["type"] == "error"]
    assert not any(script in events[-1]["text"].lower() for script in ("<script", "<img", "javascript:"))
    kept = api.client.get(f"{PATH}/sessions/{session}", headers=api.secret)
    assert (
        "\x00" not in kept.json()["turns"][0]["text"] and kept.headers["x-content-type-options"] == "nosniff"
    )
    rated = api.client.put(
        f"{PATH}/sessions/{session}/turns/0/feedback",
        headers={**api.secret, "Content-Type": "application/json"},
        content=json.dumps({"verdict": "bad", "comment": text}).encode(),
    )
    assert rated.status_code == 204


def test_hostile_words_come_back_as_words_in_openais_protocol(api: Door) -> None:
    for text in HOSTILE[:3]:
        body = {"messages": [{"role": "user", "content": text}]}
        answer = api.client.post("/v1/chat/completions", headers=api.secret, json=body)
        said = answer.json()["choices"][0]["message"]["content"]
        assert "<script" not in said and "javascript:" not in said and "evil.example" not in said


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
        {"messages": [{"role": "wizard", "content": "x"}]},
        {"messages": [{"role": "user", "content": "x"}], "n": 5},
        {"messages": [{"role": "user", "content": "x"}] * 401},
        {"messages": "x"},
        [],
    ],
)
def test_openais_protocol_tells_what_is_misshapen(api: Door, body: Any) -> None:
    answer = api.client.post("/v1/chat/completions", headers=api.secret, json=body)
    assert answer.status_code == 422 and answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    "name",
    ["../keys.sqlite", "..%2f..%2fkeys.sqlite", "images/../../keys.sqlite", "%2e%2e/keys.sqlite", "/etc/passwd",
     "images/%00.png", "board-../../x", "made-../../x", "images\\..\\..\\keys.sqlite", "conversations.sqlite",
     "a" * 300, "%0a", "images/x%0d%0aSet-Cookie:a=b"],
)  # fmt: skip
def test_no_picture_leads_out_of_the_pictures(
    api: Door, name: str, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.shop.assistant", lambda: assistant)
    answer = api.client.get(f"{PATH}/pictures/{name}")
    assert answer.status_code in (404, 422) and "set-cookie" not in answer.headers


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "\x00"])
def test_no_header_is_made_of_what_was_sent(api: Door, value: str) -> None:
    for name in ("Accept-Language", "Idempotency-Key", "Daogou-Shopper", "Last-Event-ID"):
        headers = [(k.encode(), v.encode()) for k, v in api.secret.items()] + [
            (name.encode(), value.encode())
        ]
        answer = api.client.post(f"{PATH}/sessions", headers=headers)
        assert "x-evil" not in answer.headers and answer.status_code < 500


# -- photos from addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["93.184.215.14", "10.0.0.1"],
        ["::ffff:192.168.1.1"],
        ["64:ff9b::a00:1"],
        ["fd00::1"],
        ["0.0.0.0"],
    ],
)
def test_a_name_that_leads_inside_is_not_knocked_at(
    api: Door, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the resolver says: every address is checked, and nobody is connected to."""
    monkeypatch.setattr(
        fetch.socket, "getaddrinfo", lambda host, port, **_: [(0, 0, 0, "", (a, port)) for a in answers]
    )
    connected: list[str] = []
    monkeypatch.setattr(
        fetch.httpcore.SyncBackend, "connect_tcp", lambda self, host, *_a, **_k: connected.append(host)
    )
    answer = send(api, api.begin(), {"text": "x", "photos": ["https://pictures.example/a.jpg"]})
    assert answer.status_code == 422 and answer.json()["fields"] == {"body.photos.0": "private"}
    assert not connected


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to(
    api: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the second answer of the resolver would lead inside; nobody asks for it."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])
    monkeypatch.setattr(
        fetch.socket, "getaddrinfo", lambda host, port, **_: [(0, 0, 0, "", (a, port)) for a in next(answers)]
    )
    connected: list[str] = []

    def refuse(self: Any, host: str, *_: Any, **__: Any) -> Any:
        connected.append(host)
        raise fetch.httpcore.ConnectError("no network in tests")

    monkeypatch.setattr(fetch.httpcore.SyncBackend, "connect_tcp", refuse)
    answer = send(api, api.begin(), {"text": "x", "photos": ["http://pictures.example/a.jpg"]})
    assert answer.json()["fields"] == {"body.photos.0": "no_answer"} and connected == ["93.184.215.14"]


# -- on the wire --------------------------------------------------------------------------------


def head(api: Door, method: str, path: str, **fields: str) -> bytes:
    lines = {"Host": "localhost", **api.secret, **fields}
    return (
        f"{method} {PATH}{path} HTTP/1.1\r\n".encode()
        + b"".join(f"{name}: {value}\r\n".encode() for name, value in lines.items())
        + b"\r\n"
    )


def until_closed(sock: socket.socket, most: int = 1_000_000) -> bytes:
    sock.settimeout(10)
    found = b""
    while len(found) < most and (piece := sock.recv(65_536)):
        found += piece
    return found


def test_a_body_that_drips_is_given_up_and_others_are_served_meanwhile(
    api: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = api.begin()
    monkeypatch.setattr(guard, "BODY_S", 1.0)
    with listening(api) as port:
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(30)]
        for sock in slow:
            sock.sendall(head(api, "POST", f"/sessions/{session}/messages", **{"Content-Length": "100000",
                              "Content-Type": "application/json"}) + b"{")  # fmt: skip
        with socket.create_connection(("127.0.0.1", port)) as other:
            other.sendall(head(api, "GET", f"/sessions/{session}", Connection="close"))
            assert until_closed(other).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        assert b" 408 " in until_closed(slow[0], 20)
        assert time.monotonic() - began < 5
        for sock in slow:
            sock.close()


def test_pipelined_requests_and_odd_methods_are_answered_in_order(api: Door) -> None:
    with listening(api) as port, socket.create_connection(("127.0.0.1", port)) as sock:
        sock.sendall(
            head(api, "GET", "/products?limit=1")
            + head(api, "TRACE", "/products")
            + head(api, "DELETE", "/products")
            + head(api, "GET", "/nothing", Connection="close")
        )
        answers = until_closed(sock)
    statuses = re.findall(rb"HTTP/1\.1 (\d+)", answers)
    assert statuses == [b"200", b"405", b"405", b"404"]


@pytest.mark.parametrize(
    "raw",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
        b"GET " + b"/a" * 80_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: " + b"b" * 300_000 + b"\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/sessions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_bytes_that_are_no_http_do_no_harm(api: Door, raw: bytes) -> None:
    with listening(api) as port:
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.settimeout(5)
            try:
                sock.sendall(raw)
                sock.shutdown(socket.SHUT_WR)
                told_back = sock.recv(200)
            except OSError:
                told_back = b""
        assert not told_back.startswith(b"HTTP/1.1 2")
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(head(api, "GET", "/products?limit=1", Connection="close"))
            assert until_closed(sock).startswith(b"HTTP/1.1 200")


def test_readers_that_never_read_hold_up_nobody(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty ask and read nothing: their turns end all the same, and others are answered."""
    monkeypatch.setattr(limits, "share", lambda *_: None)
    sessions = [api.begin() for _ in range(20)]
    with listening(api) as port:
        deaf = []
        for session in sessions:
            sock = socket.socket()
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            sock.connect(("127.0.0.1", port))
            body = json.dumps({"text": "red dresses"}).encode()
            sock.sendall(head(api, "POST", f"/sessions/{session}/messages", **{"Content-Type": "application/json",
                              "Content-Length": str(len(body))}) + body)  # fmt: skip
            deaf.append(sock)
        until = time.monotonic() + 60
        while time.monotonic() < until and not all(
            (turns := api.shops.open("").transcripts.read(s)) and turns[-1].over for s in sessions
        ):
            time.sleep(0.1)
        assert time.monotonic() < until
        assert not any(FLOOR.running(s) for s in sessions)  # nobody holds the floor
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.sendall(head(api, "GET", f"/sessions/{sessions[0]}", Connection="close"))
            assert until_closed(sock).startswith(b"HTTP/1.1 200")
        for sock in deaf:
            sock.close()


def test_a_page_may_ask_what_it_needs_and_no_other_may(api: Door) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        asked = {
            "Origin": PAGE,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "x-evil",
        }
        answer = api.client.options(f"{PATH}/sessions", headers=asked)
        assert answer.status_code == 204 and method in answer.headers["access-control-allow-methods"]
        assert "x-evil" not in answer.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in answer.headers
    for page in (
        "null",
        "https://shop.example.evil.example",
        "http://shop.example",
        f"{PAGE}:444",
        f"{PAGE}/",
    ):
        asked = {"Origin": page, "Access-Control-Request-Method": "POST"}
        answer = api.client.options(f"{PATH}/sessions", headers=asked)
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers
