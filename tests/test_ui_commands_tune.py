"""`daogou tune`: measured, kept only if better, gone back from, refused where there is too little to learn from."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result
from filelock import FileLock
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from perception.tuning import measure
from store.types import Query
from ui.cli import app

FEW = 60  # products: as few as can be learned from, so that it takes seconds


pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


@pytest.fixture(scope="module")
def small(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of FEW products, looked at already; copy it to change it."""
    folder = Path(shutil.copytree(pristine, tmp_path_factory.mktemp("tune") / "shop"))
    assistant = Assistant.open(Settings(data=folder, model="offline"))
    ids = [product.id for product in assistant.products()]
    assistant.shop.delete(ids[FEW:])
    assistant.close()
    daogou(folder, "tune", "--json")
    daogou(folder, "tune", "--back")
    return folder


@pytest.fixture
def shop(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "shop"))


@pytest.fixture
def surely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is learned counts as better: so few products are too few to prove it."""
    monkeypatch.setattr(measure, "better", lambda gain: True)


def daogou(shop: Path, *args: str) -> Result:
    return CliRunner().invoke(app, [*args, "--data", str(shop)])


def found(shop: Path, text: str) -> list[tuple[str, float, tuple[str, ...]]]:
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    try:
        hits = assistant.shop.search(Query(text=text, k=20)).hits
    finally:
        assistant.close()
    return [(h.product.id, h.score, tuple(h.parts)) for h in hits]


def test_it_is_kept_only_if_better(shop: Path) -> None:
    done = daogou(shop, "tune", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["used"] == FEW == told["products"]
    assert told["train"] + told["stop"] + told["held_out"] == FEW
    assert set(told["before"]) == {
        f"{d}.{x}" for d in ("title_to_photo", "photo_to_title") for x in ("zh", "en")
    } | {"mean"}
    assert set(told["second_look"]["figures"]) == set(told["projections"]) == set(told["after"])
    assert set(told["after"]["mean"]) == {"recall_at_1", "recall_at_5", "recall_at_10", "mrr"}
    gain = told["gain"]
    assert gain["mrr"]["low"] <= gain["mrr"]["mean"] <= gain["mrr"]["high"]
    surely, no_less = (max(g["low"] for g in gain.values()) > 0), (min(g["mean"] for g in gain.values()) >= 0)
    assert told["kept"] == (surely and no_less)
    assert json.loads(daogou(shop, "tune", "--status", "--json").stdout)["tuned"] == told["kept"]
    again = json.loads(daogou(shop, "tune", "--json").stdout)
    assert again["id"] == told["id"]


def test_kept_searched_with_and_gone_back_from(shop: Path, surely: None) -> None:
    before = found(shop, "navy coat")
    assert not any("tuned" in parts for _, _, parts in before)
    told = json.loads(daogou(shop, "tune", "--json").stdout)
    assert told["kept"] is True
    status = json.loads(daogou(shop, "tune", "--status", "--json").stdout)
    assert (status["tuned"], status["usable"], status["id"]) == (True, True, told["id"])
    assert status["after"] == told["after"]
    assert told["id"] in daogou(shop, "tune", "--status").stdout
    assert "在用" in daogou(shop, "tune", "--status", "--lang", "zh").stdout
    assert all("tuned" in parts for _, _, parts in found(shop, "navy coat"))
    by_photo = daogou(shop, "search", "--photo", str(next((shop / "images").glob("*.webp"))), "--json")
    assert by_photo.exit_code == 0 and by_photo.stdout
    back = daogou(shop, "tune", "--back", "--json")
    assert json.loads(back.stdout) == {"tuned": False, "went_back": True}
    assert found(shop, "navy coat") == before
    assert json.loads(daogou(shop, "tune", "--back", "--json").stdout)["went_back"] is False
    assert "No tuning is in force" in daogou(shop, "tune", "--status").stdout


def test_what_comes_later_is_found_too(shop: Path, surely: None) -> None:
    daogou(shop, "tune")
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    try:
        first = next(assistant.products())
        late = first.model_copy(update={"id": "late", "images": first.images[1:2]})
        assistant.shop.upsert([late])
        tunings = assistant.shop.tunings
        assert tunings is not None
        tuning = tunings.now()
        assert tuning is not None
        assert set(tuning.vectors(["late", first.id])) == {"late", first.id}
    finally:
        assistant.close()


def test_too_few_products(shop: Path) -> None:
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    some = list(assistant.products())
    (shop / "images" / "broken.webp").write_bytes(b"RIFF nothing")
    odd = [some[0].model_copy(update={"id": f"odd{n}", "images": images}) for n, images in enumerate(
        [[], ["broken.webp"], *([some[0].images] * 20)]  # without a picture, a broken one, the same over and over
    )]  # fmt: skip
    assistant.shop.delete([p.id for p in some[49:]])
    assistant.shop.upsert(odd)
    assistant.close()
    refused = daogou(shop, "tune", "--json")
    assert refused.exit_code == 1
    error = json.loads(refused.stdout)["error"]
    assert error["code"] == "too_few_to_tune"
    assert "at least 50" in error["message"] and "49" in error["message"]
    assert "too little to learn from" in refused.stderr


def test_one_at_a_time(shop: Path) -> None:
    with FileLock(shop / "tune.lock"):
        refused = daogou(shop, "tune", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["error"]["code"] == "tune_running"


def test_an_empty_shop_and_wrong_options(tmp_path: Path) -> None:
    assert json.loads(daogou(tmp_path / "new", "tune", "--json").stdout)["error"]["code"] == "empty_shop"
    assert json.loads(daogou(tmp_path / "new", "tune", "--status", "--json").stdout)["tuned"] is False
    assert daogou(tmp_path / "new", "tune", "--status", "--back").exit_code == 2


KILLED = """
import os, signal, sys
from pathlib import Path
from agent.assistant import Assistant
from agent.settings import Settings
from perception.tuning import measure

measure.better = lambda gain: True
assistant = Assistant.open(Settings(data=Path(sys.argv[1]), model="offline"))
assistant.tune(progress=lambda done, total, step: step == "keeping" and os.kill(os.getpid(), signal.SIGKILL))
"""


def test_who_is_killed_leaves_the_shop_as_it_was(shop: Path, surely: None) -> None:
    before = found(shop, "navy coat")
    gone = subprocess.run(
        [sys.executable, "-c", KILLED, str(shop)], timeout=240, env={**os.environ}, check=False
    )
    assert gone.returncode == -signal.SIGKILL
    assert [f for f in (shop / "tuned").iterdir() if f.is_dir()]
    assert json.loads(daogou(shop, "tune", "--status", "--json").stdout)["tuned"] is False
    assert found(shop, "navy coat") == before
    assert json.loads(daogou(shop, "tune", "--json").stdout)["kept"] is True
    assert len([f for f in (shop / "tuned").iterdir() if f.is_dir()]) == 1
