"""One life of `daogou serve` as its operator sees it: figures, traces, log lines, and the end in mid-stream.

A shopper writes what nobody else should read, to a model that answers slowly; then the server is told to end.
"""

import base64
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.access.keys import Keys
from tests import llm_server
from tests.api_shop import told
from tests.llm_server import calls, says, says_slowly
from tests.otlp_server import Collector, collecting
from tests.topology import Program, free_port, worker

PERSON = ("Wilhelmina", "Quockerwodger", "mina.q@example.org", "+44 7700 900123", "Puddletown")
SAID = f"I am {PERSON[0]} {PERSON[1]}, {PERSON[2]}, {PERSON[3]}, of {PERSON[4]}: show me a zibeline coat"
SLOWLY = [f"Word{n} is well. " for n in range(10)]  # shown sentence by sentence
TOKEN = "scrape-me-please"
PHOTO = Path(__file__).parent / "dialogs" / "photos" / "red_dress.webp"


@dataclass
class Life:
    """What was seen of it from outside."""

    session: str = ""
    figures: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    slow: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    at_the_end: dict[str, httpx.Response] = field(default_factory=dict)
    took_s: float = 0.0
    refused: float = 0.0  # when a new turn was, by time.monotonic
    ended: float = 0.0  # when the stream was over
    status: int | None = None
    log: str = ""
    spans: Collector | None = None

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]


