"""Pictures looked at by the workers of a Ray cluster: the same shop in the end."""

import json
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from store.products import Products
from ui.cli import app


def feed(folder: Path) -> Path:
    """Twelve garments with pictures of their own, one of which cannot be read."""
    rows = []
    for number in range(12):
        picture = Image.new("RGB", (160, 200), "white")
        shade = (20 * number, 250 - 20 * number, 90)
        ImageDraw.Draw(picture).rectangle((40, 30, 120, 170), fill=shade)
        picture.save(folder / f"{number}.png")
        rows.append({"id": f"P{number}", "title": f"Cotton shirt {number}", "category": "shirt",
                     "price": "20.00 USD", "image": f"{number}.png"})  # fmt: skip
    (folder / "7.png").write_bytes(b"no picture at all")
    table = folder / "feed.csv"
    header = ",".join(rows[0])
    table.write_text("\n".join([header, *(",".join(row.values()) for row in rows)]) + "\n", encoding="utf-8")
    return table


def brought_in(table: Path, data: Path, *options: str) -> dict[str, int]:
    """`daogou import` in a process of its own: Ray starts processes, which tests forbid themselves."""
    command = [sys.executable, "-m", "ui.cli", "import", str(table), "--data", str(data), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, int] = json.loads(done.stdout)
    return result


def test_two_workers_come_to_the_same_as_none(tmp_path: Path) -> None:
    table = feed(tmp_path)
    alone, together = tmp_path / "alone", tmp_path / "together"
    first = brought_in(table, alone)
    second = brought_in(table, together, "--engine", "ray", "--workers", "2")
    assert first["new"] == second["new"] == 12 and first["looked"] == second["looked"]
    assert first["warned"] == second["warned"] == 1
    one, other = Products(alone / "chroma"), Products(together / "chroma")
    ids = one.ids()
    assert sorted(ids) == sorted(other.ids())
    assert one.get_many(ids) == other.get_many(ids)
    for space in ("text", "image", "shared"):
        here, there = one.vectors(space, ids), other.vectors(space, ids)
        assert here.keys() == there.keys() and len(here) >= 11
        assert all(np.allclose(here[i], there[i], atol=1e-5) for i in here)
    assert not list(together.glob("import.sights*"))


def test_what_the_workers_saw_is_not_looked_at_again(tmp_path: Path) -> None:
    from agent.fleet import Shelf, Worker
    from agent.settings import Settings
    from perception.eyes import Eyes

    Image.new("RGB", (120, 160), "navy").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"none")
    seen = Worker(Settings())({"path": [str(tmp_path / "a.png"), str(tmp_path / "b.png")]})
    assert len(seen["key"]) == len(seen["sight"]) == 1
    shelf = Shelf(tmp_path / "shelf.sqlite")
    shelf.put([(seen["key"][0], seen["sight"][0])])
    assert stat.S_IMODE((tmp_path / "shelf.sqlite").stat().st_mode) == 0o600
    eyes = Eyes.embedded()
    eyes._looker.look = lambda image: pytest.fail("looked twice")  # type: ignore[method-assign,assignment,return-value]
    with eyes.helped(shelf), Image.open(tmp_path / "a.png") as picture:
        image, shared = eyes.images([picture.convert("RGB")])
    assert image.shape[0] == shared.shape[0] == 1 and np.isclose(np.linalg.norm(image), 1, atol=1e-3)
    shelf.close()
    assert not (tmp_path / "shelf.sqlite").exists()


def test_without_ray_one_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    told = CliRunner().invoke(app, ["import", str(feed(tmp_path)), "--data", str(tmp_path / "shop"),
                                    "--engine", "ray", "--json"])  # fmt: skip
    assert told.exit_code == 1 and "daogou[ray]" in told.output
