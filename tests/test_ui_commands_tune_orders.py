"""`daogou tune --orders`: kept where it beats the best sellers, gone back from, refused where there is too little."""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agent.assistant import Assistant
from agent.settings import Settings
from store.types import Product
from ui.cli import app

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


@pytest.fixture(scope="module")
def shop(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield Path(shutil.copytree(pristine, tmp_path_factory.mktemp("orders") / "shop"))


@pytest.fixture(scope="module")
def ids(shop: Path) -> list[str]:
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    found = assistant.shop.ids()
    assistant.close()
    return found


def daogou(shop: Path, *args: str) -> tuple[int, Any]:
    result = CliRunner().invoke(app, ["tune", *args, "--data", str(shop), "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else None


def orders(path: Path, pairs: list[tuple[str, str]]) -> str:
    rows = ["order,product", *(f"{n},{product}" for n, pair in enumerate(pairs) for product in pair)]
    path.write_text("\n".join(rows))
    return str(path)


def for_one_person(couple: list[Product]) -> bool:
    """Whether one shopper may be recommended the second for the first: adults' things, to be had, of one gender."""
    first, second = couple
    return (
        second.in_stock
        and {first.age_group, second.age_group} <= {None, "adult"}
        and (first.gender == second.gender or None in (first.gender, second.gender))
    )


def test_what_goes_together_is_kept_told_and_gone_back_from(
    shop: Path, ids: list[str], tmp_path: Path
) -> None:
    chance = random.Random(0)
    couples = [(ids[i], ids[i + 20]) for i in range(20)]
    code, found = daogou(shop, "--orders", orders(tmp_path / "o.csv", chance.choices(couples, k=400)))
    assert (code, found["kept"], found["orders"]) == (0, True, 400)
    assert found["hit_rate"] > found["best_sellers"] and found["gain"]["interval"][0] > 0
    assistant = Assistant.open(Settings(data=shop, model="offline"))
    for one, other in couples:
        assert next(iter(assistant.together.of([one])[one])) == other
    liked, beside = next(two for two in couples if for_one_person(list(assistant.products(two))))
    session = assistant.session(lang="en")
    session.react(liked, "like")
    row = session.for_you(12)
    assert row is not None and beside in [item.id for item in row.items]
    assistant.close()
    assert daogou(shop, "--status")[1]["orders"]["orders"] == "400"
    assert daogou(shop, "--orders-back") == (0, {"tuned": False, "went_back": True})
    assert daogou(shop, "--status")[1]["orders"] == {"tuned": False}


def test_chance_is_not_kept(shop: Path, ids: list[str], tmp_path: Path) -> None:
    chance = random.Random(0)
    pairs = [(one, two) for one, two in (chance.sample(ids, 2) for _ in range(300))]
    code, found = daogou(shop, "--orders", orders(tmp_path / "o.csv", pairs))
    assert (code, found["kept"]) == (0, False)
    assert daogou(shop, "--status")[1]["orders"] == {"tuned": False}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("o.jsonl", "garbage\n" * 50, "too_few_orders"),
        ("o.csv", "a,b\n1,2\n", "bad_orders"),
        ("none.csv", None, "bad_orders"),
    ],
)
def test_what_cannot_be_learned_from_is_told(
    shop: Path, tmp_path: Path, name: str, text: str | None, told: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    code, found = daogou(shop, "--orders", str(tmp_path / name))
    assert (code, found["error"]["code"]) == (1, told)
