"""What stands in the window over the page, and what is answered where there is nothing to show."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st
from fake_shop import FakeAssistant
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

import agent.assistant
from ui import viewer


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[TestClient]:
    Image.new("RGB", (60, 40)).save(tmp_path / "board.png")
    monkeypatch.setattr(agent.assistant.Assistant, "open", lambda *_: FakeAssistant(tmp_path))
    st.cache_resource.clear()
    yield TestClient(Starlette(routes=viewer.ROUTES))
    st.cache_resource.clear()


def address(button: str) -> str:
    """What the button over a picture asks for."""
    return "/" + unescape(button.split('data-viewer="')[1].split('"')[0])


def test_a_touched_picture_opens_the_viewer_of_its_product(client: TestClient) -> None:
    answer = client.get(address(viewer.opener("Sample", "zh", product="p1")))
    assert answer.status_code == 200 and 'class="dg-gallery"' in answer.text and "样品" in answer.text
    assert "pictures/p1.webp" in answer.text and 'aria-label="关闭"' in answer.text


def test_a_board_opens_in_its_own_form_and_can_be_kept(client: TestClient) -> None:
    asked = address(viewer.opener('Smart & "easy" <b>', "en", board="board.png"))
    assert parse_qs(urlsplit(asked).query)["name"] == ['Smart & "easy" <b>']
    answer = client.get(asked)
    assert "aspect-ratio: 60 / 40" in answer.text and 'download="Smart &amp; &quot;easy&quot;' in answer.text
    assert "<b>" not in answer.text and 'class="dg-share" hidden' in answer.text


@pytest.mark.parametrize("query", ["", "?product=nobody", "?board=gone.png", "?board=../secret", "?lang=xx"])
def test_what_is_not_there_is_not_found(client: TestClient, query: str) -> None:
    answer = client.get(f"/viewer{query}")
    assert answer.status_code == 404 and not answer.text
