"""The HTTP API at its door: who is let in, what answers a message, a broken stream taken up again, nothing twice."""

import base64
from collections.abc import Iterator

import pytest
from api_shop import PAGE, PATH, Door, door, served, told
from garment_photos import lying

from agent.access.keys import proof
from agent.assistant import Assistant
from ui import server


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


# -- who is let in


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 401, "no_key"),
        ({"Authorization": "Bearer pk_nonsense"}, 401, "bad_key"),
        ({"Authorization": "Basic abc"}, 401, "no_key"),
        ({"Authorization": "Bearer \xe9\xff"}, 401, "bad_key"),
    ],
)
def test_a_key_that_is_none_opens_nothing(api: Door, headers: dict[str, str], status: int, code: str) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = api.client.post(f"{PATH}/sessions", headers=raw)
    assert answer.status_code == status and answer.json()["code"] == code
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_publishable_key_is_worth_something_only_on_its_own_pages(api: Door) -> None:
    for page in (
        "https://evil.example",
        "null",
        "http://shop.example",
        "https://shop.example.evil.example",
        None,
    ):
        headers = {**api.public, "Origin": page} if page else {"Authorization": api.public["Authorization"]}
        answer = api.client.post(f"{PATH}/sessions", headers=headers)
        assert answer.status_code == 403 and answer.json()["code"] == "foreign_origin", page
        assert "access-control-allow-origin" not in answer.headers
    answer = api.client.post(f"{PATH}/sessions", headers=api.public)
    assert answer.status_code == 201 and answer.headers["access-control-allow-origin"] == PAGE


def test_a_secret_key_in_a_page_is_refused(api: Door) -> None:
    answer = api.client.post(f"{PATH}/sessions", headers={**api.secret, "Origin": PAGE})
    assert answer.status_code == 403 and answer.json()["code"] == "secret_in_browser"


def test_a_revoked_key_is_none(api: Door) -> None:
    key = api.shops.keys.make("secret", label="gone soon")
    headers = {"Authorization": f"Bearer {key.token}"}
    assert api.client.post(f"{PATH}/sessions", headers=headers).status_code == 201
    assert api.shops.keys.revoke(key.id) and not api.shops.keys.revoke(key.id)
    assert api.client.post(f"{PATH}/sessions", headers=headers).status_code == 401


def test_a_browser_may_ask_from_a_page_that_a_key_names_and_from_no_other(api: Door) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Origin": PAGE}
    answer = api.client.options(f"{PATH}/sessions", headers=asked)
    assert answer.status_code == 204 and answer.headers["access-control-allow-origin"] == PAGE
    assert (
        api.client.options(f"{PATH}/sessions", headers={**asked, "Origin": "https://x.example"}).status_code
        == 403
    )


def test_a_shopper_of_the_shop_is_vouched_for(api: Door) -> None:
    mine = {**api.public, "Daogou-Shopper": "customer-42"}
    assert api.client.post(f"{PATH}/sessions", headers=mine).json()["code"] == "forged_identity"
    wrong = {**mine, "Daogou-Proof": proof("another secret", "customer-42")}
    assert api.client.post(f"{PATH}/sessions", headers=wrong).json()["code"] == "forged_identity"
    right = {**mine, "Daogou-Proof": proof(api.shops.keys.vouching(), "customer-42")}
    session = api.begin(right)
    assert api.client.get(f"{PATH}/sessions/{session}", headers=right).status_code == 200
    for other in (api.public, {**api.secret, "Daogou-Shopper": "customer-43"}):
        answer = api.client.get(f"{PATH}/sessions/{session}", headers=other)
        assert answer.status_code == 404 and answer.json()["code"] == "no_session"


def test_an_id_of_our_own_cannot_be_made_up_by_a_shop(api: Door) -> None:
    """A shop whose ids look like random ones is not open to whoever knows such an id."""
    theirs = {**api.public, "Daogou-Shopper": "d41d8cd98f00b204e9800998ecf8427e"}
    assert api.client.post(f"{PATH}/sessions", headers=theirs).json()["code"] == "forged_identity"
    anonymous = api.client.post(f"{PATH}/shopper", headers=api.public).json()["id"]
    assert api.begin({**api.public, "Daogou-Shopper": anonymous})


