"""Several shops in one deployment: each at its own address, behind its own keys, and none can tell of another."""

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from api_shop import served, told
from PIL import Image
from starlette.testclient import TestClient
from store_samples import product
from streamlit.testing.v1 import AppTest

from agent.access.keys import proof
from agent.access.shops import Shops
from agent.assistant import Assistant
from ui import server, shop, which
from ui.api import limits
from ui.api.mcp import carts, tools
from ui.api.mcp.desk import Desk, Refused
from ui.staff import door

API = "/api/v1"
NAMES = ("anna", "ben")
SOLD = {
    "anna": product(
        *("a-dress", "红色连衣裙", "Red dress", "dress", "59.00"),
        **{"colors": ["red"], "gender": "women", "images": ["images/a.png"]},
    ),
    "ben": product(
        *("b-boots", "棕色靴子", "Brown boots", "boots", "140.00"),
        **{"colors": ["brown"], "sizes": {"42": 2}, "images": ["images/b.png"]},
    ),
}
RULE = "topics: {{returns: {{title: {{zh: 退货, en: Returns}}, passage: {{zh: 寄回, en: 'Send it back to {0}.'}}}}}}"


@dataclass
class Two:
    """A deployment of two shops. `keys`: of each, the headers with a secret key; `pages`: with a publishable one."""

    shops: Shops
    client: TestClient
    keys: dict[str, dict[str, str]]
    pages: dict[str, dict[str, str]]

    def begin(self, name: str, **headers: str) -> str:
        answer = self.client.post(f"{API}/sessions", headers=self.keys[name] | headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def say(self, name: str, session: str, text: str, **headers: str) -> list[dict[str, Any]]:
        url, sent = f"{API}/sessions/{session}/messages", {"text": text}
        answer = self.client.post(url, headers=self.keys[name] | headers, json=sent)
        assert answer.status_code == 200, answer.text
        return [event for _, event in told(answer.text)]


@pytest.fixture(scope="module")
def two(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    folder = tmp_path_factory.mktemp("shops")
    for name in NAMES:
        (folder / name / "images").mkdir(parents=True)
        settings = [f'shop_name = "{name.title()}"', 'model = "offline"', "messages_per_minute = 50"]
        settings += ['staff_password = "a long sentence of ben"'] if name == "ben" else []
        (folder / name / "shop.toml").write_text("\n".join(settings))
        (folder / name / "policies.yaml").write_text(RULE.format(name), encoding="utf-8")
        picture = SOLD[name].images[0]
        Image.new("RGB", (300, 400), "#a02020").save(folder / name / picture)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAOGOU_SHOPS", str(folder))
        st.cache_resource.clear()
        shops = shop.several()
        assert shops is not None and shops.names() == list(NAMES)
        for name in NAMES:
            opened = shops.open(name)
            opened.see_with(assistant)
            opened.shop.upsert([SOLD[name]])
        patch.setattr(server, "deployment", lambda: shops)
        secret = {n: {"Authorization": f"Bearer {shops.keys.make('secret', n).token}"} for n in NAMES}
        page = {}
        for name in NAMES:
            origin = f"https://{name}.example"
            key = shops.keys.make("publishable", name, origins=[origin])
            page[name] = {"Authorization": f"Bearer {key.token}", "Origin": origin}
        with served() as client:
            yield Two(shops, client, secret, page)
        shops.close()
    st.cache_resource.clear()


@pytest.fixture(autouse=True)
def unlimited() -> None:
    limits.reset()


# -- where each is


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/shop/anna/pictures/images/a.png", 200),
        ("/shop/anna/api/v1/pictures/images/a.png", 200),
        ("/shop/anna/pictures/images/b.png", 404),
        ("/shop/ben/pictures/images/a.png", 404),
        ("/shop/anna/pictures/..%2F..%2Fben%2Fimages%2Fb.png", 400),
        ("/shop/anna/pictures/images%2F..%2F..%2F..%2Fben%2Fimages%2Fb.png", 400),
        ("/pictures/images/a.png", 404),
        ("/api/v1/pictures/images/a.png", 404),
        ("/api/v1/pictures/images/a.png?shop=anna", 200),
        ("/api/v1/pictures/images/a.png?shop=ben", 404),
        ("/api/v1/pictures/images/a.png?shop=carl", 404),
        ("/api/v1/pictures/images/a.png?shop=..", 404),
        ("/shop/carl/pictures/images/a.png", 404),
        ("/shop/anna/viewer?product=a-dress", 200),
        ("/shop/ben/viewer?product=a-dress", 404),
        ("/", 404),
        ("/shop/", 404),
        ("/shop/carl/", 404),
        ("/shop/ANNA/", 404),
        ("/anna/", 404),
        ("/store", 404),
        ("/store/at/ben", 404),
        ("/shop/ben/store", 404),
        ("/anna/pictures/images/a.png", 404),
        ("/healthz", 200),
        ("/staff", 404),
    ],
)
def test_what_is_of_a_shop_lies_under_its_name(two: Two, path: str, status: int) -> None:
    assert two.client.get(path).status_code == status


