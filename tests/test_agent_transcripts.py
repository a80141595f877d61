"""The record of conversations: kept event by event, read by any version, let go of when it is old."""

import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from postgres_places import in_files

from agent.assistant import Assistant
from agent.events import Done, Error, Looked, Token, TurnStarted
from agent.settings import Settings
from agent.transcripts import Transcripts, Turn
from store.errors import NotKept
from store.tables import Where

PHOTOS = Path(__file__).parent / "dialogs" / "photos"


@pytest.fixture
def record(where: Where) -> Iterator[Transcripts]:
    opened = Transcripts(where)
    yield opened
    opened.close()


@pytest.fixture
def own(demo_copy: Path, assistant: Assistant) -> Iterator[Assistant]:
    opened = Assistant.open(Settings(data=demo_copy, model="offline"))
    opened.__dict__["eyes"] = assistant.eyes
    yield opened
    opened.close()


def photo(name: str) -> bytes:
    """A photo that no other conversation in the demo's folder has."""
    file = io.BytesIO()
    Image.open(PHOTOS / name).convert("RGB").rotate(3, fillcolor="white").save(file, "PNG")
    return file.getvalue()


def sql(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement, values)
    db.close()


def test_what_is_shown_is_there_before_the_turn_is_over(record: Transcripts) -> None:
    number = record.begin("s", Turn(text="hi"))
    told = [TurnStarted(session="s", turn=0, language="en"), Token(text="He"), Token(text="llo")]
    for place, event in enumerate(told):
        record.show("s", number, place, event)
    (turn,) = record.read("s")
    assert not turn.over and turn.events == [told[0], Token(text="Hello")]
    assert [n for n, _ in record.unfinished("s")] == [0]
    record.write("s", number, Turn(text="hi", events=[*told, Done(text="Hello")]))
    (turn,) = record.read("s")
    assert turn.over and turn.events[1:] == [Token(text="Hello"), Done(text="Hello")]
    assert record.unfinished("s") == [] and record.last("s") == (0, turn)


def test_photos_are_known_by_session(record: Transcripts) -> None:
    for session, photo in (("a", "1" * 16), ("b", "2" * 16)):
        number = record.begin(session, Turn())
        record.show(session, number, 0, Looked(photo=photo, look={"caption": session}))
    assert record.photos("a") == {"1" * 16} and record.photos("c") == frozenset()
    assert record.looks("b", "2" * 16) == [("2" * 16, {"caption": "b"})]
    assert record.looks("a", "2" * 16) == []


@in_files
def test_what_no_version_knows_does_not_cost_the_rest(record: Transcripts, tmp_path: Path) -> None:
    done = Done(text="x").model_dump(mode="json")
    turns = [
        {"text": "one", "events": [{"type": "hologram"}, done], "mood": "fine"},
        {"text": "two", "events": "no list"},
        [1, 2],
    ]
    for n, turn in enumerate([*map(json.dumps, turns), "{broken"]):
        statement = "INSERT INTO turns (session, number, turn, over) VALUES ('s', ?, ?, 1)"
        sql(tmp_path / "conversations.sqlite", statement, n, turn)
    kept = record.read("s")
    assert len(kept) == 4 and kept[0].text == "one" and kept[0].over
    assert record.begin("s", Turn(text="five")) == 4


def test_a_file_of_the_first_version_is_read_on(tmp_path: Path) -> None:
    path = tmp_path / "conversations.sqlite"
    sql(path, "CREATE TABLE turns (session TEXT, number INTEGER, turn TEXT, at TEXT DEFAULT CURRENT_TIMESTAMP, "
              "PRIMARY KEY (session, number))")  # fmt: skip
    looked = Looked(photo="1" * 16, look={"caption": "a coat"})
    turn = Turn(text="this", photos=[looked.photo], events=[looked, Done(text="A coat.")])
    sql(path, "INSERT INTO turns (session, number, turn) VALUES ('s', 0, ?)", turn.model_dump_json())
    sql(path, "INSERT INTO turns (session, number, turn) VALUES ('t', 0, 'no json')")
    record = Transcripts(tmp_path)
    assert record.read("s") == [turn] and record.photos("s") == {looked.photo}
    assert record.looks("s") == [(looked.photo, {"caption": "a coat"})] and record.unfinished("s") == []
    record.close()
    assert not list(tmp_path.glob("*.damaged-*"))


