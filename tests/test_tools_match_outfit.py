"""Whole looks: that they keep to every wish, differ in idea, use what is owned, and say what could not be met."""

import json
import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from typer.testing import CliRunner

from agent.assistant import Assistant
from perception.look import Garment, Look
from perception.photo import Photo
from store.reactions import Reaction
from store.shop import Shop
from store.shoppers import Profile
from store.types import Filters, Money, Product, Size, Text
from tests.fakes import FakeEmbedder
from tests.outfit_requests import request, violations
from tools.context import ToolContext
from tools.errors import ToolInputError
from tools.match_outfit import Asked, styled
from tools.results import Outfit
from tools.styling.ideas import differ
from tools.styling.piece import Piece
from ui.cli import app

Make = Callable[[Sequence[Product]], ToolContext]
COLOURS = ("white", "navy", "black", "beige", "red", "olive")
KINDS = {"shirt": 40, "t-shirt": 20, "sweater": 50, "pants": 60, "jeans": 55, "skirt": 45, "dress": 80, "blazer": 120,
         "coat": 150, "loafers": 90, "sneakers": 60, "tote": 70, "belt": 25}  # fmt: skip


def product(number: int, category: str, color: str, price: float, **more: Any) -> Product:
    return Product(
        **{
            "id": f"P{number}",
            "title": Text(en=f"{color} {category}"),
            "category": category,
            "colors": [color],
            "pattern": "plain",
            "price": Money(amount=Decimal(str(price)), currency=more.pop("currency", "USD")),
            **more,
        }
    )


def wardrobe(**more: Any) -> list[Product]:
    """A shop of every kind in every colour."""
    kinds = list(KINDS.items())
    return [
        product(n * 10 + i, kind, color, price + i, **more)
        for n, (kind, price) in enumerate(kinds)
        for i, color in enumerate(COLOURS)
    ]


class _Eyes:
    """Sees in a photo what its name says."""

    def __init__(self, seen: dict[str, list[Garment]]) -> None:
        self._seen = seen

    def look(self, photo: Photo, lang: str) -> Look:
        return Look(photo=photo.id, garments=self._seen[photo.id])


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(
        products: Sequence[Product],
        lang: str = "en",
        seen: dict[str, list[Garment]] | None = None,
        done: Sequence[Reaction] = (),
    ) -> ToolContext:
        shop = Shop.open(tmp_path / f"shop{len(list(tmp_path.iterdir()))}", FakeEmbedder())
        shop.upsert(products)
        photos = {name: SimpleNamespace(id=name) for name in seen or {}}
        context = SimpleNamespace(
            shop=shop,
            eyes=_Eyes(seen or {}),
            lang=lang,
            profile=Profile,
            done=lambda: done,
            product=lambda i: shop.get(i),
            photo=lambda i: photos[i],
        )
        return cast(ToolContext, context)

    return cast(Make, made)


def seen(category: str, color: str) -> list[Garment]:
    return [Garment(box=(0, 0, 1, 1), category=category, colors=[color], pattern="plain")]


def slots(outfit: Outfit) -> list[set[str]]:
    return [{str(i.slot) for i in look.items} | {o.slot for o in look.own} for look in outfit.looks]


# ---- wishes


def test_random_requests_break_no_wish(assistant: Assistant) -> None:
    catalogue = list(assistant.shop.all())
    by_id = {p.id: p for p in catalogue}
    rnd = random.Random(11)
    answers = []
    for _ in range(60):
        asked = request(rnd, catalogue)
        answers.append(styled(assistant.tool_context("desk", rnd.choice(["zh", "en"])), asked))
        assert violations(asked, answers[-1], by_id) == [], asked
    assert sum(bool(a.looks) for a in answers) > 40


def test_looks_differ_in_idea_and_share_nothing(assistant: Assistant) -> None:
    context = assistant.tool_context("desk", "en")
    for asked in (
        Asked(occasions=("work",), where=Filters(gender=["women"]), count=4),
        Asked(occasions=("date",), where=Filters(gender=["men"]), count=4),
        Asked(product=next(p.id for p in assistant.shop.all() if p.category == "jeans" and p.in_stock)),
    ):
        looks = styled(context, asked).looks
        assert 2 <= len(looks) <= 4
        assert len({look.idea for look in looks}) == len(looks)
        pieces = [[Piece.of(assistant.shop.get(i.id)) for i in look.items] for look in looks]  # type: ignore[arg-type]
        told = [_told(p) for p in pieces]
        assert all(differ(a, b) >= 1 for n, a in enumerate(told) for b in told[:n])
        added = [{i.id for i in look.items if i.id != asked.product} for look in looks]
        assert all(not a & b for n, a in enumerate(added) for b in added[:n])


