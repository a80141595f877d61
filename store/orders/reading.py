"""A file of orders → orders: a line of it is a line of an order, and what is said of the whole order may stand in its
first line only (as Shopify writes it) or in each. A row that cannot be used is reported; the others are read on."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from prompts import load
from prompts.plain import one_line
from store.errors import FeedError
from store.feeds import values
from store.feeds.record import Refused, shown
from store.feeds.source import BAD, Source
from store.feeds.tables import delimiter_of, header, name_of, records
from store.orders import numbers
from store.orders.errors import OrdersUnreadable
from store.orders.types import Line, Order, Status
from store.types import Money

MOST_LINES = 200  # of an order
MOST_REPORTED = 1000
NAME_CHARS, CELL_CHARS = 300, 120
MOST_QUANTITY = 9999
_NEEDED = ("number", "name")
_DATE = re.compile(r"\s*(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?!\d)")
_OF_ORDER = ("status", "carrier", "tracking", "expected", "delivered", "email", "phone", "customer")


@dataclass(frozen=True)
class Row:
    """A row, or a cell of it, that was left out; `reason` is a key of `rows` in prompts/orders.yaml. `lost`: the whole
    row is missing, not only what one cell says."""

    line: int
    reason: str
    value: str = ""
    lost: bool = True


@dataclass
class Read:
    """`orders` in the order of the file; `rows` that hold something; `left_out`: the first of `unusable` rows and
    cells; `encoding` as it was found."""

    orders: list[Order] = field(default_factory=list)
    rows: int = 0
    unusable: int = 0
    left_out: list[Row] = field(default_factory=list)
    encoding: str = ""

    def leave(self, row: Row) -> None:
        """Report one."""
        self.unusable += row.lost
        if len(self.left_out) < MOST_REPORTED:
            self.left_out.append(row)


@dataclass
class _Draft:
    number: str
    line: int
    placed: date | None = None
    facts: dict[str, str] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)


def read(path: Path, currency: str = "USD") -> Read:
    """The orders of a table with a header (CSV, TSV; UTF-8, UTF-16 or GBK). `currency`: of amounts that name none.
    Raises OrdersUnreadable."""
    found, drafts = Read(), dict[str, _Draft]()
    try:
        source = Source(path)
        found.encoding = source.encoding
        for line, cells in _rows(source, found):
            found.rows += 1
            _take(line, cells, drafts, found, currency)
    except FeedError as error:
        raise OrdersUnreadable(str(error)) from error
    except Refused as error:
        raise OrdersUnreadable(f"{path}: {error.code}") from error
    for draft in drafts.values():
        if draft.lines and draft.placed is None:
            found.leave(Row(draft.line, "no_date", draft.number))
        elif draft.lines and draft.placed:
            found.orders.append(_order(draft, draft.placed, found))
    return found


def _rows(source: Source, found: Read) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, cells by our names). Raises OrdersUnreadable where the header lacks a column that is needed."""
    head = source.head()
    columns = _columns(header(head, delimiter_of(head)))
    if missing := [name for name in _NEEDED if name not in columns]:
        raise OrdersUnreadable(f"{source.path}: the header has no column for: {', '.join(missing)}")
    for record in records(source, delimiter_of(head)):
        if record.refused is not None:
            found.rows += 1
            found.leave(Row(record.line, "not_a_row", record.refused.code))
            continue
        named = {name: record.cells.get(column, "") for name, column in columns.items()}
        yield record.line, {name: cell for name, cell in named.items() if cell.strip()}


def _columns(cells: Collection[str]) -> dict[str, str]:
    """Our name of a column → what the file calls it, the first of several."""
    taken: dict[str, str] = {}
    for name, aliases in load("orders")["columns"].items():
        free = (c for alias in aliases if (c := name_of(alias)) in cells and c not in taken.values())
        if column := next(free, None):
            taken[name] = column
    return taken