def test_an_old_conversation_is_let_go_of_with_all_that_belongs_to_it(own: Assistant) -> None:
    only, both = photo("red_dress.webp"), photo("navy_tshirt.webp")
    old, young = own.session("old-name"), own.session()
    first = [e.photo for e in old.respond("this one", photos=[only, both]) if e.type == "looked"]
    shared = [e.photo for e in young.respond("and this", photos=[both]) if e.type == "looked"]
    assert first[1:] == shared
    list(old.respond("T-shirts in M"))
    list(old.respond("add the first one in M"))
    assert old.cart().lines
    kept = young.history()
    sql(
        own.data / "conversations.sqlite",
        "UPDATE turns SET at = datetime('now', '-31 days') WHERE session = 'old-name'",
    )
    assert own.prune() == 1 and own.prune() == 0
    assert old.history() == [] and not old.cart().lines and young.history() == kept
    assert own.checkpoints.get_tuple({"configurable": {"thread_id": "old-name"}}) is None
    with pytest.raises(FileNotFoundError):
        own.picture(first[0])
    assert own.picture(shared[0]).is_file()
    events = list(old.respond("那件还有吗", door="zh"))
    told = [e for e in events if isinstance(e, Error)]
    assert [e.code for e in told] == ["conversation_expired"] and "30" in told[0].message
    assert events[0].turn == 0 and events[-1].text
    assert not [e for e in old.respond("红色连衣裙") if isinstance(e, Error)]  # said once


