"""First questions: made of what a shop has, understood as they are meant, and never a dead end."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import SHOP, product

from agent.assistant import Assistant
from agent.openings import Openings, Wish, _ceiling
from agent.planner.lexicon import Lexicon
from agent.planner.model import hear
from agent.planner.state import State
from store.types import Money


def shop(*rows: tuple[str, str, str], currency: str = "USD", **more: Any) -> list[Any]:
    """Products from (category, colour, price)."""
    made = []
    for number, (category, color, price) in enumerate(rows):
        one = product(f"p{number}", "东西", "Thing", category, price, colors=[color] if color else [], **more)
        made.append(one.model_copy(update={"price": Money(amount=Decimal(price), currency=currency)}))
    return made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_first_question_has_an_answer_in_the_demo_shop(assistant: Assistant, lang: str) -> None:
    questions = assistant.first_questions(lang)
    assert len(questions) == 4
    for question, kind in zip(questions, ("products", "products", "outfit", "policy"), strict=True):
        events = list(assistant.session().respond(question))
        (found,) = [e for e in events if e.type == kind]
        assert not [e for e in events if e.type == "error"], question
        if kind == "products":
            assert len(found.items) >= 2 and not any(card.nearest for card in found.items), question


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("currency", ["USD", "EUR", "GBP", "CNY", "JPY", "SEK"])
@pytest.mark.parametrize("price", ["8.90", "47.00", "4980"])
def test_a_question_is_understood_as_it_is_meant(lang: str, currency: str, price: str) -> None:
    goods = shop(("tote", "", price), ("tote", "", price), ("earrings", "red", price), currency=currency)
    openings = Openings.of(goods, [])
    for question, wish in zip(openings.questions(lang), openings.wishes, strict=True):
        meaning, _ = hear(question, [], State(), Lexicon(currency=currency), lang)
        assert meaning.tool == "search_catalog", question
        where = meaning.args["where"]
        assert where["category"] == [wish.category], question
        assert where.get("color", [None])[0] == wish.color
        if wish.under:
            assert Decimal(str(where["price"]["max"])) == wish.under.amount >= Decimal(price), question
            assert where["price"].get("currency", currency) == currency


def test_only_what_can_be_bought_and_has_a_word_is_offered() -> None:
    gone = product("x", "裙", "Dress", "dress", "10", sizes={"M": 0}, availability="out_of_stock")
    odd = product("y", "?", "?", "flux-capacitor", "10", colors=["octarine"], season=["never"])
    assert Openings.of([gone, odd], []).wishes == ()
    assert Openings.of([gone, odd], []).questions("en") == []
    (first, second) = Openings.of([odd.model_copy(update={"category": "belt"})], ["returns"]).wishes
    assert first == Wish("belt") and second.color is None and second.subject("en") == "belts"


def test_outfits_and_rules_are_offered_where_there_are_any() -> None:
    bags = Openings.of(shop(("tote", "beige", "20")), ["shipping"])
    assert not bags.outfits and not bags.returns and len(bags.questions("zh")) == 2
    clothes = Openings.of(SHOP, ["returns"])
    assert clothes.outfits and clothes.returns and len(clothes.questions("zh")) == 4
    assert Openings.of(shop(("shirt", "red", "20"), ("jeans", "navy", "30")), []).outfits
    assert not Openings.of(shop(("shirt", "red", "20")), []).outfits


@given(st.lists(st.integers(1, 9_999_999), min_size=1, max_size=9))
def test_half_of_the_prices_keep_to_a_round_amount(cents: list[int]) -> None:
    amounts = [Decimal(c) / 100 for c in cents]
    ceiling = _ceiling([Money(amount=a) for a in amounts]).amount
    median = sorted(amounts)[(len(amounts) - 1) // 2]
    assert sum(a <= ceiling for a in amounts) * 2 >= len(amounts)
    assert median <= ceiling <= max(1, 2 * median)
    assert len(f"{ceiling.normalize():f}".rstrip("0")) <= 2


def test_they_follow_the_shop(demo_copy: Any) -> None:
    from agent.settings import Settings

    opened = Assistant.open(Settings(data=demo_copy, model="offline"))
    try:
        assert "T-shirts" in opened.first_questions("en")[0]
        opened.shop.delete([p.id for p in opened.products() if "hat" not in p.category])
        left = {p.category for p in opened.products() if p.in_stock}
        assert left and all("dress" not in q and "T-shirt" not in q for q in opened.first_questions("en"))
        (demo_copy / "policies.yaml").write_text("topics: [", encoding="utf-8")
        opened.__dict__.pop("policies", None)
        opened.shop.delete([next(p.id for p in opened.products())])
        assert not [
            q for q in opened.first_questions("en") if "return" in q
        ]  # a broken file keeps nobody out
        opened.shop.delete([p.id for p in opened.products()])
        assert opened.first_questions("en") == opened.searches("zh") == []
    finally:
        opened.close()
