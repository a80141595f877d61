"""The figures of `daogou eval`, against values worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.evals import statistics as figures


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (322, 341, 0.9147, 0.9640)],
)
def test_wilson_interval(right: int, n: int, low: float, high: float) -> None:
    assert figures.wilson(right, n) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_nothing_counted_is_nothing_known() -> None:
    assert figures.share(0, 0) == {"value": None, "interval": [0.0, 1.0], "n": 0}
    assert figures.counted([]) == figures.share(0, 0)
    assert figures.macro_f1([]) is None
    assert figures.calibration([]) == {"ece": None, "n": 0, "bins": []}
    assert figures.yes_no([])["f1"] is None


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(case: tuple[int, int]) -> None:
    right, n = case
    low, high = figures.wilson(right, n)
    assert 0 <= low <= right / n + 1e-12 and right / n - 1e-12 <= high <= 1


def test_macro_f1() -> None:
    # a: 2 true, 2 told, 1 both → 0.5; b: 1 true, 2 told, 1 both → 2/3; c: 1 true, never told → 0
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("c", "a")]
    assert figures.macro_f1(pairs) == pytest.approx((0.5 + 2 / 3 + 0) / 3)


def test_a_value_that_is_never_true_costs_only_recall() -> None:
    assert figures.macro_f1([("a", "a"), ("a", "x")]) == pytest.approx(2 / 3)


def test_confusion_has_truths_as_rows_in_the_order_given() -> None:
    table = figures.confusion([("b", "a"), ("b", "b"), ("b", "b"), ("a", "z")], ["b", "a"])
    assert table == {"values": ["b", "a", "z"], "rows": [[2, 1, 0], [0, 0, 1], [0, 0, 0]]}


def test_calibration() -> None:
    # 0.9–1.0: two cases of 0.95, one right: off by 0.45; 0.6–0.7: two of 0.6, both right: off by 0.4
    found = figures.calibration([(0.95, True), (0.95, False), (0.6, True), (0.6, True)])
    assert found["ece"] == pytest.approx(0.5 * 0.45 + 0.5 * 0.4)
    assert [(row["from"], row["n"], row["accuracy"]) for row in found["bins"]] == [
        (0.6, 2, 1.0),
        (0.9, 2, 0.5),
    ]


def test_full_confidence_falls_into_the_last_bin() -> None:
    assert figures.calibration([(1.0, True)])["bins"][0]["to"] == 1.0


def test_yes_no_counts_unknown_as_no_and_apart() -> None:
    answers = [(True, True), (True, None), (True, True), (False, True), (False, False), (False, None)]
    found = figures.yes_no(answers)
    assert (found["accuracy"], found["precision"], found["recall"]) == (0.6667, 0.6667, 0.6667)
    assert (found["f1"], found["yes_ratio"], found["unknown"]["value"]) == (0.6667, 0.5, 0.3333)
    # of the four answered: one wrong yes
    assert found["answered"]["accuracy"] == 0.75
    assert (found["answered"]["recall"], found["answered"]["f1"]) == (1.0, 0.8)


def test_never_yes_has_no_precision() -> None:
    found = figures.yes_no([(True, False), (False, False)])
    assert (found["precision"], found["recall"], found["f1"], found["yes_ratio"]) == (None, 0.0, 0.0, 0.0)


def test_iou() -> None:
    assert figures.iou((0, 0, 1, 1), (0, 0, 1, 1)) == 1
    assert figures.iou((0, 0, 0.5, 1), (0, 0, 1, 1)) == 0.5
    assert figures.iou((0, 0, 0.5, 0.5), (0.25, 0, 0.75, 0.5)) == pytest.approx(1 / 3)
    assert figures.iou((0, 0, 0.4, 1), (0.4, 0, 1, 1)) == 0


def test_matching_is_one_to_one_and_takes_the_best_first() -> None:
    overlaps = {(0, 0): 0.6, (1, 0): 0.9, (1, 1): 0.55, (0, 1): 0.3}
    assert figures.matched(overlaps, 0.5) == {1: 0}
    assert figures.matched(overlaps, 0.25) == {1: 0, 0: 1}


def test_spread() -> None:
    assert figures.spread([30.0, 10.0, 20.0]) == {"median_ms": 20.0, "p95_ms": 20.0}
    assert not math.isnan(figures.spread([5.0])["p95_ms"])
