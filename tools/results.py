"""What tools hand to the doors beside their words for the model: JSON artifacts, facts read from the store by id.

Each artifact is an event already (`type` discriminates); `agent.events` adds the events that are not a tool's.
"""

from typing import Any, Literal

from pydantic import BaseModel, Field


class Result(BaseModel):
    """What a call of a tool gave. `call`: the id of that call, as `thinking` has it; none on a tool's own artifact."""

    call: str = Field(default="", exclude_if=lambda call: not call)


class Price(BaseModel):
    """As the store has it; `text` is how a shopper in the turn's language reads it ("$39.99")."""

    amount: str
    currency: str
    text: str


class SizeOption(BaseModel):
    """`quantity` is left out where the shop does not say how many there are."""

    size: str
    in_stock: bool
    quantity: int | None = Field(default=None, exclude_if=lambda count: count is None)


class Swatch(BaseModel):
    """A colour that a product comes in: as the shop calls it, what it looks like, and what to ask for it by, which is
    known to be a colour: a shop's words ("Red? Put 5 in the cart") must not become the shopper's."""

    name: str
    srgb: str
    asked: str


class SizeAdvice(BaseModel):
    """Which size of a product to take. `size`: as the shop spells it, None where none can be named; `in_stock`, and the
    `nearest` one that is where it is not; `between`: the two that are near, small first. `sure`: of the size, with
    `confidence` 0..1; `by`: what it rests on (measured, guessed, worn, remembered); `wants`: what would make it surer:
    names of measures, or "worn". `text`: all of it in the shopper's language, but for the wish for more, `want`."""

    size: str | None = None
    in_stock: bool = False
    nearest: str | None = None
    between: list[str] = []
    sure: Literal["high", "medium", "low", "none"] = "none"
    confidence: float = 0.0
    by: list[str] = []
    wants: list[str] = []
    text: list[str] = []
    want: str = ""


class ProductCard(BaseModel):
    """One product as shown. `image`: picture name to hand to `Assistant.picture`. `why`: one short sentence in the
    shopper's language, the reason that ranked it. `slot`: its place in an outfit. `nearest`: misses a condition."""

    id: str
    name: str
    brand: str | None = None
    category: str
    colors: list[str] = []
    swatches: list[Swatch] = Field(default=[], exclude_if=lambda known: not known)  # the first few of several
    more_colors: int = Field(default=0, exclude_if=lambda count: count == 0)  # that it comes in beside those
    price: Price
    sale_price: Price | None = None
    image: str | None = None
    images: list[str] = []
    views: dict[str, str] = Field(
        default={}, exclude_if=lambda known: not known
    )  # what some of `images` show
    spin: list[str] = Field(default=[], exclude_if=lambda frames: not frames)  # the frames of a full turn
    in_stock: bool
    sizes: list[SizeOption] = []
    rating: float | None = None
    rating_count: int = 0
    why: str = ""
    details: dict[str, Any] | None = None  # description, care, size_chart: only where they were asked for
    slot: str | None = None
    nearest: bool = False
    attributes: dict[str, str] = {}  # label → value, both in the shopper's language
    names: dict[
        str, str
    ] = {}  # by language, where the record has a name in both: the talk may go on in the other
    your_size: str | None = None  # the shopper's remembered size, where the product has it
    advice: SizeAdvice | None = Field(
        default=None, exclude_if=lambda known: known is None
    )  # where it was asked for


class Used(BaseModel):
    """Something remembered of the shopper that ordered or narrowed a list. `text` names it in the shopper's language
    ("M", "polka dot", "$80.00"); `left_out`: products it kept from the list."""

    kind: Literal["size", "liked", "refused", "budget"]
    text: str
    left_out: int = 0


class Products(Result):
    """`relaxed`: conditions given up to find these (then all are `nearest`); `remembered`: what was used of what is
    remembered of the shopper."""

    type: Literal["products"] = "products"
    items: list[ProductCard]
    total: int
    query: dict[str, Any] = {}
    relaxed: list[str] = []
    remembered: list[Used] = []


class OwnPiece(BaseModel):
    """A garment of the shopper's own that a look uses. `garment`: its place in what was seen of the photo; `name`: what
    it is called in the shopper's language ("your navy blazer")."""

    photo: str
    garment: int = 0
    slot: str
    name: str


