"""Shopify's export of products: rows that share a handle are one product, its options are variants.

Old headers (`Handle, Title, Body (HTML), Variant Price …`) and new ones (`URL handle, Title, Description, Price …`)
are one format under two sets of names.
"""

import re
from collections.abc import Iterator
from typing import Any

from store.feeds.record import Offer, Reading, Refused, filled
from store.feeds.source import Source
from store.feeds.tables import delimiter_of, records
from store.feeds.values import truth

# Our name → the columns that may hold it, normalised, the older one first.
COLUMNS = {
    "handle": ("handle", "url handle"),
    "title": ("title",),
    "description": ("body (html)", "description", "body"),
    "brand": ("vendor",),
    "google_category": (
        "product category",
        "standard product type",
        "google shopping / google product category",
    ),
    "product_type": ("type", "product type", "custom product type"),
    "tags": ("tags",),
    "sku": ("variant sku", "sku"),
    "price": ("variant price", "price"),
    "compare_at": ("variant compare at price", "compare-at price", "compare at price"),
    "quantity": ("variant inventory qty", "inventory quantity"),
    "tracker": ("variant inventory tracker", "inventory tracker"),
    "policy": ("variant inventory policy", "continue selling when out of stock"),
    "gtin": ("variant barcode", "barcode"),
    "image": ("image src", "product image url", "image url"),
    "spin": ("spin", "spin images", "360 images"),
    "position": ("image position",),
    "variant_image": ("variant image", "variant image url"),
    "gender": ("google shopping / gender", "target gender"),
    "age_group": ("google shopping / age group", "age group"),
    "color": ("google shopping / color", "color"),
    "size": ("google shopping / size", "size"),
    "material": ("google shopping / material", "fabric", "material"),
    "pattern": ("google shopping / pattern", "pattern"),
    "neckline": ("neckline",),
    "sleeve": ("sleeve length type",),
    "published": ("published", "published on online store"),
    "status": ("status",),
}
_METAFIELD = re.compile(r"\s*\(product\.metafields\.[^)]*\)$")
_OF_PRODUCT = (
    "title", "description", "brand", "google_category", "product_type", "tags", "gender", "age_group", "material",
    "pattern", "neckline", "sleeve",
)  # fmt: skip


def is_header(names: list[str]) -> bool:
    """Whether these (normalised) columns are Shopify's."""
    held = set(names)
    old = "handle" in held and bool(
        held & {"variant price", "body (html)", "variant sku", "option1 name", "image src"}
    )
    return old or ("url handle" in held and "title" in held)


def read(source: Source) -> Reading:
    """The rows: variants, and rows that only add a picture."""
    hidden = latest = ""
    ids: set[str] = set()
    names: dict[int, str] = {}
    for record in records(source, delimiter_of(source.head())):
        if record.refused:
            yield record.refused.problem(record.line, _first(record.cells, COLUMNS["handle"]) or None)
            continue
        cells = {_METAFIELD.sub("", name): value for name, value in record.cells.items()}
        row = {ours: _first(cells, columns) for ours, columns in COLUMNS.items()}
        handle = row["handle"]
        if not handle:
            yield Refused("no_id", "handle").problem(record.line)
            continue
        if handle != latest:
            latest, ids, names = handle, set(), {}
        if row["title"] and (
            truth(row["published"]) is False or row["status"].casefold() in ("draft", "archived")
        ):
            hidden = handle
            yield Refused("not_published", "status").problem(record.line, handle)
        if handle != hidden:
            yield from _offers(record.line, handle, row, cells, ids, names)


def _first(cells: dict[str, str], columns: tuple[str, ...]) -> str:
    return next((cells[c] for c in columns if cells.get(c)), "")


def _offers(
    line: int, handle: str, row: dict[str, str], cells: dict[str, str], ids: set[str], names: dict[int, str]
) -> Iterator[Offer]:
    """What a row says of the product, and the variant in it. `ids`: of the product's variants so far, `names`: of its
    options, which only its first row has; both are added to."""
    options: dict[str, str] = {}
    for n in (1, 2, 3):
        if value := cells.get(f"option{n} value"):
            names[n] = cells.get(f"option{n} name") or names.get(n, f"option{n}")
            options[names[n]] = value
    images = [row["image"]] if row["image"] else []
    if row["title"] or images:
        about: dict[str, Any] = {name: row[name] for name in _OF_PRODUCT} | {"images": images}
        about["spin"] = [part for part in re.split(r"[\n|;,]\s*", row["spin"]) if part]
        yield Offer(line, handle, filled(about.items()), group=handle, base=True)
    if not (row["price"] or row["sku"] or options or row["title"]):
        return
    endless = row["policy"].casefold() in ("continue", "true", "yes")
    untracked = any(c in cells for c in COLUMNS["tracker"]) and not row["tracker"]
    counted = row["quantity"] and not endless and not untracked
    fields: dict[str, Any] = {name: row[name] for name in ("price", "compare_at", "gtin", "variant_image")}
    fields |= {"options": options, "quantity": row["quantity"] if counted else ""}
    fields |= {"availability": "" if counted else "in_stock"}
    if not options:
        fields |= {"color": row["color"], "size": row["size"]}
    told = "/".join(v for v in options.values() if v.casefold() != "default title")
    own = row["sku"].strip("'") or f"{handle}/{told}".strip("/")
    if own in ids:
        own = f"{handle}/{told or len(ids) + 1}"
    ids.add(own)
    yield Offer(line, own[:100], filled(fields.items()), group=handle, continues=True, scoped=True)