def _told(pieces: list[Piece]) -> tuple[object, ...]:
    from tools.styling.candidates import candidate
    from tools.styling.ideas import aspects, plain

    made = [c for p in pieces if (c := candidate(p)) is not None]
    return aspects(made, plain("x", [[]]))


def test_a_budget_is_of_all_that_is_to_be_bought(make: Make) -> None:
    context = make(wardrobe())
    for budget in (200, 260):
        outfit = styled(context, Asked(product="P0", budget=budget))
        assert outfit.looks
        for look in outfit.looks:
            assert Decimal(look.total.amount) <= budget
            assert look.left and Decimal(look.left.amount) == budget - Decimal(look.total.amount)


def test_a_size_that_is_sold_out_is_not_chosen(make: Make) -> None:
    sizes = [Size(size="S", quantity=3), Size(size="M", quantity=0), Size(size="L", quantity=2)]
    shoes = [Size(size="38", quantity=0), Size(size="39", quantity=1)]
    out = [
        p.model_copy(update={"sizes": shoes if p.category in ("loafers", "sneakers") else sizes})
        for p in wardrobe()
    ]
    there = [s.model_copy(update={"quantity": 1}) for s in sizes]
    some = [
        p.model_copy(update={"id": f"Q{p.id}", "sizes": there})
        for p in wardrobe()
        if p.category in ("shirt", "pants")
    ]
    context = make([*out, *some])
    outfit = styled(context, Asked(occasions=("work",), where=Filters(size=["M"]), sizes={"shoes": "39"}))
    worn = [i for look in outfit.looks for i in look.items]
    assert worn
    assert {i.id[0] for i in worn if i.category not in ("loafers", "sneakers", "tote", "belt")} == {"Q"}
    without = styled(context, Asked(occasions=("work",), where=Filters(size=["M"]), sizes={"shoes": "38"}))
    assert not any(i.slot == "shoes" for look in without.looks for i in look.items)
    assert "shoes" in without.problem


@pytest.mark.parametrize(
    ("attribute", "value"), [("color", "navy"), ("material", "denim"), ("category", "skirt")]
)
def test_what_is_refused_is_in_no_piece_by_whatever_tells(make: Make, attribute: str, value: str) -> None:
    told = [
        product(900, "shirt", "white", 10, title=Text(en="Denim shirt"), rating=5, rating_count=500),
        product(901, "pants", "white", 10, colors=["white", "navy"], rating=5, rating_count=500),
    ]
    context = make([*wardrobe(), *told])
    where = Filters.model_validate({"not": {attribute: [value]}})
    outfit = styled(context, Asked(occasions=("everyday",), where=where, count=4))
    worn = [context.shop.get(i.id) for look in outfit.looks for i in look.items]
    assert worn
    for p in worn:
        assert p is not None
        assert value not in p.colors and not (value == "denim" and (p.category == "jeans" or p.id == "P900"))
        assert p.category != value


def test_each_slot_can_be_wished_for(make: Make) -> None:
    outfit = styled(make(wardrobe()), Asked(product="P0", slots={"shoes": Filters(color=["red"])}))
    shoes = [i for look in outfit.looks for i in look.items if i.slot == "shoes"]
    assert shoes and all(i.colors == ["red"] for i in shoes)
    assert any(i.colors != ["red"] for look in outfit.looks for i in look.items)


# ---- what is owned, what is changed


def test_of_a_wardrobe_only_what_is_missing_is_bought(make: Make) -> None:
    own = {"a": seen("shirt", "white"), "b": seen("pants", "navy"), "c": seen("jeans", "blue"), "d": []}
    context = make(wardrobe(), seen=own)  # type: ignore[call-arg]
    outfit = styled(context, Asked(photos=tuple(own)))
    assert outfit.looks
    for look, filled in zip(outfit.looks, slots(outfit), strict=True):
        assert look.own and not {i.slot for i in look.items} & {"top", "bottom"}
        assert {"top", "bottom", "shoes"} <= filled or "onepiece" in filled
        assert all(o.name.startswith("your ") for o in look.own)
    assert "1 of the photos" in outfit.problem
    assert len({o.photo for look in outfit.looks for o in look.own if o.slot == "bottom"}) == 2


