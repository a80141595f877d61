"""Figures of ways to score looks: blanks, AUC with DeLong's interval, and the agreement with a judge."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.evals import outfits
from ui.evals.polyvore import Blank

BLANKS = [Blank(f"S{n // 2}", (("a", "good"), ("a", "b"), ("a", "c"), ("a", "d"))) for n in range(40)]
LOOKS = [(("x", "good"), True)] * 30 + [(("x", "y"), False)] * 30


def knows(look: Any) -> float:
    return float("good" in look)


def test_who_knows_who_guesses_and_who_cannot_tell() -> None:
    found = outfits.figures({"rules": lambda look: 0.5, "learned": knows}, BLANKS, LOOKS)
    same, sure = found["methods"]["rules"], found["methods"]["learned"]
    assert (same["fitb"]["value"], same["auc"]["value"]) == (0.25, 0.5)  # a tie of four is a guess
    assert (sure["fitb"]["value"], sure["auc"]["value"], sure["fitb"]["n"]) == (1.0, 1.0, 40)
    assert found["gain"]["learned"]["fitb"]["value"] == 0.75
    assert found["gain"]["learned"]["auc"]["interval"][0] > 0
    assert "learned" in outfits.table(found)


def test_without_looks_of_both_kinds_there_is_no_auc() -> None:
    found = outfits.figures({"rules": knows}, [], LOOKS[:30])
    assert found["methods"]["rules"] == {
        "fitb": {"value": None, "interval": [None, None], "n": 0},
        "auc": {"value": None, "interval": [None, None], "n": 30},
    }
    assert outfits.table(found)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_the_auc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    scores, good = np.array([float(s) for s, _ in rows]), np.array([g for _, g in rows])
    found = outfits.auc(scores, good)
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[good] for b in scores[~good]]
    if not pairs:
        assert found["value"] is None
        return
    assert found["value"] == pytest.approx(sum(pairs) / len(pairs), abs=1e-4)
    assert 0 <= found["interval"][0] <= found["value"] <= found["interval"][1] <= 1
    assert outfits.auc_gain(scores, scores, good)["value"] == 0


def test_delongs_interval_is_that_of_a_bootstrap() -> None:
    draw = np.random.default_rng(0)
    good = np.arange(300) < 120
    scores = draw.normal(size=300) + good
    found = outfits.auc(scores, good)
    drawn = []
    for _ in range(400):
        some = np.concatenate(
            [draw.choice(np.flatnonzero(good), 120), draw.choice(np.flatnonzero(~good), 180)]
        )
        drawn.append(outfits.auc(scores[some], good[some])["value"])
    low, high = np.percentile(drawn, [2.5, 97.5])
    assert math.isclose(found["interval"][0], low, abs_tol=0.02)
    assert math.isclose(found["interval"][1], high, abs_tol=0.02)


def test_questions_of_one_set_are_drawn_together() -> None:
    values = np.array([1.0, 1, 1, 1, 0, 0, 0, 0])
    apart = outfits.resampled(values, [str(n) for n in range(8)])["interval"]
    together = outfits.resampled(values, ["a"] * 4 + ["b"] * 4)["interval"]
    assert together == [0.0, 1.0] and apart[0] > 0 and apart[1] < 1


def test_the_line_is_drawn_on_the_seen_rows_alone() -> None:
    def row(score: float, label: str, split: str) -> dict[str, Any]:
        return {"id": f"{score}{split}", "items": [str(score)], "label": label, "split": split}

    seen = [row(s, "good" if s > 0.45 else "bad", "seen") for s in (0.1, 0.2, 0.3, 0.6, 0.7, 0.8)]
    held = [
        row(0.5, "bad", "held"),
        row(0.9, "good", "held"),
        row(0.05, "bad", "held"),
        row(0.55, "good", "held"),
    ]
    found = outfits.agreement(lambda look: float(look[0]), [*seen, *held], (0.6, 0.4))
    assert found["line"] == pytest.approx(0.45)
    assert found["seen"]["agreement"]["value"] == 1.0 and found["misses"] == []
    assert found["held"]["agreement"]["value"] == 0.75  # the bad one at 0.5
    assert found["held"]["told"]["value"] == 1.0 and found["held"]["told"]["n"] == 2
    assert found["held"]["auc"]["value"] == 1.0
