"""A turn goes on whoever is watching, and can be followed from its beginning by anyone who comes later."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from agent.events import Done, Error, Event, Thinking, Token, TurnStarted
from agent.focus import Focus
from ui.turns import MOST_WAITING, Crowded, Floor, Live, Message


class Slow:
    """A session that waits for `go` in the middle of its reply."""

    def __init__(self) -> None:
        self.id, self.go, self.asked = "slow", threading.Event(), list[str]()

    def respond(
        self,
        text: str,
        photos: Sequence[bytes] = (),
        focus: Focus | None = None,
        door: str = "",
        key: str | None = None,
    ) -> Iterator[Event]:
        self.asked.append(text)
        yield TurnStarted(session=self.id, turn=0, language="en")
        yield Thinking(tool="search_catalog", label="Searching")
        assert self.go.wait(5)
        yield Token(text="Here.")
        yield Done(text="Here.")


def test_a_second_watcher_sees_the_whole_turn() -> None:
    session = Slow()
    live = Live(session, Message("hello"), "en")
    first = live.follow()
    assert [next(first).type, next(first).type] == ["turn_started", "thinking"]
    first.close()  # the page run was stopped by a click
    session.go.set()
    assert [e.type for e in live.follow()] == ["turn_started", "thinking", "token", "done"]
    assert live.finished and session.asked == ["hello"]


def test_a_reloaded_page_finds_the_turn_that_is_running() -> None:
    session, floor = Slow(), Floor()
    live = floor.start(session, Message("hello"), "en")
    assert floor.running("slow") is live and floor.running("other") is None
    session.go.set()
    list(live.follow())
    assert floor.running("slow") is None


def test_turns_of_one_session_run_one_after_another() -> None:
    session, floor = Slow(), Floor()
    floor.start(session, Message("one"), "en")
    threading.Timer(0.1, session.go.set).start()
    second = floor.start(session, Message("two"), "en")
    list(second.follow())
    assert session.asked == ["one", "two"]


def test_a_session_that_fails_ends_in_an_error_and_done() -> None:
    class Broken(Slow):
        def respond(
            self,
            text: str,
            photos: Sequence[bytes] = (),
            focus: Focus | None = None,
            door: str = "",
            key: str | None = None,
        ) -> Iterator[Event]:
            yield TurnStarted(session=self.id, turn=0, language="zh")
            raise RuntimeError("no")

    events = list(Live(Broken(), Message("?"), "zh").follow())
    assert [e.type for e in events] == ["turn_started", "error", "done"]
    assert isinstance(events[1], Error) and "抱歉" in events[1].message


def test_only_so_many_messages_of_a_conversation_wait_and_others_are_served() -> None:
    session, other, floor = Slow(), Slow(), Floor()
    other.id = "other"
    floor.start(session, Message("first"), "en")
    with ThreadPoolExecutor(2 * MOST_WAITING) as pool:
        sent = [pool.submit(floor.start, session, Message(str(n)), "en") for n in range(2 * MOST_WAITING)]
        refused = [next(done) for done in [as_completed(sent, timeout=5)] for _ in range(MOST_WAITING)]
        assert all(isinstance(one.exception(), Crowded) for one in refused)
        assert floor.start(other, Message("hello"), "en")
        other.go.set()
        session.go.set()
        for one in set(sent) - set(refused):
            list(one.result(5).follow())
    assert len(session.asked) == 1 + MOST_WAITING
