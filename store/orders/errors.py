"""The errors of the desk; their tree stands in `store.orders`."""

from collections.abc import Sequence

from store.errors import StoreError


class OrderError(StoreError):
    """What keeps an order from being told. `code` is stable."""

    code = "order_error"


class NeedNumber(OrderError):
    """`numbers`: those of a shopper who is signed in, the newest first."""

    code = "need_number"

    def __init__(self, numbers: Sequence[str] = ()) -> None:
        super().__init__("which order?")
        self.numbers = tuple(numbers)


class NeedProof(OrderError):
    code = "need_proof"


class NotProven(OrderError):
    code = "not_proven"


class TooManyTries(OrderError):
    """`minutes`: for how long it has to rest."""

    code = "too_many_tries"

    def __init__(self, minutes: int) -> None:
        super().__init__(f"too many wrong answers; {minutes} min to wait")
        self.minutes = minutes


class OrdersAway(OrderError):
    code = "orders_away"


class NoReturnRules(OrderError):
    code = "no_return_rules"


class OrdersUnreadable(OrderError):
    code = "bad_orders"