def test_a_shop_that_there_is_and_one_that_there_is_not_answer_alike(two: Two) -> None:
    """But for its front door, whose address is given to shoppers, a shop is not to be found without a key."""
    for path in ("/pictures/images/none.png", "/api/v1/pictures/none", "/viewer?product=none"):
        there, nowhere = (two.client.get(f"/shop/{name}{path}") for name in ("ben", "carl"))
        assert there.status_code == nowhere.status_code == 404, path
    for name in ("ben", "carl"):
        answer = two.client.post(f"{API}/incoming/handoff/{name}", json={})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://ben.example"}
    assert two.client.options(f"/shop/anna{API}/sessions", headers=asked).status_code == 403
    assert two.client.options(f"/shop/ben{API}/sessions", headers=asked).status_code == 204


def test_a_pages_own_connection_says_of_which_shop_it_is() -> None:
    seen: list[tuple[str, str, list[Any]]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(
            (scope["path"], which.CURRENT.get(), [v for k, v in scope["headers"] if k == b"x-daogou-shop"])
        )

    door = which.Which(app, lambda name: name in NAMES)
    forged = [(b"x-daogou-shop", b"ben")]
    for kind in ("http", "websocket"):
        scope = {"type": kind, "headers": forged, "raw_path": b"/shop/anna/_stcore/stream"}
        asyncio.run(door({**scope, "path": "/shop/anna/_stcore/stream"}, None, None))  # type: ignore[arg-type]
    assert seen == [("/_stcore/stream", "anna", [b"anna"])] * 2 and which.CURRENT.get() == ""


# -- who may do what


def test_a_key_opens_its_own_shop_and_is_none_at_another(two: Two) -> None:
    own = two.client.get(f"/shop/anna{API}/products/a-dress", headers=two.keys["anna"])
    assert own.status_code == 200
    foreign = two.client.get(f"/shop/ben{API}/products/b-boots", headers=two.keys["anna"])
    nonsense = two.client.get(
        f"/shop/ben{API}/products/b-boots", headers={"Authorization": "Bearer sk_nonsense"}
    )
    assert foreign.status_code == nonsense.status_code == 401 and foreign.json() == nonsense.json()
    page = {**two.pages["anna"], "Origin": "https://ben.example"}
    assert two.client.get(f"{API}/products/a-dress", headers=page).json()["code"] == "foreign_origin"


def test_what_another_shop_sells_is_as_unknown_as_what_nobody_sells(two: Two) -> None:
    answers = [
        two.client.get(f"{API}/products/{one}", headers=two.keys["anna"]) for one in ("b-boots", "nothing")
    ]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].text.replace("b-boots", "") == answers[1].text.replace("nothing", "")
    found = two.client.post(f"{API}/search", headers=two.keys["anna"], json={"text": "brown boots"}).json()
    assert "b-boots" not in [one["id"] for one in found["products"]]


def test_a_conversation_is_nobodys_at_another_shop(two: Two) -> None:
    session = two.begin("ben")
    events = two.say("ben", session, "brown boots")
    assert "b-boots" in [
        item["id"] for event in events if event["type"] == "products" for item in event["items"]
    ]
    line = {"product": "b-boots", "size": "42"}
    assert (
        two.client.post(
            f"{API}/sessions/{session}/cart/lines", headers=two.keys["ben"], json=line
        ).status_code
        == 201
    )
    for method, path, body in [
        ("GET", "", None),
        ("GET", "/cart", None),
        ("DELETE", "/cart", None),
        ("POST", "/cart/lines", {"product": "a-dress", "size": "M"}),
        ("POST", "/messages", {"text": "what did I say?"}),
        ("GET", "/turns/0/events", None),
        ("PUT", "/turns/0/feedback", {"verdict": "bad"}),
    ]:
        answer = two.client.request(
            method, f"{API}/sessions/{session}{path}", headers=two.keys["anna"], json=body
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "no_session"), path
    kept = two.client.get(f"{API}/sessions/{session}/cart", headers=two.keys["ben"]).json()
    assert [x["id"] for x in kept["lines"]] == ["b-boots"]


