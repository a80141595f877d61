"""What one message means: the value that understanding makes and the policy acts on."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.planner.memory_talk import Spoken
from agent.planner.order_words import OrderSaid

Intent = Literal[
    "find", "refine", "more_like", "others", "ask_product", "ask_photo", "describe", "compare", "outfit", "recommend",
    "color", "try_on", "cart_add", "cart_remove", "cart_change", "cart_view", "size_advice", "policy", "order",
    "handoff", "memory", "smalltalk", "out_of_scope",
]  # fmt: skip
SEARCHES: frozenset[str] = frozenset({"find", "refine", "more_like", "others", "recommend", "color"})
ATTRIBUTES = (
    "category", "color", "pattern", "material", "sleeve", "neckline", "length", "gender", "age_group", "season",
    "occasion", "style", "brand", "size",
)  # fmt: skip
Slots = dict[str, Any]
"""Lists by attribute, and not, price, price_pref, sort, rating_min, on_sale, in_stock, quantity, asks."""


class Reference(BaseModel):
    """Something pointed at. `kind`: ordinal (n, from the end when negative, 0 the middle), first/final (n of them),
    all, best (by), described (where), it, them, photo, named. `ids`: the products meant, as far as is known;
    `photo`: the photo meant, `garment` which garment of it: its place in what was seen; None: as the words say."""

    model_config = ConfigDict(extra="forbid")
    kind: str
    text: str
    n: int | None = None
    by: str | None = None
    where: dict[str, list[str]] = {}
    ids: list[str] = []
    photo: str | None = None
    garment: int | None = None
    among: int = Field(default=0, exclude=True)  # how long the list must be that it points into
    own: Slots = Field(default={}, exclude=True)  # size and quantity said of it and not of others: shares.py
    of: Slots = Field(default={}, exclude=True)  # what is counted, where it is named: "the second hoodie"

    def to_json(self) -> dict[str, Any]:
        """Only what is set."""
        return self.model_dump(exclude_defaults=True) | {"kind": self.kind, "text": self.text}


class Part(BaseModel):
    """One thing that the shopper wants of this message: an intent with the slots and references of its sentence."""

    intent: str
    weight: float = 0
    text: str = ""
    slots: Slots = {}
    references: list[Reference] = []
    heard: str = Field(default="", exclude=True)  # the intent, where the ears are sure of it
    said: list[str] = Field(default=[], exclude=True)  # its sentences, in clean text
    apart: bool = Field(
        default=False, exclude=True
    )  # about a thing that was not shown, whatever was sought before
    more: int = Field(default=0, exclude=True)  # by how many pieces a line of the cart is to change


class Meaning(BaseModel):
    """A message understood. `said`: slots of this very message; `slots`: with what the conversation carries over."""

    language: str
    intent: str
    intents: list[str]
    said: Slots = {}
    slots: Slots = {}
    references: list[Reference] = []
    tool: str | None = None
    args: dict[str, Any] = {}
    # beside the wire format, for the policy
    parts: list[Part] = Field(default=[], exclude=True)
    dropped: list[str] = Field(default=[], exclude=True)
    kinds: list[Slots] = Field(default=[], exclude=True)  # what is sought of each kind, where it is several
    fresh: bool = Field(default=False, exclude=True)
    reset: bool = Field(default=False, exclude=True)
    answers_pending: bool = Field(default=False, exclude=True)
    unclear: bool = Field(default=False, exclude=True)
    clipped: bool = Field(default=False, exclude=True)
    words: str = Field(default="", exclude=True)
    text: str = Field(default="", exclude=True)
    spelt: str = Field(default="", exclude=True)  # with misspelt words put right, where there are any
    tagged: str = Field(default="", exclude=True)
    photo: str | None = Field(default=None, exclude=True)
    photos: list[str] = Field(default=[], exclude=True)
    memory: Spoken = Field(default=Spoken(), exclude=True)  # what it says of being remembered
    order_said: OrderSaid = Field(default=OrderSaid(), exclude=True)  # where orders can be asked for
    shade: str = Field(
        default="", exclude=True
    )  # the very colour that one thing is wished in, in its own words
    previewing: bool = Field(default=False, exclude=True)  # how it would look is asked, not what is sold
    unknown: str = Field(default="", exclude=True)  # words that nothing is known of: searched by alone
    foreign: bool = Field(default=False, exclude=True)  # in a language other than the two
    abroad: str = Field(default="", exclude=True)  # the currency of a price that the shop does not price in
    declined: bool = Field(default=False, exclude=True)
    swapping: bool = Field(default=False, exclude=True)  # one piece is to be another
    look: dict[str, Any] = Field(
        default={}, exclude=True
    )  # the looks just shown, put together again with these
    look_at: int = Field(default=0, exclude=True)  # which of them is spoken of, from 1
    telling: str = Field(
        default="", exclude=True
    )  # what is to be told of it: look, total, why, together, liked, fits, or of all which is "cheapest" …
    picking: bool = Field(default=False, exclude=True)  # one of what was shown appeals, nothing is asked
    back: bool = Field(default=False, exclude=True)  # an earlier list is to be seen again
    choosing: bool = Field(
        default=False, exclude=True
    )  # the choice among what is shown is left to the assistant
    order: str = Field(
        default="", exclude=True
    )  # which one of a list is asked for: price_asc, price_desc, rating
    never: Slots = Field(default={}, exclude=True)  # ruled out for good: ruled_out.py
    refusing: list[str] = Field(default=[], exclude=True)  # products that are not wanted, and others are
    heard: dict[str, float] = Field(default={}, exclude=True)  # the ears' probability of each intent
    ruled: str = Field(default="", exclude=True)  # the first intent by the rules alone
    confidence: float = Field(default=0.0, exclude=True)  # probability that the first intent is right

    def to_json(self) -> dict[str, Any]:
        """The line that `daogou understand` prints."""
        line = self.model_dump(mode="json", exclude={"references"})
        line["references"] = [r.to_json() for r in self.references]
        if self.said.get("asks") == [
            "description"
        ]:  # to be told about a product asks for nothing in particular
            line["said"] = {k: v for k, v in line["said"].items() if k != "asks"}
            line["intents"] = ["describe" if i == "ask_product" else i for i in self.intents]
            line["intent"] = line["intents"][0]
        return line
