"""A server that is restarted, away, silent or full: told as NotKept, found again, and nothing done twice or lost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest

from agent.assistant import Assistant
from agent.settings import Settings
from agent.transcripts import together
from store import lines
from store.carts import Carts
from store.carts import Line as CartLine
from store.claims import Claim, Claims
from store.errors import NotKept
from store.lines import Line, pool
from store.tables import Connection, Server, opened
from tests.postgres_server import PostgresServer

COUNTER = "CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, n INTEGER NOT NULL)"
MORE = "INSERT INTO counters VALUES ('a', 1) ON CONFLICT (name) DO UPDATE SET n = counters.n + 1"
READ = "SELECT n FROM counters"


@pytest.fixture
def away(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PostgresServer]:
    """The server, for a test that takes it away."""
    monkeypatch.setattr(lines, "REST_S", 0.05)
    yield postgres
    if postgres._process is None:
        postgres.start()


def test_connections_to_a_server_that_was_restarted_are_made_anew(
    server: Server, away: PostgresServer
) -> None:
    store = opened(server, "counters", COUNTER)
    store.change(lambda db: db.execute(MORE))
    away.stop()
    away.start()
    assert store.read(READ) == [(1,)]
    away.stop()
    away.start()
    store.change(lambda db: db.execute(MORE))
    assert store.read(READ) == [(2,)]


def test_a_server_that_is_away_is_told_at_once_and_found_again(server: Server, away: PostgresServer) -> None:
    store, late = opened(server, "counters", COUNTER), opened(server, "counters", COUNTER)
    store.change(lambda db: db.execute(MORE))
    away.stop()
    began = time.monotonic()
    for _ in range(20):
        for ask in (lambda: store.read(READ), lambda: late.change(lambda db: db.execute(MORE))):
            with pytest.raises(NotKept):
                ask()
    assert time.monotonic() - began < 2
    away.start()
    time.sleep(lines.REST_S)
    late.change(lambda db: db.execute(MORE))
    assert store.read(READ) == [(2,)]


def test_a_server_that_goes_in_the_middle_of_a_change_has_none_of_it(
    server: Server, away: PostgresServer
) -> None:
    store = opened(server, "counters", COUNTER)

    def work(db: Connection) -> None:
        db.execute(MORE)
        away.stop()
        db.execute(MORE)

    with pytest.raises(NotKept):
        store.change(work)
    away.start()
    time.sleep(lines.REST_S)
    assert store.read(READ) == []


@pytest.mark.parametrize("arrived", [True, False])
def test_an_end_that_nobody_heard_is_asked_for(
    server: Server, arrived: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection breaks while a change ends, after the server has it or before."""
    store = opened(server, "counters", COUNTER)
    store.change(lambda db: db.execute(MORE))
    plain, broken = Line.execute, threading.Event()

    def execute(line: Line, query: Any, *rest: Any, **more: Any) -> Any:
        if query != "COMMIT" or broken.is_set():
            return plain(line, query, *rest, **more)
        broken.set()
        if arrived:
            plain(line, query, *rest, **more)
        line.close()
        raise psycopg.OperationalError("the connection is lost")

    monkeypatch.setattr(Line, "execute", execute)
    store.change(lambda db: db.execute(MORE))
    assert broken.is_set() and store.read(READ) == [(2,)]


def test_a_server_that_says_nothing_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(server, "counters", COUNTER)
    with pool(server.url).line(server.schema) as line:  # the connection that is used next
        pid = line.execute("SELECT pg_backend_pid()").fetchone()[0]  # type: ignore[index]
    store.read(READ)
    monkeypatch.setattr(lines, "SILENCE_S", 0.3)
    os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert store.read(READ) == []  # on another connection
        assert 0.2 < time.monotonic() - began < 5
    finally:
        os.kill(pid, signal.SIGCONT)


def test_who_waits_too_long_for_others_is_told(server: Server) -> None:
    store = opened(server, "counters", COUNTER, wait_s=0.1)
    inside, done = threading.Event(), threading.Event()

    def slow(db: Connection) -> None:
        db.execute(MORE)
        inside.set()
        done.wait(10)

    thread = threading.Thread(target=lambda: store.change(slow))
    thread.start()
    inside.wait(10)
    try:
        with pytest.raises(NotKept, match="lock"):
            store.change(lambda db: db.execute(MORE))
        assert store.read(READ) == []  # who only reads waits for nobody
    finally:
        done.set()
        thread.join()
    assert store.read(READ) == [(1,)]


def test_who_finds_every_connection_in_use_is_told(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "WAIT_S", 0.05)
    few = lines.Pool(server.url, most=1)
    with few.line(server.schema), pytest.raises(lines.Away, match="in use"), few.line(server.schema):
        pass
    with few.line(server.schema) as line:
        assert line.execute("SELECT 1").fetchone() == (1,)


def test_a_schema_that_was_taken_away_is_made_again(server: Server) -> None:
    store = opened(server, "counters", COUNTER)
    store.change(lambda db: db.execute(MORE))
    with pool(server.url).line(server.schema) as line:
        line.execute(f'DROP SCHEMA "{server.schema}" CASCADE'.encode())
    assert store.read(READ) == []
    store.change(lambda db: db.execute(MORE))
    assert store.read(READ) == [(1,)]


