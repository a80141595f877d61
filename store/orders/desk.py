"""Where shoppers ask for their orders: nothing is told before it is shown that the order is theirs.

A shopper who is signed in at the shop (the shop's server vouches for the id) sees their own. Anybody else gives the
number with the e-mail address or the phone number of the order. That there is no such order, and that it is somebody
else's, cannot be told apart: not by words, not by the limits, not by the time it takes.
"""

import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from store.orders import numbers
from store.orders.errors import NeedNumber, NeedProof, NoReturnRules, NotProven, TooManyTries
from store.orders.ledger import Ledger
from store.orders.returns import Rules, Verdict, judged
from store.orders.sources import Orders
from store.orders.types import Order

MOST_ADDRESSES = 2  # of a message that are tried: each is a guess


@dataclass(frozen=True)
class Asker:
    """Who asks: the conversation, and the shop's own id of a shopper who is signed in there."""

    session: str
    customer: str = ""


class Desk:
    """`kind`: a product's kind in the catalogue, "" for one that it does not have; `rules`: what may be sent back, None
    where the shop has not said. Errors of `store.orders`."""

    def __init__(
        self,
        orders: Orders,
        ledger: Ledger,
        rules: Callable[[], Rules | None] = lambda: None,
        kind: Callable[[str], str] = lambda product: "",
        today: Callable[[], date] = date.today,
    ) -> None:
        self._orders, self.ledger, self._rules, self._kind, self._today = orders, ledger, rules, kind, today

    def hear(self, session: str, told: numbers.Told) -> None:
        """Take in what a message proves with. At most two addresses of it count."""
        addresses = [*told.emails, *told.phones][:MOST_ADDRESSES]
        if addresses:
            self.ledger.hear(session, addresses)

    def find(self, number: str, asker: Asker) -> Order:
        """The order that a shopper asks for, once it is shown to be theirs.

        Raises NeedNumber, NeedProof, NotProven, TooManyTries, OrdersAway, NotKept."""
        self.ledger.talked(asker.session)
        key = numbers.key(number)
        own = list(self._orders.of(asker.customer)) if asker.customer else []
        if not key:
            if len(own) == 1:
                return own[0]
            raise NeedNumber([order.number for order in own])
        if mine := next((order for order in own if numbers.key(order.number) == key), None):
            return mine
        found = self._orders.find(key)
        if found and asker.customer and hmac.compare_digest(found.customer.encode(), asker.customer.encode()):
            return found
        if self.ledger.proven(asker.session, key) and found:
            return found
        marks = self.ledger.heard(asker.session)
        if not marks:
            raise NeedProof("the number alone proves nothing")
        wait = self.ledger.try_once(asker.session, key, marks)
        if wait > 0:
            raise TooManyTries(wait)
        if wait == 0 and self._theirs(found, marks) and found:
            self.ledger.right(asker.session, key)
            return found
        raise NotProven("the number and the address do not belong together")

    def own(self, asker: Asker) -> list[Order]:
        """The newest orders of a shopper who is signed in."""
        return list(self._orders.of(asker.customer)) if asker.customer else []

    def verdicts(self, order: Order) -> list[Verdict]:
        """What of an order may come back. Raises NoReturnRules."""
        rules = self.rules()
        kinds = {line.product: self._kind(line.product) for line in order.lines if line.product}
        returned = self.ledger.returned(numbers.key(order.number))
        return judged(order, rules, kinds, returned, self._today())

    def rules(self) -> Rules:
        """What may be sent back. Raises NoReturnRules."""
        rules = self._rules()
        if rules is None:
            raise NoReturnRules("policies.yaml has no return_rules")
        return rules

    def returned(self, order: Order) -> dict[int, str]:
        """Lines of an order that are to come back → the return number."""
        return self.ledger.returned(numbers.key(order.number))

    def take_back(self, order: Order, lines: Sequence[int], reason: str, words: str, session: str) -> str:
        """Make a return of those lines, which `verdicts` lets come back; its number. Raises NotKept."""
        return self.ledger.take_back(numbers.key(order.number), order.number, lines, reason, words, session)

    def close(self) -> None:
        """Let go of the ledger."""
        self.ledger.close()

    def _theirs(self, order: Order | None, marks: Sequence[str]) -> bool:
        """Whether a mark stands for an address of the order. One that is not there takes as many comparisons."""
        addresses = (order.email, order.phone) if order else ("nobody@example.invalid", "0000000000")
        held = [self.ledger.mark(address) for address in addresses]
        fits = [
            hmac.compare_digest(mark, one) and bool(address)
            for mark in marks
            for one, address in zip(held, addresses, strict=True)
        ]
        return order is not None and any(fits)