@pytest.mark.parametrize("part", ["carts", "checkpoints", "photos", "record"])
def test_an_old_conversation_that_cannot_be_let_go_of_now_goes_the_next_time(
    own: Assistant, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no") if part == "photos" else NotKept("no")

    stuck, other = own.session(), own.session()
    (photo_id,) = (
        e.photo for e in stuck.respond("this one", photos=[photo("red_dress.webp")]) if e.type == "looked"
    )
    list(stuck.respond("add the first one in M"))
    list(other.respond("T-shirts in M"))
    sql(own.data / "checkpoints.sqlite", "CREATE TABLE IF NOT EXISTS damaged (thread_id)")
    sql(own.data / "checkpoints.sqlite", "INSERT INTO damaged (thread_id) VALUES (?)", stuck.id)
    sql(own.data / "conversations.sqlite", "UPDATE turns SET at = datetime('now', '-31 days')")
    with monkeypatch.context() as broken:
        match part:
            case "carts":
                broken.setattr(own.carts, "drop", fails)
            case "checkpoints":
                own.checkpoints.conn.execute("PRAGMA query_only = ON")
            case "photos":
                broken.setattr(own.album, "drop", fails)
            case _:
                broken.setattr(own.transcripts, "expire", fails)
        own.prune()
        assert own.transcripts.has(stuck.id)
        assert own.transcripts.has(other.id) == (part != "photos")  # what has no photo goes all the same
    own.checkpoints.conn.execute("PRAGMA query_only = OFF")
    assert own.prune() >= 1 and not own.transcripts.has(stuck.id) and not stuck.cart().lines
    with sqlite3.connect(own.data / "checkpoints.sqlite") as db:
        for table in ("checkpoints", "writes", "damaged"):
            assert not db.execute(f"SELECT 1 FROM {table} WHERE thread_id = ?", (stuck.id,)).fetchall()
    db.close()
    with pytest.raises(FileNotFoundError):
        own.picture(photo_id)
    assert not (own.data / "locks" / f"{stuck.id}.lock").exists()


def test_old_conversations_go_when_a_process_starts(own: Assistant) -> None:
    made = own.session()
    list(made.respond("red dress"))
    sql(own.data / "conversations.sqlite", "UPDATE turns SET at = datetime('now', '-2 days')")
    own.close()
    for days, turns in ((3, 1), (1, 0)):
        again = Assistant.open(Settings(data=own.data, model="offline", keep_days=days))
        again.__dict__["eyes"] = own.__dict__["eyes"]
        found = again.resume(made.id)
        again.session()
        assert len(again.transcripts.read(made.id)) == turns and (found is not None or not turns)
        again.close()


def test_a_damaged_record_is_kept_aside_and_the_talk_goes_on(own: Assistant) -> None:
    session = own.session()
    list(session.respond("red dress"))
    own.transcripts.close()
    own.__dict__.pop("transcripts")
    path = own.data / "conversations.sqlite"
    path.write_bytes(b"noise" * 5000)
    events = list(session.respond("blue shirt"))
    assert not [e for e in events if isinstance(e, Error)] and events[-1].text
    assert len(list(own.data.glob("conversations.sqlite.damaged-*"))) >= 1
    assert len(session.history()) == 1


def test_a_record_that_cannot_be_written_is_told_and_nothing_is_changed(own: Assistant) -> None:
    session = own.session()
    list(session.respond("T-shirts in M"))
    own.transcripts._file._db.execute("PRAGMA query_only = ON")
    events = list(session.respond("add the first one in M"))
    assert [e.code for e in events if isinstance(e, Error)] == ["not_kept"] and events[-1].type == "done"
    assert not session.cart().lines and len(session.history()) == 1
    own.transcripts._file._db.execute("PRAGMA query_only = OFF")
    assert not [e for e in session.respond("add the first one in M") if isinstance(e, Error)]
    assert session.cart().lines


def test_a_record_that_can_no_longer_be_written_in_the_middle_of_a_turn(own: Assistant) -> None:
    session = own.session()
    events = []
    for event in session.respond("red dress"):
        events.append(event)
        if event.type == "thinking":
            own.transcripts._file._db.execute("PRAGMA query_only = ON")
    assert [e.type for e in events if e.type in ("products", "done")] == ["products", "done"]
    assert [e.code for e in events if isinstance(e, Error)] == ["not_saved"]
    own.transcripts._file._db.execute("PRAGMA query_only = OFF")
    assert not [e for e in session.respond("blue shirt") if isinstance(e, Error)]
    assert [turn.text for turn in session.history()] == ["red dress", "blue shirt"]


def test_another_process_that_answers_for_very_long_is_told(own: Assistant) -> None:
    from filelock import FileLock

    session = own.session()
    session._floor._wait_s = 0.05
    with FileLock(own.data / "locks" / f"{session.id}.lock"):
        events = list(session.respond("red dress"))
    assert [e.code for e in events if isinstance(e, Error)] == ["busy"] and events[-1].type == "done"
    timings = events[-1].timings
    assert set(timings) == {"first_event_ms", "products_ms", "total_ms"} and timings["total_ms"] is not None
    assert not [e for e in session.respond("red dress") if isinstance(e, Error)]


def test_a_turn_that_ends_while_it_is_read_is_read_to_its_end(
    record: Transcripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process ends the turn between the two questions that reading asks."""
    started, ended = TurnStarted(session="s", turn=0, language="en"), Done(text="Hello.")
    number = record.begin("s", Turn(text="hi"))
    record.show("s", number, 1, started)
    shown = Transcripts._shown

    def late(self: Transcripts, session: str, at: int) -> object:
        record.write(session, at, Turn(text="hi", events=[started, ended]))
        return shown(self, session, at)

    monkeypatch.setattr(Transcripts, "_shown", late)
    assert [event.type for event in record.read("s", 0)[0].events] == ["turn_started", "done"]