class LookOutfit(BaseModel):
    """A look: what to buy for it and what the shopper has of it. `total`: of all `items`; own pieces cost nothing.
    `idea`: its name in the shopper's language; `board`: picture name to hand to `Assistant.picture`, `board_alt`: what
    it shows, in a sentence; `level`: how dressed it is, 0 (sport, home) to 4 (black tie); `occasions`: by id, what a
    piece is described as right for (values of the vocabulary); `left`: what of the budget is left; `missing`: the slots
    that the idea has and nothing was found for; `given_up`: the wishes, in the shopper's language, that this look does
    not meet."""

    items: list[ProductCard]
    total: Price
    score: float
    reasons: list[str] = []
    idea: str = ""
    board: str | None = None
    board_alt: str = ""
    own: list[OwnPiece] = []
    level: float | None = None
    occasions: dict[str, list[str]] = {}
    left: Price | None = None
    missing: list[str] = []
    given_up: list[str] = []


class Outfit(Result):
    """`problem`: one honest sentence in the shopper's language where nothing, or not all that was wished, could be
    met; `remembered`: what was used of what is remembered of the shopper."""

    type: Literal["outfit"] = "outfit"
    looks: list[LookOutfit]
    problem: str = ""
    remembered: list[Used] = []


class Picks(BaseModel):
    """Two pictures to choose from, to find out a taste: the `nth` pair `of` so many."""

    question: str
    items: list[ProductCard]
    nth: int
    of: int


class ComparisonRow(BaseModel):
    """`key`: the attribute, as compare takes it; `asked`: the shopper asked for it; `best`: places of the items that it
    speaks for, where it speaks for any."""

    label: str
    values: list[str]
    key: str = ""
    asked: bool = False
    best: list[int] = []


class Comparison(Result):
    """What differs between the items, what was asked first. `same`: what is alike in all, in one sentence; `verdict`:
    one sentence that names its ground, in the shopper's language, and `pick` the id of the item that it speaks for."""

    type: Literal["comparison"] = "comparison"
    items: list[ProductCard]
    rows: list[ComparisonRow]
    same: str = ""
    verdict: str = ""
    pick: str | None = None


class Answer(Result):
    """An answer about a photo or a product, with where it comes from and how sure it is."""

    type: Literal["answer"] = "answer"
    about: str
    answer: str
    value: Any = None
    source: Literal["catalog", "image", "text_in_image", "unknown"]
    confidence: float


class Color(BaseModel):
    """A colour as it is called in the shopper's language; `srgb` "#rrggbb"; `kind`: the palette's colour that it is a
    kind of."""

    name: str
    srgb: str
    kind: str


class Preview(Result):
    """A picture that was made to show what something would look like in another colour: no picture of goods, and
    nothing that can be bought. `picture` and `original`: names to hand to `Assistant.picture`; `product` or `photo`:
    what is shown; `instead_of`: the words asked for that nobody knows as a colour, where `color` is only the nearest
    known part of them."""

    type: Literal["image"] = "image"
    kind: Literal["preview"] = "preview"
    product: str | None = None
    photo: str | None = None
    name: str = ""
    picture: str
    original: str
    color: Color
    label: str
    instead_of: str = ""


class CartLine(BaseModel):
    """`color`: which of several is meant, in the shopper's language, and `other_colors` that it comes in; None where
    there is no choice."""

    id: str
    name: str
    size: str | None = None
    color: str | None = None
    other_colors: list[str] = []
    quantity: int
    price: Price
    image: str | None = None


class Cart(Result):
    """The cart as it is now. With `problem` (need_size, out_of_stock, size_unknown, not_in_cart, too_many) nothing was
    changed for `product`; `choices` are the sizes that can be had, `left` how many there are."""

    type: Literal["cart"] = "cart"
    lines: list[CartLine]
    total: Price | None = None
    problem: str | None = None
    product: str | None = None
    choices: list[str] = []
    left: int | None = None
    gone: list[str] = []  # ids of products that left the catalogue, and with it the cart
    your_size: str | None = None  # the remembered one, where a size is to be chosen; it may be sold out


class NotTaken(BaseModel):
    """A line of a shop's own cart that could not be taken over as it is. `problem`, `choices` and `left` as Cart has
    them; unknown_product too."""

    product: str
    size: str | None = None
    quantity: int
    problem: str
    choices: list[str] = []
    left: int | None = None


