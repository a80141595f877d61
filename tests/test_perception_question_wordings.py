"""Questions in shoppers' own wordings (tests/data/questions.yaml): how many are read rightly, in both halves."""

import pytest
from question_cases import score


@pytest.mark.parametrize(("part", "least"), [("build", 0.98), ("held", 0.93)])
def test_wordings_are_read(part: str, least: float) -> None:
    right, total, wrong = score(part)
    assert total >= 100 and right / total >= least, "\n".join(wrong)
