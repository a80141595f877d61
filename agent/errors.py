"""Errors that a person is told about, each with a stable `code` and a sentence that says what to do.

DaogouError
├── EmptyShop        no products yet
├── UnknownProduct   no product has this id
├── BadFilters       --where or a filter has the wrong shape
├── BadFeed          a feed cannot be read at all
├── ImportBusy       another import is filling the shop
├── TooFewToTune     fewer products with a picture and a title than a tuning needs
├── TooFewLooks      fewer looks of the shop's own than can be learned from
├── TooFewOrders     fewer orders of several products than can be learned from
├── BadOrders        a file of orders cannot be read at all
├── BadLooks         a file of looks cannot be read at all
├── TuneRunning      another tuning is under way
├── BadEngine        Ray is not installed, or its cluster cannot be reached
├── BadDatabase      the PostgreSQL of the settings cannot be used as they are
├── BadModel         the model setting names nothing that can be used
├── UnknownColor     no word of it is known as a colour
├── UnknownScene     no drawn place has this name
├── NoPicture        a product has no picture that can be read
├── NoPreview        there is no picture of it that can be recoloured
├── NotFetched       a photo's address does not answer, is no picture or lies inside a network; `why`
├── NothingSeen      a photo shows no garment to work with
├── BadWording       the shop's own words (`wording.yaml`) cannot be used
├── UnknownShop      of several shops none has this name (agent.access.shops)
└── BadShop          the settings of one of several shops cannot be read (agent.access.shops)

A bad photo is perception.photo.PhotoError, which has a `code` as well.
"""

from prompts import load, say


class DaogouError(Exception):
    """Base: `code` is stable, `str(error)` is English, `message(lang)` is for the shopper."""

    code = "internal"

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(self.message("en"))

    def message(self, lang: str) -> str:
        """The sentence shown, in `lang`."""
        return say("session", f"errors.{self.code}", lang, **self.values)


class EmptyShop(DaogouError):
    code = "empty_shop"


class UnknownProduct(DaogouError):
    code = "unknown_product"


class BadFilters(DaogouError):
    code = "bad_filters"


class BadFeed(DaogouError):
    code = "bad_feed"


class ImportBusy(DaogouError):
    code = "import_busy"


class TooFewToTune(DaogouError):
    code = "too_few_to_tune"


class TooFewOrders(DaogouError):
    code = "too_few_orders"


class BadOrders(DaogouError):
    code = "bad_orders"


class TooFewLooks(DaogouError):
    code = "too_few_looks"


class BadLooks(DaogouError):
    code = "bad_looks"


class TuneRunning(DaogouError):
    code = "tune_running"


class BadEngine(DaogouError):
    code = "bad_engine"


class BadDatabase(DaogouError):
    code = "bad_database"


class BadModel(DaogouError):
    code = "bad_model"


class UnknownColor(DaogouError):
    code = "unknown_color"


class UnknownScene(DaogouError):
    code = "unknown_scene"


class NoPicture(DaogouError):
    code = "no_picture"


class NoPreview(DaogouError):
    code = "no_preview"


class NothingSeen(DaogouError):
    code = "nothing_seen"


class BadWording(DaogouError):
    code = "bad_wording"


def message(code: str, lang: str, **values: object) -> str:
    """The sentence for any error code in `lang`; an unknown code gets the general one."""
    known = load("session")["errors"]
    return say("session", f"errors.{code if code in known else 'internal'}", lang, **values)


class NotFetched(DaogouError):
    code = "photo_not_fetched"

    @property
    def why(self) -> str:
        """A code of store.feeds.fetch."""
        return str(self.values["why"])
