"""The agent's memory gone, damaged, locked or full: the shopper notices nothing, and the damaged part is kept."""

import logging
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ormsgpack
import pytest

from agent.assistant import Assistant
from agent.checkpoints import Checkpoints
from agent.events import Event
from agent.settings import Settings


@pytest.fixture(scope="module")
def own(
    pristine: Path, assistant: Assistant, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Assistant]:
    folder = shutil.copytree(pristine, tmp_path_factory.mktemp("checkpoints") / "shop")
    (folder / "checkpoints.sqlite").unlink(missing_ok=True)
    (folder / "conversations.sqlite").unlink(missing_ok=True)
    opened = Assistant.open(Settings(data=folder, model="offline"))
    opened.__dict__["eyes"] = assistant.eyes
    yield opened
    opened.close()


def reopen(own: Assistant, damage: Callable[[Path], object] = lambda path: None) -> None:
    """As a new process finds the file."""
    own.__dict__.pop("graph", None)
    own.__dict__.pop("checkpoints").close()
    damage(own.data / "checkpoints.sqlite")


def codes(events: list[Event]) -> list[str]:
    return [e.code for e in events if e.type == "error"]


def sql(path: Path, statement: str, *values: Any) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement, values)
    db.close()


def ext(module: str, name: str) -> bytes:
    """A value of a class, as the checkpointer packs it."""
    packed = ormsgpack.packb((module, name, {"content": "x"}, "model_validate_json"))
    messages = [ormsgpack.Ext(5, packed)]
    return ormsgpack.packb(
        {"v": 4, "id": "1", "ts": "", "channel_values": {"messages": messages}, "channel_versions": {},
         "versions_seen": {}, "updated_channels": None}
    )  # fmt: skip


FILE: dict[str, Callable[[Path], object]] = {
    "deleted": lambda p: p.unlink(),
    "noise": lambda p: p.write_bytes(b"no database " * 4000),
    "cut off": lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]),
    "a folder in its place": lambda p: (p.unlink(), p.mkdir()),
    "other tables": lambda p: (sql(p, "DROP TABLE checkpoints"), sql(p, "CREATE TABLE checkpoints (x)")),
}
ROW: dict[str, tuple[str, bytes]] = {
    "noise": ("msgpack", b"\xc1\xff\x00 noise"),
    "empty": ("msgpack", b""),
    "pickle": ("pickle", b"\x80\x04K\x01."),
    "json of nothing": ("json", b"[1, 2"),
    "another shape": ("msgpack", ormsgpack.packb([1, 2, 3])),
    "no values": ("msgpack", ormsgpack.packb({"v": 99, "id": "1"})),
    "a class that is gone": ("msgpack", ext("langchain_core.messages.gone", "GoneMessage")),
    "messages of text": (
        "msgpack",
        ormsgpack.packb({"v": 4, "id": "1", "channel_values": {"messages": ["hi"]}}),
    ),
    "unknown kind": ("avro", b"\x00"),
}


def begun(own: Assistant) -> tuple[Any, list[str]]:
    """A conversation with a list that the next message speaks of, and something in the cart."""
    session = own.session()
    list(session.respond("show me T-shirts"))
    found = list(session.respond("red dresses"))
    list(session.respond("add the first one in M"))
    return session, [item.id for e in found if e.type == "products" for item in e.items]


def goes_on(session: Any, shown: list[str], held: Any) -> None:
    """It is as if nothing had happened: what was shown can be spoken of, the cart and the record are whole."""
    events = list(session.respond("what sizes does the second one come in?"))
    assert not codes(events), events
    named = [
        e.about if e.type == "answer" else e.items[0].id for e in events if e.type in ("answer", "products")
    ]
    assert named and named[0] == shown[1]
    assert session.cart() == held
    history = session.history()
    assert len(history) == 4 and all(turn.over for turn in history)
    assert not codes(list(session.respond("others please")))


def aside(own: Assistant) -> list[Path]:
    return list(own.data.glob("checkpoints.sqlite.damaged-*"))


