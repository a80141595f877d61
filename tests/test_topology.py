"""The shop as `compose.yaml` has it, in processes: PostgreSQL, a Chroma server, two workers, a proxy. A conversation is
in none of the workers."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api_shop import told
from tests.topology import Part, Topology
from ui.ops.health import FRESH_S

PARTS: tuple[tuple[Part, str], ...] = (("chroma", "products"), ("postgres", "database"))


@pytest.fixture(scope="module")
def shop(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topology]:
    folder = tmp_path_factory.mktemp("topology")
    data = Path(shutil.copytree(pristine, folder / "shop"))
    with Topology.start(folder / "logs", data, database="postgres") as started:
        yield started


def test_a_dialog_goes_round_the_workers(shop: Topology) -> None:
    """Each turn at another worker: the second refines the first, the third buys of the second."""
    with httpx.Client(headers=shop.secret, timeout=60) as client:
        at = [f"{worker.url}/api/v1" for worker in shop.workers]
        session = client.post(f"{shop.url}/api/v1/sessions").json()["id"]
        shown = []
        for turn, text in enumerate(("white shirts under 60", "cheaper ones", "add the first one in M")):
            answer = client.post(f"{at[turn % 2]}/sessions/{session}/messages", json={"text": text})
            events = [event for _, event in told(answer.text)]
            assert events[0]["turn"] == turn and events[-1]["type"] == "done"
            assert not [event for event in events if event["type"] == "error"]
            shown += [event for event in events if event["type"] == "products"]
        first, then = (
            [float((i["sale_price"] or i["price"])["amount"]) for i in e["items"]] for e in shown[:2]
        )
        assert max(first) <= 60 and max(then) < max(first)
        carts = [client.get(f"{one}/sessions/{session}/cart").json() for one in at]
        assert carts[0] == carts[1] and carts[0]["lines"][0]["id"] == shown[1]["items"][0]["id"]
        # What one worker told is read again at the other, from the very event on.
        whole = told(client.get(f"{at[0]}/sessions/{session}/turns/0/events").text)
        place = whole[len(whole) // 2][0]
        rest = client.get(f"{at[1]}/sessions/{session}/turns/0/events", headers={"Last-Event-ID": place})
        assert told(rest.text) == whole[len(whole) // 2 + 1 :]


def test_a_page_stays_with_its_worker_and_the_api_does_not(shop: Topology) -> None:
    with httpx.Client(base_url=shop.url) as page:
        assert page.get("/").status_code == 200
        assert page.cookies["daogou_worker"] in ("0", "1")
        assert page.get("/readyz").status_code == page.get("/metrics").status_code == 404  # from outside
    answer = httpx.get(f"{shop.url}/api/v1/openapi.json")
    assert answer.status_code == 200 and "daogou_worker" not in answer.headers.get("set-cookie", "")


def test_readiness_names_what_is_away_and_a_killed_worker_is_passed_by(shop: Topology) -> None:
    assert httpx.get(f"{shop.workers[0].url}/readyz").json()["parts"] == {
        "serving": "ok",
        "models": "ok",
        "products": "ok",
        "database": "ok",
    }
    for part, told_as in PARTS:
        shop.stop_part(part)
        try:
            time.sleep(FRESH_S)  # for so long an answer is given again
            away = httpx.get(f"{shop.workers[1].url}/readyz")
            assert away.status_code == 503 and away.json()["parts"][told_as] == "away"
            assert httpx.get(f"{shop.workers[1].url}/healthz").status_code == 200
            assert httpx.get(f"{shop.workers[1].url}/readyz/here").status_code == 200
            told = httpx.post(
                f"{shop.url}/api/v1/search", json={"text": "dress"}, headers=shop.secret, timeout=60
            )
            assert told.status_code == 503 and told.json()["code"] in (
                "store_away",
                "not_kept",
            )  # not the proxy's words
        finally:
            shop.start_part(part)
        shop.workers[1].wait("/readyz", time.monotonic() + 30)  # by itself
    shop.kill(0)
    with httpx.Client(base_url=f"{shop.url}/api/v1", headers=shop.secret, timeout=60) as client:
        for _ in range(4):
            assert client.post("/sessions").status_code == 201
