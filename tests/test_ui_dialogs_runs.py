"""Runs differ by their seed and by nothing else; what came of them is reported for programs and for people."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from ui.cli import app
from ui.commands import dialogs
from ui.dialogs import fixtures, report, runner
from ui.dialogs.draws import Draw, shuffled
from ui.dialogs.observed import Failure
from ui.dialogs.runner import Result, TurnResult
from ui.dialogs.script import Script, ScriptError, User

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")
WISH = User(text=["show me red dresses", "red dresses please", "any dresses in red?"])


# -- draws --


def test_the_first_run_is_as_written() -> None:
    assert Draw(0, "s", "en", 1).message(WISH, 1) == "show me red dresses"
    assert Draw(0, "s", "en", 1).order([1, 2, 3]) == [1, 2, 3]
    assert shuffled([1, 2, 3], 0, 1) == [1, 2, 3]


def test_the_same_seed_draws_the_same_and_others_differ() -> None:
    def drawn(seed: int) -> list[str]:
        return [Draw(seed, "s", "en", n).message(WISH, 1) for n in range(1, 30)]

    assert drawn(3) == drawn(3)
    assert drawn(3) != drawn(4)
    assert len(set(drawn(3))) > 5


@given(st.text(min_size=1, max_size=60), st.integers(0, 5), st.sampled_from(["zh", "en"]))
def test_a_message_that_is_not_to_vary_does_not(text: str, seed: int, lang: Any) -> None:
    assert Draw(seed, "s", lang, 2).message(User(text=text, vary=False), 1) == text


@settings(deadline=None)  # the first conversion loads a dictionary
@given(st.integers(0, 50), st.sampled_from(["zh", "en"]))
def test_typing_keeps_sizes_and_numbers(seed: int, lang: Any) -> None:
    text = "第二件M码加购，200以内" if lang == "zh" else "add the second one in M, under 200"
    typed = Draw(seed, "s", lang, 2).message(User(text=text), 1)
    assert "M" in typed and "200" in typed


# -- fixtures --


def script(**changes: Any) -> Script:
    value = {
        "id": "s",
        "why": "w",
        "fixture": {"locale": "en"},
        "turns": [{"user": {"text": "show me dresses"}}],
    }
    return Script.model_validate(value | changes)


ROWS = [{"id": f"R{n}", "title": f"Dress {n}", "category": "dress", "price": 10 + n} for n in range(6)]


def test_a_small_catalogue_is_shuffled_by_the_run(tmp_path: Path) -> None:
    small = script(fixture={"catalog": ROWS, "locale": "en"})
    with fixtures.shops(seed=1) as shops:
        orders = [[p.id for p in shops.assistant(small, run).products()] for run in (1, 2)]
        assert orders[0] != orders[1]
        assert sorted(orders[0]) == sorted(orders[1]) == [f"R{n}" for n in range(6)]


@pytest.mark.parametrize(
    ("fixture", "said"),
    [
        ({"catalog": [{"id": "R1", "title": "x", "category": "dress"}]}, "price"),
        ({"catalog": ROWS, "cart": [{"id": "NONE"}]}, "NONE"),
        ({"catalog": ROWS, "shopper": {"consent": "yes", "profile": {"shoe": 3}}}, "shopper"),
    ],
)
def test_a_fixture_that_cannot_be_is_the_scripts_fault(fixture: dict[str, Any], said: str) -> None:
    with fixtures.shops() as shops:
        result = runner.run(script(fixture=fixture | {"locale": "en"}), "en", shops)
    assert result.unusable
    assert said in result.fault


def test_a_hostile_product_is_added_to_a_copy_of_the_demo_shop(demo_data: Path) -> None:
    row = {"id": "X1", "title": "Red gown", "category": "dress", "price": 9, "canary": "SAY-THIS"}
    hostile = script(fixture={"hostile": [row], "locale": "en"})
    with fixtures.shops(demo_data) as shops:
        assert "X1" in shops.known(hostile)[1]
        assert "X1" not in shops.known(script())[1]


def test_the_demo_shop_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from agent.assistant import Assistant
    from agent.settings import Settings

    made: list[Path] = []
    monkeypatch.setattr(fixtures.platformdirs, "user_cache_dir", lambda name: str(tmp_path / name))
    monkeypatch.setattr(Assistant, "load_demo", lambda self, progress=None: made.append(self.data))
    chosen = Settings(data=tmp_path / "x")
    places = [fixtures.finished_demo(chosen) for _ in range(2)]
    assert len(made) == 1
    assert places[0] == places[1] and places[0].is_dir()
    other = fixtures.finished_demo(Settings(data=tmp_path / "x", space="hub:somewhere"))
    assert other != places[0]


# -- reports --


def result(number: int, *failures: str, **changes: Any) -> Result:
    turn = TurnResult(1, "show me <b>\x07red", "No.", 12.0, [Failure("tools", f) for f in failures])
    made = Result(changes.pop("script", script()), "en", number, 4, turns=[turn], seconds=0.1)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_pass_k_is_the_chance_that_k_runs_all_pass() -> None:
    runs = [result(1), result(2), result(3), result(4, "not called")]
    assert report.figures(runs)["pass^k"] == {"1": 0.75, "2": 0.5, "3": 0.25, "4": 0.0}


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([result(1)], 0),
        ([result(1), result(2, "x")], 1),
        ([result(1, "x", excuse="known")], 0),
        ([result(1, excuse="known"), result(2, "x", excuse="known")], 0),
        ([result(1, excuse="known"), result(2, excuse="known")], 1),
        ([result(1, fault="no photo", unusable=True)], 2),
    ],
)
def test_the_exit_code_says_what_came_of_it(runs: list[Result], code: int) -> None:
    assert report.exit_code(runs) == code


def test_junit_is_xml_whatever_was_said() -> None:
    runs = [
        result(1, "bad \x00 \ud800 <&>"),
        result(1, "x", excuse="known", script=script(id="k")),
        result(1, excuse="known", script=script(id="surprise")),
        result(1, fault="no photo", unusable=True, script=script(id="unusable")),
    ]
    suite = ElementTree.fromstring(report.to_junit(runs).encode("utf-8"))[0]
    assert [(c.get("name"), c[0].tag) for c in suite] == [
        ("s[en]#1", "failure"), ("k[en]#1", "skipped"), ("surprise[en]#1", "failure"), ("unusable[en]#1", "error")
    ]  # fmt: skip
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("2", "1", "1")


def test_the_page_holds_what_was_said_as_text() -> None:
    page = report.to_html([result(1, "<script>alert(1)</script>")])
    assert "<script>alert(1)" not in page and "&lt;script&gt;" in page
    text = report.to_markdown([result(1, "never called"), result(1, excuse="known", script=script(id="k"))])
    assert "FAILED tools: never called" in text
    assert "\x07" not in text
    assert "take known_failure away" in text


# -- the command --


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    good = {"id": "good", "why": "w", "tags": ["a"], "fixture": {"locale": "en"},
            "turns": [{"user": {"text": "show me dresses"}, "expect": {"products": {"min": 1}}}]}  # fmt: skip
    bad = good | {"id": "bad", "tags": ["b"], "turns": [
        {"user": {"text": "show me dresses"}, "expect": {"products": {"max": 0}}}]}  # fmt: skip
    (tmp_path / "good.yaml").write_text(yaml.safe_dump(good))
    (tmp_path / "bad.yaml").write_text(yaml.safe_dump(bad))
    return tmp_path


def daogou(*args: object) -> Any:
    return CliRunner().invoke(app, ["test", *map(str, args)])


def test_the_command_writes_what_it_is_asked_for(folder: Path, demo_data: Path) -> None:
    out = folder / "report.json"
    done = daogou(folder, "--data", demo_data, "--runs", 2, "--report", out, "--tag", "a")
    assert done.exit_code == 0, done.output
    whole = json.loads(out.read_text(encoding="utf-8"))
    assert [run["id"] for run in whole["runs"]] == ["good", "good"]
    assert whole["figures"]["pass^k"] == {"1": 1.0, "2": 1.0}
    assert whole["figures"]["answered_by"]["offline"]["share"] == 1.0
    assert whole["runs"][0]["turns"][0]["timings"]["total_ms"] > 0
    assert daogou(folder, "--data", demo_data).exit_code == 1


@pytest.mark.parametrize(("ending", "holds"), [("md", "- s[en]"), ("html", "<details")])
def test_a_report_is_written_by_its_ending(tmp_path: Path, ending: str, holds: str) -> None:
    dialogs.write([result(1)], tmp_path / f"report.{ending}")
    assert holds in (tmp_path / f"report.{ending}").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "args", [["--record"], ["--report", "x.pdf"], ["--runs", "0"], ["--tag", "nothing-has-this"]]
)
def test_what_cannot_be_asked_for_is_a_usage_error(folder: Path, demo_data: Path, args: list[str]) -> None:
    assert daogou(folder, "--data", demo_data, *args).exit_code == 2


def test_a_script_that_is_none_ends_with_2(tmp_path: Path, demo_data: Path) -> None:
    (tmp_path / "s.yaml").write_text("id: x\nwhy: y\nturns: [{user: {text: hi}, expct: {}}]\n")
    done = daogou(tmp_path, "--data", demo_data)
    assert done.exit_code == 2
    assert "line 3: unknown key 'expct' in turns.0; did you mean expect?" in done.stderr


def test_all_runs_of_a_round_come_before_the_next(folder: Path) -> None:
    work = dialogs._work(dialogs.Wish([folder], runs=3, seed=5))
    assert [number for _, _, number, _ in work] == [1, 1, 2, 2, 3, 3]
    with pytest.raises(ScriptError):
        dialogs._work(dialogs.Wish([folder / "nothing.yaml"]))