@pytest.fixture(scope="module")
def life(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder, lived = tmp_path_factory.mktemp("served"), Life()
    secret = {"Authorization": f"Bearer {Keys(demo_data).make('secret').token}"}
    with llm_server.serve() as model, collecting() as spans:
        settings = {
            **{"DAOGOU_DATA": str(demo_data), "DAOGOU_LOG": "json", "DAOGOU_METRICS_TOKEN": TOKEN},
            **{
                "DAOGOU_MODEL": "openai:scripted",
                "DAOGOU_MODEL_BASE_URL": model.url,
                "OPENAI_API_KEY": "none",
            },
            **{"DAOGOU_ROUTE": "always", "OTEL_EXPORTER_OTLP_ENDPOINT": spans.url, "OMP_NUM_THREADS": "1"},
        }
        server = worker(folder / "server.log", free_port(), settings)
        server.start()
        try:
            server.wait("/readyz", time.monotonic() + 240)
            with httpx.Client(base_url=server.url, headers=secret, timeout=60) as client:
                _talk(client, model, lived)
                _end(client, server, model, lived)
        finally:
            server.end(signal.SIGKILL)
        lived.log, lived.spans = server.log.read_text(encoding="utf-8"), spans
        yield lived


def _talk(client: httpx.Client, model: llm_server.Server, lived: Life) -> None:
    lived.session = client.post("/api/v1/sessions").json()["id"]
    model.script(
        calls(("search_catalog", {"query": "coat"})), says(f"Certainly, {PERSON[0]}, it costs $1.23.")
    )
    photo = "data:image/webp;base64," + base64.b64encode(PHOTO.read_bytes()).decode()
    sent = {"text": SAID, "photos": [photo]}
    path = f"/api/v1/sessions/{lived.session}/messages"
    answer = client.post(path, json=sent, headers={"X-Request-Id": "from-the-shop-1"})
    assert told(answer.text)[-1][1]["type"] == "done", answer.text
    lived.headers = dict(answer.headers)
    client.post(path, json={"text": SAID, "focus": PERSON[2]})
    client.get(f"/api/v1/sessions/{PERSON[0]}?email={PERSON[2]}")
    client.get(f"/{PERSON[1]}.php?q={PERSON[4]}")
    client.get(f"/pictures/{PERSON[2]}?w=1")
    client.post("/api/v1/search", json={"text": SAID, "where": {"color": [PERSON[1]]}})
    for name in ("search_catalog", PERSON[0]):
        asked = {"name": name, "arguments": {PERSON[1]: SAID}}
        call = {"jsonrpc": "2.0", "id": PERSON[2], "method": "tools/call", "params": asked}
        accepted = {"Accept": "application/json, text/event-stream"}
        assert client.post("/mcp", json=call, headers=accepted).status_code == 200
    lived.figures = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text


def _end(client: httpx.Client, server: Program, model: llm_server.Server, lived: Life) -> None:
    model.script(says_slowly(SLOWLY, 0.25))
    path, heard = f"/api/v1/sessions/{lived.session}/messages", threading.Event()

    def read() -> None:
        text = ""
        with client.stream("POST", path, json={"text": "tell me a story"}) as stream:
            for piece in stream.iter_text():
                text += piece
                if "Word1" in text:
                    heard.set()
        lived.slow, lived.ended = told(text), time.monotonic()

    reader = threading.Thread(target=read)
    reader.start()
    assert heard.wait(30)
    assert server.process
    server.process.send_signal(signal.SIGTERM)
    began = time.monotonic()
    while "ready" not in lived.at_the_end or lived.at_the_end["ready"].status_code == 200:
        lived.at_the_end["ready"] = client.get("/readyz")
    lived.at_the_end["turn"] = client.post(path, json={"text": "hello"}, headers={"Accept-Language": "zh"})
    lived.refused = time.monotonic()
    lived.at_the_end["alive"] = client.get("/healthz")
    reader.join(30)
    lived.status = server.process.wait(30)
    lived.took_s = time.monotonic() - began


def test_a_running_stream_is_told_to_its_end(life: Life) -> None:
    said = "".join(event["text"] for _, event in life.slow if event["type"] == "token")
    assert said.split() == "".join(SLOWLY).split()
    assert life.slow[-1][1]["type"] == "done" and life.slow[-1][1]["answered_by"] == "openai:scripted"
    assert life.took_s < 20 and life.status == -signal.SIGTERM


def test_nothing_new_is_begun_meanwhile(life: Life) -> None:
    assert life.at_the_end["ready"].json()["parts"]["serving"] == "closing"
    refused = life.at_the_end["turn"]
    assert life.refused < life.ended  # in the middle of the stream
    assert refused.status_code == 503 and refused.json()["code"] == "closing"
    assert refused.headers["retry-after"] == "1" and "重启" in refused.json()["detail"]
    assert life.at_the_end["alive"].status_code == 200


def test_the_log_is_json_and_says_nothing_of_anybody(life: Life) -> None:
    lines = life.log.splitlines()
    (said,) = [line for line in lines if not line.startswith("{")]
    assert "http://" in said  # where it serves, for whoever starts it
    for word in (
        *PERSON,
        "7700",
        "900123",
        "zibeline",
        "story",
        "Word1",
        "data:image",
        life.session,
        "Bearer",
    ):
        assert word not in life.log, word
    events = [line["event"] for line in life.lines]
    assert any(event.startswith("SIGTERM") for event in events) and events[-1] == "closed"
    cut = next(line for line in life.lines if line["event"].startswith("cut from a reply"))
    assert cut["request_id"] == "from-the-shop-1" and cut["session"] and cut["door"] == "api"


def test_a_request_is_one_line_with_its_id(life: Life) -> None:
    assert life.headers["x-request-id"] == "from-the-shop-1"
    (line,) = [
        one for one in life.lines if one["event"] == "request" and one.get("request_id") == "from-the-shop-1"
    ]
    assert line["route"] == "/api/v1/sessions/{session_id}/messages" and line["status"] == 200
    assert line["method"] == "POST" and line["ms"] > 0 and line["key"] and line["session"]
    assert not [one for one in life.lines if one.get("route") in ("/readyz", "/metrics")]


def test_the_figures_tell_of_the_turn_and_of_nobody(life: Life) -> None:
    def value(name: str) -> float:
        found = [line for line in life.figures.splitlines() if line.startswith(f"{name} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    assert value('daogou_turns_total{door="api",language="en",outcome="ok"}') == 1
    assert value('daogou_turns_total{door="api",language="en",outcome="refused"}') == 1
    assert value('daogou_turn_errors_total{code="product_gone"}') == 1
    assert value('daogou_tool_calls_total{outcome="ok",tool="search_catalog"}') == 1
    assert value('daogou_photos_total{outcome="looked"}') == 1
    assert value('daogou_model_calls_total{outcome="ok"}') >= 2
    assert value('daogou_model_tokens_total{kind="input"}') >= 120
    assert value('daogou_grounding_cuts_total{kind="price"}') >= 1
    assert value('daogou_turn_first_event_seconds_count{door="api"}') == 2
    assert value('daogou_ready{part="models"}') == 1
    assert value('daogou_mcp_calls_total{outcome="refused",tool="search_catalog"}') == 1
    assert value('daogou_mcp_calls_total{outcome="refused",tool="other"}') == 1
    route = "/api/v1/sessions/{session_id}/messages"
    assert value(f'daogou_http_requests_total{{method="POST",route="{route}",status="200"}}') == 2
    assert 'route="other"' in life.figures and 'route="/pictures/{name}"' in life.figures
    for word in (*PERSON, life.session, "zibeline", "scripted?"):
        assert word not in life.figures


def test_a_turn_is_one_trace_without_a_word_of_it(life: Life) -> None:
    collector = life.spans
    assert collector is not None
    first = next(s for s in collector.spans if s.name == "tool search_catalog")
    assert collector.above(first)[0] == "turn" and collector.above(first)[-1].startswith(
        "POST /api/v1/sessions/"
    )
    searches = [s for s in collector.spans if s.name == "search" and "turn" in collector.above(s)]
    models = [s for s in collector.spans if s.name == "model" and "turn" in collector.above(s)]
    assert searches and len(models) >= 3
    assert any(s.name == "mcp other" and collector.above(s) == ["POST /mcp"] for s in collector.spans)
    everything = str(collector.spans)
    for word in (
        *PERSON,
        "zibeline",
        "story",
        "Word1",
        life.session,
        "net.peer",
        "client.address",
        "python-httpx",
        "email=",
    ):
        assert word not in everything, word
    assert 'string_value: "daogou"' in str(collector.resources[0])


def test_the_environment_was_left_alone() -> None:
    assert not [name for name in os.environ if name.startswith("OTEL_")]
