"""How like a photo what is found by it is: by hand, and at the command line on drawn snapshots."""

import json
from pathlib import Path
from typing import Any

import pytest
from evals_samples import DRAWN, drawn, labelled_folder
from typer.testing import CliRunner

from ui.cli import app
from ui.evals import alike
from ui.evals.alike import Thing
from ui.evals.labels import Label

SHOP = {
    "red dress": Thing("dress", "red"),
    "pink dress": Thing("dress", "pink"),
    "green dress": Thing("dress", "green"),
    "red boots": Thing("boots", "red"),
    "navy boots": Thing("boots", "navy"),
    "a sofa": Thing("sofa", None),
}


def label(category: str, *colors: str, product: str | None = None) -> Label:
    return Label.model_validate(
        {"file": "p.jpg", "class": category, "colors": list(colors), "product": product}
    )


def test_the_figures_of_a_ranking_are_shares_of_the_first() -> None:
    labels = [label("dress", "red"), label("shoes", "red", "navy"), label("hat", "red")]
    good = [["red dress", "pink dress"], ["red boots", "navy boots"], ["a sofa", "red boots"]]
    poor = [["a sofa", "green dress"], ["red dress", "navy boots"], []]
    found = alike.figures(labels, {"ours": good, "other": poor}, SHOP, "ours", k=2)
    ours, other, most = (found["methods"][name] for name in ("ours", "other", "possible"))
    assert {name: figure["n"] for name, figure in ours.items()} == {
        "category_and_color": 2,  # no hat is sold: nobody can find one
        "category_and_near_color": 2,
        "category": 2,
        "color": 3,
    }
    assert ours["category"]["value"] == 1 and other["category"]["value"] == 0.5  # boots are shoes
    assert ours["category_and_color"]["value"] == 0.5 == most["category_and_color"]["value"]
    assert ours["category_and_near_color"]["value"] == 0.75  # pink is near to red
    assert ours["color"]["value"] == 0.5 and other["color"]["value"] == pytest.approx(0.5 / 3, abs=1e-4)
    assert other["category_and_color"]["value"] == 0 and "other" not in found["ratio"]
    assert "possible" in alike.table(found)


def test_the_photo_s_own_product_is_nothing_that_could_be_found() -> None:
    labels = [label("dress", "red", product="red dress"), label("boots", "red", product="red boots")]
    found = alike.figures(labels, {"ours": [["pink dress"], ["navy boots"]]}, SHOP, "ours", k=1)
    assert found["methods"]["possible"]["category"]["n"] == 2
    assert found["methods"]["possible"]["category_and_color"]["n"] == 0
    assert found["methods"]["ours"]["category_and_color"]["value"] is None
    assert "—" in alike.table(found)


def test_photos_are_measured_beside_raw_pixels_in_one_run(demo_data: Path, tmp_path: Path) -> None:
    folder = labelled_folder(tmp_path)
    lines = [json.loads(line) for line in (folder / "attributes.jsonl").read_text("utf-8").splitlines()]
    lines[0]["product"] = drawn(*DRAWN[0]).id
    (folder / "attributes.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    args = ["eval", "photos", str(folder), "--data", str(demo_data)]
    result = CliRunner().invoke(app, [*args, "--json"])
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    methods = found["methods"]
    assert set(methods) == {"daogou", "photo_vectors", "raw_pixels", "possible"}
    assert found["photos"] == methods["daogou"]["category"]["n"] == len(DRAWN)
    for name in ("category_and_color", "category", "color"):
        assert methods["raw_pixels"][name]["value"] <= methods["possible"][name]["value"]
        assert methods["daogou"][name]["value"] <= methods["possible"][name]["value"]
    assert methods["daogou"]["category"]["value"] > methods["raw_pixels"]["category"]["value"]
    low, high = methods["daogou"]["category"]["interval"]
    assert low <= methods["daogou"]["category"]["value"] <= high
    table = CliRunner().invoke(app, [*args, "--limit", "1"]).stdout
    assert "P@5" in table and "raw_pixels" in table


def test_a_folder_without_categories_is_refused(demo_data: Path, tmp_path: Path) -> None:
    folder = labelled_folder(tmp_path)
    (folder / "attributes.jsonl").write_text('{"file": "photos/0.jpg"}\n', "utf-8")
    result = CliRunner().invoke(app, ["eval", "photos", str(folder), "--data", str(demo_data)])
    assert result.exit_code == 1 and "photo" in result.output
