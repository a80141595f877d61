"""A shop's orders brought in from a file, and the returns that shoppers asked for as the shop takes them out."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from agent.errors import BadOrders
from store.orders import Desk, OrdersUnreadable
from store.orders.reading import read
from store.orders.sources import FILE, write


def take_in(path: Path, data: Path, currency: str, dry_run: bool = False) -> dict[str, Any]:
    """Read a file of orders and keep them in the place of those that were kept: {"orders", "rows", "unusable",
    "encoding", "left_out": [{"line", "reason", "value", "lost"}]}. Raises BadOrders, OSError."""
    try:
        found = read(path, currency)
    except OrdersUnreadable as error:
        raise BadOrders(reason=str(error)) from error
    if not found.orders:
        raise BadOrders(reason=f"{path}: no order in it can be used")
    if not dry_run:
        write(found.orders, data / FILE)
    return {
        "orders": len(found.orders),
        "rows": found.rows,
        "unusable": found.unusable,
        "encoding": found.encoding,
        "left_out": [asdict(row) for row in found.left_out],
    }


def demo(data: Path) -> int:
    """Keep the demo shop's invented orders, as they stand today; how many. Raises OSError."""
    from store.demo import orders

    return orders.build(data / FILE, date.today())


def returns(desk: Desk | None) -> list[dict[str, Any]]:
    """Every return that was asked for, the oldest first."""
    return [asdict(one) for one in desk.ledger.returns()] if desk else []
