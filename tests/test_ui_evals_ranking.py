"""Figures of rankings against graded queries: by hand, on files of every kind, and at the command line."""

import json
from math import log2
from pathlib import Path
from typing import Any

import pytest
from graded import GRADED, graded, needs, part
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from agent.assistant import Assistant
from ui.cli import app
from ui.evals import ranking
from ui.evals.ranking import BadGrades, Graded

GRADES = {"a": 3, "b": 2, "c": 1}


def test_the_figures_of_a_ranking_are_those_of_the_formulas() -> None:
    ideal = 7 + 3 / log2(3) + 1 / 2
    assert ranking.ndcg(["a", "b", "c"], GRADES) == 1
    assert ranking.ndcg(["x", "a"], GRADES) == pytest.approx(7 / log2(3) / ideal)
    assert ranking.ndcg([], GRADES) == 0
    assert ranking.ndcg(["x"] * 10 + ["a"], GRADES) == 0  # behind the tenth place nothing counts
    assert ranking.recall(["x", "b"], {"a", "b"}) == 0.5
    assert ranking.reciprocal(["x", "x", "b"], {"a", "b"}) == pytest.approx(1 / 3)


@given(
    st.permutations("abcdefghijkl"),
    st.dictionaries(st.sampled_from("abcdefghijkl"), st.integers(1, 3), min_size=1),
)
def test_no_order_beats_that_of_the_grades(order: list[str], grades: dict[str, int]) -> None:
    best = sorted(grades, key=lambda p: -grades[p])
    assert 0 <= ranking.ndcg(order, grades) <= ranking.ndcg(best, grades) + 1e-9 == pytest.approx(1)


def test_a_better_method_has_a_ratio_above_one_and_what_nothing_fits_is_counted_apart() -> None:
    queries = [Graded(query=f"q{i}", grades=GRADES, need=f"n{i // 2}", kind="plain") for i in range(12)]
    queries.append(Graded(query="laptop"))
    good = [["a", "b", "c"]] * 12 + [[]]
    poor = [["x", "c", "a"]] * 6 + [["c", "b", "a"]] * 6 + [["a"]]
    found = ranking.figures(queries, {"ours": good, "other": poor}, "ours")
    ours, other = found["methods"]["ours"], found["methods"]["other"]
    assert ours["ndcg_at_10"] == {"value": 1.0, "interval": [1.0, 1.0], "n": 12}
    low, high = other["ndcg_at_10"]["interval"]
    assert low < other["ndcg_at_10"]["value"] < high < 1
    assert found["ratio"]["other"]["interval"][0] > 1
    assert (
        ours["silent_where_nothing_fits"]["value"] == 1 and other["silent_where_nothing_fits"]["value"] == 0
    )
    assert other["recall_at_10"]["value"] == pytest.approx(0.75) and other["zero_results"]["value"] == 0
    assert "1.000 [1.000, 1.000]" in ranking.table(found)


def test_files_of_every_kind_say_the_same(tmp_path: Path) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(
        '{"query": "red dress", "grades": {"a": 3, "b": 1}}\n\n{"query": "冰箱", "grades": {}}\n', "utf-8"
    )
    triples = tmp_path / "triples.jsonl"
    triples.write_text(
        '{"query": "red dress", "product": "a", "grade": 3}\n{"query": "冰箱"}\n'
        '{"query": "red dress", "product": "b", "grade": 1}\n{"query": "red dress", "product": "c", "grade": 0}\n',
        "utf-8",
    )
    tabs = tmp_path / "tabs.tsv"
    tabs.write_text("query\tproduct\tgrade\nred dress\ta\t3\nred dress\tb\t1\n冰箱\t\t0\n", "utf-8-sig")
    read = [ranking.read(path) for path in (lines, triples, tabs)]
    assert read[0] == read[1] == read[2]
    assert [(q.query, q.grades, q.lang) for q in read[0]] == [
        ("red dress", {"a": 3, "b": 1}, "en"),
        ("冰箱", {}, "zh"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"query": "x", "product": "a", "grade": "much"}', ":1: grade"),
        ('{"query": "x", "grades": {}}\n{"grades": {"a": 1}}', ":2: "),
        ("not json", ":1: "),
        ("[1]", ":1: not an object"),
        ("", "no graded queries"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "graded.jsonl"
    path.write_text(text, "utf-8")
    with pytest.raises(BadGrades, match=told):
        ranking.read(path)


def test_the_graded_file_is_what_the_rules_say(assistant: Assistant) -> None:
    products = [p.model_dump(mode="json") for p in assistant.products()]
    kept = [json.loads(line) for line in GRADED.read_text("utf-8").splitlines()]
    assert kept == list(graded(products))
    halves = [part(need["need"]) for need in needs()]
    assert len(kept) >= 320 and 0.4 < halves.count("held") / len(halves) < 0.6
    assert all(3 in q["grades"].values() for q in kept if q["kind"] != "none")


def test_search_is_measured_against_the_others_in_one_run(demo_data: Path, tmp_path: Path) -> None:
    chosen = GRADED.read_text("utf-8").splitlines()[:12:3]
    path = tmp_path / "some.jsonl"
    path.write_text("\n".join([*chosen, '{"query": "冰箱", "grades": {}}']), "utf-8")
    result = CliRunner().invoke(app, ["eval", "search", str(path), "--data", str(demo_data), "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert set(found["methods"]) == {"daogou", "bm25", "text_vectors", "langchain"}
    assert found["answered"] == 4 and found["nothing_fits"] == 1
    ours = found["methods"]["daogou"]
    assert ours["ndcg_at_10"]["value"] > 0.7 and ours["silent_where_nothing_fits"]["value"] == 1
    assert found["methods"]["langchain"]["silent_where_nothing_fits"]["value"] == 0
    table = CliRunner().invoke(app, ["eval", "search", str(path), "--data", str(demo_data)])
    assert "ndcg_at_10" in table.stdout and "langchain" in table.stdout


def test_a_file_without_queries_of_a_part_is_refused(demo_data: Path) -> None:
    result = CliRunner().invoke(
        app, ["eval", "search", str(GRADED), "--part", "none", "--data", str(demo_data)]
    )
    assert result.exit_code == 1 and "no graded queries" in result.output


def test_a_file_that_is_none_of_graded_queries_is_told_what_is_expected() -> None:
    with pytest.raises(
        ranking.BadGrades, match=r"search_queries\.jsonl:1: no query.*grades.*search_graded\.jsonl"
    ):
        ranking.read(Path(__file__).parent / "data" / "search_queries.jsonl")