def test_a_conversation_of_the_browser_chat_is_opened_by_no_key(api: Door, assistant: Assistant) -> None:
    session = assistant.session()
    list(session.respond("red shoes"))
    assert api.client.get(f"{PATH}/sessions/{session.id}", headers=api.secret).status_code == 404


def test_problems_are_told_in_the_callers_language(api: Door) -> None:
    answer = api.client.get(
        f"{PATH}/products/none", headers={**api.secret, "Accept-Language": "fr, zh-CN;q=0.8"}
    )
    assert answer.status_code == 404 and "商品" in answer.json()["detail"]


# -- a conversation


def test_a_message_is_answered_with_the_events_of_the_design(api: Door) -> None:
    events = [event for _, event in api.say(api.begin(), "白色衬衫，60以内")]
    kinds = [event["type"] for event in events]
    assert kinds[0] == "turn_started" and kinds[-1] == "done" and "products" in kinds
    assert "".join(e["text"] for e in events if e["type"] == "token") == events[-1]["text"]


def test_a_broken_stream_goes_on_at_the_very_character(api: Door) -> None:
    session = api.begin()
    whole = api.say(session, "show me navy coats")
    text = whole[-1][1]["text"]
    for cut in range(len(whole)):
        had = "".join(e["text"] for _, e in whole[: cut + 1] if e["type"] == "token")
        answer = api.client.get(
            f"{PATH}/sessions/{session}/turns/0/events",
            headers={**api.secret, "Last-Event-ID": whole[cut][0]},
        )
        rest = told(answer.text)
        assert had + "".join(e["text"] for _, e in rest if e["type"] == "token") == text
        seen = [e["type"] for _, e in whole[: cut + 1] + rest if e["type"] != "token"]
        assert seen == [e["type"] for _, e in whole if e["type"] != "token"]


@pytest.mark.parametrize("last", ["", "x", "9.1.0", "0.-1.0", "0.1", "\u0660.1.0"])
def test_a_strange_place_in_a_stream_is_told_or_begins_at_the_front(api: Door, last: str) -> None:
    session = api.begin()
    api.say(session, "hats")
    url = f"{PATH}/sessions/{session}/turns/0/events"
    answer = api.client.get(
        url,
        headers=[(b"Last-Event-ID", last.encode()), (b"Authorization", api.secret["Authorization"].encode())],
    )
    assert answer.status_code == {"": 200, "9.1.0": 404}.get(last, 422)


def test_a_message_sent_twice_is_answered_once(api: Door) -> None:
    session = api.begin()
    first = api.say(session, "red dresses", **{"Idempotency-Key": "m1"})
    again = api.say(session, "red dresses", **{"Idempotency-Key": "m1"})
    assert again[-1][1]["text"] == first[-1][1]["text"]
    assert len(api.client.get(f"{PATH}/sessions/{session}", headers=api.secret).json()["turns"]) == 1
    other = api.client.post(
        f"{PATH}/sessions/{session}/messages",
        json={"text": "blue dresses"},
        headers={**api.secret, "Idempotency-Key": "m1"},
    )
    assert other.status_code == 409 and other.json()["code"] == "key_reused"