def test_what_was_disliked_is_in_no_look(make: Make) -> None:
    first = styled(make(wardrobe()), Asked(occasions=("work",)))
    disliked = [i.id for look in first.looks for i in look.items if i.slot == "shoes"]
    assert disliked
    done = [Reaction(action="disliked", product=i) for i in disliked]
    again = styled(make(wardrobe(), done=done), Asked(occasions=("work",)))  # type: ignore[call-arg]
    assert not {i.id for look in again.looks for i in look.items} & set(disliked)


def test_products_that_can_be_worn_at_once_are_all_in_every_look(make: Make) -> None:
    context = make(wardrobe())
    whole = styled(context, Asked(occasions=("work",))).looks[0]
    chosen = tuple(i.id for i in whole.items)[:2]
    for look in styled(context, Asked(products=chosen)).looks:
        assert set(chosen) <= {i.id for i in look.items}


@pytest.mark.parametrize("budget", [math.nan, math.inf, -1.0])
def test_a_budget_that_is_none_is_an_error_of_the_call(make: Make, budget: float) -> None:
    with pytest.raises(ToolInputError):
        styled(make(wardrobe()), Asked(occasions=("work",), budget=budget))


def test_a_photo_costs_nothing_and_is_in_every_look(make: Make) -> None:
    context = make(wardrobe(), seen={"a": seen("jeans", "blue")})  # type: ignore[call-arg]
    outfit = styled(context, Asked(photo="a", budget=120))
    assert outfit.looks and all(look.own[0].slot == "bottom" for look in outfit.looks)
    for look in outfit.looks:
        assert look.total.amount == f"{sum(Decimal(i.price.amount) for i in look.items):.2f}"


def test_swapping_one_slot_changes_nothing_else(make: Make) -> None:
    context = make(wardrobe())
    look = styled(context, Asked(product="P0", where=Filters(gender=["women"]))).looks[0]
    ids = tuple(i.id for i in look.items)
    shoes = next(i.id for i in look.items if i.slot == "shoes")
    others = styled(context, Asked(product="P0", look=ids, swap="shoes"))
    assert others.looks and not others.problem
    for other in others.looks:
        assert {i.id for i in other.items if i.slot != "shoes"} == set(ids) - {shoes}
        assert shoes not in {i.id for i in other.items}
    assert len({i.id for o in others.looks for i in o.items if i.slot == "shoes"}) == len(others.looks)


def test_more_casual_keeps_what_need_not_change(make: Make) -> None:
    context = make(wardrobe())
    before = ("P0", "P31", "P70", "P90")  # white shirt, navy pants, white blazer, white loafers
    step = styled(context, Asked(look=before, formality=-1)).looks[0]
    assert step.idea == "The same look, a step more casual"
    assert {i.slot for i in step.items} >= {"top", "bottom", "outer", "shoes"}
    assert 1 <= len(set(before) & {i.id for i in step.items}) < len(before)


def test_keep_keeps(make: Make) -> None:
    before = ("P0", "P31", "P70", "P90")
    outfit = styled(make(wardrobe()), Asked(look=before, keep=("P70",)))
    assert outfit.looks
    for look in outfit.looks:
        assert "P70" in {i.id for i in look.items}
        assert not {i.id for i in look.items} & {"P0", "P31", "P90"}


# ---- bad input


def test_too_small_a_budget_is_told_with_what_it_takes(make: Make) -> None:
    context = make(wardrobe())
    outfit = styled(context, Asked(occasions=("beach",), formality="formal", budget=5))
    assert not outfit.looks
    least = Decimal(outfit.problem.rsplit("$", 1)[1].rstrip("."))
    assert styled(context, Asked(occasions=("beach",), formality="formal", budget=float(least))).looks
    part = styled(context, Asked(occasions=("everyday",), budget=45))
    assert part.looks and part.looks[0].missing and "$45.00" in part.problem
    over = styled(context, Asked(product="P70", budget=50))
    assert not over.looks and "$120.00" in over.problem


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_shop_of_lamps_says_so(make: Make, lang: str) -> None:
    lamps = [product(n, "lamp", "white", 30) for n in range(5)]
    context = make(lamps, lang)  # type: ignore[call-arg]
    assert not (outfit := styled(context, Asked(occasions=("work",)))).looks and outfit.problem
    assert "white lamp" in styled(context, Asked(product="P0")).problem


