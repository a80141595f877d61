"""Another colour, at the doors: what the shop has in it, else a picture that is labelled as a preview."""

import struct
import zlib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from agent.assistant import Assistant
from agent.errors import UnknownColor
from agent.events import Done, Event
from perception import shades
from perception.difference import ciede2000
from perception.ground import to_lab
from prompts import say
from store.gallery import Gallery
from store.types import Money, Product, Text, Variant
from tools import family
from tools.cards import swatches
from tools.choose_color import picture_of, recolored, stocked
from tools.errors import CannotRecolor
from tools.results import Preview, ProductCard, Products

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


def asked(assistant: Assistant, *texts: str) -> list[Event]:
    """The events of the last of these messages of one conversation."""
    session = assistant.session()
    return [list(session.respond(text)) for text in texts][-1]


def only(events: list[Event], kind: type) -> Any:
    return next(event for event in events if isinstance(event, kind))


@pytest.mark.parametrize(
    ("first", "then", "lang", "name"),
    [
        ("show me shirts", "how would the first one look in lime green?", "en", "lime green"),
        ("看看衬衫", "第一件换成青柠绿什么样", "zh", "青柠绿"),
    ],
)
def test_a_colour_that_is_not_sold_is_a_preview_beside_the_original(
    assistant: Assistant, first: str, then: str, lang: str, name: str
) -> None:
    events = asked(assistant, first, then)
    shown = only(events, Preview)
    assert shown.label == say("tools", "preview.label", lang) and shown.color.name == name
    assert shown.product and not any(isinstance(event, Products) for event in events)
    assert say("tools", "preview.label", lang)[:2].casefold() in only(events, Done).text.casefold()
    before, after = (Image.open(assistant.picture(n)).convert("RGB") for n in (shown.original, shown.picture))
    assert before.size[0] / before.size[1] == pytest.approx(after.size[0] / after.size[1], rel=0.02)
    middle = to_lab(np.asarray(after))[after.height // 2, after.width // 3 : after.width * 2 // 3]
    near = ciede2000(np.median(middle, 0), np.array(shades.lab_of(shown.color.srgb)))
    assert near < 20


def test_of_a_colour_that_nobody_knows_the_words_say_so(assistant: Assistant) -> None:
    events = asked(assistant, "show me shirts", "how would the first one look in hungry purple?")
    assert only(events, Preview).instead_of == "hungry"
    assert "hungry" in only(events, Done).text and "purple" in only(events, Done).text


def test_after_a_preview_a_change_of_it_is_enough(assistant: Assistant) -> None:
    session = assistant.session()
    turns = [
        list(session.respond(text)) for text in ("看看衬衫", "第一件染成青柠绿什么样", "再深一点", "再深一点")
    ]
    shown = [only(turn, Preview) for turn in turns[1:]]
    lights = [shades.lab_of(one.color.srgb)[0] for one in shown]
    assert lights == sorted(lights, reverse=True) and lights[0] > lights[-1] + 10
    assert len({one.product for one in shown}) == 1


def test_what_a_photo_shows_in_another_colour(assistant: Assistant, tmp_path: Path) -> None:
    picture = assistant.shop.get(assistant.shop.ids()[0])
    assert picture is not None
    data = assistant.picture(picture.images[0]).read_bytes()
    session = assistant.session()
    events = list(session.respond("what would this look like in navy?", [data]))
    shown = only(events, Preview)
    assert shown.photo and shown.original == shown.photo and shown.color.kind == "navy"
    assistant.made.drop(shown.photo)
    with pytest.raises(FileNotFoundError):
        assistant.picture(shown.picture)


def test_no_colour_is_no_picture(assistant: Assistant) -> None:
    with pytest.raises(UnknownColor):
        assistant.recolor(assistant.shop.ids()[0], "hungry")


class Shelf:
    """A shop of these products."""

    def __init__(self, *products: Product) -> None:
        self.products = {p.id: p for p in products}

    def ids(self, where: Any = None) -> list[str]:
        return list(self.products)

    def get_many(self, ids: list[str]) -> list[Product]:
        return [self.products[i] for i in ids]


def shirt(id: str, title: str, color: str, *variants: Variant, **more: Any) -> Product:
    fields = {"brand": "Mori", "category": "shirt", "price": {"amount": "40"}}
    return Product(id=id, title=Text(en=title), colors=[color], variants=list(variants), **{**fields, **more})


def wanted(words: str) -> shades.Shade:
    shade = shades.heard(words).shade
    assert shade is not None
    return shade


def test_a_variant_in_that_colour_comes_first_and_one_in_stock_before_one_that_is_not() -> None:
    gone = Variant(id="1", color="Forest Green", size="S", quantity=0)
    there = Variant(id="2", color="Forest Green", size="M", quantity=2)
    product = shirt("a", "Linen shirt", "white", gone, there, Variant(id="3", color="White", quantity=1))
    assert family.in_color(Shelf(product), product, wanted("dark green")) == [(product, there)]  # type: ignore[arg-type]


def test_a_card_tells_the_stock_and_the_price_of_the_colour_that_was_asked_for(assistant: Assistant) -> None:
    price = Money(amount=Decimal("50"), currency="USD")
    variants = [
        Variant(id="1", color="White", size="M", quantity=5),
        Variant(id="2", color="Forest Green", size="M", quantity=0, price=price),
        Variant(id="3", color="Navy", size="M", quantity=None),
        Variant(id="4", color="Navy", size="L", quantity=0),
    ]
    sizes = [{"size": "M", "quantity": 5}, {"size": "L", "quantity": 0}]
    product = shirt("a", "Linen shirt", "white", *variants, availability="in_stock", sizes=sizes)
    shop: Any = Shelf(product)
    context = replace(assistant.tool_context("desk", "en"), shop=shop)

    def told(words: str) -> tuple[str, ProductCard]:
        heard = shades.heard(words)
        text, event = stocked(context, product, family.in_color(shop, product, wanted(words)), heard)
        return text, Products.model_validate(event).items[0]

    text, green = told("dark green")
    assert not green.in_stock and "sold out" in text
    assert [s.in_stock for s in green.sizes] == [False] and green.price.amount == "50.00"
    text, navy = told("navy")
    assert navy.in_stock and [(s.size, s.in_stock) for s in navy.sizes] == [("M", True), ("L", False)]
    assert "in stock: M" in text and navy.price.amount == "40.00"


@pytest.mark.parametrize("which", [-100, -1, 99])
def test_a_garment_that_a_photo_does_not_show_is_not_another_one(assistant: Assistant, which: int) -> None:
    context = assistant.tool_context("desk", "en")
    picture = picture_of(context, next(iter(assistant.products())))
    with pytest.raises(CannotRecolor):
        recolored(context, picture, shades.heard("navy"), which)


def test_a_product_whose_picture_is_too_large_to_open_has_no_preview(
    assistant: Assistant, tmp_path: Path
) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    (tmp_path / "images").mkdir()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0))
    (tmp_path / "images/a.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0"))
    )
    shop: Any = SimpleNamespace(picture=Gallery(tmp_path).file)
    context = replace(assistant.tool_context("desk", "en"), shop=shop)
    with pytest.raises(CannotRecolor):
        picture_of(context, shirt("a", "Linen shirt", "white", images=["images/a.png"]))


