"""Histories on file and simulated ones: what is hidden, what counts as foreseen, what a bad file is told."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from math import log2
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import SHOP
from typer.testing import CliRunner

from ui.cli import app
from ui.evals.histories import BadHistory, Event, History, asked, figures, popular, read, table, written
from ui.evals.shoppers import World, simulated

SOLD = frozenset("abcdef")


def history(*events: tuple[str, str]) -> History:
    return History(shopper="s", events=[Event(product=p, action=a) for p, a in events])  # type: ignore[arg-type]


def test_the_last_earnest_choice_is_hidden_with_all_that_was_done_to_it() -> None:
    one = asked(
        history(("a", "viewed"), ("b", "viewed"), ("c", "viewed"), ("c", "added"), ("d", "viewed")), SOLD
    )
    assert one is not None
    assert (one.hidden, [e.product for e in one.events]) == ("c", ["a", "b"])


@pytest.mark.parametrize(
    "events",
    [
        [],
        [("a", "disliked")],
        [("a", "viewed"), ("b", "added")],
        [("x", "viewed"), ("y", "viewed"), ("a", "liked")],
    ],
)
def test_too_little_is_asked_nothing(events: list[tuple[str, str]]) -> None:
    assert asked(history(*events), SOLD) is None


def test_hits_and_gains_are_what_they_are_called() -> None:
    every = [asked(history(("a", "viewed"), ("b", "viewed"), (h, "liked")), SOLD) for h in "cd"]
    found = figures(
        [e for e in every if e], {"ours": [["e", "c"], ["d"]], "other": [["c"], ["a"]]}, "ours", k=2
    )
    ours, other = found["methods"]["ours"], found["methods"]["other"]
    assert (ours["hit_rate"]["value"], other["hit_rate"]["value"]) == (1.0, 0.5)
    assert ours["ndcg"]["value"] == pytest.approx((1 / log2(3) + 1) / 2, abs=1e-4)
    assert found["ratio"]["other"]["hit_rate"]["value"] == 2.0
    assert "hit@2" in table(found)
    assert popular([e for e in every if e]) == {"a": 2, "b": 2}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"shopper": "s"}', '{"shopper": "s", "events": [{"product": "a", "action": "ate"}]}',
     '{"shopper": "", "events": []}', '{"shopper": "s", "events": [{"product": "a", "extra": 1}]}', "[" * 9999],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text('{"shopper": "s", "events": []}\n' + line)
    with pytest.raises(BadHistory, match=r":2: "):
        read(path)


def test_a_file_in_time_order_whatever_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    times = [datetime(2026, 1, day, tzinfo=UTC) for day in (3, 1, 2)]
    events = [Event(product=p, at=at) for p, at in zip("abc", times, strict=True)]
    path.write_text(written([History(shopper="s", events=events)]))
    assert [e.product for e in read(path)[0].events] == ["b", "c", "a"]


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_bytes_break_the_reading(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    path = tmp_path_factory.mktemp("h") / "h.jsonl"
    path.write_bytes(b"\n".join(lines))
    with suppress(BadHistory):
        read(path)


def test_simulated_shoppers_are_the_same_for_a_seed_and_do_as_they_state() -> None:
    first, again = simulated(SHOP, 30, 4), simulated(SHOP, 30, 4)
    assert [h for h, _ in first] == [h for h, _ in again]
    assert [h for h, _ in first] != [h for h, _ in simulated(SHOP, 30, 5)]
    world = World(SHOP, 1)
    for _ in range(40):
        shopper = world.shopper()
        worth = world.worth(shopper)
        assert worth.shape == (len(shopper.tastes), len(SHOP))
        for attribute, value in shopper.hated:
            assert not any((attribute, value) == (a, v) for t in shopper.tastes for a, v, _ in t.values)


def daogou(shop: Path, *args: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["eval", "recommend", *args, "--data", str(shop), "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_the_table_of_simulated_shoppers_and_of_the_file_they_leave(demo_data: Path, tmp_path: Path) -> None:
    code, found = daogou(demo_data, "--limit", "40", "--seed", "3", "--out", str(tmp_path))
    assert (code, found["shoppers"], found["simulated"]) == (0, 40, True)
    assert {"daogou", "popular", "photo_vectors", "raw_pixels", "knows_all"} < set(found["methods"])
    assert (
        found["methods"]["knows_all"]["hit_rate"]["value"] > found["methods"]["popular"]["hit_rate"]["value"]
    )
    code, read_again = daogou(demo_data, str(tmp_path / "histories.jsonl"))
    assert code == 0 and read_again["simulated"] is False
    assert read_again["methods"]["daogou"]["ndcg"] == found["methods"]["daogou"]["ndcg"]


def test_a_file_that_tells_nothing_is_an_error(demo_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "h.jsonl"
    path.write_text('{"shopper": "s", "events": [{"product": "nope"}]}\n')
    code, told = daogou(demo_data, str(path))
    assert (code, told["error"]["code"]) == (1, "no_histories")
