"""The shop: what is written can be found again, whatever happens in between."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from store.errors import PictureNotFound, ProductNotFound, StoreCorrupt
from store.shop import Shop
from store.types import Filters, Money, Query
from tests.fakes import FakeEmbedder
from tests.store_samples import SHOP, product


def paint(folder: Path, name: str, color: str) -> str:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (16, 16), color).save(folder / "images" / name)
    return name


def ids(shop: Shop, **query: object) -> list[str]:
    return [h.product.id for h in shop.search(Query(**query)).hits]  # type: ignore[arg-type]


def test_products_come_back_as_they_went_in(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    seen: list[tuple[int, int]] = []
    assert shop.upsert(SHOP, progress=lambda done, of: seen.append((done, of))) == len(SHOP)
    assert seen[-1] == (len(SHOP), len(SHOP))
    assert {p.id: p for p in shop.all()} == {p.id: p for p in SHOP}
    assert shop.get("d-red") == SHOP[0]
    assert shop.get("nope") is None
    assert [p.id for p in shop.get_many(["s-navy", "nope", "d-red"])] == ["s-navy", "d-red"]
    assert shop.count() == len(SHOP)


def test_it_opens_again(tmp_path: Path) -> None:
    Shop.open(tmp_path, FakeEmbedder()).upsert(SHOP)
    again = Shop.open(tmp_path, FakeEmbedder())
    assert again.count() == len(SHOP)
    assert ids(again, text="red floral dress")[0] == "d-red"


def test_what_did_not_change_costs_no_model_pass(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    shop = Shop.open(tmp_path, embedder)
    pictured = [SHOP[0].model_copy(update={"images": [paint(tmp_path, "a.png", "red")]}), *SHOP[1:]]
    shop.upsert(pictured)
    before = (embedder.texts_made, embedder.images_made)
    cheaper = pictured[0].model_copy(update={"sale_price": Money(amount=Decimal("20"))})
    assert shop.upsert([cheaper, *pictured[1:]]) == 0
    assert (embedder.texts_made, embedder.images_made) == before
    assert ids(shop, where=Filters(on_sale=True, category=["dress"]), sort="price_asc") == [
        "d-red",
        "d-black",
    ]
    # the sale ends: the filter field has to go as well
    shop.upsert(pictured)
    assert ids(shop, where=Filters(on_sale=True, category=["dress"])) == ["d-black"]
    assert shop.vectors_of("d-red") is not None
    assert shop.vectors_of("d-red").image  # type: ignore[union-attr]


def test_a_new_picture_is_looked_at_and_a_lost_one_forgotten(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    shop = Shop.open(tmp_path, embedder)
    shown = SHOP[0].model_copy(update={"images": [paint(tmp_path, "a.png", "red")]})
    shop.upsert([shown])
    paint(tmp_path, "a.png", "blue")
    assert shop.upsert([shown]) == 1
    assert embedder.images_made == 2
    shop.upsert([SHOP[0]])
    assert shop.vectors_of("d-red").image == []  # type: ignore[union-attr]


def test_an_unreadable_picture_does_not_stop_the_import(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "bad.jpg").write_bytes(b"\xff\xd8\xff rubbish")
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert([SHOP[0].model_copy(update={"images": ["bad.jpg"]})])
    assert shop.count() == 1


def test_deleting(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    shop.delete(["d-red", "nope"])
    assert shop.get("d-red") is None
    assert "d-red" not in ids(shop, text="red floral dress")
    assert "d-red" not in ids(shop, where=Filters(category=["dress"]))


def test_similar_leaves_the_product_itself_out(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    colours = {"d-red": "#c02020", "d-black": "#101010", "d-blue": "#2030c0", "s-white": "#c22222"}
    shop.upsert(
        [
            p.model_copy(update={"images": [paint(tmp_path, f"{p.id}.png", colours[p.id])]})
            for p in SHOP
            if p.id in colours
        ]
    )
    found = shop.similar("d-red", k=3)
    assert found.hits[0].product.id == "s-white"  # looks the same, is painted the same
    assert "d-red" not in [h.product.id for h in found.hits]
    assert found.hits[0].reasons[0].kind == "look"
    with pytest.raises(ProductNotFound):
        shop.similar("nope")


def test_facets_follow_the_shop(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    assert shop.facets().count == 0
    shop.upsert(SHOP)
    facets = shop.facets()
    assert facets.brands == {"Lin": 2, "Ode & Oak": 2}
    assert facets.categories["shoes"] == 2
    assert (facets.price_min, facets.price_max, facets.currency) == (
        Decimal("15.00"),
        Decimal("140.00"),
        "USD",
    )
    shop.delete(["b-brown"])
    assert shop.facets().categories["shoes"] == 1


@pytest.mark.parametrize(
    "name", ["../carts.sqlite", "/etc/passwd", "images/../../x", "", "\0", "a" * 5000, "missing.webp"]
)
def test_a_picture_name_cannot_lead_elsewhere(tmp_path: Path, name: str) -> None:
    shop = Shop.open(tmp_path / "shop", FakeEmbedder())
    (tmp_path / "x").write_bytes(b"secret")
    with pytest.raises(PictureNotFound):
        shop.picture(name)


def test_a_picture_is_found_with_and_without_its_folder(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    paint(tmp_path, "a.png", "red")
    assert shop.picture("a.png") == shop.picture("images/a.png")


def test_an_emptied_index_is_filled_again(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    shop.close()
    for file in tmp_path.glob("lexical.sqlite*"):
        file.unlink()
    again = Shop.open(tmp_path, FakeEmbedder())
    assert ids(again, text="linen")[0] == "s-navy"


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "chroma").mkdir()
    (tmp_path / "chroma" / "chroma.sqlite3").write_bytes(b"not a database at all" * 500)
    with pytest.raises(StoreCorrupt):
        Shop.open(tmp_path, FakeEmbedder())


def test_another_model_needs_no_new_folder(tmp_path: Path) -> None:
    Shop.open(tmp_path, FakeEmbedder()).upsert(SHOP[:3])
    other = FakeEmbedder()
    other.signature = "fake-2"
    assert Shop.open(tmp_path, other).upsert(SHOP[:3]) == 3


def test_many_threads_at_once(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    failures: list[BaseException] = []

    def search(n: int) -> None:
        try:
            for _ in range(10):
                assert ids(shop, text="navy jeans", where=Filters(gender=["men"]))[0] == "j-navy"
                assert shop.get("j-navy") is not None
                shop.facets()
        except BaseException as e:
            failures.append(e)

    def write() -> None:
        try:
            for n in range(5):
                shop.upsert([product(f"new-{n}", "绿色围巾", "Green scarf", "scarf", "9")])
                shop.delete([f"new-{n - 1}"])
        except BaseException as e:
            failures.append(e)

    threads = [threading.Thread(target=search, args=(n,)) for n in range(6)] + [
        threading.Thread(target=write)
    ]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not failures
    assert shop.count() == len(SHOP) + 1


def test_what_another_process_writes_is_seen(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP[:3])
    assert ids(shop, text="jeans") == []
    code = (
        "import sys; sys.path[:0] = [sys.argv[2]]\n"
        "from tests.fakes import FakeEmbedder\nfrom tests.store_samples import SHOP\n"
        "from store.shop import Shop\nshop = Shop.open(sys.argv[1], FakeEmbedder())\n"
        "shop.upsert(SHOP[3:])\nshop.delete(['d-red'])"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path), str(Path(__file__).parent.parent)], check=True)
    assert ids(shop, text="navy jeans", where=Filters(category=["jeans"])) == ["j-navy"]
    assert {p.id for p in shop.all()} == {p.id for p in SHOP[1:]}


WRITER = """
import sys
sys.path[:0] = [{root!r}]
from pathlib import Path
import store.shop
from tests.fakes import FakeEmbedder
from tests.store_samples import product
store.shop.WRITE = 4
shop = store.shop.Shop.open(Path({folder!r}), FakeEmbedder())
for n in range(10_000):
    shop.upsert([product(f"p{{n}}-{{i}}", "绿色围巾", f"Green scarf number {{n}}", "scarf", "9") for i in range(8)])
    print(n, flush=True)
