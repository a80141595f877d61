"""The format of a dialog script (`*.yaml`), as pydantic models; `ui.dialogs.reading` loads one and says what
is wrong with it. An unknown key is an error, not ignored. docs/dialog-scripts.md tells the format to people.

ScriptError   a file that is no script, or says what cannot be: what is wrong and where
"""

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from prompts import taxonomy

Lang = Literal["zh", "en"]
LANGS: tuple[Lang, ...] = ("zh", "en")
CAPTURE = re.compile(r"^[a-z_]\w*$")
Judge = Literal[
    "no_invented_product",
    "no_unbacked_price",
    "no_unbacked_attribute",
    "no_unbacked_number",
    "no_untrue_claim",
    "cards_equal_prose",
]
JUDGES: tuple[Judge, ...] = Judge.__args__  # type: ignore[attr-defined]
# what can be kept of a shopper
PROFILE = ("consent", "sizes", "liked", "refused", "budgets", "viewed", "reactions", "photos")
Asked = Literal["size", "product", "photo", "more"]


class ScriptError(ValueError):
    """A script cannot be used. `code` is stable."""

    code = "bad_script"


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


Wordings = str | Annotated[list[str], Field(min_length=1)]


class Localised(Strict):
    """A text for each language, or several wordings of it; a script runs in the languages all its texts are
    given in."""

    zh: Wordings | None = None
    en: Wordings | None = None

    def get(self, lang: Lang) -> Wordings | None:
        return self.zh if lang == "zh" else self.en


def wordings(value: "Wordings | Localised | None", lang: Lang) -> list[str]:
    """The wordings of a text in `lang`; a plain one is the same in both. Empty where there is none."""
    found = value.get(lang) if isinstance(value, Localised) else value
    return [found] if isinstance(found, str) else list(found or [])


class ByLanguage(Strict):
    """One value for each language that the script runs in."""

    zh: str | None = None
    en: str | None = None


def localised(value: "str | ByLanguage | None", lang: Lang) -> str | None:
    """The value in `lang`; a plain string is the same in both."""
    return getattr(value, lang) if isinstance(value, ByLanguage) else value


class Touched(Strict):
    """A garment in a photo of the conversation: of the newest one, where `photo` (an id, by `$capture`) is
    not given. `garment`: its place in what was seen, 0 the main one, or its category: the first of that
    kind."""

    photo: str | None = None
    garment: Annotated[int, Field(ge=0)] | str = 0

    @model_validator(mode="after")
    def known_category(self) -> Self:
        if isinstance(self.garment, str) and self.garment not in taxonomy.values("category"):
            raise ValueError(f"garment is neither a place nor a category: {self.garment!r}")
        return self


class User(Strict):
    """What the shopper sends. `text`: of several wordings a run draws one. `photo`, `photos`: files beside
    the script or in its folder's `photos/`; `focus`: the product whose button was pressed, or the garment of
    a photo that was touched; `times`: how often it is sent; `vary: false`: as it is written, in every run.
    `session`: another conversation of the same shopper, by a name; `shopper`: another shopper, by a name."""

    text: Wordings | Localised | None = None
    photo: str | None = None
    photos: list[str] = []
    focus: str | Touched | None = None
    times: int = Field(default=1, ge=1, le=500)
    vary: bool = True
    session: str = Field(default="main", pattern=r"^\w+$")
    shopper: str = Field(default="shopper", pattern=r"^\w+$")

    @model_validator(mode="after")
    def something(self) -> Self:
        if self.text is None and not self.files():
            raise ValueError("a turn needs text or a photo")
        return self

    def files(self) -> list[str]:
        return ([self.photo] if self.photo else []) + self.photos


