"""Where products belong, and what their colours and fabrics are: any shop's words, clothes or not."""

from typing import Any

import pytest

from store.feeds import attributes
from store.feeds.filing import UNFILED, filed, steps


@pytest.mark.parametrize(
    ("google", "own", "title", "category"),
    [
        ("Apparel & Accessories > Clothing > Shirts & Tops", None, "Striped hoodie", "hoodie"),
        ("Apparel & Accessories > Clothing > Pants", None, "Slim jeans with belt", "jeans"),
        ("Apparel & Accessories > Shoes", None, "Chelsea boots for men", "boots"),
        ("2271", None, "Red thing", "dress"),
        (1604, "Women > Dresses", "Maxi", "dress"),
        ("Apparel & Accessories > Jewelry > Rings", None, "Gold ring", "jewellery"),
        (None, "女装/裙装/连衣裙", "新款", "dress"),
        (None, None, "2024新款法式碎花连衣裙女", "dress"),
        (None, None, "Leather jacket", "jacket"),
        (None, "New In", "Linen shirt dress, navy", "dress"),
        ("Home & Garden > Furniture > Tables", None, "Oak table skirt", "tables"),
        ("6345", None, "Thing", UNFILED),
        (None, "Sofas", "Sofa for a bag of books", "sofas"),
        (None, "Aquariums", "Glass fish tank", "aquariums"),
        (None, None, "Dining chair", UNFILED),
    ],
)
def test_a_product_is_filed(google: Any, own: Any, title: str, category: str) -> None:
    worn = own == "New In"  # it comes in sizes
    assert filed(google, own, [title], worn)[0] == category


def test_the_shop_s_own_path_is_kept() -> None:
    assert filed("2271", "Women > Summer > Maxi", ["x"], False) == ("dress", ["Women", "Summer", "Maxi"])
    assert filed("Furniture > Sofas", None, ["x"], False)[1] == ["Furniture", "Sofas"]
    assert steps([["A", "B"], ["C"]]) == ["A", "B"]
    assert steps("166") == []


@pytest.mark.parametrize(
    ("said", "colors"),
    [
        ("Navy/Off-White", ["navy", "white"]), ("深蓝色", ["navy"]), ("酒红色+米白", ["red", "white"]),
        ("Midnight", ["midnight"]),
        ("Heather Grey Melange", ["grey"]), (["red", "black and white"], ["red", "black", "white"]),
        ("Rot & Schwarz", ["rot", "schwarz"]),
        ("<b>Navy</b>", ["navy"]), ("N/A", []), ("", []), ("dark forest green", ["green"]),
    ],
)  # fmt: skip
def test_colours(said: Any, colors: list[str]) -> None:
    assert attributes.colors(said) == colors


@pytest.mark.parametrize(
    ("said", "material"),
    [("60% polyester, 40% cotton", "polyester"), ("100% merino wool", "wool"), ("面料:80%棉 20%涤纶", "cotton"),
     ("Cotton", "cotton"), ("vibranium", "vibranium"), ("", None), ("20% silk 80% linen", "linen"),
        ("棉80% 涤纶20%", "cotton")],
)  # fmt: skip
def test_materials(said: str, material: str | None) -> None:
    assert attributes.material(said) == material


def test_the_other_attributes() -> None:
    assert attributes.one("pattern", "Gingham check") == "checked"
    assert attributes.one("pattern", "houndstooth-ish") == "checked"
    assert (attributes.gender("Female"), attributes.gender(["men", "women"]), attributes.gender("?")) == (
        "women",
        "unisex",
        None,
    )
    assert (attributes.age_group("toddler"), attributes.age_group("adult")) == ("kids", "adult")
    assert attributes.several("season", "Spring/Summer") == ["spring", "summer"]
    assert attributes.from_tags("women, summer, New") == {"gender": ["women"], "season": ["summer"]}
