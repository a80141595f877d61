"""`daogou eval outfit`: of the demo shop without a folder, else of a folder in the Polyvore Outfits format."""

import json
from pathlib import Path

import make_outfits
import pytest
from click.testing import Result
from typer.testing import CliRunner

from agent.assistant import Assistant
from ui.cli import app
from ui.commands.eval_outfit import OURS

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")
SHIPPED = Path(OURS)


def daogou(data: Path, *args: str) -> Result:
    return CliRunner().invoke(app, ["eval", "outfit", *args, "--data", str(data)])


@pytest.fixture(scope="module")
def folder(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped set with pictures, but for one that is missing and one that is damaged."""
    place = tmp_path_factory.mktemp("polyvore")
    files = make_outfits.build(list(assistant.products()))
    few = {name: value[:2] if name == "fill_in_blank_test.json" else value for name, value in files.items()}
    few["compatibility_test.txt"] = "\n".join(files["compatibility_test.txt"].splitlines()[:2]) + "\n"
    make_outfits.write(place, few)
    from ui.evals import polyvore

    asked = sorted(polyvore.read(place).asked())
    make_outfits.pictures(assistant, asked[1:], place / "images")
    (place / "images" / f"{asked[1]}.jpg").write_bytes(b"\xff\xd8\xff nothing")
    return place


def test_the_shipped_set_is_what_the_script_makes_of_what_was_judged(
    assistant: Assistant, tmp_path: Path
) -> None:
    make_outfits.write(tmp_path, make_outfits.build(list(assistant.products())))
    for path in tmp_path.iterdir():
        assert path.read_text(encoding="utf-8") == (SHIPPED / path.name).read_text(encoding="utf-8"), (
            path.name
        )
    for name in ("pairs.jsonl", "looks.jsonl"):
        assert (make_outfits.JUDGED / name).read_bytes() == (SHIPPED / name).read_bytes()


def test_the_demo_shop_against_chance_and_the_judge(demo_data: Path) -> None:
    done = daogou(demo_data, "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["held"]["questions"] > 80 and found["held"]["looks"] == 105
    rules, chance = (found["held"]["methods"][name] for name in ("rules", "random"))
    assert rules["fitb"]["value"] > chance["fitb"]["value"] and rules["auc"]["interval"][0] > 0.5
    for name, n in (("pairs", 50), ("looks", 20)):
        held = found["agreement"][name]["rules"]["held"]["agreement"]
        assert held["n"] == n and held["value"] > 0.6
    told = daogou(demo_data).stdout
    assert "held: agreement" in told and "rules" in told


def test_a_folder_by_its_pictures_which_are_looked_at_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = daogou(tmp_path, str(folder), "--json")
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["questions"], found["looks"]) == (2, 2)
    assert found["pictures"] == found["items"] - 2
    assert set(found["methods"]) == {"random", "rules"}  # it has nothing to learn from
    monkeypatch.setattr("perception.eyes.Eyes._sight", None)  # who looks again fails
    again = json.loads(daogou(tmp_path, str(folder), "--json").stdout)
    assert again["methods"] == found["methods"]


def test_what_the_folder_teaches_is_learned(folder: Path, assistant: Assistant, tmp_path: Path) -> None:
    import shutil

    import tastes

    from tools.styling.piece import Piece

    place = Path(shutil.copytree(folder, tmp_path / "taught"))
    pieces = [piece for p in assistant.products() if (piece := Piece.of(p)).slot]
    names = [piece.product.id for piece in pieces if piece.product]
    made = [[names[n] for n in look] for look in tastes.looks(pieces, 90, tastes.main_color)]
    about = {
        n: {"title": n, "semantic_category": make_outfits.semantic(p.category)}
        for n, p in zip(names, pieces, strict=True)
    }
    sets = [{"set_id": f"T{n}", "items": [{"index": k, "item_id": i} for k, i in enumerate(look)]}
            for n, look in enumerate(made)]  # fmt: skip
    make_outfits.write(
        place, {"train.json": sets[:70], "valid.json": sets[70:], "polyvore_item_metadata.json": about}
    )
    for picture in list(
        (place / "images").iterdir()
    ):  # by what is told of them alone: no second is spent on looking
        picture.unlink()
    found = json.loads(daogou(tmp_path / "data", str(place), "--json").stdout)
    assert found["learned"]["train"] > 60 and found["pictures"] == 0
    assert set(found["methods"]) == {"random", "rules", "learned", "blend"} and set(found["gain"]) == {
        "learned",
        "blend",
    }


def test_another_shop_and_no_folder(tmp_path: Path, demo_copy: Path) -> None:
    from agent.settings import Settings

    opened = Assistant.open(Settings(data=demo_copy, model="offline"))
    opened.shop.delete(
        [json.loads((SHIPPED / "pairs.jsonl").read_text(encoding="utf-8").splitlines()[0])["items"][0]]
    )
    opened.close()
    for data, args, code in (
        (demo_copy, [], "other_shop"), (tmp_path / "new", [], "empty_shop"),
        (demo_copy, [str(tmp_path / "nowhere")], "no_such_folder"), (demo_copy, [str(tmp_path)], "bad_polyvore"),
    ):  # fmt: skip
        done = daogou(data, *args, "--json")
        assert (done.exit_code, json.loads(done.stdout)["error"]["code"]) == (1, code)
