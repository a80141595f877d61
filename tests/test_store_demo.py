"""The demo shop: what it sells is complete, true to the vocabulary, the same every time, and really drawn."""

import io
from collections import Counter
from decimal import Decimal

import numpy as np
import pytest
import yaml
from PIL import Image

from prompts import taxonomy
from store import demo
from store.demo import catalog, gallery
from store.demo.drawing import SILHOUETTES
from store.types import Money, Product, Text

PRODUCTS = demo.products()


def test_the_shop_is_large_and_varied_enough() -> None:
    assert len(PRODUCTS) >= 400
    assert len({p.category for p in PRODUCTS}) >= 30
    assert {(p.gender, p.age_group) for p in PRODUCTS} >= {
        ("women", "adult"),
        ("men", "adult"),
        ("unisex", "kids"),
    }
    assert len({p.brand for p in PRODUCTS}) == 12
    prices = [p.price.amount for p in PRODUCTS]
    assert min(prices) >= 9 and max(prices) <= 260
    assert len({p.pattern for p in PRODUCTS}) >= 9


def test_every_product_is_complete_and_speaks_the_vocabulary() -> None:
    for p in PRODUCTS:
        assert all((p.title.zh, p.title.en, p.description.zh, p.description.en, p.care.zh, p.care.en)), p.id
        assert p.category in SILHOUETTES
        assert p.colors and p.season and p.occasion and p.style and p.sizes and p.rating and p.rating_count
        for attribute in taxonomy.ATTRIBUTES:
            value = getattr(p, "colors" if attribute == "color" else attribute)
            for v in value if isinstance(value, list) else [value]:
                assert v is None or v in taxonomy.values(attribute), (p.id, attribute, v)
        assert p.images[:2] == list(p.views)[:2] == [f"images/{p.id}-1.webp", f"images/{p.id}-2.webp"]
        assert p.views[p.images[0]] == "front" and "detail" in p.views.values()
        if p.sale_price:
            assert p.sale_price.amount < p.price.amount


def test_titles_name_colours_and_patterns_that_the_record_has() -> None:
    palette = catalog.read("palette")
    by_words = {row[3]: row[0] for row in palette.values()}
    for p in PRODUCTS:
        assert (p.title.zh.isascii() is False and p.title.en.isascii()) or "é" in p.title.en
        words = p.title.en.lower()
        told = {color for shade, color in by_words.items() if f" {shade} " in f" {words.replace(',', '')} "}
        longest = {c for c in told if c in p.colors}
        assert not p.variants or p.variants[0].color in p.colors
        if not p.variants:
            assert longest, (p.id, p.title.en, p.colors)
        for pattern, word in (
            ("striped", "strip"),
            ("checked", "check"),
            ("floral", "floral"),
            ("dotted", "dot"),
        ):
            assert (word not in words) or p.pattern in (pattern, "checked"), (p.id, p.title.en)


def test_titles_and_ids_are_unique_and_descriptions_vary() -> None:
    assert len({p.id for p in PRODUCTS}) == len(PRODUCTS)
    assert max(Counter(p.title.zh for p in PRODUCTS).values()) == 1
    assert max(Counter(p.title.en for p in PRODUCTS).values()) == 1
    assert max(Counter(p.description.en for p in PRODUCTS).values()) <= 2


def test_stock_is_like_a_real_shop() -> None:
    gone = [p for p in PRODUCTS if not p.in_stock]
    assert 3 <= len(gone) <= len(PRODUCTS) // 8
    assert all(p.availability == "out_of_stock" for p in gone)
    assert any(0 < len(p.sizes_in_stock()) < len(p.sizes) for p in PRODUCTS)
    assert 0.1 < sum(p.sale_price is not None for p in PRODUCTS) / len(PRODUCTS) < 0.4


def test_sizes_follow_the_kind_of_product() -> None:
    for p in PRODUCTS:
        names = [s.size for s in p.sizes]
        if taxonomy.is_a(p.category, "shoes"):
            assert all(20 <= int(n) <= 47 for n in names)
            assert all("foot_length" in p.size_chart[n] for n in names)
        elif taxonomy.is_a(p.category, "bag"):
            assert names == ["one size"]
        elif p.age_group == "kids" and not taxonomy.is_a(p.category, "accessories"):
            assert p.size_chart["110"]["height"] == 110