def test_a_shop_of_shoes_shows_shoes_and_says_so(make: Make) -> None:
    context = make([p for p in wardrobe() if p.category in ("loafers", "sneakers")])
    outfit = styled(context, Asked(occasions=("work",)))
    assert outfit.looks and "only shoes" in outfit.problem
    assert all(look.missing for look in outfit.looks)
    alone = styled(context, Asked(product="P90"))
    assert not alone.looks and "only shoes" in alone.problem


def test_a_slot_that_nothing_fills_is_told(make: Make) -> None:
    context = make([p for p in wardrobe() if p.category not in ("loafers", "sneakers")])
    outfit = styled(context, Asked(product="P0"))
    assert outfit.looks and all("shoes" in look.missing for look in outfit.looks)
    assert "shoes" in outfit.problem


def test_a_photo_without_a_garment_is_told(make: Make) -> None:
    context = make(wardrobe(), seen={"a": []})  # type: ignore[call-arg]
    assert not (outfit := styled(context, Asked(photo="a"))).looks and "photo" in outfit.problem
    by_occasion = styled(context, Asked(photo="a", occasions=("work",)))
    assert by_occasion.looks and "photo" in by_occasion.problem


def test_a_wish_that_nothing_meets_is_given_up_and_named(make: Make) -> None:
    outfit = styled(make(wardrobe()), Asked(product="P0", slots={"shoes": Filters(color=["purple"])}))
    assert outfit.looks and "purple" in outfit.problem
    assert all("purple" in look.given_up for look in outfit.looks)


def test_nothing_in_stock_names_what_was_asked(make: Make) -> None:
    gone = [p.model_copy(update={"availability": "out_of_stock"}) for p in wardrobe()]
    outfit = styled(make(gone), Asked(occasions=("work",), where=Filters(color=["red"])))
    assert not outfit.looks and "the office" in outfit.problem and "red" in outfit.problem


def test_prices_are_told_in_the_shops_currency_and_never_mixed(make: Make) -> None:
    titles = {"title": Text(zh="衣服")}
    some = [product(900 + n, "loafers", "white", 5, currency="EUR", **titles) for n in range(3)]
    context = make([*wardrobe(currency="CNY"), *some], "zh")  # type: ignore[call-arg]
    outfit = styled(context, Asked(product="P0", budget=300))
    assert outfit.looks and all(look.total.text.startswith("¥") for look in outfit.looks)
    assert {i.price.currency for look in outfit.looks for i in look.items} == {"CNY"}


def test_nothing_to_go_by_is_an_error_of_the_call(make: Make) -> None:
    context = make(wardrobe())
    with pytest.raises(ToolInputError):
        styled(context, Asked())
    with pytest.raises(ToolInputError):
        styled(context, Asked(product="P0", swap="roof"))
    with pytest.raises(ToolInputError):
        styled(context, Asked(product="P0", formality="splendid"))


# ---- at the door


def test_the_command_takes_every_wish(demo_data: Path) -> None:
    args = ["outfit", "--occasion", "interview", "--weather", "hot", "--budget", "300", "--gender", "women"]
    args += ["--size", "M", "--size", "shoes=38", "--not", "red", "--not", "skirt", "--data", str(demo_data)]
    result = CliRunner().invoke(app, [*args, "--json"])
    assert result.exit_code == 0, result.output
    looks = [json.loads(line) for line in result.stdout.splitlines()]
    assert looks
    for look in looks:
        assert look["idea"] and Decimal(look["total"]["amount"]) + Decimal(look["left"]["amount"]) == 300
        assert not any("red" in item["colors"] or item["category"] == "skirt" for item in look["items"])
    told = CliRunner().invoke(app, [*args[:-2], "--lang", "zh", "--data", str(demo_data)])
    assert told.exit_code == 0 and "搭配 1 · " in told.stdout


def test_the_command_says_why_there_is_no_look(demo_data: Path) -> None:
    args = [
        "outfit",
        "--occasion",
        "beach",
        "--formality",
        "formal",
        "--budget",
        "5",
        "--data",
        str(demo_data),
    ]
    result = CliRunner().invoke(app, [*args, "--json"])
    assert result.exit_code == 1
    error = json.loads(result.stdout.splitlines()[0])["error"]
    assert error["code"] == "no_look" and "$5.00" in error["message"]
    for bad in (["--weather", "foggy"], ["--not", "blurple"], ["--formality", "very"], ["--size", "roof=3"]):
        assert CliRunner().invoke(app, ["outfit", "--data", str(demo_data), *bad]).exit_code == 2