"""


def test_a_kill_in_the_middle_of_writing_leaves_a_shop_that_opens(tmp_path: Path) -> None:
    root = str(Path(__file__).parent.parent)
    code = WRITER.format(root=root, folder=str(tmp_path))
    writer = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 2:
            break
    time.sleep(0.02)  # somewhere inside the next write
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()
    shop = Shop.open(tmp_path, FakeEmbedder())
    known = {p.id for p in shop.all()}
    assert {f"p{n}-{i}" for n in range(3) for i in range(8)} <= known
    assert {h.product.id for h in shop.search(Query(text="green scarf", k=100)).hits} <= known
    shop.upsert(SHOP)
    assert ids(shop, text="navy jeans")[0] == "j-navy"
    assert shop.search(Query(where=Filters(category=["scarf"]), k=100)).total == len(known)


class OtherModel(FakeEmbedder):
    """Pictures in another space, of another size."""

    signature = "fake-2"

    def images(self, images: list[Image.Image]) -> tuple[np.ndarray, np.ndarray]:
        vectors, shared = super().images(images)
        return np.pad(vectors, ((0, 0), (0, 5))), shared


def test_another_model_makes_every_vector_anew_and_loses_no_record(tmp_path: Path) -> None:
    pictured = [SHOP[0].model_copy(update={"images": [paint(tmp_path, "a.png", "red")]}), *SHOP[1:]]
    first = Shop.open(tmp_path, FakeEmbedder())
    first.upsert(pictured)
    assert not first.stale
    first.close()
    shop = Shop.open(tmp_path, OtherModel())
    assert shop.stale
    shop.upsert([])
    assert not shop.stale
    assert {p.id for p in shop.all()} == {p.id for p in SHOP}
    seen = shop.vectors_of(pictured[0].id)
    assert seen is not None
    assert len(seen.image) == 13
    assert ids(shop, photo=seen)[0] == pictured[0].id


def test_a_shop_that_is_being_filled_is_not_taken_for_an_old_one(tmp_path: Path) -> None:
    seen: list[bool] = []

    def look_in(done: int, of: int) -> None:
        other = Shop.open(tmp_path, FakeEmbedder())
        seen.append(other.stale)
        other.close()

    many = [SHOP[0].model_copy(update={"id": f"p{n}"}) for n in range(300)]
    Shop.open(tmp_path, FakeEmbedder()).upsert(many, progress=look_in)
    assert len(seen) > 1
    assert not any(seen)


def test_a_shop_that_is_closed_leaves_no_thread_and_no_file_open(tmp_path: Path) -> None:
    shop = Shop.open(tmp_path, FakeEmbedder())
    shop.upsert(SHOP)
    assert shop.search(Query(text="red dress")).hits
    chroma = weakref.ref(shop._products._collections._client._server)
    gc.disable()
    try:
        shop.close()
        del shop
        assert chroma() is None
    finally:
        gc.enable()
