"""A shop's own looks or orders, as JSON Lines: {"items": ["P0012", …]}, a look or an order each.

An item is an id, or an object with one under `id` or `product_id`; every other key (`order`, `name`, `date` …) is the
shop's own. A row that cannot be used is reported with its line and its reason, and the others are read on.

LookbookError   the file cannot be read at all
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MOST_PIECES = 12  # somebody who orders more at once is stocking up, not dressing
MOST_BYTES = 1_000_000  # of a line; a longer one is no look


class LookbookError(Exception):
    """The file cannot be read: no such file, a folder, not UTF-8."""


@dataclass(frozen=True)
class Row:
    """A row that was left out, or an id in one that was: `reason` is a key of `looks.rows` in prompts/tuning.yaml."""

    line: int
    reason: str
    value: str = ""


@dataclass(frozen=True)
class Lookbook:
    """`looks`: sets of ids that were worn or bought together, in the order of the file, each once; `rows`: lines that
    hold something; `left_out`: rows that could not be used; `unknown`: ids that the shop does not have."""

    looks: list[tuple[str, ...]]
    rows: int
    left_out: list[Row] = field(default_factory=list)
    unknown: list[Row] = field(default_factory=list)
    repeated: int = 0


def read(path: Path, slots: Mapping[str, str | None]) -> Lookbook:
    """The looks of a file over the shop's products, `slots`: each id's place in a look, None for what has none.

    Raises LookbookError."""
    try:
        with path.open("rb") as file:
            return parsed(file, slots)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise LookbookError(f"{path}: {error}") from error


def parsed(lines: Iterable[bytes], slots: Mapping[str, str | None]) -> Lookbook:
    """The same of lines. A look needs two pieces with a place each of their own: two tops are no pair."""
    looks: dict[tuple[str, ...], None] = {}
    left_out: list[Row] = []
    unknown: list[Row] = []
    rows = repeated = 0
    for number, line in enumerate(lines, 1):
        if not line.strip(b" \t\r\n\xef\xbb\xbf"):
            continue
        rows += 1
        ids, reason = _ids(line)
        if reason:
            left_out.append(Row(number, reason))
            continue
        unknown += [Row(number, "unknown_id", i[:100]) for i in ids if i not in slots]
        worn = tuple(sorted({i for i in ids if slots.get(i)}))
        if not any(i in slots for i in ids):
            left_out.append(Row(number, "all_unknown"))
        elif len({slots[i] for i in worn}) < 2:
            left_out.append(Row(number, "too_few_pieces"))
        elif len(worn) > MOST_PIECES:
            left_out.append(Row(number, "too_many_pieces", str(len(worn))))
        elif worn in looks:
            repeated += 1
        else:
            looks[worn] = None
    return Lookbook(list(looks), rows, left_out, unknown, repeated)


def _ids(line: bytes) -> tuple[list[str], str]:
    """The ids of a row in its order, or why there are none."""
    if len(line) > MOST_BYTES:
        return [], "too_long"
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError):
        return [], "not_json"
    items = row.get("items") if isinstance(row, dict) else None
    if not isinstance(items, list) or not items:
        return [], "no_items"
    ids = [_id(item) for item in items]
    return ([], "bad_item") if any(i is None for i in ids) else ([i for i in ids if i], "")


def _id(item: Any) -> str | None:
    if isinstance(item, dict):
        item = item.get("id", item.get("product_id"))
    if isinstance(item, bool) or not isinstance(item, str | int):
        return None
    return str(item).strip() or None


def grouped(looks: Collection[tuple[str, ...]]) -> list[str]:
    """A name for each look, that which part it falls into depends on: the same look has the same one."""
    return ["\n".join(sorted(look)) for look in looks]