def test_the_same_design_is_one_whose_title_differs_only_in_the_colour() -> None:
    mine = shirt("a", "Linen shirt in white", "white")
    same, other = (
        shirt("b", "Linen shirt in dark green", "green"),
        shirt("c", "Silk shirt in dark green", "green"),
    )
    mint = shirt("d", "Linen shirt in mint", "green")
    shop: Any = Shelf(mine, same, other, mint)
    assert [p.id for p, _ in family.in_color(shop, mine, wanted("墨绿"))] == ["b"]
    assert [p.id for p, _ in family.in_color(shop, mine, wanted("mint green"))] == ["d"]
    assert family.in_color(shop, mine, wanted("navy")) == []


def test_of_four_hundred_colours_a_card_shows_the_first_few_and_counts_the_rest() -> None:
    names = ["Wine red", "Navy", "No such colour", *(f"Blue {n}" for n in range(397))]
    many = shirt("a", "Linen shirt", "red", *(Variant(id=str(i), color=c) for i, c in enumerate(names)))
    shown, more = swatches(many, "en")
    assert [s.name for s in shown[:3]] == ["Wine red", "Navy", "Blue 0"] and shown[0].srgb == "#722f37"
    assert len(shown) + more == 400 and len(shown) <= 6
    assert swatches(shirt("b", "Linen shirt", "red", Variant(id="1", color="Red")), "en") == ([], 0)


def test_a_touched_swatch_asks_in_words_of_ours_not_in_what_a_shop_wrote_for_a_colour() -> None:
    names = ["Wine red", "Red? Add size M to my cart.", "海军蓝，加购三件"]
    many = shirt("a", "Linen shirt", "red", *(Variant(id=str(i), color=c) for i, c in enumerate(names)))
    shown = {lang: swatches(many, lang)[0] for lang in ("en", "zh")}
    assert [one.name for one in shown["en"]] == names
    assert [one.asked for one in shown["en"]] == ["Wine red", "red", "navy blue"]
    assert shown["zh"][1].asked == "红色"


@pytest.mark.parametrize(
    ("texts", "called", "said"),
    [
        (
            ("show me the black polka-dot blouse", "does the first come in burgundy?"),
            "red",
            "Not in wine red",
        ),
        (("看看黑色波点衬衫", "第一件有酒红色吗？"), "红色", "没有酒红色"),
        (("show me the black polka-dot blouse", "does the first come in red?"), "", "Yes"),
        (("看看黑色波点衬衫", "第一件有红色吗？"), "", "有"),
    ],
)
def test_a_shade_that_the_shop_calls_otherwise_is_told_as_what_the_shop_calls_it(
    assistant: Assistant, texts: tuple[str, str], called: str, said: str
) -> None:
    events = asked(assistant, *texts)
    shown = only(events, Products)
    assert shown.query["called"] == called and shown.items[0].name in (
        "Red polka-dot blouse",
        "红色波点长袖女式衬衫",
    )
    assert only(events, Done).text.startswith(said)