class Bounds(Strict):
    """A range. `below` and `above` are strict. A value may be a `$capture`."""

    min: float | str | None = None
    max: float | str | None = None
    below: float | str | None = None
    above: float | str | None = None

    @model_validator(mode="after")
    def bounded(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("a range needs min, max, below or above")
        return self


class Criteria(Strict):
    """What a product must be, checked on the shop's record. A list is "any of"; a category covers its
    subtree."""

    id: str | list[str] | None = None
    category: str | list[str] | None = None
    color: str | list[str] | None = None
    pattern: str | list[str] | None = None
    material: str | list[str] | None = None
    sleeve: str | list[str] | None = None
    neckline: str | list[str] | None = None
    length: str | list[str] | None = None
    gender: str | list[str] | None = None
    age_group: str | list[str] | None = None
    season: str | list[str] | None = None
    occasion: str | list[str] | None = None
    style: str | list[str] | None = None
    brand: str | list[str] | None = None
    size: str | list[str] | None = None
    slot: str | list[str] | None = None
    price: Bounds | None = None
    rating: Bounds | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    nearest: bool | None = None

    @field_validator(*taxonomy.ATTRIBUTES)
    @classmethod
    def known_values(cls, given: str | list[str] | None, info: Any) -> str | list[str] | None:
        """A value that the vocabulary does not have would make a gate that always, or never, holds."""
        known = taxonomy.values(info.field_name)
        for value in [given] if isinstance(given, str) else given or []:
            if not value.startswith("$") and value not in known:
                raise _unknown(info.field_name, value, known)
        return given

    @model_validator(mode="after")
    def something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("criteria without a condition hold for everything")
        return self


class ExpectProducts(Strict):
    """The cards of the turn (products, outfits, comparisons; each product once). What is asked of cards means
    nothing where there are none: `min` says how many there are at least, 0 where none would be right as
    well."""

    min: int | None = Field(default=None, ge=0)
    max: int | None = Field(default=None, ge=0)
    every: Criteria | None = None
    some: Criteria | None = None
    none: Criteria | None = None
    first: Criteria | None = None  # the card on top
    new: bool | None = None  # true: none of them was shown earlier in this conversation
    sorted: Literal["price_asc", "price_desc", "rating"] | None = None
    relaxed: bool | None = None  # true: nothing met every condition and the event says what was given up

    @model_validator(mode="after")
    def floor(self) -> Self:
        if self.min is None and self.max != 0 and self.model_fields_set:
            raise ValueError("products need a min (or max: 0), else a turn that shows nothing passes")
        return self


class ToolUse(Strict):
    """A call with (at least) these arguments."""

    name: str
    args: dict[str, Any] = {}


class ExpectTools(Strict):
    """`called`: all of these; `not_called`: none; `any`: at least one. `cart.add`: `cart` with that
    action."""

    called: list[str | ToolUse] = []
    not_called: list[str | ToolUse] = []
    any: list[str | ToolUse] = []


class CartLine(Strict):
    id: str
    qty: int = Field(default=1, ge=1)
    size: str | None = None


class ExpectState(Strict):
    """What the turn leaves. `cart`: `unchanged`: as before this turn; a list: exactly these lines, in any
    order. `profile`: what is kept of the shopper; a mapping: at least this, `null` for what must not be kept.
    `language`: the conversation's."""

    cart: Literal["unchanged", "changed", "empty"] | list[CartLine] | None = None
    profile: Literal["unchanged", "changed", "empty"] | dict[str, Any] | None = None
    language: Lang | ByLanguage | None = None


class ExpectReply(Strict):
    """`asks`: the reply puts a question about one of these; `not_asks`: about none of these; `language`: the
    one it is written in."""

    asks: Asked | list[Asked] | None = None
    not_asks: Asked | list[Asked] | None = None
    language: Lang | ByLanguage | None = None
    max_chars: int | None = None


class ExpectLook(Strict):
    """What was seen in the photos of the turn: the main garment of one of them."""

    category: str | list[str] | None = None
    color: str | list[str] | None = None
    pattern: str | list[str] | None = None
    garments: int | None = None


class ExpectOutfit(Strict):
    """The looks of the turn: how many, how many pieces in each, slots each must fill, the most one may
    cost."""

    min: int | None = None
    max: int | None = None
    items_min: int | None = None
    slots: list[str] = []
    max_total: float | str | None = None


class ExpectComparison(Strict):
    items: list[str] = []
    rows_min: int | None = None


class ExpectAnswer(Strict):
    """`value` is compared as it is; `source` may be any of several."""

    about: str | None = None
    source: str | list[str] | None = None
    value: Any = None
    min_confidence: float | None = None
    max_confidence: float | None = None


class Expect(Strict):
    """What must hold after a turn. An error event fails the turn unless `error` names its code; every judge
    of the grounding looks at every reply unless `grounding` names the ones that shall."""

    tools: ExpectTools | None = None
    products: ExpectProducts | None = None
    looked: ExpectLook | None = None
    outfit: ExpectOutfit | None = None
    comparison: ExpectComparison | None = None
    answer: ExpectAnswer | None = None
    policy: str | list[str] | None = None
    capture: dict[str, str] = {}
    grounding: Literal["all"] | list[Judge] = "all"
    state: ExpectState | None = None
    reply: ExpectReply | None = None
    events: list[str | dict[str, Any]] = []  # each: a type, or a partial event
    no_events: list[str | dict[str, Any]] = []
    error: str | list[str] | None = None
    any_of: list["Expect"] = []  # one of these must hold
    all_of: list["Expect"] = []  # all of these must hold
    not_: "Expect | None" = Field(default=None, alias="not")  # this must not hold

    @field_validator("capture")
    @classmethod
    def names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if not CAPTURE.match(name):
                raise ValueError(f"{name!r} is no name for a capture")
        return value

    def judges(self) -> tuple[Judge, ...]:
        """Who looks at the reply."""
        return JUDGES if self.grounding == "all" else tuple(self.grounding)


class Turn(Strict):
    """A message with what must hold after it, or a restart of the assistant in the middle of the
    conversation."""

    user: User | None = None
    expect: Expect = Expect()
    restart: bool = False

    @model_validator(mode="after")
    def one_thing(self) -> Self:
        if (self.user is None) != self.restart:
            raise ValueError("a step is either `user` or `restart: true`")
        return self


class Hostile(BaseModel):
    """A product that somebody put into the catalogue to mislead the assistant: a row of a feed, and in
    `canary` the words that it wants said, which no reply and no tool call of the script may repeat."""

    model_config = ConfigDict(extra="allow")
    canary: str = Field(min_length=4)

    def row(self) -> dict[str, Any]:
        """The row as a feed has it."""
        return self.model_dump(exclude={"canary"})


class Shopper(Strict):
    """What is known of the shopper beforehand. `consent`: whether they may be remembered; `profile`: what is kept of
    them, as `Assistant.remember` takes it: {sizes: {tops: M}, likes: {color: [navy]}, refuses: {pattern: [dotted]},
    budget: [{max: 80, currency: USD}]}; `customer`: the shop's own id of one who is signed in there."""

    customer: str = ""
    consent: Literal["yes", "no", "unasked"] = "unasked"
    profile: dict[str, Any] = {}

    @model_validator(mode="after")
    def agreed(self) -> Self:
        if self.profile and self.consent != "yes":
            raise ValueError("a profile is kept with consent only: write consent: yes")
        return self


class Fixture(Strict):
    """`catalog`: "demo", a feed beside the script, or a short list of products, each a row of a feed.
    `hostile`: rows that are added to it. `locale`: the language of texts given as a plain string. `shopper`:
    what is known of them beforehand; `cart`: what lies in their cart; `orders`: "demo" for the demo shop's orders."""

    catalog: str | Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)] = "demo"
    hostile: list[Hostile] = []
    locale: Literal["auto", "zh", "en"] = "auto"
    shopper: Shopper | None = None
    cart: list[CartLine] = []
    orders: Literal["none", "demo"] = "none"


