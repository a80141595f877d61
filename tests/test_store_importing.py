"""Filling a shop from feeds: told, resumed, never half done; what did not change costs nothing."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from store.errors import ImportRunning
from store.feeds import opened
from store.feeds.pictures import Pictures
from store.importing import Import, Outcome
from store.shop import Shop
from store.types import Filters, Product, Query
from tests.fakes import FakeEmbedder
from tests.feeds import table
from tests.store_samples import SHOP
from tools import cards

ROWS = [
    {"id": f"p{n}", "title": f"{color} {kind} {n}", "price": f"{10 + n}.00 USD", "image": f"{color}.png",
     "description": "<p>Soft</p>", "color": color if n % 2 else ""}
    for n, (color, kind) in enumerate([("red", "dress"), ("blue", "shirt"), ("black", "skirt"), ("white", "coat")] * 3)
]  # fmt: skip


def feed(folder: Path, rows: Sequence[dict[str, str]] = ROWS, name: str = "feed.csv") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for color in ("red", "blue", "black", "white"):
        if not (folder / f"{color}.png").exists():
            Image.new("RGB", (16, 16), color).save(folder / f"{color}.png")
    (folder / name).write_text(table(list(rows)), encoding="utf-8")
    return folder / name


class Eyes:
    """Sees one colour in everything; counts what it was shown."""

    def __init__(self) -> None:
        self.shown = 0

    def __call__(self, products: Sequence[Product], pictures: Sequence[Image.Image]) -> list[dict[str, Any]]:
        self.shown += len(pictures)
        return [{"pattern": "plain"} | ({} if p.colors else {"colors": ["red"]}) for p in products]


def bring_in(
    data: Path, *files: Path, full: bool = False, see: Any = None, embedder: Any = None, **how: Any
) -> list[Outcome]:
    shop = Shop.open(data, embedder or FakeEmbedder())
    try:
        with Import(shop, see=see, **how) as work:
            for file in files:
                work.feed(opened(file), Pictures(data / "images", file.parent, None, None))
            if full:
                work.remove_others()
            for outcome in work.outcomes:
                outcome.problems = list(work.staging.problems(False)) + list(work.staging.problems(True))  # type: ignore[attr-defined]
            return work.outcomes
    finally:
        shop.close()


def contents(data: Path) -> dict[str, Any]:
    """Everything that a shop holds: records, words, vectors, files."""
    shop = Shop.open(data, FakeEmbedder())
    records = {p.id: p.model_dump(mode="json") for p in shop.all()}
    vectors = {i: (v.image, v.text) for i in records if (v := shop.vectors_of(i)) is not None}
    found = {word: sorted(shop._lexicon.match([word])) for word in ("red", "shirt", "coat", "soft")}
    images = sorted(f.name for f in (data / "images").iterdir())
    shop.close()
    return {"records": records, "vectors": vectors, "found": found, "images": images}


def test_the_second_time_nothing_is_new_and_no_model_works(tmp_path: Path) -> None:
    eyes, embedder = Eyes(), FakeEmbedder()
    [first] = bring_in(tmp_path / "shop", feed(tmp_path), see=eyes, embedder=embedder)
    assert (first.read, first.new, first.looked) == (12, 12, 12)
    made = (embedder.texts_made, embedder.images_made, eyes.shown)
    [second] = bring_in(tmp_path / "shop", feed(tmp_path), see=eyes, embedder=embedder)
    assert (second.new, second.changed, second.unchanged, second.looked) == (0, 0, 12, 0)
    assert (embedder.texts_made, embedder.images_made, eyes.shown) == made


def test_a_new_price_is_a_change_that_no_model_sees(tmp_path: Path) -> None:
    eyes, embedder = Eyes(), FakeEmbedder()
    bring_in(tmp_path / "shop", feed(tmp_path), see=eyes, embedder=embedder)
    made = (embedder.images_made, eyes.shown)
    dearer = [ROWS[0] | {"price": "99.00 USD"}, *ROWS[1:]]
    [outcome] = bring_in(tmp_path / "shop", feed(tmp_path, dearer), see=eyes, embedder=embedder)
    assert (outcome.changed, outcome.unchanged, outcome.looked) == (1, 11, 0)
    assert (embedder.images_made, eyes.shown) == made
    assert contents(tmp_path / "shop")["records"]["p0"]["seen"]["colors"] == ["red"]


def test_what_is_seen_fills_gaps_and_never_overrides(tmp_path: Path) -> None:
    bring_in(tmp_path / "shop", feed(tmp_path), see=Eyes())
    records = contents(tmp_path / "shop")["records"]
    assert (records["p0"]["colors"], records["p0"]["seen"]["colors"]) == ([], ["red"])
    assert (records["p1"]["colors"], "colors" in records["p1"]["seen"]) == (["blue"], False)


def test_what_is_seen_is_found_and_told_as_seen(tmp_path: Path) -> None:
    bring_in(tmp_path / "shop", feed(tmp_path), see=Eyes())
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    hits = shop.search(Query(where=Filters(color=["red"]), k=20)).hits
    unlike = shop.search(Query(where=Filters(not_={"color": ["red"]}), k=20)).hits
    shop.close()
    by_picture = {h.product.id for h in hits if any(r.kind == "seen" and r.value == "red" for r in h.reasons)}
    assert by_picture == {f"p{n}" for n in range(0, 12, 2)}
    assert cards.why(hits[0], "en") == "looks red in its picture"
    assert not by_picture & {h.product.id for h in unlike}


def test_a_changed_picture_is_looked_at_and_a_missing_one_told_each_time(tmp_path: Path) -> None:
    eyes = Eyes()
    file = feed(tmp_path)
    (tmp_path / "white.png").unlink()
    for _ in range(2):
        [outcome] = bring_in(tmp_path / "shop", file, see=eyes)
        assert [p.values["picture"] for p in outcome.problems] == ["white.png"] * 3  # type: ignore[attr-defined]
    assert outcome.unchanged == 12
    Image.new("RGB", (16, 16), "#eeeeee").save(tmp_path / "white.png")
    [outcome] = bring_in(tmp_path / "shop", file, see=eyes)
    assert (outcome.changed, outcome.unchanged, outcome.problems) == (3, 9, [])  # type: ignore[attr-defined]


@pytest.mark.parametrize("how", ["broken", "gone", "another that is missing"])
def test_the_old_picture_stays_where_the_new_one_cannot_be_had(tmp_path: Path, how: str) -> None:
    eyes, shop = Eyes(), tmp_path / "shop"
    file = feed(tmp_path)
    bring_in(shop, file, see=eyes)
    before, shown = contents(shop), eyes.shown
    if how == "broken":
        (tmp_path / "white.png").write_bytes(b"no picture")
    elif how == "gone":
        (tmp_path / "white.png").unlink()
    else:
        feed(tmp_path, [r | {"image": "other.png"} if r["image"] == "white.png" else r for r in ROWS])
    for _ in range(2):
        [outcome] = bring_in(shop, file, see=eyes)
        assert [(p.code, p.id) for p in outcome.problems] == [("picture_kept", f"p{n}") for n in (3, 7, 11)]  # type: ignore[attr-defined]
        assert (contents(shop), eyes.shown, outcome.unchanged) == (before, shown, 12)
    Image.new("RGB", (16, 16), "green").save(tmp_path / "white.png")
    Image.new("RGB", (16, 16), "green").save(tmp_path / "other.png")
    [outcome] = bring_in(shop, file, see=eyes)
    assert (outcome.changed, outcome.problems) == (3, [])  # type: ignore[attr-defined]


def test_a_dry_run_tells_the_same_and_writes_nothing(tmp_path: Path) -> None:
    rows = [*ROWS, {"id": "bad", "title": "Bad", "price": "-1"}]
    [dry] = bring_in(tmp_path / "shop", feed(tmp_path, rows), dry=True)
    assert (dry.new, dry.refused) == (12, 1)
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    assert shop.count() == 0
    shop.close()
    bring_in(tmp_path / "shop", feed(tmp_path, rows))
    [dry] = bring_in(tmp_path / "shop", feed(tmp_path, [ROWS[0] | {"price": "1 USD"}, *ROWS[1:]]), dry=True)
    assert (dry.new, dry.changed, dry.unchanged) == (0, 1, 11)


def test_products_go_only_when_asked_and_never_those_that_were_refused(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    bring_in(shop, feed(tmp_path))
    fewer = [*ROWS[:5], ROWS[5] | {"price": "nothing"}]
    bring_in(shop, feed(tmp_path, fewer))
    assert len(contents(shop)["records"]) == 12
    bring_in(shop, feed(tmp_path, fewer), full=True, dry=True)
    assert len(contents(shop)["records"]) == 12
    bring_in(shop, feed(tmp_path, fewer), full=True)
    assert sorted(contents(shop)["records"]) == ["p0", "p1", "p2", "p3", "p4", "p5"]


@pytest.mark.parametrize("why", ["unfinished", "unidentified", "nothing"])
def test_nothing_is_removed_where_the_feed_may_have_more(tmp_path: Path, why: str) -> None:
    shop = tmp_path / "shop"
    bring_in(shop, feed(tmp_path))
    file = feed(tmp_path, ROWS[:2])
    if why == "unfinished":
        item = "<item><id>p0</id><title>Dress</title><price>1 USD</price></item>"
        file.write_text(f"<rss><channel>{item}")
    elif why == "unidentified":
        file.write_text(file.read_text() + ",Nameless dress,5 USD,,,\n")
    else:
        file.write_text("id,title,price\np0,,\n")
    [outcome] = bring_in(shop, file, full=True)
    assert [p.values["why"] for p in outcome.problems if p.code == "not_removed"] == [why]  # type: ignore[attr-defined]
    assert len(contents(shop)["records"]) == 12


def test_two_feeds_are_one_whole(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    one, two = feed(tmp_path, ROWS[:6], "one.csv"), feed(tmp_path, ROWS[6:], "two.csv")
    bring_in(shop, feed(tmp_path, [*ROWS, ROWS[0] | {"id": "old"}]))
    bring_in(shop, one, two, full=True)
    assert len(contents(shop)["records"]) == 12


def test_a_second_import_is_refused_while_one_is_running(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    with Import(shop), pytest.raises(ImportRunning):
        Import(shop).__enter__()
    with Import(shop):
        pass
    shop.close()


def test_who_opens_a_shop_that_is_being_filled_leaves_what_is_half_written(tmp_path: Path) -> None:
    """Vectors are written before their record: to another process they look left over."""
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    with Import(shop), shop.filling() as fill:
        fill([SHOP[0].model_copy(update={"id": "whole"})], None)
        shop._products._collections.ask("image", "upsert", ids=["half"], embeddings=[[1.0] * 8])
        other = Shop.open(tmp_path / "shop", FakeEmbedder())
        assert other.get("whole") is not None
        other.close()
        assert shop._products._collections.ask("image", "get", ids=["half"])["ids"] == ["half"]
    shop.close()


def test_a_currency_of_its_own_is_refused(tmp_path: Path) -> None:
    odd = [ROWS[0] | {"price": "5 EUR"}, *ROWS[1:]]
    [outcome] = bring_in(tmp_path / "shop", feed(tmp_path, odd))
    assert [(p.id, p.code) for p in outcome.problems] == [("p0", "other_currency")]  # type: ignore[attr-defined]
    [outcome] = bring_in(tmp_path / "euro", feed(tmp_path, odd), currency="EUR")
    assert (outcome.new, outcome.refused) == (1, 11)


CHILD = """
import sys, time
from pathlib import Path
sys.path[:0] = [{root!r}, {root!r} + "/tests"]
import store.importing
store.importing.BATCH = 2
from tests.fakes import FakeEmbedder
from tests.test_store_importing import Eyes, bring_in
class Slow(FakeEmbedder):
    def texts(self, texts):
        print("working", flush=True)
        time.sleep(0.02)
        return super().texts(texts)
bring_in(Path({data!r}), Path({feed!r}), see=Eyes(), embedder=Slow())
"""


def test_an_import_that_is_killed_at_any_moment_ends_as_an_unbroken_one(tmp_path: Path) -> None:
    file = feed(tmp_path)
    bring_in(tmp_path / "whole", file, see=Eyes())
    draw = random.Random(int(os.environ.get("PYTEST_SEED", "7")))
    code = CHILD.format(root=str(Path(__file__).parent.parent), data=str(tmp_path / "shop"), feed=str(file))
    for kills in range(4):
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(draw.randint(0, 2 + kills)):
            child.stdout.readline()
        time.sleep(draw.random() * 0.1)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        shop = Shop.open(tmp_path / "shop", FakeEmbedder())
        half = {p.id: p for p in shop.all()}
        assert all(shop.vectors_of(i) is not None for i in half)
        assert all(shop.picture(name).is_file() for p in half.values() for name in p.images)
        shop.close()
    bring_in(tmp_path / "shop", file, see=Eyes())
    assert json.dumps(contents(tmp_path / "shop"), sort_keys=True) == json.dumps(
        contents(tmp_path / "whole"), sort_keys=True
    )
