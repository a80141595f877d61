"""A file of the store in every bad state: nothing is deleted, what can be read is taken over, work goes on."""

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from store.carts import Carts
from store.database import Database, salvage
from store.errors import NotKept

SCHEMA = "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, more TEXT)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "notes.sqlite"


def put(file: Database, text: str) -> None:
    file.change(lambda db: db.execute("INSERT INTO notes (text) VALUES (?)", (text,)))


def texts(file: Database) -> list[str]:
    return [row[0] for row in file.read("SELECT text FROM notes ORDER BY id")]


def filled(path: Path, rows: int = 400) -> None:
    file = Database(path, SCHEMA)
    file.change(
        lambda db: db.executemany(
            "INSERT INTO notes (text) VALUES (?)", [(f"{n} {'x' * 200}",) for n in range(rows)]
        )
    )
    file.close()


def aside(path: Path) -> list[Path]:
    return [p for p in path.parent.glob("*.damaged-*") if not p.name.endswith(("-wal", "-shm"))]


BROKEN: dict[str, Callable[[Path], object]] = {
    "noise": lambda p: p.write_bytes(b"\x89 no database at all" * 200),
    "zeros": lambda p: p.write_bytes(b"\0" * 8192),
    "cut off": lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]),
    "a page lost": lambda p: p.write_bytes(p.read_bytes()[:8192] + b"\xff" * 4096 + p.read_bytes()[12288:]),
    "newer": lambda p: _sql(p, "PRAGMA user_version = 99"),
    "other tables": lambda p: _sql(p, "ALTER TABLE notes RENAME COLUMN text TO words"),
}


def _sql(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(statement)
    db.close()


@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_cannot_be_used_is_kept_aside_and_work_goes_on(
    path: Path, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    filled(path)
    BROKEN[kind](path)
    was = path.read_bytes()
    with caplog.at_level(logging.WARNING):
        file = Database(path, SCHEMA)
    put(file, "new")
    assert texts(file)[-1] == "new"
    (kept,) = aside(path)
    assert kept.name in caplog.text
    if kind != "other tables":
        assert kept.read_bytes() == was
    if kind in ("cut off", "a page lost"):
        assert len(texts(file)) > 100  # what could still be read is here
    if kind == "newer":
        assert len(texts(file)) == 401
    file.close()
    again = Database(path, SCHEMA)
    assert texts(again)[-1] == "new" and len(aside(path)) == 1
    again.close()


def test_damage_while_the_file_is_open(path: Path) -> None:
    filled(path)
    file = Database(path, SCHEMA)
    with path.open("r+b") as raw:
        raw.seek(0)
        raw.write(b"\xff" * 16384)
    put(file, "still here")
    assert "still here" in texts(file)
    assert aside(path)
    file.close()


def test_an_empty_file_is_a_new_one(path: Path) -> None:
    path.touch()
    file = Database(path, SCHEMA)
    put(file, "a")
    assert texts(file) == ["a"] and not aside(path)
    file.close()


def test_a_locked_file_is_told_and_nothing_is_half_done(path: Path) -> None:
    file = Database(path, SCHEMA, wait_s=0.05)
    put(file, "a")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(NotKept, match="locked"):
        put(file, "b")
    assert texts(file) == ["a"]
    other.execute("ROLLBACK")
    put(file, "c")
    assert texts(file) == ["a", "c"]
    other.close()
    file.close()


def test_a_full_disk_is_told_and_nothing_is_half_done(path: Path) -> None:
    file = Database(path, SCHEMA)
    put(file, "a")
    file._db.execute("PRAGMA max_page_count = 4")  # SQLite's own way to be full

    def several(db: sqlite3.Connection) -> None:
        for _ in range(100):
            db.execute("INSERT INTO notes (text) VALUES (?)", ("x" * 1000,))

    with pytest.raises(NotKept, match="full"):
        file.change(several)
    assert texts(file) == ["a"]
    file._db.execute("PRAGMA max_page_count = 4000")
    put(file, "b")
    assert texts(file) == ["a", "b"]
    file.close()


def test_a_folder_that_cannot_be_written_is_told_and_found_again(tmp_path: Path) -> None:
    file = Database(tmp_path / "gone" / "notes.sqlite", SCHEMA)
    assert texts(file) == []
    with pytest.raises(NotKept):
        put(file, "a")
    (tmp_path / "gone").mkdir()
    put(file, "b")
    assert texts(file) == ["b"]
    file.close()


def test_an_older_file_is_brought_up_to_date(path: Path) -> None:
    _sql(path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)")
    _sql(path, "INSERT INTO notes (text) VALUES ('old')")
    file = Database(path, SCHEMA, 2, lambda db, held: db.execute("ALTER TABLE notes ADD COLUMN more TEXT"))
    assert file.read("SELECT text, more FROM notes") == [("old", None)] and not aside(path)
    file.close()


def test_salvage_takes_nothing_twice(path: Path, tmp_path: Path) -> None:
    filled(path, 50)
    fresh = sqlite3.connect(":memory:")
    fresh.execute(SCHEMA)
    assert salvage(fresh, path, ["notes", "nothing"]) == 50


ADDS = """
import sys
from store.carts import Carts
carts = Carts(sys.argv[1])
for n in range(24):
    carts.add("one", f"p{n % 3}", "M")
"""


def test_a_cart_that_two_processes_fill_counts_every_piece(tmp_path: Path) -> None:
    command = [sys.executable, "-c", ADDS, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=Path(__file__).parent.parent) for _ in range(2)]
    assert [p.wait(60) for p in running] == [0, 0]
    carts = Carts(tmp_path)
    assert [(line.product_id, line.quantity) for line in carts.lines("one")] == [
        ("p0", 16),
        ("p1", 16),
        ("p2", 16),
    ]
    carts.close()
