"""What can go wrong in the store.

StoreError
├── ProductNotFound      no product with this id
├── PictureNotFound      no picture with this name in the data folder (or a name that leads out of it)
├── FeedError            a feed that cannot be read at all (a bad row is reported with the feed instead)
├── ImportRunning        another import is filling this shop
├── TuningRunning        another tuning of this shop is being made
├── NotKept              nothing can be written now: the disk is full, the folder read-only, the file locked for long
├── StoreAway            the Chroma server does not answer, or does not let us in; the next question may find it back
├── StoreCorrupt         the data folder holds something that is not a shop; import the feed again into a new folder
├── NoConsent            a shopper who has not agreed to it is not remembered
└── CartError            the cart was left as it was
    ├── NeedSize         the product comes in sizes and none was given
    ├── SizeUnknown      the product does not come in this size
    ├── OutOfStock       known, but sold out (in this size)
    ├── TooMany          more than there are; `left` says how many there are
    ├── NotInCart        no such line
    ├── CartChanged      the cart is not what it was when the change was thought of
    └── KeyReused        the sender's name for this wish stands for another one
"""


class StoreError(Exception):
    """Anything the store refuses; `code` is stable."""

    code = "store_error"


class ProductNotFound(StoreError):
    code = "unknown_product"

    def __init__(self, product_id: str) -> None:
        super().__init__(f"no product {product_id!r} in this shop")
        self.product_id = product_id


class PictureNotFound(StoreError):
    code = "unknown_picture"


class FeedError(StoreError):
    code = "bad_feed"


class ImportRunning(StoreError):
    """`minutes`: since when."""

    code = "import_running"

    def __init__(self, minutes: float = 0.0) -> None:
        super().__init__(f"another import has been running for {minutes:.0f} min")
        self.minutes = minutes


class TuningRunning(StoreError):
    code = "tune_running"


class StoreCorrupt(StoreError):
    code = "store_corrupt"


class StoreAway(StoreError):
    code = "store_away"


class NoConsent(StoreError):
    code = "no_consent"


class NotKept(StoreError):
    code = "not_kept"


class CartError(StoreError):
    """`choices`: the sizes that can be bought now."""

    code = "cart_error"

    def __init__(
        self, message: str, product_id: str, choices: list[str] | None = None, left: int = 0
    ) -> None:
        super().__init__(message)
        self.product_id = product_id
        self.choices = choices or []
        self.left = left


class NeedSize(CartError):
    code = "need_size"


class SizeUnknown(CartError):
    code = "size_unknown"


class OutOfStock(CartError):
    code = "out_of_stock"


class TooMany(CartError):
    code = "too_many"


class NotInCart(CartError):
    code = "not_in_cart"


class CartChanged(CartError):
    code = "cart_changed"


class KeyReused(CartError):
    code = "key_reused"