class Policy(Result):
    """The passage of the shop's policies that the reply rests on; `answer`: its sentences that answer the question;
    `topics`: all that the policies speak of."""

    type: Literal["policy"] = "policy"
    topic: str
    title: str
    passage: str
    answer: str = ""
    topics: list[str] = []


class OrderStep(BaseModel):
    """How far an order is: `done` steps lie behind it."""

    code: str
    text: str
    done: bool


class OrderLine(BaseModel):
    """What was bought. `place`: from 1 within the order; `product`: its id, None for what the shop sells no more;
    `price`: of one; `returning`: the number of the return that it is part of."""

    place: int
    name: str
    product: str | None = None
    size: str | None = None
    quantity: int
    price: Price | None = None
    image: str | None = None
    category: str = ""
    colors: list[str] = []
    returning: str = ""


class OrderCard(BaseModel):
    """An order as shown. `status` is stable, `status_text` and the days are in the shopper's language; `placed` is an
    ISO date. Nothing in it says whose it is."""

    number: str
    placed: str
    placed_text: str
    status: str
    status_text: str
    steps: list[OrderStep] = []
    lines: list[OrderLine]
    total: Price | None = None
    carrier: str = ""
    tracking: str = ""
    expected: str = ""
    delivered: str = ""


class Kept(BaseModel):
    """A line that cannot come back, and why: `why` is stable, `text` in the shopper's language."""

    line: int
    why: str
    text: str


class Returning(BaseModel):
    """A return on its way: `stage` which (lines are to be named), why (a reason is), confirm (nothing is made yet),
    made, refused. `lines`: of the order, that it is of; `open`: that may come back; `kept`: that may not; `sealed`: of
    `lines`, that may only unopened; `until`: the last day; `passage` of the shop's policies, called `title`; `answer`:
    its sentences that matter here."""

    stage: Literal["which", "why", "confirm", "made", "refused"]
    lines: list[int] = []
    open: list[int] = []
    kept: list[Kept] = []
    sealed: list[int] = []
    reason: str = ""
    reason_text: str = ""
    id: str = ""
    until: str = ""
    title: str = ""
    passage: str = ""
    answer: str = ""


class Order(Result):
    """Orders asked for, or one of which something is to come back. `outcome`: shown, or what keeps it from being told
    (need_number, need_proof, not_proven, too_many_tries, orders_away, no_return_rules): then `orders` is empty.
    `choices`: the numbers of a shopper who is signed in, to choose from; `minutes`: to wait after too many tries."""

    type: Literal["order"] = "order"
    asked: Literal["status", "return"]
    outcome: str
    number: str = ""
    orders: list[OrderCard] = []
    choices: list[OrderCard] = []
    minutes: int = 0
    returning: Returning | None = None


class Handoff(Result):
    """The shopper wants a person: a door that reaches one hands the conversation on. `reason`: the shopper's words;
    `summary`: what a colleague needs to know; `session`: where to go on. `id`: of its entry in the queue; `status`:
    `waiting` for a person, at `position`; `message`: nobody is there before `opens`; `person`: somebody has it already.
    `attended`: whether somebody of the staff is at the console now; None where people answer from other programs."""

    type: Literal["handoff"] = "handoff"
    session: str
    reason: str
    summary: str = ""
    id: str = ""
    status: Literal["waiting", "message", "person"] = "waiting"
    position: int | None = None
    opens: str | None = None
    attended: bool | None = None
    name: str = ""


class Remembered(BaseModel):
    """One thing kept of the shopper. `label` and `text` in the shopper's language ("Tops", "M"); `words`: what was
    said; `scope`: as `Assistant.forget` takes it, to erase it."""

    kind: Literal["size", "liked", "refused", "budget", "viewed", "photo"]
    label: str
    text: str
    words: str = ""
    at: str = ""
    times: int = 1
    holds: bool = True  # False: noticed, but not often enough to be used
    scope: dict[str, str] = {}


class Memory(Result):
    """What is kept of the shopper now. `consent`: whether it may be, "none" where nobody can be known again. `changed`:
    what this turn kept or, after `forget`, erased."""

    type: Literal["memory"] = "memory"
    action: Literal["view", "remember", "forget", "allow", "refuse", "learned"]
    consent: Literal["yes", "no", "unasked", "none"]
    notes: list[Remembered] = []
    changed: list[Remembered] = []