def test_one_customer_of_two_shops_is_two_shoppers(two: Two) -> None:
    name = "customer-of-both"
    for one, other in (("anna", "ben"), ("ben", "anna")):
        forged = {"Daogou-Shopper": name, "Daogou-Proof": proof(two.shops.keys.vouching(other), name)}
        answer = two.client.post(f"{API}/sessions", headers=two.pages[one] | forged)
        assert answer.json()["code"] == "forged_identity"
    mine = {"Daogou-Shopper": name}
    sessions = {one: two.begin(one, **mine) for one in NAMES}
    for one in NAMES:
        kept = two.client.get(f"{API}/shopper", headers=two.keys[one] | mine).json()
        assert [c["id"] for c in kept["conversations"]] == [sessions[one]]
    assert two.client.delete(f"{API}/shopper", headers=two.keys["ben"] | mine).json()["conversations"] == 1
    left = two.client.get(f"{API}/sessions/{sessions['anna']}", headers=two.keys["anna"] | mine)
    assert left.status_code == 200


def test_a_shoppers_photo_is_seen_in_the_shop_that_it_was_sent_to(two: Two) -> None:
    photo = (Path(__file__).parent / "dialogs" / "photos" / "red_dress.webp").read_bytes()
    session = two.begin("anna")
    sent = {"text": "like this", "photos": [f"data:image/webp;base64,{base64.b64encode(photo).decode()}"]}
    answer = two.client.post(f"{API}/sessions/{session}/messages", headers=two.keys["anna"], json=sent)
    name = next(event["photo"] for _, event in told(answer.text) if event["type"] == "looked")
    statuses = [two.client.get(f"/shop/{one}/pictures/{name}").status_code for one in NAMES]
    assert statuses == [200, 404]


def test_each_shop_has_its_own_rules_name_and_staff(two: Two) -> None:
    for name in NAMES:
        (event,) = [e for e in two.say(name, two.begin(name), "Can I return it?") if e["type"] == "policy"]
        assert event["passage"] == f"Send it back to {name}."
        begun = two.client.post(f"{API}/sessions", headers=two.keys[name]).json()
        assert begun["shop"] == name.title()
    assert two.shops.settings("anna").staff_password is None
    assert two.shops.settings("ben").staff_password is not None


def test_who_is_in_at_one_shop_stands_at_the_door_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit takes a page back into its session by the session's id, from whatever address it comes."""

    def page() -> None:
        import streamlit as st

        from ui.staff import door

        st.write("in" if door.passed("en") else "out")

    def told(at: str) -> list[str]:
        monkeypatch.setattr(shop, "here", lambda: at)
        return [one.value for one in here.run().markdown]

    monkeypatch.setattr(door, "password", lambda: f"the password of {shop.here()}")
    here = AppTest.from_function(page, default_timeout=20)
    assert told("anna") == ["out"]
    here.text_input[0].set_value("the password of anna")
    here.button[0].click()
    assert told("anna") == ["in"]
    assert told("ben") == ["out"]
    assert told("anna") == ["in"]


def test_pictures_in_a_chat_client_lead_to_the_shop_that_answers(two: Two) -> None:
    body = {"model": "daogou", "messages": [{"role": "user", "content": "brown boots"}]}
    said = two.client.post("/v1/chat/completions", headers=two.keys["ben"], json=body).json()
    reply = said["choices"][0]["message"]["content"]
    assert "](http://testserver/api/v1/pictures/images/b.png?w=480&shop=ben)" in reply
    body["messages"] += [{"role": "assistant", "content": reply}, {"role": "user", "content": "add it in 42"}]
    two.client.post("/v1/chat/completions", headers=two.keys["anna"], json=body)  # it never heard of this
    assert two.shops.open("anna").threads.find("x", []) is None
    answer = two.client.post("/v1/chat/completions", headers=two.keys["anna"], json=body).json()
    assert "b-boots" not in answer["choices"][0]["message"]["content"]


def test_an_assistants_cart_is_of_one_shop(two: Two) -> None:
    def desk(name: str) -> Desk:
        return Desk(two.shops.open(name), f"key of {name}", None, "en", str, "seal")

    session = two.begin("ben")
    assert carts._opened(desk("ben"), session, "en").id == session
    with pytest.raises(Refused):
        carts._opened(desk("anna"), session, "en")
    assert tools.resolved(two.shops.open("anna"), ["b-boots", "a-dress#M"]).keys() == {"a-dress#M"}


def test_limits_are_counted_for_each_shop_by_its_own_settings(two: Two) -> None:
    assert two.shops.settings("anna").messages_per_minute == 50
    for _ in range(two.shops.settings("ben").sessions_per_minute):
        two.client.post(f"{API}/sessions", headers=two.keys["anna"])
    assert two.client.post(f"{API}/sessions", headers=two.keys["anna"]).status_code == 429
    assert two.client.post(f"{API}/sessions", headers=two.keys["ben"]).status_code == 201
