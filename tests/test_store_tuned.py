"""A tuned space beside the product store: it comes into force as a whole, goes as a whole, and follows the shop."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from store.errors import NotKept, TuningRunning
from store.products import Entry
from store.shop import Shop
from store.tuned import Details, Picture, Tunings
from store.types import PhotoVectors, Product, Query
from tests.fakes import FakeEmbedder
from tests.store_samples import SHOP

NONSENSE = ["The train leaves at nine.", "Interest rates rose again."]
COLORS = ("red", "green", "blue", "yellow", "purple", "orange", "black", "white")


class Eyed(FakeEmbedder):
    """Leaves the mean colour of a picture, and counts how often it looked for that."""

    def __init__(self) -> None:
        super().__init__()
        self.looked = 0

    def details(self, images: list[Image.Image]) -> np.ndarray:
        self.looked += len(images)
        return np.array([np.asarray(i, np.float32).mean((0, 1)) / 255 for i in images], np.float16)


class Colourful:
    """A space of mean colours: knows the words for eight of them."""

    reranks = True

    def __init__(self, path: Path) -> None:
        if path.read_bytes() != b"weights":
            raise OSError("other weights")

    def photos(self, details: np.ndarray, shared: np.ndarray) -> np.ndarray:
        rows = np.asarray(details, np.float32)[:, :3] - 0.45
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def texts(self, texts: Sequence[str]) -> np.ndarray:
        rows = np.full((len(texts), 3), 1e-3, np.float32)
        for row, text in zip(rows, texts, strict=True):
            for color in COLORS:
                if color in text.lower():
                    row[:] = np.asarray(Image.new("RGB", (1, 1), color)).reshape(3) / 255 - 0.45
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def second_look(self, text: str, cosines: np.ndarray, details: np.ndarray) -> np.ndarray:
        assert len(details) == len(cosines)
        return cosines - 0.5 if "swap" in text else cosines


def tunings(folder: Path) -> Tunings:
    return Tunings(folder, Colourful)


def painted(folder: Path, product: Product, color: str) -> Product:
    name = f"{product.id}.png"
    (folder / "images").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 12), color).save(folder / "images" / name)
    return product.model_copy(update={"images": [name]})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path, Eyed(), tunings=tunings(tmp_path))
    opened.upsert([painted(tmp_path, p, c) for p, c in zip(SHOP, COLORS, strict=False)])
    yield opened
    opened.close()


def keep(shop: Shop, id: str = "one", broken_after: int | None = None) -> None:
    assert shop.tunings is not None
    known = Details(shop.tunings.folder)

    def pictures() -> Iterator[list[Picture]]:
        for n, part in enumerate(shop.pictured(known)):
            if broken_after is not None and n >= broken_after:
                raise KeyboardInterrupt
            yield [picture for _, picture in part]

    titles = [p.title.en for part in shop.pictured(known) for p, _ in part]
    try:
        shop.tunings.keep(
            id, lambda path: path.write_bytes(b"weights"), {"id": id}, pictures(), titles, NONSENSE
        )
    finally:
        known.close()


def pictured(shop: Shop, text: str) -> dict[str, float]:
    return {
        h.product.id: h.parts["tuned"] for h in shop.search(Query(text=text, k=20)).hits if "tuned" in h.parts
    }


def test_words_reach_pictures_once_it_is_in_force(shop: Shop) -> None:
    assert shop.tunings is not None
    assert shop.tunings.now() is None
    assert pictured(shop, "red") == {}
    keep(shop)
    tuning = shop.tunings.now()
    assert tuning is not None
    assert shop.tunings.figures()["id"] == "one"
    asked = tuning.space.texts(["yellow"])[0]
    found = tuning.nearest(asked, 3)
    shades = np.array([np.asarray(Image.new("RGB", (1, 1), c)).reshape(3) / 255 for c in COLORS])
    cosines = tuning.space.photos(shades, shades) @ asked
    everything = {p.id: float(c) for p, c in zip(SHOP, cosines, strict=False)}
    best = sorted(everything, key=everything.__getitem__, reverse=True)[:3]
    assert list(found) == best
    assert found[best[0]] == pytest.approx(everything[best[0]], abs=2e-3)
    assert set(tuning.nearest(asked, 9, among=[SHOP[0].id, "nope"])) == {SHOP[0].id}
    seen = pictured(shop, "red")
    assert seen[SHOP[0].id] == max(seen.values())


def test_the_second_look_has_its_say(shop: Shop) -> None:
    keep(shop)
    assert shop.tunings is not None
    tuning = shop.tunings.now()
    assert tuning is not None
    plain = {SHOP[0].id: 0.9, SHOP[1].id: 0.1, "unknown": 0.3}
    assert tuning.looked_again("red", plain) == plain
    again = tuning.looked_again("swap", plain)
    assert again[SHOP[0].id] == pytest.approx(0.4)
    assert again["unknown"] == 0.3


def test_a_photo_is_compared_in_the_tuned_space(shop: Shop) -> None:
    def shared(color: str) -> dict[str, float]:
        image, text = shop._embedder.images([Image.new("RGB", (8, 8), color)])
        seen = (np.asarray(Image.new("RGB", (1, 1), color)).reshape(3) / 255).tolist()
        photo = PhotoVectors(image=image[0].tolist(), text=text[0].tolist(), seen=seen)
        return {h.product.id: h.parts["shared"] for h in shop.search(Query(photo=photo, k=20)).hits}

    assert len(set(shared("blue").values())) == 1  # untuned, all of these pictures are alike
    keep(shop)
    found = shared("blue")
    assert max(found, key=found.__getitem__) == SHOP[2].id


def test_going_back_leaves_the_search_as_it_was(shop: Shop) -> None:
    before = [(h.product.id, h.score) for h in shop.search(Query(text="red dress", k=20)).hits]
    keep(shop)
    assert shop.tunings is not None
    assert shop.tunings.back() is True
    assert [(h.product.id, h.score) for h in shop.search(Query(text="red dress", k=20)).hits] == before
    assert shop.tunings.back() is False
    assert not [f for f in shop.tunings.folder.iterdir() if f.is_dir()]


def test_who_is_killed_changes_nothing(shop: Shop) -> None:
    assert shop.tunings is not None
    with pytest.raises(KeyboardInterrupt):
        keep(shop, "first", broken_after=0)
    assert shop.tunings.now() is None
    keep(shop, "second")
    with pytest.raises(KeyboardInterrupt):
        keep(shop, "third", broken_after=0)
    tuning = shop.tunings.now()
    assert tuning is not None
    assert tuning.id == "second"
    assert len(tuning.nearest(np.ones(3), 99)) == len(COLORS)
    shop.tunings.tidy()
    assert [f.name for f in shop.tunings.folder.iterdir() if f.is_dir()] == ["second"]


def test_others_see_it_at_their_next_search(shop: Shop, tmp_path: Path) -> None:
    other = Shop(tmp_path, Eyed(), tunings=tunings(tmp_path))
    assert pictured(other, "red") == {}
    keep(shop)
    assert pictured(other, "red") == pictured(shop, "red") != {}
    late = painted(tmp_path, SHOP[9], "red")
    shop.upsert([late])
    assert late.id in pictured(other, "white sneakers")
    assert shop.tunings is not None
    shop.tunings.back()
    assert pictured(other, "red") == {}
    other.close()


def test_it_follows_the_shop(shop: Shop, tmp_path: Path) -> None:
    keep(shop)
    assert shop.tunings is not None
    tuning = shop.tunings.now()
    assert tuning is not None
    late = painted(tmp_path, SHOP[9], "red")
    shop.upsert([late])
    assert late.id in tuning.vectors([late.id])
    shop.upsert([painted(tmp_path, late, "blue")])
    blue = tuning.space.texts(["blue"])[0]
    assert float(tuning.vectors([late.id])[late.id] @ blue) > 0.99
    shop.upsert([late.model_copy(update={"images": []})])
    assert tuning.vectors([late.id]) == {}
    shop.delete([SHOP[0].id])
    assert tuning.vectors([SHOP[0].id]) == {}


def test_what_came_meanwhile_is_taken_in(shop: Shop, tmp_path: Path) -> None:
    assert shop.tunings is not None
    blind = Shop(tmp_path, Eyed())  # as another process that began before
    keep(shop)
    blind.upsert([painted(tmp_path, SHOP[9], "red"), painted(tmp_path, SHOP[0], "white")])
    tuning = shop.tunings.now()
    assert tuning is not None
    assert tuning.vectors([SHOP[9].id]) == {}
    known = Details(shop.tunings.folder)
    for part in blind.pictured(known):
        tuning.catch_up([picture for _, picture in part])
    known.close()
    blind.close()
    red, white = tuning.space.texts(["red", "white"])
    assert float(tuning.vectors([SHOP[9].id])[SHOP[9].id] @ red) > 0.99
    assert float(tuning.vectors([SHOP[0].id])[SHOP[0].id] @ white) > 0.99


def test_a_picture_is_looked_at_once(shop: Shop) -> None:
    embedder = shop._embedder
    assert isinstance(embedder, Eyed)
    keep(shop)
    looked = embedder.looked
    assert looked == len(COLORS)
    keep(shop, "again")
    assert embedder.looked == looked


def test_broken_and_missing_pictures_are_left_out(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "images" / "broken.png").write_bytes(b"no picture")
    shop.upsert([SHOP[9].model_copy(update={"images": ["broken.png"]}), SHOP[8]])
    keep(shop)
    assert shop.tunings is not None
    tuning = shop.tunings.now()
    assert tuning is not None
    assert set(tuning.vectors([p.id for p in SHOP])) == {p.id for p in SHOP[: len(COLORS)]}


def test_a_shop_whose_pictures_are_all_gone_is_searched_by_words(shop: Shop) -> None:
    keep(shop)
    shop.delete([p.id for p in SHOP])
    shop.upsert([SHOP[9]])
    assert [h.product.id for h in shop.search(Query(text=SHOP[9].title.en)).hits] == [SHOP[9].id]


def test_going_back_while_another_is_being_made_leaves_that_alone(shop: Shop) -> None:
    keep(shop)
    tunings = shop.tunings
    assert tunings is not None
    with tunings.alone():
        (tunings.folder / "next").mkdir()
        with pytest.raises(TuningRunning), tunings.alone():
            pass
        assert tunings.back() is True
        assert tunings.now() is None
        assert (tunings.folder / "next").is_dir()
    tunings.tidy()
    assert not [f for f in tunings.folder.iterdir() if f.is_dir()]


def test_a_full_disk_leaves_what_was_in_force(shop: Shop) -> None:
    keep(shop)
    assert shop.tunings is not None

    def full(path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("no space left on device")

    with pytest.raises(NotKept, match="no space"):
        shop.tunings.keep("two", full, {}, iter(()), [], NONSENSE)
    assert [f.name for f in shop.tunings.folder.iterdir() if f.is_dir()] == ["one"]
    assert pictured(shop, "red") != {}


def test_one_that_comes_into_force_during_a_write_has_what_was_written(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = shop._products.put

    def late(entries: Sequence[Entry]) -> None:
        keep(shop)  # between the look at the pictures and the writing of the records
        put(entries)

    monkeypatch.setattr(shop._products, "put", late)
    shop.upsert([painted(tmp_path, SHOP[9], "red"), painted(tmp_path, SHOP[0], "white")])
    tuning = shop.tunings.now() if shop.tunings else None
    assert tuning is not None
    red, white = tuning.space.texts(["red", "white"])
    assert float(tuning.vectors([SHOP[9].id])[SHOP[9].id] @ red) > 0.99
    assert float(tuning.vectors([SHOP[0].id])[SHOP[0].id] @ white) > 0.99


def test_the_next_write_makes_up_for_vectors_that_were_lost(shop: Shop) -> None:
    keep(shop)
    tuning = shop.tunings.now() if shop.tunings else None
    assert tuning is not None
    ghost = Picture("ghost", "hash", np.ones(3, np.float16), np.ones(8, np.float32))
    tuning.put([ghost])
    tuning.delete([SHOP[0].id, SHOP[3].id])
    shop.upsert([])
    assert tuning.ids() == {p.id for p in SHOP[: len(COLORS)]}


def test_what_another_process_deletes_meanwhile_is_passed_over(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = shop._products.hashes
    monkeypatch.setattr(
        shop._products, "hashes", lambda ids: {i: h for i, h in hashes(ids).items() if i != SHOP[0].id}
    )
    keep(shop)
    tuning = shop.tunings.now() if shop.tunings else None
    assert tuning is not None
    assert tuning.ids() == {p.id for p in SHOP[1 : len(COLORS)]}


def test_weights_that_do_not_fit_are_not_used(tmp_path: Path, shop: Shop) -> None:
    keep(shop)
    (tmp_path / "tuned" / "one" / "weights.safetensors").write_bytes(b"others")
    said: list[str] = []
    there = Tunings(tmp_path, Colourful, OSError, said.append)
    assert there.now() is None
    assert there.id == "one"
    assert "other weights" in said[0]