def test_a_wish_that_is_sent_twice_at_once_is_granted_once(server: Server) -> None:
    workers = [Carts(server) for _ in range(6)]
    with ThreadPoolExecutor(len(workers)) as threads:
        list(threads.map(lambda worker: worker.add("s", "p", "M", 2, "key"), workers))
    assert workers[0].lines("s") == [CartLine("p", "M", 2)]


# -- names that one process holds ----------------------------------------------------------------------------------


def test_a_name_is_held_by_one(server: Server) -> None:
    one, two = Claims(server), Claims(server)
    assert one.take("s") and not one.take("s") and not two.take("s") and two.take("t")
    assert not Claim(two, "s").acquire(0.1)
    one.release("s")
    assert Claim(two, "s").acquire(0) and not one.take("s")
    for claims in (one, two):
        claims.close()


def test_a_name_of_a_process_that_is_killed_is_free_at_once(server: Server, tmp_path: Path) -> None:
    program = (
        "import sys, time; from store.claims import Claims; from store.tables import Server\n"
        "claims = Claims(Server(*sys.argv[1:])); print(claims.take('s'), flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", program, server.url, server.schema]
    root = str(Path(__file__).parent.parent)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    try:
        assert process.stdout and process.stdout.readline() == "True\n"
        claims = Claims(server)
        assert not claims.take("s")
        process.kill()
        assert Claim(claims, "s").acquire(5)
        claims.close()
    finally:
        process.kill()
        process.communicate()


def test_names_are_held_on_when_their_connection_breaks(server: Server, away: PostgresServer) -> None:
    one, two = Claims(server), Claims(server)
    assert one.take("s")
    away.stop()
    with pytest.raises(NotKept):
        one.take("t")
    away.start()
    time.sleep(lines.REST_S)
    assert one.take("t") and not two.take("s") and not two.take("t")
    for claims in (one, two):
        claims.close()


# -- conversations -------------------------------------------------------------------------------------------------


@pytest.fixture
def workers(assistant: Assistant, server: Server, demo_data: Path) -> Iterator[tuple[Assistant, Assistant]]:
    """Two that serve one shop."""
    settings = Settings(data=demo_data, database=server.url, database_schema=server.schema)  # type: ignore[arg-type]
    both = Assistant.open(settings), Assistant.open(settings)
    for one in both:
        one.__dict__.update(eyes=assistant.eyes, shop=assistant.shop)
    yield both
    for one in both:
        for name in ("eyes", "shop"):
            del one.__dict__[name]
        one.close()


def test_a_message_that_is_sent_to_two_workers_at_once_is_answered_once(
    workers: tuple[Assistant, Assistant],
) -> None:
    session = workers[0].session(lang="en").id
    with ThreadPoolExecutor(2) as threads:
        said = [
            threads.submit(lambda w=w: list(w.session(session).respond("add the first one", key="k")))
            for w in workers
        ]
        one, two = (done.result() for done in said)
    assert [e.type for e in together(one)] == [e.type for e in together(two)]
    assert len(workers[0].session(session).history()) == 1


def test_a_turn_of_a_worker_that_was_killed_is_ended_by_the_other(
    workers: tuple[Assistant, Assistant], server: Server
) -> None:
    program = (
        "import os, signal, sys; from agent.transcripts import Transcripts, Turn\n"
        "from agent.events import Token; from store.claims import Claims; from store.tables import Server\n"
        "where = Server(*sys.argv[1:3]); claims, record = Claims(where), Transcripts(where)\n"
        "claims.take(sys.argv[3])\n"
        "record.show(sys.argv[3], record.begin(sys.argv[3], Turn(text='hi')), 1, Token(text='Hel'))\n"
        "print('in the middle', flush=True); signal.pause()"
    )
    session = workers[1].session(lang="en")
    command = [sys.executable, "-c", program, server.url, server.schema, session.id]
    root = str(Path(__file__).parent.parent)
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": root}
    )
    try:
        assert process.stdout and process.stdout.readline() == "in the middle\n"
        assert [e.type for e in session.events(0)] == ["token"]  # somebody still works on it
    finally:
        process.kill()
        process.communicate()
    until = time.monotonic() + 5
    while len(session.events(0)) == 1 and time.monotonic() < until:
        time.sleep(0.02)
    told = session.events(0)
    assert [(e.type, getattr(e, "code", "")) for e in told] == [
        ("token", ""),
        ("error", "interrupted"),
        ("done", ""),
    ]
    assert list(session.respond("hello"))[-1].type == "done" and len(session.history()) == 2


def test_a_server_that_goes_in_the_middle_of_a_turn_is_told_and_the_conversation_goes_on(
    workers: tuple[Assistant, Assistant], away: PostgresServer
) -> None:
    session = workers[0].session()
    list(session.respond("white sneakers under 60"))
    list(session.respond("add the first one in 38"))
    (before,) = session.cart().lines
    turn = session.respond("再加一双")
    next(turn)
    away.stop()
    (error, done) = list(turn)
    assert error.code == "not_kept_midway" and "请过一会儿" in error.message and done.text == error.message
    (_, refused, _) = list(session.respond("红色连衣裙"))
    assert refused.code == "not_kept" and "没有处理" in refused.message
    away.start()
    time.sleep(lines.REST_S)
    history = workers[1].session(session.id).history()
    assert [t.events[-2].code for t in history[2:]] == ["interrupted"]
    assert [(line.id, line.quantity) for line in session.cart().lines] == [(before.id, 1)]
    assert list(session.respond("add one more"))[-1].type == "done"
    assert workers[1].session(session.id).cart().lines[0].quantity == 2
