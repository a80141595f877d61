"""What a tool is given at run time: the shop, the eyes, and whose turn it is."""

import logging
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from perception.eyes import Eyes
from perception.made import Made
from perception.photo import Album, Photo, PhotoNotFound
from store.carts import Carts
from store.errors import NotKept
from store.orders.desk import Asker, Desk
from store.policies import Policies
from store.reactions import Reaction, Reactions
from store.shop import Shop
from store.shoppers import Profile, Shopper
from store.together import Together
from store.types import Product
from tools.boards.shelf import Boards
from tools.errors import UnknownPhoto, UnknownProduct
from tools.results import Handoff

log = logging.getLogger(__name__)


@runtime_checkable
class People(Protocol):
    """Who can be asked to take a conversation over."""

    def ask(self, session: str, lang: str, reason: str, note: str) -> Handoff: ...


@runtime_checkable
class Ledger(Protocol):
    """Where it is noted what changed a cart."""

    def note(self, what: str, who: str, session: str = "", about: str = "", detail: str = "") -> None: ...


@dataclass(frozen=True)
class ToolContext:
    """`session` names the cart; `lang` is the language of this turn ("zh" or "en"); `photos` are the ids of the
    conversation's photos: a tool sees no others; `made`: pictures that tools make; `shopper` is the memory of who
    talks, where the door knows it; `reactions`: what was done in conversations; `together`: what is bought together;
    `boards`: what keeps the boards of looks, where any are kept; `people`: who may take over; `ledger`: where it is
    noted what changed a cart, and `by` what of the shopper's: "words", "button", "key:ID" …; `order_desk`: where
    orders are asked for, in a shop that lets them be, and `customer` the shop's own id of one signed in there."""

    shop: Shop
    carts: Carts
    policies: Policies
    eyes: Eyes
    album: Album
    made: Made
    session: str
    lang: str
    photos: frozenset[str] | None = None
    shopper: Shopper | None = None
    boards: Boards | None = None
    reactions: Reactions | None = None
    together: Together | None = None
    people: People | None = None
    ledger: Ledger | None = None
    by: str = "words"
    order_desk: Desk | None = None
    customer: str = ""

    @property
    def asker(self) -> Asker:
        """Who asks for orders."""
        return Asker(self.session, self.customer)

    @property
    def who(self) -> str:
        """Whose reactions count: a mark of the shopper, "" for one whom the door does not know."""
        return self.shopper.mark if self.shopper else ""

    def done(self) -> list[Reaction]:
        """What this shopper did in this conversation, the oldest first; nothing while it cannot be read."""
        try:
            return self.reactions.of(self.session, self.who) if self.reactions else []
        except NotKept:
            log.exception("what was done in a conversation cannot be read")
            return []

    def profile(self) -> Profile:
        """What is remembered of the shopper; nothing without consent, or while it cannot be read."""
        try:
            return self.shopper.profile() if self.shopper else Profile()
        except NotKept:
            log.exception("what is remembered of a shopper cannot be read")
            return Profile()

    def noted(self, what: str, about: str = "", detail: str = "") -> None:
        """Note a change of the cart, which was made: a log that cannot be written does not undo it."""
        try:
            if self.ledger:
                self.ledger.note(what, self.by, self.session, about, detail)
        except NotKept:
            log.exception("a change of a cart is not in the audit log")

    def product(self, product_id: str) -> Product:
        """Raises UnknownProduct."""
        found = self.shop.get(product_id)
        if found is None:
            raise UnknownProduct(product_id)
        return found

    def photo(self, photo_id: str) -> Photo:
        """Raises UnknownPhoto, also for a photo of somebody else's conversation."""
        if self.photos is not None and photo_id not in self.photos:
            raise UnknownPhoto(photo_id)
        try:
            return self.album.get(photo_id)
        except PhotoNotFound as error:
            raise UnknownPhoto(photo_id) from error
