"""A heart, a thumb down, and who may say them: what a page sends is kept with its conversation, the rest is not."""

from collections.abc import Iterator

import pytest
import streamlit as st
from fake_shop import HOSTILE, FakeAssistant
from starlette.applications import Starlette
from starlette.testclient import TestClient

import agent.assistant
from ui import reactions
from ui.shopper import COOKIE


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAssistant]:
    fake = FakeAssistant()
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: fake)
    monkeypatch.setattr(reactions, "OPEN", reactions.Open())
    st.cache_resource.clear()
    yield fake
    st.cache_resource.clear()


@pytest.fixture
def client(shop: FakeAssistant) -> TestClient:
    return TestClient(Starlette(routes=reactions.ROUTES))


def wish(value: str = "like", product: str = "p1", session: str = "session0000") -> dict[str, str]:
    return {"session": session, "product": product, "value": value}


def test_a_reaction_is_kept_with_its_conversation_and_taken_back(
    shop: FakeAssistant, client: TestClient
) -> None:
    session = shop.session()
    for value in ("like", "dislike"):
        assert client.post("/reactions", json=wish(value)).json() == {"kept": True}
        assert session.reactions() == {"p1": value}
    client.post("/reactions", json=wish("none"))
    assert session.reactions() == {}


def test_a_page_without_a_word_so_far_can_react_and_a_made_up_conversation_cannot(
    shop: FakeAssistant, client: TestClient
) -> None:
    assert client.post("/reactions", json=wish(session="made-up")).status_code == 404
    assert "made-up" not in shop.sessions
    reactions.OPEN.add("fresh")
    assert client.post("/reactions", json=wish(session="fresh")).status_code == 200
    assert shop.sessions["fresh"].reactions() == {"p1": "like"}


def test_it_is_the_shoppers_own(shop: FakeAssistant, client: TestClient) -> None:
    shop.session()
    client.cookies.set(COOKIE, "a" * 32)
    client.post("/reactions", json=wish())
    assert shop.sessions["session0000"].shopper == "a" * 32


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"session": "session0000", "product": "p1", "value": "buy"}', "application/json", 400),
        (b'{"session": "session0000", "product": "p1", "value": "like"}', "text/plain", 400),
        (b'{"session": "session0000", "product": "' + b"x" * 3000 + b'"}', "application/json", 400),
        (b'{"session": "session0000", "product": "nobody", "value": "like"}', "application/json", 404),
        (b"\xff", "application/json", 400),
    ],
)
def test_anything_else_is_refused(
    shop: FakeAssistant, client: TestClient, body: bytes, kind: str, status: int
) -> None:
    session = shop.session()
    answer = client.post("/reactions", content=body, headers={"content-type": kind})
    assert answer.status_code == status and answer.json() == {"kept": False} and not session.reactions()


def test_what_cannot_be_kept_is_told(
    shop: FakeAssistant, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.session()

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(type(shop.session("session0000")), "react", full)
    assert client.post("/reactions", json=wish()).status_code == 503


def test_the_conversations_that_pages_show_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "MOST_OPEN", 3)
    known = reactions.Open()
    for n in range(5):
        known.add(str(n))
    assert "0" not in known and "4" in known


@pytest.mark.parametrize(("lang", "like", "undo"), [("zh", "喜欢", "撤销"), ("en", "Like", "Undo")])
def test_the_buttons_say_what_they_do_and_how_they_stand(lang: str, like: str, undo: str) -> None:
    html = reactions.buttons("p<1>", HOSTILE, "like", lang)
    assert html.count('aria-pressed="true"') == 1 == html.count('aria-pressed="false"')
    assert f'data-react="like" aria-pressed="true" aria-label="{like}' in html and undo in html
    assert "<b onmouseover" not in html and 'data-product="p&lt;1&gt;"' in html