def test_the_catalogue_is_the_same_every_time() -> None:
    catalog.entries.cache_clear()
    assert [p.model_dump() for p in demo.products()] == [p.model_dump() for p in PRODUCTS]


def test_products_are_copies() -> None:
    demo.products()[0].colors.append("gold")
    assert "gold" not in demo.products()[0].colors


def _nearest(rgb: np.ndarray, colors: list[str]) -> float:
    """Distance from a colour to the nearest of the named swatches."""
    swatches = [taxonomy.swatch(c) for c in colors]
    return min(float(np.linalg.norm(rgb - [int(s[i : i + 2], 16) for i in (1, 3, 5)])) for s in swatches if s)


@pytest.mark.parametrize("category", sorted({p.category for p in PRODUCTS}))
def test_a_picture_of_each_kind_shows_its_colour(category: str) -> None:
    product = next(p for p in PRODUCTS if p.category == category)
    cut = demo.cutout(product, width=200, height=250)
    pixels = np.asarray(cut).reshape(-1, 4)
    body = pixels[pixels[:, 3] > 250][:, :3]
    share = len(body) / len(pixels)
    assert (0.005 if category == "jewellery" else 0.015) < share < 0.8
    assert _nearest(np.median(body, axis=0), product.colors) < 110


def test_render_is_a_deterministic_webp_of_sensible_weight() -> None:
    product = PRODUCTS[4]
    data = demo.render(product)
    image = Image.open(io.BytesIO(data))
    assert image.format == "WEBP" and image.size == (800, 1000)
    assert 5_000 < len(data) < 150_000
    assert demo.render(product) == data
    assert demo.render(product, "back") != data


def test_an_unknown_product_is_drawn_from_its_attributes() -> None:
    stranger = Product(
        id="X1",
        title=Text(en="Green skirt"),
        category="skirt",
        colors=["green"],
        price=Money(amount=Decimal(9)),
    )
    assert demo.spec_of(stranger).color == taxonomy.swatch("green")
    with pytest.raises(demo.UnknownProduct):
        demo.spec_of(stranger.model_copy(update={"category": "umbrella"}))


def test_build_draws_once_and_then_keeps(tmp_path, monkeypatch) -> None:
    few = dict(list(catalog.entries().items())[:2])
    monkeypatch.setattr(catalog, "entries", lambda: few)
    steps: list[tuple[int, int]] = []
    shop = demo.build(tmp_path, lambda done, total: steps.append((done, total)))
    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert [p.id for p in shop] == list(few)
    assert all((tmp_path / p.images[0]).stat().st_size > 1000 for p in shop)
    again: list[tuple[int, int]] = []
    demo.build(tmp_path, lambda done, total: again.append((done, total)))
    assert again == [(2, 2)]
    (tmp_path / shop[0].images[0]).unlink()
    demo.build(tmp_path, lambda done, total: again.append((done, total)))
    assert again[-2:] == [(1, 2), (2, 2)]
    assert "shipping" in yaml.safe_load((tmp_path / "policies.yaml").read_text(encoding="utf-8"))


def test_second_views_exist_for_every_kind() -> None:
    assert {gallery.second(c) for c in SILHOUETTES} == {"back", "detail"}


def test_policies_are_complete_in_both_languages() -> None:
    policies = catalog.read("policies")
    assert set(policies) >= {
        "shipping",
        "returns",
        "exchange",
        "size_help",
        "payment",
        "care",
        "warranty",
        "contact",
        "privacy",
    }
    for topic, entry in policies.items():
        if topic == "return_rules":
            continue
        for lang in ("zh", "en"):
            assert entry["title"][lang] and len(entry["passage"][lang]) > 40, topic
            assert len(entry["keywords"][lang]) >= 5


@pytest.mark.parametrize("place", demo.PLACES)
def test_a_snapshot_is_an_uneven_photo_that_can_be_repeated(place: str) -> None:
    product = PRODUCTS[0]
    photo = demo.snapshot(product, place, seed=3, size=(240, 320))
    assert photo.mode == "RGB" and photo.size == (240, 320)
    assert photo.tobytes() == demo.snapshot(product, place, seed=3, size=(240, 320)).tobytes()
    assert photo.tobytes() != demo.snapshot(product, place, seed=4, size=(240, 320)).tobytes()


def test_a_snapshot_of_nowhere_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown background"):
        demo.snapshot(PRODUCTS[0], "moon")
