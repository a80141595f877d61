"""`daogou tune --outfits`: kept only if better than the rules, gone back from, refused where there is too little."""

import json
import shutil
from pathlib import Path

import pytest
import tastes
from click.testing import Result
from filelock import FileLock
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from tools.styling.learned import Compatibility
from tools.styling.piece import Piece
from tools.styling.score import pair
from ui.cli import app

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


def daogou(shop: Path, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--data", str(shop)])


def wrote(path: Path, shop: Path, trait: tastes.Trait, count: int, seed: int = 0) -> Path:
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    try:
        pieces = [piece for p in assistant.products() if (piece := Piece.of(p)).slot]
    finally:
        assistant.close()
    rows = tastes.looks(pieces, count, trait, strength=3, seed=seed)
    ids = [[piece.product.id for n in row if (piece := pieces[n]).product] for row in rows]
    path.write_text("".join(json.dumps({"items": i}) + "\n" for i in ids), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tuned(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """A shop that learned a taste, and what it said of it."""
    folder = tmp_path_factory.mktemp("tune-looks")
    shop = Path(shutil.copytree(pristine, folder / "shop"))
    looks = wrote(folder / "looks.jsonl", shop, tastes.main_color, 260)
    with looks.open("a", encoding="utf-8") as file:
        file.write('not JSON\n{"items": ["P-nowhere", "Q"]}\n')
    done = daogou(shop, "tune", "--outfits", str(looks), "--json")
    assert done.exit_code == 0, done.stderr
    return shop, json.loads(done.stdout)


def test_a_taste_is_kept_and_scores_with_the_rules(tuned: tuple[Path, dict[str, object]]) -> None:
    shop, told = tuned
    assert told["kept"] is True and told["better_than_rules"] is True
    gain = told["gain"]
    assert isinstance(gain, dict) and max(g["low"] for g in gain.values()) > 0
    assert told["train"] + told["stop"] + told["held_out"] == told["looks"]  # type: ignore[operator]
    assert [(r["line"], r["code"]) for r in told["left_out"]] == [(261, "not_json"), (262, "all_unknown")]  # type: ignore[attr-defined]
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    try:
        learned = Compatibility.of(assistant.shop)
        assert learned is not None and learned.weight == told["weight"]
        pieces = [Piece.of(p) for p in assistant.products()]
        top, trousers = (next(p for p in pieces if p.slot == slot) for slot in ("top", "bottom"))
        assert pair(top, trousers, learned).score != pair(top, trousers).score
        late = next(assistant.products()).model_copy(update={"id": "late"})
        assistant.shop.upsert([late])
        assert learned.score(Piece.of(late), trousers if Piece.of(late).slot != "bottom" else top) is not None
        assert ("late", late.images[0]) in learned._later
        assistant.shop.delete(["late"])
    finally:
        assistant.close()


def test_status_in_both_languages_and_back(tuned: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    shop = Path(shutil.copytree(tuned[0], tmp_path / "shop"))
    status = json.loads(daogou(shop, "tune", "--status", "--json").stdout)
    assert status["tuned"] is False
    assert (status["looks"]["tuned"], status["looks"]["usable"]) == (True, True)
    assert status["looks"]["figures"] == tuned[1]["figures"]
    assert str(tuned[1]["id"]) in daogou(shop, "tune", "--status").stdout
    assert "搭配在用" in daogou(shop, "tune", "--status", "--lang", "zh").stdout
    back = json.loads(daogou(shop, "tune", "--outfits-back", "--json").stdout)
    assert back == {"tuned": False, "went_back": True}
    assert json.loads(daogou(shop, "tune", "--outfits-back", "--json").stdout)["went_back"] is False
    assert "by the rules alone" in daogou(shop, "tune", "--status").stdout


def test_looks_by_chance_are_refused_and_change_nothing(
    tuned: tuple[Path, dict[str, object]], tmp_path: Path
) -> None:
    shop = Path(shutil.copytree(tuned[0], tmp_path / "shop"))
    looks = wrote(tmp_path / "chance.jsonl", shop, tastes.by_chance, 150, seed=5)
    done = daogou(shop, "tune", "--outfits", str(looks))
    assert done.exit_code == 0, done.stderr
    assert "Not kept, nothing was changed" in done.stdout and "rules alone" in done.stdout
    kept = json.loads(daogou(shop, "tune", "--status", "--json").stdout)["looks"]
    assert kept["id"] == tuned[1]["id"]


@pytest.mark.parametrize("content", ['{"items": ["P0001", "P0002"]}\n' * 60, "", "\n{\n"])
def test_too_few_looks(demo_data: Path, tmp_path: Path, content: str) -> None:
    (tmp_path / "few.jsonl").write_text(content, encoding="utf-8")
    done = daogou(demo_data, "tune", "--outfits", str(tmp_path / "few.jsonl"), "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["error"]["code"] == "too_few_looks"
    assert "at least 50" in done.stderr


def test_what_cannot_be_done(demo_data: Path, demo_copy: Path, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.jsonl", tmp_path):
        done = daogou(demo_data, "tune", "--outfits", str(path), "--json")
        assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (1, "bad_looks")
    looks = tmp_path / "looks.jsonl"
    looks.write_text("{}\n", encoding="utf-8")
    with FileLock(demo_copy / "tune.lock"):
        done = daogou(demo_copy, "tune", "--outfits", str(looks), "--json")
    assert json.loads(done.stdout)["error"]["code"] == "tune_running"
    assert daogou(demo_data, "tune", "--outfits", str(looks), "--status").exit_code == 2
    empty = daogou(tmp_path / "new", "tune", "--outfits", str(looks), "--json")
    assert json.loads(empty.stdout)["error"]["code"] == "empty_shop"
