"""What a tool is given at run time: the shop, the eyes, and whose turn it is."""

import logging
from dataclasses import dataclass

from perception.eyes import Eyes
from perception.made import Made
from perception.photo import Album, Photo, PhotoNotFound
from store.carts import Carts
from store.errors import NotKept
from store.policies import Policies
from store.shop import Shop
from store.shoppers import Profile, Shopper
from store.types import Product
from tools.errors import UnknownPhoto, UnknownProduct

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ToolContext:
    """`session` names the cart; `lang` is the language of this turn ("zh" or "en"); `photos` are the ids of the
    conversation's photos: a tool sees no others; `made`: pictures that tools make; `shopper` is the memory of who
    talks, where the door knows it."""

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

    def profile(self) -> Profile:
        """What is remembered of the shopper; nothing without consent, or while it cannot be read."""
        try:
            return self.shopper.profile() if self.shopper else Profile()
        except NotKept:
            log.exception("what is remembered of a shopper cannot be read")
            return Profile()

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
