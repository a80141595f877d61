"""What the tools take and give: after the catalogue and the cart of the Universal Commerce Protocol (ucp.dev, in the
version below), as far as those reach. Prices are in minor units (2400 is 24.00 USD); a field without anything to say
is left out.
"""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = "2026-04-08"
SEARCH, LOOKUP, CART = (f"dev.ucp.shopping.{name}" for name in ("catalog.search", "catalog.lookup", "cart"))
MOST_ITEMS = 50  # products that one look-up, lines that one cart may name
LONGEST = 170  # characters of an id: a product's and a size's


class Given(BaseModel):
    """What is sent. A name that nobody knows is an error: a condition that is left out would be a wrong answer."""

    model_config = ConfigDict(extra="forbid")


class Context(BaseModel):
    """Signals of UCP; of these the language is heeded, whatever else is sent with it."""

    model_config = ConfigDict(extra="allow")
    language: str | None = Field(
        default=None, max_length=35, description="of the answer, e.g. zh-Hans or en; else that of the words"
    )


class PriceFilter(Given):
    """In minor units of the shop's currency."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)


class SearchFilters(Given):
    """Conditions that hold in any case: any of a list, and all of them together. Values are the canonical English ones
    that products have in `categories` and `metadata` (red, t-shirt, striped, cotton)."""

    categories: list[str] = []
    price: PriceFilter | None = None
    availability: list[Literal["in_stock"]] = Field(default=[], description="only what can be bought now")
    brand: list[str] = []
    color: list[str] = []
    size: list[str] = []
    gender: list[str] = Field(default=[], description="women, men, unisex")
    age_group: list[str] = []
    pattern: list[str] = []
    material: list[str] = []
    sleeve: list[str] = []
    neckline: list[str] = []
    length: list[str] = []
    season: list[str] = []
    occasion: list[str] = []
    style: list[str] = []
    exclude: dict[str, list[str]] = Field(
        default={}, description='what it must not be: {"color": ["white"], "material": ["wool"]}'
    )
    on_sale: bool = False


class PageWish(Given):
    cursor: str | None = Field(default=None, max_length=40)
    limit: int = Field(default=10, ge=1, description="at most 25 are given")


class Search(Given):
    """`query`, `photo` or `filters`: at least one."""

    query: str = Field(default="", max_length=2_000, description="as a shopper would say it, zh or en")
    photo: str | None = Field(
        default=None, description="something to resemble: see the server's instructions"
    )
    filters: SearchFilters = SearchFilters()
    pagination: PageWish = PageWish()
    context: Context = Context()
    pictures: bool = Field(default=False, description="with a small picture of each of the first six")


class Lookup(Given):
    """Ids of products or variants."""

    ids: list[str] = Field(min_length=1)
    context: Context = Context()


class Selected(BaseModel):
    name: str = Field(max_length=60)
    label: str = Field(max_length=60)


class Detail(Given):
    """`id` of a product or a variant; `selected`: what was chosen of its options so far."""

    id: str = Field(min_length=1, max_length=LONGEST)
    selected: list[Selected] = Field(default=[], max_length=10)
    preferences: list[str] = Field(default=[], max_length=10, description="options, what matters most first")
    context: Context = Context()
    picture: bool = Field(default=True, description="with its first picture")


class WishedItem(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: str = Field(min_length=1, max_length=LONGEST, description="of a variant, as the catalogue gives it")


class WishedLine(BaseModel):
    model_config = ConfigDict(extra="allow")
    item: WishedItem
    quantity: int = Field(ge=1, le=99)


class WishedCart(BaseModel):
    """All that the cart is to hold: what is not named is taken out of it."""

    model_config = ConfigDict(extra="allow")
    line_items: list[WishedLine] = Field(max_length=MOST_ITEMS)
    context: Context = Context()


# -- what comes back


class Envelope(BaseModel):
    version: str = VERSION
    status: Literal["success", "error"] = "success"
    capabilities: dict[str, list[dict[str, str]]] = {}

    @classmethod
    def of(cls, *capabilities: str, status: Literal["success", "error"] = "success") -> "Envelope":
        return cls(status=status, capabilities={name: [{"version": VERSION}] for name in capabilities})


class Message(BaseModel):
    """`path`: JSONPath of the part of the answer, or of what was sent, that it is about."""

    type: Literal["error", "warning", "info"]
    code: str
    content: str
    severity: (
        Literal["recoverable", "requires_buyer_input", "requires_buyer_review", "unrecoverable"] | None
    ) = None
    path: str | None = None


class Price(BaseModel):
    amount: int
    currency: str


class PriceRange(BaseModel):
    min: Price
    max: Price


class Media(BaseModel):
    type: Literal["image"] = "image"
    url: str
    alt_text: str = ""


class Description(BaseModel):
    plain: str


class OptionValue(BaseModel):
    label: str
    available: bool | None = None
    exists: bool | None = None


class Option(BaseModel):
    name: str
    values: list[OptionValue]


class Availability(BaseModel):
    available: bool
    status: str
    quantity: int | None = None


class Input(BaseModel):
    id: str
    match: Literal["exact", "featured"]


class Barcode(BaseModel):
    type: str = "GTIN"
    value: str


class Variant(BaseModel):
    id: str
    title: str
    description: Description
    price: Price
    list_price: Price | None = None
    availability: Availability
    selected_options: list[Selected] = []
    sku: str | None = None
    barcodes: list[Barcode] | None = None
    inputs: list[Input] | None = None


class Rating(BaseModel):
    value: float
    scale_min: int = 0
    scale_max: int = 5
    count: int


class Category(BaseModel):
    value: str
    taxonomy: str = "merchant"


class ProductShape(BaseModel):
    """`metadata`: what the record says (colors, pattern, material …) and, of a search, `why` it was found and whether
    it is only the `nearest` to what was asked."""

    id: str
    title: str
    brand: str | None = None
    description: Description
    url: str | None = None
    categories: list[Category] = []
    price_range: PriceRange
    list_price_range: PriceRange | None = None
    media: list[Media] = []
    options: list[Option] = []
    selected: list[Selected] | None = None
    variants: list[Variant]
    rating: Rating | None = None
    tags: list[str] = []
    metadata: dict[str, Any] = {}


class Page(BaseModel):
    cursor: str | None = None
    has_next_page: bool
    total_count: int


class Answered(BaseModel):
    """What every answer has."""

    ucp: Envelope
    messages: list[Message] | None = None


class Listed(Answered):
    products: list[ProductShape] = []
    pagination: Page | None = None


class Detailed(Answered):
    product: ProductShape | None = None


class Total(BaseModel):
    type: Literal["subtotal", "total"]
    amount: int
    display_text: str | None = None


class Item(BaseModel):
    id: str
    title: str
    price: int
    image_url: str | None = None


class LineItem(BaseModel):
    id: str
    item: Item
    quantity: int
    totals: list[Total]


class Confirmation(BaseModel):
    """What a person has to agree to before it is done: `change` in words, `line_items` and `totals` as they would be.
    `token`: to call again with, in `confirmation`, once they did; until `expires_at`."""

    token: str
    expires_at: str
    change: str
    line_items: list[LineItem]
    totals: list[Total]


class CartShape(Answered):
    """Without an `id` there is no cart. With `confirmation` nothing was changed yet."""

    id: str | None = None
    line_items: list[LineItem] | None = None
    currency: str | None = None
    totals: list[Total] | None = None
    confirmation: Confirmation | None = None


class Seen(BaseModel):
    """A garment of the photo. `box`: left, top, right, bottom, 0..1."""

    category: str
    kind: str | None = None
    box: list[float]
    colors: list[str] = []
    pattern: str | None = None
    sleeve: str | None = None
    neckline: str | None = None
    length: str | None = None
    material: str | None = None
    confidence: dict[str, float] = {}


class LookedAt(BaseModel):
    """What a photo shows: the main garment first; an attribute that is not sure is left out. `text`: what was read."""

    caption: str
    garments: list[Seen]
    setting: str | None = None
    text: str = ""


class AnsweredAbout(BaseModel):
    """`source`: what the answer rests on; `unknown` says that it could not be told."""

    answer: str
    value: Any = None
    source: Literal["catalog", "image", "text_in_image", "unknown"]
    confidence: float


class OwnGarment(BaseModel):
    """A garment of the shopper's own: the photo's place among those sent."""

    photo: int
    slot: str
    name: str


class LookShape(BaseModel):
    """`products`: what is to be bought, each with its `slot` and `why` in `metadata`; `total`: of them all; `board`:
    the look as one picture, drawn when it is first asked for."""

    idea: str
    products: list[ProductShape]
    owned: list[OwnGarment] = []
    total: Price
    left: Price | None = None
    score: float
    reasons: list[str] = []
    missing: list[str] = []
    given_up: list[str] = []
    board: Media | None = None


class Looks(Answered):
    looks: list[LookShape] = []


class PolicyShape(BaseModel):
    """`passage`: the shop's own words, `answer` the sentences of it that answer; no `topic` where the shop has no rule
    of it. `topics`: what it has rules of."""

    topic: str
    title: str
    passage: str
    answer: str
    topics: list[str]
