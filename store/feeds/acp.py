"""The feed of the Agentic Commerce Protocol: `products.jsonl`, in either of the two forms that its sources give.

Nested: a product with `id` and `variants`, prices as whole numbers of minor units with a currency. Flat: an item a line
with `item_id`, `title` and `price`, which may be text in major units ("79.99 USD") or a whole number of minor ones.
"""

import json
from collections.abc import Iterator
from typing import Any

from store.feeds.jsonl import objects, whole_characters
from store.feeds.record import Offer, Problem, Reading, Refused, filled, listed
from store.feeds.source import Source
from store.feeds.values import truth

METADATA = "metadata.json"
MOST_METADATA = 1_000_000  # bytes


def is_product(row: dict[str, Any]) -> bool:
    """Whether an object of the feed's first line is the protocol's."""
    nested = isinstance(row.get("variants"), list) and "price" not in row
    return nested or "item_id" in row or "is_eligible_search" in row or "enable_search" in row


def read(source: Source) -> Reading:
    """The variants of each line."""
    currency = _currency(source)
    for line, row in objects(source):
        if isinstance(row, Refused):
            yield row.problem(line)
        elif isinstance(row.get("variants"), list) and "id" in row:
            yield from _nested(line, row, currency)
        elif "item_id" in row or "id" in row:
            yield _flat(line, row, currency)
        else:
            missing = "variants" if "id" in row else "id"
            yield Refused("other_profile", missing, missing=missing).problem(line, None)


def _currency(source: Source) -> str | None:
    """What `metadata.json` beside the feed says of the currency."""
    file = source.path.with_name(METADATA)
    try:
        if file.stat().st_size > MOST_METADATA:
            return None
        said = json.loads(whole_characters(file.read_text(encoding="utf-8-sig")))
    except (OSError, ValueError, RecursionError):
        return None
    found = said.get("currency") or said.get("default_currency") if isinstance(said, dict) else None
    return str(found) if found else None


def _nested(line: int, row: dict[str, Any], currency: str | None) -> Iterator[Offer | Problem]:
    product_id = _text(row["id"])
    if _hidden(row):
        yield Refused("not_published", "is_eligible_search").problem(line, product_id)
        return
    about = _about(row)
    if not row["variants"]:
        yield Refused("other_profile", "variants", missing="variants").problem(line, product_id)
        return
    named = about.get("title") or next((v.get("title") for v in row["variants"] if isinstance(v, dict)), None)
    yield Offer(line, product_id, about | {"title": named}, group=product_id, base=True)
    for place, variant in enumerate(row["variants"], start=1):
        if not isinstance(variant, dict):
            yield Refused("not_an_object", f"variants.{place - 1}").problem(line, product_id)
            continue
        own = _text(variant.get("id")) or (f"{product_id}/{place}" if product_id else None)
        fields = _about(variant) | _priced(variant, currency or row.get("currency"))
        fields["variant_image"] = next(iter(fields.pop("images", [])), "")
        fields.pop("title", None)
        yield Offer(line, own, fields, product_id, continues=True, scoped=True, minor=True)


def _flat(line: int, row: dict[str, Any], currency: str | None) -> Offer | Problem:
    found_id = _text(row.get("item_id") or row.get("id"))
    if _hidden(row):
        return Refused("not_published", "is_eligible_search").problem(line, found_id)
    fields = _about(row) | _priced(row, currency)
    group = _text(row.get("item_group_id") or row.get("group_id"))
    return Offer(line, found_id, fields, group, minor=True)


def _hidden(row: dict[str, Any]) -> bool:
    return any(truth(row.get(flag)) is False for flag in ("is_eligible_search", "enable_search"))


def _about(row: dict[str, Any]) -> dict[str, Any]:
    """What a product or a variant says of itself."""
    said = row.get("description")
    if isinstance(said, dict):
        said = said.get("html") or said.get("plain") or said.get("markdown") or said.get("text")
    pictures = [*listed(row.get("image_url")), *listed(row.get("images")), *listed(row.get("media"))]
    pictures += [*listed(row.get("image_link")), *listed(row.get("additional_image_urls"))]
    pictures += listed(row.get("additional_image_urls_list"))
    options = _options(row)
    brand = row.get("brand") or row.get("seller_name") or row.get("vendor")
    categories = [
        (c.get("name") or c.get("value") or c.get("path")) if isinstance(c, dict) else c
        for c in listed(row.get("categories"))
    ]
    return filled(
        [
            ("title", row.get("title") or row.get("name")),
            ("description", said),
            ("brand", brand.get("name") if isinstance(brand, dict) else brand),
            (
                "product_type",
                row.get("product_category") or row.get("category") or next(iter(categories), None),
            ),
            ("images", [u for u in (_picture(p) for one in pictures for p in _split(one)) if u]),
            (
                "spin",
                [u for u in (_picture(p) for p in listed(row.get("spin") or row.get("spin_images"))) if u],
            ),
            ("url", row.get("url") or row.get("link")),
            ("gtin", row.get("gtin") or row.get("barcode")),
            ("options", options),
            *((n, row.get(n)) for n in ("color", "size", "material", "pattern", "gender", "age_group")),
            ("rating", row.get("star_rating") or row.get("product_review_rating")),
            ("rating_count", row.get("review_count") or row.get("product_review_count")),
        ]
    )


def _options(row: dict[str, Any]) -> dict[str, str]:
    given = row.get("variant_options") or row.get("options") or row.get("variant_dict") or {}
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items() if not isinstance(value, dict | list)}
    return {
        str(one["name"]): str(one["value"])
        for one in listed(given)
        if isinstance(one, dict) and one.get("name") and one.get("value")
    }


def _priced(row: dict[str, Any], currency: Any) -> dict[str, Any]:
    stock = row.get("availability")
    if isinstance(stock, dict):
        stock = stock.get("status") or stock.get("available")
    compare = row.get("list_price") or row.get("compare_at_price") or row.get("unit_price_before_sale")
    return filled(
        [
            ("price", row.get("price")),
            ("compare_at", compare if not row.get("sale_price") else None),
            ("sale_price", row.get("sale_price")),
            ("sale_dates", row.get("sale_price_effective_date")),
            ("currency", row.get("currency") or currency),
            ("availability", stock),
            ("quantity", row.get("inventory_quantity", row.get("quantity"))),
        ]
    )


def _split(value: Any) -> list[Any]:
    return value.split(",") if isinstance(value, str) and value.count("http") > 1 else [value]


def _picture(value: Any) -> str:
    if isinstance(value, dict):
        if str(value.get("type", "image")).casefold() not in ("image", "photo", "picture"):
            return ""
        value = value.get("url") or value.get("src") or ""
    return str(value).strip()


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else str(value).strip() or None