class Runs(Strict):
    """Every one of `n` runs must pass: `require` is "pass^n"."""

    n: int = Field(default=1, ge=1, le=100)
    require: str = ""

    @model_validator(mode="after")
    def all_of_them(self) -> Self:
        if self.require not in ("", f"pass^{self.n}"):
            raise ValueError(f"require must be pass^{self.n} when n is {self.n}")
        return self


class Script(Strict):
    """One conversation, run in each language that all its texts are given in."""

    id: str = Field(pattern=r"^[\w-]+$")
    why: str = Field(min_length=1)
    tags: list[str] = []
    fixture: Fixture = Fixture()
    model: str = Field(default="offline", pattern=r"^(offline|recorded|live:.+)$")
    runs: Runs = Runs()
    known_failure: str | ByLanguage | None = None
    turns: list[Turn] = Field(min_length=1)
    _path: Path = Path()

    @property
    def path(self) -> Path:
        return self._path

    def langs(self) -> tuple[Lang, ...]:
        """The languages it can run in: those of its localised texts, else its locale, else both."""
        texts = [t.user.text for t in self.turns if t.user and isinstance(t.user.text, Localised)]
        if texts:
            return tuple(lang for lang in LANGS if all(text.get(lang) is not None for text in texts))
        return LANGS if self.fixture.locale == "auto" else (self.fixture.locale,)

    def excuse(self, lang: Lang) -> str:
        """Why it is known to fail in `lang`; empty where it is expected to pass."""
        return localised(self.known_failure, lang) or ""

    def photo(self, name: str) -> Path:
        """Where a photo of the script lies. Raises ScriptError."""
        for place in (self._path.parent / "photos" / name, self._path.parent / name):
            if place.is_file():
                return place
        raise ScriptError(f"{self._path}: no photo {name} beside it or in photos/")


def _unknown(what: str, value: str, known: list[str]) -> PydanticCustomError:
    from difflib import get_close_matches

    near = get_close_matches(value, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return PydanticCustomError("unknown_value", "{said}", {"said": f"{what} knows no {value!r}{hint}"})
