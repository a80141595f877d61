"""What may be a size or a quantity."""

import pytest

from agent.planner.counts import candidates
from agent.planner.lexicon import Lexicon
from agent.planner.understand import read


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("number four medium", {"M"}),
        ("blue one, M, life is short", {"M"}),
        ("will 41 in the boots fit", {"41"}),
        ("那凑合M咯", {"M"}),
        ("要中号的", {"M"}),
        ("two larges of it", {"L"}),
        ("i'm from the us", set()),
    ],
)
def test_sizes_are_candidates(text: str, sizes: set[str]) -> None:
    found = {c.size for c in candidates(read(text, Lexicon()))}
    assert sizes <= found
    assert sizes or not found


@pytest.mark.parametrize(
    ("text", "count"), [("back to one t shirt", 1), ("up the sneakers to three pairs", 3), ("一件就够了", 1)]
)
def test_quantities_are_candidates(text: str, count: int) -> None:
    assert count in {c.quantity for c in candidates(read(text, Lexicon()))}


def test_an_amount_of_money_is_no_candidate() -> None:
    assert not candidates(read("under $50 please", Lexicon()))
