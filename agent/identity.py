"""What shoppers prove their orders with is heard once, by the desk, and hidden before anything is kept of the message.

No transcript, no checkpoint, no model and no log has an e-mail address or a phone number that was given for an order.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agent.planner.order_words import speaks_of_order
from store.orders import numbers

if TYPE_CHECKING:
    from store.orders import Desk


def heard(desk: "Desk | None", session: str, text: str, reaches: Callable[[str], bool]) -> str:
    """The message as it may be kept. In talk of an order the desk takes the addresses in it; anything else said with an
    address ("write to me at …") is left as it is. `reaches`: whether an address in this conversation is one to be
    answered at, by a person who has it or reads it later. Raises NotKept."""
    told = numbers.hidden(text)
    if desk is None or not told:
        return text
    if not speaks_of_order(text) and (not desk.ledger.talks(session) or reaches(session)):
        return text
    desk.hear(session, told)
    return told.text


def words(text: str) -> str:
    """The message without its addresses, which are in no language."""
    return numbers.without(text)


def hidden(desk: "Desk | None", text: str) -> str:
    """What was said elsewhere, as it may be kept."""
    return numbers.hidden(text).text if desk is not None else text
