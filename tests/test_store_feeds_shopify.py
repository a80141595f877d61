"""Shopify's export, old headers and new: a handle is a product, options are variants, empty cells are no mistakes."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.feeds import Read, read_feed, table

OLD = {
    "Handle": "linen-shirt", "Title": "Linen Shirt", "Body (HTML)": "<p>Cool<br>and <b>light</b></p>",
    "Vendor": "Mulin",
    "Type": "Shirts", "Tags": "men, summer, new", "Published": "true", "Option1 Name": "Color", "Option1 Value": "Navy",
    "Option2 Name": "Size", "Option2 Value": "M", "Variant SKU": "LS-N-M", "Variant Inventory Tracker": "shopify",
    "Variant Inventory Qty": "3", "Variant Inventory Policy": "deny", "Variant Price": "40.00",
    "Variant Compare At Price": "50.00", "Variant Barcode": "'123", "Image Src": "https://x.test/1.jpg",
    "Image Position": "1", "Variant Image": "https://x.test/n.jpg", "Status": "active",
}  # fmt: skip
NEW = {
    "Title": "Linen Shirt", "URL handle": "linen-shirt", "Description": "<p>Cool<br>and <b>light</b></p>",
    "Vendor": "Mulin",
    "Type": "Shirts", "Tags": "men, summer, new", "Published on online store": "TRUE", "Status": "Active",
    "Option1 name": "Color", "Option1 value": "Navy", "Option2 name": "Size", "Option2 value": "M", "SKU": "LS-N-M",
    "Barcode": "'123", "Price": "40.00", "Compare-at price": "50.00", "Inventory tracker": "shopify",
    "Inventory quantity": "3", "Continue selling when out of stock": "DENY", "Product image URL": "https://x.test/1.jpg",
    "Image position": "1", "Variant image URL": "https://x.test/n.jpg",
}  # fmt: skip


def read(tmp_path: Path, *rows: dict[str, str], **how: Any) -> Read:
    file = tmp_path / "products_export.csv"
    file.write_text(table(list(rows)), encoding="utf-8-sig")
    return read_feed(file, **how)


def old(**cells: str) -> dict[str, str]:
    """A later row of the handle: all cells empty but these."""
    return {"Handle": "linen-shirt"} | {name.replace("_", " "): value for name, value in cells.items()}


@pytest.mark.parametrize("first", [OLD, NEW], ids=["old", "new"])
def test_both_headers_say_the_same(tmp_path: Path, first: dict[str, str]) -> None:
    found = read(tmp_path, first, currency="EUR")
    assert (found.format, found.refused) == ("shopify", [])
    [p] = found.products
    assert (p.id, p.title.en, p.description.en, p.brand) == (
        "linen-shirt",
        "Linen Shirt",
        "Cool\nand light",
        "Mulin",
    )
    assert (p.category, p.gender, p.season, p.colors) == ("shirt", "men", ["summer"], ["navy"])
    assert (p.price.amount, p.current_price.amount, p.price.currency) == (Decimal("50"), Decimal("40"), "EUR")
    assert [(s.size, s.quantity) for s in p.sizes] == [("M", 3)]
    assert p.images == ["https://x.test/1.jpg", "https://x.test/n.jpg"]


def test_rows_of_a_handle_are_its_variants_and_pictures(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        OLD,
        old(Option1_Value="Navy", Option2_Value="L", Variant_SKU="LS-N-L", Variant_Price="40.00",
            Variant_Inventory_Tracker="shopify", Variant_Inventory_Qty="-2"),
        old(Option1_Value="White", Option2_Value="M", Variant_SKU="LS-N-M", Variant_Price="44.00"),
        old(Image_Src="https://x.test/2.jpg", Image_Position="2"),
        {"Handle": "mug", "Title": "Mug", "Type": "Kitchen", "Option1 Name": "Title", "Option1 Value": "Default Title",
         "Variant Price": "9", "Variant Inventory Qty": "0", "Variant Inventory Policy": "continue"},
    )  # fmt: skip
    shirt, mug = found.products
    assert [(v.id, v.color, v.size, v.quantity) for v in shirt.variants] == [
        ("LS-N-M", "navy", "M", 3),
        ("LS-N-L", "navy", "L", 0),
        ("linen-shirt/White/M", "white", "M", None),
    ]
    assert shirt.colors == ["navy", "white"]
    assert "https://x.test/2.jpg" in shirt.images
    assert (mug.category, mug.variants, mug.sizes, mug.availability) == ("kitchen", [], [], "in_stock")


def test_a_variant_without_a_price_is_refused_and_the_others_kept(tmp_path: Path) -> None:
    found = read(tmp_path, OLD, old(Option1_Value="Red", Option2_Value="M", Variant_SKU="LS-R-M"))
    assert [(p.line, p.id, p.code) for p in found.refused] == [(3, "LS-R-M", "no_price")]
    assert [v.id for v in found.products[0].variants] == []


def test_a_first_variant_that_is_refused_leaves_the_product_to_the_others(tmp_path: Path) -> None:
    later = old(Option1_Value="Red", Option2_Value="L", Variant_SKU="LS-R-L", Variant_Price="41")
    found = read(tmp_path, OLD | {"Variant Price": "-4"}, later)
    assert found.codes == ["negative_price"]
    assert [(p.title.en, p.price.amount) for p in found.products] == [("Linen Shirt", 41)]


@pytest.mark.parametrize("hidden", [{"Published": "false"}, {"Status": "draft"}, {"Status": "archived"}])
def test_what_is_not_published_stays_out_with_all_its_rows(tmp_path: Path, hidden: dict[str, str]) -> None:
    found = read(tmp_path, OLD | hidden, old(Option1_Value="Red", Variant_Price="41"))
    assert (found.products, found.codes) == ([], ["not_published"])


def test_options_of_no_attribute_of_ours_are_kept_under_their_name(tmp_path: Path) -> None:
    cells = {"Option1 Name": "Length", "Option1 Value": "30", "Option2 Name": "", "Option2 Value": ""}
    later = old(Option1_Value="32", Variant_SKU="b", Variant_Price="40")
    [p] = read(tmp_path, OLD | cells, later).products
    assert [v.options for v in p.variants] == [{"Length": "30"}, {"Length": "32"}]


def test_a_metafield_column_is_an_attribute(tmp_path: Path) -> None:
    names = {"Fabric": "linen", "Neckline": "V-neck"}
    more = {f"{name} (product.metafields.shopify.{name.casefold()})": value for name, value in names.items()}
    [p] = read(tmp_path, OLD | more).products
    assert (p.material, p.neckline) == ("linen", "vneck")
