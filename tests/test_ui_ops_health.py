"""Alive and ready, and an orderly end: what a proxy and a container engine hear."""

import asyncio
import signal
import threading
import time
from collections.abc import Mapping

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.testclient import TestClient

from agent import readiness
from agent.assistant import Assistant
from agent.settings import Settings
from store.errors import NotKept, StoreAway
from ui.api import shops
from ui.api.problems import Problem
from ui.ops import health
from ui.ops.closing import CLOSING, Closing, Server, admit
from ui.ops.health import Health


def asked(parts: Mapping[str, str], closing: bool = False) -> tuple[int, dict[str, object]]:
    answer = TestClient(Starlette(routes=Health(lambda: parts, lambda: {}, lambda: closing).routes)).get(
        "/readyz"
    )
    return answer.status_code, answer.json()


def test_ready_is_when_every_part_is() -> None:
    assert asked({"models": "ok", "database": "ok"})[0] == 200
    status, told = asked({"models": "ok", "database": "away"})
    assert status == 503 and told["ready"] is False
    assert told["parts"] == {"serving": "ok", "models": "ok", "database": "away"}


def test_what_is_about_to_end_is_alive_and_not_ready() -> None:
    routes = Health(lambda: {"models": "ok"}, lambda: {"models": "ok"}, lambda: True).routes
    client = TestClient(Starlette(routes=routes))
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["parts"]["serving"] == "closing"
    assert client.get("/readyz/here").status_code == 503  # a proxy sends nobody here any more


def test_a_proxy_goes_on_sending_shoppers_whom_a_worker_has_to_tell_why() -> None:
    client = TestClient(
        Starlette(routes=Health(lambda: {"database": "away"}, lambda: {"models": "ok"}, bool).routes)
    )
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz/here").json() == {"ready": True, "parts": {"serving": "ok", "models": "ok"}}


def test_a_part_that_hangs_is_told_as_slow_and_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "PATIENCE_S", 0.05)
    go, calls = threading.Event(), []

    def hangs() -> Mapping[str, str]:
        calls.append(1)
        go.wait(10)
        return {"database": "ok"}

    one = Health(hangs, lambda: {"models": "ok"}, lambda: False)

    async def ask() -> list[int]:
        answers = await asyncio.gather(*(one.ready(None) for _ in range(20)))  # type: ignore[arg-type]
        return [a.status_code for a in answers]

    assert asyncio.run(ask()) == [503] * 20 and len(calls) == 1
    go.set()
    monkeypatch.setattr(health, "PATIENCE_S", 5.0)
    assert set(asyncio.run(ask())) == {200}


def test_many_who_ask_are_answered_from_one_look() -> None:
    calls = []
    one = Health(lambda: calls.append(1) or {"models": "ok"}, lambda: {}, lambda: False)  # type: ignore[func-returns-value]
    client = TestClient(Starlette(routes=one.routes))
    assert {client.get("/readyz").status_code for _ in range(50)} == {200}
    assert len(calls) <= 3


def test_the_parts_of_a_shop(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant.count()
    monkeypatch.setattr(assistant, "warmed", False)
    assert readiness.parts(assistant) == {"models": "loading", "products": "ok", "database": "ok"}
    monkeypatch.setattr(assistant, "warmed", True)
    assert set(readiness.parts(assistant).values()) == {"ok"}

    def away(_: str) -> bool:
        raise NotKept("gone")

    monkeypatch.setattr(assistant.transcripts, "has", away)
    assert readiness.of_all([assistant, assistant])["database"] == "away"


def test_a_chroma_server_that_is_not_there_is_away(tmp_path: object) -> None:
    class Shopless:
        settings = Settings(chroma="http://127.0.0.1:9")
        shop, warmed = object(), True

    nowhere = Shopless()
    nowhere.shop = object()
    began = time.monotonic()
    assert readiness._products(nowhere) == "away"  # type: ignore[arg-type]
    assert time.monotonic() - began < 3


def test_no_shop_is_open_yet() -> None:
    assert readiness.of_all([]) == {"shops": "opening"}


def test_the_end_waits_for_turns_and_not_for_ever() -> None:
    now = 0.0
    closing = Closing(lambda: now)
    closing.lead_s, closing.finish_s = 2.0, 10.0
    assert not closing.over(0)
    closing.begin()
    assert closing.begun and not closing.refusing and not closing.over(0)  # the proxy is given time to notice
    now = 2.5
    assert closing.refusing and not closing.over(1) and closing.over(0)
    now = 12.5
    assert closing.over(1)


def test_no_turn_is_begun_at_the_end() -> None:
    admit()
    CLOSING.begin()
    try:
        with pytest.raises(Problem) as refused:
            admit()
        assert refused.value.status == 503 and refused.value.code == "closing" and refused.value.wait_s
    finally:
        CLOSING.reset()


def test_a_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr("os._exit", ended.append)
    closing = Closing()
    closing.finish_s = 60.0
    server = Server(uvicorn.Config(Starlette()), running=lambda: 1, closing=closing)
    server.handle_exit(signal.SIGTERM, None)
    assert closing.begun and not ended and not server.should_exit
    assert asyncio.run(server.on_tick(1)) is False  # a turn is running
    server.handle_exit(signal.SIGTERM, None)
    assert ended == [1]


def test_a_shop_whose_products_are_away_at_the_start_is_opened_when_they_are_back(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    class Two:
        def names(self) -> list[str]:
            return ["here", "away"]

        def open(self, name: str) -> "Two":
            tried.append(name)
            if name == "away" and len(tried) < 5:
                raise StoreAway("not yet")
            return self

        def warm(self) -> None: ...

    monkeypatch.setattr(shops, "deployment", Two)
    waits: list[float] = []
    shops.warm(waits.append)
    assert tried == ["here", "away", "away", "away", "away"]
    assert waits == [1.0, 2.0, 4.0]
