"""Boards of looks: promised under names nobody guesses, drawn when asked for, of what is sold now."""

import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from agent.assistant import Assistant
from perception.look import Garment
from perception.mattes import Mattes
from perception.photo import Album
from store.errors import PictureNotFound
from store.types import Money, Product, Text
from tools.boards import draw, shelf
from tools.boards.compose import Board
from tools.boards.draw import Studio, promised, recipe
from tools.boards.shelf import Boards, Bought, Owned, Recipe
from tools.cards import card, money
from tools.results import LookOutfit, OwnPiece

STRANGE = [
    "board-",
    "board-../secret",
    "board-" + "0" * 32,
    "board-" + "a" * 9000,
    "board-\0",
    "secret",
    "board-*",
]


class Blind:
    """Knows of no garment."""

    def whereabouts(self, image: Image.Image, box: object = None) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros((33, 33), np.float32), np.zeros((33, 33), np.float32)


class Shop:
    """Two things on sale, pictures in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "images").mkdir(parents=True)
        for name, color in (("bag", "#7a2030"), ("shoes", "#203a6a")):
            picture = Image.new("RGB", (300, 400), "#eceae6")
            ImageDraw.Draw(picture).rounded_rectangle((70, 150, 230, 300), radius=30, fill=color)
            picture.save(folder / f"images/{name}.png")
        self.products = {
            name: Product(
                id=name,
                title=Text(en=f"The {name}", zh=f"这款{name}"),
                category=name,
                price=Money(amount=Decimal(price)),
                images=[f"images/{name}.png"],
            )
            for name, price in (("bag", "40"), ("shoes", "90"))
        }

    def get_many(self, ids: list[str]) -> list[Product]:
        return [self.products[i] for i in ids if i in self.products]

    def picture(self, name: str) -> Path:
        if not (self.folder / name).is_file():
            raise PictureNotFound(name)
        return self.folder / name


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    shop: Any = Shop(tmp_path)
    eyes: Any = Blind()
    kept = tmp_path / "boards"
    return Studio(shop, eyes, Album(tmp_path / "photos"), Mattes(kept / "mattes"), Boards(kept), "A shop")


@pytest.fixture
def sketched(monkeypatch: pytest.MonkeyPatch) -> list[Board]:
    """Boards are not painted but noted: what stands on them is what matters here."""
    drawn: list[Board] = []

    def sketch(board: Board) -> Image.Image:
        drawn.append(board)
        return Image.new("RGB", (54, 68))

    monkeypatch.setattr(draw, "compose", sketch)
    return drawn


def photo() -> bytes:
    picture = Image.new("RGB", (200, 200), "#30506a")
    ImageDraw.Draw(picture).rectangle((40, 40, 160, 160), fill="#c05030")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


TWO = Recipe(
    lang="en", idea="For a walk", items=[Bought(id="bag", slot="bag"), Bought(id="shoes", slot="shoes")]
)


def test_a_board_is_drawn_when_first_asked_for_and_kept(studio: Studio) -> None:
    name = studio.boards.promise(TWO)
    assert studio.has_to_draw(name)
    path = studio.file(name)
    with Image.open(path) as picture:
        assert picture.size == (1080, 1350) and picture.format == "JPEG"
    assert not studio.has_to_draw(name) and studio.file(name) == path
    assert studio.boards.promise(TWO) == name


def test_a_board_is_drawn_anew_when_a_price_a_name_or_a_picture_changes_and_not_otherwise(
    studio: Studio, sketched: list[Board]
) -> None:
    name, shop = studio.boards.promise(TWO), studio.shop
    seen = [studio.file(name)]
    bag = shop.products["bag"]  # type: ignore[attr-defined]
    for changed in (
        {"sale_price": Money(amount=Decimal("30"))},
        {"title": Text(en="Another bag")},
        {"availability": "out_of_stock"},
    ):
        shop.products["bag"] = bag = bag.model_copy(update=changed)  # type: ignore[attr-defined]
        assert studio.has_to_draw(name)
        seen.append(studio.file(name))
    Image.new("RGB", (300, 400), "#107010").save(shop.picture("images/bag.png"))
    seen.append(studio.file(name))
    shop.products["bag"] = bag.model_copy(update={"rating": 4.0})  # type: ignore[attr-defined]
    assert studio.file(name) == seen[-1] and len(set(seen)) == 5 == len(sketched)
    told = [board.pieces[0] for board in sketched]
    assert [(p.name, p.price, p.was, p.note) for p in told] == [
        ("The bag", "$40.00", "", ""),
        ("The bag", "$30.00", "$40.00", ""),
        ("Another bag", "$30.00", "$40.00", ""),
        ("Another bag", "$30.00", "$40.00", "sold out"),
        ("Another bag", "$30.00", "$40.00", "sold out"),
    ]
    assert [board.total for board in sketched] == ["$130.00", "$120.00", "$120.00", "$90.00", "$90.00"]
    assert list(studio.boards.folder.glob("board-*.jpg")) == [seen[-1]], "older ones go"


def test_the_total_is_of_what_can_be_had_now(studio: Studio) -> None:
    shop: Any = studio.shop
    assert studio._total(TWO) == ("$130.00", True)
    shop.products["bag"] = shop.products["bag"].model_copy(update={"availability": "out_of_stock"})
    assert studio._total(TWO) == ("$90.00", False)
    euro = Money(amount=Decimal("10"), currency="EUR")
    shop.products["bag"] = shop.products["bag"].model_copy(update={"availability": "preorder", "price": euro})
    assert studio._total(TWO) == ("€10.00 + $90.00", True)


def test_what_left_the_shop_leaves_the_board_and_the_last_one_takes_it_along(
    studio: Studio, sketched: list[Board]
) -> None:
    shop: Any = studio.shop
    name = studio.boards.promise(TWO)
    del shop.products["bag"]
    assert studio.file(name).is_file() and studio._total(TWO) == ("$90.00", False)
    shop.products.clear()
    with pytest.raises(FileNotFoundError):
        studio.file(name)


@pytest.mark.parametrize("name", STRANGE)
def test_no_name_draws_what_was_not_promised_or_leads_out_of_the_folder(studio: Studio, name: str) -> None:
    studio.boards.promise(TWO)
    for ask in (studio.file, studio.has_to_draw):
        with pytest.raises((FileNotFoundError, ValueError)):
            ask(name)
    assert not list(studio.boards.folder.glob("*.jpg"))


def test_nobody_can_work_out_the_name_of_a_board(tmp_path: Path) -> None:
    names = {Boards(tmp_path / place).promise(TWO) for place in "abc"}
    assert len(names) == 3, "each shop has a secret of its own"
    assert Boards(tmp_path / "a").promise(TWO) in names, "and keeps it"


def test_a_board_with_a_photo_goes_when_the_photo_goes(studio: Studio, sketched: list[Board]) -> None:
    kept = studio.album.put(photo())
    own = Owned(photo=kept.id, slot="top", name="your top", category="shirt")
    name = studio.boards.promise(TWO.model_copy(update={"own": [own]}))
    other = studio.boards.promise(TWO)
    path = studio.file(name)
    studio.file(other)
    mattes = set(studio.mattes.folder.iterdir())
    studio.drop(kept.id)
    assert not path.exists() and studio.file(other).is_file()
    assert len(mattes - set(studio.mattes.folder.iterdir())) == 1, "and what was lifted off it"
    assert not [p for p in studio.boards.folder.iterdir() if kept.id in p.name or name in p.name]
    with pytest.raises(FileNotFoundError):
        studio.file(name)


def test_a_photo_that_is_gone_is_on_no_board_even_where_it_was_not_told(
    studio: Studio, sketched: list[Board]
) -> None:
    kept = studio.album.put(photo())
    own = Owned(photo=kept.id, slot="top", name="your top")
    name = studio.boards.promise(TWO.model_copy(update={"own": [own]}))
    studio.file(name)
    studio.album.drop(kept.id)
    with pytest.raises(FileNotFoundError):
        studio.file(name)


def test_only_the_newest_promises_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "KEPT", 5)
    boards = Boards(tmp_path)
    names = [boards.promise(TWO.model_copy(update={"idea": str(n)})) for n in range(12)]
    left = [p.stem for p in tmp_path.glob("board-*.json")]
    assert len(left) <= 5 and boards.recipe(names[-1]).idea == "11"


def test_missing_and_broken_pictures_make_a_board_all_the_same(studio: Studio) -> None:
    studio.shop.picture("images/bag.png").write_bytes(b"no picture")
    studio.shop.picture("images/shoes.png").unlink()
    assert studio.file(studio.boards.promise(TWO)).is_file()


def test_a_disk_that_cannot_be_written_costs_the_board_not_the_look(
    studio: Studio, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Boards, recipe: Recipe) -> str:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Boards, "promise", full)
    context = replace(assistant.tool_context("desk", "en"), boards=studio.boards)
    look = LookOutfit(items=[], own=[], total=money(Money(amount=Decimal(1))), score=1.0)
    item = card(studio.shop.get_many(["bag"])[0], "en", slot="bag")
    assert promised(context, [look.model_copy(update={"items": [item]})])[0].board is None


def test_a_garment_among_several_in_a_photo_is_shown_by_its_box_and_one_that_is_not_there_whole() -> None:
    seen = [
        Garment(box=(0, 0, 0.5, 1), category="shirt"),
        Garment(box=(0.5, 0, 1, 1), category="shoes", kind="boots"),
    ]
    own = [OwnPiece(photo="p", garment=k, slot="shoes", name="yours") for k in (1, 7)]
    two = recipe("en", "", [], own, lambda _: seen).own
    assert two[0].box == (0.5, 0, 1, 1) and two[0].category == "boots"
    assert two[1].box is None and two[1].category == ""
    assert recipe("en", "", [], own[:1], lambda _: seen[1:]).own[0].box is None


def test_no_board_has_more_pieces_than_fit() -> None:
    many = [Bought(id=str(n), slot="top") for n in range(40)]
    own = [OwnPiece(photo="p", slot="top", name="yours")] * 3
    told = recipe("en", "", many, own, lambda _: [])
    assert len(told.items) + len(told.own) == draw.MOST


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_said_in_place_of_a_board_names_every_piece_and_the_total(lang: str) -> None:
    items = [
        card(Product(id=n, title=Text(en=n, zh=n), category="bag", price=Money(amount=Decimal(5))), lang)
        for n in ("one", "two")
    ]
    own = [OwnPiece(photo="p", slot="top", name="your coat")]
    total = money(Money(amount=Decimal(10)))
    told = draw.alt(LookOutfit(items=items, total=total, score=1, idea="Idea", own=own), lang)
    assert all(word in told for word in ("one", "two", "your coat", "$10.00", "Idea", "$5.00"))


def test_every_look_of_a_conversation_has_a_board_that_can_be_fetched(assistant: Assistant) -> None:
    session = assistant.session()
    events = [
        *session.respond("what goes with a navy blazer?"),
        *session.respond("what goes with the first one?"),
    ]
    looks = [look for event in events if event.type == "outfit" for look in event.looks]
    assert looks and all(look.board and look.board_alt for look in looks)
    assert len({look.board for look in looks}) == len(looks)
    board = str(looks[0].board)
    assert assistant.picture(board).is_file() and not assistant.has_to_draw(board)
    for item in looks[0].items:
        assert item.name in looks[0].board_alt