def test_a_photo_comes_as_a_file_or_in_json(api: Door) -> None:
    blue_shirt, _ = lying(("D0091", "top"))
    session = api.begin()
    answer = api.client.post(
        f"{PATH}/sessions/{session}/messages",
        headers=api.secret,
        data={"text": "anything like this?"},
        files={"photo": ("me.png", blue_shirt, "image/png")},
    )
    assert "looked" in [event["type"] for _, event in told(answer.text)]
    photo = "data:image/png;base64," + base64.b64encode(blue_shirt).decode()
    answer = api.client.post(
        f"{PATH}/sessions/{session}/messages",
        headers=api.secret,
        json={"text": "and this?", "photos": [photo]},
    )
    assert "looked" in [event["type"] for _, event in told(answer.text)]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"text": 5}', b'{"txt": "hi"}', b'{"photos": ["file:///etc/passwd"]}',
     b'{"photos": ["data:image/png;base64,!!"]}', b'{"photos": ["http://127.0.0.1:1/a.png"]}',
     b'{"photos": ["http://[::ffff:169.254.169.254]/"]}', b"\xff\xfe", b'{"text": "' + b"x" * 30_000 + b'"}'],
)  # fmt: skip
def test_a_misshapen_message_is_told_as_such(api: Door, body: bytes) -> None:
    answer = api.client.post(
        f"{PATH}/sessions/{api.begin()}/messages",
        headers={**api.secret, "Content-Type": "application/json"},
        content=body,
    )
    assert answer.status_code == 422 and answer.json()["fields"]


def test_a_malformed_form_and_a_strange_type_are_told_as_such(api: Door) -> None:
    url = f"{PATH}/sessions/{api.begin()}/messages"
    form = {**api.secret, "Content-Type": "multipart/form-data; boundary=x"}
    assert api.client.post(url, headers=form, content=b"--x\r\nnonsense").status_code in (400, 422)
    text = {**api.secret, "Content-Type": "text/plain"}
    assert api.client.post(url, headers=text, content=b"hi").status_code == 415


def test_a_body_that_is_too_long_is_refused_with_and_without_a_length(api: Door) -> None:
    url = f"{PATH}/sessions/{api.begin()}/messages"
    assert api.client.post(url, headers=api.secret, json={"text": "x" * 3_000_000}).status_code == 413
    pieces = (b"x" * 100_000 for _ in range(40))
    answer = api.client.post(url, headers={**api.secret, "Content-Type": "application/json"}, content=pieces)
    assert answer.status_code == 413 and answer.json()["code"] == "too_large"


def test_who_asks_too_often_is_told_how_long_to_wait(api: Door, assistant: Assistant) -> None:
    codes = []
    for _ in range(assistant.settings.sessions_per_minute + 1):
        answer = api.client.post(f"{PATH}/sessions", headers=api.secret)
        codes.append(answer.status_code)
    assert codes[-1] == 429 and int(answer.headers["retry-after"]) >= 1


# -- goods, the cart, a shopper's own data


