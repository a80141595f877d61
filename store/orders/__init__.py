"""A shop's orders, and what a shopper may be told of them.

`Orders` is what a shop's order system has to answer; `CsvOrders` and `SqliteOrders` come with the package. `Desk`
stands before it: nothing of an order leaves it until whoever asks has shown that the order is theirs.

OrderError                what keeps an order from being told, or something from being sent back; `code` is stable
├── NeedNumber            need_number        which order? (of a shopper who is signed in: `numbers` to choose from)
├── NeedProof             need_proof         the number alone proves nothing
├── NotProven             not_proven         no such order, or not theirs: the same for both
├── TooManyTries          too_many_tries     wrong so often that it has to rest; `minutes`
├── OrdersAway            orders_away        the order system cannot be asked now
├── NoReturnRules         no_return_rules    the shop has not said what may be sent back
└── OrdersUnreadable      bad_orders         a file of orders that cannot be read at all
"""

from store.orders.desk import Desk
from store.orders.errors import (
    NeedNumber,
    NeedProof,
    NoReturnRules,
    NotProven,
    OrderError,
    OrdersAway,
    OrdersUnreadable,
    TooManyTries,
)
from store.orders.sources import CsvOrders, Orders, SqliteOrders, opened
from store.orders.types import Line, Order, Return

__all__ = [
    "CsvOrders",
    "Desk",
    "Line",
    "NeedNumber",
    "NeedProof",
    "NoReturnRules",
    "NotProven",
    "Order",
    "OrderError",
    "Orders",
    "OrdersAway",
    "OrdersUnreadable",
    "Return",
    "SqliteOrders",
    "TooManyTries",
    "opened",
]
