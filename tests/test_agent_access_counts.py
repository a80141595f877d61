"""What is counted for all processes: windows that move, days that end, nothing lost between several who count."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.access.counts import Counts
from agent.access.keys import Keys
from store.database import Database
from ui.api import limits


class Clock:
    now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_moves_with_the_time(tmp_path: Path) -> None:
    clock = Clock()
    counts = Counts(tmp_path, clock)
    for _ in range(3):
        assert counts.hit(3, 60, "messages", "one") == 0
        clock.now += 10
    assert counts.hit(3, 60, "messages", "one") == pytest.approx(30, abs=0.1)
    assert counts.hit(3, 60, "messages", "another") == 0
    clock.now += 30.1
    assert counts.hit(3, 60, "messages", "one") == 0
    assert counts.hit(3, 60, "messages", "one") > 0


def test_a_day_ends_at_midnight_utc(tmp_path: Path) -> None:
    clock = Clock()
    counts = Counts(tmp_path, clock)
    assert [counts.spend(2, "messages", "k") for _ in range(2)] == [0, 0]
    wait = counts.spend(2, "messages", "k")
    assert 0 < wait <= 24 * 3600
    clock.now += wait
    assert counts.spend(2, "messages", "k") == 0


def test_several_processes_count_together(tmp_path: Path) -> None:
    counters = [Counts(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda n: counters[n % 4].hit(25, 60, "sessions", "one address"), range(100)))
    assert told.count(0) == 25


def test_who_does_not_come_back_is_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    counts = Counts(tmp_path, clock)
    for n in range(500):
        counts.hit(30, 60, "sessions", f"203.0.113.{n}")
    clock.now += 1000
    counts.hit(30, 60, "sessions", "198.51.100.1")
    rows = Database(tmp_path / "counts.sqlite", "").read("SELECT count(*) FROM hits")
    assert rows[0][0] == 1


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert limits.neighbourhood(address) == counted


def test_keys_of_an_older_file_are_those_without_a_number_of_their_own(tmp_path: Path) -> None:
    old = Database(
        tmp_path / "keys.sqlite",
        "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, "
        "shop TEXT NOT NULL, label TEXT NOT NULL, origins TEXT NOT NULL, token TEXT, made TEXT NOT NULL, revoked TEXT)",
    )
    old.change(
        lambda db: db.execute("INSERT INTO keys VALUES ('a', 'h', 'secret', '', '', '[]', NULL, 'now', NULL)")
    )
    old.close()
    keys = Keys(tmp_path)
    assert [(key.id, key.per_day) for key in keys.all()] == [("a", None)]
    made = keys.make("secret", per_day=5)
    assert keys.find(str(made.token)).per_day == 5
