"""Every dialog script here, in every language it is written in. `daogou test tests/dialogs` runs the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ui.dialogs import fixtures, report, runner
from ui.dialogs.draws import shuffled
from ui.dialogs.fixtures import Shops
from ui.dialogs.reading import collect
from ui.dialogs.script import Lang, Script

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")
SCRIPTS = collect([Path(__file__).parent / "dialogs"])
GROUPS = [(s, lang) for s in SCRIPTS for lang in s.langs()]


@pytest.fixture(scope="module")
def shops(demo_data: Path) -> Iterator[Shops]:
    with fixtures.shops(demo_data) as made:
        yield made


@pytest.mark.parametrize(
    ("script", "lang"),
    shuffled(GROUPS, 0, 1),
    ids=lambda value: value.id if isinstance(value, Script) else value,
)
def test_dialog(script: Script, lang: Lang, shops: Shops) -> None:
    if script.model.startswith("live:"):
        pytest.skip("needs a model provider: run it with `daogou test`")
    count = script.runs.n
    group = report.Group([runner.run(script, lang, shops, number, count) for number in range(1, count + 1)])
    told = [line for run in group.runs if not run.passed for line in report.transcript(run)]
    assert not group.surprising, f"it passes: take known_failure away ({group.excuse})"
    assert group.good, "\n".join([script.why, *told])
    if group.excuse:
        pytest.xfail(group.excuse)


def test_enough_scripts_in_both_languages() -> None:
    assert len(SCRIPTS) >= 80
    assert len([s for s in SCRIPTS if len(s.langs()) == 2]) >= 70
    assert len([s for s in SCRIPTS if sum(t.user is not None for t in s.turns) > 10]) >= 12
    assert all(s.why for s in SCRIPTS)
