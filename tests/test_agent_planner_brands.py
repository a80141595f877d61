"""Brands that no shop's list knows."""

import pytest

from agent.planner.brands import meant, named
from training.utterances import context


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("do you have anything by Velvet Moon?", ["Velvet Moon"]),
        ("black t-shirts from Hale & Sons please", ["Hale & Sons"]),
        ("the brand is Acme", ["Acme"]),
        ("Mira牌的有吗", ["Mira"]),
        ("I need it by Friday", []),
        ("does it ship from China", []),
        ("something by tomorrow", []),
        ("", []),
    ],
)
def test_names_said_to_be_brands(text: str, names: list[str]) -> None:
    assert named(text) == names


def test_that_brand_is_the_one_that_is_talked_about() -> None:
    state, _ = context("list")
    assert meant("something else by that brand", state, ["P1"]) == ["Mori"]
    assert meant("something else by that brand", state, []) == []  # two brands were shown
    state.focus = ["P2"]
    assert meant("narrow it down to that brand", state, []) == ["Northlane"]
    assert meant("这个牌子的衬衫呢", state, []) == ["Northlane"]
    assert meant("which brand is it?", state, []) == []
