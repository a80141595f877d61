"""Recommendations in shops made for the purpose: several tastes, dislikes obeyed, true reasons, any kind of goods."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from fakes import FakeEmbedder
from PIL import Image
from store_samples import product

from store.carts import Carts
from store.reactions import Reaction, Reactions
from store.shop import Shop
from store.shoppers import Profile, Reacted, Shoppers, Taste
from store.together import Together
from store.types import Filters, PriceRange, Product
from tools import goods as goods_module
from tools import picks
from tools.choosing import because, choose
from tools.context import ToolContext
from tools.goods import goods
from tools.reacting import known, opinions, react
from tools.recommend import Wanted, recommended
from tools.search_catalog import search_catalog
from tools.taste import taste
from tools.taste_words import Because, told

COLOURS = {"red": (190, 30, 40), "navy": (30, 40, 80), "white": (240, 240, 240), "green": (40, 130, 70)}
Open = Callable[..., ToolContext]


def wardrobe() -> list[Product]:
    """Shirts, dresses and boots in four colours, two materials each; ratings fall with the number."""
    found = []
    kinds = {"shirt": ("linen", "cotton"), "dress": ("silk", "cotton"), "boots": ("leather", "suede")}
    names = {"shirt": "衬衫", "dress": "连衣裙", "boots": "靴子"}
    for kind, materials in kinds.items():
        for colour in COLOURS:
            for n, material in enumerate((*materials, *materials)):
                id = f"{kind}-{colour}-{material}-{n}"
                number = len(found)
                found.append(
                    product(id, f"{colour}{names[kind]}{n}", f"{colour} {material} {kind} {n}", kind,
                            f"{20 + number}.00", colors=[colour], material=material,
                            pattern="floral" if n == 3 else "plain",
                            rating=round(5 - number / 20, 1), rating_count=100 + number)
                )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shop]:
    """Shops by what is in them: none of the tests changes one."""
    return {}


@pytest.fixture
def opened(tmp_path: Path, shops: dict[str, Shop], tmp_path_factory: pytest.TempPathFactory) -> Open:
    """A context on a shop of these products, with pictures of their colour unless `pictures` is False."""

    def open_(products: list[Product], pictures: bool = True, lang: str = "en", who: str = "") -> ToolContext:
        key = f"{pictures} {[p.fingerprint for p in products]}"
        if key not in shops:
            shops[key] = made(products, pictures, tmp_path_factory.mktemp("shop"))
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        nothing = cast(Any, None)
        return ToolContext(
            shop=shops[key], carts=Carts(folder), policies=nothing, eyes=nothing, album=nothing, made=nothing,
            session="s", lang=lang, reactions=Reactions(folder), together=Together(folder),
            shopper=Shoppers(folder).of(who) if who else None,
        )  # fmt: skip

    return open_


def made(products: list[Product], pictures: bool, folder: Path) -> Shop:
    (folder / "images").mkdir()
    for i, p in enumerate(products if pictures else ()):
        colour = COLOURS.get((p.colors or ["white"])[0], (120, 120, 120))
        Image.new("RGB", (32, 32), colour).save(folder / "images" / f"{i}.png")
        p.images = [f"{i}.png"]
    shop = Shop.open(folder, FakeEmbedder())
    shop.upsert(products)
    return shop


def ids(context: ToolContext, **wanted: Any) -> list[str]:
    return [item.id for item in recommended(context, Wanted(**wanted)).items]


def did(context: ToolContext, action: str, *products: str) -> None:
    assert context.reactions is not None
    context.reactions.add(
        "s", [Reaction.model_validate({"action": action, "product": p}) for p in products], context.who
    )


# -- a stranger, and picks


def test_a_stranger_gets_what_is_popular_and_is_told_so(opened: Open) -> None:
    shown = recommended(opened(wardrobe()), Wanted())
    assert shown.query["ground"] == "popular"
    assert all("well rated" in item.why and f"{item.rating:g}" in item.why for item in shown.items)
    assert len({item.category for item in shown.items}) > 1


def test_without_ratings_nothing_is_said_to_be_liked(opened: Open) -> None:
    plain = [p.model_copy(update={"rating": None, "rating_count": 0}) for p in wardrobe()]
    shown = recommended(opened(plain), Wanted())
    assert shown.query["ground"] == "shop"
    assert {item.why for item in shown.items} == {"to give you an idea of the shop"}


def test_pairs_differ_and_choices_shape_what_comes(opened: Open) -> None:
    context = opened(wardrobe(), lang="zh")
    pair = picks.picks(context)
    rounds = []
    while pair is not None:
        a, b = pair.items
        assert (a.colors, a.attributes) != (b.colors, b.attributes)
        assert pair.nth == len(rounds) + 1
        rounds.append({a.id, b.id})
        pair = picks.picked(context, a.id)
    assert len(rounds) == picks.ROUNDS and len(set().union(*rounds)) == 2 * picks.ROUNDS
    shown = recommended(context, Wanted())
    assert shown.query["ground"] == "taste"
    assert not {item.id for item in shown.items} & set().union(*rounds)
    assert any("挑过" in item.why for item in shown.items)


def test_neither_is_an_answer_and_another_product_is_none(opened: Open) -> None:
    context = opened(wardrobe())
    first = picks.picks(context)
    assert first is not None
    with pytest.raises(ValueError, match="none of the two"):
        picks.picked(context, "nope")
    second = picks.picked(context, None)
    assert second is not None and {i.id for i in second.items}.isdisjoint(i.id for i in first.items)


def test_who_is_known_is_not_asked(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "liked", "shirt-red-linen-0")
    assert picks.picks(context) is None


# -- taste


def test_two_tastes_are_both_served(opened: Open) -> None:
    context = opened(wardrobe())
    did(
        context,
        "liked",
        "shirt-navy-linen-0",
        "shirt-white-linen-0",
        "boots-red-leather-0",
        "boots-red-suede-1",
    )
    found = recommended(context, Wanted(k=8, explore=False)).items
    linen = [i for i in found if i.category == "shirt" and i.attributes["Material"] == "linen"]
    boots = [i for i in found if i.category == "boots" and i.colors == ["red"]]
    assert len(linen) >= 2 and len(boots) >= 2
    mine = taste(goods(context.shop), known(context, Profile()))
    assert len(mine.clusters) == 2


def test_what_is_known_by_now_is_not_recommended_again(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "viewed", "shirt-navy-linen-0")
    did(context, "bought", "shirt-white-linen-0")
    context.carts.add("s", "dress-red-silk-0", "M")
    assert not {"shirt-navy-linen-0", "shirt-white-linen-0", "dress-red-silk-0"} & set(ids(context, k=12))


def test_who_chose_womens_clothes_is_not_shown_mens_unless_they_ask(opened: Open) -> None:
    goods = [p.model_copy(update={"gender": ("women", "men", None)[n % 3]}) for n, p in enumerate(wardrobe())]
    context = opened(goods)
    whose = {p.id: p.gender for p in goods}
    assert "men" in [whose[i] for i in ids(context, k=12)]
    did(context, "liked", next(p.id for p in goods if p.gender == "women"))
    found = [whose[i] for i in ids(context, k=12)]
    assert found and "men" not in found and None in found
    assert {whose[i] for i in ids(context, where=Filters(gender=["men"]))} == {"men"}


def test_a_dislike_is_obeyed_at_once_and_lowers_what_is_like_it(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "liked", "dress-navy-silk-0", "dress-navy-cotton-1", "dress-white-silk-0")
    before = ids(context, k=8, explore=False)
    floral = next(i for i in before if i.endswith("-3"))
    react(context, floral, "dislike")
    after = ids(context, k=8, explore=False)
    assert floral not in after
    assert sum(i.endswith("-3") for i in after) < sum(i.endswith("-3") for i in before)
    react(context, floral, "none")
    assert ids(context, k=8, explore=False) == before


def test_what_was_said_to_be_unwanted_never_comes(opened: Open) -> None:
    context = opened(wardrobe())
    assert context.reactions is not None
    context.reactions.add("s", [Reaction(action="refused", attribute="pattern", value="floral", stated=True)])
    shown = recommended(context, Wanted(k=12))
    assert shown.items and not any(i.id.endswith("-3") for i in shown.items)
    wished = Wanted(where=Filters(pattern=["floral"]))
    assert [i.id[-1] for i in recommended(context, wished).items] == ["3"] * 6  # what is said now wins


def test_old_choices_fade(opened: Open) -> None:
    context = opened(wardrobe())
    now = datetime.now(UTC)
    old = [Reaction(action="viewed", product="shirt-red-linen-0", at=now - timedelta(days=400))]
    new = [Reaction(action="viewed", product="boots-green-suede-1", at=now)]
    mine = taste(goods(context.shop), [*old, *new], now)
    assert {s.name: s.weight > 0.9 for s in mine.liked} == {
        "shirt-red-linen-0": False,
        "boots-green-suede-1": True,
    }


def test_the_list_is_diverse_and_the_same_each_time(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "viewed", "shirt-navy-linen-0", "dress-red-silk-0")
    assert ids(context) == ids(context)
    held = goods(context.shop)
    mine = taste(held, known(context, Profile()))
    scores = mine.scores()
    allowed = np.ones(len(held.products), bool)
    listed = {at: choose(mine, scores, allowed, 8, "x") for at in (1, 2)}
    assert [one.product.id for one in listed[1]] == [one.product.id for one in listed[2]]
    assert [one.explored for one in listed[1]] == [False] * 7 + [True]
    best = np.argsort(-scores.total, kind="stable")[:7]

    def alike(places: Any) -> float:
        near = held.place[places] @ held.place[places].T
        return float(near[np.triu_indices(7, 1)].mean())

    # To the rounding: sums of float32 in another order differ in their last digits.
    assert alike([one.at for one in listed[1][:7]]) <= alike(best) + 1e-6


def test_what_was_on_a_list_makes_room(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "liked", "shirt-navy-linen-0")
    first = ids(context, explore=False)
    for _ in range(3):
        did(context, "shown", *first)
    assert ids(context, explore=False) != first


# -- reasons


def holds(context: ToolContext, why: Because, shown: Product) -> None:
    """A reason counts what it says: each product has the values, as the one shown has, and was done what is told."""
    done = {(one.action, one.product) for one in context.done()}
    for other in why.products:
        assert other.id != shown.id
        assert (why.action, other.id) in done
        for attribute, value in why.values:
            for one in (other, shown):
                has = {
                    "kind": one.category,
                    "color": one.colors[0],
                    "material": one.material,
                    "pattern": one.pattern,
                }
                assert has.get(attribute, value) == value


def test_every_reason_is_true(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "viewed", "shirt-navy-linen-0", "shirt-white-linen-0", "dress-red-silk-0")
    did(context, "liked", "boots-green-suede-1")
    held = goods(context.shop)
    mine = taste(held, known(context, Profile()))
    scores = mine.scores()
    for one in choose(mine, scores, np.ones(len(held.products), bool), 12, "x", explore=False):
        holds(context, because(mine, scores, one), one.product)


def test_two_linen_shirts_are_told_as_two_linen_shirts(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "viewed", "shirt-navy-linen-0", "shirt-white-linen-0")
    items = recommended(context, Wanted(k=4)).items
    assert "because you looked at two linen shirts" in [i.why for i in items]
    zh = recommended(replace(context, lang="zh"), Wanted(k=4)).items
    assert "因为你看过两件亚麻衬衫" in [i.why for i in zh]


@pytest.mark.parametrize("action", ["viewed", "asked", "picked", "added", "liked", "bought"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_can_be_said(opened: Open, action: Any, lang: str) -> None:
    records = wardrobe()[:3]
    values = [(("kind", "shirt"),), (("price", "1"),), (("season", "summer"), ("kind", "jeans")),
              (("occasion", "work"), ("color", "navy")), (("brand", "Lin"), ("style", "casual")),
              (("kind", "台灯"),)]  # fmt: skip
    for several in values:
        for count in (1, 2, 3):
            said = told(Because("values", several, tuple(records[:count]), action), records[0], lang)
            assert said and "{" not in said and "None" not in said
    for ground in ("near", "together", "anchor", "explore", "shop", "popular", "ordered"):
        assert told(Because(ground, (), tuple(records[:1]), action), records[0], lang)  # type: ignore[arg-type]
    assert told(Because("near", photo=True), records[0], lang)
    assert told(Because("values", (("color", "navy"),), photo=True), records[0], lang)


# -- conditions


def test_conditions_stock_and_size_hold(opened: Open) -> None:
    products = wardrobe()
    products[0] = products[0].model_copy(update={"availability": "out_of_stock"})
    context = opened(products, who="anna")
    assert context.shopper is not None
    context.shopper.allow()
    context.shopper.keep([Reacted(product="shirt-red-cotton-1", liked=True)])
    shown = recommended(context, Wanted(where=Filters(category=["shirt"], price=PriceRange(max=25)), k=12))
    assert shown.items and all(float(i.price.amount) <= 25 and i.category == "shirt" for i in shown.items)
    assert all(i.in_stock for i in shown.items)


@pytest.mark.parametrize(
    ("where", "words"),
    [
        (Filters(price=PriceRange(max=1)), "the least expensive is $20.00"),
        (Filters(category=["bag"]), "Nothing in stock meets"),
    ],
)
def test_nothing_is_told_honestly(opened: Open, where: Filters, words: str) -> None:
    shown = recommended(opened(wardrobe()), Wanted(where=where))
    assert (shown.items, shown.total) == ([], 0)
    assert words in shown.query["problem"]


def test_all_disliked_is_told(opened: Open) -> None:
    context = opened(wardrobe()[:2])
    did(context, "disliked", *[p.id for p in wardrobe()[:2]])
    assert "do not want" in recommended(context, Wanted()).query["problem"]


def test_more_of_this_kind(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "liked", "boots-green-suede-1", "boots-red-suede-1")
    like = context.product("dress-navy-silk-0")
    shown = recommended(context, Wanted(like=like))
    assert all(i.category == "dress" and i.id != like.id for i in shown.items)
    assert any("in the same vein" in i.why for i in shown.items)


# -- any shop


def lamps() -> list[Product]:
    kinds = ["Table lamp", "Floor lamp"]
    return [product(f"l{i}", f"灯{i}", f"Lamp {i}", kinds[i % 2], f"{30 + i}.00", sizes={}, path=["Home", "Lighting"],
                    brand=["Lux", "Nox"][i // 6]) for i in range(12)]  # fmt: skip


@pytest.mark.parametrize("pictures", [True, False])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_shop_of_lamps(opened: Open, pictures: bool, lang: str) -> None:
    context = opened(lamps(), pictures=pictures, lang=lang)
    did(context, "liked", "l0", "l2")
    shown = recommended(context, Wanted(k=4))
    assert [i.category for i in shown.items[:3]] == ["Table lamp"] * 3
    assert all(i.why for i in shown.items)
    assert (picks.picks(opened(lamps(), pictures=pictures)) is None) == (not pictures)


def test_one_product_and_an_empty_shop(opened: Open) -> None:
    one = opened(lamps()[:1])
    assert ids(one) == ["l0"]
    react(one, "l0", "like")
    assert ids(one) == ["l0"]
    react(one, "l0", "dislike")
    assert ids(one) == []
    assert picks.picks(one) is None
    assert "nothing in stock" in recommended(opened([]), Wanted()).query["problem"]


def test_a_large_shop_is_not_weighed_as_a_whole(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    context = opened(wardrobe())
    did(context, "liked", "shirt-navy-linen-0", "shirt-white-linen-0")
    for name, value in {"whole": 10, "sample": 12, "pool": 20}.items():
        monkeypatch.setitem(goods_module.settings(), name, value)
    found = recommended(context, Wanted(k=4)).items
    assert [i.category for i in found[:2]] == ["shirt", "shirt"]


# -- bought together, remembered, searched


def test_what_is_bought_together_counts_and_is_told(opened: Open) -> None:
    context = opened(wardrobe())
    assert context.together is not None
    context.together.keep([("shirt-navy-linen-0", "boots-green-suede-3", 1.0)], {}, {})
    did(context, "added", "shirt-navy-linen-0")
    items = {i.id: i for i in recommended(context, Wanted(k=12, explore=False)).items}
    assert "boots-green-suede-3" in items


def test_only_with_consent_and_then_in_the_next_conversation(opened: Open) -> None:
    context = opened(wardrobe(), who="anna")
    assert context.shopper is not None
    react(context, "boots-red-suede-1", "like")
    assert context.shopper.profile().empty
    context.shopper.allow()
    react(context, "boots-red-suede-1", "dislike")
    later = replace(context, session="later")
    assert opinions(later) == {"boots-red-suede-1": "dislike"}
    assert "boots-red-suede-1" not in ids(later, k=12)
    react(later, "boots-red-suede-1", "none")
    assert context.shopper.profile().empty


def test_for_somebody_else_ones_own_taste_is_set_aside(opened: Open) -> None:
    context = opened(wardrobe())
    did(context, "liked", "boots-red-suede-1", "boots-red-leather-0")
    did(context, "disliked", "shirt-red-linen-0")
    shown = recommended(context, Wanted(aside=("all",), k=12))
    assert shown.query["ground"] == "popular"
    assert "shirt-red-linen-0" not in [i.id for i in shown.items]


def searched(context: ToolContext, **args: Any) -> list[dict[str, Any]]:
    runtime = SimpleNamespace(state={}, context=context)
    _, artifact = search_catalog.func(runtime=runtime, **args)  # type: ignore[attr-defined]
    return list(artifact["items"])


def test_likes_lean_a_search_and_dislikes_are_left_out(opened: Open) -> None:
    context = opened(wardrobe())
    where = {"category": ["shirt"]}
    plain = [i["id"] for i in searched(context, where=where)]
    react(context, "dress-green-silk-0", "like")
    react(context, plain[0], "dislike")
    leaned = searched(context, where=where)
    assert plain[0] not in [i["id"] for i in leaned]
    assert leaned[0]["colors"] == ["green"]
    assert any("which you liked" in i["why"] for i in leaned)


def test_a_wish_that_was_remembered_counts_too(opened: Open) -> None:
    context = opened(wardrobe(), who="anna")
    assert context.shopper is not None
    context.shopper.allow()
    context.shopper.keep([Taste(attribute="material", value="suede", liked=True, words="I love suede")])
    found = recommended(context, Wanted(k=4)).items
    assert [i.attributes["Material"] for i in found[:2]] == ["suede", "suede"]
    assert "you looked for suede" in found[0].why