def test_goods_are_searched_read_and_listed(api: Door) -> None:
    found = api.client.post(
        f"{PATH}/search", headers=api.secret, json={"text": "红色连衣裙", "limit": 3}
    ).json()
    assert 0 < len(found["products"]) <= 3 and found["products"][0]["why"]
    first = found["products"][0]["id"]
    assert api.client.get(f"{PATH}/products/{first}", headers=api.secret).json()["price"]["currency"]
    seen, after = [], ""
    while after is not None:
        page = api.client.get(
            f"{PATH}/products", headers=api.secret, params={"after": after, "limit": 100}
        ).json()
        seen += [p["id"] for p in page["products"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == api.shops.open("").count()


def test_a_line_is_added_once_however_often_it_is_sent(api: Door) -> None:
    api.fresh()
    session = api.begin()
    hits = api.client.post(
        f"{PATH}/search", headers=api.secret, json={"text": "shirt", "where": {"in_stock": True}}
    )
    product = hits.json()["products"][0]
    size = next(s["size"] for s in product["sizes"] if s["quantity"] is None or s["quantity"] > 1)
    url, line = f"{PATH}/sessions/{session}/cart", {"product": product["id"], "size": size}
    for _ in range(3):
        answer = api.client.post(f"{url}/lines", headers={**api.secret, "Idempotency-Key": "k"}, json=line)
        assert answer.status_code == 201 and [x["quantity"] for x in answer.json()["lines"]] == [1]
    other = api.client.post(
        f"{url}/lines", headers={**api.secret, "Idempotency-Key": "k"}, json={**line, "quantity": 2}
    )
    assert other.status_code == 409 and other.json()["code"] == "key_reused"
    assert (
        api.client.post(f"{url}/lines", headers=api.secret, json={"product": product["id"]}).json()["code"]
        == "need_size"
    )
    changed = api.client.patch(f"{url}/lines/{product['id']}", headers=api.secret, json={"quantity": 0})
    assert changed.status_code == 200 and changed.json()["lines"] == []


def test_a_like_counts_in_the_next_reply_and_is_taken_back(api: Door) -> None:
    api.fresh()
    session = api.begin()
    shown = next(e for _, e in api.say(session, "dresses") if e["type"] == "products")["items"]
    url = f"{PATH}/sessions/{session}/reactions"
    answer = api.client.put(f"{url}/{shown[0]['id']}", headers=api.secret, json={"reaction": "dislike"})
    assert answer.status_code == 200 and answer.json() == {"reactions": {shown[0]["id"]: "dislike"}}
    again = next(e for _, e in api.say(session, "dresses") if e["type"] == "products")["items"]
    assert shown[0]["id"] not in [item["id"] for item in again]
    taken_back = api.client.put(f"{url}/{shown[0]['id']}", headers=api.secret, json={"reaction": "none"})
    assert taken_back.json() == api.client.get(url, headers=api.secret).json() == {"reactions": {}}
    assert api.client.put(f"{url}/none", headers=api.secret, json={"reaction": "like"}).status_code == 404


def test_all_that_is_kept_of_a_shopper_is_read_and_erased(api: Door) -> None:
    api.fresh()
    me = {**api.secret, "Daogou-Shopper": "customer-7"}
    session = api.begin(me)
    api.client.post(f"{PATH}/sessions/{session}/messages", headers=me, json={"text": "blue jeans"})
    kept = api.client.get(f"{PATH}/shopper", headers=me).json()
    assert [c["id"] for c in kept["conversations"]] == [session] and kept["conversations"][0]["turns"]
    assert api.client.delete(f"{PATH}/shopper", headers=me).json()["conversations"] == 1
    assert api.client.get(f"{PATH}/shopper", headers=me).json()["conversations"] == []
    assert api.client.get(f"{PATH}/sessions/{session}", headers=me).status_code == 404


def test_an_opinion_of_a_reply_is_kept(api: Door, assistant: Assistant) -> None:
    session = api.begin()
    api.say(session, "scarves")
    url = f"{PATH}/sessions/{session}/turns/0/feedback"
    assert (
        api.client.put(url, headers=api.secret, json={"verdict": "bad", "comment": "too dear"}).status_code
        == 204
    )
    assert assistant.transcripts.ratings(session) == {0: "bad"}
    assert api.client.put(url, headers=api.secret, json={"verdict": "meh"}).status_code == 422


def test_the_size_of_a_line_is_exchanged_with_its_quantity(api: Door) -> None:
    api.fresh()
    session = api.begin()
    hits = api.client.post(f"{PATH}/search", headers=api.secret, json={"text": "shirt", "limit": 20}).json()
    sizes = lambda p: [s["size"] for s in p["sizes"] if s["quantity"] is None or s["quantity"] > 5]  # noqa: E731
    product = next(p for p in hits["products"] if len(sizes(p)) > 1)
    first, other = sizes(product)[:2]
    url = f"{PATH}/sessions/{session}/cart/lines"
    api.client.post(url, headers=api.secret, json={"product": product["id"], "size": first, "quantity": 2})
    api.client.post(url, headers=api.secret, json={"product": product["id"], "size": other})
    changed = api.client.patch(
        f"{url}/{product['id']}", headers=api.secret, json={"size": first, "new_size": other}
    )
    assert [(x["size"], x["quantity"]) for x in changed.json()["lines"]] == [(other, 3)]


def test_the_server_serves_both_protocols(api: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "deployment", lambda: api.shops)
    with served() as client:
        for path in (f"{PATH}/sessions/{'0' * 24}", "/v1/models"):
            answer = client.get(path)
            assert answer.status_code == 401 and "no_key" in answer.text