def _take(line: int, cells: dict[str, str], drafts: dict[str, _Draft], found: Read, currency: str) -> None:
    if any(BAD in cell for cell in cells.values()):
        found.leave(Row(line, "bad_characters"))
        return
    number = one_line(cells.get("number", ""))[: numbers.LONGEST]
    key = numbers.key(cells.get("number", ""))
    if not key:
        found.leave(Row(line, "no_number", shown(cells.get("number", ""))))
        return
    draft = drafts.setdefault(key, _Draft(number, line))
    if draft.number != number:
        found.leave(Row(line, "same_number", shown(f"{draft.number}, {number}")))
        return
    if said := cells.get("date", ""):
        draft.placed = draft.placed or day(said)
        if draft.placed is None:
            found.leave(Row(line, "bad_day", shown(said), lost=False))
    for name in _OF_ORDER:
        said = one_line(cells.get(name, ""))[:CELL_CHARS]
        held = draft.facts.get(name) or said
        draft.facts[name] = held
        if said and said != held and name in ("email", "phone", "customer"):
            found.leave(Row(line, "other_buyer", name, lost=False))
    item = _line(line, cells, len(draft.lines) + 1, found, currency)
    if item is not None:
        draft.lines.append(item)


def _line(line: int, cells: dict[str, str], place: int, found: Read, currency: str) -> Line | None:
    name = one_line(cells.get("name", ""))[:NAME_CHARS]
    if not name:
        found.leave(Row(line, "no_name"))
        return None
    if place > MOST_LINES:
        found.leave(Row(line, "too_many_lines"))
        return None
    quantity = 1
    if said := cells.get("quantity", "").strip():
        amount = values.number(said)
        if amount is None or not 1 <= amount <= MOST_QUANTITY or amount != int(amount):
            found.leave(Row(line, "bad_quantity", shown(said)))
            return None
        quantity = int(amount)
    return Line(
        place=place,
        name=name,
        product=one_line(cells.get("product", ""))[:100] or None,
        size=one_line(cells.get("size", ""))[:40] or None,
        quantity=quantity,
        price=_price(line, cells, found, currency),
        returnable=_truth(cells.get("returnable", "")),
    )


def _truth(text: str) -> bool | None:
    said = load("orders")["truths"]
    word = name_of(text)
    return True if word in said["yes"] else False if word in said["no"] else values.truth(word)


def _price(line: int, cells: dict[str, str], found: Read, currency: str) -> Money | None:
    """What cannot be read costs the line its price, and not the order the line."""
    said = cells.get("price", "").strip()
    if not said:
        return None
    try:
        amount, named = values.price(said, currency=cells.get("currency") or None, shop=currency)
        return Money(amount=amount, currency=named or currency)
    except Refused as error:
        if error.code != "zero_price":
            found.leave(Row(line, "bad_price", shown(said), lost=False))
            return None
        return Money(amount=Decimal(0), currency=currency)


def _order(draft: _Draft, placed: date, found: Read) -> Order:
    facts = draft.facts
    words = facts.get("status", "")
    status = status_of(words)
    if status == "other" and words:
        found.leave(Row(draft.line, "unknown_status", shown(words), lost=False))
    days: dict[str, Any] = {}
    for name in ("expected", "delivered"):
        days[name] = day(facts.get(name, ""))
        if facts.get(name) and days[name] is None:
            found.leave(Row(draft.line, "bad_day", shown(facts[name]), lost=False))
    return Order(
        number=draft.number,
        placed=placed,
        status="delivered" if days["delivered"] and status in ("other", "shipped") else status,
        words=words if status == "other" else "",
        lines=tuple(draft.lines),
        carrier=facts.get("carrier", ""),
        tracking=facts.get("tracking", ""),
        email=numbers.email(facts.get("email", "")),
        phone=numbers.phone(facts.get("phone", "")),
        customer=facts.get("customer", ""),
        **days,
    )


def day(text: str) -> date | None:
    """The day of "2026-11-05", "2026/11/5 14:03", "2026年11月5日"; None for what is none, or could be two."""
    match = _DATE.match(numbers.narrow(text))
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def status_of(words: str) -> Status:
    """The status that a shop's word for it means; "other" for one that nobody knows."""
    said = name_of(numbers.narrow(words))
    known: dict[str, list[str]] = load("orders")["statuses"]
    found = next((name for name, aliases in known.items() if said in aliases), "other")
    return cast(Status, found)