@pytest.mark.parametrize("kind", FILE)
def test_a_file_that_cannot_be_used(own: Assistant, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    session, shown = begun(own)
    held, before = session.cart(), len(aside(own))
    with caplog.at_level(logging.ERROR):
        reopen(own, FILE[kind])
        goes_on(session, shown, held)
    if kind in ("noise", "cut off"):
        assert len(aside(own)) == before + 1 and "kept as checkpoints.sqlite.damaged-" in caplog.text
    if kind == "a folder in its place":
        own.__dict__.pop("graph", None)
        own.__dict__.pop("checkpoints").close()
        (own.data / "checkpoints.sqlite").rmdir()


@pytest.mark.parametrize("kind", ROW)
def test_a_state_that_cannot_be_read(own: Assistant, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    session, shown = begun(own)
    held = session.cart()
    other = own.session()
    list(other.respond("blue shirts"))
    statement = "UPDATE checkpoints SET type = ?, checkpoint = ? WHERE thread_id = ?"
    reopen(own, lambda path: sql(path, statement, *ROW[kind], session.id))
    with caplog.at_level(logging.ERROR):
        goes_on(session, shown, held)
    assert session.id in caplog.text
    with sqlite3.connect(own.data / "checkpoints.sqlite") as db:
        kept = db.execute(
            "SELECT type, checkpoint FROM damaged WHERE thread_id = ?", (session.id,)
        ).fetchall()
    db.close()
    assert kept == [ROW[kind]]
    assert not codes(list(other.respond("the second one, what sizes?")))  # nobody else's is touched


def test_damage_while_it_is_open(own: Assistant) -> None:
    session, shown = begun(own)
    held, before = session.cart(), len(aside(own))
    own.checkpoints.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with (own.data / "checkpoints.sqlite").open("r+b") as raw:
        raw.write(b"\xff" * 65536)
    own.checkpoints.conn.execute("PRAGMA shrink_memory")  # else it would still answer from memory
    goes_on(session, shown, held)
    assert len(aside(own)) == before + 1


def test_a_file_that_another_process_keeps_locked(own: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    session, shown = begun(own)
    held = session.cart()
    monkeypatch.setattr("agent.checkpoints.WAIT_S", 0.05)
    own.checkpoints.conn.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(own.data / "checkpoints.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        goes_on(session, shown, held)
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert not codes(list(session.respond("the second one, what sizes?")))
    saved = own.checkpoints.get_tuple({"configurable": {"thread_id": session.id}})
    assert saved and "others please" in str(
        saved.checkpoint["channel_values"]["messages"]
    )  # told again, and kept


def test_a_file_that_was_locked_when_it_was_opened_is_used_again(
    own: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, shown = begun(own)
    held = session.cart()
    monkeypatch.setattr(Checkpoints.open.__func__, "__defaults__", (0.05, False))  # type: ignore[attr-defined]
    monkeypatch.setattr("agent.checkpoints.RETRY_S", 0.0)
    monkeypatch.setattr("agent.checkpoints.SHORT_WAIT_S", 0.01)
    locks = []

    def lock(path: Path) -> None:
        locks.append(sqlite3.connect(path, isolation_level=None))
        locks[0].execute("PRAGMA locking_mode = EXCLUSIVE")
        locks[0].execute("BEGIN EXCLUSIVE")

    reopen(own, lock)
    goes_on(session, shown, held)
    locks[0].execute("ROLLBACK")
    locks[0].close()
    assert not codes(list(session.respond("the second one, what sizes?")))
    reopen(own)
    saved = own.checkpoints.get_tuple({"configurable": {"thread_id": session.id}})
    assert saved and "others please" in str(saved.checkpoint["channel_values"]["messages"])


@pytest.mark.parametrize("deleted", [True, False])
def test_what_was_erased_from_the_record_is_unknown_to_the_agent(
    own: Assistant, deleted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _ = begun(own)
    sql(own.data / "conversations.sqlite", "DELETE FROM turns WHERE session = ?", session.id)
    own.carts.clear(session.id)
    if not deleted:
        monkeypatch.setattr(Checkpoints, "forget", lambda *_: False)
    events = list(session.respond("add the first one in M"))
    assert not codes(events) and not session.cart().lines
    assert not codes(list(session.respond("what did I ask for?")))
    saved = own.checkpoints.get_tuple({"configurable": {"thread_id": session.id}})
    assert saved and "red dresses" not in str(saved.checkpoint["channel_values"]["messages"])


def test_a_full_disk_and_a_read_only_file(own: Assistant) -> None:
    for setting, back in (
        ("max_page_count = 1", "max_page_count = 1000000"),
        ("query_only = ON", "query_only = OFF"),
    ):
        session, shown = begun(own)
        held = session.cart()
        own.checkpoints.conn.execute(f"PRAGMA {setting}")
        goes_on(session, shown, held)
        own.checkpoints.conn.execute(f"PRAGMA {back}")
        assert not codes(list(session.respond("the second one, what sizes?")))


def test_only_the_newest_state_is_kept(own: Assistant) -> None:
    session, _ = begun(own)
    with sqlite3.connect(own.data / "checkpoints.sqlite") as db:
        (count,) = db.execute(
            "SELECT count(*) FROM checkpoints WHERE thread_id = ?", (session.id,)
        ).fetchone()
    db.close()
    assert count == 1
    own.checkpoints.forget(session.id)
    assert own.checkpoints.get_tuple({"configurable": {"thread_id": session.id}}) is None


def test_a_folder_without_room_is_no_reason_to_fail(tmp_path: Path) -> None:
    kept = Checkpoints.open(tmp_path / "gone" / "checkpoints.sqlite")
    assert kept.get_tuple({"configurable": {"thread_id": "x"}}) is None
    kept.close()
