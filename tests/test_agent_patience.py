"""Tools that raise, hang or return what nobody can read: the turn goes on, and nothing of it reaches the page."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from langchain_core.messages import ToolMessage
from langchain_core.tools import tool

import agent.graph
from agent.assistant import Assistant
from agent.events import EVENT
from agent.patience import ToolPatience
from agent.settings import Settings

RELEASED = threading.Event()


def hang() -> Any:
    RELEASED.wait(20)
    return "late", {"type": "products", "items": [], "total": 0}


def fail() -> Any:
    raise RuntimeError("secret path /etc/shop")


BROKEN: dict[str, Callable[[], Any]] = {
    "hangs": hang,
    "raises": fail,
    "returns a word": lambda: "no pair",
    "returns nothing": lambda: None,
    "an artifact of no kind": lambda: ("ok", {"type": "hologram"}),
    "an artifact of text": lambda: ("ok", "products"),
    "a list of strings": lambda: ("ok", {"type": "products", "items": ["D0001"], "total": 1}),
    "a price of words": lambda: ("ok", {"type": "cart", "lines": [], "total": {"amount": 3}}),
    "content of bytes": lambda: (b"\xff\xfe", None),
}


@pytest.fixture
def broken(demo_data: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """broken(name): an assistant whose search does that."""
    opened: list[Assistant] = []

    def make(name: str) -> Assistant:
        @tool(response_format="content_and_artifact")
        def search_catalog(query: str = "", where: dict[str, Any] | None = None) -> Any:
            """Search."""
            return BROKEN[name]()

        others = [t for t in agent.graph.TOOLS if t.name != "search_catalog"]
        monkeypatch.setattr(agent.graph, "TOOLS", [search_catalog, *others])
        made = Assistant.open(Settings(data=demo_data, model="offline", tool_timeout_s=0.3))
        made.__dict__["eyes"] = assistant.eyes
        opened.append(made)
        return made

    yield make
    RELEASED.set()
    for made in opened:
        made.close()
    RELEASED.clear()


@pytest.mark.parametrize("name", BROKEN)
def test_a_tool_that_does_not_do_its_work(broken: Any, name: str) -> None:
    session = broken(name).session(lang="en")
    started = time.perf_counter()
    events = list(session.respond("red dress"))
    assert time.perf_counter() - started < 15
    assert events[-1].type == "done" and events[-1].text.strip()
    assert not [e for e in events if e.type in ("error", "products")]
    assert "secret" not in str(events) and "RuntimeError" not in str(events)
    after = list(session.respond("can I return things?"))
    assert not [e for e in after if e.type == "error"] and after[-1].text.strip()
    assert len(session.history()) == 2


def test_what_a_tool_returns_in_time_passes_as_it_is() -> None:
    class Request:
        tool_call = {"name": "search_catalog", "id": "1", "args": {}}  # noqa: RUF012

    request: Any = Request()
    good = ToolMessage("ok", tool_call_id="1", artifact={"type": "cart", "lines": []})
    EVENT.validate_python(good.artifact)
    assert ToolPatience(5).wrap_tool_call(request, lambda _: good) is good
    with pytest.raises(KeyError):
        ToolPatience(5).wrap_tool_call(request, lambda _: {}["x"])


def test_a_change_is_waited_for_and_one_that_reads_is_not() -> None:
    """What is said to have failed does not happen later on."""

    class Request:
        def __init__(self, action: str) -> None:
            self.tool_call: dict[str, Any] = {"name": "cart", "id": "1", "args": {"action": action}}

    done: list[str] = []

    def slow(request: Any) -> ToolMessage:
        time.sleep(0.3)
        done.append(request.tool_call["args"]["action"])
        return ToolMessage("ok", tool_call_id="1", artifact={"type": "cart", "lines": []})

    patience = ToolPatience(0.05)
    add, view = (cast(Any, Request(action)) for action in ("add", "view"))
    assert patience.wrap_tool_call(add, lambda _: slow(add)).status == "success" and done == ["add"]
    assert patience.wrap_tool_call(view, lambda _: slow(view)).status == "error" and done == ["add"]


def test_a_cart_that_is_slow_to_write_is_told_as_it_is(broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = broken("returns nothing")
    shown = next(p for p in made.products() if len(p.sizes_in_stock()) > 1)
    size, carts, add = shown.sizes_in_stock()[0], made.carts, made.carts.add

    def late(*args: Any, **named: Any) -> Any:
        time.sleep(0.6)
        return add(*args, **named)

    monkeypatch.setattr(carts, "add", late)
    session = made.session(lang="en")
    events = list(session.respond(f"add it in {size} to my cart", focus=shown.id))
    told = [line.id for e in events if e.type == "cart" for line in e.lines]
    time.sleep(0.6)
    assert told == [line.id for line in session.cart().lines] == [shown.id]
