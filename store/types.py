"""What a shop sells and what is asked of it: plain, JSON-safe values.

`Product` is the one product model of the project; wherever a product leaves as JSON it has this shape.
"""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    computed_field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from prompts import say, taxonomy
from prompts.plain import one_line, plain


def _cleaned(how: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: how(value) if isinstance(value, str) else value


# Written by a shop, or by whoever writes into its feed, and shown everywhere: never more than can be seen.
Prose = Annotated[str, BeforeValidator(_cleaned(plain))]
Name = Annotated[str, BeforeValidator(_cleaned(one_line))]
Amount = Annotated[Decimal, PlainSerializer(lambda d: f"{d:.2f}", return_type=str)]
Availability = Literal["in_stock", "out_of_stock", "preorder", "backorder"]
Scene = Literal["beach", "office", "street_rain", "dinner", "home", "mountain"]
View = Literal["front", "back", "detail", "figure"] | Scene
PLAIN_VIEWS = frozenset(("front", "back", "detail"))
SPIN_AT_LEAST = 8  # pictures of a full turn; fewer jump
SPIN_AT_MOST = 72


class Money(BaseModel):
    """An amount in major units, written as a decimal string, never a float."""

    model_config = ConfigDict(frozen=True)
    amount: Amount = Field(ge=0)
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$")


class Text(BaseModel):
    """The same text in both languages; one may be empty, never both where a text is required."""

    zh: Prose = ""
    en: Prose = ""

    def get(self, lang: str) -> str:
        """The text in `lang`, else in the other language."""
        return (self.zh or self.en) if lang == "zh" else (self.en or self.zh)


class Size(BaseModel):
    """Stock of one size; `quantity` None: it can be bought, how many there are is not known."""

    size: Name
    quantity: int | None = Field(default=None, ge=0)

    @property
    def available(self) -> bool:
        """There is one at least."""
        return self.quantity is None or self.quantity > 0


class Variant(BaseModel):
    """One buyable form of a product. `options`: what else tells it from the others ({"Length": "30"}); `quantity` as in
    Size; `price` and `sale_price` where they are not the product's."""

    id: Name
    color: Name | None = None
    size: Name | None = None
    options: dict[Name, Name] = {}
    quantity: int | None = Field(default=0, ge=0)
    price: Money | None = None
    sale_price: Money | None = None
    gtin: Name | None = None
    image: str | None = None


def fingerprint(*parts: bytes) -> str:
    """32 hexadecimal digits that stand for these parts in this order (SHA-256)."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:32]


class Product(BaseModel):
    """One product as the shop knows it. An unknown attribute is absent (None or empty), never guessed.

    `images` are file names relative to the data folder, front view first. `views` says what some of them show; a
    shop's own pictures are mostly without a word. `spin`: the frames of a full turn, at even steps, the first one from
    the front, turning to the product's left; empty, or SPIN_AT_LEAST of them at least. `size_chart` maps a size to
    body measurements in centimetres. `path`: where the shop itself files it, root to leaf, in its own words. `seen`:
    what perception proposed where the record says nothing ({"colors": ["navy"], "pattern": "striped", "confidence":
    {...}}); it never overrides the record and is never told as it.
    """

    model_config = ConfigDict(extra="ignore")

    id: str = Field(min_length=1, max_length=100)
    title: Text
    description: Text = Text()
    brand: Name | None = None
    category: Name
    path: list[Name] = []
    colors: list[Name] = []
    pattern: Name | None = None
    material: Name | None = None
    sleeve: Name | None = None
    neckline: Name | None = None
    length: Name | None = None
    gender: Name | None = None
    age_group: Name | None = None
    season: list[Name] = []
    occasion: list[Name] = []
    style: list[Name] = []
    price: Money
    sale_price: Money | None = None
    availability: Availability = "in_stock"
    sizes: list[Size] = []
    variants: list[Variant] = []
    size_chart: dict[Name, dict[Name, float]] = {}
    care: Text = Text()
    rating: float | None = Field(default=None, ge=0, le=5)
    rating_count: int = Field(default=0, ge=0)
    images: list[str] = []
    views: dict[str, View] = {}
    spin: list[str] = []
    url: str | None = None
    gtin: Name | None = None
    seen: dict[str, Any] = {}

    @field_validator("id")
    @classmethod
    def _seen_whole(cls, value: str) -> str:
        if plain(value) != value or "\n" in value:  # two ids that look the same must not be two products
            raise ValueError("holds characters that nobody can see")
        return value

    @field_validator("title", mode="after")
    @classmethod
    def _on_one_line(cls, value: Text) -> Text:
        return Text(zh=one_line(value.zh), en=one_line(value.en))

    @model_validator(mode="after")
    def _consistent(self) -> "Product":
        if self.sale_price and self.sale_price.currency != self.price.currency:
            raise ValueError(f"sale_price is in {self.sale_price.currency}, price in {self.price.currency}")
        if self.sale_price and self.sale_price.amount >= self.price.amount:
            self.sale_price = None  # no sale; feeds repeat the price where there is none
        names = [s.size.strip().casefold() for s in self.sizes]
        if len(set(names)) < len(names):
            raise ValueError("a size is listed twice")
        self.views = {name: shown for name, shown in self.views.items() if name in self.images}
        if 0 < len(self.spin) < SPIN_AT_LEAST:
            raise ValueError(f"a turn of {len(self.spin)} pictures; {SPIN_AT_LEAST} at least")
        if len(self.spin) > SPIN_AT_MOST:
            raise ValueError(f"a turn of {len(self.spin)} pictures; {SPIN_AT_MOST} at most")
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def categories(self) -> list[str]:
        """Root to leaf; of a category that the vocabulary does not know, the shop's own path."""
        known = list(taxonomy.ancestors(self.category))
        if len(known) > 1 or not self.path:
            return known
        above = [name.casefold() for name in self.path]
        return [*(name for name in above if name not in known), *known]

    @property
    def fingerprint(self) -> str:
        """Of the whole record: two that differ in anything have two."""
        return fingerprint(self.model_dump_json().encode())

    @property
    def plain_image(self) -> str | None:
        """The picture that models are shown: the first one that is not known to show a wearer or a scene; where all
        do, the first."""
        plain = (name for name in self.images if self.views.get(name, "front") in PLAIN_VIEWS)
        return next(plain, next(iter(self.images), None))

    @property
    def current_price(self) -> Money:
        """What the shopper pays: the sale price where there is one."""
        return self.sale_price or self.price

    def price_of(self, size: str | None) -> Money:
        """What is paid for it in `size`: the variants' own price where they have one, the highest where they differ."""
        wanted = size.casefold() if size else None
        own = [
            v.sale_price or v.price
            for v in self.variants
            if v.price and wanted and v.size and v.size.casefold() == wanted
        ]
        return max((m for m in own if m), key=lambda m: m.amount, default=self.current_price)

    def taken_in(self, size: str | None) -> Variant | None:
        """Of several colours the variant that is taken where nobody names one: the one of the first picture, else the
        first that can be bought in `size`. None where there is no choice."""
        if len({v.color for v in self.variants if v.color}) < 2:
            return None
        wanted = size.casefold() if size else None
        fit = [v for v in self.variants if v.color and (not wanted or (v.size or "").casefold() == wanted)]
        left = [v for v in fit if v.quantity is None or v.quantity > 0]
        pictured = (v for v in left if v.image and v.image in self.images[:1])
        return next(pictured, None) or next(iter(left), None)

    @property
    def in_stock(self) -> bool:
        """Can be bought now, in at least one size."""
        return self.availability == "in_stock" and (not self.sizes or any(s.available for s in self.sizes))

    def sizes_in_stock(self) -> list[str]:
        """Names of the sizes that can be bought now."""
        return [s.size for s in self.sizes if s.available] if self.availability == "in_stock" else []


UNKNOWN = "unknown_key"  # what pydantic is told of a key that is none


# What no price reaches in any currency; a number of hundreds of digits is none.
Bound = Annotated[Decimal, Field(ge=-(10**12), le=10**12)]


class PriceRange(BaseModel):
    """Inclusive bounds in major units; `currency` as the shopper said it, None for the shop's own. Unknown keys are an
    error."""

    model_config = ConfigDict(extra="forbid")

    min: Bound | None = None
    max: Bound | None = None
    currency: str | None = None


class Filters(BaseModel):
    """Hard conditions. A list is "any of"; different attributes are "and"; `not` excludes any of its values.

    The same shape as the slots of `daogou understand`, so `--where`, tool arguments and slots are one thing.
    A category matches its whole subtree. Unknown keys are an error.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    category: list[str] = []
    color: list[str] = []
    pattern: list[str] = []
    material: list[str] = []
    sleeve: list[str] = []
    neckline: list[str] = []
    length: list[str] = []
    gender: list[str] = []
    age_group: list[str] = []
    season: list[str] = []
    occasion: list[str] = []
    style: list[str] = []
    brand: list[str] = []
    size: list[str] = []
    not_: dict[str, list[str]] = Field(default={}, alias="not")
    price: PriceRange | None = None
    rating_min: float | None = None
    in_stock: bool = False
    on_sale: bool = False

    @field_validator("not_")
    @classmethod
    def _refusable(cls, value: dict[str, list[str]]) -> dict[str, list[str]]:
        for key in value:
            if key not in REFUSABLE:
                raise PydanticCustomError(UNKNOWN, "no such key in not: {key}", {"key": key})
        return value

    def to_json(self) -> dict[str, Any]:
        """Only what is set, under the wire names."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


CONDITIONS = tuple(field.alias or name for name, field in Filters.model_fields.items())
REFUSABLE = tuple(name for name, field in Filters.model_fields.items() if field.annotation == list[str])
BOUNDS = tuple(PriceRange.model_fields)


def unfit(error: ValidationError, lang: str) -> str:
    """What is wrong with conditions that are not `Filters`; the keys there are, where one is unknown."""
    first = error.errors()[0]
    key = ".".join(map(str, [*first["loc"], *([first["ctx"]["key"]] if first["type"] == UNKNOWN else [])]))
    if first["type"] not in (UNKNOWN, "extra_forbidden"):
        return f"{key}: {first['msg']}"
    inside = {"price": BOUNDS, "not": REFUSABLE}.get(str(first["loc"][0]), CONDITIONS)
    return say("tools", "conditions.unknown", lang, condition=key, known=", ".join(inside))


Sort = Literal["relevance", "price_asc", "price_desc", "rating", "discount"]


class PhotoVectors(BaseModel):
    """A photo as the shop's embedder sees it: `image` in the photo space, `text` in the shared text space; `seen`: what
    a tuning starts from, empty where that is not known."""

    image: list[float]
    text: list[float]
    seen: list[float] = []


class Query(BaseModel):
    """One search. `where` must hold; `prefer` only moves products up; `exclude_ids` were shown already.

    Where fewer than `k` products meet `where`, those that miss it only in the conditions named in `fill` (names of
    `Filters`) follow them, the nearest first, each marked as such.
    """

    text: str = ""
    photo: PhotoVectors | None = None
    where: Filters = Filters()
    prefer: Filters = Filters()
    exclude_ids: list[str] = []
    fill: list[str] = []
    sort: Sort = "relevance"
    k: int = Field(default=6, ge=1, le=100)


class Reason(BaseModel):
    """Why a hit is shown: the evidence that was used. E.g. kind="match", attribute="color", value="navy"; "seen" where
    only its picture says so; "look" (similar to the photo), "words" (value: the words matched), "price" (value: the
    amount), "sale", "rating"."""

    kind: str
    attribute: str | None = None
    value: str | None = None


class Hit(BaseModel):
    """A product found. `parts` of the score: lexical, text, image, shared, pictured, tuned, attributes, each 0..1;
    `missed`: the conditions of `Query.fill` that it does not meet."""

    product: Product
    score: float
    parts: dict[str, float]
    reasons: list[Reason] = []
    missed: list[str] = []


class Results(BaseModel):
    """What a search found. `total`: how many were found, those that `exclude_ids` kept from `hits` included.

    With `relaxed`, nothing met every condition: the hits are the nearest, and `relaxed` names the filters (e.g.
    ["color"]) that had to be given up to find them; `total` then counts what met the others.
    """

    hits: list[Hit]
    total: int
    relaxed: list[str] = []
