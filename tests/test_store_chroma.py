"""The products on a Chroma server: the same shop, for several machines, and for a while without it."""

import gc
import json
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import numpy as np
import pytest
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from store.chroma import Collections, Server
from store.errors import StoreAway
from store.feeds import opened as opened_feed
from store.feeds.pictures import Pictures
from store.importing import Import
from store.shop import Shop
from store.types import Filters, Money, Query
from tests.chroma_server import ChromaServer
from tests.fakes import FakeEmbedder
from tests.feeds import table
from tests.store_samples import SHOP
from ui.cli import app

QUERIES = [
    Query(text="red floral dress"),
    Query(text="navy", where=Filters(gender=["women"])),
    Query(text="shoes", sort="price_asc"),
    Query(where=Filters.model_validate({"price": {"max": 60}})),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    server = ChromaServer(tmp_path_factory.mktemp("chroma")).start()
    yield server
    server.stop()


@pytest.fixture
def server(running: ChromaServer, request: pytest.FixtureRequest) -> Server:
    """A database of its own for each test."""
    return Server(running.url, database=request.node.name[:60])


def opened(folder: Path, server: Server) -> Shop:
    return Shop.open(folder, FakeEmbedder(), server)


def at_once(shop: Shop) -> Shop:
    """As a second later, when the server is asked again."""
    shop._words._look_again = 0.0
    return shop


def test_it_finds_what_a_shop_in_a_folder_finds(tmp_path: Path, server: Server) -> None:
    here, there = Shop.open(tmp_path / "a", FakeEmbedder()), opened(tmp_path / "b", server)
    here.upsert(SHOP)
    there.upsert(SHOP)
    assert {p.id: p for p in there.all()} == {p.id: p for p in SHOP}
    for query in QUERIES:
        one, other = here.search(query), there.search(query)
        assert [h.product.id for h in one.hits] == [h.product.id for h in other.hits]
        assert np.allclose([h.score for h in one.hits], [h.score for h in other.hits], atol=1e-4)
        assert one.total == other.total and one.relaxed == other.relaxed
    assert not (tmp_path / "b" / "chroma").exists()


def test_another_machine_sees_what_is_written_and_needs_no_model(tmp_path: Path, server: Server) -> None:
    one = opened(tmp_path / "a", server)
    one.upsert(SHOP)
    embedder = FakeEmbedder()
    other = Shop.open(tmp_path / "b", embedder, server)
    assert not other.stale
    assert other.search(Query(text="red floral dress")).hits[0].product.id == "d-red"
    assert other.upsert(SHOP) == 0
    made = embedder.texts_made
    dearer = SHOP[0].model_copy(update={"price": Money(amount=Decimal("77")), "sale_price": None})
    one.upsert([dearer])
    one.delete(["s-navy"])
    found = at_once(other).get("d-red")
    assert found is not None and found.price.amount == Decimal("77")
    assert other.get("s-navy") is None
    assert "s-navy" not in [h.product.id for h in other.search(Query(text="navy")).hits]
    assert other._lexicon.fingerprints().keys() == {p.id for p in SHOP} - {"s-navy"}
    assert embedder.texts_made <= made + 1  # the query's


def test_calibration_and_model_are_everybodys(tmp_path: Path, server: Server) -> None:
    one = opened(tmp_path / "a", server)
    one.upsert(SHOP)
    other = opened(tmp_path / "b", server)
    assert other._search.calibration == one._search.calibration

    class Another(FakeEmbedder):
        signature = "another"

    assert Shop.open(tmp_path / "c", Another(), server).stale


def test_shops_have_their_own_databases(tmp_path: Path, running: ChromaServer) -> None:
    one = opened(tmp_path / "a", Server(running.url, database="shop_one"))
    other = opened(tmp_path / "b", Server(running.url, database="shop_two"))
    one.upsert(SHOP)
    assert one.count() == len(SHOP) and other.count() == 0


def test_a_server_that_goes_and_comes_back(tmp_path: Path) -> None:
    server = ChromaServer(tmp_path / "chroma").start()
    try:
        shop = opened(tmp_path / "shop", Server(server.url))
        shop.upsert(SHOP)
        server.stop()
        with pytest.raises(StoreAway):
            shop.search(Query(text="red floral dress"))
        with pytest.raises(StoreAway):
            shop.upsert([SHOP[0].model_copy(update={"rating": 1.0})])
        with pytest.raises(StoreAway, match=r"127\.0\.0\.1"):
            opened(tmp_path / "late", Server(server.url))
        server.start()
        assert shop.search(Query(text="red floral dress")).hits[0].product.id == "d-red"
        shop.upsert([SHOP[0].model_copy(update={"rating": 1.0})])
        found = opened(tmp_path / "late", Server(server.url)).get(SHOP[0].id)
        assert found is not None and found.rating == 1.0
    finally:
        server.stop()


def test_a_server_that_goes_in_the_middle_of_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.importing.BATCH", 2)
    rows = [{"id": f"p{n}", "title": f"Linen shirt {n}", "price": "10 USD"} for n in range(9)]
    (tmp_path / "feed.csv").write_text(table(rows), encoding="utf-8")
    server = ChromaServer(tmp_path / "chroma").start()

    def bring_in(shop: Shop, told: Callable[[str, int, int], None] | None = None) -> None:
        with Import(shop, told=told) as work:
            pictures = Pictures(shop.data_dir / "images", tmp_path, None, None)
            work.feed(opened_feed(tmp_path / "feed.csv"), pictures)

    def stop_amid(phase: str, done: int, of: int) -> None:
        if phase == "importing" and done >= 4:
            server.stop()

    try:
        shop = opened(tmp_path / "a", Server(server.url))
        other = opened(tmp_path / "b", Server(server.url))
        with pytest.raises(StoreAway):
            bring_in(shop, stop_amid)
        server.start()
        bring_in(shop)
        for one in (shop, at_once(other)):
            assert one.count() == len(rows)
            assert len(one.ranked_by("words", Query(text="linen shirt", k=20))) == len(rows)
    finally:
        server.stop()


@pytest.mark.usefixtures("one_pair_of_eyes")
def test_shopper_and_staff_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = ChromaServer(tmp_path / "chroma").start()
    try:
        assistant = Assistant.open(Settings(data=tmp_path / "shop", model="offline", chroma=server.url))
        assistant.shop.upsert(SHOP)
        session = assistant.session()
        assert [e.type for e in session.respond("a red dress")].count("products") == 1
        server.stop()
        events = list(session.respond("in blue?"))
        assert [e.code for e in events if e.type == "error"] == ["store_away"]
        assert events[-1].type == "done" and "catalogue" in events[-1].text
        monkeypatch.setenv("DAOGOU_CHROMA", server.url)
        told = CliRunner().invoke(app, ["search", "dress", "--data", str(tmp_path / "shop"), "--json"])
        assert told.exit_code == 1 and "DAOGOU_CHROMA" in told.output
        server.start()
        assert [e.type for e in session.respond("a red dress")].count("products") == 1
        assistant.close()
    finally:
        server.stop()


@pytest.mark.usefixtures("one_pair_of_eyes")
def test_a_server_that_hangs_is_waited_for_by_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ChromaServer(tmp_path / "chroma").start()
    monkeypatch.setattr("store.chroma.PATIENCE", httpx.Timeout(1.5))
    try:
        assistant = Assistant.open(Settings(data=tmp_path / "shop", model="offline", chroma=server.url))
        assistant.shop.upsert(SHOP)
        session = assistant.session()
        assert [e.type for e in session.respond("a red dress")].count("products") == 1
        server.hang()
        began = time.monotonic()
        events = list(session.respond("in blue?"))
        assert [e.code for e in events if e.type == "error"] == ["store_away"]
        first = time.monotonic() - began
        others = [list(session.respond("a red dress")) for _ in range(3)]
        assert all("store_away" in {getattr(e, "code", "") for e in one} for one in others)
        assert time.monotonic() - began - first < first  # who comes now does not wait for it as well
        server.hang(False)
        assistant.shop._products._collections._silent_until = 0.0  # as SILENT_S later
        assert [e.type for e in session.respond("a red dress")].count("products") == 1
        assistant.close()
    finally:
        server.stop()


def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAOGOU_CHROMA", "chroma.example")
    told = CliRunner().invoke(app, ["products", "--data", str(tmp_path), "--json"])
    assert told.exit_code == 2 and json.loads(told.output.splitlines()[0])["error"]["code"] == "bad_setting"


ELSEWHERE = """
import sys
import time
import weakref
from pathlib import Path
sys.path[:0] = [{root!r}]
from store.chroma import Collections
Collections(Path({data!r}), ("image",)).ask("image", "upsert", ids=["a", "b"], embeddings={vectors!r})
"""


def test_who_opens_a_folder_again_sees_what_another_process_has_put_there(tmp_path: Path) -> None:
    root, data = str(Path(__file__).parent.parent), tmp_path / "chroma"
    for vectors in ([[1.0, 0.0], [0.0, 1.0]], [[3.0, 4.0], [0.0, 5.0]]):
        code = ELSEWHERE.format(root=root, data=str(data), vectors=vectors)
        subprocess.run([sys.executable, "-c", code], check=True)
        got = Collections(data, ("image",)).ask("image", "get", include=["embeddings"])
        assert (got["ids"], got["embeddings"].tolist()) == (["a", "b"], vectors)


def test_what_was_opened_before_is_let_go_once_nobody_asks_it(tmp_path: Path) -> None:
    opened = Collections(tmp_path, ("image",))
    opened.ask("image", "upsert", ids=["a"], embeddings=[[1.0, 0.0]])
    asking = opened._collections["image"]  # as a thread in the middle of a question
    gone = weakref.ref(opened._client._server)
    gc.disable()
    try:
        opened.reopen()
        assert asking.get()["ids"] == opened.ask("image", "get")["ids"] == ["a"]
        del asking
        assert gone() is None
    finally:
        gc.enable()


def test_a_large_local_store_is_listed_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    monkeypatch.setattr("store.chroma.LISTED", 2)
    pages = list(shop._products._collections.pages("text", ["metadatas"]))
    assert len(pages) > 1 and max(len(page["ids"]) for page in pages) == 2
    assert [i for page in pages for i in page["ids"]] == shop.ids()
    shop.close()
