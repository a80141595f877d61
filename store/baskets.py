"""A shop's orders on file → which products were bought together.

JSON Lines, an order each: {"items": ["P0012", {"id": "P0034"}]}, or a line each {"order": "1001", "product": "P0012"};
or CSV with a header that has a column for the order and one for the product. All else in a row is the shop's own and
is passed over. A row that cannot be used is reported with its line and why; the others are read on.

OrdersError   the file cannot be read at all
"""

import csv
import json
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_BYTES = 1_000_000  # of a line
MOST_ITEMS = 60  # of an order: who buys more at once sells it on
MOST_ROWS = 20_000_000
MOST_REPORTED = 1000
_ORDER = ("order", "order_id", "orderid", "order_no", "order number", "订单", "订单号", "name")
_PRODUCT = (
    "product",
    "product_id",
    "productid",
    "item",
    "item_id",
    "sku",
    "id",
    "lineitem sku",
    "商品",
    "商品编号",
)


class OrdersError(Exception):
    """The file cannot be read: no such file, not UTF-8, no column for orders or products."""


@dataclass(frozen=True)
class Row:
    """A row that was left out; `reason` is a key of `orders.rows` in prompts/tuning.yaml."""

    line: int
    reason: str
    value: str = ""


@dataclass
class Orders:
    """`baskets`: the products of each order that the shop sells, in the order of the file; `rows`: lines that hold
    something; `left_out`: the first of `unusable` rows; `unknown`: how many items are of no product of the shop."""

    baskets: list[frozenset[str]] = field(default_factory=list)
    rows: int = 0
    unusable: int = 0
    unknown: int = 0
    left_out: list[Row] = field(default_factory=list)


def read(path: Path, sold: Set[str]) -> Orders:
    """The orders of a file, over the products `sold`. Raises OrdersError."""
    found = Orders()
    baskets: dict[str, set[str]] = {}
    try:
        for line, order, ids, reason in _rows(path):
            found.rows += 1
            if found.rows > MOST_ROWS:
                raise OrdersError(f"{path}: more than {MOST_ROWS} rows")
            if reason or not ids:
                _leave(found, Row(line, reason or "no_items"))
                continue
            known = {i for i in ids if i in sold}
            found.unknown += len(set(ids)) - len(known)
            if not known:
                _leave(found, Row(line, "all_unknown", ids[0][:100]))
                continue
            baskets.setdefault(order or f"\n{line}", set()).update(known)
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise OrdersError(f"{path}: {error}") from error
    for basket in baskets.values():
        if len(basket) > MOST_ITEMS:
            _leave(found, Row(0, "too_many_items", str(len(basket))))
        else:
            found.baskets.append(frozenset(basket))
    return found


def _leave(found: Orders, row: Row) -> None:
    found.unusable += 1
    if len(found.left_out) < MOST_REPORTED:
        found.left_out.append(row)


def _rows(path: Path) -> Iterator[tuple[int, str, list[str], str]]:
    """(line, order or "", ids, why there are none)."""
    if path.suffix.lower() in (".csv", ".tsv"):
        yield from _table(path)
        return
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip(b" \t\r\n\xef\xbb\xbf"):
                continue
            if len(line) > MOST_BYTES:
                yield number, "", [], "too_long"
                continue
            try:
                row = json.loads(line.decode("utf-8-sig"))
            except (UnicodeDecodeError, ValueError, RecursionError):
                yield number, "", [], "not_json"
                continue
            yield number, *_object(row)


def _object(row: Any) -> tuple[str, list[str], str]:
    if not isinstance(row, Mapping):
        return "", [], "not_json"
    order = next((text for key in _ORDER if (text := _text(row.get(key)))), "")
    items = row.get("items")
    if items is None:
        product = next((text for key in _PRODUCT if (text := _text(row.get(key)))), "")
        return (order, [product], "") if product and order else ("", [], "no_items")
    if not isinstance(items, list) or len(items) > 100 * MOST_ITEMS:
        return "", [], "no_items"
    ids = [_text(i.get("id", i.get("product_id")) if isinstance(i, Mapping) else i) for i in items]
    return order, [i for i in ids if i], "" if all(ids) else "bad_item"


def _table(path: Path) -> Iterator[tuple[int, str, list[str], str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
        named = {str(name).strip().casefold(): name for name in reader.fieldnames or () if name}
        order = next((named[n] for n in _ORDER if n in named), None)
        product = next((named[n] for n in _PRODUCT if n in named), None)
        if order is None or product is None or order == product:
            raise OrdersError(f"{path}: the header needs a column order and a column product")
        for row in reader:
            number, held = _text(row.get(order)), _text(row.get(product))
            yield reader.line_num, number, [held] if held else [], "" if number and held else "no_items"


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()[:200]
