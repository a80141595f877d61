"""Every dialog script here, in every language it is written in. `daogou test tests/dialogs` runs the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.dialogs import runner
from ui.dialogs.script import Lang, Script, collect

SCRIPTS = collect([Path(__file__).parent / "dialogs"])
RUNS = [(s, lang, n) for s in SCRIPTS for lang in s.langs() for n in range(1, s.runs.n + 1)]


@pytest.fixture(scope="module")
def shops(demo_data: Path) -> Iterator[runner.Shops]:
    with runner.shops(demo_data) as made:
        yield made


@pytest.mark.parametrize(
    ("script", "lang", "number"), RUNS, ids=[f"{s.id}-{lang}-{n}" for s, lang, n in RUNS]
)
def test_dialog(script: Script, lang: Lang, number: int, shops: runner.Shops) -> None:
    if script.model.startswith("live:"):
        pytest.skip("needs a model provider: run it with `daogou test`")
    result = runner.run(script, lang, shops, number)
    replies = "\n".join(f"  {t.number} {t.text!r} → {t.reply!r}" for t in result.turns)
    assert result.passed, "\n".join([script.why, *result.why(), replies])


def test_enough_scripts_in_both_languages() -> None:
    both = [s for s in SCRIPTS if len(s.langs()) == 2]
    assert len(both) >= 16
    assert all(s.why for s in SCRIPTS)
